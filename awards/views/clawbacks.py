"""Projects terminated, money demanded back, refunds recorded by finance and returned to the line."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries
from awards.enums import ClawbackState
from awards.forms import ClawbackForm, RefundForm
from awards.models import Award, Clawback, Payee
from awards.operations import clawbacks as operations
from awards.states import CLAWBACK
from awards.views import bp
from awards.views.answers import Listed, list_answer
from core import listing, trail, web
from core.access import allow
from core.clock import beijing_day
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column


def is_late(clawback: Clawback) -> bool:
    return clawback.state == ClawbackState.DEMANDED and clawback.due_on < beijing_day(web.now())


def _filters() -> list[listing.Filter]:
    late = queries.clawback_late(beijing_day(web.now()))
    return [
        listing.Filter(
            "state",
            "状态",
            [(state.value, CLAWBACK.badges[state].label) for state in ClawbackState],
            lambda value: Clawback.state == ClawbackState(value),
        ),
        listing.Filter("late", "逾期", [("1", "逾期未退")], lambda _: late),
    ]


CLAWBACKS = Listed(
    title="追回",
    columns=[
        Column("number", "编号", lambda row: row.number),
        Column("payee", "单位", lambda row: row.award.payee.name, width=36),
        Column("award", "奖励", lambda row: row.award.number),
        Column("amount", "追回金额（元）", lambda row: row.fen, kind="fen"),
        Column("received", "已退回（元）", lambda row: row.received_fen, kind="fen"),
        Column("due_on", "退回期限", lambda row: row.due_on),
        Column("state", "状态", lambda row: CLAWBACK.badge(row).label),
        Column("document_no", "文号", lambda row: row.document_no, width=24),
        Column("reason", "理由", lambda row: row.reason, width=50),
    ],
    sorts={
        "number": Clawback.number,
        "payee": Payee.name,
        "award": Award.number,
        "amount": Clawback.fen,
        "due_on": Clawback.due_on,
        "state": Clawback.state,
        "id": Clawback.id,
    },
    default_sort="-number",
    search=(Clawback.number, Award.number, Payee.name, Clawback.document_no),
    filters=_filters,
    shown=7,
)


@bp.get("/money/clawbacks")
@allow(*queries.READERS)
def clawbacks_list():
    stmt = queries.clawbacks_visible_to(current_user)
    return list_answer(CLAWBACKS, stmt, "awards/clawbacks.html", badge=CLAWBACK.badge, late=is_late)


@bp.post("/awards/items/<number>/terminate")
@allow(Role.OFFICE)
def award_terminate(number: str):
    award = queries.award_by_number(number, current_user)
    reason = request.form.get("reason", "")[:500]
    operations.terminate_award(award, reason=reason, actor=current_user, now=web.now())
    web.flash("项目已终止，在办支付已撤销。", "success")
    return redirect(url_for("awards.award", number=number), 303)


@bp.route("/awards/items/<number>/clawback", methods=["GET", "POST"])
@allow(Role.OFFICE)
def clawback_new(number: str):
    award = queries.award_by_number(number, current_user)
    form = ClawbackForm(amount=operations.paid_fen(award))
    if form.validate_on_submit():
        try:
            made = operations.demand_refund(
                award,
                fen=form.amount.fen,
                due_on=form.due_on.data,
                document_no=form.document_no.data.strip(),
                reason=form.reason.data.strip(),
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"已登记追回 {made.number}。", "success")
            return redirect(url_for("awards.clawback", number=made.number), 303)
    page = render_template(
        "awards/clawback_new.html", award=award, form=form, paid_fen=operations.paid_fen(award)
    )
    return page, 422 if form.is_submitted() else 200


def _page(found: Clawback, *, form=None, refusal=None, status: int = 200):
    page = render_template(
        "awards/clawback.html",
        clawback=found,
        form=form or RefundForm(formdata=None),
        refusal=refusal,
        badge=CLAWBACK.badge(found),
        late=is_late(found),
        may_receive=CLAWBACK.can(found, "settle", current_user),
        may_withdraw=CLAWBACK.can(found, "withdraw", current_user) and not found.refunds,
        people=queries.user_names(found.demanded_by_id, *(row.recorded_by_id for row in found.refunds)),
        events=trail.events_for(found),
    )
    return page, status


@bp.get("/money/clawbacks/<number>")
@allow(*queries.READERS)
def clawback(number: str):
    return _page(queries.clawback_by_number(number, current_user))


@bp.post("/money/clawbacks/<number>/refunds")
@allow(Role.FINANCE)
def clawback_receive(number: str):
    found = queries.clawback_by_number(number, current_user)
    form = RefundForm()
    if form.validate():
        try:
            operations.record_refund(
                found,
                fen=form.amount.fen,
                received_on=form.received_on.data,
                bank_reference=form.bank_reference.data.strip(),
                document_no=form.document_no.data.strip(),
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("退回已登记，资金回到原预算科目。", "success")
            return redirect(url_for("awards.clawback", number=number), 303)
    return _page(found, form=form, status=422)


@bp.post("/money/clawbacks/<number>/withdraw")
@allow(Role.OFFICE)
def clawback_withdraw(number: str):
    found = queries.clawback_by_number(number, current_user)
    reason = request.form.get("reason", "")[:500]
    try:
        operations.withdraw_demand(found, reason=reason, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        return _page(found, refusal=refusal, status=422)
    web.flash("追回已撤销。", "success")
    return redirect(url_for("awards.clawback", number=number), 303)
