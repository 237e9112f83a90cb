"""Where no assignment meets every hard rule: the fewest relaxations, by one unit each, that make one possible.

A unit is: one entry more for a judge than his maximum, one less than his minimum, one entry without one
required role, one seat left empty. Among equally few, those come first that cost the contest least, in that
order. A conflict is never relaxed, nor is a judge called who is not available. Each relaxation is a priced
arc of the flow model, so the count is the optimum of a linear programme.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from judging.assignment import guide
from judging.assignment.instance import Instance
from judging.assignment.network import Network, Pairs, add_units, layout, supplies
from judging.assignment.problem import Entry, Judge, Problem

if TYPE_CHECKING:
    import numpy as np

UNIT = 10_000_000
EVERY_PAIR = 2_000_000
ROUNDS = 12
PER_ENTRY = 40


class Relaxation(StrEnum):
    LESS = "less"
    MORE = "more"
    ROLE = "role"
    SEAT = "seat"


_WORSE = {Relaxation.LESS: 0, Relaxation.MORE: 2, Relaxation.ROLE: 8, Relaxation.SEAT: 16}


@dataclass(frozen=True)
class Repair:
    """One line of the repair. `key`: judge (LESS, MORE) or entry (ROLE, SEAT); `by`: units.

    `limit`: the judge's limit after the repair. `eligible`: judges free of conflict who could have filled the
    role or seat, loads aside; where it is 0 only a new judge helps.
    """

    relaxation: Relaxation
    key: str
    by: int
    role: str = ""
    limit: int = 0
    eligible: int = 0


@dataclass(frozen=True)
class Infeasible:
    """No assignment exists. `proven`: no smaller repair exists either."""

    problem: Problem
    repairs: tuple[Repair, ...]
    proven: bool

    @property
    def units(self) -> int:
        return sum(repair.by for repair in self.repairs)

    def accepted(self) -> Problem:
        """The problem with every relaxation granted; it has an answer."""
        granted: dict[tuple[Relaxation, str], list[Repair]] = {}
        for repair in self.repairs:
            granted.setdefault((repair.relaxation, repair.key), []).append(repair)

        def judge_as_granted(judge: Judge) -> Judge:
            for less in granted.get((Relaxation.LESS, judge.key), ()):
                judge = replace(judge, least=less.limit)
            for more in granted.get((Relaxation.MORE, judge.key), ()):
                judge = replace(judge, capacity=more.limit)
            return judge

        def entry_as_granted(entry: Entry) -> Entry:
            waived = tuple(repair.role for repair in granted.get((Relaxation.ROLE, entry.key), ()))
            vacant = sum(repair.by for repair in granted.get((Relaxation.SEAT, entry.key), ()))
            return replace(entry, waived=entry.waived + waived, vacant=entry.vacant + vacant)

        return replace(
            self.problem,
            entries=tuple(map(entry_as_granted, self.problem.entries)),
            judges=tuple(map(judge_as_granted, self.problem.judges)),
        )


@dataclass(frozen=True)
class _Slack:
    """Where to read the answer in the flow array: (arcs, their judges) into the sink, arcs by role, arcs of seats."""

    loads: tuple[tuple[slice, np.ndarray], ...]
    roles: tuple[slice, ...]
    seats: slice


def smallest(inst: Instance) -> Infeasible | np.ndarray:
    """The smallest repair; or, where none is needed, codes of pairs among which an answer exists."""
    import numpy as np

    codes = np.flatnonzero(inst.open)
    proven = True
    if len(codes) > EVERY_PAIR:
        codes = guide.candidates(inst, guide.flat_prices(inst), 2)
    for _ in range(ROUNDS):
        net, chosen, slack = _soft_network(inst, codes)
        flow = net.solve()
        repairs = _read(inst, flow, slack)
        if not repairs:
            return codes[flow[chosen] > 0]
        missing = _worth_adding(inst, net.potentials(flow), codes)
        proven = not len(missing)
        if proven:
            break
        codes = np.union1d(codes, missing)
    return Infeasible(inst.problem, tuple(repairs), proven)


def _soft_network(inst: Instance, codes: np.ndarray) -> tuple[Network, slice, _Slack]:
    import numpy as np

    shape, units = layout(inst), guide.single_units(inst)
    supply = supplies(shape, units)
    supply[inst.m] = -inst.seats.sum()
    net = Network(len(supply), supply)
    entry, judge = np.divmod(codes, inst.m)
    none = np.zeros(len(codes), np.int64)
    chosen, _ = add_units(net, shape, units, Pairs(entry, judge, none + 1, none, none), inst.group)
    loads = _judge_arcs(inst, net)
    first = shape.first(inst.n)
    roles = tuple(
        net.add(first + 1 + role, first, inst.need[:, role], UNIT + _WORSE[Relaxation.ROLE])
        for role in range(inst.k)
    )
    seats = net.add(first, np.full(inst.n, inst.m), inst.seats, UNIT + _WORSE[Relaxation.SEAT])
    return net, chosen, _Slack(loads, roles, seats)


def _judge_arcs(inst: Instance, net: Network) -> tuple[tuple[slice, np.ndarray], ...]:
    """Judge -> sink: a bonus up to the minimum, nothing up to the maximum, a price beyond it.

    The first units, as many as an even share of the shortage, are a shade cheaper, so that it is spread.
    Where the minimum lies above the maximum, a unit between them is charged once, as the rules stand.
    """
    import numpy as np

    everyone = np.arange(inst.m)
    here = np.flatnonzero([judge.capacity != 0 for judge in inst.problem.judges])
    less, more = UNIT + _WORSE[Relaxation.LESS], UNIT + _WORSE[Relaxation.MORE]
    asked, offered, seats = int(inst.lo.sum()), int(inst.hi.sum()), int(inst.seats.sum())
    low = np.minimum(inst.lo, inst.hi)
    deep = np.maximum(low - max(1, -((seats - asked) // inst.m)), 0)
    share = max(1, -((offered - seats) // max(1, len(here))))
    tiers = (
        (everyone, deep, -less - 1),
        (everyone, low - deep, -less),
        (everyone, np.maximum(inst.hi - inst.lo, 0), 0),
        (here, np.maximum(inst.lo - inst.hi, 0)[here], more - less),
        (here, share, more),
        (here, inst.n, more + 1),
    )
    return tuple((net.add(judges, inst.m, cap, price), judges) for judges, cap, price in tiers)


def _worth_adding(inst: Instance, potentials: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Codes of pairs not offered yet that could make the repair smaller, the best few of each entry."""
    import numpy as np

    if len(codes) == inst.open.sum():
        return codes[:0]
    prices = guide.split(layout(inst), potentials, np.arange(inst.n))
    found = []
    for rows, cost in guide.reduced_costs(inst, prices, matching=False):
        cost = np.where(inst.open[rows], cost, 0)
        few = min(PER_ENTRY, inst.m)
        best = np.argpartition(cost, few - 1, axis=1)[:, :few]
        row, place = np.nonzero(np.take_along_axis(cost, best, axis=1) < 0)
        found.append((row + rows.start) * inst.m + best[row, place])
    return np.setdiff1d(np.concatenate(found), codes)


