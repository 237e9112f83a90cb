"""The assignment itself: most topic matches under the hard rules, drawn by seed among equals, with its proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from judging.assignment import guide, repair
from judging.assignment.connection import join
from judging.assignment.instance import Instance, build
from judging.assignment.network import hard_network, layout
from judging.assignment.problem import Problem, Seat, keeping, pool_hash
from judging.assignment.repair import Infeasible

if TYPE_CHECKING:
    import numpy as np

WIDTHS = (1, 2, 4)


@dataclass(frozen=True)
class Assignment:
    """Every seat, sorted by entry and judge, kept ones included.

    objective: pairs whose judge lists the entry's topic. bound: proven upper bound on it, from linear
    programming duality over all allowed pairs.
    """

    problem: Problem
    seats: tuple[Seat, ...]
    objective: int
    bound: int

    @property
    def gap(self) -> Fraction:
        """(bound - objective) / bound; 0 means proven best."""
        return Fraction(self.bound - self.objective, self.bound) if self.bound else Fraction(0)

    @property
    def loads(self) -> dict[str, int]:
        counted = Counter(seat.judge for seat in self.seats)
        return {judge.key: counted[judge.key] for judge in self.problem.judges}

    @property
    def pool_hash(self) -> str:
        return pool_hash(self.problem)


def assign(problem: Problem) -> Assignment | Infeasible:
    """Assign judges to every open seat, or say what stands in the way.

    Hard: panel size, one judge of every required role (one judge fills one role), loads, conflicts, kept seats.
    Maximised: topic matches. Drawn by `problem.seed`: which of the best assignments. The same problem and seed
    give the same seats whatever the listing order. Where judges and entries fall apart into components that
    exchanges of equal worth can join, they are joined.

    Method: minimum-cost flow (OR-tools cost scaling) over candidate pairs chosen by the prices of a relaxation;
    pairs are added until the dual bound over all pairs meets the answer. Memory about 15 bytes per pair of
    entry and judge.
    """
    inst = build(problem)
    if (inst.lo > inst.hi).any():
        return _refused(inst)
    if not inst.n:
        return _refused(inst) if inst.lo.any() else _finish(inst, [], 0)
    prices = guide.class_prices(inst)
    if prices is None:
        return _refused(inst)
    return _search(inst, prices)


def refill(problem: Problem, kept: Iterable[Seat]) -> Assignment | Infeasible:
    """Fill only what `kept` leaves open, after a recusal for instance; nobody else's seat moves.

    The recused pair must be among the problem's conflicts, or it may be drawn again. Minimum loads no longer
    bind; among equal matches the less busy judge comes first.
    """
    return assign(keeping(problem, kept))


def _search(inst: Instance, prices: guide.Prices) -> Assignment | Infeasible:
    import numpy as np

    bound, _ = guide.least_misses(inst, prices)
    codes = np.empty(0, np.int64)
    best = None
    for width in WIDTHS:
        codes = np.union1d(codes, guide.candidates(inst, prices, width))
        answer = _solve(inst, codes)
        if answer is None:
            found = repair.smallest(inst)
            if isinstance(found, Infeasible):
                return found
            codes = np.union1d(codes, found)
            answer = _solve(inst, codes)
        best = answer
        if answer.misses > bound:
            proven, cheap = guide.least_misses(inst, answer.prices)
            bound = max(bound, proven)
            codes = np.union1d(codes, _sample(inst, cheap))
        if answer.misses <= bound or len(codes) == best.offered:
            break
    return _finish(inst, best.seats, bound)


@dataclass(frozen=True)
class _Answer:
    seats: list[Seat]
    misses: int
    offered: int
    prices: guide.Prices


def _solve(inst: Instance, codes: np.ndarray) -> _Answer | None:
    import numpy as np

    pairs = guide.drawn_pairs(inst, codes)
    net, chosen, inner = hard_network(inst, guide.single_units(inst), pairs)
    flow = net.solve()
    if flow is None:
        return None
    taken = flow[chosen] > 0
    seats = _seats(inst, codes[taken], [flow[part] for part in inner])
    prices = guide.split(layout(inst), net.potentials(flow), np.arange(inst.n))
    return _Answer(seats, int(pairs.miss[taken].sum()), len(codes), prices)


def _sample(inst: Instance, cheap: np.ndarray) -> np.ndarray:
    """A drawn part of the pairs worth adding, so that a poor set of prices cannot flood the solver."""
    import numpy as np

    most = inst.n * guide.PER_SEAT * inst.problem.panel_size
    if len(cheap) <= most:
        return cheap
    noise = inst.noise(*np.divmod(cheap, inst.m))
    return cheap[np.argpartition(noise, most)[:most]]


def _seats(inst: Instance, codes: np.ndarray, inner: list[np.ndarray]) -> list[Seat]:
    """Seats with the role filled. Judges of several roles take those that flowed into their set's node."""
    import numpy as np

    shape, problem = layout(inst), inst.problem
    waiting: dict[tuple[int, int], list[str]] = {}
    for (start, end), flow in zip(shape.steps(), inner, strict=True):
        if start:
            for row in np.flatnonzero(flow):
                roles = waiting.setdefault((int(row), end), [])
                roles.extend([problem.roles[start - 1]] * int(flow[row]))
    seats = []
    for code in codes.tolist():
        row, column = divmod(code, inst.m)
        judge = problem.judges[column]
        mask = inst.group_mask[inst.group[column]]
        if mask.bit_count() > 1:
            role = waiting[row, int(shape.column[inst.group[column]])].pop()
        elif mask:
            role = problem.roles[mask.bit_length() - 1]
        else:
            role = judge.roles[0] if judge.roles else ""
        seats.append(Seat(problem.entries[inst.entry[row]].key, judge.key, role))
    return seats


def _finish(inst: Instance, drawn: list[Seat], bound: int) -> Assignment:
    """Bound and objective over all seats: what is kept counts in both."""
    problem = inst.problem
    topic = {entry.key: entry.topic for entry in problem.entries}
    topics = {judge.key: set(judge.topics) - {""} for judge in problem.judges}
    seats = sorted((*problem.fixed, *join(inst, drawn)), key=lambda seat: (seat.entry, seat.judge))
    matched = sum(topic[seat.entry] in topics[seat.judge] for seat in seats)
    kept = sum(topic[seat.entry] in topics[seat.judge] for seat in problem.fixed)
    return Assignment(problem, tuple(seats), matched, kept + len(drawn) - bound)


def _refused(inst: Instance) -> Infeasible:
    found = repair.smallest(inst)
    if not isinstance(found, Infeasible):
        raise ArithmeticError("relaxation and repair disagree")
    return found
