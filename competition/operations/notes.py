"""In-site messages to the people who act for an enterprise."""

from datetime import datetime

from sqlalchemy import select

from competition.enums import EntryState
from competition.models import DeadlineChange, Edition, EnterpriseContact, Entry
from core.accounts import tell
from core.clock import beijing
from core.db import db

DEADLINE_NAMES = {"account_deadline": "注册", "entry_deadline": "报名"}


def tell_contacts(entry: Entry, title: str, *, body: str = "", now: datetime) -> None:
    """Everybody who acts for the entry's enterprise gets the message, with a link to the entry."""
    for user_id in _acting(EnterpriseContact.enterprise_id == entry.enterprise_id):
        tell(user_id, title, now=now, body=body, link=f"/enterprise/entries/{entry.number}")


def tell_contacts_of_drafts(edition: Edition, change: DeadlineChange, *, now: datetime) -> None:
    """Who has something unsubmitted in the edition hears that there is more time."""
    open_entries = select(Entry.enterprise_id).where(
        Entry.edition_id == edition.id, Entry.state.in_((EntryState.DRAFT, EntryState.RETURNED))
    )
    title = f"{DEADLINE_NAMES[change.field]}截止时间延长至 {beijing(change.new_at):%Y-%m-%d %H:%M}"
    for user_id in _acting(EnterpriseContact.enterprise_id.in_(open_entries)):
        tell(user_id, title, now=now, body=change.reason, link="/enterprise")


def _acting(condition) -> list[int]:
    stmt = select(EnterpriseContact.user_id).where(condition, EnterpriseContact.until.is_(None)).distinct()
    return sorted(db.session.scalars(stmt))
