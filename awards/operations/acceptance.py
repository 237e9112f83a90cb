"""Acceptance reviews (验收): target by target against the task book, by experts without conflict; the tail waits for it."""

from collections.abc import Sequence
from datetime import date, datetime

from awards import targets as measures
from awards.enums import AcceptanceState, AwardState, TaskBookState
from awards.models import Acceptance, AcceptanceMaterial, Award
from awards.rules import may_accept_project, may_apply_acceptance, may_judge_project
from awards.states import ACCEPTANCE
from core import audit
from core.clock import beijing_day
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import StoredFile
from core.rules import Actor
from judging.models import Judge
from judging.queries.judges import conflict_pairs

PANEL_LEAST = 3
OPEN = (AcceptanceState.APPLIED, AcceptanceState.RECTIFYING)


def targets_due(award: Award) -> list[dict] | None:
    """The targets of the signed task book; None where there is none and they are typed with the application."""
    signed = (book for book in award.task_books if book.state == TaskBookState.SIGNED)
    return next((book.targets for book in signed), None)


def apply_acceptance(
    award: Award,
    *,
    results: list[str],
    targets: list[dict] | None = None,
    materials: Sequence[StoredFile] = (),
    actor: Actor,
    now: datetime,
) -> Acceptance:
    """`results`: what was achieved, in the order of the task book's targets, or of `targets` where there is none."""
    may_apply_acceptance(actor, award).or_raise()
    if award.acceptance is not None:
        raise Conflict("该项目已申请验收。", code="acceptance_exists")
    if award.state not in (AwardState.CONFIRMED, AwardState.SETTLED):
        raise Conflict("奖励尚未审定或已终止，不能申请验收。", code="award_not_confirmed")
    due = targets_due(award) or measures.planned(targets or [])
    acceptance = Acceptance(award=award, targets=measures.achieved(due, results), applied_at=now)
    db.session.add(acceptance)
    flush()
    audit.record("acceptance.apply", acceptance, actor=actor, now=now, after={"award": award.number})
    _attach(acceptance, materials, actor, now)
    return acceptance


def _attach(acceptance: Acceptance, materials: Sequence[StoredFile], actor: Actor, now: datetime) -> None:
    for file in materials:
        material = AcceptanceMaterial(
            acceptance_id=acceptance.id, file=file, attached_by_id=actor.id, attached_at=now
        )
        db.session.add(material)
        flush()
        after = {"name": file.name, "sha256": file.sha256}
        audit.record("acceptance.attach", acceptance, actor=actor, now=now, after=after)
    db.session.expire(acceptance, ["materials"])


def attach_materials(
    acceptance: Acceptance, materials: Sequence[StoredFile], *, actor: Actor, now: datetime
) -> None:
    may_apply_acceptance(actor).or_raise()
    _need_open(acceptance)
    _attach(acceptance, materials, actor, now)


def _need_open(acceptance: Acceptance) -> None:
    if acceptance.state not in OPEN:
        raise Conflict("验收已有结论，不能再改。", code="acceptance_decided")


def seat_panel(
    acceptance: Acceptance, *, judges: Sequence[Judge], chair: Judge, actor: Actor, now: datetime
) -> Acceptance:
    """At least three experts of the library, the chair among them, each free of conflict."""
    may_accept_project(actor).or_raise()
    _need_open(acceptance)
    members = list({judge.id: judge for judge in (chair, *judges)}.values())
    if len(members) < PANEL_LEAST:
        raise InvalidInput(f"验收专家至少 {PANEL_LEAST} 人。", code="panel_small", field="judges")
    conflicts = conflict_pairs([judge.id for judge in members], [acceptance.award.entry_id or 0])
    for judge in members:
        verdict = may_judge_project(judge, acceptance, conflicts)
        if not verdict:
            raise InvalidInput(verdict.reason, code="panel_conflict", field="judges")
    before = {"panel": acceptance.panel}
    acceptance.panel = [
        {"judge": judge.id, "name": judge.name, "employer": judge.employer, "chair": judge.id == chair.id}
        for judge in members
    ]
    flush()
    after = {"panel": acceptance.panel}
    audit.record("acceptance.seat", acceptance, actor=actor, now=now, before=before, after=after)
    return acceptance


def _need_panel(acceptance: Acceptance) -> None:
    if len(acceptance.panel) < PANEL_LEAST:
        raise InvalidInput(
            f"请先组成至少 {PANEL_LEAST} 人的验收专家组。", code="panel_needed", field="decision"
        )


def decide_acceptance(
    acceptance: Acceptance, *, passed: bool, opinion: str, actor: Actor, now: datetime
) -> Acceptance:
    """The panel's conclusion after its meeting (专家会评). A missed main target never passes."""
    _need_panel(acceptance)
    missed = measures.missed_main(acceptance.targets)
    if passed and missed:
        raise InvalidInput(
            f"主要指标未完成（{'、'.join(missed)}），不能通过。", code="missed", field="decision"
        )
    if passed and acceptance.state == AcceptanceState.RECTIFYING and acceptance.resubmitted_at is None:
        raise InvalidInput("整改后须重新提交，才能通过验收。", code="not_resubmitted", field="decision")
    facts = {"opinion": opinion, "decided_by_id": actor.id, "decided_at": now}
    ACCEPTANCE.fire(acceptance, "pass" if passed else "fail", actor=actor, now=now, reason=opinion, set=facts)
    return acceptance


def order_rectification(
    acceptance: Acceptance, *, until: date, opinion: str, actor: Actor, now: datetime
) -> Acceptance:
    """Once, with a day until which everything is handed in again."""
    _need_panel(acceptance)
    if until <= beijing_day(now):
        raise InvalidInput("整改期限应在今天之后。", code="rectify_past", field="until")
    facts = {"rectify_by": until, "opinion": opinion}
    ACCEPTANCE.fire(acceptance, "rectify", actor=actor, now=now, reason=opinion, set=facts)
    return acceptance


def resubmit_acceptance(
    acceptance: Acceptance,
    *,
    results: list[str],
    materials: Sequence[StoredFile] = (),
    actor: Actor,
    now: datetime,
) -> Acceptance:
    """After the rectification, in time: other figures; the first ones stay in the trail."""
    may_apply_acceptance(actor).or_raise()
    if acceptance.state != AcceptanceState.RECTIFYING:
        raise Conflict("只有整改中的项目可以重新提交。", code="not_rectifying")
    if beijing_day(now) > acceptance.rectify_by:
        raise Conflict("整改期限已过，不能再提交。", code="rectify_over")
    before = {"targets": acceptance.targets}
    acceptance.targets = measures.achieved(acceptance.targets, results)
    acceptance.resubmitted_at = now
    flush()
    after = {"targets": acceptance.targets}
    audit.record("acceptance.resubmit", acceptance, actor=actor, now=now, before=before, after=after)
    _attach(acceptance, materials, actor, now)
    return acceptance
