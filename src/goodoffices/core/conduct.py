"""Follow the records of reported acts in order of time (Numba): features, likelihood and its gradient.

The rules are those of `core/records.py`, compiled as they stand.  An act touches one side of each of
its records.  All acts of a day are looked at before any of them is taken in, and an act is taken in
on the day on which it was known, faded by the days since it happened.  Memory goes by records.

Whether compiled kernels are kept on disk is settled by `compute/kernels.py` before this is imported.
"""

from typing import NamedTuple

import numba
import numpy as np
from numba import njit
from numpy.typing import NDArray

from goodoffices.core import elementary, records
from goodoffices.core.compiling import compiled
from goodoffices.core.prefetch import prefetch

__all__ = ["LANES", "LIVES", "SIDE", "Acts", "Rules", "State", "begin", "features", "look", "value"]

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
LIVES = 3  # half-lives of the counts
SIDE = 8  # cells of a side: three nets, three totals, effect, variance less that at the start
EFFECT, DOUBT = 6, 7
ONE = np.uint32(1)
LANES = 16
AHEAD = 4  # acts; their records are asked for this long before they are needed
_CACHE = bool(getattr(numba.config, "CACHE_DIR", ""))
_INLINE = njit(cache=_CACHE, inline="always", error_model="numpy")
_RULES = compiled((elementary.fast_exp2, elementary.fast_exp, elementary.fast_logistic), _INLINE, {})
_RULES = compiled(
    (records.leaning, records.tempered, records.expected, records.shared, records.gain, records.narrowed),
    _INLINE,
    {"logistic": _RULES["fast_logistic"]},
)
_leaning, _expected, _shared = (_RULES[name] for name in ("leaning", "expected", "shared"))
_gain, _narrowed = (_RULES[name] for name in ("gain", "narrowed"))


class Acts(NamedTuple):
    """Acts in order of their days.

    Attributes
    ----------
    day, known
        Shape (act,); `late` below is the order in which they became known.
    good
        1 for a cooperative act, 0 for a conflictive one, shape (act,).
    place
        Twice the record, plus the side, of each part; shape (act, part).
    late
        Places of acts in the order in which they are taken in, shape (act,).
    """

    day: Numbers
    known: Numbers
    good: NDArray[np.int8]
    place: Numbers
    late: Numbers


class Rules(NamedTuple):
    """Parameters.

    Attributes
    ----------
    fade
        What is left of each cell of a side after so many days, shape (day, SIDE).
    start
        Variance of an effect of each part before anything was seen, shape (part,).
    near, far
        Unseen acts, see `records.leaning`.
    """

    fade: Floats
    start: Floats
    near: float
    far: float


class State(NamedTuple):
    """Records of shape (record, 2 sides, SIDE) in one line, and the day up to which each has faded."""

    cells: Floats
    since: Numbers


def begin(size: int, day: int) -> State:
    """Nothing seen yet."""
    return State(np.zeros((size * 2, SIDE), np.float32), np.full(size, day, np.int32))


@njit(cache=_CACHE, inline="always")
def _bring(cells, since, own, day, fade):  # type: ignore[no-untyped-def]
    """Let both sides of a record fade until a day."""
    record = own >> ONE
    elapsed = np.uint32(min(max(day - since[record], 0), len(fade) - 1))
    if elapsed > 0:
        for cell in range(SIDE):
            cells[own, cell] *= fade[elapsed, cell]
        for cell in range(SIDE):
            cells[own ^ ONE, cell] *= fade[elapsed, cell]
        since[record] = day


@njit(cache=_CACHE, inline="always")
def _take_in(cells, since, place, act, good, day, late, fade, start):  # type: ignore[no-untyped-def]
    """Take in one act on the day on which it was known, `late` days after it happened."""
    effects, variance = np.float32(0.0), np.float32(0.0)
    parts = place.shape[1]
    for part in range(parts):
        own = place[act, part]
        _bring(cells, since, own, day, fade)
        effects += cells[own, EFFECT]
        variance += start[part] + cells[own, DOUBT]
    chance = _expected(effects, variance)
    told = _shared(chance, variance)
    age = np.uint32(min(late, len(fade) - 1))
    sign = np.float32(2 * good - 1)
    surprise, sure = (good - chance) * fade[age, EFFECT], fade[age, DOUBT]
    for part in range(parts):
        own = place[act, part]
        for life in range(LIVES):
            cells[own, life] += sign * fade[age, life]
            cells[own, LIVES + life] += fade[age, life]
        spread = start[part] + cells[own, DOUBT]
        cells[own, EFFECT] += _gain(spread, surprise, told)
        cells[own, DOUBT] -= _narrowed(spread, chance, told) * sure


@njit(cache=_CACHE, inline="always")
def _look(cells, since, place, act, day, fade, near, far, nets, totals, seen):  # type: ignore[no-untyped-def]
    """Write the features of one act: leanings by (unseen, part, side, half-life), then effects by part.

    `nets` and `totals` have shape (part, 2 * LIVES), `seen` is one line.
    """
    parts = place.shape[1]
    for part in range(parts):
        own = place[act, part]
        elapsed = np.uint32(min(max(day - since[own >> ONE], 0), len(fade) - 1))
        for life in range(LIVES):
            nets[part, life] = cells[own, life] * fade[elapsed, life]
            totals[part, life] = cells[own, LIVES + life] * fade[elapsed, life]
            nets[part, LIVES + life] = cells[own ^ ONE, life] * fade[elapsed, life]
            totals[part, LIVES + life] = cells[own ^ ONE, LIVES + life] * fade[elapsed, life]
        seen[4 * LIVES * parts + part] = cells[own, EFFECT] * fade[elapsed, EFFECT]
    half = 2 * LIVES * parts
    net, total = nets.reshape(-1), totals.reshape(-1)
    for cell in range(half):
        seen[cell], seen[half + cell] = _leaning(net[cell], total[cell], near, far)


