"""Core tables: accounts and sessions, the audit chain, files, calendar, divisions, mail, messages, jobs."""

from datetime import date, datetime

from flask_login import UserMixin
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UTCDateTime, enum_type
from core.enums import SHOWN_TYPES, DivisionLevel, InstallationKind, JobState, MailState, Role, Via
from core.seals import Sealed


class Installation(Base):
    """One row: which database this is. The demo mode refuses any database that is not the demo's."""

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36))
    kind: Mapped[InstallationKind] = mapped_column(enum_type(InstallationKind))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Division(Base):
    """An administrative division with its validity; codes of the year of record are never rewritten."""

    __tablename__ = "division"
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("division.code"), index=True)
    level: Mapped[DivisionLevel] = mapped_column(enum_type(DivisionLevel))
    valid_from: Mapped[int | None]
    valid_to: Mapped[int | None]
    successor_code: Mapped[str | None] = mapped_column(String(6))


class User(UserMixin, Base):
    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
    display_name: Mapped[str] = mapped_column(String(100))
    role: Mapped[Role] = mapped_column(enum_type(Role))
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    demo_label: Mapped[str | None] = mapped_column(String(60))
    scopes: Mapped[list["UserScope"]] = relationship(back_populates="user", cascade="all, delete-orphan")
    __table_args__ = (UniqueConstraint("username"), Index("ix_user_account_role", "role"))

    @property
    def role_label(self) -> str:
        return self.role.label

    @property
    def prefectures(self) -> frozenset[str]:
        """Divisions in this person's scope: prefectures for a regional office, counties for a liaison."""
        return frozenset(scope.division_code for scope in self.scopes)

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None


class UserScope(Base):
    __tablename__ = "user_scope"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    division_code: Mapped[str] = mapped_column(ForeignKey("division.code"), primary_key=True)
    user: Mapped[User] = relationship(back_populates="scopes")


class LoginSession(Base):
    """A signed-in device. The cookie holds the token, the table its digest, so a stolen table signs nobody in."""

    __tablename__ = "login_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(64), default="")
    device: Mapped[str] = mapped_column(String(200), default="")
    user: Mapped[User] = relationship(lazy="joined")


class Invitation(Base):
    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    display_name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(255), default="")
    division_codes: Mapped[list] = mapped_column(default=list)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class AuditEvent(Sealed, Base):
    """Who did what to what, through what, why; one chain for the whole database. Never updated or deleted."""

    __tablename__ = "audit_event"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_name: Mapped[str] = mapped_column(String(100))
    actor_role: Mapped[str] = mapped_column(String(40))
    via: Mapped[Via] = mapped_column(enum_type(Via))
    action: Mapped[str] = mapped_column(String(80), index=True)
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[str] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(String(300))
    before: Mapped[dict]
    after: Mapped[dict]
    reason: Mapped[str] = mapped_column(Text, default="")
    request_id: Mapped[str] = mapped_column(String(40), default="")
    prev_hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Index("ix_audit_event_subject", "subject_type", "subject_id"),)


class ChainHead(Base):
    """Length and last hash of a chain; its row lock puts concurrent writers in order."""

    __tablename__ = "chain_head"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class PublishedHead(Sealed, Base):
    """Length and last hash of a chain as everybody could read them on that day: a chain made anew no longer fits."""

    __tablename__ = "published_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    chain: Mapped[str] = mapped_column(String(40))
    count: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (UniqueConstraint("day", "chain"),)


class StoredFile(Sealed, Base):
    """Content-addressed bytes under the data folder, typed by their bytes."""

    __tablename__ = "stored_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)

    @property
    def can_be_shown(self) -> bool:
        return self.media_type in SHOWN_TYPES


class CalendarDay(Base):
    """A day that is not what its weekday says: a holiday or a make-up working day."""

    __tablename__ = "calendar_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(60))
    regional: Mapped[bool] = mapped_column(default=False)


class Mail(Base):
    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[MailState] = mapped_column(enum_type(MailState), default=MailState.WAITING)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(String(300), default="")


class Message(Base):
    """An in-site message (站内信): always delivered, whatever becomes of the mail."""

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    __table_args__ = (Index("ix_message_user_unread", "user_id", "read_at"),)


class Job(Base):
    """A piece of background work, written in the transaction that wants it and delivered after its commit."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), index=True)
    payload: Mapped[dict]
    state: Mapped[JobState] = mapped_column(enum_type(JobState), default=JobState.QUEUED, index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(String(300), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))


class Counter(Base):
    """The next number of a series (entry numbers, receipts, tickets); its row lock keeps them without gaps."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int]
