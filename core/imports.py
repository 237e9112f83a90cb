"""Lists handed in as tables: the head is looked for, every faulty line is named, and one of them refuses the whole."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from core.errors import InvalidInput

MOST_FAULTS = 10
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0?0:00(?::00)?)?", re.ASCII)


def rows_of(
    table: list[list[str]],
    heads: Sequence[str],
    needed: Sequence[str],
    read: Callable[[dict[str, str]], dict],
) -> list[dict]:
    """What `read` makes of each line, given as {head: text}. Raises InvalidInput for the field `file`."""
    top = next((number for number, row in enumerate(table) if heads[0] in row), None)
    if top is None or any(name not in table[top] for name in needed):
        raise InvalidInput(f"表头应有：{'、'.join(needed)}。", code="table_heads", field="file")
    places = {name: table[top].index(name) for name in heads if name in table[top]}
    rows, faults = [], []
    for number, line in enumerate(table[top + 1 :], top + 2):
        if not any(line):
            continue
        try:
            rows.append(read({name: line[at] if at < len(line) else "" for name, at in places.items()}))
        except InvalidInput as refusal:
            faults.append(f"第 {number} 行：{refusal.sentence.rstrip('。')}")
    if faults:
        more = f"；另有 {len(faults) - MOST_FAULTS} 行" if len(faults) > MOST_FAULTS else ""
        raise InvalidInput("；".join(faults[:MOST_FAULTS]) + more, code="table_rows", field="file")
    if not rows:
        raise InvalidInput("表中没有数据行。", code="table_empty", field="file")
    return rows


def need_words(cells: dict[str, str], limits: dict[str, int], needed: Sequence[str]) -> None:
    for name, most in limits.items():
        if len(cells.get(name, "")) > most or (name in needed and not cells[name]):
            raise InvalidInput(f"{name}应为 1 到 {most} 字。")


def read_day(text: str) -> date:
    """A day as people and spreadsheet programs write it."""
    found = _DAY.fullmatch(text.strip())
    try:
        day = date(*(int(part) for part in found.groups()))
    except (AttributeError, ValueError):
        raise InvalidInput(f"日期“{text[:20]}”应写作 2026-01-31。") from None
    if not 1990 <= day.year <= 2200:
        raise InvalidInput("日期的年份应在 1990 到 2200 之间。")
    return day
