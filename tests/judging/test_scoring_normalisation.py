"""Room normalisation: behind two declarations, raw and adjusted always together."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.scoring import (
    Fault,
    NormalisationRefused,
    RoomScore,
    ScoringError,
    mean,
    room_coefficient,
    standard_score,
)

METHODS = (room_coefficient, standard_score)
# Room A 80, 90 (mean 85, sd 5); room B 70, 72 (mean 71, sd 1); all: mean 78, variance 62.
TWO_ROOMS = [
    RoomScore("a1", "A", 9000),
    RoomScore("a2", "A", 8000),
    RoomScore("b1", "B", 7200),
    RoomScore("b2", "B", 7000),
]


def table(outcome):
    return [
        (e.key, str(e.raw), str(e.adjusted), e.raw_rank, e.adjusted_rank, e.rank_change)
        for e in outcome.entries
    ]


def test_room_coefficient_by_hand():
    outcome = room_coefficient(TWO_ROOMS, declared=True, drawn=True)
    # 90 x 78/85, 72 x 78/71, 70 x 78/71, 80 x 78/85
    assert table(outcome) == [
        ("a1", "90.00", "82.59", 1, 1, 0),
        ("b1", "72.00", "79.10", 3, 2, 1),
        ("b2", "70.00", "76.90", 4, 3, 1),
        ("a2", "80.00", "73.41", 2, 4, -2),
    ]
    assert [(room.room, room.factor) for room in outcome.rooms] == [
        ("A", Fraction(78, 85)),
        ("B", Fraction(78, 71)),
    ]
    assert outcome.overall_mean == 78


def test_standard_score_by_hand():
    outcome = standard_score(TWO_ROOMS, declared=True, drawn=True)
    # z is +1 and -1 in both rooms, so 78 + sqrt(62) and 78 - sqrt(62), with sqrt(62) = 7.874...
    assert table(outcome) == [
        ("a1", "90.00", "85.87", 1, 1, 0),
        ("b1", "72.00", "85.87", 3, 1, 2),
        ("a2", "80.00", "70.13", 2, 3, -1),
        ("b2", "70.00", "70.13", 4, 3, 1),
    ]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("declared", "drawn", "code"),
    [
        (False, True, Fault.NOT_DECLARED),
        (True, False, Fault.NOT_DRAWN),
        (False, False, Fault.NOT_DECLARED),
        (None, True, Fault.NOT_DECLARED),
        (True, "no", Fault.NOT_DRAWN),
    ],
)
def test_refused_without_both_declarations(method, declared, drawn, code):
    with pytest.raises(NormalisationRefused) as caught:
        method(TWO_ROOMS, declared=declared, drawn=drawn)
    assert caught.value.code is code
    assert str(caught.value).isascii()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ([], Fault.NOTHING_TO_AVERAGE),
        ([*TWO_ROOMS, RoomScore("c1", "C", 8000)], Fault.ROOM_TOO_SMALL),
        ([*TWO_ROOMS, RoomScore("a1", "B", 8000)], Fault.DUPLICATE_ENTRY),
        ([*TWO_ROOMS, RoomScore("a3", "A", 80.5)], Fault.NOT_EXACT),
    ],
)
def test_unusable_rooms_are_refused(method, scores, code):
    with pytest.raises(ScoringError) as caught:
        method(scores, declared=True, drawn=True)
    assert caught.value.code is code


def test_room_of_zeros_has_no_coefficient():
    zeros = [RoomScore("z1", "Z", 0), RoomScore("z2", "Z", 0)]
    with pytest.raises(ScoringError) as caught:
        room_coefficient([*TWO_ROOMS, *zeros], declared=True, drawn=True)
    assert (caught.value.code, caught.value.subject) == (Fault.ROOM_MEAN_ZERO, "Z")


def test_room_of_equal_scores_moves_to_the_overall_mean():
    equal = [RoomScore("c1", "C", 9500), RoomScore("c2", "C", 9500)]
    outcome = standard_score([*TWO_ROOMS, *equal], declared=True, drawn=True)
    moved = {entry.adjusted for entry in outcome.entries if entry.room == "C"}
    assert moved == {Decimal("83.67")}
    assert outcome.overall_mean == Fraction(251, 3)


def test_one_room_is_left_as_it_is():
    for method in METHODS:
        outcome = method(TWO_ROOMS[:2], declared=True, drawn=True)
        assert [(e.raw, e.rank_change) for e in outcome.entries] == [(e.adjusted, 0) for e in outcome.entries]


rooms = st.lists(st.lists(st.integers(1, 10_000), min_size=2, max_size=6), min_size=1, max_size=4).map(
    lambda lists: [
        RoomScore(f"{room}-{place}", f"room{room}", total)
        for room, totals in enumerate(lists)
        for place, total in enumerate(totals)
    ]
)


@given(rooms, st.sampled_from(METHODS), st.randoms())
def test_order_of_input_never_matters(scores, method, random):
    shuffled = random.sample(scores, len(scores))
    assert method(shuffled, declared=True, drawn=True) == method(scores, declared=True, drawn=True)


@given(rooms, st.sampled_from(METHODS))
def test_order_within_a_room_survives(scores, method):
    entries = method(scores, declared=True, drawn=True).entries
    assert len(entries) == len(scores)
    for one in entries:
        for other in entries:
            if one.room == other.room and one.raw > other.raw:
                assert one.adjusted >= other.adjusted


@given(rooms)
def test_coefficient_gives_every_room_the_overall_mean(scores):
    outcome = room_coefficient(scores, declared=True, drawn=True)
    for room in outcome.rooms:
        raw = [Fraction(item.score, 100) for item in scores if item.room == room.room]
        assert mean(room.factor * score for score in raw) == outcome.overall_mean
