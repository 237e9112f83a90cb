"""How well a ranking, a probability or a suspicion matches the truth."""

import numpy as np


def kendall_tau(x, y):
    """Kendall's tau-b of two arrays, by counting inversions; O(n log^2 n)."""
    order = np.lexsort((y, x))
    x, y = np.asarray(x)[order], np.asarray(y)[order]
    pairs = len(x) * (len(x) - 1) // 2
    tied_x, tied_y = _tied_pairs(x), _tied_pairs(np.sort(y))
    both = _tied_pairs(np.unique(np.stack([x, y]), axis=1, return_inverse=True)[1].ravel(), sort=True)
    discordant = _inversions(y)
    concordant = pairs - tied_x - tied_y + both - discordant
    return float((concordant - discordant) / np.sqrt(float(pairs - tied_x) * float(pairs - tied_y)))


def _tied_pairs(values, *, sort=False):
    values = np.sort(values) if sort else values
    edges = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1], [True]]))
    runs = np.diff(edges)
    return int((runs * (runs - 1) // 2).sum())


def _inversions(values):
    """Pairs i < j with values[i] > values[j], by bottom-up merging of ranks."""
    rank = np.unique(values, return_inverse=True)[1]
    count, width, found = len(rank), 1, 0
    while width < count:
        for start in range(0, count - width, 2 * width):
            left = rank[start : start + width]
            right = rank[start + width : start + 2 * width]
            found += int((len(left) - np.searchsorted(left, right, side="right")).sum())
            rank[start : start + 2 * width] = np.sort(rank[start : start + 2 * width], kind="stable")
        width *= 2
    return found


def top_share_found(score, truth, share=0.1):
    """Of the best `share` by truth, the part also among the best by score (F1 = precision = recall)."""
    places = round(len(truth) * share)
    return len(set(best(score, places)) & set(best(truth, places))) / places


def best(values, places):
    return np.argsort(-np.asarray(values), kind="stable")[:places].tolist()


def true_ranks(truth):
    ranks = np.empty(len(truth), dtype=int)
    ranks[np.argsort(-truth)] = np.arange(1, len(truth) + 1)
    return ranks


def brier(chance, happened):
    return float(np.mean((chance - happened) ** 2))


def calibration_error(chance, happened, bins=10):
    """Expected calibration error over equal bins of the stated chance."""
    index = np.minimum((chance * bins).astype(int), bins - 1)
    size = np.bincount(index, minlength=bins)
    gap = np.abs(np.bincount(index, chance, bins) - np.bincount(index, happened, bins))
    return float(gap.sum() / size.sum())


def area_under_curve(suspicion, is_guilty):
    """Chance that a guilty one is more suspect than an innocent one; ties count half."""
    suspicion, is_guilty = np.asarray(suspicion, dtype=float), np.asarray(is_guilty, dtype=bool)
    values, place, size = np.unique(suspicion, return_inverse=True, return_counts=True)
    middle = np.cumsum(size) - (size - 1) / 2
    guilty = int(is_guilty.sum())
    innocent = len(is_guilty) - guilty
    return float((middle[place][is_guilty].sum() - guilty * (guilty + 1) / 2) / (guilty * innocent))


def oracle(contest):
    """What one who knows every judge would say: posterior mode of quality under t_5 noise, (entries,)."""
    design, entries = contest.design, len(contest.quality)
    residual = contest.score - contest.given
    scale = contest.scale[contest.judge]
    spread = contest.noise[contest.judge] ** 2 * 0.6
    quality = np.zeros(entries)
    for _ in range(40):
        weight = 6 / (5 + (residual - scale * quality[contest.entry]) ** 2 / spread)
        pull = weight * scale / spread
        held = np.bincount(contest.entry, pull * scale, entries) + 1 / design.quality**2
        quality = np.bincount(contest.entry, pull * residual, entries) / held
    return quality[: design.entries]
