"""Rankings in, awards out; pure, amounts in integer 分.

Tiers are filled from the highest amount down over all groups, each from its group's ranking. That order alone
makes "highest prize only" right: whoever already holds an award when a tier is filled holds at least as much.
An entry that may not receive a place never uses one up. Every entry comes out exactly once: with an award,
skipped with a reason, or in a tie that somebody must decide.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from awards.allocation.plan import AllocationError, Fault, Plan, Tier, check_plan
from judging.scoring import Key, PanelDecision, check_decisions, decision_covering, key_order


class Reason(StrEnum):
    """Why an entry has no award."""

    INELIGIBLE = "ineligible"
    EXCLUDED = "excluded"
    KEEPS_HIGHER_AWARD = "keeps_higher_award"
    REPEAT_WINNER = "repeat_winner"
    NO_PLACE_LEFT = "no_place_left"
    WAITS_FOR_DECISION = "waits_for_decision"


class EdgeTies(StrEnum):
    """A tie that does not fit into a tier: ask for a decision, or give all of them the higher tier."""

    STRICT = "strict"
    BOTH_HIGHER = "both_higher"


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """An entry with its rank inside its group, 1 best, equal for a tie.

    ineligible_reason and exclusion_reason are codes of the caller's, handed back in `Skipped.detail`.
    credit_code None (a team without a firm) is never the same holder as any other.
    """

    key: Key
    rank: int
    group: str
    credit_code: str | None = None
    eligible: bool = True
    ineligible_reason: str | None = None
    excluded: bool = False
    exclusion_reason: str | None = None
    repeat_winner: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """Rules of the edition.

    decisions: orders decided for ties, with minutes; they come before edge_ties and never move unequal ranks.
    highest_prize_only: a credit code receives one award, the highest; held gives 分 it already holds this
    edition from elsewhere, and it receives a new award only if that is worth more.
    repeat_winners_only: the one tier code that repeat winners may still receive; None for no such rule.
    """

    edge_ties: EdgeTies = EdgeTies.STRICT
    decisions: tuple[PanelDecision, ...] = ()
    highest_prize_only: bool = False
    held: Mapping[str, int] = field(default_factory=dict)
    repeat_winners_only: str | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """position: 1, 2, 2, 4 inside the tier. replaces_fen: the smaller award from elsewhere that this one
    replaces. minutes: reference of the decision that placed the entry."""

    key: Key
    group: str
    tier: str
    position: int
    amount_fen: int
    replaces_fen: int = 0
    minutes: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    key: Key
    group: str
    reason: Reason
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class UndecidedTie:
    """Tied entries at the edge of a tier with fewer places left; the group stops here until decided."""

    group: str
    tier: str
    keys: tuple[Key, ...]
    places: int


@dataclass(frozen=True, slots=True)
class TierPlaces:
    group: str
    tier: str
    places: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """awards by group, tier and position. unfilled: places nobody may take. shrunk: places a tier lost to a
    tie that took the higher tier. With undecided ties the whole is provisional and may not be published.
    """

    awards: tuple[Award, ...]
    skipped: tuple[Skipped, ...]
    undecided: tuple[UndecidedTie, ...]
    unfilled: tuple[TierPlaces, ...]
    shrunk: tuple[TierPlaces, ...]

    @property
    def is_final(self) -> bool:
        return not self.undecided

    @property
    def total_fen(self) -> int:
        """分 of all awards, without subtracting what they replace."""
        return sum(award.amount_fen for award in self.awards)

    def total_by_group(self) -> dict[str, int]:
        """分 per group that received anything."""
        return _totals((award.group, award.amount_fen) for award in self.awards)

    def total_by_tier(self) -> dict[tuple[str, str], int]:
        """分 per (group, tier) that received anything."""
        return _totals(((award.group, award.tier), award.amount_fen) for award in self.awards)


def allocate(entries: Sequence[RankedEntry], plan: Plan, options: Options | None = None) -> Allocation:
    """Give the places of `plan` to the ranked entries of each group.

    A tie inside a tier shares its position. A tie that does not fit is ordered by a covering decision, else
    handled by options.edge_ties. both_higher takes the extra places from the tiers below; where those have
    too few, nothing is added to the plan and the tie is reported as undecided. Tiers of equal amount are
    filled in plan order, then by group name. The order of `entries` never matters.
    """
    options = options or Options()
    check_plan(plan)
    _check_entries(entries, plan)
    _check_options(options, plan)
    run = _Run(plan, options, _queues(entries), dict(options.held))
    for group, index in _by_amount(plan):
        if group not in run.undecided:
            _fill(run, group, index)
    return _outcome(run, entries)


@dataclass(slots=True)
class _Run:
    """What is known while tiers are filled. best: 分 per credit code held so far; passed: first reason an
    entry was passed over while places were left; debt: places a group's next tiers still owe."""

    plan: Plan
    options: Options
    queues: Mapping[str, list[RankedEntry]]
    best: dict[str, int]
    awards: dict[Key, Award] = field(default_factory=dict)
    passed: dict[Key, Reason] = field(default_factory=dict)
    debt: Counter[str] = field(default_factory=Counter)
    undecided: dict[str, UndecidedTie] = field(default_factory=dict)
    unfilled: list[TierPlaces] = field(default_factory=list)
    shrunk: list[TierPlaces] = field(default_factory=list)


