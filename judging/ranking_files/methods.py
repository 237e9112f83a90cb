"""The ranking methods on a table of sheets, without any file.

mean, trimmed: the official rule in exact integers, equal to `judging.scoring` (two decimals half up before ranking;
below three scores the plain mean) at the speed of thirty thousand entries. room: trimmed, then the room coefficient.
zscore: every judge's scores standardised, 50 + 10 x mean. calibrated, adjusted: the two-way model, the latter
as adjusted scores put through the trimmed rule. All but the first three are diagnostics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction

from core.errors import InvalidInput
from judging.anomalies.flags import suspicions
from judging.anomalies.relations import Contrast, order_effect
from judging.calibration.certainty import Certainty, certainty
from judging.calibration.model import Calibration, fit
from judging.calibration.reading import adjusted_scores
from judging.calibration.sheets import Sheets, arrange, pool_entries, pool_rows
from judging.numeric import np
from judging.ranking_files.tables import ScoreTable
from judging.scoring import Fault, RoomScore, ScoringError, room_coefficient

_DECIMALS = 6  # of diagnostic scores
_SHOWN_DECIMALS = 2
_SCORES_TO_TRIM = 3
_WIDE = Context(prec=500, Emax=999, Emin=-999)


class Method(StrEnum):
    MEAN = "mean"
    TRIMMED = "trimmed"
    ZSCORE = "zscore"
    ROOM = "room"
    CALIBRATED = "calibrated"
    ADJUSTED = "adjusted"


@dataclass(frozen=True)
class Line:
    """An entry of the result; chance and ranks are None unless the method is calibrated."""

    entry: str
    score: str
    rank: int
    p_award: float | None = None
    rank_lo: int | None = None
    rank_hi: int | None = None


@dataclass(frozen=True)
class Result:
    """lines by rank, then name. calibration: None if it was not needed. fell_back: too few scores to calibrate,
    so the scores are those of the trimmed rule."""

    lines: tuple[Line, ...]
    calibration: Calibration | None = None
    certainty: Certainty | None = None
    fell_back: bool = False


def default_places(count: int) -> int:
    """A tenth of the entries, half up, at least one."""
    return max(1, (count + 5) // 10)


def rank_table(
    table: ScoreTable,
    method: Method,
    *,
    drawn: bool = False,
    places: int | None = None,
    draws: int = 1000,
    seed: int = 0,
    calibrate: bool = False,
) -> Result:
    """Rank the entries of a table. drawn: entries were allocated to rooms by draw. calibrate: fit the model for
    any method, for its anomalies. Raises InvalidInput where the method may not be used."""
    if method is Method.ROOM and not drawn:
        raise InvalidInput(
            "考场修正系数只适用于项目由抽签分到各考场的情形；确由抽签分配的，请声明 --rooms drawn。"
        )
    modelled = method in (Method.CALIBRATED, Method.ADJUSTED)
    sheets = sheets_of(table) if modelled or calibrate or method is Method.ZSCORE else None
    calibration = fit(sheets, rooms="drawn" if drawn else "unknown") if modelled or calibrate else None
    if modelled and not calibration.calibratable:
        return Result(_by_hundredths(_official(table, trimmed=True)), calibration, fell_back=True)
    if method is Method.CALIBRATED:
        places = places or default_places(int((~sheets.is_anchor).sum()))
        sure = certainty(calibration, places=places, draws=draws, seed=seed)
        return Result(_calibrated_lines(calibration, sure), calibration, sure)
    if method is Method.ADJUSTED:
        lines = _by_hundredths(_adjusted(calibration))
    elif method is Method.ZSCORE:
        lines = _lines(sheets.entries, 50 + 10 * _standard_scores(sheets), ~sheets.is_anchor)
    elif method is Method.ROOM:
        lines = _room_lines(table)
    else:
        lines = _by_hundredths(_official(table, trimmed=method is Method.TRIMMED))
    return Result(lines, calibration)


def sheets_of(table: ScoreTable) -> Sheets:
    """The table in the form the model takes."""
    scores = np.array([float(total) for total in table.totals])
    return arrange(table.entries, table.judges, scores, rooms=table.rooms, anchors=table.anchors)


def suspicion_rows(calibration: Calibration) -> list[tuple[str, str, str, str]]:
    """(entry, judge, suspicion, kind), most suspect first; a judge's line has no entry, an entry's no judge."""
    rows = [
        (line.entry or "", line.judge or "", f"{line.suspicion:.{_DECIMALS}f}", line.kind.value)
        for line in suspicions(calibration)
    ]
    return sorted(rows, key=lambda row: (-float(row[2]), row[3], row[0], row[1]))


def order_contrast(calibration: Calibration, table: ScoreTable) -> Contrast | None:
    """What the place in the session is worth, or None where the table does not tell it."""
    if table.positions is None:
        return None
    position = np.array([float(place) for place in table.positions])
    return order_effect(calibration, position[calibration.sheets.source])


# --- The official rule in integers -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sums:
    """By entry ranked: the sum of the scores that count, in units of 10^-decimals points, and their number."""

    names: list[str]
    totals: list[int]
    sizes: list[int]
    decimals: int


def _official(table: ScoreTable, *, trimmed: bool) -> _Sums:
    anchors, decimals = table.anchors, _decimals(table.totals)
    given: dict[str, list[int]] = {}
    for name, total in zip(table.entries, table.totals, strict=True):
        if name not in anchors:
            given.setdefault(name, []).append(int(_WIDE.scaleb(total, decimals)))
    return _sums(dict(sorted(given.items())), decimals, trimmed=trimmed)


def _decimals(totals: Iterable[Decimal]) -> int:
    """As many as the longest score needs, so that nothing is rounded before the mean is taken."""
    return max(_SHOWN_DECIMALS, -min(total.as_tuple().exponent for total in totals))


def _sums(given: dict[str, list[int]], decimals: int, *, trimmed: bool) -> _Sums:
    """Without one highest and one lowest where trimming was asked and there are three or more."""
    drops = [int(trimmed and len(units) >= _SCORES_TO_TRIM) for units in given.values()]
    kept = [
        sorted(units)[drop : len(units) - drop] for units, drop in zip(given.values(), drops, strict=True)
    ]
    return _Sums(list(given), list(map(sum, kept)), list(map(len, kept)), decimals)


def _by_hundredths(sums: _Sums) -> tuple[Line, ...]:
    """Two decimals half up, then competition rank on what is shown."""
    scale = 10 ** (sums.decimals - _SHOWN_DECIMALS)
    shown = [_half_up(total, size * scale) for total, size in zip(sums.totals, sums.sizes, strict=True)]
    ranks = _competition_ranks(np.array(shown))
    texts = map(_hundredths_text, shown)
    return _sorted(Line(*line) for line in zip(sums.names, texts, ranks.tolist(), strict=True))


def _half_up(total: int, unit: int) -> int:
    """total / unit as an integer, halves away from zero."""
    value = (2 * abs(total) + unit) // (2 * unit)
    return -value if total < 0 else value


def _hundredths_text(value: int) -> str:
    whole, part = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{whole}.{part:02d}"


def _adjusted(calibration: Calibration) -> _Sums:
    """The adjusted scores, to the millionth, as the official rule's input."""
    s = calibration.sheets
    units = np.rint(pool_rows(s, adjusted_scores(calibration)) * 10**_DECIMALS).astype(np.int64)
    given: dict[str, list[int]] = {}
    for entry, value in zip(s.entry.tolist(), units.tolist(), strict=True):
        if not s.is_anchor[entry]:
            given.setdefault(s.entries[entry], []).append(value)
    return _sums(given, _DECIMALS, trimmed=True)


