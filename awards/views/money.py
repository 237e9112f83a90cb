"""Looking ahead: what is due next, how old what is under way is, commitments by quarter; every figure leads to its rows."""

from flask import render_template, request
from flask_login import current_user

from awards import outlook as ahead
from awards import queries
from awards.states import PAYMENT
from awards.views import bp
from awards.views.payments import age_label
from core import web
from core.access import allow


@bp.get("/money")
@allow(*queries.READERS)
def outlook():
    years = queries.fiscal_years()
    asked = request.args.get("year", "")
    year = next((found for found in years if str(found) == asked), years[0] if years else None)
    return render_template(
        "awards/outlook.html",
        due=ahead.due(web.now()),
        ages=ahead.ages(web.now()),
        columns=[(ahead.age_key(*days), age_label(*days)) for days in ahead.AGES],
        badges_of=PAYMENT.badges,
        years=years,
        year=year,
        quarters=ahead.quarters(year) if year else [],
        may_prepare=current_user.role == "office",
    )
