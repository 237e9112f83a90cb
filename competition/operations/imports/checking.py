"""The check report: every row read and held against the system, before anything is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from competition.enums import ImportOutcome, ImportState
from competition.import_states import IMPORT
from competition.importing import targets
from competition.importing.matching import Match, match
from competition.importing.rows import CheckedRow, Problem
from competition.importing.table import Head, check_frame, read_frame
from competition.models import Edition, ImportBatch, ImportRow
from competition.operations.imports.batches import head_of
from competition.queries import imports as queries
from core import files, seals
from core.clock import beijing_day
from core.db import db, flush
from core.errors import InvalidInput
from core.rules import Actor

STEP = 1000
KEPT = ("rows_read", "new_count", "changed_count", "unchanged_count", "refused_count")


@dataclass(frozen=True)
class Report:
    """One row of the report: what was read, what it means for the edition."""

    row: CheckedRow
    cells: Sequence[str]
    match: Match
    entry_id: int | None = None

    @property
    def problems(self) -> list[Problem]:
        return [self.match.problem] if self.match.problem else list(self.row.problems)


def read_report(
    edition: Edition, content: bytes, name: str, head: Head, mapping: Mapping[str, str], *, now: datetime
) -> Iterator[tuple[int, list[Report]]]:
    """(rows in the file, reports of the next rows), some at a time. Writes nothing. Raises InvalidInput for the file."""
    places = targets.places_of(head.heads, mapping)
    frame = read_frame(content, name, head)
    reader = queries.reader_for(edition, beijing_day(now))
    checked = check_frame(frame, head.heads, places, reader)
    for part in _parts(checked):
        yield len(frame), _reports(edition, part)


def _parts(rows: Iterator) -> Iterator[list]:
    part: list = []
    for row in rows:
        part.append(row)
        if len(part) == STEP:
            yield part
            part = []
    if part:
        yield part


def _reports(edition: Edition, rows: list[tuple[CheckedRow, list[str]]]) -> list[Report]:
    found = queries.known_for(edition, [row.record.credit_code for row, _ in rows if row.record])
    reports = []
    for row, cells in rows:
        if row.record is None:
            reports.append(Report(row, cells, Match(ImportOutcome.REFUSED)))
            continue
        here = found.get(row.record.credit_code)
        reports.append(
            Report(
                row, cells, match(row.record, here.known if here else None), here.entry_id if here else None
            )
        )
    return reports


def check(batch_id: int, *, job_id: int | None, actor: Actor, now: datetime) -> Iterator[tuple[int, int]]:
    """Write the report of a batch that is being checked, yielding (rows done, rows in all) to be committed.

    A file that cannot be taken at all is refused with its sentence. Stops when the batch went on to another job.
    """
    batch = queries.locked_batch(batch_id)
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    file, content, edition = batch.file, files.read(batch.file), batch.edition
    counts = dict.fromkeys(KEPT, 0)
    yield 0, 0
    # The file is read between two transactions: nobody waits for it.
    try:
        for total, reports in read_report(
            edition, content, file.name, head_of(batch), batch.mapping, now=now
        ):
            batch = queries.locked_batch(batch_id)
            if batch.state != ImportState.CHECKING or batch.job_id != job_id:
                return
            seals.insert_rows(ImportRow, [_row(batch, report) for report in reports])
            counts["rows_read"] += len(reports)
            for report in reports:
                counts[f"{report.match.outcome.value}_count"] += 1
            yield counts["rows_read"], total
    except InvalidInput as refusal:
        batch = queries.locked_batch(batch_id)
        IMPORT.fire(batch, "refuse", actor=actor, now=now, set={"refusal": refusal.sentence[:300]})
        return
    batch = queries.locked_batch(batch_id)
    if batch.state == ImportState.CHECKING and batch.job_id == job_id:
        IMPORT.fire(batch, "report", actor=actor, now=now, set={**counts, "checked_at": now})
        flush()


def _row(batch: ImportBatch, report: Report) -> dict[str, Any]:
    """Refused rows keep their cells as they stand in the file, for the file of errors."""
    row, outcome = report.row, report.match.outcome
    refused = outcome == ImportOutcome.REFUSED
    return {
        "batch_id": batch.id,
        "line": row.line,
        "credit_code": row.credit_code[:40],
        "name": row.name[:120],
        "outcome": outcome,
        "record": {"cells": list(report.cells)} if refused else row.record.plain(),
        "problems": [asdict(problem) for problem in report.problems],
        "notes": [] if refused else [asdict(note) for note in row.notes],
        "noted": bool(row.notes) and not refused,
        "changes": [asdict(change) for change in report.match.changes],
        "before": {},
        "entry_id": report.entry_id if outcome == ImportOutcome.CHANGED else None,
        "version_number": None,
    }
