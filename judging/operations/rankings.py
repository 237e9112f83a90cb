"""Rankings: computed from locked sheets by the stage's rule, frozen as rows with hashes, recomputed at any time."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from competition.enums import CandidacyState, Group, StageState
from competition.models import Entry, Region, Stage, Track
from competition.operations import rounds
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.rules import Actor
from judging import queries, rules, standings
from judging.enums import RankingState, RunState, SessionState
from judging.evidence import pack
from judging.evidence.facts import EXPORT
from judging.models import Ranking, RankingRow, TieDecision
from judging.official import rule_facts
from judging.queries import diagnoses
from judging.scoring import PANEL_DECISION, ScoringError
from judging.standings import Unit
from judging.states import RANKING

CLOSED = (SessionState.LOCKED, SessionState.SIGNED)


def decide_tie(
    stage: Stage, *, entries: Sequence[Entry], minutes: str, actor: Actor, now: datetime
) -> TieDecision:
    """Record the panel's order among tied entries, best first, with the minutes that were signed (评委组合议)."""
    rules.may_freeze(actor).or_raise()
    numbers = [entry.number for entry in entries]
    if len(numbers) < 2 or len(set(numbers)) != len(numbers):
        raise InvalidInput("请按先后写出两个以上不同的项目编号。", field="entries")
    if not minutes.strip():
        raise InvalidInput("请填写合议纪要。", field="minutes")
    decision = TieDecision(
        stage_id=stage.id,
        entry_numbers=numbers,
        minutes=minutes.strip(),
        decided_by_id=actor.id,
        decided_at=now,
    )
    db.session.add(decision)
    flush()
    audit.record(
        "tie_decision.make", decision, actor=actor, now=now, after={"order": numbers}, reason=minutes.strip()
    )
    return decision


def freeze_ranking(
    stage: Stage,
    *,
    group: Group,
    region: Region | None = None,
    track: Track | None = None,
    actor: Actor,
    now: datetime,
) -> Ranking:
    """Rank one unit (stage x region x track x group) from its locked sessions and hand the result to the round."""
    rules.may_freeze(actor).or_raise()
    db.session.refresh(stage, ["state"], with_for_update=True)
    if stage.state != StageState.RUNNING:
        raise Conflict("本轮未在进行中，不能冻结排名。", code="stage_not_running")
    unit = Unit(stage, group, region, track)
    if queries.frozen_ranking_in(unit):
        raise Conflict("该组的排名已经冻结。", code="already_frozen")
    entry_ids = _settled_field(unit, actor=actor, now=now)
    _refuse_while_awaited(stage, entry_ids)
    inputs = standings.collect(unit, entry_ids, until=now)
    rule = rule_facts(stage) | {"criteria": inputs.criteria} | inputs.marking()
    rows = _computed(inputs, rule)
    ranking = Ranking(
        stage=stage,
        region=region,
        track=track,
        group=group,
        name=unit.name,
        state=RankingState.FROZEN,
        rule=rule,
        rules_version=stage.edition.rules_version,
        inputs_hash=inputs.digest(),
        content_hash=standings.content_hash(rows),
        frozen_by_id=actor.id,
        frozen_at=now,
        rows=[RankingRow(entry_id=inputs.entry_id(row["entry"]), **_columns(row)) for row in rows],
    )
    db.session.add(ranking)
    flush()
    hashes = {"inputs_hash": ranking.inputs_hash, "content_hash": ranking.content_hash, "rows": len(rows)}
    audit.record("ranking.freeze", ranking, actor=actor, now=now, after=hashes)
    results = [(row.entry_id, row.rank, row.score_hundredths, unit.key) for row in ranking.rows]
    rounds.record_results(stage, results=results, actor=actor, now=now)
    return ranking


def _columns(row: dict) -> dict:
    return {name: value for name, value in row.items() if name != "entry"}


def _settled_field(unit: Unit, *, actor: Actor, now: datetime) -> list[int]:
    """The entries to rank. Each competes, was heard and locked; who did not come is withdrawn from the round."""
    settled = []
    for candidacy, run, session in queries.field_of(unit):
        if run is None:
            raise Conflict(f"{candidacy.entry.number} 还没有安排场次。", code="no_session")
        if session.state not in CLOSED:
            raise Conflict(f"场次“{session.name}”还没有锁分。", code="session_open")
        if run.state == RunState.ABSENT:
            rounds.withdraw_candidacy(candidacy, reason="未到场参赛（缺席）", actor=actor, now=now)
        elif candidacy.state == CandidacyState.COMPETING:
            settled.append(candidacy.entry_id)
    if not settled:
        raise Conflict("该组没有可排名的项目。", code="empty")
    return settled


