"""`judging rank` on files: exact official methods, diagnostics, refusals, the same bytes whatever the order."""

import csv
import random
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bench.judging.measures import kendall_tau
from bench.judging.simulator import simulate
from bench.judging.write import write_scores
from core.errors import InvalidInput
from judging import scoring
from judging.cli_rank import rank_command
from judging.ranking_files.methods import Method, default_places, rank_table
from judging.ranking_files.tables import ScoreTable, read_scores

HEADER = "entry,judge,score"


def write(path: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join((header, *lines, "")).encode(encoding))
    return path


def run(tmp_path, scores, method, *options):
    """(exit status, rows of the result as dicts, standard error)."""
    out = tmp_path / "result.csv"
    done = CliRunner().invoke(
        rank_command, ["--scores", str(scores), "--method", method, "--out", str(out), *map(str, options)]
    )
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines())) if out.exists() else None
    return done.exit_code, rows, done.stderr


def contest_file(path, contest, *, names=None, order=None, columns=("room", "order")):
    """The contest's sheets as a file; names: (entry, judge, room) -> new names; order: row numbers."""
    entry, judge, room = names or (dict.get, dict.get, dict.get)
    rooms = contest.room_names() or [""] * len(contest.score)
    cells = list(
        zip(contest.entry_names(), contest.judge_names(), contest.score, rooms, contest.position, strict=True)
    )
    lines = []
    for k in range(len(cells)) if order is None else order:
        e, j, score, r, place = cells[k]
        new = (e, j, r) if names is None else (entry[e], judge[j], room.get(r, r))
        extra = {"room": new[2], "order": str(place)}
        lines.append(",".join((new[0], new[1], str(score), *(extra[c] for c in columns))))
    return write(path, *lines, header=",".join((HEADER, *columns)))


PUBLISHED = ("A,J1,82", "A,J2,85.5", "A,J3,88", "A,J4,90", "A,J5,91.5")


@pytest.mark.parametrize(("method", "score"), [("mean", "87.40"), ("trimmed", "87.83")])
def test_published_example(tmp_path, method, score):
    status, rows, _ = run(tmp_path, write(tmp_path / "s.csv", *PUBLISHED), method)
    assert status == 0
    assert rows == [{"entry": "A", "score": score, "rank": "1"}]


def test_ties_two_judges_and_a_lone_judge(tmp_path):
    lines = ["A,J1,80", "A,J2,90", "B,J1,85", "C,J1,70", "C,J2,85", "C,J3,99.99", "D,J1,0"]
    _, rows, _ = run(tmp_path, write(tmp_path / "s.csv", *lines), "trimmed")
    assert [tuple(row.values()) for row in rows] == [
        ("A", "85.00", "1"),
        ("B", "85.00", "1"),
        ("C", "85.00", "1"),
        ("D", "0.00", "4"),
    ]


@pytest.mark.parametrize("aggregation", ["mean", "trimmed"])
def test_official_methods_equal_the_official_scoring(aggregation):
    draw = random.Random(1)
    entries, judges, totals = [], [], []
    for entry in range(300):
        for judge in range(draw.randint(1, 9)):
            entries.append(f"E{entry}")
            judges.append(f"J{judge}")
            totals.append(Decimal(draw.randint(0, 10_000)) / draw.choice([1, 2, 4, 100]))
    rule = scoring.Rule(aggregation=aggregation)
    sheets: dict = {}
    for entry, judge, total in zip(entries, judges, totals, strict=True):
        sheets.setdefault(entry, []).append(scoring.SheetScore(judge, total))
    ranked = scoring.rank(
        [scoring.Contender(key, scoring.entry_result(given, rule)) for key, given in sheets.items()], rule
    )
    found = rank_table(ScoreTable(tuple(entries), tuple(judges), tuple(totals)), Method(aggregation)).lines
    assert {(line.entry, line.score, line.rank) for line in found} == {
        (line.key, str(line.shown), line.rank) for line in ranked
    }


def test_negative_marks_round_away_from_zero(tmp_path):
    lines = ["A,J1,-1.005", "B,J1,1.005", "C,J1,-0.001"]
    _, rows, _ = run(tmp_path, write(tmp_path / "s.csv", *lines), "mean")
    assert [(row["entry"], row["score"]) for row in rows] == [("B", "1.01"), ("C", "0.00"), ("A", "-1.01")]


