"""Related parties, order in the session, and the ranking without one judge.

Sources: Benjamini and Hochberg (1995) for the control of false discoveries; Wallace (1959) for t to normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

from judging.anomalies.deviates import leave_one_out
from judging.calibration.model import fit
from judging.calibration.sheets import arrange
from judging.numeric import np


@dataclass(frozen=True)
class Contrast:
    """A difference in points with its standard error and t; by judge where there are judges: gap in points, deviate."""

    effect: float
    error: float
    t: float
    judges: tuple = ()
    gaps: np.ndarray = None
    deviates: np.ndarray = None
    flagged: np.ndarray = None


@dataclass(frozen=True)
class Swap:
    """The ranking without one judge: who enters and leaves the first k, mean move of his entries (points).

    own_move is against everybody else's entries; None where he scored all or none, since nothing is left to compare.
    """

    entered: tuple
    left: tuple
    own_move: float | None


def related_parties(calibration, related, *, rate=0.05):
    """Contrast of related against unrelated pairs, in points; by judge with false discovery rate `rate`.

    related: bool (rows,) in the order of the sheets: judge and entry share a region, employer or investor.
    A judge's gap is tested with the spread of his own residuals (Student's t of two samples, as a deviate), so that
    two scores that happen to agree prove nothing. Judges with fewer than two scores on either side have deviate 0.
    Without both kinds of rows t is 0.
    """
    s = calibration.sheets
    residual = leave_one_out(calibration).residual
    effect, error = _difference(residual, related)
    gap, deviate = np.zeros(len(s.judges)), np.zeros(len(s.judges))
    for judge in np.unique(s.judge[related]):
        rows = s.judge == judge
        gap[judge], deviate[judge] = _own_contrast(residual[rows], related[rows])
    chance = np.array([0.5 * erfc(value / sqrt(2)) for value in deviate])
    t = effect / error if error else 0.0
    return Contrast(effect, error, t, s.judges, gap, deviate, false_discoveries(chance, rate))


def order_effect(calibration, position):
    """Contrast: points from the first to the last place of a session, all judges together.

    position: (rows,) any number rising through the session. Uses differences within an entry where its judges
    met it at different times, and between the entries of a room where they met it together.
    """
    s, c = calibration.sheets, calibration
    share = _session_share(s.judge, position)
    centre = np.bincount(s.entry, share, len(s.entries)) / s.per_entry
    within = _slope(share - centre[s.entry], s.score - c.predict(), len(s.entries) + len(s.judges))
    room = np.maximum(c.room_of_entry, 0)
    own = np.flatnonzero(~s.is_anchor)
    levels = [_less_mean(v[own], room[own]) for v in (centre, c.theta)]
    between = _slope(*levels, room.max() + 1)
    known = [1 / error**2 for _, error in (within, between) if error]
    if not known:
        return Contrast(0.0, 0.0, 0.0)
    slopes = [slope / error**2 for slope, error in (within, between) if error]
    effect, error = sum(slopes) / sum(known), sum(known) ** -0.5
    return Contrast(effect, error, effect / error)


def without_judge(calibration, judge, *, places):
    """Swap: what the first `places` would be had this judge (by name) scored nothing."""
    s = calibration.sheets
    index = s.judges.index(judge)
    kept = s.judge != index
    names = [s.entries[k] for k in s.entry[kept]]
    left_sheets = arrange(
        names,
        [s.judges[k] for k in s.judge[kept]],
        s.score[kept],
        rooms=s.entry_room[s.entry[kept]].tolist() if s.rooms else None,
        anchors=[name for name, anchor in zip(s.entries, s.is_anchor, strict=True) if anchor],
    )
    again = fit(left_sheets, rooms="drawn" if calibration.rooms_drawn else "unknown")
    before, after = _first(calibration, places), _first(again, places)
    new = dict(zip(left_sheets.entries, again.theta, strict=True))
    shift = {
        name: new[name] - old for name, old in zip(s.entries, calibration.theta, strict=True) if name in new
    }
    own = {s.entries[k] for k in s.entry[~kept]}
    moves = [[move for name, move in shift.items() if (name in own) is mine] for mine in (True, False)]
    own_move = float(np.mean(moves[0]) - np.mean(moves[1])) if all(moves) else None
    return Swap(tuple(sorted(after - before, key=str)), tuple(sorted(before - after, key=str)), own_move)


def false_discoveries(chance, rate):
    """Benjamini-Hochberg: which of the p-values (n,) are discoveries at this false discovery rate, bool (n,)."""
    order = np.argsort(chance, kind="stable")
    passed = np.flatnonzero(chance[order] <= rate * np.arange(1, len(chance) + 1) / len(chance))
    found = np.zeros(len(chance), dtype=bool)
    if len(passed):
        found[order[: passed[-1] + 1]] = True
    return found


def _difference(values, chosen):
    """Mean of the chosen less mean of the rest, and its standard error; (0, 0) with fewer than two of either."""
    one, other = values[chosen], values[~chosen]
    if min(len(one), len(other)) < 2:
        return 0.0, 0.0
    error = sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    return float(one.mean() - other.mean()), error


def _own_contrast(values, chosen):
    """Gap of the chosen to the rest and its deviate, both spreads taken as one; (0, 0) with fewer than two of either."""
    one, other = values[chosen], values[~chosen]
    if min(len(one), len(other)) < 2:
        return 0.0, 0.0
    freedom = len(values) - 2
    squares = float(((one - one.mean()) ** 2).sum() + ((other - other.mean()) ** 2).sum())
    gap, spread = float(one.mean() - other.mean()), squares / freedom * (1 / len(one) + 1 / len(other))
    if spread <= 0:
        return gap, 0.0
    t = gap * abs(gap) / spread  # signed square of Student's t
    deviate = (8 * freedom + 1) / (8 * freedom + 3) * sqrt(freedom * np.log1p(abs(t) / freedom))
    return gap, deviate if gap > 0 else -deviate


def _session_share(judge, position):
    """Place in the judge's session from 0 (first) to 1 (last); a lone score stands in the middle."""
    order = np.lexsort((position, judge))
    count = np.bincount(judge)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    place = np.empty(len(judge))
    place[order] = np.arange(len(judge)) - start[judge[order]]
    return np.where(count[judge] > 1, place / np.maximum(count[judge] - 1, 1), 0.5)


def _less_mean(values, group):
    return values - (np.bincount(group, values) / np.maximum(np.bincount(group), 1))[group]


def _slope(x, y, lost):
    """Least-squares slope of centred y on x and its standard error, `lost` degrees of freedom already used."""
    power = float(x @ x)
    freedom = len(x) - lost - 1
    if power < 1e-9 or freedom < 1:
        return 0.0, 0.0
    slope = float(x @ y) / power
    rest = y - slope * x
    return slope, sqrt(float(rest @ rest) / freedom / power)


def _first(calibration, places):
    s = calibration.sheets
    own = np.flatnonzero(~s.is_anchor)
    order = own[np.argsort(-calibration.theta[own], kind="stable")]
    return {s.entries[k] for k in order[:places]}
