"""The diagnosis of a ranking: repeatable, kept as computed by a job, read beside the official result."""

from random import Random

import pytest

from competition.enums import Group
from core import audit
from core.checks import run_all
from core.db import commit, db
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import Job
from judging.charts import Scale, scale_over
from judging.diagnosis import rooms
from judging.diagnosis.analysis import Contest, analyse
from judging.diagnosis.enums import Normalising
from judging.diagnosis.line import official_first, with_second_looks
from judging.diagnosis.models import Diagnosis
from judging.diagnosis.spread import box
from judging.invariants import INVARIANTS
from judging.models import Ranking, Sheet
from judging.operations import diagnoses, rankings
from tests.factories import judging as make

LEAN = {1: 0, 2: 0, 3: 0, 4: 0, 5: 600}
RULE = {
    "aggregation": "trimmed",
    "drop_high": 1,
    "drop_low": 1,
    "min_scores_for_trim": 5,
    "panel_minimum": 3,
    "decimals": 2,
    "round_before_ranking": True,
    "tie_chain": [],
}


def _entries(noise=300):
    chance = Random(6)
    return [
        {
            "entry": f"E{place:02}",
            "sheets": [
                {
                    "judge": judge,
                    "state": "submitted",
                    "values": {},
                    "total": 9000 - 100 * place + lean - 600 * (judge == 5) // 2 + chance.randrange(noise),
                }
                for judge, lean in LEAN.items()
            ]
            + [{"judge": 6, "state": "recused", "values": {}, "total": None}],
        }
        for place in range(1, 31)
    ]


def contest(entries=None, **changes) -> Contest:
    official = {f"E{place:02}": (place, 9000 - 100 * place) for place in range(1, 31)}
    return Contest(entries or _entries(), official, RULE, **changes)


def test_entries_far_from_the_line_are_clear_and_out():
    found = analyse(contest(), places=10, draws=200, seed=1)
    bands = {line["entry"]: line["band"] for line in found["entries"]}
    assert (bands["E01"], bands["E30"]) == ("clear", "out")
    grey = [line["rank"] for line in found["entries"] if line["band"] == "grey"]
    assert grey
    assert found["grey_inside"] == sum(rank <= 10 for rank in grey)
    assert found["grey_outside"] == sum(rank > 10 for rank in grey)


def test_the_lenient_judge_is_measured_and_a_missing_sheet_is_no_zero():
    found = analyse(contest(), places=10, draws=20, seed=1)
    judges = {line["judge"]: line for line in found["judges"]}
    assert set(judges) == set(LEAN)
    assert judges[5]["leniency"] == max(line["leniency"] for line in judges.values())
    assert {line["judge"] for line in found["one_less"]} == set(LEAN)


def test_the_order_of_the_entries_changes_nothing():
    straight = analyse(contest(), places=10, draws=50, seed=1)
    assert analyse(contest(_entries()[::-1]), places=10, draws=50, seed=1) == straight


def test_one_judge_more_leaves_fewer_in_doubt():
    more = analyse(contest(_entries(4000)), places=10, draws=20, seed=1)["one_more"]
    assert more["grey_then"] < more["grey"] and more["swapped"] > 0


def test_anchors_link_and_are_not_ranked():
    anchors = {("A1", judge): 8000 + lean for judge, lean in LEAN.items()} | {("A1", 99): 100}
    found = analyse(contest(anchors=anchors), places=10, draws=20, seed=1)
    assert [line["entry"] for line in found["entries"]] == [f"E{place:02}" for place in range(1, 31)]
    assert {line["judge"] for line in found["judges"]} == set(LEAN)


def test_too_few_scores_say_so_and_show_the_official_distribution():
    entries = [
        {
            "entry": "E01",
            "sheets": [{"judge": 1, "state": "submitted", "values": {"team": 900}, "total": 8000}],
        }
    ]
    few = Contest(entries, {"E01": (1, 8000)}, RULE, criteria={"team": 1000}, peers={7: {"E01": 8000}})
    found = analyse(few, places=3, draws=20, seed=1)
    assert (found["calibratable"], found["places"], found["flags"]) == (False, 1, [])
    assert found["criteria"][0]["mean"] == 9.0 and found["rooms"][0]["mean"] == 80.0


