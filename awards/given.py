"""Prizes given here in earlier editions, as the entry rules of a later one ask for them."""

from collections.abc import Collection

from sqlalchemy import select

from awards.entitlement import TIER_CODES
from awards.enums import AwardKind, AwardState, InstalmentCondition
from awards.models import Award, Instalment, Payee
from competition.eligibility import PastAward
from competition.models import Edition
from core.db import db

STANDING = (AwardState.CONFIRMED, AwardState.SETTLED, AwardState.TERMINATED)


def given_to(codes: Collection[str]) -> list[PastAward]:
    """One per prize that stands; `acceptance_passed` is None for a prize without a tail that waits for it."""
    tails = select(Instalment.award_id).where(Instalment.condition == InstalmentCondition.ACCEPTANCE_PASSED)
    stmt = (
        select(Edition.year, Award.tier_name, Award.group, Award.state, Award.id.in_(tails))
        .join(Edition, Edition.id == Award.edition_id)
        .join(Payee, Payee.id == Award.payee_id)
        .where(
            Payee.credit_code.in_(codes),
            Award.kind == AwardKind.PRIZE,
            Award.state.in_(STANDING),
            Award.tier_name.in_(TIER_CODES),
        )
    )
    return [
        PastAward(
            "provincial",
            year,
            TIER_CODES[tier],
            group.value,
            state == AwardState.SETTLED if with_tail else None,
        )
        for year, tier, group, state, with_tail in db.session.execute(stmt)
    ]
