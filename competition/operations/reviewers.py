"""What stands around a review: interests of reviewers, and the sentences the office keeps for them."""

from collections.abc import Iterable
from datetime import datetime

from competition import fields
from competition.enums import ReviewDecisionKind
from competition.models import CannedReason, Enterprise, ReviewerInterest
from competition.rules import may_declare_interest, may_end_interest, may_run_editions
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import User
from core.rules import Actor

CANNED_KINDS = (ReviewDecisionKind.RETURN, ReviewDecisionKind.REJECT)


def declare_interest(
    enterprise: Enterprise, *, user: User, reason: str, actor: Actor, now: datetime
) -> ReviewerInterest:
    """From now on this reviewer decides nothing about the enterprise; earlier decisions stay and are seen beside it."""
    may_declare_interest(actor, user).or_raise()
    if not reason.strip():
        raise InvalidInput("请写明是什么利害关系。", code="reason_needed", field="reason")
    if any(one.user_id == user.id and one.ended_at is None for one in enterprise.interests):
        raise Conflict("该利害关系已经登记。", code="interest_exists")
    interest = ReviewerInterest(
        enterprise=enterprise, user=user, reason=reason.strip(), declared_by_id=actor.id, declared_at=now
    )
    db.session.add(interest)
    flush()
    after = {"user": user.username, "enterprise": enterprise.credit_code}
    audit.record(
        "reviewer_interest.declare", interest, actor=actor, now=now, after=after, reason=interest.reason
    )
    return interest


def end_interest(interest: ReviewerInterest, *, reason: str, actor: Actor, now: datetime) -> ReviewerInterest:
    may_end_interest(actor, interest).or_raise()
    if not reason.strip():
        raise InvalidInput("请填写解除的理由。", code="reason_needed", field="reason")
    if interest.ended_at is not None:
        raise Conflict("该回避已经解除。", code="interest_ended")
    interest.ended_at, interest.ended_by_id = now, actor.id
    flush()
    audit.record("reviewer_interest.end", interest, actor=actor, now=now, reason=reason.strip())
    return interest


def add_canned(
    *, kind: ReviewDecisionKind, text: str, flagged_fields: Iterable[str] = (), actor: Actor, now: datetime
) -> CannedReason:
    may_run_editions(actor).or_raise()
    flagged = list(dict.fromkeys(flagged_fields))
    if kind not in CANNED_KINDS or not all(fields.is_known(name) for name in flagged):
        raise InvalidInput("常用理由只用于退回或不通过，填报项须能识别。", code="canned_shape")
    if not text.strip():
        raise InvalidInput("请填写常用理由。", code="reason_needed", field="text")
    canned = CannedReason(
        kind=kind, text=text.strip(), flagged_fields=flagged, added_by_id=actor.id, added_at=now
    )
    db.session.add(canned)
    flush()
    audit.record("canned_reason.add", canned, actor=actor, now=now, after={"kind": kind, "fields": flagged})
    return canned


def retire_canned(canned: CannedReason, *, actor: Actor, now: datetime) -> CannedReason:
    may_run_editions(actor).or_raise()
    if canned.retired_at is None:
        canned.retired_at = now
        flush()
        audit.record("canned_reason.retire", canned, actor=actor, now=now)
    return canned
