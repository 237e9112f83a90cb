"""How many places each unit has."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from competition.quotas.rules import WHOLE, Fixed, Merge, Percent, QuotaProblem, Rule, Share, Unit, check_unit

K = TypeVar("K", bound=Hashable)


def places(rule: Rule, counts: Mapping[Unit, int]) -> dict[Unit, int]:
    """Places of every unit after merging, in unit order. `counts` are valid registrations by unit before merging.

    Fixed units of the table that nobody entered appear with their places. A share never exceeds a unit's count.
    """
    if isinstance(rule.places, Fixed):
        return _fixed(rule, rule.places, counts)
    sizes = _sizes(merged_units(rule, counts), counts)
    if isinstance(rule.places, Share):
        return _shares(rule.places, sizes)
    return {unit: _percent(rule.places, size) for unit, size in sorted(sizes.items())}


def merged_units(rule: Rule, counts: Mapping[Unit, int]) -> dict[Unit, Unit]:
    """The unit each unit plays in. Merges apply in their order, each seeing the sizes the earlier ones left."""
    for unit, count in counts.items():
        check_unit(unit, rule.by)
        if count < 0:
            raise QuotaProblem("negative")
    target = {unit: unit for unit in counts}
    for merge in rule.merges:
        moved = _moves(merge, rule.by.index(merge.dimension), _sizes(target, counts))
        target = {unit: moved.get(now, now) for unit, now in target.items()}
    return target


def _moves(merge: Merge, axis: int, sizes: Mapping[Unit, int]) -> dict[Unit, Unit]:
    """Units that this merge renames: all listed values of every context in which one of two or more is thin."""
    contexts: dict[Unit, list[Unit]] = {}
    for unit in sizes:
        if unit[axis] in merge.values:
            contexts.setdefault(unit[:axis] + unit[axis + 1 :], []).append(unit)
    moved = {}
    for units in contexts.values():
        filled = [sizes[unit] for unit in units if sizes[unit]]
        if len(filled) > 1 and min(filled) < merge.below:
            moved |= {unit: unit[:axis] + (merge.into,) + unit[axis + 1 :] for unit in units}
    return moved


def _sizes(target: Mapping[Unit, Unit], counts: Mapping[Unit, int]) -> dict[Unit, int]:
    sizes: dict[Unit, int] = {}
    for unit, count in counts.items():
        sizes[target[unit]] = sizes.get(target[unit], 0) + count
    return sizes


def _fixed(rule: Rule, quota: Fixed, counts: Mapping[Unit, int]) -> dict[Unit, int]:
    """A merged unit gets the sum of its parts, unless the table lists its new name with a number of its own."""
    table = dict(quota.table)
    coined = {
        (rule.by.index(merge.dimension), merge.into)
        for merge in rule.merges
        if merge.into not in merge.values
    }
    names_only = {u for u in table if u not in counts and any(u[axis] == into for axis, into in coined)}
    known = {unit: 0 for unit in table if unit not in names_only} | dict(counts)
    result: dict[Unit, int] = {}
    for part, unit in sorted(merged_units(rule, known).items()):
        result[unit] = result.get(unit, 0) + table.get(part, quota.otherwise)
    return {unit: table[unit] if unit in names_only else number for unit, number in sorted(result.items())}


def _shares(quota: Share, sizes: Mapping[Unit, int]) -> dict[Unit, int]:
    most = {unit: size if quota.at_most is None else min(size, quota.at_most) for unit, size in sizes.items()}
    least = {unit: min(quota.at_least, most[unit]) for unit in sizes}
    if sum(least.values()) > quota.total:
        units = sum(1 for size in sizes.values() if size)
        detail = {"total": quota.total, "units": units, "least": quota.at_least}
        raise QuotaProblem("too_few_places", detail)
    return apportion(quota.total, sizes, at_least=least, at_most=most)


def _percent(quota: Percent, size: int) -> int:
    lift = {"down": 0, "half_up": WHOLE // 2, "up": WHOLE - 1}[quota.rounding]
    number = max((size * quota.basis_points + lift) // WHOLE, quota.at_least)
    return min(number, size, size if quota.at_most is None else quota.at_most)


def apportion(
    total: int,
    weights: Mapping[K, int],
    *,
    at_least: Mapping[K, int] | None = None,
    at_most: Mapping[K, int] | None = None,
) -> dict[K, int]:
    """`total` places in proportion to whole weights by largest remainder (Hamilton), within limits per key.

    Equal remainders go to the greater weight, then to the lower key, so the order of the input never matters.
    Keys of weight 0 get their lower limit. A result outside a limit is set to it and the rest apportioned again
    until all hold. The parts sum to `total`, or to the sum of the upper limits where that is less; lower limits
    must fit into `total`.
    """
    least, most = at_least or {}, at_most or {}
    settled = {key: least.get(key, 0) for key, weight in weights.items() if not weight}
    free = {key: weight for key, weight in weights.items() if weight}
    while free:
        left = total - sum(settled.values())
        parts = _largest_remainder(left, free)
        lacking = {k: least[k] - n for k, n in parts.items() if n < least.get(k, 0)}
        excess = {k: n - most[k] for k, n in parts.items() if k in most and n > most[k]}
        if not lacking and not excess:
            settled |= parts
            break
        limit, bound = (most, excess) if sum(excess.values()) >= sum(lacking.values()) else (least, lacking)
        settled |= {key: limit[key] for key in bound}
        free = {key: weight for key, weight in free.items() if key not in bound}
    return {key: settled[key] for key in sorted(settled)}


def _largest_remainder(total: int, weights: Mapping[K, int]) -> dict[K, int]:
    whole = sum(weights.values())
    parts = {key: total * weight // whole for key, weight in weights.items()}
    order = sorted(weights, key=lambda key: (-(total * weights[key] % whole), -weights[key], key))
    for key in order[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def lots_needed(weights: Mapping[K, int], parts: Mapping[K, int]) -> frozenset[K]:
    """Keys of equal weight that got unequal parts, so that only their order decided; empty where numbers decided.

    The office may draw lots among them and enter the result as a fixed table.
    """
    by_weight: dict[int, list[K]] = {}
    for key, weight in weights.items():
        by_weight.setdefault(weight, []).append(key)
    return frozenset(k for keys in by_weight.values() if len({parts[k] for k in keys}) > 1 for k in keys)
