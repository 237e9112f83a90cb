"""Commands of the competition: `competition import` reads a list of entries from a file."""

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from competition.enums import ImportOutcome, ImportState
from competition.importing import targets
from competition.importing.rows import Problem
from competition.importing.table import read_head
from competition.models import Edition, ImportBatch, ImportRow
from competition.operations import imports
from core import files
from core.clock import utcnow
from core.db import commit, db, reading, rollback
from core.errors import InvalidInput, Refusal
from core.files import CSV, XLSX
from core.rules import SYSTEM

group = AppGroup("competition", help="Editions and entries.")
LIMIT_MB = 32
SOURCE = "命令行"


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--edition", "code", required=True, help="Code of the edition.")
@click.option("--mapping", "mapping_path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source", default=SOURCE, show_default=True, help="Name of the source; its columns are remembered."
)
@click.option("--check-only", is_flag=True, help="Report, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@with_appcontext
def import_command(
    file: Path, code: str, mapping_path: Path | None, source: str, check_only: bool, as_json: bool
) -> None:
    """Import the entries of an xlsx or csv (UTF-8, GB18030) file; rows that cannot be taken are listed, not written.

    Exit status 0 when every row could be taken, 1 when some were refused, 2 when the file was.
    """
    try:
        edition = _edition(code)
        content, mapping = _content(file), _mapping(mapping_path)
        act = _check_only if check_only else _import
        report = act(edition, content, file.name, mapping, source)
    except Refusal as refusal:
        rollback()
        report = {"error": {"reason_code": refusal.code, "sentence": refusal.sentence}}
        click.echo(json.dumps(report, ensure_ascii=False) if as_json else refusal.sentence, err=not as_json)
        sys.exit(2)
    click.echo(json.dumps(report, ensure_ascii=False, indent=1) if as_json else _lines(report))
    sys.exit(1 if report["refused"] else 0)


def _edition(code: str) -> Edition:
    edition = db.session.scalar(select(Edition).where(Edition.code == code, Edition.revises_id.is_(None)))
    if edition is None:
        raise InvalidInput(f"没有代码为“{code}”的届次。", code="edition_unknown")
    return edition


def _content(file: Path) -> bytes:
    if file.stat().st_size > LIMIT_MB << 20:
        raise InvalidInput(f"文件超过 {LIMIT_MB} MB 的上限。", code="file_size")
    return file.read_bytes()


def _mapping(path: Path | None) -> Any:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise InvalidInput("列对应文件不是有效的 JSON。", code="mapping_shape") from None


def _wanted(mapping: Any) -> list[str]:
    if isinstance(mapping, Mapping) and isinstance(mapping.get("columns"), Mapping):
        mapping = mapping["columns"]
    pairs = mapping.items() if isinstance(mapping, Mapping) else ()
    return [text for pair in pairs for text in pair if isinstance(text, str)]


def _check_only(edition: Edition, content: bytes, name: str, mapping: Any, _source: str) -> dict[str, Any]:
    with reading():
        head = read_head(content, name, _wanted(mapping))
        chosen = targets.propose(head.heads) if mapping is None else targets.read_mapping(mapping, head.heads)
        counts: Counter[str] = Counter()
        refused, notes = [], []
        for _, reports in imports.read_report(edition, content, name, head, chosen, now=utcnow()):
            for report in reports:
                counts[report.match.outcome.value] += 1
                refused += [_problem(report.row.line, problem) for problem in report.problems]
                notes += [_problem(report.row.line, note) for note in report.row.notes]
        rollback()
    return {"edition": edition.code, "written": False, **_counts(counts), "refused": refused, "notes": notes}


def _import(edition: Edition, content: bytes, name: str, mapping: Any, source: str) -> dict[str, Any]:
    now = utcnow()
    batch = _batch(edition, content, name, mapping, source, now)
    by = {"actor": SYSTEM, "now": now}
    imports.check_batch(batch, mapping=batch.mapping, send=False, **by)
    commit()
    _drive(imports.check(batch.id, job_id=None, **by))
    if batch.state == ImportState.REFUSED:
        raise InvalidInput(batch.refusal, code="file_refused")
    if batch.new_count + batch.changed_count:
        imports.import_batch(batch, send=False, **by)
        commit()
        _drive(imports.write(batch.id, job_id=None, **by))
    return _report(batch)


def _batch(
    edition: Edition, content: bytes, name: str, mapping: Any, source: str, now: datetime
) -> ImportBatch:
    media_type = CSV if name.lower().endswith(".csv") else XLSX
    stored = files.store_bytes(content, name[-200:], media_type, actor=SYSTEM, now=now)
    return imports.make_batch(edition, stored, source=source, actor=SYSTEM, now=now, mapping=mapping)


def _drive(steps) -> None:
    """Commit every step, with a line on the terminal for who waits."""
    last = 0.0
    for done, total in steps:
        commit()
        if total and sys.stderr.isatty() and time.monotonic() - last > 0.5:
            last = time.monotonic()
            click.echo(f"\r{done} / {total}", err=True, nl=False)
    commit()


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    named = {outcome.value: counts.get(outcome.value, 0) for outcome in ImportOutcome}
    refused = named.pop("refused")
    return {"rows_read": sum(named.values()) + refused, **named, "refused_rows": refused}


def _problem(line: int, problem: Problem) -> dict[str, Any]:
    """The row as the file numbers it, its column by the file's own head."""
    return {
        "row": line,
        "column": problem.column,
        "value": problem.value,
        "reason_code": problem.reason,
        "sentence": problem.sentence,
    }


def _report(batch: ImportBatch) -> dict[str, Any]:
    columns = select(ImportRow.line, ImportRow.problems, ImportRow.notes)
    told = (ImportRow.outcome == ImportOutcome.REFUSED) | ImportRow.noted
    rows = db.session.execute(
        columns.where(ImportRow.batch_id == batch.id, told).order_by(ImportRow.line)
    ).all()
    counts = {outcome.value: getattr(batch, f"{outcome.value}_count") for outcome in ImportOutcome}
    return {
        "edition": batch.edition.code,
        "batch": batch.id,
        "written": True,
        **_counts(counts),
        "refused": [_problem(row.line, Problem(**p)) for row in rows for p in row.problems],
        "notes": [_problem(row.line, Problem(**p)) for row in rows for p in row.notes],
    }


def _lines(report: Mapping[str, Any]) -> str:
    words = ("rows_read", "读取"), ("new", "新增"), ("changed", "变更"), ("unchanged", "无变化")
    head = "，".join(f"{word} {report[name]} 行" for name, word in words)
    rows = [
        f"第 {p['row']} 行 {p['column']}“{p['value']}”[{p['reason_code']}] {p['sentence']}"
        for p in (*report["refused"], *report["notes"])
    ]
    written = "" if report["written"] else "（只检查，没有写入）"
    return "\n".join([f"{head}，不能导入 {report['refused_rows']} 行{written}", *rows])


def init_app(app: Flask) -> None:
    app.cli.add_command(group)
