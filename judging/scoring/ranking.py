"""From scores to a ranking with declared tie-breaks."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from judging.scoring.exact import Fault, Key, Points, ScoringError, as_fraction, key_order
from judging.scoring.sheets import (
    BOTH_ADVANCE,
    CRITERION_PREFIX,
    EARLIER_ROUND,
    PANEL_DECISION,
    EntryResult,
    Rule,
    Status,
)

Number = Decimal | Fraction | int


@dataclass(frozen=True, slots=True)
class Contender:
    """An entry to be ranked. earlier: the earlier round's score; criteria: mean points by criterion code."""

    key: Key
    result: EntryResult
    earlier: Points | Fraction | None = None
    criteria: Mapping[str, Points | Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PanelDecision:
    """The panel's order, best first, among tied entries, and the minutes that record and sign it."""

    order: tuple[Key, ...]
    minutes: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A line of the ranking. rank is None where the entry has no score; such a list may not be published.

    tie_broken_by: the chain step that last parted this entry from an equal score. tied_with: entries that
    still share its rank. skipped_steps: steps that could not speak because a value or decision was lacking.
    both_advance: the remaining tie is settled by rule. minutes: reference of the panel decision applied.
    """

    key: Key
    rank: int | None
    shown: Decimal | None
    exact: Fraction | None
    status: Status
    tie_broken_by: str | None = None
    tied_with: tuple[Key, ...] = ()
    skipped_steps: tuple[str, ...] = ()
    both_advance: bool = False
    minutes: str | None = None


def rank(entries: Sequence[Contender], rule: Rule, decisions: Sequence[PanelDecision] = ()) -> list[Ranked]:
    """Competition ranking (1, 2, 2, 4) of one 行业 x 组别 (x 评审室), highest score first.

    Ties go through rule.tie_chain in order. earlier_round and criterion:<code> prefer the higher exact value
    and are skipped for a tie in which any entry lacks it; panel_decision applies where one decision orders
    every tied entry; what the chain does not part stays equal. A decision never moves unequal scores. Entries
    without a score come last with rank None. The order of the input never matters.
    """
    _check_contenders(entries)
    check_decisions(decisions)
    scored = [entry for entry in entries if entry.result.status is Status.COMPLETE]
    ranked: list[Ranked] = []
    by_score = _grouped(scored, lambda e: e.result.shown if rule.round_before_ranking else e.result.exact)
    for equal in by_score:
        blocks = [_Block(tuple(equal))]
        for step in rule.tie_chain:
            blocks = [part for block in blocks for part in _apply_step(step, block, decisions)]
        for block in blocks:
            ranked.extend(_block_lines(block, rank=len(ranked) + 1))
    rest = sorted((e for e in entries if e.result.status is not Status.COMPLETE), key=_entry_order)
    return ranked + [Ranked(e.key, None, None, None, e.result.status) for e in rest]


def is_publishable(ranking: Sequence[Ranked]) -> bool:
    """Every entry has a rank: one missing sheet blocks the whole list, since any rank could still move."""
    return all(line.rank is not None for line in ranking)


def decision_covering(keys: Set[Key], decisions: Sequence[PanelDecision]) -> PanelDecision | None:
    """The one decision that orders all these tied entries, or None; two that contradict each other refuse."""
    covering = [decision for decision in decisions if keys <= set(decision.order)]
    orders = {tuple(key for key in decision.order if key in keys) for decision in covering}
    if len(orders) > 1:
        raise ScoringError(Fault.DECISIONS_CONFLICT, sorted(keys, key=key_order))
    return min(covering, key=lambda decision: decision.minutes, default=None)


def check_decisions(decisions: Sequence[PanelDecision]) -> None:
    """Each names an entry once and refers to its minutes; a decision nobody can look up does not count."""
    for decision in decisions:
        if len(set(decision.order)) != len(decision.order):
            raise ScoringError(Fault.BAD_DECISION, decision.minutes)
        if not decision.minutes.strip():
            raise ScoringError(Fault.DECISION_WITHOUT_MINUTES)


@dataclass(frozen=True, slots=True)
class _Block:
    """Entries not parted so far."""

    members: tuple[Contender, ...]
    broken_by: str | None = None
    skipped: tuple[str, ...] = ()
    both_advance: bool = False
    minutes: str | None = None


def _apply_step(step: str, block: _Block, decisions: Sequence[PanelDecision]) -> list[_Block]:
    if len(block.members) == 1:
        return [block]
    if step == BOTH_ADVANCE:
        return [replace(block, both_advance=True)]
    minutes = block.minutes
    if step == PANEL_DECISION:
        decision = decision_covering({member.key for member in block.members}, decisions)
        values = {key: -place for place, key in enumerate(decision.order)} if decision else {}
        minutes = decision.minutes if decision else minutes
    elif step == EARLIER_ROUND:
        values = {m.key: as_fraction(m.earlier) for m in block.members if m.earlier is not None}
    else:
        code = step.removeprefix(CRITERION_PREFIX)
        values = {m.key: as_fraction(m.criteria[code]) for m in block.members if code in m.criteria}
    if any(member.key not in values for member in block.members):
        return [replace(block, skipped=(*block.skipped, step))]
    parts = _grouped(block.members, lambda member: values[member.key])
    if len(parts) == 1:
        return [block]
    return [replace(block, members=tuple(part), broken_by=step, minutes=minutes) for part in parts]


def _block_lines(block: _Block, rank: int) -> list[Ranked]:
    members = sorted(block.members, key=_entry_order)
    keys = tuple(member.key for member in members)
    return [
        Ranked(
            key=member.key,
            rank=rank,
            shown=member.result.shown,
            exact=member.result.exact,
            status=member.result.status,
            tie_broken_by=block.broken_by,
            tied_with=tuple(key for key in keys if key != member.key),
            skipped_steps=block.skipped,
            both_advance=block.both_advance,
            minutes=block.minutes,
        )
        for member in members
    ]


def _grouped(members: Iterable[Contender], value: Callable[[Contender], Number]) -> list[list[Contender]]:
    """Members with equal value together, highest value first."""
    groups: dict[Number, list[Contender]] = {}
    for member in members:
        groups.setdefault(value(member), []).append(member)
    return [groups[found] for found in sorted(groups, reverse=True)]


def _entry_order(entry: Contender) -> tuple[bool, int, str]:
    return key_order(entry.key)


def _check_contenders(entries: Sequence[Contender]) -> None:
    for key, times in Counter(entry.key for entry in entries).items():
        if times > 1:
            raise ScoringError(Fault.DUPLICATE_ENTRY, key)
