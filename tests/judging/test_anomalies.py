"""Anomaly statistics against planted cases, and their silence where nothing was planted."""

import numpy as np
import pytest

from bench.judging.measures import area_under_curve
from bench.judging.simulator import simulate
from judging.anomalies import deviates, flags, relations
from judging.anomalies.flags import Kind
from judging.calibration import model, sheets
from tests.judging.test_calibration import arranged


def fitted(contest, scores=None):
    return model.fit(arranged(contest, scores))


def judge_numbers(calibration):
    return np.array([int(name.removeprefix("J")) for name in calibration.sheets.judges])


@pytest.fixture(scope="module")
def dirty():
    contests = [simulate("dirty", seed) for seed in range(3)]
    return [
        (contest, calibration, flags.survey(calibration))
        for contest, calibration in ((contest, fitted(contest)) for contest in contests)
    ]


@pytest.mark.parametrize(("kind", "least"), [(Kind.CARELESS, 0.96), (Kind.FLAT, 0.985), (Kind.ROGUE, 0.65)])
def test_planted_judges_stand_out(dirty, kind, least):
    area = [
        area_under_curve(found.judges[kind], np.isin(judge_numbers(fit), contest.planted[kind.value]))
        for contest, fit, found in dirty
    ]
    assert np.mean(area) > least


def test_lifted_scores_stand_out(dirty):
    area = [
        area_under_curve(np.abs(found.rows), np.isin(fit.sheets.source, contest.planted["lifted"]))
        for contest, fit, found in dirty
    ]
    assert np.mean(area) > 0.9


def test_ring_of_three_judges_stands_out(dirty):
    area = []
    for contest, fit, found in dirty:
        number = np.array([int(name.removeprefix("E")) for name in fit.sheets.entries])
        area.append(area_under_curve(found.entries, np.isin(number, contest.planted["ring"])))
    assert np.mean(area) > 0.65


def test_single_lift_of_ten_points_in_a_clean_pool():
    area = []
    for seed in range(3):
        contest = simulate("pool", 40 + seed)
        rows = np.random.default_rng(seed).choice(len(contest.score), 35, replace=False)
        lifted = contest.score.copy()
        lifted[rows] = np.minimum(lifted[rows] + 10, 100)
        fit = fitted(contest, lifted)
        z = deviates.leave_one_out(fit).z
        area.append(area_under_curve(np.abs(z), np.isin(fit.sheets.source, rows)))
    assert np.mean(area) > 0.82


def copied(contest, share):
    score, pairs = contest.score.copy(), []
    for room in range(0, 20, 4):
        one, other = 7 * room, 7 * room + 1
        of_one = dict(zip(contest.entry[contest.judge == one], score[contest.judge == one], strict=True))
        rows = np.flatnonzero(contest.judge == other)
        model_score = np.array([of_one[entry] for entry in contest.entry[rows]])
        score[rows] = share * model_score + (1 - share) * score[rows]
        pairs.append({f"J{one}", f"J{other}"})
    return score, pairs


def test_copying_stands_out_among_pairs_of_a_room():
    area = []
    for seed in range(3):
        contest = simulate("rooms", seed)
        score, pairs = copied(contest, 0.5)
        fit = fitted(contest, score)
        index, deviate = deviates.copying(fit)
        named = [{fit.sheets.judges[one], fit.sheets.judges[other]} for one, other in index]
        area.append(area_under_curve(deviate, [pair in pairs for pair in named]))
    assert np.mean(area) > 0.95


def test_copying_is_centred_where_nobody_copies():
    _, deviate = deviates.copying(fitted(simulate("rooms", 5)))
    assert len(deviate) == 20 * 21
    assert abs(np.mean(deviate)) < 0.2
    assert np.std(deviate) == pytest.approx(1, abs=0.25)


def test_copying_without_shared_entries_has_no_pairs():
    pairs, deviate = deviates.copying(fitted(simulate("sparse", 1)))
    assert pairs.shape == (0, 2)
    assert deviate.shape == (0,)


