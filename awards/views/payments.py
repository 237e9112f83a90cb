"""Payments: prepared in bulk from confirmed awards, then signed step by step by different people."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import and_

from awards import money_queries, outlook, queries
from awards.bank_forms import MinutesForm
from awards.enums import Channel, PaymentState
from awards.forms import PreparePaymentForm
from awards.models import Award, Instalment, Payee, Payment
from awards.operations import approvals
from awards.operations import payments as operations
from awards.rules import (
    awaited,
    chain_of,
    may_attach_minutes,
    minutes_are_there,
    money_may_move,
    payee_is_clear,
    steps_of,
)
from awards.states import PAYMENT
from awards.views import bp
from awards.views.answers import Listed, list_answer, ticked
from awards.wording import AWARD_KINDS, CHANNELS, CONDITIONS, DECISIONS, STEP_ROLES, choices
from core import files, listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.rules import Verdict, all_of
from core.spreadsheets import Column


def _filters() -> list[listing.Filter]:
    states = [(state.value, PAYMENT.badges[state].label) for state in PaymentState]
    return [
        listing.Filter("state", "状态", states, lambda value: Payment.state == PaymentState(value)),
        listing.Filter(
            "year",
            "预算年度",
            [(str(year), f"{year} 年") for year in queries.fiscal_years()],
            lambda value: Award.fiscal_year == int(value),
        ),
        listing.Filter(
            "carried",
            "新上或结转",
            [("0", "新上"), ("1", "结转")],
            lambda value: Award.item_carried.is_(value == "1"),
        ),
        listing.Filter(
            "age",
            "在办天数",
            [(outlook.age_key(*days), age_label(*days)) for days in outlook.AGES],
            _within_age,
        ),
        listing.Filter(
            "quarter",
            "支付季度",
            [
                (f"{year}-{number}", f"{year} 年 {number} 季度")
                for year in queries.fiscal_years()
                for number in range(1, 5)
            ],
            lambda value: and_(*outlook.paid_within(value)),
        ),
        listing.Filter("kind", "类别", choices(AWARD_KINDS), lambda value: Award.kind == value),
        listing.Filter(
            "channel", "支付方式", choices(CHANNELS), lambda value: Payment.channel == Channel(value)
        ),
    ]


def age_label(first: int, last: int | None) -> str:
    return f"{first} 至 {last} 天" if last else f"{first} 天以上"


def _within_age(value: str):
    days = next(days for days in outlook.AGES if outlook.age_key(*days) == value)
    return and_(*outlook.prepared_within(*days, web.now()))


PAYMENTS = Listed(
    title="支付",
    columns=[
        Column("number", "支付编号", lambda payment: payment.number),
        Column("payee", "收款单位", lambda payment: payment.payee.name, width=36),
        Column("award", "奖励", lambda payment: payment.instalment.award.number),
        Column("amount", "金额（元）", lambda payment: payment.fen, kind="fen"),
        Column("document_no", "拨款文件", lambda payment: payment.document_no, width=24),
        Column("state", "状态", lambda payment: PAYMENT.badge(payment).label),
        Column("turn", "下一环节", lambda payment: STEP_ROLES.get(awaited(payment), "")),
        Column("purpose", "用途", lambda payment: payment.purpose, width=40),
        Column("channel", "支付方式", lambda payment: CHANNELS[payment.channel]),
        Column("batch", "批次", lambda payment: payment.batch.number if payment.batch else ""),
        Column("attempt", "次数", lambda payment: payment.attempt, kind="number"),
        Column("paid_at", "支付时间", lambda payment: payment.paid_at, kind="time"),
        Column("bank_reference", "回单号", lambda payment: payment.bank_reference),
    ],
    sorts={
        "number": Payment.number,
        "payee": Payee.name,
        "award": Award.number,
        "amount": Payment.fen,
        "document_no": Payment.document_no,
        "state": Payment.state,
        "id": Payment.id,
    },
    default_sort="-number",
    search=(Payment.number, Payee.name, Payment.document_no, Award.number),
    filters=_filters,
    shown=6,
)


@bp.get("/money/payments")
@allow(*queries.READERS)
def payments_list():
    stmt = queries.payment_rows(current_user)
    return list_answer(
        PAYMENTS, stmt, "awards/payments.html", badge=PAYMENT.badge, turn=awaited, step_roles=STEP_ROLES
    )


def may_be_paid(part: Instalment) -> Verdict:
    return all_of(money_may_move(part, web.now()), payee_is_clear(part.award.payee, web.now()))


DUE = Listed(
    title="待支付分期",
    columns=[
        Column("award", "奖励", lambda part: part.award.number),
        Column("payee", "收款单位", lambda part: part.award.payee.name, width=36),
        Column("part", "分期", lambda part: part.seq, kind="number"),
        Column("amount", "金额（元）", lambda part: part.fen, kind="fen"),
        Column("blocked", "条件", lambda part: may_be_paid(part).reason or "具备支付条件", width=40),
    ],
    sorts={"award": Award.number, "payee": Payee.name, "amount": Instalment.fen, "id": Instalment.id},
    default_sort="award",
    search=(Award.number, Payee.name),
)


@bp.get("/money/payments/prepare")
@allow(Role.OFFICE)
def payments_due():
    return _due_page(PreparePaymentForm())


def _due_page(form: PreparePaymentForm, picked: frozenset[int] | None = None):
    return list_answer(
        DUE,
        queries.instalments_due(),
        "awards/payments_due.html",
        form=form,
        picked=picked,
        verdict=may_be_paid,
        conditions=CONDITIONS,
    )


@bp.post("/money/payments/prepare")
@allow(Role.OFFICE)
def payments_prepare():
    form = PreparePaymentForm()
    picked = ticked()
    parts = list(db.session.scalars(queries.instalments_due().where(Instalment.id.in_(picked))))
    if form.validate_on_submit():
        try:
            made = _prepare(parts, form, submit=request.form.get("then") == "submit")
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"已生成 {made} 笔支付申请。", "success")
            return redirect(url_for("awards.payments_list"), 303)
    return _due_page(form, frozenset(picked)), 422


def _prepare(parts: list[Instalment], form: PreparePaymentForm, *, submit: bool) -> int:
    if not parts:
        raise InvalidInput("请选择要支付的分期。")
    shared = {"actor": current_user, "now": web.now()}
    for part in parts:
        award = part.award
        payment = operations.prepare_payment(
            part,
            purpose=(form.purpose.data or "").strip() or f"{award.edition.name}{award.tier_name}"[:200],
            document_no=form.document_no.data,
            channel=Channel(form.channel.data),
            **shared,
        )
        if submit:
            operations.submit_payment(payment, **shared)
    return len(parts)


ENDED_UNPAID = (PaymentState.BOUNCED, PaymentState.CANCELLED)
AT_BANK = (PaymentState.APPROVED, PaymentState.EXPORTED, PaymentState.PAID)


def marks_of(payment: Payment) -> list[dict]:
    """The payment's own chain as marks: done before the current one, nothing current once paid or cancelled."""
    steps = steps_of(payment)
    labels = ["经办提交", *(STEP_ROLES[step] for step in steps), "送银行", "回单"]
    turn = awaited(payment)
    here = 0 if payment.state in ENDED_UNPAID else 1 + steps.index(turn) if turn else 0
    if payment.state in AT_BANK:
        here = 1 + len(steps) + AT_BANK.index(payment.state)
    marks = []
    for index, label in enumerate(labels):
        state = "done" if index < here else "current" if index == here else "todo"
        if state == "current" and payment.state in ENDED_UNPAID:
            state = "failed"
        marks.append({"label": label, "state": state})
    return marks


