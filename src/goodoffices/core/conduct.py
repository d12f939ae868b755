"""Follow the records of reported acts in order of time (Numba): features, likelihood and its gradient.

The rules are those of `core/records.py`, compiled as they stand.  An act touches one side of each of
its records.  All acts of a day are looked at before any of them is taken in, and an act is taken in
on the day on which it was known, faded by the days since it happened.  Memory goes by records.

A side of a record is eight cells, which are taken at once (`core/packed.py`), and a record is one line
of a processor's memory, which is asked for some acts ahead.  Inside the loops no array is looked up in a
tuple, sliced or reshaped: every such view would be counted, which costs more than the reckoning.

Whether compiled kernels are kept on disk is settled by `compute/kernels.py` before this is imported.
"""

from typing import NamedTuple

import numba
import numpy as np
from numba import njit
from numpy.typing import NDArray

from goodoffices.core import elementary, records
from goodoffices.core.compiling import compiled
from goodoffices.core.packed import EIGHT, eight, mixing, none, putting, reading, setting
from goodoffices.core.prefetch import prefetch

__all__ = ["LANES", "LIVES", "SIDE", "Acts", "Rules", "State", "begin", "features", "grown", "look", "value"]

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
LIVES = 3  # half-lives of the counts
SIDE = 8  # cells of a side: three nets, three totals, effect, variance less that at the start
EFFECT, DOUBT = 6, 7
LANES = 2 * EIGHT
AHEAD = 8  # acts; their records are asked for this long before they are needed
LINE = 64  # bytes that a processor fetches at once: those of a record
_CACHE = bool(getattr(numba.config, "CACHE_DIR", ""))
_PART = njit(cache=_CACHE, forceinline=True, error_model="numpy")
_INLINE = njit(cache=_CACHE, inline="always", error_model="numpy")
_RULES = compiled((elementary.fast_exp2, elementary.fast_exp, elementary.fast_logistic), _INLINE, {})
_RULES = compiled(
    (records.leaning, records.tempered, records.expected, records.shared, records.gain, records.narrowed),
    _INLINE,
    {"logistic": _RULES["fast_logistic"]},
)
_leaning, _expected, _shared = (_RULES[name] for name in ("leaning", "expected", "shared"))
_gain, _narrowed = (_RULES[name] for name in ("gain", "narrowed"))
_put, _put_leanings = putting(SIDE), putting(2 * LIVES)
_nets, _totals = mixing(0, 1, 2, 8, 9, 10, 6, 14), mixing(3, 4, 5, 11, 12, 13, 7, 15)  # of both sides
_net_and_total = mixing(0, 1, 2, 11, 12, 13, 6, 7)
_upper_four, _upper_two = mixing(4, 5, 6, 7, 4, 5, 6, 7), mixing(2, 3, 2, 3, 2, 3, 2, 3)
_first, _second = reading(0), reading(1)
_effect, _doubt, _with_effect, _with_doubt = reading(EFFECT), reading(DOUBT), setting(EFFECT), setting(DOUBT)


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


def aligned(rows: int) -> Floats:
    """Give zeros of shape (row, SIDE) that begin where a line of memory begins."""
    spare = LINE // 4
    line = np.zeros(rows * SIDE + spare, np.float32)
    first = -line.ctypes.data % LINE // 4
    return line[first : first + rows * SIDE].reshape(rows, SIDE)


def begin(size: int, day: int) -> State:
    """Nothing seen yet."""
    return State(aligned(size * 2), np.full(size, day, np.int32))


def grown(state: State, size: int, day: int) -> State:
    """Make room for more records, of which nothing was seen yet."""
    more = begin(size, day)
    more.cells[: len(state.cells)], more.since[: len(state.since)] = state
    return more


