"""Reads of anchors (标定项目) and of the planned rooms they would link."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from competition.enums import Group
from competition.models import Entry, Stage
from core.db import db
from judging.enums import SheetState
from judging.models import Run, Seat, Session, Sheet


def rooms_of(stage: Stage, group: Group | None) -> Sequence[Session]:
    """The sessions of the stage that judge this group, with panels and running orders."""
    stmt = select(Session).where(Session.stage_id == stage.id)
    if group is not None:
        stmt = stmt.where(Session.group.is_(None) | (Session.group == group))
    stmt = stmt.options(selectinload(Session.seats), selectinload(Session.runs).joinedload(Run.entry))
    return db.session.scalars(stmt.order_by(Session.id)).all()


def anchors_of(stage_id: int, group: Group | None = None) -> Sequence[Entry]:
    """The anchors planned in a stage, each once."""
    runs = select(Run.entry_id).join(Session).where(Session.stage_id == stage_id, Run.calibration)
    stmt = select(Entry).where(Entry.id.in_(runs)).options(joinedload(Entry.enterprise))
    if group is not None:
        stmt = stmt.where(Entry.group == group)
    return db.session.scalars(stmt.order_by(Entry.number)).all()


def anchor_totals(stage_id: int) -> dict[tuple[str, int], int]:
    """{(entry number, judge id): hundredths} of submitted anchor sheets; of two by one judge the first counts."""
    stmt = (
        select(Entry.number, Seat.judge_id, Sheet.total_hundredths)
        .select_from(Sheet)
        .join(Run, Run.id == Sheet.run_id)
        .join(Session, Session.id == Run.session_id)
        .join(Seat, Seat.id == Sheet.seat_id)
        .join(Entry, Entry.id == Run.entry_id)
        .where(Session.stage_id == stage_id, Run.calibration, Sheet.state == SheetState.SUBMITTED)
        .order_by(Sheet.submitted_at.desc(), Sheet.id.desc())
    )
    return {(number, judge): total for number, judge, total in db.session.execute(stmt)}
