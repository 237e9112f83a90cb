"""Chances of an award and rank intervals against simulated contests."""

import numpy as np
import pytest

from bench.judging.measures import brier, calibration_error, top_share_found, true_ranks
from bench.judging.simulator import simulate
from judging.calibration import certainty, model
from tests.judging.test_calibration import arranged, by_number


def sampled(preset, seed, places, draws=300):
    contest = simulate(preset, seed)
    fitted = model.fit(arranged(contest))
    return contest, fitted, certainty.certainty(fitted, places=places, draws=draws, seed=seed)


@pytest.fixture(scope="module")
def pools():
    return [sampled("pool", seed, 70) for seed in range(3)]


def chances_and_truth(pools, read):
    chance, award = [], []
    for contest, fitted, sure in pools:
        chance.append(by_number(contest, fitted.sheets, read(fitted, sure)))
        award.append(true_ranks(contest.quality[: len(contest.ranked)]) <= sure.places)
    return np.concatenate(chance), np.concatenate(award)


def test_chances_mean_what_they_say(pools):
    chance, award = chances_and_truth(pools, lambda fitted, sure: sure.p_award)
    assert calibration_error(chance, award) < 0.025
    assert brier(chance, award) < 0.04


def test_instant_chances_are_close_to_the_sampled(pools):
    _, fitted, sure = pools[0]
    quick = certainty.instant_chance(fitted, places=70)
    assert np.abs(quick - sure.p_award).mean() < 0.02
    assert np.corrcoef(quick, sure.p_award)[0, 1] > 0.98


def test_rank_intervals_cover_nine_in_ten(pools):
    covered = []
    for contest, fitted, sure in pools:
        low, high = (by_number(contest, fitted.sheets, x) for x in (sure.rank_lo, sure.rank_hi))
        rank = true_ranks(contest.quality)
        covered.append(np.mean((low <= rank) & (rank <= high)))
    assert np.mean(covered) == pytest.approx(0.9, abs=0.04)


def test_expected_precision_is_what_happens(pools):
    real = [
        top_share_found(by_number(contest, fitted.sheets, fitted.score), contest.quality)
        for contest, fitted, _ in pools
    ]
    assert np.mean([sure.expected_precision for *_, sure in pools]) == pytest.approx(np.mean(real), abs=0.06)


def test_chances_sum_to_the_places_and_anchors_stay_out():
    contest, fitted, sure = sampled("anchors", 1, 70, draws=50)
    assert sure.p_award.sum() == pytest.approx(70)
    anchors = fitted.sheets.is_anchor
    assert set(sure.p_award[anchors]) == {0.0}
    assert set(sure.rank_hi[anchors]) == {0}
    assert sure.rank_hi[~anchors].max() <= len(contest.ranked)
    assert sure.rank_lo[~anchors].min() == 1


def test_bands_count_the_grey_entries():
    _, _, sure = sampled("final", 1, 6)
    assert sure.grey == (sure.band == 1).sum()
    assert (sure.p_award[sure.band == 2] >= 0.9).all()
    assert (sure.p_award[sure.band == 0] < 0.1).all()


def test_more_places_than_entries_award_everyone():
    _, fitted, sure = sampled("final", 1, 100, draws=10)
    assert set(sure.p_award) == {1.0}
    assert set(certainty.instant_chance(fitted, places=100)) == {1.0}
    with pytest.raises(ValueError, match="start at one"):
        certainty.certainty(fitted, places=0)


def test_second_look_chooses_the_most_doubtful():
    _, fitted, sure = sampled("final", 2, 6)
    chosen = certainty.second_look(fitted, sure.p_award, count=5)
    doubt = sure.p_award * (1 - sure.p_award)
    rest = np.setdiff1d(np.arange(len(doubt)), chosen)
    assert len(chosen) == 5
    assert doubt[chosen].min() >= doubt[rest].max()


def test_second_look_with_fresh_judges_improves_the_award_list():
    """Two fresh scores for each of the 90 most doubtful entries, against the list without them."""
    gains = []
    for seed in range(4):
        contest, fitted, sure = sampled("pool", 20 + seed, 70)
        truth = contest.quality
        before = top_share_found(by_number(contest, fitted.sheets, fitted.score), truth)
        chosen = certainty.second_look(fitted, sure.p_award, count=90)
        looked = with_fresh_scores(contest, [fitted.sheets.entries[k] for k in chosen], seed)
        again = model.fit(arranged(looked))
        gains.append(top_share_found(by_number(looked, again.sheets, again.score), truth) - before)
    assert np.mean(gains) > 0.01


def with_fresh_scores(contest, names, seed):
    rng = np.random.default_rng(seed)
    entry = np.repeat([int(name.removeprefix("E")) for name in names], 2)
    judge = np.concatenate(
        [
            rng.choice(
                np.setdiff1d(np.arange(len(contest.leniency)), contest.judge[contest.entry == one]), 2, False
            )
            for one in entry[::2]
        ]
    )
    fresh = contest.design.mean + contest.leniency[judge] + contest.scale[judge] * contest.quality[entry]
    fresh = fresh + contest.noise[judge] * rng.standard_t(5, len(entry)) / np.sqrt(5 / 3)
    contest.entry, contest.judge = np.append(contest.entry, entry), np.append(contest.judge, judge)
    contest.score = np.append(contest.score, np.round(np.clip(fresh, 0, 100) * 2) / 2)
    return contest
