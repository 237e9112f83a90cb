"""What must always hold of reviews; read by `flask check`, which trusts neither constraint nor trigger."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from competition.enums import BatchState
from competition.models import Entry, ReviewBatch, ReviewBatchItem, ReviewDecision, ReviewerInterest
from core.db import db

# The database refuses it as well; both databases read this condition.
TRIGGERS = {
    "interested_review": """EXISTS (
  SELECT 1 FROM entry e JOIN reviewer_interest i ON i.enterprise_id = e.enterprise_id
  WHERE e.id = NEW.entry_id AND i.user_id = NEW.reviewer_id AND i.ended_at IS NULL)"""
}


def reviews_are_disinterested() -> Iterator[tuple[str, str]]:
    """Nobody decided about an enterprise while his interest in it stood."""
    stood = and_(
        ReviewerInterest.enterprise_id == Entry.enterprise_id,
        ReviewerInterest.user_id == ReviewDecision.reviewer_id,
        ReviewerInterest.declared_at <= ReviewDecision.decided_at,
        or_(ReviewerInterest.ended_at.is_(None), ReviewerInterest.ended_at > ReviewDecision.decided_at),
    )
    stmt = select(ReviewDecision.id).join(Entry, Entry.id == ReviewDecision.entry_id)
    for decision_id in db.session.scalars(stmt.join(ReviewerInterest, stood)):
        yield f"review_decision {decision_id}", "作出决定的人当时与该企业有利害关系"


def batches_agree_with_decisions() -> Iterator[tuple[str, str]]:
    """A batch has all its entries, each with a decision of its own on that entry or the sentence why not."""
    counted = select(ReviewBatchItem.batch_id, func.count().label("count")).group_by(ReviewBatchItem.batch_id)
    items = counted.subquery()
    stmt = select(ReviewBatch.id, ReviewBatch.total, items.c.count).outerjoin(
        items, items.c.batch_id == ReviewBatch.id
    )
    for batch_id, total, count in db.session.execute(stmt):
        if total != (count or 0):
            yield f"review_batch {batch_id}", f"应有 {total} 件，现有 {count or 0} 件"
    done = (BatchState.DONE, BatchState.TAKING_BACK, BatchState.TAKEN_BACK)
    odd = (
        select(ReviewBatchItem.id)
        .join(ReviewBatch, ReviewBatch.id == ReviewBatchItem.batch_id)
        .outerjoin(ReviewDecision, ReviewDecision.id == ReviewBatchItem.decision_id)
        .where(ReviewBatch.state.in_(done))
        .where(
            or_(
                and_(ReviewBatchItem.decision_id.is_(None), ReviewBatchItem.refusal == ""),
                ReviewDecision.entry_id != ReviewBatchItem.entry_id,
                ReviewDecision.reviewer_id != ReviewBatch.created_by_id,
            )
        )
    )
    for item_id in db.session.scalars(odd):
        yield f"review_batch_item {item_id}", "与审核决定不符"
