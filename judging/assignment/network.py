"""The flow model, in units: single entries, or whole classes of entries (the relaxation that ignores who is who).

A unit with w entries supplies w to each role it needs and w * free to itself. Arcs: unit -> role (a free seat
may go to any role), role -> group (judges holding several roles are reached through one node for exactly
that set, so a judge can fill one role only), then group -> judge, at most once per entry; judge -> sink
between his minimum and maximum. All data are integers, so is the optimal flow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from judging.assignment.instance import Instance

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Units:
    """need: (u, k) bool; seats: (u) per entry; weight: (u) entries per unit."""

    need: np.ndarray
    seats: np.ndarray
    weight: np.ndarray

    @property
    def free(self) -> np.ndarray:
        """Seats beyond the needed roles (u); negative where the seats do not even suffice for those."""
        return self.seats - self.need.sum(axis=1)


@dataclass(frozen=True)
class Pairs:
    """Candidate arcs unit -> judge. cap: how many entries of the unit the judge may take; cost: integers."""

    unit: np.ndarray
    judge: np.ndarray
    cap: np.ndarray
    miss: np.ndarray
    cost: np.ndarray


@dataclass(frozen=True)
class Layout:
    """Numbers of the nodes: judges, the sink, then per unit itself, its roles, its sets of several roles."""

    m: int
    k: int
    group_mask: tuple[int, ...]

    @cached_property
    def several(self) -> tuple[int, ...]:
        return tuple(mask for mask in self.group_mask if mask.bit_count() > 1)

    @property
    def width(self) -> int:
        return 1 + self.k + len(self.several)

    @cached_property
    def column(self) -> np.ndarray:
        """Which of a unit's nodes leads to a group of judges (groups)."""
        import numpy as np

        def node(mask: int) -> int:
            if mask.bit_count() > 1:
                return 1 + self.k + self.several.index(mask)
            return mask.bit_length()

        return np.array([node(mask) for mask in self.group_mask])

    def first(self, units: int) -> np.ndarray:
        import numpy as np

        return self.m + 1 + np.arange(units) * self.width

    def steps(self) -> list[tuple[int, int]]:
        """Arcs inside a unit, by its columns: a free seat becomes any role, a role any set that contains it."""
        to_roles = [(0, 1 + role) for role in range(self.k)]
        to_sets = [
            (1 + role, 1 + self.k + number)
            for number, mask in enumerate(self.several)
            for role in range(self.k)
            if mask >> role & 1
        ]
        return to_roles + to_sets


def layout(inst: Instance) -> Layout:
    return Layout(inst.m, inst.k, inst.group_mask)


@dataclass
class Network:
    """Arcs gathered in blocks; `cost` is what is minimised, `miss` the objective proper, without the draw."""

    nodes: int
    supply: np.ndarray
    blocks: list[tuple] = field(default_factory=list)

    def add(self, tail, head, cap, cost=0, miss=None) -> slice:
        """Append arcs (arrays broadcast together); gives their place in the flow array."""
        import numpy as np

        arrays = np.broadcast_arrays(tail, head, cap, cost, cost if miss is None else miss)
        start = sum(len(block[0]) for block in self.blocks)
        self.blocks.append(tuple(np.ascontiguousarray(part, np.int64) for part in arrays))
        return slice(start, start + len(arrays[0]))

    def solve(self) -> np.ndarray | None:
        """The cheapest flow, or None if the supplies cannot be carried. Deterministic."""
        import numpy as np
        from ortools.graph.python import min_cost_flow

        tail, head, cap, cost = (np.concatenate([block[i] for block in self.blocks]) for i in range(4))
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, cap, cost)
        solver.set_nodes_supplies(np.arange(self.nodes), self.supply)
        status = solver.solve()
        if status == solver.INFEASIBLE:
            return None
        if status != solver.OPTIMAL:
            raise ArithmeticError(f"flow solver: {status.name}")
        return solver.flows(arcs)

    def potentials(self, flow: np.ndarray) -> np.ndarray:
        """Node prices that prove `flow` optimal for the objective proper: distances in the residual graph.

        Bellman–Ford from all nodes at once, vectorised over arcs sorted by head. Source: Ahuja, Magnanti,
        Orlin, Network Flows, 1993, section 9.3.
        """
        import numpy as np

        tail, head, cap, _, cost = (np.concatenate([block[i] for block in self.blocks]) for i in range(5))
        ahead, back = flow < cap, flow > 0
        source = np.concatenate([tail[ahead], head[back]])
        target = np.concatenate([head[ahead], tail[back]])
        length = np.concatenate([cost[ahead], -cost[back]])
        order = np.argsort(target, kind="stable")
        source, target, length = source[order], target[order], length[order]
        starts = np.flatnonzero(np.r_[True, target[1:] != target[:-1]])
        reached = target[starts]
        distance = np.zeros(self.nodes, np.int64)
        for _ in range(self.nodes):
            shorter = np.minimum.reduceat(distance[source] + length, starts)
            if (shorter >= distance[reached]).all():
                return distance
            distance[reached] = np.minimum(distance[reached], shorter)
        raise ArithmeticError("flow is not optimal")


def supplies(shape: Layout, units: Units) -> np.ndarray:
    """Supply of every node but judges and sink, which the caller fills."""
    import numpy as np

    count = len(units.seats)
    supply = np.zeros(shape.m + 1 + count * shape.width, np.int64)
    table = supply[shape.m + 1 :].reshape(count, shape.width)
    table[:, 0] = units.free * units.weight
    table[:, 1 : 1 + shape.k] = units.need * units.weight[:, None]
    return supply


def add_units(net: Network, shape: Layout, units: Units, pairs: Pairs, group: np.ndarray) -> tuple:
    """The arcs from units to judges. Gives (pairs, [inner arcs, in the order of shape.steps()]) as slices."""
    first = shape.first(len(units.seats))
    tail = first[pairs.unit] + shape.column[group[pairs.judge]]
    chosen = net.add(tail, pairs.judge, pairs.cap, pairs.cost, pairs.miss)
    inner = [net.add(first + a, first + b, units.weight * units.seats) for a, b in shape.steps()]
    return chosen, inner


def hard_network(inst: Instance, units: Units, pairs: Pairs) -> tuple[Network, slice, list[slice]]:
    """Every rule hard: no answer unless all of them hold. Ask only where lo <= hi for every judge."""
    import numpy as np

    shape = layout(inst)
    supply = supplies(shape, units)
    supply[: inst.m] = -inst.lo
    supply[inst.m] = inst.lo.sum() - inst.seats.sum()
    net = Network(len(supply), supply)
    chosen, inner = add_units(net, shape, units, pairs, inst.group)
    net.add(np.arange(inst.m), np.full(inst.m, inst.m), inst.hi - inst.lo)
    return net, chosen, inner
