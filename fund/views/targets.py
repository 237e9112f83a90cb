"""The year's indicators set from a table, before anybody reports."""

from flask import redirect, render_template, url_for
from flask_login import current_user

from core import web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.files import XLSX, send_bytes
from fund import queries, reporting
from fund.files import MAX_BYTES
from fund.forms import TargetsForm
from fund.target_sheet import TITLE, BadTable, read_targets, template
from fund.views import bp


@bp.get("/targets.xlsx")
@allow(Role.FINANCE)
def targets_template():
    return send_bytes(template(), f"{TITLE}模板.xlsx", XLSX)


@bp.route("/<int:year>/indicators/new", methods=["GET", "POST"])
@allow(Role.FINANCE)
def targets(year: int):
    queries.need_year(year)
    form, faults = TargetsForm(), ()
    if form.validate_on_submit():
        try:
            made = _import(year, form)
        except InvalidInput as refusal:
            form.take(refusal)
            faults = refusal.sentences if isinstance(refusal, BadTable) else ()
        else:
            web.flash(f"已导入 {made} 项指标。", "success")
            return redirect(url_for("fund.indicators", year=year), 303)
    page = render_template("fund/targets.html", year=year, form=form, faults=faults)
    return page, 422 if form.is_submitted() else 200


def _import(year: int, form: TargetsForm) -> int:
    upload = form.sheet.data
    if not upload or not upload.filename:
        raise InvalidInput("请选择指标表。", code="no_file", field="sheet")
    content = upload.stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"文件超过 {MAX_BYTES // 1_000_000} MB。", code="file_size", field="sheet")
    rows = read_targets(content, upload.filename)
    return reporting.set_targets(year, rows, actor=current_user, now=web.now())
