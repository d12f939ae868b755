"""Logistic regression by Newton's method, with a ridge (Cox 1958; Hoerl & Kennard 1970)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.core.threads import one_thread

__all__ = ["chances", "fitted"]

Floats = NDArray[np.float64]
STEPS, CLOSE, FAR = 50, 1e-8, 30.0
CHUNK = 1 << 15  # rows whose curvature is added up at a time, so that no second table is made


def chances(x: Floats, weights: Floats) -> Floats:
    """Give the chance of each row, shape (n,); the last weight is the constant."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x @ weights[:-1] + weights[-1], -FAR, FAR))))


def _slope(x: NDArray[np.floating[Any]], y: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Gradient of the log likelihood and its curvature, shapes (k,) and (k, k)."""
    many = x.shape[1] + 1
    slope, curve = np.zeros(many), np.zeros((many, many))
    for start in range(0, len(x), CHUNK):
        rows = np.column_stack([x[start : start + CHUNK], np.ones(len(x[start : start + CHUNK]))])
        p = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -FAR, FAR)))
        slope += rows.T @ (y[start : start + CHUNK] - p)
        halves = rows * np.sqrt(p * (1.0 - p))[:, None]
        curve += halves.T @ halves  # of a product with itself, only half is reckoned
    return slope, curve


def _spread(x: NDArray[np.floating[Any]]) -> Floats:
    """Standard deviation of each feature, shape (k,)."""
    mean, square = x.mean(axis=0, dtype=np.float64), np.zeros(x.shape[1])
    for start in range(0, len(x), CHUNK):
        square += ((x[start : start + CHUNK] - mean) ** 2).sum(axis=0)
    return np.asarray(np.sqrt(square / len(x)))


def fitted(x: NDArray[np.floating[Any]], y: Floats, ridge: float = 1.0) -> Floats:
    """Fit weights, the constant last; shape (k + 1,).

    Parameters
    ----------
    x
        Features, shape (n, k); the ridge holds for features of unit spread, whatever theirs is.
    y
        Outcomes between 0 and 1, shape (n,).
    ridge
        Half of it times the squares of the weights is added to the loss; the constant is free.
    """
    spread = _spread(x)
    spread = np.where(spread > 0.0, spread, 1.0)
    held = np.append(ridge * spread**2, 1e-9)
    weights = np.zeros(x.shape[1] + 1)
    with one_thread():
        return _climbed(x, y, held, weights)


def _climbed(x: NDArray[np.floating[Any]], y: Floats, held: Floats, weights: Floats) -> Floats:
    for _step in range(STEPS):
        slope, curve = _slope(x, y, weights)
        move = np.linalg.solve(curve + np.diag(held), slope - held * weights)
        size = float(np.abs(move).max())
        weights = weights + move * min(1.0, 5.0 / max(size, 1e-300))
        if size < CLOSE:
            break
    return weights