@njit(cache=_CACHE, inline="always")
def _dot(weights, seen, lanes):  # type: ignore[no-untyped-def]
    """Add up in a fixed order, in lanes that a processor takes at once; the length is a multiple of them."""
    lanes[:] = 0.0
    w, x = weights.reshape(-1, LANES), seen.reshape(-1, LANES)
    for block in range(len(w)):
        for lane in range(LANES):
            lanes[lane] += w[block, lane] * x[block, lane]
    score = np.float32(0.0)
    for lane in range(LANES):
        score += lanes[lane]
    return score


@njit(cache=_CACHE, inline="always")
def _ask(flat, place, act):  # type: ignore[no-untyped-def]
    for part in range(place.shape[1]):
        prefetch(flat, np.int64(place[act, part] >> ONE) * (2 * SIDE))


@njit(cache=_CACHE, inline="always")
def _known_before(cells, since, acts, done, day, fade, start):  # type: ignore[no-untyped-def]
    """Take in all acts known before a day; gives how many are taken in."""
    while done < len(acts.late) and acts.known[acts.late[done]] < day:
        act = acts.late[done]
        known = acts.known[act]
        late = known - acts.day[act]
        _take_in(cells, since, acts.place, act, acts.good[act], known, late, fade, start)
        done += 1
    return done


@njit(cache=_CACHE, nogil=True, error_model="numpy")
def features(state, acts, rules, found, first):  # type: ignore[no-untyped-def]
    """Write the features of each act from `first` on, shape (act, parts * (4 * LIVES + 1)); take all in.

    `state` is brought forward in place.
    """
    cells, since, parts = state.cells, state.since, acts.place.shape[1]
    flat = cells.reshape(-1)
    nets, totals = np.empty((parts, 2 * LIVES), np.float32), np.empty((parts, 2 * LIVES), np.float32)
    near, far = np.float32(rules.near), np.float32(rules.far)
    done, n = 0, len(acts.day)
    for act in range(first, n):
        _ask(flat, acts.place, min(act + AHEAD, n - 1))
        done = _known_before(cells, since, acts, done, acts.day[act], rules.fade, rules.start)
        _look(
            cells,
            since,
            acts.place,
            act,
            acts.day[act],
            rules.fade,
            near,
            far,
            nets,
            totals,
            found[act - first],
        )
    _known_before(cells, since, acts, done, np.iinfo(np.int32).max, rules.fade, rules.start)


@njit(cache=_CACHE, nogil=True, error_model="numpy")
def look(state, place, day, rules, found):  # type: ignore[no-untyped-def]
    """Write the features of acts that may come on a day, and the variance of their effects."""
    parts = place.shape[1]
    nets, totals = np.empty((parts, 2 * LIVES), np.float32), np.empty((parts, 2 * LIVES), np.float32)
    near, far = np.float32(rules.near), np.float32(rules.far)
    variance = np.zeros((len(place), parts), np.float32)
    for row in range(len(place)):
        _look(state.cells, state.since, place, row, day, rules.fade, near, far, nets, totals, found[row])
        for part in range(parts):
            own = place[row, part]
            elapsed = np.uint32(min(max(day - state.since[own >> ONE], 0), len(rules.fade) - 1))
            doubt = state.cells[own, DOUBT] * rules.fade[elapsed, DOUBT]
            variance[row, part] = rules.start[part] + doubt
    return variance


@njit(cache=_CACHE, nogil=True, error_model="numpy")
def value(state, acts, rules, weights, base, gradient, chances):  # type: ignore[no-untyped-def]
    """Give the log loss (nats, summed) of weights on the features, and add up its gradient.

    Weights are filled up with zeros to a multiple of `LANES`; the gradient has one cell a weight, and
    a last one for `base`.  What each act was forecast is written into `chances`, shape (act,).  `state`
    is brought forward in place.
    """
    cells, since, parts = state.cells, state.since, acts.place.shape[1]
    flat = cells.reshape(-1)
    nets, totals = np.empty((parts, 2 * LIVES), np.float32), np.empty((parts, 2 * LIVES), np.float32)
    seen, lanes = np.zeros(len(weights), np.float32), np.empty(LANES, np.float32)
    near, far = np.float32(rules.near), np.float32(rules.far)
    done, n, loss = 0, len(acts.day), 0.0
    for act in range(n):
        _ask(flat, acts.place, min(act + AHEAD, n - 1))
        done = _known_before(cells, since, acts, done, acts.day[act], rules.fade, rules.start)
        _look(cells, since, acts.place, act, acts.day[act], rules.fade, near, far, nets, totals, seen)
        score = _dot(weights, seen, lanes) + np.float32(base)
        towards = np.float64(score if acts.good[act] else -score)
        loss += np.log1p(np.exp(-abs(towards))) + max(-towards, 0.0)
        chance = 1.0 / (1.0 + np.exp(-np.float64(score)))
        chances[act] = chance
        push = np.float32(chance - acts.good[act])
        for cell in range(len(weights)):
            gradient[cell] += push * seen[cell]
        gradient[len(weights)] += push
    _known_before(cells, since, acts, done, np.iinfo(np.int32).max, rules.fade, rules.start)
    return loss
