"""Proper scores for yes-or-no questions (Brier 1950; Good 1952)."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["brier", "log_loss"]

Floats = NDArray[np.float64]


def brier(forecast: Floats, happened: Floats) -> float:
    """Mean squared distance between forecast and outcome; arrays of shape (n,), lower is better."""
    return float(np.mean((forecast - happened) ** 2))


def log_loss(forecast: Floats, happened: Floats) -> float:
    """Mean negative log score in nats; forecasts are clipped to [1e-6, 1 - 1e-6]."""
    p = np.clip(forecast, 1e-6, 1 - 1e-6)
    return float(-np.mean(happened * np.log(p) + (1.0 - happened) * np.log1p(-p)))
