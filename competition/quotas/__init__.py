"""Quotas and advancement: places by region, track and group; cut, ties, reserves, withdrawals. Pure.

Same input, same result, whatever the order of the input. Every result carries its rule and its numbers, so that it
can be frozen as it stands and recomputed by hand.
"""

from competition.quotas.advancement import (
    WHY_LABELS,
    Advancement,
    Candidate,
    Standing,
    Status,
    Tie,
    UnitExplanation,
    Why,
    advance,
    after_withdrawals,
    count_units,
)
from competition.quotas.places import apportion, lots_needed, merged_units, places
from competition.quotas.rules import (
    DIMENSIONS,
    Cap,
    Fixed,
    Merge,
    Percent,
    QuotaProblem,
    Rule,
    Share,
    Unit,
    describe,
    rule_from,
)

__all__ = [
    "DIMENSIONS",
    "WHY_LABELS",
    "Advancement",
    "Candidate",
    "Cap",
    "Fixed",
    "Merge",
    "Percent",
    "QuotaProblem",
    "Rule",
    "Share",
    "Standing",
    "Status",
    "Tie",
    "Unit",
    "UnitExplanation",
    "Why",
    "advance",
    "after_withdrawals",
    "apportion",
    "count_units",
    "describe",
    "lots_needed",
    "merged_units",
    "places",
    "rule_from",
]
