"""Who receives which award, and for how much."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awards.allocation import (
    AllocationError,
    EdgeTies,
    Fault,
    Options,
    RankedEntry,
    Reason,
    Tier,
    TierPlaces,
    UndecidedTie,
    allocate,
    plan_balance,
    plan_places,
    plan_total,
    split_instalments,
)
from judging.scoring import PanelDecision, ScoringError

WAN = 1_000_000
# 演示数据: the invented tier table that adds up to the 55 firms and 1,290 万元 of the 2018 form.
DEMO_PLAN = {
    "growth": [Tier("first", 1, 80 * WAN), Tier("second", 2, 50 * WAN), Tier("third", 3, 40 * WAN)],
    "startup": [Tier("first", 1, 60 * WAN), Tier("second", 2, 40 * WAN), Tier("third", 3, 30 * WAN)],
    "all": [Tier("merit", 23, 20 * WAN), Tier("encouragement", 20, 15 * WAN)],
}
PLAN = {"g": [Tier("first", 1, 30), Tier("second", 2, 20), Tier("third", 3, 10)]}
BOTH = Options(edge_ties=EdgeTies.BOTH_HIGHER)


def entries(*ranks, group="g", **more):
    """Entries 1, 2, ... of a group with these ranks."""
    return [RankedEntry(key, rank, group, **more) for key, rank in enumerate(ranks, start=1)]


def given_tiers(allocation):
    return {award.key: award.tier for award in allocation.awards}


def reasons(allocation):
    return {item.key: item.reason for item in allocation.skipped}


def refusal(error, call, *args, **kwargs):
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    return caught.value.code


# Plan


def test_demo_plan_adds_up_to_the_published_totals():
    assert (plan_places(DEMO_PLAN), plan_total(DEMO_PLAN)) == (55, 1290 * WAN)
    assert plan_balance(DEMO_PLAN, 1290 * WAN) == 0
    assert plan_balance(DEMO_PLAN, 1289 * WAN) == -WAN


def test_filled_demo_plan_costs_the_plan():
    field = [
        RankedEntry(f"{group}{rank}", rank, group)
        for group, count in (("growth", 9), ("startup", 9), ("all", 50))
        for rank in range(1, count + 1)
    ]
    allocation = allocate(field, DEMO_PLAN)
    assert (len(allocation.awards), allocation.total_fen) == (55, 1290 * WAN)
    assert allocation.total_by_group() == {"growth": 300 * WAN, "startup": 230 * WAN, "all": 760 * WAN}
    assert allocation.total_by_tier()["growth", "second"] == 100 * WAN


# Order and places


def test_one_two_three():
    allocation = allocate(entries(1, 2, 3, 4, 5, 6, 7), PLAN)
    assert [(a.key, a.tier, a.position, a.amount_fen) for a in allocation.awards] == [
        (1, "first", 1, 30),
        (2, "second", 1, 20),
        (3, "second", 2, 20),
        (4, "third", 1, 10),
        (5, "third", 2, 10),
        (6, "third", 3, 10),
    ]
    assert reasons(allocation) == {7: Reason.NO_PLACE_LEFT}
    assert (allocation.is_final, allocation.unfilled, allocation.shrunk) == (True, (), ())


def test_too_few_entries_leave_places_unfilled():
    allocation = allocate(entries(1, 2), PLAN)
    assert allocation.unfilled == (TierPlaces("g", "second", 1), TierPlaces("g", "third", 3))


def test_group_without_entries_is_unfilled():
    assert allocate([], {"g": [Tier("first", 2, 5)]}).unfilled == (TierPlaces("g", "first", 2),)


def test_ineligible_and_excluded_do_not_use_a_place():
    field = [
        RankedEntry(1, 1, "g", eligible=False, ineligible_reason="listed"),
        RankedEntry(2, 2, "g", excluded=True, exclusion_reason="dishonest_debtor"),
        RankedEntry(3, 3, "g"),
    ]
    allocation = allocate(field, PLAN)
    assert [(a.key, a.tier, a.position) for a in allocation.awards] == [(3, "first", 1)]
    assert [(s.key, s.reason, s.detail) for s in allocation.skipped] == [
        (1, Reason.INELIGIBLE, "listed"),
        (2, Reason.EXCLUDED, "dishonest_debtor"),
    ]


# Ties


def test_tie_inside_a_tier_shares_its_position():
    allocation = allocate(entries(1, 2, 2, 4), PLAN)
    assert [(a.key, a.position) for a in allocation.awards if a.tier == "second"] == [(2, 1), (3, 1)]
    assert allocation.is_final


def test_strict_tie_at_the_edge_stops_the_group_and_asks():
    allocation = allocate(entries(1, 2, 3, 3, 5), PLAN)
    assert given_tiers(allocation) == {1: "first", 2: "second"}
    assert allocation.undecided == (UndecidedTie("g", "second", (3, 4), 1),)
    assert reasons(allocation) == {5: Reason.WAITS_FOR_DECISION}
    assert (allocation.is_final, allocation.unfilled) == (False, ())


def test_undecided_tie_leaves_other_groups_alone():
    plan = {**PLAN, "h": [Tier("first", 1, 30)]}
    allocation = allocate([*entries(1, 1), RankedEntry("x", 1, "h")], plan)
    assert given_tiers(allocation) == {"x": "first"}
    assert [tie.group for tie in allocation.undecided] == ["g"]


def test_both_higher_shrinks_the_next_tier():
    allocation = allocate(entries(1, 1, 3, 4, 5, 6, 7), PLAN, BOTH)
    assert given_tiers(allocation) == {
        1: "first",
        2: "first",
        3: "second",
        4: "third",
        5: "third",
        6: "third",
    }
    assert [a.position for a in allocation.awards][:2] == [1, 1]
    assert allocation.shrunk == (TierPlaces("g", "second", 1),)
    assert allocation.total_fen - plan_total(PLAN) == 30 - 20


def test_both_higher_may_use_up_a_tier_and_shrink_the_one_below():
    allocation = allocate(entries(1, 1, 1, 1, 5, 6, 7), PLAN, BOTH)
    assert Counter(given_tiers(allocation).values()) == {"first": 4, "third": 2}
    assert allocation.shrunk == (TierPlaces("g", "second", 2), TierPlaces("g", "third", 1))


def test_both_higher_at_the_last_edge_adds_no_place():
    allocation = allocate(entries(1, 2, 3, 4, 5, 6, 6), PLAN, BOTH)
    assert allocation.undecided == (UndecidedTie("g", "third", (6, 7), 1),)
    assert len(allocation.awards) == 5


def test_decided_order_places_the_tie_with_its_minutes():
    options = Options(decisions=(PanelDecision((4, 3), "minutes 7"),))
    allocation = allocate(entries(1, 2, 3, 3, 5), PLAN, options)
    assert given_tiers(allocation) == {1: "first", 2: "second", 4: "second", 3: "third", 5: "third"}
    assert {a.key: a.minutes for a in allocation.awards} == {
        1: None,
        2: None,
        3: None,
        4: "minutes 7",
        5: None,
    }


def test_decision_not_naming_every_tied_entry_does_not_apply():
    options = Options(decisions=(PanelDecision((1, 2), "minutes 7"),))
    assert allocate(entries(1, 1, 1), PLAN, options).undecided == (UndecidedTie("g", "first", (1, 2, 3), 1),)


def test_excluded_entry_leaves_no_tie_behind():
    field = [RankedEntry(1, 1, "g"), RankedEntry(2, 1, "g", excluded=True)]
    assert allocate(field, PLAN).is_final


# One award per holder


def test_holder_keeps_the_highest_of_two_entries_and_frees_the_place():
    plan = {"growth": [Tier("first", 1, 80)], "track": [Tier("first", 1, 100), Tier("second", 1, 50)]}
    field = [
        RankedEntry("a", 1, "growth", "C1"),
        RankedEntry("b", 2, "growth", "C2"),
        RankedEntry("c", 1, "track", "C1"),
    ]
    both = allocate(field, plan)
    assert given_tiers(both) == {"a": "first", "c": "first"}
    one = allocate(field, plan, Options(highest_prize_only=True))
    assert given_tiers(one) == {"b": "first", "c": "first"}
    assert reasons(one) == {"a": Reason.KEEPS_HIGHER_AWARD}


def test_freed_place_can_lift_another_holder_out_of_a_lower_award():
    plan = {"x": [Tier("first", 1, 100)], "y": [Tier("first", 1, 80)], "z": [Tier("first", 1, 50)]}
    field = [
        RankedEntry("x1", 1, "x", "C1"),
        RankedEntry("y1", 1, "y", "C1"),
        RankedEntry("y2", 2, "y", "C2"),
        RankedEntry("z2", 1, "z", "C2"),
        RankedEntry("z3", 2, "z", "C3"),
    ]
    allocation = allocate(field, plan, Options(highest_prize_only=True))
    assert given_tiers(allocation) == {"x1": "first", "y2": "first", "z3": "first"}


def test_award_held_from_elsewhere_counts():
    field = [RankedEntry("a", 1, "g", "C1"), RankedEntry("b", 2, "g", "C2"), RankedEntry("c", 3, "g", "C3")]
    options = Options(highest_prize_only=True, held={"C1": 25, "C2": 20})
    allocation = allocate(field, PLAN, options)
    # C1 holds 25 and gives it up for 30; C2 holds 20, which a second prize of 20 does not beat.
    assert [(a.key, a.tier, a.replaces_fen) for a in allocation.awards] == [
        ("a", "first", 25),
        ("c", "second", 0),
    ]
    assert reasons(allocation) == {"b": Reason.KEEPS_HIGHER_AWARD}


def test_two_tied_entries_of_one_holder_take_one_place():
    field = [RankedEntry("a", 1, "g", "C1"), RankedEntry("b", 1, "g", "C1"), RankedEntry("c", 3, "g", "C3")]
    allocation = allocate(field, PLAN, Options(highest_prize_only=True))
    assert given_tiers(allocation) == {"a": "first", "c": "second"}


def test_second_entry_of_an_undecided_holder_waits_with_it():
    field = [RankedEntry("a", 1, "g", "C1"), RankedEntry("b", 1, "g", "C1"), RankedEntry("c", 1, "g", "C3")]
    allocation = allocate(field, PLAN, Options(highest_prize_only=True))
    assert allocation.undecided == (UndecidedTie("g", "first", ("a", "c"), 1),)
    assert reasons(allocation) == {"b": Reason.WAITS_FOR_DECISION}


def test_teams_without_credit_code_are_different_holders():
    allocation = allocate(entries(1, 2, 3), PLAN, Options(highest_prize_only=True))
    assert given_tiers(allocation) == {1: "first", 2: "second", 3: "second"}


# Repeat winners


def test_repeat_winner_receives_only_the_named_tier():
    field = [RankedEntry(1, 1, "g", repeat_winner=True), *[RankedEntry(key, key, "g") for key in range(2, 9)]]
    allocation = allocate(field, PLAN, Options(repeat_winners_only="third"))
    assert given_tiers(allocation) == {
        2: "first",
        3: "second",
        4: "second",
        1: "third",
        5: "third",
        6: "third",
    }
    assert allocate(field, PLAN).awards[0].key == 1


def test_repeat_winner_in_a_group_without_that_tier_is_passed_over():
    plan = {**PLAN, "h": [Tier("encouragement", 1, 5)]}
    field = [RankedEntry(1, 1, "g", repeat_winner=True), RankedEntry(2, 2, "g")]
    allocation = allocate(field, plan, Options(repeat_winners_only="encouragement"))
    assert given_tiers(allocation) == {2: "first"}
    assert reasons(allocation) == {1: Reason.REPEAT_WINNER}


# Refused


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"g": [Tier("first", 1, 10), Tier("second", 1, 20)]}, Fault.TIERS_NOT_DESCENDING),
        ({"g": [Tier("first", 1, 10), Tier("first", 1, 10)]}, Fault.BAD_TIER),
        ({"g": [Tier("first", -1, 10)]}, Fault.BAD_TIER),
        ({"g": [Tier("first", 1, -10)]}, Fault.BAD_TIER),
    ],
)
def test_bad_plans_are_refused_everywhere(plan, code):
    assert refusal(AllocationError, allocate, [], plan) is code
    assert refusal(AllocationError, plan_total, plan) is code
    assert refusal(AllocationError, plan_places, plan) is code


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ([RankedEntry(1, 1, "g"), RankedEntry(1, 2, "g")], Fault.DUPLICATE_ENTRY),
        ([RankedEntry(1, 0, "g")], Fault.ENTRY_WITHOUT_RANK),
        ([RankedEntry(1, None, "g")], Fault.ENTRY_WITHOUT_RANK),
        ([RankedEntry(1, 1, "h")], Fault.GROUP_WITHOUT_PLAN),
    ],
)
def test_bad_entries_are_refused(field, code):
    assert refusal(AllocationError, allocate, field, PLAN) is code


def test_bad_options_are_refused():
    unknown, negative = Options(repeat_winners_only="nil"), Options(held={"C1": -1})
    assert refusal(AllocationError, allocate, [], PLAN, unknown) is Fault.UNKNOWN_TIER
    assert refusal(AllocationError, allocate, [], PLAN, negative) is Fault.BAD_AMOUNT
    nameless = Options(decisions=(PanelDecision((1, 2), ""),))
    assert refusal(ScoringError, allocate, [], PLAN, nameless) == "decision_without_minutes"


# Instalments


@pytest.mark.parametrize(
    ("amount", "shares", "parts"),
    [
        (30 * WAN, (7000, 3000), [21 * WAN, 9 * WAN]),
        (101, (5000, 5000), [51, 50]),
        (100, (3333, 3333, 3334), [33, 33, 34]),
        (1, (1, 9999), [0, 1]),
        (5, (10_000,), [5]),
        (5, (10_000, 0), [5, 0]),
    ],
)
def test_instalments(amount, shares, parts):
    assert split_instalments(amount, shares) == parts


@pytest.mark.parametrize("shares", [(), (6000, 3000), (11_000, -1000)])
def test_shares_that_do_not_make_a_whole_are_refused(shares):
    assert refusal(AllocationError, split_instalments, 100, shares) is Fault.BAD_SHARES


def test_negative_amount_is_refused():
    assert refusal(AllocationError, split_instalments, -1, (10_000,)) is Fault.BAD_AMOUNT


@given(st.integers(0, 10**13), st.lists(st.integers(0, 10_000), max_size=5))
def test_instalments_sum_exactly_and_stay_near_their_share(amount, cuts):
    edges = [0, *sorted(cuts), 10_000]
    shares = [high - low for low, high in zip(edges, edges[1:], strict=False)]
    parts = split_instalments(amount, shares)
    assert sum(parts) == amount
    assert all(
        abs(part * 10_000 - amount * share) < 10_000 for part, share in zip(parts, shares, strict=True)
    )


# Properties

GROUPS = ("g", "h")
tiers = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), min_size=1, max_size=4).map(
    lambda rows: [
        Tier(f"t{index}", places, amount)
        for index, (places, amount) in enumerate(sorted(rows, key=lambda row: -row[1]))
    ]
)
plans = st.fixed_dictionaries({group: tiers for group in GROUPS})
rows = st.tuples(
    st.integers(1, 6),
    st.sampled_from(GROUPS),
    st.sampled_from((None, "C1", "C2", "C3", "C4")),
    st.sampled_from((True, True, True, False)),
    st.sampled_from((False, False, False, True)),
    st.booleans(),
)
fields = st.lists(rows, max_size=14).map(
    lambda found: [
        RankedEntry(key, rank, group, code, eligible=ok, excluded=out, repeat_winner=repeat)
        for key, (rank, group, code, ok, out, repeat) in enumerate(found)
    ]
)
options = st.builds(
    Options,
    edge_ties=st.sampled_from(EdgeTies),
    decisions=st.permutations(range(14)).map(lambda order: (PanelDecision(tuple(order), "m"),)) | st.just(()),
    highest_prize_only=st.booleans(),
    held=st.dictionaries(st.sampled_from(("C1", "C2")), st.integers(0, 6)),
    repeat_winners_only=st.sampled_from((None, "t0")),
)


@given(fields, plans, options)
def test_never_more_awards_than_places(field, plan, chosen):
    allocation = allocate(field, plan, chosen)
    lost = Counter({(item.group, item.tier): item.places for item in allocation.shrunk})
    open_ = Counter({(item.group, item.tier): item.places for item in allocation.unfilled})
    used = Counter((award.group, award.tier) for award in allocation.awards)
    stopped = {tie.group for tie in allocation.undecided}
    for group, found in plan.items():
        places = sum(tier.places for tier in found)
        taken = sum(used[group, tier.code] for tier in found)
        assert taken <= places
        if group not in stopped:
            assert taken + sum(open_[group, tier.code] for tier in found) == places
        for tier in found:
            extra = max(0, used[group, tier.code] + lost[group, tier.code] - tier.places)
            assert extra == 0 or chosen.edge_ties is EdgeTies.BOTH_HIGHER
    for tie in allocation.undecided:
        assert len(tie.keys) > tie.places > 0


@given(fields, plans, options, st.randoms())
def test_order_of_input_never_matters(field, plan, chosen, random):
    shuffled = random.sample(field, len(field))
    turned = dict(reversed(plan.items()))
    expected = allocate(field, plan, chosen)
    outcome = allocate(shuffled, turned, chosen)
    assert outcome == expected


@given(fields, plans, options)
def test_ineligible_and_excluded_never_change_the_awards_of_others(field, plan, chosen):
    clean = [entry for entry in field if entry.eligible and not entry.excluded]
    with_all, without = allocate(field, plan, chosen), allocate(clean, plan, chosen)
    assert with_all.awards == without.awards
    assert with_all.unfilled == without.unfilled
    assert with_all.undecided == without.undecided


@given(fields, plans, options)
def test_every_entry_comes_out_exactly_once(field, plan, chosen):
    allocation = allocate(field, plan, chosen)
    out = [award.key for award in allocation.awards] + [item.key for item in allocation.skipped]
    out += [key for tie in allocation.undecided for key in tie.keys]
    assert sorted(out) == [entry.key for entry in field]


@given(fields, plans, options)
def test_highest_prize_only_gives_each_holder_one_award_above_what_it_held(field, plan, chosen):
    allocation = allocate(field, plan, chosen)
    code = {entry.key: entry.credit_code for entry in field}
    if chosen.highest_prize_only:
        holders = Counter(code[award.key] for award in allocation.awards if code[award.key])
        assert set(holders.values()) <= {1}
        assert all(award.amount_fen > chosen.held.get(code[award.key], -1) for award in allocation.awards)


@given(fields, plans, options)
def test_better_rank_never_receives_less_unless_a_rule_bars_it(field, plan, chosen):
    allocation = allocate(field, plan, chosen)
    amount = {award.key: award.amount_fen for award in allocation.awards}
    index = {group: {tier.code: place for place, tier in enumerate(found)} for group, found in plan.items()}
    tier_of = {award.key: index[award.group][award.tier] for award in allocation.awards}
    code = {entry.key: entry.credit_code for entry in field}
    most = {code[key]: value for key, value in amount.items() if code[key]}
    free = [
        entry
        for entry in field
        if entry.eligible
        and not entry.excluded
        and not (entry.repeat_winner and chosen.repeat_winners_only)
        and entry.credit_code not in chosen.held
    ]
    for better in free:
        for worse in field:
            if worse.group == better.group and worse.rank > better.rank and worse.key in tier_of:
                own_tier = tier_of.get(better.key, 99)
                holds = chosen.highest_prize_only and most.get(better.credit_code, -1) >= amount[worse.key]
                assert own_tier <= tier_of[worse.key] or holds
