"""How far a score, a judge, an entry or a pair of judges stands out, as standard normal deviates.

Sources: outfit as in Rasch measurement (Linacre); leave-one-out residuals; Wallace (1959) for t to normal; Wilson and
Hilferty (1931) for chi square to normal; Fisher's z for correlations.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from judging.numeric import np

FEWEST_SHARED = 8
LARGEST_PANEL = 200
# Judges differ this much by nature (sd of log s2 and of a in real contests); a panel too small to show its own
# spread is judged by it.
NATURAL_LOG_NOISE, NATURAL_SCALE = 0.4, 0.15
_MIDDLE_TO_SD = 1.4826


@dataclass(frozen=True)
class LeaveOneOut:
    """By row: residual against the entry's value without this score (points), and z in its own spread."""

    residual: np.ndarray
    z: np.ndarray


def leave_one_out(calibration):
    """LeaveOneOut of every score: z = (y - mu - b - a theta_without) / sqrt(s2 + a^2 / P_without)."""
    s, c = calibration.sheets, calibration
    scale, noise = c.scale[s.judge], c.noise[s.judge]
    pull = c.weight * scale / noise
    held = 1 / c.variance[s.entry]
    precision = np.maximum(held - pull * scale, 1e-3 * held)
    own = pull * (s.score - c.mean - c.leniency[s.judge])
    without = (c.theta[s.entry] / c.variance[s.entry] - own) / precision
    residual = s.score - c.mean - c.leniency[s.judge] - scale * without
    return LeaveOneOut(residual, residual / np.sqrt(noise + scale**2 / precision))


def deviates(calibration):
    """By row: the leave-one-out z as a normal deviate, the tails of the noise taken into account."""
    z = leave_one_out(calibration).z
    tail = calibration.tail
    return np.sign(z) * (8 * tail + 1) / (8 * tail + 3) * np.sqrt(tail * np.log1p(z * z / tail))


def careless(calibration, row_deviates):
    """By judge: log of noise against the typical judge's, as a deviate; outfit where noise was not fitted."""
    if calibration.full:
        ratio = calibration.noise / calibration.spread["s20"]
    else:
        ratio = _judge_mean(calibration.sheets, row_deviates**2)
    return _standing(np.log(np.maximum(ratio, 1e-9)), NATURAL_LOG_NOISE)


def flat(calibration):
    """By judge: how far the scale falls below the others', as a deviate."""
    return -_standing(calibration.scale, NATURAL_SCALE)


def lenient(calibration):
    """By judge: leniency as a deviate among the judges; negative for severe."""
    own = float(np.median(calibration.leniency_variance))
    return _standing(calibration.leniency, sqrt(own))


def rogue(calibration, row_deviates):
    """By judge: mean of the two largest absolute deviates, as a deviate among judges."""
    s = calibration.sheets
    order = np.lexsort((-np.abs(row_deviates), s.judge))
    start = np.concatenate([[0], np.cumsum(s.per_judge)[:-1]])
    largest = np.abs(row_deviates)[order]
    second = np.minimum(start + 1, start + s.per_judge - 1)
    return _standing((largest[start] + largest[second]) / 2, 0.3)


def ring(calibration, row_deviates):
    """By entry: the sum of squared deviates of its scores, as a deviate among entries."""
    s = calibration.sheets
    total = np.bincount(s.entry, row_deviates**2, len(s.entries))
    freedom = 2 / (9 * s.per_entry)
    return _standing((np.cbrt(total / s.per_entry) - 1 + freedom) / np.sqrt(freedom), 1.0)


def copying(calibration):
    """Pairs of judges (pairs, 2) and the deviate of their residual correlation, for pairs sharing eight entries.

    Fisher z, centred at -1 / (m - 1): the residuals of a panel of m sum to about nothing. Anchors are left out.
    """
    s = calibration.sheets
    residual = s.score - calibration.predict()
    first, second = _row_pairs(s)
    pair = s.judge[first] * len(s.judges) + s.judge[second]
    found, index, shared = np.unique(pair, return_inverse=True, return_counts=True)
    x, y = residual[first], residual[second]
    mean_x, mean_y = (np.bincount(index, v, len(found)) / shared for v in (x, y))
    x, y = x - mean_x[index], y - mean_y[index]
    sxy, sxx, syy = (np.bincount(index, v, len(found)) for v in (x * y, x * x, y * y))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.where(sxx * syy > 0, sxy / np.sqrt(sxx * syy), 0.0)
    panel = np.bincount(index, s.per_entry[s.entry[first]], len(found)) / shared
    enough = shared >= FEWEST_SHARED
    r, panel, shared, found = (v[enough] for v in (r, panel, shared, found))
    centre = -1 / np.maximum(panel - 1, 2)
    deviate = (np.arctanh(np.clip(r, -0.999, 0.999)) - np.arctanh(centre)) * np.sqrt(shared - 3)
    return np.stack([found // len(s.judges), found % len(s.judges)], axis=1), deviate


def _standing(values, natural):
    """Distance from the median in robust standard deviations, never smaller ones than `natural`."""
    centre = np.median(values)
    spread = _MIDDLE_TO_SD * np.median(np.abs(values - centre))
    return (values - centre) / max(spread, natural, 1e-9)


def _judge_mean(s, values):
    return np.bincount(s.judge, values, len(s.judges)) / s.per_judge


def _row_pairs(s):
    """All pairs of rows of one entry; rows are sorted by entry, so partners sit at the same distance."""
    eligible = ~s.is_anchor & (s.per_entry <= LARGEST_PANEL)
    first, second = [], []
    for distance in range(1, int(s.per_entry[eligible].max(initial=1))):
        low = np.flatnonzero((s.entry[:-distance] == s.entry[distance:]) & eligible[s.entry[:-distance]])
        first.append(low)
        second.append(low + distance)
    if not first:
        return np.empty(0, dtype=int), np.empty(0, dtype=int)
    return np.concatenate(first), np.concatenate(second)
