"""Places, the cut, ties, reserves and withdrawals: worked cases first, then properties over random contests."""

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.quotas import (
    WHY_LABELS,
    Candidate,
    Cap,
    Fixed,
    Merge,
    Percent,
    QuotaProblem,
    Rule,
    Share,
    Status,
    Why,
    advance,
    after_withdrawals,
    apportion,
    count_units,
    describe,
    lots_needed,
    merged_units,
    places,
    rule_from,
)


def field(spec: str, *, region="R1", track="T1", group="growth") -> list[Candidate]:
    """'a1 b2 c2' -> candidates a, b, c with those ranks in one unit."""
    return [Candidate(word[0], region, track, group, int(word[1:])) for word in spec.split()]


def pool(number: int, **settings) -> Rule:
    return Rule(by=(), places=Fixed(((((), number)),)), **settings)


# Places


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, {"a": 47, "b": 16, "c": 15, "d": 12, "e": 10}, {"a": 5, "b": 2, "c": 1, "d": 1, "e": 1}),
        (48, {"a": 300, "b": 200, "c": 100}, {"a": 24, "b": 16, "c": 8}),
        (1, {"a": 1, "b": 1}, {"a": 1, "b": 0}),
        (1, {"a": 1, "b": 3}, {"a": 0, "b": 1}),
        (3, {"a": 1, "b": 3}, {"a": 1, "b": 2}),
        (5, {"a": 0, "b": 0}, {"a": 0, "b": 0}),
        (0, {"a": 2, "b": 1}, {"a": 0, "b": 0}),
        (4, {}, {}),
    ],
)
def test_largest_remainder(total, weights, parts):
    assert apportion(total, weights) == parts


def test_apportion_within_limits():
    weights = {"a": 90, "b": 6, "c": 3, "d": 1}
    assert apportion(10, weights, at_least=dict.fromkeys(weights, 1)) == {"a": 7, "b": 1, "c": 1, "d": 1}
    assert apportion(10, weights, at_most={"a": 5}) == {"a": 5, "b": 3, "c": 2, "d": 0}
    assert apportion(10, weights, at_most=dict.fromkeys(weights, 2)) == dict.fromkeys(weights, 2)


def test_only_equal_weights_with_unequal_parts_need_lots():
    weights = {"a": 2, "b": 2, "c": 5}
    assert lots_needed(weights, {"a": 1, "b": 0, "c": 2}) == {"a", "b"}
    assert lots_needed(weights, {"a": 1, "b": 1, "c": 2}) == frozenset()


def test_share_of_registrations_gives_every_prefecture_one():
    rule = Rule(by=("region",), places=Share(total=48))
    counts = {
        ("Urumqi",): 260,
        ("Changji",): 120,
        ("Aksu",): 60,
        ("Altay",): 8,
        ("Hotan",): 2,
        ("Turpan",): 0,
    }
    assert places(rule, counts) == {
        ("Aksu",): 6,
        ("Altay",): 1,
        ("Changji",): 13,
        ("Hotan",): 1,
        ("Turpan",): 0,
        ("Urumqi",): 27,
    }


def test_share_with_fewer_places_than_units_is_refused():
    with pytest.raises(QuotaProblem) as caught:
        places(Rule(by=("region",), places=Share(total=1)), {("a",): 5, ("b",): 5})
    assert caught.value.sentence == "名额共 1 个，不足以使 2 个单元各得 1 个。"


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        (Percent(7000), {0: 0, 1: 0, 3: 2, 10: 7, 11: 7}),
        (Percent(7000, rounding="half_up"), {1: 1, 3: 2, 11: 8, 5: 4}),
        (Percent(7000, rounding="up"), {1: 1, 3: 3, 11: 8, 10: 7}),
        (Percent(3000, at_least=2, at_most=4), {0: 0, 1: 1, 3: 2, 10: 3, 20: 4}),
        (Percent(0), {10: 0}),
        (Percent(10_000), {10: 10}),
    ],
)
def test_percentage_of_registrations(quota, expected):
    rule = Rule(by=("group",), places=quota)
    assert {n: places(rule, {("growth",): n})[("growth",)] for n in expected} == expected


def test_fixed_places_for_combinations_of_region_track_and_group():
    table = ((("R1", "T1", "startup"), 2), (("R1", "T1", "growth"), 4))
    rule = Rule(by=("region", "track", "group"), places=Fixed(table, otherwise=1))
    assert places(rule, {("R1", "T1", "growth"): 9, ("R2", "T1", "growth"): 3}) == {
        ("R1", "T1", "growth"): 4,
        ("R1", "T1", "startup"): 2,
        ("R2", "T1", "growth"): 1,
    }


