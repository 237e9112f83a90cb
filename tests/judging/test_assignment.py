"""Assignment: no hard rule is ever broken, nothing better exists, and where no answer exists it says why."""

import hashlib
import json
import random
import struct
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judging.assignment import guide, repair
from judging.assignment.check import Broken, Violation, violations
from judging.assignment.instance import build
from judging.assignment.problem import (
    AssignmentError,
    Entry,
    Fault,
    Judge,
    Seat,
    keeping,
    make_problem,
    pool_hash,
)
from judging.assignment.repair import Infeasible, Relaxation
from judging.assignment.solve import assign, refill
from tests.judging.assignment_oracle import ROLES, TOPICS, Oracle, problems

SLOW = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def contest(entries=60, judges=12, *, roles=ROLES, conflicts=(), seed="2018", several=3, **rules):
    """A regular contest: topics and roles in turn, every `several`-th judge with a second role."""
    rng = random.Random(7)
    pool = []
    for n in range(judges):
        own = [ROLES[n % 3], *([ROLES[(n + 1) % 3]] if n % several == 0 else [])]
        pool.append(Judge(f"J{n:03d}", tuple(own), tuple(rng.sample(TOPICS, 2))))
    mean = entries * 5 / judges
    rules = {"panel_size": 5, "min_load": int(mean * 0.9), "max_load": int(mean * 1.1) + 1, **rules}
    listed = [Entry(f"E{n:04d}", TOPICS[n % 3]) for n in range(entries)]
    return make_problem(listed, pool, conflicts=conflicts, roles=roles, seed=seed, **rules)


def few_conflicts(entries, judges, share=0.06):
    rng = random.Random(3)
    codes = rng.sample(range(entries * judges), int(entries * judges * share))
    return [(f"E{code // judges:04d}", f"J{code % judges:03d}") for code in codes]


@SLOW
@given(problems())
def test_answer_is_the_best_there_is_or_the_smallest_repair(problem):
    answer, best = assign(problem), Oracle(problem).most_matches()
    if best is None:
        assert isinstance(answer, Infeasible)
        assert answer.units == Oracle(problem, relaxed=True).fewest_relaxations()
        assert answer.proven
        granted = assign(answer.accepted())
        assert violations(answer.accepted(), granted.seats) == []
    else:
        assert violations(problem, answer.seats) == []
        assert (answer.objective, answer.bound) == (best, best)


@settings(SLOW, max_examples=60)
@given(problems())
def test_answer_is_the_same_when_only_promising_pairs_are_offered(problem):
    whole = assign(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guide, "EVERY_PAIR", 0)
        patch.setattr(repair, "EVERY_PAIR", 0)
        offered = assign(problem)
    if isinstance(whole, Infeasible):
        assert offered.units == whole.units
    else:
        assert violations(problem, offered.seats) == []
        assert offered.objective <= whole.objective <= offered.bound


