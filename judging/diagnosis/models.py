"""What is kept of a diagnosis: the result as computed, the declaration of the rooms, the flags people decide on, second looks."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competition.models import Entry, Stage
from core.db import Base, UTCDateTime, enum_type
from core.models import User
from core.seals import Sealed
from judging.anomalies.flags import Kind
from judging.diagnosis.enums import FlagState, LookState, Normalising
from judging.models import Judge, Ranking


class RoomDeclaration(Sealed, Base):
    """How the entries of a round came to their rooms and whether rooms are normalised (评审室声明), published before
    the first score. A later declaration before that score takes the place of an earlier one; rows are never changed."""

    __tablename__ = "room_declaration"
    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), index=True)
    drawn: Mapped[bool]
    method: Mapped[Normalising] = mapped_column(enum_type(Normalising))
    basis: Mapped[str] = mapped_column(Text)
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    declared_at: Mapped[datetime] = mapped_column(UTCDateTime)
    stage: Mapped[Stage] = relationship()
    declared_by: Mapped[User | None] = relationship()
    __table_args__ = (
        CheckConstraint("basis <> ''", name="basis"),
        CheckConstraint("drawn OR method = 'none'", name="drawn"),
    )

    @property
    def label(self) -> str:
        return self.basis[:80]


class Diagnosis(Sealed, Base):
    """A diagnosis as computed: by which formulas, from which inputs, with which seed. Never changed, only followed.

    `inputs_hash` is the ranking's own; `context_hash` covers what was looked at besides (rooms, anchors, declaration).
    """

    __tablename__ = "diagnosis"
    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"), index=True)
    formulas: Mapped[str] = mapped_column(String(40))
    places: Mapped[int]
    draws: Mapped[int]
    seed: Mapped[int]
    inputs_hash: Mapped[str] = mapped_column(String(64))
    context_hash: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    computed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ranking: Mapped[Ranking] = relationship()
    asked_by: Mapped[User | None] = relationship()
    __table_args__ = (CheckConstraint("places > 0 AND draws > 0 AND seed >= 0", name="counts"),)


class AnomalyFlag(Sealed, Base):
    """Something in the scores a person should look at (异常提示). It proves nothing and changes no score.

    The same finding (kind, judges, entries) of one ranking is raised once, whatever the number of diagnoses.
    """

    __tablename__ = "anomaly_flag"
    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"))
    diagnosis_id: Mapped[int] = mapped_column(ForeignKey("diagnosis.id"))
    kind: Mapped[Kind] = mapped_column(enum_type(Kind))
    finding: Mapped[str] = mapped_column(String(64))
    judges: Mapped[list]
    entries: Mapped[list]
    at_cut: Mapped[list]
    measure: Mapped[dict]
    state: Mapped[FlagState] = mapped_column(enum_type(FlagState), default=FlagState.OPEN)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opinion: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ranking: Mapped[Ranking] = relationship()
    diagnosis: Mapped[Diagnosis] = relationship()
    decided_by: Mapped[User | None] = relationship()
    __table_args__ = (
        UniqueConstraint("ranking_id", "finding"),
        CheckConstraint("state = 'open' OR decided_at IS NOT NULL", name="decided"),
    )

    @property
    def label(self) -> str:
        return f"{self.ranking.name}：{self.kind.label}"


class SecondLook(Sealed, Base):
    """An entry near the line shown to a fresh judge (复评): a new score under his name, apart from the official sheets."""

    __tablename__ = "second_look"
    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"))
    diagnosis_id: Mapped[int] = mapped_column(ForeignKey("diagnosis.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("judge.id"), index=True)
    state: Mapped[LookState] = mapped_column(enum_type(LookState), default=LookState.ASKED)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    scores: Mapped[dict] = mapped_column(default=dict)
    total_hundredths: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ranking: Mapped[Ranking] = relationship()
    diagnosis: Mapped[Diagnosis] = relationship()
    entry: Mapped[Entry] = relationship()
    judge: Mapped[Judge] = relationship()
    __table_args__ = (
        UniqueConstraint("ranking_id", "entry_id", "judge_id"),
        CheckConstraint("total_hundredths BETWEEN 0 AND 10000", name="total"),
        CheckConstraint("(state = 'given') = (total_hundredths IS NOT NULL)", name="given"),
        CheckConstraint("(state = 'asked') = (closed_at IS NULL)", name="closed"),
    )

    @property
    def label(self) -> str:
        return f"{self.entry.number} {self.judge.name}"
