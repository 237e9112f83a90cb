"""Score sheets from a CSV file, rankings and suspicions into one. Every fault names the file, the line, the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path

from core.errors import InvalidInput
from judging.csv_files import Table

ANCHOR_PREFIX = "ANCHOR"
LARGEST = Decimal(1_000_000)
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_EXACT_DIGITS = 200  # of a number as long as _NUMBER allows, with room for the sum of a sheet
_LABEL = "评分文件"


@dataclass(frozen=True)
class ScoreTable:
    """Sheets as parallel sequences, one element per (entry, judge).

    totals: exact points. rooms: room names ("" where none), or None without such a column. positions: place in the
    session, or None where the file has none or not only numbers.
    """

    entries: tuple[str, ...]
    judges: tuple[str, ...]
    totals: tuple[Decimal, ...]
    rooms: tuple[str, ...] | None = None
    positions: tuple[Decimal, ...] | None = None

    @property
    def anchors(self) -> set[str]:
        """Calibration entries: scored by every judge, not ranked."""
        return {name for name in self.entries if name.startswith(ANCHOR_PREFIX)}


@dataclass
class _Sheet:
    total: Decimal
    room: str
    order: str
    criteria: set[str]
    line: int


def read_scores(path: Path) -> ScoreTable:
    """`entry,judge,score[,criterion][,room or group][,order]`, UTF-8 or GB18030; other columns are ignored.

    With a criterion, the rows of one judge and entry sum to his sheet. Raises InvalidInput.
    """
    table = Table(path, _LABEL, ("entry", "judge", "score"), ("criterion", "room", "group", "order"))
    sheets: dict[tuple[str, str], _Sheet] = {}
    with localcontext(prec=_EXACT_DIGITS):
        for line, row in table.rows():
            _add(sheets, table, line, row)
    if not sheets:
        raise InvalidInput(f"{_LABEL}“{path.name}”没有任何评分。")
    if all(entry.startswith(ANCHOR_PREFIX) for entry, _ in sheets):
        raise InvalidInput(f"{_LABEL}“{path.name}”中只有校准项目（{ANCHOR_PREFIX} 开头），没有可排名的项目。")
    _check_complete(table, sheets)
    rooms = tuple(sheet.room for sheet in sheets.values())
    return ScoreTable(
        entries=tuple(entry for entry, _ in sheets),
        judges=tuple(judge for _, judge in sheets),
        totals=tuple(sheet.total for sheet in sheets.values()),
        rooms=rooms if any(rooms) else None,
        positions=_positions(sheets.values()),
    )


def _add(sheets: dict, table: Table, line: int, row: Sequence[str]) -> None:
    entry, judge, text, criterion, room, group, order = row
    if not entry or not judge:
        raise table.fault(line, "项目编号为空" if not entry else "评委编号为空")
    score = _score(table, line, text)
    sheet = sheets.get((entry, judge))
    if sheet is None:
        sheets[entry, judge] = _Sheet(score, room or group, order, {criterion}, line)
        return
    if ("" in sheet.criteria) != (criterion == ""):
        raise table.fault(line, f"评委“{judge}”对项目“{entry}”既有整张评分又有分项评分，请只保留一种")
    if criterion in sheet.criteria:
        what = f"的评分项“{criterion}”" if criterion else ""
        raise table.fault(line, f"评委“{judge}”对项目“{entry}”{what}重复评分，前一次在第 {sheet.line} 行起")
    if (room or group) != sheet.room:
        raise table.fault(line, f"评委“{judge}”对项目“{entry}”的同一张评分表出现了两个考场")
    sheet.criteria.add(criterion)
    sheet.total += score


def _score(table: Table, line: int, text: str) -> Decimal:
    if not text:
        raise table.fault(line, "分数为空；未评分或回避的评委请删去该行，不要留空")
    if not _NUMBER.fullmatch(text):
        raise table.fault(line, f"分数“{text[:40]}”不是数字")
    value = Decimal(text)
    if abs(value) >= LARGEST:
        raise table.fault(line, f"分数“{text[:40]}”超出范围，应小于 {LARGEST}")
    return value


def _check_complete(table: Table, sheets: dict) -> None:
    """All judges of an entry filled in the same criteria; a sheet with a gap would count as a low one."""
    of_entry: dict[str, set[str]] = {}
    for (entry, _), sheet in sheets.items():
        of_entry.setdefault(entry, set()).update(sheet.criteria)
    for (entry, judge), sheet in sheets.items():
        lacking = sorted(of_entry[entry] - sheet.criteria)
        if lacking:
            names = "、".join(name or "（空）" for name in lacking)
            raise table.fault(sheet.line, f"评委“{judge}”对项目“{entry}”缺少评分项：{names}")


def _positions(sheets: Iterable[_Sheet]) -> tuple[Decimal, ...] | None:
    texts = [sheet.order for sheet in sheets]
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return None
    return tuple(Decimal(text) for text in texts)
