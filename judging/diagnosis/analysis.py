"""The diagnosis of one ranking as plain values: calibrated scores, certainty at the cut, judges, rooms, flags.

The official ranking stands beside it untouched. The same contest, places, draws and seed give the same values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judging.anomalies.flags import DISCOVERY_RATE, Flag, flags
from judging.anomalies.relations import order_effect, related_parties
from judging.calibration.certainty import certainty
from judging.calibration.model import Calibration, fit
from judging.calibration.reading import adjusted_scores, explain
from judging.calibration.sheets import arrange
from judging.diagnosis import line, rooms, spread
from judging.numeric import np
from judging.official import hundredths
from judging.standings import score_of

FORMULAS = "leitai-diagnosis-1"
BANDS = ("out", "grey", "clear")


@dataclass(frozen=True)
class Contest:
    """What a diagnosis looks at. entries: as in `standings.Inputs`; official: {entry: (rank, score in hundredths)}.

    room_of (session id), position: by entry; anchors, second (looks by fresh judges): {(entry, judge): hundredths}; peers: official scores by room of the stage;
    related: what ties a judge to an entry ({(entry, judge): relation}); drawn, method: the declaration of the rooms.
    """

    entries: Sequence[Mapping[str, Any]]
    official: Mapping[str, tuple[int, int]]
    rule: Mapping[str, Any]
    criteria: Mapping[str, int] = field(default_factory=dict)
    room_of: Mapping[str, int] = field(default_factory=dict)
    position: Mapping[str, int] = field(default_factory=dict)
    anchors: Mapping[tuple[str, int], int] = field(default_factory=dict)
    second: Mapping[tuple[str, int], int] = field(default_factory=dict)
    related: Mapping[tuple[str, int], str] = field(default_factory=dict)
    peers: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    drawn: bool = False
    method: str = "none"


def analyse(contest: Contest, *, places: int, draws: int, seed: int) -> dict[str, Any]:
    places = min(places, len(contest.entries))
    found = {"formulas": FORMULAS, "places": places, "draws": draws, "seed": seed, **_plain_parts(contest)}
    fitted = calibrated(contest)
    if not fitted.calibratable:
        return found | {"calibratable": False, "full": False, "flags": []}
    sure = certainty(fitted, places=places, draws=draws, seed=seed)
    lines = _entry_lines(contest, fitted, sure)
    grey = [entry for entry in lines if entry["band"] == "grey"]
    order = _order(contest, fitted)
    rows, contrast = _related(contest, fitted)
    return found | {
        "calibratable": True,
        "full": fitted.full,
        "groups": int(fitted.sheets.component.max()) + 1,
        "entries": lines,
        "clear": sum(entry["band"] == "clear" for entry in lines),
        "grey_inside": sum(entry["rank"] <= places for entry in grey),
        "grey_outside": sum(entry["rank"] > places for entry in grey),
        "expected_precision": round(sure.expected_precision, 3),
        "judges": _judge_lines(contest, fitted),
        "by_criterion": _criterion_leniency(contest, fitted),
        "one_less": line.one_less(fitted, contest.entries, contest.rule, places=places),
        "one_more": line.one_more(fitted, places=places, seed=seed),
        "order": order and {"effect": round(order.effect, 2), "t": round(order.t, 1)},
        "related": _related_line(contest, fitted, rows, contrast),
        "flags": [_flag_line(flag) for flag in flags(fitted, places=places, contrast=contrast, related=rows)],
    }


def calibrated(contest: Contest) -> Calibration:
    """The fit of the contest's sheets and anchors, rooms as declared."""
    given = [
        (entry["entry"], sheet["judge"], sheet["total"] / 100, contest.room_of.get(entry["entry"]))
        for entry in contest.entries
        for sheet in entry["sheets"]
        if sheet["total"] is not None
    ]
    given += [
        (number, judge, total / 100, contest.room_of.get(number))
        for (number, judge), total in sorted(contest.second.items())
    ]
    judges = {judge for _, judge, _, _ in given}
    given += [
        (number, judge, total / 100, None)
        for (number, judge), total in sorted(contest.anchors.items())
        if judge in judges
    ]
    names, seats, scores, places = (list(column) for column in zip(*given, strict=True))
    anchors = {number for number, _ in contest.anchors}
    sheets = arrange(names, seats, scores, rooms=places if contest.room_of else None, anchors=anchors)
    return fit(sheets, rooms="drawn" if contest.drawn else "unknown")


