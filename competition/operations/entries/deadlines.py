"""The one place where the registration's deadline is compared, with the edition's row locked."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from competition.enums import EditionState, EntryState
from competition.models import Edition, Entry
from core.clock import beijing, is_past
from core.db import db
from core.errors import Conflict


class Registration(NamedTuple):
    """What decides whether the registration is open."""

    state: EditionState
    opens_at: datetime | None
    entry_deadline: datetime | None


def registration_of(edition: Edition) -> Registration:
    return Registration(edition.state, edition.opens_at, edition.entry_deadline)


def locked_registration(edition_id: int) -> Registration:
    """As the database has it now, with the edition's row locked.

    Submissions, numbering and the end of the registration come one after another: each takes this row first.
    """
    columns = (Edition.state, Edition.opens_at, Edition.entry_deadline)
    stmt = select(*columns).where(Edition.id == edition_id).with_for_update(key_share=True)
    return Registration(*db.session.execute(stmt).one())


def check_open(edition: Registration, now: datetime) -> None:
    """A new or unsubmitted entry: between opening and deadline (its own second included), by the server's clock."""
    if edition.state != EditionState.OPEN or edition.opens_at is None or now < edition.opens_at:
        raise Conflict("本届现在没有开放报名。", code="closed")
    if is_past(edition.entry_deadline, now):
        moment = f"{beijing(edition.entry_deadline):%Y-%m-%d %H:%M:%S}"
        raise Conflict(f"报名已于 {moment}（北京时间）截止，已保存的草稿仍然保留。", code="late")


def check_fillable(entry: Entry, edition: Registration, now: datetime) -> None:
    """A returned entry was in time once: it may be corrected until the office ends the registration."""
    if entry.state != EntryState.RETURNED:
        check_open(edition, now)
    elif edition.state != EditionState.OPEN:
        raise Conflict("报名工作已经结束，不能再提交补正材料。", code="closed")
