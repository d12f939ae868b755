"""Ledger against forecast: where two models of the same reported acts disagree.

The ledger adds up discounted log ratios of good and bad acts, with a and b estimated on these very
acts (`conduct/twotypes.py`), never the judged table, and without enemy image::

    level   = sum of ln(a/b) over good acts - sum of ln((1-b)/(1-a)) over bad ones, each faded
    implied = b + (a - b) / (1 + exp(-level))

The forecast is P(the next act is good) of a forecaster that learnt from the same acts.  The
difference has an interval: halves of the pairs, both directions together, are drawn, both models are
fitted to each half (half-samples; Politis & Romano 1994), and the judged half-lives of the ledger
are drawn from their ranges.  A pair is listed where that interval does not hold zero, the implied
value is not so near to a or b that it says only that the ledger is full, and what is left of its
evidence weighs at least one act: else the two differ by their priors alone.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts, before, taken
from goodoffices.conduct.asymmetry import blocks
from goodoffices.conduct.trial import Forecaster
from goodoffices.conduct.twotypes import Fit, Switching, fitted, pair_of, windowed
from goodoffices.core import ledger, switching
from goodoffices.core.draws import stream_key, uniform
from goodoffices.domain.gaps import BOUND
from goodoffices.words import N_

__all__ = ["FULL", "THIN", "ZERO", "Difference", "Stream", "asked_of_all", "compare", "ratios"]

Floats = NDArray[np.float64]
INTENTION = 1
FULL = N_("the implied value lies within .02 of a or b")
ZERO = N_("the interval of the difference holds zero")
THIN = N_("what is left of the evidence weighs less than one act")
QUANTILES = (0.05, 0.95)
ENOUGH = 1.0  # summed weight below which a belief rests on its prior


class Stream(Protocol):
    """The compiled driver of `core/stream.py`, which is given and never imported here."""

    Rows: Any
    Rules: Any

    def begin(self, prior: Floats, first_day: int) -> Any:
        """Nothing known yet."""
        ...

    def follow(self, state: Any, rows: Any, rules: Any) -> None:
        """Take in rows."""
        ...

    def levels_on(self, state: Any, day: int, rules: Any) -> Floats:
        """Give levels of shape (pair, 4)."""
        ...


class Difference(NamedTuple):
    """Both models on every pair; arrays of shape (pair,).

    Attributes
    ----------
    pairs
        Numbers of the directed pairs, as `pair_of` numbers them.
    difference, lo, hi
        Forecast less implied, and its interval of 90%.
    left_out
        Whether a pair is left out, by reason; the reasons exclude one another.
    surprised
        P(cooperative) that the forecaster gave to each act before its day, shape (act,).
    """

    pairs: NDArray[np.int64]
    level: Floats
    implied: Floats
    forecast: Floats
    difference: Floats
    lo: Floats
    hi: Floats
    left_out: dict[str, NDArray[np.bool_]]
    surprised: Floats
    fit: Fit

    @property
    def listed(self) -> NDArray[np.int64]:
        """Places of the pairs that are listed, the widest disagreement first."""
        out: NDArray[np.bool_] = np.any(list(self.left_out.values()), axis=0)
        order = np.argsort(-np.abs(self.difference), kind="stable")
        return np.asarray(order[~out[order]])


def ratios(theta: Floats) -> Floats:
    """Log ratios of a good and of a bad act under the fitted a and b, shape (2,)."""
    a, b = theta[switching.ONE], theta[switching.OTHER]
    return np.array([ledger.ln_ratio_good(a, b), ledger.ln_ratio_bad(a, b)])


def _levels(
    stream: Stream, acts: Acts, place: NDArray[np.int64], day: int, ratio: Floats, life: Floats
) -> Floats:
    """Follow the ledger through all acts; gives log-odds of each pair on a day."""
    n, pairs = len(acts.day), int(place.max()) + 1
    ones, nothing = np.ones(n, np.float32), np.zeros(n, np.float32)
    sign = np.where(acts.good, 1, -1).astype(np.int8)
    facet = np.full(n, INTENTION, np.int8)
    rows = stream.Rows(place.astype(np.int32), facet, acts.day, sign, ones, nothing, nothing, nothing)
    rules = stream.Rules(np.tile(ratio[:, None], 4), np.tile(life[:, None], 4), 0.0, 0.0)
    state = stream.begin(np.zeros((pairs, 4)), int(acts.day[0]))
    stream.follow(state, rows, rules)
    return np.asarray(stream.levels_on(state, day, rules)[:, INTENTION])


def asked_of_all(acts: Acts, pairs: NDArray[np.int64], day: int) -> Acts:
    """Put one act of each pair behind the others, on a day after them: what is asked for."""
    actor, target = np.divmod(pairs, len(acts.parties.names))
    when, nothing = np.full(len(pairs), day), np.zeros(len(pairs))

    def joined(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([old, new.astype(old.dtype)])

    return Acts(
        joined(acts.day, when), joined(acts.known, when), joined(acts.actor, actor),
        joined(acts.target, target), joined(acts.value, nothing + 1.0), joined(acts.quad, nothing),
        acts.parties,
    )  # fmt: skip


def _halves(acts: Acts, pairs: NDArray[np.int64], place: NDArray[np.int64], draws: int, seed: int
            ) -> Iterator[Acts]:  # fmt: skip
    """Give the acts of half of the pairs, both directions together, some times."""
    block = blocks(pairs, len(acts.parties.names))
    n = int(block.max()) + 1
    for number in range(draws):
        order = np.argsort(uniform(stream_key(seed, "half of the pairs", str(number)), n))
        chosen = np.zeros(n, bool)
        chosen[order[: (n + 1) // 2]] = True
        yield taken(acts, chosen[block][place])


def compare(
    drivers: tuple[Switching, Stream],
    forecaster: Forecaster,
    known: Acts,
    day: int,
    lives: Floats,
    seed: int,
) -> Difference:
    """Compare ledger and forecast of every pair on the acts known before a day.

    Parameters
    ----------
    drivers
        Compiled drivers of the switching model and of the ledger.
    lives
        Half-lives in days of good and bad acts: the middle of their ranges, then one draw for each
        half of the pairs; shape (1 + draws, 2).

    Raises
    ------
    UsageError
        If there is no act, or all have one sign.
    """
    driver, stream = drivers
    acts = before(known, day)
    fit = fitted(driver, windowed(acts, "act")[0])
    pairs, place = np.unique(pair_of(acts), return_inverse=True)
    asked, places = asked_of_all(acts, pairs, day), np.arange(len(acts.day), len(acts.day) + len(pairs))

    def both(theta: Floats, life: Floats, one: Forecaster) -> tuple[Floats, Floats, Floats]:
        level = _levels(stream, acts, place, day, ratios(theta), life)
        implied = switching.implied(ledger.trust(level, 0.0), theta[switching.ONE], theta[switching.OTHER])
        return level, np.asarray(implied), one.forecast(asked, places)

    middle = forecaster.fit(acts, day)
    level, implied, forecast = both(fit.theta, lives[0], middle)
    again = []
    for some, life in zip(_halves(acts, pairs, place, len(lives) - 1, seed), lives[1:], strict=True):
        theta = fitted(driver, windowed(some, "act")[0], near=fit).theta
        _level, one, other = both(theta, life, forecaster.fit(some, day))
        again.append(other - one)
    difference = forecast - implied
    low, high = np.quantile(again, QUANTILES, axis=0)
    lo, hi = np.minimum(low, difference), np.maximum(high, difference)
    weight = _weights(acts, place, day, lives[0])
    return Difference(
        pairs, level, implied, forecast, difference, lo, hi,
        left_out=_left_out(implied, fit.theta, weight, (lo, hi)),
        surprised=middle.forecast(acts, slice(None)), fit=fit,
    )  # fmt: skip


def _weights(acts: Acts, place: NDArray[np.int64], day: int, life: Floats) -> Floats:
    """How many acts what is left of the evidence on each pair weighs, shape (pair,)."""
    left = ledger.fade(day - acts.day.astype(np.float64), np.where(acts.good, life[0], life[1]))
    return np.bincount(place, weights=left).astype(np.float64)


def _left_out(
    implied: Floats, theta: Floats, weight: Floats, ends: tuple[Floats, Floats]
) -> dict[str, NDArray[np.bool_]]:
    """Say which pairs are not listed; the first reason that holds counts."""
    types = theta[[switching.ONE, switching.OTHER]]
    thin = weight < ENOUGH
    full = ~thin & (np.abs(implied[:, None] - types).min(axis=1) <= BOUND)
    zero = ~thin & ~full & (ends[0] <= 0.0) & (ends[1] >= 0.0)
    return {THIN: thin, FULL: full, ZERO: zero}
