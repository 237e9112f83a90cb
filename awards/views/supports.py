"""Other public support by credit code, and what the rules make of the standing: the allocation shown before it is done."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries
from awards.allocation import Award
from awards.enums import AwardGroup, DoubleSupport, SupportLevel
from awards.forms import ExclusionFileForm, PlanRulesForm, SupportForm, TieForm
from awards.models import OtherSupport, TierPlan
from awards.operations import awards as award_operations
from awards.operations import supports as operations
from awards.rules import may_keep_supports
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer, uploaded_table
from awards.wording import DOUBLE_SUPPORT, SKIPPED, SKIPPED_DETAILS, SUPPORT_LEVELS, choices
from core import listing, web
from core.access import allow
from core.enums import Role
from core.errors import Conflict, InvalidInput
from core.spreadsheets import Column


def _filters() -> list[listing.Filter]:
    return [
        listing.Filter(
            "level", "级别", choices(SUPPORT_LEVELS), lambda value: OtherSupport.level == SupportLevel(value)
        ),
        listing.Filter(
            "standing",
            "状态",
            [("on", "有效"), ("off", "已撤销")],
            lambda value: (
                OtherSupport.withdrawn_at.is_(None)
                if value == "on"
                else OtherSupport.withdrawn_at.is_not(None)
            ),
        ),
    ]


SUPPORTS = Listed(
    title="其他财政支持",
    columns=[
        Column("name", "单位名称", lambda row: row.name, width=36),
        Column("credit_code", "统一社会信用代码", lambda row: row.credit_code, width=22),
        Column("programme", "计划名称", lambda row: row.programme, width=36),
        Column("level", "级别", lambda row: SUPPORT_LEVELS[row.level]),
        Column("year", "年度", lambda row: row.year, kind="number"),
        Column("amount", "金额（元）", lambda row: row.fen, kind="fen"),
        Column("state", "状态", lambda row: "已撤销" if row.withdrawn_at else "有效"),
        Column("source", "来源", lambda row: row.source, width=36),
    ],
    sorts={
        "name": OtherSupport.name,
        "credit_code": OtherSupport.credit_code,
        "programme": OtherSupport.programme,
        "year": OtherSupport.year,
        "amount": OtherSupport.fen,
        "id": OtherSupport.id,
    },
    default_sort="-year",
    search=(OtherSupport.name, OtherSupport.credit_code, OtherSupport.programme),
    filters=_filters,
    shown=7,
)


@bp.get("/awards/supports")
@allow(*queries.READERS)
def supports_list():
    return list_answer(
        SUPPORTS,
        queries.supports_visible_to(current_user),
        "awards/supports.html",
        levels=SUPPORT_LEVELS,
        may_keep=bool(may_keep_supports(current_user)),
    )


@bp.route("/awards/supports/new", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.FINANCE)
def support_new():
    form = SupportForm()
    if form.validate_on_submit():
        try:
            operations.enter_support(
                credit_code=form.credit_code.data,
                name=form.name.data.strip(),
                programme=form.programme.data.strip(),
                level=SupportLevel(form.level.data),
                year=form.year.data,
                fen=form.amount.fen,
                source=form.source.data.strip(),
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            return redirect(url_for("awards.supports_list"), 303)
    return render_template("awards/support_new.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/awards/supports/import", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.FINANCE)
def supports_import():
    form = ExclusionFileForm()
    if form.validate_on_submit():
        try:
            table = uploaded_table(form.file.data)
            entered, known = operations.import_supports(table, actor=current_user, now=web.now())
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"新登记 {entered} 条，已有的 {known} 条未重复登记。", "success")
            return redirect(url_for("awards.supports_list"), 303)
    page = render_template(
        "awards/supports_import.html", form=form, heads=operations.HEADS, levels=SUPPORT_LEVELS
    )
    return page, 422 if form.is_submitted() else 200


@bp.post(f"/awards/supports/<int(max={MAX_ID}):support_id>/withdraw")
@allow(Role.OFFICE, Role.FINANCE)
def support_withdraw(support_id: int):
    found = queries.support_by_id(support_id, current_user)
    reason = request.form.get("reason", "")[:500]
    operations.withdraw_support(found, reason=reason, actor=current_user, now=web.now())
    web.flash("已撤销，不再计入。", "success")
    return redirect(url_for("awards.supports_list"), 303)


@bp.route(f"/awards/plans/<int(max={MAX_ID}):plan_id>/rules", methods=["GET", "POST"])
@allow(Role.OFFICE)
def plan_rules(plan_id: int):
    plan = queries.plan_by_id(plan_id, current_user)
    form = PlanRulesForm(obj=plan, data={"double_support": plan.double_support.value})
    if form.validate_on_submit():
        operations.set_rules(
            plan,
            double_support=DoubleSupport(form.double_support.data),
            support_years=form.support_years.data,
            actor=current_user,
            now=web.now(),
        )
        web.flash("分配规则已保存。", "success")
        return redirect(url_for("awards.plan", plan_id=plan.id), 303)
    return render_template(
        "awards/plan_rules.html", plan=plan, form=form
    ), 422 if form.is_submitted() else 200


def _group_order(given: Award) -> int:
    return list(AwardGroup).index(AwardGroup(given.group))


def _preview(plan: TierPlan, form: TieForm, status: int = 200):
    try:
        outcome, refusal = award_operations.preview_allocation(plan), None
    except Conflict as fault:
        outcome, refusal = None, fault
    page = render_template(
        "awards/plan_allocation.html",
        plan=plan,
        form=form,
        outcome=outcome,
        granted=sorted(outcome.awards, key=_group_order) if outcome else [],
        refusal=refusal,
        entries=queries.entries_of_edition(plan.edition),
        tiers={(tier.group.value, tier.code): tier for tier in plan.tiers},
        double_support=DOUBLE_SUPPORT,
        reasons=SKIPPED,
        details=SKIPPED_DETAILS,
        typed=request.form,
    )
    return page, status


@bp.get(f"/awards/plans/<int(max={MAX_ID}):plan_id>/allocation")
@allow(*queries.READERS)
def plan_allocation(plan_id: int):
    """Who would receive what, who is passed over and why, which ties wait."""
    return _preview(queries.plan_by_id(plan_id, current_user), TieForm(formdata=None))


@bp.post(f"/awards/plans/<int(max={MAX_ID}):plan_id>/ties")
@allow(Role.OFFICE)
def plan_decide_tie(plan_id: int):
    plan = queries.plan_by_id(plan_id, current_user)
    form = TieForm()
    if form.validate():
        try:
            operations.decide_tie(
                plan,
                order=_order(),
                minutes=form.minutes.data.strip(),
                decided_on=form.decided_on.data,
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("并列的先后已登记。", "success")
            return redirect(url_for("awards.plan_allocation", plan_id=plan.id), 303)
    return _preview(plan, form, 422)


def _order() -> list[int]:
    """Entry ids by the places typed, `order.<entry id>`; empty when a place is no number or used twice."""
    places = {
        name.removeprefix("order."): value.strip()
        for name, value in request.form.items()
        if name.startswith("order.")
    }
    texts = [*places, *places.values()]
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in texts):
        return []
    if len(set(places.values())) < len(places):
        return []
    return [int(entry) for entry, _ in sorted(places.items(), key=lambda item: int(item[1]))]
