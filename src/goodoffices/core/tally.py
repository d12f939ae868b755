"""What became of the histories of a plan, as whole numbers by draw: they add up in any order.

Whole numbers make results the same on any number of threads or workers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core.rollout import History, beliefs
from goodoffices.core.stage import STATES, TRANSITIONS, Scenario

__all__ = ["LEARNED", "UNIT", "Tally", "count", "empty", "in_force", "join", "merged"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LEARNED = ("good_signed", "bad_signed", "good_lost", "bad_avoided")
UNIT = 1e-9  # of `trust`, which is kept as a whole number


class Tally(NamedTuple):
    """Counts by draw; D draws, M months."""

    histories: Ints  # (D,)
    signed_in: Ints  # (D, M + 1): histories signed in each month
    ended_in: Ints  # (D, M + 1): signed texts that ended in each month
    states: Ints  # (D, 5): states at the end
    learned: Ints  # (D, 4): signed or not, and worth it in truth or not
    transitions: Ints  # (D, 13)
    trust: Ints  # (D,): mean trust across sides at the end, summed over histories, in UNIT


def empty(draws: int, months: int) -> Tally:
    """No histories yet."""
    shapes = ((), (months + 1,), (months + 1,), (len(STATES),), (len(LEARNED),), (len(TRANSITIONS),), ())
    return Tally(*(np.zeros((draws, *shape), np.int64) for shape in shapes))


def join(one: Tally, other: Tally) -> Tally:
    """Add up what two lots of histories came to."""
    return Tally(*(a + b for a, b in zip(one, other, strict=True)))


def merged(parts: Sequence[Tally]) -> Tally:
    """Put the draws of several pieces of work one after the other."""
    return Tally(*(np.concatenate(found) for found in zip(*parts, strict=True)))


def _spread(values: Ints, draw: Ints, draws: int, size: int) -> Ints:
    return np.bincount(draw * size + values, minlength=draws * size).reshape(draws, size).astype(np.int64)


def count(scenario: Scenario, done: History, draws: int, months: int) -> Tally:
    """Count histories that stand draw by draw, the same number for each."""
    size = len(done.status)
    draw = np.repeat(np.arange(draws), size // draws)
    signed, ended = done.signed_on >= 0, done.ended_on >= 0
    trust = beliefs(scenario, done)[scenario.party[:, None] != scenario.party[None, :]].mean(axis=(0, 1))
    return Tally(
        histories=np.full(draws, size // draws),
        signed_in=_spread(done.signed_on[signed], draw[signed], draws, months + 1),
        ended_in=_spread(done.ended_on[ended], draw[ended], draws, months + 1),
        states=_spread(done.status, draw, draws, len(STATES)),
        learned=_spread(np.where(signed, 0, 2) + ~done.good, draw, draws, len(LEARNED)),
        transitions=done.counts.reshape(len(TRANSITIONS), draws, -1).sum(axis=2).T,
        trust=np.floor(trust / UNIT + 0.5).astype(np.int64).reshape(draws, -1).sum(axis=1),
    )


def in_force(tally: Tally) -> Floats:
    """Share of histories in which the text is in force at the end of each month, shape (D, M + 1)."""
    standing = np.cumsum(tally.signed_in, axis=1) - np.cumsum(tally.ended_in, axis=1)
    return np.asarray(standing / np.maximum(tally.histories, 1)[:, None])
