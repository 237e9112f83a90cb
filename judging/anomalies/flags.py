"""One list of everything that stands out: flags for the screens, suspicions for files.

Unlike things are compared by what chance would do: with c statistics of a kind in the contest and a chance p of one
as extreme as this, chance alone raises E = c p of them; the suspicion is log10(1 + 1 / E). Two means once in a
hundred contests of this size; near zero means every contest has some.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import erfc, sqrt

from judging.anomalies import deviates as measure
from judging.calibration.certainty import instant_chance
from judging.calibration.sheets import pool_entries, pool_judges, pool_rows
from judging.numeric import np

ALARM = 3.0
DISCOVERY_RATE = 0.05
_LEAST_CHANCE = 1e-300


class Kind(StrEnum):
    LIFTED = "lifted"
    LOWERED = "lowered"
    CARELESS = "careless"
    FLAT = "flat"
    LENIENT = "lenient"
    SEVERE = "severe"
    ROGUE = "rogue"
    RING = "ring"
    COPYING = "copying"
    RELATED = "related"

    @property
    def label(self) -> str:
        return {
            "lifted": "单项打分偏高",
            "lowered": "单项打分偏低",
            "careless": "打分波动过大",
            "flat": "打分不分高下",
            "lenient": "总体偏宽",
            "severe": "总体偏严",
            "rogue": "个别打分离群",
            "ring": "对一个项目意见过于分散",
            "copying": "两位评委打分过于一致",
            "related": "对有关联的项目打分偏高",
        }[self.value]


@dataclass(frozen=True)
class Flag:
    """Something to look at. judges and entries name what it concerns.

    statistic: what was measured, `value` its value in its own unit, `deviate` on the normal scale.
    expected_false_alarms: flags of this kind by chance alone in the whole contest. at_cut: which of the
    entries have an uncertain award (chance .1 to .9).
    """

    kind: Kind
    judges: tuple
    entries: tuple
    statistic: str
    value: float
    deviate: float
    expected_false_alarms: float
    at_cut: tuple


@dataclass(frozen=True)
class Survey:
    """All statistics of a calibration at once: by row, by judge (dict by kind), by entry, by pair of judges."""

    rows: np.ndarray
    judges: dict
    entries: np.ndarray
    pairs: np.ndarray
    pair_deviates: np.ndarray


def survey(calibration):
    rows = measure.deviates(calibration)
    lean = measure.lenient(calibration)
    judges = {
        Kind.CARELESS: measure.careless(calibration, rows),
        Kind.FLAT: measure.flat(calibration),
        Kind.LENIENT: lean,
        Kind.SEVERE: -lean,
        Kind.ROGUE: measure.rogue(calibration, rows),
    }
    return Survey(rows, judges, measure.ring(calibration, rows), *measure.copying(calibration))


@dataclass(frozen=True)
class Suspicion:
    """A score (entry and judge), a judge (entry None) or an entry (judge None), by name."""

    entry: object
    judge: object
    suspicion: float
    kind: Kind


def suspicions(calibration, found=None):
    """Suspicion of every score, every judge in every respect, and every entry; unsorted.

    Interchangeable scores, judges and entries get equal suspicions.
    """
    s, found = calibration.sheets, found or survey(calibration)
    told = pool_rows(s, found.rows)
    rows = _surprise(np.abs(told), 2 * len(s.score))
    listed = [
        Suspicion(s.entries[entry], s.judges[judge], level, Kind.LIFTED if sign >= 0 else Kind.LOWERED)
        for entry, judge, level, sign in zip(s.entry, s.judge, rows.tolist(), told, strict=True)
    ]
    for kind, values in found.judges.items():
        listed += _judge_suspicions(s, kind, values, len(s.judges))
    if len(found.pairs):
        listed += _judge_suspicions(s, Kind.COPYING, _strongest_pair(s, found), len(found.pairs))
    entries = _surprise(pool_entries(s, found.entries), len(s.entries))
    listed += [
        Suspicion(name, None, level, Kind.RING)
        for name, level in zip(s.entries, entries.tolist(), strict=True)
    ]
    return listed


def _judge_suspicions(s, kind, values, count):
    levels = _surprise(pool_judges(s, values), count)
    return [Suspicion(None, name, level, kind) for name, level in zip(s.judges, levels.tolist(), strict=True)]


def flags(calibration, *, places, contrast=None, related=None):
    """Every Flag above the alarm, most suspect first; `places` awards decide what touches the cut.

    contrast: of related parties (`relations.related_parties`), with the rows it was made of (bool, rows).
    """
    s, found = calibration.sheets, survey(calibration)
    chance = instant_chance(calibration, places=places)
    grey = {name for name, p in zip(s.entries, chance, strict=True) if 0.1 < p < 0.9}
    raised = _row_flags(s, found, grey) + _entry_flags(s, found, grey) + _pair_flags(s, found, grey)
    for kind, values in found.judges.items():
        raised += _judge_flags(calibration, kind, values, grey)
    if contrast is not None:
        raised += _related_flags(s, contrast, related, grey)
    return sorted(raised, key=lambda flag: (-flag.deviate, flag.kind, str(flag.judges), str(flag.entries)))


def _row_flags(s, found, grey):
    expected = 2 * len(s.score) * _upper(ALARM)
    return [
        _flag(
            Kind.LIFTED if found.rows[row] > 0 else Kind.LOWERED,
            (s.judges[s.judge[row]],),
            (s.entries[s.entry[row]],),
            ("leave-one-out residual", found.rows[row], abs(found.rows[row]), expected),
            grey,
        )
        for row in np.flatnonzero(np.abs(found.rows) > ALARM)
    ]


def _entry_flags(s, found, grey):
    expected = len(s.entries) * _upper(ALARM)
    raised = []
    for index in np.flatnonzero(found.entries > ALARM):
        judges = tuple(s.judges[k] for k in s.judge[s.entry == index])
        measured = ("sum of squared residuals", found.entries[index], found.entries[index], expected)
        raised.append(_flag(Kind.RING, judges, (s.entries[index],), measured, grey))
    return raised


def _pair_flags(s, found, grey):
    expected = len(found.pairs) * _upper(ALARM)
    raised = []
    for pair in np.flatnonzero(found.pair_deviates > ALARM):
        one, other = found.pairs[pair]
        shared = np.intersect1d(s.entry[s.judge == one], s.entry[s.judge == other])
        measured = ("residual correlation", found.pair_deviates[pair], found.pair_deviates[pair], expected)
        names = (s.judges[one], s.judges[other])
        raised.append(_flag(Kind.COPYING, names, tuple(s.entries[k] for k in shared), measured, grey))
    return raised


def _judge_flags(calibration, kind, values, grey):
    s, expected = calibration.sheets, len(values) * _upper(ALARM)
    statistic, own = {
        Kind.CARELESS: ("noise against the typical judge", calibration.noise / calibration.spread["s20"]),
        Kind.FLAT: ("scale", calibration.scale),
        Kind.LENIENT: ("leniency in points", calibration.leniency),
        Kind.SEVERE: ("leniency in points", calibration.leniency),
        Kind.ROGUE: ("mean of the two largest residuals", values),
    }[kind]
    raised = []
    for judge in np.flatnonzero(values > ALARM):
        entries = tuple(s.entries[k] for k in s.entry[s.judge == judge])
        measured = (statistic, own[judge], values[judge], expected)
        raised.append(_flag(kind, (s.judges[judge],), entries, measured, grey))
    return raised


def _related_flags(s, contrast, related, grey):
    """Judges discovered at the rate of false discoveries, and all of them together above the alarm."""
    raised, discovered = [], np.flatnonzero(contrast.flagged)
    for judge in discovered:
        entries = tuple(s.entries[k] for k in s.entry[related & (s.judge == judge)])
        expected = DISCOVERY_RATE * len(discovered)
        measured = ("related against unrelated", contrast.gaps[judge], contrast.deviates[judge], expected)
        raised.append(_flag(Kind.RELATED, (s.judges[judge],), entries, measured, grey))
    everyone = np.unique(s.judge[related])
    if contrast.t > ALARM and len(everyone) > 1:
        entries = tuple(s.entries[k] for k in np.unique(s.entry[related]))
        measured = ("related against unrelated, all judges", contrast.effect, contrast.t, _upper(ALARM))
        raised.append(_flag(Kind.RELATED, tuple(s.judges[k] for k in everyone), entries, measured, grey))
    return raised


def _flag(kind, judges, entries, measured, grey):
    statistic, value, deviate, expected = measured
    at_cut = tuple(name for name in entries if name in grey)
    return Flag(kind, judges, entries, statistic, float(value), float(deviate), float(expected), at_cut)


def _upper(deviate):
    """P(normal > deviate)."""
    return 0.5 * erfc(deviate / sqrt(2))


def _surprise(values, count):
    """Suspicion of deviates, `count` of their kind in the contest."""
    chance = np.array([max(_upper(value), _LEAST_CHANCE) for value in values.tolist()])
    return np.log10(1 + 1 / (count * chance))


def _strongest_pair(s, found):
    """By judge: the largest deviate of the pairs it belongs to."""
    strongest = np.full(len(s.judges), -np.inf)
    for side in (0, 1):
        np.maximum.at(strongest, found.pairs[:, side], found.pair_deviates)
    return strongest
