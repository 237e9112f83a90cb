"""Measure the calibrated ranking on simulated contests: `python -m bench.judging.measure --help`.

Prints, per preset, Kendall's tau and F1 of the top tenth for the official rule, the z-score, the adjusted and the
calibrated score and one who knows every judge; then certainty, anomalies, sensitivity, a second look, speed.
"""

import argparse
import resource
import time

import numpy as np

from bench.judging import measures, reference
from bench.judging.simulator import PRESETS, simulate, write_marks
from judging.anomalies import deviates, flags
from judging.calibration.certainty import certainty, instant_chance, second_look
from judging.calibration.model import fit
from judging.calibration.reading import adjusted_scores
from judging.calibration.sheets import arrange


def arranged(contest):
    return arrange(
        contest.entry_names(),
        contest.judge_names(),
        contest.score,
        rooms=contest.room_names(),
        anchors=contest.anchors,
    )


def in_order(contest, sheets, values):
    place = {name: index for index, name in enumerate(sheets.entries)}
    return np.asarray(values)[[place[name] for name in contest.ranked]]


def trimmed(entry, score, count):
    order = np.lexsort((score, entry))
    sizes = np.bincount(entry, minlength=count)
    start = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ordered = score[order]
    trim = sizes >= 3
    ends = np.where(trim, ordered[start] + ordered[start + sizes - 1], 0)
    return (np.add.reduceat(ordered, start) - ends) / (sizes - 2 * trim)


def standard(contest):
    judges = np.bincount(contest.judge)
    away = contest.score - (np.bincount(contest.judge, contest.score) / judges)[contest.judge]
    spread = np.sqrt(np.bincount(contest.judge, away**2) / judges)[contest.judge]
    return np.bincount(contest.entry, away / np.maximum(spread, 1e-9)) / np.bincount(contest.entry)


def rankings(contest):
    """Method -> score by entry, and the fit."""
    own, count = len(contest.ranked), len(contest.quality)
    sheets = arranged(contest)
    fitted = fit(sheets)
    adjusted = trimmed(sheets.entry, adjusted_scores(fitted), count)
    scores = {
        "trimmed": trimmed(contest.entry, contest.score, count)[:own],
        "zscore": standard(contest)[:own],
        "adjusted": in_order(contest, sheets, adjusted),
        "calibrated": in_order(contest, sheets, fitted.score),
        "oracle": measures.oracle(contest),
    }
    if sheets.rooms > 1:
        scores["drawn"] = in_order(contest, sheets, fit(sheets, rooms="drawn").score)
    return scores, fitted


def recovery(preset, seeds):
    found = {}
    for seed in seeds:
        contest = simulate(preset, seed)
        truth = contest.quality[: len(contest.ranked)]
        for method, score in rankings(contest)[0].items():
            both = measures.kendall_tau(score, truth), measures.top_share_found(score, truth)
            found.setdefault(method, []).append(both)
    means = {method: np.mean(values, axis=0) for method, values in found.items()}
    low, high = means["trimmed"][0], means["oracle"][0]
    closed = (means["calibrated"][0] - low) / (high - low)
    cells = " ".join(f"{method} {tau:.3f}/{f1:.2f}" for method, (tau, f1) in means.items())
    print(f"{preset:8} {cells} | gap closed {closed:.2f}", flush=True)


def against_reference(preset, seeds):
    """Tau of the model and of its definition written out plainly."""
    taus = []
    for seed in seeds:
        contest = simulate(preset, seed)
        truth, sheets = contest.quality[: len(contest.ranked)], arranged(contest)
        both = fit(sheets).score, reference.score(sheets)
        taus.append([measures.kendall_tau(in_order(contest, sheets, score), truth) for score in both])
    model, plain = np.mean(taus, axis=0)
    print(f"{preset:8} tau {model:.4f}, reference {plain:.4f}, difference {model - plain:+.4f}", flush=True)


