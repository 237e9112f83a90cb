"""How payments are approved: rules by amount, the chain of one attempt, minutes of the meeting, delegations."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select

from awards import chains
from awards.models import ApprovalRule, Delegation, Payment, PaymentChain
from awards.rules import (
    acted_on,
    chain_of,
    delegations_to,
    may_attach_minutes,
    may_delegate,
    may_keep_approvals,
    step_owner,
)
from core import audit
from core.clock import beijing_day
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import StoredFile, User
from core.rules import Actor

FAULTS = {
    "unknown": "审批环节有误。",
    "order": "审批环节须按复核、处室、财务、分管领导的次序，每个环节一次。",
    "too_few": "经办以外至少须有两个环节。",
    "inside": "经办以外的环节须有财务或分管领导。",
}


def set_rule(
    *,
    from_fen: int,
    steps: Iterable[str] = chains.DEFAULT,
    division: User | None,
    minutes: bool,
    actor: Actor,
    now: datetime,
) -> ApprovalRule:
    """From this amount on; the rule of the same amount is ended, none is changed. Payments under way keep theirs.

    Whoever names a head of division has the division's step.
    """
    may_keep_approvals(actor).or_raise()
    if division is not None and division.role != Role.OFFICE:
        raise InvalidInput("处室负责人须是组委会办公室人员。", field="division")
    kept = chains.in_order({*steps, "division"} if division else set(steps) - {"division"})
    fault = chains.fault(kept)
    if fault:
        raise InvalidInput(FAULTS[fault], field="steps")
    old = db.session.scalar(
        select(ApprovalRule).where(ApprovalRule.from_fen == from_fen, ApprovalRule.ended_at.is_(None))
    )
    if old is not None:
        end_rule(old, actor=actor, now=now)
    rule = ApprovalRule(
        from_fen=from_fen, steps=kept, division=division, minutes=minutes, made_by_id=actor.id, made_at=now
    )
    db.session.add(rule)
    flush()
    after = {"from_fen": from_fen, "steps": kept, "division": rule.division_id, "minutes": minutes}
    audit.record("approval_rule.set", rule, actor=actor, now=now, after=after)
    return rule


def end_rule(rule: ApprovalRule, *, actor: Actor, now: datetime) -> ApprovalRule:
    may_keep_approvals(actor).or_raise()
    if rule.ended_at is not None:
        raise Conflict("该规则已停用。", code="rule_ended")
    rule.ended_at = now
    flush()
    audit.record("approval_rule.end", rule, actor=actor, now=now)
    return rule


def rule_for(fen: int) -> ApprovalRule | None:
    """The rule in force with the greatest amount that this one reaches."""
    stmt = select(ApprovalRule).where(ApprovalRule.from_fen <= fen, ApprovalRule.ended_at.is_(None))
    return db.session.scalar(stmt.order_by(ApprovalRule.from_fen.desc()).limit(1))


def freeze_chain(payment: Payment) -> PaymentChain | None:
    rule = rule_for(payment.fen)
    if rule is None:
        return None
    if rule.division_id == payment.preparer_id:
        raise Conflict("经办人是该笔支付的处室负责人，请由另一人经办。", code="preparer_in_chain")
    chain = PaymentChain(
        payment=payment,
        attempt=payment.attempt,
        rule_id=rule.id,
        steps=rule.steps,
        approvals=len(rule.steps),
        division_id=rule.division_id,
        minutes=rule.minutes,
    )
    db.session.add(chain)
    flush()
    return chain


def attach_minutes(
    payment: Payment, *, file: StoredFile, number: str, actor: Actor, now: datetime
) -> PaymentChain:
    """The minutes of the meeting that agreed to the amount; before the last approval."""
    may_attach_minutes(actor, payment).or_raise()
    if not number.strip():
        raise InvalidInput("请填写会议纪要文号。", field="minutes_no")
    chain = chain_of(payment)
    chain.minutes_file_id, chain.minutes_no = file.id, number.strip()
    flush()
    after = {"minutes_no": chain.minutes_no, "sha256": file.sha256}
    audit.record("payment.minutes", payment, actor=actor, now=now, after=after)
    return chain


def delegate(
    *, to: User, first_day: date, last_day: date, reason: str, actor: Actor, now: datetime
) -> Delegation:
    """The actor lets another staff member sign for him, from day to day."""
    may_delegate(actor).or_raise()
    may_delegate(to).or_raise()
    if to.id == actor.id:
        raise InvalidInput("不能委托给自己。", field="to")
    if not beijing_day(now) <= last_day >= first_day:
        raise InvalidInput("委托期间有误：止日不能早于起日，也不能早于今天。", field="last_day")
    if not reason.strip():
        raise InvalidInput("请写明委托事由。", field="reason")
    made = Delegation(
        principal_id=actor.id,
        delegate=to,
        first_day=first_day,
        last_day=last_day,
        reason=reason.strip(),
        made_at=now,
    )
    db.session.add(made)
    flush()
    after = {"to": to.id, "first_day": str(first_day), "last_day": str(last_day)}
    audit.record("delegation.give", made, actor=actor, now=now, after=after, reason=made.reason)
    return made


def end_delegation(found: Delegation, *, actor: Actor, now: datetime) -> Delegation:
    if found.principal_id != actor.id:
        raise NotAllowed("只有委托人可以收回委托。")
    if found.ended_at is not None:
        raise Conflict("该委托已收回。", code="delegation_ended")
    found.ended_at = now
    flush()
    audit.record("delegation.end", found, actor=actor, now=now)
    return found


def delegation_used(payment: Payment, step: str, actor: Actor, now: datetime) -> Delegation | None:
    """None for whom the step belongs to; else the delegation in force on this day. Without one there is no right."""
    owner, acted = step_owner(payment, step), acted_on(payment)
    if owner(actor):
        return None
    given = [found for found in delegations_to(actor, owner) if found.principal_id not in acted]
    usable = [found for found in given if found.in_force(beijing_day(now))]
    if given and not usable:
        raise NotAllowed("委托尚未开始或已经到期。")
    return usable[0] if usable else None
