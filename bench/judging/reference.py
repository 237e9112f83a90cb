"""The calibrated method written out as its definition reads, with none of the model's shortcuts: what it is held to.

    y_ij = mu + b_j + a_j theta_i + e_ij      theta_i = g_room(i) + q_i   (anchors: no room term)

Every step is one line of the published iteration: fixed t_10 weights, variances as mean squares plus posterior
variances, one d-step for every unlinked component, until theta moves by less than 1e-5 of the scores' spread.
"""

import numpy as np

TAIL, PSEUDO, SCALE_VARIANCE, ROUNDS = 10, 12, 0.18**2, 20_000


def score(sheets):
    """mu + theta by entry of `judging.calibration.sheets.Sheets`, rooms unknown."""
    y, e, j = sheets.score, sheets.entry, sheets.judge
    entries, judges = len(sheets.entries), len(sheets.judges)
    room = np.where(sheets.entry_room >= 0, sheets.entry_room, -1)
    inside = np.flatnonzero(room >= 0) if sheets.rooms > 1 else np.empty(0, dtype=int)
    rooms = sheets.rooms if len(inside) else 0
    of_entry, of_judge = sheets.component[:entries], sheets.component[entries:]
    count = sheets.component.max() + 1
    of_room = np.zeros(rooms, dtype=int)
    of_room[room[inside]] = of_entry[inside]

    def by_entry(values):
        return np.bincount(e, values, entries)

    def by_judge(values):
        return np.bincount(j, values, judges)

    mu, total = y.mean(), y.var()
    s20, sb, sq, sg, ta = 0.3 * total, 0.2 * total, 0.4 * total, 0.1 * total, SCALE_VARIANCE
    theta = 0.5 * by_entry(y - mu) / np.bincount(e, minlength=entries)
    b, a, s2, g = np.zeros(judges), np.ones(judges), np.full(judges, s20), np.zeros(rooms)
    e2 = np.full(len(y), s20)
    for _ in range(ROUNDS):
        before = theta
        w = (TAIL + 1) / (TAIL + e2 / s2[j])
        p = w / s2[j]
        prior = np.zeros(entries)
        prior[inside] = g[room[inside]]
        v = 1 / (by_entry(p * a[j] ** 2) + 1 / sq)
        theta = v * (by_entry(p * a[j] * (y - mu - b[j])) + prior / sq)
        # judge j's scores on theta (known up to v): ridge with prior (0, 1), variances sb, ta
        s0, s1 = by_judge(p) + 1 / sb, by_judge(p * theta[e])
        s_2 = by_judge(p * (theta[e] ** 2 + v[e])) + 1 / ta
        t0, t1 = by_judge(p * (y - mu)), by_judge(p * theta[e] * (y - mu)) + 1 / ta
        det = s0 * s_2 - s1**2
        b, a = (s_2 * t0 - s1 * t1) / det, (s0 * t1 - s1 * t0) / det
        vb, va, vab = s_2 / det, s0 / det, -s1 / det
        m = a.mean()
        a, theta, v, g = a / m, theta * m, v * m * m, g * m
        vg = np.zeros(rooms)
        if rooms:
            size = np.bincount(room[inside], minlength=rooms)
            vg = 1 / (size / sq + 1 / sg)
            g = np.bincount(room[inside], theta[inside], rooms) / sq * vg
        pull = np.bincount(of_judge, a * b, count) / sb
        firm = np.bincount(of_judge, a**2, count) / sb
        if rooms:
            pull -= np.bincount(of_room, g, count) / sg
            firm += np.bincount(of_room, minlength=count) / sg
        else:
            pull -= np.bincount(of_entry, theta, count) / sq
            firm += np.bincount(of_entry, minlength=count) / sq
        d = pull / firm
        theta, g, b = theta + d[of_entry], g + d[of_room], b - a * d[of_judge]
        left = y - mu - b[j] - a[j] * theta[e]
        e2 = left**2 + a[j] ** 2 * v[e] + vb[j] + theta[e] * (2 * vab[j] + theta[e] * va[j])
        s20 = (w * e2).mean()
        s2 = (by_judge(w * e2) + PSEUDO * s20) / (np.bincount(j, minlength=judges) + PSEUDO)
        mu, b = mu + b.mean(), b - b.mean()
        sb = (b**2 + vb + a**2 / firm[of_judge]).mean()
        ta = (((a - 1) ** 2 + va).sum() + 6 * SCALE_VARIANCE) / (judges + 6)
        own, slack = theta.copy(), v.copy()
        if rooms:
            own[inside] -= g[room[inside]]
            slack[inside] += vg[room[inside]]
            sg = (g**2 + vg + 1 / firm[of_room]).mean()
        else:
            slack = slack + 1 / firm[of_entry]
        sq = (own**2 + slack).mean()
        if np.abs(theta - before).max() < 1e-5 * total**0.5:
            break
    return mu + theta