BY_TRACK_GROUP = ("track", "group")
COMBINE = Merge("group", ("startup", "growth"), into="combined", below=6)


def test_thin_groups_merge_only_in_the_track_where_one_is_thin():
    rule = Rule(by=BY_TRACK_GROUP, places=Fixed(otherwise=3), merges=(COMBINE,))
    counts = {("T1", "startup"): 5, ("T1", "growth"): 20, ("T2", "startup"): 6, ("T2", "growth"): 6}
    assert merged_units(rule, counts)[("T1", "startup")] == ("T1", "combined")
    assert places(rule, counts) == {("T1", "combined"): 6, ("T2", "growth"): 3, ("T2", "startup"): 3}


@pytest.mark.parametrize(
    "counts", [{"startup": 0, "growth": 20}, {"startup": 2}, {"startup": 6, "growth": 6}]
)
def test_nothing_merges_without_a_thin_group_and_another_to_join(counts):
    rule = Rule(by=("group",), places=Fixed(otherwise=3), merges=(COMBINE,))
    units = {(group,): number for group, number in counts.items()}
    assert merged_units(rule, units) == {unit: unit for unit in units}


def test_a_merged_unit_listed_by_its_new_name_takes_that_number():
    table = ((("startup",), 2), (("growth",), 4), (("combined",), 5))
    rule = Rule(by=("group",), places=Fixed(table), merges=(COMBINE,))
    assert places(rule, {("startup",): 3, ("growth",): 9}) == {("combined",): 5}
    assert places(rule, {("startup",): 8, ("growth",): 9}) == {("startup",): 2, ("growth",): 4}


def test_merging_into_an_existing_track_adds_its_places_and_counts():
    into = Merge("track", ("new-energy", "vehicles"), into="new-energy", below=8)
    rule = Rule(by=("track",), places=Share(total=10), merges=(into,))
    counts = {("new-energy",): 12, ("vehicles",): 3, ("bio",): 15}
    assert places(rule, counts) == {("bio",): 5, ("new-energy",): 5}


def test_merges_apply_in_their_order():
    tracks = Merge("track", ("A", "B"), into="AB", below=5)
    rule = Rule(by=BY_TRACK_GROUP, places=Fixed(otherwise=1), merges=(tracks, COMBINE))
    counts = {("A", "startup"): 2, ("B", "startup"): 3, ("A", "growth"): 9, ("B", "growth"): 9}
    assert places(rule, counts) == {("A", "growth"): 1, ("AB", "startup"): 2, ("B", "growth"): 1}
    assert set(merged_units(replace(rule, merges=(COMBINE, tracks)), counts).values()) == {
        ("A", "combined"),
        ("B", "combined"),
    }


# The cut


def test_the_best_advance_and_the_rest_stand_in_reserve_in_order():
    result = advance(field("d4 b2 c3 a1 e5"), pool(2, reserves=2))
    assert (result.advanced, result.reserves, result.out) == (("a", "b"), ("c", "d"), ("e",))
    assert [s.position for s in result.standings] == [None, None, 1, 2, None]


def test_strict_tie_at_the_cut_holds_its_places_open():
    result = advance(field("a1 b2 c2 d4"), pool(2))
    assert (result.advanced, result.held, result.reserves) == (("a",), ("b", "c"), ("d",))
    (tie,) = result.ties
    assert (tie.unit, tie.cap, tie.rank, tie.keys, tie.open_places) == ((), None, 2, ("b", "c"), 1)


def test_both_advance_goes_over_the_places_and_says_so():
    result = advance(field("a1 b2 c2 d4"), pool(2, tie="both_advance"))
    assert (result.advanced, result.held, result.reserves) == (("a", "b", "c"), (), ("d",))
    (unit,) = result.explanation
    assert (unit.places, unit.advanced, unit.over, unit.last_rank) == (2, 3, 1, 2)
    assert result.ties[0].keys == ("b", "c")


def test_a_tie_inside_the_places_is_no_tie():
    result = advance(field("a1 b1 c3"), pool(2))
    assert (result.advanced, result.ties) == (("a", "b"), ())


