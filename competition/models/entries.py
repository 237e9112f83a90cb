"""Enterprises and their entries: what was typed, what was submitted, what was found, what was decided."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from competition.enums import (
    AttachmentKind,
    EntryState,
    Group,
    LineageKind,
    LineageState,
    Outcome,
    ReviewDecisionKind,
    ReviewLevel,
)
from competition.models.editions import Edition, Region, Track
from core.db import Base, UTCDateTime, enum_type, fen_column
from core.models import StoredFile, User
from core.seals import Sealed

if TYPE_CHECKING:
    from competition.models.reviews import ReviewerInterest


class Enterprise(Sealed, Base):
    """One record per credit code, across editions."""

    __tablename__ = "enterprise"
    id: Mapped[int] = mapped_column(primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    division_code: Mapped[str] = mapped_column(ForeignKey("division.code"))
    registered_on: Mapped[date]
    address: Mapped[str] = mapped_column(String(200), default="")
    legal_person: Mapped[str] = mapped_column(String(60), default="")
    capital_fen: Mapped[int] = fen_column(default=0)
    listed: Mapped[bool] = mapped_column(default=False)
    sme_number: Mapped[str] = mapped_column(String(40), default="")
    hightech_number: Mapped[str] = mapped_column(String(40), default="")
    hightech_until: Mapped[date | None]
    contact_name: Mapped[str] = mapped_column(String(60))
    contact_phone: Mapped[str] = mapped_column(String(20))
    contact_email: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    contacts: Mapped[list["EnterpriseContact"]] = relationship(back_populates="enterprise")
    interests: Mapped[list["ReviewerInterest"]] = relationship(back_populates="enterprise")

    @property
    def label(self) -> str:
        return self.name


class EnterpriseContact(Base):
    """Who acts for an enterprise (经办人); handed over, never deleted."""

    __tablename__ = "enterprise_contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    enterprise: Mapped[Enterprise] = relationship(back_populates="contacts")
    user: Mapped[User] = relationship()


class ContactInvitation(Base):
    """A one-time link by which another person becomes a contact; `hand_over` ends the inviter's own part."""

    __tablename__ = "contact_invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    hand_over: Mapped[bool] = mapped_column(default=False)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    enterprise: Mapped[Enterprise] = relationship()

    @property
    def label(self) -> str:
        return self.name


class PastAward(Sealed, Base):
    """An award of an earlier contest, by credit code: what the repeat-entry rules ask."""

    __tablename__ = "past_award"
    id: Mapped[int] = mapped_column(primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), index=True)
    contest: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    tier: Mapped[str] = mapped_column(String(30))
    group: Mapped[str] = mapped_column(String(20), default="")
    acceptance_passed: Mapped[bool] = mapped_column(default=True)
    name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    source: Mapped[str] = mapped_column(String(200), default="", server_default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def label(self) -> str:
        return f"{self.contest} {self.year}"


class Lineage(Sealed, Base):
    """What an enterprise was before (沿革): stated by itself or the office, counted once the office confirmed it."""

    __tablename__ = "lineage"
    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    kind: Mapped[LineageKind] = mapped_column(enum_type(LineageKind))
    state: Mapped[LineageState] = mapped_column(enum_type(LineageState), default=LineageState.STATED)
    name: Mapped[str] = mapped_column(String(120))
    credit_code: Mapped[str] = mapped_column(String(18), default="")
    contest: Mapped[str] = mapped_column(String(120), default="")
    year: Mapped[int]
    project: Mapped[str] = mapped_column(String(120), default="")
    leader: Mapped[str] = mapped_column(String(60), default="")
    stated_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    stated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    enterprise: Mapped[Enterprise] = relationship()

    @property
    def label(self) -> str:
        return self.name


class Entry(Sealed, Base):
    """A project in the contest (参赛项目)."""

    __tablename__ = "entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    prefecture_code: Mapped[str] = mapped_column(ForeignKey("division.code"))
    county_code: Mapped[str] = mapped_column(ForeignKey("division.code"))
    group: Mapped[Group] = mapped_column(enum_type(Group))
    state: Mapped[EntryState] = mapped_column(enum_type(EntryState), default=EntryState.DRAFT)
    title: Mapped[str] = mapped_column(String(120), default="")
    abstract: Mapped[str] = mapped_column(Text, default="")
    keywords: Mapped[str] = mapped_column(String(120), default="")
    content: Mapped[dict] = mapped_column(default=dict)
    field_versions: Mapped[dict] = mapped_column(default=dict)
    revenue_fen: Mapped[int | None] = fen_column()
    ip_granted: Mapped[int] = mapped_column(default=0)
    ip_pending: Mapped[int] = mapped_column(default=0)
    integrity_signed: Mapped[bool] = mapped_column(default=False)
    flagged_fields: Mapped[list] = mapped_column(default=list)
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    rules_version: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    edition: Mapped[Edition] = relationship()
    enterprise: Mapped[Enterprise] = relationship(lazy="joined", innerjoin="unnested")
    track: Mapped[Track | None] = relationship(lazy="joined")
    region: Mapped[Region | None] = relationship()
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("edition_id", "enterprise_id"),
        Index("ix_entry_edition_state", "edition_id", "state"),
        Index("ix_entry_prefecture", "edition_id", "prefecture_code"),
        Index("ix_entry_submitted", "edition_id", "submitted_at"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL", name="submitted"),
    )

    @property
    def label(self) -> str:
        return f"{self.number} {self.title}"


class EntryVersion(Sealed, Base):
    """What was submitted, frozen: content, digest and receipt number."""

    __tablename__ = "entry_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    number: Mapped[int]
    receipt: Mapped[str] = mapped_column(String(40), unique=True)
    content: Mapped[dict]
    sha256: Mapped[str] = mapped_column(String(64))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (UniqueConstraint("entry_id", "number"),)


class Attachment(Sealed, Base):
    __tablename__ = "attachment"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    kind: Mapped[AttachmentKind] = mapped_column(enum_type(AttachmentKind))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    version: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin="unnested")


class Upload(Base):
    """A file on its way in parts; the bytes wait beside the database under the token. Kept as long as it is useful."""

    __tablename__ = "upload"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    kind: Mapped[AttachmentKind] = mapped_column(enum_type(AttachmentKind))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    mark: Mapped[str] = mapped_column(String(80), default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    entry: Mapped[Entry] = relationship()


class EligibilityFinding(Sealed, Base):
    """One rule's outcome for one submitted version, with the fact it used; a person may override with a reason."""

    __tablename__ = "eligibility_finding"
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    version_number: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome))
    reason_code: Mapped[str] = mapped_column(String(40))
    fact: Mapped[str] = mapped_column(String(200), default="")
    bound: Mapped[str] = mapped_column(String(200), default="")
    overridden_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    override_reason: Mapped[str] = mapped_column(Text, default="")


class ReviewDecision(Sealed, Base):
    """Who decided what of which version, and why; the fields to be corrected; the points ticked off (checklist)."""

    __tablename__ = "review_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    version_number: Mapped[int]
    level: Mapped[ReviewLevel] = mapped_column(enum_type(ReviewLevel))
    decision: Mapped[ReviewDecisionKind] = mapped_column(enum_type(ReviewDecisionKind))
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    flagged_fields: Mapped[list] = mapped_column(default=list)
    checklist: Mapped[list] = mapped_column(default=list)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
