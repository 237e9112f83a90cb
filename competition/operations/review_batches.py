"""The same act on many entries: prepared with what would happen, carried out once, taken back where nothing followed.

Every entry goes through the operation a single review goes through, so a batch can do nothing that one click cannot.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from competition import queries
from competition.enums import BatchAct, BatchState, EntryState, Outcome, RejectReason
from competition.models import Entry, ReviewBatch, ReviewBatchItem, ReviewDecision
from competition.operations import review
from competition.queries import reviews
from competition.states import BATCH, ENTRY
from core import jobs
from core.db import db, flush
from core.enums import JobState
from core.errors import Conflict, InvalidInput, Refusal
from core.models import Job
from core.rules import Actor

JOB = "competition.review_batch"
AT_ONCE, MOST = 50, 2000
NEEDS_HAND = "有需人工核实或不符合的条件，请逐件审核。"


def prepare(
    entries: Sequence[Entry], *, act: BatchAct, selection: str = "", actor: Actor, now: datetime
) -> ReviewBatch:
    """Keep the selection and what would become of each entry; nothing is decided yet."""
    if not entries:
        raise InvalidInput("请先选择项目。", code="nothing_selected")
    if len(entries) > MOST:
        raise InvalidInput(f"一次最多选择 {MOST:,} 件，请用筛选缩小范围。", code="too_many_selected")
    batch = ReviewBatch(
        act=act, selection=selection[:300], total=len(entries), created_by_id=actor.id, created_at=now
    )
    db.session.add(batch)
    flush()
    open_findings = reviews.open_findings([entry.id for entry in entries])
    for entry in entries:
        refusal = why_not(entry, act, open_findings.get(entry.id, set()), actor)
        db.session.add(ReviewBatchItem(batch_id=batch.id, entry_id=entry.id, refusal=refusal))
    flush()
    return batch


def why_not(entry: Entry, act: BatchAct, open_findings: set[Outcome], actor: Actor) -> str:
    """The sentence for an entry this act cannot be done to now; empty where it can."""
    transition = ENTRY.transitions[transition_of(entry, act)]
    if entry.state not in transition.sources:
        return f"现为“{ENTRY.badge(entry).label}”，不在待审核之列。"
    verdict = transition.rule(actor, entry)
    if not verdict:
        return verdict.reason
    return NEEDS_HAND if act == BatchAct.PASS and open_findings else ""


def transition_of(entry: Entry, act: BatchAct) -> str:
    if act == BatchAct.PASS:
        return "confirm" if entry.state == EntryState.REGIONAL_PASSED else "pass_regional"
    return act.value


def drop(batch: ReviewBatch, *, actor: Actor, now: datetime) -> ReviewBatch:
    BATCH.fire(batch, "drop", actor=actor, now=now)
    return batch


def start(
    batch: ReviewBatch,
    *,
    reason: str = "",
    reason_code: str = "",
    flagged_fields: Iterable[str] = (),
    checklist: Iterable[str] = (),
    actor: Actor,
    now: datetime,
) -> ReviewBatch:
    """At once up to fifty entries, by the queue above."""
    if batch.act != BatchAct.PASS and not reason.strip():
        raise InvalidInput("请填写理由，企业会看到。", code="reason_needed", field="reason")
    if batch.act == BatchAct.REJECT and reason_code not in set(RejectReason):
        raise InvalidInput("请选择不通过的原因。", code="reason_code", field="reason_code")
    words = {
        "reason": reason.strip(),
        "reason_code": reason_code,
        "flagged_fields": list(dict.fromkeys(flagged_fields)),
        "checklist": list(checklist),
    }
    BATCH.fire(batch, "start", actor=actor, now=now, set=words)
    _now_or_later(batch, actor=actor, now=now)
    return batch


def start_back(batch: ReviewBatch, *, reason: str, actor: Actor, now: datetime) -> ReviewBatch:
    BATCH.fire(batch, "start_back", actor=actor, now=now, reason=reason)
    _now_or_later(batch, reason=reason, actor=actor, now=now)
    return batch


def _now_or_later(batch: ReviewBatch, *, actor: Actor, now: datetime, reason: str = "") -> None:
    if batch.total > AT_ONCE:
        payload = {"batch_id": batch.id, "reason": reason}
        jobs.enqueue(JOB, payload, actor=actor, now=now, total=batch.total)
    else:
        go_on(batch, reason=reason, actor=actor, now=now)


def again(batch: ReviewBatch, *, reason: str = "", actor: Actor, now: datetime) -> None:
    """Ask the queue once more, when its job failed and left the batch half way between two states."""
    job = last_job_of(batch)
    if job is None or job.state != JobState.FAILED:
        raise Conflict("本批正在办理，请稍候。", code="batch_running")
    jobs.enqueue(JOB, job.payload, actor=actor, now=now, total=batch.total)


def last_job_of(batch: ReviewBatch) -> Job | None:
    recent = select(Job).where(Job.kind == JOB).order_by(Job.id.desc()).limit(200)
    return next((job for job in db.session.scalars(recent) if job.payload["batch_id"] == batch.id), None)


def go_on(batch: ReviewBatch, *, reason: str, actor: Actor, now: datetime) -> int:
    """Carry out or take back, whichever was started; all of it in the caller's transaction. How many were done."""
    if batch.state == BatchState.RUNNING:
        return _carry_out(batch, actor=actor, now=now)
    if batch.state == BatchState.TAKING_BACK:
        return _take_back(batch, reason=reason, actor=actor, now=now)
    return 0


