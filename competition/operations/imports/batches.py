"""What a person decides about a batch: hand it in, match its columns, have it checked, written, stopped, undone."""

from collections.abc import Mapping
from datetime import datetime

from competition.enums import EditionState, ImportState, UndoOutcome
from competition.import_states import IMPORT
from competition.importing import targets
from competition.importing.table import Head, read_head
from competition.models import Edition, ImportBatch
from competition.queries import imports as queries
from competition.rules import may_import
from core import audit, files, jobs
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import StoredFile
from core.rules import Actor, verdict

CHECK_JOB, WRITE_JOB, UNDO_JOB = "import_check", "import_write", "import_undo"
LONGEST_SOURCE = 60


def make_batch(
    edition: Edition,
    stored: StoredFile,
    *,
    source: str,
    actor: Actor,
    now: datetime,
    mapping: Mapping | None = None,
) -> ImportBatch:
    """A file with its columns matched as far as its heads, or an earlier file of the same source, tell."""
    may_import(actor).or_raise()
    source = " ".join(source.split())
    if not source or len(source) > LONGEST_SOURCE:
        raise InvalidInput(
            f"来源应为 1 至 {LONGEST_SOURCE} 字，例如“全国平台导出”。", code="source", field="source"
        )
    remembered = queries.remembered_mapping(source)
    wanted = [text for pair in (mapping or remembered).items() for text in pair if isinstance(text, str)]
    head = read_head(files.read(stored), stored.name, wanted)
    batch = ImportBatch(
        edition=edition,
        source=source,
        file=stored,
        head_line=head.line,
        heads=head.heads,
        mapping=targets.read_mapping(mapping, head.heads)
        if mapping is not None
        else targets.propose(head.heads, remembered),
        created_by_id=actor.id,
        created_at=now,
    )
    db.session.add(batch)
    flush()
    after = {"edition": edition.code, "source": source, "sha256": stored.sha256, "state": ImportState.MAPPING}
    audit.record("import_batch.make", batch, actor=actor, now=now, after=after)
    return batch


def head_of(batch: ImportBatch) -> Head:
    return Head(batch.head_line, list(batch.heads), [])


def check_batch(
    batch: ImportBatch, *, mapping: Mapping[str, str], actor: Actor, now: datetime, send: bool = True
) -> ImportBatch:
    """Keep the columns as matched and have the file checked; an earlier report of the batch is replaced.

    Who does the work himself (the command line) sends no job for it.
    """
    targets.places_of(batch.heads, mapping)
    IMPORT.fire(batch, "check", actor=actor, now=now, set={"mapping": dict(mapping), "checked_at": None})
    if send:
        _send(batch, CHECK_JOB, actor=actor, now=now)
    return batch


def import_batch(batch: ImportBatch, *, actor: Actor, now: datetime, send: bool = True) -> ImportBatch:
    """Have the rows written that the report lets through; a stopped batch goes on where it stopped."""
    if queries.undo_counts(batch)[UndoOutcome.UNDONE]:
        raise Conflict("本批已开始撤销，不能继续导入；请继续撤销，或重新上传文件。", code="undo_begun")
    if batch.edition.state != EditionState.OPEN:
        raise Conflict("只有报名中的届次可以导入。", code="edition_not_open")
    waiting = batch.new_count + batch.changed_count
    guards = [verdict(waiting > 0, "没有可以导入的行。")]
    IMPORT.fire(batch, "import", actor=actor, now=now, guards=guards)
    if send:
        _send(batch, WRITE_JOB, actor=actor, now=now)
    return batch


def undo_batch(
    batch: ImportBatch, *, reason: str, actor: Actor, now: datetime, send: bool = True
) -> ImportBatch:
    """Have taken back what the batch wrote and nobody has decided upon since. Nothing is deleted."""
    IMPORT.fire(batch, "undo", actor=actor, now=now, reason=reason)
    if send:
        _send(batch, UNDO_JOB, actor=actor, now=now)
    return batch


def stop_batch(batch: ImportBatch, *, actor: Actor, now: datetime) -> ImportBatch:
    """Cancel the work on a batch. What was committed stays; a job that died without a word is ended as well."""
    batch = queries.locked_batch(batch.id)
    IMPORT.fire(batch, "map" if batch.state == ImportState.CHECKING else "stop", actor=actor, now=now)
    if batch.job is not None:
        jobs.cancel(batch.job, now=now)
    return batch


def map_again(batch: ImportBatch, *, actor: Actor, now: datetime) -> ImportBatch:
    """Back to the columns; the report stays until the next one replaces it."""
    IMPORT.fire(batch, "map", actor=actor, now=now, set={"checked_at": None})
    return batch


def discard_batch(batch: ImportBatch, *, actor: Actor, now: datetime) -> ImportBatch:
    IMPORT.fire(batch, "discard", actor=actor, now=now)
    return batch


def _send(batch: ImportBatch, kind: str, *, actor: Actor, now: datetime) -> None:
    batch.job = jobs.enqueue(kind, {"batch_id": batch.id}, actor=actor, now=now)
    flush()