@settings(SLOW, max_examples=40)
@given(problems(), st.randoms(use_true_random=False))
def test_listing_order_changes_nothing(problem, rng):
    width = len(problem.judges)
    pairs = [(problem.entries[c // width].key, problem.judges[c % width].key) for c in problem.barred]
    entries, judges = list(problem.entries), list(problem.judges)
    for listed in (entries, judges, pairs):
        rng.shuffle(listed)
    again = make_problem(
        entries,
        judges,
        conflicts=pairs + pairs[:1],
        panel_size=problem.panel_size,
        min_load=problem.min_load,
        max_load=problem.max_load,
        roles=problem.roles,
        seed=problem.seed,
    )
    assert pool_hash(again) == pool_hash(problem)
    first, second = assign(problem), assign(again)
    if isinstance(first, Infeasible):
        assert second.repairs == first.repairs
    else:
        assert second.seats == first.seats


@settings(SLOW, max_examples=60)
@given(problems(), st.lists(st.integers(-3, 3), min_size=60, max_size=60))
def test_bound_holds_at_any_prices(problem, numbers):
    best = Oracle(problem).most_matches()
    inst = build(problem)
    if best is None or not inst.n:
        return
    flat = guide.flat_prices(inst)
    seat = flat.seat + [numbers[n % 60] for n in range(flat.seat.shape[1])]
    judge = flat.judge + [numbers[(n * 7) % 60] for n in range(inst.m)]
    misses, _ = guide.least_misses(inst, guide.Prices(seat, judge, numbers[0]))
    assert misses <= len(problem.entries) * problem.panel_size - best


def test_seeds_draw_differently_among_equally_good_answers():
    answers = [assign(contest(seed=str(number))) for number in range(6)]
    assert len({answer.objective for answer in answers}) == 1
    assert len({answer.seats for answer in answers}) == 6
    assert assign(contest(seed="3")).seats == answers[3].seats


def test_every_judge_may_be_drawn_to_an_entry():
    judges = [Judge(f"J{n}", (), ("新能源",)) for n in range(10)]
    drawn = set()
    for number in range(60):
        problem = make_problem([Entry("E", "新能源")], judges, panel_size=1, max_load=1, seed=str(number))
        drawn |= {seat.judge for seat in assign(problem).seats}
    assert drawn == {judge.key for judge in judges}


def test_seven_hundred_entries_are_proven_best_with_conflicts_and_double_roles():
    problem = contest(700, 60, conflicts=few_conflicts(700, 60))
    answer = assign(problem)
    assert violations(problem, answer.seats) == []
    assert answer.gap == 0
    assert min(answer.loads.values()) >= 52


def test_four_hundred_thousand_pairs_are_proven_best_from_a_part_of_them():
    problem = contest(1000, 400, several=7, conflicts=few_conflicts(1000, 400))
    answer = assign(problem)
    assert violations(problem, answer.seats) == []
    assert answer.gap == 0


def test_pool_hash_can_be_recomputed_from_its_description():
    judges = [Judge("J2", ("b", "a"), ("t",), 4, "丙"), Judge("J1")]
    entries = [Entry("E1", "t"), Entry("E0", "t")]
    problem = make_problem(
        entries,
        judges,
        conflicts=[("E1", "J2"), ("E0", "J1")],
        panel_size=1,
        max_load=3,
        seed="not part of it",
    )
    blank = {"employer": "", "region": ""}
    lines = [
        {"panel_size": 1, "min_load": 0, "max_load": 3, "roles": []},
        {"key": "E0", "topic": "t", "vacant": 0, "waived": [], **blank},
        {"key": "E1", "topic": "t", "vacant": 0, "waived": [], **blank},
        {"key": "J1", "roles": [], "topics": [], "capacity": None, "least": None, **blank},
        {
            "key": "J2",
            "roles": ["a", "b"],
            "topics": ["t"],
            "capacity": 4,
            "least": None,
            **blank,
            "employer": "丙",
        },
    ]
    text = "".join(
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n" for line in lines
    )
    conflicts = struct.pack("<2q", 0 * 2 + 0, 1 * 2 + 1)
    assert pool_hash(problem) == hashlib.sha256(text.encode() + conflicts).hexdigest()


def test_judge_of_two_roles_fills_only_one_of_them():
    judges = [Judge("A", ("technical", "investment")), Judge("B", ("technical",)), Judge("C", ("finance",))]
    entries = [Entry("E", "新能源")]
    problem = make_problem(entries, judges, panel_size=3, max_load=1, roles=ROLES)
    assert assign(problem).seats == (
        Seat("E", "A", "investment"),
        Seat("E", "B", "technical"),
        Seat("E", "C", "finance"),
    )
    alone = make_problem(entries, judges[::2], panel_size=2, max_load=1, roles=ROLES[:2])
    assert [r.relaxation for r in assign(alone).repairs] == [Relaxation.ROLE]


def test_role_of_a_judge_without_required_role_is_his_own_first():
    problem = make_problem(
        [Entry("E", "")], [Judge("A", ("management", "x")), Judge("B")], panel_size=2, max_load=1
    )
    assert [seat.role for seat in assign(problem).seats] == ["management", ""]


def test_empty_topic_matches_nobody():
    problem = make_problem([Entry("E", "")], [Judge("A", (), ("",))], panel_size=1, max_load=1)
    assert assign(problem).objective == 0


def test_capacity_replaces_the_maximum_and_zero_means_not_available():
    judges = [Judge("A", capacity=3), Judge("B", capacity=0), Judge("C")]
    entries = [Entry(f"E{n}", "新能源") for n in range(4)]
    problem = make_problem(entries, judges, panel_size=1, min_load=1, max_load=1)
    assert assign(problem).loads == {"A": 3, "B": 0, "C": 1}


def test_region_is_no_conflict_and_employer_is_one():
    entry = Entry("E", "新能源", "甲公司", "乌鲁木齐")
    judges = [Judge("A", (), ("新能源",), None, "甲公司", "喀什"), Judge("B", region="乌鲁木齐")]
    assert assign(make_problem([entry], judges, panel_size=1, max_load=1)).seats == (Seat("E", "B"),)


def test_missing_investors_are_named_with_nobody_eligible():
    investors = [judge.key for judge in contest(several=4, judges=24).judges if "investment" in judge.roles]
    barred = [(key, judge) for key in ("E0007", "E0031") for judge in investors]
    problem = contest(several=4, judges=24, conflicts=barred)
    answer = assign(problem)
    assert [(r.relaxation, r.key, r.role, r.eligible) for r in answer.repairs] == [
        (Relaxation.ROLE, "E0007", "investment", 0),
        (Relaxation.ROLE, "E0031", "investment", 0),
    ]


def test_shortage_of_capacity_is_spread_evenly():
    answer = assign(contest(60, 12, min_load=0, max_load=24))
    assert [(r.relaxation, r.by, r.limit) for r in answer.repairs] == [(Relaxation.MORE, 1, 25)] * 12


def test_too_high_minimum_is_spread_evenly():
    answer = assign(contest(60, 12, min_load=26, max_load=30))
    assert [(r.relaxation, r.by, r.limit) for r in answer.repairs] == [(Relaxation.LESS, 1, 25)] * 12


def test_capacity_below_the_minimum_is_answered_not_bent():
    judges = [Judge("A", capacity=1), Judge("B")]
    entries = [Entry(f"E{n}", "新能源") for n in range(4)]
    answer = assign(make_problem(entries, judges, panel_size=1, min_load=2, max_load=4))
    assert answer.units == 1


def test_recusal_moves_nobody_else():
    problem = contest(700, 60, conflicts=few_conflicts(700, 60))
    seats = assign(problem).seats
    gone = seats[1234]
    recused = contest(700, 60, conflicts=[*few_conflicts(700, 60), (gone.entry, gone.judge)])
    kept = [seat for seat in seats if seat != gone]
    answer = refill(recused, kept)
    (new,) = set(answer.seats) - set(kept)
    assert set(kept) < set(answer.seats)
    assert new.entry == gone.entry and new.judge != gone.judge
    assert violations(keeping(recused, kept), answer.seats) == []
    assert answer.gap == 0


def test_refill_prefers_the_less_busy_of_equal_judges():
    judges = [Judge(key, (), ("新能源",)) for key in "ABC"]
    entries = [Entry(f"E{n}", "新能源") for n in range(4)]
    kept = [Seat("E0", "A"), Seat("E1", "A"), Seat("E2", "B")]
    for seed in "12345":
        problem = make_problem(entries, judges, panel_size=1, max_load=9, seed=seed)
        assert refill(problem, kept).seats[-1] == Seat("E3", "C")


def test_refill_with_nothing_open_gives_back_what_is_kept():
    problem = contest()
    seats = assign(problem).seats
    again = refill(problem, seats)
    assert again.seats == seats
    assert again.objective == again.bound == assign(problem).objective


def test_refill_counts_the_roles_already_covered():
    judges = [Judge("A", ("technical",)), Judge("B", ("finance",)), Judge("C", ("technical",), ("新能源",))]
    problem = make_problem(
        [Entry("E", "新能源")], judges, panel_size=2, max_load=1, roles=("technical", "finance")
    )
    assert refill(problem, [Seat("E", "A", "technical")]).seats[-1] == Seat("E", "B", "finance")


def test_kept_seats_too_few_for_the_roles_are_answered():
    problem = contest(roles=("technical", "management"))
    kept = [Seat("E0000", "J001", "investment")]
    answer = refill(problem, kept)
    assert {repair.relaxation for repair in answer.repairs} == {Relaxation.ROLE}


@pytest.mark.parametrize(
    ("changes", "fault", "about"),
    [
        ({"entries": []}, Fault.NO_ENTRIES, ""),
        ({"judges": []}, Fault.NO_JUDGES, ""),
        ({"entries": [Entry("E", "a"), Entry("E", "b")]}, Fault.DUPLICATE_ENTRY, "E"),
        ({"judges": [Judge("A"), Judge("A")]}, Fault.DUPLICATE_JUDGE, "A"),
        ({"conflicts": [("X", "A")]}, Fault.UNKNOWN_ENTRY, "X"),
        ({"conflicts": [("E", "X")]}, Fault.UNKNOWN_JUDGE, "X"),
        ({"roles": ["a", "a"], "panel_size": 2}, Fault.DUPLICATE_ROLE, "a、a"),
        ({"panel_size": 0}, Fault.PANEL_SIZE, "0"),
        ({"roles": ["a", "b"]}, Fault.PANEL_BELOW_ROLES, "1 < 2"),
        ({"min_load": 3}, Fault.LOADS, "3–2"),
        ({"judges": [Judge("A", capacity=-1)]}, Fault.CAPACITY, "A"),
        ({"fixed": [Seat("E", "A"), Seat("E", "A")]}, Fault.SEAT_TWICE, ""),
        ({"fixed": [Seat("E", "A"), Seat("E", "B")]}, Fault.PANEL_OVERFULL, "E"),
    ],
)
def test_contradictory_question_is_refused(changes, fault, about):
    given = {"entries": [Entry("E", "a")], "judges": [Judge("A"), Judge("B")], "panel_size": 1, "max_load": 2}
    given.update(changes)
    with pytest.raises(AssignmentError) as refusal:
        make_problem(given.pop("entries"), given.pop("judges"), **given)
    assert (refusal.value.fault, refusal.value.about) == (fault, about)


def test_check_finds_every_kind_of_breach():
    judges = [Judge("A", ("technical",)), Judge("B", ("finance",), employer="甲"), Judge("C", least=1)]
    problem = make_problem(
        [Entry("E", "a", "甲"), Entry("F", "b")],
        judges,
        conflicts=[("F", "A")],
        panel_size=2,
        max_load=1,
        roles=("technical", "finance"),
    )
    problem = replace(problem, fixed=(Seat("E", "C"),))
    seats = [
        Seat("E", "A", "finance"),
        Seat("E", "A", "technical"),
        Seat("E", "B", "finance"),
        Seat("F", "A", "technical"),
        Seat("X", "A"),
    ]
    assert violations(problem, seats) == sorted(
        [
            Violation(Broken.UNKNOWN, "X", "A"),
            Violation(Broken.TWICE, "E", "A"),
            Violation(Broken.CONFLICT, "F", "A"),
            Violation(Broken.EMPLOYER, "E", "B", "甲"),
            Violation(Broken.PANEL_SIZE, "E", detail="3"),
            Violation(Broken.PANEL_SIZE, "F", detail="1"),
            Violation(Broken.ROLE_NOT_HELD, "E", "A", "finance"),
            Violation(Broken.ROLE_UNCOVERED, "F", detail="finance"),
            Violation(Broken.BELOW_MIN, judge="C", detail="0"),
            Violation(Broken.ABOVE_MAX, judge="A", detail="4"),
            Violation(Broken.KEPT_SEAT_LOST, "E", "C"),
        ]
    )
