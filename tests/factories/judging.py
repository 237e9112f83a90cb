"""Judges, sessions and sheets for tests, made through the operations the pages call. All names are invented."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from competition.models import Edition, Entry, Stage
from competition.operations import rounds
from core.db import db
from core.enums import Role
from core.models import User
from judging.enums import JudgeRole, SheetState, SignerKind
from judging.models import Judge, Run, Session, Sheet
from judging.operations import judges, sessions, sheets
from tests.factories.competition import make_edition, make_entry, office, staff

# One sheet of the start-up group whose total is 80.00, and how far each judge's differs from it.
VALUES = {"technology": 2000, "business": 1600, "market": 1600, "team": 2400, "finance": 400}
STEPS = (0, 50, 100, -50, -100, 150, -150)


def recorder(now: datetime) -> User:
    return staff(Role.RECORDER, now)


def supervision(now: datetime) -> User:
    return staff(Role.SUPERVISION, now)


def make_judge(now: datetime, *, pledged: Edition | None = None, **changes: Any) -> Judge:
    """A judge with an account; `pledged` has him sign that edition's pledge."""
    number = (db.session.scalar(select(func.count(Judge.id))) or 0) + 1
    user = changes.pop("user", None) or staff(Role.JUDGE, now, username=f"judge-{number}")
    judge = judges.add_judge(
        **{
            "name": f"演示评委{number}",
            "role": JudgeRole.TECHNICAL,
            "employer": f"演示研究院{number}",
            "title": "研究员",
            "expertise": ["manufacturing"],
            "phone": "13900000000",
            "user": user,
            **changes,
        },
        actor=office(now),
        now=now,
    )
    if pledged is not None:
        judges.sign_pledge(judge, edition=pledged, actor=judge.user, now=now)
    return judge


def make_field(
    now: datetime, count: int = 3, *, stage_position: int = 0, **edition_changes: Any
) -> tuple[Stage, list[Entry]]:
    """A running stage of a fresh edition with `count` accepted start-up entries competing in it."""
    edition = make_edition(now, **edition_changes)
    entries = [make_entry(edition, now) for _ in range(count)]
    stage = edition.stages[stage_position]
    rounds.open_stage(stage, entries=entries, actor=office(now), now=now)
    return stage, entries


def make_session(
    now: datetime,
    *,
    stage: Stage | None = None,
    entries: Sequence[Entry] = (),
    panel: Sequence[Judge] | None = None,
    pledged: bool = True,
    **changes: Any,
) -> Session:
    """A planned session of the stage with its entries and a full panel."""
    if stage is None:
        stage, entries = make_field(now)
    if panel is None:
        edition = stage.edition if pledged else None
        panel = [make_judge(now, pledged=edition) for _ in range(stage.panel_size)]
    if stage.second_panel:
        second = [make_judge(now, pledged=stage.edition) for _ in range(stage.second_panel["size"])]
        changes.setdefault("second", second)
    session = sessions.plan_session(
        stage,
        **{
            "name": "演示场次",
            "room": "一号厅",
            "starts_at": now,
            "judges": panel,
            "recorder": recorder(now),
            **changes,
        },
        actor=office(now),
        now=now,
    )
    if entries:
        sessions.add_runs(session, entries=entries, actor=office(now), now=now)
    return session


def draw(session: Session, now: datetime, seed: str = "20260510") -> Session:
    return sessions.draw_order(session, seed=seed, witness=supervision(now), actor=recorder(now), now=now)


def start(session: Session, now: datetime) -> Session:
    return sessions.start_session(session, actor=recorder(now), now=now)


def make_running(now: datetime, **changes: Any) -> Session:
    """Drawn, started, the first entry on stage."""
    session = start(draw(make_session(now, **changes), now), now)
    sessions.call_next(session, actor=recorder(now), now=now)
    return session


def values(step: int = 0) -> dict[str, int]:
    return {**VALUES, "technology": VALUES["technology"] + step}


def submit(sheet: Sheet, now: datetime, step: int = 0, **changes: Any) -> Sheet:
    judge = sheet.seat.judge.user
    return sheets.submit_sheet(sheet, values=values(step), actor=judge, now=now, **changes)


def score_run(run: Run, now: datetime, step: int = 0) -> Run:
    """Every judge who is not recused submits; the judges differ among themselves, `step` moves the entry."""
    for sheet, own in zip(run.sheets, STEPS, strict=False):
        if sheet.state is not SheetState.RECUSED:
            submit(sheet, now, own + step)
    return run


def play(session: Session, now: datetime) -> Session:
    """From a planned session to a locked one; entries score 0.50 apart in running order."""
    start(draw(session, now), now)
    for place in range(len(session.runs)):
        score_run(sessions.call_next(session, actor=recorder(now), now=now), now, -50 * place)
    return sessions.lock_session(session, actor=recorder(now), now=now)


def sign_all(session: Session, now: datetime) -> Session:
    for seat in session.seats:
        kind = SignerKind.CHAIR if seat.is_chair else SignerKind.JUDGE
        sessions.sign_session(session, kind=kind, actor=seat.judge.user, now=now)
    sessions.sign_session(session, kind=SignerKind.RECORDER, actor=recorder(now), now=now)
    sessions.sign_session(session, kind=SignerKind.SUPERVISION, actor=supervision(now), now=now)
    return session