def test_list_without_a_judge_by_the_official_rule():
    entries = [
        {"entry": "A", "sheets": [_sheet(1, 9000), _sheet(2, 8000), _sheet(3, 8000), _sheet(4, 8000)]},
        {"entry": "B", "sheets": [_sheet(1, 8000), _sheet(2, 8100), _sheet(3, 8100), _sheet(4, 8100)]},
    ]
    plain = RULE | {"aggregation": "mean"}
    assert official_first(entries, plain, 1) == {"A"}
    assert official_first(entries, plain, 1, without=1) == {"B"}


def test_what_a_second_look_would_make_of_the_official_score():
    """Mean of 80, 80, 80, 80 and of 90, 90 beside it is 83.33; by itself it stays what it is."""
    entries = [
        {"entry": "A", "sheets": [_sheet(judge, 8000) for judge in range(1, 5)]},
        {"entry": "B", "sheets": [_sheet(judge, 8100) for judge in range(1, 5)]},
    ]
    plain, second = RULE | {"aggregation": "mean"}, {("A", 8): 9000, ("A", 9): 9000}
    assert with_second_looks(entries, plain, second) == {"A": {"score": 8333, "rank": 1}}
    assert with_second_looks(entries, plain, {}) == {}


def _sheet(judge, total):
    return {"judge": judge, "state": "submitted", "total": total, "values": {}}


def test_box_of_a_room_by_hand():
    found = box([7000, 8000, 8500, 9000])
    assert [found[name] for name in ("low", "lower", "middle", "upper", "high", "mean")] == [
        70.0,
        77.5,
        82.5,
        86.25,
        90.0,
        81.25,
    ]
    assert found["sd"] == 8.54 and box([8000])["sd"] == 0.0


@pytest.mark.parametrize(
    ("method", "drawn", "room_of", "refused"),
    [
        ("none", True, {"A": 1, "B": 1, "C": 2, "D": 2}, "not_declared"),
        ("coefficient", False, {"A": 1, "B": 1, "C": 2, "D": 2}, "not_drawn"),
        ("standard", True, {"A": 1, "B": 1, "C": 1, "D": 1}, "one_room"),
        ("standard", True, {"A": 1, "B": 1, "C": 1, "D": 2}, "room_too_small"),
        ("coefficient", True, {"A": 1, "B": 1, "C": 2, "D": 2}, ""),
    ],
)
def test_rooms_are_normalised_only_where_lawful(method, drawn, room_of, refused):
    scores = {"A": 9000, "B": 8000, "C": 7000, "D": 6000}
    found = rooms.normalise(scores, room_of, method=method, drawn=drawn)
    assert found["refused"] == refused
    if not refused:
        assert found["entries"]["A"] == {"score": "79.41", "rank": 2, "climbed": -1}
        assert found["entries"]["C"] == {"score": "80.77", "rank": 1, "climbed": 2}


def test_axis_has_round_ticks_and_keeps_values_inside():
    scale = Scale(60, 100)
    assert [words for _, words in scale.ticks] == ["60", "70", "80", "90", "100"]
    assert scale.at(-5) == scale.at(60) < scale.at(80) < scale.at(100) == scale.at(999)
    lean = scale_over([-1, 3], about_zero=True)
    assert lean.low == -lean.high and scale_over([]).at(0.5) == 500


def test_a_judge_generous_under_one_criterion_only_shows_it():
    entries = _entries()
    for entry in entries:
        for sheet in entry["sheets"]:
            if sheet["total"] is not None:
                extra = 300 * (sheet["judge"] == 2)
                team = sheet["total"] * 3 // 10 + extra
                sheet["values"] = {"team": team, "rest": sheet["total"] - team}
    found = analyse(contest(entries, criteria={"team": 3000, "rest": 7000}), places=10, draws=20, seed=1)
    team = found["by_criterion"]["team"]
    assert max(team, key=team.get) == "2" and 2 < team["2"] - team["1"] < 4
    assert abs(team["2"] + found["by_criterion"]["rest"]["2"]) < 0.1


# --- kept ---------------------------------------------------------------------------------------------------


def frozen_ranking(now, count: int = 4, **edition) -> Ranking:
    stage, entries = make.make_field(now, count, **edition)
    make.sign_all(make.play(make.make_session(now, stage=stage, entries=entries), now), now)
    return rankings.freeze_ranking(stage, group=Group.STARTUP, actor=make.office(now), now=now)


