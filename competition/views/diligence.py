"""Due-diligence visits: list, plan, record on site, sign."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from competition import round_queries
from competition.enums import CandidacyState, VisitConclusion, VisitState
from competition.forms.rounds import PlanVisitForm, RecordVisitForm
from competition.models import Candidacy, Enterprise, Entry, Stage, Visit
from competition.operations import diligence
from competition.recommended import CONCLUSIONS
from competition.round_states import VISIT
from competition.views import bp
from core import listing, trail, web
from core.access import allow
from core.clock import BEIJING
from core.db import db
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.files import send_table
from core.models import User
from core.spreadsheets import Column

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.REGIONAL, Role.DUE_DILIGENCE)
SORTS = {"planned_on": Visit.planned_on, "enterprise": Enterprise.name, "number": Entry.number}
COLUMNS = [
    Column("number", "项目编号", lambda visit: visit.entry.number),
    Column("enterprise", "企业名称", lambda visit: visit.entry.enterprise.name, width=36),
    Column("planned_on", "计划日期", lambda visit: visit.planned_on),
    Column("members", "小组成员", lambda visit: "、".join(visit.members), width=30),
    Column("state", "状态", lambda visit: VISIT.badge(visit).label),
    Column("conclusion", "结论", lambda visit: CONCLUSIONS.get(visit.conclusion, "")),
]
# What is compared on site with the registration (DOMAIN.md 5.1).
ITEMS = (
    ("企业名称", lambda entry: entry.enterprise.name),
    ("统一社会信用代码", lambda entry: entry.enterprise.credit_code),
    ("注册日期", lambda entry: str(entry.enterprise.registered_on)),
    ("注册地址", lambda entry: entry.enterprise.address),
    ("上年营业收入（元）", lambda entry: "" if entry.revenue_fen is None else f"{entry.revenue_fen // 100}"),
    ("授权知识产权数", lambda entry: str(entry.ip_granted)),
    ("入库登记或高企编号", lambda entry: entry.enterprise.sme_number or entry.enterprise.hightech_number),
)


@bp.get("/office/visits")
@allow(*READERS)
def visits():
    filters = [
        listing.Filter(
            "state",
            "状态",
            [(s.value, VISIT.badges[s].label) for s in VisitState],
            lambda v: Visit.state == VisitState(v),
        ),
        listing.Filter(
            "conclusion",
            "结论",
            [(c.value, label) for c, label in CONCLUSIONS.items()],
            lambda v: Visit.conclusion == VisitConclusion(v),
        ),
    ]
    state = {"args": request.args, "sorts": SORTS, "default_sort": "planned_on", "filters": filters}
    stmt, search = round_queries.visits_visible_to(current_user), (Enterprise.name, Entry.number)
    if "export" in request.args:
        rows = listing.everything(stmt, search=search, **state)
        return send_table("尽职调查", COLUMNS, rows)
    page = listing.run(stmt, path=request.path, search=search, **state)
    columns = [{"key": c.key, "label": c.label} for c in COLUMNS]
    return render_template(
        "competition/visits.html", page=page, columns=columns, machine=VISIT, conclusions=CONCLUSIONS
    )


def _offer(form: PlanVisitForm) -> None:
    """Advanced entries of the running editions that have no visit yet, within the person's own prefectures."""
    stmt = (
        select(Candidacy)
        .join(Candidacy.entry)
        .outerjoin(Visit, Visit.entry_id == Entry.id)
        .where(Candidacy.state == CandidacyState.ADVANCED, Visit.id.is_(None))
        .options(joinedload(Candidacy.entry))
        .order_by(Entry.number)
    )
    if current_user.role == Role.REGIONAL:
        stmt = stmt.where(Entry.prefecture_code.in_(current_user.prefectures))
    rows = db.session.scalars(stmt.limit(500)).all()
    form.entry.choices = [(str(row.id), f"{row.entry.number} {row.entry.enterprise.name}") for row in rows]
    leads = db.session.scalars(
        select(User)
        .where(User.role == Role.DUE_DILIGENCE, User.disabled_at.is_(None))
        .order_by(User.display_name)
    )
    form.lead.choices = [(str(user.id), user.display_name) for user in leads]


