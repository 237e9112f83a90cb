"""Editions with their parameters: tracks, regions, criteria, stages, and the rule versions they were published under."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competition.enums import (
    Aggregation,
    CriterionMode,
    EditionState,
    Group,
    RuleChangeState,
    StageKind,
    StageState,
)
from core.db import Base, UTCDateTime, enum_type, fen_column
from core.seals import Sealed


class Edition(Sealed, Base):
    """One year's contest (届次) with its parameters (DOMAIN.md 8.1)."""

    __tablename__ = "edition"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    ordinal: Mapped[int]
    year: Mapped[int]
    state: Mapped[EditionState] = mapped_column(enum_type(EditionState), default=EditionState.DRAFT)
    demo: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    account_deadline: Mapped[datetime | None] = mapped_column(UTCDateTime)
    entry_deadline: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revenue_year: Mapped[int]
    revenue_max_fen: Mapped[int] = fen_column()
    founded_from: Mapped[date | None]
    startup_from: Mapped[date]
    eligibility: Mapped[dict] = mapped_column(default=dict)
    required_attachments: Mapped[list] = mapped_column(default=list)
    text_limits: Mapped[dict] = mapped_column(default=dict, server_default="{}")
    notice_days: Mapped[int] = mapped_column(default=5)
    notice_counts_first: Mapped[bool] = mapped_column(default=True)
    notice_shows: Mapped[str] = mapped_column(String(10), default="name")
    recommendation_quota: Mapped[int] = mapped_column(default=0)
    budget_line_code: Mapped[str | None] = mapped_column(String(40))
    rules_version: Mapped[int] = mapped_column(default=0)
    # The working copy of a change of rules points to the edition in force; only the office's pages of rules see it.
    revises_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    tracks: Mapped[list["Track"]] = relationship(back_populates="edition", order_by="Track.position")
    regions: Mapped[list["Region"]] = relationship(back_populates="edition", order_by="Region.position")
    stages: Mapped[list["Stage"]] = relationship(back_populates="edition", order_by="Stage.position")
    change: Mapped["RuleChange | None"] = relationship(
        back_populates="draft", foreign_keys="RuleChange.draft_id", uselist=False
    )
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("notice_shows IN ('name', 'rank', 'score')", name="notice_shows"),
        CheckConstraint("revenue_max_fen >= 0 AND notice_days >= 1", name="positive"),
    )

    @property
    def label(self) -> str:
        return self.name


class EditionRules(Sealed, Base):
    """A published version of an edition's rules, frozen with its text and digest."""

    __tablename__ = "edition_rules"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    number: Mapped[int]
    content: Mapped[dict]
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (UniqueConstraint("edition_id", "number"),)


class RuleChange(Sealed, Base):
    """A change of published rules: its working copy, why, who wrote it and who, another person, put it in force."""

    __tablename__ = "rule_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), unique=True)
    state: Mapped[RuleChangeState] = mapped_column(
        enum_type(RuleChangeState), default=RuleChangeState.DRAFTING
    )
    reason: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    started_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    proposed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version_number: Mapped[int | None]
    edition: Mapped[Edition] = relationship(foreign_keys=[edition_id])
    draft: Mapped[Edition] = relationship(back_populates="change", foreign_keys=[draft_id])
    __table_args__ = (
        CheckConstraint(
            "state <> 'published' OR (version_number IS NOT NULL AND decided_by_id IS NOT NULL "
            "AND decided_by_id <> proposed_by_id AND decided_by_id <> started_by_id)",
            name="two_people",
        ),
    )

    @property
    def label(self) -> str:
        return f"{self.edition.name}规则调整"


class DeadlineChange(Sealed, Base):
    """An extension of a deadline (延期): what it was, what it is, why, who."""

    __tablename__ = "deadline_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    field: Mapped[str] = mapped_column(String(30))
    old_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    new_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(Text)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Track(Base):
    """An industry track (行业)."""

    __tablename__ = "track"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    # Small tracks play in the room of another and are ranked with it (合并评审室).
    room_of_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    edition: Mapped[Edition] = relationship(back_populates="tracks")

    @property
    def room(self) -> "Track":
        """The track whose room this one plays in: its own unless it was merged."""
        if self.room_of_id is None:
            return self
        return next(track for track in self.edition.tracks if track.id == self.room_of_id)

    @property
    def sharing(self) -> list["Track"]:
        """Every track that plays in this one's room, itself first."""
        return [self, *(track for track in self.edition.tracks if track.room_of_id == self.id)]

    __table_args__ = (UniqueConstraint("edition_id", "code"),)


