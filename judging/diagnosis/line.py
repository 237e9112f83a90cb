"""What hangs on a single judge at the line: the list without him, and what one judge more would settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import erfc, sqrt
from typing import Any

from judging import scoring
from judging.anomalies.relations import without_judge
from judging.calibration.model import Calibration
from judging.numeric import np
from judging.official import hundredths
from judging.standings import score_of

REPEATS = 200


def one_less(
    calibration: Calibration, entries: Sequence[Mapping[str, Any]], rule: Mapping[str, Any], *, places: int
) -> list[dict[str, Any]]:
    """By judge: who would enter and leave the first `places`, officially and calibrated, had he scored nothing."""
    official = official_first(entries, rule, places)
    lines = []
    for judge in sorted(calibration.sheets.judges):
        again = official_first(entries, rule, places, without=judge)
        swap = without_judge(calibration, judge, places=places)
        lines.append(
            {
                "judge": judge,
                "official_in": sorted(again - official),
                "official_out": sorted(official - again),
                "calibrated_in": list(swap.entered),
                "calibrated_out": list(swap.left),
                "own_move": None if swap.own_move is None else round(swap.own_move, 2),
            }
        )
    return lines


def official_first(
    entries: Sequence[Mapping[str, Any]], rule: Mapping[str, Any], places: int, *, without: int | None = None
) -> set[str]:
    """The first `places` by the official rule, ties by more decimals and then all of them inside."""
    exact = {number: result.exact for number, result in _results(entries, rule, without=without).items()}
    if not exact:
        return set()
    line = sorted(exact.values(), reverse=True)[: max(places, 1)][-1]
    return {number for number, score in exact.items() if score >= line}


def with_second_looks(
    entries: Sequence[Mapping[str, Any]], rule: Mapping[str, Any], second: Mapping[tuple[str, int], int]
) -> dict[str, dict[str, int]]:
    """{entry: {score, rank}} of the entries looked at again, had the official rule been given those scores too.

    What would be, for whoever has to weigh it; hundredths, equal scores sharing a rank. By the published rule where it
    says how looks count, else as further sheets of the panel.
    """
    shown = {
        number: hundredths(result.shown) for number, result in _results(entries, rule, second=second).items()
    }
    looked = {number for number, _ in second} & set(shown)
    return {
        number: {"score": shown[number], "rank": 1 + sum(score > shown[number] for score in shown.values())}
        for number in sorted(looked)
    }


def _results(
    entries: Sequence[Mapping[str, Any]],
    rule: Mapping[str, Any],
    *,
    without: int | None = None,
    second: Mapping[tuple[str, int], int] | None = None,
) -> dict[str, scoring.EntryResult]:
    """Official results without a judge, or with further scores; entries left without a valid score are left out."""
    found = {}
    for entry in entries:
        sheets = [sheet for sheet in entry["sheets"] if sheet["judge"] != without]
        looks = [look for look in entry.get("second", ()) if look["judge"] != without]
        if second is not None:
            rule = {"second_look": {"how": "pooled"}} | rule
            looks = [
                {"judge": judge, "total": total}
                for (number, judge), total in sorted(second.items())
                if number == entry["entry"]
            ]
        result = score_of({"sheets": sheets, "second": looks}, rule)
        if result.exact is not None:
            found[entry["entry"]] = result
    return found


def one_more(calibration: Calibration, *, places: int, seed: int) -> dict[str, Any]:
    """Had one more typical judge scored every entry: grey entries now and then, places that would change hands.

    A score of noise s20 narrows an entry's variance v to v' = 1 / (1/v + 1/s20) and moves its value by N(0, v - v').
    Means over seeded repeats; both numbers of grey entries by the quick approximation, so that they compare.
    """
    ranked = np.flatnonzero(~calibration.sheets.is_anchor)
    theta, variance = calibration.theta[ranked], calibration.variance[ranked]
    if places >= len(ranked):
        return {"grey": 0.0, "grey_then": 0.0, "swapped": 0.0}
    narrower = 1 / (1 / variance + 1 / calibration.spread["s20"])
    chance = np.random.Generator(np.random.PCG64(seed))
    before, grey, swapped = set(_first(theta, places)), 0, 0
    for _ in range(REPEATS):
        moved = theta + np.sqrt(variance - narrower) * chance.standard_normal(len(theta))
        grey += _grey(moved, narrower, places)
        swapped += len(before - set(_first(moved, places)))
    return {
        "grey": round(_grey(theta, variance, places), 1),
        "grey_then": round(grey / REPEATS, 1),
        "swapped": round(swapped / REPEATS, 1),
    }


def _first(theta, places: int) -> list[int]:
    return np.argsort(-theta, kind="stable")[:places].tolist()


def _grey(theta, variance, places: int) -> int:
    ordered = np.sort(theta)[::-1]
    deviate = (theta - (ordered[places - 1] + ordered[places]) / 2) / np.sqrt(variance)
    return sum(0.1 < 0.5 * erfc(-value / sqrt(2)) < 0.9 for value in deviate.tolist())
