"""The calibrated model against small contests whose truth is known."""

import math

import numpy as np
import pytest

from bench.judging.measures import kendall_tau, top_share_found
from bench.judging.simulator import simulate
from judging.calibration import model, reading, sheets
from judging.calibration.tails import choose_tail


def arranged(contest, scores=None):
    return sheets.arrange(
        contest.entry_names(),
        contest.judge_names(),
        contest.score if scores is None else scores,
        rooms=contest.room_names(),
        anchors=contest.anchors,
    )


def by_number(contest, arrangement, values):
    place = {name: index for index, name in enumerate(arrangement.entries)}
    return np.array([values[place[name]] for name in contest.ranked])


def plain_mean(contest):
    count = np.bincount(contest.entry)
    return (np.bincount(contest.entry, contest.score) / count)[: len(contest.ranked)]


def recovery(contest, **options):
    arrangement = arranged(contest)
    fitted = model.fit(arrangement, **options)
    truth = contest.quality[: len(contest.ranked)]
    score = by_number(contest, arrangement, fitted.score)
    return kendall_tau(score, truth), kendall_tau(plain_mean(contest), truth), fitted


def test_fit_on_a_pool_recovers_far_more_than_the_mean():
    calibrated, mean, fitted = recovery(simulate("pool", 1))
    assert calibrated > mean + 0.06
    assert fitted.full
    assert fitted.calibratable


def test_fit_recovers_the_spreads_of_the_simulation():
    contest = simulate("pool", 2)
    spread = model.fit(arranged(contest)).spread
    assert math.sqrt(spread["sb"]) == pytest.approx(np.std(contest.leniency), rel=0.15)
    assert math.sqrt(spread["sq"]) == pytest.approx(np.std(contest.quality), rel=0.12)
    assert math.sqrt(spread["ta"]) == pytest.approx(0.2, abs=0.07)


def test_fit_recovers_judges_leniency_and_noise():
    contest = simulate("pool", 3)
    fitted = model.fit(arranged(contest))
    number = np.array([int(name.removeprefix("J")) for name in fitted.sheets.judges])
    assert np.corrcoef(fitted.leniency, contest.leniency[number])[0, 1] > 0.94
    assert np.corrcoef(np.log(fitted.noise), np.log(contest.noise[number]))[0, 1] > 0.4


def test_fit_gains_from_anchors_across_unlinked_rooms():
    gains = [
        recovery(simulate("anchors", seed))[0] - recovery(simulate("strong", seed))[0] for seed in (1, 2, 3)
    ]
    assert np.mean(gains) > 0.025


def test_fit_on_strong_rooms_is_no_worse_than_the_mean():
    pairs = [recovery(simulate("strong", seed))[:2] for seed in range(4)]
    assert np.mean([calibrated - mean for calibrated, mean in pairs]) > 0


def test_declared_draw_helps_where_rooms_are_alike_and_harms_where_they_are_not():
    alike, apart = simulate("rooms", 4), simulate("strong", 4)
    assert recovery(alike, rooms="drawn")[0] > recovery(alike)[0]
    assert recovery(apart, rooms="drawn")[0] < recovery(apart)[0] - 0.04


def test_fit_refuses_an_unknown_kind_of_rooms():
    with pytest.raises(ValueError, match="drawn"):
        model.fit(arranged(simulate("final", 1)), rooms="perhaps")


def test_one_lenient_judge_moves_his_entries_officially_but_not_calibrated():
    contest = simulate("pool", 5)
    arrangement = arranged(contest)
    before = by_number(contest, arrangement, model.fit(arrangement).score)
    lifted = arranged(contest, contest.score + 8.0 * (contest.judge == 0))
    after = by_number(contest, lifted, model.fit(lifted).score)
    own = np.unique(contest.entry[contest.judge == 0])
    change = (after - before) - (after - before).mean()
    assert abs(change[own].mean()) < 0.15


def test_fit_with_few_scores_per_judge_keeps_to_leniency():
    rng = np.random.default_rng(1)
    entry = np.repeat(np.arange(120), 4)
    judge = rng.permuted(np.tile(np.arange(120), (4, 1)), axis=1).T.ravel()
    kept = np.unique(entry * 1000 + judge, return_index=True)[1]
    score = 70 + rng.normal(0, 6, 120)[entry] + rng.normal(0, 3, len(entry))
    fitted = model.fit(sheets.arrange(entry[kept].tolist(), judge[kept].tolist(), score[kept]))
    assert not fitted.full
    assert set(fitted.scale) == {1.0}
    assert len(set(fitted.noise)) == 1
    assert fitted.calibratable


def test_fit_with_too_few_scores_per_unknown_says_so():
    names = [f"E{k}" for k in range(20)]
    fitted = model.fit(sheets.arrange(names, [f"J{k % 10}" for k in range(20)], np.arange(20.0)))
    assert not fitted.calibratable