class Region(Base):
    """A regional contest area (赛区): one or several prefectures."""

    __tablename__ = "region"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    name: Mapped[str] = mapped_column(String(60))
    host: Mapped[str] = mapped_column(String(100), default="")
    position: Mapped[int]
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    edition: Mapped[Edition] = relationship(back_populates="regions")
    prefectures: Mapped[list["RegionPrefecture"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )
    __table_args__ = (UniqueConstraint("edition_id", "name"),)


class RegionPrefecture(Base):
    __tablename__ = "region_prefecture"
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    division_code: Mapped[str] = mapped_column(ForeignKey("division.code"), primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), index=True)


TOP_OF_TEN = 1000  # ten points in hundredths


class Criterion(Sealed, Base):
    """A judging criterion (评分项) for one group, of the edition or of one stage; a group's points sum to
    100.00.

    `max_hundredths` is what it can add to a sheet. Marked out of ten, its weight is a tenth of that: 25 points are
    a mark times 2.5.
    """

    __tablename__ = "criterion"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    group: Mapped[Group] = mapped_column(enum_type(Group))
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    hint: Mapped[str] = mapped_column(Text, default="")
    mode: Mapped[CriterionMode] = mapped_column(enum_type(CriterionMode), default=CriterionMode.POINTS)
    max_hundredths: Mapped[int]
    position: Mapped[int]
    __table_args__ = (
        UniqueConstraint("edition_id", "stage_id", "group", "code"),
        Index(
            "uq_criterion_of_edition",
            "edition_id",
            "group",
            "code",
            unique=True,
            sqlite_where=text("stage_id IS NULL"),
            postgresql_where=text("stage_id IS NULL"),
        ),
        CheckConstraint("max_hundredths > 0", name="max"),
    )

    @property
    def top_mark(self) -> int:
        """The highest mark a judge may give, in hundredths."""
        return TOP_OF_TEN if self.mode == CriterionMode.TEN_POINT else self.max_hundredths

    def worth(self, mark: int) -> int:
        """What a mark adds to the sheet's total, in hundredths; whole, since published rules allow no finer mark."""
        return mark * self.max_hundredths // self.top_mark


class Stage(Sealed, Base):
    """A round (轮次) of the edition with its own panel, format, aggregation and quota.

    second_panel: {} or {name, size, weight}: a second panel (大众评审) with its share of the score in per cent; a
    weight of 0 is a popularity score (人气分) that is shown and never counted.
    second_look: {} where second looks stay apart; {"how": "pooled"} where they count as further sheets of the
    panel; {"how": "weighted", "weight": w} where their mean is w per cent of the score.
    """

    __tablename__ = "stage"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    kind: Mapped[StageKind] = mapped_column(enum_type(StageKind))
    name: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    state: Mapped[StageState] = mapped_column(enum_type(StageState), default=StageState.PLANNED)
    panel_size: Mapped[int] = mapped_column(default=5)
    aggregation: Mapped[Aggregation] = mapped_column(enum_type(Aggregation), default=Aggregation.MEAN)
    drop_high: Mapped[int] = mapped_column(default=0)
    drop_low: Mapped[int] = mapped_column(default=0)
    round_first: Mapped[bool] = mapped_column(default=True)
    tie_chain: Mapped[list] = mapped_column(default=list)
    score_step: Mapped[int] = mapped_column(default=50)
    pitch_minutes: Mapped[int] = mapped_column(default=8)
    answer_minutes: Mapped[int] = mapped_column(default=7)
    second_panel: Mapped[dict] = mapped_column(default=dict)
    second_look: Mapped[dict] = mapped_column(default=dict)
    quota: Mapped[dict] = mapped_column(default=dict)
    backfill: Mapped[bool] = mapped_column(default=True)
    has_notice: Mapped[bool] = mapped_column(default=False)
    visits_after: Mapped[bool] = mapped_column(default=False, server_default=false())
    recommends: Mapped[bool] = mapped_column(default=False, server_default=false())
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    edition: Mapped[Edition] = relationship(back_populates="stages")
    __table_args__ = (
        UniqueConstraint("edition_id", "position"),
        CheckConstraint("panel_size BETWEEN 1 AND 99 AND score_step IN (1, 10, 50, 100)", name="shape"),
    )

    @property
    def label(self) -> str:
        return self.name