def _page(payment: Payment, *, refusal: InvalidInput | None = None, status: int = 200, minutes_form=None):
    names = {
        "submit",
        "review",
        "approve_division",
        "approve_finance",
        "approve_leader",
        "repay",
        "reject",
        "cancel",
        "confirm",
        "bounce",
    }
    waits = set() if minutes_are_there(payment) else {f"approve_{steps_of(payment)[-1]}"}
    page = render_template(
        "awards/payment.html",
        payment=payment,
        award=payment.instalment.award,
        refusal=refusal,
        badge=PAYMENT.badge(payment),
        acts=[act for act in PAYMENT.available(payment, current_user) if act.name in names - waits],
        marks=marks_of(payment),
        chain=chain_of(payment),
        told=money_queries.answer_for(payment),
        minutes_form=minutes_form or MinutesForm(formdata=None),
        may_attach=bool(may_attach_minutes(current_user, payment)),
        verdict=money_may_move(payment.instalment, web.now())
        if payment.paid_at
        else may_be_paid(payment.instalment),
        channels=CHANNELS,
        step_roles=STEP_ROLES,
        decisions=DECISIONS,
        intact=_intact(payment),
        people=queries.user_names(payment.preparer_id),
        events=trail.events_for(payment),
    )
    return page, status


def _intact(payment: Payment) -> bool:
    """Whether the content is still what the valid signatures were put under."""
    digest = operations.content_hash(payment)
    return all(step.content_hash == digest for step in payment.steps if not step.voided)


