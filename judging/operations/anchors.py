"""Anchors (标定项目): one entry from outside the stage, put on every list of its group before the first draw."""

from datetime import datetime

from sqlalchemy import select

from competition.models import Candidacy, Entry, Stage
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.rules import Actor
from judging import rules
from judging.enums import RunState, SessionState
from judging.models import Run, Session
from judging.queries.anchors import anchors_of, rooms_of


def plan_anchor(stage: Stage, *, entry: Entry, actor: Actor, now: datetime) -> list[Run]:
    """Every judge of the entry's group will score it, in every room; no room may be drawn yet."""
    rules.may_freeze(actor).or_raise()
    rooms = _open_rooms(stage, entry)
    if not rooms:
        raise Conflict("本轮还没有该组别的场次，请先编排场次。", code="no_rooms")
    _check_outside(stage, entry)
    runs = [_anchor(session, entry) for session in rooms]
    db.session.add_all(runs)
    flush()
    for session, run in zip(rooms, runs, strict=True):
        db.session.expire(session, ["runs"])
        audit.record(
            "run.anchor", run, actor=actor, now=now, after={"entry": entry.number}, summary=session.name
        )
    return runs


def drop_anchor(stage: Stage, *, entry: Entry, actor: Actor, now: datetime) -> None:
    """Take an anchor off every list; only while no room is drawn."""
    rules.may_freeze(actor).or_raise()
    rooms = _open_rooms(stage, entry)
    runs = [run for session in rooms for run in session.runs if run.calibration and run.entry_id == entry.id]
    if not runs:
        raise Conflict("该项目不是本轮的标定项目。", code="not_an_anchor")
    for run in runs:
        db.session.delete(run)
    flush()
    for session in rooms:
        db.session.expire(session, ["runs"])
    audit.record("stage.drop_anchor", stage, actor=actor, now=now, before={"entry": entry.number})


def take_anchors(session: Session) -> None:
    """A room planned later scores the anchors of its stage as well."""
    found = anchors_of(session.stage_id, session.group)
    if found:
        db.session.add_all([_anchor(session, entry) for entry in found])
        flush()
        db.session.expire(session, ["runs"])


def _open_rooms(stage: Stage, entry: Entry) -> list[Session]:
    rooms = list(rooms_of(stage, entry.group))
    if drawn := [session.name for session in rooms if session.state != SessionState.PLANNED]:
        raise Conflict(f"“{drawn[0]}”已经抽签；标定项目须在全部场次抽签之前确定。", code="drawn")
    return rooms


def _check_outside(stage: Stage, entry: Entry) -> None:
    stmt = select(Candidacy.id).where(Candidacy.stage_id == stage.id, Candidacy.entry_id == entry.id)
    if db.session.scalar(stmt.limit(1)) is not None:
        raise InvalidInput(f"{entry.number} 参加本轮评审，不能作标定项目。", field="number")
    if entry in anchors_of(stage.id):
        raise InvalidInput(f"{entry.number} 已是本轮的标定项目。", field="number")


def _anchor(session: Session, entry: Entry) -> Run:
    return Run(
        session_id=session.id,
        entry_id=entry.id,
        state=RunState.WAITING,
        expected_sheets=0,
        submitted_sheets=0,
        calibration=True,
    )
