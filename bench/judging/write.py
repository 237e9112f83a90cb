"""Write a simulated contest as files: `python -m bench.judging.write --preset pool --seed 1 --scores S --truth T`."""

import argparse
import csv
from pathlib import Path

from bench.judging.simulator import CRITERIA, PRESETS, simulate


def write_scores(contest, path, *, by_criterion=False):
    """entry,judge,score[,criterion][,room],order"""
    rooms = contest.room_names()
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["entry", "judge", "score", *(["criterion"] * by_criterion), *(["room"] * bool(rooms)), "order"]
        )
        sheets = zip(contest.entry_names(), contest.judge_names(), contest.position, strict=True)
        for row, (entry, judge, place) in enumerate(sheets):
            tail = [*([rooms[row]] if rooms else []), place]
            if not by_criterion:
                writer.writerow([entry, judge, contest.score[row], *tail])
                continue
            for criterion, points in zip(CRITERIA, contest.criteria[row], strict=True):
                writer.writerow([entry, judge, points, criterion, *tail])


def write_truth(contest, path):
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["entry", "quality"])
        writer.writerows(zip(contest.ranked, contest.quality.tolist(), strict=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=PRESETS, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--truth")
    parser.add_argument("--by-criterion", action="store_true")
    asked = parser.parse_args()
    contest = simulate(asked.preset, asked.seed)
    write_scores(contest, asked.scores, by_criterion=asked.by_criterion)
    if asked.truth:
        write_truth(contest, asked.truth)


if __name__ == "__main__":
    main()
