"""Trainings with their sign-in, and matchmaking events with guests and intentions."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from competition import round_queries
from competition.enums import EventState, GuestKind, IntentionKind
from competition.forms.rounds import CheckInForm, GuestForm, IntentionForm, MatchEventForm, TrainingForm
from competition.models import Entry, MatchEvent, MatchGuest, Region, Training, TrainingAttendance
from competition.operations import events
from competition.round_states import EVENT
from competition.views import bp
from core import listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput, Refusal
from core.files import send_table
from core.spreadsheets import Column

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.REGIONAL, Role.HOST, Role.FINANCE)
WRITERS = (Role.OFFICE, Role.REGIONAL, Role.HOST)
TRAINING_SORTS = {"held_on": Training.held_on, "count": Training.attendance_count, "title": Training.title}
TRAINING_COLUMNS = [
    Column("title", "名称", lambda row: row.title, width=36),
    Column("kind", "类型", lambda row: row.kind),
    Column("held_on", "日期", lambda row: row.held_on),
    Column("place", "地点", lambda row: row.place, width=24),
    Column("trainer", "授课人", lambda row: row.trainer, width=24),
    Column("count", "人次", lambda row: row.attendance_count, kind="number"),
    Column("state", "状态", lambda row: EVENT.badge(row).label),
]
ATTENDANCE_COLUMNS = [
    Column("person", "姓名", lambda row: row.person),
    Column("organisation", "单位", lambda row: row.organisation, width=40),
    Column("checked_in_at", "签到时间", lambda row: row.checked_in_at, kind="time", width=20),
]

MATCH_COLUMNS = [
    Column("title", "名称", lambda row: row.title, width=36),
    Column("held_on", "日期", lambda row: row.held_on),
    Column("place", "地点", lambda row: row.place, width=24),
    Column("state", "状态", lambda row: EVENT.badge(row).label),
]


def _edition_filter(column) -> listing.Filter:
    known = {edition.code: edition for edition in round_queries.editions()}
    choices = [(edition.code, edition.name) for edition in known.values()]
    return listing.Filter("edition", "届次", choices, lambda code: column == known[code].id)


@bp.get("/office/trainings")
@allow(*READERS)
def trainings():
    states = [(s.value, EVENT.badges[s].label) for s in EventState]
    filters = [
        listing.Filter("state", "状态", states, lambda v: Training.state == EventState(v)),
        _edition_filter(Training.edition_id),
    ]
    state = {"args": request.args, "sorts": TRAINING_SORTS, "default_sort": "held_on", "filters": filters}
    stmt, search = (
        round_queries.trainings_visible_to(current_user),
        (Training.title, Training.place, Training.trainer),
    )
    if "export" in request.args:
        rows = listing.everything(stmt, search=search, **state)
        return send_table("培训统计", TRAINING_COLUMNS, rows)
    page = listing.run(stmt, path=request.path, search=search, **state)
    columns = [
        {"key": c.key, "label": c.label, "align": "end" if c.kind == "number" else None}
        for c in TRAINING_COLUMNS
    ]
    return render_template("competition/trainings.html", page=page, columns=columns, machine=EVENT)


@bp.route("/office/trainings/new", methods=["GET", "POST"])
@allow(*WRITERS)
def training_new():
    form = TrainingForm()
    editions = round_queries.editions()
    form.edition.choices = [(edition.code, edition.name) for edition in editions]
    regions = [choice for edition in editions for choice in round_queries.region_choices(edition)]
    form.region.choices = [("", "全区"), *regions]
    if form.validate_on_submit():
        region = db.session.get(Region, int(form.region.data)) if form.region.data else None
        training = events.plan_training(
            round_queries.edition_by_code(form.edition.data),
            title=form.title.data,
            kind=form.kind.data,
            held_on=form.held_on.data,
            place=form.place.data,
            trainer=form.trainer.data or "",
            capacity=form.capacity.data,
            region=region,
            actor=current_user,
            now=web.now(),
        )
        return redirect(url_for("competition.training", training_id=training.id), 303)
    page = render_template(
        "competition/event_new.html", form=form, heading="新建培训", back="competition.trainings"
    )
    return page, 422 if form.is_submitted() else 200


def _attendances(training: Training):
    return select(TrainingAttendance).where(TrainingAttendance.training_id == training.id)


@bp.get("/office/trainings/<int:training_id>")
@allow(*READERS)
def training(training_id: int):
    found = round_queries.training_visible_to(current_user, training_id)
    sorts = {"person": TrainingAttendance.person, "id": TrainingAttendance.id}
    state = {"args": request.args, "sorts": sorts, "default_sort": "id"}
    search = (TrainingAttendance.person, TrainingAttendance.organisation)
    if "export" in request.args:
        rows = listing.everything(_attendances(found), search=search, **state)
        return send_table("签到表", ATTENDANCE_COLUMNS, rows, name="培训签到表", note=found.title)
    page = listing.run(_attendances(found), path=request.path, search=search, **state)
    columns = [{"key": c.key, "label": c.label} for c in ATTENDANCE_COLUMNS]
    return render_template(
        "competition/training.html",
        training=found,
        page=page,
        columns=columns,
        machine=EVENT,
        form=CheckInForm(formdata=None),
        events=trail.events_for(found, limit=20),
    )


@bp.post("/office/trainings/<int:training_id>/check-in")
@allow(*WRITERS)
def training_check_in(training_id: int):
    found = round_queries.training_visible_to(current_user, training_id)
    form = CheckInForm()
    if not form.validate_on_submit():
        raise InvalidInput("请填写姓名和单位。")
    events.check_in(
        found, person=form.person.data, organisation=form.organisation.data, actor=current_user, now=web.now()
    )
    flash(f"{form.person.data} 已签到。", "success")
    return redirect(url_for("competition.training", training_id=found.id), 303)


@bp.post("/office/trainings/<int:training_id>/hold")
@allow(*WRITERS)
def training_hold(training_id: int):
    found = round_queries.training_visible_to(current_user, training_id)
    events.hold_training(found, actor=current_user, now=web.now())
    return redirect(url_for("competition.training", training_id=found.id), 303)


@bp.get("/office/match-events")
@allow(*READERS)
def match_events():
    sorts = {"held_on": MatchEvent.held_on, "title": MatchEvent.title, "id": MatchEvent.id}
    state = {
        "args": request.args,
        "sorts": sorts,
        "default_sort": "-held_on",
        "filters": [_edition_filter(MatchEvent.edition_id)],
    }
    if "export" in request.args:
        return send_table("投融资对接会", MATCH_COLUMNS, listing.everything(select(MatchEvent), **state))
    page = listing.run(select(MatchEvent), path=request.path, **state)
    columns = [{"key": c.key, "label": c.label} for c in MATCH_COLUMNS]
    return render_template("competition/match_events.html", page=page, columns=columns, machine=EVENT)


@bp.route("/office/match-events/new", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.HOST)
def match_event_new():
    form = MatchEventForm()
    form.edition.choices = [(edition.code, edition.name) for edition in round_queries.editions()]
    if form.validate_on_submit():
        event = events.plan_match_event(
            round_queries.edition_by_code(form.edition.data),
            title=form.title.data,
            held_on=form.held_on.data,
            place=form.place.data,
            actor=current_user,
            now=web.now(),
        )
        return redirect(url_for("competition.match_event", event_id=event.id), 303)
    page = render_template(
        "competition/event_new.html", form=form, heading="新建对接会", back="competition.match_events"
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/office/match-events/<int:event_id>")
@allow(*READERS)
def match_event(event_id: int):
    found = round_queries.match_event(event_id)
    intentions = round_queries.intentions_of(found)
    guests = {guest.id: guest for guest in found.guests}
    form = IntentionForm(formdata=None)
    _offer(form, found)
    return render_template(
        "competition/match_event.html",
        event=found,
        intentions=intentions,
        guests=guests,
        names=round_queries.entry_names([i.entry_id for i in intentions]),
        machine=EVENT,
        guest_form=GuestForm(formdata=None),
        form=form,
        events=trail.events_for(found),
    )


def _offer(form: IntentionForm, event: MatchEvent) -> None:
    form.funder.choices = [(str(g.id), g.name) for g in event.guests if g.kind != GuestKind.ENTERPRISE]
    form.entry.choices = [(str(g.entry_id), g.name) for g in event.guests if g.entry_id]


@bp.post("/office/match-events/<int:event_id>/guests")
@allow(Role.OFFICE, Role.HOST)
def match_guest_add(event_id: int):
    found = round_queries.match_event(event_id)
    form = GuestForm()
    if not form.validate_on_submit():
        raise InvalidInput("请填写单位名称。")
    kind, name, entry = GuestKind(form.kind.data), form.name.data.strip(), None
    if kind == GuestKind.ENTERPRISE:
        entry = db.session.scalar(select(Entry).where(Entry.number == name))
        if entry is None:
            raise InvalidInput("参会企业请填写项目编号，例如 XJ2018-0001。")
        name = entry.enterprise.name
    events.add_guest(found, kind=kind, name=name, entry=entry, actor=current_user, now=web.now())
    return redirect(url_for("competition.match_event", event_id=found.id), 303)


@bp.post("/office/match-events/<int:event_id>/intentions")
@allow(Role.OFFICE, Role.HOST)
def intention_add(event_id: int):
    found = round_queries.match_event(event_id)
    form = IntentionForm()
    _offer(form, found)
    if not form.validate_on_submit():
        raise InvalidInput("；".join(message for errors in form.errors.values() for message in errors))
    events.note_intention(
        found,
        funder=db.session.get(MatchGuest, int(form.funder.data)),
        entry=db.session.get(Entry, int(form.entry.data)),
        kind=IntentionKind(form.kind.data),
        amount_fen=form.amount.fen,
        actor=current_user,
        now=web.now(),
    )
    return redirect(url_for("competition.match_event", event_id=found.id), 303)


@bp.post("/office/match-events/<int:event_id>/hold")
@allow(Role.OFFICE, Role.HOST)
def match_event_hold(event_id: int):
    found = round_queries.match_event(event_id)
    if not found.guests:
        raise Refusal("请先登记参会单位。")
    events.hold_match_event(found, actor=current_user, now=web.now())
    return redirect(url_for("competition.match_event", event_id=found.id), 303)
