"""Reads of the review: who waits for whom and since when, canned reasons, interests, work in bulk."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from competition.enums import EntryState, Outcome, ReviewDecisionKind
from competition.models import (
    CannedReason,
    EligibilityFinding,
    Enterprise,
    Entry,
    EntryVersion,
    ReviewBatch,
    ReviewBatchItem,
    ReviewDecision,
    ReviewerInterest,
)
from competition.queries.entries import visible_to
from competition.rules import REVIEWERS, WITHOUT_REGIONAL_OFFICE
from core.db import db
from core.enums import Role
from core.errors import NotVisible
from core.models import User
from core.rules import Actor


def review_queue(actor: Actor) -> Select[tuple[Entry]]:
    """What waits for this person: submitted entries of his prefectures; for the office the ones passed there too.

    Enterprises he has an interest in do not wait for him; where a regional reviewer stood aside, the office stands in.
    """
    stmt = visible_to(actor)
    open_ = select(ReviewerInterest.enterprise_id).where(ReviewerInterest.ended_at.is_(None))
    free = Entry.enterprise_id.not_in(open_.where(ReviewerInterest.user_id == actor.id))
    if actor.role == Role.REGIONAL:
        return stmt.where(Entry.state == EntryState.SUBMITTED, free)
    if actor.role == Role.OFFICE:
        stood_aside = open_.join(ReviewerInterest.user).where(User.role == Role.REGIONAL)
        own = or_(
            *(Entry.prefecture_code.startswith(prefix) for prefix in WITHOUT_REGIONAL_OFFICE),
            Entry.enterprise_id.in_(stood_aside),
        )
        waiting = or_(
            Entry.state == EntryState.REGIONAL_PASSED, and_(Entry.state == EntryState.SUBMITTED, own)
        )
        return stmt.where(waiting, free)
    return stmt.where(false())


def waiting_since() -> ColumnElement[datetime]:
    """When the entry came to the level where it waits: by its submission, or by the regional pass."""
    passed = select(func.max(ReviewDecision.decided_at)).where(
        ReviewDecision.entry_id == Entry.id, ReviewDecision.decision == ReviewDecisionKind.PASS
    )
    return case(
        (Entry.state == EntryState.REGIONAL_PASSED, passed.scalar_subquery()), else_=Entry.submitted_at
    )


def found(outcome: Outcome) -> ColumnElement[bool]:
    """Whether a rule gave the version submitted last this outcome and nobody has decided against it."""
    last = select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == Entry.id)
    return exists().where(
        EligibilityFinding.entry_id == Entry.id,
        EligibilityFinding.version_number == last.scalar_subquery(),
        EligibilityFinding.outcome == outcome,
        EligibilityFinding.overridden_by_id.is_(None),
    )


def came_again() -> ColumnElement[bool]:
    return exists().where(EntryVersion.entry_id == Entry.id, EntryVersion.number > 1)


@dataclass(frozen=True)
class Neighbours:
    """Numbers of the entries before and after this one in the queue, and how many wait in all."""

    previous: str | None
    following: str | None
    waiting: int


def neighbours_in_queue(entry: Entry, queue: Select[tuple[Entry]]) -> Neighbours:
    """By time of submission within the same edition; one statement, whatever the length of the queue."""
    columns = (Entry.id, Entry.number, Entry.submitted_at)
    waiting = queue.where(Entry.edition_id == entry.edition_id).with_only_columns(*columns).subquery()
    here = (entry.submitted_at, entry.id)
    same = waiting.c.submitted_at == here[0]
    later = or_(waiting.c.submitted_at > here[0], and_(same, waiting.c.id > here[1]))
    earlier = or_(waiting.c.submitted_at < here[0], and_(same, waiting.c.id < here[1]))
    newest = (waiting.c.submitted_at.desc(), waiting.c.id.desc())
    before = select(waiting.c.number).where(earlier).order_by(*newest).limit(1)
    after = select(waiting.c.number).where(later).order_by(waiting.c.submitted_at, waiting.c.id).limit(1)
    count = select(func.count(waiting.c.id))
    row = db.session.execute(
        select(before.scalar_subquery(), after.scalar_subquery(), count.scalar_subquery())
    ).one()
    return Neighbours(*row)


def waiting_count(actor: Actor) -> int:
    """How many entries wait for this person's review."""
    return db.session.scalar(select(func.count()).select_from(review_queue(actor).subquery())) or 0


