"""How payments are approved: rules by amount, the chain frozen on a payment, delegations and where they were used."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from awards.models.payments import Payment, PaymentStep
from core.db import Base, UTCDateTime, fen_column
from core.models import StoredFile, User
from core.seals import Sealed


class ApprovalRule(Sealed, Base):
    """From this amount on: which steps a payment passes (`awards.chains`), who is the head of division, the minutes.

    A version: never changed, ended by the next of the same amount; the database refuses anything else.
    """

    __tablename__ = "approval_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    from_fen: Mapped[int] = fen_column()
    steps: Mapped[list]
    division_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    minutes: Mapped[bool]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    division: Mapped[User | None] = relationship(foreign_keys=[division_id])
    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])
    __table_args__ = (
        CheckConstraint("from_fen >= 0", name="from"),
        Index(
            "uq_approval_rule_from_fen",
            "from_fen",
            unique=True,
            sqlite_where=(ended_at.is_(None)),
            postgresql_where=(ended_at.is_(None)),
        ),
    )


class PaymentChain(Sealed, Base):
    """What one attempt of a payment must pass, as the rules were when it was submitted."""

    __tablename__ = "payment_chain"
    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    attempt: Mapped[int]
    rule_id: Mapped[int] = mapped_column(ForeignKey("approval_rule.id"))
    steps: Mapped[list]
    # How many sign, for the database to count.
    approvals: Mapped[int]
    division_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    minutes: Mapped[bool]
    minutes_no: Mapped[str] = mapped_column(String(80), default="")
    minutes_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    payment: Mapped[Payment] = relationship(backref=backref("chains", order_by="PaymentChain.attempt"))
    division: Mapped[User | None] = relationship()
    minutes_file: Mapped[StoredFile | None] = relationship()
    __table_args__ = (UniqueConstraint("payment_id", "attempt"),)


class Delegation(Sealed, Base):
    """One person lets another sign for him from the first to the last day; ended early, never deleted."""

    __tablename__ = "delegation"
    id: Mapped[int] = mapped_column(primary_key=True)
    principal_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    principal: Mapped[User] = relationship(foreign_keys=[principal_id])
    delegate: Mapped[User] = relationship(foreign_keys=[delegate_id], backref="delegations_received")
    __table_args__ = (
        CheckConstraint("principal_id <> delegate_id", name="two_persons"),
        CheckConstraint("first_day <= last_day", name="days"),
    )

    def in_force(self, day: date) -> bool:
        return self.ended_at is None and self.first_day <= day <= self.last_day


class DelegatedStep(Sealed, Base):
    """A signature given for somebody else, with the delegation it rests on."""

    __tablename__ = "delegated_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("payment_step.id"), unique=True)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"), index=True)
    step: Mapped[PaymentStep] = relationship(backref=backref("delegated", uselist=False))
    delegation: Mapped[Delegation] = relationship()
