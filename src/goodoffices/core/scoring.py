"""Scores of forecasts (Brier 1950; Good 1952; Murphy 1973; Gneiting & Raftery 2007).

Forecasts of a yes-or-no question and outcomes are arrays of shape (n,), outcomes 0 or 1.  Nothing here
recalibrates.  A calibration error is never zero by chance, not even of a forecaster that knows every
chance: `perfect_error` says how large it would be for such a one, of the same size and with the same
forecasts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core.draws import stream_key, uniform

__all__ = [
    "BINS",
    "Bin",
    "Murphy",
    "auc",
    "brier",
    "calibration_error",
    "crps",
    "log_loss",
    "losses",
    "murphy",
    "perfect_error",
    "reliability",
]

Floats = NDArray[np.float64]
BINS = 15
LEAST = 1e-6  # forecasts are clipped this far from 0 and 1
Z95 = 1.959963984540054  # 97.5% quantile of the normal distribution


class Bin(NamedTuple):
    """One point of a reliability diagram.

    Attributes
    ----------
    n
        Forecasts in it.
    forecast, happened
        Their mean, and the share of them that came true.
    lo, hi
        Interval of 95% about the share (Wilson 1927).
    """

    n: int
    forecast: float
    happened: float
    lo: float
    hi: float


class Murphy(NamedTuple):
    """Parts of a Brier score: reliability - resolution + uncertainty + within.

    Attributes
    ----------
    within
        What forecasts of one bin differ among themselves, which Murphy's three parts leave out
        (Stephenson, Coelho & Jolliffe 2008).
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


def brier(forecast: Floats, happened: Floats) -> float:
    """Mean squared distance between forecast and outcome; arrays of shape (n,), lower is better."""
    return float(np.mean((forecast - happened) ** 2))


def losses(forecast: Floats, happened: Floats) -> Floats:
    """Negative log score of each forecast in nats, shape (n,); clipped to [1e-6, 1 - 1e-6]."""
    p = np.clip(np.asarray(forecast, np.float64), LEAST, 1.0 - LEAST)
    return np.asarray(-(happened * np.log(p) + (1.0 - happened) * np.log1p(-p)))


def log_loss(forecast: Floats, happened: Floats) -> float:
    """Mean negative log score in nats; forecasts are clipped to [1e-6, 1 - 1e-6]."""
    return float(np.mean(losses(forecast, happened)))


def auc(forecast: Floats, happened: Floats) -> float:
    """Share of pairs of a yes and a no that the forecasts order rightly, ties counted half.

    NaN where all outcomes are the same (Mann & Whitney 1947).
    """
    yes = np.asarray(happened) > 0.5
    n_yes, n_no = int(yes.sum()), int((~yes).sum())
    if not n_yes or not n_no:
        return float("nan")
    _values, place, many = np.unique(forecast, return_inverse=True, return_counts=True)
    rank = (np.cumsum(many) - (many - 1) / 2.0)[place]
    return float((rank[yes].sum() - n_yes * (n_yes + 1) / 2.0) / (n_yes * n_no))


# -- bins of equal count ---------------------------------------------------------------------------


def _starts(ordered: Floats, bins: int) -> NDArray[np.int64]:
    """Where bins of equal count begin among ordered forecasts; equal forecasts stay together."""
    even = np.arange(bins) * len(ordered) // bins
    return np.unique(np.searchsorted(ordered, ordered[even]))


def _binned(forecast: Floats, happened: Floats, bins: int) -> tuple[Floats, Floats, Floats]:
    """Count, sum of forecasts and sum of outcomes of each bin, in order of forecasts."""
    order = np.argsort(forecast, kind="stable")
    starts = _starts(forecast[order], bins)
    many = np.diff(np.append(starts, len(order))).astype(np.float64)
    told, came = (np.add.reduceat(np.asarray(x, np.float64)[order], starts) for x in (forecast, happened))
    return many, told, came


def murphy(forecast: Floats, happened: Floats, bins: int = BINS) -> Murphy:
    """Take a Brier score apart (Murphy 1973), by bins of equal count."""
    many, told, came = _binned(forecast, happened, bins)
    rate, n = float(np.mean(happened)), len(happened)
    off = float(many @ ((told - came) / many) ** 2 / n)
    apart = float(many @ (came / many - rate) ** 2 / n)
    spread = rate * (1.0 - rate)
    return Murphy(off, apart, spread, brier(forecast, happened) - (off - apart + spread))


def calibration_error(forecast: Floats, happened: Floats, bins: int = BINS) -> float:
    """Mean distance of forecast and share that came true, over bins of equal count."""
    _many, told, came = _binned(forecast, happened, bins)
    return float(np.abs(told - came).sum() / len(happened))


def perfect_error(forecast: Floats, seed: int, times: int = 200, bins: int = BINS) -> float:
    """Mean calibration error of a forecaster whose forecasts are the true chances.

    Outcomes are drawn from the forecasts themselves `times` times, keyed by the seed.
    """
    ordered = np.sort(np.asarray(forecast, np.float64))
    starts = _starts(ordered, bins)
    told, found = np.add.reduceat(ordered, starts), 0.0
    for time in range(times):
        drawn = uniform(stream_key(seed, "perfect", str(time)), len(ordered)) < ordered
        found += float(np.abs(np.add.reduceat(drawn, starts, dtype=np.float64) - told).sum())
    return found / (times * len(ordered))


def reliability(forecast: Floats, happened: Floats, bins: int = BINS) -> tuple[Bin, ...]:
    """Give the points of a reliability diagram, by bins of equal count."""
    return tuple(_bin(*one) for one in zip(*_binned(forecast, happened, bins), strict=True))


def _bin(n: float, told: float, came: float) -> Bin:
    share, more = came / n, Z95 * Z95 / n
    middle = (share + more / 2.0) / (1.0 + more)
    half = Z95 * np.sqrt(share * (1.0 - share) / n + more / (4.0 * n)) / (1.0 + more)
    return Bin(int(n), float(told / n), float(share), float(middle - half), float(middle + half))


# -- counts ----------------------------------------------------------------------------------------


def crps(draws: Floats, outcome: Floats) -> Floats:
    """Continuous ranked probability score of forecasts that are given as draws.

    E|X - y| - E|X - X'| / 2 over the draws as they are (Gneiting & Raftery 2007, eq. 21), in the unit
    of the outcome; lower is better.

    Parameters
    ----------
    draws
        Shape (draw, n).
    outcome
        Shape (n,); so is the result.
    """
    many = len(draws)
    away = np.abs(draws - outcome).mean(axis=0)
    place = 2.0 * np.arange(1, many + 1) - many - 1.0
    return np.asarray(away - place @ np.sort(draws, axis=0) / many**2)
