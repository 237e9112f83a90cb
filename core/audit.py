"""The audit trail: typed, append-only, chained with a key the database does not hold, in the change's transaction.

`record` collects; the events get their place in the chain when the transaction commits, so one transaction takes
the chain's row lock once, at its end. After each commit the head (length and hash) is appended to a file outside
the database: without it, cutting off the chain's tail would go unseen.
"""

import json
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from flask import current_app, g, has_request_context
from sqlalchemy import insert, inspect, select, update

from core import seals
from core.clock import utcnow
from core.db import after_commit, after_rollback, before_commit, db
from core.enums import Via
from core.models import AuditEvent, ChainHead, Installation
from core.rules import Actor

CHAIN = "audit"
GENESIS = "0" * 64
current_via: ContextVar[Via] = ContextVar("via", default=Via.CLI)


def record(
    action: str,
    subject: Any,
    *,
    actor: Actor,
    now: datetime,
    before: dict | None = None,
    after: dict | None = None,
    reason: str = "",
    summary: str = "",
) -> None:
    """Note one event about `subject` (a flushed model). Never pass secrets, headers or tokens."""
    record_row(
        action,
        subject.__tablename__,
        identity_of(subject),
        summary or str(getattr(subject, "label", "")),
        actor=actor,
        now=now,
        before=before,
        after=after,
        reason=reason,
    )


def record_row(
    action: str,
    table: str,
    identity: str,
    summary: str,
    *,
    actor: Actor,
    now: datetime,
    before: dict | None = None,
    after: dict | None = None,
    reason: str = "",
) -> None:
    """The same about a row that was written in bulk, of which no model was loaded."""
    _pending().append(
        {
            "at": now,
            "actor_id": actor.id,
            "actor_name": actor.display_name,
            "actor_role": actor.role or "system",
            "via": Via.WEB if has_request_context() else current_via.get(),
            "action": action,
            "subject_type": table,
            "subject_id": identity,
            "summary": summary[:300],
            "before": _plain(before),
            "after": _plain(after),
            "reason": reason or "",
            "request_id": getattr(g, "request_id", "") if has_request_context() else "",
        }
    )


def identity_of(subject: Any) -> str:
    identity = inspect(subject).identity
    if identity is None:
        raise ValueError(f"{subject.__tablename__} must be flushed before it is audited")
    return ",".join(str(part) for part in identity)


def _plain(values: dict | None) -> dict:
    return json.loads(seals.canonical(values or {}))


def _pending() -> list[dict]:
    return db.session.info.setdefault("audit_pending", [])


def write_pending() -> None:
    """Chain and insert what was recorded; the chain's head row orders concurrent writers."""
    pending = _pending()
    if not pending:
        return
    db.session.flush()
    head = db.session.scalars(
        select(ChainHead).where(ChainHead.name == CHAIN).with_for_update()
    ).one_or_none()
    if head is None:
        head = ChainHead(name=CHAIN, count=0, hash=GENESIS)
        db.session.add(head)
        db.session.flush()
    count, last = head.count, head.hash
    for values in pending:
        count += 1
        values |= {"seq": count, "prev_hash": last}
        values["seal"] = last = seals.seal_of(AuditEvent.__tablename__, values)
    db.session.execute(insert(AuditEvent), pending)
    db.session.execute(update(ChainHead).where(ChainHead.name == CHAIN).values(count=count, hash=last))
    db.session.info["audit_anchor"] = (anchor_path(), count, last)
    pending.clear()


def anchor() -> None:
    """Append the new head to the anchor file of this database."""
    head = db.session.info.pop("audit_anchor", None)
    if head is None:
        return
    path, count, last = head
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{count} {last} {utcnow().isoformat(timespec='seconds')}\n")


def anchor_path():
    """Named by the installation, so that several databases may share one data folder."""
    uuid = current_app.extensions.get("installation_uuid")
    if uuid is None:
        uuid = db.session.scalar(select(Installation.uuid)) or "unnamed"
        if uuid != "unnamed":
            current_app.extensions["installation_uuid"] = uuid
    return current_app.config["SETTINGS"].data_dir / "anchors" / f"{uuid}.audit"


def _forget() -> None:
    db.session.info.pop("audit_pending", None)
    db.session.info.pop("audit_anchor", None)


before_commit.append(write_pending)
after_commit.append(anchor)
after_rollback.append(_forget)