def _plain_parts(contest: Contest) -> dict[str, Any]:
    """What needs no model: rooms, normalisation, the official rule with second looks, criteria."""
    scores = {number: score for number, (_, score) in contest.official.items()}
    return {
        "rooms": rooms.compare(contest.peers, set(contest.room_of.values())),
        "normalised": rooms.normalise(scores, contest.room_of, method=contest.method, drawn=contest.drawn),
        "with_second": line.with_second_looks(contest.entries, contest.rule, contest.second),
        "criteria": spread.of_criteria(contest.entries, contest.criteria),
        "entries": [],
        "judges": [],
    }


def _entry_lines(contest: Contest, fitted: Calibration, sure) -> list[dict[str, Any]]:
    names = fitted.sheets.entries
    calibrated_rank = ranks_of(
        {
            name: round(score, 6)
            for name, score in zip(names, fitted.score.tolist(), strict=True)
            if name in contest.official
        }
    )
    adjusted = adjusted_official(contest, fitted)
    adjusted_rank = ranks_of(adjusted)
    columns = (fitted.score, sure.p_award, sure.rank_lo, sure.rank_hi, sure.band)
    lines = [
        {
            "entry": number,
            "rank": contest.official[number][0],
            "score": contest.official[number][1],
            "calibrated": round(score, 2),
            "calibrated_rank": calibrated_rank[number],
            "adjusted": adjusted.get(number),
            "adjusted_rank": adjusted_rank.get(number),
            "chance": round(chance, 3),
            "rank_low": low,
            "rank_high": high,
            "band": BANDS[band],
            "room": contest.room_of.get(number),
            **_account(fitted, number),
        }
        for number, score, chance, low, high, band in zip(
            names, *(column.tolist() for column in columns), strict=True
        )
        if number in contest.official
    ]
    return sorted(lines, key=lambda entry: (entry["rank"], entry["entry"]))


def ranks_of(scores: Mapping[str, Any]) -> dict[str, int]:
    """1, 2, 2, 4 from the highest."""
    first: dict[Any, int] = {}
    for place, value in enumerate(sorted(scores.values(), reverse=True), start=1):
        first.setdefault(value, place)
    return {number: first[value] for number, value in scores.items()}


def adjusted_official(contest: Contest, fitted: Calibration) -> dict[str, int]:
    """The adjusted scores put through the official rule: hundredths by entry."""
    sheets = fitted.sheets
    shown = np.clip(np.rint(adjusted_scores(fitted) * 100), 0, 10_000).astype(int)
    told = {
        (sheets.entries[entry], sheets.judges[judge]): value
        for entry, judge, value in zip(
            sheets.entry.tolist(), sheets.judge.tolist(), shown.tolist(), strict=True
        )
    }
    found = {}
    for entry in contest.entries:
        number = entry["entry"]
        result = score_of(
            {
                "sheets": [s | {"total": told.get((number, s["judge"]))} for s in entry["sheets"]],
                "second": [look | {"total": told[number, look["judge"]]} for look in entry.get("second", ())],
            },
            contest.rule,
        )
        if result.shown is not None:
            found[number] = hundredths(result.shown)
    return found


def _account(fitted: Calibration, number: str) -> dict[str, Any]:
    """The entry's calibrated range and what each judge contributed, for anybody to redo."""
    account = explain(fitted, number)
    return {
        "low": round(account.low, 2),
        "high": round(account.high, 2),
        "sheets": [
            {
                "judge": part.judge,
                "raw": round(part.raw, 2),
                "leniency": round(part.leniency, 2),
                "scale": round(part.scale, 2),
                "reliability": part.reliability,
                "adjusted": round(part.adjusted, 2),
                "weight": round(part.weight, 3),
            }
            for part in sorted(account.lines, key=lambda part: part.judge)
        ],
    }


