"""What must hold of panels, sheets and rankings, asked of the rows themselves: no constraint or trigger is trusted."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from competition.models import Criterion, Entry, Stage
from core.db import db
from core.models import AuditEvent
from judging import receipts
from judging.assignment.draw import draw_hash, draw_order
from judging.diagnosis.models import Diagnosis
from judging.enums import RankingState, RunState, SessionState, SheetState
from judging.models import JudgeConflict, Ranking, RankingRow, Run, Score, Seat, Session, Sheet, Signature
from judging.official import Given, run_score
from judging.operations.rankings import differences
from judging.operations.sessions import session_digest
from judging.operations.tallies import digest_of

Findings = Iterator[tuple[str, str]]


class SheetRow(NamedTuple):
    """A sheet as stored, with the names `digest_of` reads."""

    id: int
    run_id: int
    seat_id: int
    state: SheetState
    total_hundredths: int | None
    comment: str
    digest: str
    receipt: str
    submitted_at: datetime | None


def _sheets() -> list[SheetRow]:
    columns = [getattr(Sheet, name) for name in SheetRow._fields]
    return [SheetRow(*row) for row in db.session.execute(select(*columns).order_by(Sheet.id))]


def _points() -> dict[int, dict[int, int]]:
    """{sheet id: {criterion id: hundredths}}"""
    found: dict[int, dict[int, int]] = {}
    stmt = select(Score.sheet_id, Score.criterion_id, Score.hundredths)
    for sheet, criterion, value in db.session.execute(stmt):
        found.setdefault(sheet, {})[criterion] = value
    return found


def sheets_add_up() -> Findings:
    """A submitted sheet scores every criterion of its entry's group inside its range, and its total is their sum."""
    criteria = {row.id: row for row in db.session.scalars(select(Criterion))}
    stmt = (
        select(Run.id, Stage.id, Stage.edition_id, Entry.group)
        .join(Entry, Entry.id == Run.entry_id)
        .join(Session, Session.id == Run.session_id)
        .join(Stage, Stage.id == Session.stage_id)
    )
    wanted: dict[tuple, set[int]] = {}
    for criterion in criteria.values():
        place = ("stage", criterion.stage_id) if criterion.stage_id else ("edition", criterion.edition_id)
        wanted.setdefault((*place, criterion.group), set()).add(criterion.id)
    fields = {
        run: wanted.get(("stage", stage, group)) or wanted.get(("edition", edition, group), set())
        for run, stage, edition, group in db.session.execute(stmt)
    }
    points = _points()
    for sheet in _sheets():
        given = points.get(sheet.id, {})
        for criterion_id, value in given.items():
            criterion = criteria.get(criterion_id)
            if criterion is None or not 0 <= value <= criterion.top_mark:
                yield f"score {sheet.id},{criterion_id}", "分数超出该评分项的范围"
        if sheet.state == SheetState.SUBMITTED:
            if set(given) != fields.get(sheet.run_id, set()):
                yield f"sheet {sheet.id}", "已提交的评分表评分项不齐"
            worth = sum(criteria[key].worth(value) for key, value in given.items() if key in criteria)
            if sheet.total_hundredths != worth:
                yield f"sheet {sheet.id}", f"合计 {sheet.total_hundredths} 与各项之和 {worth} 不符"
        elif sheet.total_hundredths is not None:
            yield f"sheet {sheet.id}", "未提交的评分表却有合计"


def digests_hold() -> Findings:
    """Each submitted sheet still has the keyed digest of its values, and the trail holds the same digest."""
    codes = dict(db.session.execute(select(Criterion.id, Criterion.code)).all())
    trail: dict[str, str] = {}
    stmt = select(AuditEvent.subject_id, AuditEvent.after).where(AuditEvent.subject_type == "sheet")
    for identity, after in db.session.execute(stmt.order_by(AuditEvent.seq)):
        if "digest" in after:
            trail[identity] = after["digest"]
    stmt = select(Run.id, Entry.number).join(Entry, Entry.id == Run.entry_id)
    entries = dict(db.session.execute(stmt).all())
    points = _points()
    for sheet in _sheets():
        if sheet.state != SheetState.SUBMITTED:
            continue
        values = {codes.get(key, str(key)): value for key, value in points.get(sheet.id, {}).items()}
        if digest_of(sheet, values, sheet.total_hundredths, sheet.comment) != sheet.digest:
            yield f"sheet {sheet.id}", "内容与提交时的摘要不符"
        elif (
            sheet.submitted_at is None
            or _receipt(sheet, entries.get(sheet.run_id, ""), values) != sheet.receipt
        ):
            yield f"sheet {sheet.id}", "内容与评委回执不符"
        elif trail.get(str(sheet.id)) != sheet.digest:
            yield f"sheet {sheet.id}", "摘要与审计记录中的不符"


def _receipt(sheet: SheetRow, entry: str, values: dict[str, int]) -> str:
    text = receipts.text_of(
        sheet=sheet.id,
        entry=entry,
        seat=sheet.seat_id,
        values=values,
        total=sheet.total_hundredths,
        comment=sheet.comment,
        submitted_at=sheet.submitted_at,
        digest=sheet.digest,
    )
    return receipts.sha256_of(text)


