"""Score sheets: draft, submission, recusal, correction. No score is lost, doubled or replaced by an older copy."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm.attributes import set_committed_value

from competition.models import Criterion
from core import accounts, audit
from core.db import db, flush
from core.errors import Conflict, IllegalTransition, InvalidInput
from core.rules import Actor
from judging import queries, rules
from judging.enums import CorrectionState, SheetState
from judging.models import Correction, Score, Sheet
from judging.operations.tallies import count_in, hold_run, hold_session, proof_of, recount
from judging.states import CORRECTION, SHEET
from judging.validators import checked_client, checked_comment, checked_values, total_of


def save_sheet(
    sheet: Sheet,
    *,
    values: Mapping[str, int | None],
    comment: str = "",
    client_id: str = "",
    client_counter: int = 0,
    base_version: int | None = None,
    criteria: Sequence[Criterion] | None = None,
    actor: Actor,
    now: datetime,
) -> Sheet:
    """Keep a draft. A repeated request changes nothing, an older one is refused (see `_arrives_again`)."""
    rules.owns(actor, sheet).or_raise()
    if _arrives_again(sheet, client_id, client_counter, base_version):
        return sheet
    criteria = criteria or _criteria(sheet)
    checked = checked_values(criteria, values, step=sheet.run.session.stage.score_step, complete=False)
    set_ = {
        "comment": checked_comment(comment),
        "client_id": client_id,
        "client_counter": client_counter,
        "saved_at": now,
    }
    _refuse_unless_open(sheet, actor)
    with db.session.no_autoflush:
        _write_scores(sheet, criteria, checked)
    SHEET.fire(sheet, "save", actor=actor, now=now, set=set_)
    return sheet


def submit_sheet(
    sheet: Sheet,
    *,
    values: Mapping[str, int],
    comment: str = "",
    client_id: str = "",
    client_counter: int = 0,
    base_version: int | None = None,
    criteria: Sequence[Criterion] | None = None,
    actor: Actor,
    now: datetime,
) -> Sheet:
    """Submit for good: values, total, digest and the run's aggregates in one transaction.

    `criteria` may be passed in by a caller that holds them (the played edition submits thousands).
    """
    rules.owns(actor, sheet).or_raise()
    if _arrives_again(sheet, client_id, client_counter, base_version):
        return sheet
    criteria = criteria or _criteria(sheet)
    checked = checked_values(criteria, values, step=sheet.run.session.stage.score_step, complete=True)
    comment, total = checked_comment(comment), total_of(criteria, checked)
    run = sheet.run
    hold_run(run)
    set_ = {
        "total_hundredths": total,
        "comment": comment,
        "client_id": client_id,
        "client_counter": client_counter,
        "saved_at": now,
        "submitted_at": now,
    } | proof_of(sheet, checked, total, comment, now)
    _refuse_unless_open(sheet, actor)
    with db.session.no_autoflush:
        _write_scores(sheet, criteria, checked)
        count_in(run, sheet, total)
    SHEET.fire(sheet, "submit", actor=actor, now=now, set=set_)
    return sheet


def _refuse_unless_open(sheet: Sheet, actor: Actor) -> None:
    """What `fire` will ask, asked before anything is touched: scores and aggregates go out in its one flush."""
    rules.may_score(actor, sheet).or_raise()
    if sheet.state not in (SheetState.OPEN, SheetState.DRAFT):
        raise IllegalTransition("这张评分表已提交或已回避，不能再改。")


def _arrives_again(sheet: Sheet, client_id: str, counter: int, base_version: int | None) -> bool:
    """Whether this very message was already taken.

    Messages of one device are ordered by its counter, never by a clock: an older one is refused and harms nothing.
    Between two devices the version the page started from decides.
    """
    checked_client(client_id, counter)
    if not client_id:
        return False
    if client_id == sheet.client_id:
        if counter < sheet.client_counter:
            raise Conflict("这是较早的一次保存，服务器上已有更新的内容。", code="stale")
        return counter == sheet.client_counter
    if sheet.saved_at is not None and base_version != sheet.version:
        raise Conflict("另一台设备已保存了这张评分表的新内容，请核对后再提交。", code="other_device")
    return False


def _criteria(sheet: Sheet) -> list[Criterion]:
    return queries.criteria_of(sheet.run.session.stage, sheet.run.entry.group)


def _write_scores(sheet: Sheet, criteria: Sequence[Criterion], values: Mapping[str, int]) -> None:
    """Bring the sheet's score rows to these values; a value taken back in a draft takes its row along."""
    rows = {score.criterion_id: score for score in sheet.scores}
    kept = []
    for criterion in criteria:
        value, row = values.get(criterion.code), rows.get(criterion.id)
        if value is None:
            if row is not None:
                db.session.delete(row)
            continue
        if row is None:
            row = Score(sheet_id=sheet.id, criterion_id=criterion.id, criterion=criterion)
            db.session.add(row)
        row.hundredths = value
        kept.append(row)
    set_committed_value(sheet, "scores", kept)


