"""`flask competition import` as an operator or a script runs it."""

import json

import pytest
from flask import current_app
from sqlalchemy import func, select

from competition.cli import group
from competition.models import Entry
from core.db import commit, db
from tests.factories import competition as factory
from tests.factories import imports as make

PROBLEM = {"row", "column", "value", "reason_code", "sentence"}


@pytest.fixture
def edition(ctx, now):
    made = factory.make_edition(now)
    commit()
    return made


@pytest.fixture
def command(edition, tmp_path, now, monkeypatch):
    """command(rows or bytes, *options) -> (exit status, what was printed)."""
    monkeypatch.setattr("competition.cli.utcnow", lambda: now)

    def run(content, *options, name="名单.xlsx", code="xj2026"):
        path = tmp_path / name
        path.write_bytes(make.as_xlsx(make.table(content)) if isinstance(content, list) else content)
        done = current_app.test_cli_runner().invoke(group, ["import", str(path), "--edition", code, *options])
        return done.exit_code, done.output

    return run


def entries() -> int:
    return db.session.scalar(select(func.count(Entry.id)))


def test_a_check_reports_and_writes_nothing(command):
    status, output = command([make.row(1), make.row(2, revenue="x")], "--check-only", "--json")
    report = json.loads(output)
    (problem,) = report["refused"]
    assert (status, report["rows_read"], report["new"], report["changed"], report["unchanged"]) == (
        1,
        2,
        1,
        0,
        0,
    )
    assert set(problem) == PROBLEM
    assert (problem["row"], problem["column"], problem["value"], problem["reason_code"]) == (
        3,
        "上年营业收入",
        "x",
        "amount_shape",
    )
    assert entries() == 0


def test_an_import_writes_once_and_finds_nothing_new_the_second_time(command):
    rows = [make.row(1), make.row(2)]
    first = command(rows, "--json")
    again = command([make.row(1, title="改"), make.row(2)], "--json")
    told = [json.loads(output) for _, output in (first, again)]
    assert [(t["new"], t["changed"], t["unchanged"]) for t in told] == [(2, 0, 0), (0, 1, 1)]
    assert (first[0], again[0], entries()) == (0, 0, 2)
    assert factory.broken_invariants() == []


def test_lines_are_printed_for_people(command):
    status, output = command([make.row(1, contact_phone="1")], "--check-only")
    assert status == 1
    assert output.splitlines() == [
        "读取 1 行，新增 0 行，变更 0 行，无变化 0 行，不能导入 1 行（只检查，没有写入）",
        "第 2 行 手机“1”[mobile_length] 手机号应为 11 位数字，现为 1 位。",
    ]


def test_other_heads_come_with_a_mapping(command, tmp_path):
    heads = {**make.HEADS, "name": "参赛单位", "title": "作品"}
    content = make.as_csv(make.table([make.row(1)], heads))
    mapping = tmp_path / "m.json"
    pairs = {
        target: heads[target] for target in make.HEADS if target not in ("number", "state", "recommended_by")
    }
    mapping.write_text(json.dumps(pairs, ensure_ascii=False), encoding="utf-8")
    without = command(content, "--check-only", "--json", name="a.csv")
    assert (without[0], json.loads(without[1])["error"]["reason_code"]) == (2, "mapping_missing")
    status, output = command(content, "--mapping", str(mapping), "--json", name="a.csv")
    assert (status, json.loads(output)["new"]) == (0, 1)


@pytest.mark.parametrize(
    ("content", "name", "options", "code"),
    [
        (b"MZ\x00", "a.xlsx", (), "file_broken"),
        (b"x", "a.exe", (), "file_type"),
        (b"\n" * 5, "a.csv", (), "file_empty"),
    ],
)
def test_a_refused_file_is_one_sentence(command, content, name, options, code):
    status, output = command(content, "--json", *options, name=name)
    error = json.loads(output)["error"]
    assert (status, error["reason_code"]) == (2, code)
    assert error["sentence"].endswith("。")
    assert entries() == 0


def test_an_unknown_edition_and_a_broken_mapping_are_refused(command, tmp_path):
    broken = tmp_path / "m.json"
    broken.write_text("{", encoding="utf-8")
    assert json.loads(command([], "--json", code="nix")[1])["error"]["reason_code"] == "edition_unknown"
    status, output = command([make.row(1)], "--json", "--mapping", str(broken))
    assert (status, json.loads(output)["error"]["reason_code"]) == (2, "mapping_shape")
