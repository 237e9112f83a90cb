"""Batches of entries imported from the national platform's list, and what became of each of their rows."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competition.enums import ImportOutcome, ImportState, UndoOutcome
from competition.models.editions import Edition
from core.db import Base, UTCDateTime, enum_type
from core.models import Job, StoredFile, User
from core.seals import Sealed


class ImportBatch(Sealed, Base):
    """One file for one edition. `mapping` gives each target's head in the file; the counts follow from the rows."""

    # Progress is the job's; which job works on the batch decides nothing.
    UNSEALED = frozenset({"job_id"})
    __tablename__ = "import_batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), index=True)
    source: Mapped[str] = mapped_column(String(60))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    head_line: Mapped[int]
    heads: Mapped[list]
    mapping: Mapped[dict] = mapped_column(default=dict)
    state: Mapped[ImportState] = mapped_column(enum_type(ImportState), default=ImportState.MAPPING)
    rows_read: Mapped[int] = mapped_column(default=0)
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    unchanged_count: Mapped[int] = mapped_column(default=0)
    refused_count: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[str] = mapped_column(String(300), default="")
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    imported_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    edition: Mapped[Edition] = relationship()
    file: Mapped[StoredFile] = relationship()
    job: Mapped[Job | None] = relationship()
    created_by: Mapped[User | None] = relationship()

    @property
    def label(self) -> str:
        return f"{self.source} {self.created_at:%Y-%m-%d}"


class ImportRow(Sealed, Base):
    """One row of a batch. `record` is what was read; `before` what an existing enterprise's own record said."""

    __tablename__ = "import_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    line: Mapped[int]
    credit_code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[ImportOutcome] = mapped_column(enum_type(ImportOutcome))
    record: Mapped[dict] = mapped_column(default=dict)
    problems: Mapped[list] = mapped_column(default=list)
    notes: Mapped[list] = mapped_column(default=list)
    noted: Mapped[bool] = mapped_column(default=False)
    changes: Mapped[list] = mapped_column(default=list)
    before: Mapped[dict] = mapped_column(default=dict)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"), index=True)
    version_number: Mapped[int | None]
    undo: Mapped[UndoOutcome] = mapped_column(enum_type(UndoOutcome), default=UndoOutcome.NONE)
    __table_args__ = (
        UniqueConstraint("batch_id", "line"),
        Index("ix_import_row_outcome", "batch_id", "outcome", "line"),
    )
