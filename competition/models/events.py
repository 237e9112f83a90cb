"""Trainings and matchmaking events with who came and what was intended."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competition.enums import (
    EventState,
    GuestKind,
    IntentionKind,
)
from core.db import Base, UTCDateTime, enum_type, fen_column
from core.seals import Sealed


class Training(Sealed, Base):
    __tablename__ = "training"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    title: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(60), default="赛前培训")
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(120), default="")
    trainer: Mapped[str] = mapped_column(String(120), default="")
    capacity: Mapped[int] = mapped_column(default=100)
    state: Mapped[EventState] = mapped_column(enum_type(EventState), default=EventState.PLANNED)
    attendance_count: Mapped[int] = mapped_column(default=0)

    @property
    def label(self) -> str:
        return self.title


class TrainingAttendance(Sealed, Base):
    """One person at one session (人次)."""

    __tablename__ = "training_attendance"
    id: Mapped[int] = mapped_column(primary_key=True)
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id"))
    person: Mapped[str] = mapped_column(String(60))
    organisation: Mapped[str] = mapped_column(String(120), default="")
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    checked_in_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (UniqueConstraint("training_id", "person", "organisation"),)


class MatchEvent(Sealed, Base):
    """A financing matchmaking event (投融资对接会)."""

    __tablename__ = "match_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[EventState] = mapped_column(enum_type(EventState), default=EventState.PLANNED)
    guests: Mapped[list["MatchGuest"]] = relationship(back_populates="event", order_by="MatchGuest.id")

    @property
    def label(self) -> str:
        return self.title


class MatchGuest(Base):
    __tablename__ = "match_guest"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("match_event.id"))
    kind: Mapped[GuestKind] = mapped_column(enum_type(GuestKind))
    name: Mapped[str] = mapped_column(String(120))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    event: Mapped[MatchEvent] = relationship(back_populates="guests")
    __table_args__ = (UniqueConstraint("event_id", "name"),)


class Intention(Sealed, Base):
    """An intention card (投资意向) from an institution or bank to an enterprise, and what came of it."""

    __tablename__ = "intention"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("match_event.id"), index=True)
    funder_id: Mapped[int] = mapped_column(ForeignKey("match_guest.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    kind: Mapped[IntentionKind] = mapped_column(enum_type(IntentionKind))
    amount_fen: Mapped[int] = fen_column()
    realised_fen: Mapped[int] = fen_column(default=0)
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
