"""Draws: repeatable with the standard library, fair to panels and rooms, and clear where they cannot be made."""

import hashlib
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judging.assignment.draw import draw_hash, draw_order
from judging.assignment.panels import PanelSeat, PanelsShort, draw_panels
from judging.assignment.problem import Entry, Judge, Seat
from judging.assignment.rooms import Room, RoomsShort, Unplaced, draw_rooms, seats_of

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
SEATS = {"technical": 2, "investment": 1}


def test_order_is_the_published_one():
    keys = ["XJ-001", "XJ-002", "XJ-003", "乌鲁木齐-7"]
    assert draw_order(keys, "20180912") == sorted(
        keys, key=lambda key: hashlib.sha256(f"20180912|{key}".encode()).hexdigest()
    )
    assert draw_order(["a", "b", "c"], "1") == ["b", "c", "a"]


@QUICK
@given(st.lists(st.text(max_size=4), max_size=12), st.text(max_size=6))
def test_order_depends_on_keys_and_seed_alone(keys, seed):
    order = draw_order(keys, seed)
    assert sorted(order) == sorted(set(keys))
    assert draw_order(reversed(keys), seed) == order


def test_every_place_is_as_likely():
    first = Counter(draw_order("abcde", str(seed))[0] for seed in range(2000))
    assert all(330 < first[key] < 470 for key in "abcde")


def test_hash_is_of_one_line_of_json():
    assert (
        draw_hash(["乙"], {"b": 1, "a": 2}) == hashlib.sha256('[["乙"],{"a":2,"b":1}]'.encode()).hexdigest()
    )


def pool(count=12):
    roles = [("technical",), ("technical", "investment"), ("investment",)]
    return [Judge(f"J{n:02d}", roles[n % 3], employer=f"单位{n % 5}") for n in range(count)]


def test_panels_hold_their_roles_once_each_and_name_reserves():
    draw = draw_panels(pool(), ["一组", "二组", "三组"], SEATS, "s")
    roles = {judge.key: judge.roles for judge in pool()}
    assert Counter((seat.panel, seat.role) for seat in draw.seats) == {
        (panel, role): count for panel in ("一组", "二组", "三组") for role, count in SEATS.items()
    }
    assert all(seat.role in roles[seat.judge] for seat in draw.seats)
    drawn = [seat.judge for seat in draw.seats]
    assert sorted([*drawn, *draw.reserves]) == sorted(roles)
    assert draw.clashes == ()


def test_panels_do_not_depend_on_listing_order():
    first = draw_panels(pool(), ["一组", "二组"], SEATS, "s")
    assert draw_panels(pool()[::-1], ["一组", "二组"], SEATS, "s") == first
    assert draw_panels(pool(), ["一组", "二组"], SEATS, "t").seats != first.seats


def test_first_drawn_judge_is_always_taken():
    for seed in map(str, range(20)):
        draw = draw_panels(pool(), ["一组"], SEATS, seed)
        assert draw_order([judge.key for judge in pool()], seed)[0] in {seat.judge for seat in draw.seats}


@QUICK
@given(
    st.lists(st.sets(st.sampled_from("abc"), max_size=3), max_size=7), st.integers(1, 2), st.text(max_size=3)
)
def test_panels_are_refused_only_where_no_choice_of_roles_fills_them(roles, count, seed):
    judges = [Judge(f"J{n}", tuple(sorted(own))) for n, own in enumerate(roles)]
    draw = draw_panels(judges, [str(n) for n in range(count)], {"a": 1, "b": 2}, seed)
    places = ["a", "b", "b"] * count
    possible = _matching(places, judges) == len(places)
    assert isinstance(draw, PanelsShort) is not possible


def _matching(places, judges):
    taken = {}

    def seat(place, seen):
        for judge in judges:
            if places[place] in judge.roles and judge.key not in seen:
                seen.add(judge.key)
                if judge.key not in taken or seat(taken[judge.key], seen):
                    taken[judge.key] = place
                    return True
        return False

    return sum(seat(place, set()) for place in range(len(places)))


def test_missing_roles_are_counted():
    assert draw_panels(pool(3), ["一组", "二组"], {"technical": 1, "finance": 1}, "s").missing == {
        "finance": 2
    }


def test_judge_not_available_is_not_drawn():
    judges = [Judge("A", ("technical",), capacity=0), Judge("B", ("technical",))]
    assert draw_panels(judges, ["一组"], {"technical": 1}, "s").seats == (
        PanelSeat("一组", "B", "technical"),
    )


def test_colleagues_that_cannot_be_parted_are_reported():
    judges = [Judge("A", ("technical",), employer="甲"), Judge("B", ("technical",), employer="甲")]
    assert draw_panels(judges, ["一组"], {"technical": 2}, "s").clashes == (("一组", "甲"),)


