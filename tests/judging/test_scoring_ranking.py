"""Competition ranking, ties and their declared chain."""

import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.scoring import (
    Aggregation,
    Contender,
    Criterion,
    Fault,
    PanelDecision,
    Rule,
    ScoringError,
    SheetScore,
    Status,
    entry_result,
    is_publishable,
    rank,
    sheet_total,
)

MEAN = Aggregation.MEAN
CHAIN = ("earlier_round", "criterion:technology", "panel_decision", "both_advance")


def scored(key, *hundredths, rule=None, **more):
    sheets = [SheetScore(judge, total) for judge, total in enumerate(hundredths)]
    return Contender(key, entry_result(sheets, rule or Rule(aggregation=MEAN)), **more)


def ruled(*chain, **more):
    return Rule(aggregation=MEAN, tie_chain=chain, **more)


def ranks(lines):
    return {line.key: line.rank for line in lines}


def line(lines, key):
    return next(item for item in lines if item.key == key)


def test_competition_ranking_counts_those_ahead():
    entries = [scored("d", 8000), scored("a", 9000), scored("b", 8500), scored("c", 8500)]
    lines = rank(entries, ruled())
    assert [(item.key, item.rank) for item in lines] == [("a", 1), ("b", 2), ("c", 2), ("d", 4)]
    assert line(lines, "b").tied_with == ("c",)
    assert line(lines, "b").tie_broken_by is None
    assert line(lines, "a").shown == Decimal("90.00")


def test_tie_as_shown_or_exactly():
    entries = [scored("a", 8500, 8501, 8501), scored("b", 8501)]
    # 85.00666... is shown as 85.01
    assert ranks(rank(entries, ruled())) == {"a": 1, "b": 1}
    assert ranks(rank(entries, ruled(round_before_ranking=False))) == {"a": 2, "b": 1}


def test_equal_fractions_tie_exactly():
    entries = [scored("a", 1, 1, 2), scored("b", 1, 2, 1)]
    assert ranks(rank(entries, ruled(round_before_ranking=False))) == {"a": 1, "b": 1}


def test_earlier_round_parts_a_tie():
    entries = [scored("a", 8500, earlier=7000), scored("b", 8500, earlier=Fraction(211, 3))]
    lines = rank(entries, ruled(*CHAIN))
    assert ranks(lines) == {"b": 1, "a": 2}
    assert {item.tie_broken_by for item in lines} == {"earlier_round"}


def test_next_step_decides_what_the_first_left_equal():
    entries = [
        scored("a", 8500, earlier=7000, criteria={"technology": 2000}),
        scored("b", 8500, earlier=7000, criteria={"technology": 2100}),
        scored("c", 8500, earlier=7100, criteria={"technology": 100}),
    ]
    lines = rank(entries, ruled(*CHAIN))
    assert ranks(lines) == {"c": 1, "b": 2, "a": 3}
    assert line(lines, "c").tie_broken_by == "earlier_round"
    assert line(lines, "a").tie_broken_by == "criterion:technology"


def test_partly_parted_tie_keeps_the_rest_together():
    entries = [scored(key, 8500, earlier=earlier) for key, earlier in (("a", 70), ("b", 70), ("c", 71))]
    lines = rank(entries, ruled("earlier_round"))
    assert ranks(lines) == {"c": 1, "a": 2, "b": 2}
    assert (line(lines, "a").tie_broken_by, line(lines, "a").tied_with) == ("earlier_round", ("b",))


def test_step_lacking_a_value_is_skipped_and_said():
    entries = [
        scored("a", 8500, earlier=9000, criteria={"technology": 2000}),
        scored("wildcard", 8500, criteria={"technology": 2400}),
    ]
    lines = rank(entries, ruled(*CHAIN))
    assert ranks(lines) == {"wildcard": 1, "a": 2}
    assert line(lines, "a").skipped_steps == ("earlier_round",)


def test_exhausted_chain_stays_equal():
    lines = rank([scored("a", 8500), scored("b", 8500)], ruled("panel_decision"))
    assert ranks(lines) == {"a": 1, "b": 1}
    assert line(lines, "a").skipped_steps == ("panel_decision",)
    assert not line(lines, "a").both_advance


def test_both_advance_shares_the_rank_by_rule():
    lines = rank([scored("a", 8500), scored("b", 8500), scored("c", 8000)], ruled(*CHAIN))
    assert ranks(lines) == {"a": 1, "b": 1, "c": 3}
    assert [item.both_advance for item in lines] == [True, True, False]


def test_panel_decision_orders_the_tie_with_its_minutes():
    entries = [scored(key, 8500) for key in "abc"]
    decision = PanelDecision(("c", "a", "b", "x"), "minutes 2018-3")
    lines = rank(entries, ruled(*CHAIN), [decision])
    assert ranks(lines) == {"c": 1, "a": 2, "b": 3}
    assert {(item.tie_broken_by, item.minutes) for item in lines} == {("panel_decision", "minutes 2018-3")}


def test_panel_decision_must_name_every_tied_entry():
    lines = rank(
        [scored(key, 8500) for key in "abc"], ruled("panel_decision"), [PanelDecision(("c", "a"), "m")]
    )
    assert ranks(lines) == {"a": 1, "b": 1, "c": 1}