def test_ineligible_entries_count_as_registrations_but_never_advance():
    candidates = field("a1 b2 c3 d4")
    candidates[0] = replace(candidates[0], eligible=False)
    result = advance(candidates, Rule(by=(), places=Percent(5000)))
    assert (result.advanced, result.out) == (("b", "c"), ("a",))
    assert result.standings[0].why is Why.NOT_ELIGIBLE
    (unit,) = result.explanation
    assert (unit.count, unit.eligible, unit.places) == (4, 3, 2)


def test_counts_of_an_earlier_day_decide_the_places():
    rule = Rule(by=("group",), places=Percent(5000))
    result = advance(field("a1 b2 c3"), rule, counts={("growth",): 6, ("startup",): 4})
    assert result.advanced == ("a", "b", "c")
    assert [(u.unit, u.count, u.places, u.unfilled) for u in result.explanation] == [
        (("growth",), 6, 3, 0),
        (("startup",), 4, 2, 2),
    ]


def test_a_cap_across_units_blocks_and_leaves_the_place_to_the_next():
    tracks = field("a1 b2 c3", track="T1") + field("d4 e5", track="T2", region="R2") + field("f6", track="T2")
    rule = Rule(by=("track",), places=Fixed(otherwise=2), caps=(Cap(("region",), 2),))
    result = advance(tracks, rule)
    assert result.advanced == ("a", "b", "d", "e")
    assert {s.candidate.key: s.why for s in result.standings if s.status is Status.RESERVE} == {
        "c": Why.PLACES_FULL,
        "f": Why.PLACES_FULL,
    }
    capped = advance(tracks, replace(rule, caps=(Cap(("region",), 1),)))
    assert capped.advanced == ("a", "d")
    assert {s.candidate.key: s.why for s in capped.standings if s.status is Status.RESERVE} == {
        "b": Why.CAP_FULL,
        "c": Why.CAP_FULL,
        "e": Why.CAP_FULL,
        "f": Why.CAP_FULL,
    }


def test_equal_ranks_of_different_units_contending_for_a_cap_are_a_tie():
    candidates = field("a1", track="T1") + field("b1", track="T2") + field("c2", track="T2", region="R2")
    cap = Cap(("region",), 1)
    result = advance(candidates, Rule(by=("track",), places=Fixed(otherwise=1), caps=(cap,)))
    assert (result.held, result.advanced, result.reserves) == (("a", "b"), (), ("c",))
    assert [(t.cap, t.unit, t.open_places) for t in result.ties] == [(cap, ("R1",), 1)]


def test_merged_groups_compete_in_one_unit_and_the_explanation_names_them():
    candidates = field("a1 b3", group="startup") + field("c2 d4 e5 f6 g7 h8")
    rule = Rule(by=("group",), places=Fixed(otherwise=2), merges=(COMBINE,), reserves=0)
    result = advance(candidates, rule)
    assert result.advanced == ("a", "c", "b", "d")
    (unit,) = result.explanation
    assert (unit.unit, unit.merged_from, unit.count, unit.places) == (
        ("combined",),
        (("growth",), ("startup",)),
        8,
        4,
    )


def test_equal_counts_with_unequal_places_are_marked_for_lots():
    rule = Rule(by=("region",), places=Share(total=3))
    result = advance(field("a1 b2", region="R1") + field("c3 d4", region="R2"), rule)
    assert [(u.places, u.by_lot) for u in result.explanation] == [(2, True), (1, True)]


# Withdrawals


def test_a_withdrawal_calls_the_next_reserve_where_backfill_is_on():
    result = advance(field("a1 b2 c3 d4 e5"), pool(2, reserves=2))
    later = after_withdrawals(result, ["b"])
    assert (later.advanced, later.reserves, later.out) == (("a", "c"), ("d",), ("e",))
    assert later.standings[2].why is Why.BACKFILLED
    assert later.keys(Status.WITHDRAWN) == ("b",)
    assert after_withdrawals(later, ["a", "d"]).advanced == ("c",)


def test_a_withdrawal_leaves_the_place_vacant_where_backfill_is_off():
    result = advance(field("a1 b2 c3"), pool(2, backfill=False))
    later = after_withdrawals(result, ["a"])
    assert (later.advanced, later.reserves, later.keys(Status.VACANT)) == (("b",), ("c",), ("a",))
    assert after_withdrawals(later, ["b"], backfill=True).advanced == ("c",)
    (unit,) = later.explanation
    assert (unit.vacant, unit.unfilled) == (1, 0)


def test_one_of_three_who_advanced_by_a_tie_may_leave_without_a_call():
    result = advance(field("a1 b2 c2 d4"), pool(2, tie="both_advance"))
    later = after_withdrawals(result, ["b"])
    assert (later.advanced, later.reserves) == (("a", "c"), ("d",))
    assert after_withdrawals(later, ["a"]).advanced == ("c", "d")


