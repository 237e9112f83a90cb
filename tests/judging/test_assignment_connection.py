"""Whether all judges can be compared, and that joining what fell apart costs nothing."""

from math import isclose

from hypothesis import HealthCheck, given, settings

from judging.assignment.check import violations
from judging.assignment.connection import Component, connection, join
from judging.assignment.instance import build
from judging.assignment.problem import Entry, Judge, Seat, make_problem
from judging.assignment.repair import Infeasible
from judging.assignment.solve import assign
from judging.assignment.words import connection_sentences
from tests.judging.assignment_oracle import problems


def block(entries, judges, *, topics=("t",), panel_size, roles=((),), required=()):
    listed = [Entry(f"E{n}", topics[n % len(topics)]) for n in range(entries)]
    pool = [Judge(f"J{n}", roles[n % len(roles)], (topics[n % len(topics)],)) for n in range(judges)]
    return make_problem(listed, pool, panel_size=panel_size, max_load=entries, roles=required)


def test_contrast_of_complete_blocks_is_two_over_their_number():
    problem = block(8, 5, panel_size=5)
    report = connection(problem, assign(problem).seats)
    assert isclose(report.contrast_variance, 2 / 8)
    assert isclose(report.random_variance, 2 / 8)


def test_contrast_of_a_chain_is_the_mean_resistance():
    """A-B and B-C meet on one entry of two judges each: resistances 2, 2, 4."""
    problem = block(2, 3, panel_size=2)
    seats = [Seat("E0", "J0"), Seat("E0", "J1"), Seat("E1", "J1"), Seat("E1", "J2")]
    assert isclose(connection(problem, seats).contrast_variance, 8 / 3)


def test_panels_of_several_sizes_count_by_their_own():
    """Conductances 1/2 + 1/3, 1/3, 1/3: resistances 1, 7/4, 7/4."""
    problem = block(2, 3, panel_size=3)
    seats = [Seat("E0", "J0"), Seat("E0", "J1"), Seat("E1", "J0"), Seat("E1", "J1"), Seat("E1", "J2")]
    assert isclose(connection(problem, seats).contrast_variance, 1.5)


def test_components_and_idle_judges_are_named():
    problem = block(3, 6, panel_size=2)
    seats = [Seat(f"E{e}", f"J{j}") for e, j in ((0, 0), (0, 1), (1, 1), (1, 0), (2, 3), (2, 4))]
    report = connection(problem, seats)
    assert report.components == (Component(("E0", "E1"), ("J0", "J1")), Component(("E2",), ("J3", "J4")))
    assert report.idle == ("J2", "J5")
    assert report.contrast_variance is None
    assert connection_sentences(report) == [
        "连通分量 components=2",
        "评委分成互不相连的几组，组间宽严无法比较；建议设几个由各组评委共同评审的锚定项目：",
        "  第 1 组：2 个项目，评委 J0、J1",
        "  第 2 组：1 个项目，评委 J3、J4",
        "未安排评审的评委 2 名：J2、J5",
    ]


def test_separate_panels_are_joined_where_it_costs_nothing():
    problem = block(6, 6, panel_size=3)
    inst = build(problem)
    apart = [Seat(f"E{e}", f"J{j}") for e in range(6) for j in ((0, 1, 2) if e < 3 else (3, 4, 5))]
    assert len(connection(problem, apart).components) == 2
    joined = join(inst, apart)
    assert len(connection(problem, joined).components) == 1
    assert violations(problem, joined) == []


def test_joining_finds_the_one_exchange_no_conflict_forbids():
    plain = block(6, 6, panel_size=3)
    across = {(f"E{e}", f"J{j}") for e in range(6) for j in range(6) if (e < 3) != (j < 3)}
    problem = make_problem(
        plain.entries, plain.judges, conflicts=across - {("E0", "J3"), ("E3", "J0")}, panel_size=3, max_load=6
    )
    apart = [Seat(f"E{e}", f"J{j}") for e in range(6) for j in ((0, 1, 2) if e < 3 else (3, 4, 5))]
    joined = join(build(problem), apart)
    assert set(joined) - set(apart) == {Seat("E0", "J3"), Seat("E3", "J0")}
    assert len(connection(problem, joined).components) == 1


def test_topics_that_part_the_judges_stay_parted_and_are_reported():
    problem = block(8, 6, topics=("甲", "乙"), panel_size=3)
    answer = assign(problem)
    assert answer.objective == 24
    assert len(connection(problem, answer.seats).components) == 2


def test_joining_respects_required_roles():
    roles = (("technical",), ("finance",))
    problem = block(4, 4, panel_size=2, roles=roles, required=("technical", "finance"))
    seats = [
        Seat(f"E{e}", f"J{j}", role)
        for e in range(4)
        for j, role in (((0, "technical"), (1, "finance")) if e < 2 else ((2, "technical"), (3, "finance")))
    ]
    joined = join(build(problem), seats)
    assert violations(problem, joined) == []
    assert len(connection(problem, joined).components) == 1


def test_one_judge_alone_has_no_contrast():
    problem = block(2, 1, panel_size=1)
    assert connection(problem, assign(problem).seats).contrast_variance is None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_joining_keeps_every_rule_and_every_match(problem):
    answer = assign(problem)
    if isinstance(answer, Infeasible):
        return
    again = join(build(problem), list(answer.seats))
    assert violations(problem, again) == []
    topic = {entry.key: entry.topic for entry in problem.entries}
    listed = {judge.key: judge.topics for judge in problem.judges}
    assert sum(topic[seat.entry] in listed[seat.judge] for seat in again) == answer.objective
    before, after = connection(problem, answer.seats), connection(problem, again)
    assert len(after.components) <= len(before.components)
