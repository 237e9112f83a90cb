"""The award plan: tiers, balance against the budget line, publication."""

from datetime import datetime

from sqlalchemy import func, select

from awards.enums import AwardGroup, AwardKind, InstalmentCondition
from awards.models import Tier, TierPlan
from awards.rules import may_run_awards
from awards.states import PLAN
from competition.models import Edition
from core import audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.money import wan
from core.rules import Actor
from fund import queries as fund_queries
from fund.models import BudgetLine


def create_plan(
    edition: Edition, *, line: BudgetLine, name: str, note: str = "", actor: Actor, now: datetime
) -> TierPlan:
    may_run_awards(actor).or_raise()
    plan = TierPlan(edition=edition, line=line, name=name, note=note, created_at=now)
    db.session.add(plan)
    flush()
    audit.record("tier_plan.create", plan, actor=actor, now=now, after={"name": name, "line": line.code})
    return plan


TAILS = (
    InstalmentCondition.ACCEPTANCE_PASSED,
    InstalmentCondition.MONTHS_PASSED,
    InstalmentCondition.CHECK_PASSED,
)
MOST_MONTHS = 120


def _need_terms(places, amount_fen, first_bp, tail_condition, tail_months) -> None:
    if places < 0 or amount_fen <= 0 or not 0 <= first_bp <= 10_000:
        raise InvalidInput("名额不能为负，金额应大于零，首款比例应在 0 到 100% 之间。", code="bad_tier")
    counted = tail_condition == InstalmentCondition.MONTHS_PASSED
    if tail_condition not in TAILS or not int(counted) <= tail_months <= MOST_MONTHS:
        raise InvalidInput("尾款条件为满规定月数时，请填写 1 到 120 个月。", field="tail_months")


def add_tier(
    plan: TierPlan,
    *,
    group: AwardGroup,
    kind: AwardKind,
    code: str,
    name: str,
    places: int,
    amount_fen: int,
    first_bp: int = 10_000,
    needs_contract: bool = False,
    tail_condition: InstalmentCondition = InstalmentCondition.ACCEPTANCE_PASSED,
    tail_months: int = 0,
    actor: Actor,
    now: datetime,
) -> Tier:
    may_run_awards(actor).or_raise()
    need_draft(plan)
    _need_terms(places, amount_fen, first_bp, tail_condition, tail_months)
    tier = Tier(
        plan=plan,
        group=group,
        kind=kind,
        code=code,
        name=name,
        position=len(plan.tiers) + 1,
        places=places,
        amount_fen=amount_fen,
        first_bp=first_bp,
        needs_contract=needs_contract,
        tail_condition=tail_condition,
        tail_months=tail_months,
    )
    db.session.add(tier)
    flush()
    audit.record(
        "tier.add",
        tier,
        actor=actor,
        now=now,
        after={"name": name, "places": places, "amount_fen": amount_fen},
    )
    return tier


def change_tier(
    tier: Tier,
    *,
    places: int,
    amount_fen: int,
    first_bp: int,
    needs_contract: bool = False,
    tail_condition: InstalmentCondition = InstalmentCondition.ACCEPTANCE_PASSED,
    tail_months: int = 0,
    actor: Actor,
    now: datetime,
) -> Tier:
    may_run_awards(actor).or_raise()
    need_draft(tier.plan)
    terms = ("places", "amount_fen", "first_bp", "needs_contract", "tail_condition", "tail_months")
    before = {name: getattr(tier, name) for name in terms}
    _need_terms(places, amount_fen, first_bp, tail_condition, tail_months)
    tier.places, tier.amount_fen, tier.first_bp = places, amount_fen, first_bp
    tier.needs_contract, tier.tail_condition, tier.tail_months = needs_contract, tail_condition, tail_months
    flush()
    audit.record(
        "tier.change",
        tier,
        actor=actor,
        now=now,
        before=before,
        after={name: getattr(tier, name) for name in terms},
    )
    return tier


def copy_plan(plan: TierPlan, *, actor: Actor, now: datetime) -> TierPlan:
    """A draft with the same tiers, to try other numbers beside the first."""
    of_edition = db.session.scalar(
        select(func.count()).select_from(TierPlan).where(TierPlan.edition_id == plan.edition_id)
    )
    name = f"{plan.name[:68]}（副本{of_edition}）"
    copied = create_plan(plan.edition, line=plan.line, name=name, note=plan.note, actor=actor, now=now)
    copied.double_support, copied.support_years = plan.double_support, plan.support_years
    for tier in plan.tiers:
        add_tier(
            copied,
            group=tier.group,
            kind=tier.kind,
            code=tier.code,
            name=tier.name,
            places=tier.places,
            amount_fen=tier.amount_fen,
            first_bp=tier.first_bp,
            needs_contract=tier.needs_contract,
            tail_condition=tier.tail_condition,
            tail_months=tier.tail_months,
            actor=actor,
            now=now,
        )
    audit.record("tier_plan.copy", copied, actor=actor, now=now, after={"from": plan.name})
    return copied


def need_draft(plan: TierPlan) -> None:
    if plan.state != "draft":
        raise Conflict("奖项设置已公布，不能再修改；请另建方案。", code="plan_published")


def plan_total(plan: TierPlan) -> int:
    """分 the plan would spend."""
    return sum(tier.places * tier.amount_fen for tier in plan.tiers)


def plan_left(plan: TierPlan) -> int:
    """分 the line would still have; negative when the plan exceeds it."""
    return fund_queries.line_totals(plan.line).available_fen - plan_total(plan)


def publish_plan(plan: TierPlan, *, actor: Actor, now: datetime) -> TierPlan:
    """Refused while places × amounts exceed what the line has free."""
    left = plan_left(plan)
    if left < 0:
        raise InvalidInput(
            f"奖项合计超出预算科目可用额度 {wan(-left)} 万元，不能公布。", code="plan_over_line"
        )
    if not plan.tiers:
        raise InvalidInput("请先设置奖项。", code="plan_empty")
    PLAN.fire(plan, "publish", actor=actor, now=now, set={"published_at": now})
    return plan
