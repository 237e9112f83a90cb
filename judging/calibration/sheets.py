"""Scores as arrays, in an order that depends on nothing but their structure.

The fit adds floating-point numbers and the sampler deals out random numbers, so both depend on the order of
the rows. To give the same bytes under any row order and any naming, entries, judges and rooms are numbered by
colour refinement: each starts with the colour of its kind, and takes on, round after round, the multiset of
its scores and of the colours met in them. What keeps the same colour to the end is interchangeable as far as
the model can see; results are averaged over such a class, so no name can tip the balance inside it.

Colours are 64-bit hashes of content, sums of hashes stand for multisets: no step looks at a name or a position.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from judging.numeric import np

ROOMLESS = -1
_SYMMETRY_BREAKS = 64


@dataclass(frozen=True)
class Sheets:
    """One row per (entry, judge) score, sorted by entry then judge, both in canonical order.

    entry, judge: int arrays (rows); score: float array (rows); entry_room: int array (entries), ROOMLESS where
    none; is_anchor: bool array (entries). `entry_class`, `judge_class`, `row_class`: ids of interchangeable
    members. `source` gives each row's position in the caller's order.
    """

    entries: tuple
    judges: tuple
    entry: np.ndarray
    judge: np.ndarray
    score: np.ndarray
    entry_room: np.ndarray
    is_anchor: np.ndarray
    entry_class: np.ndarray
    judge_class: np.ndarray
    row_class: np.ndarray
    source: np.ndarray

    @property
    def rooms(self):
        return int(self.entry_room.max(initial=ROOMLESS)) + 1

    @cached_property
    def component(self):
        """Connected components of the graph of entries and judges: ids for entries, then for judges."""
        return _components(self.entry, self.judge, len(self.entries), len(self.judges))

    @cached_property
    def per_entry(self):
        return np.bincount(self.entry, minlength=len(self.entries))

    @cached_property
    def per_judge(self):
        return np.bincount(self.judge, minlength=len(self.judges))


def arrange(entries, judges, scores, *, rooms=None, anchors=()):
    """Sheets from parallel sequences of entry names, judge names and scores, one element per score.

    rooms: room name per row, or None; an entry seen in two rooms, or in none, is roomless, and so is every
    anchor (calibration entry, named in `anchors`). Without `rooms`, panels that share no judge once the anchors
    are set aside are taken for rooms. Raises ValueError on a repeated (entry, judge) or a score not finite.
    """
    entry_names, entry = _index(entries)
    judge_names, judge = _index(judges)
    score = np.asarray(scores, dtype=float) + 0.0
    if not np.isfinite(score).all():
        raise ValueError("scores must be finite")
    if len(np.unique(entry * len(judge_names) + judge)) != len(score):
        raise ValueError("a judge scores an entry once")
    anchor_names = set(anchors)
    is_anchor = np.array([name in anchor_names for name in entry_names], dtype=bool)
    if rooms is None:
        room = _panels_as_rooms(entry, judge, is_anchor, len(judge_names))
    else:
        room = _room_of_entry(entry, rooms, is_anchor)
    return _canonical(entry_names, judge_names, entry, judge, score, room, is_anchor)


def pool_entries(sheets, values):
    """Values per entry (entries, ...), averaged over interchangeable entries."""
    return _pooled(values, sheets.entry_class)


def pool_judges(sheets, values):
    """Values per judge (judges, ...), averaged over interchangeable judges."""
    return _pooled(values, sheets.judge_class)


def pool_rows(sheets, values):
    """Values per row (rows, ...), averaged over interchangeable scores."""
    return _pooled(values, sheets.row_class)


def _pooled(values, classes):
    size = np.bincount(classes)
    if len(size) == len(values):
        return values
    return (np.bincount(classes, values) / size)[classes]


def _index(names):
    names = np.asarray(names, dtype=object)
    seen = {}
    index = np.fromiter(
        (seen.setdefault(name, len(seen)) for name in names), dtype=np.int64, count=len(names)
    )
    return tuple(seen), index


def _room_of_entry(entry, rooms, is_anchor):
    _, code = _index(rooms)
    room = np.full(len(is_anchor), ROOMLESS)
    room[entry] = code
    astray = np.zeros(len(is_anchor), dtype=bool)
    astray[entry[room[entry] != code]] = True
    blank = np.array([name is None or name == "" for name in rooms], dtype=bool)
    astray[entry[blank]] = True
    room[astray | is_anchor] = ROOMLESS
    return room


def _panels_as_rooms(entry, judge, is_anchor, judge_count):
    room = np.full(len(is_anchor), ROOMLESS)
    own = ~is_anchor[entry]
    component = _components(entry[own], judge[own], len(is_anchor), judge_count)
    room[~is_anchor] = component[: len(is_anchor)][~is_anchor]
    return room


def _components(entry, judge, entry_count, judge_count):
    """Smallest-label propagation with pointer jumping; labels 0.. in order of first appearance."""
    label = np.arange(entry_count + judge_count)
    node = entry_count + judge
    while True:
        low = np.minimum(label[entry], label[node])
        new = label.copy()
        np.minimum.at(new, entry, low)
        np.minimum.at(new, node, low)
        new = new[new]
        if np.array_equal(new, label):
            return np.unique(label, return_inverse=True)[1]
        label = new


# --- Canonical numbering -----------------------------------------------------------------------------------


def _mix(x):
    """splitmix64 finaliser: uint64 array -> well scattered uint64 array."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _join(x, y):
    return _mix(x * np.uint64(0x9E3779B97F4A7C15) + y + np.uint64(0x632BE59BD9B4E019))


