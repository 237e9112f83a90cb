"""Projects ended before their time: nothing more is paid, what was paid is demanded back, refunds return to the line."""

from datetime import date, datetime

from sqlalchemy import func, select

from awards.enums import AwardState, ClawbackState, PaymentState
from awards.models import Award, Clawback, Instalment, Payment, Refund
from awards.operations.payments import cancel_payment
from awards.rules import may_receive_refunds, may_run_awards
from awards.states import AWARD, CLAWBACK
from core import audit
from core.clock import beijing_day
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.money import yuan
from core.numbering import next_number
from core.rules import SYSTEM, Actor
from fund import operations as ledger

ENDED = (AwardState.TERMINATED, AwardState.CANCELLED)


def payments_in(award: Award, *states: PaymentState) -> list[Payment]:
    stmt = select(Payment).join(Instalment).where(Instalment.award_id == award.id, Payment.state.in_(states))
    return list(db.session.scalars(stmt.order_by(Payment.id)))


def stop_payments(award: Award, *, reason: str, now: datetime) -> list[Payment]:
    """Cancels what is under way and releases its holds. What the bank already has must be answered first."""
    sent = payments_in(award, PaymentState.EXPORTED)
    if sent:
        raise Conflict(f"{sent[0].number} 已送银行，请先登记回单或退票。", code="payment_at_bank")
    under_way = set(PaymentState) - {PaymentState.PAID, PaymentState.CANCELLED}
    stopped = payments_in(award, *under_way)
    for payment in stopped:
        cancel_payment(payment, reason=reason, actor=SYSTEM, now=now)
    return stopped


def terminate_award(award: Award, *, reason: str, actor: Actor, now: datetime) -> Award:
    """The project failed or was given up: its place is not given to another, the money left stays on the line."""
    may_run_awards(actor).or_raise()
    if not reason.strip():
        raise InvalidInput("请填写理由。", code="reason_needed", field="reason")
    stop_payments(award, reason=f"项目终止：{reason}"[:500], now=now)
    AWARD.fire(award, "terminate", actor=actor, now=now, reason=reason)
    return award


def paid_fen(award: Award) -> int:
    """What this ledger paid for the award; parts of earlier years are in the ledgers of their time."""
    stmt = select(func.coalesce(func.sum(Payment.fen), 0)).join(Instalment)
    paid = stmt.where(Instalment.award_id == award.id, Payment.state == PaymentState.PAID)
    return int(db.session.scalar(paid))


def demand_refund(
    award: Award, *, fen: int, due_on: date, document_no: str, reason: str, actor: Actor, now: datetime
) -> Clawback:
    may_run_awards(actor).or_raise()
    if award.state not in ENDED:
        raise Conflict("奖励取消或项目终止后才能追回。", code="award_not_ended")
    paid = paid_fen(award)
    if not 0 < fen <= paid:
        raise InvalidInput(
            f"追回金额应大于零，不超过已付的 {yuan(paid)} 元。", code="clawback_fen", field="amount"
        )
    if due_on <= beijing_day(now):
        raise InvalidInput("退回期限应在今天之后。", code="clawback_due", field="due_on")
    clawback = Clawback(
        number=next_number(f"clawback:{now.year}", f"ZH{now.year}-", 3),
        award=award,
        fen=fen,
        due_on=due_on,
        document_no=document_no,
        reason=reason,
        demanded_by_id=actor.id,
        demanded_at=now,
    )
    db.session.add(clawback)
    flush()
    after = {"number": clawback.number, "award": award.number, "fen": fen, "due_on": due_on}
    audit.record("clawback.demand", clawback, actor=actor, now=now, after=after, reason=reason)
    return clawback


def record_refund(
    clawback: Clawback,
    *,
    fen: int,
    received_on: date,
    bank_reference: str,
    document_no: str,
    actor: Actor,
    now: datetime,
) -> Refund:
    """Money that arrived, back on the line it was paid from; with the last of it the demand is settled."""
    may_receive_refunds(actor).or_raise()
    if clawback.state != ClawbackState.DEMANDED:
        raise Conflict("该追回已结清或撤销。", code="clawback_closed")
    left = clawback.fen - clawback.received_fen
    if not 0 < fen <= left:
        raise InvalidInput(
            f"退回金额应大于零，不超过未退的 {yuan(left)} 元。", code="refund_fen", field="amount"
        )
    if not beijing_day(clawback.demanded_at) <= received_on <= beijing_day(now):
        raise InvalidInput("到账日期应在追回之后、今天之前。", code="refund_day", field="received_on")
    transfer = ledger.refund(
        clawback.award.line,
        fen=fen,
        document_no=document_no,
        idem=f"{clawback.number}:{len(clawback.refunds) + 1}",
        memo=f"{clawback.number} 追回 {clawback.award.number} 已付资金",
        actor=actor,
        now=now,
    )
    refund = Refund(
        clawback=clawback,
        transfer_seq=transfer.seq,
        fen=fen,
        received_on=received_on,
        bank_reference=bank_reference,
        recorded_by_id=actor.id,
        recorded_at=now,
    )
    db.session.add(refund)
    flush()
    after = {"fen": fen, "transfer": transfer.seq, "bank_reference": bank_reference}
    audit.record("clawback.receive", clawback, actor=actor, now=now, after=after)
    if fen == left:
        CLAWBACK.fire(clawback, "settle", actor=actor, now=now)
    return refund


def withdraw_demand(clawback: Clawback, *, reason: str, actor: Actor, now: datetime) -> Clawback:
    if clawback.refunds:
        raise Conflict("已有退回到账，不能撤销追回。", code="refund_received")
    CLAWBACK.fire(clawback, "withdraw", actor=actor, now=now, reason=reason)
    return clawback
