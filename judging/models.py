"""Judging tables. A score is kept in integer hundredths; recused and missing are not zero.

The relationships among session, run, sheet and score are for reading (`viewonly`): these rows are tied by their ids
alone, so that a flush has no object graph to sort. A submission takes half the time for it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competition.enums import Group
from competition.models import Criterion, Edition, Entry, Region, Stage, Track
from core.db import Base, UTCDateTime, enum_type
from core.models import User
from core.seals import Sealed
from judging.enums import (
    ConflictSource,
    CorrectionState,
    JudgeRole,
    RankingState,
    RunState,
    SeatPanel,
    SessionState,
    SheetState,
    SignerKind,
)


class Judge(Sealed, Base):
    """An expert of the judge library (评委库), across editions."""

    __tablename__ = "judge"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[JudgeRole] = mapped_column(enum_type(JudgeRole))
    employer: Mapped[str] = mapped_column(String(120))
    employer_code: Mapped[str] = mapped_column(String(18), default="")
    title: Mapped[str] = mapped_column(String(60), default="")
    expertise: Mapped[list] = mapped_column(default=list)
    region: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    user: Mapped[User | None] = relationship()
    pledges: Mapped[list["Pledge"]] = relationship(back_populates="judge")

    @property
    def label(self) -> str:
        return self.name

    def has_pledged(self, edition_id: int) -> bool:
        return any(pledge.edition_id == edition_id for pledge in self.pledges)


class Pledge(Sealed, Base):
    """A judge's signed pledge of impartiality and confidentiality for one edition (承诺书)."""

    __tablename__ = "pledge"
    id: Mapped[int] = mapped_column(primary_key=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("judge.id"))
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    text_sha256: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    judge: Mapped[Judge] = relationship(back_populates="pledges")
    edition: Mapped[Edition] = relationship()
    __table_args__ = (UniqueConstraint("judge_id", "edition_id"),)


class JudgeConflict(Sealed, Base):
    """A conflict of interest (回避) between a judge and an entry; enforced when sheets are made."""

    __tablename__ = "judge_conflict"
    id: Mapped[int] = mapped_column(primary_key=True)
    judge_id: Mapped[int] = mapped_column(ForeignKey("judge.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    source: Mapped[ConflictSource] = mapped_column(enum_type(ConflictSource))
    reason_code: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    judge: Mapped[Judge] = relationship()
    entry: Mapped[Entry] = relationship()
    __table_args__ = (UniqueConstraint("judge_id", "entry_id"),)


class Session(Sealed, Base):
    """One panel, one room, one running order (场次)."""

    __tablename__ = "judging_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    group: Mapped[Group | None] = mapped_column(enum_type(Group))
    name: Mapped[str] = mapped_column(String(80))
    room: Mapped[str] = mapped_column(String(80), default="")
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[SessionState] = mapped_column(enum_type(SessionState), default=SessionState.PLANNED)
    only_on_stage: Mapped[bool] = mapped_column(default=True)
    public_board: Mapped[bool] = mapped_column(default=False)
    draw_seed: Mapped[str] = mapped_column(String(64), default="")
    draw_pool_hash: Mapped[str] = mapped_column(String(64), default="")
    drawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    locked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    board_version: Mapped[int] = mapped_column(default=0)
    stage: Mapped[Stage] = relationship(lazy="joined", innerjoin="unnested")
    region: Mapped[Region | None] = relationship()
    track: Mapped[Track | None] = relationship()
    recorder: Mapped[User | None] = relationship(foreign_keys=[recorder_id])
    witness: Mapped[User | None] = relationship(foreign_keys=[witness_id])
    seats: Mapped[list["Seat"]] = relationship(back_populates="session", order_by="Seat.position")
    runs: Mapped[list["Run"]] = relationship(viewonly=True, order_by="Run.draw_number, Run.id")

    @property
    def label(self) -> str:
        return self.name


class Seat(Sealed, Base):
    """A judge on a panel."""

    __tablename__ = "seat"
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("judging_session.id"))
    judge_id: Mapped[int] = mapped_column(ForeignKey("judge.id"), index=True)
    position: Mapped[int]
    is_chair: Mapped[bool] = mapped_column(default=False)
    panel: Mapped[SeatPanel] = mapped_column(enum_type(SeatPanel), default=SeatPanel.MAIN)
    session: Mapped[Session] = relationship(back_populates="seats")
    judge: Mapped[Judge] = relationship(lazy="joined", innerjoin="unnested")
    __table_args__ = (UniqueConstraint("session_id", "judge_id"), UniqueConstraint("session_id", "position"))


class Run(Sealed, Base):
    """An entry in a session with its draw number and the aggregates kept at write time.

    `calibration`: an anchor (标定项目), an entry from outside the stage that every judge scores to link the rooms;
    it is scored like any other and never ranked.
    """

    __tablename__ = "run"
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("judging_session.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    draw_number: Mapped[int | None]
    state: Mapped[RunState] = mapped_column(enum_type(RunState), default=RunState.WAITING)
    expected_sheets: Mapped[int] = mapped_column(default=0)
    submitted_sheets: Mapped[int] = mapped_column(default=0)
    score_hundredths: Mapped[int | None]
    calibration: Mapped[bool] = mapped_column(default=False)
    called_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    session: Mapped[Session] = relationship(viewonly=True)
    entry: Mapped[Entry] = relationship(viewonly=True)
    sheets: Mapped[list["Sheet"]] = relationship(viewonly=True, order_by="Sheet.seat_id")
    __table_args__ = (
        UniqueConstraint("session_id", "entry_id"),
        UniqueConstraint("session_id", "draw_number"),
        CheckConstraint("submitted_sheets BETWEEN 0 AND expected_sheets", name="sheets"),
    )


class Sheet(Sealed, Base):
    """One judge's score sheet for one entry (评分表)."""

    __tablename__ = "sheet"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    state: Mapped[SheetState] = mapped_column(enum_type(SheetState), default=SheetState.OPEN)
    total_hundredths: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    client_id: Mapped[str] = mapped_column(String(64), default="")
    client_counter: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
    receipt: Mapped[str] = mapped_column(String(64), default="")
    saved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    run: Mapped[Run] = relationship(viewonly=True)
    seat: Mapped[Seat] = relationship(viewonly=True, lazy="joined", innerjoin="unnested")
    scores: Mapped[list["Score"]] = relationship(viewonly=True, order_by="Score.criterion_id")
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("run_id", "seat_id"),
        CheckConstraint("total_hundredths BETWEEN 0 AND 10000", name="total"),
        CheckConstraint(
            "state <> 'submitted' OR (total_hundredths IS NOT NULL AND submitted_at IS NOT NULL)",
            name="submitted",
        ),
    )


class Score(Sealed, Base):
    """A judge's points for one criterion. Its key is natural, so that the scores of a sheet go in as one statement;
    the seal does not cover a key, the sheet's digest does."""

    __tablename__ = "score"
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), primary_key=True)
    hundredths: Mapped[int]
    criterion: Mapped[Criterion] = relationship(viewonly=True, lazy="joined", innerjoin="unnested")
    __table_args__ = (CheckConstraint("hundredths BETWEEN 0 AND 10000", name="range"),)


