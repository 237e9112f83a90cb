"""What the rules of an edition and its plan add to the standing: repeat winners, other public support, decided ties.

Everything is keyed on the credit code, over levels, programmes and years; the arithmetic stays in `awards.allocation`.
"""

from dataclasses import replace

from sqlalchemy import select

from awards.allocation import Options, RankedEntry
from awards.enums import AwardKind, AwardState, DoubleSupport
from awards.models import Award, EdgeDecision, OtherSupport, Payee, TierPlan
from competition.eligibility import AwardBar
from competition.models import Edition, PastAward
from competition.queries.editions import eligibility_parameters
from core.db import db
from judging.scoring import PanelDecision

ENCOURAGEMENT = "encouragement"
TIER_CODES = {
    "一等奖": "first",
    "二等奖": "second",
    "三等奖": "third",
    "优秀奖": "excellence",
    "鼓励奖": ENCOURAGEMENT,
}


def entitled(plan: TierPlan, ranked: list[RankedEntry]) -> tuple[list[RankedEntry], Options]:
    bar = eligibility_parameters(plan.edition).repeat_winner
    repeated = repeat_winners(plan.edition, bar) if bar else frozenset()
    supported = supports(plan) if plan.double_support != DoubleSupport.OFF else {}
    barred = supported if plan.double_support == DoubleSupport.BAR else {}
    entries = [
        replace(entry, repeat_winner=entry.credit_code in repeated, **_excluded(entry, barred))
        for entry in ranked
    ]
    options = Options(
        decisions=decisions_of(plan),
        highest_prize_only=True,
        held=supported if plan.double_support == DoubleSupport.HIGHER else {},
        repeat_winners_only=ENCOURAGEMENT if bar else None,
    )
    return entries, options


def _excluded(entry: RankedEntry, barred: dict[str, int]) -> dict:
    if entry.excluded or entry.credit_code not in barred:
        return {}
    return {"excluded": True, "exclusion_reason": "double_support"}


def repeat_winners(edition: Edition, bar: AwardBar) -> frozenset[str]:
    """Credit codes with an award that the bar counts: from the register of past awards, or given here."""
    since = edition.year - bar.within_years if bar.within_years is not None else 0
    registered = select(PastAward.credit_code).where(
        PastAward.withdrawn_at.is_(None),
        PastAward.level.in_(bar.levels),
        PastAward.tier.in_(bar.tiers),
        PastAward.year >= since,
        PastAward.year < edition.year,
    )
    found = set(db.session.scalars(registered))
    if "provincial" in bar.levels:
        names = [name for name, code in TIER_CODES.items() if code in bar.tiers]
        given = (
            select(Payee.credit_code)
            .join(Award, Award.payee_id == Payee.id)
            .join(Edition, Edition.id == Award.edition_id)
            .where(
                Award.kind == AwardKind.PRIZE,
                Award.tier_name.in_(names),
                Award.state.in_((AwardState.CONFIRMED, AwardState.SETTLED, AwardState.TERMINATED)),
                Edition.year >= since,
                Edition.year < edition.year,
            )
        )
        found |= set(db.session.scalars(given))
    return frozenset(found)


def supports(plan: TierPlan) -> dict[str, int]:
    """分 of the highest other support per credit code, in the years the plan looks at up to the edition's."""
    stmt = select(OtherSupport.credit_code, OtherSupport.fen).where(
        OtherSupport.withdrawn_at.is_(None),
        OtherSupport.year > plan.edition.year - plan.support_years,
        OtherSupport.year <= plan.edition.year,
    )
    highest: dict[str, int] = {}
    for code, fen in db.session.execute(stmt):
        highest[code] = max(fen, highest.get(code, 0))
    return highest


def decisions_of(plan: TierPlan) -> tuple[PanelDecision, ...]:
    stmt = select(EdgeDecision).where(EdgeDecision.plan_id == plan.id).order_by(EdgeDecision.id)
    return tuple(PanelDecision(tuple(row.entries), row.minutes) for row in db.session.scalars(stmt))
