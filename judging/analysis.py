"""The diagnosis of one ranking as plain values: calibrated scores, certainty at the cut, judges, flags.

The official ranking stands beside it untouched. The same inputs, places, draws and seed give the same values.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from judging.anomalies.flags import Flag, flags
from judging.calibration.certainty import certainty
from judging.calibration.model import fit
from judging.calibration.sheets import arrange

BANDS = ("out", "grey", "clear")


def analyse(
    entries: Sequence[Mapping[str, Any]], ranks: Mapping[str, int], *, places: int, draws: int, seed: int
) -> dict[str, Any]:
    """entries as in `standings.Inputs`; ranks: the official rank by entry number."""
    given = [
        (entry["entry"], sheet["judge"], sheet["total"] / 100)
        for entry in entries
        for sheet in entry["sheets"]
        if sheet["total"] is not None
    ]
    fitted = fit(arrange(*(list(column) for column in zip(*given, strict=True))))
    sure = certainty(fitted, places=places, draws=draws, seed=seed)
    lines = _entry_lines(fitted, sure, ranks)
    grey = [line for line in lines if line["band"] == "grey"]
    return {
        "calibratable": fitted.calibratable,
        "places": sure.places,
        "draws": draws,
        "seed": seed,
        "entries": lines,
        "grey_inside": sum(line["rank"] <= sure.places for line in grey),
        "grey_outside": sum(line["rank"] > sure.places for line in grey),
        "judges": _judge_lines(fitted),
        "flags": [_flag_line(flag) for flag in flags(fitted, places=sure.places)],
    }


def _entry_lines(fitted, sure, ranks: Mapping[str, int]) -> list[dict[str, Any]]:
    columns = (fitted.score, sure.p_award, sure.rank_lo, sure.rank_hi, sure.band)
    lines = [
        {
            "entry": number,
            "rank": ranks[number],
            "calibrated": round(score, 2),
            "chance": round(chance, 3),
            "rank_low": low,
            "rank_high": high,
            "band": BANDS[band],
        }
        for number, score, chance, low, high, band in zip(
            fitted.sheets.entries, *(column.tolist() for column in columns), strict=True
        )
    ]
    return sorted(lines, key=lambda line: (line["rank"], line["entry"]))


def _judge_lines(fitted) -> list[dict[str, Any]]:
    columns = (fitted.leniency, fitted.scale, fitted.noise / fitted.spread["s20"])
    lines = [
        {"judge": judge, "leniency": round(lean, 2), "scale": round(scale, 2), "noise": round(noise, 2)}
        for judge, lean, scale, noise in zip(
            fitted.sheets.judges, *(column.tolist() for column in columns), strict=True
        )
    ]
    return sorted(lines, key=lambda line: line["judge"])


def _flag_line(flag: Flag) -> dict[str, Any]:
    return {
        "kind": flag.kind.value,
        "judges": list(flag.judges),
        "entries": list(flag.entries),
        "statistic": flag.statistic,
        "value": round(flag.value, 2),
        "deviate": round(flag.deviate, 2),
        "expected_false_alarms": round(flag.expected_false_alarms, 2),
        "at_cut": list(flag.at_cut),
    }