def test_row_deviates_are_standard_normal_where_nothing_is_planted():
    rows = deviates.deviates(fitted(simulate("pool", 9)))
    assert np.std(rows) == pytest.approx(1, abs=0.12)
    assert np.mean(np.abs(rows) > 3) < 0.008


def test_lenient_judge_moves_out_of_the_field():
    contest = simulate("pool", 10)
    fit = fitted(contest, np.clip(contest.score + 20 * (contest.judge == 4), 0, 130))
    lean = deviates.lenient(fit)
    assert fit.sheets.judges[lean.argmax()] == "J4"
    assert lean.max() > flags.ALARM


def test_related_parties_find_the_home_effect_and_nothing_where_there_is_none():
    contest = simulate("rooms", 6)
    related = np.random.default_rng(1).random(len(contest.score)) < 1 / 7
    fit = fitted(contest, contest.score + 1.5 * related)
    there = relations.related_parties(fit, related[fit.sheets.source])
    assert there.effect == pytest.approx(1.5, abs=0.5)
    assert there.t > 5
    plain = fitted(contest)
    absent = relations.related_parties(plain, related[plain.sheets.source])
    assert abs(absent.t) < 3
    assert absent.flagged.sum() <= 2


def test_related_parties_without_any_related_pair_say_nothing():
    fit = fitted(simulate("final", 1))
    contrast = relations.related_parties(fit, np.zeros(len(fit.sheets.score), dtype=bool))
    assert contrast.t == 0.0
    assert not contrast.flagged.any()


def test_order_effect_is_found_and_not_invented():
    contest = simulate("pool", 7)
    share = (contest.position + 0.5) / np.bincount(contest.judge)[contest.judge]
    drifted = fitted(contest, contest.score + 2 * (share - 0.5))
    found = relations.order_effect(drifted, contest.position[drifted.sheets.source])
    assert found.effect == pytest.approx(2, abs=0.8)
    assert found.t > 3
    plain = fitted(contest)
    assert abs(relations.order_effect(plain, contest.position[plain.sheets.source]).t) < 3


def test_order_effect_where_a_whole_room_meets_entries_together():
    contest = simulate("rooms", 8)
    place = np.random.default_rng(0).permuted(np.tile(np.arange(35), (20, 1)), axis=1).ravel()[contest.entry]
    fit = fitted(contest, contest.score + 6 * (place / 34 - 0.5))
    found = relations.order_effect(fit, place[fit.sheets.source])
    assert found.t > 3
    assert found.effect == pytest.approx(6, abs=2.5)


def test_order_effect_of_one_score_per_judge_is_nothing():
    fit = model.fit(sheets.arrange(["A", "B", "C"], ["J1", "J2", "J3"], [1.0, 2.0, 3.0]))
    assert relations.order_effect(fit, np.zeros(3)).t == 0.0


def test_without_judge_names_who_enters_and_leaves():
    contest = simulate("final", 3)
    fit = fitted(contest, contest.score + 30 * ((contest.judge == 2) & (contest.entry == 11)))
    swap = relations.without_judge(fit, "J2", places=6)
    assert len(swap.entered) == len(swap.left)
    assert swap.own_move is None
    pool = fitted(simulate("pool", 3))
    assert abs(relations.without_judge(pool, "J2", places=70).own_move) < 1


def test_false_discoveries_follow_the_step_up_rule():
    chance = np.array([0.041, 0.001, 0.2, 0.008, 0.039])
    assert relations.false_discoveries(chance, 0.05).tolist() == [False, True, False, True, False]
    assert relations.false_discoveries(np.array([0.04, 0.05]), 0.05).tolist() == [True, True]


