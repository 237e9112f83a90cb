"""The award plan: tiers with places and amounts, what they cost, how one award is paid in parts. 分 only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.money import split_fen

WHOLE_BP = 10_000


class Fault(StrEnum):
    """Why an allocation was refused; stable codes for translation."""

    BAD_TIER = "bad_tier"
    TIERS_NOT_DESCENDING = "tiers_not_descending"
    DUPLICATE_ENTRY = "duplicate_entry"
    ENTRY_WITHOUT_RANK = "entry_without_rank"
    GROUP_WITHOUT_PLAN = "group_without_plan"
    UNKNOWN_TIER = "unknown_tier"
    BAD_AMOUNT = "bad_amount"
    BAD_SHARES = "bad_shares"
    BAD_COUNT = "bad_count"
    UNKNOWN_INDICATOR = "unknown_indicator"


class AllocationError(Exception):
    """A refused input. `code` says why, `subject` which group, tier or entry."""

    def __init__(self, code: Fault, subject: object = None):
        super().__init__(str(code) if subject is None else f"{code}: {subject}")
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Tier:
    """A level of prize (一等奖 ... 鼓励奖) with its number of places; amount_fen per place, 0 for honour only."""

    code: str
    places: int
    amount_fen: int


Plan = Mapping[str, Sequence[Tier]]  # group -> its tiers, highest first


def plan_total(plan: Plan) -> int:
    """What the plan costs if every place is given, 分."""
    check_plan(plan)
    return sum(tier.places * tier.amount_fen for tiers in plan.values() for tier in tiers)


def plan_places(plan: Plan) -> int:
    """How many awards the plan holds."""
    check_plan(plan)
    return sum(tier.places for tiers in plan.values() for tier in tiers)


def plan_balance(plan: Plan, line_fen: int) -> int:
    """What the budget line has left after the whole plan, 分; negative: the plan is too expensive."""
    return line_fen - plan_total(plan)


def split_instalments(amount_fen: int, shares_bp: Sequence[int]) -> list[int]:
    """The parts of an award in order (首款, 尾款), 分, summing exactly to it.

    shares_bp: basis points per part, 10,000 together. Largest remainder; an equal remainder goes to the
    earlier part. A share of 0 gives a part of 0, which is no instalment to record.
    """
    if amount_fen < 0:
        raise AllocationError(Fault.BAD_AMOUNT, amount_fen)
    if sum(shares_bp) != WHOLE_BP or min(shares_bp) < 0:
        raise AllocationError(Fault.BAD_SHARES, tuple(shares_bp))
    return split_fen(amount_fen, shares_bp)


def check_plan(plan: Plan) -> None:
    """Tier codes unique in their group, nothing negative, amounts never rising from tier to tier."""
    for group, tiers in plan.items():
        codes = [tier.code for tier in tiers]
        if len(set(codes)) != len(codes) or any(tier.places < 0 or tier.amount_fen < 0 for tier in tiers):
            raise AllocationError(Fault.BAD_TIER, group)
        amounts = [tier.amount_fen for tier in tiers]
        if amounts != sorted(amounts, reverse=True):
            raise AllocationError(Fault.TIERS_NOT_DESCENDING, group)
