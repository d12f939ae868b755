"""What a deal asks for, and whether a belief is enough for it.

::

    motive     = t_n (1 - xi (1 - t_h)) (1 - chi (1 - t_p))
    deterrence = 1 - (1 - d0) (1 - dg) (1 - db)
    keep       = t_c' (motive + (1 - motive) deterrence),   t_c' = 1 - (1 - t_c)(1 - assistance)
    exposure   = max(0, (1 - v er)(1 - restitution) lambda L - bond)
    threshold  = exposure / (gain + exposure)
    acceptance = 1 / (1 + exp(-(keep - threshold) / eta))

after Fearon 1995, Walter 1997 and Kydd 2005.  `keep` is a model index until it is calibrated on
dated cases.  Elementwise and free of branches, as in `core/ledger.py`.
"""

from typing import Any

import numpy as np

__all__ = [
    "acceptance",
    "block",
    "bond_deterrence",
    "combine",
    "exposure",
    "factor",
    "guarantee_deterrence",
    "keep",
    "motive",
    "threshold",
]

Number = Any  # a float or an array of floats: every function here is elementwise

NO_TRUST_SUFFICES = 1.01


def motive(
    intention: Number, integrity: Number, predictability: Number, tested: Number, volatility: Number
) -> Number:
    """How far the other side is believed to want to keep the deal."""
    return intention * (1.0 - tested * (1.0 - integrity)) * (1.0 - volatility * (1.0 - predictability))


def combine(one: Number, two: Number) -> Number:
    """Join two independent shares: 1 - (1 - one)(1 - two)."""
    return 1.0 - (1.0 - one) * (1.0 - two)


def guarantee_deterrence(trust_in_guarantor: Number, leverage: Number, detection: Number) -> Number:
    """How far a guarantor deters a breach: only as far as it is trusted, has a hold, and sees."""
    return trust_in_guarantor * leverage * detection


def bond_deterrence(loss: Number, temptation: Number) -> Number:
    """How far a bond deters who posted it."""
    return np.minimum(1.0, loss / temptation)


def keep(capacity: Number, motive_trust: Number, deterrence: Number, assistance: Number) -> Number:
    """Index of keeping a deal; nobody's guarantee repairs incapacity."""
    able = 1.0 - (1.0 - capacity) * (1.0 - assistance)
    return able * (motive_trust + (1.0 - motive_trust) * deterrence)


def block(wrecking: Number, kept: Number) -> Number:
    """What one who can wreck the deal leaves of it: 1 - wrecking (1 - keep)."""
    return 1.0 - wrecking * (1.0 - kept)


def exposure(
    loss: Number,
    loss_weight: Number,
    detection: Number,
    recoverable: Number,
    restitution: Number,
    bond: Number,
) -> Number:
    """What is left to lose if the other side breaks the deal."""
    left = (1.0 - detection * recoverable) * (1.0 - restitution)
    return np.maximum(0.0, left * loss_weight * loss - bond)


def threshold(gain: Number, exposed: Number) -> Number:
    """The least keep index at which the deal is worth it; above 1 where there is no gain."""
    some = gain > 0.0
    safe = np.where(some, gain + exposed, 1.0)
    return np.where(some, exposed / safe, NO_TRUST_SUFFICES)


def acceptance(kept: Number, needed: Number, noise: Number) -> Number:
    """Index of acceptance by one decision-maker."""
    return 1.0 / (1.0 + np.exp(-(kept - needed) / noise))


def factor(veto: Number, accepts: Number) -> Number:
    """What a decision-maker with this veto leaves of a signing: 1 - veto (1 - acceptance)."""
    return 1.0 - veto * (1.0 - accepts)
