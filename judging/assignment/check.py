"""Every hard rule tested anew on finished seats, without the solver: for manual changes, files and tests."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from judging.assignment.problem import Problem, Seat


class Broken(StrEnum):
    UNKNOWN = "unknown"
    TWICE = "twice"
    CONFLICT = "conflict"
    EMPLOYER = "employer"
    PANEL_SIZE = "panel_size"
    ROLE_NOT_HELD = "role_not_held"
    ROLE_UNCOVERED = "role_uncovered"
    BELOW_MIN = "below_min"
    ABOVE_MAX = "above_max"
    KEPT_SEAT_LOST = "kept_seat_lost"


@dataclass(frozen=True, order=True)
class Violation:
    """`judge` is empty for a rule on the entry's panel, `entry` for one on a judge's load."""

    broken: Broken
    entry: str = ""
    judge: str = ""
    detail: str = ""


def violations(problem: Problem, seats: Sequence[Seat]) -> list[Violation]:
    """All hard rules broken by `seats`, sorted; empty means the assignment may stand."""
    found = [
        *_broken_pairs(problem, seats),
        *_broken_panels(problem, seats),
        *_broken_loads(problem, seats),
    ]
    given = {(seat.entry, seat.judge) for seat in seats}
    for seat in problem.fixed:
        if (seat.entry, seat.judge) not in given:
            found.append(Violation(Broken.KEPT_SEAT_LOST, seat.entry, seat.judge))
    return sorted(found)


def _broken_pairs(problem: Problem, seats: Sequence[Seat]) -> list[Violation]:
    row = {entry.key: number for number, entry in enumerate(problem.entries)}
    column = {judge.key: number for number, judge in enumerate(problem.judges)}
    found, seen = [], set()
    for seat in seats:
        e, j = row.get(seat.entry), column.get(seat.judge)
        if e is None or j is None:
            found.append(Violation(Broken.UNKNOWN, seat.entry, seat.judge))
            continue
        entry, judge = problem.entries[e], problem.judges[j]
        if (e, j) in seen:
            found.append(Violation(Broken.TWICE, seat.entry, seat.judge))
        seen.add((e, j))
        if _is_barred(problem, e * len(column) + j):
            found.append(Violation(Broken.CONFLICT, seat.entry, seat.judge))
        if entry.employer and entry.employer == judge.employer:
            found.append(Violation(Broken.EMPLOYER, seat.entry, seat.judge, entry.employer))
        if seat.role and seat.role not in judge.roles:
            found.append(Violation(Broken.ROLE_NOT_HELD, seat.entry, seat.judge, seat.role))
    return found


def _is_barred(problem: Problem, code: int) -> bool:
    place = bisect_left(problem.barred, code)
    return place < len(problem.barred) and problem.barred[place] == code


def _broken_panels(problem: Problem, seats: Sequence[Seat]) -> list[Violation]:
    panels: dict[str, list[Seat]] = {}
    for seat in seats:
        panels.setdefault(seat.entry, []).append(seat)
    found = []
    for entry in problem.entries:
        panel = panels.get(entry.key, [])
        if len(panel) != problem.seats(entry):
            found.append(Violation(Broken.PANEL_SIZE, entry.key, detail=str(len(panel))))
        filled = {seat.role for seat in panel}
        for role in problem.required(entry):
            if role not in filled:
                found.append(Violation(Broken.ROLE_UNCOVERED, entry.key, detail=role))
    return found


def _broken_loads(problem: Problem, seats: Sequence[Seat]) -> list[Violation]:
    loads = Counter(seat.judge for seat in seats)
    found = []
    for judge in problem.judges:
        if loads[judge.key] < problem.least(judge):
            found.append(Violation(Broken.BELOW_MIN, judge=judge.key, detail=str(loads[judge.key])))
        if loads[judge.key] > problem.most(judge):
            found.append(Violation(Broken.ABOVE_MAX, judge=judge.key, detail=str(loads[judge.key])))
    return found
