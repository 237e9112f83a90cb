"""The official layouts of forms A, B and C as grids of merged cells (columns and merges of a filled 2019 form).

A has three columns with the levels as side headings; B and C have the head, the funds block, the goal block, the
indicator block of eight columns and the total. Pure: no file format is known here. What the system does not hold
is printed as 未登记 rather than left to be taken for empty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from core.money import wan
from fund.evaluation import FormVersion
from fund.evaluations import Figure, Funds, YearEvaluation, indicator_record

MISSING, NONE = "未登记", "—"
SCORED_WIDTHS = (14, 15, 30, 23, 23, 8, 8, 20)
SIDE_WIDTHS = (6, 10, 12, 31, 21, 21)
FUND_COLUMNS = ("年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")


@dataclass(frozen=True)
class FilledForm:
    """A year's evaluation with what the head of the form asks for."""

    found: YearEvaluation
    department: str = ""
    unit: str = ""
    goal_expected: str = ""
    goal_actual: str = ""
    printed_by: str = ""


@dataclass(frozen=True)
class Cell:
    """`rows` and `cols` are how far it spans; `kind` is title, subtitle, head, text or number."""

    row: int
    col: int
    text: str
    kind: str = "text"
    rows: int = 1
    cols: int = 1


@dataclass
class Grid:
    """Cells by place. `head` is the row of the indicator block's column names, repeated on every printed page."""

    widths: Sequence[int]
    cells: list[Cell] = field(default_factory=list)
    height: int = 0
    landscape: bool = True
    head: int = 0

    def add(self, row: int, col: int, text: str, kind: str = "text", rows: int = 1, cols: int = 1) -> None:
        self.cells.append(Cell(row, col, text, kind, rows, cols))
        self.height = max(self.height, row + rows)


def grid_of(filled: FilledForm) -> Grid:
    return _scored(filled) if filled.found.form.is_scored else _three_columns(filled)


def _three_columns(filled: FilledForm) -> Grid:
    found = filled.found
    grid = Grid(SIDE_WIDTHS, landscape=False)
    last = len(SIDE_WIDTHS)
    grid.add(0, 0, "项目支出绩效目标自评表", "title", cols=last)
    grid.add(1, 0, f"（{found.year} 年度）", "subtitle", cols=last)
    grid.add(2, 0, "项目名称", "head", cols=2)
    grid.add(2, 2, found.project, cols=last - 2)
    grid.add(3, 0, "主管部门", "head", cols=2)
    grid.add(3, 2, filled.department or MISSING, cols=2)
    grid.add(3, 4, "实施单位", "head")
    grid.add(3, 5, filled.unit or MISSING)
    grid.head = 4
    grid.add(4, 1, "指标", "head", cols=3)
    grid.add(4, 4, "预期指标值（包含数字及文字描述）", "head")
    grid.add(4, 5, "实际完成指标值（包含数字及文字描述）", "head")
    end = 5
    for row, figure in _placed(grid, found.form, found.figures, start=5, level1=1):
        record = indicator_record(figure.row, found.basis)
        grid.add(row, 3, record.name)
        grid.add(row, 4, record.target_text)
        grid.add(row, 5, record.actual_text)
        end = row + 1
    grid.add(4, 0, "年度绩效指标完成情况", "head", rows=end - 4)
    return grid


def _scored(filled: FilledForm) -> Grid:
    found = filled.found
    grid = Grid(SCORED_WIDTHS)
    _head(grid, filled)
    _funds(grid, found)
    _goals(grid, filled, 9)
    grid.head = 11
    for column, label in enumerate(found.form.columns):
        grid.add(11, column, label, "head")
    end = 12
    for row, figure in _placed(grid, found.form, found.figures, start=12, level1=0):
        record = indicator_record(figure.row, found.basis)
        grid.add(row, 2, record.name)
        grid.add(row, 3, record.target_text)
        grid.add(row, 4, record.actual_text)
        grid.add(row, 5, points(figure.weight), "number")
        grid.add(row, 6, points(figure.score), "number")
        grid.add(row, 7, record.reason)
        end = row + 1
    _total(grid, found, end)
    return grid


def _head(grid: Grid, filled: FilledForm) -> None:
    grid.add(0, 0, "项目支出绩效自评表", "title", cols=8)
    grid.add(1, 0, f"（{filled.found.year} 年度）", "subtitle", cols=8)
    grid.add(2, 0, "项目名称", "head")
    grid.add(2, 1, filled.found.project, cols=7)
    grid.add(3, 0, "主管部门", "head")
    grid.add(3, 1, filled.department or MISSING, cols=3)
    grid.add(3, 4, "实施单位", "head")
    grid.add(3, 5, filled.unit or MISSING, cols=3)