@_PART
def _elapsed(since, own, day, fade):  # type: ignore[no-untyped-def]
    """Give the cell of `fade` that holds what is left of a record on a day."""
    return SIDE * min(max(day - since[own >> 1], 0), len(fade) // SIDE - 1)


@_PART
def _bring(cells, since, own, day, fade):  # type: ignore[no-untyped-def]
    """Let both sides of a record fade until a day."""
    elapsed = _elapsed(since, own, day, fade)
    if elapsed > 0:
        left, mine, theirs = eight(fade, elapsed), SIDE * own, SIDE * (own ^ 1)
        _put(cells, mine, eight(cells, mine) * left)
        _put(cells, theirs, eight(cells, theirs) * left)
        since[own >> 1] = day


@_PART
def _take_in(cells, since, place, act, good, day, late, fade, start):  # type: ignore[no-untyped-def]
    """Take in one act on the day on which it was known, `late` days after it happened."""
    effects, variance = np.float32(0.0), np.float32(0.0)
    parts, first = len(start), len(start) * act
    for part in range(parts):
        own = np.int64(place[first + part])
        _bring(cells, since, own, day, fade)
        effects += cells[SIDE * own + EFFECT]
        variance += start[part] + cells[SIDE * own + DOUBT]
    chance = np.float32(_expected(effects, variance))
    told = np.float32(_shared(chance, variance))
    age = SIDE * min(late, len(fade) // SIDE - 1)
    fresh = eight(fade, age)
    added = _net_and_total(fresh * np.float32(2 * good - 1), fresh)
    surprise, sure = (good - chance) * _effect(fresh), _doubt(fresh)
    for part in range(parts):
        mine = SIDE * np.int64(place[first + part])
        spread = start[part] + cells[mine + DOUBT]
        added = _with_effect(added, np.float32(_gain(spread, surprise, told)))
        added = _with_doubt(added, np.float32(-_narrowed(spread, chance, told) * sure))
        _put(cells, mine, eight(cells, mine) + added)


@_PART
def _look(cells, since, place, act, parts, day, fade, near, far, seen, at):  # type: ignore[no-untyped-def]
    """Write the features of one act: leanings by (unseen, part, side, half-life), then effects by part."""
    wide = 2 * LIVES
    for part in range(parts):
        own = np.int64(place[parts * act + part])
        left = eight(fade, _elapsed(since, own, day, fade))
        mine, theirs = eight(cells, SIDE * own) * left, eight(cells, SIDE * (own ^ 1)) * left
        close, wider = _leaning(_nets(mine, theirs), _totals(mine, theirs), near, far)
        _put_leanings(seen, at + wide * part, close)
        _put_leanings(seen, at + wide * (parts + part), wider)
        seen[at + 2 * wide * parts + part] = _effect(mine)


@_PART
def _dot(weights, seen):  # type: ignore[no-untyped-def]
    """Add up in a fixed order, eight at once and twice at a time; the length is a multiple of both."""
    one, other = none(), none()
    for first in range(0, len(weights), LANES):
        one = one + eight(weights, first) * eight(seen, first)
        other = other + eight(weights, first + EIGHT) * eight(seen, first + EIGHT)
    four = _upper_four(one + other, one + other) + (one + other)
    two = _upper_two(four, four) + four
    return _first(two) + _second(two)


@_PART
def _ask(cells, since, place, act, parts):  # type: ignore[no-untyped-def]
    """Ask for the records of an act that comes soon."""
    for part in range(parts):
        record = np.int64(place[parts * act + part] >> 1)
        prefetch(cells, record * (2 * SIDE))
        prefetch(since, record)


@_PART
def _known_before(cells, since, place, days, known, good, late, done, day, fade, start):  # type: ignore[no-untyped-def]
    """Take in all acts known before a day; gives how many are taken in."""
    while done < len(late) and known[late[done]] < day:
        act = np.int64(late[done])
        _take_in(cells, since, place, act, good[act], known[act], known[act] - days[act], fade, start)
        done += 1
    return done


@njit(cache=_CACHE, nogil=True, error_model="numpy")
def features(state, acts, rules, found, first):  # type: ignore[no-untyped-def]
    """Write the features of each act from `first` on, shape (act, parts * (4 * LIVES + 1)); take all in.

    `state` is brought forward in place.
    """
    days, known, good, late, start = acts.day, acts.known, acts.good, acts.late, rules.start
    cells, since, fade = state.cells.reshape(-1), state.since, rules.fade.reshape(-1)
    place, parts, seen, wide = acts.place.reshape(-1), len(start), found.reshape(-1), found.shape[1]
    near, far = np.float32(rules.near), np.float32(rules.far)
    done, n = 0, len(days)
    for act in range(first, n):
        _ask(cells, since, place, min(act + AHEAD, n - 1), parts)
        done = _known_before(cells, since, place, days, known, good, late, done, days[act], fade, start)
        _look(cells, since, place, act, parts, days[act], fade, near, far, seen, (act - first) * wide)
    _known_before(cells, since, place, days, known, good, late, done, np.iinfo(np.int32).max, fade, start)


@njit(cache=_CACHE, nogil=True, error_model="numpy")
def look(state, place, day, rules, found):  # type: ignore[no-untyped-def]
    """Write the features of acts that may come on a day, and the variance of their effects."""
    cells, since, fade = state.cells.reshape(-1), state.since, rules.fade.reshape(-1)
    line, seen, parts, start = place.reshape(-1), found.reshape(-1), place.shape[1], rules.start
    near, far = np.float32(rules.near), np.float32(rules.far)
    variance = np.zeros((len(place), parts), np.float32)
    for row in range(len(place)):
        _look(cells, since, line, row, parts, day, fade, near, far, seen, row * found.shape[1])
        for part in range(parts):
            own = np.int64(place[row, part])
            left = fade[_elapsed(since, own, day, fade) + DOUBT]
            variance[row, part] = start[part] + cells[SIDE * own + DOUBT] * left
    return variance


@njit(cache=_CACHE, nogil=True, error_model="numpy")
def value(state, acts, rules, weights, base, gradient, chances):  # type: ignore[no-untyped-def]
    """Give the log loss (nats, summed) of weights on the features, and add up its gradient.

    Weights are filled up with zeros to a multiple of `LANES`; the gradient has one cell a weight, and
    a last one for `base`.  What each act was forecast is written into `chances`, shape (act,).  `state`
    is brought forward in place.
    """
    days, known, good, late, start = acts.day, acts.known, acts.good, acts.late, rules.start
    cells, since, fade = state.cells.reshape(-1), state.since, rules.fade.reshape(-1)
    place, parts, seen = acts.place.reshape(-1), len(start), np.zeros(len(weights), np.float32)
    near, far = np.float32(rules.near), np.float32(rules.far)
    done, n, loss = 0, len(days), 0.0
    for act in range(n):
        _ask(cells, since, place, min(act + AHEAD, n - 1), parts)
        done = _known_before(cells, since, place, days, known, good, late, done, days[act], fade, start)
        _look(cells, since, place, act, parts, days[act], fade, near, far, seen, 0)
        score = _dot(weights, seen) + np.float32(base)
        towards = np.float64(score if good[act] else -score)
        loss += np.log1p(np.exp(-abs(towards))) + max(-towards, 0.0)
        chance = 1.0 / (1.0 + np.exp(-np.float64(score)))
        chances[act] = chance
        push = np.float32(chance - good[act])
        for cell in range(len(weights)):
            gradient[cell] += push * seen[cell]
        gradient[len(weights)] += push
    _known_before(cells, since, place, days, known, good, late, done, np.iinfo(np.int32).max, fade, start)
    return loss
