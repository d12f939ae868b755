"""A two-type switching model of the signs of acts: exact filter, likelihood and gradient.

Of each pair one hidden type is in force at any time, and from day to day it may change (a hidden
Markov chain with two states; Baum & Petrie 1966)::

    a, b     P(an act is good | one type), P(an act is good | the other)
    rate     how fast what is known of the type is forgotten, a day; the sum of both rates of change
    rest     share of time in the first type; it is left at rate * (1 - rest), entered at rate * rest
    start    chance of the first type before a pair's first act

    share(t + dt)     = rest + (share(t) - rest) * exp(-rate * dt)
    share | acts      = share * P1 / (share * P1 + (1 - share) * P0)
    P1 = a ** good * (1 - a) ** bad,  P0 = b ** good * (1 - b) ** bad

The acts of one day enter together: their order is not known, and the type holds for the day.  The
gradient is carried forward beside the filter (forward tangents), so that nothing is kept.

The rules are elementwise, and the loops are plain Python: `core/switching_cpu.py` compiles both as
they stand.  Shares and a, b, rest and start lie between 0 and 1, rates are per day.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core.elementary import exp, log, maximum, minimum

__all__ = [
    "ACROSS",
    "LOOPS",
    "NAMES",
    "ONE",
    "OTHER",
    "RATE",
    "REST",
    "RULES",
    "START",
    "Course",
    "add_tangents",
    "carried",
    "follow_shares",
    "implied",
    "kept",
    "log_odds_of_day",
    "renewed",
]

Number = Any  # a float or an array of floats: every rule here is elementwise
Floats = NDArray[np.float64]

ONE, OTHER, RATE, REST, START = range(5)
NAMES = ("a", "b", "rate", "rest", "start")
ACROSS = len(NAMES) + 1  # the value, then its slope by each parameter


class Course(NamedTuple):
    """Days with acts, pair after pair, those of each pair in order of time.

    Attributes
    ----------
    first
        Where the days of each pair begin, and where the last ones end; shape (pair + 1,).
    day
        As ordinals, shape (day,).
    good, bad
        How many acts of either sign, shape (day,).
    """

    first: NDArray[np.int64]
    day: NDArray[np.int32]
    good: Floats
    bad: Floats


# -- rules -----------------------------------------------------------------------------------------


def kept(elapsed: Number, rate: Number) -> Number:
    """Share of what is known of the type that is left after some days."""
    return exp(-minimum(rate * elapsed, 700.0))


def carried(share: Number, rest: Number, left: Number) -> Number:
    """Chance of the first type once only `left` of what was known is left."""
    return rest + (share - rest) * left


def log_odds_of_day(good: Number, bad: Number, log_good: Number, log_bad: Number) -> Number:
    """Log likelihood of a day's acts under one type, from the logs of its two chances."""
    return good * log_good + bad * log_bad


def renewed(share: Number, one: Number, both: Number) -> Number:
    """Chance of the first type after acts of likelihood `one` under it and `both` over all."""
    return share * one / both


def implied(share: Number, a: Number, b: Number) -> Number:
    """P(the next act is good) at a chance of the first type."""
    return b + (a - b) * share


# -- loops -----------------------------------------------------------------------------------------


def follow_shares(course: Course, theta: Floats, share_after: Floats, value: Floats) -> None:
    """Filter all pairs.

    Parameters
    ----------
    theta
        a, b, rate, rest and start; shape (5,).
    share_after
        Is filled with the chance of the first type after each day's acts, shape (day,).
    value
        Is filled with the log likelihood of each pair, shape (pair,).
    """
    a, b, rate, rest = theta[0], theta[1], theta[2], theta[3]
    log_a, log_not_a, log_b, log_not_b = log(a), log(1.0 - a), log(b), log(1.0 - b)
    for pair in range(len(value)):
        share, summed, begin = theta[4], 0.0, course.first[pair]
        for row in range(begin, course.first[pair + 1]):
            if row > begin:
                share = carried(share, rest, kept(np.float64(course.day[row] - course.day[row - 1]), rate))
            under_one = log_odds_of_day(course.good[row], course.bad[row], log_a, log_not_a)
            under_other = log_odds_of_day(course.good[row], course.bad[row], log_b, log_not_b)
            low = exp(-minimum(abs(under_one - under_other), 700.0))
            one, other = (1.0, low) if under_one > under_other else (low, 1.0)
            both = share * one + (1.0 - share) * other
            summed += maximum(under_one, under_other) + log(both)
            share = renewed(share, one, both)
            share_after[row] = share
        value[pair] = summed


def add_tangents(course: Course, theta: Floats, told: Floats) -> None:
    """Find log likelihood and gradient of every pair.

    `told` is filled, shape (pair, 6): the value, then its slope by each of `theta`, shape (5,).
    """
    a, b, rate, rest = theta[0], theta[1], theta[2], theta[3]
    log_a, log_not_a, log_b, log_not_b = log(a), log(1.0 - a), log(b), log(1.0 - b)
    per_a, per_not_a, per_b, per_not_b = 1.0 / a, 1.0 / (1.0 - a), 1.0 / b, 1.0 / (1.0 - b)
    for pair in range(len(told)):
        share, begin = theta[4], course.first[pair]
        by_a, by_b, by_rate, by_rest, by_start = 0.0, 0.0, 0.0, 0.0, 1.0  # slopes of the share
        summed, to_a, to_b, to_rate, to_rest, to_start = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for row in range(begin, course.first[pair + 1]):
            if row > begin:
                elapsed = np.float64(course.day[row] - course.day[row - 1])
                left = kept(elapsed, rate)
                by_a, by_b, by_start = by_a * left, by_b * left, by_start * left
                by_rate = (by_rate - elapsed * (share - rest)) * left
                by_rest = by_rest * left + 1.0 - left
                share = carried(share, rest, left)
            good, bad = course.good[row], course.bad[row]
            under_one = log_odds_of_day(good, bad, log_a, log_not_a)
            under_other = log_odds_of_day(good, bad, log_b, log_not_b)
            low = exp(-minimum(abs(under_one - under_other), 700.0))
            one, other = (1.0, low) if under_one > under_other else (low, 1.0)
            both = share * one + (1.0 - share) * other
            per_both = 1.0 / both
            steep_a, steep_b = good * per_a - bad * per_not_a, good * per_b - bad * per_not_b
            slope = (one - other) * per_both
            after = renewed(share, one, both)
            summed += maximum(under_one, under_other) + log(both)
            to_a += slope * by_a + after * steep_a
            to_b += slope * by_b + (1.0 - after) * steep_b
            to_rate += slope * by_rate
            to_rest += slope * by_rest
            to_start += slope * by_start
            push = one * other * per_both * per_both  # slope of the share after by that before
            spread = share * (1.0 - share) * push
            by_a = push * by_a + spread * steep_a
            by_b = push * by_b - spread * steep_b
            by_rate, by_rest, by_start = push * by_rate, push * by_rest, push * by_start
            share = after
        told[pair, 0], told[pair, 1], told[pair, 2] = summed, to_a, to_b
        told[pair, 3], told[pair, 4], told[pair, 5] = to_rate, to_rest, to_start


RULES = (kept, carried, log_odds_of_day, renewed)
LOOPS = (follow_shares, add_tangents)