def _queues(entries: Sequence[RankedEntry]) -> dict[str, list[RankedEntry]]:
    queues: dict[str, list[RankedEntry]] = {}
    for entry in sorted(entries, key=lambda e: (e.rank, key_order(e.key))):
        if entry.eligible and not entry.excluded:
            queues.setdefault(entry.group, []).append(entry)
    return queues


def _by_amount(plan: Plan) -> list[tuple[str, int]]:
    """(group, tier index), highest amount first."""
    tiers = [(-tier.amount_fen, i, group) for group, tiers in plan.items() for i, tier in enumerate(tiers)]
    return [(group, index) for _, index, group in sorted(tiers)]


def _fill(run: _Run, group: str, index: int) -> None:
    tier = run.plan[group][index]
    left = _places_after_debt(run, group, tier)
    waiting = [entry for entry in run.queues.get(group, ()) if entry.key not in run.awards]
    filled = 0
    for _, tied in groupby(waiting, key=lambda entry: entry.rank):
        if not left:
            return
        for block, minutes in _decided(run, _allowed(run, tied, tier)):
            if not left:
                return
            if len(block) > left and not _take_from_below(run, group, index, len(block) - left):
                keys = tuple(entry.key for entry in block)
                run.undecided[group] = UndecidedTie(group, tier.code, keys, left)
                return
            for entry in block:
                _give(run, entry, tier, position=filled + 1, minutes=minutes)
            filled += len(block)
            left = max(0, left - len(block))
    if left:
        run.unfilled.append(TierPlaces(group, tier.code, left))


def _places_after_debt(run: _Run, group: str, tier: Tier) -> int:
    lost = min(tier.places, run.debt[group])
    if lost:
        run.debt[group] -= lost
        run.shrunk.append(TierPlaces(group, tier.code, lost))
    return tier.places - lost


def _allowed(run: _Run, tied: Iterable[RankedEntry], tier: Tier) -> list[RankedEntry]:
    """Those of a tie who may receive this tier; the others are noted as passed over."""
    allowed: list[RankedEntry] = []
    holders: set[str] = set()
    for entry in tied:
        reason = _bar(run, entry, tier)
        if run.options.highest_prize_only and entry.credit_code in holders:
            reason = Reason.KEEPS_HIGHER_AWARD
        if reason:
            run.passed.setdefault(entry.key, reason)
            continue
        allowed.append(entry)
        if entry.credit_code:
            holders.add(entry.credit_code)
    return allowed


def _bar(run: _Run, entry: RankedEntry, tier: Tier) -> Reason | None:
    only = run.options.repeat_winners_only
    if entry.repeat_winner and only is not None and tier.code != only:
        return Reason.REPEAT_WINNER
    if run.options.highest_prize_only and run.best.get(entry.credit_code, -1) >= tier.amount_fen:
        return Reason.KEEPS_HIGHER_AWARD
    return None


