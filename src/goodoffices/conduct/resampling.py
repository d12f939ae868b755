"""Intervals by drawing whole blocks anew: all acts of a pair, or all acts of a week, stay together.

Acts of one pair, and acts of one week, are no independent pieces of news.  Blocks are drawn with
replacement (Efron & Tibshirani 1993, ch. 8; Kuensch 1989 for blocks of time), once by pairs and once by
weeks, and the wider of the two intervals is given.  Two forecasters are compared act by act, so that
what is hard for both does not blur the difference.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts
from goodoffices.core.draws import stream_key, uniform

__all__ = ["DRAWS", "WITHIN", "Blocks", "Interval", "blocks_of", "difference", "intervals", "resampled"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
DRAWS = 500
WITHIN = 0.9  # share of the draws that lie within an interval


class Interval(NamedTuple):
    """A mean, the ends of its interval, and whether pairs or weeks were the wider blocks."""

    mean: float
    lo: float
    hi: float
    by: str


class Blocks(NamedTuple):
    """Number of the block of each act by directed pair and by week, shape (act,) each."""

    pairs: Places
    weeks: Places


def blocks_of(acts: Acts, asked: Places) -> Blocks:
    """Give the blocks of the acts asked about."""
    pair = acts.actor[asked].astype(np.int64) * len(acts.parties.names) + acts.target[asked]
    week = acts.day[asked].astype(np.int64) // 7
    numbers = (np.unique(one, return_inverse=True)[1].astype(np.int64) for one in (pair, week))
    return Blocks(*numbers)


def resampled(values: Floats, block: Places, seed: int, by: str, draws: int = DRAWS) -> Floats:
    """Give the mean of each column over blocks drawn anew, shape (draw, column).

    Parameters
    ----------
    values
        Shape (act, column).
    block
        Number of the block of each act, from 0 up; shape (act,).
    by
        What the blocks are, which is part of the key of their draws; all columns share them.
    """
    many = int(block.max()) + 1
    size = np.bincount(block, minlength=many).astype(np.float64)
    total = np.stack([np.bincount(block, weights=column, minlength=many) for column in values.T], axis=1)
    found = np.empty((draws, values.shape[1]))
    for draw in range(draws):
        drawn = (uniform(stream_key(seed, f"blocks by {by}", str(draw)), many) * many).astype(np.int64)
        weight = np.bincount(drawn, minlength=many)
        found[draw] = (weight @ total) / (weight @ size)
    return found


def intervals(values: Floats, blocks: Blocks, seed: int, draws: int = DRAWS) -> list[Interval]:
    """Give the mean of each column with the wider interval of two, over pairs and over weeks.

    A single block cannot be drawn anew: where there is but one week, or one pair, the other decides.
    """
    ends = (1.0 - WITHIN) / 2.0
    both = {}
    for by, block in zip(Blocks._fields, blocks, strict=True):
        drawn = resampled(values, block, seed, by, draws)
        both[by] = np.quantile(drawn, (ends, 1.0 - ends), axis=0)
    found = []
    for column, mean in enumerate(values.mean(axis=0)):
        by = max(both, key=lambda one: float(np.ptp(both[one][:, column])))
        lo, hi = both[by][:, column]
        found.append(Interval(float(mean), float(lo), float(hi), by))
    return found


def difference(one: Floats, other: Floats, blocks: Blocks, seed: int, draws: int = DRAWS) -> Interval:
    """Compare the losses of two forecasters of the same acts; below zero the first is better."""
    return intervals((one - other)[:, None], blocks, seed, draws)[0]