@pytest.mark.parametrize("backfill", [True, False])
def test_an_undecided_tie_resolves_when_a_member_leaves(backfill):
    result = advance(field("a1 b2 c2 d4"), pool(2, backfill=backfill))
    later = after_withdrawals(result, ["c"])
    assert (later.advanced, later.held, later.reserves, later.ties) == (("a", "b"), (), ("d",), ())


def test_a_tie_among_reserves_is_held_when_called():
    result = advance(field("a1 b2 c2"), pool(1))
    later = after_withdrawals(result, ["a"])
    assert (later.advanced, later.held) == ((), ("b", "c"))


def test_a_reserve_blocked_by_a_cap_is_called_once_the_cap_is_free():
    candidates = field("a1 b2") + field("c3", region="R2")
    rule = Rule(by=(), places=Fixed(otherwise=2), caps=(Cap(("region",), 1),))
    result = advance(candidates, rule)
    assert (result.advanced, result.reserves) == (("a", "c"), ("b",))
    assert after_withdrawals(result, ["a"]).advanced == ("b", "c")
    assert after_withdrawals(result, ["c"]).advanced == ("a",)


def test_an_unknown_name_cannot_withdraw():
    with pytest.raises(QuotaProblem) as caught:
        after_withdrawals(advance(field("a1"), pool(1)), ["z"])
    assert caught.value.code == "unknown"


# Rules as data


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda: Rule(by=("county",), places=Fixed()), "dimensions"),
        (lambda: Rule(by=("track", "track"), places=Fixed()), "dimensions"),
        (lambda: Fixed(otherwise=-1), "negative"),
        (lambda: Fixed(((("a",), 1), (("a",), 2))), "duplicate"),
        (lambda: Rule(by=("track",), places=Fixed(((("a", "b"), 1),))), "unit_shape"),
        (lambda: Share(total=5, at_least=3, at_most=2), "limits"),
        (lambda: Percent(10_001), "basis_points"),
        (lambda: Percent(5000, rounding="random"), "choice"),
        (lambda: Merge("group", ("startup",), "x", 3), "merge"),
        (lambda: Rule(by=("track",), places=Fixed(), merges=(COMBINE,)), "merge"),
        (lambda: Cap((), 3), "cap"),
        (lambda: pool(1, tie="coin"), "choice"),
        (lambda: pool(1, reserves=-1), "negative"),
        (lambda: advance(field("a1 a2"), pool(1)), "duplicate"),
        (lambda: advance(field("a0"), pool(1)), "rank"),
        (lambda: places(Rule(by=("track",), places=Fixed()), {("a",): -1}), "negative"),
        (lambda: rule_from({"by": [], "places": {"kind": "dice"}}), "choice"),
    ],
)
def test_impossible_rules_are_refused_with_a_sentence(build, code):
    with pytest.raises(QuotaProblem) as caught:
        build()
    assert caught.value.code == code
    assert caught.value.sentence.endswith("。")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"by": ["group"]},
        {"by": None, "places": {"kind": "fixed"}},
        {"by": [], "places": {"kind": "fixed", "table": [[[], "3"]]}},
        {"by": [], "places": {"kind": "fixed", "otherwise": 2.5}},
        {"by": [], "places": {"kind": "share"}},
        {"by": [], "places": {"kind": "share", "total": 5, "colour": "red"}},
        {"by": ["group"], "places": {"kind": "share", "total": 5}, "merges": [{"dimension": "group"}]},
        {"by": [], "places": {"kind": "share", "total": 5}, "caps": [3]},
        {"by": [], "places": {"kind": "share", "total": 5}, "reserves": "many"},
    ],
)
def test_unreadable_rules_are_refused_with_a_sentence(data):
    with pytest.raises(QuotaProblem) as caught:
        rule_from(data)
    assert caught.value.code == "shape"


def test_every_reason_has_a_label():
    assert set(WHY_LABELS) == set(Why)


# Properties

REGIONS, TRACKS, GROUPS = ("R1", "R2", "R3"), ("T1", "T2"), ("growth", "startup")

quotas = st.one_of(
    st.builds(Fixed, otherwise=st.integers(0, 4)),
    st.builds(Percent, st.integers(0, 10_000), rounding=st.sampled_from(["down", "half_up", "up"])),
    st.builds(Share, total=st.integers(12, 20)),
)
dimension_sets = st.sampled_from([(), ("region",), ("track", "group"), ("region", "track", "group")])