class Correction(Sealed, Base):
    """A change to a submitted sheet: asked for by the chair, approved by supervision, the old values kept."""

    __tablename__ = "correction"
    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), index=True)
    state: Mapped[CorrectionState] = mapped_column(
        enum_type(CorrectionState), default=CorrectionState.REQUESTED
    )
    old_values: Mapped[dict]
    new_values: Mapped[dict]
    reason: Mapped[str] = mapped_column(Text)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sheet: Mapped[Sheet] = relationship()
    requested_by: Mapped[User] = relationship(foreign_keys=[requested_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> requested_by_id", name="two_people"),
    )


class Signature(Sealed, Base):
    """A signature under a locked session: who, over which content digest."""

    __tablename__ = "signature"
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("judging_session.id"))
    kind: Mapped[SignerKind] = mapped_column(enum_type(SignerKind))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    user: Mapped[User] = relationship()
    __table_args__ = (UniqueConstraint("session_id", "kind", "user_id"),)


class TieDecision(Sealed, Base):
    """The panel's order among entries with equal scores (评委组合议), best first, with its minutes."""

    __tablename__ = "tie_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), index=True)
    entry_numbers: Mapped[list]
    minutes: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("minutes <> ''", name="minutes"),)


class Ranking(Sealed, Base):
    """A ranking frozen with its rule, its inputs and a hash over its rows."""

    __tablename__ = "ranking"
    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    group: Mapped[Group] = mapped_column(enum_type(Group))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[RankingState] = mapped_column(enum_type(RankingState), default=RankingState.FROZEN)
    rule: Mapped[dict]
    rules_version: Mapped[int]
    inputs_hash: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    frozen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    stage: Mapped[Stage] = relationship(lazy="joined", innerjoin="unnested")
    region: Mapped[Region | None] = relationship()
    track: Mapped[Track | None] = relationship()
    frozen_by: Mapped[User | None] = relationship()
    rows: Mapped[list["RankingRow"]] = relationship(back_populates="ranking", order_by="RankingRow.position")

    @property
    def label(self) -> str:
        return self.name


class RankingRow(Sealed, Base):
    """One entry's place. `exact` is the unrounded score as a fraction, `detail` the scores used and dropped."""

    __tablename__ = "ranking_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(ForeignKey("ranking.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    position: Mapped[int]
    rank: Mapped[int]
    score_hundredths: Mapped[int]
    exact: Mapped[str] = mapped_column(String(60))
    tie_broken_by: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[dict]
    ranking: Mapped[Ranking] = relationship(back_populates="rows")
    entry: Mapped[Entry] = relationship()
    __table_args__ = (
        UniqueConstraint("ranking_id", "entry_id"),
        UniqueConstraint("ranking_id", "position"),
        Index("ix_ranking_row_rank", "ranking_id", "rank"),
    )
