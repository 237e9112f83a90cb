"""The calibration put in terms a person can redo: adjusted scores, and the account of one entry."""

from __future__ import annotations

from dataclasses import dataclass

from judging.numeric import np

_SHRUNKEN_SCALE = 0.2
_RELIABLE, _UNRELIABLE = 0.8, 1.35


@dataclass(frozen=True)
class JudgeLine:
    """One judge's part in an entry's calibrated score.

    raw and adjusted in points; leniency: how much this judge runs above the others; scale: 1 = like the others,
    above 1 spreads more; reliability: "high", "usual" or "low" by noise against the typical judge; weight: share
    of this score among the entry's scores (they sum to 1).
    """

    judge: object
    raw: float
    leniency: float
    scale: float
    reliability: str
    adjusted: float
    weight: float


@dataclass(frozen=True)
class EntryAccount:
    """An entry's calibrated score (points), its 90 % range given the judges as fitted, and its lines."""

    entry: object
    score: float
    low: float
    high: float
    lines: tuple[JudgeLine, ...]


def adjusted_scores(calibration):
    """x_ij = mu + (y_ij - mu - b_j) / a_j by row: what judge j's score means on the common scale.

    Meant to be fed to the official rule. A judge who hardly tells entries apart (scale below .2) would blow up
    his differences; his scale counts as .2.
    """
    s = calibration.sheets
    scale = np.maximum(calibration.scale, _SHRUNKEN_SCALE)[s.judge]
    return calibration.mean + (s.score - calibration.mean - calibration.leniency[s.judge]) / scale


def expected_scores(calibration, entries, judges):
    """What each judge would be expected to give each entry, in points: arrays of names, pairwise -> (pairs,).

    For pairs that were not scored: a second look, or a check on scores held back. KeyError on an unknown name.
    """
    s = calibration.sheets
    place = {name: index for index, name in enumerate(s.entries)}
    seat = {name: index for index, name in enumerate(s.judges)}
    entry, judge = np.array([place[name] for name in entries]), np.array([seat[name] for name in judges])
    return (
        calibration.mean + calibration.leniency[judge] + calibration.scale[judge] * calibration.theta[entry]
    )


def explain(calibration, entry):
    """EntryAccount of the entry with this name; KeyError if it is not among the sheets."""
    s = calibration.sheets
    if entry not in s.entries:
        raise KeyError(entry)
    index = s.entries.index(entry)
    rows = np.flatnonzero(s.entry == index)
    judges = s.judge[rows]
    told = calibration.weight[rows] * calibration.scale[judges] ** 2 / calibration.noise[judges]
    adjusted = adjusted_scores(calibration)[rows]
    lines = tuple(
        JudgeLine(
            judge=s.judges[judge],
            raw=float(s.score[row]),
            leniency=float(calibration.leniency[judge]),
            scale=float(calibration.scale[judge]),
            reliability=_reliability(calibration.noise[judge] / calibration.spread["s20"]),
            adjusted=float(value),
            weight=float(share),
        )
        for row, judge, value, share in zip(rows, judges, adjusted, told / told.sum(), strict=True)
    )
    score, half = float(calibration.score[index]), 1.645 * float(calibration.variance[index]) ** 0.5
    return EntryAccount(entry, score, score - half, score + half, lines)


def criterion_leniency(calibration, points, share):
    """Mean residual of one criterion by judge (judges,), in points. Diagnostic only.

    points: (rows,) given under this criterion, in the order of the sheets; share: the criterion's part of the
    full mark (0..1). It shows where a judge departs from his own usual lean on whole sheets.
    """
    s = calibration.sheets
    residual = points - share * calibration.predict()
    return np.bincount(s.judge, residual - residual.mean(), len(s.judges)) / s.per_judge


def _reliability(noise_ratio):
    if noise_ratio < _RELIABLE:
        return "high"
    return "low" if noise_ratio > _UNRELIABLE else "usual"
