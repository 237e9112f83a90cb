"""The diagnosis of a ranking: repeatable, with its grey zone counted on both sides of the line."""

from random import Random

from judging.analysis import analyse

LEAN = {1: 0, 2: 0, 3: 0, 4: 0, 5: 600}


def _entries():
    chance = Random(6)
    return [
        {
            "entry": f"E{place:02}",
            "sheets": [
                {
                    "judge": judge,
                    "total": 9000 - 100 * place + lean - 600 * (judge == 5) // 2 + chance.randrange(300),
                }
                for judge, lean in LEAN.items()
            ]
            + [{"judge": 6, "total": None}],
        }
        for place in range(1, 31)
    ]


def _ranks():
    return {f"E{place:02}": place for place in range(1, 31)}


def test_entries_far_from_the_line_are_clear_and_out():
    found = analyse(_entries(), _ranks(), places=10, draws=200, seed=1)
    bands = {line["entry"]: line["band"] for line in found["entries"]}
    assert (bands["E01"], bands["E30"]) == ("clear", "out")
    grey = [line["rank"] for line in found["entries"] if line["band"] == "grey"]
    assert grey
    assert found["grey_inside"] == sum(rank <= 10 for rank in grey)
    assert found["grey_outside"] == sum(rank > 10 for rank in grey)


def test_the_lenient_judge_is_measured_and_a_missing_sheet_is_no_zero():
    judges = {
        line["judge"]: line for line in analyse(_entries(), _ranks(), places=10, draws=20, seed=1)["judges"]
    }
    assert set(judges) == set(LEAN)
    assert judges[5]["leniency"] == max(line["leniency"] for line in judges.values())


def test_the_order_of_the_entries_changes_nothing():
    straight = analyse(_entries(), _ranks(), places=10, draws=50, seed=1)
    assert analyse(_entries()[::-1], _ranks(), places=10, draws=50, seed=1) == straight