def entries(count=70, topics=("新能源", "新材料")):
    return [Entry(f"E{n:03d}", topics[n % len(topics)], employer=f"企业{n}") for n in range(count)]


def test_rooms_are_dealt_within_the_topic_and_evenly():
    rooms = [Room(f"R{n}", ("新能源",) if n < 3 else ("新材料",)) for n in range(6)]
    draw = draw_rooms(entries(), rooms, "s")
    topics = {entry.key: entry.topic for entry in entries()}
    assert all((place.room < "R3") == (topics[place.entry] == "新能源") for place in draw.places)
    assert sorted(Counter(place.room for place in draw.places).values()) == [11, 11, 12, 12, 12, 12]
    assert draw.exchangeable == (("R0", "R1", "R2"), ("R3", "R4", "R5"))
    assert draw.moved == ()


def test_dealing_without_conflicts_can_be_repeated_by_hand():
    rooms = [Room("R0"), Room("R1")]
    draw = draw_rooms(entries(9, ("t",)), rooms, "s")
    order, turn = draw_order([entry.key for entry in entries(9)], "s"), draw_order(["R0", "R1"], "s")
    by_hand = {key: turn[number % 2] for number, key in enumerate(order)}
    assert {place.entry: place.room for place in draw.places} == by_hand


def test_conflict_with_the_panel_moves_the_entry_and_says_so():
    rooms = [Room("R0", judges=(Judge("A", employer="企业1"),)), Room("R1", judges=(Judge("B"),))]
    draw = draw_rooms(entries(4), rooms, "s", [("E000", "A"), ("E002", "B")])
    at = {place.entry: place.room for place in draw.places}
    assert (at["E000"], at["E001"], at["E002"]) == ("R1", "R1", "R0")
    assert {place.entry for place in draw.moved} == {
        place.entry for place in draw.places if place.first_dealt != place.room
    }


def test_room_that_shares_only_one_topic_licenses_nothing():
    rooms = [Room("R0", ("新能源",)), Room("R1")]
    assert draw_rooms(entries(), rooms, "s").exchangeable == ()


def test_full_room_is_made_free_by_moving_another():
    rooms = [Room("R0", capacity=1, judges=(Judge("A"),)), Room("R1", capacity=1, judges=(Judge("B"),))]
    for seed in map(str, range(10)):
        draw = draw_rooms(entries(2, ("t",)), rooms, seed, [("E001", "B")])
        assert [(place.entry, place.room) for place in draw.places] == [("E001", "R0"), ("E000", "R1")]


def test_what_cannot_be_placed_is_named_with_its_reason():
    rooms = [Room("R0", ("新能源",), capacity=1, judges=(Judge("A"),))]
    listed = [Entry("E0", "新能源"), Entry("E1", "新材料"), Entry("E2", "新能源")]
    assert draw_rooms(listed, rooms, "s", [("E2", "A")]).unplaced == (
        ("E1", Unplaced.NO_ROOM),
        ("E2", Unplaced.BARRED),
    )
    short = draw_rooms(listed[::2], rooms, "s")
    assert isinstance(short, RoomsShort)
    assert [reason for _, reason in short.unplaced] == [Unplaced.FULL]


@QUICK
@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 2))), st.integers(1, 3), st.text(max_size=3))
def test_rooms_are_refused_only_where_no_placing_exists(conflicts, capacity, seed):
    rooms = [Room(f"R{n}", capacity=capacity, judges=(Judge(f"J{n}"),)) for n in range(3)]
    barred = {(f"E{e:03d}", f"J{r}") for e, r in conflicts}
    draw = draw_rooms(entries(6, ("t",)), rooms, seed, barred)
    places = [f"R{n}" for n in range(3) for _ in range(capacity)]
    judges = [
        Judge(f"E{e:03d}", tuple(f"R{r}" for r in range(3) if (f"E{e:03d}", f"J{r}") not in barred))
        for e in range(6)
    ]
    if isinstance(draw, RoomsShort):
        assert _matching(places, judges) < 6
    else:
        assert len(draw.places) == 6
        assert not {(place.entry, f"J{place.room[1]}") for place in draw.places} & barred
        assert max(Counter(place.room for place in draw.places).values()) <= capacity


def test_seats_follow_from_rooms_and_panels():
    panels = draw_panels(pool(), ["R0", "R1"], SEATS, "s")
    draw = draw_rooms(entries(4, ("t",)), [Room("R0"), Room("R1")], "s")
    seats = seats_of(draw, panels)
    assert len(seats) == 4 * 3
    room = {place.entry: place.room for place in draw.places}
    panel = {seat.judge: seat.panel for seat in panels.seats}
    assert all(panel[seat.judge] == room[seat.entry] for seat in seats)
    assert all(isinstance(seat, Seat) for seat in seats)
