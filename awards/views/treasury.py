"""Money to go back to the treasury: registered by the office, then paid as everything else is."""

from flask import redirect, render_template, url_for
from flask_login import current_user

from awards import queries
from awards.bank_forms import TreasuryForm
from awards.operations.treasury import return_money
from awards.views import bp
from core import web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput


@bp.route("/money/returns/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def return_new():
    form = TreasuryForm()
    editions, lines, treasuries = queries.editions(), queries.lines(), queries.treasury_payees()
    form.edition.choices = [(found.id, found.name) for found in editions]
    form.line.choices = [(found.id, f"{found.fiscal_year} {found.code} {found.name}") for found in lines]
    form.payee.choices = [(found.id, found.name) for found in treasuries]
    if form.validate_on_submit():
        try:
            made = return_money(
                edition=next(found for found in editions if found.id == form.edition.data),
                line=next(found for found in lines if found.id == form.line.data),
                payee=next(found for found in treasuries if found.id == form.payee.data),
                fen=form.amount.fen or 0,
                reason=form.reason.data.strip(),
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"已登记 {made.number}，可在“准备支付”中申请，审批后送银行。", "success")
            return redirect(url_for("awards.award", number=made.number), 303)
    status = 422 if form.is_submitted() else 200
    return render_template("awards/return_new.html", form=form, treasuries=treasuries), status
