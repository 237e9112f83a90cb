"""Lists of expert fees: paid to each expert's own account, or in one sum to a unit that pays them out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.models.grants import Award
from core.db import Base, UTCDateTime, fen_column
from core.models import User
from core.seals import Sealed


class FeeList(Sealed, Base):
    """Who judged how long at what rate after tax, the tax withheld by the table as it then was, and what it costs.

    `award` is the unit's: of a list paid `direct`, the tax it files (none without tax); else the whole gross.
    """

    __tablename__ = "fee_list"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    direct: Mapped[bool] = mapped_column(default=False)
    award_id: Mapped[int | None] = mapped_column(ForeignKey("award.id"), unique=True)
    tax_table: Mapped[dict]
    lines: Mapped[list]
    net_fen: Mapped[int] = fen_column()
    tax_fen: Mapped[int] = fen_column()
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    award: Mapped[Award | None] = relationship()
    parts: Mapped[list["FeePart"]] = relationship(back_populates="fee_list", order_by="FeePart.seq")
    made_by: Mapped[User] = relationship()
    __table_args__ = (CheckConstraint("net_fen > 0 AND tax_fen >= 0", name="sums"),)

    @property
    def gross_fen(self) -> int:
        return self.net_fen + self.tax_fen

    @property
    def label(self) -> str:
        return self.number


class FeePart(Sealed, Base):
    """What one expert of a list paid directly receives: the line of the list, and the award that is paid."""

    __tablename__ = "fee_part"
    id: Mapped[int] = mapped_column(primary_key=True)
    fee_list_id: Mapped[int] = mapped_column(ForeignKey("fee_list.id"))
    seq: Mapped[int]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), unique=True)
    fee_list: Mapped[FeeList] = relationship(back_populates="parts")
    award: Mapped[Award] = relationship()
    __table_args__ = (UniqueConstraint("fee_list_id", "seq"),)
