"""Conflicts of interest: found in the rows, kept out by the operations, and by the database behind them."""

import pytest
from sqlalchemy import insert, update

from core.db import db
from core.errors import Conflict
from judging.enums import ConflictSource, RecusalReason, SheetState
from judging.models import Seat, Sheet
from judging.operations import hall, judges
from tests.factories import judging as make

pytestmark = pytest.mark.usefixtures("ctx")


@pytest.fixture
def recused(now):
    """A sheet whose judge stepped aside, in a running session."""
    sheet = make.make_running(now).runs[0].sheets[1]
    judge = sheet.seat.judge.user
    judges.recuse(sheet, reason_code=RecusalReason.KIN, actor=judge, now=now)
    return sheet


def refused_by_database(statement) -> None:
    with pytest.raises(Exception, match="conflicted_"), db.session.begin_nested():
        db.session.execute(statement)


def test_database_refuses_an_open_sheet_of_a_judge_with_a_conflict(recused, now):
    values = {"run_id": recused.run_id, "client_id": "", "client_counter": 0, "version": 1}
    seat = recused.seat
    again = make.make_session(now, stage=recused.run.session.stage, entries=[])
    other = db.session.get(Seat, again.seats[0].id)
    judges.note_conflict(
        other.judge,
        recused.run.entry,
        source=ConflictSource.CLAIMED,
        reason_code=RecusalReason.COMPETITOR,
        actor=make.office(now),
        now=now,
    )
    row = {**values, "seat_id": other.id, "comment": "", "digest": "", "receipt": "", "seal": ""}
    refused_by_database(insert(Sheet.__table__).values(**row, state=SheetState.OPEN))
    assert seat.judge_id != other.judge_id


def test_database_refuses_a_submission_on_a_recused_sheet(recused, now):
    change = update(Sheet.__table__).where(Sheet.__table__.c.id == recused.id)
    refused_by_database(change.values(state=SheetState.SUBMITTED, total_hundredths=1, submitted_at=now))


def test_contact_number_of_the_entry_is_found_when_the_order_is_drawn(now):
    stage, entries = make.make_field(now)
    phone = entries[0].content["contact_phone"]
    panel = [make.make_judge(now, pledged=stage.edition) for _ in range(stage.panel_size - 1)]
    known = make.make_judge(now, pledged=stage.edition, phone=phone)
    for entry in entries[1:]:
        entry.content = {**entry.content, "contact_phone": "13700000000"}
    db.session.flush()
    session = make.draw(make.make_session(now, stage=stage, entries=entries, panel=[*panel, known]), now)
    states = {
        (run.entry_id, sheet.seat.judge_id): sheet.state for run in session.runs for sheet in run.sheets
    }
    recused = [pair for pair, state in states.items() if state == SheetState.RECUSED]
    assert recused == [(entries[0].id, known.id)]


def test_stand_in_of_the_same_unit_is_refused(recused, now):
    entry = recused.run.entry
    judge = make.make_judge(now, pledged=recused.run.session.stage.edition, employer=entry.enterprise.name)
    with pytest.raises(Conflict, match="不能增补"):
        hall.add_stand_in(recused.run, judge=judge, reason="缺人", actor=make.recorder(now), now=now)
