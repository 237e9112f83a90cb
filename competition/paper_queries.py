"""The rows of the competition's papers, and what the records say they add up to."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from competition import queries
from competition.enums import CandidacyState, EntryState
from competition.models import (
    Candidacy,
    Edition,
    Enterprise,
    Entry,
    Recommendation,
    RecommendationList,
    ReviewDecision,
    Stage,
)
from core.db import db
from core.rules import Actor


@dataclass(frozen=True)
class Stated:
    """Counted by the database on its own, apart from the rows that are printed."""

    rows: int
    revenue_fen: int
    ip_granted: int


def registrations(edition: Edition, actor: Actor) -> tuple[list[Entry], Stated]:
    stmt = queries.visible_to(actor).where(Entry.edition_id == edition.id)
    seen = stmt.subquery()
    sums = select(
        func.count(),
        func.coalesce(func.sum(seen.c.revenue_fen), 0),
        func.coalesce(func.sum(seen.c.ip_granted), 0),
    ).select_from(seen)
    rows = db.session.scalars(
        stmt.options(joinedload(Entry.enterprise), joinedload(Entry.track)).order_by(
            Entry.prefecture_code, Entry.number
        )
    )
    return list(rows), Stated(*map(int, db.session.execute(sums).one()))


def rejections(edition: Edition, actor: Actor) -> list[tuple[Entry, str]]:
    """Rejected entries, each with the reason of its last decision."""
    rows = db.session.scalars(
        queries.visible_to(actor)
        .where(Entry.edition_id == edition.id, Entry.state == EntryState.REJECTED)
        .options(joinedload(Entry.enterprise), joinedload(Entry.track))
        .order_by(Entry.prefecture_code, Entry.number)
    ).all()
    decisions = db.session.scalars(
        select(ReviewDecision)
        .where(ReviewDecision.entry_id.in_([row.id for row in rows]))
        .order_by(ReviewDecision.id)
    )
    reasons = {decision.entry_id: decision.reason for decision in decisions}
    return [(row, reasons.get(row.id) or "—") for row in rows]


def advanced(stage: Stage) -> tuple[list[Candidacy], int]:
    """Who advanced, in order of group, track and rank, and how many the database counts."""
    where = (Candidacy.stage_id == stage.id, Candidacy.state == CandidacyState.ADVANCED)
    rows = db.session.scalars(
        select(Candidacy)
        .join(Candidacy.entry)
        .join(Entry.enterprise)
        .where(*where)
        .options(
            joinedload(Candidacy.entry).joinedload(Entry.enterprise),
            joinedload(Candidacy.entry).joinedload(Entry.track),
        )
        .order_by(Candidacy.rank, Enterprise.name)
    )
    return list(rows), db.session.scalar(select(func.count()).select_from(Candidacy).where(*where))


def recommended(found: RecommendationList) -> list[Recommendation]:
    entry = selectinload(Recommendation.entry)
    stmt = (
        select(Recommendation)
        .where(Recommendation.list_id == found.id)
        .options(
            entry.joinedload(Entry.enterprise), entry.joinedload(Entry.track), entry.joinedload(Entry.region)
        )
        .order_by(Recommendation.position)
    )
    return list(db.session.scalars(stmt))
