"""Two types: how lopsided reported conduct is, measured from how good and bad acts cluster.

The switching model of `core/switching.py` is fitted to the signs of acts of each directed pair, with
the same parameters for all pairs.  Its a and b are properties of reported conduct: how often an act
is good while one type is in force, and while the other is.  They say nothing of what anybody
believed.

The fit maximises the likelihood of all pairs, with a weak prior that keeps every parameter finite:
as if one more act of either sign had been seen under each type.  Which type is the first is settled
by a > b.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts, before, taken
from goodoffices.core import switching
from goodoffices.core.ascent import Top, climb
from goodoffices.core.switching import Course
from goodoffices.errors import UsageError
from goodoffices.words import N_, _

__all__ = [
    "KINDS",
    "WINDOWS",
    "Fit",
    "Switching",
    "TwoTypes",
    "Types",
    "course",
    "fitted",
    "of_kind",
    "pair_of",
    "windowed",
]

Floats = NDArray[np.float64]
WINDOWS = (N_("act"), N_("day"), N_("week"), N_("month"))
KINDS = (N_("all"), N_("verbal"), N_("material"))
CENTRE, WIDTH = float(np.log(1 / 120)), 3.0  # weak prior of the log of the rate, a day; judged
STARTS = (  # a, b, rate, rest, start: where the climb begins; the highest top is taken
    (0.9, 0.3, 1 / 30, 0.6, 0.6),
    (0.95, 0.6, 1 / 300, 0.5, 0.5),
    (0.6, 0.1, 1 / 30, 0.5, 0.5),
)
FAR = 1 << 21  # more than any ordinal: a pair and a day are one number
_UNIX = 719163  # ordinal of 1 January 1970


class Switching(Protocol):
    """The compiled driver of `core/switching_cpu.py`, which is given and never imported here."""

    def shares(self, course: Course, theta: Floats) -> tuple[Floats, Floats]:
        """Give chances of the first type after each day, and log likelihoods of pairs."""
        ...

    def tangents(self, course: Course, theta: Floats) -> Floats:
        """Give log likelihood and gradient of every pair, shape (pair, 6)."""
        ...


class Types(NamedTuple):
    """Parameters of the switching model; see `core/switching.py`."""

    a: float
    b: float
    rate: float
    rest: float
    start: float


# -- acts by windows of time ---------------------------------------------------------------------


def of_kind(acts: Acts, kind: str) -> Acts:
    """Give all acts, the verbal or the material ones."""
    if kind == "all":
        return acts
    known = acts.quad > 0
    return taken(acts, known & (acts.material if kind == "material" else ~acts.material))


def pair_of(acts: Acts) -> NDArray[np.int64]:
    """Number the directed pair of each act, shape (act,)."""
    return acts.actor.astype(np.int64) * len(acts.parties.names) + acts.target


def course(
    pair: NDArray[np.int64], day: NDArray[np.int32], good: NDArray[np.bool_]
) -> tuple[Course, NDArray[np.int64]]:
    """Count good and bad acts of each pair and day; also gives the pairs in order, shape (pair,)."""
    every, place = np.unique(pair * FAR + day, return_inverse=True)
    whole = np.bincount(place, minlength=len(every)).astype(np.float64)
    kind = np.bincount(place, weights=good, minlength=len(every)).astype(np.float64)
    pairs, first = np.unique(every // FAR, return_index=True)
    ends = np.append(first, len(every)).astype(np.int64)
    return Course(ends, (every % FAR).astype(np.int32), kind, whole - kind), pairs


def windowed(acts: Acts, window: str) -> tuple[Course, NDArray[np.int64]]:
    """Give the course of all pairs by window of time, and the pairs in order.

    "act" keeps every act, those of a day together.  "day", "week" and "month" give one act a window:
    the sign of the sum of values in it; a sum of zero is left out.
    """
    pair = pair_of(acts)
    if window == "act":
        return course(pair, acts.day, acts.good)
    every, place = np.unique(pair * FAR + _begun(acts.day, window), return_inverse=True)
    total = np.bincount(place, weights=acts.value.astype(np.float64), minlength=len(every))
    some = np.abs(total) > 1e-4  # published values have one place after the point
    return course(every[some] // FAR, (every[some] % FAR).astype(np.int32), total[some] > 0.0)


def _begun(day: NDArray[np.int32], window: str) -> NDArray[np.int64]:
    """Give the first day of the window that each day lies in, as ordinals."""
    ordinal = day.astype(np.int64)
    if window == "day":
        return ordinal
    if window == "week":
        return ordinal - (ordinal - 1) % 7
    dates = (ordinal - _UNIX).astype("datetime64[D]")
    return dates.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + _UNIX


# -- fit ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The switching model fitted to a course.

    Attributes
    ----------
    theta, free
        Parameters, and the same on scales without ends; shape (5,).
    value
        Log likelihood.
    top
        The climb, from which others nearby begin; its types are in no order.
    """

    theta: Floats
    free: Floats
    value: float
    acts: int
    pairs: int
    top: Top

    @property
    def types(self) -> Types:
        """The parameters by name."""
        return Types(*self.theta.tolist())