def recused_are_out() -> Findings:
    """A recused judge's sheet holds no score; a judge with a conflict has no other sheet of that entry."""
    points = _points()
    for sheet in _sheets():
        if sheet.state == SheetState.RECUSED and points.get(sheet.id):
            yield f"sheet {sheet.id}", "已回避的评分表却有分数"
    stmt = (
        select(Sheet.id, JudgeConflict.id)
        .join(Run, Run.id == Sheet.run_id)
        .join(Seat, Seat.id == Sheet.seat_id)
        .join(
            JudgeConflict,
            (JudgeConflict.judge_id == Seat.judge_id) & (JudgeConflict.entry_id == Run.entry_id),
        )
        .where(Sheet.state != SheetState.RECUSED)
    )
    for sheet, conflict in db.session.execute(stmt):
        yield f"sheet {sheet}", f"评委与该项目有回避关系（judge_conflict {conflict}）却仍在评分"


def runs_tally() -> Findings:
    """Expected and submitted sheets and the score of every run are those of its sheets."""
    sheets: dict[int, list[Given]] = {}
    stmt = select(Sheet.run_id, Seat.judge_id, Sheet.state, Sheet.total_hundredths, Seat.panel).join(
        Seat, Seat.id == Sheet.seat_id
    )
    for run, *rest, panel in db.session.execute(stmt):
        sheets.setdefault(run, []).append(Given(*rest, panel.value))
    for run in db.session.scalars(select(Run).options(joinedload(Run.session)).order_by(Run.id)):
        rows = sheets.get(run.id, [])
        expected = sum(row.state != SheetState.RECUSED for row in rows)
        submitted = sum(row.state == SheetState.SUBMITTED for row in rows)
        if (run.expected_sheets, run.submitted_sheets) != (expected, submitted):
            stored = f"{run.submitted_sheets}/{run.expected_sheets}"
            yield f"run {run.id}", f"记录的评分表数 {stored} 与实际 {submitted}/{expected} 不符"
        score = run_score(run.session.stage, rows) if expected and submitted == expected else None
        if run.score_hundredths != score:
            yield f"run {run.id}", f"记录的得分 {run.score_hundredths} 与评分表算得的 {score} 不符"


def draws_repeat() -> Findings:
    """Every drawn running order follows from its seed and its pool."""
    stmt = select(Session).where(Session.state != SessionState.PLANNED).order_by(Session.id)
    for session in db.session.scalars(stmt.options(selectinload(Session.runs).joinedload(Run.entry))):
        numbers = [run.entry.number for run in session.runs]
        if draw_hash(*sorted(numbers)) != session.draw_pool_hash:
            yield f"judging_session {session.id}", "抽签名单与公布的名单哈希不符"
        places = {number: place for place, number in enumerate(draw_order(numbers, session.draw_seed), 1)}
        for run in session.runs:
            if run.draw_number != places[run.entry.number]:
                yield (
                    f"run {run.id}",
                    f"抽签号 {run.draw_number} 与种子算得的 {places[run.entry.number]} 不符",
                )


def locked_are_complete() -> Findings:
    """A locked session waits for no sheet, and what was signed is what stands there."""
    stmt = select(Session).where(Session.state.in_((SessionState.LOCKED, SessionState.SIGNED)))
    signed: dict[int, list[tuple[int, str]]] = {}
    for row in db.session.execute(select(Signature.session_id, Signature.id, Signature.digest)):
        signed.setdefault(row[0], []).append((row[1], row[2]))
    for session in db.session.scalars(stmt.options(selectinload(Session.runs)).order_by(Session.id)):
        for run in session.runs:
            if run.state != RunState.ABSENT and run.submitted_sheets != run.expected_sheets:
                yield f"run {run.id}", "场次已锁分，却还有评分表未提交"
        digest = session_digest(session) if session.id in signed else ""
        for signature, signed_digest in signed.get(session.id, ()):
            if signed_digest != digest:
                yield f"signature {signature}", "签字时的内容摘要与现在的不符"


def rankings_recompute() -> Findings:
    """Every frozen ranking comes out again from the sheets, row by row."""
    stmt = select(Ranking).where(Ranking.state == RankingState.FROZEN).order_by(Ranking.id)
    for ranking in db.session.scalars(stmt.options(joinedload(Ranking.region), joinedload(Ranking.track))):
        yield from differences(ranking)


def diagnoses_fit() -> Findings:
    """Every diagnosis rests on its ranking's own inputs and places its entries as the ranking does."""
    official: dict[int, set[tuple]] = {}
    stmt = select(RankingRow.ranking_id, Entry.number, RankingRow.rank, RankingRow.score_hundredths)
    for ranking, *row in db.session.execute(stmt.join(Entry, Entry.id == RankingRow.entry_id)):
        official.setdefault(ranking, set()).add(tuple(row))
    stmt = select(Diagnosis, Ranking.inputs_hash).join(Ranking, Ranking.id == Diagnosis.ranking_id)
    for diagnosis, inputs_hash in db.session.execute(stmt.order_by(Diagnosis.id)):
        if diagnosis.inputs_hash != inputs_hash:
            yield f"diagnosis {diagnosis.id}", "诊断所依据的输入与排名冻结时的不同"
        entries = diagnosis.result["entries"]
        shown = {(line["entry"], line["rank"], line["score"]) for line in entries}
        if entries and shown != official.get(diagnosis.ranking_id):
            yield f"diagnosis {diagnosis.id}", "诊断所列的正式名次与排名不符"


INVARIANTS = {
    "judging-diagnoses-fit": diagnoses_fit,
    "judging-sheets-add-up": sheets_add_up,
    "judging-digests": digests_hold,
    "judging-recused-out": recused_are_out,
    "judging-runs-tally": runs_tally,
    "judging-draws-repeat": draws_repeat,
    "judging-locked-complete": locked_are_complete,
    "judging-rankings-recompute": rankings_recompute,
}