def test_panel_decision_is_void_where_the_chain_does_not_name_it():
    lines = rank([scored(key, 8500) for key in "ab"], ruled(), [PanelDecision(("b", "a"), "m")])
    assert ranks(lines) == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        ([PanelDecision(("a", "b"), " ")], Fault.DECISION_WITHOUT_MINUTES),
        ([PanelDecision(("a", "a"), "m")], Fault.BAD_DECISION),
        ([PanelDecision(("a", "b"), "m1"), PanelDecision(("b", "a"), "m2")], Fault.DECISIONS_CONFLICT),
    ],
)
def test_unusable_panel_decisions_are_refused(decisions, code):
    with pytest.raises(ScoringError) as caught:
        rank([scored("a", 8500), scored("b", 8500)], ruled("panel_decision"), decisions)
    assert caught.value.code is code


def test_entry_without_score_is_listed_last_and_blocks_publication():
    missing = Contender("m", entry_result([SheetScore(1, 9900), SheetScore(2, None)], Rule()))
    lines = rank([missing, scored("a", 8500)], ruled())
    assert [(item.key, item.rank, item.status) for item in lines] == [
        ("a", 1, Status.COMPLETE),
        ("m", None, Status.SHEETS_MISSING),
    ]
    assert not is_publishable(lines)
    assert is_publishable(lines[:1])


def test_entry_listed_twice_is_refused():
    with pytest.raises(ScoringError) as caught:
        rank([scored("a", 8500), scored("a", 8400)], ruled())
    assert (caught.value.code, caught.value.subject) == (Fault.DUPLICATE_ENTRY, "a")


def test_all_equal_share_first_place():
    lines = rank([scored(key, 8800, 8800) for key in range(6)], ruled())
    assert {item.rank for item in lines} == {1}
    assert line(lines, 0).tied_with == (1, 2, 3, 4, 5)


def test_nothing_to_rank():
    assert rank([], ruled()) == []


def test_seven_hundred_entries_of_five_judges_well_under_a_second():
    tops = {"technology": 2500, "model": 2000, "market": 2000, "team": 2500, "finance": 1000}
    criteria = [Criterion(code, Decimal(top) / 100) for code, top in tops.items()]
    marks = [[{c: (k * 37 + j * 911) % t for c, t in tops.items()} for j in range(5)] for k in range(700)]
    started = time.process_time()
    entries = [
        scored(key, *[sheet_total(criteria, sheet) for sheet in sheets], rule=Rule())
        for key, sheets in enumerate(marks)
    ]
    lines = rank(entries, ruled(*CHAIN))
    assert time.process_time() - started < 0.8
    assert len(lines) == 700


# Properties

few_values = st.integers(0, 3)
fields = st.lists(
    st.tuples(few_values, st.none() | few_values, st.none() | few_values), min_size=1, max_size=12
).map(
    lambda rows: [
        scored(key, 8000 + score, earlier=earlier, criteria={} if tech is None else {"technology": tech})
        for key, (score, earlier, tech) in enumerate(rows)
    ]
)
chains = st.lists(st.sampled_from(CHAIN[:3]), unique=True).map(tuple)


@given(fields, chains, st.randoms())
def test_input_order_never_matters(entries, chain, random):
    decisions = [PanelDecision(tuple(random.sample(range(len(entries)), len(entries))), "m")]
    shuffled = random.sample(entries, len(entries))
    assert rank(shuffled, ruled(*chain), decisions) == rank(entries, ruled(*chain), decisions)


@given(fields, chains, st.randoms())
def test_higher_score_always_ranks_ahead_whatever_the_panel_decides(entries, chain, random):
    decisions = [PanelDecision(tuple(random.sample(range(len(entries)), len(entries))), "m")]
    lines = rank(entries, ruled(*chain), decisions)
    assert sorted(item.key for item in lines) == list(range(len(entries)))
    for one in lines:
        for other in lines:
            if one.shown > other.shown:
                assert one.rank < other.rank


@given(fields, chains)
def test_rank_is_one_plus_those_ahead_and_ties_are_mutual(entries, chain):
    lines = rank(entries, ruled(*chain))
    for item in lines:
        assert item.rank == 1 + sum(other.rank < item.rank for other in lines)
        together = {other.key for other in lines if other.rank == item.rank} - {item.key}
        assert set(item.tied_with) == together


@given(fields)
def test_longer_chain_only_refines(entries):
    coarse, fine = ranks(rank(entries, ruled())), ranks(rank(entries, ruled(*CHAIN[:2])))
    for one in coarse:
        for other in coarse:
            if coarse[one] < coarse[other]:
                assert fine[one] < fine[other]


def test_the_whole_declared_chain_on_one_list():
    """Earlier round, then technology, then the panel with minutes, then both advance (DOMAIN 8.4)."""
    higher, lower = {"technology": 2100}, {"technology": 2000}
    entries = [
        scored("by round", 8500, earlier=7100, criteria=lower),
        scored("by technology", 8500, earlier=7000, criteria=higher),
        scored("by panel 1", 8500, earlier=7000, criteria=lower),
        scored("by panel 2", 8500, earlier=7000, criteria=lower),
        scored("level 1", 8000, earlier=6000, criteria=lower),
        scored("level 2", 8000, earlier=6000, criteria=lower),
    ]
    lines = rank(
        entries, ruled(*CHAIN), [PanelDecision(("by panel 2", "by panel 1", "by technology"), "会议纪要 3")]
    )
    assert [(item.key, item.rank, item.tie_broken_by, item.both_advance) for item in lines] == [
        ("by round", 1, "earlier_round", False),
        ("by technology", 2, "criterion:technology", False),
        ("by panel 2", 3, "panel_decision", False),
        ("by panel 1", 4, "panel_decision", False),
        ("level 1", 5, None, True),
        ("level 2", 5, None, True),
    ]
    assert line(lines, "by panel 1").minutes == "会议纪要 3"
