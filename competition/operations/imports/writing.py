"""Writing a checked batch, some hundred rows in one transaction: whatever was committed is whole, the rest is not there.

New entries go in by bulk statements with the seals, numbers, receipts, findings and audit events a submission leaves;
entries that exist move through their machine. Every row is matched again: the world went on since the report.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from competition.enums import EditionState, ImportOutcome, ImportState
from competition.import_states import IMPORT
from competition.importing.matching import match
from competition.importing.rows import Record, record_of
from competition.models import (
    Edition,
    Enterprise,
    Entry,
    ImportBatch,
    ImportRow,
)
from competition.operations.entries.deadlines import locked_registration
from competition.operations.imports.contents import Contents, Form
from competition.operations.imports.versions import Version, freeze
from competition.queries import imports as queries
from competition.queries.imports import Found
from competition.rules import may_import
from competition.states import ENTRY
from core import audit, seals
from core.db import db, flush
from core.errors import Conflict
from core.numbering import next_numbers
from core.rules import Actor

STEP = 500
WRITES = (ImportOutcome.NEW, ImportOutcome.CHANGED)


@dataclass
class Line:
    """A row on its way into the database."""

    row: ImportRow
    record: Record
    found: Found | None
    form: Form


def write(batch_id: int, *, job_id: int | None, actor: Actor, now: datetime) -> Iterator[tuple[int, int]]:
    """Write what the report let through, yielding (rows done, rows in all) to be committed after each step.

    Safe to be run again: a row that was written says so. Stops when the batch was stopped or went on to another job.
    """
    may_import(actor).or_raise()
    while True:
        batch = queries.locked_batch(batch_id)
        if batch.state != ImportState.IMPORTING or batch.job_id != job_id:
            return
        edition = batch.edition
        if locked_registration(edition.id).state != EditionState.OPEN:
            raise Conflict("只有报名中的届次可以导入。", code="edition_not_open")
        rows = db.session.scalars(_waiting(batch).order_by(ImportRow.line).limit(STEP)).all()
        if not rows:
            _finish(batch, actor=actor, now=now)
            return
        _write_step(batch, rows, actor=actor, now=now)
        total = batch.new_count + batch.changed_count
        yield queries.written_count(batch), total


def _waiting(batch: ImportBatch):
    return select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.outcome.in_(WRITES), ImportRow.version_number.is_(None)
    )


def _finish(batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    IMPORT.fire(batch, "finish", actor=actor, now=now, set={"imported_at": now})
    flush()


def _write_step(batch: ImportBatch, rows: Sequence[ImportRow], *, actor: Actor, now: datetime) -> None:
    lines = _match_again(batch, rows)
    known_ids = [line.found.enterprise_id for line in lines if line.found]
    contents = Contents.of(batch.edition, [line.record.credit_code for line in lines], known_ids, now)
    fresh = [line for line in lines if line.found is None or line.found.entry_id is None]
    _write_new(batch, fresh, contents, actor=actor, now=now)
    known = [line for line in lines if line.found is not None and line.found.entry_id is not None]
    _write_known(batch, known, contents, actor=actor, now=now)
    flush()


def _match_again(batch: ImportBatch, rows: Sequence[ImportRow]) -> list[Line]:
    """The rows that are still to be written; what became of the others since the report is noted in the row."""
    found = queries.known_for(batch.edition, [row.credit_code for row in rows])
    lines = []
    for row in rows:
        record, here = record_of(row.record), found.get(row.credit_code)
        now_is = match(record, here.known if here else None)
        if now_is.outcome != row.outcome:
            _count(batch, row.outcome, -1)
            _count(batch, now_is.outcome, 1)
            row.outcome = now_is.outcome
        if now_is.problem:
            row.problems, row.noted = [asdict(now_is.problem)], False
        if now_is.outcome == ImportOutcome.CHANGED:
            row.changes = [asdict(change) for change in now_is.changes]
        if now_is.outcome in WRITES:
            lines.append(Line(row, record, here, Form.of(record.content, record.ip_count, batch.edition)))
    return lines


def _count(batch: ImportBatch, outcome: ImportOutcome, by: int) -> None:
    name = f"{outcome.value}_count"
    setattr(batch, name, getattr(batch, name) + by)


def source_of(batch: ImportBatch, row: ImportRow, kind: str = "import") -> dict[str, Any]:
    """Where a version came from: kept in its frozen content."""
    return {"kind": kind, "batch": batch.id, "line": row.line, "file": batch.file.sha256}


def reason_of(batch: ImportBatch, row: ImportRow) -> str:
    return f"导入批次 {batch.id} 第 {row.line} 行"


def _write_new(
    batch: ImportBatch, lines: list[Line], contents: Contents, *, actor: Actor, now: datetime
) -> None:
    if not lines:
        return
    edition = batch.edition
    enterprises = _enterprises(batch, lines, actor=actor, now=now)
    code = edition.code
    numbers = next_numbers(f"entry:{code}", f"{code.upper()}-", len(lines))
    entries = [
        _new_entry(edition, number, enterprise_id, contents.columns(line.form), now)
        for line, number, enterprise_id in zip(lines, numbers, enterprises, strict=True)
    ]
    seals.insert_rows(Entry, entries)
    ids, versions = _ids_by(Entry.number, numbers), []
    for line, entry in zip(lines, entries, strict=True):
        entry_id = ids[entry["number"]]
        line.row.entry_id, line.row.version_number = entry_id, 1
        _record_new(batch, line, entry, entry_id, actor=actor, now=now)
        content = contents.frozen(line.record, entry, line.form, source_of(batch, line.row))
        code = line.record.credit_code
        versions.append(Version(entry_id, 1, content, line.form, entry["enterprise_id"], code))
    freeze(contents, versions, actor=actor, now=now)


def _ids_by(column, values: Sequence[str]) -> dict[str, int]:
    """Keys of rows by a column that tells them apart."""
    return dict(db.session.execute(select(column, column.class_.id).where(column.in_(values))).all())


def _record_new(
    batch: ImportBatch, line: Line, entry: dict[str, Any], entry_id: int, *, actor: Actor, now: datetime
) -> None:
    """The event its machine would have left."""
    audit.record_row(
        "entry.import",
        Entry.__tablename__,
        str(entry_id),
        f"{entry['number']} {entry['title']}",
        actor=actor,
        now=now,
        after={"state": entry["state"], "submitted_at": now, "rules_version": entry["rules_version"]},
        reason=reason_of(batch, line.row),
    )


def _enterprises(batch: ImportBatch, lines: list[Line], *, actor: Actor, now: datetime) -> list[int]:
    """The enterprise of every line: made where the code is new, brought up to date where nobody has claimed it."""
    unknown = [line for line in lines if line.found is None]
    rows = [
        {
            "credit_code": line.record.credit_code,
            "name": line.record.name,
            "contact_name": "",
            "contact_phone": "",
            **line.form.enterprise_columns(),
            "created_at": now,
        }
        for line in unknown
    ]
    seals.insert_rows(Enterprise, rows)
    ids = _ids_by(Enterprise.credit_code, [row["credit_code"] for row in rows])
    for row in rows:
        audit.record_row(
            "enterprise.import",
            Enterprise.__tablename__,
            str(ids[row["credit_code"]]),
            row["name"],
            actor=actor,
            now=now,
            after={"credit_code": row["credit_code"], "name": row["name"]},
        )
    free = [line for line in lines if line.found and not line.found.known.claimed]
    _update_enterprises(free, actor=actor, now=now)
    return [line.found.enterprise_id if line.found else ids[line.record.credit_code] for line in lines]


def _update_enterprises(lines: list[Line], *, actor: Actor, now: datetime) -> None:
    ids = [line.found.enterprise_id for line in lines]
    known = {row.id: row for row in db.session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)))}
    for line in lines:
        after = {"name": line.record.name, **line.form.enterprise_columns()}
        before = set_enterprise(known[line.found.enterprise_id], after, actor=actor, now=now)
        line.row.before = {**line.row.before, "enterprise": before}


def set_enterprise(
    enterprise: Enterprise, values: dict[str, Any], *, actor: Actor, now: datetime
) -> dict[str, str]:
    """Set what differs, and say what it was, as text that `enterprise_values` reads back."""
    changed = {name: value for name, value in values.items() if getattr(enterprise, name) != value}
    if not changed:
        return {}
    before = {name: getattr(enterprise, name) for name in changed}
    for name, value in changed.items():
        setattr(enterprise, name, value)
    flush()
    audit.record("enterprise.update", enterprise, actor=actor, now=now, before=before, after=changed)
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in before.items()
    }


def _new_entry(
    edition: Edition, number: str, enterprise_id: int, columns: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        **columns,
        "number": number,
        "edition_id": edition.id,
        "enterprise_id": enterprise_id,
        "state": ENTRY.transitions["import"].target,
        "rules_version": edition.rules_version,
        "submitted_at": now,
        "saved_at": now,
        "created_at": now,
        "version": 1,
    }


def _write_known(
    batch: ImportBatch, lines: list[Line], contents: Contents, *, actor: Actor, now: datetime
) -> None:
    """Entries that exist: what the row says is laid over what they hold, and frozen as a further version."""
    if not lines:
        return
    ids = [line.found.entry_id for line in lines]
    entries = {row.id: row for row in db.session.scalars(select(Entry).where(Entry.id.in_(ids)))}
    free = [line for line in lines if not line.found.known.claimed]
    _update_enterprises(free, actor=actor, now=now)
    versions = []
    for line in lines:
        entry, number, said = (
            entries[line.found.entry_id],
            line.found.version_number + 1,
            line.record.ip_count,
        )
        ip_count = line.found.known.entry.ip_count if said is None else said
        form = Form.of({**entry.content, **line.record.content}, ip_count, batch.edition)
        line.row.before = {**line.row.before, **_before(entry)}
        line.row.entry_id, line.row.version_number = entry.id, number
        columns = contents.columns(form)
        resubmit(entry, "import", columns, actor=actor, now=now, reason=reason_of(batch, line.row))
        content = contents.frozen_entry(entry, columns, form, source_of(batch, line.row))
        code = line.record.credit_code
        versions.append(Version(entry.id, number, content, form, entry.enterprise_id, code))
    freeze(contents, versions, actor=actor, now=now)


def _before(entry: Entry) -> dict[str, Any]:
    """What undoing needs besides the version before."""
    return {
        "state": entry.state.value,
        "content": entry.content,
        "flagged_fields": entry.flagged_fields,
        "reason_code": entry.reason_code,
    }


def resubmit(
    entry: Entry, move: str, columns: dict[str, Any], *, actor: Actor, now: datetime, reason: str
) -> None:
    with db.session.no_autoflush:
        for name, value in columns.items():
            setattr(entry, name, value)
        entry.saved_at = now
    tied = {"submitted_at": now, "rules_version": entry.edition.rules_version}
    kept = {} if move == "restore_returned" else {"flagged_fields": [], "reason_code": ""}
    ENTRY.fire(entry, move, actor=actor, now=now, reason=reason, set={**tied, **kept})
