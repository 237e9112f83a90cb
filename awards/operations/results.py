"""The bank's answers: kept as handed in, shown before anything is booked, booked in one transaction or not at all."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from awards.banking import answers
from awards.banking.answers import Match, Sent
from awards.banking.layout import Layout
from awards.enums import BatchState, Outcome, PaymentState
from awards.models import BankFormat, BankResult, BankResultLine, Payment, PaymentBatch
from awards.money_queries import open_result_lines
from awards.operations.batches import export_of, layout_of, lines_of
from awards.operations.payments import bounce_payment, confirm_paid
from awards.rules import may_operate_bank, money_may_move
from awards.states import BATCH, RESULT
from core import audit, files, seals
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.rules import Actor
from core.spreadsheets import read_table

LIMIT_BYTES = 10 << 20


def read_result(
    batch: PaymentBatch,
    *,
    content: bytes,
    name: str,
    bank_format: BankFormat,
    actor: Actor,
    now: datetime,
) -> tuple[BankResult, bool]:
    """Keep the file and see that it can be read; money is not touched. The same bytes again give the first reading."""
    may_operate_bank(actor).or_raise()
    if batch.state not in (BatchState.EXPORTED, BatchState.SETTLED):
        raise Conflict("批次尚未送银行，没有结果可读。", code="batch_not_sent")
    if len(content) > LIMIT_BYTES:
        raise InvalidInput("结果文件超过 10 MB。", code="file_size")
    digest = hashlib.sha256(content).hexdigest()
    known = db.session.scalar(
        select(BankResult).where(BankResult.batch_id == batch.id, BankResult.sha256 == digest)
    )
    if known is not None:
        return known, False
    layout = layout_of(bank_format)
    answers.read(layout, read_table(content, name))
    kept = files.store_bytes(content, _plain_name(name), "application/octet-stream", actor=actor, now=now)
    result = BankResult(
        batch=batch, file=kept, sha256=digest, layout=asdict(layout), read_by_id=actor.id, read_at=now
    )
    db.session.add(result)
    flush()
    audit.record("bank_result.read", result, actor=actor, now=now, after={"sha256": digest})
    return result, True


def _plain_name(name: str) -> str:
    return name.replace("\x00", "").replace("\\", "/").rsplit("/", 1)[-1][-200:]


def matches_of(result: BankResult) -> list[Match]:
    """What the file says against what is booked at this moment; nothing is written."""
    table = read_table(files.read(result.file), result.file.name)
    return answers.match(_sent(result.batch), answers.read(Layout(**result.layout), table))


def _sent(batch: PaymentBatch) -> list[Sent]:
    export = export_of(batch)
    lines = lines_of(export) if export else []
    payments = _payments(line.payment_no for line in lines)
    return [_state_of(line, payments[line.payment_no], batch) for line in lines]


def _payments(numbers) -> dict[str, Payment]:
    stmt = select(Payment).where(Payment.number.in_(list(numbers))).options(joinedload(Payment.instalment))
    return {payment.number: payment for payment in db.session.scalars(stmt)}


def _state_of(line, payment: Payment, batch: PaymentBatch) -> Sent:
    """A payment that left the batch was returned: it goes on as another attempt."""
    here = payment.batch_id == batch.id and payment.attempt == line.attempt
    known = {PaymentState.PAID: Outcome.PAID, PaymentState.EXPORTED: None}.get(payment.state, Outcome.FAILED)
    return Sent(
        key=line.key,
        account=line.account,
        fen=line.fen,
        payment_id=payment.id,
        attempt=line.attempt,
        known=known if here else Outcome.FAILED,
        reference=payment.bank_reference if here else "",
        blocked=here and known is None and not money_may_move(payment.instalment, batch.exported_at),
    )


@dataclass(frozen=True)
class Balance:
    """A batch under an answer, in 分: what was sent is what is settled, what the file settles and what is left."""

    sent: int
    paid_before: int
    returned_before: int
    paid: int
    failed: int
    left: int

    @property
    def fits(self) -> bool:
        parts = self.paid_before + self.returned_before + self.paid + self.failed + self.left
        return self.sent == parts


def balance_of(batch: PaymentBatch, matches: Sequence[Match] = ()) -> Balance | None:
    """As it stands, or with an answer's lines that are not yet booked; None for a batch that was not sent."""
    export, here = export_of(batch), {payment.id: payment for payment in batch.payments}
    if export is None:
        return None
    decided = {m.payment_id: m for m in matches if m.outcome in (Outcome.PAID, Outcome.FAILED)}
    rest = [payment for payment in here.values() if payment.id not in decided]
    bounced = {payment.number for payment in rest if payment.state == PaymentState.BOUNCED}
    present = {payment.number for payment in here.values()} - bounced
    return Balance(
        sent=export.total_fen,
        paid_before=sum(payment.fen for payment in rest if payment.state == PaymentState.PAID),
        returned_before=sum(line.fen for line in lines_of(export) if line.payment_no not in present),
        paid=sum(match.fen for match in decided.values() if match.outcome == Outcome.PAID),
        failed=sum(match.fen for match in decided.values() if match.outcome == Outcome.FAILED),
        left=sum(payment.fen for payment in rest if payment.state == PaymentState.EXPORTED),
    )


