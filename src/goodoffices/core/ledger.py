"""The rules by which a belief follows dated conduct; each stands here once.

A belief is kept in log-odds as a prior and two stores of evidence, good and bad, each fading with
its own half-life; what was done by a person in office is kept apart from what was done by the
state, because it fades when the person leaves::

    level   = prior + good - bad                         clipped to [-6, 6]
    trust   = 1 / (1 + exp(-level))
    good   += weight * ln(a / b)             * (1 - discount) * (1 - pressure)
    bad    += weight * ln((1 - b) / (1 - a)) * (1 - excuse)
    store(t + dt) = store(t) * 2 ** (-dt / half_life)

a and b are the probabilities that the trustworthy and the untrustworthy type act well.  One misdeed
outweighs one good deed at every level of trust if and only if b > 1/2 (after Larson 1997), and the
opposite holds for capacity (Skowronski & Carlston 1989).

Every function is elementwise and free of branches: it runs plain on NumPy arrays (`core/follow.py`,
`core/rollout.py`) and compiled inside loops (`core/stream.py`, `core/lanes.py`).  None calls another,
so that a compiler can take each as it stands, and puts the fast forms of `core/elementary.py` in the
place of the plain ones.  Levels, stores and pushes are in log-odds, all other arguments lie between
0 and 1.
"""

from typing import Any

import numpy as np

from goodoffices.core.elementary import exp2, log, logistic, maximum, minimum

__all__ = [
    "attack",
    "blame",
    "ceiling",
    "credit",
    "discount",
    "discriminability",
    "effective_reports",
    "fade",
    "ln_ratio_bad",
    "ln_ratio_good",
    "prior_doubt",
    "trust",
]

Number = Any  # a float or an array of floats: every function here is elementwise


def fade(elapsed: Number, half_life: Number) -> Number:
    """Share of a store that is left after `elapsed` in the unit of `half_life`."""
    return exp2(-elapsed / half_life)


def trust(level: Number, flagged: Number) -> Number:
    """Belief at a level of log-odds; `flagged` (0 or 1) holds it at or below one half.

    The flag is set by a proven lie (Schweitzer, Hershey & Bradlow 2006: deception is never fully
    repaired).
    """
    return logistic(minimum(maximum(level, -6.0), 6.0 * (1.0 - flagged)))


def ceiling(flag: Number) -> Number:
    """1 while a deception flag lives, that is while it is at least one half, else 0."""
    return 1.0 * (flag >= 0.5)


def ln_ratio_good(a: Number, b: Number) -> Number:
    """Log likelihood ratio of a good act."""
    return log(a / b)


def ln_ratio_bad(a: Number, b: Number) -> Number:
    """Log likelihood ratio of a bad act, as a positive number."""
    return log((1.0 - b) / (1.0 - a))


def discount(hawk: Number, trust_in_intention: Number) -> Number:
    """How far the enemy image explains a good act away (Holsti 1962; Jervis 1976)."""
    return hawk * (1.0 - trust_in_intention)


def credit(weight: Number, ln_ratio: Number, discounted: Number, gesture: Number, pressure: Number) -> Number:
    """Push of a good act on the good store.

    A costly gesture is harder to explain away: its discount shrinks by half its size (Kydd 2005).
    What was pressed out of the actor tells less about him (Kydd 2006).
    """
    return weight * ln_ratio * (1.0 - discounted * (1.0 - gesture / 2.0)) * (1.0 - pressure)


def blame(weight: Number, ln_ratio: Number, excuse: Number) -> Number:
    """Push of a bad act on the bad store; a credible excuse takes its share off."""
    return weight * ln_ratio * (1.0 - excuse)


def attack(weight: Number, capacity: Number, excuse: Number) -> Number:
    """Push of a spoiler's attack on the bad store of intention (Kydd & Walter 2002).

    The likelihood ratio is 1 - capacity * (1 - excuse): who could have stopped it is blamed.
    """
    return -weight * log(maximum(0.05, 1.0 - capacity * (1.0 - excuse)))


def effective_reports(n: Number, correlation: Number) -> Number:
    """How many independent reports n correlated reports of one event are worth."""
    return n / (1.0 + (n - 1.0) * correlation) * (n > 0)


def discriminability(single: Number, n: Number, correlation: Number) -> Number:
    """D' of n meetings together, each of discriminability `single` (Green & Swets 1966)."""
    return single * np.sqrt(n / (1.0 + (n - 1.0) * correlation))


def prior_doubt(doubt: Number, weight: Number) -> Number:
    """Standard deviation of what the prior adds once `weight` of evidence is in.

    The prior counts as one unit of evidence, so that more facts never make a belief vaguer.
    """
    return doubt / np.sqrt(1.0 + weight)
