"""From marks to an entry's official score.

"Not scored" is never zero: a recused judge is left out of the mean by name, a missing sheet leaves the entry
without a score, and neither disappears from the result. Rules after the published notices of Chinese
innovation contests: the mean of all judges, or one highest and one lowest dropped; two decimals, half up.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from judging.scoring.exact import (
    EXACT,
    MARK_DECIMALS,
    MOST_DECIMALS,
    Fault,
    Key,
    Points,
    ScoringError,
    as_points,
    half_up,
    has_decimals_at_most,
    key_order,
    mean,
)

POPULARITY = "popularity"
EARLIER_ROUND = "earlier_round"
PANEL_DECISION = "panel_decision"
BOTH_ADVANCE = "both_advance"
CRITERION_PREFIX = "criterion:"
TOP_OF_TEN = Decimal(10)


class Mode(StrEnum):
    POINTS = "points"
    TEN_POINT = "ten_point"


class Aggregation(StrEnum):
    MEAN = "mean"
    TRIMMED = "trimmed"


class Status(StrEnum):
    COMPLETE = "complete"
    SHEETS_MISSING = "sheets_missing"
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the score sheet; it adds mark x weight to the total.

    points: the judge enters 0..max_points directly, weight 1 (25 points for technology).
    ten_point: the judge enters 0..10, and weight turns that into points (2.5 makes it worth 25).
    """

    code: str
    max_points: Decimal
    mode: Mode = Mode.POINTS
    weight: Decimal = Decimal(1)

    def __post_init__(self):
        top, weight = as_points(self.max_points), as_points(self.weight)
        mode = Mode(self.mode) if self.mode in set(Mode) else None
        fits = (mode is Mode.POINTS and weight == 1) or (mode is Mode.TEN_POINT and top == TOP_OF_TEN)
        if not (self.code and fits and top > 0 and weight > 0):
            raise ScoringError(Fault.BAD_CRITERION, self.code)
        # mark decimals + weight decimals = decimals of a total, which as_points must accept again
        if not has_decimals_at_most(weight, MOST_DECIMALS - MARK_DECIMALS):
            raise ScoringError(Fault.TOO_MANY_DECIMALS, self.code)
        object.__setattr__(self, "max_points", top)
        object.__setattr__(self, "weight", weight)
        object.__setattr__(self, "mode", mode)

    @property
    def full_points(self) -> Decimal:
        """The most this criterion can add to a sheet."""
        return EXACT.multiply(self.max_points, self.weight)


@dataclass(frozen=True, slots=True)
class Rule:
    """How an entry's score is made and ties are settled; fixed before the session.

    min_scores_for_trim counts the valid scores in hand: with fewer, the plain mean is taken and flagged as
    fallback. "At least three must remain after dropping 1 + 1" is therefore min_scores_for_trim=5.
    panel_minimum: with fewer valid scores there is no score at all (call a stand-in).
    round_before_ranking: a tie is equality as shown; otherwise equality of the exact scores.
    tie_chain: steps tried in order: earlier_round, criterion:<code>, panel_decision, both_advance (last).
    """

    aggregation: Aggregation = Aggregation.TRIMMED
    drop_high: int = 1
    drop_low: int = 1
    min_scores_for_trim: int = 3
    panel_minimum: int = 1
    decimals: int = 2
    round_before_ranking: bool = True
    tie_chain: tuple[str, ...] = ()

    def __post_init__(self):
        _check_counts(self)
        object.__setattr__(self, "aggregation", Aggregation(self.aggregation))
        object.__setattr__(self, "tie_chain", tuple(self.tie_chain))
        _check_tie_chain(self.tie_chain)


@dataclass(frozen=True, slots=True)
class SheetScore:
    """One judge's total for one entry. total None and not recused: the sheet is missing."""

    judge: Key
    total: Points | None
    recused: bool = False


