"""Streams of acts drawn from the two-type model with known parameters."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.compute import kernels
from goodoffices.conduct import asymmetry, twotypes
from goodoffices.conduct.acts import Acts, Parties
from goodoffices.core.switching import NAMES, Course

Floats = NDArray[np.float64]
LOW, HIGH = (0.75, 0.1, 1 / 150, 0.35, 0.35), (0.97, 0.6, 1 / 30, 0.65, 0.65)
THETA = np.array([0.9, 0.3, 1 / 60, 0.55, 0.5])


def parties(n):
    names = tuple(f"p{k:03}" for k in range(n))
    return Parties(names, np.zeros(n, np.int32), np.arange(n, dtype=np.int32), ("state",), names)


def acts_from(rows, n):
    """Acts from rows (day, actor, target, value[, known]), in order of day."""
    rows = sorted(rows)
    day, actor, target, value = (np.array([row[k] for row in rows]) for k in range(4))
    known = np.array([row[4] if len(row) > 4 else row[0] for row in rows])
    quad = np.where(value > 0, 1, 4)
    return Acts(day.astype(np.int32), known.astype(np.int32), actor.astype(np.int32), target.astype(np.int32),
                value.astype(np.float32), quad.astype(np.int8), parties(n))  # fmt: skip


def two_typed(seed=1, actors=9, days=40, theta=THETA, begin=735000):
    """Acts between all ordered pairs of some actors, each of a hidden type that may change."""
    rng = np.random.default_rng(seed)
    a, b, rate, rest, start = theta
    rows = []
    for actor in range(actors):
        for target in range(actors):
            if actor == target:
                continue
            one, day = rng.random() < start, begin + int(rng.integers(0, 10))
            for _k in range(days):
                good = rng.random(1 + rng.poisson(0.3)) < (a if one else b)
                rows += [(day, actor, target, 3.4 if some else -5.0) for some in good]
                gap = 1 + int(rng.poisson(5))
                one = rng.random() < rest + (one - rest) * np.exp(-rate * gap)
                day += gap
    return acts_from(rows, actors)


# -- simulations ----------------------------------------------------------------------------------


class Made(NamedTuple):
    """A stream with what it was made with: a, b, rate, rest and start."""

    course: Course
    theta: Floats


def theta_of(rng: np.random.Generator) -> Floats:
    """Draw parameters: uniform between the ends, the rate on its log."""
    low, high = np.array(LOW), np.array(HIGH)
    low[2], high[2] = np.log(low[2]), np.log(high[2])
    found = low + (high - low) * rng.random(5)
    found[2] = np.exp(found[2])
    return found


def made(rng: np.random.Generator, pairs: int, days: int, theta: Floats) -> Made:
    """Draw `days` days with acts of each pair, some days apart, sometimes with several acts."""
    a, b, rate, rest, start = theta
    good, bad = np.zeros((pairs, days)), np.zeros((pairs, days))
    gap = 1 + rng.poisson(4.0, (pairs, days))
    one = rng.random(pairs) < start
    for day in range(days):
        if day:
            left = np.exp(-rate * gap[:, day])
            one = rng.random(pairs) < rest + (one - rest) * left
        acts = 1 + rng.poisson(0.3, pairs)
        good[:, day] = rng.binomial(acts, np.where(one, a, b))
        bad[:, day] = acts - good[:, day]
    first = np.arange(pairs + 1, dtype=np.int64) * days
    return Made(Course(first, np.cumsum(gap, axis=1).astype(np.int32).reshape(-1),
                       good.reshape(-1), bad.reshape(-1)), theta)  # fmt: skip


def held(some: Made, draws: int, seed: int) -> NDArray[np.bool_]:
    """Say of a, b, rate, rest, start and the offset whether their intervals hold the truth."""
    driver = kernels.prepared("goodoffices.core.switching_cpu", "two types")
    fit = twotypes.fitted(driver, some.course)
    block = np.arange(fit.pairs)
    told = asymmetry.measured(driver, some.course, fit, block, draws, seed)
    truth = [*some.theta, asymmetry.offset(some.theta[0], some.theta[1])]
    return np.array([told[name].lo <= one <= told[name].hi
                     for name, one in zip((*NAMES, "offset"), truth, strict=True)])  # fmt: skip


def coverage(simulations: int, draws: int, pairs: int, days: int) -> Floats:
    """Share of simulations whose intervals hold the truth; shape (6,)."""
    found = []
    for seed in range(simulations):
        rng = np.random.default_rng(seed)
        found.append(held(made(rng, pairs, days, theta_of(rng)), draws, seed))
    return np.asarray(np.mean(found, axis=0))
