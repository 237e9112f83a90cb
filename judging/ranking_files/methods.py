"""The ranking methods on a table of sheets, without any file.

mean, trimmed: the official rule in exact integers, equal to `judging.scoring` (two decimals half up before ranking;
below three scores the plain mean) at the speed of thirty thousand entries. room: trimmed, then the room coefficient.
zscore: every judge's scores standardised, 50 + 10 x mean. calibrated, adjusted: the two-way model, the latter
as adjusted scores put through the trimmed rule. All but the first three are diagnostics.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
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

UNITS = 10**6  # exact scores are counted in millionths of a point
_DECIMALS = 6
_SCORES_TO_TRIM = 3


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
        return Result(_by_hundredths(*_official(table, trimmed=True)), calibration, fell_back=True)
    if method is Method.CALIBRATED:
        places = places or default_places(int((~sheets.is_anchor).sum()))
        sure = certainty(calibration, places=places, draws=draws, seed=seed)
        return Result(_calibrated_lines(calibration, sure), calibration, sure)
    if method is Method.ADJUSTED:
        lines = _by_hundredths(*_adjusted(calibration))
    elif method is Method.ZSCORE:
        lines = _lines(sheets.entries, 50 + 10 * _standard_scores(sheets), ~sheets.is_anchor)
    elif method is Method.ROOM:
        lines = _room_lines(table)
    else:
        lines = _by_hundredths(*_official(table, trimmed=method is Method.TRIMMED))
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


def _official(table: ScoreTable, *, trimmed: bool):
    """(names, sums in millionths, counts) of the entries ranked."""
    names = sorted(set(table.entries) - table.anchors)
    number = {name: index for index, name in enumerate(names)}
    kept = [k for k, name in enumerate(table.entries) if name in number]
    entry = np.array([number[table.entries[k]] for k in kept])
    units = np.array([_units(table.totals[k]) for k in kept], dtype=np.int64)
    return names, *_sums(entry, units, len(names), trimmed=trimmed)


def _units(total: Decimal) -> int:
    """Millionths of a point; a seventh decimal and beyond is rounded half up."""
    return int((total * UNITS).to_integral_value(rounding=ROUND_HALF_UP))


def _sums(entry, units, count: int, *, trimmed: bool):
    """Sum and number of the scores that count, by entry: without one highest and one lowest of three or more."""
    order = np.lexsort((units, entry))
    units, size = units[order], np.bincount(entry, minlength=count)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    total = np.add.reduceat(units, start)
    if not trimmed:
        return total, size
    trim = size >= _SCORES_TO_TRIM
    ends = np.where(trim, units[start] + units[start + size - 1], 0)
    return total - ends, size - 2 * trim


def _by_hundredths(names, total, size) -> tuple[Line, ...]:
    """Two decimals half up, then competition rank on what is shown."""
    unit = size * (UNITS // 100)
    shown = np.sign(total) * ((2 * np.abs(total) + unit) // (2 * unit))
    ranks = _competition_ranks(shown)
    texts = (_hundredths_text(value) for value in shown.tolist())
    return _sorted(Line(*line) for line in zip(names, texts, ranks.tolist(), strict=True))


def _hundredths_text(value: int) -> str:
    whole, part = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{whole}.{part:02d}"


def _adjusted(calibration: Calibration):
    """The adjusted scores as the official rule's input."""
    s = calibration.sheets
    adjusted = pool_rows(s, adjusted_scores(calibration))
    units = np.rint(adjusted * UNITS).astype(np.int64)
    total, size = _sums(s.entry, units, len(s.entries), trimmed=True)
    own = np.flatnonzero(~s.is_anchor)
    return [s.entries[k] for k in own], total[own], size[own]


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
    scores = [
        RoomScore(name, room_of[name], Fraction(total, size * UNITS))
        for name, total, size in zip(*(_listed(part) for part in _official(table, trimmed=True)), strict=True)
    ]
    try:
        entries = room_coefficient(scores, declared=True, drawn=True).entries
    except ScoringError as error:
        raise InvalidInput(_room_sentence(error)) from error
    return _sorted(Line(str(e.key), str(e.adjusted), e.adjusted_rank) for e in entries)


def _listed(values) -> list:
    return values if isinstance(values, list) else values.tolist()


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
