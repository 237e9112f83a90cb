"""The judge's own pages: list, pledge, score sheet with its offline queue, recusal."""

from typing import Any

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from core import files, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from judging import queries, receipts, rules, wording
from judging.enums import RecusalReason, SheetState
from judging.forms import PledgeForm, RecusalForm
from judging.models import Sheet
from judging.operations import judges, sheets
from judging.states import RUN, SHEET
from judging.validators import COMMENT_LIMIT, parse_points
from judging.views import bp
from judging.views.shown import bands_of, material_of


@bp.get("/judge")
@allow(Role.JUDGE)
def my_sheets():
    """Everything of one judge in one statement, whatever the number of sheets."""
    work = queries.work_of(current_user)
    return render_template("judging/my_sheets.html", work=work, sheets=SHEET, runs=RUN)


@bp.route("/judge/pledges/<int:edition_id>", methods=["GET", "POST"])
@allow(Role.JUDGE)
def pledge(edition_id: int):
    judge = queries.judge_of(current_user)
    edition = queries.edition_judged_by(judge, edition_id)
    form = PledgeForm()
    signed = next((pledge for pledge in judge.pledges if pledge.edition_id == edition.id), None)
    if not signed and form.validate_on_submit():
        judges.sign_pledge(judge, edition=edition, actor=current_user, now=web.now())
        flash("承诺书已签署，可以开始评审。", "success")
        return redirect(url_for("judging.my_sheets"), 303)
    return render_template(
        "judging/pledge.html", judge=judge, edition=edition, form=form, signed=signed, text=wording
    ), 422 if form.is_submitted() else 200


@bp.get("/judge/sheets/<int:sheet_id>")
@allow(Role.JUDGE)
def sheet(sheet_id: int):
    found = queries.own_sheet(current_user, sheet_id)
    if not rules.may_open_material(current_user, found):
        edition_id = found.run.session.stage.edition_id
        return redirect(url_for("judging.pledge", edition_id=edition_id), 302)
    return _page(found, sheets.values_of(found), found.comment)


def _page(found: Sheet, values: dict[str, Any], comment: str, error: InvalidInput | None = None):
    session = found.run.session
    criteria = queries.criteria_of(session.stage, found.run.entry.group)
    may_score = rules.may_score(current_user, found)
    open_ = bool(may_score) and found.state in (SheetState.OPEN, SheetState.DRAFT)
    previous, following = queries.neighbours_of(found)
    return render_template(
        "judging/sheet.html",
        sheet=found,
        session=session,
        run=found.run,
        entry=found.run.entry,
        criteria=[(criterion, bands_of(criterion.top_mark)) for criterion in criteria],
        values=values,
        comment=comment,
        error=error,
        receipt_code=receipts.code_of(found.id, found.receipt) if found.receipt else "",
        open=open_,
        closed_reason=may_score.reason,
        machine=SHEET,
        limit=COMMENT_LIMIT,
        material=material_of(found.run.entry) if found.state != SheetState.RECUSED else [],
        attachments=queries.attachments_of(found.run.entry) if found.state != SheetState.RECUSED else [],
        previous=previous,
        following=following,
        recusal=RecusalForm(),
        may_recuse=found.state in (SheetState.OPEN, SheetState.DRAFT)
        and bool(rules.may_exclude(current_user, found)),
    ), 422 if error else 200


@bp.post("/judge/sheets/<int:sheet_id>")
@allow(Role.JUDGE)
def sheet_send(sheet_id: int):
    """The sheet as a plain form, for a browser without script."""
    found = queries.own_sheet(current_user, sheet_id)
    comment = request.form.get("comment", "")
    typed = {
        name.removeprefix("value-"): text for name, text in request.form.items() if name.startswith("value-")
    }
    act = sheets.submit_sheet if request.form.get("act") == "submit" else sheets.save_sheet
    try:
        values = {code: parse_points(text) for code, text in typed.items()}
        act(found, values=values, comment=comment, actor=current_user, now=web.now())
    except InvalidInput as error:
        return _page(found, typed, comment, error)
    flash("评分已提交。" if found.state == SheetState.SUBMITTED else "草稿已保存。", "success")
    return redirect(url_for("judging.sheet", sheet_id=found.id), 303)


@bp.route("/judge/sheets/<int:sheet_id>/message", methods=["POST", "PUT"])
@allow(Role.JUDGE)
def sheet_message(sheet_id: int):
    """One message of a page's queue. The same message twice changes nothing, an older one is refused."""
    found = queries.own_sheet(current_user, sheet_id)
    message = _message(request.get_json(silent=True))
    act = sheets.submit_sheet if message.pop("submit") else sheets.save_sheet
    act(found, **message, actor=current_user, now=web.now())
    return jsonify(
        state=found.state,
        version=found.version,
        counter=found.client_counter,
        total=found.total_hundredths,
        digest=found.digest,
        label=SHEET.badge(found).label,
    )


def _message(body: Any) -> dict[str, Any]:
    """The message's parts with their types checked; values and ranges are the operation's."""
    if not isinstance(body, dict) or not isinstance(body.get("values"), dict):
        raise InvalidInput("评分内容无法识别，请刷新页面后重试。", code="message")
    parts = {
        "values": body["values"],
        "comment": body.get("comment", ""),
        "client_id": body.get("client_id", ""),
        "client_counter": body.get("counter", 0),
        "base_version": body.get("base_version"),
        "submit": body.get("submit") is True,
    }
    version = parts["base_version"]
    if not isinstance(parts["comment"], str) or (version is not None and type(version) is not int):
        raise InvalidInput("评分内容无法识别，请刷新页面后重试。", code="message")
    return parts


@bp.get("/judge/token")
@allow(Role.JUDGE)
def token():
    """A fresh form token for a queue that waited off line, and whose queue may be sent."""
    return jsonify(token=generate_csrf(), user=current_user.id)


@bp.get("/judge/worker.js")
@allow(Role.JUDGE)
def worker():
    """The script that answers the judge's pages off line; it may do so for `/judge` and below, nowhere else."""
    answer = current_app.send_static_file("js/judge-worker.js")
    answer.headers["Service-Worker-Allowed"] = "/judge"
    return answer


@bp.post("/judge/sheets/<int:sheet_id>/recuse")
@allow(Role.JUDGE)
def sheet_recuse(sheet_id: int):
    found = queries.own_sheet(current_user, sheet_id)
    form = RecusalForm()
    if not form.validate_on_submit():
        raise InvalidInput("请选择回避理由。", field="reason_code")
    code = RecusalReason(form.reason_code.data)
    judges.recuse(found, reason_code=code, reason=form.reason.data or "", actor=current_user, now=web.now())
    flash("已登记回避，该项目不再由您评分。", "success")
    return redirect(url_for("judging.my_sheets"), 303)


@bp.get("/judge/sheets/<int:sheet_id>/files/<int:attachment_id>")
@allow(Role.JUDGE)
def sheet_file(sheet_id: int, attachment_id: int):
    found = queries.own_sheet(current_user, sheet_id)
    rules.may_open_material(current_user, found).or_raise()
    wanted = [row for row in queries.attachments_of(found.run.entry) if row.id == attachment_id]
    if not wanted or found.state == SheetState.RECUSED:
        raise NotVisible()
    return files.send(wanted[0].file)
