"""The evidence pack: alone in a folder it recomputes the ranking, and names what somebody altered."""

import ast
import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest

from competition.enums import Group
from core import audit
from core.db import db
from core.errors import NotAllowed
from judging import scoring
from judging.enums import ConflictSource, RecusalReason
from judging.evidence import pack, recompute
from judging.models import Ranking
from judging.operations import flags, rankings, second_looks, sheets
from judging.operations.judges import note_conflict
from tests.factories import judging as make
from tests.judging.test_flags import LINE
from tests.judging.test_second_looks import give, prepared_look, send

CHECKS = (
    *(
        "文件清单",
        "评分表合计",
        "重算排名",
        "冻结哈希",
        "评委回执",
        "复评",
        "诊断与提示",
        "抽签",
        "签字",
        "审计链",
    ),
)


def frozen_ranking(now) -> Ranking:
    """Three entries, one recused judge, one correction, signed and frozen."""
    session = make.make_session(now)
    judge, entry = session.seats[2].judge, session.runs[0].entry
    note_conflict(
        judge,
        entry,
        source=ConflictSource.CLAIMED,
        reason_code=RecusalReason.SAME_UNIT,
        actor=make.office(now),
        now=now,
    )
    make.start(make.draw(session, now), now)
    for place in range(len(session.runs)):
        make.score_run(make.sessions.call_next(session, actor=make.recorder(now), now=now), now, -50 * place)
    request = sheets.request_correction(
        session.runs[1].sheets[1],
        new_values=make.values(-100),
        reason="看错一行",
        actor=session.seats[0].judge.user,
        now=now,
    )
    sheets.approve_correction(request, actor=make.supervision(now), now=now)
    make.sessions.lock_session(session, actor=make.recorder(now), now=now)
    make.sign_all(session, now)
    ranking = rankings.freeze_ranking(session.stage, group=Group.STARTUP, actor=make.office(now), now=now)
    audit.write_pending()
    db.session.expire_all()
    return ranking


@pytest.fixture
def unpacked(ctx, now, tmp_path) -> Path:
    with zipfile.ZipFile(io.BytesIO(pack.build(frozen_ranking(now)))) as made:
        made.extractall(tmp_path)
    return tmp_path


