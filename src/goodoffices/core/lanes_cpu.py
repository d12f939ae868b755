"""The lanes of `core/lanes.py` compiled for a processor (Numba).

Whether compiled kernels are kept on disk is settled by `compute/kernels.py` before this is imported.
"""

from typing import Any

import numba
import numpy as np
from numba import njit

from goodoffices.core import lanes
from goodoffices.core.compiling import compiled, with_fast
from goodoffices.core.flat import lane, width_for
from goodoffices.core.lanes import (
    CHANCE,
    ENDED_ON,
    GOOD,
    SIGNED_ON,
    STATUS,
    Acts,
    Lane,
    Stage,
    Texts,
    mean_trust,
    run_block,
)
from goodoffices.core.tally import Tally, empty

__all__ = ["run"]

_CACHE = bool(getattr(numba.config, "CACHE_DIR", ""))


# nothing is allocated in the lanes, so nothing has to be counted: without this each call counts
# the references of every array that it is given
_GIVEN: Any = {"cache": _CACHE, "nogil": True, "error_model": "numpy", "_nrt": False}
_jit, _inner = njit(**_GIVEN), njit(forceinline=True, **_GIVEN)


def run_draws(
    stage: Stage,
    texts: Texts,
    acts: Acts,
    lane: Lane,
    draws: Any,
    span: Any,
    months: int,
    horizon: int,
    tally: Tally,
) -> None:
    """Run the histories `span` of some draws, and add up what became of them."""
    width = len(lane.counter)
    for place in range(len(draws)):
        d = draws[place]
        for first in range(span[0], span[1], width):
            for k in range(width):
                lane.counter[k] = np.uint64(d) * np.uint64(2**32) + np.uint64(first + k)
            run_block(stage, texts, acts, lane, d, months, horizon, tally.transitions[place])
            add_up(stage, lane, d, months, place, tally)


def add_up(stage: Stage, lane: Lane, d: int, months: int, place: int, tally: Tally) -> None:
    """Count what became of the histories of one block."""
    mean_trust(stage, lane, d, months, lane.plain[CHANCE])
    for k in range(len(lane.counter)):
        signed = lane.one[SIGNED_ON, k] >= 0
        if signed:
            tally.signed_in[place, lane.one[SIGNED_ON, k]] += 1
        if lane.one[ENDED_ON, k] >= 0:
            tally.ended_in[place, lane.one[ENDED_ON, k]] += 1
        tally.states[place, lane.one[STATUS, k]] += 1
        tally.learned[place, (0 if signed else 2) + 1 - lane.one[GOOD, k]] += 1
        tally.trust[place] += np.int64(np.floor(lane.plain[CHANCE, k] / 1e-9 + 0.5))
    tally.histories[place] += len(lane.counter)


_KNOWN = compiled(lanes.INNER, _inner, with_fast(_inner))
_ALL = compiled((*lanes.OUTER, add_up, run_draws), _jit, _KNOWN)
_RUN = _ALL["run_draws"]


def run(
    stage: Stage,
    texts: Texts,
    acts: Acts,
    draws: Any,
    span: tuple[int, int],
    months: int,
    horizon: int,
    store: type = np.float64,
) -> Tally:
    """Run histories `span` of each of some draws and count what became of them.

    Parameters
    ----------
    draws
        Places of draws, shape (m,); the tally has m rows.
    store
        Kind of number in which evidence is kept: float64, or float32 for half of the memory.
    """
    tally = empty(len(draws), months)
    room = lane(stage, texts.strikes.shape[2], width_for(span[1] - span[0]), store)
    _RUN(stage, texts, acts, room, np.asarray(draws, np.int64), np.array(span), months, horizon, tally)
    return tally
