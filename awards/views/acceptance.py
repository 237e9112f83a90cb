"""Acceptance reviews: applied for, decided by a panel or sent back for rectification."""

import re

from flask import redirect, render_template, url_for
from flask_login import current_user

from awards import queries
from awards.enums import AcceptanceState
from awards.forms import AcceptanceDecisionForm, AcceptanceForm
from awards.models import Acceptance, Award, Payee
from awards.operations import acceptance as operations
from awards.states import ACCEPTANCE
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer
from awards.wording import ACCEPTANCE_STATES, choices
from core import listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column

ACCEPTANCES = Listed(
    title="验收",
    columns=[
        Column("award", "奖励编号", lambda found: found.award.number),
        Column("payee", "承担单位", lambda found: found.award.payee.name, width=36),
        Column("edition", "届次", lambda found: found.award.edition.name, width=30),
        Column("applied_at", "申请时间", lambda found: found.applied_at, kind="time"),
        Column("rectify_by", "整改期限", lambda found: found.rectify_by),
        Column("state", "状态", lambda found: ACCEPTANCE_STATES[found.state]),
        Column("opinion", "意见", lambda found: found.opinion, width=50),
    ],
    sorts={
        "award": Award.number,
        "payee": Payee.name,
        "applied_at": Acceptance.applied_at,
        "rectify_by": Acceptance.rectify_by,
        "state": Acceptance.state,
        "id": Acceptance.id,
    },
    default_sort="-applied_at",
    search=(Award.number, Payee.name),
    filters=lambda: [
        listing.Filter(
            "state",
            "状态",
            choices(ACCEPTANCE_STATES),
            lambda value: Acceptance.state == AcceptanceState(value),
        )
    ],
    shown=6,
)


@bp.get("/awards/acceptance")
@allow(*queries.READERS)
def acceptances_list():
    stmt = queries.acceptances_visible_to(current_user)
    return list_answer(
        ACCEPTANCES, stmt, "awards/acceptances.html", badge=ACCEPTANCE.badge, overdue=queries.overdue
    )


@bp.route("/awards/items/<number>/acceptance", methods=["GET", "POST"])
@allow(Role.OFFICE)
def acceptance_apply(number: str):
    award = queries.award_by_number(number, current_user)
    form = AcceptanceForm()
    if form.validate_on_submit():
        try:
            made = operations.apply_acceptance(award, targets=form.rows(), actor=current_user, now=web.now())
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("验收申请已登记。", "success")
            return redirect(url_for("awards.acceptance", acceptance_id=made.id), 303)
    return render_template(
        "awards/acceptance_apply.html", award=award, form=form
    ), 422 if form.is_submitted() else 200


def _page(found: Acceptance, form: AcceptanceDecisionForm, status: int = 200):
    page = render_template(
        "awards/acceptance.html",
        acceptance=found,
        form=form,
        badge=ACCEPTANCE.badge(found),
        acts={transition.name for transition in ACCEPTANCE.available(found, current_user)},
        events=trail.events_for(found, found.award),
    )
    return page, status


@bp.get(f"/awards/acceptance/<int(max={MAX_ID}):acceptance_id>")
@allow(*queries.READERS)
def acceptance(acceptance_id: int):
    return _page(queries.acceptance_by_id(acceptance_id, current_user), AcceptanceDecisionForm())


@bp.post(f"/awards/acceptance/<int(max={MAX_ID}):acceptance_id>/decide")
@allow(Role.OFFICE)
def acceptance_decide(acceptance_id: int):
    found = queries.acceptance_by_id(acceptance_id, current_user)
    form = AcceptanceDecisionForm()
    if not form.validate_on_submit():
        return _page(found, form, 422)
    try:
        _decide(found, form)
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(found, form, 422)
    web.flash("验收结论已登记。", "success")
    return redirect(url_for("awards.acceptance", acceptance_id=found.id), 303)


def _decide(found: Acceptance, form: AcceptanceDecisionForm) -> None:
    opinion, shared = form.opinion.data.strip(), {"actor": current_user, "now": web.now()}
    if form.decision.data == "rectify":
        if form.until.data is None:
            raise InvalidInput("请填写整改期限。", field="until")
        operations.order_rectification(found, until=form.until.data, opinion=opinion, **shared)
        return
    panel = [name for name in re.split(r"[、，,\s]+", form.panel.data or "") if name]
    operations.decide_acceptance(
        found, passed=form.decision.data == "pass", opinion=opinion, panel=panel, **shared
    )