def sureness(preset, seeds, draws):
    chance, quick, award, covered, expected, real = [], [], [], [], [], []
    for seed in seeds:
        contest = simulate(preset, seed)
        truth = contest.quality[: len(contest.ranked)]
        places, fitted = round(0.1 * len(truth)), fit(arranged(contest))
        sure = certainty(fitted, places=places, draws=draws, seed=seed)
        rank = measures.true_ranks(truth)
        low, high = (in_order(contest, fitted.sheets, x) for x in (sure.rank_lo, sure.rank_hi))
        chance.append(in_order(contest, fitted.sheets, sure.p_award))
        quick.append(in_order(contest, fitted.sheets, instant_chance(fitted, places=places)))
        award.append(rank <= places)
        covered.append(np.mean((low <= rank) & (rank <= high)))
        expected.append(sure.expected_precision)
        real.append(measures.top_share_found(in_order(contest, fitted.sheets, fitted.score), truth))
    chance, quick, award = map(np.concatenate, (chance, quick, award))
    print(
        f"{preset:8} Brier {measures.brier(chance, award):.4f} "
        f"ECE {measures.calibration_error(chance, award):.3f} / {measures.calibration_error(quick, award):.3f} "
        f"coverage {np.mean(covered):.3f} precision {np.mean(expected):.3f} / {np.mean(real):.3f} "
        f"grey {np.mean((chance > 0.1) & (chance < 0.9)):.2f}",
        flush=True,
    )


def suspects(seeds):
    area = {}
    for seed in seeds:
        contest = simulate("dirty", seed)
        fitted = fit(arranged(contest))
        found = flags.survey(fitted)
        number = np.array([int(name.removeprefix("J")) for name in fitted.sheets.judges])
        for kind in ("careless", "flat", "rogue"):
            guilty = np.isin(number, contest.planted[kind])
            area.setdefault(kind, []).append(measures.area_under_curve(found.judges[kind], guilty))
        lifted = np.isin(fitted.sheets.source, contest.planted["lifted"])
        area.setdefault("lift +15 (dirty)", []).append(measures.area_under_curve(np.abs(found.rows), lifted))
        area.setdefault("lift +10", []).append(_single_lift(seed))
        area.setdefault("copying .5", []).append(_copying(seed))
    print("AUC      " + " ".join(f"{kind} {np.mean(values):.3f}" for kind, values in area.items()))


def _single_lift(seed):
    contest = simulate("pool", seed)
    rows = np.random.default_rng(seed).choice(len(contest.score), 35, replace=False)
    contest.score[rows] = np.minimum(contest.score[rows] + 10, 100)
    fitted = fit(arranged(contest))
    found = np.isin(fitted.sheets.source, rows)
    return measures.area_under_curve(np.abs(deviates.leave_one_out(fitted).z), found)


def _copying(seed):
    contest, pairs = simulate("rooms", seed), set()
    for room in range(0, 20, 4):
        one, other = 7 * room, 7 * room + 1
        of_one = dict(
            zip(contest.entry[contest.judge == one], contest.score[contest.judge == one], strict=True)
        )
        rows = np.flatnonzero(contest.judge == other)
        contest.score[rows] = (contest.score[rows] + [of_one[e] for e in contest.entry[rows]]) / 2
        pairs.add(frozenset((f"J{one}", f"J{other}")))
    fitted = fit(arranged(contest))
    index, deviate = deviates.copying(fitted)
    judges = fitted.sheets.judges
    return measures.area_under_curve(deviate, [frozenset((judges[a], judges[b])) in pairs for a, b in index])


def sensitivity(seeds):
    """What +8 on all scores of one judge moves his own entries by, officially and calibrated."""
    for preset in ("pool", "anchors", "strong"):
        official, calibrated = [], []
        for seed in seeds:
            before, after = simulate(preset, seed), simulate(preset, seed, lift=(3, 8.0))
            own = np.unique(before.entry[(before.judge == 3) & (before.entry < len(before.ranked))])
            one, two = rankings(before)[0], rankings(after)[0]
            for method, moves in (("trimmed", official), ("calibrated", calibrated)):
                change = two[method] - one[method]
                moves.append(change[own].mean() - np.delete(change, own).mean())
        print(
            f"{preset:8} +8 moves own entries {np.mean(official):+.2f} official, {np.mean(calibrated):+.2f}"
        )