def diagnose(ranking, now, **changes):
    order = {"places": 2, "draws": 200, "seed": 1} | changes
    return diagnoses.diagnose(ranking, **order, actor=make.office(now), now=now)


def test_a_diagnosis_is_kept_with_what_it_rests_on(ctx, now):
    ranking = frozen_ranking(now)
    kept = diagnose(ranking, now)
    again = diagnose(ranking, now)
    assert kept.inputs_hash == ranking.inputs_hash and kept.result == again.result
    assert kept.context_hash == again.context_hash
    assert [line["score"] for line in kept.result["entries"]] == [
        row.score_hundredths for row in ranking.rows
    ]
    commit()
    assert {name: list(found()) for name, found in INVARIANTS.items()} == dict.fromkeys(INVARIANTS, [])
    assert run_all("traces-whole") == [] == run_all("seals-hold")


def test_an_altered_sheet_is_not_diagnosed(ctx, now):
    ranking = frozen_ranking(now)
    sheet = db.session.scalar(db.select(Sheet).limit(1))
    sheet.total_hundredths += 100
    with pytest.raises(Conflict, match="与冻结时不同"):
        diagnose(ranking, now)


def test_a_forged_result_is_named(ctx, now):
    ranking = frozen_ranking(now)
    kept = diagnose(ranking, now)
    lines = kept.result["entries"]
    lines[0]["score"] += 1
    db.session.add(
        Diagnosis(
            **{
                name: getattr(kept, name)
                for name in ("ranking_id", "formulas", "places", "draws", "seed", "context_hash")
            },
            inputs_hash="0" * 64,
            result={**kept.result, "entries": lines},
            computed_at=now,
        )
    )
    db.session.flush()
    audit.write_pending()
    words = [what for _, what in INVARIANTS["judging-diagnoses-fit"]()]
    assert "诊断所依据的输入与排名冻结时的不同" in words and "诊断所列的正式名次与排名不符" in words
    assert [finding.where for finding in run_all("traces-whole")] == [f"ranking {ranking.id}"]


def test_who_may_ask_and_what(ctx, now):
    ranking = frozen_ranking(now)
    order = {"places": 2, "draws": 200, "seed": 1}
    with pytest.raises(NotAllowed):
        diagnoses.ask_diagnosis(ranking, **order, actor=make.recorder(now), now=now)
    for wrong in ({"places": 0}, {"places": 5}, {"draws": 7}, {"seed": 2**31}):
        with pytest.raises(InvalidInput):
            diagnoses.ask_diagnosis(ranking, **(order | wrong), actor=make.office(now), now=now)
    chair = ranking.stage and db.session.scalar(db.select(Sheet).limit(1)).seat.session.seats[0].judge.user
    assert diagnoses.ask_diagnosis(ranking, **order, actor=chair, now=now).payload["places"] == 2
    with pytest.raises(Conflict, match="正在计算"):
        diagnoses.ask_diagnosis(ranking, **order, actor=make.office(now), now=now)


def test_rooms_are_declared_before_the_first_score_only(ctx, now):
    stage, entries = make.make_field(now, 2)
    session = make.make_session(now, stage=stage, entries=entries)
    declare = {
        "drawn": True,
        "method": Normalising.COEFFICIENT,
        "basis": "公告第 1 号",
        "actor": make.office(now),
    }
    with pytest.raises(InvalidInput, match="不是抽签"):
        diagnoses.declare_rooms(stage, **(declare | {"drawn": False}), now=now)
    with pytest.raises(InvalidInput, match="文件或公告"):
        diagnoses.declare_rooms(stage, **(declare | {"basis": " "}), now=now)
    with pytest.raises(NotAllowed):
        diagnoses.declare_rooms(stage, **(declare | {"actor": make.recorder(now)}), now=now)
    diagnoses.declare_rooms(stage, **declare, now=now)
    make.play(session, now)
    with pytest.raises(Conflict, match="打分之前"):
        diagnoses.declare_rooms(stage, **declare, now=now)


