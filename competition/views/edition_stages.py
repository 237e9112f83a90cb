"""The rounds of a draft edition and what is judged in them: criteria of the edition, of a group, of a round."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from competition import queries
from competition.enums import Group
from competition.forms.editions import CriteriaForm
from competition.forms.stages import StageForm
from competition.models import Edition, Stage
from competition.operations import editions as operations
from competition.views import bp
from competition.views.edition_parts import by, part_of
from competition.views.editions import draft_edition
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible

POINTS = {Group.STARTUP: (25, 20, 20, 30, 5), Group.GROWTH: (25, 20, 20, 25, 10)}
DIMENSIONS = (
    ("technology", "技术和产品"),
    ("business", "商业模式及实施方案"),
    ("market", "行业及市场"),
    ("team", "团队"),
    ("finance", "财务分析"),
)


@bp.route("/office/editions/<code>/criteria/<group>", methods=["GET", "POST"])
@allow(Role.OFFICE)
def criteria(code: str, group: str):
    return _criteria(draft_edition(code), None, group)


@bp.route("/office/editions/<code>/stages/<int:stage_id>/criteria/<group>", methods=["GET", "POST"])
@allow(Role.OFFICE)
def stage_criteria(code: str, stage_id: int, group: str):
    """A round's own criteria; without any the edition's count in it."""
    edition = draft_edition(code)
    return _criteria(edition, part_of(edition.stages, stage_id), group)


def _criteria(edition: Edition, stage: Stage | None, name: str):
    if name not in set(Group):
        raise NotVisible()
    group = Group(name)
    form = CriteriaForm(data={"group": name, "rows": _criteria_rows(edition, stage, group)})
    if not form.validate_on_submit():
        return _criteria_page(edition, stage, group, form, 422 if form.is_submitted() else 200)
    try:
        operations.set_criteria(edition, group=group, criteria=form.criteria(), stage=stage, **by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _criteria_page(edition, stage, group, form, 422)
    flash("评分项已保存。", "success")
    return redirect(url_for("competition.edition", code=edition.code), 303)


def _criteria_rows(edition: Edition, stage: Stage | None, group: Group) -> list[dict[str, Any]]:
    """What is set, else the usual five dimensions with the group's usual weights."""
    rows = queries.own_criteria(edition, group, stage)
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
    if stage:
        return []
    pairs = zip(DIMENSIONS, POINTS[group], strict=True)
    return [{"code": key, "name": name, "points": points, "hint": ""} for (key, name), points in pairs]


def _criteria_page(edition: Edition, stage: Stage | None, group: Group, form: CriteriaForm, status: int):
    page = render_template("competition/criteria.html", edition=edition, stage=stage, group=group, form=form)
    return page, status


def _stage_form(edition: Edition, stage: Stage | None = None) -> StageForm:
    form = StageForm(obj=stage)
    form.offer(edition, _criterion_names(edition, stage))
    return form


def _criterion_names(edition: Edition, stage: Stage | None) -> dict[str, str]:
    """The criteria of both groups that count in the round, by code."""
    return {row.code: row.name for group in Group for row in queries.criteria_of(edition, group, stage)}


@bp.route("/office/editions/<code>/stages/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def stage_new(code: str):
    edition = draft_edition(code)
    form = _stage_form(edition)
    if not form.validate_on_submit():
        return _stage_page(edition, None, form, 422 if form.is_submitted() else 200)
    try:
        operations.add_stage(edition, **form.values(), **by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _stage_page(edition, None, form, 422)
    flash("轮次已增加。", "success")
    return redirect(url_for("competition.edition", code=code), 303)


def _stage_page(edition: Edition, stage: Stage | None, form: StageForm, status: int):
    page = render_template("competition/stage_edit.html", edition=edition, stage=stage, form=form)
    return page, status


@bp.route("/office/editions/<code>/stages/<int:stage_id>/edit", methods=["GET", "POST"])
@allow(Role.OFFICE)
def stage_edit(code: str, stage_id: int):
    edition = draft_edition(code)
    stage = part_of(edition.stages, stage_id)
    form = _stage_form(edition, stage)
    if not form.is_submitted():
        form.show(stage)
    if not form.validate_on_submit():
        return _stage_page(edition, stage, form, 422 if form.is_submitted() else 200)
    try:
        operations.change_stage(stage, values=form.values(), **by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _stage_page(edition, stage, form, 422)
    flash("轮次已保存。", "success")
    return redirect(url_for("competition.edition", code=code), 303)


@bp.post("/office/editions/<code>/stages/<int:stage_id>/remove")
@allow(Role.OFFICE)
def stage_remove(code: str, stage_id: int):
    operations.remove_stage(part_of(draft_edition(code).stages, stage_id), **by())
    flash("轮次已删除。", "success")
    return redirect(url_for("competition.edition", code=code), 303)
