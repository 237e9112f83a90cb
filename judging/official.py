"""The official rule of a stage in the terms of `judging.scoring`: one place that builds it, from the stage or
from the copy a frozen ranking keeps."""

from collections.abc import Iterable
from typing import Any

from competition.models import Stage
from judging import scoring
from judging.enums import SheetState

REMAIN_AFTER_TRIM = 3
PANEL_MINIMUM = 3


def rule_facts(stage: Stage) -> dict[str, Any]:
    """The rule as plain values, the form a ranking freezes.

    With fewer than three scores left after dropping, the plain mean is taken; with fewer than three valid scores
    (or than the panel has seats) there is no score and a stand-in is called (DOMAIN 8.4).
    """
    drops = stage.drop_high + stage.drop_low
    return {
        "aggregation": stage.aggregation.value,
        "drop_high": stage.drop_high,
        "drop_low": stage.drop_low,
        "min_scores_for_trim": drops + REMAIN_AFTER_TRIM,
        "panel_minimum": min(PANEL_MINIMUM, stage.panel_size),
        "decimals": 2,
        "round_before_ranking": stage.round_first,
        "tie_chain": list(stage.tie_chain),
    }


def rule_from(facts: dict[str, Any]) -> scoring.Rule:
    return scoring.Rule(**{**facts, "tie_chain": tuple(facts["tie_chain"])})


def sheet_score(judge: int | str, state: SheetState, total: int | None) -> scoring.SheetScore:
    """A sheet as the scoring sees it: recused by name, missing while not submitted, else its total."""
    given = total if state == SheetState.SUBMITTED else None
    return scoring.SheetScore(judge, given, recused=state == SheetState.RECUSED)


def run_score(stage: Stage, totals: Iterable[tuple[int, SheetState, int | None]]) -> int | None:
    """An entry's official score in hundredths, or None while it has none."""
    result = scoring.entry_result([sheet_score(*row) for row in totals], rule_from(rule_facts(stage)))
    return None if result.shown is None else hundredths(result.shown)


def hundredths(points) -> int:
    """A Decimal of at most two decimals in integer hundredths."""
    return int(points.scaleb(2))
