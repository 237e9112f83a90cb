"""The parts of a draft edition: tracks, regions, criteria, stages."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from competition import queries
from competition.enums import Group
from competition.forms.editions import CriteriaForm, RegionForm, StageForm, TrackForm
from competition.models import Edition, Stage
from competition.operations import editions as operations
from competition.views import bp
from competition.views.editions import draft_edition
from core import divisions, web
from core.access import allow
from core.enums import DivisionLevel, Role
from core.errors import InvalidInput, NotVisible

GUESTS = (DivisionLevel.PREFECTURE, DivisionLevel.DIRECT_CITY, DivisionLevel.XPCC_DIVISION)
POINTS = {Group.STARTUP: (25, 20, 20, 30, 5), Group.GROWTH: (25, 20, 20, 25, 10)}
DIMENSIONS = (
    ("technology", "技术和产品"),
    ("business", "商业模式及实施方案"),
    ("market", "行业及市场"),
    ("team", "团队"),
    ("finance", "财务分析"),
)


def _by() -> dict[str, Any]:
    return {"actor": current_user, "now": web.now()}


def _free_prefectures(edition: Edition) -> list[tuple[str, str]]:
    taken = {part.division_code for region in edition.regions for part in region.prefectures}
    places = divisions.in_force(date(edition.year, 1, 1), *GUESTS)
    return [(place.code, place.name) for place in places if place.code not in taken]


def _parts_page(edition: Edition, status: int = 200, **forms: Any):
    forms.setdefault("track_form", TrackForm(formdata=None))
    region_form = forms.setdefault("region_form", RegionForm(formdata=None))
    region_form.prefectures.choices = _free_prefectures(edition)
    page = render_template(
        "competition/edition_parts.html", edition=edition, names=divisions.names(), **forms
    )
    return page, status


@bp.get("/office/editions/<code>/parts")
@allow(Role.OFFICE)
def edition_parts(code: str):
    return _parts_page(draft_edition(code))


def _back(code: str, said: str):
    flash(said, "success")
    return redirect(url_for("competition.edition_parts", code=code), 303)


@bp.post("/office/editions/<code>/tracks")
@allow(Role.OFFICE)
def track_add(code: str):
    edition, form = draft_edition(code), TrackForm()
    if not form.validate_on_submit():
        return _parts_page(edition, 422, track_form=form)
    try:
        operations.add_track(edition, code=form.code.data, name=form.name.data, **_by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _parts_page(edition, 422, track_form=form)
    return _back(code, "行业已增加。")


@bp.post("/office/editions/<code>/tracks/<int:track_id>/remove")
@allow(Role.OFFICE)
def track_remove(code: str, track_id: int):
    operations.remove_track(_part(draft_edition(code).tracks, track_id), **_by())
    return _back(code, "行业已删除。")


def _part(parts: list, part_id: int) -> Any:
    found = next((part for part in parts if part.id == part_id), None)
    if found is None:
        raise NotVisible()
    return found


@bp.post("/office/editions/<code>/regions")
@allow(Role.OFFICE)
def region_add(code: str):
    edition, form = draft_edition(code), RegionForm()
    form.prefectures.choices = _free_prefectures(edition)
    if not form.validate_on_submit():
        return _parts_page(edition, 422, region_form=form)
    try:
        operations.add_region(
            edition,
            name=form.region_name.data,
            host=form.host.data or "",
            prefectures=form.prefectures.data or (),
            **_by(),
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return _parts_page(edition, 422, region_form=form)
    return _back(code, "赛区已增加。")


@bp.post("/office/editions/<code>/regions/<int:region_id>/remove")
@allow(Role.OFFICE)
def region_remove(code: str, region_id: int):
    operations.remove_region(_part(draft_edition(code).regions, region_id), **_by())
    return _back(code, "赛区已删除。")


@bp.route("/office/editions/<code>/criteria/<group>", methods=["GET", "POST"])
@allow(Role.OFFICE)
def criteria(code: str, group: str):
    edition = draft_edition(code)
    if group not in set(Group):
        raise NotVisible()
    form = CriteriaForm(data={"group": group, "rows": _criteria_rows(edition, Group(group))})
    if not form.validate_on_submit():
        return _criteria_page(edition, Group(group), form, 422 if form.is_submitted() else 200)
    try:
        operations.set_criteria(edition, group=Group(group), criteria=form.criteria(), **_by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _criteria_page(edition, Group(group), form, 422)
    flash("评分项已保存。", "success")
    return redirect(url_for("competition.edition", code=code), 303)


def _criteria_rows(edition: Edition, group: Group) -> list[dict[str, Any]]:
    """What is set, else the usual five dimensions with the group's usual weights."""
    rows = queries.criteria_of(edition, group)
    if rows:
        return [
            {
                "code": row.code,
                "name": row.name,
                "mode": row.mode.value,
                "points": row.max_hundredths // 100,
                "hint": row.hint,
            }
            for row in rows
        ]
    pairs = zip(DIMENSIONS, POINTS[group], strict=True)
    return [{"code": key, "name": name, "points": points, "hint": ""} for (key, name), points in pairs]


def _criteria_page(edition: Edition, group: Group, form: CriteriaForm, status: int):
    page = render_template("competition/criteria.html", edition=edition, group=group, form=form)
    return page, status


@bp.route("/office/editions/<code>/stages/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def stage_new(code: str):
    edition, form = draft_edition(code), StageForm()
    form.offer(_criterion_names(edition))
    if not form.validate_on_submit():
        return _stage_page(edition, None, form, 422 if form.is_submitted() else 200)
    try:
        operations.add_stage(edition, **form.values(), **_by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _stage_page(edition, None, form, 422)
    flash("轮次已增加。", "success")
    return redirect(url_for("competition.edition", code=code), 303)


def _criterion_names(edition: Edition) -> dict[str, str]:
    """The criteria of both groups, by code."""
    return {row.code: row.name for group in Group for row in queries.criteria_of(edition, group)}


def _stage_page(edition: Edition, stage: Stage | None, form: StageForm, status: int):
    page = render_template("competition/stage_edit.html", edition=edition, stage=stage, form=form)
    return page, status


@bp.route("/office/editions/<code>/stages/<int:stage_id>/edit", methods=["GET", "POST"])
@allow(Role.OFFICE)
def stage_edit(code: str, stage_id: int):
    edition = draft_edition(code)
    stage = _part(edition.stages, stage_id)
    form = StageForm(obj=stage)
    form.offer(_criterion_names(edition))
    if not form.is_submitted():
        form.show(stage)
    if not form.validate_on_submit():
        return _stage_page(edition, stage, form, 422 if form.is_submitted() else 200)
    try:
        operations.change_stage(stage, values=form.values(), **_by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _stage_page(edition, stage, form, 422)
    flash("轮次已保存。", "success")
    return redirect(url_for("competition.edition", code=code), 303)


@bp.post("/office/editions/<code>/stages/<int:stage_id>/remove")
@allow(Role.OFFICE)
def stage_remove(code: str, stage_id: int):
    operations.remove_stage(_part(draft_edition(code).stages, stage_id), **_by())
    flash("轮次已删除。", "success")
    return redirect(url_for("competition.edition", code=code), 303)
