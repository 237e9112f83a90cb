"""What must never be false of awards, notices and money, asked of the rows themselves."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from awards.enums import (
    AcceptanceState,
    AwardKind,
    AwardState,
    Channel,
    ClawbackState,
    NoticeState,
    PaymentState,
)
from awards.models import (
    Acceptance,
    Award,
    Certificate,
    Clawback,
    Exclusion,
    Instalment,
    Notice,
    Payee,
    Payment,
    PaymentBatch,
    PaymentStep,
    TaskBook,
    Tier,
)
from awards.operations.acceptance import PANEL_LEAST
from awards.operations.certificates import digest_of as certificate_digest
from awards.operations.clawbacks import paid_fen
from awards.operations.notices import digest_of as notice_digest
from awards.operations.payments import content_hash
from awards.operations.task_books import code_of
from awards.operations.task_books import digest_of as task_book_digest
from awards.rules import money_may_move, step_owner, steps_of, was_lawful
from awards.targets import missed_main
from core.clock import beijing_day, utcnow
from core.db import db
from core.models import User
from fund.enums import AccountRole, TransferKind
from fund.models import Transfer
from fund.queries import line_totals

# The step a state under approval says was the last; from the approval on, all have signed.
PASSED = {
    PaymentState.SUBMITTED: None,
    PaymentState.REVIEWED: "reviewer",
    PaymentState.DIVISION_OK: "division",
    PaymentState.FINANCE_OK: "finance",
}
APPROVED = (PaymentState.APPROVED, PaymentState.EXPORTED, PaymentState.PAID, PaymentState.BOUNCED)
# What the ledger says of a payment that was made: paid, or returned to the treasury.
SETTLING = {False: TransferKind.PAY, True: TransferKind.RETURN}
HOLDING = frozenset({*PASSED, *APPROVED}) - {PaymentState.PAID}


def parts_make_the_whole() -> Iterator[tuple[str, str]]:
    """Instalments and what was paid before sum to the award; a prize has its tier's amount."""
    tiers = {tier.id: tier for tier in db.session.scalars(select(Tier))}
    for award in db.session.scalars(select(Award).options(selectinload(Award.instalments))):
        parts = sum(part.fen + part.paid_before_fen for part in award.instalments)
        if parts != award.amount_fen:
            yield f"award {award.id}", f"{award.number} 分期合计 {parts} 与核定 {award.amount_fen} 不符"
        tier = tiers.get(award.tier_id)
        if tier is not None and award.kind == AwardKind.PRIZE and tier.amount_fen != award.amount_fen:
            yield f"award {award.id}", f"{award.number} 金额与奖项设置不符"


def awards_fit_the_line() -> Iterator[tuple[str, str]]:
    """What is granted on a line never exceeds what the line was given."""
    granted: dict[int, int] = defaultdict(int)
    ended = (AwardState.CANCELLED, AwardState.TERMINATED)
    live = select(Instalment).join(Award).where(Award.state.not_in(ended))
    for part in db.session.scalars(live.options(selectinload(Instalment.award).selectinload(Award.line))):
        granted[part.award.line_id] += part.fen
    for award in {a.line_id: a for a in db.session.scalars(select(Award))}.values():
        issued = line_totals(award.line).issued_fen
        if granted[award.line_id] > issued:
            yield f"budget_line {award.line_id}", f"奖励合计 {granted[award.line_id]} 超出额度 {issued}"


def places_are_not_exceeded() -> Iterator[tuple[str, str]]:
    """No tier has more live awards than places."""
    for tier in db.session.scalars(select(Tier)):
        live = db.session.scalars(
            select(Award.id).where(Award.tier_id == tier.id, Award.state != AwardState.CANCELLED)
        ).all()
        if len(live) > tier.places:
            yield f"tier {tier.id}", f"{tier.name} 已授 {len(live)} 个，名额 {tier.places}"


def _payments() -> list[Payment]:
    return list(
        db.session.scalars(
            select(Payment).options(
                selectinload(Payment.steps).options(
                    selectinload(PaymentStep.delegated), selectinload(PaymentStep.actor)
                ),
                selectinload(Payment.chains),
                selectinload(Payment.instalment)
                .selectinload(Instalment.award)
                .options(
                    selectinload(Award.acceptance),
                    selectinload(Award.task_books),
                    selectinload(Award.operating_checks),
                ),
                selectinload(Payment.instalment)
                .selectinload(Instalment.award)
                .selectinload(Award.notice)
                .selectinload(Notice.objections),
            )
        )
    )


def _steps_due(payment: Payment) -> list[str]:
    """The approvals that the state and the payment's own chain ask for, in their order."""
    steps = steps_of(payment)
    if payment.state in APPROVED:
        return steps
    last = PASSED.get(payment.state)
    return steps[: steps.index(last) + 1] if last in steps else []


def approvals_hold() -> Iterator[tuple[str, str]]:
    """Every step of the chain in its turn by whom it belongs to, nobody twice, never the preparer, over this content."""
    for payment in _payments():
        live = [step for step in payment.steps if not step.voided]
        approvals = [step for step in live if step.decision == "approve"]
        acted = [payment.preparer_id] + [person.id for step in approvals for person in _signers(step)]
        if len(set(acted)) != len(acted):
            yield f"payment {payment.id}", f"{payment.number} 有人在同一笔支付中办理了两个环节"
        if payment.state not in (*PASSED, *APPROVED):
            continue
        due = _steps_due(payment)
        if [step.role for step in approvals] != due:
            yield f"payment {payment.id}", f"{payment.number} 缺少审批环节或次序不符"
        elif not all(step_owner(payment, step.role)(_signers(step)[-1]) for step in approvals):
            yield f"payment {payment.id}", f"{payment.number} 有环节不是由其办理人签批"
        if any(step.content_hash != content_hash(payment) for step in live):
            yield f"payment {payment.id}", f"{payment.number} 的内容与审批时不一致"


