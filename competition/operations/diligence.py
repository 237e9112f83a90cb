"""Due diligence (尽职调查): planned, recorded at the enterprise, signed; a failed one ends the candidacy."""

from datetime import date, datetime

from sqlalchemy import select

from competition.enums import CandidacyState, VisitConclusion
from competition.models import Candidacy, Entry, Stage, Visit
from competition.operations.rounds import disqualify_candidacy
from competition.round_rules import may_plan_visit
from competition.round_states import VISIT
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import User
from core.rules import SYSTEM, Actor


def plan_visit(
    entry: Entry,
    *,
    stage: Stage,
    lead: User,
    members: list[str],
    planned_on: date,
    actor: Actor,
    now: datetime,
) -> Visit:
    may_plan_visit(actor).or_raise()
    declared = [other for other in stage.edition.stages if other.visits_after]
    if declared and stage not in declared:
        raise Conflict(f"本届规则规定在{declared[0].name}之后进行尽职调查。", code="other_stage")
    candidacy = _candidacy(stage, entry)
    if candidacy is None or candidacy.state != CandidacyState.ADVANCED:
        raise Conflict("只对晋级的项目安排尽职调查。", code="not_advanced")
    visit = Visit(entry=entry, stage_id=stage.id, lead_id=lead.id, members=members, planned_on=planned_on)
    db.session.add(visit)
    flush()
    audit.record(
        "visit.plan", visit, actor=actor, now=now, after={"planned_on": planned_on, "members": members}
    )
    return visit


def _candidacy(stage: Stage, entry: Entry) -> Candidacy | None:
    return db.session.scalar(
        select(Candidacy).where(Candidacy.stage_id == stage.id, Candidacy.entry_id == entry.id)
    )


def record_visit(
    visit: Visit,
    *,
    visited_at: datetime,
    place: str,
    checks: list[dict],
    conclusion: VisitConclusion,
    summary: str,
    actor: Actor,
    now: datetime,
) -> Visit:
    """`checks`: [{item, registered, found, ok}], one per fact compared with the registration."""
    if visited_at > now:
        raise InvalidInput("调查时间不能晚于现在。", field="visited_at")
    if not summary.strip():
        raise InvalidInput("请填写调查结论说明。", field="summary")
    if conclusion == VisitConclusion.PASS and any(not check["ok"] for check in checks):
        raise InvalidInput("有核对项不符，结论不能为合格。", field="conclusion")
    facts = {
        "visited_at": visited_at,
        "place": place.strip(),
        "checks": checks,
        "conclusion": conclusion,
        "summary": summary.strip(),
    }
    VISIT.fire(visit, "record", actor=actor, now=now, set=facts)
    return visit


def sign_visit(visit: Visit, *, actor: Actor, now: datetime) -> Visit:
    """Signed by its lead; a failed conclusion cancels the advancement and calls the reserve."""
    VISIT.fire(visit, "sign", actor=actor, now=now, set={"signed_by_id": actor.id, "signed_at": now})
    if visit.conclusion == VisitConclusion.FAIL:
        candidacy = db.session.scalar(
            select(Candidacy).where(
                Candidacy.stage_id == visit.stage_id, Candidacy.entry_id == visit.entry_id
            )
        )
        reason = f"尽职调查不合格：{visit.summary}"
        disqualify_candidacy(candidacy, reason=reason, actor=SYSTEM, now=now)
    return visit
