"""Award allocation, pure and without a database: a plan of tiers, rankings in, awards out; the league table.

Refusals are `AllocationError`s (and, for tie decisions, `ScoringError`s) carrying a `Fault`; the sentence
shown to a person is the user interface's.
"""

from awards.allocation.league import LeagueItem, LeagueRow, league
from awards.allocation.places import (
    Allocation,
    Award,
    EdgeTies,
    Options,
    RankedEntry,
    Reason,
    Skipped,
    TierPlaces,
    UndecidedTie,
    allocate,
)
from awards.allocation.plan import (
    AllocationError,
    Fault,
    Plan,
    Tier,
    plan_balance,
    plan_places,
    plan_total,
    split_instalments,
)

__all__ = [
    "Allocation",
    "AllocationError",
    "Award",
    "EdgeTies",
    "Fault",
    "LeagueItem",
    "LeagueRow",
    "Options",
    "Plan",
    "RankedEntry",
    "Reason",
    "Skipped",
    "Tier",
    "TierPlaces",
    "UndecidedTie",
    "allocate",
    "league",
    "plan_balance",
    "plan_places",
    "plan_total",
    "split_instalments",
]
