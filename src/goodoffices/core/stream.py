"""Follow many beliefs through one stream of evidence in time order (Numba).

The rules are those of `core/ledger.py`, compiled as they stand; this driver keeps one small state a
pair and touches only the facet that a row bears on.  Memory goes by pairs, time by rows, nothing is
sorted.  All rows of one day read the belief as it stood at the start of that day, as in
`core/follow.py`; a stream has no office-holders, so every row goes to the store of the state.

Whether compiled kernels are kept on disk is settled by `compute/kernels.py` before this is imported.
"""

from typing import NamedTuple

import numba
import numpy as np
from numba import njit
from numpy.typing import NDArray

from goodoffices.core import ledger
from goodoffices.core.compiling import with_fast
from goodoffices.core.prefetch import prefetch

__all__ = ["Rows", "Rules", "State", "begin", "follow", "levels_on"]

Floats = NDArray[np.float64]
CAPACITY, INTENTION, INTEGRITY = 0, 1, 2
GOOD, BAD, SINCE, SEEN, PRIOR = range(5)  # what is kept of one facet; SEEN differs by facet
AHEAD = 16  # rows; the memory of a row is asked for this long before it is needed
_CACHE = bool(getattr(numba.config, "CACHE_DIR", ""))

_RULES = with_fast(njit(cache=_CACHE, inline="always", error_model="numpy"))
_fade, _trust, _discount = (_RULES[name] for name in ("fade", "trust", "discount"))
_credit, _blame, _attack = (_RULES[name] for name in ("credit", "blame", "attack"))


class Rows(NamedTuple):
    """Evidence in time order; arrays of shape (row,).

    `sign` is 1 for a good act, -1 for a bad one and 0 for a spoiler's attack; a row with a
    `gesture` above zero is one, and its log ratio is `gesture` times that of a separating act.
    """

    pair: NDArray[np.int32]
    facet: NDArray[np.int8]
    day: NDArray[np.int32]
    sign: NDArray[np.int8]
    weight: NDArray[np.float32]
    gesture: NDArray[np.float32]
    pressure: NDArray[np.float32]
    excuse: NDArray[np.float32]


class Rules(NamedTuple):
    """Parameters of the ledger: log ratios and half-lives (in days) of shape (2 signs, 4 facets)."""

    ln_ratio: Floats
    half_life: Floats
    lambda_gesture: float
    hawk: float


class State(NamedTuple):
    """Stores of shape (pair, 4 facets, 5): good, bad, day of both, a note, and the prior.

    The note of intention is the belief in it at the start of the current day, that of capacity
    the level of capacity then, and that of integrity the day itself.  A pair lies together in
    memory.
    """

    stores: Floats


def begin(prior: Floats, first_day: int) -> State:
    """Nothing known yet; `prior` has shape (pair, 4)."""
    stores = np.zeros((prior.shape[0], 4, 5))
    stores[:, :, SINCE] = first_day
    stores[:, :, PRIOR] = prior
    stores[:, INTEGRITY, SEEN] = first_day - 1
    return State(stores)


@njit(cache=_CACHE, inline="always")
def _bring(store: Floats, day: float, good_life: float, bad_life: float) -> None:
    """Let one facet's stores fade until `day`."""
    elapsed = day - store[SINCE]
    if elapsed > 0.0:
        store[GOOD] *= _fade(elapsed, good_life)
        store[BAD] *= _fade(elapsed, bad_life)
        store[SINCE] = day


@njit(cache=_CACHE, inline="always")
def _open_day(one: Floats, day: float, half_life: Floats) -> None:
    """Note the beliefs that the rows of this day will read."""
    _bring(one[INTENTION], day, half_life[GOOD, INTENTION], half_life[BAD, INTENTION])
    _bring(one[CAPACITY], day, half_life[GOOD, CAPACITY], half_life[BAD, CAPACITY])
    store = one[INTENTION]
    one[INTENTION, SEEN] = _trust(store[PRIOR] + store[GOOD] - store[BAD], 0.0)
    store = one[CAPACITY]
    one[CAPACITY, SEEN] = store[PRIOR] + store[GOOD] - store[BAD]
    one[INTEGRITY, SEEN] = day


@njit(cache=_CACHE, nogil=True)
def follow(state: State, rows: Rows, rules: Rules) -> None:
    """Take in every row in order.

    `state` is brought forward in place: the one exception to "pure", because a copy a batch would
    cost more than the work.
    """
    stores, half_life = state.stores, rules.half_life
    flat, wide, last = stores.reshape(-1), stores.shape[1] * stores.shape[2], len(rows.pair) - 1
    for row in range(len(rows.pair)):
        soon = rows.pair[min(row + AHEAD, last)] * wide
        prefetch(flat, soon)
        prefetch(flat, soon + 8)
        prefetch(flat, soon + 16)
        pair, facet, day = rows.pair[row], rows.facet[row], np.float64(rows.day[row])
        one = stores[pair]
        if one[INTEGRITY, SEEN] != day:
            _open_day(one, day, half_life)
        store = one[facet]
        _bring(store, day, half_life[GOOD, facet], half_life[BAD, facet])
        weight, size, sign = rows.weight[row], rows.gesture[row], rows.sign[row]
        if sign > 0:
            doubted = facet in (INTENTION, INTEGRITY)
            found = _discount(rules.hawk, one[INTENTION, SEEN]) if doubted else 0.0
            ratio = size * rules.lambda_gesture if size > 0 else rules.ln_ratio[GOOD, facet]
            store[GOOD] += _credit(weight, ratio, found, size, rows.pressure[row])
        elif sign < 0:
            store[BAD] += _blame(weight, rules.ln_ratio[BAD, facet], rows.excuse[row])
        else:
            able = _trust(one[CAPACITY, SEEN], 0.0)
            store[BAD] += _attack(weight, able, rows.excuse[row])


def levels_on(state: State, day: int, rules: Rules) -> Floats:
    """Log-odds of every pair and facet on a day, shape (pair, 4), before the clip."""
    elapsed = day - state.stores[:, :, SINCE]
    good = state.stores[:, :, GOOD] * ledger.fade(elapsed, rules.half_life[GOOD])
    bad = state.stores[:, :, BAD] * ledger.fade(elapsed, rules.half_life[BAD])
    return np.asarray(state.stores[:, :, PRIOR] + good - bad)
