"""Room normalisation: the standard score and the room coefficient (修正系数), behind two declarations.

Both assume that every room received equally good entries. That holds only if entries were drawn to rooms at
random; where rooms differ in quality, both punish the entries of the better room. So they refuse unless the
published rules declared the comparison before scoring and the entries were drawn, and they always return raw
and adjusted scores side by side. Never the official score by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from judging.scoring.exact import (
    Fault,
    Key,
    Points,
    ScoringError,
    as_fraction,
    half_up,
    key_order,
    mean,
)

# Square roots have no exact value; 60 digits are far beyond what any shown decimal can feel.
ROOT = Context(prec=60)
SMALLEST_ROOM = 2


class NormalisationRefused(ScoringError):
    """Rooms may not be normalised: `code` is NOT_DECLARED or NOT_DRAWN."""


@dataclass(frozen=True, slots=True)
class RoomScore:
    """An entry's official score (points) in its room."""

    key: Key
    room: str
    score: Points | Fraction


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """What was done to a room: adjusted = shift + factor x raw."""

    room: str
    count: int
    mean: Fraction
    factor: Fraction
    shift: Fraction


@dataclass(frozen=True, slots=True)
class NormalisedEntry:
    """raw and adjusted in points, rounded half up; rank_change is positive for an entry that climbed."""

    key: Key
    room: str
    raw: Decimal
    adjusted: Decimal
    raw_rank: int
    adjusted_rank: int
    rank_change: int


@dataclass(frozen=True, slots=True)
class Normalisation:
    """entries by adjusted rank, rooms by name, overall_mean over all entries."""

    entries: tuple[NormalisedEntry, ...]
    rooms: tuple[RoomSummary, ...]
    overall_mean: Fraction


def standard_score(
    scores: Sequence[RoomScore], *, declared: bool, drawn: bool, decimals: int = 2
) -> Normalisation:
    """Each room moved and stretched to the mean and standard deviation of all entries (标准分, rescaled).

    adjusted = M + S (x - m) / s, with population standard deviations; in a room of equal scores every entry
    gets M. Not clipped to the full mark.
    """
    rooms = _rooms(scores, declared=declared, drawn=drawn)
    everyone = [score for members in rooms.values() for score in members]
    overall, spread = mean(everyone), _deviation(everyone)
    summaries = []
    for room, members in rooms.items():
        room_mean, room_spread = mean(members), _deviation(members)
        factor = spread / room_spread if room_spread else Fraction(0)
        summaries.append(RoomSummary(room, len(members), room_mean, factor, overall - factor * room_mean))
    return _side_by_side(scores, summaries, overall, decimals)


def room_coefficient(
    scores: Sequence[RoomScore], *, declared: bool, drawn: bool, decimals: int = 2
) -> Normalisation:
    """Each room multiplied by mean of all entries / mean of the room (平均分系数法). Not clipped."""
    rooms = _rooms(scores, declared=declared, drawn=drawn)
    overall = mean(score for members in rooms.values() for score in members)
    summaries = []
    for room, members in rooms.items():
        room_mean = mean(members)
        if not room_mean:
            raise ScoringError(Fault.ROOM_MEAN_ZERO, room)
        summaries.append(RoomSummary(room, len(members), room_mean, overall / room_mean, Fraction(0)))
    return _side_by_side(scores, summaries, overall, decimals)


def _rooms(scores: Sequence[RoomScore], *, declared: bool, drawn: bool) -> dict[str, list[Fraction]]:
    if declared is not True:
        raise NormalisationRefused(Fault.NOT_DECLARED)
    if drawn is not True:
        raise NormalisationRefused(Fault.NOT_DRAWN)
    if not scores:
        raise ScoringError(Fault.NOTHING_TO_AVERAGE)
    rooms: dict[str, list[Fraction]] = {}
    seen: set[Key] = set()
    for item in sorted(scores, key=lambda item: (item.room, key_order(item.key))):
        if item.key in seen:
            raise ScoringError(Fault.DUPLICATE_ENTRY, item.key)
        seen.add(item.key)
        rooms.setdefault(item.room, []).append(as_fraction(item.score))
    for room, members in rooms.items():
        if len(members) < SMALLEST_ROOM:
            raise ScoringError(Fault.ROOM_TOO_SMALL, room)
    return rooms


def _deviation(values: Sequence[Fraction]) -> Fraction:
    centre = mean(values)
    variance = sum(((value - centre) ** 2 for value in values), Fraction(0)) / len(values)
    quotient = ROOT.divide(Decimal(variance.numerator), Decimal(variance.denominator))
    return Fraction(ROOT.sqrt(quotient))


def _side_by_side(
    scores: Sequence[RoomScore], summaries: Sequence[RoomSummary], overall: Fraction, decimals: int
) -> Normalisation:
    by_room = {summary.room: summary for summary in summaries}
    raw, adjusted = {}, {}
    for item in scores:
        summary, score = by_room[item.room], as_fraction(item.score)
        raw[item.key] = half_up(score, decimals)
        adjusted[item.key] = half_up(summary.shift + summary.factor * score, decimals)
    raw_ranks, adjusted_ranks = _competition_ranks(raw), _competition_ranks(adjusted)
    entries = [
        NormalisedEntry(
            key=item.key,
            room=item.room,
            raw=raw[item.key],
            adjusted=adjusted[item.key],
            raw_rank=raw_ranks[item.key],
            adjusted_rank=adjusted_ranks[item.key],
            rank_change=raw_ranks[item.key] - adjusted_ranks[item.key],
        )
        for item in sorted(scores, key=lambda item: (adjusted_ranks[item.key], key_order(item.key)))
    ]
    return Normalisation(tuple(entries), tuple(summaries), overall)


def _competition_ranks(shown: dict[Key, Decimal]) -> dict[Key, int]:
    """1, 2, 2, 4 by shown score, highest first."""
    first: dict[Decimal, int] = {}
    for place, value in enumerate(sorted(shown.values(), reverse=True), start=1):
        first.setdefault(value, place)
    return {key: first[value] for key, value in shown.items()}