def check(folder: Path, *options: str) -> tuple[int, str]:
    """As an inspector runs it: isolated, without site packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "recompute.py", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def alter(folder: Path, name: str, old: str, new: str, *, relist: bool = False) -> None:
    """Change a file and, as a careful forger would, its line in the manifest."""
    text = (folder / name).read_bytes().decode()
    assert old in text, (name, old)
    (folder / name).write_bytes(text.replace(old, new, 1).encode())
    if relist:
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))


def looked_into(now) -> Ranking:
    """A ranking with a diagnosis, a flag that was dismissed, and two second looks, one of them declined."""
    kept, fresh = prepared_look(now)
    judge = kept.result["judges"][0]["judge"]
    line = LINE | {"judges": [judge], "entries": [kept.result["entries"][0]["entry"]], "at_cut": []}
    kept.result["flags"][:] = [line]
    (flag,) = flags.raise_flags(kept, actor=make.office(now), now=now)
    flags.decide_flag(flag, "dismiss", opinion="属正常差异", actor=make.supervision(now), now=now)
    one, other = send(kept, fresh, now)
    give(one, now, 100)
    second_looks.decline_second_look(other, reason="曾任顾问", actor=other.judge.user, now=now)
    audit.write_pending()
    db.session.expire_all()
    return kept.ranking


@pytest.fixture
def unpacked_whole(ctx, now, tmp_path) -> Path:
    with zipfile.ZipFile(io.BytesIO(pack.build(looked_into(now)))) as made:
        made.extractall(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("README.txt", "", "", "全部一致"),
        ("flags.csv", ",dismissed,", ",upheld,", "状态：文件 upheld，审计记录 dismissed"),
        ("flags.csv", ",lenient,", ",severe,", "的评委或项目与内容摘要不符"),
        ("second_looks.csv", ",declined,", ",asked,", "状态：文件 asked，审计记录 declined"),
        ("second_looks.csv", ",81.00,", ",82.00,", "合计：复评表 82.00，各项之和 81.00"),
        ("second_looks.csv", "technology=21.00", "technology=20.00", "的复评与回执不符"),
        ("diagnoses.json", '"inputs_hash": "', '"inputs_hash": "0', "所依据的不是本包的排名"),
        ("diagnoses.json", '"diagnosis": ', '"diagnosis": 9', "所属的诊断不在本包中"),
    ],
)
def test_what_people_looked_into_is_in_the_pack_and_held(unpacked_whole, name, old, new, said):
    alter(unpacked_whole, name, old, new, relist=True)
    status, words = check(unpacked_whole)
    assert said in words and status == (1 if old else 0), words


def test_untouched_pack_is_equal_in_every_check(unpacked):
    status, said = check(unpacked)
    assert status == 0 and said.endswith("结论：全部一致\n")
    assert [f"{name}：一致" in said for name in CHECKS] == [True] * len(CHECKS)


def test_whoever_holds_the_key_checks_the_events_too(unpacked, app, tmp_path_factory):
    key = tmp_path_factory.mktemp("key") / "seal"
    key.write_bytes(app.config["SETTINGS"].seal_key)
    assert check(unpacked, "--seal-key-file", str(key))[0] == 0
    alter(unpacked, "audit.jsonl", "看错一行", "看错两行", relist=True)
    assert check(unpacked)[0] == 0
    status, said = check(unpacked, "--seal-key-file", str(key))
    assert status == 1 and "的内容与封签不符" in said


def test_an_altered_score_names_entry_and_both_figures(unpacked):
    row = (unpacked / "scores.csv").read_bytes().decode().splitlines()[1]
    sheet, entry, judge, code, mark = row.split(",")
    less = recompute.shown(Fraction(mark) - 1)
    alter(unpacked, "scores.csv", row, ",".join((sheet, entry, judge, code, less)), relist=True)
    status, said = check(unpacked)
    assert status == 1 and "文件清单：一致" in said
    stored = next(r for r in recompute.read_csv(unpacked, "ranking.csv") if r["entry"] == entry)["score"]
    again = {line["entry"]: line["score"] for line in recompute.recompute(recompute.load(unpacked))}[entry]
    assert stored != again and f"{entry} 得分：冻结 {stored}，重算 {again}" in said
    assert f"{entry} 评委 {judge} 的评分表与回执不符" in said


@pytest.mark.parametrize("name", ["ranking.csv", "README.txt", "panel.csv", "audit.jsonl", "rules.json"])
def test_an_altered_file_is_named(unpacked, name):
    with (unpacked / name).open("ab") as file:
        file.write(b" ")
    status, said = check(unpacked)
    assert status == 1 and f"文件 {name} 与清单不符" in said


def test_an_altered_manifest_names_the_file(unpacked):
    manifest = json.loads((unpacked / "manifest.json").read_text())
    digest = manifest["files"]["sheets.csv"]
    alter(unpacked, "manifest.json", digest, "0" * 64)
    assert "文件 sheets.csv 与清单不符" in check(unpacked)[1]


def test_a_manifest_of_another_ranking_is_named(unpacked):
    alter(unpacked, "manifest.json", '"ranking": ', '"ranking": 9')
    assert "manifest.json 与 ranking.json 的格式或排名编号不同" in check(unpacked)[1]


def test_missing_and_added_files_are_named(unpacked):
    (unpacked / "panel.csv").unlink()
    (unpacked / "more.csv").write_text("x")
    status, said = check(unpacked)
    assert status == 1 and "清单中的文件 panel.csv 不存在" in said and "文件 more.csv 不在清单中" in said


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("ranking.csv", "\r\n1,1,", "\r\n1,2,", "名次：冻结 2，重算 1"),
        ("rows.json", '"rank":1', '"rank":9', "rows.json 与冻结时的内容哈希不符"),
        ("draws.json", '"seed": "2026', '"seed": "2027', "按种子算得"),
        ("signed.json", '"submitted"', '"recused"', "签字时的内容与所附内容不符"),
        ("rules.json", "{", "{ ", "rules.json 与发布时的规则摘要不符"),
        ("ranking.json", '"content_hash": "', '"content_hash": "0', "内容哈希不符"),
        ("audit.jsonl", '"prev_hash":"', '"prev_hash":"0', "没有接在前一条之后"),
        ("entries.csv", "\r\n", "\r\n坏行\r\n", "坏行 没有有效成绩"),
        ("scores.csv", ".00\r\n", ".零\r\n", "无法核对"),
        ("criteria.csv", ",25.00,", ",24.00,", "输入哈希不符"),
    ],
)
def test_each_link_is_held_by_its_own_check(unpacked, name, old, new, said):
    alter(unpacked, name, old, new, relist=True)
    status, words = check(unpacked)
    assert status == 1 and said in words, words


def test_the_same_rows_give_the_same_bytes_and_no_private_data(ctx, now):
    ranking = frozen_ranking(now)
    content = pack.build(ranking)
    rankings.export_evidence(ranking, actor=make.supervision(now), now=now)
    audit.write_pending()
    assert pack.build(ranking) == content
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        everything = b"".join(made.read(name) for name in made.namelist()).decode()
    assert "演示评委1" in everything and "看错一行" in everything and "13900000000" not in everything
    assert ranking.rows[0].entry.content.get("contact_mobile", "13900000000") not in everything


def test_only_office_and_supervision_hand_it_out(ctx, now):
    with pytest.raises(NotAllowed):
        rankings.export_evidence(frozen_ranking(now), actor=make.recorder(now), now=now)


def committed(now):
    ranking = frozen_ranking(now)
    return ranking.id, make.supervision(now).username, ranking.content_hash


def test_page_and_command_give_the_same_pack(prepared, as_user, app, tmp_path):
    ranking_id, username, _ = prepared(committed)
    person = as_user(username)
    address = f"/judging/rankings/{ranking_id}"
    assert "导出证据包" in person.text(address)
    answer = person.post(f"{address}/evidence", source=address)
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    assert f"SHA-256 {hashlib.sha256(answer.data).hexdigest()}" in person.text(address)
    out = tmp_path / "pack.zip"
    done = app.test_cli_runner().invoke(args=["judging", "evidence", str(ranking_id), "--out", str(out)])
    assert done.exit_code == 0 and hashlib.sha256(answer.data).hexdigest() in done.output
    assert out.read_bytes() == answer.data
    again = app.test_cli_runner().invoke(args=["judging", "evidence", str(ranking_id), "--out", str(out)])
    assert again.exit_code != 0 and out.read_bytes() == answer.data


def test_recompute_command_says_equal_or_names_the_difference(prepared, app):
    ranking_id, _, content_hash = prepared(committed)
    done = app.test_cli_runner().invoke(args=["judging", "recompute", str(ranking_id)])
    assert done.exit_code == 0 and "与评分表一致" in done.output and content_hash[:16] in done.output
    with app.app_context():
        number = db.session.execute(
            db.text(
                "SELECT number FROM entry JOIN ranking_row ON entry.id = entry_id WHERE position = 1 AND ranking_id = :r"
            ),
            {"r": ranking_id},
        ).scalar()
        db.session.execute(
            db.text("UPDATE ranking_row SET score_hundredths = 1 WHERE position = 1 AND ranking_id = :r"),
            {"r": ranking_id},
        )
        db.session.commit()
    done = app.test_cli_runner().invoke(args=["judging", "recompute", str(ranking_id)])
    assert done.exit_code == 1 and f"{number} 得分（百分之一分）：冻结 1，重算" in done.output


def test_the_script_is_standard_python_3_8():
    tree = ast.parse(pack.SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    }
    assert imported <= set(sys.stdlib_module_names)
    assert isinstance(recompute, ModuleType)


# ---- the script's own arithmetic against the official module --------------------------------------


def random_rule(chance: random.Random) -> dict:
    chain = chance.sample(["earlier_round", "criterion:a", "panel_decision"], chance.randrange(4))
    return {
        "aggregation": chance.choice(["mean", "trimmed"]),
        "drop_high": chance.randrange(3),
        "drop_low": chance.randrange(3),
        "min_scores_for_trim": chance.randrange(1, 8),
        "panel_minimum": chance.randrange(1, 4),
        "decimals": chance.choice([0, 1, 2, 3]),
        "round_before_ranking": chance.random() < 0.5,
        "tie_chain": chain + ["both_advance"] * chance.randrange(2),
    }


def random_entries(chance: random.Random) -> dict:
    entries = {}
    for place in range(chance.randrange(1, 9)):
        sheets = []
        for judge in range(1, chance.randrange(2, 9)):
            mark = Fraction(chance.randrange(160, 164), 2)
            recused = chance.random() < 0.15
            sheets.append(
                {
                    "judge": judge,
                    "panel": "",
                    "state": "recused" if recused else "submitted",
                    "marks": {} if recused else {"a": mark},
                    "total": None if recused else mark,
                }
            )
        earlier = None if chance.random() < 0.1 else Fraction(chance.randrange(3))
        entries[f"E{place}"] = {"entry": f"E{place}", "earlier": earlier, "sheets": sheets, "looks": []}
    return entries


def official_lines(rule, entries, decisions):
    official = scoring.Rule(**rule)
    contenders = []
    for entry in entries.values():
        scores = [
            scoring.SheetScore(
                s["judge"], None if s["total"] is None else int(s["total"] * 100), s["state"] == "recused"
            )
            for s in entry["sheets"]
        ]
        valid = [s["marks"]["a"] for s in entry["sheets"] if s["marks"]]
        contenders.append(
            scoring.Contender(
                entry["entry"],
                scoring.entry_result(scores, official),
                entry["earlier"],
                {"a": scoring.mean(valid)} if valid else {},
            )
        )
    panel = [scoring.PanelDecision(tuple(d["order"]), d["minutes"]) for d in decisions]
    return [
        (line.key, line.rank, str(line.shown), str(line.exact), line.tie_broken_by or "")
        for line in scoring.rank(contenders, official, panel)
        if line.rank is not None
    ]


def test_script_and_official_scoring_agree_on_random_contests():
    for seed in range(400):
        chance = random.Random(seed)
        rule, entries = random_rule(chance), random_entries(chance)
        order = sorted(entries, key=lambda _: chance.random())
        decisions = [{"order": order, "minutes": "合议一"}] if chance.random() < 0.7 else []
        criteria = {"a": {"weight": Fraction(1)}}
        given = {"about": {"rule": rule}, "entries": entries, "decisions": decisions, "criteria": criteria}
        found = [
            (line["entry"], line["rank"], line["score"], str(line["exact"]), line["step"])
            for line in recompute.recompute(given)
        ]
        assert found == official_lines(rule, entries, decisions), seed


def test_script_weighs_two_panels_and_ten_point_items_as_published():
    """湖南 2017: 60 % of the mean of 7 experts, 40 % of 20 public judges (DOMAIN 2.1)."""
    rule = {
        "aggregation": "mean",
        "drop_high": 0,
        "drop_low": 0,
        "min_scores_for_trim": 3,
        "panel_minimum": 1,
    }
    rule["panels"] = {"expert": 60, "public": 40}
    sheets = [
        {
            "judge": n,
            "panel": "expert" if n < 7 else "public",
            "state": "submitted",
            "total": Fraction(80 + n),
        }
        for n in range(27)
    ]
    expert, public = sheets[:7], sheets[7:]
    by_hand = (
        60 * recompute.mean(s["total"] for s in expert) + 40 * recompute.mean(s["total"] for s in public)
    ) / 100
    assert recompute.entry_score(sheets, rule)["exact"] == by_hand
    criteria = {"a": {"weight": Fraction("2.5")}, "b": {"weight": Fraction(1)}}
    assert recompute.sheet_total({"a": Fraction("8.5"), "b": Fraction(20)}, criteria) == Fraction("41.25")
