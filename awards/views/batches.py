"""Batches: made of approved payments, exported once, answered line by line, settled."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import money_queries, queries
from awards.bank_forms import ExportForm, ResultForm
from awards.banking.layout import Line
from awards.enums import BatchState, PaymentState
from awards.models import Payment, PaymentBatch
from awards.operations import batches as operations
from awards.operations import payments as payment_operations
from awards.operations import results as result_operations
from awards.states import BATCH, PAYMENT, RESULT
from awards.views import bp
from awards.views.answers import Listed, list_answer, ticked
from core import files, listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.spreadsheets import Column

BATCHES = Listed(
    title="支付批次",
    columns=[
        Column("number", "批次号", lambda batch: batch.number),
        Column("count", "笔数", lambda batch: batch.count, kind="number"),
        Column("total", "合计（元）", lambda batch: batch.total_fen, kind="fen"),
        Column("made_at", "组成时间", lambda batch: batch.made_at, kind="time"),
        Column("exported_at", "导出时间", lambda batch: batch.exported_at, kind="time"),
        Column("state", "状态", lambda batch: BATCH.badge(batch).label),
    ],
    sorts={
        "number": PaymentBatch.number,
        "count": PaymentBatch.count,
        "total": PaymentBatch.total_fen,
        "made_at": PaymentBatch.made_at,
        "exported_at": PaymentBatch.exported_at,
        "state": PaymentBatch.state,
        "id": PaymentBatch.id,
    },
    default_sort="-made_at",
    search=(PaymentBatch.number,),
    filters=lambda: [
        listing.Filter(
            "state",
            "状态",
            [(state.value, BATCH.badges[state].label) for state in BatchState],
            lambda value: PaymentBatch.state == BatchState(value),
        )
    ],
)


@bp.get("/money/batches")
@allow(*queries.READERS)
def batches_list():
    stmt = queries.batches_visible_to(current_user)
    return list_answer(BATCHES, stmt, "awards/batches.html", badge=BATCH.badge)


@bp.route("/money/batches/new", methods=["GET", "POST"])
@allow(Role.FINANCE)
def batch_new():
    refusal, picked = None, None
    if request.method == "POST":
        picked = set(ticked())
        try:
            batch = operations.make_batch(
                queries.payments_by_ids(sorted(picked)), actor=current_user, now=web.now()
            )
        except InvalidInput as error:
            refusal = error
        else:
            web.flash(f"批次 {batch.number} 已组成，共 {batch.count} 笔。", "success")
            return redirect(url_for("awards.batch", number=batch.number), 303)
    ready = queries.payments_ready()
    page = render_template("awards/batch_new.html", ready=ready, picked=picked, refusal=refusal)
    return page, 422 if refusal else 200


def _page(batch: PaymentBatch, *, refusal: InvalidInput | None = None, status: int = 200, **forms):
    export = operations.export_of(batch)
    page = render_template(
        "awards/batch.html",
        batch=batch,
        export=export,
        returned=_returned(batch, operations.lines_of(export) if export else []),
        balance=result_operations.balance_of(batch),
        refusal=refusal,
        badge=BATCH.badge(batch),
        payment_badge=PAYMENT.badge,
        result_badge=RESULT.badge,
        acts={transition.name for transition in BATCH.available(batch, current_user)},
        waiting=[payment for payment in batch.payments if payment.state == PaymentState.EXPORTED],
        open_lines=money_queries.open_result_lines(batch),
        results=money_queries.results_of(batch),
        may_record=current_user.role == Role.FINANCE,
        typed=request.form,
        people=queries.user_names(batch.made_by_id, export.exported_by_id if export else None),
        events=trail.events_for(batch),
        **_forms(export, **forms),
    )
    return page, status


def _returned(batch: PaymentBatch, sent: list[Line]) -> list[Line]:
    """Lines of the bank's file whose payments went on as another attempt."""
    here = {payment.number for payment in batch.payments}
    return [line for line in sent if line.payment_no not in here]


def _forms(export, export_form: ExportForm | None = None, result_form: ResultForm | None = None) -> dict:
    """Both offer every format; an answer is read by the format that the batch was sent in unless told otherwise."""
    offered = [(found.id, found.name) for found in money_queries.bank_formats()]
    sent_in = export.format_id if export else None
    found = {
        "export_form": export_form or ExportForm(formdata=None),
        "result_form": result_form or ResultForm(formdata=None, result_format=sent_in),
    }
    found["export_form"].bank_format.choices = offered
    found["result_form"].result_format.choices = offered
    return found


@bp.get("/money/batches/<number>")
@allow(*queries.READERS)
def batch(number: str):
    return _page(queries.batch_by_number(number, current_user))


