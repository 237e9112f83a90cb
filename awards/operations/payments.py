"""Payments: prepared, held, approved by different people, exported, confirmed; a bounced one is paid again."""

import hashlib
from datetime import datetime

from sqlalchemy import func, select

from awards import chains
from awards.enums import AwardKind, AwardState, BatchState, Channel, PaymentState
from awards.models import Award, DelegatedStep, Instalment, Payee, Payment, PaymentBatch, PaymentStep
from awards.operations.approvals import delegation_used, freeze_chain
from awards.operations.exclusions import refuse_excluded
from awards.rules import chain_of, may_prepare_payment, minutes_are_there, money_may_move, steps_of
from awards.states import AWARD, BATCH, IN_APPROVAL, PAYMENT
from core import audit, seals
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.numbering import next_number
from core.rules import SYSTEM, Actor
from fund import operations as ledger


def prepare_payment(
    instalment: Instalment,
    *,
    purpose: str,
    document_no: str,
    channel: Channel = Channel.AUTHORISED,
    actor: Actor,
    now: datetime,
) -> Payment:
    """A draft; nothing is held yet. One live payment per instalment."""
    may_prepare_payment(actor).or_raise()
    award = instalment.award
    if award.state != AwardState.CONFIRMED:
        raise Conflict("奖励尚未审定，不能申请支付。", code="award_not_confirmed")
    if award.kind == AwardKind.TREASURY:
        channel = Channel.REFUND
    elif channel == Channel.REFUND:
        raise InvalidInput("只有缴回国库的款项按缴回国库支付。", code="refund_channel", field="channel")
    if not document_no.strip():
        raise InvalidInput("请填写拨款文件文号。", code="document_needed", field="document_no")
    payment = Payment(
        number=next_number(f"payment:{award.fiscal_year}", f"ZF{award.fiscal_year}-", 4),
        instalment=instalment,
        line_id=award.line_id,
        payee=award.payee,
        fen=instalment.fen,
        purpose=purpose,
        document_no=document_no.strip(),
        channel=channel,
        preparer_id=actor.id,
        prepared_at=now,
    )
    db.session.add(payment)
    flush()
    audit.record(
        "payment.prepare", payment, actor=actor, now=now, after={"number": payment.number, "fen": payment.fen}
    )
    return payment


def content_hash(payment: Payment) -> str:
    """What every approver signs: amount, payee, account, purpose, document, attempt, and the chain it has to pass."""
    content = {
        "number": payment.number,
        "attempt": payment.attempt,
        "instalment": payment.instalment_id,
        "line": payment.line_id,
        "payee": payment.payee_id,
        "account": payment.account_snapshot,
        "fen": payment.fen,
        "purpose": payment.purpose,
        "document_no": payment.document_no,
        "channel": payment.channel,
    }
    chain = chain_of(payment)
    if chain is not None:
        content["chain"] = {"rule": chain.rule_id, "division": chain.division_id, "minutes": chain.minutes}
        if chain.steps != steps_by_division(chain.division_id):
            content["chain"]["steps"] = chain.steps
    return hashlib.sha256(seals.canonical(content)).hexdigest()


def steps_by_division(division_id: int | None) -> list[str]:
    """The steps that went without saying before they were kept: signatures of then hash to what they did."""
    return chains.in_order({*chains.DEFAULT, *(("division",) if division_id else ())})


def key_of(payment: Payment, act: str) -> str:
    return f"{payment.number}:{payment.attempt}:{act}"


def submit_payment(payment: Payment, *, actor: Actor, now: datetime) -> Payment:
    """Fixes the verified account on the payment and holds the money."""
    refuse_excluded([payment], now)
    account = payment.payee.account
    if account is None and payment.channel != Channel.INDEX_TRANSFER:
        raise Conflict("收款账户尚未核验，不能提交。", code="account_not_verified")
    snapshot = {} if account is None else _snapshot(account)
    PAYMENT.fire(
        payment,
        "submit",
        actor=actor,
        now=now,
        set={"account_id": account.id if account else None, "account_snapshot": snapshot},
        guards=[money_may_move(payment.instalment, now)],
    )
    _ledger(ledger.hold, payment, "hold", actor, now)
    freeze_chain(payment)
    _sign(payment, "preparer", "submit", actor, now)
    return payment


