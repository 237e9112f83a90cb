"""Sessions: list, plan, fill, draw."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from competition.enums import Group, StageState
from competition.models import Region, Stage, Track
from core import listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput
from core.files import send_table
from core.models import User
from core.spreadsheets import Column
from judging import queries, rules
from judging.enums import SeatPanel, SessionState
from judging.forms import DrawForm, EntriesForm, SessionForm
from judging.models import Judge, Session
from judging.operations import panels, sessions
from judging.states import RUN, SESSION
from judging.views import bp
from judging.views.shown import matrix

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.RECORDER, Role.HOST, Role.REGIONAL)
CONDUCTORS = (Role.OFFICE, Role.RECORDER)
SORTS = {"starts_at": Session.starts_at, "name": Session.name, "id": Session.id}
COLUMNS = [
    Column("name", "场次", lambda row: row.name, width=32),
    Column("stage", "轮次", lambda row: row.stage.name),
    Column("starts_at", "时间", lambda row: row.starts_at, kind="time", width=18),
    Column("room", "评审室", lambda row: row.room),
    Column("region", "赛区", lambda row: row.region.name if row.region else ""),
    Column("track", "行业", lambda row: row.track.name if row.track else ""),
    Column("group", "组别", lambda row: row.group.label if row.group else ""),
    Column("recorder", "记分员", lambda row: row.recorder.display_name if row.recorder else ""),
    Column("state", "状态", lambda row: SESSION.badge(row).label),
]


def _filters() -> list[listing.Filter]:
    stages = [(str(s.id), f"{s.edition.year} {s.name}") for s in queries.stages()]
    states = [(state.value, SESSION.badges[state].label) for state in SessionState]
    return [
        listing.Filter("stage", "轮次", stages, lambda value: Session.stage_id == int(value)),
        listing.Filter("state", "状态", states, lambda value: Session.state == SessionState(value)),
        listing.Filter(
            "group", "组别", [(g.value, g.label) for g in Group], lambda value: Session.group == Group(value)
        ),
    ]


@bp.get("/judging/sessions")
@allow(*READERS)
def session_list():
    stmt = queries.visible_to(current_user).options(
        joinedload(Session.region), joinedload(Session.track), joinedload(Session.recorder)
    )
    state = {"args": request.args, "sorts": SORTS, "default_sort": "-starts_at", "filters": _filters()}
    search = (Session.name, Session.room)
    if "export" in request.args:
        rows = listing.everything(stmt, search=search, **state)
        return send_table("赛程表", COLUMNS, rows)
    page = listing.run(stmt, path=request.path, search=search, **state)
    columns = [{"key": column.key, "label": column.label} for column in COLUMNS]
    running = [stage for stage in queries.stages() if stage.state == StageState.RUNNING]
    return render_template(
        "judging/sessions.html", page=page, columns=columns, machine=SESSION, running=running
    )


@bp.get("/judging/sessions/<int:session_id>")
@allow(*READERS)
def session(session_id: int):
    found = queries.session_for(current_user, session_id)
    return _detail(found, _draw_form())


def _detail(found: Session, form: DrawForm):
    values = bool(rules.may_see_values(current_user, found))
    return render_template(
        "judging/session.html",
        session=found,
        machine=SESSION,
        runs=RUN,
        rules=rules,
        matrix=matrix(found, values=values) if found.state != SessionState.PLANNED else [],
        may_see_values=values,
        signatures=queries.signatures_of(found),
        waiting=sessions.missing_signers(found) if found.state == SessionState.LOCKED else [],
        signer=rules.signer_kind(current_user, found) if found.state == SessionState.LOCKED else None,
        corrections=queries.corrections_of(found),
        missing=queries.missing_sheets(found),
        form=form,
        events=trail.events_for(found, *found.runs),
    )


def _draw_form() -> DrawForm:
    form = DrawForm()
    form.witness.choices = [("", "请选择")] + [(str(u.id), u.display_name) for u in queries.witnesses()]
    return form


@bp.route("/judging/stages/<int:stage_id>/sessions/new", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.HOST)
def session_new(stage_id: int):
    stage = queries.stage_by_id(stage_id)
    form = SessionForm()
    form.offer(stage, queries.active_judges(), queries.recorders())
    if form.validate_on_submit():
        try:
            made = _plan(stage, form)
            flash("场次已建立，请加入参赛项目后抽签。", "success")
            return redirect(url_for("judging.session_entries", session_id=made.id), 303)
        except InvalidInput as error:
            form.take(error)
    return render_template(
        "judging/session_edit.html", form=form, stage=stage, session=None
    ), 422 if form.is_submitted() else 200


def _plan(stage: Stage, form: SessionForm) -> Session:
    return sessions.plan_session(
        stage,
        name=form.name.data.strip(),
        room=form.room.data or "",
        starts_at=form.starts_at.moment,
        judges=_judges(form.panel_ids()),
        second=_judges(form.second_ids()),
        recorder=_chosen(User, form.recorder.data),
        region=_chosen(Region, form.region.data),
        track=_chosen(Track, form.track.data),
        group=Group(form.group.data) if form.group.data else None,
        only_on_stage=form.only_on_stage.data,
        public_board=form.public_board.data,
        actor=current_user,
        now=web.now(),
    )


def _chosen(model: type, text: str):
    return db.session.get(model, int(text)) if text else None


def _judges(ids: list[int]) -> list[Judge]:
    found = {judge.id: judge for judge in db.session.scalars(select(Judge).where(Judge.id.in_(ids)))}
    return [found[judge_id] for judge_id in ids]


@bp.route("/judging/sessions/<int:session_id>/edit", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.HOST)
def session_edit(session_id: int):
    found = queries.session_for(current_user, session_id)
    form = SessionForm(obj=found)
    form.offer(found.stage, queries.active_judges(), queries.recorders())
    del form.region, form.track, form.group
    if not form.is_submitted():
        form.chair.data = next(str(seat.judge_id) for seat in found.seats if seat.is_chair)
        main, second = _seated(found)
        form.judges.data = [str(judge_id) for judge_id in main[1:]]
        if "second" in form:
            form.second.data = [str(judge_id) for judge_id in second]
        form.recorder.data = str(found.recorder_id or "")
    if form.validate_on_submit():
        try:
            _change(found, form)
            flash("场次已保存。", "success")
            return redirect(url_for("judging.session", session_id=found.id), 303)
        except InvalidInput as error:
            form.take(error)
    return render_template(
        "judging/session_edit.html", form=form, stage=found.stage, session=found
    ), 422 if form.is_submitted() else 200


def _change(found: Session, form: SessionForm) -> None:
    values = {
        "name": form.name.data.strip(),
        "room": form.room.data or "",
        "starts_at": form.starts_at.moment,
        "recorder_id": int(form.recorder.data) if form.recorder.data else None,
        "only_on_stage": form.only_on_stage.data,
        "public_board": form.public_board.data,
    }
    panels.change_session(found, values=values, actor=current_user, now=web.now())
    if (form.panel_ids(), form.second_ids()) != _seated(found):
        judges, second = _judges(form.panel_ids()), _judges(form.second_ids())
        panels.seat_panel(found, judges=judges, second=second, actor=current_user, now=web.now())


def _seated(found: Session) -> tuple[list[int], list[int]]:
    """Judge ids of both panels, the chair first."""
    main, second = (
        [seat.judge_id for seat in found.seats if seat.panel == panel]
        for panel in (SeatPanel.MAIN, SeatPanel.SECOND)
    )
    return main, second


@bp.route("/judging/sessions/<int:session_id>/entries", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.HOST)
def session_entries(session_id: int):
    """Entries of the stage that fit the session and sit in none yet."""
    found = queries.session_for(current_user, session_id)
    rules.may_change_planned(current_user, found).or_raise()
    free = queries.free_entries_for(found)
    form = EntriesForm()
    form.entries.choices = [(str(entry.id), entry.label) for entry in free]
    if form.validate_on_submit():
        chosen = [entry for entry in free if str(entry.id) in form.entries.data]
        try:
            sessions.add_runs(found, entries=chosen, actor=current_user, now=web.now())
            flash(f"已加入 {len(chosen)} 个项目。", "success")
            return redirect(url_for("judging.session", session_id=found.id), 303)
        except InvalidInput as error:
            form.take(error)
    return render_template(
        "judging/session_entries.html", form=form, session=found, free=free
    ), 422 if form.is_submitted() else 200


@bp.post("/judging/runs/<int:run_id>/remove")
@allow(Role.OFFICE, Role.HOST)
def run_remove(run_id: int):
    run = queries.run_for(current_user, run_id)
    panels.remove_run(run, actor=current_user, now=web.now())
    return redirect(url_for("judging.session", session_id=run.session_id), 303)


@bp.post("/judging/sessions/<int:session_id>/draw")
@allow(*CONDUCTORS)
def session_draw(session_id: int):
    found = queries.session_for(current_user, session_id)
    form = _draw_form()
    if form.validate_on_submit():
        try:
            witness = db.session.get(User, int(form.witness.data))
            sessions.draw_order(
                found, seed=form.seed.data or "", witness=witness, actor=current_user, now=web.now()
            )
            flash("抽签完成，出场次序和评分表已生成。", "success")
            return redirect(url_for("judging.session", session_id=found.id), 303)
        except InvalidInput as error:
            form.take(error)
    return _detail(found, form), 422
