"""Who is paid, and into which account."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import AccountState, ExclusionReason, PayeeKind
from core.clock import beijing_day
from core.db import Base, UTCDateTime, enum_type
from core.seals import Sealed


class Payee(Sealed, Base):
    """Who is paid: a unit by its credit code, or an expert of the judge library, of whom no identity number is kept."""

    __tablename__ = "payee"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PayeeKind] = mapped_column(enum_type(PayeeKind))
    name: Mapped[str] = mapped_column(String(120))
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    judge_id: Mapped[int | None] = mapped_column(ForeignKey("judge.id"))
    division_code: Mapped[str | None] = mapped_column(ForeignKey("division.code"))
    accounts: Mapped[list["PayeeAccount"]] = relationship(
        back_populates="payee", order_by="PayeeAccount.version"
    )
    exclusions: Mapped[list["Exclusion"]] = relationship(
        primaryjoin="Payee.credit_code == foreign(Exclusion.credit_code)",
        order_by="Exclusion.starts_at",
        viewonly=True,
    )

    __table_args__ = (
        CheckConstraint("(judge_id IS NULL) <> (credit_code IS NULL)", name="identity"),
        Index("uq_payee_judge", "judge_id", unique=True),
    )

    @property
    def label(self) -> str:
        return self.name

    @property
    def account(self) -> "PayeeAccount | None":
        """The one in force: verified by a second person and not superseded."""
        return next((found for found in self.accounts if found.state == AccountState.VERIFIED), None)


class PayeeAccount(Sealed, Base):
    """A bank account, never edited: superseded. Verified by a second person before money goes to it, who says in
    `doubts_note` how what looks wrong (`awards.account_doubts`) was cleared up."""

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
    doubts_note: Mapped[str] = mapped_column(String(200), default="")
    payee: Mapped[Payee] = relationship(back_populates="accounts")
    __table_args__ = (
        UniqueConstraint("payee_id", "version"),
        CheckConstraint("number <> bank_code", name="number_is_not_bank_code"),
        CheckConstraint("verified_by_id IS NULL OR verified_by_id <> entered_by_id", name="two_people"),
        CheckConstraint("state <> 'verified' OR verified_by_id IS NOT NULL", name="verified"),
    )


class Exclusion(Sealed, Base):
    """An entry of the list of units that may not be paid (不予支付名单), from a day to a day, by credit code.

    `ends_at` is the first moment it no longer holds; an entry that ends where it starts was entered by mistake.
    Days are kept as moments, so that the database itself compares them with the moment of a transfer.
    """

    __tablename__ = "exclusion"
    id: Mapped[int] = mapped_column(primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), index=True)
    name: Mapped[str] = mapped_column(String(120))
    reason: Mapped[ExclusionReason] = mapped_column(enum_type(ExclusionReason))
    source: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (
        UniqueConstraint("credit_code", "reason", "starts_at"),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="period"),
    )

    @property
    def label(self) -> str:
        return self.name

    @property
    def first_day(self) -> date:
        return beijing_day(self.starts_at)

    @property
    def last_day(self) -> date | None:
        return beijing_day(self.ends_at - timedelta(seconds=1)) if self.ends_at else None

    @property
    def withdrawn(self) -> bool:
        return self.ends_at == self.starts_at

    def in_force(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