def test_declared_rooms_are_shown_side_by_side(ctx, now):
    stage, entries = make.make_field(now, 6)
    diagnoses.declare_rooms(
        stage,
        drawn=True,
        method=Normalising.COEFFICIENT,
        basis="公告",
        actor=make.office(now),
        now=now,
    )
    for half in (entries[:3], entries[3:]):
        make.sign_all(make.play(make.make_session(now, stage=stage, entries=half), now), now)
    ranking = rankings.freeze_ranking(stage, group=Group.STARTUP, actor=make.office(now), now=now)
    result = diagnose(ranking, now).result
    assert result["normalised"]["refused"] == "" and len(result["normalised"]["entries"]) == 6
    assert [room["own"] for room in result["rooms"]] == [True, True]


# --- pages --------------------------------------------------------------------------------------------------


def on_pages(now):
    ranking = frozen_ranking(now)
    sheet = db.session.scalar(db.select(Sheet).limit(1))
    seats = {seat.is_chair: seat.judge.user.username for seat in sheet.seat.session.seats}
    people = (make.office(now).username, make.supervision(now).username, seats[True], seats[False])
    return ranking.id, ranking.stage_id, ranking.rows[0].entry_id, people


def test_asked_for_on_the_page_and_read_part_by_part(prepared, as_user, app):
    ranking_id, _, entry_id, (office, supervision, chair, judge) = prepared(on_pages)
    address = f"/judging/rankings/{ranking_id}/diagnosis"
    person = as_user(office)
    assert "还没有诊断" in person.text(address)
    assert (
        person.post(address, {"places": "99", "draws": "200", "seed": "1"}, source=address).status_code == 422
    )
    wrong = person.post(address, {"places": "x", "draws": "200", "seed": "1"}, source=address)
    assert wrong.status_code == 422 and "请填整数" in wrong.get_data(as_text=True)
    order = {"places": "2", "draws": "200", "seed": "1"}
    assert person.post(address, order, source=address).status_code == 303
    with app.app_context():
        assert [job.state.value for job in db.session.scalars(db.select(Job))] == ["done"]
        db.session.rollback()
    for part in ("cut", "scores", "judges", "rooms", "criteria", "basis", "nonsense"):
        assert "诊断仅供参考" in person.text(f"{address}?view={part}")
    assert "每位评委" in person.text(f"{address}/entries/{entry_id}")
    assert person.get(f"{address}/entries/999999").status_code == 404
    assert person.get(f"{address}?run=999999").status_code == 404
    assert person.get(f"{address}?export=1").data[:2] == b"PK"
    assert as_user(supervision).get(address).status_code == 200
    assert as_user(judge).get(address).status_code == 404
    led = as_user(chair)
    assert address in led.text("/judge/rankings") and "正式排名" not in led.text(address)
    assert led.post(address, order, source=address).status_code == 303
    assert f"/judging/rankings/{ranking_id}/diagnosis" not in as_user(judge).text("/judge/rankings")


def test_page_sends_as_many_statements_for_few_entries_as_for_many(prepared, as_user, count_statements):
    def both(now):
        found = [frozen_ranking(now, 3), frozen_ranking(now, 9, code="xj-many")]
        for ranking in found:
            diagnose(ranking, now)
        return [ranking.id for ranking in found], make.office(now).username

    ids, office = prepared(both)
    person, seen = as_user(office), []
    for ranking_id in ids:
        with count_statements() as statements:
            person.text(f"/judging/rankings/{ranking_id}/diagnosis?view=scores")
        seen.append(len(statements))
    assert seen[0] == seen[1]


def test_declaration_page(prepared, as_user):
    def planned(now):
        stage, entries = make.make_field(now, 2)
        make.make_session(now, stage=stage, entries=entries)
        return stage.id, make.office(now).username

    stage_id, office = prepared(planned)
    person, address = as_user(office), f"/judging/stages/{stage_id}/rooms"
    assert "没有声明" in person.text(address)
    assert person.post(address, {"drawn": "drawn"}, source=address).status_code == 422
    order = {"drawn": "unknown", "method": "standard", "basis": "公告"}
    refused = person.post(address, order, source=address)
    assert refused.status_code == 422 and "不能按评审室换算" in refused.get_data(as_text=True)
    assert person.post(address, order | {"drawn": "drawn"}, source=address).status_code == 303
    assert "标准分换算" in person.text(address)
