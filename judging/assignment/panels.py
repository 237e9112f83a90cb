"""Panels from a pool of judges, by role: a draw with published seed, reserves included."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from judging.assignment.draw import ALGORITHM, draw_hash, draw_order
from judging.assignment.problem import Judge


@dataclass(frozen=True)
class PanelSeat:
    panel: str
    judge: str
    role: str


@dataclass(frozen=True)
class PanelDraw:
    """seats sorted by panel, then role as asked, then draw. reserves: judges not drawn, first stand-in first.

    clashes: (panel, employer) with two judges of one employer that no exchange within a role could part.
    """

    seats: tuple[PanelSeat, ...]
    reserves: tuple[str, ...]
    clashes: tuple[tuple[str, str], ...]
    seed: str
    pool_hash: str
    algorithm: str = ALGORITHM


@dataclass(frozen=True)
class PanelsShort:
    """The pool cannot fill the panels: role -> seats no judge is left for."""

    missing: Mapping[str, int]
    pool_hash: str


def draw_panels(
    judges: Collection[Judge], panels: Sequence[str], seats: Mapping[str, int], seed: str
) -> PanelDraw | PanelsShort:
    """Form panels from a pool. `seats`: role -> seats in every panel. A judge sits once, in one role.

    Judges are taken in draw order; one already taken may change to his other role to let the next one in, never
    leave. Role by role, those taken are dealt to the panels in turn, in draw order. Then judges of one employer
    on one panel are parted by exchanges within a role, the first possible in draw order.
    """
    pool = {judge.key: judge for judge in judges if judge.capacity != 0}
    order = draw_order(pool, seed)
    listed = [[key, sorted(pool[key].roles), pool[key].employer] for key in sorted(pool)]
    pool_hash = draw_hash(list(panels), list(seats.items()), listed)
    role_of = _taken(order, pool, {role: count * len(panels) for role, count in seats.items()})
    filled = Counter(role_of.values())
    missing = {role: count * len(panels) - filled[role] for role, count in seats.items()}
    if any(missing.values()):
        return PanelsShort({role: count for role, count in missing.items() if count}, pool_hash)
    dealt = []
    for role in seats:
        members = [key for key in order if role_of.get(key) == role]
        dealt += [PanelSeat(panels[turn % len(panels)], key, role) for turn, key in enumerate(members)]
    parted = _parted(dealt, pool)
    by_panel = {panel: number for number, panel in enumerate(panels)}
    parted.sort(key=lambda seat: by_panel[seat.panel])
    reserves = tuple(key for key in order if key not in role_of)
    return PanelDraw(tuple(parted), reserves, _clashes(parted, pool), seed, pool_hash)


def _taken(order: list[str], pool: Mapping[str, Judge], places: Mapping[str, int]) -> dict[str, str]:
    """Judge -> role. Greedy over the draw order with augmenting exchanges, hence as many seats as possible."""
    members: dict[str, list[str]] = {role: [] for role in places}
    role_of: dict[str, str] = {}

    def place(key: str, seen: set[str]) -> bool:
        for role in pool[key].roles:
            if role not in members or role in seen:
                continue
            seen.add(role)
            if len(members[role]) < places[role]:
                break
            movable = [other for other in members[role] if len(pool[other].roles) > 1]
            moved = next((other for other in movable if place(other, seen)), None)
            if moved is not None:
                members[role].remove(moved)
                break
        else:
            return False
        members[role].append(key)
        role_of[key] = role
        return True

    for key in order:
        if len(role_of) == sum(places.values()):
            break
        place(key, set())
    return role_of


def _parted(dealt: list[PanelSeat], pool: Mapping[str, Judge]) -> list[PanelSeat]:
    """Exchange seats of one role between panels wherever that lowers the number of same-employer pairs."""
    seats = list(dealt)
    staff = Counter((seat.panel, pool[seat.judge].employer) for seat in seats)

    def met(panel: str, employer: str) -> int:
        return staff[panel, employer] if employer else 0

    for a, seat in enumerate(seats):
        employer = pool[seat.judge].employer
        if not employer or staff[seat.panel, employer] < 2:
            continue
        for b, other in enumerate(seats):
            theirs = pool[other.judge].employer
            if other.role != seat.role or other.panel == seat.panel or theirs == employer:
                continue
            before = met(seat.panel, employer) - 1 + max(0, met(other.panel, theirs) - 1)
            if met(other.panel, employer) + met(seat.panel, theirs) < before:
                staff.subtract([(seat.panel, employer), (other.panel, theirs)])
                staff.update([(other.panel, employer), (seat.panel, theirs)])
                seats[a] = PanelSeat(seat.panel, other.judge, seat.role)
                seats[b] = PanelSeat(other.panel, seat.judge, other.role)
                break
    return seats


def _clashes(seats: Sequence[PanelSeat], pool: Mapping[str, Judge]) -> tuple[tuple[str, str], ...]:
    staff = Counter((seat.panel, pool[seat.judge].employer) for seat in seats)
    return tuple(sorted(key for key, count in staff.items() if key[1] and count > 1))
