"""The fund tree as an icicle: one column per level, heights in proportion to money. Pure geometry in whole units."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.money import split_fen
from fund.queries import TreeRow

WIDTH, HEIGHT, GAP = 1200, 520, 2


@dataclass(frozen=True)
class Block:
    """A rectangle of the drawing; `paid` is the part of its width that is spent, in the same units."""

    row: TreeRow
    x: int
    y: int
    width: int
    height: int
    paid: int


def blocks(rows: Sequence[TreeRow], width: int = WIDTH, height: int = HEIGHT) -> list[Block]:
    """One block per line with money, parents left of their children.

    A line weighs its reported amount, or its issue where nothing was reported, and never less than its
    children together, so that a tree whose parts exceed the whole is drawn whole. The last column takes what
    is left of the width; a leaf reaches to the right edge.
    """
    if not rows:
        return []
    weights = _weights(rows)
    columns = max(row.depth for row in rows) + 1
    step = width // columns
    drawn: list[Block] = []

    def place(siblings: Sequence[TreeRow], y: int, space: int) -> None:
        shown = [row for row in siblings if weights[row.line.id]]
        if not shown or space <= 0:
            return
        for row, part in zip(shown, split_fen(space, [weights[r.line.id] for r in shown]), strict=True):
            x = row.depth * step
            wide = (width - x if row.leaf else step) - GAP
            drawn.append(Block(row, x, y, wide, max(part - GAP, 1), _paid(row, weights, wide)))
            below = [child for child in rows if child.line.parent_id == row.line.id]
            own = weights[row.line.id]
            place(below, y, part * sum(weights[child.line.id] for child in below) // own)
            y += part

    place([row for row in rows if row.depth == 0], 0, height)
    return drawn


def _weights(rows: Sequence[TreeRow]) -> dict[int, int]:
    weights: dict[int, int] = {}
    below: dict[int | None, int] = {}
    for row in reversed(rows):
        line = row.line
        own = row.totals.issued_fen if line.reported_fen is None else line.reported_fen
        weights[line.id] = max(own, below.get(line.id, 0), 0)
        below[line.parent_id] = below.get(line.parent_id, 0) + weights[line.id]
    return weights


def _paid(row: TreeRow, weights: dict[int, int], wide: int) -> int:
    return min(wide, wide * row.totals.paid_fen // weights[row.line.id])
