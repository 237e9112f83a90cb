"""Simulated contests with known truth (演示数据).

    score = mean + b_j + a_j q_i + drift_j (t - 1/2) + room tone + noise (t_5, sd s_j) + what was planted

spread over five weighted criteria, rounded to 0.5 and clipped. Sizes of the spreads after real contests: leniency
two thirds of quality, noise seven tenths, scale sd 0.2, log-sd of the judges' noise 0.25.
"""

from dataclasses import dataclass, field

import numpy as np

CRITERIA = {"技术": 30, "市场": 25, "团队": 20, "财务": 15, "展示": 10}
_WEIGHTS = np.array(list(CRITERIA.values())) / 100
_TONE = 1.0
_DRIFT = 1.0
_LIFT, _RING_LIFT, _CARELESS, _FLAT = 15.0, 10.0, 3.0, 0.15


@dataclass(frozen=True)
class Design:
    """Sizes and spreads of a preset. rooms 0: judges drawn from one pool with `load` entries each."""

    entries: int = 700
    judges_per_entry: int = 5
    load: int = 30
    rooms: int = 0
    between_rooms: float = 0.0
    anchors: int = 0
    rotating: int = 0
    dirty: bool = False
    mean: float = 75.0
    quality: float = 6.0
    leniency: float = 4.0
    noise: float = 4.2
    scale: float = 0.2
    reliability: float = 0.25


_ROOMS = {"entries": 700, "judges_per_entry": 7, "rooms": 20}
_STRONG = {**_ROOMS, "between_rooms": 0.25}
PRESETS = {
    "pool": Design(),
    "sparse": Design(judges_per_entry=3, load=20),
    "dirty": Design(dirty=True),
    "online": Design(entries=3000, load=120, mean=65.0, quality=13.0, leniency=8.0, noise=8.5),
    "large": Design(entries=30_000),
    "rooms": Design(**_ROOMS),
    "strong": Design(**_STRONG),
    "anchors": Design(**_STRONG, anchors=3),
    "bridge": Design(**_STRONG, rotating=2),
    "final": Design(entries=60, judges_per_entry=7, rooms=1, quality=3.1),
}


@dataclass
class Contest:
    """A simulated contest. Rows: entry, judge, score, room, position (order in the judge's session).

    quality by entry (anchors last), leniency, scale, noise by judge: the truth. `given` is what an observer who
    knows every judge would subtract from a row. planted: kind -> judges, entries or rows that were tampered with.
    """

    design: Design
    entry: np.ndarray
    judge: np.ndarray
    room: np.ndarray
    quality: np.ndarray
    leniency: np.ndarray
    scale: np.ndarray
    noise: np.ndarray
    score: np.ndarray = None
    criteria: np.ndarray = None
    position: np.ndarray = None
    given: np.ndarray = None
    planted: dict = field(default_factory=dict)

    @property
    def ranked(self):
        return [f"E{k}" for k in range(self.design.entries)]

    @property
    def anchors(self):
        return [f"ANCHOR{k}" for k in range(self.design.anchors)]

    def entry_names(self):
        names = self.ranked + self.anchors
        return [names[k] for k in self.entry]

    def judge_names(self):
        return [f"J{k}" for k in self.judge]

    def room_names(self):
        """Room per row, or None for a pool."""
        return [f"R{k}" for k in self.room] if self.design.rooms > 1 else None


def simulate(preset, seed, *, lift=None, tone=_TONE):
    """Contest of a preset's name or of a Design. lift: (judge, points) added to all scores of one judge."""
    design = PRESETS[preset] if isinstance(preset, str) else preset
    rng = np.random.default_rng(seed)
    entry, judge, room = (_pool if not design.rooms else _panels)(rng, design)
    contest = _people(rng, design, entry, judge, room)
    if design.dirty:
        _plant_judges(rng, contest)
    contest.position = _positions(rng, contest.judge)
    share = (contest.position + 0.5) / np.bincount(contest.judge)[contest.judge]
    tones = rng.normal(0, tone, design.rooms)[contest.room] if design.rooms > 1 else 0.0
    contest.given = design.mean + contest.leniency[contest.judge] + tones
    judges = len(contest.leniency)
    score = contest.given + contest.scale[contest.judge] * contest.quality[contest.entry]
    score = score + rng.normal(0, _DRIFT, judges)[contest.judge] * (share - 0.5)
    score = score + contest.noise[contest.judge] * rng.standard_t(5, len(entry)) / np.sqrt(5 / 3)
    if lift is not None:
        score = score + lift[1] * (contest.judge == lift[0])
    if design.dirty:
        score = score + _plant_rows(rng, contest)
    write_marks(contest, score)
    return _thinned(rng, contest, 0.08) if design.dirty else contest


