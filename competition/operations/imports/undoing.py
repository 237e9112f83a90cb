"""Undoing a batch: what it made is withdrawn, what it changed gets its earlier content back as a further version.

Nothing is deleted. A row whose entry somebody has reviewed, corrected or withdrawn since is kept as it is, and says so.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from competition.enums import EntryState, ImportOutcome, ImportState, UndoOutcome
from competition.import_states import IMPORT
from competition.importing.matching import UNDONE
from competition.models import Enterprise, EnterpriseContact, Entry, EntryVersion, ImportBatch, ImportRow
from competition.operations.imports.contents import Contents, Form, stored_columns
from competition.operations.imports.versions import Version, freeze
from competition.operations.imports.writing import (
    STEP,
    reason_of,
    resubmit,
    set_enterprise,
    source_of,
)
from competition.queries import imports as queries
from competition.rules import may_import
from competition.states import ENTRY
from core.db import db, flush
from core.rules import Actor


def undo(batch_id: int, *, job_id: int | None, actor: Actor, now: datetime) -> Iterator[tuple[int, int]]:
    """Take back what the batch wrote, yielding (rows done, rows in all) to be committed after each step."""
    may_import(actor).or_raise()
    done = 0
    while True:
        batch = queries.locked_batch(batch_id)
        if batch.state != ImportState.UNDOING or batch.job_id != job_id:
            return
        rows = db.session.scalars(_written(batch).order_by(ImportRow.line).limit(STEP)).all()
        if not rows:
            IMPORT.fire(batch, "finish_undo", actor=actor, now=now, set={"undone_at": now})
            flush()
            return
        _undo_step(batch, rows, actor=actor, now=now)
        counts = queries.undo_counts(batch)
        done = counts[UndoOutcome.UNDONE] + counts[UndoOutcome.KEPT]
        yield done, sum(counts.values())


def _written(batch: ImportBatch):
    return select(ImportRow).where(
        ImportRow.batch_id == batch.id,
        ImportRow.version_number.is_not(None),
        ImportRow.undo == UndoOutcome.NONE,
    )


def _undo_step(batch: ImportBatch, rows: Sequence[ImportRow], *, actor: Actor, now: datetime) -> None:
    ids = [row.entry_id for row in rows]
    stmt = select(Entry).where(Entry.id.in_(ids)).options(joinedload(Entry.edition))
    entries = {entry.id: entry for entry in db.session.scalars(stmt)}
    versions = _versions(ids)
    changed = []
    for row in rows:
        entry = entries[row.entry_id]
        if entry.state != EntryState.SUBMITTED or max(versions[entry.id]) != row.version_number:
            row.undo = UndoOutcome.KEPT
            continue
        row.undo = UndoOutcome.UNDONE
        if row.outcome == ImportOutcome.NEW:
            tied = {"reason_code": UNDONE}
            ENTRY.fire(
                entry, "undo_import", actor=actor, now=now, reason=f"撤销{reason_of(batch, row)}", set=tied
            )
        else:
            changed.append((row, entry, versions[entry.id][row.version_number - 1]))
    _restore(batch, changed, actor=actor, now=now)
    _restore_enterprises(
        [row for row in rows if row.undo == UndoOutcome.UNDONE], entries, actor=actor, now=now
    )
    flush()


def _versions(entry_ids: list[int]) -> dict[int, dict[int, dict[str, Any]]]:
    """{entry id: {version number: content}}."""
    found: dict[int, dict[int, dict[str, Any]]] = {}
    stmt = select(EntryVersion.entry_id, EntryVersion.number, EntryVersion.content)
    for entry_id, number, content in db.session.execute(stmt.where(EntryVersion.entry_id.in_(entry_ids))):
        found.setdefault(entry_id, {})[number] = content
    return found


def _restore(
    batch: ImportBatch,
    changed: list[tuple[ImportRow, Entry, dict[str, Any]]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The content before the import as a further version; an entry that had been returned is returned again."""
    if not changed:
        return
    ids = [entry.enterprise_id for _, entry, _ in changed]
    contents = Contents.of(batch.edition, [row.credit_code for row, _, _ in changed], ids, now)
    versions = []
    for row, entry, earlier in changed:
        returned = row.before["state"] == EntryState.RETURNED
        form = Form.of(earlier["fields"], earlier.get("ip_count"), batch.edition)
        columns = contents.columns(form)
        if returned:
            columns |= {name: row.before[name] for name in ("content", "flagged_fields", "reason_code")}
        move, reason = "restore_returned" if returned else "restore", f"撤销{reason_of(batch, row)}"
        resubmit(entry, move, columns, actor=actor, now=now, reason=reason)
        content = {**earlier, "source": source_of(batch, row, "undo")}
        number = row.version_number + 1
        versions.append(Version(entry.id, number, content, form, entry.enterprise_id, row.credit_code))
    freeze(contents, versions, actor=actor, now=now)


def _restore_enterprises(
    rows: Sequence[ImportRow], entries: dict[int, Entry], *, actor: Actor, now: datetime
) -> None:
    """An enterprise nobody has claimed gets back what its record said before."""
    touched = {entries[row.entry_id].enterprise_id: row for row in rows if row.before.get("enterprise")}
    acting = select(EnterpriseContact.enterprise_id).where(EnterpriseContact.until.is_(None))
    free = select(Enterprise).where(Enterprise.id.in_(touched), Enterprise.id.not_in(acting))
    for enterprise in db.session.scalars(free):
        before = stored_columns(touched[enterprise.id].before["enterprise"])
        set_enterprise(enterprise, before, actor=actor, now=now)
