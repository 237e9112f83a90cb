"""What must always hold of imports; read by `flask check`."""

from collections.abc import Iterator

from sqlalchemy import func, select

from competition.enums import ImportOutcome, ImportState
from competition.models import EntryVersion, ImportBatch, ImportRow
from core.db import db

REPORTED = (
    *(ImportState.CHECKED, ImportState.IMPORTING, ImportState.STOPPED, ImportState.IMPORTED),
    *(ImportState.UNDOING, ImportState.UNDONE, ImportState.DISCARDED),
)


def batches_count_their_rows() -> Iterator[tuple[str, str]]:
    """A checked batch has as many rows of each outcome as it says."""
    stmt = select(ImportRow.batch_id, ImportRow.outcome, func.count())
    held: dict[int, dict[ImportOutcome, int]] = {}
    for batch_id, outcome, count in db.session.execute(stmt.group_by(ImportRow.batch_id, ImportRow.outcome)):
        held.setdefault(batch_id, {})[outcome] = count
    checked = select(ImportBatch).where(ImportBatch.state.in_(REPORTED), ImportBatch.checked_at.is_not(None))
    for batch in db.session.scalars(checked):
        counts = held.get(batch.id, {})
        told = {outcome: getattr(batch, f"{outcome.value}_count") for outcome in ImportOutcome}
        if any(told[outcome] != counts.get(outcome, 0) for outcome in ImportOutcome):
            yield f"import_batch {batch.id}", "各类行数与检查报告不符"


def imported_versions_have_rows() -> Iterator[tuple[str, str]]:
    """A version that came in by an import names the row that wrote it, and the row names the version."""
    rows = select(ImportRow.entry_id, ImportRow.version_number, ImportRow.batch_id, ImportRow.line)
    written = {
        (entry_id, number): (batch_id, line)
        for entry_id, number, batch_id, line in db.session.execute(
            rows.where(ImportRow.version_number.is_not(None))
        )
    }
    versions = select(EntryVersion.id, EntryVersion.entry_id, EntryVersion.number, EntryVersion.content)
    for identity, entry_id, number, content in db.session.execute(versions):
        source = content.get("source", {})
        row = written.pop((entry_id, number), None)
        came = (source["batch"], source["line"]) if source.get("kind") == "import" else None
        if came != row:
            yield f"entry_version {identity}", "版本的来源与导入记录不符"
    for entry_id, number in sorted(written):
        yield f"entry {entry_id}", f"导入记录所写的第 {number} 版不存在"
