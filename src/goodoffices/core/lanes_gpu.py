"""The lanes of `core/lanes.py` compiled for a GPU (Numba for CUDA): every thread runs one history.

A thread has a lane of width 1.  The lanes of all threads stand in the same few arrays in the memory of
the GPU, with the history last, so that what neighbours read lies together.  What became of each
history is copied back and counted on the host.  Exp, log and cosine are those of the GPU's own library
instead of the fast forms: a number may differ from the processor's by rounding.
"""

import math
import warnings
from typing import Any, NamedTuple

import numba.cuda
import numpy as np

from goodoffices.core import flat, lanes
from goodoffices.core.compiling import RULES, compiled
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
from goodoffices.core.stage import TRANSITIONS
from goodoffices.core.tally import UNIT, Tally, empty

__all__ = ["Room", "room_for", "run", "run_one", "sent"]

cuda: Any = numba.cuda  # the simulator knows it by this name
THREADS = 128  # threads of a block
MOST = 2**18  # histories side by side, where the memory holds so many
SHARE = 0.5  # share of the free memory that they may take


class Room(NamedTuple):
    """Lanes in the memory of the GPU, and what happened in each; R histories."""

    lane: Lane  # (..., R), its fades too
    counts: Any  # (13, R)


def exp(x: Any) -> Any:
    """Give the exponential of x."""
    return math.exp(x)


def exp2(x: Any) -> Any:
    """Give 2 ** x."""
    return math.pow(2.0, x)


def log(x: Any) -> Any:
    """Give the natural logarithm of x."""
    return math.log(x)


def logistic(x: Any) -> Any:
    """Give 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + math.exp(-x))


def cos_turn(u: Any) -> Any:
    """Give the cosine of u full turns."""
    return math.cos(2.0 * math.pi * u)


def maximum(a: Any, b: Any) -> Any:
    """Give the larger of two numbers."""
    return a if a > b else b


def minimum(a: Any, b: Any) -> Any:
    """Give the smaller of two numbers."""
    return a if a < b else b


def run_one(
    stage: Stage,
    texts: Texts,
    acts: Acts,
    room: Room,
    first: int,
    many: int,
    begin: int,
    each: int,
    months: int,
    horizon: int,
) -> None:
    """Run one of `many` histories, counted draw by draw from `first` on: `each` a draw, from `begin` on.

    Its mean trust at the end is left in `CHANCE`.
    """
    k = cuda.grid(1)
    if k < many:
        own = slice(k, k + 1)
        all_of = room.lane
        lane = Lane(
            all_of.counter[own],
            all_of.stores[:, own],
            all_of.one[:, own],
            all_of.who[:, :, own],
            all_of.own[:, :, own],
            all_of.about[:, :, own],
            all_of.plain[:, own],
            all_of.truth[:, :, own],
            all_of.strikes[:, :, own],
            all_of.held[:, own],
            all_of.places[own],
            all_of.fades[:, :, k],
            all_of.grown[:, k],
        )
        d = (first + k) // each
        lane.counter[0] = np.uint64(d) * np.uint64(2**32) + np.uint64(begin + (first + k) % each)
        counts = room.counts[:, k]
        for which in range(len(counts)):
            counts[which] = 0
        run_block(stage, texts, acts, lane, d, months, horizon, counts)
        mean_trust(stage, lane, d, months, lane.plain[CHANCE])


def _device(function: Any) -> Any:
    return cuda.jit(device=True)(function)


_PLAIN = compiled((exp, exp2, log, logistic, cos_turn, maximum, minimum), _device, {})
_ALL = compiled((*RULES, *lanes.INNER, *lanes.OUTER), _device, _PLAIN)
_RUN = compiled((run_one,), cuda.jit, _ALL)["run_one"]


def sent(arrays: Any) -> Any:
    """Copy what stands in a named tuple into the memory of the GPU."""
    return type(arrays)(*(cuda.to_device(np.ascontiguousarray(item)) for item in arrays))


def room_for(stage: Stage, sides: int, histories: int) -> Room:
    """Make room on the GPU for as many histories as there are, or as its memory holds side by side."""
    one = flat.lane(stage, sides, 1)
    size = sum(item.nbytes for item in one) + 8 * len(TRANSITIONS)
    free = cuda.current_context().get_memory_info()[0]
    fits = max(1, min(histories, MOST, int(min(SHARE * free, 2**62) // size)))
    shapes = [
        (*item.shape, fits) if name in ("fades", "grown") else (*item.shape[:-1], fits)
        for name, item in one._asdict().items()
    ]
    made = [cuda.device_array(shape, item.dtype) for shape, item in zip(shapes, one, strict=True)]
    return Room(Lane(*made), cuda.device_array((len(TRANSITIONS), fits), np.int64))


def run(
    stage: Stage,
    texts: Texts,
    acts: Acts,
    room: Room,
    draws: int,
    span: tuple[int, int],
    months: int,
    horizon: int,
) -> Tally:
    """Run histories `span` of every draw and count what became of them; all but numbers is `sent` before."""
    tally, each, size = empty(draws, months), span[1] - span[0], room.counts.shape[1]
    for first in range(0, draws * each, size):
        many = min(size, draws * each - first)
        grid = (many + THREADS - 1) // THREADS
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Grid size")  # few histories are no fault
            _RUN[grid, THREADS](stage, texts, acts, room, first, many, span[0], each, months, horizon)
        _count(room, (first + np.arange(many)) // each, tally)
    return tally


def _count(room: Room, draw: Any, tally: Tally) -> None:
    """Count what became of the first histories of the room, whose draws are given."""
    many = len(draw)
    one = room.lane.one.copy_to_host()[:, :many]
    trust = room.lane.plain.copy_to_host()[CHANCE, :many]
    signed, ended = one[SIGNED_ON] >= 0, one[ENDED_ON] >= 0
    np.add.at(tally.histories, draw, 1)
    np.add.at(tally.signed_in, (draw[signed], one[SIGNED_ON][signed]), 1)
    np.add.at(tally.ended_in, (draw[ended], one[ENDED_ON][ended]), 1)
    np.add.at(tally.states, (draw, one[STATUS]), 1)
    np.add.at(tally.learned, (draw, np.where(signed, 0, 2) + 1 - one[GOOD]), 1)
    np.add.at(tally.transitions, draw, room.counts.copy_to_host()[:, :many].T)
    np.add.at(tally.trust, draw, np.floor(trust / UNIT + 0.5).astype(np.int64))