def _read(inst: Instance, flow: np.ndarray, slack: _Slack) -> list[Repair]:
    return [*_judge_repairs(inst, flow, slack), *_entry_repairs(inst, flow, slack)]


def _judge_repairs(inst: Instance, flow: np.ndarray, slack: _Slack) -> list[Repair]:
    import numpy as np

    load = np.zeros(inst.m, np.int64)
    for part, judges in slack.loads:
        load[judges] += flow[part]
    repairs = []
    for number in np.flatnonzero((load < inst.lo) | (load > inst.hi)):
        key, limit = inst.problem.judges[number].key, int(inst.load[number] + load[number])
        for relaxation, by in (
            (Relaxation.LESS, inst.lo[number] - load[number]),
            (Relaxation.MORE, load[number] - inst.hi[number]),
        ):
            if by > 0:
                repairs.append(Repair(relaxation, key, int(by), limit=limit))
    return repairs


def _entry_repairs(inst: Instance, flow: np.ndarray, slack: _Slack) -> list[Repair]:
    import numpy as np

    repairs = []
    for role, part in enumerate(slack.roles):
        holders = inst.mask >> role & 1 == 1
        for row in np.flatnonzero(flow[part]):
            key = inst.problem.entries[inst.entry[row]].key
            eligible = int((inst.open[row] & holders).sum())
            repairs.append(Repair(Relaxation.ROLE, key, 1, role=inst.problem.roles[role], eligible=eligible))
    for row in np.flatnonzero(flow[slack.seats]):
        key = inst.problem.entries[inst.entry[row]].key
        empty = int(flow[slack.seats][row])
        repairs.append(Repair(Relaxation.SEAT, key, empty, eligible=int(inst.open[row].sum())))
    return repairs
