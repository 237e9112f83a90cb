"""evaluate(): one form, one indicator table, one result with everything that must be refused or looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.errors import InvalidInput
from fund.evaluation.problems import Problem, form_problems, row_problems
from fund.evaluation.scoring import Execution, execution_score, grade_of, score_band, score_quantitative
from fund.evaluation.versions import EXECUTION, FormVersion
from fund.evaluation.weighting import block_weights
from fund.records import QUALITATIVE, IndicatorRow


@dataclass(frozen=True)
class Deduction:
    """Points an assessor takes off a row, for instance for a target set far too low."""

    row: int
    points: Decimal
    author: str
    reason: str


@dataclass(frozen=True)
class RowResult:
    """`number` counts rows from 1 in table order. `score` is None while the row cannot be scored."""

    number: int
    indicator: IndicatorRow
    block: str
    weight: Decimal | None
    score: Decimal | None


@dataclass(frozen=True)
class BlockResult:
    """`score` sums the rows scored so far; `pending` is the weight of the rows still without a score."""

    code: str
    label: str
    weight: Decimal
    score: Decimal
    pending: Decimal


@dataclass(frozen=True)
class Evaluation:
    """`total` holds the points obtained so far and `total_max` what it can still become.

    `grade` is given only when the missing points cannot change it and nothing refuses the form; missing is
    never counted as zero.
    """

    form: str
    rows: tuple[RowResult, ...]
    blocks: tuple[BlockResult, ...]
    total: Decimal | None
    total_max: Decimal | None
    grade: str | None
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    @property
    def grade_range(self) -> tuple[str, str] | None:
        """The grades the total can still end in, worst and best; None on a form without points."""
        if self.total is None or self.total_max is None:
            return None
        return grade_of(self.total), grade_of(self.total_max)

    @property
    def complete(self) -> bool:
        return self.total is not None and self.total == self.total_max and not self.refused


def evaluate(
    form: FormVersion,
    indicators: Sequence[IndicatorRow],
    execution: Execution | None = None,
    weights: Mapping[int, Decimal] | None = None,
    deductions: Sequence[Deduction] = (),
) -> Evaluation:
    """Score a table on a form.

    `weights` overrides points by row number (from 1); otherwise a row's own `weight` counts, otherwise the
    block's points are split equally (see split_weight). Row scores are rounded half up to 0.01 and the total
    is their plain sum, never rounded again, so the printed parts add up to the printed total and the grade
    stands on that same figure. Raises InvalidInput for a score outside its band or a bad deduction.
    """
    rows = [
        RowResult(number, row, block.code if (block := form.block_of(row)) else "", None, None)
        for number, row in enumerate(indicators, start=1)
    ]
    if not form.is_scored:
        return Evaluation(
            form.code, tuple(rows), (), None, None, None, tuple(_problems(form, rows, execution))
        )
    rows = _scored(form, _weighted(form, rows, weights or {}))
    rows = _reduced(rows, deductions)
    blocks = [_execution_block(form, execution), *_block_results(form, rows)]
    problems = tuple(_problems(form, rows, execution))
    total = sum((block.score for block in blocks), Decimal(0))
    total_max = total + sum((block.pending for block in blocks), Decimal(0))
    refused = any(problem.severity == "error" for problem in problems)
    settled = grade_of(total) == grade_of(total_max) and not refused
    grade = grade_of(total) if settled else None
    return Evaluation(form.code, tuple(rows), tuple(blocks), total, total_max, grade, problems)


def _weighted(form: FormVersion, rows: list[RowResult], overrides: Mapping[int, Decimal]) -> list[RowResult]:
    points: dict[int, Decimal] = {}
    for block in form.blocks:
        members = [row for row in rows if row.block == block.code]
        given = [overrides.get(row.number, row.indicator.weight) for row in members]
        shares = block_weights(block.weight or Decimal(0), given)
        points |= {row.number: share for row, share in zip(members, shares, strict=True)}
    return [replace(row, weight=points.get(row.number)) for row in rows]


def _scored(form: FormVersion, rows: list[RowResult]) -> list[RowResult]:
    return [replace(row, score=_row_score(form, row.indicator, row.weight)) for row in rows]


def _row_score(form: FormVersion, row: IndicatorRow, weight: Decimal | None) -> Decimal | None:
    if weight is None:
        return None
    if row.direction == QUALITATIVE:
        assessed = _assessed(row, weight)
        if not row.band or assessed is None:
            return None
        return score_band(row.band, assessed, weight, form.band_dialect)
    if row.target_value is None or row.actual_value is None or row.target_value < 0:
        return None
    return score_quantitative(row.direction, row.target_value, row.actual_value, weight, form.reverse_dialect)


def _assessed(row: IndicatorRow, weight: Decimal) -> Decimal | None:
    if row.assessed is not None or row.assessed_share is None:
        return row.assessed
    return row.assessed_share * weight


def _reduced(rows: list[RowResult], deductions: Sequence[Deduction]) -> list[RowResult]:
    for deduction in deductions:
        row = next((row for row in rows if row.number == deduction.row), None)
        if row is None or row.score is None or not 0 < deduction.points <= row.score:
            raise InvalidInput("扣分须指向已计分的指标，且大于零、不超过该行得分。", code="bad_deduction")
        if not deduction.author.strip() or not deduction.reason.strip():
            raise InvalidInput("扣分须写明扣分人和理由。", code="bad_deduction")
        rows = [replace(r, score=row.score - deduction.points) if r is row else r for r in rows]
    return rows


def _execution_block(form: FormVersion, execution: Execution | None) -> BlockResult:
    weight = form.execution_weight or Decimal(0)
    score = Decimal(0) if execution is None else execution_score(execution, weight)
    return BlockResult(EXECUTION, "预算执行率", weight, score, weight if execution is None else Decimal(0))


def _block_results(form: FormVersion, rows: list[RowResult]) -> Iterator[BlockResult]:
    for block in form.blocks:
        members = [row for row in rows if row.block == block.code]
        scored = sum((row.score for row in members if row.score is not None), Decimal(0))
        pending = sum((row.weight or Decimal(0) for row in members if row.score is None), Decimal(0))
        yield BlockResult(block.code, block.label, block.weight or Decimal(0), scored, pending)


def _problems(form: FormVersion, rows: list[RowResult], execution: Execution | None) -> Iterator[Problem]:
    placed = [(row.number, row.indicator, row.block, row.weight) for row in rows]
    yield from form_problems(form, placed, has_execution=execution is not None)
    for number, indicator, _, _ in placed:
        yield from row_problems(form, number, indicator)
