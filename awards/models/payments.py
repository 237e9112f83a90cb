"""Payments with their signatures, and the batches sent to the bank."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from awards.enums import BatchState, Channel, PaymentState
from awards.models.grants import Instalment
from awards.models.payees import Payee
from core.db import Base, UTCDateTime, enum_type, fen_column
from core.models import User
from core.seals import Sealed
from fund.models import BudgetLine


class PaymentBatch(Sealed, Base):
    """Payments sent to the bank together; count and total are fixed at approval and checked at export."""

    __tablename__ = "payment_batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[BatchState] = mapped_column(enum_type(BatchState), default=BatchState.DRAFT)
    count: Mapped[int] = mapped_column(default=0)
    total_fen: Mapped[int] = fen_column(default=0)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    exported_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    payments: Mapped[list["Payment"]] = relationship(back_populates="batch", order_by="Payment.number")

    @property
    def label(self) -> str:
        return self.number


class Payment(Sealed, Base):
    """One payment of one instalment: the account as it stood, the approvals, the attempts."""

    __tablename__ = "payment"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    instalment_id: Mapped[int] = mapped_column(ForeignKey("instalment.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("budget_line.id"), index=True)
    payee_id: Mapped[int] = mapped_column(ForeignKey("payee.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("payee_account.id"))
    account_snapshot: Mapped[dict] = mapped_column(default=dict)
    fen: Mapped[int] = fen_column()
    purpose: Mapped[str] = mapped_column(String(200))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel), default=Channel.AUTHORISED)
    document_no: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[PaymentState] = mapped_column(enum_type(PaymentState), default=PaymentState.DRAFT)
    attempt: Mapped[int] = mapped_column(default=1)
    preparer_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    prepared_at: Mapped[datetime] = mapped_column(UTCDateTime)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("payment_batch.id"), index=True)
    bank_reference: Mapped[str] = mapped_column(String(80), default="")
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    instalment: Mapped[Instalment] = relationship(backref=backref("payments", order_by="Payment.id"))
    payee: Mapped[Payee] = relationship(lazy="joined", innerjoin="unnested")
    line: Mapped[BudgetLine] = relationship()
    batch: Mapped[PaymentBatch | None] = relationship(back_populates="payments")
    steps: Mapped[list["PaymentStep"]] = relationship(back_populates="payment", order_by="PaymentStep.seq")
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("fen > 0 AND attempt > 0", name="fen"),
        CheckConstraint("state IN ('draft', 'cancelled') OR document_no <> ''", name="document"),
        Index(
            "uq_payment_instalment",
            "instalment_id",
            unique=True,
            sqlite_where=(state != PaymentState.CANCELLED),
            postgresql_where=(state != PaymentState.CANCELLED),
        ),
    )

    @property
    def label(self) -> str:
        return self.number


class PaymentStep(Sealed, Base):
    """A signature of the approval chain over the payment's content as it then was."""

    __tablename__ = "payment_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    seq: Mapped[int]
    role: Mapped[str] = mapped_column(String(30))
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decision: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    content_hash: Mapped[str] = mapped_column(String(64))
    voided: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    payment: Mapped[Payment] = relationship(back_populates="steps")
    actor: Mapped[User] = relationship()
    __table_args__ = (UniqueConstraint("payment_id", "seq"),)
