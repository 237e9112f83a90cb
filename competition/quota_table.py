"""Places of single units as a person types them, one unit a line: '乌鲁木齐赛区 初创组：5'. Pure.

The names of a unit stand in the order of the quota's dimensions, apart by a space or '/'. `names` gives, for each
dimension, the value the quota engine knows by the name on the page.
"""

import re
from collections.abc import Mapping, Sequence

from core.errors import InvalidInput

Table = list[list]  # [[value, ...], places]
LINE = re.compile(r"(?P<unit>.+?)\s*[：:=]\s*(?P<places>[0-9]{1,5})\s*(?:个|名)?")


def parse(text: str, by: Sequence[str], names: Mapping[str, Mapping[str, str]]) -> Table:
    """The table of a quota; a line that cannot be read is refused by its number."""
    table: Table = []
    for number, line in enumerate((text or "").splitlines(), 1):
        if not line.strip():
            continue
        match = LINE.fullmatch(line.strip())
        unit = _unit(match["unit"], by, names) if match else None
        if match is None or unit is None:
            raise InvalidInput(
                f"单独名额第 {number} 行无法识别，应形如“{_example(by, names)}：5”。",
                code="quota_line",
                field="table",
            )
        if any(unit == known for known, _ in table):
            raise InvalidInput(f"单独名额第 {number} 行与前面重复。", code="quota_line", field="table")
        table.append([unit, int(match["places"])])
    return table


def _unit(
    text: str, by: Sequence[str], names: Mapping[str, Mapping[str, str]], *, at: int = 0
) -> list[str] | None:
    """Names may hold spaces themselves, so each dimension's names are tried in turn."""
    rest = text.strip(" /　")
    if at == len(by):
        return [] if not rest else None
    for name in sorted(names[by[at]], key=len, reverse=True):
        if rest.startswith(name):
            after = _unit(rest[len(name) :], by, names, at=at + 1)
            if after is not None:
                return [names[by[at]][name], *after]
    return None


def _example(by: Sequence[str], names: Mapping[str, Mapping[str, str]]) -> str:
    return " ".join(next(iter(names[dimension]), "") for dimension in by)


def words(table: Table, by: Sequence[str], names: Mapping[str, Mapping[str, str]]) -> str:
    """The inverse of `parse`."""
    known = [{value: name for name, value in names[dimension].items()} for dimension in by]
    return "\n".join(
        f"{' '.join(known[i].get(value, value) for i, value in enumerate(unit))}：{places}"
        for unit, places in table
    )
