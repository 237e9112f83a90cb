"""Award plans: tiers, their balance against the budget line, publication, allocation, grants to units."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries
from awards.enums import AwardGroup, AwardKind, InstalmentCondition
from awards.forms import GrantForm, PlanForm, TierChangeForm, TierForm
from awards.models import TierPlan
from awards.operations import awards as award_operations
from awards.operations import plans as operations
from awards.states import PLAN
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer
from awards.wording import CONDITIONS
from competition.models import Edition
from core import trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput
from core.money import wan
from core.spreadsheets import Column
from fund.models import BudgetLine
from fund.queries import line_totals

PLANS = Listed(
    title="奖项设置",
    columns=[
        Column("name", "方案", lambda plan: plan.name, width=36),
        Column("edition", "届次", lambda plan: plan.edition.name, width=30),
        Column("line", "预算科目", lambda plan: plan.line.name, width=30),
        Column("total", "合计", operations.plan_total, kind="fen"),
        Column("state", "状态", lambda plan: PLAN.badge(plan).label),
    ],
    sorts={"name": TierPlan.name, "created_at": TierPlan.created_at, "id": TierPlan.id},
    default_sort="-created_at",
    search=(TierPlan.name,),
)


@bp.get("/awards/plans")
@allow(*queries.READERS)
def plans_list():
    stmt = queries.plans_visible_to(current_user)
    return list_answer(PLANS, stmt, "awards/plans.html", badge=PLAN.badge, total=operations.plan_total)


@bp.route("/awards/plans/new", methods=["GET", "POST"])
@allow(Role.OFFICE)
def plan_new():
    form = PlanForm()
    form.edition.choices = [(edition.id, edition.name) for edition in queries.editions()]
    form.line.choices = [(line.id, f"{line.fiscal_year} {line.code} {line.name}") for line in queries.lines()]
    if form.validate_on_submit():
        try:
            plan = operations.create_plan(
                db.session.get(Edition, form.edition.data),
                line=db.session.get(BudgetLine, form.line.data),
                name=form.name.data.strip(),
                note=form.note.data or "",
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("方案已建立，请逐项增加奖项。", "success")
            return redirect(url_for("awards.plan", plan_id=plan.id), 303)
    return render_template("awards/plan_new.html", form=form), 422 if form.is_submitted() else 200


def _plan_page(plan: TierPlan, form: TierForm, *, refusal: InvalidInput | None = None, status: int = 200):
    given = queries.given_by_tier(plan)
    page = render_template(
        "awards/plan.html",
        plan=plan,
        form=form,
        refusal=refusal,
        badge=PLAN.badge(plan),
        acts={transition.name for transition in PLAN.available(plan, current_user)},
        draft=plan.state == "draft",
        total=operations.plan_total(plan),
        left=operations.plan_left(plan),
        totals=line_totals(plan.line),
        given=given,
        conditions=CONDITIONS,
        allocated=any(given.get(tier.id) for tier in plan.tiers if tier.kind == AwardKind.PRIZE),
        events=trail.events_for(plan, *plan.tiers),
    )
    return page, status


@bp.get(f"/awards/plans/<int(max={MAX_ID}):plan_id>")
@allow(*queries.READERS)
def plan(plan_id: int):
    return _plan_page(queries.plan_by_id(plan_id, current_user), TierForm())


@bp.post(f"/awards/plans/<int(max={MAX_ID}):plan_id>/copy")
@allow(Role.OFFICE)
def plan_copy(plan_id: int):
    plan = queries.plan_by_id(plan_id, current_user)
    copied = operations.copy_plan(plan, actor=current_user, now=web.now())
    web.flash("已复制为草稿，可修改名额与金额后比较。", "success")
    return redirect(url_for("awards.plan", plan_id=copied.id), 303)


@bp.get(f"/awards/plans/<int(max={MAX_ID}):plan_id>/compare")
@allow(*queries.READERS)
def plan_compare(plan_id: int):
    """Every plan of the edition in a column of its own, a tier to a row."""
    plan = queries.plan_by_id(plan_id, current_user)
    plans = queries.plans_beside(plan, current_user)
    rows: dict[tuple, dict] = {}
    for column in plans:
        for tier in column.tiers:
            rows.setdefault((tier.group, tier.name), {})[column.id] = tier
    return render_template(
        "awards/plan_compare.html",
        plan=plan,
        plans=plans,
        rows=rows,
        badge=PLAN.badge,
        total=operations.plan_total,
        available={column.line_id: line_totals(column.line).available_fen for column in plans},
    )


@bp.post(f"/awards/plans/<int(max={MAX_ID}):plan_id>/tiers")
@allow(Role.OFFICE)
def tier_add(plan_id: int):
    plan = queries.plan_by_id(plan_id, current_user)
    form = TierForm()
    if form.validate_on_submit():
        try:
            operations.add_tier(
                plan,
                group=AwardGroup(form.group.data),
                kind=AwardKind(form.kind.data),
                code=form.code.data.strip(),
                name=form.name.data.strip(),
                places=form.places.data,
                amount_fen=form.amount.fen,
                first_bp=form.first_percent.data * 100,
                needs_contract=form.needs_contract.data,
                tail_condition=InstalmentCondition(form.tail_condition.data),
                tail_months=form.tail_months.data or 0,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            return redirect(url_for("awards.plan", plan_id=plan.id), 303)
    return _plan_page(plan, form, status=422)


@bp.route(f"/awards/tiers/<int(max={MAX_ID}):tier_id>", methods=["GET", "POST"])
@allow(Role.OFFICE)
def tier_edit(tier_id: int):
    tier = queries.tier_by_id(tier_id, current_user)
    form = TierChangeForm(
        data={
            "places": tier.places,
            "amount": tier.amount_fen,
            "first_percent": tier.first_bp // 100,
            "needs_contract": tier.needs_contract,
            "tail_condition": tier.tail_condition.value,
            "tail_months": tier.tail_months,
        }
    )
    if form.validate_on_submit():
        try:
            operations.change_tier(
                tier,
                places=form.places.data,
                amount_fen=form.amount.fen,
                first_bp=form.first_percent.data * 100,
                needs_contract=form.needs_contract.data,
                tail_condition=InstalmentCondition(form.tail_condition.data),
                tail_months=form.tail_months.data or 0,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("奖项已修改。", "success")
            return redirect(url_for("awards.plan", plan_id=tier.plan_id), 303)
    return render_template("awards/tier_edit.html", tier=tier, form=form), 422 if form.is_submitted() else 200


@bp.post(f"/awards/plans/<int(max={MAX_ID}):plan_id>/publish")
@allow(Role.OFFICE)
def plan_publish(plan_id: int):
    plan = queries.plan_by_id(plan_id, current_user)
    try:
        operations.publish_plan(plan, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        return _plan_page(plan, TierForm(formdata=None), refusal=refusal, status=422)
    web.flash("奖项设置已公布，不能再修改。", "success")
    return redirect(url_for("awards.plan", plan_id=plan.id), 303)


@bp.post(f"/awards/plans/<int(max={MAX_ID}):plan_id>/allocate")
@allow(Role.OFFICE)
def plan_allocate(plan_id: int):
    plan = queries.plan_by_id(plan_id, current_user)
    made = award_operations.allocate_prizes(plan, actor=current_user, now=web.now())
    web.flash(f"已按名次生成 {len(made)} 项拟奖励，请核对后拟稿公示。", "success")
    return redirect(url_for("awards.awards_list", edition=plan.edition_id, state="proposed"), 303)


@bp.route(f"/awards/plans/<int(max={MAX_ID}):plan_id>/grant", methods=["GET", "POST"])
@allow(Role.OFFICE)
def plan_grant(plan_id: int):
    plan = queries.plan_by_id(plan_id, current_user)
    given = queries.given_by_tier(plan)
    units = {tier.id: tier for tier in plan.tiers if tier.group == AwardGroup.UNIT}
    payees = {payee.id: payee for payee in queries.unit_payees()}
    form = GrantForm(payee=request.args.get("payee", type=int))
    form.tier.choices = [
        (tier.id, f"{tier.name}（{wan(tier.amount_fen)}万元，余 {tier.places - given.get(tier.id, 0)}）")
        for tier in units.values()
    ]
    form.payee.choices = [(payee.id, payee.name) for payee in payees.values()]
    if form.validate_on_submit():
        try:
            award = award_operations.grant_unit(
                plan,
                tier=units[form.tier.data],
                payee=payees[form.payee.data],
                fen=form.amount.fen,
                note=form.note.data or "",
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"已登记 {award.number}。", "success")
            return redirect(url_for("awards.award", number=award.number), 303)
    return render_template(
        "awards/plan_grant.html", plan=plan, form=form
    ), 422 if form.is_submitted() else 200
