"""What an assignment is asked to do, independent of the order in which anything was listed."""

import hashlib
import json
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

LARGEST_PANEL = 60


class Fault(StrEnum):
    """Why a question cannot even be asked. The sentence is in `words`."""

    NO_ENTRIES = "no_entries"
    NO_JUDGES = "no_judges"
    DUPLICATE_ENTRY = "duplicate_entry"
    DUPLICATE_JUDGE = "duplicate_judge"
    UNKNOWN_ENTRY = "unknown_entry"
    UNKNOWN_JUDGE = "unknown_judge"
    DUPLICATE_ROLE = "duplicate_role"
    PANEL_SIZE = "panel_size"
    PANEL_BELOW_ROLES = "panel_below_roles"
    LOADS = "loads"
    CAPACITY = "capacity"
    SEAT_TWICE = "seat_twice"
    PANEL_OVERFULL = "panel_overfull"


class AssignmentError(Exception):
    """The question contradicts itself. `about` names the key or number concerned."""

    def __init__(self, fault: Fault, about: str = ""):
        self.fault = fault
        self.about = about
        super().__init__(f"{fault}: {about}")


@dataclass(frozen=True, slots=True)
class Entry:
    """`vacant` seats and `waived` roles are an office's decision to accept a proposed repair."""

    key: str
    topic: str
    employer: str = ""
    region: str = ""
    vacant: int = 0
    waived: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """`capacity` replaces the common maximum (0: not available), `least` the common minimum."""

    key: str
    roles: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    capacity: int | None = None
    employer: str = ""
    region: str = ""
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """One judge on one entry's panel; `role` is the required role the judge fills there, or his first own."""

    entry: str
    judge: str
    role: str = ""


@dataclass(frozen=True)
class Problem:
    """Made by `make_problem`. Entries and judges are sorted by key, so listing order cannot matter.

    `barred`: sorted codes entry_index * len(judges) + judge_index of the declared conflicts. A shared employer
    bars a pair too; a shared region does not, unless it is listed as a conflict.
    """

    entries: tuple[Entry, ...]
    judges: tuple[Judge, ...]
    barred: array
    panel_size: int
    min_load: int
    max_load: int
    roles: tuple[str, ...] = ()
    seed: str = ""
    fixed: tuple[Seat, ...] = ()

    def least(self, judge: Judge) -> int:
        """The minimum number of entries of a judge; one who is not available owes nothing."""
        if judge.capacity == 0:
            return 0
        return self.min_load if judge.least is None else judge.least

    def most(self, judge: Judge) -> int:
        return self.max_load if judge.capacity is None else judge.capacity

    def seats(self, entry: Entry) -> int:
        return self.panel_size - entry.vacant

    def required(self, entry: Entry) -> tuple[str, ...]:
        return tuple(role for role in self.roles if role not in entry.waived)

    @property
    def total_seats(self) -> int:
        return sum(self.seats(entry) for entry in self.entries)


def make_problem(
    entries: Iterable[Entry],
    judges: Iterable[Judge],
    *,
    conflicts: Iterable[tuple[str, str]] = (),
    panel_size: int,
    min_load: int = 0,
    max_load: int,
    roles: Sequence[str] = (),
    seed: str = "",
    fixed: Iterable[Seat] = (),
) -> Problem:
    """Check and sort the question. `conflicts` are (entry key, judge key), read once, so a generator will do.

    Raises AssignmentError for anything that is a slip rather than an unlucky contest: unknown or repeated keys,
    impossible sizes, existing seats that contradict one another.
    """
    entries = tuple(sorted(entries, key=lambda entry: entry.key))
    judges = tuple(sorted(judges, key=lambda judge: judge.key))
    entry_at = _index(entries, Fault.NO_ENTRIES, Fault.DUPLICATE_ENTRY)
    judge_at = _index(judges, Fault.NO_JUDGES, Fault.DUPLICATE_JUDGE)
    _check_numbers(judges, panel_size, min_load, max_load, roles)
    barred = _codes(conflicts, entry_at, judge_at)
    fixed = _sorted_seats(fixed, entry_at, judge_at)
    problem = Problem(entries, judges, barred, panel_size, min_load, max_load, tuple(roles), str(seed), fixed)
    _check_fixed(problem, entry_at)
    return problem


