"""The register of past awards: list, entry, import, withdrawal, acceptance passed later."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from competition.enums import Group
from competition.forms.enterprises import PastAwardFileForm, PastAwardForm
from competition.forms.review import ReasonForm
from competition.models import PastAward
from competition.operations import past_awards as operations
from competition.operations.past_awards import LEVELS, TIER_LABELS
from competition.views import bp
from core import listing, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotVisible
from core.files import send_table
from core.spreadsheets import Column, read_table

READERS = (Role.OFFICE, Role.SUPERVISION)
MAX_ID = 2**31 - 1
MOST_BYTES = 20 << 20
GROUPS = {group.value: group.label for group in Group}
COLUMNS = [
    Column("name", "企业名称", lambda row: row.name, width=36),
    Column("credit_code", "统一社会信用代码", lambda row: row.credit_code, width=22),
    Column("contest", "赛事名称", lambda row: row.contest, width=36),
    Column("level", "级别", lambda row: LEVELS.get(row.level, row.level)),
    Column("year", "年度", lambda row: row.year, kind="number"),
    Column("tier", "奖项", lambda row: TIER_LABELS.get(row.tier, row.tier)),
    Column("acceptance", "验收", lambda row: "" if row.acceptance_passed else "未通过验收"),
    Column("state", "状态", lambda row: "已撤销" if row.withdrawn_at else "有效"),
    Column("group", "组别", lambda row: GROUPS.get(row.group, "")),
    Column("source", "来源", lambda row: row.source, width=36),
]
SHOWN = 8


@bp.get("/office/past-awards")
@allow(*READERS)
def past_awards():
    state: dict[str, Any] = {
        "args": request.args,
        "sorts": {"name": PastAward.name, "year": PastAward.year, "id": PastAward.id},
        "default_sort": "-year",
        "search": (PastAward.name, PastAward.credit_code, PastAward.contest),
        "filters": [
            listing.Filter("level", "级别", list(LEVELS.items()), lambda v: PastAward.level == v),
            listing.Filter(
                "standing",
                "状态",
                [("on", "有效"), ("open", "未通过验收"), ("off", "已撤销")],
                lambda v: {
                    "on": PastAward.withdrawn_at.is_(None),
                    "open": PastAward.acceptance_passed.is_(False),
                    "off": PastAward.withdrawn_at.is_not(None),
                }[v],
            ),
        ],
    }
    if "export" in request.args:
        return send_table("往届获奖", COLUMNS, listing.everything(select(PastAward), **state))
    return render_template(
        "competition/past_awards.html",
        page=listing.run(select(PastAward), path=request.path, **state),
        columns=[{"key": column.key, "label": column.label} for column in COLUMNS[:SHOWN]],
        levels=LEVELS,
        tiers=TIER_LABELS,
        office=current_user.role == Role.OFFICE,
    )


@bp.route("/office/past-awards/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def past_award_new():
    form = PastAwardForm()
    if form.validate_on_submit():
        names = ("credit_code", "name", "contest", "level", "year", "tier", "group")
        values = {name: form[name].data for name in names}
        try:
            operations.enter_past_award(
                **values,
                acceptance_passed=not form.unfinished.data,
                source=form.source.data or "",
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        except Conflict as refusal:
            form.form_errors.append(refusal.sentence)
        else:
            flash("已登记。", "success")
            return redirect(url_for("competition.past_awards"), 303)
    return render_template("competition/past_award_new.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/office/past-awards/import", methods=["GET", "POST"])
@allow(Role.OFFICE)
def past_awards_import():
    form = PastAwardFileForm()
    if form.validate_on_submit():
        try:
            entered, known = operations.import_past_awards(_table(form), actor=current_user, now=web.now())
        except InvalidInput as refusal:
            refusal.field = "file"
            form.take(refusal)
        else:
            flash(f"新登记 {entered} 条，已有的 {known} 条未重复登记。", "success")
            return redirect(url_for("competition.past_awards"), 303)
    page = render_template(
        "competition/past_awards_import.html",
        form=form,
        heads=operations.HEADS,
        levels=LEVELS,
        tiers=TIER_LABELS,
    )
    return page, 422 if form.is_submitted() else 200


def _table(form: PastAwardFileForm) -> list[list[str]]:
    upload = form.file.data
    if not upload or not upload.filename:
        raise InvalidInput("请选择名单文件。")
    content = upload.stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InvalidInput("文件超过 20 MB 的上限。")
    return read_table(content, upload.filename)


@bp.post(f"/office/past-awards/<int(max={MAX_ID}):award_id>/<any(withdraw,accept):act>")
@allow(Role.OFFICE)
def past_award_act(award_id: int, act: str):
    found = db.session.get(PastAward, award_id)
    if found is None:
        raise NotVisible()
    reason = (ReasonForm().reason.data or "")[:500]
    do = operations.withdraw_past_award if act == "withdraw" else operations.pass_acceptance
    do(found, reason=reason, actor=current_user, now=web.now())
    flash("已办理。", "success")
    return redirect(url_for("competition.past_awards"), 303)
