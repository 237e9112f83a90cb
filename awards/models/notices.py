"""Public notices, the evidence that they were posted, and objections."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import NoticeKind, NoticeState, ObjectionState, ObjectorKind
from competition.models import Edition, Entry
from core.db import Base, UTCDateTime, enum_type
from core.models import StoredFile, User
from core.seals import Sealed


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
    corrects: Mapped["Notice | None"] = relationship(remote_side="Notice.id")
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
    late_reason: Mapped[str] = mapped_column(Text, default="")
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
