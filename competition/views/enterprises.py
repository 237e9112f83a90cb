"""Enterprises across editions, one record per credit code: the office's list and pages, the enterprise's own history."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition import history, queries
from competition.enums import LineageKind
from competition.forms.enterprises import HandOverForm, LineageForm
from competition.forms.review import ReasonForm
from competition.models import Enterprise
from competition.operations import enterprises as operations
from competition.operations import lineages
from competition.operations.past_awards import LEVELS, TIER_LABELS
from competition.states import ENTRY, LINEAGE
from competition.views import bp
from competition.views.enterprise import own_enterprise
from competition.views.presenting import timeline_of
from core import divisions, listing, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.files import send_table
from core.spreadsheets import Column

READERS = (Role.OFFICE, Role.SUPERVISION, Role.REGIONAL)
MAX_ID = 2**31 - 1
SORTS = {
    "name": Enterprise.name,
    "credit_code": Enterprise.credit_code,
    "registered_on": Enterprise.registered_on,
    "created_at": Enterprise.created_at,
}


def _columns(places: dict[str, str]) -> list[Column]:
    return [
        Column("name", "企业名称", lambda row: row.name, width=36),
        Column("credit_code", "统一社会信用代码", lambda row: row.credit_code, width=22),
        Column("place", "注册地", lambda row: places.get(row.division_code, ""), width=20),
        Column("registered_on", "注册日期", lambda row: row.registered_on, width=12),
        Column("created_at", "在本系统注册", lambda row: row.created_at, kind="time", width=18),
    ]


@bp.get("/office/enterprises")
@allow(*READERS)
def enterprises():
    columns = _columns(divisions.names())
    state: dict[str, Any] = {
        "args": request.args,
        "sorts": SORTS,
        "default_sort": "-created_at",
        "search": (Enterprise.name, Enterprise.credit_code),
        "filters": [],
    }
    stmt = queries.enterprises_visible_to(current_user)
    if "export" in request.args:
        return send_table("企业", columns, listing.everything(stmt, **state))
    page = listing.run(stmt, path=request.path, **state)
    heads = [{"key": column.key, "label": column.label} for column in columns]
    return render_template("competition/enterprises.html", page=page, columns=heads, places=divisions.names())


@bp.get("/office/enterprises/<credit_code>")
@allow(*READERS)
def enterprise_record(credit_code: str):
    return _record(queries.enterprise_by_code(credit_code, current_user), 200)


def _record(found: Enterprise, status: int, *, link: str = "", **forms: Any):
    codes = queries.codes_of(found)
    page = render_template(
        "competition/enterprise_record.html",
        enterprise=found,
        entries=[entry for entry in queries.entries_of(found) if entry.submitted_at],
        machine=ENTRY,
        places=divisions.names(),
        office=current_user.role == Role.OFFICE,
        events=timeline_of(found),
        link=link,
        past=queries.past_awards_of(codes),
        given=history.given_to(codes),
        **_lineage_parts(found),
        hand_over_form=forms.get("hand_over_form") or HandOverForm(formdata=None),
        lineage_form=forms.get("lineage_form") or LineageForm(formdata=None),
    )
    return page, status


def _lineage_parts(found: Enterprise) -> dict[str, Any]:
    return {
        "lineages": queries.lineages_of(found),
        "lineage_machine": LINEAGE,
        "levels": LEVELS,
        "tiers": TIER_LABELS,
    }


@bp.post("/office/enterprises/<credit_code>/hand-over")
@allow(Role.OFFICE)
def enterprise_hand_over(credit_code: str):
    """The link is shown this once: only its digest is kept."""
    found, form = queries.enterprise_by_code(credit_code, current_user), HandOverForm()
    if not form.validate_on_submit():
        return _record(found, 422, hand_over_form=form)
    try:
        _, token = operations.hand_over_by_office(
            found, name=form.name.data, reason=form.reason.data, actor=current_user, now=web.now()
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return _record(found, 422, hand_over_form=form)
    return _record(found, 200, link=url_for("competition.join", token=token, _external=True))


def _state(found: Enterprise, form: LineageForm) -> bool:
    """Whether the form held a lineage that could be written down; otherwise the form says why not."""
    if not form.validate_on_submit():
        return False
    names = ("name", "year", "credit_code", "contest", "project", "leader")
    values = {name: form[name].data or "" for name in names}
    try:
        lineages.state_lineage(
            found, kind=LineageKind(form.kind.data), **values, actor=current_user, now=web.now()
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return False
    flash("沿革已登记，由组委会办公室核实后计入。", "success")
    return True


@bp.post("/office/enterprises/<credit_code>/lineages")
@allow(Role.OFFICE)
def enterprise_lineage(credit_code: str):
    found, form = queries.enterprise_by_code(credit_code, current_user), LineageForm()
    if not _state(found, form):
        return _record(found, 422, lineage_form=form)
    return redirect(url_for("competition.enterprise_record", credit_code=credit_code), 303)


@bp.post(
    f"/office/enterprises/<credit_code>/lineages/<int(max={MAX_ID}):lineage_id>/<any(confirm,refuse):act>"
)
@allow(Role.OFFICE)
def enterprise_lineage_decide(credit_code: str, lineage_id: int, act: str):
    found = queries.enterprise_by_code(credit_code, current_user)
    lineage = queries.lineage_of(found, lineage_id)
    if act == "confirm":
        lineages.confirm_lineage(lineage, actor=current_user, now=web.now())
    else:
        reason = ReasonForm().reason.data or ""
        lineages.refuse_lineage(lineage, reason=reason[:500], actor=current_user, now=web.now())
    flash("已办理。", "success")
    return redirect(url_for("competition.enterprise_record", credit_code=credit_code), 303)


@bp.route("/enterprise/history", methods=["GET", "POST"])
@allow(Role.ENTERPRISE)
def own_history():
    """What the system knows of this enterprise: every edition, past awards, where it comes from."""
    found, form = own_enterprise(), LineageForm()
    if form.is_submitted() and _state(found, form):
        return redirect(url_for("competition.own_history"), 303)
    codes = queries.codes_of(found)
    page = render_template(
        "competition/own_history.html",
        enterprise=found,
        entries=queries.entries_of(found),
        machine=ENTRY,
        past=queries.past_awards_of(codes),
        given=history.given_to(codes),
        form=form,
        **_lineage_parts(found),
    )
    return page, 422 if form.is_submitted() else 200
