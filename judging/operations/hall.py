"""What else happens in the hall: an entry does not come, a score is revealed, a stand-in judge is called."""

from datetime import datetime

from core import audit
from core.db import db, flush
from core.errors import Conflict
from core.rules import Actor
from judging import queries, rules
from judging.models import Judge, Run, Seat
from judging.operations.judges import relation_of
from judging.operations.sessions import new_sheet
from judging.operations.tallies import hold_run, hold_session, recount, redraw_board
from judging.states import RUN


def mark_absent(run: Run, *, reason: str, actor: Actor, now: datetime) -> Run:
    """The entry did not come: its number stays, its sheets are not waited for. Not once somebody has scored."""
    hold_session(run.session)
    hold_run(run)
    if run.submitted_sheets:
        raise Conflict("该项目已有评委提交评分，不能标记缺席。", code="already_scored")
    RUN.fire(run, "miss", actor=actor, now=now, reason=reason)
    redraw_board(run.session)
    return run


def reveal_run(run: Run, *, actor: Actor, now: datetime) -> Run:
    """Show the score on the screen (当场亮分), once every judge has submitted."""
    hold_session(run.session)
    rules.may_reveal(actor, run).or_raise()
    run.revealed_at = now
    redraw_board(run.session)
    audit.record(
        "run.reveal", run, actor=actor, now=now, after={"score_hundredths": run.score_hundredths, "at": now}
    )
    return run


def add_stand_in(run: Run, *, judge: Judge, reason: str, actor: Actor, now: datetime) -> Run:
    """Seat a further judge for one entry, in the panel where recusals leave too few scores (DOMAIN 8.4)."""
    session = run.session
    hold_session(session)
    hold_run(run)
    rules.may_conduct_run(actor, run).or_raise()
    panel = queries.short_panel(run)
    if panel is None:
        raise Conflict("本项目评委人数已足，无须增补。", code="panel_full")
    if judge.user_id is None or not judge.active:
        raise Conflict("增补的评委没有可用的登录账号。", code="judge_without_account")
    if queries.conflict_pairs([judge.id], [run.entry_id]):
        raise Conflict("该评委与本项目有回避关系，不能增补。", code="conflict")
    if relation := relation_of(judge, run.entry):
        raise Conflict(f"{relation[1]}，不能增补。", code="conflict")
    seat = next((seat for seat in session.seats if seat.judge_id == judge.id), None)
    if seat and any(sheet.seat_id == seat.id for sheet in run.sheets):
        raise Conflict("该评委已是本项目的评委。", code="already_seated")
    if seat is None:
        last = max(seat.position for seat in session.seats)
        seat = Seat(session=session, judge=judge, position=last + 1, panel=panel)
        db.session.add(seat)
        flush()
    db.session.add(new_sheet(run, seat, recused=False))
    flush()
    db.session.expire(run, ["sheets"])
    recount(run)
    redraw_board(session)
    audit.record("run.stand_in", run, actor=actor, now=now, after={"judge": judge.name}, reason=reason)
    return run
