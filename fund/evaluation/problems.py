"""What refuses a self-evaluation form (error) and what its author must look at (warning)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from fund.evaluation.scoring import completion
from fund.evaluation.versions import FormVersion
from fund.records import AT_LEAST, EQUAL, QUALITATIVE, IndicatorRow
from fund.wording import MONEY_UNITS, fuzzy_phrases, is_copied

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Problem:
    """`row` is the row number from 1, or None when the problem is the form's."""

    code: str
    severity: str
    row: int | None
    message: str


Placed = tuple[int, IndicatorRow, str, Decimal | None]


def form_problems(form: FormVersion, placed: Sequence[Placed], *, has_execution: bool) -> Iterator[Problem]:
    for number, row, block, _ in placed:
        if not block:
            message = f"“{row.level1}／{row.level2}”不在本表式的指标体系内，无处计分。"
            yield Problem("unplaced_row", ERROR, number, message)
    if not form.is_scored:
        yield Problem(
            "no_scores", WARNING, None, f"表式{form.code}不设分值、得分和预算执行率，不能计分和评级。"
        )
        return
    for block in form.blocks:
        yield from _block_problems(block.label, block.weight, [p for p in placed if p[2] == block.code])
    if not has_execution:
        message = f"缺全年预算数和全年执行数，预算执行率 {form.execution_weight} 分待补。"
        yield Problem("execution_missing", WARNING, None, message)


def _block_problems(label: str, weight: Decimal | None, members: Sequence[Placed]) -> Iterator[Problem]:
    if not members:
        message = f"“{label}”设 {weight} 分而没有任何指标，须补设指标或经批准调整分值。"
        yield Problem("empty_block", ERROR, None, message)
        return
    total = sum((points or Decimal(0) for *_, points in members), Decimal(0))
    if total != weight:
        message = f"“{label}”各指标分值合计 {total}，应为 {weight}。"
        yield Problem("weights_do_not_sum", ERROR, None, message)


def row_problems(form: FormVersion, number: int, row: IndicatorRow) -> Iterator[Problem]:
    for code, message in (*_value_problems(row), *_evidence_problems(row), *_achievement_problems(form, row)):
        yield Problem(code, WARNING, number, f"“{row.name}”：{message}")


def _value_problems(row: IndicatorRow) -> Iterator[tuple[str, str]]:
    if row.direction == QUALITATIVE:
        if not row.band or (row.assessed is None and row.assessed_share is None):
            yield "not_assessed", "定性指标尚未选档评分。"
    elif row.target_value is None or row.actual_value is None:
        yield "missing_value", "缺目标值或完成值，不能计分。"
    elif row.target_value < 0:
        yield "negative_target", "目标值为负数，计分公式不适用，须改设指标。"


def _evidence_problems(row: IndicatorRow) -> Iterator[tuple[str, str]]:
    if is_copied(row.target_text, row.actual_text):
        yield "copied_actual", "完成值与目标值逐字相同，须附佐证。"
    fuzzy = fuzzy_phrases(row.target_text, is_result=False) + fuzzy_phrases(row.actual_text, is_result=True)
    if fuzzy:
        yield "fuzzy_number", f"“{'、'.join(dict.fromkeys(fuzzy))}”不是确数，须填确数及取数来源。"
    if row.unit in ("%", "％") and (row.numerator is None or not row.denominator):
        yield "percentage_without_numerator", "百分比没有分子和分母，无法核实。"


def _achievement_problems(form: FormVersion, row: IndicatorRow) -> Iterator[tuple[str, str]]:
    if row.target_value is None or row.actual_value is None or row.direction not in (AT_LEAST, EQUAL):
        return
    if row.direction == EQUAL and row.unit in MONEY_UNITS and row.actual_value > row.target_value:
        yield "money_over_target", "应等于目标值的资金指标超出了目标值，须说明来源。"
    rate = completion(row.target_value, row.actual_value)
    if rate is not None and rate > Fraction(form.over_line) and not row.reason.strip():
        percent = int(rate * 100)
        yield (
            "over_achievement",
            f"完成率 {percent}% 超过 {form.over_line * 100:.0f}%，须说明目标偏低的原因。",
        )