@dataclass(frozen=True, slots=True)
class EntryResult:
    """An entry's score with everything needed to redo it by hand.

    exact and shown are None unless status is complete. used, dropped_high and dropped_low hold the sheets
    with totals in points, lowest first. count is the number of scores in the mean. panels is filled for a
    weighted result only.
    """

    status: Status
    exact: Fraction | None = None
    shown: Decimal | None = None
    used: tuple[SheetScore, ...] = ()
    dropped_high: tuple[SheetScore, ...] = ()
    dropped_low: tuple[SheetScore, ...] = ()
    recused: tuple[Key, ...] = ()
    missing: tuple[Key, ...] = ()
    fallback: bool = False
    count: int = 0
    panels: tuple[tuple[str, "EntryResult"], ...] = ()


def criterion_points(criterion: Criterion, mark: Points) -> Decimal:
    """What a judge's mark adds to the sheet: mark x weight. The mark has at most two decimals."""
    value = as_points(mark)
    if value > criterion.max_points:
        raise ScoringError(Fault.OUT_OF_RANGE, criterion.code)
    if not has_decimals_at_most(value, MARK_DECIMALS):
        raise ScoringError(Fault.TOO_MANY_DECIMALS, criterion.code)
    return EXACT.multiply(value, criterion.weight)


def sheet_total(criteria: Sequence[Criterion], values: Mapping[str, Points]) -> Decimal:
    """A sheet's total in points, not rounded. Every criterion must have its mark, and no other may."""
    codes = Counter(criterion.code for criterion in criteria)
    for code, times in codes.items():
        if times > 1:
            raise ScoringError(Fault.BAD_CRITERION, code)
        if values.get(code) is None:
            raise ScoringError(Fault.CRITERION_MISSING, code)
    for code in values:
        if code not in codes:
            raise ScoringError(Fault.CRITERION_UNKNOWN, code)
    with localcontext(EXACT):
        return sum((criterion_points(item, values[item.code]) for item in criteria), Decimal(0))


def entry_result(scores: Sequence[SheetScore], rule: Rule) -> EntryResult:
    """An entry's official score from the sheets of its panel, one per judge, recused and missing included.

    Trimmed: drop the `drop_high` highest and `drop_low` lowest, exact mean of the rest. Equal extremes lose
    one sheet each, not all. With fewer than min_scores_for_trim valid scores, or none left after dropping:
    the plain mean, flagged as fallback. shown is the exact mean rounded half up to rule.decimals.
    """
    sheets = _checked_sheets(scores)
    recused = tuple(sheet.judge for sheet in sheets if sheet.recused)
    missing = tuple(sheet.judge for sheet in sheets if sheet.total is None and not sheet.recused)
    valid = sorted((s for s in sheets if s.total is not None), key=lambda s: (s.total, key_order(s.judge)))
    if missing or len(valid) < rule.panel_minimum:
        status = Status.SHEETS_MISSING if missing else Status.BELOW_MINIMUM
        return EntryResult(status, recused=recused, missing=missing)
    fallback = rule.aggregation is Aggregation.TRIMMED and len(valid) < _scores_needed_to_trim(rule)
    trim = rule.aggregation is Aggregation.TRIMMED and not fallback
    low, high = (rule.drop_low, len(valid) - rule.drop_high) if trim else (0, len(valid))
    used = tuple(valid[low:high])
    exact = mean(sheet.total for sheet in used)
    return EntryResult(
        status=Status.COMPLETE,
        exact=exact,
        shown=half_up(exact, rule.decimals),
        used=used,
        dropped_high=tuple(valid[high:]),
        dropped_low=tuple(valid[:low]),
        recused=recused,
        fallback=fallback,
        count=len(used),
    )


