"""The official rule of a stage in the terms of `judging.scoring`: one place that builds it, from the stage or
from the copy a frozen ranking keeps, and one that makes an entry's score by it."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from competition.models import Stage
from judging import scoring
from judging.enums import SeatPanel, SheetState

REMAIN_AFTER_TRIM = 3
PANEL_MINIMUM = 3
RULE_FIELDS = frozenset(field.name for field in fields(scoring.Rule))


class Given(NamedTuple):
    """A sheet as the score sees it; `total` in hundredths is looked at only where the sheet is submitted."""

    judge: int
    state: SheetState
    total: int | None
    panel: str = SeatPanel.MAIN.value


def rule_facts(stage: Stage) -> dict[str, Any]:
    """The rule as plain values, the form a ranking freezes.

    With fewer than three scores left after dropping, the plain mean is taken; with fewer than three valid scores
    (or than the panel has seats) there is no score and a stand-in is called (DOMAIN 8.4). `panels` (weights in per
    cent) and `second_panel` are there only with a second panel, `second_look` only where second looks count.
    """
    drops = stage.drop_high + stage.drop_low
    facts = {
        "aggregation": stage.aggregation.value,
        "drop_high": stage.drop_high,
        "drop_low": stage.drop_low,
        "min_scores_for_trim": drops + REMAIN_AFTER_TRIM,
        "panel_minimum": min(PANEL_MINIMUM, stage.panel_size),
        "decimals": 2,
        "round_before_ranking": stage.round_first,
        "tie_chain": list(stage.tie_chain),
    }
    if second := stage.second_panel:
        weights = {SeatPanel.MAIN.value: 100 - second["weight"]}
        if second["weight"]:
            weights[SeatPanel.SECOND.value] = second["weight"]
        facts |= {"panels": weights, "second_panel": dict(second)}
    return facts | ({"second_look": dict(stage.second_look)} if stage.second_look else {})


def rule_from(facts: dict[str, Any]) -> scoring.Rule:
    """The rule of one panel."""
    own = {name: value for name, value in facts.items() if name in RULE_FIELDS}
    return scoring.Rule(**{**own, "tie_chain": tuple(facts["tie_chain"])})


def entry_score(
    facts: dict[str, Any], sheets: Iterable[Given], looks: Sequence[tuple[int, int]] = ()
) -> scoring.EntryResult:
    """An entry's official score. looks: (judge, hundredths) of its second looks, used only as the rule declares.

    Pooled, they are further sheets of the panel; weighted, their plain mean is joined to the panels' score. A panel
    without a weight (人气分) is carried along and never counts.
    """
    rule, weights, second = rule_from(facts), facts.get("panels"), facts.get("second_look")
    panels: dict[str, list[scoring.SheetScore]] = {code: [] for code in weights or (SeatPanel.MAIN.value,)}
    for sheet in sheets:
        panels.setdefault(sheet.panel, []).append(sheet_score(sheet.judge, sheet.state, sheet.total))
    further = [scoring.SheetScore(judge, total) for judge, total in looks] if second else []
    if further and second["how"] == "pooled":
        panels[SeatPanel.MAIN.value] += further
    if weights:
        result = scoring.weighted_result(
            {
                code if code in weights else scoring.POPULARITY: scoring.entry_result(own, rule)
                for code, own in panels.items()
            },
            weights,
            rule.decimals,
        )
    else:
        result = scoring.entry_result(panels[SeatPanel.MAIN.value], rule)
    if further and second["how"] == "weighted":
        result = scoring.second_look_result(result, further, weight=second["weight"], decimals=rule.decimals)
    return result


def sheet_score(judge: int | str, state: SheetState, total: int | None) -> scoring.SheetScore:
    """A sheet as the scoring sees it: recused by name, missing while not submitted, else its total."""
    given = total if state == SheetState.SUBMITTED else None
    return scoring.SheetScore(judge, given, recused=state == SheetState.RECUSED)


def run_score(stage: Stage, sheets: Iterable[Given]) -> int | None:
    """An entry's official score in hundredths before any second look, or None while it has none."""
    result = entry_score(rule_facts(stage), sheets)
    return None if result.shown is None else hundredths(result.shown)


def hundredths(points) -> int:
    """A Decimal of at most two decimals in integer hundredths."""
    return int(points.scaleb(2))
