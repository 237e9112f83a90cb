"""Reads of what goes to the bank and comes back: formats, results, what the answers left open."""

from sqlalchemy import Select, and_, false, or_, select
from sqlalchemy.orm import joinedload, lazyload, load_only, selectinload

from awards.enums import Outcome, PaymentState
from awards.models import (
    ApprovalRule,
    Award,
    BankFormat,
    BankResult,
    BankResultLine,
    Delegation,
    FeeList,
    FeePart,
    Instalment,
    Payment,
    PaymentBatch,
)
from awards.queries import READERS, one
from core.db import db
from core.enums import Role
from core.models import User
from core.rules import Actor

NEEDS_A_WORD = (Outcome.DOUBLED, Outcome.DIFFERS, Outcome.UNKNOWN)
WAITS_FOR_BANK = (Outcome.MISSING, Outcome.PENDING, Outcome.BLOCKED)


def open_lines() -> Select[tuple[BankResultLine]]:
    """What a bank's answers left open: wrong lines until somebody says why, silent ones until the payment is answered."""
    silent = and_(
        BankResultLine.outcome.in_(WAITS_FOR_BANK),
        Payment.state == PaymentState.EXPORTED,
        Payment.batch_id == BankResult.batch_id,
    )
    return (
        select(BankResultLine)
        .join(BankResult, BankResult.id == BankResultLine.result_id)
        .join(PaymentBatch, PaymentBatch.id == BankResult.batch_id)
        .outerjoin(Payment, Payment.id == BankResultLine.payment_id)
        .where(BankResultLine.resolved_at.is_(None), or_(BankResultLine.outcome.in_(NEEDS_A_WORD), silent))
        .options(
            joinedload(BankResultLine.result).joinedload(BankResult.batch),
            joinedload(BankResultLine.payment),
        )
    )


def readable(actor: Actor, stmt: Select) -> Select:
    return stmt if actor.role in READERS else stmt.where(false())


def open_lines_visible_to(actor: Actor) -> Select[tuple[BankResultLine]]:
    return readable(actor, open_lines())


def open_result_lines(batch: PaymentBatch) -> list[BankResultLine]:
    stmt = open_lines().where(BankResult.batch_id == batch.id).order_by(BankResultLine.id)
    return list(db.session.scalars(stmt))


def results_of(batch: PaymentBatch) -> list[BankResult]:
    stmt = select(BankResult).where(BankResult.batch_id == batch.id).order_by(BankResult.id.desc())
    return list(db.session.scalars(stmt.options(joinedload(BankResult.file))))


def answer_for(payment: Payment) -> BankResultLine | None:
    """The line of the bank's answer that this attempt was booked by."""
    stmt = select(BankResultLine).where(
        BankResultLine.payment_id == payment.id,
        BankResultLine.attempt == payment.attempt,
        BankResultLine.outcome.in_((Outcome.PAID, Outcome.FAILED)),
    )
    return db.session.scalar(stmt.order_by(BankResultLine.id.desc()).limit(1))


def result_by_id(result_id: int, actor: Actor) -> BankResult:
    stmt = readable(actor, select(BankResult)).where(BankResult.id == result_id)
    return one(stmt.options(joinedload(BankResult.batch), joinedload(BankResult.file)))


def result_line_by_id(line_id: int, actor: Actor) -> BankResultLine:
    return one(readable(actor, select(BankResultLine)).where(BankResultLine.id == line_id))


def formats_visible_to(actor: Actor) -> Select[tuple[BankFormat]]:
    return readable(actor, select(BankFormat))


def format_by_id(format_id: int, actor: Actor) -> BankFormat:
    return one(formats_visible_to(actor).where(BankFormat.id == format_id))


def bank_formats() -> list[BankFormat]:
    return list(db.session.scalars(select(BankFormat).order_by(BankFormat.name)))


SIGNERS = (Role.OFFICE, Role.FINANCE, Role.LEADER)


def approval_rules() -> list[ApprovalRule]:
    """Those in force first, by amount; then the ended ones, newest first."""
    stmt = select(ApprovalRule).options(joinedload(ApprovalRule.division), joinedload(ApprovalRule.made_by))
    found = list(db.session.scalars(stmt.order_by(ApprovalRule.from_fen, ApprovalRule.id.desc())))
    return [rule for rule in found if rule.ended_at is None] + [rule for rule in found if rule.ended_at]


def approval_rule_by_id(rule_id: int, actor: Actor) -> ApprovalRule:
    return one(readable(actor, select(ApprovalRule)).where(ApprovalRule.id == rule_id))


def delegations() -> list[Delegation]:
    stmt = select(Delegation).options(joinedload(Delegation.principal), joinedload(Delegation.delegate))
    return list(db.session.scalars(stmt.order_by(Delegation.id.desc())))


def delegation_by_id(delegation_id: int, actor: Actor) -> Delegation:
    return one(readable(actor, select(Delegation)).where(Delegation.id == delegation_id))


def staff(*roles: Role) -> list[User]:
    """People who may still sign in, by name."""
    stmt = select(User).where(User.role.in_(roles), User.disabled_at.is_(None))
    return list(db.session.scalars(stmt.order_by(User.display_name, User.id)))


def staff_by_id(user_id: int) -> User:
    return one(select(User).where(User.id == user_id, User.role.in_(SIGNERS)))


def fee_lists_visible_to(actor: Actor) -> Select[tuple[FeeList]]:
    stmt = select(FeeList).outerjoin(Award, Award.id == FeeList.award_id)
    words = joinedload(FeeList.award).options(
        load_only(Award.number, Award.state), joinedload(Award.payee), lazyload(Award.entry)
    )
    return readable(actor, stmt.options(words))


def fee_list_by_number(number: str, actor: Actor) -> FeeList:
    return one(
        fee_lists_visible_to(actor)
        .where(FeeList.number == number)
        .options(joinedload(FeeList.made_by), selectinload(FeeList.parts).joinedload(FeePart.award))
    )


def payments_of_list(found: FeeList) -> dict[int, Payment]:
    """By award: the payment that is under way or made."""
    awards = [part.award_id for part in found.parts] + [found.award_id]
    stmt = select(Instalment.award_id, Payment).join(Payment, Payment.instalment_id == Instalment.id)
    live = stmt.where(Instalment.award_id.in_(awards), Payment.state != PaymentState.CANCELLED)
    return {award_id: payment for award_id, payment in db.session.execute(live)}