def keeping(problem: Problem, kept: Iterable[Seat]) -> Problem:
    """The same question with `kept` seats untouchable and no minimum loads: what is left is only to be filled.

    Minimum loads bind a whole draw. Once everybody else's seats stand, a recusal could never restore them.
    """
    entry_at = {entry.key: number for number, entry in enumerate(problem.entries)}
    judge_at = {judge.key: number for number, judge in enumerate(problem.judges)}
    judges = tuple(replace(judge, least=0) for judge in problem.judges)
    problem = replace(problem, judges=judges, fixed=_sorted_seats(kept, entry_at, judge_at))
    _check_fixed(problem, entry_at)
    return problem


def _index(items: tuple, none: Fault, twice: Fault) -> dict[str, int]:
    if not items:
        raise AssignmentError(none)
    at: dict[str, int] = {}
    for number, item in enumerate(items):
        if item.key in at:
            raise AssignmentError(twice, item.key)
        at[item.key] = number
    return at


def _check_numbers(judges, panel_size: int, min_load: int, max_load: int, roles: Sequence[str]) -> None:
    if not 1 <= panel_size <= LARGEST_PANEL:
        raise AssignmentError(Fault.PANEL_SIZE, str(panel_size))
    if len(set(roles)) < len(roles):
        raise AssignmentError(Fault.DUPLICATE_ROLE, "、".join(roles))
    if panel_size < len(roles):
        raise AssignmentError(Fault.PANEL_BELOW_ROLES, f"{panel_size} < {len(roles)}")
    if not 0 <= min_load <= max_load:
        raise AssignmentError(Fault.LOADS, f"{min_load}–{max_load}")
    for judge in judges:
        if min(judge.capacity or 0, judge.least or 0) < 0:
            raise AssignmentError(Fault.CAPACITY, judge.key)


def _sorted_seats(seats: Iterable[Seat], entry_at: dict, judge_at: dict) -> tuple[Seat, ...]:
    seats = tuple(sorted(seats, key=lambda seat: (seat.entry, seat.judge)))
    if len(_codes(((seat.entry, seat.judge) for seat in seats), entry_at, judge_at)) < len(seats):
        raise AssignmentError(Fault.SEAT_TWICE)
    return seats


def _check_fixed(problem: Problem, entry_at: dict[str, int]) -> None:
    taken: dict[str, int] = {}
    for seat in problem.fixed:
        taken[seat.entry] = taken.get(seat.entry, 0) + 1
    for key, count in taken.items():
        if count > problem.seats(problem.entries[entry_at[key]]):
            raise AssignmentError(Fault.PANEL_OVERFULL, key)


def _codes(pairs: Iterable[tuple[str, str]], entry_at: dict[str, int], judge_at: dict[str, int]) -> array:
    """Sorted, distinct 64-bit codes: a few bytes a pair, where millions of tuples would fill the memory."""
    import numpy as np

    width = len(judge_at)
    codes = array("q")
    for entry, judge in pairs:
        try:
            codes.append(entry_at[entry] * width + judge_at[judge])
        except KeyError:
            if entry in entry_at:
                raise AssignmentError(Fault.UNKNOWN_JUDGE, judge) from None
            raise AssignmentError(Fault.UNKNOWN_ENTRY, entry) from None
    if not codes:
        return codes
    return array("q", np.unique(np.frombuffer(codes, np.int64)).tobytes())


def pool_hash(problem: Problem) -> str:
    """SHA-256 of everything the draw depends on but the seed, published together with the seed before the draw.

    Hashed: one UTF-8 line of JSON (keys sorted, no spaces, non-ASCII as is) for the rules, one per entry and
    one per judge in order of key, one per kept seat, each ended by a newline; then every conflict's code
    (entry position * number of judges + judge position, positions from 0 in order of key), ascending, as
    eight little-endian bytes.
    """
    digest = hashlib.sha256()
    rules = {
        "panel_size": problem.panel_size,
        "min_load": problem.min_load,
        "max_load": problem.max_load,
        "roles": list(problem.roles),
    }
    for record in (rules, *map(_fields, (*problem.entries, *problem.judges, *problem.fixed))):
        line = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
    digest.update(_little_endian(problem.barred))
    return digest.hexdigest()


def _fields(item: Entry | Judge | Seat) -> dict:
    fields = {name: getattr(item, name) for name in item.__slots__}
    return {name: sorted(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def _little_endian(codes: array) -> bytes:
    if sys.byteorder == "little":
        return codes.tobytes()
    swapped = array("q", codes)
    swapped.byteswap()
    return swapped.tobytes()