def since_of(entry: Entry) -> datetime:
    return db.session.scalar(select(waiting_since()).where(Entry.id == entry.id))


def canned_reasons(*, retired: bool = False) -> list[CannedReason]:
    stmt = select(CannedReason).order_by(CannedReason.kind, CannedReason.id)
    return list(db.session.scalars(stmt if retired else stmt.where(CannedReason.retired_at.is_(None))))


def canned_reason(reason_id: int) -> CannedReason:
    found = db.session.get(CannedReason, reason_id)
    if found is None:
        raise NotVisible()
    return found


def interests() -> Select[tuple[ReviewerInterest]]:
    return (
        select(ReviewerInterest)
        .join(ReviewerInterest.enterprise)
        .join(ReviewerInterest.user)
        .options(contains_eager(ReviewerInterest.enterprise), contains_eager(ReviewerInterest.user))
    )


def interest(interest_id: int) -> ReviewerInterest:
    found = db.session.get(ReviewerInterest, interest_id)
    if found is None:
        raise NotVisible()
    return found


def reviewers() -> list[User]:
    stmt = select(User).where(User.role.in_(REVIEWERS), User.disabled_at.is_(None))
    return list(db.session.scalars(stmt.order_by(User.role, User.display_name)))


def enterprise_by_code(credit_code: str) -> Enterprise | None:
    return db.session.scalar(select(Enterprise).where(Enterprise.credit_code == credit_code))


def batches_of(actor: Actor) -> Select[tuple[ReviewBatch]]:
    """One's own; supervision sees everybody's."""
    stmt = select(ReviewBatch).join(ReviewBatch.created_by).options(contains_eager(ReviewBatch.created_by))
    if actor.role == Role.SUPERVISION:
        return stmt
    return (
        stmt.where(ReviewBatch.created_by_id == actor.id) if actor.role in REVIEWERS else stmt.where(false())
    )


def batch_by_id(batch_id: int, actor: Actor) -> ReviewBatch:
    found = db.session.scalar(batches_of(actor).where(ReviewBatch.id == batch_id))
    if found is None:
        raise NotVisible()
    return found


def items_of(batch: ReviewBatch) -> Select[tuple[ReviewBatchItem]]:
    return (
        select(ReviewBatchItem)
        .join(ReviewBatchItem.entry)
        .join(Entry.enterprise)
        .where(ReviewBatchItem.batch_id == batch.id)
        .options(contains_eager(ReviewBatchItem.entry).contains_eager(Entry.enterprise))
    )


@dataclass(frozen=True)
class Tally:
    """Entries of a batch: all, without a refusal (to be done), done, and of those taken back or refused to be."""

    total: int
    fit: int
    done: int
    back: int
    back_refused: int


def tally_of(batch: ReviewBatch) -> Tally:
    item = ReviewBatchItem
    stmt = select(
        func.count(item.id),
        func.count(case((item.refusal == "", 1))),
        func.count(item.decision_id),
        func.count(item.back_decision_id),
        func.count(case((item.back_refusal != "", 1))),
    ).where(item.batch_id == batch.id)
    return Tally(*db.session.execute(stmt).one())


def open_findings(entry_ids: list[int]) -> dict[int, set[Outcome]]:
    """entry id -> outcomes of its last version that nobody has decided against; one statement."""
    versions = (
        select(EntryVersion.entry_id, func.max(EntryVersion.number).label("number"))
        .group_by(EntryVersion.entry_id)
        .subquery()
    )
    stmt = (
        select(EligibilityFinding.entry_id, EligibilityFinding.outcome)
        .join(
            versions,
            and_(
                versions.c.entry_id == EligibilityFinding.entry_id,
                versions.c.number == EligibilityFinding.version_number,
            ),
        )
        .where(
            EligibilityFinding.overridden_by_id.is_(None),
            EligibilityFinding.outcome != Outcome.PASS,
            EligibilityFinding.entry_id.in_(entry_ids),
        )
    )
    outcomes: dict[int, set[Outcome]] = {}
    for entry_id, outcome in db.session.execute(stmt):
        outcomes.setdefault(entry_id, set()).add(outcome)
    return outcomes


def names_of(user_ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(select(User.id, User.display_name).where(User.id.in_(user_ids)))
    return {row.id: row.display_name for row in rows}


def with_interests() -> list:
    """What a person's right to review is read from, loaded with the entries."""
    return [joinedload(Entry.enterprise).selectinload(Enterprise.interests).joinedload(ReviewerInterest.user)]
