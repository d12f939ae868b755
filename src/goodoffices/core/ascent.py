"""Climb to the top of a smooth function of few numbers, and measure how sharply it falls off there.

Quasi-Newton steps (BFGS; Nocedal & Wright 2006, ch. 6) with a line search that halves the step until
the rise is a fair share of what the slope promises.  Nothing is drawn: the same start gives the same
top.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Top", "climb", "curvature"]

Floats = NDArray[np.float64]
Hill = Callable[[Floats], tuple[float, Floats]]
MOST, HALVINGS = 200, 40  # steps, and halvings of one step
SURE = 1e-4  # share of the promised rise that a step must bring
REACH = 2.0  # the longest step, so that one bad slope does not lead far away


class Top(NamedTuple):
    """Where the climb ended.

    Attributes
    ----------
    at, value
        The place, shape (k,), and the value there.
    inverse
        Estimate of the inverse of the curvature, shape (k, k): where to begin from nearby.
    settled
        Whether less than `close` could still be gained when it ended.
    """

    at: Floats
    value: float
    inverse: Floats
    settled: bool


def climb(hill: Hill, start: Floats, inverse: Floats | None = None, close: float = 1e-7) -> Top:
    """Go up from `start` until less than about `close` can still be gained.

    Parameters
    ----------
    hill
        Gives value and gradient at a place.
    inverse
        Inverse of the curvature, where one is known from a climb nearby; shape (k, k).
    """
    at, (value, slope) = start, hill(start)
    inverse = _first(slope) if inverse is None else inverse
    for _step in range(MOST):
        way = inverse @ slope
        if float(slope @ way) <= 0.0:  # no longer uphill: begin again along the slope
            inverse = _first(slope)
            way = inverse @ slope
        promised = float(slope @ way)
        if promised < close:
            return Top(at, value, inverse, settled=True)
        there = _stepped(hill, at, value, way, promised)
        if there is None:
            return Top(at, value, inverse, settled=False)
        new, value, steep = there
        inverse = _learned(inverse, new - at, slope - steep)
        at, slope = new, steep
    return Top(at, value, inverse, settled=False)


def _first(slope: Floats) -> Floats:
    """Steps of length one along the slope at most."""
    return np.eye(len(slope)) / max(1.0, float(np.linalg.norm(slope)))


def _stepped(
    hill: Hill, at: Floats, value: float, way: Floats, promised: float
) -> tuple[Floats, float, Floats] | None:
    size = min(1.0, REACH / float(np.linalg.norm(way)))
    for _halving in range(HALVINGS):
        new = at + size * way
        found, slope = hill(new)
        if np.isfinite(found) and found >= value + SURE * size * promised:
            return new, found, slope
        size /= 2.0
    return None


def _learned(inverse: Floats, moved: Floats, fell: Floats) -> Floats:
    """Put what one step showed into the inverse of the curvature, which stays positive."""
    told = float(moved @ fell)
    if told <= 1e-12 * float(np.linalg.norm(moved) * np.linalg.norm(fell)):
        return inverse
    turn = np.eye(len(moved)) - np.outer(moved, fell) / told
    return np.asarray(turn @ inverse @ turn.T + np.outer(moved, moved) / told)


def curvature(hill: Hill, at: Floats, step: float = 1e-4) -> Floats:
    """Give minus the second derivatives at a place, from differences of the gradient; shape (k, k)."""
    found = np.empty((len(at), len(at)))
    for k, aside in enumerate(step * np.eye(len(at))):
        found[k] = (hill(at - aside)[1] - hill(at + aside)[1]) / (2.0 * step)
    return np.asarray((found + found.T) / 2.0)
