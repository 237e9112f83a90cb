"""Who advances, who stands in reserve, what a withdrawal changes.

Ranks come from scoring with ties already resolved by the declared chain; equal ranks that still arrive are ties
nobody decided. Without caps a rank need only compare inside a unit; with caps across units it must be one ranking
over all, because then entries of different units contend for the same place.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from competition.quotas.places import lots_needed, merged_units, places
from competition.quotas.rules import Cap, QuotaProblem, Rule, Share, Unit


class Status(StrEnum):
    ADVANCED = "advanced"
    HELD = "held"
    RESERVE = "reserve"
    OUT = "out"
    VACANT = "vacant"
    WITHDRAWN = "withdrawn"


class Why(StrEnum):
    WITHIN_PLACES = "within_places"
    EQUAL_AT_CUT = "equal_at_cut"
    BACKFILLED = "backfilled"
    UNDECIDED_TIE = "undecided_tie"
    PLACES_FULL = "places_full"
    CAP_FULL = "cap_full"
    NOT_ELIGIBLE = "not_eligible"
    WITHDREW = "withdrew"


WHY_LABELS: dict[Why, str] = {
    Why.WITHIN_PLACES: "名次在名额之内",
    Why.EQUAL_AT_CUT: "与末位并列，按规则一并晋级",
    Why.BACKFILLED: "依序递补",
    Why.UNDECIDED_TIE: "末位并列，待裁定",
    Why.PLACES_FULL: "名额已满",
    Why.CAP_FULL: "已达上限",
    Why.NOT_ELIGIBLE: "不具备晋级资格",
    Why.WITHDREW: "弃赛",
}


@dataclass(frozen=True)
class Candidate:
    """One entry of the stage. `rank` is 1 for the best; `eligible` is False for who may play but not advance."""

    key: str
    region: str
    track: str
    group: str
    rank: int
    eligible: bool = True


@dataclass(frozen=True)
class Standing:
    """Where one candidate ended. `position` is the place in the unit's reserve, from 1."""

    candidate: Candidate
    unit: Unit
    status: Status
    why: Why
    position: int | None = None


@dataclass(frozen=True)
class Tie:
    """Equal ranks at a limit: `open_places` were left for the `keys`. `cap` is None for the unit's own places."""

    unit: Unit
    cap: Cap | None
    rank: int
    keys: tuple[str, ...]
    open_places: int


@dataclass(frozen=True)
class UnitExplanation:
    """One unit in numbers: `unfilled` places nobody took, `over` advanced beyond the places by a tie.

    `merged_from` names the units that were put together; `by_lot` says that equal counts got unequal places.
    """

    unit: Unit
    merged_from: tuple[Unit, ...]
    count: int
    places: int
    eligible: int
    advanced: int
    held: int
    reserves: int
    vacant: int
    unfilled: int
    over: int
    last_rank: int | None
    by_lot: bool


@dataclass(frozen=True)
class Advancement:
    """The result, complete: standings by unit, rank and key; places and counts by unit; undecided or shared ties."""

    rule: Rule
    standings: tuple[Standing, ...]
    places: tuple[tuple[Unit, int], ...]
    counts: tuple[tuple[Unit, int], ...]
    ties: tuple[Tie, ...] = ()

    def keys(self, status: Status) -> tuple[str, ...]:
        """Keys of one status in the order of unit, rank and key; reserves in the order they are called."""
        return tuple(s.candidate.key for s in self.standings if s.status is status)

    @property
    def advanced(self) -> tuple[str, ...]:
        return self.keys(Status.ADVANCED)

    @property
    def reserves(self) -> tuple[str, ...]:
        return self.keys(Status.RESERVE)

    @property
    def held(self) -> tuple[str, ...]:
        return self.keys(Status.HELD)

    @property
    def out(self) -> tuple[str, ...]:
        return self.keys(Status.OUT)

    @property
    def explanation(self) -> tuple[UnitExplanation, ...]:
        return explain(self)


def count_units(candidates: Iterable[Candidate], by: tuple[str, ...]) -> dict[Unit, int]:
    """Candidates by unit before merging, eligible or not: each is a valid registration."""
    return dict(sorted(Counter(_values(candidate, by) for candidate in candidates).items()))