def _judge_lines(contest: Contest, fitted: Calibration) -> list[dict[str, Any]]:
    boxes = spread.of_judges(contest.entries, contest.second)
    panel = {sheet["judge"] for entry in contest.entries for sheet in entry["sheets"]}
    error = 1.645 * np.sqrt(fitted.leniency_variance)
    columns = (fitted.leniency, error, fitted.scale, fitted.noise / fitted.spread["s20"])
    lines = [
        {
            "judge": judge,
            "leniency": round(lean, 2),
            "leniency_error": round(away, 2),
            "fresh": judge not in panel,
            "scale": round(scale, 2),
            "noise": round(noise, 2),
            **boxes[judge],
        }
        for judge, lean, away, scale, noise in zip(
            fitted.sheets.judges, *(column.tolist() for column in columns), strict=True
        )
    ]
    return sorted(lines, key=lambda judge: judge["judge"])


def _criterion_leniency(contest: Contest, fitted: Calibration) -> dict[str, dict[str, Any]]:
    """{criterion: {judge: points}}: how far he departs under it from his own usual lean on whole sheets, on average.

    A criterion's expected points are its share of the sheet's expected total; the mean over all judges is taken off.
    """
    s, full = fitted.sheets, sum(contest.criteria.values())
    expected = {
        (s.entries[entry], s.judges[judge]): value
        for entry, judge, value in zip(
            s.entry.tolist(), s.judge.tolist(), fitted.predict().tolist(), strict=True
        )
    }
    left: dict[str, dict[int, list]] = {code: {} for code in contest.criteria}
    for entry in contest.entries:
        for sheet in entry["sheets"]:
            for code, points in sheet["values"].items() if sheet["total"] is not None else ():
                share = contest.criteria[code] / full
                rest = points / 100 - share * expected[entry["entry"], sheet["judge"]]
                left[code].setdefault(sheet["judge"], []).append(rest)
    found = {}
    for code, judges in left.items():
        everyone = [rest for own in judges.values() for rest in own]
        middle = sum(everyone) / len(everyone) if everyone else 0
        found[code] = {
            str(judge): round(sum(own) / len(own) - middle, 2) + 0.0 for judge, own in judges.items()
        }
    return found


def _order(contest: Contest, fitted: Calibration):
    """What the place in the running order is worth, or None where somebody's place is not known."""
    if not all(number in contest.position for number in contest.official) or contest.anchors:
        return None
    sheets = fitted.sheets
    position = np.array([contest.position[sheets.entries[entry]] for entry in sheets.entry.tolist()])
    return order_effect(fitted, position)


def _related(contest: Contest, fitted: Calibration):
    """Which rows are of related parties, and their contrast; (None, None) without any."""
    s = fitted.sheets
    rows = np.array(
        [
            (s.entries[entry], s.judges[judge]) in contest.related
            for entry, judge in zip(s.entry.tolist(), s.judge.tolist(), strict=True)
        ],
        dtype=bool,
    )
    return (rows, related_parties(fitted, rows, rate=DISCOVERY_RATE)) if rows.any() else (None, None)


def _related_line(contest: Contest, fitted: Calibration, rows, contrast) -> dict[str, Any] | None:
    """The contrast in points, all judges together and one by one; by what they are related."""
    if contrast is None:
        return None
    s = fitted.sheets
    pairs = [(s.entries[s.entry[row]], s.judges[s.judge[row]]) for row in np.flatnonzero(rows).tolist()]
    count = Counter(judge for _, judge in pairs)
    return {
        "pairs": len(pairs),
        "kinds": dict(sorted(Counter(contest.related[pair] for pair in pairs).items())),
        "effect": round(contrast.effect, 2),
        "error": round(contrast.error, 2),
        "t": round(contrast.t, 1),
        "judges": [
            {
                "judge": judge,
                "pairs": count[judge],
                "effect": round(gap, 2),
                "deviate": round(away, 2),
                "flagged": told,
            }
            for judge, gap, away, told in zip(
                contrast.judges,
                *(column.tolist() for column in (contrast.gaps, contrast.deviates, contrast.flagged)),
                strict=True,
            )
            if count[judge]
        ],
    }


def _flag_line(flag: Flag) -> dict[str, Any]:
    return {
        "kind": flag.kind.value,
        "judges": sorted(flag.judges),
        "entries": sorted(flag.entries),
        "statistic": flag.statistic,
        "value": round(flag.value, 2),
        "deviate": round(flag.deviate, 2),
        "expected_false_alarms": round(flag.expected_false_alarms, 2),
        "at_cut": sorted(flag.at_cut),
    }