class _Sums:
    """Sum of uint64 values per group, wrapping: the multiset of what the group's rows carry."""

    def __init__(self, group, count):
        self.order = np.argsort(group, kind="stable")
        self.present, self.start = np.unique(group[self.order], return_index=True)
        self.count = count

    def __call__(self, values):
        total = np.zeros(self.count, dtype=np.uint64)
        if len(self.start):
            total[self.present] = np.add.reduceat(values[self.order], self.start)
        return total


class _Colouring:
    """Colours of entries, judges and rooms, refined together until no class splits further."""

    def __init__(self, entry, judge, score, room, is_anchor):
        self.entry, self.judge, self.room = entry, judge, room
        judges, rooms = int(judge.max()) + 1, int(room.max(initial=ROOMLESS)) + 1
        self.key = _mix(score.view(np.uint64))
        self.by_entry = _Sums(entry, len(room))
        self.by_judge = _Sums(judge, judges)
        self.by_room = _Sums(room[room >= 0], rooms)
        component = _components(entry, judge, len(room), judges)
        self.component_of_entry, self.component_of_judge = component[: len(room)], component[len(room) :]
        self.by_component = _Sums(component, int(component.max()) + 1)
        self.entry_colour = _mix(is_anchor.astype(np.uint64) + np.uint64(1))
        self.judge_colour = _mix(np.full(judges, 7, dtype=np.uint64))
        self.room_colour = _mix(np.full(rooms, 11, dtype=np.uint64))
        self.refine()

    def refine(self):
        found = -1
        while (classes := self._classes()) > found:
            found = classes
            self._spread()

    def _classes(self):
        colours = (self.entry_colour, self.judge_colour, self.room_colour)
        return sum(len(np.unique(colour)) for colour in colours)

    def _spread(self):
        """One round: every vertex takes on what it meets; components take on what they hold."""
        own, other = self.entry_colour[self.entry], self.judge_colour[self.judge]
        judge_colour = _join(self.judge_colour, self.by_judge(_join(own, self.key)))
        entry_colour = _join(self.entry_colour, self.by_entry(_join(other, self.key)))
        held = self.by_component(_mix(np.concatenate([entry_colour, judge_colour])))
        entry_colour = _join(entry_colour, held[self.component_of_entry])
        self.judge_colour = _join(judge_colour, held[self.component_of_judge])
        if len(self.room_colour):
            inside = self.room >= 0
            self.room_colour = _join(self.room_colour, self.by_room(_mix(entry_colour[inside])))
            entry_colour[inside] = _join(entry_colour[inside], self.room_colour[self.room[inside]])
        self.entry_colour = entry_colour

    def tell_apart(self):
        """Give every vertex a colour of its own; which of two interchangeable ones comes first is immaterial."""
        self._number_equal_components()
        self._number_twins()
        for _ in range(_SYMMETRY_BREAKS):
            tied = _first_tied(self.entry_colour)
            if tied is None:
                tied = _first_tied(self.judge_colour)
                if tied is None:
                    return
                self.judge_colour[tied] = _mix(self.judge_colour[tied : tied + 1])[0]
            else:
                self.entry_colour[tied] = _mix(self.entry_colour[tied : tied + 1])[0]
            self.refine()

    def _number_equal_components(self):
        held = self.by_component(_mix(np.concatenate([self.entry_colour, self.judge_colour])))
        turn = _turn_within(held).astype(np.uint64)
        self.entry_colour = _join(self.entry_colour, turn[self.component_of_entry])
        self.judge_colour = _join(self.judge_colour, turn[self.component_of_judge])
        self.refine()

    def _number_twins(self):
        """Entries with the same scores from the very same judges, and judges likewise, differ by name alone."""
        same_judges = self.by_entry(_join(_mix(self.judge.astype(np.uint64)), self.key))
        room = _mix((self.room + 1).astype(np.uint64))
        twins = _join(_join(same_judges, room), self.entry_colour)
        same_entries = _join(
            self.by_judge(_join(_mix(self.entry.astype(np.uint64)), self.key)), self.judge_colour
        )
        self.entry_colour = _join(self.entry_colour, _turn_within(twins).astype(np.uint64))
        self.judge_colour = _join(self.judge_colour, _turn_within(same_entries).astype(np.uint64))
        self.refine()