def advance(
    candidates: Sequence[Candidate], rule: Rule, *, counts: Mapping[Unit, int] | None = None
) -> Advancement:
    """Fill every unit's places in rank order, within the caps; the rest stand in reserve or are out.

    `counts` are valid registrations by unit before merging, where places follow registrations of an earlier day;
    by default the candidates themselves are counted. The result does not depend on the order of `candidates`.
    """
    _check(candidates)
    present = count_units(candidates, rule.by)
    counted = {unit: 0 for unit in present} | dict(present if counts is None else counts)
    merged, numbers = merged_units(rule, counted), places(rule, counted)
    units = {c.key: merged[_values(c, rule.by)] for c in candidates}
    filling = _Filling(rule, units, numbers)
    pool = [candidate for candidate in candidates if candidate.eligible]
    filling.fill(pool)
    standings = [
        Standing(c, units[c.key], *filling.outcome(c))
        if c.eligible
        else Standing(c, units[c.key], Status.OUT, Why.NOT_ELIGIBLE)
        for c in candidates
    ]
    return Advancement(
        rule=rule,
        standings=_ordered(standings, rule.reserves),
        places=tuple(sorted(numbers.items())),
        counts=tuple(sorted(counted.items())),
        ties=tuple(filling.ties),
    )


def after_withdrawals(
    advancement: Advancement, withdrawn: Collection[str], *, backfill: bool | None = None
) -> Advancement:
    """The result once the named candidates are gone; places stay as counted, nobody who advanced loses his place.

    With `backfill` (by default the rule's) reserves are called in order and ties among them are treated as at the
    first cut. Without it the place of a withdrawn stays vacant for good; only a tie still undecided may resolve
    itself when one of its members leaves.
    """
    unknown = sorted(set(withdrawn) - {s.candidate.key for s in advancement.standings})
    if unknown:
        raise QuotaProblem("unknown", {"key": unknown[0]})
    called = advancement.rule.backfill if backfill is None else backfill
    standings = [_without(s, withdrawn, called) for s in advancement.standings]
    units = {s.candidate.key: s.unit for s in standings}
    filling = _Filling(advancement.rule, units, dict(advancement.places))
    for standing in standings:
        if standing.status in (Status.ADVANCED, Status.VACANT):
            filling.seat(standing.candidate)
    waiting = (Status.HELD, Status.RESERVE) if called else (Status.HELD,)
    filling.fill([s.candidate for s in standings if s.status in waiting])
    settled = [_refilled(s, filling) if s.status in waiting else s for s in standings]
    return replace(advancement, standings=_ordered(settled, None), ties=tuple(filling.ties))


def _without(standing: Standing, withdrawn: Collection[str], backfill: bool) -> Standing:
    if standing.candidate.key not in withdrawn or standing.status in (Status.VACANT, Status.WITHDRAWN):
        return standing
    left_open = standing.status is Status.ADVANCED and not backfill
    status = Status.VACANT if left_open else Status.WITHDRAWN
    return replace(standing, status=status, why=Why.WITHDREW, position=None)


def _refilled(standing: Standing, filling: "_Filling") -> Standing:
    status, why = filling.outcome(standing.candidate)
    if status is Status.ADVANCED and standing.status is Status.RESERVE:
        why = Why.BACKFILLED
    return replace(standing, status=status, why=why)


