"""League table of organising units (地州市, 承办单位) for the outstanding organiser awards (优秀组织奖)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from awards.allocation.plan import AllocationError, Fault


@dataclass(frozen=True, slots=True)
class LeagueItem:
    indicator: str
    count: int
    points: int


@dataclass(frozen=True, slots=True)
class LeagueRow:
    """rank: 1, 2, 2, 4. items: how the points came about, in the order of the points table."""

    unit: str
    rank: int
    points: int
    items: tuple[LeagueItem, ...]


def league(
    points: Mapping[str, int], counts: Mapping[str, Mapping[str, int]], tie_order: Sequence[str] = ()
) -> list[LeagueRow]:
    """Units by the sum of count x points over the indicators, most first.

    points: indicator -> whole points per unit counted, negative for a deduction. counts: unit -> indicator ->
    how many; an indicator not given has happened 0 times, one without points is refused. tie_order: indicators
    whose higher count decides equal points, in turn; what they leave equal shares its rank, by unit name.
    """
    for name in tie_order:
        _check_indicator(name, points)
    for unit, found in counts.items():
        for name, count in found.items():
            _check_indicator(name, points)
            if count < 0:
                raise AllocationError(Fault.BAD_COUNT, unit)
    items = {
        unit: tuple(
            LeagueItem(name, found.get(name, 0), found.get(name, 0) * each) for name, each in points.items()
        )
        for unit, found in counts.items()
    }
    totals = {unit: sum(item.points for item in items[unit]) for unit in counts}
    standing = {unit: (totals[unit], *(counts[unit].get(name, 0) for name in tie_order)) for unit in counts}
    ordered = sorted(standing.values(), reverse=True)
    rows = [LeagueRow(unit, 1 + ordered.index(standing[unit]), totals[unit], items[unit]) for unit in counts]
    return sorted(rows, key=lambda row: (row.rank, row.unit))


def _check_indicator(name: str, points: Mapping[str, int]) -> None:
    if name not in points:
        raise AllocationError(Fault.UNKNOWN_INDICATOR, name)