def test_criteria_sum_to_a_sheet_and_unknown_columns_are_ignored(tmp_path):
    lines = ["A,J1,30.5,技术,x", "A,J1,20.2,市场,y", "B,J1,50.7,技术,", "B,J1,0,市场,"]
    file = write(tmp_path / "s.csv", *lines, header="entry,judge,score,criterion,备注")
    assert read_scores(file).totals == (Decimal("50.7"), Decimal("50.7"))
    _, rows, _ = run(tmp_path, file, "mean")
    assert [(row["score"], row["rank"]) for row in rows] == [("50.70", "1"), ("50.70", "1")]


def test_a_file_by_criterion_gives_the_same_sheets(tmp_path):
    contest = simulate("final", 4)
    write_scores(contest, tmp_path / "whole.csv")
    write_scores(contest, tmp_path / "parts.csv", by_criterion=True)
    assert read_scores(tmp_path / "whole.csv") == read_scores(tmp_path / "parts.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(tmp_path, encoding):
    file = write(tmp_path / "s.csv", "天山,张三,80", encoding=encoding)
    assert read_scores(file).entries == ("天山",)


FAULTS = {
    "column missing": ("entry,judge\nA,J1\n", "缺少列：score"),
    "not a number": (f"{HEADER}\nA,J1,good\n", "第 2 行：分数“good”不是数字"),
    "full width": (f"{HEADER}\nA,J1,８０\n", "不是数字"),
    "nan": (f"{HEADER}\nA,J1,NaN\n", "不是数字"),
    "infinite": (f"{HEADER}\nA,J1,inf\n", "不是数字"),
    "huge": (f"{HEADER}\nA,J1,1e50\n", "超出范围"),
    "blank score": (f"{HEADER}\nA,J1,\n", "分数为空"),
    "blank entry": (f"{HEADER}\n,J1,80\n", "项目编号为空"),
    "blank judge": (f"{HEADER}\nA,,80\n", "评委编号为空"),
    "repeated": (f"{HEADER}\nA,J1,80\nB,J1,70\nA,J1,81\n", "第 4 行：评委“J1”对项目“A”重复评分"),
    "repeated criterion": ("entry,judge,score,criterion\nA,J1,8,技术\nA,J1,9,技术\n", "评分项“技术”重复评分"),
    "criterion missing": (
        "entry,judge,score,criterion\nA,J1,8,技术\nA,J1,9,市场\nA,J2,9,市场\n",
        "评委“J2”对项目“A”缺少评分项：技术",
    ),
    "whole and parts": ("entry,judge,score,criterion\nA,J1,80,\nA,J1,9,技术\n", "既有整张评分又有分项评分"),
    "parts and whole": ("entry,judge,score,criterion\nA,J1,9,技术\nA,J1,80,\n", "既有整张评分又有分项评分"),
    "column twice": ("entry,judge,score,score\nA,J1,9,8\n", "列名有重复"),
    "two rooms in a sheet": ("entry,judge,score,criterion,room\nA,J1,8,甲,1\nA,J1,9,乙,2\n", "两个考场"),
    "empty": ("", "缺少列"),
    "header only": (f"{HEADER}\n", "没有任何评分"),
    "anchors only": (f"{HEADER}\nANCHOR1,J1,80\n", "没有可排名的项目"),
    "columns too few": (f"{HEADER}\nA,J1\n", "应有 3 列"),
    "quotes": (f'{HEADER}\n"A,J1,80\n', "CSV"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_files_get_a_sentence_and_status_two(tmp_path, fault):
    content, sentence = FAULTS[fault]
    file = tmp_path / "s.csv"
    file.write_bytes(content.encode())
    status, rows, error = run(tmp_path, file, "mean")
    assert (status, rows) == (2, None)
    assert sentence in error


def test_every_decimal_counts_until_the_mean_is_taken(tmp_path):
    lines = ["A,J1,87.0049999", "B,J1,87.00499999999999999", "C,J1,87.005", "D,J1,87.00500000000001"]
    _, rows, _ = run(tmp_path, write(tmp_path / "s.csv", *lines), "mean")
    assert [(row["entry"], row["score"], row["rank"]) for row in rows] == [
        ("C", "87.01", "1"),
        ("D", "87.01", "1"),
        ("A", "87.00", "3"),
        ("B", "87.00", "3"),
    ]


def test_spreadsheet_leftovers_do_no_harm(tmp_path):
    """Repeated unknown columns, empty cells at the right, empty lines, CRLF."""
    file = tmp_path / "s.csv"
    file.write_bytes(
        f"{HEADER},备注,备注,\r\nA,J1,80,x,y,,,\r\n,,,,,\r\n\r\nB,J1,70,,,\r\n".encode("utf-8-sig")
    )
    _, rows, _ = run(tmp_path, file, "mean")
    assert [(row["entry"], row["score"]) for row in rows] == [("A", "80.00"), ("B", "70.00")]


@pytest.mark.parametrize("out", ["s.csv", "./sub/../s.csv", "f.csv"])
def test_files_may_not_overwrite_each_other(tmp_path, out):
    (tmp_path / "sub").mkdir()
    file = write(tmp_path / "s.csv", *PUBLISHED)
    before = file.read_bytes()
    anomalies = ["--anomalies", str(tmp_path / "f.csv")]
    done = CliRunner().invoke(
        rank_command,
        ["--scores", str(file), "--method", "mean", "--out", str(tmp_path / out), *anomalies],
    )
    assert (done.exit_code, file.read_bytes()) == (2, before)
    assert "不同的文件" in done.stderr


def test_a_link_is_written_through_and_stays_a_link(tmp_path):
    file, target, link = write(tmp_path / "s.csv", *PUBLISHED), tmp_path / "real.csv", tmp_path / "result.csv"
    target.write_text("")
    link.symlink_to(target)
    assert run(tmp_path, file, "mean")[0] == 0
    assert link.is_symlink()
    assert target.read_text() == "entry,score,rank\nA,87.40,1\n"


def test_unreadable_and_unwritable_files(tmp_path):
    assert "无法读取" in run(tmp_path, tmp_path / "absent.csv", "mean")[2]
    binary = tmp_path / "b.csv"
    binary.write_bytes(b"\xff\xfe\x00\x81\xff")
    assert "不是 UTF-8 或 GB18030" in run(tmp_path, binary, "mean")[2]
    file = write(tmp_path / "s.csv", *PUBLISHED)
    done = CliRunner().invoke(
        rank_command, ["--scores", str(file), "--method", "mean", "--out", str(tmp_path / "no" / "r.csv")]
    )
    assert done.exit_code == 2
    assert "无法写入" in done.stderr


ROOMS = [
    f"{room}{k},{room}J{j},{60 + 10 * (room == 'B') + 3 * k + j}"
    for room in "AB"
    for k in range(3)
    for j in range(3)
]


def test_room_coefficient_is_refused_unless_drawn(tmp_path):
    file = write(tmp_path / "s.csv", *(f"{line},{line[0]}" for line in ROOMS), header=f"{HEADER},room")
    status, rows, error = run(tmp_path, file, "room")
    assert (status, rows) == (2, None)
    assert "抽签" in error
    status, rows, _ = run(tmp_path, file, "room", "--rooms", "drawn")
    assert status == 0
    # Room means 64 and 74, overall 69: A0's 61 becomes 61 x 69/64.
    assert {row["entry"]: row["score"] for row in rows}["A0"] == "65.77"
    assert {row["entry"]: row["score"] for row in rows}["B2"] == "71.80"


def test_room_coefficient_needs_one_room_per_entry(tmp_path):
    plain = write(tmp_path / "s.csv", *ROOMS)
    assert "没有 room" in run(tmp_path, plain, "room", "--rooms", "drawn")[2]
    lines = ("A,J1,80,1", "B,J1,80,1", "A,J2,81,2")
    both = write(tmp_path / "t.csv", *lines, header=f"{HEADER},group")
    assert "两个考场" in run(tmp_path, both, "room", "--rooms", "drawn")[2]
    small = write(tmp_path / "u.csv", "A,J1,80,1", "B,J2,80,2", "C,J2,9,2", header=f"{HEADER},group")
    assert "不足两个项目" in run(tmp_path, small, "room", "--rooms", "drawn")[2]


def test_zscore_forgives_a_lenient_judge(tmp_path):
    lines = ["A,J1,60", "B,J1,70", "C,J2,80", "D,J2,90"]
    _, rows, _ = run(tmp_path, write(tmp_path / "s.csv", *lines), "zscore")
    assert [(row["entry"], row["score"], row["rank"]) for row in rows] == [
        ("B", "60.000000", "1"),
        ("D", "60.000000", "1"),
        ("A", "40.000000", "3"),
        ("C", "40.000000", "3"),
    ]


def scores_by_entry(rows, contest):
    found = {row["entry"]: float(row["score"]) for row in rows}
    return np.array([found[name] for name in contest.ranked])


def test_methods_stand_in_the_expected_order(tmp_path):
    contest = simulate("pool", 11)
    file = contest_file(tmp_path / "s.csv", contest)
    tau = {
        method.value: kendall_tau(
            scores_by_entry(run(tmp_path, file, method.value, "--draws", 5)[1], contest), contest.quality
        )
        for method in (Method.TRIMMED, Method.ZSCORE, Method.ADJUSTED, Method.CALIBRATED)
    }
    assert tau["calibrated"] > tau["adjusted"] > tau["trimmed"] + 0.03
    assert tau["calibrated"] > tau["zscore"] > tau["trimmed"]


def test_calibrated_result_and_anomalies(tmp_path):
    contest = simulate("anchors", 12)
    file, anomalies = contest_file(tmp_path / "s.csv", contest), tmp_path / "f.csv"
    options = ("--places", 70, "--draws", 50, "--anomalies", anomalies)
    status, rows, error = run(tmp_path, file, "calibrated", *options)
    assert (status, error) == (0, "")
    assert len(rows) == 700
    assert list(rows[0]) == ["entry", "score", "rank", "p_award", "rank_lo", "rank_hi"]
    assert sum(float(row["p_award"]) for row in rows) == pytest.approx(70, abs=0.01)
    assert [int(row["rank"]) for row in rows] == sorted(int(row["rank"]) for row in rows)
    assert all(1 <= int(row["rank_lo"]) <= int(row["rank_hi"]) <= 700 for row in rows)
    listed = list(csv.DictReader(anomalies.read_text(encoding="utf-8").splitlines()))
    assert list(listed[0]) == ["entry", "judge", "suspicion", "kind"]
    level = [float(row["suspicion"]) for row in listed]
    assert level == sorted(level, reverse=True)
    assert sum(bool(row["entry"] and row["judge"]) for row in listed) == len(contest.score)


def test_default_places_are_a_tenth():
    assert [default_places(count) for count in (1, 4, 15, 60, 700)] == [1, 1, 2, 6, 70]


def suspicion_set(path):
    return {tuple(row.values()) for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())}


@pytest.mark.parametrize("method", [method.value for method in Method if method is not Method.ROOM])
def test_same_bytes_under_row_order_and_names(tmp_path, method):
    contest = simulate("anchors", 13)
    options = ("--seed", 5, "--draws", 20, "--anomalies", tmp_path / "f.csv")
    _, rows, _ = run(tmp_path, contest_file(tmp_path / "s.csv", contest), method, *options)
    suspicions = (tmp_path / "f.csv").read_bytes()
    first = (tmp_path / "result.csv").read_bytes()
    order = np.random.default_rng(1).permutation(len(contest.score))
    run(tmp_path, contest_file(tmp_path / "s.csv", contest, order=order), method, *options)
    assert (tmp_path / "result.csv").read_bytes() == first
    assert (tmp_path / "f.csv").read_bytes() == suspicions
    listed = suspicion_set(tmp_path / "f.csv")
    rng = np.random.default_rng(2)
    entry = {old: f"项目{k}" for old, k in zip(contest.ranked, rng.permutation(700), strict=True)}
    entry |= {old: f"ANCHOR{9 - k}" for k, old in enumerate(contest.anchors)}
    judge = {f"J{old}": f"P{new}" for old, new in enumerate(rng.permutation(140))}
    room = {f"R{old}": f"厅{new}" for old, new in enumerate(rng.permutation(20))}
    renamed = contest_file(tmp_path / "s.csv", contest, names=(entry, judge, room), order=order)
    _, again, _ = run(tmp_path, renamed, method, *options)
    assert suspicion_set(tmp_path / "f.csv") == {
        (entry.get(one, ""), judge.get(other, ""), *rest) for one, other, *rest in listed
    }
    found = {row["entry"]: row for row in again}
    assert [found[entry[row["entry"]]] for row in rows] == [
        {**row, "entry": entry[row["entry"]]} for row in rows
    ]


def test_too_few_scores_fall_back_to_the_official_rule_and_say_so(tmp_path):
    file = write(tmp_path / "s.csv", *(f"E{k},J{k},{60 + k}" for k in range(6)))
    status, rows, error = run(tmp_path, file, "calibrated", "--anomalies", tmp_path / "f.csv")
    assert status == 0
    assert "无法校准" in error
    assert rows[0] == {
        "entry": "E5",
        "score": "65.00",
        "rank": "1",
        "p_award": "",
        "rank_lo": "",
        "rank_hi": "",
    }
    assert (tmp_path / "f.csv").read_text() == "entry,judge,suspicion,kind\n"


def test_warnings_name_unlinked_groups_and_thin_sheets(tmp_path):
    file = contest_file(tmp_path / "s.csv", simulate("strong", 1))
    assert "20 个互不相连的组" in run(tmp_path, file, "calibrated", "--draws", 2)[2]
    lines = [f"E{k},J{(k + step) % 12},{60 + (k * step) % 7}" for k in range(12) for step in range(4)]
    assert "只校正了评委的宽严" in run(tmp_path, write(tmp_path / "t.csv", *lines), "adjusted")[2]


def test_all_equal_scores_share_every_place(tmp_path):
    file = write(tmp_path / "s.csv", *(f"E{k},J{j},80" for k in range(10) for j in range(6)))
    _, rows, _ = run(tmp_path, file, "calibrated", "--places", 3, "--draws", 10)
    assert {(row["score"], row["rank"], row["p_award"], row["rank_lo"], row["rank_hi"]) for row in rows} == {
        ("80.000000", "1", "0.300000", "1", "10")
    }


def test_order_effect_is_printed_where_the_order_is_known(tmp_path):
    file = contest_file(tmp_path / "s.csv", simulate("final", 1))
    arguments = ["--scores", str(file), "--method", "adjusted", "--out", str(tmp_path / "r.csv")]
    assert "order_effect=" in CliRunner().invoke(rank_command, arguments).stdout
    table = read_scores(write(tmp_path / "t.csv", "A,J1,80,first", header=f"{HEADER},order"))
    assert table.positions is None


def test_room_scores_must_not_sum_to_zero():
    table = ScoreTable(("A", "B"), ("J", "J"), (Decimal(0), Decimal(0)), rooms=("1", "1"))
    with pytest.raises(InvalidInput, match="平均分为零"):
        rank_table(table, Method.ROOM, drawn=True)


def _many_ties(rng):
    """Few distinct scores in small, symmetric designs: much is interchangeable, much is tied."""
    kind = rng.choice(["latin", "binary", "cyclic", "anchors", "sparse"])
    if kind == "latin":
        rooms = rng.choice([2, 30])
        cells = ((r, e, j) for r in range(rooms) for e in range(3) for j in range(3))
        return [(f"E{r}_{e}", f"J{r}_{j}", 60 + 10 * ((e + j) % 3), f"R{r}") for r, e, j in cells]
    if kind == "cyclic":
        return [(f"E{e}", f"J{(e + k) % 20}", 70 + k, "") for e in range(20) for k in (0, 1, 3, 7, 9)]
    panel, levels = {"binary": (5, (80, 81)), "anchors": (6, (70, 75, 80)), "sparse": (2, (0, 100))}[kind]
    names = [f"E{e}" for e in range(24)] + ["ANCHOR1", "ANCHOR2"] * (kind == "anchors")
    pool = range(10)
    return [
        (name, f"J{j}", rng.choice(levels), "")
        for name in names
        for j in (pool if name.startswith("ANCHOR") else rng.sample(pool, panel))
    ]


@pytest.mark.parametrize("seed", range(12))
def test_relabelling_maps_every_result_exactly(tmp_path, seed):
    """Entries, judges, rooms and criteria renamed, rows shuffled: ties and chances follow the names."""
    rng = random.Random(seed)
    rows = _many_ties(rng)
    renamed = [_renaming(rng, {row[column] for row in rows}) for column in (0, 1, 3)]
    found = []
    for names, criteria in ((None, ("技术", "市场")), (renamed, ("b", "a"))):
        entry, judge, room = names or [{name: name for name in map_} for map_ in renamed]
        lines = [
            ",".join((entry[e], judge[j], str(part), criterion, room[r]))
            for e, j, score, r in rows
            for part, criterion in ((score - 20.5, criteria[0]), (20.5, criteria[1]))
        ]
        rng.shuffle(lines)
        file = write(tmp_path / "s.csv", *lines, header="entry,judge,score,criterion,room")
        options = ("--draws", 30, "--places", 5, "--anomalies", tmp_path / "f.csv")
        method = ("calibrated", "adjusted", "zscore")[seed % 3]
        ranked = run(tmp_path, file, method, *options)[1]
        found.append((ranked, suspicion_set(tmp_path / "f.csv")))
    (first, suspects), (again, suspects_again) = found
    entry, judge, _ = renamed
    assert {tuple({**row, "entry": entry[row["entry"]]}.items()) for row in first} == {
        tuple(row.items()) for row in again
    }
    assert suspects_again == {
        (entry.get(one, ""), judge.get(other, ""), *rest) for one, other, *rest in suspects
    }


def _renaming(rng, names):
    """A permutation of the names; calibration entries stay calibration entries, no room stays no room."""
    mapped = {}
    for fixed in (True, False):
        part = sorted(name for name in names if bool(name[:6] == "ANCHOR" or not name) is fixed)
        mapped |= dict(zip(part, rng.sample(part, len(part)), strict=True))
    return mapped