def second_looks(seeds):
    before, after, spread = [], [], []
    for seed in seeds:
        for chosen_by, gains in (("doubt", after), ("chance", spread)):
            contest = simulate("pool", seed)
            truth = contest.quality
            fitted = fit(arranged(contest))
            score = in_order(contest, fitted.sheets, fitted.score)
            rng = np.random.default_rng(seed)
            if chosen_by == "doubt":
                sure = certainty(fitted, places=70, draws=400, seed=seed)
                look = [
                    int(fitted.sheets.entries[k][1:]) for k in second_look(fitted, sure.p_award, count=90)
                ]
                before.append(measures.top_share_found(score, truth))
            else:
                look = rng.choice(len(truth), 90, replace=False)
            add_fresh_scores(contest, look, rng)
            again = fit(arranged(contest))
            gains.append(measures.top_share_found(in_order(contest, again.sheets, again.score), truth))
    print(
        f"second look at 90: F1 {np.mean(before):.3f} -> {np.mean(after):.3f}, at random {np.mean(spread):.3f}"
    )


def add_fresh_scores(contest, entries, rng, each=2):
    """`each` scores by judges who have not seen the entry."""
    everyone = np.arange(len(contest.leniency))
    judge = np.concatenate(
        [rng.choice(np.setdiff1d(everyone, contest.judge[contest.entry == e]), each, False) for e in entries]
    )
    entry, old = np.repeat(entries, each), contest.score
    score = contest.design.mean + contest.leniency[judge] + contest.scale[judge] * contest.quality[entry]
    score = score + contest.noise[judge] * rng.standard_t(5, len(entry)) / np.sqrt(5 / 3)
    contest.entry, contest.judge = np.append(contest.entry, entry), np.append(contest.judge, judge)
    write_marks(contest, np.append(old, score))
    contest.score[: len(old)] = old


def speed():
    for preset, draws in (("pool", 1000), ("anchors", 1000), ("large", 500)):
        contest = simulate(preset, 1)
        marks = [_clocks()]
        sheets = arranged(contest)
        marks.append(_clocks())
        fitted = fit(sheets)
        marks.append(_clocks())
        certainty(fitted, places=len(contest.ranked) // 10, draws=draws)
        marks.append(_clocks())
        order, fitting, drawing = np.diff(marks, axis=0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{preset:8} {len(contest.ranked)} entries: arrange {_both(order)}, fit {_both(fitting)} "
            f"({fitted.rounds} rounds), {draws} draws {_both(drawing)}, peak {peak:.2f} GB",
            flush=True,
        )


def _clocks():
    return time.perf_counter(), time.process_time()


def _both(pair):
    """Wall and CPU seconds; on a busy machine only the second says what the work costs."""
    return "{:.2f} s (CPU {:.2f})".format(*pair)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4, help="contests per preset")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--presets", nargs="*", default=[p for p in PRESETS if p != "large"])
    parser.add_argument(
        "--parts",
        nargs="*",
        default=["recovery", "reference", "certainty", "anomalies", "sensitivity", "second-look", "speed"],
    )
    asked = parser.parse_args()
    seeds = range(asked.seeds)
    parts = {
        "recovery": lambda: [recovery(preset, seeds) for preset in asked.presets],
        "reference": lambda: [against_reference(preset, seeds) for preset in asked.presets],
        "certainty": lambda: [sureness(preset, seeds, asked.draws) for preset in asked.presets],
        "anomalies": lambda: suspects(seeds),
        "sensitivity": lambda: sensitivity(seeds),
        "second-look": lambda: second_looks(seeds),
        "speed": speed,
    }
    for part in asked.parts:
        print(f"## {part}", flush=True)
        parts[part]()


if __name__ == "__main__":
    main()
