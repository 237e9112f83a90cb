"""The calibrated score: a two-way model of judges and entries, fitted by EM.

    y_ij = mu + b_j + a_j theta_i + e_ij        theta_i = g_room(i) + q_i        (anchors have no room term)
    b_j ~ N(0, sb)   a_j ~ N(1, ta), mean 1   q ~ N(0, sq)   g ~ N(0, sg)
    e_ij ~ t, degrees of freedom near 10 unless the scores say otherwise, variance scale s2_j, shrunk to s20
           with the weight of 12 scores

b is a judge's leniency (points), a the scale (1 = like the rest), s2 the noise (points squared). Rooms: with
`rooms="unknown"` the spread of room means is split between panels and quality by what the judges of one room
differ among themselves; with `rooms="drawn"` (entries allocated by draw) rooms carry no quality of their own.

Sources: Platt and Burges' regularised two-way calibration (NIPS 2013-14), with a judge scale as in Roos, Rothe and
Scheuermann (AAAI 2011), a per-judge noise and t weights; variance components as in REML by EM, sped up by an
exact step along the one direction EM sees badly: a whole linked group up, its judges' leniency down.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from judging.calibration.sheets import ROOMLESS, Sheets, pool_entries, pool_judges, pool_rows
from judging.calibration.tails import TYPICAL_TAIL, choose_tail
from judging.numeric import np

NOISE_PRIOR_SCORES = 12.0
# A judge's scale differs from 1 by .17 to .24 (sd) in every large real set; small panels cannot estimate it.
SCALE_PRIOR_VARIANCE = 0.18**2
SCALE_PRIOR_JUDGES = 6.0
MIN_SCORES_PER_JUDGE = 5
MIN_SCORES_PER_UNKNOWN = 1.5
TOLERANCE = 1e-5
MAX_ROUNDS = 2000
_FLOOR = 1e-6


@dataclass(frozen=True)
class Calibration:
    """A fit. Arrays follow `sheets`: theta, variance by entry; leniency, scale, noise by judge; weight by row.

    score = mean + theta is the calibrated score in points. `calibratable` is False when there are fewer than
    1.5 scores per unknown: then only the official score should be shown. `full` is False when judges have fewer
    than five scores in the median and the model was cut down to leniency.
    """

    sheets: Sheets
    rooms_drawn: bool
    full: bool
    calibratable: bool
    mean: float
    theta: np.ndarray
    variance: np.ndarray
    leniency: np.ndarray
    leniency_variance: np.ndarray
    scale: np.ndarray
    noise: np.ndarray
    weight: np.ndarray
    room: np.ndarray
    spread: dict
    tail: float
    rounds: int

    @property
    def score(self):
        return self.mean + self.theta

    @property
    def room_of_entry(self):
        """Room index per entry as the model used it, ROOMLESS for anchors and where rooms carry no term."""
        if len(self.room):
            return self.sheets.entry_room
        return np.full(len(self.theta), ROOMLESS)

    def predict(self):
        """Expected score of every row (rows,), in points."""
        s = self.sheets
        return self.mean + self.leniency[s.judge] + self.scale[s.judge] * self.theta[s.entry]


def fit(sheets, *, rooms="unknown"):
    """Calibration of Sheets. rooms: "unknown" or "drawn" (entries were allocated to rooms by draw).

    Deterministic; cost is linear in the number of scores. Raises ValueError on another value of `rooms`.
    """
    if rooms not in ("unknown", "drawn"):
        raise ValueError(f"rooms is 'unknown' or 'drawn', not {rooms!r}")
    full = bool(np.median(sheets.per_judge) >= MIN_SCORES_PER_JUDGE)
    state = _Fit(sheets, drawn=rooms == "drawn", full=full)
    rounds = state.run() if state.total > 0 else 0
    if full and rounds:
        state.tail = choose_tail(state.standardised_squares())
        rounds += state.run()
    unknowns = len(sheets.entries) + len(sheets.judges)
    return Calibration(
        sheets=sheets,
        rooms_drawn=rooms == "drawn",
        full=full,
        calibratable=len(sheets.score) >= MIN_SCORES_PER_UNKNOWN * unknowns,
        mean=state.mean,
        theta=pool_entries(sheets, state.theta),
        variance=pool_entries(sheets, state.variance),
        leniency=pool_judges(sheets, state.leniency),
        leniency_variance=pool_judges(sheets, state.leniency_variance),
        scale=pool_judges(sheets, state.scale),
        noise=pool_judges(sheets, state.noise),
        weight=pool_rows(sheets, state.weight),
        room=state.room,
        spread={name: float(getattr(state, name)) for name in ("sb", "ta", "sq", "sg", "s20")},
        tail=state.tail,
        rounds=rounds,
    )


@dataclass
class _Fit:
    """The quantities under iteration; names of variances as in the module's formulas."""

    sheets: Sheets
    drawn: bool
    full: bool
    tail: float = TYPICAL_TAIL
    mean: float = field(init=False)

    def __post_init__(self):
        s = self.sheets
        self.mean = float(s.score.mean())
        self.total = float(s.score.var())
        self._place_rooms()
        component = s.component
        self.components = int(component.max()) + 1
        self.component_of_entry = component[: len(s.entries)]
        self.component_of_judge = component[len(s.entries) :]
        self._start()

    def _place_rooms(self):
        s = self.sheets
        count = 0 if self.drawn or s.rooms < 2 else s.rooms
        self.in_room = np.flatnonzero(s.entry_room >= 0) if count else np.empty(0, dtype=np.int64)
        self.room_index = s.entry_room[self.in_room]
        self.room_size = np.bincount(self.room_index, minlength=count)
        self.room = np.zeros(count)

    def _start(self):
        # Where all scores are equal nothing is fitted, but nothing may be zero either.
        s, total = self.sheets, self.total or 1.0
        self.s20, self.sb, self.sq, self.sg = 0.3 * total, 0.2 * total, 0.4 * total, 0.1 * total
        self.ta = SCALE_PRIOR_VARIANCE if self.full else 0.0
        judges, entries = len(s.judges), len(s.entries)
        self.theta = 0.5 * (np.bincount(s.entry, s.score - self.mean, entries) / s.per_entry)
        self.variance = np.full(entries, self.sq / 2)
        self.leniency, self.scale = np.zeros(judges), np.ones(judges)
        self.leniency_variance, self.scale_variance = np.zeros(judges), np.zeros(judges)
        self.covariance, self.noise = np.zeros(judges), np.full(judges, self.s20)
        self.weight = np.ones(len(s.score))
        self.error2 = np.full(len(s.score), self.s20)
        if len(self.room):
            component = np.zeros(len(self.room), dtype=np.int64)
            component[self.room_index] = self.component_of_entry[self.in_room]
            self.component_of_room = component
            self._find_residents()

    def _find_residents(self):
        """Judges who serve one room only (anchors aside), and the rows that notice when their room is moved."""
        s, rooms = self.sheets, len(self.room)
        row_room = s.entry_room[s.entry]
        inside = row_room >= 0
        served = np.unique(s.judge[inside] * rooms + row_room[inside])
        alone = np.bincount(served // rooms, minlength=len(s.judges)) == 1
        home = np.full(len(s.judges), ROOMLESS)
        home[served // rooms] = served % rooms
        self.resident = np.flatnonzero(alone)
        self.home = home[self.resident]
        guest_rows = np.flatnonzero(inside & ~alone[s.judge])
        anchor_rows = np.flatnonzero(~inside & alone[s.judge])
        self.noticing = np.concatenate([guest_rows, anchor_rows])
        self.noticed = np.concatenate([row_room[guest_rows], home[s.judge[anchor_rows]]])
        self.notice = np.concatenate([np.ones(len(guest_rows)), -np.ones(len(anchor_rows))])

    def run(self):
        limit = TOLERANCE * self.total**0.5
        for turn in range(1, MAX_ROUNDS + 1):
            before = self.theta
            self._weigh()
            self._update_entries()
            self._update_judges()
            self._update_rooms()
            self._shift_rooms()
            gained = self._shift_components()
            self._update_noise()
            self._update_spreads(gained)
            if np.abs(self.theta - before).max() < limit:
                return turn
        return MAX_ROUNDS

    def _weigh(self):
        if self.full:
            self.weight = (self.tail + 1) / (self.tail + self.error2 / self.noise[self.sheets.judge])
        self.precision = self.weight / self.noise[self.sheets.judge]

    def _update_entries(self):
        s, count = self.sheets, len(self.theta)
        scale = self.scale[s.judge]
        pull = self.precision * scale
        self.variance = 1 / (np.bincount(s.entry, pull * scale, count) + 1 / self.sq)
        told = np.bincount(s.entry, pull * (s.score - self.mean - self.leniency[s.judge]), count)
        told[self.in_room] += self.room[self.room_index] / self.sq
        self.theta = told * self.variance

    def _update_judges(self):
        """Ridge regression of each judge's scores on theta, known up to its variance."""
        s, count = self.sheets, len(self.leniency)
        x, r, p = self.theta[s.entry], s.score - self.mean, self.precision
        s0 = np.bincount(s.judge, p, count) + 1 / self.sb
        s1 = np.bincount(s.judge, p * x, count)
        t0 = np.bincount(s.judge, p * r, count)
        if not self.full:
            self.leniency, self.leniency_variance = (t0 - s1) / s0, 1 / s0
            return
        s2 = np.bincount(s.judge, p * (x * x + self.variance[s.entry]), count) + 1 / self.ta
        t1 = np.bincount(s.judge, p * x * r, count) + 1 / self.ta
        det = s0 * s2 - s1 * s1
        self.leniency, self.scale = (s2 * t0 - s1 * t1) / det, (s0 * t1 - s1 * t0) / det
        self.leniency_variance, self.scale_variance, self.covariance = s2 / det, s0 / det, -s1 / det
        self._set_mean_scale_to_one()

    def _set_mean_scale_to_one(self):
        m = self.scale.mean()
        self.scale = self.scale / m
        self.theta, self.variance, self.room = self.theta * m, self.variance * m * m, self.room * m

    def _update_rooms(self):
        if len(self.room):
            self.room_variance = 1 / (self.room_size / self.sq + 1 / self.sg)
            inside = np.bincount(self.room_index, self.theta[self.in_room], len(self.room))
            self.room = inside / self.sq * self.room_variance

    def _shift_rooms(self):
        """Move each room's quality against the leniency of its residents, as far as guests and anchors allow.

        Exact minimisation along one direction per room; it changes no optimum, only how fast a chain of weakly
        linked rooms gets there.
        """
        if not len(self.room) or not len(self.noticing):
            return
        s, rooms, rows = self.sheets, len(self.room), self.noticing
        judge = s.judge[rows]
        slope = self.notice * self.scale[judge]
        left = (
            s.score[rows] - self.mean - self.leniency[judge] - self.scale[judge] * self.theta[s.entry[rows]]
        )
        scale = self.scale[self.resident]
        pull = np.bincount(self.noticed, self.precision[rows] * slope * left, rooms) - self.room / self.sg
        pull = pull + np.bincount(self.home, scale * self.leniency[self.resident], rooms) / self.sb
        firm = np.bincount(self.noticed, self.precision[rows] * slope**2, rooms) + 1 / self.sg
        step = pull / (firm + np.bincount(self.home, scale**2, rooms) / self.sb)
        self.room = self.room + step
        self.theta[self.in_room] += step[self.room_index]
        self.leniency[self.resident] -= scale * step[self.home]

    def _shift_components(self):
        """Move each linked group to where its judges' leniency and its rooms' quality agree best.

        The scores of a group do not change when its theta rise by d and its b_j fall by a_j d; only the priors
        speak. Returns the variance of d by component, which the spreads must not forget.
        """
        count = self.components
        pull = np.bincount(self.component_of_judge, self.scale * self.leniency, count) / self.sb
        firm = np.bincount(self.component_of_judge, self.scale**2, count) / self.sb
        if len(self.room):
            pull = pull - np.bincount(self.component_of_room, self.room, count) / self.sg
            firm = firm + np.bincount(self.component_of_room, minlength=count) / self.sg
        else:
            pull = pull - np.bincount(self.component_of_entry, self.theta, count) / self.sq
            firm = firm + np.bincount(self.component_of_entry, minlength=count) / self.sq
        step = pull / firm
        self.theta = self.theta + step[self.component_of_entry]
        self.leniency = self.leniency - self.scale * step[self.component_of_judge]
        if len(self.room):
            self.room = self.room + step[self.component_of_room]
        return 1 / firm

    def _update_noise(self):
        s = self.sheets
        x, scale = self.theta[s.entry], self.scale[s.judge]
        residual = s.score - self.mean - self.leniency[s.judge] - scale * x
        of_judge = self.leniency_variance[s.judge] + x * (
            2 * self.covariance[s.judge] + x * self.scale_variance[s.judge]
        )
        self.error2 = residual**2 + scale**2 * self.variance[s.entry] + of_judge
        weighted = self.weight * self.error2
        self.s20 = max(float(weighted.mean()), _FLOOR * self.total)
        self.noise = np.full(len(self.noise), self.s20)
        if self.full:
            told = np.bincount(s.judge, weighted, len(self.noise))
            self.noise = (told + NOISE_PRIOR_SCORES * self.s20) / (s.per_judge + NOISE_PRIOR_SCORES)

    def standardised_squares(self):
        """Squared residuals in units of their own variance: the fit leaves less than the noise behind."""
        s, scale = self.sheets, self.scale[self.sheets.judge]
        residual = s.score - self.mean - self.leniency[s.judge] - scale * self.theta[s.entry]
        kept = 1 - self.precision * scale**2 * self.variance[s.entry]
        return residual**2 / (self.noise[s.judge] * np.clip(kept, 0.1, 1.0))

    def _update_spreads(self, gained):
        least = _FLOOR * self.total
        lean = self.leniency.mean()
        self.mean, self.leniency = float(self.mean + lean), self.leniency - lean
        shifted = gained[self.component_of_judge] * self.scale**2
        self.sb = max(np.mean(self.leniency**2 + self.leniency_variance + shifted), least)
        if self.full:
            seen = np.sum((self.scale - 1) ** 2 + self.scale_variance)
            self.ta = (seen + SCALE_PRIOR_JUDGES * SCALE_PRIOR_VARIANCE) / (
                len(self.scale) + SCALE_PRIOR_JUDGES
            )
        if not len(self.room):
            self.sq = max(np.mean(self.theta**2 + self.variance + gained[self.component_of_entry]), least)
            return
        own, slack = self.theta.copy(), self.variance.copy()
        own[self.in_room] -= self.room[self.room_index]
        slack[self.in_room] += self.room_variance[self.room_index]
        self.sq = max(np.mean(own**2 + slack), least)
        self.sg = max(np.mean(self.room**2 + self.room_variance + gained[self.component_of_room]), least)