def test_fit_of_equal_scores_is_level():
    rows = [(f"E{i}", f"J{j}") for i in range(8) for j in range(6)]
    fitted = model.fit(sheets.arrange([e for e, _ in rows], [j for _, j in rows], [80.0] * len(rows)))
    assert set(fitted.score) == {80.0}


def test_arrange_refuses_a_repeated_pair_and_a_score_that_is_no_number():
    with pytest.raises(ValueError, match="once"):
        sheets.arrange(["A", "A"], ["J", "J"], [1.0, 2.0])
    with pytest.raises(ValueError, match="finite"):
        sheets.arrange(["A", "B"], ["J", "J"], [1.0, math.nan])


def test_arrange_takes_unlinked_panels_for_rooms_and_leaves_anchors_out():
    rows = [("A", "J1"), ("B", "J1"), ("C", "J2"), ("ANCHOR1", "J1"), ("ANCHOR1", "J2")]
    found = sheets.arrange([e for e, _ in rows], [j for _, j in rows], [1.0, 2, 3, 4, 5], anchors=["ANCHOR1"])
    room = dict(zip(found.entries, found.entry_room, strict=True))
    assert room["A"] == room["B"] != room["C"]
    assert room["ANCHOR1"] == sheets.ROOMLESS
    assert found.component.max() == 0


def test_choose_tail_tells_heavy_from_light_tails():
    rng = np.random.default_rng(0)
    assert choose_tail(rng.standard_normal(4000) ** 2) >= 18
    assert choose_tail(rng.standard_t(5, 4000) ** 2) <= 7


def test_adjusted_scores_undo_leniency_and_scale():
    contest = simulate("pool", 6)
    arrangement = arranged(contest)
    fitted = model.fit(arrangement)
    adjusted = reading.adjusted_scores(fitted)
    row = 17
    judge = arrangement.judge[row]
    back = fitted.mean + fitted.leniency[judge] + fitted.scale[judge] * (adjusted[row] - fitted.mean)
    assert back == pytest.approx(arrangement.score[row])
    truth = contest.quality[: len(contest.ranked)]
    mean = np.bincount(arrangement.entry, adjusted) / arrangement.per_entry
    assert (
        kendall_tau(by_number(contest, arrangement, mean), truth)
        > kendall_tau(plain_mean(contest), truth) + 0.03
    )


def test_expected_scores_come_nearer_to_held_back_scores_than_means_do():
    contest = simulate("pool", 8)
    held = np.zeros(len(contest.score), dtype=bool)
    held[np.random.default_rng(0).choice(len(held), 500, replace=False)] = True
    entries, judges = np.array(contest.entry_names()), np.array(contest.judge_names())
    fitted = model.fit(sheets.arrange(entries[~held], judges[~held], contest.score[~held]))
    expected = reading.expected_scores(fitted, entries[held], judges[held])
    mean = np.bincount(contest.entry, contest.score * ~held) / np.bincount(contest.entry, ~held)
    error = np.sqrt(np.mean((expected - contest.score[held]) ** 2))
    assert error < 0.85 * np.sqrt(np.mean((mean[contest.entry[held]] - contest.score[held]) ** 2))
    with pytest.raises(KeyError):
        reading.expected_scores(fitted, ["nobody"], ["J1"])


def test_explain_gives_every_judge_and_weights_that_sum_to_one():
    contest = simulate("final", 2)
    fitted = model.fit(arranged(contest))
    account = reading.explain(fitted, "E7")
    assert len(account.lines) == 7
    assert sum(line.weight for line in account.lines) == pytest.approx(1)
    assert account.low < account.score < account.high
    assert {line.judge: line.raw for line in account.lines} == {
        f"J{judge}": score
        for entry, judge, score in zip(contest.entry, contest.judge, contest.score, strict=True)
        if entry == 7
    }
    with pytest.raises(KeyError):
        reading.explain(fitted, "nobody")


def test_criterion_leniency_finds_the_judge_generous_in_one_criterion():
    contest = simulate("pool", 7)
    arrangement = arranged(contest)
    share = 0.3
    points = share * arrangement.score
    generous = arrangement.judges.index("J5")
    points = points + 2.0 * (arrangement.judge == generous)
    lean = reading.criterion_leniency(model.fit(arrangement), points, share)
    assert lean.argmax() == generous
    assert lean[generous] == pytest.approx(2.0, abs=0.6)


def test_top_share_of_calibrated_beats_the_mean():
    found = []
    for seed in (1, 2, 3):
        contest = simulate("pool", seed)
        arrangement = arranged(contest)
        truth = contest.quality[: len(contest.ranked)]
        score = by_number(contest, arrangement, model.fit(arrangement).score)
        found.append(top_share_found(score, truth) - top_share_found(plain_mean(contest), truth))
    assert np.mean(found) > 0.04
