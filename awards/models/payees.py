"""Who is paid, and into which account."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import AccountState, PayeeKind
from core.db import Base, UTCDateTime, enum_type
from core.seals import Sealed


class Payee(Sealed, Base):
    """Who is paid: an enterprise, a prefecture bureau or a host."""

    __tablename__ = "payee"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PayeeKind] = mapped_column(enum_type(PayeeKind))
    name: Mapped[str] = mapped_column(String(120))
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    division_code: Mapped[str | None] = mapped_column(ForeignKey("division.code"))
    accounts: Mapped[list["PayeeAccount"]] = relationship(
        back_populates="payee", order_by="PayeeAccount.version"
    )

    @property
    def label(self) -> str:
        return self.name


class PayeeAccount(Sealed, Base):
    """A bank account, never edited: superseded. Verified by a second person before money goes to it."""

    __tablename__ = "payee_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    payee_id: Mapped[int] = mapped_column(ForeignKey("payee.id"))
    version: Mapped[int]
    state: Mapped[AccountState] = mapped_column(enum_type(AccountState), default=AccountState.ENTERED)
    account_name: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(40))
    bank: Mapped[str] = mapped_column(String(120))
    bank_code: Mapped[str] = mapped_column(String(12), default="")
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    payee: Mapped[Payee] = relationship(back_populates="accounts")
    __table_args__ = (
        UniqueConstraint("payee_id", "version"),
        CheckConstraint("number <> bank_code", name="number_is_not_bank_code"),
        CheckConstraint("verified_by_id IS NULL OR verified_by_id <> entered_by_id", name="two_people"),
        CheckConstraint("state <> 'verified' OR verified_by_id IS NOT NULL", name="verified"),
    )
