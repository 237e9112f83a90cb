"""Approval chains: which steps a payment passes after its preparer (经办), in the order of FINANCE.md 3.2. Pure.

A chain is a list of step names in the order of `ORDER`: 复核 (reviewer), 处室 (division), 财务 (finance), 分管领导
(leader). Any of them may be left out by amount; what no configuration can take away is in `fault`.
"""

from collections.abc import Collection, Iterable, Sequence

ORDER = ("reviewer", "division", "finance", "leader")
# What a payment passes that no rule by amount reaches.
DEFAULT = ("reviewer", "finance", "leader")
# Not of the office that prepares; one of them is always the last.
OUTSIDE = frozenset({"finance", "leader"})
LEAST = 2


def in_order(steps: Iterable[str]) -> list[str]:
    return sorted(set(steps), key=ORDER.index)


def fault(steps: Sequence[str]) -> str:
    """ "" for a chain that may be set; else `unknown`, `order` (or a step twice), `too_few`, `inside`."""
    if not set(steps) <= set(ORDER):
        return "unknown"
    if list(steps) != in_order(steps):
        return "order"
    if len(steps) < LEAST:
        return "too_few"
    return "" if OUTSIDE & set(steps) else "inside"


def next_step(steps: Sequence[str], signed: Collection[str]) -> str | None:
    """The first that has not signed; None when all have."""
    return next((step for step in steps if step not in signed), None)
