"""Prices of seats and judges: they tell which pairs are worth offering to the solver, and bound every answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judging.assignment.instance import TIES, Instance
from judging.assignment.network import Layout, Pairs, Units, hard_network, layout

if TYPE_CHECKING:
    import numpy as np

EVERY_PAIR = 200_000
CLASS_PAIRS = 1_500_000
CHUNK = 4_000_000
PER_SEAT = 4


@dataclass(frozen=True)
class Prices:
    """seat: (n, width) price of each entry's nodes; judge: (m); sink."""

    seat: np.ndarray
    judge: np.ndarray
    sink: int


def flat_prices(inst: Instance) -> Prices:
    import numpy as np

    return Prices(np.zeros((inst.n, layout(inst).width), np.int64), np.zeros(inst.m, np.int64), 0)


def split(shape: Layout, potentials: np.ndarray, row: np.ndarray) -> Prices:
    """Prices out of node potentials; `row` says which unit each entry belongs to."""
    seat = potentials[shape.m + 1 :].reshape(-1, shape.width)
    return Prices(seat[row], potentials[: shape.m], int(potentials[shape.m]))


def class_prices(inst: Instance) -> Prices | None:
    """Prices from the relaxation that pools entries of a class; None if even that has no answer.

    A judge may take as many entries of a class as he is free to judge. Too many classes: prices of zero.
    """
    import numpy as np

    classes = len(inst.miss)
    if classes * inst.m > CLASS_PAIRS:
        return flat_prices(inst)
    _, first, weight = np.unique(inst.cls, return_index=True, return_counts=True)
    order = np.argsort(inst.cls, kind="stable")
    starts = np.searchsorted(inst.cls[order], np.arange(classes))
    cap = np.add.reduceat(inst.open[order], starts, axis=0, dtype=np.int64)
    unit, judge = np.nonzero(cap)
    miss = inst.miss[unit, judge].astype(np.int64)
    pairs = Pairs(unit, judge, cap[unit, judge], miss, miss)
    net, _, _ = hard_network(inst, Units(inst.need[first], inst.seats[first], weight), pairs)
    flow = net.solve()
    if flow is None:
        return None
    return split(layout(inst), net.potentials(flow), inst.cls)


def reduced_costs(
    inst: Instance, prices: Prices, *, matching: bool = True
) -> Iterator[tuple[slice, np.ndarray]]:
    """(rows, reduced cost of every pair in them), a few million pairs at a time.

    Without `matching` a pair itself costs nothing: what counts is only whether the rules can be met.
    """
    import numpy as np

    column = layout(inst).column[inst.group]
    seat = prices.seat.astype(np.int32)
    judge = prices.judge.astype(np.int32)
    step = max(1, CHUNK // inst.m)
    for start in range(0, inst.n, step):
        rows = slice(start, min(inst.n, start + step))
        cost = seat[rows][:, column] - judge
        yield rows, cost + inst.miss[inst.cls[rows]] if matching else cost


def least_misses(inst: Instance, prices: Prices) -> tuple[int, np.ndarray]:
    """Proven lower bound on seats without topic match, and the codes n*m of pairs priced below zero.

    The bound is the Lagrangian value of the flow problem over all allowed pairs at these prices; weak duality
    makes it valid for any prices whatever, so it does not rest on the solver.
    """
    import numpy as np

    shape = layout(inst)
    units = single_units(inst)
    seat, judge, sink = prices.seat, prices.judge, prices.sink
    supplied = (units.free * seat[:, 0]).sum() + (units.need * seat[:, 1 : 1 + inst.k]).sum()
    demanded = (inst.lo * judge).sum() + (inst.seats.sum() - inst.lo.sum()) * sink
    value = int(demanded - supplied)
    value += int(((inst.hi - inst.lo) * np.minimum(0, judge - sink)).sum())
    for a, b in shape.steps():
        value += int((inst.seats * np.minimum(0, seat[:, a] - seat[:, b])).sum())
    cheap = []
    for rows, cost in reduced_costs(inst, prices):
        row, column = np.nonzero((cost < 0) & inst.open[rows])
        value += int(cost[row, column].sum())
        cheap.append((row + rows.start) * inst.m + column)
    return value, np.concatenate(cheap)


def candidates(inst: Instance, prices: Prices, wide: int = 1) -> np.ndarray:
    """Sorted codes n*m of the pairs offered to the solver: all if few, else the best-priced, drawn among equals.

    Per entry and group of judges in proportion to the group's size, and per judge for his minimum load.
    """
    import numpy as np

    if inst.n * inst.m <= EVERY_PAIR:
        return np.flatnonzero(inst.open)
    quota = _group_quota(inst, wide)
    taken = np.zeros((inst.n, inst.m), bool)
    rank = np.empty((inst.n, inst.m), np.float32)
    for rows, cost in reduced_costs(inst, prices):
        pairs = np.arange(rows.start, rows.stop)[:, None], np.arange(inst.m)[None, :]
        draw = (inst.noise(*pairs) >> np.uint64(48)).astype(np.float32) / np.float32(65536)
        rank[rows] = np.where(inst.open[rows], cost + draw, np.float32(np.inf))
        for number, count in enumerate(quota):
            members = np.flatnonzero(inst.group == number)
            best = np.argpartition(rank[rows][:, members], count - 1, axis=1)[:, :count]
            np.put_along_axis(taken[rows], members[best], True, axis=1)
    for judge in range(inst.m):
        count = min(inst.n, int(inst.hi[judge] * (1 + wide) / 1.5) + 1)
        taken[np.argpartition(rank[:, judge], count - 1)[:count], judge] = True
    return np.flatnonzero(taken & inst.open)


def _group_quota(inst: Instance, wide: int) -> list[int]:
    import numpy as np

    sizes = np.bincount(inst.group)
    target = wide * PER_SEAT * inst.problem.panel_size
    return [int(min(size, max(4 * wide, -(-target * size // inst.m)))) for size in sizes]


def single_units(inst: Instance) -> Units:
    import numpy as np

    return Units(inst.need, inst.seats, np.ones(inst.n, np.int64))


def drawn_pairs(inst: Instance, codes: np.ndarray) -> Pairs:
    """The candidate pairs with the cost that makes the draw.

    A match outweighs all the tie-breaks one cycle of exchanges can lose (a cycle meets each judge once), so
    among the assignments of most matches the tie-breaks choose, and they never cost a match.
    """
    import numpy as np

    entry, judge = np.divmod(codes, inst.m)
    miss = inst.misses(entry, judge).astype(np.int64)
    tie = (inst.noise(entry, judge) & np.uint64(TIES - 1)).astype(np.int64) + TIES * inst.relief[judge]
    weight = inst.m * (int(tie.max(initial=0)) + 1)
    return Pairs(entry, judge, np.ones(len(entry), np.int64), miss, miss * weight + tie)
