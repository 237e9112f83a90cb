"""Task books (任务书): what an award's holder undertakes, frozen when issued, signed on paper by both sides."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from awards.enums import TaskBookState
from awards.models.grants import Award
from core.db import Base, UTCDateTime, enum_type
from core.models import StoredFile
from core.seals import Sealed


class TaskBook(Sealed, Base):
    """`parts` are the award's instalments as they stood when it was issued; `code` is what the paper is known by."""

    __tablename__ = "task_book"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), index=True)
    state: Mapped[TaskBookState] = mapped_column(enum_type(TaskBookState), default=TaskBookState.DRAFT)
    goal: Mapped[str] = mapped_column(Text)
    targets: Mapped[list] = mapped_column(default=list)
    parts: Mapped[list] = mapped_column(default=list)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    drafted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    issued_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    scanned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    unit_signatory: Mapped[str] = mapped_column(String(60), default="")
    unit_signed_on: Mapped[date | None]
    office_signatory: Mapped[str] = mapped_column(String(60), default="")
    office_signed_on: Mapped[date | None]
    award: Mapped[Award] = relationship(back_populates="task_books")
    scan: Mapped[StoredFile | None] = relationship()
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="period"),
        CheckConstraint("state IN ('draft', 'void') OR content_hash <> ''", name="issued"),
        CheckConstraint(
            "state <> 'signed' OR (scan_id IS NOT NULL AND unit_signed_on IS NOT NULL"
            " AND office_signed_on IS NOT NULL AND unit_signatory <> '' AND office_signatory <> '')",
            name="signed",
        ),
        Index(
            "uq_task_book_award",
            "award_id",
            unique=True,
            sqlite_where=(state != TaskBookState.VOID),
            postgresql_where=(state != TaskBookState.VOID),
        ),
    )

    @property
    def label(self) -> str:
        return self.number
