"""Batches: approved payments sent to the bank in one file whose count and total are fixed and checked."""

from datetime import datetime

from awards.enums import BatchState, PaymentState
from awards.models import Payment, PaymentBatch
from awards.operations.exclusions import refuse_excluded
from awards.rules import may_operate_bank
from awards.states import BATCH, PAYMENT
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.files import XLSX, store_bytes
from core.models import StoredFile
from core.money import yuan
from core.numbering import next_number
from core.rules import Actor
from core.spreadsheets import Column, to_xlsx

BANK_COLUMNS = [
    Column("number", "支付编号", lambda payment: payment.number),
    Column(
        "account_name", "收款户名", lambda payment: payment.account_snapshot.get("account_name"), width=36
    ),
    Column("account", "收款账号", lambda payment: payment.account_snapshot.get("number"), width=26),
    Column("bank", "开户行", lambda payment: payment.account_snapshot.get("bank"), width=36),
    Column("bank_code", "行号", lambda payment: payment.account_snapshot.get("bank_code")),
    Column("fen", "金额（元）", lambda payment: payment.fen, kind="fen"),
    Column("purpose", "用途", lambda payment: payment.purpose, width=40),
    Column("document_no", "拨款文件", lambda payment: payment.document_no, width=24),
]


def make_batch(payments: list[Payment], *, actor: Actor, now: datetime) -> PaymentBatch:
    may_operate_bank(actor).or_raise()
    if not payments:
        raise InvalidInput("请选择要支付的款项。", code="batch_empty")
    for payment in payments:
        if payment.state != PaymentState.LEADER_OK or payment.batch_id is not None:
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


def export_batch(batch: PaymentBatch, *, actor: Actor, now: datetime) -> StoredFile:
    """The bank's sheet, once: count and total are checked against the approval before a byte is written."""
    payments = list(batch.payments)
    if (len(payments), sum(payment.fen for payment in payments)) != (batch.count, batch.total_fen):
        raise Conflict("批次的笔数或合计与批准时不一致，不能导出。", code="batch_changed")
    refuse_excluded(payments, now)
    note = f"批次 {batch.number}　笔数 {batch.count}　合计 {yuan(batch.total_fen)} 元"
    content = to_xlsx("银行支付", BANK_COLUMNS, payments, note=note)
    file = store_bytes(content, f"{batch.number}.xlsx", XLSX, actor=actor, now=now)
    BATCH.fire(batch, "export", actor=actor, now=now, set={"file_id": file.id, "exported_at": now})
    for payment in payments:
        PAYMENT.fire(payment, "export", actor=actor, now=now)
    return file


def settle_batch(batch: PaymentBatch, *, actor: Actor, now: datetime) -> PaymentBatch:
    """When every line has its answer from the bank."""
    if any(payment.state == PaymentState.EXPORTED for payment in batch.payments):
        raise Conflict("批次中还有未登记回单的款项。", code="batch_open")
    if batch.state == BatchState.EXPORTED:
        BATCH.fire(batch, "settle", actor=actor, now=now)
    return batch