def _room_lines(table: ScoreTable) -> tuple[Line, ...]:
    if table.rooms is None:
        raise InvalidInput("评分文件没有 room（或 group）列，无法计算考场修正系数。")
    room_of: dict[str, str] = {}
    for entry, room in zip(table.entries, table.rooms, strict=True):
        if entry in table.anchors:
            continue
        if not room or room_of.setdefault(entry, room) != room:
            raise InvalidInput(
                f"项目“{entry}”{'出现在两个考场' if room else '没有考场'}，无法计算考场修正系数。"
            )
    sums = _official(table, trimmed=True)
    scores = [
        RoomScore(name, room_of[name], Fraction(total, size * 10**sums.decimals))
        for name, total, size in zip(sums.names, sums.totals, sums.sizes, strict=True)
    ]
    try:
        entries = room_coefficient(scores, declared=True, drawn=True).entries
    except ScoringError as error:
        raise InvalidInput(_room_sentence(error)) from error
    return _sorted(Line(str(e.key), str(e.adjusted), e.adjusted_rank) for e in entries)


def _room_sentence(error: ScoringError) -> str:
    if error.code is Fault.ROOM_TOO_SMALL:
        return f"考场“{error.subject}”不足两个项目，无法计算考场修正系数。"
    if error.code is Fault.ROOM_MEAN_ZERO:
        return f"考场“{error.subject}”的平均分为零，无法计算考场修正系数。"
    raise error


# --- Diagnostic scores -------------------------------------------------------------------------------------


def _standard_scores(sheets: Sheets):
    """Mean over its judges of (score - judge's mean) / judge's standard deviation, by entry."""
    judges, entries = len(sheets.judges), len(sheets.entries)
    mean = np.bincount(sheets.judge, sheets.score, judges) / sheets.per_judge
    away = sheets.score - mean[sheets.judge]
    spread = np.sqrt(np.bincount(sheets.judge, away * away, judges) / sheets.per_judge)[sheets.judge]
    told = spread > 1e-9
    z = np.where(told, away / np.where(told, spread, 1.0), 0.0)
    return pool_entries(sheets, np.bincount(sheets.entry, z, entries) / sheets.per_entry)


def _calibrated_lines(calibration: Calibration, sure: Certainty) -> tuple[Line, ...]:
    s = calibration.sheets
    extra = (sure.p_award.tolist(), sure.rank_lo.tolist(), sure.rank_hi.tolist())
    return _lines(s.entries, calibration.score, ~s.is_anchor, *extra)


def _lines(names, scores, ranked, *extra) -> tuple[Line, ...]:
    """Lines of the entries where `ranked`, by score rounded to six decimals, so that equals are equal."""
    own = np.flatnonzero(ranked)
    units = np.rint(scores[own] * 10**_DECIMALS).astype(np.int64)
    ranks = _competition_ranks(units)
    return _sorted(
        Line(names[k], f"{unit / 10**_DECIMALS:.{_DECIMALS}f}", rank, *(column[k] for column in extra))
        for k, unit, rank in zip(own.tolist(), units.tolist(), ranks.tolist(), strict=True)
    )


def _competition_ranks(values):
    """1, 2, 2, 4 from the highest value."""
    ordered = np.sort(values)
    return len(values) - np.searchsorted(ordered, values, side="right") + 1


def _sorted(lines) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (line.rank, line.entry)))