def _decided(run: _Run, tied: list[RankedEntry]) -> Iterator[tuple[list[RankedEntry], str | None]]:
    """The tie one by one if a decision orders all of it, else as one block."""
    by_key = {entry.key: entry for entry in tied}
    decision = decision_covering(by_key.keys(), run.options.decisions) if len(tied) > 1 else None
    if decision:
        yield from (([by_key[key]], decision.minutes) for key in decision.order if key in by_key)
    elif tied:
        yield tied, None


def _take_from_below(run: _Run, group: str, index: int, extra: int) -> bool:
    below = sum(tier.places for tier in run.plan[group][index + 1 :])
    if run.options.edge_ties is not EdgeTies.BOTH_HIGHER or below < extra:
        return False
    run.debt[group] += extra
    return True


def _give(run: _Run, entry: RankedEntry, tier: Tier, *, position: int, minutes: str | None) -> None:
    replaces = 0
    if run.options.highest_prize_only and entry.credit_code:
        replaces = run.best.get(entry.credit_code, 0)
        run.best[entry.credit_code] = tier.amount_fen
    run.awards[entry.key] = Award(
        entry.key, entry.group, tier.code, position, tier.amount_fen, replaces, minutes
    )


def _outcome(run: _Run, entries: Sequence[RankedEntry]) -> Allocation:
    place = {
        (group, tier.code): (group, index)
        for group, tiers in run.plan.items()
        for index, tier in enumerate(tiers)
    }
    tied = {key for tie in run.undecided.values() for key in tie.keys}
    ordered = sorted(entries, key=lambda e: (e.group, e.rank, key_order(e.key)))
    awards = sorted(run.awards.values(), key=lambda a: (place[a.group, a.tier], a.position, key_order(a.key)))
    return Allocation(
        awards=tuple(awards),
        skipped=tuple(_skip(run, e) for e in ordered if e.key not in run.awards and e.key not in tied),
        undecided=tuple(run.undecided[group] for group in sorted(run.undecided)),
        unfilled=tuple(sorted(run.unfilled, key=lambda p: place[p.group, p.tier])),
        shrunk=tuple(sorted(run.shrunk, key=lambda p: place[p.group, p.tier])),
    )


def _skip(run: _Run, entry: RankedEntry) -> Skipped:
    if not entry.eligible:
        return Skipped(entry.key, entry.group, Reason.INELIGIBLE, entry.ineligible_reason)
    if entry.excluded:
        return Skipped(entry.key, entry.group, Reason.EXCLUDED, entry.exclusion_reason)
    reason = run.passed.get(entry.key, Reason.NO_PLACE_LEFT)
    if reason is Reason.KEEPS_HIGHER_AWARD and entry.credit_code not in run.best:
        # It stood back for another entry of the same holder, which then received nothing either.
        reason = Reason.NO_PLACE_LEFT
    if entry.group in run.undecided and reason is not Reason.KEEPS_HIGHER_AWARD:
        reason = Reason.WAITS_FOR_DECISION
    return Skipped(entry.key, entry.group, reason)


def _totals(amounts: Iterable[tuple]) -> dict:
    totals: Counter = Counter()
    for name, amount in amounts:
        totals[name] += amount
    return dict(totals)


def _check_entries(entries: Sequence[RankedEntry], plan: Plan) -> None:
    for key, times in Counter(entry.key for entry in entries).items():
        if times > 1:
            raise AllocationError(Fault.DUPLICATE_ENTRY, key)
    for entry in entries:
        if entry.rank is None or entry.rank < 1:
            raise AllocationError(Fault.ENTRY_WITHOUT_RANK, entry.key)
        if entry.group not in plan:
            raise AllocationError(Fault.GROUP_WITHOUT_PLAN, entry.group)


def _check_options(options: Options, plan: Plan) -> None:
    check_decisions(options.decisions)
    only = options.repeat_winners_only
    if only is not None and all(tier.code != only for tiers in plan.values() for tier in tiers):
        raise AllocationError(Fault.UNKNOWN_TIER, only)
    if any(amount < 0 for amount in options.held.values()):
        raise AllocationError(Fault.BAD_AMOUNT)
