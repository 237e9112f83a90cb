"""The workbook a programme's office fills in: made from the year's indicators, read back against them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput
from core.spreadsheets import Column, read_table, to_xlsx
from fund.evaluation.scoring import BAND_LABELS
from fund.labels import DIRECTIONS
from fund.result_checks import FIELDS
from fund.results import IndicatorRow

TITLE = "绩效指标填报表"
_BANDS = {label: band for band, label in BAND_LABELS.items()}


def _percent(row: IndicatorRow) -> str:
    return row.report.assessed_percent if row.report and row.report.assessed_percent else ""


def _told(name: str):
    return lambda row: "" if row.computed is not None else getattr(row, name)


COLUMNS = (
    Column("position", "序号", lambda row: row.indicator.position, kind="number", width=6),
    Column("version", "版本", lambda row: row.report.id if row.report else 0, kind="number", width=6),
    Column("programme", "计划", lambda row: row.indicator.programme, width=22),
    Column("level2", "二级指标", lambda row: row.indicator.level2),
    Column("name", "三级指标", lambda row: row.indicator.name, width=28),
    Column("target_text", "年度指标值", lambda row: row.indicator.target_text, width=28),
    Column("unit", "单位", lambda row: row.indicator.unit, width=8),
    Column("direction", "方向", lambda row: DIRECTIONS[row.indicator.direction], width=8),
    Column("actual_text", "实际完成情况", _told("told_text"), width=32),
    Column("actual_value", "完成数值", _told("told_value"), width=12),
    Column("numerator", "分子", lambda row: row.report.numerator if row.report else "", width=10),
    Column("denominator", "分母", lambda row: row.report.denominator if row.report else "", width=10),
    Column("band", "档次", lambda row: BAND_LABELS.get(row.report.band, "") if row.report else "", width=24),
    Column("assessed_percent", "评分（占分值%）", _percent, width=14),
    Column("reason", "偏差原因及说明", lambda row: row.report.reason if row.report else "", width=32),
    Column("computed", "系统计算", lambda row: row.value if row.computed is not None else "", width=14),
)
HEAD = tuple(column.label for column in COLUMNS)
LABELS = {column.key: column.label for column in COLUMNS}


@dataclass(frozen=True)
class SheetRow:
    """One filled line: its number in the sheet, the indicator's position, the report
    it was made from, the indicator's name, the cells to fill."""

    line: int
    position: int
    version: int
    name: str
    typed: Mapping[str, str]


def blank_sheet(fiscal_year: int, rows: Sequence[IndicatorRow]) -> bytes:
    note = f"{_title(fiscal_year)}。只填“实际完成情况”至“偏差原因及说明”各列；其余各列和行序请勿改动。"
    return to_xlsx(TITLE, COLUMNS, rows, note=note)


def _title(fiscal_year: int) -> str:
    return f"{fiscal_year} 年度{TITLE}"


def read_sheet(content: bytes, name: str, fiscal_year: int) -> list[SheetRow]:
    """The filled lines. Refuses a workbook that is not this year's sheet; what is in the cells is not judged here."""
    table = read_table(content, name)
    if not table or not table[0] or not table[0][0].startswith(_title(fiscal_year)):
        raise InvalidInput(f"这不是系统生成的{_title(fiscal_year)}，请先下载再填写。", code="bad_sheet")
    if len(table) < 2 or tuple(table[1][: len(HEAD)]) != HEAD:
        raise InvalidInput("表头与系统生成的不一致，请重新下载填报表，列不要增减。", code="bad_head")
    return [_row(line, cells) for line, cells in enumerate(table[2:], 3) if any(cells)]


def _row(line: int, cells: Sequence[str]) -> SheetRow:
    by_key: dict[str, Any] = dict(zip((column.key for column in COLUMNS), cells, strict=False))
    position, version = (_whole(by_key[key], line, LABELS[key]) for key in ("position", "version"))
    typed = {field: by_key[field] for field in FIELDS}
    return SheetRow(
        line, position, version, by_key["name"], typed | {"band": _BANDS.get(typed["band"], typed["band"])}
    )


def _whole(cell: str, line: int, label: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) < 10):
        raise InvalidInput(f"第 {line} 行的{label}“{cell[:20]}”被改动，请重新下载填报表。", code="bad_key")
    return int(cell)
