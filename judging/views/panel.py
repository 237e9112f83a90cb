"""The judge's view of his own panel; the chair's matrix and requests for correction; supervision's approval."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from core import listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.files import send_table
from core.spreadsheets import Column
from judging import queries, rules
from judging.enums import CorrectionState, SessionState
from judging.forms import ReasonForm
from judging.models import Correction, Session
from judging.operations import sessions, sheets
from judging.states import CORRECTION, RUN, SESSION
from judging.validators import parse_points
from judging.views import bp
from judging.views.shown import matrix

READERS = (Role.OFFICE, Role.SUPERVISION, Role.RECORDER, Role.JUDGE)
SORTS = {"requested_at": Correction.requested_at, "id": Correction.id}
COLUMNS = [
    Column("entry", "项目", lambda row: row.sheet.run.entry.label, width=36),
    Column("judge", "评委", lambda row: row.sheet.seat.judge.name),
    Column("session", "场次", lambda row: row.sheet.run.session.name, width=24),
    Column("requested_at", "申请时间", lambda row: row.requested_at, kind="time", width=18),
    Column("requested_by", "申请人", lambda row: row.requested_by.display_name),
    Column("state", "状态", lambda row: CORRECTION.badge(row).label),
]


@bp.get("/judge/sessions/<int:session_id>")
@allow(Role.JUDGE)
def panel(session_id: int):
    found = queries.session_for(current_user, session_id)
    chair = bool(rules.is_chair(current_user, found))
    values = bool(rules.may_see_values(current_user, found))
    locked = found.state == SessionState.LOCKED
    drawn = found.state != SessionState.PLANNED
    return render_template(
        "judging/panel.html",
        session=found,
        machine=SESSION,
        runs=RUN,
        chair=chair,
        may_see_values=values,
        matrix=matrix(found, values=values) if chair and drawn else [],
        seat=rules.seat_of(current_user, found),
        signatures=queries.signatures_of(found),
        waiting=sessions.missing_signers(found) if locked else [],
        signed=any(s.user_id == current_user.id for s in queries.signatures_of(found)),
        digest=sessions.session_digest(found) if drawn else "",
    )


@bp.route("/judge/sheets/<int:sheet_id>/correct", methods=["GET", "POST"])
@allow(Role.JUDGE)
def sheet_correct(sheet_id: int):
    """The chair's request. The old values are shown to him only after the lock."""
    found = queries.sheet_of_panel(current_user, sheet_id)
    rules.may_request_correction(current_user, found).or_raise()
    criteria = queries.criteria_of(found.run.session.stage, found.run.entry.group)
    form = ReasonForm()
    typed = {criterion.code: request.form.get(f"value-{criterion.code}", "") for criterion in criteria}
    error = None
    if form.validate_on_submit():
        try:
            values = {code: parse_points(text) for code, text in typed.items()}
            sheets.request_correction(
                found, new_values=values, reason=form.reason.data, actor=current_user, now=web.now()
            )
            flash("更正申请已提交，等待监督审批。", "success")
            return redirect(url_for("judging.panel", session_id=found.run.session_id), 303)
        except InvalidInput as refusal:
            error = refusal
    shown = bool(rules.may_see_values(current_user, found.run.session))
    return render_template(
        "judging/correct.html",
        sheet=found,
        criteria=criteria,
        form=form,
        typed=typed,
        error=error,
        old=sheets.values_of(found) if shown else None,
    ), 422 if form.is_submitted() else 200


@bp.get("/judging/corrections")
@allow(*READERS)
def correction_list():
    states = [(state.value, CORRECTION.badges[state].label) for state in CorrectionState]
    state = {
        "args": request.args,
        "sorts": SORTS,
        "default_sort": "-requested_at",
        "filters": [
            listing.Filter("state", "状态", states, lambda value: Correction.state == CorrectionState(value))
        ],
    }
    stmt = queries.corrections_visible_to(current_user)
    if "export" in request.args:
        return send_table("评分更正", COLUMNS, listing.everything(stmt, **state))
    page = listing.run(stmt, path=request.path, **state)
    columns = [{"key": c.key, "label": c.label} for c in COLUMNS]
    return render_template("judging/corrections.html", page=page, columns=columns, machine=CORRECTION)


@bp.get("/judging/corrections/<int:correction_id>")
@allow(*READERS)
def correction(correction_id: int):
    found = queries.correction_for(current_user, correction_id)
    entry = found.sheet.run.entry
    return render_template(
        "judging/correction.html",
        correction=found,
        criteria=queries.criteria_of(found.sheet.run.session.stage, entry.group),
        machine=CORRECTION,
        shown=_shows_old(found),
        events=trail.events_for(found),
    )


def _shows_old(found: Correction) -> bool:
    """Supervision decides on both texts; everybody else sees the old scores only after the lock."""
    session: Session = found.sheet.run.session
    return current_user.role == Role.SUPERVISION or bool(rules.may_see_values(current_user, session))


@bp.post("/judging/corrections/<int:correction_id>/<any(approve,refuse):act>")
@allow(Role.SUPERVISION)
def correction_act(correction_id: int, act: str):
    found = queries.correction_for(current_user, correction_id)
    by = {"actor": current_user, "now": web.now()}
    if act == "approve":
        sheets.approve_correction(found, **by)
        flash("已批准更正，原分数保留在记录中。", "success")
    else:
        sheets.refuse_correction(found, reason=request.form.get("reason", ""), **by)
        flash("已驳回更正申请。", "success")
    return redirect(url_for("judging.correction", correction_id=found.id), 303)
