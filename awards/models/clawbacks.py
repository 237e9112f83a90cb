"""Money demanded back (追回) from an award that was ended, and what of it was received."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import ClawbackState
from awards.models.grants import Award
from core.db import Base, UTCDateTime, enum_type, fen_column
from core.seals import Sealed


class Clawback(Sealed, Base):
    """One live demand per award; settled once the refunds make up the demand."""

    __tablename__ = "clawback"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), index=True)
    state: Mapped[ClawbackState] = mapped_column(enum_type(ClawbackState), default=ClawbackState.DEMANDED)
    fen: Mapped[int] = fen_column()
    due_on: Mapped[date]
    document_no: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    demanded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    demanded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    award: Mapped[Award] = relationship()
    refunds: Mapped[list["Refund"]] = relationship(back_populates="clawback", order_by="Refund.id")
    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        Index(
            "uq_clawback_award",
            "award_id",
            unique=True,
            sqlite_where=(state != ClawbackState.WITHDRAWN),
            postgresql_where=(state != ClawbackState.WITHDRAWN),
        ),
    )

    @property
    def label(self) -> str:
        return self.number

    @property
    def received_fen(self) -> int:
        return sum(refund.fen for refund in self.refunds)


class Refund(Sealed, Base):
    """Money that came back, and the ledger's entry that gave it to the line again."""

    __tablename__ = "refund"
    id: Mapped[int] = mapped_column(primary_key=True)
    clawback_id: Mapped[int] = mapped_column(ForeignKey("clawback.id"), index=True)
    transfer_seq: Mapped[int] = mapped_column(BigInteger, ForeignKey("transfer.seq"), unique=True)
    fen: Mapped[int] = fen_column()
    received_on: Mapped[date]
    bank_reference: Mapped[str] = mapped_column(String(80))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    clawback: Mapped[Clawback] = relationship(back_populates="refunds")
    __table_args__ = (CheckConstraint("fen > 0", name="fen"),)
