"""Reads for imports: batches and their rows, and what the system knows of the enterprises in a file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import joinedload

from competition.enums import ImportOutcome, ImportState, LineageState, UndoOutcome
from competition.importing.matching import Known, KnownEntry
from competition.importing.places import Places
from competition.importing.rows import Reader
from competition.models import (
    Edition,
    Enterprise,
    EnterpriseContact,
    Entry,
    EntryVersion,
    ImportBatch,
    ImportRow,
    Lineage,
    PastAward,
)
from core import divisions
from core.db import db
from core.enums import DivisionLevel, Role
from core.errors import NotVisible
from core.rules import Actor

READERS = (Role.OFFICE, Role.SUPERVISION)
FROM_IMPORT = ("import", "undo")


def batches_visible_to(actor: Actor) -> Select[tuple[ImportBatch]]:
    stmt = select(ImportBatch).options(
        joinedload(ImportBatch.edition), joinedload(ImportBatch.file), joinedload(ImportBatch.created_by)
    )
    return stmt if actor.role in READERS else stmt.where(false())


def batch_by_id(batch_id: int, actor: Actor) -> ImportBatch:
    stmt = batches_visible_to(actor).where(ImportBatch.id == batch_id).options(joinedload(ImportBatch.job))
    batch = db.session.scalar(stmt)
    if batch is None:
        raise NotVisible()
    return batch


def locked_batch(batch_id: int) -> ImportBatch:
    """As the database has it now; every step of a batch's work takes this row first."""
    stmt = select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update(of=ImportBatch)
    return db.session.scalars(stmt.execution_options(populate_existing=True)).one()


def rows_of(batch: ImportBatch) -> Select[tuple[ImportRow, str | None]]:
    """(row, number of the entry it wrote)."""
    stmt = select(ImportRow, Entry.number).outerjoin(Entry, Entry.id == ImportRow.entry_id)
    return stmt.where(ImportRow.batch_id == batch.id)


def outcomes_of(batch: ImportBatch) -> dict[ImportOutcome, int]:
    stmt = select(ImportRow.outcome, func.count()).where(ImportRow.batch_id == batch.id)
    found = dict(db.session.execute(stmt.group_by(ImportRow.outcome)).all())
    return {outcome: found.get(outcome, 0) for outcome in ImportOutcome}


def written_count(batch: ImportBatch) -> int:
    """Rows that have become an entry or a new version of one."""
    stmt = select(func.count()).where(ImportRow.batch_id == batch.id, ImportRow.version_number.is_not(None))
    return db.session.scalar(stmt) or 0


def undo_counts(batch: ImportBatch) -> dict[UndoOutcome, int]:
    stmt = select(ImportRow.undo, func.count()).where(
        ImportRow.batch_id == batch.id, ImportRow.version_number.is_not(None)
    )
    found = dict(db.session.execute(stmt.group_by(ImportRow.undo)).all())
    return {outcome: found.get(outcome, 0) for outcome in UndoOutcome}


def noted_count(batch: ImportBatch) -> int:
    """Rows that come in with a remark."""
    stmt = select(func.count()).where(ImportRow.batch_id == batch.id, ImportRow.noted)
    return db.session.scalar(stmt) or 0


def sources() -> list[str]:
    """Every source that was ever named, the last first."""
    stmt = select(ImportBatch.source).group_by(ImportBatch.source).order_by(func.max(ImportBatch.id).desc())
    return list(db.session.scalars(stmt.limit(50)))


def remembered_mapping(source: str) -> dict[str, str]:
    """The columns as they were matched when a file of this source was last checked."""
    stmt = select(ImportBatch.mapping).where(
        ImportBatch.source == source, ImportBatch.state != ImportState.MAPPING
    )
    return db.session.scalar(stmt.order_by(ImportBatch.id.desc()).limit(1)) or {}