def write_marks(contest, score):
    """Spread totals (rows,) over the criteria in halves of a point and take their sum for the score."""
    parts = np.round(2 * np.clip(score, 0, 100)[:, None] * _WEIGHTS) / 2
    contest.criteria = np.clip(parts, 0, 100 * _WEIGHTS)
    contest.score = contest.criteria.sum(axis=1)


def _pool(rng, design):
    """Every entry gets distinct judges, every judge the same load but one."""
    entries, panel = design.entries, design.judges_per_entry
    judges = round(entries * panel / design.load)
    seats = np.resize(np.arange(judges), entries * panel)
    rng.shuffle(seats)
    seats = seats.reshape(entries, panel)
    while len(clash := np.flatnonzero((np.diff(np.sort(seats, axis=1)) == 0).any(axis=1))):
        for one, other in zip(clash, rng.choice(entries, len(clash)), strict=True):
            here, there = rng.integers(panel, size=2)
            seats[one, here], seats[other, there] = seats[other, there], seats[one, here]
    return np.repeat(np.arange(entries), panel), seats.ravel(), np.zeros(entries * panel, dtype=int)


def _panels(rng, design):
    """Rooms with a panel each; rotating judges spend the second half of the session in another room."""
    rooms, panel = design.rooms, design.judges_per_entry
    per_room = design.entries // rooms
    entry = np.repeat(np.arange(design.entries), panel)
    seat, room = np.tile(np.arange(panel), design.entries), entry // per_room
    late = entry % per_room >= per_room // 2
    step = np.where(late & (seat < design.rotating), 1 + 6 * seat, 0)
    judge = (room + step) % rooms * panel + seat
    every = np.arange(rooms * panel)
    for anchor in range(design.anchors):
        entry = np.append(entry, np.full(len(every), design.entries + anchor))
        judge, room = np.append(judge, every), np.append(room, every // panel)
    return entry, judge, room


def _people(rng, design, entry, judge, room):
    count, judges = design.entries + design.anchors, int(judge.max()) + 1
    quality = rng.normal(0, design.quality, count)
    if design.between_rooms:
        own = slice(0, design.entries)
        room_of_entry = np.arange(design.entries) // (design.entries // design.rooms)
        level = rng.normal(0, design.quality * np.sqrt(design.between_rooms), design.rooms)
        quality[own] = quality[own] * np.sqrt(1 - design.between_rooms) + level[room_of_entry]
    return Contest(
        design=design,
        entry=entry,
        judge=judge,
        room=room,
        quality=quality,
        leniency=rng.normal(0, design.leniency, judges),
        scale=np.clip(1 + rng.normal(0, design.scale, judges), 0.3, None),
        noise=design.noise * np.exp(rng.normal(0, design.reliability, judges)),
    )


def _positions(rng, judge):
    """0, 1, 2 ... in each judge's session, in random order."""
    order = np.lexsort((rng.random(len(judge)), judge))
    start = np.concatenate([[0], np.cumsum(np.bincount(judge))[:-1]])
    position = np.empty(len(judge), dtype=int)
    position[order] = np.arange(len(judge)) - start[judge[order]]
    return position


def _plant_judges(rng, contest):
    judges = len(contest.leniency)
    few = max(2, round(0.05 * judges))
    chosen = rng.permutation(judges)
    careless, flat, rogue = chosen[:few], chosen[few : 2 * few], chosen[2 * few : 3 * few]
    contest.noise[careless] *= _CARELESS
    contest.scale[flat] = _FLAT
    contest.noise[flat] *= 0.4
    contest.planted.update(careless=careless, flat=flat, rogue=rogue)


def _plant_rows(rng, contest):
    """Rogue judges lift two to four entries of mean quality each; three judges of one panel lift one entry."""
    added = np.zeros(len(contest.entry))
    lifted = []
    for judge in contest.planted["rogue"]:
        rows = np.flatnonzero(contest.judge == judge)
        lifted.extend(rng.choice(rows, rng.integers(2, 5), replace=False))
    rings = rng.choice(contest.design.entries, 6, replace=False)
    ringed = [rng.choice(np.flatnonzero(contest.entry == entry), 3, replace=False) for entry in rings]
    added[lifted] += _LIFT
    added[np.concatenate(ringed)] += _RING_LIFT
    contest.planted.update(lifted=np.array(lifted), ring=rings)
    return added


def _thinned(rng, contest, share):
    """Drop a share of the rows, never an entry's last two."""
    kept = rng.random(len(contest.entry)) >= share
    thin = np.bincount(contest.entry, kept) < 2
    kept |= thin[contest.entry]
    new_row = np.cumsum(kept) - 1
    lifted = contest.planted["lifted"]
    contest.planted["lifted"] = new_row[lifted[kept[lifted]]]
    for name in ("entry", "judge", "room", "score", "position", "given"):
        setattr(contest, name, getattr(contest, name)[kept])
    contest.criteria = contest.criteria[kept]
    return contest
