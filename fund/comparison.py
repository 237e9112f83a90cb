"""Two years side by side: lines and indicators paired by name, with what changed, appeared and went. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from fund.queries import TreeRow
from fund.results import IndicatorRow
from fund.wording import collapse

_YEAR = re.compile(r"20\d\d\s*年?度?")
_DEMO = re.compile(r"[（(]演示数据[）)]")


class Change(StrEnum):
    NEW = "new"
    GONE = "gone"
    BOTH = "both"


class Measure(StrEnum):
    """Which amount of a line is compared."""

    REPORTED = "reported"
    ISSUED = "issued"
    PAID = "paid"

    def of(self, row: TreeRow | None) -> int | None:
        if row is None:
            return None
        if self == Measure.REPORTED:
            return row.line.reported_fen
        return row.totals.issued_fen if self == Measure.ISSUED else row.totals.paid_fen


@dataclass(frozen=True)
class Pair:
    """One line of two years; a side without the line is None."""

    name: str
    depth: int
    left: TreeRow | None
    right: TreeRow | None

    @property
    def change(self) -> Change:
        return _change(self.left, self.right)

    def difference_fen(self, measure: Measure) -> int | None:
        """Right less left; None where a side is missing or states nothing."""
        sides = measure.of(self.left), measure.of(self.right)
        return None if None in sides else sides[1] - sides[0]


@dataclass(frozen=True)
class IndicatorPair:
    left: IndicatorRow | None
    right: IndicatorRow | None

    @property
    def name(self) -> str:
        return (self.right or self.left).indicator.name

    @property
    def change(self) -> Change:
        return _change(self.left, self.right)

    @property
    def difference(self) -> Decimal | None:
        """Right result less left one, where both are figures in one unit."""
        if self.left is None or self.right is None:
            return None
        if self.left.indicator.unit != self.right.indicator.unit:
            return None
        sides = _result(self.left), _result(self.right)
        return None if None in sides else sides[1] - sides[0]


def _change(left: object, right: object) -> Change:
    if left is None:
        return Change.NEW
    return Change.GONE if right is None else Change.BOTH


def _result(row: IndicatorRow) -> Decimal | None:
    if row.computed is not None:
        return row.computed
    return row.told_number


def paired(left: Sequence[TreeRow], right: Sequence[TreeRow]) -> list[Pair]:
    """By the path of names from the root, years in names aside; what is left, by a name either year has once.

    The left year's order, then what only the right year has.
    """
    ours, theirs = _by_path(left), _by_path(right)
    matched = {path: path for path in ours if path in theirs}
    matched |= _by_last_name([p for p in ours if p not in matched], [p for p in theirs if p not in matched])
    taken = set(matched.values())
    pairs = [Pair(row.line.name, row.depth, row, theirs.get(matched.get(path))) for path, row in ours.items()]
    fresh = [Pair(row.line.name, row.depth, None, row) for path, row in theirs.items() if path not in taken]
    return pairs + fresh


def _by_path(rows: Sequence[TreeRow]) -> dict[tuple[str, ...], TreeRow]:
    trail: list[str] = []
    found = {}
    for row in rows:
        trail = [*trail[: row.depth], timeless(row.line.name)]
        found[tuple(trail)] = row
    return found


def timeless(name: str) -> str:
    """'2018年度大赛专项（演示数据）' -> '大赛专项'."""
    return _DEMO.sub("", _YEAR.sub("", name)).strip() or name


def _by_last_name(ours: Sequence[tuple], theirs: Sequence[tuple]) -> dict[tuple, tuple]:
    one, other = (_once(paths, lambda path: path[-1]) for paths in (ours, theirs))
    return {path: other[name] for name, path in one.items() if name in other}


def _once(items: Sequence, name: Callable) -> dict:
    """Items by name, for the names that occur once."""
    counts = Counter(name(item) for item in items)
    return {name(item): item for item in items if counts[name(item)] == 1}


def paired_indicators(left: Sequence[IndicatorRow], right: Sequence[IndicatorRow]) -> list[IndicatorPair]:
    """By name, years and stutters aside, in the right year's order; names that occur twice pair in their order."""
    ours, theirs = _numbered(left), _numbered(right)
    pairs = [IndicatorPair(ours.get(key), row) for key, row in theirs.items()]
    return pairs + [IndicatorPair(row, None) for key, row in ours.items() if key not in theirs]


def _numbered(rows: Sequence[IndicatorRow]) -> dict[tuple[str, int], IndicatorRow]:
    seen: Counter[str] = Counter()
    found = {}
    for row in rows:
        name = collapse(timeless(row.indicator.name))
        seen[name] += 1
        found[name, seen[name]] = row
    return found
