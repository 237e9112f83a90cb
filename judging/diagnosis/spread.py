"""Plain distributions of scores, in points: what a box plot shows. No model, no database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def box(hundredths: Iterable[int]) -> dict[str, Any]:
    """{count, low, lower, middle, upper, high, mean, sd} of scores in hundredths, as points with two decimals.

    Quartiles by linear interpolation between order statistics (Hyndman and Fan, type 7); sd with n - 1.
    """
    values = sorted(hundredths)
    count = len(values)
    mean = sum(values) / count
    squares = sum((value - mean) ** 2 for value in values)
    return {
        "count": count,
        "low": _points(values[0]),
        "lower": _points(_quantile(values, 1)),
        "middle": _points(_quantile(values, 2)),
        "upper": _points(_quantile(values, 3)),
        "high": _points(values[-1]),
        "mean": _points(mean),
        "sd": _points((squares / (count - 1)) ** 0.5) if count > 1 else 0.0,
    }


def _quantile(values: Sequence[int], quarter: int):
    place, rest = divmod(quarter * (len(values) - 1), 4)
    if not rest:
        return values[place]
    return values[place] + (values[place + 1] - values[place]) * rest / 4


def _points(hundredths) -> float:
    return round(hundredths / 100, 2)


def of_criteria(entries: Sequence[Mapping[str, Any]], tops: Mapping[str, int]) -> list[dict[str, Any]]:
    """A box of each criterion's points over all submitted sheets, in the order of `tops`."""
    given: dict[str, list[int]] = {code: [] for code in tops}
    for entry in entries:
        for sheet in entry["sheets"]:
            if sheet["total"] is not None:
                for code, value in sheet["values"].items():
                    given.setdefault(code, []).append(value)
    return [
        {"criterion": code, "top": _points(tops.get(code, 0)), **box(values)}
        for code, values in given.items()
        if values
    ]


def of_judges(
    entries: Sequence[Mapping[str, Any]], second: Mapping[tuple[str, int], int]
) -> dict[int, dict[str, Any]]:
    """A box of each judge's sheet totals, second looks ({(entry, judge): hundredths}) included."""
    given: dict[int, list[int]] = {}
    for (_, judge), total in second.items():
        given.setdefault(judge, []).append(total)
    for entry in entries:
        for sheet in entry["sheets"]:
            if sheet["total"] is not None:
                given.setdefault(sheet["judge"], []).append(sheet["total"])
    return {judge: box(totals) for judge, totals in given.items()}