def weighted_result(
    results: Mapping[str, EntryResult], weights: Mapping[str, int], decimals: int = 2
) -> EntryResult:
    """Several panels in one score: sum(weight x exact panel score) / sum(weights), rounded once at the end.

    weights are whole numbers in any unit (60 and 40, or 6000 and 4000), each above zero. The panel named
    `popularity` is carried along for display, may not have a weight and never changes the score. One panel
    without a score leaves the whole without a score.
    """
    _check_weights(results, weights)
    panels = tuple(sorted(results.items()))
    counted = [(weights[code], result) for code, result in panels if code in weights]
    judges = {
        name: tuple(judge for _, result in counted for judge in getattr(result, name))
        for name in ("used", "dropped_high", "dropped_low", "recused", "missing")
    }
    open_states = {result.status for _, result in counted} - {Status.COMPLETE}
    if open_states:
        # A missing sheet can still arrive, so it is named before a panel that is too small.
        status = Status.SHEETS_MISSING if Status.SHEETS_MISSING in open_states else Status.BELOW_MINIMUM
        return EntryResult(status, recused=judges["recused"], missing=judges["missing"], panels=panels)
    exact = sum((weight * result.exact for weight, result in counted), Fraction(0)) / sum(weights.values())
    fallback = any(result.fallback for _, result in counted)
    shown, count = half_up(exact, decimals), len(judges["used"])
    return EntryResult(Status.COMPLETE, exact, shown, fallback=fallback, count=count, panels=panels, **judges)


def second_look_result(
    first: EntryResult, looks: Sequence[SheetScore], *, weight: int, decimals: int = 2
) -> EntryResult:
    """A score joined with the plain mean of its second looks (复评): (100 - weight) : weight, rounded once.

    The first score enters unrounded. Without a first score there is none, whatever the looks say.
    """
    plain = Rule(aggregation=Aggregation.MEAN, drop_high=0, drop_low=0, decimals=decimals)
    parts = {"first": first, "second_look": entry_result(looks, plain)}
    return weighted_result(parts, {"first": 100 - weight, "second_look": weight}, decimals)


def _checked_sheets(scores: Sequence[SheetScore]) -> list[SheetScore]:
    """The sheets in judge order with totals in points; one per judge, none both recused and scored."""
    for judge, times in Counter(sheet.judge for sheet in scores).items():
        if times > 1:
            raise ScoringError(Fault.DUPLICATE_JUDGE, judge)
    sheets = []
    for sheet in sorted(scores, key=lambda s: key_order(s.judge)):
        if sheet.recused and sheet.total is not None:
            raise ScoringError(Fault.RECUSED_WITH_SCORE, sheet.judge)
        total = None if sheet.total is None else as_points(sheet.total)
        sheets.append(SheetScore(sheet.judge, total, sheet.recused))
    return sheets


def _check_weights(results: Mapping[str, EntryResult], weights: Mapping[str, int]) -> None:
    if POPULARITY in weights:
        raise ScoringError(Fault.POPULARITY_COUNTED)
    for code, weight in weights.items():
        if not isinstance(weight, int) or weight <= 0:
            raise ScoringError(Fault.BAD_WEIGHT, code)
        if code not in results:
            raise ScoringError(Fault.PANEL_MISSING, code)
    for code in results:
        if code not in weights and code != POPULARITY:
            raise ScoringError(Fault.PANEL_WITHOUT_WEIGHT, code)
    if not weights:
        raise ScoringError(Fault.NOTHING_TO_AVERAGE)


def _scores_needed_to_trim(rule: Rule) -> int:
    return max(rule.min_scores_for_trim, rule.drop_low + rule.drop_high + 1)


def _check_counts(rule: Rule) -> None:
    counts = (rule.drop_high, rule.drop_low, rule.min_scores_for_trim - 1, rule.panel_minimum - 1)
    if any(not isinstance(count, int) or count < 0 for count in counts):
        raise ScoringError(Fault.BAD_RULE, counts)
    if rule.decimals not in range(MOST_DECIMALS + 1):
        raise ScoringError(Fault.BAD_RULE, rule.decimals)
    if rule.aggregation not in set(Aggregation):
        raise ScoringError(Fault.BAD_RULE, rule.aggregation)


def _check_tie_chain(chain: tuple[str, ...]) -> None:
    for step in chain:
        named = step.startswith(CRITERION_PREFIX) and step != CRITERION_PREFIX
        if not named and step not in (EARLIER_ROUND, PANEL_DECISION, BOTH_ADVANCE):
            raise ScoringError(Fault.BAD_TIE_CHAIN, step)
    if len(set(chain)) != len(chain) or BOTH_ADVANCE in chain[:-1]:
        raise ScoringError(Fault.BAD_TIE_CHAIN)
