"""Awards with their parts. Edition, budget year, item carried and money carried are four separate facts."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import AcceptanceState, AwardGroup, AwardKind, AwardState, InstalmentCondition
from awards.models.notices import Notice
from awards.models.payees import Payee
from competition.models import Edition, Entry
from core.db import Base, UTCDateTime, enum_type, fen_column
from core.models import StoredFile, User
from core.seals import Sealed
from fund.models import BudgetLine

if TYPE_CHECKING:
    from awards.models.task_books import TaskBook


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
    operating_checks: Mapped[list["OperatingCheck"]] = relationship(
        back_populates="award", order_by="OperatingCheck.id"
    )
    task_books: Mapped[list["TaskBook"]] = relationship(back_populates="award", order_by="TaskBook.id")
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


class Certificate(Sealed, Base):
    """A certificate (获奖证书): number, what it certifies, and the digest anyone can check."""

    __tablename__ = "certificate"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), index=True)
    content: Mapped[dict]
    content_hash: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    award: Mapped[Award] = relationship()
    __table_args__ = (
        Index(
            "uq_certificate_award",
            "award_id",
            unique=True,
            sqlite_where=(revoked_at.is_(None)),
            postgresql_where=(revoked_at.is_(None)),
        ),
    )


class Instalment(Sealed, Base):
    """A part of an award with the condition its payment waits for; the parts sum to the award.

    `months` count from the day the award was confirmed; `due_at` is the first moment after them, set on that day.
    """

    __tablename__ = "instalment"
    id: Mapped[int] = mapped_column(primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    seq: Mapped[int]
    fen: Mapped[int] = fen_column()
    condition: Mapped[InstalmentCondition] = mapped_column(enum_type(InstalmentCondition))
    paid_before_fen: Mapped[int] = fen_column(default=0)
    months: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    award: Mapped[Award] = relationship(back_populates="instalments")
    __table_args__ = (
        UniqueConstraint("award_id", "seq"),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("months BETWEEN 0 AND 120", name="months"),
    )


class Acceptance(Sealed, Base):
    """The acceptance review (验收) of a funded project; only a passed one frees the final instalment.

    `targets`: as in `awards.targets`, with what was achieved. `panel`: [{judge, name, employer, chair}] as seated.
    """

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
    resubmitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    award: Mapped[Award] = relationship(back_populates="acceptance")
    materials: Mapped[list["AcceptanceMaterial"]] = relationship(order_by="AcceptanceMaterial.id")

    @property
    def label(self) -> str:
        return self.award.number


class OperatingCheck(Sealed, Base):
    """A look at whether the winner still has its seat here and operates (落地经营核查); the last one counts."""

    __tablename__ = "operating_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), index=True)
    checked_on: Mapped[date]
    resident: Mapped[bool]
    operating: Mapped[bool]
    passed: Mapped[bool]
    findings: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    award: Mapped[Award] = relationship(back_populates="operating_checks")
    file: Mapped[StoredFile | None] = relationship()
    recorded_by: Mapped[User] = relationship()
    __table_args__ = (CheckConstraint("passed = (resident AND operating)", name="passed"),)


class AcceptanceMaterial(Sealed, Base):
    """A file handed in for an acceptance review; added, never taken away."""

    __tablename__ = "acceptance_material"
    id: Mapped[int] = mapped_column(primary_key=True)
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    attached_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    attached_at: Mapped[datetime] = mapped_column(UTCDateTime)
    file: Mapped[StoredFile] = relationship()
