"""Thresholds of deals that are carried out in steps.

Without learning between steps the threshold is that of the whole; with learning, what is seen in
early steps lets the late ones be dropped::

    V_k(t) = max(0, t (phi G + disc V_{k+1}(t')) - (1 - t) phi E),   logit t' = logit t + r min(1, 4 phi)

and the threshold is the t at which V_1 begins to be worth anything (Watson 1999; Andreoni &
Samuelson 2006).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["phased_threshold"]

Floats = NDArray[np.float64]


def _worth_it(logit: Floats, odds: Floats, steps: int, gained: Floats, carry: Floats) -> Floats:
    """Whether the first step is worth taking; `odds` is exposure over gain, all in units of the gain."""
    t = 1.0 / (1.0 + np.exp(-(logit + gained)))  # (steps, n)
    at_stake = t * (1.0 + odds) - odds
    worth = np.maximum(0.0, at_stake[-1])
    for step in range(steps - 2, -1, -1):
        worth = np.maximum(0.0, at_stake[step] + t[step] * carry * worth)
    return np.asarray(worth > 0.0)


def phased_threshold(gain: Floats, exposed: Floats, steps: int, lesson: Floats, carry: Floats) -> Floats:
    """Give the threshold of a deal in `steps` equal steps; all arrays of shape (n,).

    Parameters
    ----------
    lesson
        Log-odds learned by one full test (ln a/b of integrity).
    carry
        What the next step is worth today.
    """
    odds = exposed / gain
    gained = np.arange(steps)[:, None] * (lesson * min(1.0, 4.0 / steps))
    low, high = np.full_like(gain, -8.0), np.full_like(gain, 8.0)
    for _ in range(30):  # to 1e-8 in log-odds
        middle = (low + high) / 2.0
        worth_it = _worth_it(middle, odds, steps, gained, carry)
        high, low = np.where(worth_it, middle, high), np.where(worth_it, low, middle)
    return 1.0 / (1.0 + np.exp(-high))