def test_flags_name_statistic_expectation_and_entries_at_the_cut(dirty):
    contest, fit, _ = dirty[0]
    raised = flags.flags(fit, places=70)
    careless = [flag for flag in raised if flag.kind is Kind.CARELESS]
    planted = {f"J{k}" for k in contest.planted["careless"]}
    assert {name for flag in careless for name in flag.judges} & planted
    first = careless[0]
    assert first.statistic == "noise against the typical judge"
    assert first.expected_false_alarms == pytest.approx(len(fit.sheets.judges) * 0.00135, rel=0.01)
    assert set(first.at_cut) <= set(first.entries)
    assert [flag.deviate for flag in raised] == sorted((flag.deviate for flag in raised), reverse=True)


def test_flags_are_about_as_few_as_chance_would_raise():
    raised = [
        flag for seed in range(3) for flag in flags.flags(fitted(simulate("pool", 50 + seed)), places=70)
    ]
    judges = [flag for flag in raised if flag.kind in (Kind.CARELESS, Kind.FLAT, Kind.LENIENT, Kind.SEVERE)]
    assert len(judges) <= 6
    assert len(raised) < 100


def test_suspicions_cover_scores_judges_and_entries_and_rank_the_planted(dirty):
    contest, fit, _ = dirty[1]
    listed = flags.suspicions(fit)
    scores = [line for line in listed if line.entry is not None and line.judge is not None]
    assert len(scores) == len(fit.sheets.score)
    assert {line.kind for line in scores} == {Kind.LIFTED, Kind.LOWERED}
    assert min(line.suspicion for line in listed) >= 0
    flat = {line.judge: line.suspicion for line in listed if line.kind is Kind.FLAT}
    planted = np.isin([int(name.removeprefix("J")) for name in flat], contest.planted["flat"])
    assert area_under_curve(list(flat.values()), planted) > 0.98
    assert sum(line.kind is Kind.RING for line in listed) == 700


def test_suspicions_of_equal_scores_are_low_and_equal():
    rows = [(f"E{i}", f"J{j}") for i in range(8) for j in range(6)]
    fit = model.fit(sheets.arrange([e for e, _ in rows], [j for _, j in rows], [80.0] * len(rows)))
    levels = {(line.kind, line.suspicion) for line in flags.suspicions(fit)}
    assert max(level for _, level in levels) < 0.5
    assert len(levels) == len({kind for kind, _ in levels})


def test_two_scores_that_agree_by_chance_prove_nothing():
    """Two related scores with no spread at all: the judge's own spread decides, not theirs."""
    values = np.array([0.5, 0.5, -6.0, 4.0, -3.0, 5.0, -1.0, 2.0])
    chosen = np.array([True, True] + [False] * 6)
    gap, deviate = relations._own_contrast(values, chosen)
    assert gap == pytest.approx(1 / 3) and 0 < deviate < 0.2


def test_a_flag_of_related_parties_names_judge_entries_and_false_alarms():
    contest = simulate("rooms", 6)
    related = np.random.default_rng(1).random(len(contest.score)) < 1 / 7
    fit = fitted(contest, contest.score + 4 * related)
    related = related[fit.sheets.source]
    contrast = relations.related_parties(fit, related)
    raised = [
        flag
        for flag in flags.flags(fit, places=20, contrast=contrast, related=related)
        if flag.kind == flags.Kind.RELATED
    ]
    own = [flag for flag in raised if len(flag.judges) == 1]
    assert len(own) == contrast.flagged.sum() > 0
    assert all(flag.expected_false_alarms == pytest.approx(0.05 * len(own)) for flag in own)
    judge = own[0].judges[0]
    rows = related & (fit.sheets.judge == fit.sheets.judges.index(judge))
    assert set(own[0].entries) == {fit.sheets.entries[k] for k in fit.sheets.entry[rows]}
    (everyone,) = [flag for flag in raised if len(flag.judges) > 1]
    assert everyone.deviate == pytest.approx(contrast.t) and everyone.statistic.endswith("all judges")
    assert not [f for f in flags.flags(fit, places=20) if f.kind == flags.Kind.RELATED]
