"""In-site messages to the people who act for an enterprise."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from competition.enums import EntryState
from competition.models import (
    DeadlineChange,
    Edition,
    EditionRules,
    Enterprise,
    EnterpriseContact,
    Entry,
    RuleChange,
)
from core.accounts import tell
from core.clock import beijing
from core.db import db
from core.enums import Role
from core.models import User

MOST_LINES = 20
DEADLINE_NAMES = {"account_deadline": "注册", "entry_deadline": "报名"}


def tell_contacts(entry: Entry, title: str, *, body: str = "", now: datetime) -> None:
    """Everybody who acts for the entry's enterprise gets the message, with a link to the entry."""
    for user_id in _acting(EnterpriseContact.enterprise_id == entry.enterprise_id):
        tell(user_id, title, now=now, body=body, link=f"/enterprise/entries/{entry.number}")


def tell_about_deadline(edition: Edition, change: DeadlineChange, *, now: datetime) -> None:
    """Every registered enterprise that has nothing in yet, draft or not, and the offices hear of the new time."""
    done = select(Entry.enterprise_id).where(
        Entry.edition_id == edition.id, Entry.state.not_in((EntryState.DRAFT, EntryState.RETURNED))
    )
    offices = select(User.id).where(User.role.in_((Role.REGIONAL, Role.COUNTY)), User.disabled_at.is_(None))
    moment = f"{beijing(change.new_at):%Y-%m-%d %H:%M}"
    title = f"{edition.name}{DEADLINE_NAMES[change.field]}截止时间延长至 {moment}"
    for user_id in _acting(EnterpriseContact.enterprise_id.not_in(done)):
        tell(user_id, title, now=now, body=change.reason, link="/enterprise")
    for user_id in sorted(db.session.scalars(offices)):
        tell(user_id, title, now=now, body=change.reason, link=f"/rules/{edition.code}")


def tell_enterprise(enterprise: Enterprise, title: str, *, body: str = "", now: datetime) -> None:
    for user_id in _acting(EnterpriseContact.enterprise_id == enterprise.id):
        tell(user_id, title, now=now, body=body, link="/enterprise/history")


def tell_approvers(change: RuleChange, *, now: datetime) -> None:
    """Everybody who may be the second person hears that a change of rules waits."""
    stmt = select(User.id).where(
        User.role.in_((Role.OFFICE, Role.LEADER)),
        User.disabled_at.is_(None),
        User.id != change.proposed_by_id,
    )
    title, link = f"{change.edition.name}规则调整待复核", f"/office/rule-changes/{change.id}"
    for user_id in sorted(db.session.scalars(stmt)):
        tell(user_id, title, now=now, body=change.reason, link=link)


def tell_about_rules(
    edition: Edition, rules: EditionRules, differences: list[dict[str, Any]], *, now: datetime
) -> None:
    """Who takes part, and the offices that review, hear what changed and why."""
    lines = [f"{item['title']}：{line}" for item in differences for line in item["added"] or item["removed"]]
    body = "\n".join([f"理由：{rules.reason}", *lines[:MOST_LINES]])
    title = f"{edition.name}规则已调整（第 {rules.number} 版）"
    taking_part = select(Entry.enterprise_id).where(
        Entry.edition_id == edition.id, Entry.state.not_in((EntryState.WITHDRAWN, EntryState.REJECTED))
    )
    offices = select(User.id).where(User.role.in_((Role.REGIONAL, Role.COUNTY)), User.disabled_at.is_(None))
    people = {*_acting(EnterpriseContact.enterprise_id.in_(taking_part)), *db.session.scalars(offices)}
    for user_id in sorted(people):
        tell(user_id, title, now=now, body=body, link=f"/rules/{edition.code}")


def _acting(condition) -> list[int]:
    stmt = select(EnterpriseContact.user_id).where(condition, EnterpriseContact.until.is_(None)).distinct()
    return sorted(db.session.scalars(stmt))
