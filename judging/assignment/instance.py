"""A problem as arrays: open entries x judges, with everything already fixed taken off."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judging.assignment.problem import Problem

if TYPE_CHECKING:
    import numpy as np

TIES = 16


@dataclass(frozen=True)
class Instance:
    """Arrays over n open entries (those with a seat left), m judges, k required roles, g groups of judges.

    entry: index into problem.entries (n). seats: open seats (n). need: roles still to be covered (n, k).
    cls: class of entries alike in all but conflicts (n). miss: 1 where the judge does not list the topic
    (classes, m). open: pair allowed (n, m). mask: required roles held, as bits (m). group: index into
    group_mask (m). lo, hi: loads still asked and left (m). load: seats already kept (m). relief: how much
    busier than the least busy (m), a tie-break where seats are kept. entry_hash, judge_hash: 64 bits of
    SHA-256 of seed and key.
    """

    problem: Problem
    entry: np.ndarray
    seats: np.ndarray
    need: np.ndarray
    cls: np.ndarray
    miss: np.ndarray
    open: np.ndarray
    mask: np.ndarray
    group: np.ndarray
    group_mask: tuple[int, ...]
    lo: np.ndarray
    hi: np.ndarray
    load: np.ndarray
    relief: np.ndarray
    entry_hash: np.ndarray
    judge_hash: np.ndarray

    @property
    def n(self) -> int:
        return len(self.entry)

    @property
    def m(self) -> int:
        return len(self.mask)

    @property
    def k(self) -> int:
        return self.need.shape[1]

    def misses(self, entry: np.ndarray, judge: np.ndarray) -> np.ndarray:
        return self.miss[self.cls[entry], judge]

    def noise(self, entry: np.ndarray, judge: np.ndarray) -> np.ndarray:
        """64 pseudo-random bits per pair, from the seed and the two keys alone (SplitMix64 of their hashes)."""
        import numpy as np

        mixed = self.entry_hash[entry] + self.judge_hash[judge] * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def build(problem: Problem) -> Instance:
    """Arrays of `problem`. Memory: one byte per (open entry, judge)."""
    import numpy as np

    held = _Held(problem)
    seats = np.array([problem.seats(entry) for entry in problem.entries]) - held.count
    entry = np.flatnonzero(seats > 0)
    need = held.missing_roles[entry]
    topics, miss = _topics(problem, entry)
    seats = seats[entry]
    cls, miss = _classes(topics, seats, need, miss)
    bit = {role: 1 << number for number, role in enumerate(problem.roles)}
    mask = np.array([sum({bit.get(role, 0) for role in judge.roles}) for judge in problem.judges])
    group_mask, group = np.unique(mask, return_inverse=True)
    lo, hi = _loads(problem, held.load)
    return Instance(
        problem=problem,
        entry=entry,
        seats=seats,
        need=need,
        cls=cls,
        miss=miss,
        open=_open(problem, entry, held.codes),
        mask=mask,
        group=group,
        group_mask=tuple(int(value) for value in group_mask),
        lo=lo,
        hi=hi,
        load=held.load,
        relief=np.minimum(held.load - held.load.min(), TIES - 1),
        entry_hash=_hashes(problem.seed, "entry", [problem.entries[row].key for row in entry]),
        judge_hash=_hashes(problem.seed, "judge", [judge.key for judge in problem.judges]),
    )


class _Held:
    """What the kept seats already give: seats taken, loads, roles covered, pairs used."""

    def __init__(self, problem: Problem):
        import numpy as np

        row = {entry.key: number for number, entry in enumerate(problem.entries)}
        column = {judge.key: number for number, judge in enumerate(problem.judges)}
        role_at = {role: number for number, role in enumerate(problem.roles)}
        self.count = np.zeros(len(row), np.int64)
        self.load = np.zeros(len(column), np.int64)
        self.missing_roles = np.zeros((len(row), len(role_at)), bool)
        for number, entry in enumerate(problem.entries):
            for role in problem.required(entry):
                self.missing_roles[number, role_at[role]] = True
        codes = []
        for seat in problem.fixed:
            e, j = row[seat.entry], column[seat.judge]
            self.count[e] += 1
            self.load[j] += 1
            if seat.role in role_at:
                self.missing_roles[e, role_at[seat.role]] = False
            codes.append(e * len(column) + j)
        self.codes = np.array(codes, np.int64)


def _loads(problem: Problem, load: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    lo = np.array([problem.least(judge) for judge in problem.judges], np.int64) - load
    hi = np.array([problem.most(judge) for judge in problem.judges], np.int64) - load
    return np.maximum(lo, 0), np.maximum(hi, 0)


def _topics(problem: Problem, entry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Topic number per open entry and the (topics, m) table of misses; topics of the same judges are one."""
    import numpy as np

    listing: dict[str, list[int]] = {}
    for number, judge in enumerate(problem.judges):
        for topic in set(judge.topics) - {""}:
            listing.setdefault(topic, []).append(number)
    numbers: dict[tuple[int, ...], int] = {}
    topics = np.empty(len(entry), np.int64)
    for position, row in enumerate(entry):
        judges = tuple(listing.get(problem.entries[row].topic, ()))
        topics[position] = numbers.setdefault(judges, len(numbers))
    miss = np.ones((len(numbers), len(problem.judges)), np.int8)
    for judges, number in numbers.items():
        miss[number, list(judges)] = 0
    return topics, miss


def _classes(topics, seats, need, miss) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    kinds = np.column_stack([topics, seats, need])
    kinds, cls = np.unique(kinds, axis=0, return_inverse=True)
    return cls.reshape(-1), miss[kinds[:, 0]]


def _open(problem: Problem, entry: np.ndarray, held_codes: np.ndarray) -> np.ndarray:
    """Pairs a hard rule does not forbid: no declared conflict, no shared employer, not seated there already."""
    import numpy as np

    width = len(problem.judges)
    position = np.full(len(problem.entries), -1)
    position[entry] = np.arange(len(entry))
    allowed = np.ones((len(entry), width), bool)
    for codes in (np.frombuffer(problem.barred, np.int64), held_codes):
        rows, columns = position[codes // width], codes % width
        allowed[rows[rows >= 0], columns[rows >= 0]] = False
    staff: dict[str, list[int]] = {}
    for number, judge in enumerate(problem.judges):
        staff.setdefault(judge.employer, []).append(number)
    staff.pop("", None)
    for number, row in enumerate(entry):
        colleagues = staff.get(problem.entries[row].employer)
        if colleagues:
            allowed[number, colleagues] = False
    return allowed


def _hashes(seed: str, kind: str, keys: list[str]) -> np.ndarray:
    import numpy as np

    digests = (hashlib.sha256(f"{seed}|{kind}|{key}".encode()).digest() for key in keys)
    return np.frombuffer(b"".join(digest[:8] for digest in digests), "<u8").astype(np.uint64)
