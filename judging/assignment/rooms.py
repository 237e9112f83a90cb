"""Entries to rooms: dealt within their topic by a published seed, recorded as dealt and as placed."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from judging.assignment.draw import ALGORITHM, draw_hash, draw_order
from judging.assignment.panels import PanelDraw, PanelSeat
from judging.assignment.problem import Entry, Judge, Seat


@dataclass(frozen=True)
class Room:
    """topics: what is judged there, empty for anything. capacity: None for no limit. judges: its panel."""

    key: str
    topics: tuple[str, ...] = ()
    capacity: int | None = None
    judges: tuple[Judge, ...] = ()


@dataclass(frozen=True)
class Place:
    """`first_dealt`: the room the deal gave before a conflict or a full room moved the entry on."""

    entry: str
    room: str
    first_dealt: str


@dataclass(frozen=True)
class RoomDraw:
    """places sorted by room, then draw.

    exchangeable: groups of rooms whose entries were all dealt among exactly the rooms of the group. Only inside
    such a group did chance alone decide the room, which is what licenses normalising its rooms' scores.
    """

    places: tuple[Place, ...]
    exchangeable: tuple[tuple[str, ...], ...]
    seed: str
    pool_hash: str
    algorithm: str = ALGORITHM

    @property
    def moved(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.room != place.first_dealt)


class Unplaced(StrEnum):
    NO_ROOM = "no_room"
    BARRED = "barred"
    FULL = "full"


@dataclass(frozen=True)
class RoomsShort:
    """Entries no draw can place: no room for the topic, a conflict in every one, or no place left."""

    unplaced: tuple[tuple[str, Unplaced], ...]
    pool_hash: str


def draw_rooms(
    entries: Collection[Entry],
    rooms: Collection[Room],
    seed: str,
    conflicts: Collection[tuple[str, str]] = (),
) -> RoomDraw | RoomsShort:
    """Deal entries to rooms within their topic. `conflicts`: (entry, judge); a shared employer bars as well.

    Topic by topic in draw order of the topics, entries in draw order go to the emptiest of the topic's rooms,
    the first drawn among equally empty ones. A room barred by a conflict or full is passed over; if none is
    left, the shortest chain of moves within the rooms makes a place.
    """
    entries, rooms = sorted(entries, key=lambda e: e.key), sorted(rooms, key=lambda r: r.key)
    pool_hash = draw_hash(
        [[e.key, e.topic, e.employer] for e in entries],
        [[r.key, sorted(r.topics), r.capacity, sorted((j.key, j.employer) for j in r.judges)] for r in rooms],
        sorted(map(list, set(conflicts))),
    )
    table = _Rooms(entries, rooms, set(conflicts), seed)
    unplaced = table.deal()
    if unplaced:
        return RoomsShort(tuple(sorted(unplaced)), pool_hash)
    return RoomDraw(table.places(), table.exchangeable(), seed, pool_hash)


class _Rooms:
    """The state of one deal."""

    def __init__(self, entries, rooms, conflicts: set[tuple[str, str]], seed: str):
        self.entries = {entry.key: entry for entry in entries}
        self.order = draw_order(self.entries, seed)
        self.rooms = {room.key: room for room in rooms}
        self.room_order = draw_order(self.rooms, seed)
        self.topics = draw_order({entry.topic for entry in entries}, seed)
        self.panel = {room.key: {judge.key for judge in room.judges} for room in rooms}
        self.staff = {room.key: {judge.employer for judge in room.judges} - {""} for room in rooms}
        self.against: dict[str, set[str]] = {}
        for entry, judge in conflicts:
            self.against.setdefault(entry, set()).add(judge)
        self.members: dict[str, list[str]] = {room: [] for room in self.rooms}
        self.first: dict[str, str] = {}

    def choices(self, topic: str) -> list[str]:
        return [
            key for key in self.room_order if not self.rooms[key].topics or topic in self.rooms[key].topics
        ]

    def barred(self, entry: str, room: str) -> bool:
        meets = self.panel[room] & self.against.get(entry, set())
        return bool(meets) or self.entries[entry].employer in self.staff[room]

    def full(self, room: str) -> bool:
        capacity = self.rooms[room].capacity
        return capacity is not None and len(self.members[room]) >= capacity

    def deal(self) -> list[tuple[str, Unplaced]]:
        unplaced = []
        by_topic: dict[str, list[str]] = {topic: [] for topic in self.topics}
        for key in self.order:
            by_topic[self.entries[key].topic].append(key)
        for topic, keys in by_topic.items():
            choices = self.choices(topic)
            for key in keys:
                reason = self._deal_one(key, choices)
                if reason:
                    unplaced.append((key, reason))
        return unplaced

    def _deal_one(self, key: str, choices: list[str]) -> Unplaced | None:
        if not choices:
            return Unplaced.NO_ROOM
        turn = sorted(choices, key=lambda room: len(self.members[room]))
        self.first[key] = turn[0]
        allowed = [room for room in turn if not self.barred(key, room)]
        if not allowed:
            return Unplaced.BARRED
        chain = self._chain(key, allowed)
        if chain is None:
            return Unplaced.FULL
        for entry, room, old_room in chain:
            if old_room:
                self.members[old_room].remove(entry)
            self.members[room].append(entry)
        return None

    def _chain(self, key: str, allowed: list[str]) -> list[tuple[str, str, str | None]] | None:
        """The shortest list of (entry, new room, old room) that seats `key`: breadth first over rooms."""
        reached: dict[str, tuple[str, str | None]] = {room: (key, None) for room in allowed}
        queue = list(allowed)
        for room in queue:
            if not self.full(room):
                chain, step = [], room
                while step is not None:
                    entry, before = reached[step]
                    chain.append((entry, step, before))
                    step = before
                return chain
            for member in self.members[room]:
                for other in self.choices(self.entries[member].topic):
                    if other not in reached and not self.barred(member, other):
                        reached[other] = (member, room)
                        queue.append(other)
        return None

    def places(self) -> tuple[Place, ...]:
        drawn = {key: number for number, key in enumerate(self.order)}
        return tuple(
            Place(entry, room, self.first[entry])
            for room in sorted(self.members)
            for entry in sorted(self.members[room], key=drawn.__getitem__)
        )

    def exchangeable(self) -> tuple[tuple[str, ...], ...]:
        groups = {tuple(sorted(self.choices(topic))) for topic in self.topics}
        met = Counter(room for group in groups for room in group)
        return tuple(
            sorted(group for group in groups if len(group) > 1 and all(met[room] == 1 for room in group))
        )


def seats_of(draw: RoomDraw, panels: PanelDraw) -> list[Seat]:
    """Who judges what once rooms are drawn: the panel of a room's key judges every entry placed there."""
    by_panel: dict[str, list[PanelSeat]] = {}
    for seat in panels.seats:
        by_panel.setdefault(seat.panel, []).append(seat)
    seats = [Seat(p.entry, s.judge, s.role) for p in draw.places for s in by_panel.get(p.room, ())]
    return sorted(seats, key=lambda seat: (seat.entry, seat.judge))
