"""Publishing freezes the rules; deadlines are extended with a reason; registration and edition are closed."""

import hashlib
from datetime import datetime

from competition import queries
from competition.enums import EditionState
from competition.models import DeadlineChange, Edition, EditionRules
from competition.operations.editions.parameters import DEADLINES, check_moments, parameters_of
from competition.operations.notes import tell_about_deadline
from competition.rules import may_run_editions
from competition.states import EDITION
from core import audit, seals
from core.db import db, flush
from core.errors import IllegalTransition, InvalidInput
from core.rules import Actor


def publish_edition(edition: Edition, *, actor: Actor, now: datetime) -> EditionRules:
    """Freeze the parameters as rules version 1 and open the registration."""
    may_run_editions(actor).or_raise()
    gaps = queries.publication_gaps(edition)
    if gaps:
        raise InvalidInput("还不能发布：" + "；".join(gaps) + "。", code="incomplete")
    content = queries.rules_content(edition)
    EDITION.fire(edition, "publish", actor=actor, now=now, set={"rules_version": edition.rules_version + 1})
    rules = EditionRules(
        edition_id=edition.id,
        number=edition.rules_version,
        content=content,
        sha256=hashlib.sha256(seals.canonical(content)).hexdigest(),
        published_by_id=actor.id,
        published_at=now,
    )
    db.session.add(rules)
    flush()
    return rules


def close_registration(edition: Edition, *, actor: Actor, now: datetime) -> Edition:
    EDITION.fire(edition, "close_registration", actor=actor, now=now)
    return edition


def close_edition(edition: Edition, *, actor: Actor, now: datetime) -> Edition:
    EDITION.fire(edition, "close", actor=actor, now=now)
    return edition


def extend_deadline(
    edition: Edition, *, field: str, new_at: datetime, reason: str, actor: Actor, now: datetime
) -> DeadlineChange:
    """Move a deadline of a published edition later, with its reason; whoever has nothing in yet is told."""
    may_run_editions(actor).or_raise()
    if edition.state != EditionState.OPEN:
        raise IllegalTransition("只有报名中的届次可以延期。")
    if field not in DEADLINES:
        raise InvalidInput("请选择要延长的截止时间。", code="field", field="field")
    old = getattr(edition, field)
    if not reason.strip():
        raise InvalidInput("请填写延期理由。", code="reason_needed", field="reason")
    if old is None or new_at <= old or new_at <= now:
        raise InvalidInput("新的截止时间须晚于原截止时间和现在。", code="not_later", field="new_at")
    check_moments(parameters_of(edition) | {field: new_at})
    setattr(edition, field, new_at)
    change = DeadlineChange(
        edition_id=edition.id,
        field=field,
        old_at=old,
        new_at=new_at,
        reason=reason.strip(),
        changed_by_id=actor.id,
        changed_at=now,
    )
    db.session.add(change)
    flush()
    audit.record(
        "edition.extend_deadline",
        edition,
        actor=actor,
        now=now,
        before={field: old},
        after={field: new_at},
        reason=change.reason,
    )
    tell_about_deadline(edition, change, now=now)
    return change
