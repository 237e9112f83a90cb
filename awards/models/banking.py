"""What is sent to a bank and what it answers: formats as data, exports as they were, results line by line."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import AmountUnit, Outcome, ResultState, SheetKind
from awards.models.payments import Payment, PaymentBatch
from core.db import Base, UTCDateTime, enum_type, fen_column
from core.models import StoredFile
from core.seals import Sealed


class BankFormat(Sealed, Base):
    """How one bank wants its file and how its answer reads. Edited in place; what was exported keeps its own copy."""

    __tablename__ = "bank_format"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    sheet: Mapped[SheetKind] = mapped_column(enum_type(SheetKind))
    encoding: Mapped[str] = mapped_column(String(20))
    header: Mapped[bool]
    amount_unit: Mapped[AmountUnit] = mapped_column(enum_type(AmountUnit))
    date_format: Mapped[str] = mapped_column(String(20))
    columns: Mapped[list]
    answer_header: Mapped[bool]
    answer_columns: Mapped[list]
    paid_words: Mapped[str] = mapped_column(String(200))
    failed_words: Mapped[str] = mapped_column(String(200))
    payer_name: Mapped[str] = mapped_column(String(120), default="")
    payer_account: Mapped[str] = mapped_column(String(40), default="")
    payer_bank: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    @property
    def label(self) -> str:
        return self.name


class BatchExport(Sealed, Base):
    """The one export of a batch: the format as it then was, every line as sent, and the file by its hash."""

    __tablename__ = "batch_export"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payment_batch.id"), unique=True)
    format_id: Mapped[int] = mapped_column(ForeignKey("bank_format.id"))
    layout: Mapped[dict]
    lines: Mapped[list]
    count: Mapped[int]
    total_fen: Mapped[int] = fen_column()
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    exported_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    exported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    batch: Mapped[PaymentBatch] = relationship()
    bank_format: Mapped[BankFormat] = relationship()
    file: Mapped[StoredFile] = relationship()


class BankResult(Sealed, Base):
    """A bank's answer to a batch as it was handed in; read again from these bytes when somebody confirms it."""

    __tablename__ = "bank_result"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payment_batch.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    layout: Mapped[dict]
    state: Mapped[ResultState] = mapped_column(enum_type(ResultState), default=ResultState.READ)
    read_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    read_at: Mapped[datetime] = mapped_column(UTCDateTime)
    line_count: Mapped[int] = mapped_column(default=0)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    batch: Mapped[PaymentBatch] = relationship()
    file: Mapped[StoredFile] = relationship()
    lines: Mapped[list["BankResultLine"]] = relationship(
        back_populates="result", order_by="BankResultLine.id"
    )
    __table_args__ = (
        UniqueConstraint("batch_id", "sha256"),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed"),
    )

    @property
    def label(self) -> str:
        return self.file.name


class BankResultLine(Sealed, Base):
    """What one line of a confirmed answer said and what became of it; `position` 0 for a payment it left out."""

    __tablename__ = "bank_result_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("bank_result.id"), index=True)
    position: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    attempt: Mapped[int] = mapped_column(default=0)
    line_key: Mapped[str] = mapped_column(String(60), default="")
    account: Mapped[str] = mapped_column(String(60), default="")
    fen: Mapped[int] = fen_column()
    reference: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    resolution: Mapped[str] = mapped_column(Text, default="")
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    result: Mapped[BankResult] = relationship(back_populates="lines")
    payment: Mapped[Payment | None] = relationship()
    __table_args__ = (CheckConstraint("(resolved_at IS NULL) = (resolution = '')", name="resolution"),)
