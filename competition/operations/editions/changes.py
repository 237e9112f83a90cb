"""Changing published rules: a working copy with a reason, read by a second person, frozen as the next version.

The copy is an edition of its own that nobody but the office sees, edited on the same pages as any draft. Nothing of
the edition in force moves before the second person publishes; what was decided keeps its version.
"""

import hashlib
from datetime import datetime

from sqlalchemy import func, select

from competition import queries
from competition.enums import EditionState
from competition.models import Edition, EditionRules, RuleChange
from competition.operations.editions.applying import apply_draft, refuse_impossible
from competition.operations.editions.parameters import copy_edition
from competition.operations.notes import tell_about_rules, tell_approvers
from competition.rules import may_run_editions
from competition.states import RULE_CHANGE
from core import audit, seals
from core.db import db, flush
from core.errors import Conflict, IllegalTransition, InvalidInput
from core.rules import Actor

CHANGEABLE = (EditionState.OPEN, EditionState.RUNNING)


def start_change(edition: Edition, *, actor: Actor, now: datetime) -> RuleChange:
    """A working copy of the rules in force; one at a time for an edition."""
    may_run_editions(actor).or_raise()
    if edition.state not in CHANGEABLE:
        raise IllegalTransition("只有已发布且未结束的届次可以调整规则。")
    if queries.open_change_of(edition) is not None:
        raise Conflict("本届已有一份正在办理的规则调整。", code="change_open")
    number = db.session.scalar(select(func.count(RuleChange.id)).where(RuleChange.edition_id == edition.id))
    draft = copy_edition(
        edition,
        code=f"{edition.code[:20]}-tz{(number or 0) + 1}",
        name=edition.name,
        ordinal=edition.ordinal,
        year=edition.year,
        revises=edition,
        actor=actor,
        now=now,
    )
    change = RuleChange(edition=edition, draft=draft, started_by_id=actor.id, started_at=now)
    db.session.add(change)
    flush()
    audit.record("rule_change.start", change, actor=actor, now=now, after={"edition": edition.code})
    return change


def propose_change(change: RuleChange, *, reason: str, actor: Actor, now: datetime) -> RuleChange:
    """Handed to a second person with its reason; from here on the copy stands still."""
    if not reason.strip():
        raise InvalidInput("请填写调整理由。", code="reason_needed", field="reason")
    gaps = queries.publication_gaps(change.draft)
    if gaps:
        raise InvalidInput("还不能提交：" + "；".join(gaps) + "。", code="incomplete")
    if not queries.changed_rules(change):
        raise InvalidInput("与现行规则没有差别，不需要提交。", code="unchanged")
    refuse_impossible(change.edition, change.draft)
    RULE_CHANGE.fire(
        change,
        "propose",
        actor=actor,
        now=now,
        set={"reason": reason.strip(), "proposed_by_id": actor.id, "proposed_at": now},
    )
    tell_approvers(change, now=now)
    return change


def return_change(change: RuleChange, *, reason: str, actor: Actor, now: datetime) -> RuleChange:
    RULE_CHANGE.fire(change, "return", actor=actor, now=now, reason=reason, set={"note": reason.strip()})
    return change


def withdraw_change(change: RuleChange, *, actor: Actor, now: datetime) -> RuleChange:
    RULE_CHANGE.fire(change, "withdraw", actor=actor, now=now)
    return change


def publish_change(change: RuleChange, *, actor: Actor, now: datetime) -> EditionRules:
    """The second person's act: the next version is frozen with its text and reason, and everybody concerned is told."""
    edition = change.edition
    refuse_impossible(edition, change.draft)
    differences = queries.changed_rules(change)
    number = edition.rules_version + 1
    RULE_CHANGE.fire(
        change,
        "publish",
        actor=actor,
        now=now,
        set={"decided_by_id": actor.id, "decided_at": now, "version_number": number},
    )
    apply_draft(edition, change.draft, actor=actor, now=now)
    edition.rules_version = number
    flush()
    db.session.expire(edition, ["tracks", "regions", "stages"])
    content = queries.rules_content(edition)
    rules = EditionRules(
        edition_id=edition.id,
        number=number,
        content=content,
        sha256=hashlib.sha256(seals.canonical(content)).hexdigest(),
        reason=change.reason,
        published_by_id=actor.id,
        published_at=now,
    )
    db.session.add(rules)
    flush()
    audit.record(
        "edition.revise",
        edition,
        actor=actor,
        now=now,
        after={"rules_version": number, "sha256": rules.sha256},
        reason=change.reason,
    )
    tell_about_rules(edition, rules, differences, now=now)
    return rules
