"""Rounds: opened with their field, given results by the judging floor, decided by the declared quota, back-filled."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from competition import quotas
from competition.enums import CandidacyState, EntryState, StageState
from competition.models import Candidacy, Entry, Stage
from competition.round_rules import may_run_contest
from competition.round_states import CANDIDACY, STAGE
from core import audit
from core.db import db, flush
from core.errors import Conflict
from core.rules import SYSTEM, Actor


def open_stage(
    stage: Stage, *, entries: list[Entry] | None = None, actor: Actor, now: datetime
) -> list[Candidacy]:
    """Start the round with these entries; by default those who advanced from the round before, or all accepted."""
    field = entries if entries is not None else eligible_for(stage)
    if not field:
        raise Conflict("没有可进入本轮的项目。", code="empty_field")
    if any(entry.state != EntryState.ACCEPTED for entry in field):
        raise Conflict("只有参赛有效的项目可以进入轮次。", code="entry_not_accepted")
    STAGE.fire(stage, "open", actor=actor, now=now)
    made = [Candidacy(stage=stage, entry=entry) for entry in field]
    db.session.add_all(made)
    flush()
    audit.record(
        "stage.field", stage, actor=actor, now=now, after={"entries": sorted(e.number for e in field)}
    )
    return made


def eligible_for(stage: Stage) -> list[Entry]:
    """Who may enter: all accepted for the first round, else those advanced and not dropped in the one before."""
    earlier = [s for s in stage.edition.stages if s.position < stage.position]
    stmt = select(Entry).where(Entry.edition_id == stage.edition_id, Entry.state == EntryState.ACCEPTED)
    if earlier:
        advanced = select(Candidacy.entry_id).where(
            Candidacy.stage_id == earlier[-1].id, Candidacy.state == CandidacyState.ADVANCED
        )
        stmt = stmt.where(Entry.id.in_(advanced))
    return list(db.session.scalars(stmt.order_by(Entry.number)))


def candidacies_of(stage: Stage) -> list[Candidacy]:
    stmt = select(Candidacy).where(Candidacy.stage_id == stage.id).options(selectinload(Candidacy.entry))
    return list(db.session.scalars(stmt.order_by(Candidacy.id)))


def record_results(
    stage: Stage, *, results: list[tuple[int, int, int, str]], actor: Actor, now: datetime
) -> list[Candidacy]:
    """(entry id, rank in its unit, score in hundredths, unit) from a frozen ranking onto the candidacies."""
    if stage.state != StageState.RUNNING:
        raise Conflict("本轮未在进行中，不能写入成绩。", code="stage_not_running")
    wanted = {entry_id: rest for entry_id, *rest in results}
    stmt = select(Candidacy).where(Candidacy.stage_id == stage.id, Candidacy.entry_id.in_(wanted))
    found = list(db.session.scalars(stmt))
    for candidacy in found:
        candidacy.rank, candidacy.score_hundredths, candidacy.unit = wanted[candidacy.entry_id]
    flush()
    audit.record(
        "stage.results", stage, actor=actor, now=now, after={"unit": results[0][3], "count": len(found)}
    )
    return found


def candidate_of(row: Candidacy) -> quotas.Candidate:
    """What the quota engine sees of an entry: codes, not names."""
    entry = row.entry
    return quotas.Candidate(
        key=entry.number,
        region=str(entry.region_id or ""),
        track=entry.track.room.code if entry.track else "",
        group=entry.group.value,
        rank=row.rank or 0,
    )


def preview(stage: Stage, field: list[Candidacy], quota: dict | None = None) -> quotas.Advancement:
    """Who would advance under this quota (by default the stage's own); nothing is written."""
    rule = quotas.rule_from({**(quota or stage.quota), "backfill": stage.backfill})
    return quotas.advance([candidate_of(row) for row in field], rule)


def decide_advancement(stage: Stage, *, actor: Actor, now: datetime) -> list[Candidacy]:
    """Give the places of the stage's quota to its candidates; the rest become reserves in order, or out.

    The last round has no quota: its ranking is the result, and everybody stays where he was placed.
    """
    may_run_contest(actor).or_raise()
    field = [row for row in candidacies_of(stage) if row.state == CandidacyState.COMPETING]
    if any(row.rank is None for row in field):
        raise Conflict("还有项目没有成绩，不能确定晋级。", code="missing_results")
    if not stage.quota:
        STAGE.fire(stage, "decide", actor=actor, now=now, set={"decided_at": now})
        return field
    outcome = preview(stage, field)
    if outcome.held:
        raise Conflict("晋级线上有并列，须先按规则决定先后。", code="undecided_tie")
    STAGE.fire(stage, "decide", actor=actor, now=now, set={"decided_at": now})
    by_number = {row.entry.number: row for row in field}
    for standing in outcome.standings:
        _place(by_number[standing.candidate.key], standing, actor=actor, now=now)
    return [row for row in field if row.state == CandidacyState.ADVANCED]


MOVES = {
    quotas.Status.ADVANCED: "advance",
    quotas.Status.RESERVE: "reserve",
    quotas.Status.OUT: "drop",
}


def _place(row: Candidacy, standing: quotas.Standing, *, actor: Actor, now: datetime) -> None:
    facts = {"decided_at": now, "unit": "/".join(standing.unit), "reserve_order": standing.position}
    CANDIDACY.fire(row, MOVES[standing.status], actor=actor, now=now, set=facts)


def withdraw_candidacy(candidacy: Candidacy, *, reason: str, actor: Actor, now: datetime) -> Candidacy | None:
    """The enterprise leaves the race with a signed statement; the reserve that moves up is returned."""
    return _leave(candidacy, "withdraw", reason=reason, actor=actor, now=now)


def disqualify_candidacy(
    candidacy: Candidacy, *, reason: str, actor: Actor, now: datetime
) -> Candidacy | None:
    return _leave(candidacy, "disqualify", reason=reason, actor=actor, now=now)


def _leave(candidacy: Candidacy, move: str, *, reason: str, actor: Actor, now: datetime) -> Candidacy | None:
    had_place = candidacy.state == CandidacyState.ADVANCED
    CANDIDACY.fire(candidacy, move, actor=actor, now=now, reason=reason)
    if not had_place or not candidacy.stage.backfill:
        return None
    waiting = select(Candidacy).where(
        Candidacy.stage_id == candidacy.stage_id,
        Candidacy.unit == candidacy.unit,
        Candidacy.state == CandidacyState.RESERVE,
    )
    reserve = db.session.scalar(waiting.order_by(Candidacy.reserve_order).limit(1))
    if reserve is not None:
        why = f"{candidacy.entry.number} 退出，依序递补"
        CANDIDACY.fire(reserve, "move_up", actor=SYSTEM, now=now, reason=why)
    return reserve


def unit_counts(stage: Stage) -> dict[str, int]:
    """Candidates per unit of the stage's quota, for the what-if page."""
    counts: dict[str, int] = defaultdict(int)
    by = stage.quota.get("by", [])
    for row in candidacies_of(stage):
        candidate = candidate_of(row)
        counts["/".join(getattr(candidate, dimension) for dimension in by)] += 1
    return dict(counts)
