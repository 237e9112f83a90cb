"""Award and payment tables. Edition, budget year, item carried and money carried are four separate facts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import (
    AcceptanceState,
    AccountState,
    AwardGroup,
    AwardKind,
    AwardState,
    BatchState,
    Channel,
    InstalmentCondition,
    NoticeKind,
    NoticeState,
    ObjectionState,
    ObjectorKind,
    PayeeKind,
    PaymentState,
    PlanState,
)
from competition.models import Edition, Entry
from core.db import Base, UTCDateTime, enum_type, fen_column
from core.models import StoredFile, User
from core.seals import Sealed
from fund.models import BudgetLine


class TierPlan(Sealed, Base):
    """The award plan of an edition, balanced against its budget line before it is published."""

    __tablename__ = "tier_plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("budget_line.id"))
    name: Mapped[str] = mapped_column(String(80))
    state: Mapped[PlanState] = mapped_column(enum_type(PlanState), default=PlanState.DRAFT)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    edition: Mapped[Edition] = relationship()
    line: Mapped[BudgetLine] = relationship()
    tiers: Mapped[list["Tier"]] = relationship(back_populates="plan", order_by="Tier.position")

    @property
    def label(self) -> str:
        return self.name


class Tier(Sealed, Base):
    """Places and amount of one award tier in one group. `first_bp` is the first instalment in basis points."""

    __tablename__ = "tier"
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("tier_plan.id"))
    group: Mapped[AwardGroup] = mapped_column(enum_type(AwardGroup))
    kind: Mapped[AwardKind] = mapped_column(enum_type(AwardKind), default=AwardKind.PRIZE)
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    places: Mapped[int]
    amount_fen: Mapped[int] = fen_column()
    first_bp: Mapped[int] = mapped_column(default=10_000)
    plan: Mapped[TierPlan] = relationship(back_populates="tiers")
    __table_args__ = (
        UniqueConstraint("plan_id", "group", "code"),
        CheckConstraint("places >= 0 AND amount_fen > 0 AND first_bp BETWEEN 0 AND 10000", name="shape"),
    )


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


class Notice(Sealed, Base):
    """A public notice (公示): timed, hashed, never overwritten; a correction is a notice of its own."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind))
    state: Mapped[NoticeState] = mapped_column(enum_type(NoticeState), default=NoticeState.DRAFT)
    title: Mapped[str] = mapped_column(String(160))
    document_no: Mapped[str] = mapped_column(String(80), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[list] = mapped_column(default=list)
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    days: Mapped[int] = mapped_column(default=5)
    counts_first: Mapped[bool] = mapped_column(default=True)
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    calendar_known: Mapped[bool] = mapped_column(default=True)
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    edition: Mapped[Edition] = relationship()
    objections: Mapped[list["Objection"]] = relationship(back_populates="notice")
    __table_args__ = (
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> prepared_by_id", name="two_people"),
        CheckConstraint("state = 'draft' OR (starts_at IS NOT NULL AND content_hash <> '')", name="started"),
        Index("ix_notice_state_ends", "state", "ends_at"),
    )

    @property
    def label(self) -> str:
        return self.title


class NoticePosting(Sealed, Base):
    """Evidence that a notice was posted: where and when, with a photograph or a copy of the page."""

    __tablename__ = "notice_posting"
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    place: Mapped[str] = mapped_column(String(200))
    posted_on: Mapped[date]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    file: Mapped[StoredFile] = relationship()
    recorded_by: Mapped[User] = relationship()


class Award(Sealed, Base):
    """Something granted, with the edition it was won in and the budget year that pays it."""

    __tablename__ = "award"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("budget_line.id"), index=True)
    fiscal_year: Mapped[int]
    item_carried: Mapped[bool] = mapped_column(default=False)
    money_carried: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[AwardKind] = mapped_column(enum_type(AwardKind))
    group: Mapped[AwardGroup] = mapped_column(enum_type(AwardGroup))
    tier_id: Mapped[int | None] = mapped_column(ForeignKey("tier.id"))
    tier_name: Mapped[str] = mapped_column(String(40))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    payee_id: Mapped[int] = mapped_column(ForeignKey("payee.id"), index=True)
    rank: Mapped[int | None]
    amount_fen: Mapped[int] = fen_column()
    state: Mapped[AwardState] = mapped_column(enum_type(AwardState), default=AwardState.PROPOSED)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    edition: Mapped[Edition] = relationship()
    entry: Mapped[Entry | None] = relationship()
    payee: Mapped[Payee] = relationship(lazy="joined", innerjoin="unnested")
    line: Mapped[BudgetLine] = relationship()
    notice: Mapped[Notice | None] = relationship()
    instalments: Mapped[list["Instalment"]] = relationship(back_populates="award", order_by="Instalment.seq")
    acceptance: Mapped["Acceptance | None"] = relationship(back_populates="award")
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        Index(
            "uq_award_entry",
            "entry_id",
            unique=True,
            sqlite_where=(state != AwardState.CANCELLED),
            postgresql_where=(state != AwardState.CANCELLED),
        ),
    )

    @property
    def label(self) -> str:
        return self.number


class Objection(Sealed, Base):
    """An objection (异议) with its ticket. Real-name ones block the money concerned; anonymous ones are clues."""

    __tablename__ = "objection"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket: Mapped[str] = mapped_column(String(40), unique=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"), index=True)
    objector_kind: Mapped[ObjectorKind] = mapped_column(enum_type(ObjectorKind))
    objector: Mapped[str] = mapped_column(String(120), default="")
    contact: Mapped[str] = mapped_column(String(120), default="")
    content: Mapped[str] = mapped_column(Text)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    state: Mapped[ObjectionState] = mapped_column(enum_type(ObjectionState), default=ObjectionState.RECEIVED)
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    conclusion: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    notice: Mapped[Notice] = relationship(back_populates="objections")
    entry: Mapped[Entry | None] = relationship()
    handler: Mapped[User | None] = relationship()

    @property
    def label(self) -> str:
        return self.ticket


class Certificate(Sealed, Base):
    """A certificate (获奖证书): number, what it certifies, and the digest anyone can check."""

    __tablename__ = "certificate"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), unique=True)
    content: Mapped[dict]
    content_hash: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    award: Mapped[Award] = relationship()


class Instalment(Sealed, Base):
    """A part of an award with the condition its payment waits for; the parts sum to the award."""

    __tablename__ = "instalment"
    id: Mapped[int] = mapped_column(primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    seq: Mapped[int]
    fen: Mapped[int] = fen_column()
    condition: Mapped[InstalmentCondition] = mapped_column(enum_type(InstalmentCondition))
    paid_before_fen: Mapped[int] = fen_column(default=0)
    award: Mapped[Award] = relationship(back_populates="instalments")
    __table_args__ = (UniqueConstraint("award_id", "seq"), CheckConstraint("fen > 0", name="fen"))


class Acceptance(Sealed, Base):
    """The acceptance review (验收) of a funded project; only a passed one frees the final instalment."""

    __tablename__ = "acceptance"
    id: Mapped[int] = mapped_column(primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), unique=True)
    state: Mapped[AcceptanceState] = mapped_column(
        enum_type(AcceptanceState), default=AcceptanceState.APPLIED
    )
    targets: Mapped[list] = mapped_column(default=list)
    panel: Mapped[list] = mapped_column(default=list)
    opinion: Mapped[str] = mapped_column(Text, default="")
    applied_at: Mapped[datetime] = mapped_column(UTCDateTime)
    rectify_by: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    award: Mapped[Award] = relationship(back_populates="acceptance")


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
    instalment: Mapped[Instalment] = relationship()
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
