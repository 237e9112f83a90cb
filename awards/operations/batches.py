"""Batches: approved payments sent to the bank in one file whose count and total are fixed and checked."""

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import select

from awards.banking import layout as files
from awards.banking.layout import Layout, Line
from awards.enums import BatchState, PaymentState, ResultState, SheetKind
from awards.models import BankFormat, BankResult, BatchExport, Payment, PaymentBatch
from awards.operations.exclusions import refuse_excluded
from awards.operations.payments import dissolve, recall_payment
from awards.rules import may_operate_bank
from awards.states import BATCH, PAYMENT
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.files import XLSX, store_bytes
from core.models import StoredFile
from core.numbering import next_number
from core.rules import Actor


def make_batch(payments: list[Payment], *, actor: Actor, now: datetime) -> PaymentBatch:
    may_operate_bank(actor).or_raise()
    if not payments:
        raise InvalidInput("请选择要支付的款项。", code="batch_empty")
    for payment in payments:
        if payment.state != PaymentState.APPROVED or payment.batch_id is not None:
            raise Conflict(f"{payment.number} 尚未批准或已在其他批次中。", code="payment_not_ready")
    batch = PaymentBatch(
        number=next_number(f"batch:{now.year}", f"PC{now.year}-", 3),
        count=len(payments),
        total_fen=sum(payment.fen for payment in payments),
        made_by_id=actor.id,
        made_at=now,
    )
    db.session.add(batch)
    flush()
    for payment in payments:
        payment.batch = batch
    flush()
    after = {"count": batch.count, "total_fen": batch.total_fen}
    audit.record("payment_batch.create", batch, actor=actor, now=now, after=after)
    return batch


def layout_of(bank_format: BankFormat) -> Layout:
    return Layout(**{field.name: getattr(bank_format, field.name) for field in fields(Layout)})


def export_of(batch: PaymentBatch) -> BatchExport | None:
    return db.session.scalar(select(BatchExport).where(BatchExport.batch_id == batch.id))


def export_batch(batch: PaymentBatch, *, bank_format: BankFormat, actor: Actor, now: datetime) -> BatchExport:
    """The bank's file, once: count and total are checked against the approval before a byte is written."""
    payments = list(batch.payments)
    if (len(payments), sum(payment.fen for payment in payments)) != (batch.count, batch.total_fen):
        raise Conflict("批次的笔数或合计与批准时不一致，不能导出。", code="batch_changed")
    refuse_excluded(payments, now)
    layout, lines = layout_of(bank_format), [_line(payment) for payment in payments]
    file = _store(batch, layout, lines, actor, now)
    BATCH.fire(batch, "export", actor=actor, now=now, set={"file_id": file.id, "exported_at": now})
    for payment in payments:
        PAYMENT.fire(payment, "export", actor=actor, now=now)
    export = BatchExport(
        batch=batch,
        bank_format=bank_format,
        layout=asdict(layout),
        lines=[asdict(line) for line in lines],
        count=batch.count,
        total_fen=batch.total_fen,
        file=file,
        sha256=file.sha256,
        exported_by_id=actor.id,
        exported_at=now,
    )
    db.session.add(export)
    flush()
    return export


def _line(payment: Payment) -> Line:
    account = payment.account_snapshot
    return Line(
        payment_no=payment.number,
        attempt=payment.attempt,
        account_name=account.get("account_name", payment.payee.name),
        account=account.get("number", ""),
        bank=account.get("bank", ""),
        bank_code=account.get("bank_code", ""),
        fen=payment.fen,
        purpose=payment.purpose,
        document_no=payment.document_no,
    )


def lines_of(export: BatchExport) -> list[Line]:
    return [Line(**line) for line in export.lines]


def content_of(export: BatchExport) -> bytes:
    """The file made again from what the export keeps; it must be the bytes that were sent."""
    return files.write(Layout(**export.layout), lines_of(export), export.exported_at)


def _store(batch: PaymentBatch, layout: Layout, lines: list[Line], actor: Actor, now: datetime) -> StoredFile:
    content = files.write(layout, lines, now)
    media_type = "text/csv" if layout.sheet == SheetKind.CSV else XLSX
    return store_bytes(content, f"{batch.number}.{layout.sheet}", media_type, actor=actor, now=now)


def hand_out(export: BatchExport, *, actor: Actor, now: datetime) -> StoredFile:
    """The same bytes again, each time on record."""
    may_operate_bank(actor).or_raise()
    after = {"sha256": export.sha256}
    audit.record("payment_batch.download", export.batch, actor=actor, now=now, after=after)
    return export.file


def void_batch(batch: PaymentBatch, *, reason: str, actor: Actor, now: datetime) -> PaymentBatch:
    """Before the export its payments are free again; after it each needs a new approval, if no answer was booked."""
    if batch.state == BatchState.DRAFT:
        dissolve(batch, reason=reason, actor=actor, now=now)
        return batch
    payments = list(batch.payments)
    answered = db.session.scalar(
        select(BankResult.id)
        .where(BankResult.batch_id == batch.id, BankResult.state == ResultState.CONFIRMED)
        .limit(1)
    )
    if answered or len(payments) != batch.count or {p.state for p in payments} != {PaymentState.EXPORTED}:
        raise Conflict("批次已有银行结果，不能作废。", code="batch_answered")
    BATCH.fire(batch, "void", actor=actor, now=now, reason=reason)
    for payment in payments:
        recall_payment(payment, reason=reason, actor=actor, now=now)
    return batch
