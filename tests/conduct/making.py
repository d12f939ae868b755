"""Made-up acts: pairs with habits of their own that turn now and then, so that there is something to learn."""

import numpy as np

from goodoffices.conduct.acts import Acts, Parties

FIRST = 735234  # 1 January 2014


def parties(names):
    """Parties of which each is a country of its own, in two roles by turns."""
    many = len(names)
    return Parties(
        tuple(names), np.arange(many, dtype=np.int32) % 2, np.arange(many, dtype=np.int32),
        ("armed", "state"), tuple(names),
    )  # fmt: skip


def acts_of(rows, names, late=None):
    """Acts from rows of day, actor, target, value; quads by value, known on their day or `late` days later."""
    day, actor, target, value = (np.array(column) for column in zip(*rows, strict=True))
    order = np.argsort(day, kind="stable")
    day, actor, target, value = day[order], actor[order], target[order], value[order].astype(np.float32)
    waited = np.zeros(len(day), int) if late is None else np.array(late)[order]
    quad = np.where(value > 0, np.where(value > 5, 2, 1), np.where(value < -5, 4, 3))
    return Acts(
        (FIRST + day).astype(np.int32), (FIRST + day + waited).astype(np.int32), actor.astype(np.int32),
        target.astype(np.int32), value, quad.astype(np.int8), parties(names),
    )  # fmt: skip


def habits(n=4000, many=12, days=400, seed=0, late=0, turn=300):
    """Acts of pairs that are mostly good or mostly bad for a while, by a chain with two states."""
    rng = np.random.default_rng(seed)
    names = [f"P{k:02}" for k in range(many)]
    when = np.sort(rng.integers(0, days, n))
    weights = rng.gamma(0.5, 1.0, many * many)
    pair = rng.choice(many * many, n, p=weights / weights.sum())
    pair = np.where(pair // many == pair % many, (pair + 1) % (many * many), pair)
    state, since, rows = rng.random(many * many) < 0.6, np.zeros(many * many), []
    for day, one in zip(when, pair, strict=True):
        if rng.random() < 1 - np.exp(-(day - since[one]) / turn):
            state[one] = rng.random() < 0.6
        since[one] = day
        good = rng.random() < (0.92 if state[one] else 0.15)
        size = rng.choice([2.0, 7.0], p=[0.7, 0.3])
        rows.append((day, one // many, one % many, size if good else -size))
    waited = rng.integers(0, late + 1, n) if late else None
    return acts_of(rows, names, waited)