def _refuse_while_awaited(stage: Stage, entry_ids: Sequence[int]) -> None:
    """Where second looks count, whoever was asked for one answers before the ranking is frozen."""
    look = diagnoses.awaited_look(stage.id, entry_ids) if stage.second_look else None
    if look is not None:
        raise Conflict(
            f"{look.entry.number} 的复评还在等评委{look.judge.name}给分，本轮规则规定复评计入，请等复评完成。",
            code="look_awaited",
        )


def _computed(inputs: standings.Inputs, rule: dict) -> list[dict]:
    try:
        lines = standings.ranked(inputs, rule)
    except ScoringError as error:
        raise Conflict(f"无法排名：合议记录或评分表有矛盾（{error.subject}）。", code=error.code) from error
    if unscored := [line.key for line in lines if line.rank is None]:
        raise Conflict(f"{unscored[0]} 还没有有效成绩，不能排名。", code="not_publishable")
    for line in lines:
        if line.tied_with and not line.both_advance and PANEL_DECISION in line.skipped_steps:
            tied = "、".join((line.key, *line.tied_with))
            raise Conflict(f"{tied} 并列，请先登记评委组合议结果。", code="tie_undecided")
    return standings.rows_of(inputs, rule, lines)


def supersede_ranking(ranking: Ranking, *, reason: str, actor: Actor, now: datetime) -> Ranking:
    """Take a frozen ranking back while the round is not decided, to correct a sheet and freeze anew."""
    RANKING.fire(ranking, "supersede", actor=actor, now=now, reason=reason)
    return ranking


def export_evidence(ranking: Ranking, *, actor: Actor, now: datetime) -> bytes:
    """The evidence pack as bytes; that it was handed out is on record under the digest of these bytes."""
    rules.may_export_evidence(actor).or_raise()
    content = pack.build(ranking)
    after = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    note = f"SHA-256 {after['sha256']}"  # on the ranking's timeline, for whoever was handed the file
    audit.record(EXPORT, ranking, actor=actor, now=now, after=after, reason=note)
    return content


def recompute(ranking: Ranking) -> list[str]:
    """Rebuild the ranking from its sheets by its own frozen rule; every difference in words, none when equal."""
    return [f"{where}：{what}" for where, what in differences(ranking)]


def differences(ranking: Ranking) -> list[tuple[str, str]]:
    """(row, what differs) between the frozen ranking and the one its sheets give now."""
    rows = queries.ranking_rows(ranking)
    stored = [standings.stored_row(row) for row in rows]
    unit = Unit(ranking.stage, ranking.group, ranking.region, ranking.track)
    inputs = standings.collect(
        unit, [row.entry_id for row in rows], until=ranking.frozen_at, ranking_id=ranking.id
    )
    where, found = f"ranking {ranking.id}", []
    if inputs.digest() != ranking.inputs_hash:
        found.append((where, "评分表等输入与冻结时不同"))
    if standings.content_hash(stored) != ranking.content_hash:
        found.append((where, "排名内容与冻结时的哈希不符"))
    try:
        computed = standings.rows_of(inputs, ranking.rule, standings.ranked(inputs, ranking.rule))
    except (ScoringError, TypeError, KeyError) as error:
        return [*found, (where, f"冻结的规则或输入不可用，无法重算：{error}")]
    by_entry = {row["entry"]: row for row in computed}
    for row, frozen in zip(rows, stored, strict=True):
        found += _differing(row, frozen, by_entry.get(frozen["entry"]))
    return found


def _differing(row: RankingRow, frozen: dict, again: dict | None) -> list[tuple[str, str]]:
    where = f"ranking_row {row.id}"
    if again is None:
        return [(where, f"{frozen['entry']} 重算后没有成绩")]
    return [
        (where, f"{frozen['entry']} {label}：冻结 {frozen[name]}，重算 {again[name]}")
        for name, label in LABELS.items()
        if frozen[name] != again[name]
    ]


LABELS = {
    "position": "次序",
    "rank": "名次",
    "score_hundredths": "得分（百分之一分）",
    "exact": "精确得分",
    "tie_broken_by": "并列处理",
    "detail": "计分明细",
}