class _Filling:
    """Places and caps being filled, rank by rank. A limit is a unit's places or one bucket of a cap."""

    def __init__(self, rule: Rule, units: Mapping[str, Unit], numbers: Mapping[Unit, int]):
        self.rule, self.units = rule, units
        self.room: dict[tuple[Cap | None, Unit], int] = {(None, u): n for u, n in numbers.items()}
        self.ties: list[Tie] = []
        self._found: dict[str, tuple[Status, Why]] = {}

    def limits(self, candidate: Candidate) -> list[tuple[Cap | None, Unit]]:
        own = [(None, self.units[candidate.key])]
        return own + [(cap, _values(candidate, cap.by)) for cap in self.rule.caps]

    def seat(self, candidate: Candidate) -> None:
        for limit in self.limits(candidate):
            self.room[limit] = self._left(limit) - 1

    def fill(self, pool: Iterable[Candidate]) -> None:
        ordered = sorted(pool, key=lambda c: (c.rank, c.key))
        for rank, equals in groupby(ordered, key=lambda c: c.rank):
            self._level(rank, list(equals))

    def outcome(self, candidate: Candidate) -> tuple[Status, Why]:
        return self._found[candidate.key]

    def _left(self, limit: tuple[Cap | None, Unit]) -> int:
        return self.room.get(limit, limit[0].most if limit[0] else 0)

    def _level(self, rank: int, equals: list[Candidate]) -> None:
        """All candidates of one rank together, so that none of them is preferred by the order of keys."""
        fitting = []
        for candidate in equals:
            full = [limit for limit in self.limits(candidate) if self._left(limit) <= 0]
            if full:
                why = Why.PLACES_FULL if full[0][0] is None else Why.CAP_FULL
                self._found[candidate.key] = (Status.RESERVE, why)
            else:
                fitting.append(candidate)
        wanted = Counter(limit for candidate in fitting for limit in self.limits(candidate))
        contested = {limit for limit, number in wanted.items() if number > self._left(limit)}
        tied = {c.key for c in fitting if contested.intersection(self.limits(c))}
        for limit in sorted(contested, key=lambda limit: (limit[0].by if limit[0] else (), limit[1])):
            keys = tuple(c.key for c in fitting if limit in self.limits(c))
            self.ties.append(Tie(limit[1], limit[0], rank, keys, self._left(limit)))
        for candidate in fitting:
            # Whoever is in an undecided tie keeps his seat everywhere: a lower rank must not take what he may need.
            self.seat(candidate)
            self._found[candidate.key] = self._decision(candidate.key in tied)

    def _decision(self, tied: bool) -> tuple[Status, Why]:
        if not tied:
            return Status.ADVANCED, Why.WITHIN_PLACES
        if self.rule.tie == "both_advance":
            return Status.ADVANCED, Why.EQUAL_AT_CUT
        return Status.HELD, Why.UNDECIDED_TIE


def _ordered(standings: Iterable[Standing], reserves: int | None) -> tuple[Standing, ...]:
    """Sorted by unit, rank and key, reserves numbered; those beyond `reserves` in a unit are out."""
    result, waiting = [], Counter()
    for standing in sorted(standings, key=lambda s: (s.unit, s.candidate.rank, s.candidate.key)):
        if standing.status is Status.RESERVE:
            waiting[standing.unit] += 1
            if reserves is not None and waiting[standing.unit] > reserves:
                standing = replace(standing, status=Status.OUT)
            else:
                standing = replace(standing, position=waiting[standing.unit])
        else:
            standing = replace(standing, position=None)
        result.append(standing)
    return tuple(result)


def explain(advancement: Advancement) -> tuple[UnitExplanation, ...]:
    """Each unit's numbers, in unit order, so that a result can be recomputed by hand."""
    counts, numbers = dict(advancement.counts), dict(advancement.places)
    merged = merged_units(advancement.rule, counts)
    sizes = {unit: sum(n for part, n in counts.items() if merged[part] == unit) for unit in numbers}
    shared = isinstance(advancement.rule.places, Share)
    by_lot = lots_needed(sizes, numbers) if shared else frozenset()
    result = []
    for unit, number in numbers.items():
        inside = [s for s in advancement.standings if s.unit == unit]
        statuses = Counter(s.status for s in inside)
        ranks = [s.candidate.rank for s in inside if s.status is Status.ADVANCED]
        taken = len(ranks) + statuses[Status.VACANT]
        parts = tuple(sorted(part for part, target in merged.items() if target == unit))
        result.append(
            UnitExplanation(
                unit=unit,
                merged_from=parts if parts != (unit,) else (),
                count=sizes[unit],
                places=number,
                eligible=sum(s.candidate.eligible for s in inside),
                advanced=len(ranks),
                held=statuses[Status.HELD],
                reserves=statuses[Status.RESERVE],
                vacant=statuses[Status.VACANT],
                unfilled=max(number - taken, 0),
                over=max(taken - number, 0),
                last_rank=max(ranks, default=None),
                by_lot=unit in by_lot,
            )
        )
    return tuple(result)


def _values(candidate: Candidate, by: tuple[str, ...]) -> Unit:
    return tuple(getattr(candidate, dimension) for dimension in by)


def _check(candidates: Sequence[Candidate]) -> None:
    for key, number in Counter(candidate.key for candidate in candidates).items():
        if number > 1:
            raise QuotaProblem("duplicate", {"key": key})
    for candidate in candidates:
        if candidate.rank < 1:
            raise QuotaProblem("rank", {"key": candidate.key})
