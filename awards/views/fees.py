"""Expert fees: a list typed, computed with its tax, granted to the unit that pays it out, printed for the tax office."""

from flask import redirect, render_template, url_for
from flask_login import current_user

from awards import money_queries, queries
from awards.bank_forms import FeeListForm
from awards.fees import outside_standard
from awards.models import FeeList
from awards.operations import fees as operations
from awards.states import AWARD, PAYMENT
from awards.views import bp
from awards.views.answers import Listed, list_answer
from core import trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column

FEES = Listed(
    title="专家费",
    columns=[
        Column("number", "编号", lambda found: found.number),
        Column("title", "事由", lambda found: found.title, width=40),
        Column("direct", "方式", lambda found: "付到本人" if found.direct else "代发"),
        Column(
            "payee", "代发或代缴单位", lambda found: found.award.payee.name if found.award else "", width=30
        ),
        Column("experts", "人数", lambda found: len(found.lines), kind="number"),
        Column("net", "税后（元）", lambda found: found.net_fen, kind="fen"),
        Column("tax", "代扣税（元）", lambda found: found.tax_fen, kind="fen"),
        Column("gross", "应付（元）", lambda found: found.gross_fen, kind="fen"),
    ],
    sorts={
        "number": FeeList.number,
        "title": FeeList.title,
        "net": FeeList.net_fen,
        "tax": FeeList.tax_fen,
        "id": FeeList.id,
    },
    default_sort="-number",
    search=(FeeList.number, FeeList.title),
)


@bp.get("/money/fees")
@allow(*queries.READERS)
def fees_list():
    return list_answer(FEES, money_queries.fee_lists_visible_to(current_user), "awards/fees.html")


@bp.route("/money/fees/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def fee_new():
    form = FeeListForm()
    editions, lines, units = queries.editions(), queries.lines(), queries.unit_payees()
    form.edition.choices = [(found.id, found.name) for found in editions]
    form.line.choices = [(found.id, f"{found.code} {found.name}") for found in lines]
    form.payee.choices = [(found.id, found.name) for found in units]
    if form.validate_on_submit():
        chosen = {
            name: next(found for found in offered if found.id == field.data)
            for name, offered, field in (
                ("edition", editions, form.edition),
                ("line", lines, form.line),
                ("payee", units, form.payee),
            )
        }
        try:
            table = form.table()
            made = operations.make_fee_list(
                **chosen,
                title=form.title.data.strip(),
                fees=form.fees(table),
                table=table,
                direct=form.direct.data,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"专家费清单 {made.number} 已编制，可在“准备支付”中申请支付。", "success")
            return redirect(url_for("awards.fee_list", number=made.number), 303)
    return render_template("awards/fee_new.html", form=form), 422 if form.is_submitted() else 200


def _shown(number: str, template: str):
    found = money_queries.fee_list_by_number(number, current_user)
    return render_template(
        template,
        fee_list=found,
        fees=operations.fees_of(found),
        outside=outside_standard,
        badges_of=AWARD.badge,
        paid=money_queries.payments_of_list(found),
        payment_badge=PAYMENT.badge,
        events=trail.events_for(found),
    )


@bp.get("/money/fees/<number>")
@allow(*queries.READERS)
def fee_list(number: str):
    return _shown(number, "awards/fee.html")


@bp.get("/money/fees/<number>/print")
@allow(*queries.READERS)
def fee_print(number: str):
    return _shown(number, "awards/fee_print.html")