@st.composite
def rules(draw, ties=("strict", "both_advance"), caps=True, kinds=quotas):
    by = draw(dimension_sets)
    merges = (
        (replace(COMBINE, below=draw(st.integers(0, 4))),) if "group" in by and draw(st.booleans()) else ()
    )
    most = draw(st.integers(0, 5)) if caps else 0
    return Rule(
        by=by,
        places=draw(kinds),
        merges=merges,
        caps=(Cap(("region",), most),) if caps and draw(st.booleans()) else (),
        tie=draw(st.sampled_from(ties)),
        reserves=draw(st.none() | st.integers(0, 3)),
        backfill=draw(st.booleans()),
    )


@st.composite
def contests(draw, distinct=False):
    number = draw(st.integers(0, 14))
    ranks = draw(st.permutations(range(1, number + 1))) if distinct else None
    return [
        Candidate(
            f"e{index:02d}",
            draw(st.sampled_from(REGIONS)),
            draw(st.sampled_from(TRACKS)),
            draw(st.sampled_from(GROUPS)),
            ranks[index] if ranks else draw(st.integers(1, 6)),
            draw(st.sampled_from([True, True, True, False])),
        )
        for index in range(number)
    ]


weights = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 60), min_size=1)


@given(st.integers(0, 200), weights, st.randoms(use_true_random=False))
def test_apportion_sums_keeps_to_the_quota_and_ignores_order(total, weights, rng):
    parts = apportion(total, weights)
    whole = sum(weights.values())
    assert sum(parts.values()) == (total if whole else 0)
    for key, weight in weights.items():
        assert not whole or abs(parts[key] * whole - total * weight) < whole
    items = list(weights.items())
    rng.shuffle(items)
    assert apportion(total, dict(items)) == parts


@given(st.integers(0, 60), weights, st.data())
def test_more_registrations_never_cost_a_unit_its_places(total, weights, data):
    key = data.draw(st.sampled_from(sorted(weights)))
    more = weights | {key: weights[key] + data.draw(st.integers(1, 30))}
    assert apportion(total, more)[key] >= apportion(total, weights)[key]
    if total >= len(weights):
        rule = Rule(by=("region",), places=Share(total))
        assert (
            places(rule, {(k,): n for k, n in more.items()})[(key,)]
            >= places(rule, {(k,): n for k, n in weights.items()})[(key,)]
        )


@given(st.integers(0, 100), weights, st.integers(0, 4), st.integers(4, 30))
def test_apportion_keeps_its_limits_and_gives_out_what_it_can(total, weights, least, most):
    filled = {key: weight for key, weight in weights.items() if weight}
    total = max(total, least * len(filled))
    parts = apportion(
        total, filled, at_least=dict.fromkeys(filled, least), at_most=dict.fromkeys(filled, most)
    )
    assert all(least <= part <= most for part in parts.values())
    assert sum(parts.values()) == min(total, most * len(filled))
    ordered = sorted(filled, key=lambda key: filled[key])
    assert all(parts[a] <= parts[b] for a, b in pairwise(ordered) if filled[a] < filled[b])


@given(contests(), rules(ties=("strict",)))
def test_never_more_than_the_places(candidates, rule):
    result = advance(candidates, rule)
    for unit in result.explanation:
        assert unit.advanced <= unit.places
    regions = {c.key: c.region for c in candidates}
    for cap in rule.caps:
        assert all(n <= cap.most for n in Counter(regions[key] for key in result.advanced).values())


@given(contests(), rules(ties=("both_advance",), caps=False))
def test_over_the_places_only_by_the_tie_at_the_cut(candidates, rule):
    result = advance(candidates, rule)
    for unit in result.explanation:
        last = [
            s
            for s in result.standings
            if s.unit == unit.unit and s.status is Status.ADVANCED and s.candidate.rank == unit.last_rank
        ]
        assert unit.over == 0 or unit.advanced - len(last) < unit.places


@given(contests(distinct=True), rules(caps=False))
def test_never_fewer_than_the_places_when_enough_are_eligible(candidates, rule):
    result = advance(candidates, rule)
    assert result.ties == ()
    for unit in result.explanation:
        assert unit.advanced == min(unit.places, unit.eligible)
        assert unit.unfilled == unit.places - unit.advanced