def sums_of(lines: Sequence[Match | BankResultLine]) -> list[tuple[Outcome, int, int]]:
    """(outcome, lines, 分) of every outcome that occurs."""
    return [
        (outcome, len(fens), sum(fens))
        for outcome in Outcome
        if (fens := [line.fen for line in lines if line.outcome == outcome])
    ]


def digest_of(matches: Sequence[Match]) -> str:
    """What a person saw before confirming it."""
    return hashlib.sha256(seals.canonical({"lines": [asdict(match) for match in matches]})).hexdigest()


def confirm_result(result: BankResult, *, seen: str, actor: Actor, now: datetime) -> BankResult:
    """Every line at once: paid ones are booked, failed ones go back into their hold, the rest waits for a word."""
    may_operate_bank(actor).or_raise()
    matches = matches_of(result)
    if digest_of(matches) != seen:
        raise Conflict("核对之后情况有变化，请重新核对再确认。", code="result_changed")
    waiting = {line.payment_id for line in open_result_lines(result.batch) if line.outcome == Outcome.MISSING}
    kept = [m for m in matches if m.outcome != Outcome.MISSING or m.payment_id not in waiting]
    values = {"confirmed_by_id": actor.id, "confirmed_at": now, "line_count": len(kept)}
    RESULT.fire(result, "confirm", actor=actor, now=now, set=values)
    stmt = select(Payment).where(Payment.id.in_({match.payment_id for match in matches}))
    payments = {payment.id: payment for payment in db.session.scalars(stmt)}
    for match in matches:
        _book(result, match, payments.get(match.payment_id), actor, now)
    db.session.add_all(_kept(result, match) for match in kept)
    flush()
    return result


def _book(result: BankResult, match: Match, payment: Payment | None, actor: Actor, now: datetime) -> None:
    if match.outcome == Outcome.PAID:
        reference = match.reference or f"{result.batch.number}-{match.position}"
        confirm_paid(payment, bank_reference=reference, actor=actor, now=now)
    elif match.outcome == Outcome.FAILED:
        bounce_payment(payment, reason=match.reason or "银行未写明原因", actor=actor, now=now)


def _kept(result: BankResult, match: Match) -> BankResultLine:
    return BankResultLine(
        result=result,
        position=match.position,
        outcome=match.outcome,
        payment_id=match.payment_id,
        attempt=match.attempt,
        line_key=match.key,
        account=match.account,
        fen=match.fen,
        reference=match.reference,
        reason=match.reason,
    )


def discard_result(result: BankResult, *, actor: Actor, now: datetime) -> BankResult:
    """A wrong file or a wrong format: it stays as evidence and books nothing."""
    RESULT.fire(result, "discard", actor=actor, now=now)
    return result


def resolve_line(line: BankResultLine, *, note: str, actor: Actor, now: datetime) -> BankResultLine:
    """Somebody says what became of a line that the file alone could not settle."""
    may_operate_bank(actor).or_raise()
    if line not in open_result_lines(line.result.batch):
        raise Conflict("该行已经处理。", code="line_resolved")
    if not note.strip():
        raise InvalidInput("请写明核实情况。", field="note")
    if line.payment is not None and line.payment.state == PaymentState.EXPORTED:
        raise Conflict("该笔支付还没有结果，请先登记回单或退票。", code="payment_open")
    line.resolution, line.resolved_by_id, line.resolved_at = note.strip(), actor.id, now
    flush()
    audit.record(
        "bank_result.resolve",
        line.result,
        actor=actor,
        now=now,
        after={"line": line.id, "position": line.position},
        reason=note.strip(),
    )
    return line


def settle_batch(batch: PaymentBatch, *, actor: Actor, now: datetime) -> PaymentBatch:
    """When every line has its answer from the bank and nothing the bank said is left open."""
    if any(payment.state == PaymentState.EXPORTED for payment in batch.payments):
        raise Conflict("批次中还有未登记回单的款项。", code="batch_open")
    if open_result_lines(batch):
        raise Conflict("银行结果中还有缺少、重复或不符的行未核实。", code="batch_unclear")
    if batch.state == BatchState.EXPORTED:
        BATCH.fire(batch, "settle", actor=actor, now=now)
    return batch
