"""The award plan of an edition and its tiers."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import (
    AwardGroup,
    AwardKind,
    DoubleSupport,
    InstalmentCondition,
    PlanState,
    SupportLevel,
)
from competition.models import Edition
from core.db import Base, UTCDateTime, enum_type, fen_column
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
    double_support: Mapped[DoubleSupport] = mapped_column(enum_type(DoubleSupport), default=DoubleSupport.OFF)
    support_years: Mapped[int] = mapped_column(default=1)
    edition: Mapped[Edition] = relationship()
    line: Mapped[BudgetLine] = relationship()
    tiers: Mapped[list["Tier"]] = relationship(back_populates="plan", order_by="Tier.position")

    @property
    def label(self) -> str:
        return self.name


class Tier(Sealed, Base):
    """Places and amount of one award tier in one group. `first_bp` is the first instalment in basis points;
    with `needs_contract` it waits for the signed task book. The tail waits for `tail_condition`, and not less than
    `tail_months` from the day the award was confirmed."""

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
    needs_contract: Mapped[bool] = mapped_column(default=False)
    tail_condition: Mapped[InstalmentCondition] = mapped_column(
        enum_type(InstalmentCondition), default=InstalmentCondition.ACCEPTANCE_PASSED
    )
    tail_months: Mapped[int] = mapped_column(default=0)
    plan: Mapped[TierPlan] = relationship(back_populates="tiers")
    __table_args__ = (
        UniqueConstraint("plan_id", "group", "code"),
        CheckConstraint("places >= 0 AND amount_fen > 0 AND first_bp BETWEEN 0 AND 10000", name="shape"),
        CheckConstraint("tail_months BETWEEN 0 AND 120", name="tail"),
    )


class EdgeDecision(Sealed, Base):
    """The order that the judges' panel decided for a tie at the edge of a tier, with its minutes."""

    __tablename__ = "edge_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("tier_plan.id"), index=True)
    entries: Mapped[list] = mapped_column(default=list)
    minutes: Mapped[str] = mapped_column(String(200))
    decided_on: Mapped[date]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class OtherSupport(Sealed, Base):
    """Public money an enterprise has from another programme, level or year, by credit code."""

    __tablename__ = "other_support"
    id: Mapped[int] = mapped_column(primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), index=True)
    name: Mapped[str] = mapped_column(String(120))
    programme: Mapped[str] = mapped_column(String(120))
    level: Mapped[SupportLevel] = mapped_column(enum_type(SupportLevel))
    year: Mapped[int]
    fen: Mapped[int] = fen_column()
    source: Mapped[str] = mapped_column(String(200))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    __table_args__ = (
        UniqueConstraint("credit_code", "programme", "level", "year"),
        CheckConstraint("fen > 0 AND year BETWEEN 1990 AND 2200", name="shape"),
    )

    @property
    def label(self) -> str:
        return self.name