def _snapshot(account) -> dict:
    return {
        "account_name": account.account_name,
        "number": account.number,
        "bank": account.bank,
        "bank_code": account.bank_code,
        "version": account.version,
    }


def _ledger(entry, payment: Payment, act: str, actor: Actor, now: datetime) -> None:
    entry(
        payment.line,
        fen=payment.fen,
        payment_no=payment.number,
        attempt=payment.attempt,
        idem=key_of(payment, act),
        actor=actor,
        now=now,
    )


def _sign(
    payment: Payment, role: str, decision: str, actor: Actor, now: datetime, reason: str = ""
) -> PaymentStep:
    step = PaymentStep(
        payment=payment,
        seq=len(payment.steps) + 1,
        role=role,
        actor_id=actor.id,
        decision=decision,
        reason=reason,
        content_hash=content_hash(payment),
        at=now,
    )
    db.session.add(step)
    flush()
    return step


def review_payment(payment: Payment, *, actor: Actor, now: datetime) -> Payment:
    return _approve(payment, "review", "reviewer", actor, now)


def approve_division(payment: Payment, *, actor: Actor, now: datetime) -> Payment:
    return _approve(payment, "approve_division", "division", actor, now)


def approve_finance(payment: Payment, *, actor: Actor, now: datetime) -> Payment:
    return _approve(payment, "approve_finance", "finance", actor, now)


def approve_leader(payment: Payment, *, actor: Actor, now: datetime) -> Payment:
    return _approve(payment, "approve_leader", "leader", actor, now)


def _approve(payment: Payment, act: str, role: str, actor: Actor, now: datetime) -> Payment:
    """The money must still be allowed to move, and the content must be what the preparer signed."""
    signed = [step for step in payment.steps if not step.voided]
    if signed and signed[0].content_hash != content_hash(payment):
        raise Conflict("支付内容在提交后有变化，须退回重新提交。", code="content_changed")
    account = payment.payee.account
    if payment.account_id and (account is None or account.id != payment.account_id):
        raise Conflict("收款账户在提交后已变更，须退回重新提交。", code="account_changed")
    guards = [money_may_move(payment.instalment, now)]
    last = role == steps_of(payment)[-1]
    if last:
        guards.append(minutes_are_there(payment))
    delegation = delegation_used(payment, role, actor, now)
    PAYMENT.fire(payment, act, actor=actor, now=now, guards=guards)
    step = _sign(payment, role, "approve", actor, now)
    if delegation is not None:
        db.session.add(DelegatedStep(step=step, delegation=delegation))
        flush()
    if last and payment.state != PaymentState.APPROVED:
        PAYMENT.fire(payment, "complete", actor=SYSTEM, now=now)
    return payment


def reject_payment(payment: Payment, *, reason: str, actor: Actor, now: datetime) -> Payment:
    """Back to the preparer: earlier signatures are void, the hold is released, the next submission is a new attempt."""
    batch = payment.batch
    PAYMENT.fire(payment, "reject", actor=actor, now=now, reason=reason)
    if batch is not None:
        dissolve(batch, reason=reason, actor=SYSTEM, now=now)
    _ledger(ledger.release, payment, "release", actor, now)
    _void(payment, actor, now, reason)
    return payment


def dissolve(batch: PaymentBatch, *, reason: str, actor: Actor, now: datetime) -> None:
    """A batch that was not exported is void; its approved payments are free for another."""
    BATCH.fire(batch, "void", actor=actor, now=now, reason=reason)
    for payment in list(batch.payments):
        payment.batch = None
    flush()


