"""Leaving the contest: withdrawn by the enterprise, disqualified by the office. The current round is left with it."""

from datetime import datetime

from sqlalchemy import select

from competition.models import Candidacy, Entry, Stage
from competition.operations import rounds
from competition.operations.notes import tell_contacts
from competition.round_states import CANDIDACY
from competition.states import ENTRY
from core.db import db
from core.rules import Actor


def withdraw_entry(entry: Entry, *, reason: str, actor: Actor, now: datetime) -> Entry:
    ENTRY.fire(entry, "withdraw", actor=actor, now=now, reason=reason)
    _leave_round(entry, "withdraw", reason=reason, actor=actor, now=now)
    return entry


def disqualify_entry(entry: Entry, *, reason: str, actor: Actor, now: datetime) -> Entry:
    ENTRY.fire(entry, "disqualify", actor=actor, now=now, reason=reason)
    _leave_round(entry, "disqualify", reason=reason, actor=actor, now=now)
    tell_contacts(entry, "参赛资格已被取消", body=reason, now=now)
    return entry


def _leave_round(entry: Entry, move: str, *, reason: str, actor: Actor, now: datetime) -> None:
    """Give up the place in the latest round, so that a reserve can move up; earlier rounds are history."""
    latest = (
        select(Candidacy).join(Stage).where(Candidacy.entry_id == entry.id).order_by(Stage.position.desc())
    )
    place = db.session.scalar(latest.limit(1))
    if place is None or place.state not in CANDIDACY.transitions[move].sources:
        return
    leave = rounds.withdraw_candidacy if move == "withdraw" else rounds.disqualify_candidacy
    leave(place, reason=reason, actor=actor, now=now)
