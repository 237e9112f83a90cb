"""What the review keeps beside its decisions: interests of reviewers, canned reasons, work done in bulk."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competition.enums import BatchAct, BatchState, ReviewDecisionKind
from competition.models.entries import Enterprise, Entry
from core.db import Base, UTCDateTime, enum_type
from core.models import User
from core.seals import Sealed


class ReviewerInterest(Sealed, Base):
    """A reviewer's interest in an enterprise (利害关系): while it is open he reviews none of its entries."""

    __tablename__ = "reviewer_interest"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    declared_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    enterprise: Mapped[Enterprise] = relationship(back_populates="interests")
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    __table_args__ = (
        Index(
            "uq_reviewer_interest_enterprise_id_user_id",
            "enterprise_id",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    @property
    def label(self) -> str:
        return f"{self.user.display_name}：{self.enterprise.name}"


class CannedReason(Base):
    """A sentence the office keeps for reviewers, with the fields it concerns; retired, never deleted."""

    __tablename__ = "canned_reason"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ReviewDecisionKind] = mapped_column(enum_type(ReviewDecisionKind))
    text: Mapped[str] = mapped_column(String(300))
    flagged_fields: Mapped[list] = mapped_column(default=list)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def label(self) -> str:
        return self.text


class ReviewBatch(Sealed, Base):
    """One act on many entries: selected and previewed, carried out once, taken back as far as nothing moved on."""

    __tablename__ = "review_batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[BatchAct] = mapped_column(enum_type(BatchAct))
    state: Mapped[BatchState] = mapped_column(enum_type(BatchState), default=BatchState.PREPARED)
    selection: Mapped[str] = mapped_column(String(300), default="")
    total: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    flagged_fields: Mapped[list] = mapped_column(default=list)
    checklist: Mapped[list] = mapped_column(default=list)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    carried_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_by: Mapped[User] = relationship()

    @property
    def label(self) -> str:
        return f"批量{self.act.label} {self.total} 件"


class ReviewBatchItem(Sealed, Base):
    """One entry of a batch: the decision it was given, or the sentence why not; and the same of its taking back."""

    __tablename__ = "review_batch_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("review_batch.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    refusal: Mapped[str] = mapped_column(String(300), default="")
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("review_decision.id"))
    back_refusal: Mapped[str] = mapped_column(String(300), default="")
    back_decision_id: Mapped[int | None] = mapped_column(ForeignKey("review_decision.id"))
    entry: Mapped[Entry] = relationship()
    __table_args__ = (UniqueConstraint("batch_id", "entry_id"),)
