"""Anchors of a round: what they would gain, which are planned."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition.enums import Group
from core import web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from judging import queries
from judging.anchors import Room, gains
from judging.models import Session
from judging.operations import anchors
from judging.queries.anchors import anchors_of, rooms_of
from judging.views import bp


@bp.get("/judging/stages/<int:stage_id>/anchors")
@allow(Role.OFFICE, Role.SUPERVISION)
def anchor_plan(stage_id: int):
    return _page(queries.stage_by_id(stage_id))


def _page(stage, number: str = "", error: InvalidInput | None = None):
    tables = [(group, gains(_room(session, group) for session in rooms_of(stage, group))) for group in Group]
    return render_template(
        "judging/anchors.html",
        stage=stage,
        gains=[(group, lines) for group, lines in tables if lines],
        planned=anchors_of(stage.id),
        number=number,
        error=error,
    ), 422 if error else 200


def _room(session: Session, group: Group) -> Room:
    own = [run.entry.number for run in session.runs if not run.calibration and run.entry.group == group]
    return Room(tuple(str(seat.judge_id) for seat in session.seats), tuple(own))


@bp.post("/judging/stages/<int:stage_id>/anchors")
@allow(Role.OFFICE)
def anchor_add(stage_id: int):
    stage = queries.stage_by_id(stage_id)
    number = request.form.get("number", "").strip()
    try:
        runs = anchors.plan_anchor(stage, entry=_entry(number), actor=current_user, now=web.now())
    except InvalidInput as error:
        return _page(stage, number, error)
    flash(f"{number} 已作为标定项目加入 {len(runs)} 个场次。", "success")
    return redirect(url_for("judging.anchor_plan", stage_id=stage.id), 303)


@bp.post("/judging/stages/<int:stage_id>/anchors/drop")
@allow(Role.OFFICE)
def anchor_drop(stage_id: int):
    stage = queries.stage_by_id(stage_id)
    number = request.form.get("number", "").strip()
    anchors.drop_anchor(stage, entry=_entry(number), actor=current_user, now=web.now())
    flash(f"{number} 已从全部场次撤下。", "success")
    return redirect(url_for("judging.anchor_plan", stage_id=stage.id), 303)


def _entry(number: str):
    found = queries.entry_by_number(number)
    if found is None:
        raise InvalidInput(f"没有编号为“{number[:30]}”的项目。", field="number")
    return found
