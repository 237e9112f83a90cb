"""What must never be false of bank files and answers, asked of the rows and of the bytes themselves."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from awards import chains
from awards.enums import AccountState, Outcome, PaymentState
from awards.fees import Fee, tax_for
from awards.models import (
    ApprovalRule,
    BankResult,
    BankResultLine,
    BatchExport,
    DelegatedStep,
    FeeList,
    FeePart,
    PayeeAccount,
    Payment,
    PaymentChain,
)
from awards.operations.batches import lines_of
from awards.operations.fees import fees_of, table_of
from awards.operations.payees import doubts_of
from core.clock import beijing_day
from core.db import db
from core.files import path_of
from fund.enums import TransferKind
from fund.models import Transfer


def exports_are_what_was_sent() -> Iterator[tuple[str, str]]:
    """Lines, batch and file of an export agree to the 分 and to the byte."""
    stmt = select(BatchExport).options(joinedload(BatchExport.batch), joinedload(BatchExport.file))
    for export in db.session.scalars(stmt):
        where, lines = f"batch_export {export.id}", lines_of(export)
        sums = (len(lines), sum(line.fen for line in lines))
        if not sums == (export.count, export.total_fen) == (export.batch.count, export.batch.total_fen):
            yield where, f"{export.batch.number} 的明细、导出与批次合计不一致"
        path = path_of(export.file.sha256)
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != export.sha256:
            yield where, f"{export.batch.number} 的银行文件不是导出时的文件"


def results_were_booked() -> Iterator[tuple[str, str]]:
    """A confirmed answer has all its lines, and each line that said paid was booked for exactly its amount."""
    held = dict(
        db.session.execute(
            select(BankResultLine.result_id, func.count()).group_by(BankResultLine.result_id)
        ).all()
    )
    for result in db.session.scalars(select(BankResult)):
        if held.get(result.id, 0) != result.line_count:
            yield f"bank_result {result.id}", "银行结果的行数与确认时不一致"
    paid = {
        (number, attempt): fen
        for number, attempt, fen in db.session.execute(
            select(Transfer.payment_no, Transfer.attempt, Transfer.fen).where(
                Transfer.kind == TransferKind.PAY
            )
        )
    }
    stmt = select(BankResultLine.id, BankResultLine.attempt, BankResultLine.fen, Payment.number)
    stmt = stmt.join(Payment, Payment.id == BankResultLine.payment_id)
    for line_id, attempt, fen, number in db.session.execute(
        stmt.where(BankResultLine.outcome == Outcome.PAID)
    ):
        if paid.get((number, attempt)) != fen:
            yield f"bank_result_line {line_id}", f"{number} 银行结果为已支付，账上没有这笔支付"


APPROVED = (PaymentState.APPROVED, PaymentState.EXPORTED, PaymentState.PAID, PaymentState.BOUNCED)


def chains_were_kept() -> Iterator[tuple[str, str]]:
    """Chains are their rule's, with the minutes where the amount asked for them; delegates were allowed on that day."""
    rules = select(PaymentChain, ApprovalRule).join(ApprovalRule, ApprovalRule.id == PaymentChain.rule_id)
    for chain, rule in db.session.execute(rules):
        frozen = (chain.steps, chain.division_id, chain.minutes, chain.approvals)
        if frozen != (rule.steps, rule.division_id, rule.minutes, len(rule.steps)) or chains.fault(
            rule.steps
        ):
            yield f"payment_chain {chain.id}", "审批环节与提交时的规则不符"
    stmt = select(PaymentChain).options(joinedload(PaymentChain.payment))
    for chain in db.session.scalars(stmt.where(PaymentChain.minutes, PaymentChain.minutes_file_id.is_(None))):
        if chain.attempt == chain.payment.attempt and chain.payment.state in APPROVED:
            yield f"payment_chain {chain.id}", f"{chain.payment.number} 缺少会议纪要"
    used = select(DelegatedStep).options(joinedload(DelegatedStep.step), joinedload(DelegatedStep.delegation))
    for found in db.session.scalars(used):
        step, given = found.step, found.delegation
        day, ended = beijing_day(step.at), given.ended_at is not None and given.ended_at < step.at
        if step.actor_id != given.delegate_id or not given.first_day <= day <= given.last_day or ended:
            yield f"delegated_step {found.id}", "代签时没有有效的委托"


def _fee_lists():
    return select(FeeList).options(
        joinedload(FeeList.award), selectinload(FeeList.parts).joinedload(FeePart.award)
    )


def fees_are_what_was_computed() -> Iterator[tuple[str, str]]:
    """Every expert's tax follows from the list's own table, the sums from the lines, the award from the sums."""
    for found in db.session.scalars(_fee_lists()):
        fees, table = fees_of(found), table_of(found)
        for fee in fees:
            again = tax_for(fee.net_fen, table)
            if (fee.net_fen, fee.tax_fen) != (fee.rate_fen * fee.half_days // 2, again):
                yield f"fee_list {found.id}", f"{fee.name} 的税后与代扣税不是按标准和税表算出的"
        sums = (sum(fee.net_fen for fee in fees), sum(fee.tax_fen for fee in fees))
        if sums != (found.net_fen, found.tax_fen) or _granted(found) != _grants_of(found, fees):
            yield f"fee_list {found.id}", f"{found.number} 的合计与明细或应付不符"


def _grants_of(found: FeeList, fees: list[Fee]) -> list[tuple[str, int]]:
    """(whom, 分) that the list asks for; the unit, whoever it is, first."""
    each = [(fee.name, fee.net_fen) for fee in fees] if found.direct else []
    return [("", found.tax_fen if found.direct else found.gross_fen), *each]


def _granted(found: FeeList) -> list[tuple[str, int]]:
    each = [(part.award.payee.name, part.award.amount_fen) for part in found.parts]
    return [("", found.award.amount_fen if found.award else 0), *each]


def accounts_were_confirmed() -> Iterator[tuple[str, str]]:
    """What looks wrong about an account in force was cleared up by who verified it."""
    stmt = select(PayeeAccount).where(PayeeAccount.state == AccountState.VERIFIED)
    for account in db.session.scalars(stmt.options(joinedload(PayeeAccount.payee))):
        if doubts_of(account) and not account.doubts_note:
            yield f"payee_account {account.id}", "账户有疑点，核验时未说明如何核实"