def _funds(grid: Grid, found: YearEvaluation) -> None:
    grid.add(4, 0, "项目资金（万元）", "head", rows=5)
    grid.add(4, 1, "", "head")
    for column, label in enumerate(FUND_COLUMNS, start=2):
        grid.add(4, column, label, "head")
    for row, cells in enumerate(_fund_rows(found), start=5):
        grid.add(row, 1, cells[0], "head")
        for column, text in enumerate(cells[1:], start=2):
            grid.add(row, column, text, "number")


def _fund_rows(found: YearEvaluation) -> list[tuple[str, ...]]:
    funds: Funds = found.funds
    block = found.evaluation.blocks[0]
    score = NONE if block.pending else points(block.score)
    initial = NONE if funds.initial_fen is None else wan(funds.initial_fen)
    total = (
        initial,
        wan(funds.budget_fen),
        wan(funds.executed_fen),
        points(block.weight),
        rate(funds),
        score,
    )
    return [
        ("年度资金总额", *total),
        ("其中：当年财政拨款", NONE, wan(funds.grant_fen), NONE, NONE, NONE, NONE),
        ("上年结转资金", NONE, wan(funds.carried_in_fen), NONE, NONE, NONE, NONE),
        ("其他资金", NONE, "0", NONE, NONE, NONE, NONE),
    ]


def _goals(grid: Grid, filled: FilledForm, row: int) -> None:
    grid.add(row, 0, "年度总体目标", "head", rows=2)
    grid.add(row, 1, "预期目标", "head", cols=3)
    grid.add(row, 4, "实际完成情况", "head", cols=4)
    grid.add(row + 1, 1, filled.goal_expected or MISSING, cols=3)
    grid.add(row + 1, 4, filled.goal_actual or MISSING, cols=4)


def _total(grid: Grid, found: YearEvaluation, row: int) -> None:
    evaluation = found.evaluation
    full = sum((block.weight for block in evaluation.blocks), Decimal(0))
    grid.add(row, 0, "总分", "head", cols=5)
    grid.add(row, 5, points(full), "number")
    grid.add(row, 6, points(evaluation.total), "number")
    grid.add(row, 7, _standing(found))
    grid.add(row + 1, 0, "说明", "head")
    grid.add(row + 1, 1, _remarks(found), cols=7)


def _standing(found: YearEvaluation) -> str:
    evaluation = found.evaluation
    if evaluation.grade:
        return f"等级：{evaluation.grade}"
    low, high = evaluation.grade_range
    return f"暂不能评定等级（{low}至{high}）"


def _remarks(found: YearEvaluation) -> str:
    """What keeps the printed form from being final, in one cell."""
    pending = sum(1 for figure in found.figures if figure.score is None)
    whole = [problem.message for problem in found.evaluation.problems if problem.row is None]
    if pending:
        whole.append(f"{pending} 项指标尚未计分，总分为已计分部分。")
    return "\n".join(whole) or NONE


def _placed(
    grid: Grid, form: FormVersion, figures: Sequence[Figure], *, start: int, level1: int
) -> Iterator[tuple[int, Figure]]:
    """Rows in the form's printing order, with the merged headings of both levels in two columns."""
    row = start
    for block, in_block in groupby(_ordered(form, figures), key=lambda figure: _block_label(form, figure)):
        first = row
        for kind, in_kind in groupby(in_block, key=lambda figure: figure.row.indicator.level2):
            kind_first = row
            for figure in in_kind:
                yield row, figure
                row += 1
            grid.add(kind_first, level1 + 1, kind, "head", rows=row - kind_first)
        grid.add(first, level1, block, "head", rows=row - first)


def _ordered(form: FormVersion, figures: Sequence[Figure]) -> list[Figure]:
    order = {kind: place for place, kind in enumerate(kind for block in form.blocks for kind in block.kinds)}
    codes = [block.code for block in form.blocks] + [""]

    def place(figure: Figure) -> tuple[int, int, str, int]:
        kind = figure.row.indicator.level2
        return codes.index(figure.block), order.get(kind, len(order)), kind, figure.number

    return sorted(figures, key=place)


def _block_label(form: FormVersion, figure: Figure) -> str:
    block = next((block for block in form.blocks if block.code == figure.block), None)
    if block is None:
        return f"{figure.row.indicator.level1}（不在本表式）"
    return block.label if block.weight is None else f"{block.label}（{block.weight} 分）"


def points(value: Decimal | None) -> str:
    """Two decimals, a dash for what is not there."""
    return NONE if value is None else f"{value:.2f}"


def rate(funds: Funds) -> str:
    if funds.budget_fen <= 0:
        return NONE
    share = Decimal(funds.executed_fen) * 100 / Decimal(funds.budget_fen)
    return f"{share.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP)}%"
