"""Eligibility as a rule engine: facts and the edition's parameters in, one finding per rule out. Pure.

Every finding says pass, fail or manual with a reason, the fact it used and the limit it was held against. A fact
nobody stated is never taken as a no: it gives manual. A rule switched off in the parameters gives no finding.
What a reviewer overrides is recorded elsewhere; the findings stay as computed.
Source of the rules: notices of the national contest 2012-2023 and the repeat-entry rules of regional contests.
"""

from competition.eligibility.engine import evaluate, overall
from competition.eligibility.facts import (
    PRIZE_TIERS,
    TIERS,
    AwardBar,
    AwardCap,
    Facts,
    Parameters,
    PastAward,
    Stage,
    describe,
    parameters_from,
)
from competition.eligibility.groups import GroupExplanation, explain_group, group_of
from competition.eligibility.repeats import is_encouragement_only, refuse_tier
from competition.eligibility.vocabulary import (
    OUTCOME_LABELS,
    REASON_LABELS,
    RULE_LABELS,
    Finding,
    Outcome,
    Reason,
    Rule,
)

__all__ = [
    "OUTCOME_LABELS",
    "PRIZE_TIERS",
    "REASON_LABELS",
    "RULE_LABELS",
    "TIERS",
    "AwardBar",
    "AwardCap",
    "Facts",
    "Finding",
    "GroupExplanation",
    "Outcome",
    "Parameters",
    "PastAward",
    "Reason",
    "Rule",
    "Stage",
    "describe",
    "evaluate",
    "explain_group",
    "group_of",
    "is_encouragement_only",
    "overall",
    "parameters_from",
    "refuse_tier",
]
