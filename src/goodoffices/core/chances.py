"""Chances of histories: keyed by (seed, purpose, entity key, month) and the number of the history.

History r of draw d has the number d * 2 ** 32 + r, so that no history hangs on how many are run
beside it, and plans are compared on the same chances.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import draws

__all__ = ["Chances", "month_key", "numbers"]

Floats = NDArray[np.float64]
Counters = NDArray[np.uint64]
DRAW = 2**32


def numbers(draws_in: range, first: int, each: int) -> Counters:
    """Give the numbers of `each` histories of every draw, from its `first` on; draw by draw."""
    within = np.arange(first, first + each, dtype=np.uint64)
    starts = np.arange(draws_in.start, draws_in.stop, dtype=np.uint64) * np.uint64(DRAW)
    return (starts[:, None] + within[None, :]).ravel()


def month_key(seed: int, purpose: str, entity: str, month: int) -> int:
    """Give the key of one stream of chances."""
    return draws.stream_key(seed, purpose, f"{entity}:{month}")


class Chances:
    """Keyed draws for some histories, each drawn once; arrays of shape (h,)."""

    def __init__(self, seed: int, counters: Counters) -> None:
        self.seed, self.counters, self.n = seed, counters, len(counters)
        self._drawn: dict[tuple[str, str, str, int], Floats] = {}

    def _once(self, kind: str, draw: Callable[[int, Counters], Floats], *where: Any) -> Floats:
        if (kind, *where) not in self._drawn:
            made = draw(month_key(self.seed, *where), self.counters)
            made.flags.writeable = False
            self._drawn[kind, *where] = made
        return self._drawn[kind, *where]

    def uniform(self, purpose: str, entity: str, month: int) -> Floats:
        """Strictly between 0 and 1."""
        return self._once("uniform", draws.uniform_at, purpose, entity, month)

    def normal(self, purpose: str, entity: str, month: int) -> Floats:
        """Standard normal."""
        return self._once("normal", draws.normal_at, purpose, entity, month)
