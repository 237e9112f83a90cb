"""What anchors (标定项目) would gain: of the planned panels exactly, of the ranking as measured on simulated contests."""

from collections.abc import Iterable
from dataclasses import dataclass

from judging.assignment.connection import linked

# Rank correlation with the truth in thousandths by number of anchors: 20 unlinked rooms of 35 entries and 7 judges, a
# quarter of the quality variance between rooms, calibrated ranking (design document JUDGING, section 3).
SIMULATED = {0: 780, 1: 808, 2: 826, 3: 830, 5: 839, 8: 844}


@dataclass(frozen=True)
class Room:
    """A planned session: its judges and its entries, anchors left out."""

    judges: tuple[str, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Gain:
    """With so many anchors: sheets more than now, groups of judges that cannot be compared with each other, and the
    mean variance of the difference of two judges' leniency in units of one score's noise (None: not comparable)."""

    anchors: int
    sheets: int
    groups: int
    variance: float | None
    simulated: int


def gains(rooms: Iterable[Room]) -> list[Gain]:
    """One line per number of anchors the simulation knows; empty while no room has both judges and entries."""
    rooms = [room for room in rooms if room.judges and room.entries]
    panels = {entry: list(room.judges) for room in rooms for entry in room.entries}
    everyone = sorted({judge for room in rooms for judge in room.judges})
    if not panels:
        return []
    found = []
    for count, correlation in SIMULATED.items():
        anchors = {f"\0{number}": everyone for number in range(count)}
        groups, variance = linked(panels | anchors)
        found.append(Gain(count, count * len(everyone), groups, variance, correlation))
    return found