@given(contests(distinct=True), rules())
def test_whoever_stays_behind_met_a_limit_filled_by_better_ones(candidates, rule):
    result = advance(candidates, rule)
    numbers = dict(result.places)
    up = [s for s in result.standings if s.status is Status.ADVANCED]
    for left in result.standings:
        if left.status is Status.ADVANCED or not left.candidate.eligible:
            continue
        better = [s for s in up if s.candidate.rank < left.candidate.rank]
        unit_full = sum(s.unit == left.unit for s in better) >= numbers[left.unit]
        region = sum(s.candidate.region == left.candidate.region for s in better)
        assert unit_full or any(region >= cap.most for cap in rule.caps)


@given(contests(distinct=True), rules(kinds=st.builds(Fixed, otherwise=st.integers(0, 4))), st.data())
def test_adding_an_entry_never_hurts_a_better_one(candidates, rule, data):
    rule = replace(rule, merges=())
    doubled = [replace(c, rank=c.rank * 2) for c in candidates]
    new = Candidate(
        "new",
        data.draw(st.sampled_from(REGIONS)),
        data.draw(st.sampled_from(TRACKS)),
        data.draw(st.sampled_from(GROUPS)),
        data.draw(st.integers(0, len(candidates))) * 2 + 1,
    )
    before, after = advance(doubled, rule), advance([*doubled, new], rule)
    ranks = {c.key: c.rank for c in doubled}
    assert {k for k in before.advanced if ranks[k] < new.rank} == {
        k for k in after.advanced if k != "new" and ranks[k] < new.rank
    }


@given(contests(distinct=True), st.integers(0, 10_000), st.integers(12, 20), st.booleans(), st.data())
def test_adding_an_entry_to_a_unit_never_hurts_a_better_one_of_it(candidates, part, total, share, data):
    rule = Rule(by=("region",), places=Share(total) if share else Percent(part))
    doubled = [replace(c, rank=c.rank * 2) for c in candidates]
    rank = data.draw(st.integers(0, len(candidates))) * 2 + 1
    new = Candidate("new", data.draw(st.sampled_from(REGIONS)), "T1", "growth", rank)
    before, after = advance(doubled, rule), advance([*doubled, new], rule)
    better = {c.key for c in doubled if c.rank < rank and c.region == new.region}
    assert better.intersection(before.advanced) <= set(after.advanced)


@given(contests(), rules(), st.randoms(use_true_random=False))
def test_order_of_input_never_matters(candidates, rule, rng):
    mixed = list(candidates)
    rng.shuffle(mixed)
    counts = list(count_units(candidates, rule.by).items())
    rng.shuffle(counts)
    assert advance(mixed, rule, counts=dict(counts)) == advance(candidates, rule)


@given(contests(), rules())
def test_every_candidate_stands_exactly_once(candidates, rule):
    result = advance(candidates, rule)
    assert sorted(s.candidate.key for s in result.standings) == sorted(c.key for c in candidates)
    assert len(result.advanced + result.held + result.reserves + result.out) == len(candidates)


@given(contests(), rules(), st.data())
def test_withdrawals_take_no_place_from_those_who_stay(candidates, rule, data):
    result = advance(candidates, rule)
    keys = sorted(c.key for c in candidates)
    gone = set(data.draw(st.lists(st.sampled_from(keys), unique=True))) if keys else set()
    later = after_withdrawals(result, gone)
    assert set(result.advanced) - gone <= set(later.advanced)
    assert not gone & (set(later.advanced) | set(later.held) | set(later.reserves))
    assert set(later.advanced) <= set(result.advanced) | set(result.held) | set(result.reserves)
    if not rule.backfill:
        assert set(later.advanced) <= set(result.advanced) | set(result.held)


@given(contests(distinct=True), rules(caps=False), st.data())
def test_backfill_calls_exactly_as_many_as_left_in_order(candidates, rule, data):
    rule = replace(rule, reserves=None, backfill=True)
    result = advance(candidates, rule)
    gone = set(
        data.draw(st.lists(st.sampled_from([c.key for c in candidates]), unique=True)) if candidates else []
    )
    later = after_withdrawals(result, gone)
    staying = [replace(c, eligible=c.eligible and c.key not in gone) for c in candidates]
    again = advance(staying, rule)
    assert (later.advanced, later.reserves) == (again.advanced, again.reserves)
    one_by_one = result
    for key in sorted(gone):
        one_by_one = after_withdrawals(one_by_one, [key])
    assert one_by_one == later


@given(rules())
def test_rules_survive_plain_data(rule):
    assert rule_from(json.loads(json.dumps(describe(rule)))) == rule
