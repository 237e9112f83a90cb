"""The panel and list of a session before its draw."""

from collections.abc import Sequence
from datetime import datetime

from competition.models import Stage
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.rules import Actor
from judging import rules
from judging.enums import SeatPanel
from judging.models import Judge, Run, Seat, Session

FIELDS = ("name", "room", "starts_at", "recorder_id", "only_on_stage", "public_board")


def check_panel(stage: Stage, judges: Sequence[Judge], second: Sequence[Judge] = ()) -> None:
    everyone = [*judges, *second]
    if len({judge.id for judge in everyone}) != len(everyone):
        raise InvalidInput("同一评委不能在本场重复就座。", field="judges")
    if len(judges) != stage.panel_size:
        raise InvalidInput(f"本轮每场评委应为 {stage.panel_size} 人，现选 {len(judges)} 人。", field="judges")
    wanted = stage.second_panel.get("size", 0)
    if len(second) != wanted:
        name = stage.second_panel.get("name", "第二评审团")
        raise InvalidInput(f"本轮每场{name}应为 {wanted} 人，现选 {len(second)} 人。", field="second")
    for judge in everyone:
        if judge.user_id is None and judge.user is None:
            raise InvalidInput(f"评委{judge.name}还没有登录账号，不能打分。", field="judges")
        if not judge.active:
            raise InvalidInput(f"评委{judge.name}已停用。", field="judges")


def seats_for(judges: Sequence[Judge], second: Sequence[Judge] = ()) -> list[Seat]:
    """The panel, its chair first, then the second panel where the round has one."""
    panels = [SeatPanel.MAIN] * len(judges) + [SeatPanel.SECOND] * len(second)
    return [
        Seat(judge=judge, position=place, is_chair=place == 1, panel=panel)
        for place, (judge, panel) in enumerate(zip([*judges, *second], panels, strict=True), 1)
    ]


def change_session(session: Session, *, values: dict, actor: Actor, now: datetime) -> Session:
    """Change name, room, time, recorder or board while the order is not drawn."""
    rules.may_change_planned(actor, session).or_raise()
    values = {name: value for name, value in values.items() if name in FIELDS}
    before = {name: getattr(session, name) for name in values}
    for name, value in values.items():
        setattr(session, name, value)
    flush()
    audit.record("judging_session.change", session, actor=actor, now=now, before=before, after=values)
    return session


def seat_panel(
    session: Session, *, judges: Sequence[Judge], second: Sequence[Judge] = (), actor: Actor, now: datetime
) -> Session:
    """Another panel for a session that is not drawn yet; the first judge is the chair."""
    rules.may_change_planned(actor, session).or_raise()
    check_panel(session.stage, judges, second)
    before = [seat.judge.name for seat in session.seats]
    for seat in list(session.seats):
        db.session.delete(seat)
    flush()
    session.seats = seats_for(judges, second)
    flush()
    audit.record(
        "judging_session.seat_panel",
        session,
        actor=actor,
        now=now,
        before={"judges": before},
        after={"judges": [judge.name for judge in (*judges, *second)]},
    )
    return session


def remove_run(run: Run, *, actor: Actor, now: datetime) -> None:
    session = run.session
    rules.may_change_planned(actor, session).or_raise()
    if run.calibration:
        raise Conflict("标定项目须由组委会从全部场次一并撤下。", code="calibration")
    number = run.entry.number
    db.session.delete(run)
    flush()
    db.session.expire(session, ["runs"])
    audit.record("judging_session.remove_run", session, actor=actor, now=now, before={"entries": [number]})
