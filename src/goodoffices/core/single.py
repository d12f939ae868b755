"""Follow one facet of one belief through its days, for several settings of the parameters (NumPy).

The rules are those of `core/ledger.py`, and the levels those that `core/stream.py` gives one setting
and all pairs at a time.  Here one pair is followed, without a compiler and without a stream: only
days on which something was reported are visited.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import ledger

__all__ = ["Days", "follow"]

Floats = NDArray[np.float64]


class Days(NamedTuple):
    """What each day adds, in order of days; pushes have shape (day, setting).

    Credit is linear in the discount, so the credit of a day is known from its two ends: `plain` with
    nothing explained away, and `doubted` with all that can be.
    """

    day: NDArray[np.int32]
    plain: Floats
    doubted: Floats
    blame: Floats


def follow(days: Days, half_life: Floats, hawk: Floats, stops: NDArray[np.int32]) -> Floats:
    """Give log-odds at the end of each day of `stops`, before the clip; shape (stop, setting).

    `half_life` has shape (2 signs, setting) and is in days; with `hawk` 0 nothing is explained away.
    """
    if not len(days.day):
        return np.zeros((len(stops), half_life.shape[1]))
    gaps = np.diff(days.day, prepend=days.day[0])
    kept = ledger.fade(gaps[:, None, None], half_life)
    span = days.doubted - days.plain
    stores = np.zeros((len(days.day), *half_life.shape))
    good, bad = np.zeros((2, half_life.shape[1]))
    for k in range(len(days.day)):
        good, bad = good * kept[k, 0], bad * kept[k, 1]
        found = ledger.discount(hawk, ledger.trust(good - bad, 0.0))
        good = good + days.plain[k] + found * span[k]
        bad = bad + days.blame[k]
        stores[k] = good, bad
    return _at(days.day, stores, half_life, stops)


def _at(day: NDArray[np.int32], stores: Floats, half_life: Floats, stops: NDArray[np.int32]) -> Floats:
    found = np.searchsorted(day, stops, side="right") - 1
    elapsed = stops - day[found.clip(0)]
    left = stores[found.clip(0)] * ledger.fade(np.maximum(elapsed, 0)[:, None, None], half_life)
    return np.asarray(np.where((found >= 0)[:, None], left[:, 0] - left[:, 1], 0.0))