def _items(batch: ReviewBatch) -> list[ReviewBatchItem]:
    """With their entries as the database has them now, locked in one order."""
    ids = select(ReviewBatchItem.entry_id).where(ReviewBatchItem.batch_id == batch.id)
    locked = select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id).with_for_update(of=Entry)
    options = {"populate_existing": True}
    db.session.scalars(locked.options(*reviews.with_interests()), execution_options=options).unique().all()
    stmt = select(ReviewBatchItem).where(ReviewBatchItem.batch_id == batch.id).order_by(ReviewBatchItem.id)
    return list(db.session.scalars(stmt))


def _carry_out(batch: ReviewBatch, *, actor: Actor, now: datetime) -> int:
    items = _items(batch)
    open_findings = reviews.open_findings([item.entry_id for item in items])
    for item in items:
        item.refusal = why_not(item.entry, batch.act, open_findings.get(item.entry_id, set()), actor)
        if item.refusal:
            continue
        try:
            item.decision_id = _decide(batch, item.entry, actor=actor, now=now).id
        except Refusal as refusal:
            item.refusal = refusal.sentence
    flush()
    BATCH.fire(batch, "finish", actor=actor, now=now, set={"carried_out_at": now})
    return sum(item.decision_id is not None for item in items)


def _decide(batch: ReviewBatch, entry: Entry, *, actor: Actor, now: datetime) -> ReviewDecision | None:
    by = {"actor": actor, "now": now}
    if batch.act == BatchAct.RETURN:
        review.return_entry(entry, reason=batch.reason, flagged_fields=batch.flagged_fields, **by)
    elif batch.act == BatchAct.REJECT:
        review.reject_entry(entry, reason_code=batch.reason_code, reason=batch.reason, **by)
    elif entry.state == EntryState.REGIONAL_PASSED:
        review.confirm_entry(entry, checklist=batch.checklist, **by)
    else:
        review.pass_regional(entry, checklist=batch.checklist, **by)
    return queries.last_decision(entry)


def _take_back(batch: ReviewBatch, *, reason: str, actor: Actor, now: datetime) -> int:
    """Each entry by a further decision; those that moved on since keep what became of them, with a sentence."""
    items = [item for item in _items(batch) if item.decision_id is not None]
    for item in items:
        item.back_refusal = _why_not_back(item, actor)
        if item.back_refusal:
            continue
        item.back_decision_id = review.take_back(item.entry, reason=reason, actor=actor, now=now).id
    flush()
    BATCH.fire(batch, "finish_back", actor=actor, now=now, set={"taken_back_at": now})
    return sum(item.back_decision_id is not None for item in items)


def _why_not_back(item: ReviewBatchItem, actor: Actor) -> str:
    last = queries.last_decision(item.entry)
    if last is None or last.id != item.decision_id:
        return f"之后另有办理，现为“{ENTRY.badge(item.entry).label}”，不能撤销。"
    refusal = review.why_not_taken_back(item.entry, last)
    if refusal:
        return refusal
    verdict = ENTRY.transitions[review.back_of(last)].rule(actor, item.entry)
    return "" if verdict else verdict.reason
