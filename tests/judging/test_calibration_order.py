"""The same bytes under any row order and any naming, even where entries are interchangeable."""

import numpy as np
import pytest

from bench.judging.simulator import simulate
from judging.calibration import certainty, model, sheets


def outcome(rows, rooms, seed=1):
    """entry -> exact results; rows are (entry, judge, score)."""
    entries, judges, scores = zip(*rows, strict=True)
    anchors = {name for name in entries if name.startswith("ANCHOR")}
    arrangement = sheets.arrange(entries, judges, scores, rooms=rooms, anchors=anchors)
    fitted = model.fit(arrangement)
    sure = certainty.certainty(fitted, places=3, draws=60, seed=seed)
    columns = (
        fitted.score,
        sure.p_award,
        sure.rank_lo,
        sure.rank_hi,
        certainty.instant_chance(fitted, places=3),
    )
    lines = zip(*(column.tolist() for column in columns), strict=True)
    return dict(zip(arrangement.entries, lines, strict=True))


def renamed(names, rng):
    distinct = sorted(set(names))
    new = (
        f"{'ANCHOR' if name.startswith('ANCHOR') else 'N'}{k}"
        for name, k in zip(distinct, rng.permutation(len(distinct)), strict=True)
    )
    return dict(zip(distinct, new, strict=True))


def small(score, entries=12, judges=6):
    return [(f"E{i}", f"J{j}", float(score(i, j))) for i in range(entries) for j in range(judges)], None


def equal_rooms():
    rows = [
        (f"E{r}.{i}", f"J{r}.{j}", 80.0 + i * j % 5) for r in range(4) for i in range(6) for j in range(5)
    ]
    return rows, [f"R{row[0][1]}" for row in rows]


def ring(score):
    return [(f"E{i}", f"J{(i + k) % 9}", score(k)) for i in range(9) for k in range(5)], None


def simulated(preset, step=0.5):
    contest = simulate(preset, 3)
    scores = np.round(contest.score / step) * step
    return list(zip(contest.entry_names(), contest.judge_names(), scores, strict=True)), contest.room_names()


CASES = {
    "coarse": lambda: small(lambda i, j: (i * 7 + j * j * 3) % 4),
    "two values": lambda: small(lambda i, j: (i + j) % 2),
    "twins": lambda: small(lambda i, j: 80 + (i // 3) * (j + 1) % 5),
    "latin square": lambda: small(lambda i, j: 80 + (i - j) % 7, 7, 7),
    "all equal": lambda: small(lambda i, j: 80),
    "equal rooms": equal_rooms,
    "ring": lambda: ring(lambda k: 80.0 + k),
    "ring of equal scores": lambda: ring(lambda k: 80.0),
    "pool": lambda: simulated("pool"),
    "coarse sparse pool": lambda: simulated("sparse", 5.0),
    "rooms with anchors": lambda: simulated("anchors"),
    "final": lambda: simulated("final", 1.0),
}


@pytest.mark.parametrize("case", CASES)
def test_results_ignore_row_order_and_names(case):
    rows, rooms = CASES[case]()
    expected = outcome(rows, rooms)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        entry, judge = renamed([row[0] for row in rows], rng), renamed([row[1] for row in rows], rng)
        room = renamed(rooms, rng) if rooms else None
        order = rng.permutation(len(rows))
        moved = [(entry[rows[k][0]], judge[rows[k][1]], rows[k][2]) for k in order]
        found = outcome(moved, [room[rooms[k]] for k in order] if rooms else None)
        assert found == {entry[name]: line for name, line in expected.items()}


def test_interchangeable_entries_get_equal_results():
    found = outcome(*CASES["twins"]())
    assert found["E0"] == found["E1"] == found["E2"]
    assert found["E0"] != found["E3"]


def test_the_seed_changes_the_draws_and_nothing_else():
    rows, rooms = CASES["final"]()
    one, other = outcome(rows, rooms, seed=1), outcome(rows, rooms, seed=2)
    assert {name: line[0] for name, line in one.items()} == {name: line[0] for name, line in other.items()}
    assert {name: line[1] for name, line in one.items()} != {name: line[1] for name, line in other.items()}