@bp.get("/money/payments/<number>")
@allow(*queries.READERS)
def payment(number: str):
    return _page(queries.payment_by_number(number, current_user))


@bp.get("/money/payments/<number>/print")
@allow(*queries.READERS)
def payment_print(number: str):
    found = queries.payment_by_number(number, current_user)
    return render_template(
        "awards/payment_print.html",
        payment=found,
        award=found.instalment.award,
        channels=CHANNELS,
        step_roles=STEP_ROLES,
    )


PLAIN_ACTS = {
    "submit": operations.submit_payment,
    "review": operations.review_payment,
    "approve_division": operations.approve_division,
    "approve_finance": operations.approve_finance,
    "approve_leader": operations.approve_leader,
    "repay": operations.repay,
}
REASONED_ACTS = {
    "reject": operations.reject_payment,
    "cancel": operations.cancel_payment,
    "bounce": operations.bounce_payment,
}


@bp.post(
    "/money/payments/<number>/"
    "<any(submit,review,approve_division,approve_finance,approve_leader,repay,reject,cancel,bounce,confirm):act>"
)
@allow(Role.OFFICE, Role.FINANCE, Role.LEADER)
def payment_act(number: str, act: str):
    found = queries.payment_by_number(number, current_user)
    shared = {"actor": current_user, "now": web.now()}
    try:
        if act in PLAIN_ACTS:
            PLAIN_ACTS[act](found, **shared)
        elif act in REASONED_ACTS:
            REASONED_ACTS[act](found, reason=request.form.get("reason", "")[:500], **shared)
        else:
            reference = request.form.get("reason", "")[:80]
            operations.confirm_paid(found, bank_reference=reference, **shared)
    except InvalidInput as refusal:
        return _page(found, refusal=refusal, status=422)
    web.flash(f"{PAYMENT.transitions[act].label}：已办理。", "success")
    return redirect(url_for("awards.payment", number=found.number), 303)


@bp.post("/money/payments/<number>/minutes")
@allow(Role.OFFICE, Role.FINANCE)
def payment_minutes(number: str):
    found, form = queries.payment_by_number(number, current_user), MinutesForm()
    may_attach_minutes(current_user, found).or_raise()
    upload, shared = request.files.get(form.minutes_file.name), {"actor": current_user, "now": web.now()}
    try:
        if not form.validate_on_submit() or upload is None or not upload.filename:
            raise InvalidInput("请填写会议纪要文号并选择文件。")
        kept = files.store_upload(upload, **shared)
        approvals.attach_minutes(found, file=kept, number=form.minutes_no.data, **shared)
    except InvalidInput as refusal:
        return _page(found, refusal=refusal, status=422, minutes_form=form)
    web.flash("会议纪要已上传。", "success")
    return redirect(url_for("awards.payment", number=found.number), 303)


@bp.get("/money/payments/<number>/minutes/file")
@allow(*queries.READERS)
def payment_minutes_file(number: str):
    chain = chain_of(queries.payment_by_number(number, current_user))
    if chain is None or chain.minutes_file is None:
        raise NotVisible()
    return files.send(chain.minutes_file)
