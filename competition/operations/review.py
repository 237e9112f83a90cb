"""The review in two levels: the regional office passes, returns or rejects; the organising office confirms.

A decision can be taken back as long as nothing followed it: that is a further decision, the first one stays.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from competition import fields, queries
from competition.enums import EntryState, Outcome, RejectReason, ReviewDecisionKind, ReviewLevel
from competition.models import EligibilityFinding, Entry, ReviewDecision
from competition.operations.notes import tell_contacts
from competition.reviewing import checklist as lists
from competition.rules import may_review
from competition.states import ENTRY
from core import audit
from core.db import db, flush
from core.errors import Conflict, IllegalTransition, InvalidInput
from core.rules import Actor

REVIEWED_STATES = (EntryState.SUBMITTED, EntryState.REGIONAL_PASSED)


def pass_regional(entry: Entry, *, checklist: Iterable[str] = (), actor: Actor, now: datetime) -> Entry:
    """A failed rule stops here until somebody overrides it with a reason, or the entry is returned or rejected.

    `checklist`: the points ticked off, kept with the decision (`reviewing.checklist`).
    """
    _nothing_failed(entry)
    level = ReviewLevel.REGIONAL
    ticked = _ticked(entry, level, checklist)
    ENTRY.fire(entry, "pass_regional", actor=actor, now=now)
    _note(entry, level, ReviewDecisionKind.PASS, checklist=ticked, actor=actor, now=now)
    return entry


def confirm_entry(entry: Entry, *, checklist: Iterable[str] = (), actor: Actor, now: datetime) -> Entry:
    _nothing_failed(entry)
    level = ReviewLevel.OFFICE
    ticked = _ticked(entry, level, checklist)
    ENTRY.fire(entry, "confirm", actor=actor, now=now)
    _note(entry, level, ReviewDecisionKind.CONFIRM, checklist=ticked, actor=actor, now=now)
    tell_contacts(entry, "报名审核通过，参赛有效", now=now)
    return entry


def return_entry(
    entry: Entry, *, reason: str, flagged_fields: Iterable[str] = (), actor: Actor, now: datetime
) -> Entry:
    """Send it back for correction. With flagged fields only those are open to the enterprise, without any all are."""
    flagged = list(dict.fromkeys(flagged_fields))
    if not all(fields.is_known(name) for name in flagged):
        raise InvalidInput("标记的填报项无法识别。", code="unknown_field", field="flagged_fields")
    level = _level(entry)
    ENTRY.fire(entry, "return", actor=actor, now=now, reason=reason, set={"flagged_fields": flagged})
    _note(
        entry, level, ReviewDecisionKind.RETURN, reason=reason, flagged_fields=flagged, actor=actor, now=now
    )
    named = "、".join(fields.label_of(name) for name in flagged)
    body = f"{reason}\n需修改：{named}" if named else reason
    tell_contacts(entry, "报名材料被退回修改", body=body, now=now)
    return entry


def reject_entry(entry: Entry, *, reason_code: str, reason: str, actor: Actor, now: datetime) -> Entry:
    if reason_code not in set(RejectReason):
        raise InvalidInput("请选择不通过的原因。", code="reason_code", field="reason_code")
    level = _level(entry)
    ENTRY.fire(entry, "reject", actor=actor, now=now, reason=reason, set={"reason_code": str(reason_code)})
    _note(
        entry,
        level,
        ReviewDecisionKind.REJECT,
        reason=reason,
        reason_code=str(reason_code),
        actor=actor,
        now=now,
    )
    tell_contacts(entry, "报名审核不通过", body=f"{RejectReason(reason_code).label}。{reason}", now=now)
    return entry


TAKEN_BACK_FROM = {
    ReviewDecisionKind.PASS: EntryState.REGIONAL_PASSED,
    ReviewDecisionKind.CONFIRM: EntryState.ACCEPTED,
    ReviewDecisionKind.RETURN: EntryState.RETURNED,
    ReviewDecisionKind.REJECT: EntryState.REJECTED,
}


def take_back(entry: Entry, *, reason: str, actor: Actor, now: datetime) -> ReviewDecision:
    """Undo the last decision, by another of its level: the entry waits there again, and its contacts are told."""
    last = queries.last_decision(entry)
    refusal = why_not_taken_back(entry, last)
    if last is None or refusal:
        raise Conflict(refusal, code="moved_on")
    cleared = {"flagged_fields": [], "reason_code": ""}
    ENTRY.fire(entry, back_of(last), actor=actor, now=now, reason=reason, set=cleared)
    if last.decision != ReviewDecisionKind.PASS:
        tell_contacts(entry, "审核结论已撤销，重新审核", body=reason, now=now)
    return _note(entry, last.level, ReviewDecisionKind.TAKE_BACK, reason=reason, actor=actor, now=now)


def back_of(last: ReviewDecision) -> str:
    return "take_back_office" if last.level == ReviewLevel.OFFICE else "take_back_regional"


def why_not_taken_back(entry: Entry, last: ReviewDecision | None) -> str:
    """The sentence for an entry that has moved on since its last decision; empty where it can be taken back."""
    if last is None or last.decision == ReviewDecisionKind.TAKE_BACK:
        return "没有可以撤销的审核结论。"
    if entry.state != TAKEN_BACK_FROM[last.decision]:
        return f"之后已有变化，现为“{ENTRY.badge(entry).label}”，不能撤销。"
    if entry.state == EntryState.RETURNED and entry.saved_at > last.decided_at:
        return "企业已经开始修改，不能撤销退回。"
    if entry.state == EntryState.ACCEPTED and queries.is_in_a_round(entry):
        return "项目已列入比赛轮次，不能撤销。"
    return ""


def override_finding(
    finding: EligibilityFinding, *, reason: str, actor: Actor, now: datetime
) -> EligibilityFinding:
    """A person decides against a rule's answer (or in place of one), with a reason; the answer itself stays."""
    entry = db.session.get_one(Entry, finding.entry_id)
    may_review(actor, entry).or_raise()
    if entry.state not in REVIEWED_STATES:
        raise IllegalTransition()
    if finding.outcome == Outcome.PASS or finding.overridden_by_id is not None:
        raise Conflict("该项不需要人工认定，或已经认定。", code="no_override")
    if not reason.strip():
        raise InvalidInput("请填写认定理由。", code="reason_needed", field="reason")
    finding.overridden_by_id, finding.override_reason = actor.id, reason.strip()
    flush()
    after = {"rule": finding.rule, "outcome": finding.outcome}
    audit.record("entry.override", entry, actor=actor, now=now, after=after, reason=finding.override_reason)
    return finding


def _nothing_failed(entry: Entry) -> None:
    failed = [
        finding
        for finding in queries.findings_of(entry)
        if finding.outcome == Outcome.FAIL and finding.overridden_by_id is None
    ]
    if failed and entry.state in REVIEWED_STATES:
        raise Conflict(f"有 {len(failed)} 项条件不符合，须先人工认定、退回或不通过。", code="failed_rules")


def _ticked(entry: Entry, level: ReviewLevel, codes: Iterable[str]) -> list[str]:
    return lists.known(lists.points_of(level, entry.edition.required_attachments), codes)


def _level(entry: Entry) -> ReviewLevel:
    return ReviewLevel.OFFICE if entry.state == EntryState.REGIONAL_PASSED else ReviewLevel.REGIONAL


def _note(
    entry: Entry,
    level: ReviewLevel,
    decision: ReviewDecisionKind,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **more: Any,
) -> ReviewDecision:
    made = ReviewDecision(
        entry_id=entry.id,
        version_number=queries.last_version_number(entry),
        level=level,
        decision=decision,
        reason=reason.strip(),
        reviewer_id=actor.id,
        decided_at=now,
        **more,
    )
    db.session.add(made)
    flush()
    return made