def fitted(driver: Switching, told: Course, weights: Floats | None = None, near: Fit | None = None) -> Fit:
    """Fit the switching model to a course.

    Parameters
    ----------
    weights
        How often each pair counts, shape (pair,); once where not given.
    near
        A fit to much the same pairs, from which to begin.

    Raises
    ------
    UsageError
        If there is no act, or all have one sign: two types cannot be told apart then.
    """
    pairs = len(told.first) - 1
    weights = np.ones(pairs) if weights is None else weights
    counted = np.repeat(weights, np.diff(told.first))
    good, bad = float(counted @ told.good), float(counted @ told.bad)
    if good <= 0.0 or bad <= 0.0:
        raise UsageError(_("two types need acts of both signs: found {good} good ones and {bad} bad ones")
                         .format(good=round(good), bad=round(bad)))  # fmt: skip
    hill = hill_of(driver, told, weights)
    if near is None:
        tops = [climb(hill, free_of(np.array(start))) for start in STARTS]
        top = max(tops, key=lambda one: one.value)
    else:
        top = climb(hill, near.top.at, near.top.inverse)
    free = _ordered(top.at)
    theta = bound_of(free)[0]
    return Fit(theta=theta, free=free, value=top.value - _held(free)[0], acts=round(good + bad),
               pairs=pairs, top=top)  # fmt: skip


def free_of(theta: Floats) -> Floats:
    """Parameters on scales without ends: log-odds, and the log of the rate."""
    made = np.log(theta / (1.0 - theta + (theta >= 1.0)))
    made[switching.RATE] = np.log(theta[switching.RATE])
    return made


def bound_of(free: Floats) -> tuple[Floats, Floats]:
    """Parameters from free ones, and the slope of each by its own."""
    theta = 1.0 / (1.0 + np.exp(-free.clip(-30.0, 30.0)))
    slope = theta * (1.0 - theta)
    theta[switching.RATE] = slope[switching.RATE] = np.exp(free[switching.RATE].clip(-30.0, 5.0))
    return theta.clip(1e-12, None), slope


def _held(free: Floats) -> tuple[float, Floats]:
    """Log of the weak prior and its slope."""
    theta, _slope = bound_of(free)
    share = np.delete(theta, switching.RATE)
    aside = (free[switching.RATE] - CENTRE) / WIDTH
    slope = 1.0 - 2.0 * theta
    slope[switching.RATE] = -aside / WIDTH
    return float(np.log(share * (1.0 - share)).sum() - aside * aside / 2.0), slope


def hill_of(driver: Switching, told: Course, weights: Floats) -> Callable[[Floats], tuple[float, Floats]]:
    def hill(free: Floats) -> tuple[float, Floats]:
        theta, slope = bound_of(free)
        summed = weights @ driver.tangents(told, theta)
        held, steep = _held(free)
        return float(summed[0] + held), summed[1:] * slope + steep

    return hill


def _ordered(free: Floats) -> Floats:
    """Name the two types so that a > b."""
    if free[switching.ONE] >= free[switching.OTHER]:
        return free
    turned = free.copy()
    turned[[switching.ONE, switching.OTHER]] = free[[switching.OTHER, switching.ONE]]
    turned[[switching.REST, switching.START]] *= -1.0
    return turned


# -- forecasts ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TwoTypes:
    """The switching model as a forecaster of the next act: exact filter, five numbers.

    Attributes
    ----------
    driver
        The compiled driver, which is given.
    theta
        Parameters once fitted, shape (5,).
    """

    driver: Switching
    theta: Floats | None = None
    name: str = "two types"

    def fit(self, acts: Acts, day: int) -> Self:
        """Learn from the acts known before `day`; gives a fitted copy."""
        told, _pairs = windowed(before(acts, day), "act")
        return replace(self, theta=fitted(self.driver, told).theta)

    def forecast(self, acts: Acts, asked: slice | NDArray[np.int64]) -> Floats:
        """P(cooperative) of the acts at places `asked`, each from acts known before its own day.

        An act enters on the day from which it was known.

        Raises
        ------
        UsageError
            If nothing was fitted yet.
        """
        if self.theta is None:
            raise UsageError(_("the model is not fitted yet: call fit first"))
        pair, reach = pair_of(acts), np.maximum(acts.known, acts.day)
        told, pairs = course(pair, reach, acts.good)
        share, _value = self.driver.shares(told, self.theta)
        last, gone = _before(told, pairs, pair[asked], acts.day[asked])
        a, b, rate, rest, start = self.theta
        held = switching.carried(share[last], rest, switching.kept(gone, rate))
        return np.asarray(switching.implied(np.where(gone > 0, held, start), a, b))


def _before(
    told: Course, pairs: NDArray[np.int64], pair: NDArray[np.int64], day: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the last row of each pair before a day, and how many days passed since; 0 where none."""
    number = np.repeat(np.arange(len(pairs)), np.diff(told.first))
    mine = np.searchsorted(pairs, pair)
    last = np.searchsorted(number * FAR + told.day, mine * FAR + day) - 1
    there = (last >= 0) & (number[last] == mine)
    last = np.where(there, last, 0)
    return last, np.where(there, day - told.day[last], 0).astype(np.float64)