@bp.get("/money/batches/<number>/control")
@allow(*queries.READERS)
def batch_control(number: str):
    found = queries.batch_by_number(number, current_user)
    export = operations.export_of(found)
    if export is None:
        raise NotVisible()
    people = queries.user_names(export.exported_by_id)
    return render_template("awards/batch_control.html", batch=found, export=export, people=people)


@bp.post("/money/batches/<number>/export")
@allow(Role.FINANCE)
def batch_export(number: str):
    found = queries.batch_by_number(number, current_user)
    form = _forms(None, export_form=ExportForm())["export_form"]
    if not form.validate_on_submit():
        return _page(found, refusal=InvalidInput("请选择银行格式。"), status=422, export_form=form)
    chosen = money_queries.format_by_id(form.bank_format.data, current_user)
    operations.export_batch(found, bank_format=chosen, actor=current_user, now=web.now())
    web.flash("银行文件与控制单已生成，请下载。", "success")
    return redirect(url_for("awards.batch", number=found.number), 303)


@bp.post("/money/batches/<number>/<any(settle,void):act>")
@allow(Role.FINANCE)
def batch_act(number: str, act: str):
    found = queries.batch_by_number(number, current_user)
    shared = {"actor": current_user, "now": web.now()}
    try:
        if act == "settle":
            result_operations.settle_batch(found, **shared)
            web.flash("批次已办结。", "success")
        else:
            operations.void_batch(found, reason=request.form.get("reason", "")[:500], **shared)
            web.flash("批次已作废。", "success")
    except InvalidInput as refusal:
        return _page(found, refusal=refusal, status=422)
    return redirect(url_for("awards.batch", number=found.number), 303)


@bp.post("/money/batches/<number>/file")
@allow(Role.FINANCE)
def batch_file(number: str):
    """A POST: every handing out of the file is on record."""
    found = queries.batch_by_number(number, current_user)
    export = operations.export_of(found)
    if export is None:
        raise NotVisible()
    return files.send(operations.hand_out(export, actor=current_user, now=web.now()))


@bp.post("/money/batches/<number>/answer")
@allow(Role.FINANCE)
def batch_answer(number: str):
    """The bank's result file: kept and reconciled on its own page, where a person confirms it."""
    found = queries.batch_by_number(number, current_user)
    form = _forms(operations.export_of(found), result_form=ResultForm())["result_form"]
    upload = request.files.get(form.answer.name)
    try:
        if not form.validate_on_submit() or upload is None or not upload.filename:
            raise InvalidInput("请选择银行格式和结果文件。")
        result, fresh = result_operations.read_result(
            found,
            content=upload.read(result_operations.LIMIT_BYTES + 1),
            name=upload.filename,
            bank_format=money_queries.format_by_id(form.result_format.data, current_user),
            actor=current_user,
            now=web.now(),
        )
    except InvalidInput as refusal:
        return _page(found, refusal=refusal, status=422, result_form=form)
    web.flash(
        "结果文件已读入，请核对后确认。" if fresh else "该文件以前读过，没有任何变化。",
        "success" if fresh else "info",
    )
    return redirect(url_for("awards.bank_result", result_id=result.id), 303)


@bp.post("/money/batches/<number>/results")
@allow(Role.FINANCE)
def batch_results(number: str):
    """What the bank answered, line by line: a receipt number or the reason of a return; empty lines wait."""
    found = queries.batch_by_number(number, current_user)
    answers = [(payment, *_answer(payment)) for payment in found.payments]
    given = [(payment, receipt, reason) for payment, receipt, reason in answers if receipt or reason]
    try:
        _check(given)
        for payment, receipt, reason in given:
            _record(payment, receipt, reason)
    except InvalidInput as refusal:
        return _page(found, refusal=refusal, status=422)
    web.flash(f"已登记 {len(given)} 笔结果。", "success")
    return redirect(url_for("awards.batch", number=found.number), 303)


def _answer(payment: Payment) -> tuple[str, str]:
    read = request.form.get
    return read(f"receipt.{payment.id}", "").strip()[:80], read(f"bounce.{payment.id}", "").strip()[:500]


def _check(given: list[tuple[Payment, str, str]]) -> None:
    """All of them before the first is recorded."""
    if not given:
        raise InvalidInput("请至少填写一笔的回单号或退票原因。")
    for payment, receipt, reason in given:
        if receipt and reason:
            raise InvalidInput(f"{payment.number} 不能同时填写回单号和退票原因。")


def _record(payment: Payment, receipt: str, reason: str) -> None:
    shared = {"actor": current_user, "now": web.now()}
    if receipt:
        payment_operations.confirm_paid(payment, bank_reference=receipt, **shared)
    else:
        payment_operations.bounce_payment(payment, reason=reason, **shared)
