"""Can all judges be compared? The graph of judges and entries, and how exactly it fixes judges' leniency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judging.assignment.instance import Instance
from judging.assignment.problem import Problem, Seat

if TYPE_CHECKING:
    import numpy as np

TRIES = 200
EFFORT = 5_000_000
LOOKS = 50


@dataclass(frozen=True)
class Component:
    entries: tuple[str, ...]
    judges: tuple[str, ...]


@dataclass(frozen=True)
class Connection:
    """components: largest first; more than one means leniency cannot be compared across them.

    contrast_variance: mean variance of the difference of two judges' leniency, in units of the noise variance
    of one score, = 2/(J-1) * sum 1/lambda over the non-zero eigenvalues of L = diag(W'W) - W'W/p; None where
    there is more than one component or one judge. random_variance: the same for a design of the same loads
    dealt at random, which no topic, role or conflict restricts. Source: two-way layout, John and Williams,
    Cyclic and Computer Generated Designs, 1995, section 1.3. idle: judges without an entry.
    """

    components: tuple[Component, ...]
    idle: tuple[str, ...]
    contrast_variance: float | None
    random_variance: float | None


def connection(problem: Problem, seats: Sequence[Seat]) -> Connection:
    panels: dict[str, list[str]] = {}
    for seat in seats:
        panels.setdefault(seat.entry, []).append(seat.judge)
    components = _components(panels)
    busy = {judge for component in components for judge in component.judges}
    idle = tuple(judge.key for judge in problem.judges if judge.key not in busy)
    if len(components) != 1 or len(busy) < 2:
        return Connection(components, idle, None, None)
    number = {key: position for position, key in enumerate(components[0].judges)}
    rows = [[number[key] for key in panel] for panel in panels.values()]
    return Connection(
        components, idle, _contrast(rows, len(number)), _contrast(_dealt(rows, len(number)), len(number))
    )


def linked(panels: dict[str, list[str]]) -> tuple[int, float | None]:
    """(number of components, contrast variance) of a design given as entry -> judges; see `Connection`."""
    components = _components(panels)
    judges = sorted({judge for panel in panels.values() for judge in panel})
    if len(components) != 1 or len(judges) < 2:
        return len(components), None
    number = {key: position for position, key in enumerate(judges)}
    return 1, _contrast([[number[key] for key in panel] for panel in panels.values()], len(judges))


def _components(panels: dict[str, list[str]]) -> tuple[Component, ...]:
    root = _roots(panels.values())
    entries: dict[str, list[str]] = {}
    for entry, panel in panels.items():
        entries.setdefault(root[panel[0]], []).append(entry)
    judges: dict[str, list[str]] = {}
    for judge, top in root.items():
        judges.setdefault(top, []).append(judge)
    found = [Component(tuple(sorted(entries[top])), tuple(sorted(judges[top]))) for top in entries]
    return tuple(sorted(found, key=lambda component: (-len(component.entries), component.entries)))


def _roots(panels) -> dict:
    """Judge -> the judge who stands for his component."""
    parent: dict = {}

    def top(judge):
        while parent.setdefault(judge, judge) != judge:
            parent[judge] = judge = parent[parent[judge]]
        return judge

    for panel in panels:
        first = top(panel[0])
        for judge in panel[1:]:
            parent[top(judge)] = first
    return {judge: top(judge) for judge in parent}


def _contrast(panels: list[list[int]], judges: int) -> float | None:
    import numpy as np

    by_size: dict[int, list[list[int]]] = {}
    for panel in panels:
        by_size.setdefault(len(panel), []).append(panel)
    laplacian = np.zeros((judges, judges))
    for size, group in by_size.items():
        members = np.array(group)
        for place in range(size):
            np.add.at(laplacian, (members[:, place], members[:, place]), 1.0)
            for other in range(size):
                np.add.at(laplacian, (members[:, place], members[:, other]), -1.0 / size)
    try:
        inverse = np.linalg.inv(laplacian + 1.0 / judges)
    except np.linalg.LinAlgError:
        return None
    return float(2.0 / (judges - 1) * (np.trace(inverse) - 1.0))


def _dealt(panels: list[list[int]], judges: int) -> list[list[int]]:
    """The same panel sizes and loads, dealt at random: every panel takes those with most left, by lot.

    Taking from the largest remainders never ends in a dead end (Gale and Ryser).
    """
    import numpy as np

    rng = np.random.default_rng(0)
    left = np.bincount(np.concatenate([np.array(panel) for panel in panels]), minlength=judges)
    dealt = []
    for size in sorted(map(len, panels), reverse=True):
        rank = left + rng.random(judges)
        taken = np.argpartition(rank, judges - size)[judges - size :]
        left[taken] -= 1
        dealt.append(taken.tolist())
    return dealt


def join(inst: Instance, drawn: list[Seat]) -> list[Seat]:
    """Exchange judges between components where no rule and no match is lost; seats in the same order.

    An exchange of (entry 1, judge 1) and (entry 2, judge 2) keeps panel sizes and loads. It is kept only if it
    leaves fewer components, so a graph that cannot be joined at no cost stays as drawn.
    """
    if inst.problem.panel_size == 1 or not drawn:
        return drawn
    return _Joining(inst, drawn).seats()


class _Joining:
    """Drawn seats as arrays, exchanged one pair at a time."""

    def __init__(self, inst: Instance, drawn: list[Seat]):
        import numpy as np

        problem = inst.problem
        row = {problem.entries[place].key: number for number, place in enumerate(inst.entry)}
        column = {judge.key: number for number, judge in enumerate(problem.judges)}
        bit = {role: 1 << number for number, role in enumerate(problem.roles)}
        self.inst = inst
        self.drawn = drawn
        self.e = np.array([row[seat.entry] for seat in drawn])
        self.j = np.array([column[seat.judge] for seat in drawn])
        self.bit = np.array([bit.get(seat.role, 0) for seat in drawn])
        self.kept = [(seat.entry, column[seat.judge]) for seat in problem.fixed]

    def seats(self) -> list[Seat]:
        tries = min(TRIES, max(1, EFFORT // len(self.drawn)))
        root = self._labels()
        stuck: set[int] = set()
        while tries > 0:
            label = self._smallest(root, stuck)
            if label is None:
                break
            for a, b in self._exchanges(root, label):
                tries -= 1
                self.j[a], self.j[b] = self.j[b], self.j[a]
                after = self._labels()
                if len(set(after.values())) < len(set(root.values())):
                    root = after
                    break
                self.j[a], self.j[b] = self.j[b], self.j[a]
            else:
                stuck.add(label)
        return [self._seat(number) for number in range(len(self.drawn))]

    def _labels(self) -> dict[int, int]:
        panels: dict = {}
        for entry, judge in zip(self.e.tolist(), self.j.tolist(), strict=True):
            panels.setdefault(self.inst.problem.entries[self.inst.entry[entry]].key, []).append(judge)
        for entry, judge in self.kept:
            panels.setdefault(entry, []).append(judge)
        return _roots(panels.values())

    def _smallest(self, root: dict[int, int], stuck: set[int]) -> int | None:
        sizes = Counter(root.values())
        if len(sizes) < 2:
            return None
        free = [label for label in sizes if label not in stuck]
        return min(free, key=lambda label: (sizes[label], label), default=None)

    def _exchanges(self, root: dict[int, int], label: int):
        """Pairs of seats (inside, outside the component) that may change judges without loss, a few of each."""
        import numpy as np

        inside = np.array([root[judge] == label for judge in self.j.tolist()])
        outside = np.flatnonzero(~inside)
        order = np.argsort(self.inst.noise(self.e, self.j)[inside])
        for a in np.flatnonzero(inside)[order][:LOOKS]:
            fit = outside[self._may_exchange(a, outside)]
            for b in fit[np.argsort(self.inst.noise(self.e[fit], self.j[fit]))][:2]:
                yield int(a), int(b)

    def _may_exchange(self, a: int, others: np.ndarray) -> np.ndarray:
        inst, e, j = self.inst, self.e, self.j
        allowed = inst.open[e[a], j[others]] & inst.open[e[others], j[a]]
        held = (inst.mask[j[others]] & self.bit[a]) == self.bit[a]
        held &= (inst.mask[j[a]] & self.bit[others]) == self.bit[others]
        before = inst.misses(e[a], j[a]) + inst.misses(e[others], j[others])
        after = inst.misses(e[a], j[others]) + inst.misses(e[others], j[a])
        return allowed & held & (before == after)

    def _seat(self, number: int) -> Seat:
        judge = self.inst.problem.judges[self.j[number]]
        old = self.drawn[number]
        if judge.key == old.judge:
            return old
        if self.bit[number]:
            return Seat(old.entry, judge.key, old.role)
        return Seat(old.entry, judge.key, judge.roles[0] if judge.roles else "")
