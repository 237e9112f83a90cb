"""Where an enterprise comes from (沿革): the team that played before there was a licence, the enterprise it was before.

Stated by its contact or the office; once confirmed, prizes under a predecessor's credit code count as its own.
"""

from datetime import datetime

from competition import validators
from competition.enums import LineageKind
from competition.models import Enterprise, Lineage
from competition.operations.notes import tell_enterprise
from competition.rules import is_contact, may_keep_enterprises
from competition.states import LINEAGE
from core import audit
from core.db import db, flush
from core.errors import InvalidInput
from core.rules import Actor

YEARS = range(1990, 2201)


def state_lineage(
    enterprise: Enterprise,
    *,
    kind: LineageKind,
    name: str,
    year: int,
    credit_code: str = "",
    contest: str = "",
    project: str = "",
    leader: str = "",
    actor: Actor,
    now: datetime,
) -> Lineage:
    """A team is named with the contest it entered; a predecessor with its credit code."""
    if not may_keep_enterprises(actor):
        is_contact(actor, enterprise).or_raise()
    if not name.strip():
        raise InvalidInput("请填写团队或前身企业的名称。", code="empty", field="name")
    if year not in YEARS:
        raise InvalidInput("年度应为四位数字。", code="year", field="year")
    code = ""
    if kind == LineageKind.PREDECESSOR:
        code = validators.credit_code(credit_code)
        if code == enterprise.credit_code:
            raise InvalidInput("前身企业不能是本企业自己。", code="same", field="credit_code")
    elif not contest.strip():
        raise InvalidInput("请填写团队参加的赛事。", code="empty", field="contest")
    lineage = Lineage(
        enterprise=enterprise,
        kind=kind,
        name=name.strip(),
        year=year,
        credit_code=code,
        contest=contest.strip(),
        project=project.strip(),
        leader=leader.strip(),
        stated_by_id=actor.id,
        stated_at=now,
    )
    db.session.add(lineage)
    flush()
    after = {"enterprise": enterprise.credit_code, "kind": kind, "name": lineage.name, "credit_code": code}
    audit.record("lineage.state", lineage, actor=actor, now=now, after=after)
    return lineage


def confirm_lineage(lineage: Lineage, *, actor: Actor, now: datetime) -> Lineage:
    LINEAGE.fire(lineage, "confirm", actor=actor, now=now, set={"decided_by_id": actor.id, "decided_at": now})
    tell_enterprise(lineage.enterprise, f"沿革“{lineage.name}”已确认", now=now)
    return lineage


def refuse_lineage(lineage: Lineage, *, reason: str, actor: Actor, now: datetime) -> Lineage:
    LINEAGE.fire(
        lineage,
        "refuse",
        actor=actor,
        now=now,
        reason=reason,
        set={"decided_by_id": actor.id, "decided_at": now, "decision_reason": reason.strip()},
    )
    tell_enterprise(lineage.enterprise, f"沿革“{lineage.name}”不予认定", body=reason.strip(), now=now)
    return lineage
