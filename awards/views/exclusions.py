"""The list of units that may not be paid: kept by finance and supervision, read by all who handle money."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import and_, not_, or_

from awards import queries
from awards.enums import ExclusionReason
from awards.forms import ExclusionEndForm, ExclusionFileForm, ExclusionForm
from awards.models import Exclusion
from awards.operations import exclusions as operations
from awards.rules import may_keep_exclusions
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer, uploaded_table
from awards.wording import EXCLUSION_REASONS, choices
from core import listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column

KEEPERS = (Role.FINANCE, Role.SUPERVISION)


def _filters() -> list[listing.Filter]:
    moment = web.now()
    standing = and_(
        Exclusion.starts_at <= moment, or_(Exclusion.ends_at.is_(None), Exclusion.ends_at > moment)
    )
    return [
        listing.Filter(
            "standing",
            "是否在列",
            [("on", "在列"), ("off", "不在列")],
            lambda value: standing if value == "on" else not_(standing),
        ),
        listing.Filter(
            "reason",
            "原因",
            choices(EXCLUSION_REASONS),
            lambda value: Exclusion.reason == ExclusionReason(value),
        ),
    ]


def standing_of(exclusion: Exclusion) -> tuple[str, str, str]:
    """Word, tone and icon of an entry today."""
    if exclusion.withdrawn:
        return ("已作废", "muted", "x-circle")
    if exclusion.in_force(web.now()):
        return ("在列", "danger", "slash-circle")
    upcoming = exclusion.starts_at > web.now()
    return ("未生效", "warning", "hourglass-split") if upcoming else ("已移出", "neutral", "check-circle")


# The first seven are the heads that an imported list has.
EXCLUSIONS = Listed(
    title="不予支付名单",
    columns=[
        Column("credit_code", "统一社会信用代码", lambda row: row.credit_code, width=22),
        Column("name", "单位名称", lambda row: row.name, width=36),
        Column("reason", "原因", lambda row: EXCLUSION_REASONS[row.reason], width=20),
        Column("source", "来源", lambda row: row.source, width=36),
        Column("starts_at", "列入日期", lambda row: row.first_day),
        Column("ends_at", "移出日期", lambda row: row.last_day),
        Column("state", "状态", lambda row: standing_of(row)[0]),
        Column("note", "备注", lambda row: row.note, width=40),
    ],
    sorts={
        "credit_code": Exclusion.credit_code,
        "name": Exclusion.name,
        "reason": Exclusion.reason,
        "starts_at": Exclusion.starts_at,
        "ends_at": Exclusion.ends_at,
        "id": Exclusion.id,
    },
    default_sort="-starts_at",
    search=(Exclusion.name, Exclusion.credit_code, Exclusion.source),
    filters=_filters,
    shown=7,
)


@bp.get("/money/exclusions")
@allow(*queries.READERS)
def exclusions_list():
    return list_answer(
        EXCLUSIONS,
        queries.exclusions_visible_to(current_user),
        "awards/exclusions.html",
        reasons=EXCLUSION_REASONS,
        standing=standing_of,
        may_keep=bool(may_keep_exclusions(current_user)),
    )


@bp.route("/money/exclusions/new", methods=["GET", "POST"])
@allow(*KEEPERS)
def exclusion_new():
    form = ExclusionForm()
    if form.validate_on_submit():
        try:
            made = operations.enter_exclusion(
                credit_code=form.credit_code.data,
                name=form.name.data.strip(),
                reason=ExclusionReason(form.reason.data),
                source=form.source.data.strip(),
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                note=form.note.data or "",
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("已列入，名单期内不能向该单位支付。", "success")
            return redirect(url_for("awards.exclusion", exclusion_id=made.id), 303)
    return render_template("awards/exclusion_new.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/money/exclusions/import", methods=["GET", "POST"])
@allow(*KEEPERS)
def exclusions_import():
    form = ExclusionFileForm()
    if form.validate_on_submit():
        try:
            entered, known = operations.import_exclusions(
                uploaded_table(form.file.data), actor=current_user, now=web.now()
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"新列入 {entered} 条，已在名单上的 {known} 条未重复登记。", "success")
            return redirect(url_for("awards.exclusions_list"), 303)
    page = render_template(
        "awards/exclusions_import.html", form=form, heads=operations.HEADS, reasons=EXCLUSION_REASONS
    )
    return page, 422 if form.is_submitted() else 200


def _page(found: Exclusion, form: ExclusionEndForm, status: int = 200):
    page = render_template(
        "awards/exclusion.html",
        exclusion=found,
        form=form,
        reasons=EXCLUSION_REASONS,
        standing=standing_of(found),
        may_end=bool(may_keep_exclusions(current_user)) and not found.withdrawn,
        people=queries.user_names(found.entered_by_id),
        events=trail.events_for(found),
    )
    return page, status


@bp.get(f"/money/exclusions/<int(max={MAX_ID}):exclusion_id>")
@allow(*queries.READERS)
def exclusion(exclusion_id: int):
    return _page(queries.exclusion_by_id(exclusion_id, current_user), ExclusionEndForm())


@bp.post(f"/money/exclusions/<int(max={MAX_ID}):exclusion_id>/end")
@allow(*KEEPERS)
def exclusion_end(exclusion_id: int):
    found = queries.exclusion_by_id(exclusion_id, current_user)
    form = ExclusionEndForm()
    if form.validate():
        try:
            operations.end_exclusion(
                found,
                last_day=form.last_day.data,
                reason=form.reason.data,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("已登记移出。", "success")
            return redirect(url_for("awards.exclusion", exclusion_id=found.id), 303)
    return _page(found, form, 422)


@bp.post(f"/money/exclusions/<int(max={MAX_ID}):exclusion_id>/withdraw")
@allow(*KEEPERS)
def exclusion_withdraw(exclusion_id: int):
    found = queries.exclusion_by_id(exclusion_id, current_user)
    reason = request.form.get("reason", "")[:500]
    try:
        operations.withdraw_exclusion(found, reason=reason, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        form = ExclusionEndForm(formdata=None)
        form.take(refusal)
        return _page(found, form, 422)
    web.flash("该条记录已作废。", "success")
    return redirect(url_for("awards.exclusion", exclusion_id=found.id), 303)
