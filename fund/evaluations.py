"""The year's tables as the pure modules read them, and the self-evaluation of a year from the database.

What stands as a row's result is the computed figure where the system has one, else what was reported; the
as-reported basis leaves every figure as it was handed in.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from fund import queries, results
from fund.evaluation import Evaluation, Execution, FormVersion, evaluate
from fund.indicators import Source, source
from fund.models import BudgetLine, IndicatorReport
from fund.queries import LineTotals, TreeRow
from fund.records import IndicatorRow, TreeLine


class Basis(StrEnum):
    STANDING = "standing"
    REPORTED = "reported"


@dataclass(frozen=True)
class Funds:
    """The funds block of the form, all in 分. `carried_in_fen` is part of `budget_fen`."""

    initial_fen: int | None
    budget_fen: int
    executed_fen: int
    carried_in_fen: int

    @property
    def grant_fen(self) -> int:
        return self.budget_fen - self.carried_in_fen

    @property
    def execution(self) -> Execution | None:
        return Execution(self.budget_fen, self.executed_fen) if self.budget_fen > 0 else None


@dataclass(frozen=True)
class Figure:
    """One indicator with its computed value, its source and what the form makes of it."""

    row: results.IndicatorRow
    source: Source | None
    difference: Decimal | None
    number: int
    block: str
    weight: Decimal | None
    score: Decimal | None
    problems: tuple


@dataclass(frozen=True)
class YearEvaluation:
    year: int
    form: FormVersion
    basis: Basis
    funds: Funds
    evaluation: Evaluation
    figures: tuple[Figure, ...]
    project: str


def tree_records(rows: list[TreeRow]) -> list[TreeLine]:
    codes = {row.line.id: row.line.code for row in rows}
    return [_tree_record(row.line, codes) for row in rows]


def _tree_record(line: BudgetLine, codes: dict[int, str]) -> TreeLine:
    parent = codes.get(line.parent_id, "")
    kind = line.kind.value
    return TreeLine(line.code, parent, line.name, line.reported_fen, kind, line.reported_items, line.note)


def target_record(row: results.IndicatorRow) -> IndicatorRow:
    """The row as it was set: names, target, unit, direction, points; nothing of its result."""
    told = row.indicator
    return IndicatorRow(
        programme=told.programme,
        level1=told.level1,
        level2=told.level2,
        name=told.name,
        target_text=told.target_text,
        actual_text="",
        target_value=_decimal(told.target_value),
        unit=told.unit,
        direction=told.direction.value,
        weight=_decimal(told.weight),
    )


def indicator_record(row: results.IndicatorRow, basis: Basis = Basis.REPORTED) -> IndicatorRow:
    """The row with its result: as last reported, or on the standing basis as computed where the system can."""
    computed = row.computed if basis == Basis.STANDING else None
    result = {
        "actual_text": row.told_text if computed is None else row.value,
        "actual_value": row.told_number if computed is None else computed,
    }
    return replace(target_record(row), **result, **_said(row.report))


def _said(report: IndicatorReport | None) -> dict[str, object]:
    if report is None:
        return {}
    percent = _decimal(report.assessed_percent)
    return {
        "numerator": _decimal(report.numerator),
        "denominator": _decimal(report.denominator),
        "band": report.band,
        "assessed_share": None if percent is None else percent / 100,
        "reason": report.reason,
    }


def funds_of(fiscal_year: int) -> Funds:
    """The year's roots together: reported at the start, issued less returned, paid, of it carried in."""
    roots = [row for row in queries.tree(fiscal_year) if row.depth == 0]
    reported = [row.line.reported_fen for row in roots]
    totals = sum((row.totals for row in roots), LineTotals())
    return Funds(
        initial_fen=sum(reported) if reported and None not in reported else None,
        budget_fen=totals.issued_fen - totals.returned_fen,
        executed_fen=totals.paid_fen,
        carried_in_fen=queries.carried_in_fen(fiscal_year),
    )


def evaluate_year(fiscal_year: int, form: FormVersion, basis: Basis = Basis.STANDING) -> YearEvaluation:
    """Score the indicators of a year on a form, with the execution the ledger shows."""
    rows = results.indicator_rows(fiscal_year)
    funds = funds_of(fiscal_year)
    evaluation = evaluate(form, [indicator_record(row, basis) for row in rows], funds.execution)
    by_row: dict[int, list] = {}
    for problem in evaluation.problems:
        by_row.setdefault(problem.row, []).append(problem)
    figures = tuple(
        Figure(
            row=row,
            source=source(row.indicator.source) if row.indicator.source else None,
            difference=_difference(row),
            number=result.number,
            block=result.block,
            weight=result.weight,
            score=result.score,
            problems=tuple(by_row.get(result.number, ())),
        )
        for row, result in zip(rows, evaluation.rows, strict=True)
    )
    return YearEvaluation(fiscal_year, form, basis, funds, evaluation, figures, _project(fiscal_year))


def _difference(row: results.IndicatorRow) -> Decimal | None:
    """Computed less reported; None where either is missing."""
    reported = row.told_number
    return None if row.computed is None or reported is None else row.computed - reported


def _project(fiscal_year: int) -> str:
    return "、".join(line.name for line in queries.lines_of(fiscal_year) if line.parent_id is None)


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None
