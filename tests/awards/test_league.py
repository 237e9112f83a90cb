"""League table of organising units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awards.allocation import AllocationError, Fault, LeagueItem, league

POINTS = {"entries": 1, "winners": 10, "late_reports": -5}


def standing(rows):
    return [(row.unit, row.rank, row.points) for row in rows]


def test_units_by_points_with_shared_ranks():
    counts = {
        "u1": {"entries": 20, "winners": 1},
        "u2": {"entries": 50, "winners": 2},
        "u3": {"entries": 35, "late_reports": 1},
        "u4": {},
    }
    rows = league(POINTS, counts)
    assert standing(rows) == [("u2", 1, 70), ("u1", 2, 30), ("u3", 2, 30), ("u4", 4, 0)]
    assert rows[2].items == (
        LeagueItem("entries", 35, 35),
        LeagueItem("winners", 0, 0),
        LeagueItem("late_reports", 1, -5),
    )


def test_declared_indicators_decide_equal_points():
    counts = {"u1": {"entries": 20}, "u2": {"entries": 10, "winners": 1}, "u3": {"entries": 20}}
    assert standing(league(POINTS, counts, ("winners",))) == [("u2", 1, 20), ("u1", 2, 20), ("u3", 2, 20)]


@pytest.mark.parametrize(
    ("counts", "tie_order", "code"),
    [
        ({"u1": {"visits": 1}}, (), Fault.UNKNOWN_INDICATOR),
        ({"u1": {"entries": 1}}, ("visits",), Fault.UNKNOWN_INDICATOR),
        ({"u1": {"entries": -1}}, (), Fault.BAD_COUNT),
    ],
)
def test_unusable_counts_are_refused(counts, tie_order, code):
    with pytest.raises(AllocationError) as caught:
        league(POINTS, counts, tie_order)
    assert caught.value.code is code


def test_no_units():
    assert league(POINTS, {}) == []


counts = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.dictionaries(st.sampled_from(tuple(POINTS)), st.integers(0, 3)),
    max_size=8,
)


@given(counts, st.randoms())
def test_order_of_units_never_matters_and_rank_counts_those_ahead(found, random):
    shuffled = dict(random.sample(list(found.items()), len(found)))
    rows = league(POINTS, found)
    assert league(POINTS, shuffled) == rows
    for row in rows:
        assert row.rank == 1 + sum(other.points > row.points for other in rows)
