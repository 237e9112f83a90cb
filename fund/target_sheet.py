"""The table of a year's indicators as it is set at the start of the year: a workbook out, rows in, strictly."""

import re
from collections.abc import Sequence

from core.errors import InvalidInput
from core.spreadsheets import Column, read_table, to_xlsx
from fund.enums import Direction
from fund.labels import DIRECTIONS

TITLE = "绩效指标表"
COLUMNS = (
    Column("programme", "计划", lambda row: row[0], width=24),
    Column("level1", "一级指标", lambda row: row[1]),
    Column("level2", "二级指标", lambda row: row[2]),
    Column("name", "三级指标", lambda row: row[3], width=28),
    Column("target_text", "年度指标值", lambda row: row[4], width=28),
    Column("target_value", "目标数值", lambda row: row[5], width=12),
    Column("unit", "单位", lambda row: row[6], width=8),
    Column("direction", "方向", lambda row: row[7], width=10),
    Column("weight", "分值", lambda row: row[8], width=8),
)
HEAD = tuple(column.label for column in COLUMNS)
EXAMPLE = (
    "示例计划（请删除本行）",
    "产出指标",
    "数量指标",
    "支持企业数量",
    "不少于50家",
    "50",
    "家",
    "不低于",
    "5",
)
LONGEST = {"programme": 120, "level1": 40, "level2": 40, "name": 200, "target_text": 500, "unit": 20}
NEEDED = ("programme", "level1", "level2", "name", "target_text", "direction")
_DIRECTIONS = {label: direction for direction, label in DIRECTIONS.items()}
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?", re.ASCII)
MAX_ROWS = 500


class BadTable(InvalidInput):
    """The table is refused whole; each sentence names the row and the column."""

    code = "bad_rows"

    def __init__(self, sentences: Sequence[str]):
        super().__init__(f"指标表有 {len(sentences)} 处需要修改，没有写入任何一行。")
        self.sentences = sentences


def template() -> bytes:
    note = (
        "一行一个三级指标。方向填："
        + "、".join(DIRECTIONS.values())
        + "；定性指标不填目标数值。分值可以都不填。"
    )
    return to_xlsx(TITLE, COLUMNS, [EXAMPLE], note=note)


def read_targets(content: bytes, name: str) -> list[dict[str, str]]:
    """Rows as import_indicators takes them, results left empty. Raises BadTable with every fault found."""
    table = read_table(content, name)
    at = next((index for index, cells in enumerate(table) if tuple(cells[: len(HEAD)]) == HEAD), None)
    if at is None:
        raise InvalidInput(f"没有找到表头：{'、'.join(HEAD)}。请用模板填写。", code="bad_head", field="sheet")
    rows, faults = [], []
    for line, cells in enumerate(table[at + 1 :], at + 2):
        if not any(cells):
            continue
        row = dict(zip((column.key for column in COLUMNS), cells, strict=False))
        faults += [f"第 {line} 行{sentence}" for sentence in _faults(row)]
        direction = _DIRECTIONS.get(row["direction"], "")
        rows.append(row | {"direction": direction, "actual_text": "", "actual_value": ""})
    if not rows or len(rows) > MAX_ROWS:
        raise InvalidInput(
            f"指标表应有 1 至 {MAX_ROWS} 行，现有 {len(rows)} 行。", code="bad_size", field="sheet"
        )
    if faults:
        raise BadTable(faults)
    return rows


def _faults(row: dict[str, str]) -> list[str]:
    label = {column.key: column.label for column in COLUMNS}
    faults = [f"没有填{label[key]}。" for key in NEEDED if not row[key]]
    faults += [f"{label[key]}超过 {limit} 字。" for key, limit in LONGEST.items() if len(row[key]) > limit]
    if row["direction"] and row["direction"] not in _DIRECTIONS:
        faults.append(f"方向“{row['direction'][:10]}”应为{'、'.join(_DIRECTIONS)}之一。")
    faults += [
        f"{label[key]}“{row[key][:20]}”应为数字，不带单位。"
        for key in ("target_value", "weight")
        if row[key] and not _NUMBER.fullmatch(row[key])
    ]
    qualitative = _DIRECTIONS.get(row["direction"]) == Direction.QUALITATIVE
    if row["direction"] in _DIRECTIONS and qualitative == bool(row["target_value"]):
        faults.append("定性指标不填目标数值。" if qualitative else "没有填目标数值。")
    return faults