def _signers(step: PaymentStep) -> list[User]:
    """Who signed, then for whom."""
    return [step.actor, *([step.delegated.delegation.principal] if step.delegated else ())]


def money_moved_lawfully() -> Iterator[tuple[str, str]]:
    """Held or paid only after a clean notice and what its part waits for, for the instalment's exact amount."""
    now = utcnow()
    for payment in _payments():
        if payment.fen != payment.instalment.fen and payment.state != PaymentState.CANCELLED:
            yield f"payment {payment.id}", f"{payment.number} 金额与分期不符"
        if payment.state == PaymentState.PAID and not was_lawful(payment):
            yield f"payment {payment.id}", f"{payment.number} 支付时不满足支付条件"
        if payment.state in HOLDING and not money_may_move(payment.instalment, now):
            yield f"payment {payment.id}", f"{payment.number} 不满足支付条件却已占用或支付"


def payments_match_ledger() -> Iterator[tuple[str, str]]:
    """A payment's state and the ledger say the same of its money."""
    last: dict[str, tuple[TransferKind, int]] = {}
    for kind, number, fen in db.session.execute(
        select(Transfer.kind, Transfer.payment_no, Transfer.fen)
        .where(Transfer.payment_no.is_not(None))
        .order_by(Transfer.seq)
    ):
        last[number] = (kind, fen)
    for payment in db.session.scalars(select(Payment)):
        kind, fen = last.get(payment.number, (None, payment.fen))
        held = kind in (TransferKind.HOLD, TransferKind.BOUNCE)
        fits = {
            PaymentState.PAID: kind == SETTLING[payment.channel == Channel.REFUND],
            PaymentState.DRAFT: kind in (None, TransferKind.RELEASE),
            PaymentState.CANCELLED: kind in (None, TransferKind.RELEASE),
        }.get(payment.state, held)
        if not fits or fen != payment.fen:
            yield f"payment {payment.id}", f"{payment.number} 的状态与账务不一致"


def refunds_fit() -> Iterator[tuple[str, str]]:
    """A demand never exceeds what was paid, its refunds never the demand, and each refund is in the ledger."""
    for clawback in db.session.scalars(select(Clawback).options(selectinload(Clawback.refunds))):
        settled = clawback.state == ClawbackState.SETTLED
        over = clawback.fen > paid_fen(clawback.award) or clawback.received_fen > clawback.fen
        if over or settled != (clawback.received_fen == clawback.fen):
            yield f"clawback {clawback.id}", f"{clawback.number} 的追回、退回与已付金额不符"
        for refund in clawback.refunds:
            entry = db.session.get(Transfer, refund.transfer_seq)
            kept = (entry.kind, entry.fen, entry.source.role, entry.source.line_id) if entry else None
            if kept != (TransferKind.REVERSE, refund.fen, AccountRole.PAID, clawback.award.line_id):
                yield f"clawback {clawback.id}", f"{clawback.number} 的退回与账务不一致"


def acceptances_hold() -> Iterator[tuple[str, str]]:
    """A passed project missed no main target, was judged by three at least, and was handed in again in time."""
    for found in db.session.scalars(select(Acceptance).where(Acceptance.state == AcceptanceState.PASSED)):
        again = found.resubmitted_at
        late = found.rectify_by is not None and (again is None or beijing_day(again) > found.rectify_by)
        if missed_main(found.targets) or len(found.panel) < PANEL_LEAST or late:
            yield f"acceptance {found.id}", "通过验收的项目主要指标未完成、专家不足或整改未按期提交"


def payees_were_clear() -> Iterator[tuple[str, str]]:
    """Nothing was held for, or sent to, a unit that was already entered as one that may not be paid."""
    moments = (
        (Transfer.at, (Transfer, Transfer.payment_no == Payment.number), Transfer.kind == TransferKind.HOLD),
        (PaymentBatch.exported_at, (PaymentBatch, PaymentBatch.id == Payment.batch_id), True),
    )
    for at, joined, condition in moments:
        stmt = (
            select(Payment.id, Payment.number, Exclusion.id)
            .join(Payee, Payee.id == Payment.payee_id)
            .join(Exclusion, Exclusion.credit_code == Payee.credit_code)
            .join(*joined)
            .where(condition, Exclusion.entered_at < at, Exclusion.starts_at <= at)
            .where(or_(Exclusion.ends_at.is_(None), Exclusion.ends_at > at))
        )
        for payment_id, number, exclusion_id in db.session.execute(stmt):
            yield f"payment {payment_id}", f"{number} 办理时收款单位在不予支付名单上（第 {exclusion_id} 条）"


def published_words_stand() -> Iterator[tuple[str, str]]:
    """A started notice, an issued task book and a certificate still hash to what was published."""
    for notice in db.session.scalars(select(Notice).where(Notice.state != NoticeState.DRAFT)):
        if notice_digest(notice) != notice.content_hash:
            yield f"notice {notice.id}", "公示内容与发布时的摘要不符"
        if notice.approved_by_id is None or notice.approved_by_id == notice.prepared_by_id:
            yield f"notice {notice.id}", "公示未经他人批准"
    for book in db.session.scalars(select(TaskBook).where(TaskBook.issued_at.is_not(None))):
        if task_book_digest(book) != book.content_hash or code_of(book) != book.code:
            yield f"task_book {book.id}", f"任务书 {book.number} 的内容与签发时的摘要或编码不符"
    for certificate in db.session.scalars(select(Certificate)):
        if certificate_digest(certificate.content) != certificate.content_hash:
            yield f"certificate {certificate.id}", "证书内容与摘要不符"
