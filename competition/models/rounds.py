"""An entry's way through the stages: places, due-diligence visits, the national recommendation."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competition.enums import (
    CandidacyState,
    RecommendationState,
    VisitConclusion,
    VisitState,
)
from competition.models.editions import Stage
from competition.models.entries import Entry
from core.db import Base, UTCDateTime, enum_type
from core.seals import Sealed


class Candidacy(Sealed, Base):
    """An entry's place in one stage: competing, then advanced, reserve or out, by which ranking."""

    __tablename__ = "candidacy"
    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    state: Mapped[CandidacyState] = mapped_column(enum_type(CandidacyState), default=CandidacyState.COMPETING)
    score_hundredths: Mapped[int | None]
    rank: Mapped[int | None]
    unit: Mapped[str] = mapped_column(String(80), default="")
    reserve_order: Mapped[int | None]
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    stage: Mapped[Stage] = relationship()
    entry: Mapped[Entry] = relationship()
    __table_args__ = (
        UniqueConstraint("stage_id", "entry_id"),
        Index("ix_candidacy_rank", "stage_id", "rank"),
        Index("ix_candidacy_score", "stage_id", "score_hundredths"),
    )


class Visit(Sealed, Base):
    """A due-diligence visit (尽职调查) to one enterprise and its report."""

    __tablename__ = "visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), unique=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), index=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    members: Mapped[list] = mapped_column(default=list)
    state: Mapped[VisitState] = mapped_column(enum_type(VisitState), default=VisitState.PLANNED)
    planned_on: Mapped[date]
    visited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    place: Mapped[str] = mapped_column(String(200), default="")
    checks: Mapped[list] = mapped_column(default=list)
    conclusion: Mapped[VisitConclusion | None] = mapped_column(enum_type(VisitConclusion))
    summary: Mapped[str] = mapped_column(Text, default="")
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    entry: Mapped[Entry] = relationship()
    __table_args__ = (CheckConstraint("state <> 'signed' OR conclusion IS NOT NULL", name="concluded"),)


class RecommendationList(Sealed, Base):
    """The list sent to the national contest (推荐全国赛), decided on the industry round."""

    __tablename__ = "recommendation_list"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), unique=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    state: Mapped[RecommendationState] = mapped_column(
        enum_type(RecommendationState), default=RecommendationState.DRAFT
    )
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    items: Mapped[list["Recommendation"]] = relationship(order_by="Recommendation.position")


class Recommendation(Sealed, Base):
    """One entry of the list, with the conditions it met and the opinion of the recommending unit (推荐单位意见)."""

    __tablename__ = "recommendation"
    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("recommendation_list.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    position: Mapped[int]
    checks: Mapped[list] = mapped_column(default=list)
    opinion: Mapped[str] = mapped_column(Text, default="")
    entry: Mapped[Entry] = relationship()
    __table_args__ = (UniqueConstraint("list_id", "entry_id"),)
