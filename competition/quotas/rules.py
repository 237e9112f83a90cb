"""A quota rule as data: how many places each unit has, who shares a unit, and what happens at the cut."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

from competition.validators import ValueProblem

DIMENSIONS = ("region", "track", "group")
WHOLE = 10_000  # basis points

Unit = tuple[str, ...]  # values in the order of the rule's dimensions; () where all share one pool


class QuotaProblem(ValueProblem):
    """A quota rule, a count or a candidate that cannot be: a setting to correct."""

    sentences = {
        "dimensions": "名额分配维度应为赛区、行业、组别的不重复组合。",
        "negative": "名额、下限、上限、归并界限和候补人数不能为负数。",
        "limits": "每单元名额下限不能大于上限。",
        "basis_points": "晋级比例应在 0 至 100% 之间。",
        "unit_shape": "名额表中的单元“{unit}”与分配维度不一致。",
        "merge": "归并规则须针对名额分配维度，列出至少两个不同的值，并指明归并后的名称。",
        "cap": "上限规则须指明赛区、行业、组别中的一项或几项。",
        "too_few_places": "名额共 {total} 个，不足以使 {units} 个单元各得 {least} 个。",
        "choice": "“{value}”不是可选的规则。",
        "duplicate": "“{key}”出现了不止一次。",
        "unknown": "“{key}”不在参评名单中。",
        "shape": "名额规则不完整或无法识别，请重新设置。",
        "rank": "“{key}”的名次应为正整数。",
    }


@dataclass(frozen=True)
class Fixed:
    """Places by a table; a unit the table does not name gets `otherwise`. Merged units get the sum."""

    table: tuple[tuple[Unit, int], ...] = ()
    otherwise: int = 0

    def __post_init__(self):
        _not_negative(self.otherwise, *(places for _, places in self.table))
        _no_doubles([unit for unit, _ in self.table])


@dataclass(frozen=True)
class Share:
    """`total` places by share of valid registrations, largest remainder, each unit that has any at least `at_least`."""

    total: int
    at_least: int = 1
    at_most: int | None = None

    def __post_init__(self):
        _not_negative(self.total, self.at_least, self.at_most or 0)
        _ordered(self.at_least, self.at_most)


@dataclass(frozen=True)
class Percent:
    """A part of each unit's registrations in basis points (70 % = 7000), within limits.

    Rounded down by default, so that "at most 70 %" holds to the letter.
    """

    basis_points: int
    rounding: Literal["down", "half_up", "up"] = "down"
    at_least: int = 0
    at_most: int | None = None

    def __post_init__(self):
        if type(self.basis_points) is not int or not 0 <= self.basis_points <= WHOLE:
            raise QuotaProblem("basis_points")
        _choice(self.rounding, ("down", "half_up", "up"))
        _not_negative(self.at_least, self.at_most or 0)
        _ordered(self.at_least, self.at_most)


@dataclass(frozen=True)
class Merge:
    """`values` of one dimension play as `into` as soon as one of them has entries but fewer than `below`.

    Judged within each combination of the other dimensions; a value nobody entered is not thin, and a thin value
    with no other to join stays alone.
    """

    dimension: str
    values: tuple[str, ...]
    into: str
    below: int

    def __post_init__(self):
        if not self.into or len(set(self.values)) < 2 or len(set(self.values)) != len(self.values):
            raise QuotaProblem("merge")
        _not_negative(self.below)


@dataclass(frozen=True)
class Cap:
    """At most `most` advance from each combination of `by`, across the rule's units (e.g. 8 per region)."""

    by: tuple[str, ...]
    most: int

    def __post_init__(self):
        if not self.by:
            raise QuotaProblem("cap")
        _dimensions(self.by)
        _not_negative(self.most)


@dataclass(frozen=True)
class Rule:
    """The whole rule of one stage.

    tie       'both_advance': everyone equal at the cut advances, beyond the places if need be;
              'strict': nobody of them does until the tie is decided, and their places stay open.
    reserves  how many stand in reserve in each unit; None for all who are left.
    backfill  whether a withdrawal calls the next reserve (依序递补).
    """

    by: tuple[str, ...]
    places: Fixed | Share | Percent
    merges: tuple[Merge, ...] = ()
    caps: tuple[Cap, ...] = ()
    tie: Literal["strict", "both_advance"] = "strict"
    reserves: int | None = None
    backfill: bool = True

    def __post_init__(self):
        _dimensions(self.by)
        _choice(self.tie, ("strict", "both_advance"))
        _not_negative(self.reserves or 0)
        if any(merge.dimension not in self.by for merge in self.merges):
            raise QuotaProblem("merge")
        for unit, _ in self.places.table if isinstance(self.places, Fixed) else ():
            check_unit(unit, self.by)


_KINDS = {"fixed": Fixed, "share": Share, "percent": Percent}


def describe(rule: Rule) -> dict:
    """The rule as plain data for the page and for the frozen result; `rule_from` reads it back."""
    kind = next(name for name, shape in _KINDS.items() if isinstance(rule.places, shape))
    return {
        "by": list(rule.by),
        "places": {"kind": kind, **_plain(rule.places)},
        "merges": [_plain(merge) for merge in rule.merges],
        "caps": [_plain(cap) for cap in rule.caps],
        "tie": rule.tie,
        "reserves": rule.reserves,
        "backfill": rule.backfill,
    }


def rule_from(data: Mapping) -> Rule:
    """The inverse of `describe`. Whatever is missing, unknown or impossible raises QuotaProblem."""
    try:
        return _rule_from(data)
    except (KeyError, TypeError, ValueError) as unreadable:
        raise QuotaProblem("shape") from unreadable


def _rule_from(data: Mapping) -> Rule:
    places = dict(data["places"])
    kind = places.pop("kind")
    _choice(kind, tuple(_KINDS))
    if kind == "fixed":
        places["table"] = tuple((tuple(unit), number) for unit, number in places.get("table", ()))
    return Rule(
        by=tuple(data["by"]),
        places=_KINDS[kind](**places),
        merges=tuple(
            Merge(**{**merge, "values": tuple(merge["values"])}) for merge in data.get("merges", ())
        ),
        caps=tuple(Cap(tuple(cap["by"]), cap["most"]) for cap in data.get("caps", ())),
        tie=data.get("tie", "strict"),
        reserves=data.get("reserves"),
        backfill=data.get("backfill", True),
    )


def check_unit(unit: Unit, by: tuple[str, ...]) -> None:
    """A unit names one value for each of the rule's dimensions."""
    if len(unit) != len(by):
        raise QuotaProblem("unit_shape", {"unit": "/".join(unit)})


def _plain(part: object) -> dict:
    return {f.name: _listed(getattr(part, f.name)) for f in fields(part)}


def _listed(value: object) -> object:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


def _not_negative(*numbers: int) -> None:
    if any(type(number) is not int for number in numbers):
        raise QuotaProblem("shape")
    if any(number < 0 for number in numbers):
        raise QuotaProblem("negative")


def _ordered(at_least: int, at_most: int | None) -> None:
    if at_most is not None and at_least > at_most:
        raise QuotaProblem("limits")


def _dimensions(by: tuple[str, ...]) -> None:
    if len(set(by)) != len(by) or not set(by) <= set(DIMENSIONS):
        raise QuotaProblem("dimensions")


def _choice(value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise QuotaProblem("choice", {"value": value})


def _no_doubles(units: list[Unit]) -> None:
    for unit in units:
        if units.count(unit) > 1:
            raise QuotaProblem("duplicate", {"key": "/".join(unit)})
