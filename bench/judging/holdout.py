"""How well a hidden score is foretold, on a file of real scores: `python -m bench.judging.holdout --scores S.csv`.

The file is the one `judging rank` takes: entry,judge,score[,room]. In every round one score of every entry with three
or more is hidden and foretold from the rest, by the official rule's mean of the entry, by the judge's z-scores put
back on his own scale, and by the calibrated model; printed are the root mean square error in points and the
concordance (how often two hidden scores of one judge come in the foretold order). With a column `related` (1 or 0:
judge and entry share a region, employer or investor) the contrast of related parties is printed too.
"""

import argparse
import csv
from collections import defaultdict

import numpy as np

from judging.anomalies.relations import related_parties
from judging.calibration.model import fit
from judging.calibration.sheets import arrange

FEWEST = 3


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    score = np.array([float(row["score"]) for row in rows])
    rooms = [row["room"] for row in rows] if rows and "room" in rows[0] else None
    related = np.array([row.get("related", "0") == "1" for row in rows])
    return [row["entry"] for row in rows], [row["judge"] for row in rows], score, rooms, related


def hidden_rows(entries, rng):
    """One row of every entry with three or more, at random."""
    found = defaultdict(list)
    for row, name in enumerate(entries):
        found[name].append(row)
    return np.array([rng.choice(rows) for rows in found.values() if len(rows) >= FEWEST])


def foretold(entries, judges, score, rooms, hidden):
    """Method -> what it says about the hidden rows, NaN where it cannot."""
    kept = np.setdiff1d(np.arange(len(score)), hidden)
    names, seats = np.unique(entries, return_inverse=True)[1], np.unique(judges, return_inverse=True)[1]
    size = np.bincount(names[kept], minlength=names.max() + 1)
    mean = np.bincount(names[kept], score[kept], len(size)) / np.maximum(size, 1)
    given = np.maximum(np.bincount(seats[kept], minlength=seats.max() + 1), 1)
    centre = np.bincount(seats[kept], score[kept], len(given)) / given
    away = score - centre[seats]
    spread = np.sqrt(np.bincount(seats[kept], away[kept] ** 2, len(given)) / given)
    z = np.bincount(names[kept], (away / np.maximum(spread[seats], 1e-9))[kept], len(size)) / np.maximum(
        size, 1
    )
    sheets = arrange(
        [entries[k] for k in kept],
        [judges[k] for k in kept],
        score[kept],
        rooms=[rooms[k] for k in kept] if rooms else None,
        anchors={name for name in entries if name.startswith("ANCHOR")},
    )
    model = fit(sheets)
    entry, judge = ({name: k for k, name in enumerate(part)} for part in (sheets.entries, sheets.judges))
    e, j = (
        np.array([part.get(of[k], -1) for k in hidden]) for part, of in ((entry, entries), (judge, judges))
    )
    calibrated = model.mean + model.leniency[j] + model.scale[j] * model.theta[e]
    known = (e >= 0) & (j >= 0)
    return {
        "official": mean[names[hidden]],
        "z-score": centre[seats[hidden]] + spread[seats[hidden]] * z[names[hidden]],
        "calibrated": np.where(known, calibrated, mean[names[hidden]]),
    }


def concordance(said, true, judges):
    right = pairs = 0
    for judge in set(judges):
        rows = [k for k, name in enumerate(judges) if name == judge]
        s, t = (values[rows][:, None] - values[rows] for values in (said, true))
        apart = np.triu(t != 0, 1)
        right += ((s * t > 0) & apart).sum() + 0.5 * ((s == 0) & apart).sum()
        pairs += apart.sum()
    return right / max(pairs, 1)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scores", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    entries, judges, score, rooms, related = read(asked.scores)
    found = defaultdict(list)
    for seed in range(asked.rounds):
        hidden = hidden_rows(entries, np.random.default_rng(seed))
        for method, said in foretold(entries, judges, score, rooms, hidden).items():
            error = np.sqrt(np.mean((said - score[hidden]) ** 2))
            found[method].append((error, concordance(said, score[hidden], [judges[k] for k in hidden])))
    for method, values in found.items():
        print("{:10} RMSE {:.3f} concordance {:.3f}".format(method, *np.mean(values, axis=0)))
    if related.any():
        model = fit(arrange(entries, judges, score, rooms=rooms))
        home = related_parties(model, related[model.sheets.source])
        print(
            f"related    {home.effect:+.3f} points, s.e. {home.error:.3f}, t {home.t:.1f}, "
            f"judges flagged at 5 % {int(home.flagged.sum())} of {len(home.judges)}"
        )


if __name__ == "__main__":
    main()
