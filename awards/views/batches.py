"""Batches: made of approved payments, exported once, answered line by line, settled."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries
from awards.enums import BatchState, PaymentState
from awards.models import Payment, PaymentBatch
from awards.operations import batches as operations
from awards.operations import payments as payment_operations
from awards.states import BATCH, PAYMENT
from awards.views import bp
from awards.views.answers import Listed, list_answer, ticked
from core import files, listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.models import StoredFile
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


def _page(batch: PaymentBatch, *, refusal: InvalidInput | None = None, status: int = 200):
    page = render_template(
        "awards/batch.html",
        batch=batch,
        refusal=refusal,
        badge=BATCH.badge(batch),
        payment_badge=PAYMENT.badge,
        acts={transition.name for transition in BATCH.available(batch, current_user)},
        waiting=[payment for payment in batch.payments if payment.state == PaymentState.EXPORTED],
        may_record=current_user.role == Role.FINANCE,
        typed=request.form,
        events=trail.events_for(batch),
    )
    return page, status


@bp.get("/money/batches/<number>")
@allow(*queries.READERS)
def batch(number: str):
    return _page(queries.batch_by_number(number, current_user))


@bp.post("/money/batches/<number>/<any(export,settle):act>")
@allow(Role.FINANCE)
def batch_act(number: str, act: str):
    found = queries.batch_by_number(number, current_user)
    if act == "export":
        operations.export_batch(found, actor=current_user, now=web.now())
        web.flash("银行文件已生成，请下载。", "success")
    else:
        operations.settle_batch(found, actor=current_user, now=web.now())
        web.flash("批次已办结。", "success")
    return redirect(url_for("awards.batch", number=found.number), 303)


@bp.get("/money/batches/<number>/file")
@allow(Role.FINANCE)
def batch_file(number: str):
    found = queries.batch_by_number(number, current_user)
    stored = db.session.get(StoredFile, found.file_id) if found.file_id else None
    if stored is None:
        raise NotVisible()
    return files.send(stored)


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