def lapse_payments(payee: Payee, *, actor: Actor, now: datetime) -> list[Payment]:
    """The payee's account was changed: what was approved for the old one needs every signature anew."""
    under_way = select(Payment).where(Payment.payee_id == payee.id, Payment.state.in_(IN_APPROVAL))
    lapsed = list(db.session.scalars(under_way.order_by(Payment.id)))
    for payment in lapsed:
        reason, batch = f"{payee.name}的收款账户已变更", payment.batch
        PAYMENT.fire(payment, "lapse", actor=actor, now=now, reason=reason)
        if batch is not None:
            dissolve(batch, reason=reason, actor=SYSTEM, now=now)
        _ledger(ledger.release, payment, "release", actor, now)
        _void(payment, actor, now, reason)
    return lapsed


def recall_payment(payment: Payment, *, reason: str, actor: Actor, now: datetime) -> Payment:
    """Back to the preparer from an exported batch that was voided: what was approved was exported once."""
    PAYMENT.fire(payment, "recall", actor=actor, now=now, reason=reason, set={"batch_id": None})
    _ledger(ledger.release, payment, "release", actor, now)
    _void(payment, actor, now, reason)
    return payment


def _void(payment: Payment, actor: Actor, now: datetime, reason: str) -> None:
    for step in payment.steps:
        step.voided = True
    _sign(payment, "rejecter", "reject", actor, now, reason)
    payment.steps[-1].voided = True
    payment.attempt += 1
    flush()


def cancel_payment(payment: Payment, *, reason: str, actor: Actor, now: datetime) -> Payment:
    held, batch = payment.state != PaymentState.DRAFT, payment.batch
    PAYMENT.fire(payment, "cancel", actor=actor, now=now, reason=reason)
    if batch is not None and batch.state == BatchState.DRAFT:
        dissolve(batch, reason=reason, actor=SYSTEM, now=now)
    if held:
        _ledger(ledger.release, payment, "release", actor, now)
    return payment


def confirm_paid(payment: Payment, *, bank_reference: str, actor: Actor, now: datetime) -> Payment:
    """The bank's receipt: the hold becomes a payment; the award is settled with its last instalment."""
    if not bank_reference.strip():
        raise InvalidInput("请填写银行回单号。", field="bank_reference")
    PAYMENT.fire(
        payment,
        "confirm",
        actor=actor,
        now=now,
        set={"bank_reference": bank_reference.strip(), "paid_at": now},
        guards=[money_may_move(payment.instalment, now)],
    )
    if payment.channel == Channel.REFUND:
        _ledger(ledger.return_held, payment, "return", actor, now)
    else:
        _ledger(ledger.pay, payment, "pay", actor, now)
    _settle(payment.instalment.award, now)
    return payment


def _settle(award: Award, now: datetime) -> None:
    paid = db.session.scalar(
        select(func.coalesce(func.sum(Payment.fen), 0))
        .join(Instalment)
        .where(Instalment.award_id == award.id, Payment.state == PaymentState.PAID)
    )
    before = sum(instalment.paid_before_fen for instalment in award.instalments)
    if award.state == AwardState.CONFIRMED and paid + before == award.amount_fen:
        AWARD.fire(award, "settle", actor=SYSTEM, now=now)


def bounce_payment(payment: Payment, *, reason: str, actor: Actor, now: datetime) -> Payment:
    """退票: before a receipt the hold simply stays; after it the money comes back into the hold."""
    was_paid = payment.state == PaymentState.PAID
    PAYMENT.fire(payment, "bounce", actor=actor, now=now, reason=reason, set={"paid_at": None})
    if was_paid:
        _ledger(ledger.bounce, payment, "bounce", actor, now)
    return payment


def repay(payment: Payment, *, actor: Actor, now: datetime) -> Payment:
    """A new attempt after a bounce: the old hold is released, approvals start again with the corrected account."""
    PAYMENT.fire(payment, "repay", actor=actor, now=now, set={"batch_id": None, "bank_reference": ""})
    _ledger(ledger.release, payment, "release", actor, now)
    for step in payment.steps:
        step.voided = True
    payment.attempt += 1
    flush()
    return payment