def reader_for(edition: Edition, today: date) -> Reader:
    """What cells are read against: the divisions of the edition's year, those its regions cover, its tracks."""
    levels = (
        *(DivisionLevel.PREFECTURE, DivisionLevel.COUNTY),
        *(DivisionLevel.DIRECT_CITY, DivisionLevel.XPCC_DIVISION),
    )
    rows = divisions.in_force(date(edition.year, 1, 1), *levels)
    covered = {part.division_code for region in edition.regions for part in region.prefectures}
    return Reader(
        places=Places((row.code, row.name, row.parent_code) for row in rows),
        covered=frozenset(row.code for row in rows if divisions.prefecture_of(row.code) in covered),
        tracks={track.name: track.code for track in edition.tracks},
        startup_from=edition.startup_from,
        today=today,
        limits=edition.text_limits,
    )


@dataclass(frozen=True)
class Found:
    """What is known of a credit code, with the keys of its rows."""

    known: Known
    enterprise_id: int
    entry_id: int | None = None
    version_number: int = 0


def known_for(edition: Edition, codes: Collection[str]) -> dict[str, Found]:
    """By credit code; three statements, whatever the number of codes."""
    acting = (
        select(EnterpriseContact.id)
        .where(EnterpriseContact.enterprise_id == Enterprise.id, EnterpriseContact.until.is_(None))
        .exists()
    )
    stmt = select(Enterprise.id, Enterprise.credit_code, Enterprise.name, acting.label("claimed"))
    enterprises = db.session.execute(stmt.where(Enterprise.credit_code.in_(list(codes)))).all()
    entries = _entries_of(edition, [row.id for row in enterprises])
    found = {}
    for row in enterprises:
        entry, entry_id, number = entries.get(row.id, (None, None, 0))
        found[row.credit_code] = Found(Known(row.name, row.claimed, entry), row.id, entry_id, number)
    return found


def _entries_of(edition: Edition, enterprise_ids: list[int]) -> dict[int, tuple[KnownEntry, int, int]]:
    if not enterprise_ids:
        return {}
    columns = (Entry.id, Entry.number, Entry.state, Entry.enterprise_id, Entry.ip_granted, Entry.reason_code)
    here = (Entry.edition_id == edition.id, Entry.enterprise_id.in_(enterprise_ids))
    entries = db.session.execute(select(*columns).where(*here)).all()
    versions = select(EntryVersion.entry_id, EntryVersion.number, EntryVersion.content)
    last = {
        row.entry_id: row
        for row in db.session.execute(
            versions.where(EntryVersion.entry_id.in_([row.id for row in entries])).order_by(
                EntryVersion.number
            )
        )
    }
    return {row.enterprise_id: (_known_entry(row, last.get(row.id)), *_keys(row, last)) for row in entries}


def _keys(row, last) -> tuple[int, int]:
    return row.id, last[row.id].number if row.id in last else 0


def _known_entry(row, version) -> KnownEntry:
    content = version.content if version else {}
    return KnownEntry(
        number=row.number,
        state=row.state,
        imported=content.get("source", {}).get("kind") in FROM_IMPORT,
        content=content.get("fields", {}),
        ip_count=content.get("ip_count", row.ip_granted),
        reason_code=row.reason_code,
    )


def awards_by_code(codes: Collection[str]) -> dict[str, list[PastAward]]:
    """The awards that count for each credit code: its own and those of its enterprise's confirmed predecessors."""
    successors = {code: {code} for code in codes}
    stmt = select(Lineage.credit_code, Enterprise.credit_code).join(Lineage.enterprise)
    confirmed = (Lineage.state == LineageState.CONFIRMED, Lineage.credit_code != "")
    for before, code in db.session.execute(stmt.where(Enterprise.credit_code.in_(codes), *confirmed)):
        successors.setdefault(before, set()).add(code)
    found: dict[str, list[PastAward]] = {}
    awards = select(PastAward).where(
        PastAward.credit_code.in_(list(successors)), PastAward.withdrawn_at.is_(None)
    )
    for award in db.session.scalars(awards.order_by(PastAward.year.desc(), PastAward.id)):
        for code in successors[award.credit_code]:
            found.setdefault(code, []).append(award)
    return found
