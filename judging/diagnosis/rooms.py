"""Rooms side by side, and their normalisation where it is lawful: declared before scoring, entries drawn to rooms."""

from collections.abc import Mapping
from typing import Any

from judging.diagnosis.enums import Normalising
from judging.diagnosis.spread import box
from judging.scoring import Fault, RoomScore, ScoringError, room_coefficient, standard_score

METHODS = {Normalising.STANDARD: standard_score, Normalising.COEFFICIENT: room_coefficient}


def compare(rooms: Mapping[int, Mapping[str, int]], own: set[int]) -> list[dict[str, Any]]:
    """A box of the official scores of each room ({session id: {entry: hundredths}}); `own`: rooms of this ranking."""
    return [
        {"room": room, "own": room in own, **box(scores.values())}
        for room, scores in sorted(rooms.items())
        if scores
    ]


def normalise(
    scores: Mapping[str, int], room_of: Mapping[str, int], *, method: str, drawn: bool
) -> dict[str, Any]:
    """{refused: code or "", rooms, entries}: every entry's official and adjusted score and rank.

    scores: official hundredths by entry. Without a declared method, without the draw, or with a room too small the
    answer is the reason why not.
    """
    items = [RoomScore(entry, str(room_of.get(entry, "")), score) for entry, score in sorted(scores.items())]
    chosen = METHODS.get(Normalising(method))
    if chosen is None:
        return _refused(Fault.NOT_DECLARED)
    if len({item.room for item in items}) < 2:
        return _refused("one_room")
    try:
        done = chosen(items, declared=True, drawn=drawn)
    except ScoringError as error:
        return _refused(error.code)
    return {
        "refused": "",
        "method": method,
        "rooms": [
            {
                "room": int(room.room),
                "count": room.count,
                "mean": _text(room.mean),
                "factor": _text(room.factor, 4),
                "shift": _text(room.shift),
            }
            for room in done.rooms
        ],
        "entries": {
            entry.key: {
                "score": str(entry.adjusted),
                "rank": entry.adjusted_rank,
                "climbed": entry.rank_change,
            }
            for entry in done.entries
        },
    }


def _refused(code: str) -> dict[str, Any]:
    return {"refused": str(code), "method": "", "rooms": [], "entries": {}}


def _text(value, decimals: int = 2) -> str:
    return f"{value.numerator / value.denominator:.{decimals}f}"