def _turn_within(colour):
    """0, 1, 2 ... among the members of each class."""
    order = np.argsort(colour, kind="stable")
    ranked = colour[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    turn = np.empty(len(colour), dtype=np.int64)
    turn[order] = np.arange(len(colour)) - np.repeat(starts, np.diff(np.append(starts, len(colour))))
    return turn


def _first_tied(colour):
    values, first, count = np.unique(colour, return_index=True, return_counts=True)
    tied = np.flatnonzero(count > 1)
    return first[tied[0]] if len(tied) else None


def _rank_of(colour):
    """New number of each vertex, and the old number standing at each new one."""
    order = np.argsort(colour, kind="stable")
    place = np.empty(len(colour), dtype=np.int64)
    place[order] = np.arange(len(colour))
    return place, order


def _class_ids(colour):
    return np.unique(colour, return_inverse=True)[1]


def _canonical(entry_names, judge_names, entry, judge, score, room, is_anchor):
    colouring = _Colouring(entry, judge, score, room, is_anchor)
    entry_class, judge_class = colouring.entry_colour, colouring.judge_colour
    row_class = _join(_join(entry_class[entry], judge_class[judge]), colouring.key)
    colouring.tell_apart()
    entry_place, entry_order = _rank_of(colouring.entry_colour)
    judge_place, judge_order = _rank_of(colouring.judge_colour)
    room_place, _ = _rank_of(colouring.room_colour)
    source = np.lexsort((judge_place[judge], entry_place[entry]))
    placed = np.full(len(room), ROOMLESS)
    placed[room >= 0] = _class_ids(room_place[room[room >= 0]])
    return Sheets(
        entries=tuple(entry_names[k] for k in entry_order),
        judges=tuple(judge_names[k] for k in judge_order),
        entry=entry_place[entry][source],
        judge=judge_place[judge][source],
        score=score[source],
        entry_room=placed[entry_order],
        is_anchor=is_anchor[entry_order],
        entry_class=_class_ids(entry_class)[entry_order],
        judge_class=_class_ids(judge_class)[judge_order],
        row_class=_class_ids(row_class)[source],
        source=source,
    )
