"""The timeline of a page, read from the audit trail: who did what, when, why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from core.audit import identity_of
from core.db import db
from core.models import AuditEvent

_labels: dict[str, str] = {}


@dataclass(frozen=True)
class Event:
    actor: str
    action: str
    at: datetime
    note: str
    tone: str = "neutral"
    icon: str = "dot"


def name_actions(labels: dict[str, str]) -> None:
    """Chinese words for audit actions; packages call this in wiring."""
    _labels.update(labels)


def label_of(action: str) -> str:
    return _labels.get(action, action)


def known_actions() -> dict[str, str]:
    return dict(_labels)


def events_for(*subjects: Any, limit: int = 100) -> list[Event]:
    """Newest first, of all the given rows together; one statement."""
    wanted = [
        and_(AuditEvent.subject_type == subject.__tablename__, AuditEvent.subject_id == identity_of(subject))
        for subject in subjects
        if subject is not None
    ]
    if not wanted:
        return []
    stmt = (
        select(AuditEvent.actor_name, AuditEvent.action, AuditEvent.at, AuditEvent.reason)
        .where(or_(*wanted))
        .order_by(AuditEvent.seq.desc())
        .limit(limit)
    )
    return [
        Event(row.actor_name, label_of(row.action), row.at, row.reason) for row in db.session.execute(stmt)
    ]
