"""Acceptance reviews (验收): the final instalment waits for a passed one."""

from datetime import date, datetime

from awards.models import Acceptance, Award
from awards.rules import may_accept_project
from awards.states import ACCEPTANCE
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.rules import Actor


def apply_acceptance(award: Award, *, targets: list[dict], actor: Actor, now: datetime) -> Acceptance:
    """`targets`: [{name, target, actual}] of the task book, compared one by one."""
    may_accept_project(actor).or_raise()
    if award.acceptance is not None:
        raise Conflict("该项目已申请验收。", code="acceptance_exists")
    acceptance = Acceptance(award=award, targets=targets, applied_at=now)
    db.session.add(acceptance)
    flush()
    audit.record("acceptance.apply", acceptance, actor=actor, now=now, after={"award": award.number})
    return acceptance


def decide_acceptance(
    acceptance: Acceptance, *, passed: bool, opinion: str, panel: list[str], actor: Actor, now: datetime
) -> Acceptance:
    """The panel's conclusion after its meeting (专家会评)."""
    if not panel:
        raise InvalidInput("请填写会评专家。", code="panel_needed", field="panel")
    facts = {"panel": panel, "opinion": opinion, "decided_by_id": actor.id, "decided_at": now}
    ACCEPTANCE.fire(acceptance, "pass" if passed else "fail", actor=actor, now=now, reason=opinion, set=facts)
    return acceptance


def order_rectification(
    acceptance: Acceptance, *, until: date, opinion: str, actor: Actor, now: datetime
) -> Acceptance:
    ACCEPTANCE.fire(
        acceptance,
        "rectify",
        actor=actor,
        now=now,
        reason=opinion,
        set={"rectify_by": until, "opinion": opinion},
    )
    return acceptance
