"""How sure the calibrated ranking is: chance of being among the first k, 90 % rank interval, grey zone.

A Gibbs sampler with the conditionals of the model, started at its EM solution, with the same exact step along
the direction in which whole linked groups move. Random numbers are dealt out by canonical index, so the result
depends on the scores and the seed alone. The quick approximation looks at each entry by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt

from judging.calibration.model import (
    NOISE_PRIOR_SCORES,
    SCALE_PRIOR_JUDGES,
    SCALE_PRIOR_VARIANCE,
    Calibration,
)
from judging.calibration.sheets import pool_entries
from judging.numeric import np

BURN_IN = 60
INTERVAL = 0.90
CLEAR = 0.9
# The judges of one room share its tone, which the differences among them cannot show: its variance as a share of
# the leniency variance. Without it the intervals of unlinked rooms are too narrow.
TONE = 0.03
# Weight of the EM value in the draw of a variance: keeps a variance known from few judges or rooms proper.
_SPREAD_PRIOR = 2.0


@dataclass(frozen=True)
class Certainty:
    """By entry, in the order of the sheets: p_award in [0, 1], rank_lo <= rank_hi (1 = best).

    Anchors compete with nobody: p_award 0, ranks 0. expected_precision: the share of the k first by
    calibrated score expected to be truly among the first k. grey: number of entries with .1 < p < .9.
    """

    places: int
    draws: int
    seed: int
    p_award: np.ndarray
    rank_lo: np.ndarray
    rank_hi: np.ndarray
    expected_precision: float

    @property
    def grey(self):
        return int(((self.p_award > 1 - CLEAR) & (self.p_award < CLEAR)).sum())

    @property
    def band(self):
        """0 out, 1 grey, 2 clear, by entry."""
        return (self.p_award >= 1 - CLEAR).astype(int) + (self.p_award >= CLEAR)


def certainty(calibration, *, places, draws=1000, seed=0):
    """Certainty of a Calibration at `places` awards from `draws` draws of a chain with the given seed.

    Raises ValueError unless 1 <= places and 1 <= draws. More places than entries means every entry.
    """
    if places < 1 or draws < 1:
        raise ValueError("places and draws start at one")
    ranked = np.flatnonzero(~calibration.sheets.is_anchor)
    places = min(places, len(ranked))
    if _all_equal(calibration):
        return _nothing_told(calibration, ranked, places, draws, seed)
    ranks = _sampled_ranks(calibration, ranked, draws, seed)
    count = len(calibration.theta)
    chance, low, high = np.zeros(count), np.zeros(count), np.zeros(count)
    chance[ranked] = (ranks <= places).mean(axis=0)
    edge = (1 - INTERVAL) / 2
    low[ranked], high[ranked] = np.quantile(ranks, (edge, 1 - edge), axis=0, method="inverted_cdf")
    pooled = [pool_entries(calibration.sheets, values) for values in (chance, low, high)]
    return Certainty(
        places=places,
        draws=draws,
        seed=seed,
        p_award=pooled[0],
        rank_lo=np.floor(pooled[1] + 0.5).astype(int),
        rank_hi=np.floor(pooled[2] + 0.5).astype(int),
        expected_precision=_expected_precision(calibration.theta[ranked], pooled[0][ranked], places),
    )


def instant_chance(calibration, *, places):
    """P(entry among the first `places`) per entry without sampling; anchors 0.

    P = Phi((theta_i - c) / sqrt(v_i)), c midway between the last place inside and the first outside.
    """
    ranked = np.flatnonzero(~calibration.sheets.is_anchor)
    chance = np.zeros(len(calibration.theta))
    if places >= len(ranked) or _all_equal(calibration):
        chance[ranked] = min(1.0, places / len(ranked))
        return chance
    ordered = np.sort(calibration.theta[ranked])[::-1]
    cut = (ordered[places - 1] + ordered[places]) / 2
    z = (calibration.theta[ranked] - cut) / np.sqrt(calibration.variance[ranked])
    chance[ranked] = [0.5 * (1 + erf(value / sqrt(2))) for value in z]
    return chance


def second_look(calibration, p_award, *, count):
    """Indices of the `count` ranked entries whose award is most uncertain (largest P (1 - P)), first first."""
    doubt = np.where(calibration.sheets.is_anchor, -1.0, np.round(p_award * (1 - p_award), 12))
    order = np.lexsort((-calibration.theta, -doubt))
    return order[: min(count, int((doubt > 0).sum()))]


def _all_equal(calibration):
    return calibration.sheets.score.min() == calibration.sheets.score.max()


def _nothing_told(calibration, ranked, places, draws, seed):
    """All scores equal: every order is as good as any other."""
    count = len(calibration.theta)
    chance, low, high = np.zeros(count), np.zeros(count, dtype=int), np.zeros(count, dtype=int)
    chance[ranked] = places / len(ranked)
    low[ranked], high[ranked] = 1, len(ranked)
    return Certainty(places, draws, seed, chance, low, high, places / len(ranked))


def _expected_precision(theta, chance, places):
    """Mean chance over the first `places`; a tie at the cut shares its places evenly."""
    order = np.argsort(-theta, kind="stable")
    last = theta[order[places - 1]]
    above, level = theta > last, theta == last
    share = (places - above.sum()) / level.sum()
    return float((chance[above].sum() + share * chance[level].sum()) / places)


def _sampled_ranks(calibration, ranked, draws, seed):
    chain = _Chain(calibration, np.random.Generator(np.random.PCG64(seed)))
    for _ in range(BURN_IN):
        chain.step()
    ranks = np.empty((draws, len(ranked)), dtype=np.int32)
    places = np.arange(1, len(ranked) + 1, dtype=np.int32)
    for draw in range(draws):
        chain.step()
        ranks[draw, np.argsort(-chain.theta[ranked])] = places
    return ranks


class _Chain:
    """One state of the sampler; names as in the model."""

    def __init__(self, calibration: Calibration, rng):
        s = calibration.sheets
        self.rng, self.full, self.tail = rng, calibration.full, calibration.tail
        self.entry, self.judge, self.per_judge = s.entry, s.judge, s.per_judge
        self.residual_base = s.score - calibration.mean
        self.theta, self.room = calibration.theta.copy(), calibration.room.copy()
        self.leniency, self.scale = calibration.leniency.copy(), calibration.scale.copy()
        self.noise = calibration.noise.copy()
        self.start = calibration.spread
        self.sb, self.ta, self.sq, self.sg, self.s20 = (
            calibration.spread[name] for name in ("sb", "ta", "sq", "sg", "s20")
        )
        room_of_entry = calibration.room_of_entry
        self.in_room = np.flatnonzero(room_of_entry >= 0)
        self.room_index = room_of_entry[self.in_room]
        self.room_size = np.bincount(self.room_index, minlength=len(self.room))
        component = s.component
        self.components = int(component.max()) + 1
        self.component_of_entry = component[: len(self.theta)]
        self.component_of_judge = component[len(self.theta) :]
        self.component_of_room = np.zeros(len(self.room), dtype=np.int64)
        self.component_of_room[self.room_index] = self.component_of_entry[self.in_room]

    def step(self):
        self._draw_precision()
        self._draw_entries()
        self._draw_judges()
        self._draw_rooms()
        self._shift_components()
        self._draw_noise()
        self._draw_spreads()

    def _fitted_residual(self):
        return (
            self.residual_base - self.leniency[self.judge] - self.scale[self.judge] * self.theta[self.entry]
        )

    def _draw_precision(self):
        noise = self.noise[self.judge]
        if self.full:
            rate = (self.tail + self._fitted_residual() ** 2 / noise) / 2
            self.weight = self.rng.standard_gamma((self.tail + 1) / 2, len(noise)) / rate
        else:
            self.weight = np.ones(len(noise))
        self.precision = self.weight / noise

    def _draw_entries(self):
        count, scale = len(self.theta), self.scale[self.judge]
        pull = self.precision * scale
        variance = 1 / (np.bincount(self.entry, pull * scale, count) + 1 / self.sq)
        told = np.bincount(self.entry, pull * (self.residual_base - self.leniency[self.judge]), count)
        told[self.in_room] += self.room[self.room_index] / self.sq
        self.theta = told * variance + np.sqrt(variance) * self.rng.standard_normal(count)

    def _draw_judges(self):
        count, p = len(self.leniency), self.precision
        x, r = self.theta[self.entry], self.residual_base
        s0 = np.bincount(self.judge, p, count) + 1 / self.sb
        s1 = np.bincount(self.judge, p * x, count)
        t0 = np.bincount(self.judge, p * r, count)
        first = self.rng.standard_normal(count)
        if not self.full:
            self.leniency = (t0 - s1) / s0 + first / np.sqrt(s0)
            return
        s2 = np.bincount(self.judge, p * (x * x), count) + 1 / self.ta
        t1 = np.bincount(self.judge, p * x * r, count) + 1 / self.ta
        det = s0 * s2 - s1 * s1
        # The scale by itself, then the leniency given the scale.
        self.scale = (s0 * t1 - s1 * t0) / det + np.sqrt(s0 / det) * first
        self.leniency = (t0 - s1 * self.scale) / s0 + self.rng.standard_normal(count) / np.sqrt(s0)

    def _draw_rooms(self):
        if len(self.room):
            variance = 1 / (self.room_size / self.sq + 1 / self.sg)
            inside = np.bincount(self.room_index, self.theta[self.in_room], len(self.room))
            draw = self.rng.standard_normal(len(self.room))
            self.room = inside / self.sq * variance + np.sqrt(variance) * draw

    def _shift_components(self):
        count = self.components
        panel = np.bincount(self.component_of_judge, self.scale**2, count)
        loosened = 1 + TONE * panel * (np.bincount(self.component_of_room, minlength=count) == 1)
        lean = np.bincount(self.component_of_judge, self.scale * self.leniency, count)
        pull, firm = lean / self.sb / loosened, panel / self.sb / loosened
        # Entries outside rooms are held by their own prior, the others by their room's.
        held = np.full(len(self.theta), 1 / self.sq)
        held[self.in_room] = 0.0
        pull = pull - np.bincount(self.component_of_entry, self.theta * held, count)
        firm = firm + np.bincount(self.component_of_entry, held, count)
        if len(self.room):
            pull = pull - np.bincount(self.component_of_room, self.room, count) / self.sg
            firm = firm + np.bincount(self.component_of_room, minlength=count) / self.sg
        step = pull / firm + self.rng.standard_normal(count) / np.sqrt(firm)
        self.theta = self.theta + step[self.component_of_entry]
        self.leniency = self.leniency - self.scale * step[self.component_of_judge]
        if len(self.room):
            self.room = self.room + step[self.component_of_room]

    def _draw_noise(self):
        if not self.full:
            self.noise[:] = self._variance(self._fitted_residual(), self.start["s20"])
            return
        told = np.bincount(self.judge, self.weight * self._fitted_residual() ** 2, len(self.noise))
        shape = (self.per_judge + NOISE_PRIOR_SCORES) / 2
        self.noise = (told + NOISE_PRIOR_SCORES * self.s20) / 2 / self.rng.standard_gamma(shape)
        # Given the judges' noise, its typical value is a gamma draw.
        firm = NOISE_PRIOR_SCORES / 2
        rate = firm * np.sum(1 / self.noise)
        self.s20 = self.rng.standard_gamma(firm * len(self.noise) + 1) / rate

    def _draw_spreads(self):
        self.sb = self._variance(self.leniency, self.start["sb"])
        if self.full:
            own = np.sum((self.scale - 1) ** 2) + SCALE_PRIOR_JUDGES * SCALE_PRIOR_VARIANCE
            self.ta = own / 2 / self.rng.standard_gamma((len(self.scale) + SCALE_PRIOR_JUDGES) / 2)
        own = self.theta
        if len(self.room):
            own = own.copy()
            own[self.in_room] -= self.room[self.room_index]
            self.sg = self._variance(self.room, self.start["sg"])
        self.sq = self._variance(own, self.start["sq"])

    def _variance(self, effects, typical):
        told = np.sum(effects**2) + _SPREAD_PRIOR * typical
        return told / 2 / self.rng.standard_gamma((len(effects) + _SPREAD_PRIOR) / 2)
