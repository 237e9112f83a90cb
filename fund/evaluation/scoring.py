"""Scores of single rows: quantitative rules, qualitative bands, budget execution, grade.

Every score is a Decimal rounded ROUND_HALF_UP to 0.01 from exact fractions, so no intermediate rounding or
binary float can tip a row. The default rules are those of a provincial budget-performance system; the second
dialects (ratio for reverse rows, 2017 bands) are those of forms filled in 2017 and 2018.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from core.errors import InvalidInput
from fund.records import AT_LEAST, AT_MOST, EQUAL

CENT = Decimal("0.01")
REVERSE_LINEAR, REVERSE_RATIO = "linear", "ratio"
BANDS_2020, BANDS_2017 = "2020", "2017"
ACHIEVED, PARTLY, MISSED = "achieved", "partly", "missed"
BAND_LABELS = {ACHIEVED: "达成年度指标", PARTLY: "部分达成并具有一定效果", MISSED: "未达成且效果较差"}

# Lower edge of each band as a share of the weight; the upper edge is the lower edge of the band above.
_BAND_FLOORS = {
    BANDS_2020: {ACHIEVED: Decimal("0.8"), PARTLY: Decimal("0.6"), MISSED: Decimal(0)},
    BANDS_2017: {ACHIEVED: Decimal("0.8"), PARTLY: Decimal("0.5"), MISSED: Decimal(0)},
}
_GRADES = ((Decimal(90), "优"), (Decimal(80), "良"), (Decimal(60), "中"), (Decimal(0), "差"))


@dataclass(frozen=True)
class Execution:
    """全年预算数 (after adjustment) and 全年执行数, in 分."""

    budget_fen: int
    executed_fen: int


def score_quantitative(
    direction: str, target: Decimal, actual: Decimal, weight: Decimal, dialect: str = REVERSE_LINEAR
) -> Decimal:
    """Score of a numeric row, 0 to `weight`, rounded half up to 0.01.

    at_least, and equal with a positive target: full when actual >= target, else actual / target x weight.
    equal with target 0: full when actual <= 0, else 0.
    at_most, dialect `linear`: full up to the target, (1 - (actual - target) / target) x weight below twice
    the target, then 0. Dialect `ratio`: target / actual x weight above the target.
    Raises InvalidInput for a negative target or weight, or an unknown direction or dialect.
    """
    if target < 0 or weight < 0:
        raise InvalidInput("目标值和分值不能为负数。", code="negative_target")
    if direction == AT_MOST:
        share = _reverse_share(Fraction(target), Fraction(actual), dialect)
    elif direction in (AT_LEAST, EQUAL):
        share = _forward_share(direction, Fraction(target), Fraction(actual))
    else:
        raise InvalidInput(f"指标方向“{direction}”不能按数值计分。", code="bad_direction")
    return _rounded(min(max(share, Fraction(0)), Fraction(1)) * Fraction(weight))


def _forward_share(direction: str, target: Fraction, actual: Fraction) -> Fraction:
    if target == 0:
        achieved = actual <= 0 if direction == EQUAL else actual >= 0
        return Fraction(achieved)
    return actual / target


def _reverse_share(target: Fraction, actual: Fraction, dialect: str) -> Fraction:
    if dialect not in (REVERSE_LINEAR, REVERSE_RATIO):
        raise InvalidInput(f"没有“{dialect}”这种反向指标计分规则。", code="bad_dialect")
    if actual <= target:
        return Fraction(1)
    if target == 0:
        return Fraction(0)
    return target / actual if dialect == REVERSE_RATIO else 1 - (actual - target) / target


def _rounded(value: Fraction) -> Decimal:
    """Exact ROUND_HALF_UP of a non-negative fraction to hundredths."""
    return Decimal(int(value * 100 + Fraction(1, 2))).scaleb(-2)


def band_limits(band: str, weight: Decimal, dialect: str = BANDS_2020) -> tuple[Decimal, Decimal]:
    """(lowest, highest) score of a band. Only the top band includes its highest; the others stop below it."""
    floors = _BAND_FLOORS.get(dialect)
    if floors is None:
        raise InvalidInput(f"没有“{dialect}”这种定性分档。", code="bad_dialect")
    if band not in floors:
        raise InvalidInput(f"没有“{band}”这一档。", code="bad_band")
    above = [share for share in floors.values() if share > floors[band]]
    return floors[band] * weight, min(above, default=Decimal(1)) * weight


def score_band(band: str, score: Decimal, weight: Decimal, dialect: str = BANDS_2020) -> Decimal:
    """The assessor's score for a qualitative row, checked against the band he picked, rounded to 0.01."""
    low, high = band_limits(band, weight, dialect)
    inside = low <= score <= high if band == ACHIEVED else low <= score < high
    if not inside:
        edge = "≤" if band == ACHIEVED else "<"
        raise InvalidInput(
            f"“{BAND_LABELS[band]}”一档的得分应满足 {low.normalize():f} ≤ 得分 {edge} {high.normalize():f}。",
            code="outside_band",
        )
    return score.quantize(CENT, rounding=ROUND_HALF_UP)


def execution_score(execution: Execution, weight: Decimal = Decimal(10)) -> Decimal:
    """全年执行数 / 全年预算数, capped at 1, times the block's weight. A zero budget cannot be rated."""
    if execution.budget_fen <= 0 or execution.executed_fen < 0:
        raise InvalidInput("全年预算数应大于零，全年执行数不能为负数。", code="bad_execution")
    rate = Fraction(execution.executed_fen, execution.budget_fen)
    return _rounded(min(rate, Fraction(1)) * Fraction(weight))


def completion(target: Decimal, actual: Decimal) -> Fraction | None:
    """actual / target, None when the target is zero."""
    return Fraction(actual) / Fraction(target) if target else None


def grade_of(total: Decimal) -> str:
    """优 from 90, 良 from 80, 中 from 60, else 差, on the total as it stands: 89.995 is still 良."""
    return next(grade for floor, grade in _GRADES if total >= floor)
