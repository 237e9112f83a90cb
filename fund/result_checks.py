"""What a programme's office may report as the result of an indicator (FINANCE.md section 1). Pure.

A result that cannot be verified later is refused where it is typed: no exact figure, a figure the sentence does
not contain, a percentage without its parts, a sentence copied from the target without a word on it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from fund.evaluation.scoring import ACHIEVED, BAND_LABELS, band_limits, completion
from fund.evaluation.versions import FORMS
from fund.records import AT_LEAST, AT_MOST, EQUAL, QUALITATIVE, IndicatorRow
from fund.wording import fuzzy_phrases, is_copied, numbers, plain

FIELDS = ("actual_text", "actual_value", "numerator", "denominator", "band", "assessed_percent", "reason")
NUMBERS = {
    "actual_value": "完成数值",
    "numerator": "分子",
    "denominator": "分母",
    "assessed_percent": "评分",
}
LONGEST = 1000
OVER_LINE = min(form.over_line for form in FORMS.values())
PERCENT = ("%", "％")
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Result:
    """A result as it is kept; `assessed_percent` is the share of the row's points, 0 to 100."""

    actual_text: str = ""
    actual_value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    band: str = ""
    assessed_percent: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True)
class Fault:
    """Why a result is refused: the field, a code and one sentence."""

    field: str
    code: str
    sentence: str


def checked(row: IndicatorRow, typed: Mapping[str, str], *, computed: bool) -> tuple[Result, list[Fault]]:
    """Read and check what was typed for a row, whose target and direction count; its old result does not.

    `typed` maps names of FIELDS to text; what is missing is empty. `computed` says that the system counts the
    row itself: then only the parts of a percentage and the reason are taken. The result stands only without faults.
    """
    text = {name: (typed.get(name) or "").strip() for name in FIELDS}
    values = {name: _number(text[name]) for name in NUMBERS}
    faults = [
        Fault(name, "not_a_number", f"{label}“{text[name]}”应为数字，不带单位，最多六位小数。")
        for name, label in NUMBERS.items()
        if text[name] and values[name] is None
    ]
    result = Result(text["actual_text"], band=text["band"], reason=text["reason"], **values)
    faults += [
        Fault(name, "too_long", f"不超过 {LONGEST} 字，现有 {len(text[name])} 字。")
        for name in ("actual_text", "reason")
        if len(text[name]) > LONGEST
    ]
    if faults:
        return result, faults
    rules = _computed(result) if computed else _told(row, result)
    return result, [*rules, *_parts(row, result, computed=computed)]


def _number(text: str) -> Decimal | None:
    figure = plain(text).removesuffix("%").strip()
    return Decimal(figure) if _DECIMAL.fullmatch(figure) else None


def _computed(result: Result) -> Iterator[Fault]:
    if result.actual_text or result.actual_value is not None or result.band:
        yield Fault("actual_text", "computed_row", "本项由系统按业务数据计算，不填完成情况，只填说明。")


def _told(row: IndicatorRow, result: Result) -> Iterator[Fault]:
    if not result.actual_text:
        yield Fault("actual_text", "missing_text", "请填写实际完成情况。")
        return
    yield from _assessment(result) if row.direction == QUALITATIVE else _figure(row, result)
    if is_copied(row.target_text, result.actual_text) and not result.reason:
        sentence = "完成情况与年度指标值逐字相同，请写实际结果，或在说明中写明依据和佐证。"
        yield Fault("actual_text", "copied_actual", sentence)


def _figure(row: IndicatorRow, result: Result) -> Iterator[Fault]:
    if result.band or result.assessed_percent is not None:
        yield Fault("band", "not_qualitative", "定量指标不选档、不评分。")
    if result.actual_value is None:
        yield Fault("actual_value", "missing_value", "请填写完成数值；没有确数不能计分。")
        return
    fuzzy = fuzzy_phrases(result.actual_text, is_result=True)
    if fuzzy:
        sentence = f"“{'、'.join(dict.fromkeys(fuzzy))}”不是确数，请写确数。"
        yield Fault("actual_text", "fuzzy_number", sentence)
    figures = numbers(plain(result.actual_text))
    if figures and abs(result.actual_value) not in figures:
        sentence = f"完成情况里没有出现完成数值 {result.actual_value:f}，请核对两处。"
        yield Fault("actual_value", "text_differs", sentence)
    yield from _deviation(row, result)


def _deviation(row: IndicatorRow, result: Result) -> Iterator[Fault]:
    if result.reason or row.target_value is None:
        return
    ceiling = row.direction == AT_MOST
    missed = result.actual_value > row.target_value if ceiling else result.actual_value < row.target_value
    if missed:
        yield Fault("reason", "not_reached", "没有达到目标，请写明偏差原因和改进措施。")
        return
    yield from _far_over(row, result)


def _far_over(row: IndicatorRow, result: Result) -> Iterator[Fault]:
    if row.target_value <= 0 or row.direction not in (AT_LEAST, EQUAL):
        return
    rate = completion(row.target_value, result.actual_value)
    if rate > Fraction(OVER_LINE):
        percent = int(rate * 100)
        sentence = f"完成率 {percent}% 超过 {OVER_LINE * 100:.0f}%，请在说明中写明目标偏低的原因。"
        yield Fault("reason", "over_achievement", sentence)


def _assessment(result: Result) -> Iterator[Fault]:
    if result.actual_value is not None:
        yield Fault("actual_value", "not_quantitative", "定性指标不填完成数值，请选档并评分。")
    if result.band not in ("", *BAND_LABELS):
        yield Fault("band", "bad_band", f"档次应为{'、'.join(BAND_LABELS.values())}之一。")
        return
    if bool(result.band) != (result.assessed_percent is not None):
        yield Fault("assessed_percent", "half_assessed", "档次和评分须同时填写。")
    elif result.band:
        low, high = band_limits(result.band, _HUNDRED)
        top = result.band == ACHIEVED
        score = result.assessed_percent
        if not (low <= score <= high if top else low <= score < high):
            edge = "≤" if top else "<"
            sentence = f"“{BAND_LABELS[result.band]}”的评分应满足 {low:.0f} ≤ 评分 {edge} {high:.0f}（占分值的百分比）。"
            yield Fault("assessed_percent", "outside_band", sentence)


def _parts(row: IndicatorRow, result: Result, *, computed: bool) -> Iterator[Fault]:
    given = result.numerator is not None, result.denominator is not None
    if not any(given):
        if row.unit in PERCENT and row.direction != QUALITATIVE and not computed:
            yield Fault("numerator", "percentage_without_numerator", "百分比须填写分子和分母。")
        return
    if not all(given) or result.denominator <= 0 or result.numerator < 0:
        yield Fault("denominator", "bad_parts", "分子和分母须同时填写，分子不小于零，分母大于零。")
    elif row.unit in PERCENT and result.actual_value is not None and not _fits(result):
        share = (result.numerator * 100 / result.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
        sentence = f"分子÷分母为 {share}%，与完成数值 {result.actual_value:f}% 不符。"
        yield Fault("actual_value", "parts_differ", sentence)


def _fits(result: Result) -> bool:
    """The percentage is the quotient, rounded half up to as many places as it is given with."""
    exact = Fraction(result.numerator) * 100 / Fraction(result.denominator)
    places = max(0, -result.actual_value.as_tuple().exponent)
    scale = 10**places
    return Fraction(int(exact * scale + Fraction(1, 2)), scale) == Fraction(result.actual_value)