@bp.route("/office/visits/new", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.REGIONAL)
def visit_new():
    form = PlanVisitForm()
    _offer(form)
    if form.validate_on_submit():
        row = db.session.get(Candidacy, int(form.entry.data))
        visit = diligence.plan_visit(
            row.entry,
            stage=db.session.get(Stage, row.stage_id),
            lead=db.session.get(User, int(form.lead.data)),
            members=[
                name.strip() for name in form.members.data.replace("，", "、").split("、") if name.strip()
            ],
            planned_on=form.planned_on.data,
            actor=current_user,
            now=web.now(),
        )
        flash("已安排尽职调查。", "success")
        return redirect(url_for("competition.visit", visit_id=visit.id), 303)
    return render_template("competition/visit_new.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/office/visits/<int:visit_id>")
@allow(*READERS)
def visit(visit_id: int):
    found = round_queries.visit_visible_to(current_user, visit_id)
    return render_template(
        "competition/visit.html",
        visit=found,
        machine=VISIT,
        conclusions=CONCLUSIONS,
        lead=db.session.get(User, found.lead_id),
        events=trail.events_for(found),
    )


@bp.route("/office/visits/<int:visit_id>/record", methods=["GET", "POST"])
@allow(Role.DUE_DILIGENCE)
def visit_record(visit_id: int):
    found = round_queries.visit_visible_to(current_user, visit_id)
    if found.state == VisitState.SIGNED:
        raise NotVisible("报告已签字，不能再修改。")
    form = RecordVisitForm(data=_filled(found) if request.method == "GET" else None)
    checks = _checks(found)
    if form.validate_on_submit():
        try:
            diligence.record_visit(
                found,
                visited_at=form.visited_at.data.replace(tzinfo=BEIJING),
                place=form.place.data,
                checks=checks,
                conclusion=VisitConclusion(form.conclusion.data),
                summary=form.summary.data,
                actor=current_user,
                now=web.now(),
            )
            flash("调查情况已保存。", "success")
            return redirect(url_for("competition.visit", visit_id=found.id), 303)
        except InvalidInput as refusal:
            form.take(refusal)
    page = render_template("competition/visit_record.html", form=form, visit=found, checks=checks)
    return page, 422 if form.is_submitted() else 200


def _filled(found: Visit) -> dict:
    moment = found.visited_at.astimezone(BEIJING).replace(tzinfo=None) if found.visited_at else None
    return {
        "visited_at": moment,
        "place": found.place or found.entry.enterprise.address,
        "conclusion": found.conclusion.value if found.conclusion else None,
        "summary": found.summary,
    }


def _checks(found: Visit) -> list[dict]:
    """One row per fact; what was typed stays, an untouched field starts with the registered value."""
    kept = {check["item"]: check for check in found.checks}
    rows = []
    for index, (item, registered) in enumerate(ITEMS):
        value = registered(found.entry)
        typed = request.form.get(f"found-{index}")
        seen = typed if typed is not None else kept.get(item, {}).get("found", value)
        rows.append(
            {"item": item, "registered": value, "found": seen.strip()[:200], "ok": seen.strip() == value}
        )
    return rows


@bp.post("/office/visits/<int:visit_id>/sign")
@allow(Role.DUE_DILIGENCE)
def visit_sign(visit_id: int):
    found = round_queries.visit_visible_to(current_user, visit_id)
    diligence.sign_visit(found, actor=current_user, now=web.now())
    flash("已签字，报告不能再修改。", "success")
    return redirect(url_for("competition.visit", visit_id=found.id), 303)