def values_of(sheet: Sheet) -> dict[str, int]:
    return {score.criterion.code: score.hundredths for score in sheet.scores}


def request_correction(
    sheet: Sheet, *, new_values: Mapping[str, int], reason: str, actor: Actor, now: datetime
) -> Correction:
    """The panel's chair asks for a submitted sheet to be corrected; the old values are kept in the request."""
    rules.may_request_correction(actor, sheet).or_raise()
    _refuse_when_settled(sheet)
    if not reason.strip():
        raise InvalidInput("请填写更正理由。", field="reason")
    step = sheet.run.session.stage.score_step
    checked = checked_values(_criteria(sheet), new_values, step=step, complete=True)
    old = values_of(sheet)
    if checked == old:
        raise InvalidInput("更正后的分数与原分数相同。", code="unchanged")
    correction = Correction(
        sheet=sheet,
        state=CorrectionState.REQUESTED,
        old_values=old,
        new_values=checked,
        reason=reason.strip(),
        requested_by_id=actor.id,
        requested_at=now,
    )
    db.session.add(correction)
    flush()
    audit.record(
        "correction.request",
        correction,
        actor=actor,
        now=now,
        before=old,
        after=checked,
        reason=reason.strip(),
    )
    return correction


def _refuse_when_settled(sheet: Sheet) -> None:
    session = sheet.run.session
    if queries.has_signature(session):
        raise Conflict("本场已有人签字，不能再更正。", code="signed")
    if queries.frozen_ranking_of(session.stage_id, sheet.run.entry):
        raise Conflict("该项目的排名已冻结，请先由组委会撤回排名。", code="ranking_frozen")
    if queries.open_correction_of(sheet):
        raise Conflict("该评分表已有一项更正在等待审批。", code="correction_open")


def approve_correction(correction: Correction, *, actor: Actor, now: datetime) -> Correction:
    """Supervision approves: the sheet takes the new values, its digest and the run's score follow."""
    sheet = correction.sheet
    run = sheet.run
    if queries.has_signature(run.session) or queries.frozen_ranking_of(run.session.stage_id, run.entry):
        raise Conflict("本场已签字或排名已冻结，不能再更正。", code="settled")
    hold_session(run.session)
    hold_run(run)
    decided = {"decided_by_id": actor.id, "decided_at": now}
    CORRECTION.fire(correction, "approve", actor=actor, now=now, set=decided)
    if sheet.state != SheetState.SUBMITTED:
        raise Conflict("该评分表已转为回避，不能更正。", code="not_submitted")
    values, criteria = correction.new_values, _criteria(sheet)
    before = {"total_hundredths": sheet.total_hundredths, "digest": sheet.digest}
    _write_scores(sheet, criteria, values)
    sheet.total_hundredths = total_of(criteria, values)
    proof = proof_of(sheet, values, sheet.total_hundredths, sheet.comment, sheet.submitted_at)
    sheet.digest, sheet.receipt = proof["digest"], proof["receipt"]
    flush()
    recount(run)
    run.session.board_version += 1
    flush()
    after = {"total_hundredths": sheet.total_hundredths, **proof, "correction": correction.id}
    audit.record(
        "sheet.correct", sheet, actor=actor, now=now, before=before, after=after, reason=correction.reason
    )
    _tell_judge(sheet, now=now)
    return correction


def refuse_correction(correction: Correction, *, reason: str, actor: Actor, now: datetime) -> Correction:
    decided = {"decided_by_id": actor.id, "decided_at": now}
    CORRECTION.fire(correction, "refuse", actor=actor, now=now, reason=reason, set=decided)
    accounts.tell(correction.requested_by_id, "更正申请未获批准", now=now, body=reason)
    return correction


def _tell_judge(sheet: Sheet, *, now: datetime) -> None:
    judge = sheet.seat.judge
    if judge.user_id:
        accounts.tell(
            judge.user_id,
            "您的一张评分表已更正",
            now=now,
            body=f"{sheet.run.entry.label}：经组长申请、监督批准，评分已更正。",
            link=f"/judge/sheets/{sheet.id}",
        )
