"""Lists of expert fees, each paid as one event cost to the unit that pays it out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.models.grants import Award
from core.db import Base, UTCDateTime, fen_column
from core.models import User
from core.seals import Sealed


class FeeList(Sealed, Base):
    """Who judged how long at what rate after tax, the tax withheld by the table as it then was, and what it costs."""

    __tablename__ = "fee_list"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), unique=True)
    tax_table: Mapped[dict]
    lines: Mapped[list]
    net_fen: Mapped[int] = fen_column()
    tax_fen: Mapped[int] = fen_column()
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    award: Mapped[Award] = relationship()
    made_by: Mapped[User] = relationship()
    __table_args__ = (CheckConstraint("net_fen > 0 AND tax_fen >= 0", name="sums"),)

    @property
    def gross_fen(self) -> int:
        return self.net_fen + self.tax_fen

    @property
    def label(self) -> str:
        return self.number
