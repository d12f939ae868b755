"""What was known of a key before a day: discounted counts, last signs, Elo and Glicko-2 ratings.

Each loop goes through acts in the order in which they became known and through questions in order of
their day, side by side: a question of a day meets what became known before that day, and nothing of the
day itself.  Acts that became known on one day are taken in together.

A rating is a contest between an actor, who is "better" the more often it is cooperative, and a target,
who is "harder" the less often others are cooperative to it; every party has one rating of each sort, in
that order.  Elo's rule is that of chess (Elo 1978) as it is used for pupils and tasks (Pelanek 2016);
Glicko-2 is that of Glickman (2012, example and steps as revised in 2022).

The loops are plain Python: `core/sequences_cpu.py` compiles them as they stand.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core.elementary import exp, exp2, log, minimum

__all__ = [
    "LOOPS",
    "RULES",
    "UNRATED",
    "Stream",
    "follow_counts",
    "follow_elo",
    "follow_glicko",
    "follow_signs",
]

Number = Any
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Days = NDArray[np.int32]

PER_POINT = 173.7178  # points of Glicko a unit of Glicko-2 (Glickman 2012, step 2)
WIDEST = 350.0 / PER_POINT  # deviation of an unrated one, and the most that any can have
CALM = 0.06  # volatility of an unrated one (Glickman 2012, step 1)
TAU = 0.5  # how fast volatility may move: within 0.3 to 1.2 (Glickman 2012, step 1)
UNRATED = (0.0, WIDEST, CALM)  # rating, deviation, volatility
CLOSE, TRIES = 1e-6, 100  # of the search for a volatility
_PI = 3.141592653589793


class Stream(NamedTuple):
    """Acts in the order in which they became known, and questions in order of their day.

    Attributes
    ----------
    known, day
        From when an act was known, and when it happened; ordinals, shape (act,).
    asked
        Day of each question, shape (question,).
    """

    known: Days
    day: Days
    asked: Days


# -- rules -----------------------------------------------------------------------------------------


def left(elapsed: Number, half_life: Number) -> Number:
    """Share of a count that is left after some days; an infinite half-life leaves all."""
    return exp2(-minimum(elapsed / half_life, 1000.0))


def elo_share(apart: Number) -> Number:
    """Expected score at a difference of ratings (Elo 1978)."""
    return 1.0 / (1.0 + exp(-minimum(apart, 10000.0) * 0.005756462732485114))  # ln 10 / 400


def flattened(deviation: Number) -> Number:
    """How much a doubtful rating counts: g of Glickman (2012), step 3."""
    return 1.0 / np.sqrt(1.0 + 3.0 * deviation * deviation / (_PI * _PI))


def glicko_share(apart: Number, weight: Number) -> Number:
    """Expected score: E of Glickman (2012), step 3."""
    return 1.0 / (1.0 + exp(-weight * apart))


def tension(x: Number, surplus: Number, spread: Number, start: Number) -> Number:
    """Function whose zero is the new volatility: f of Glickman (2012), step 5."""
    grown = exp(x)
    below = spread + grown
    return grown * (surplus - below) / (2.0 * below * below) - (x - start) / (TAU * TAU)


def volatility(before: Number, surprise: Number, deviation: Number, variance: Number) -> Number:
    """New volatility by the Illinois method (Glickman 2012, step 5)."""
    start = log(before * before)
    surplus, spread = surprise * surprise, deviation * deviation + variance
    one = start
    if surplus > spread:
        other = log(surplus - spread)
    else:
        other = start - TAU
        while tension(other, surplus, spread, start) < 0.0:
            other -= TAU
    at_one, at_other = tension(one, surplus, spread, start), tension(other, surplus, spread, start)
    for _try in range(TRIES):
        if abs(other - one) <= CLOSE:
            break
        new = one + (one - other) * at_one / (at_other - at_one)
        at_new = tension(new, surplus, spread, start)
        if at_new * at_other <= 0.0:
            one, at_one = other, at_other
        else:
            at_one /= 2.0
        other, at_other = new, at_new
    return exp(one / 2.0)


# -- loops -----------------------------------------------------------------------------------------


def follow_counts(
    stream: Stream, key: Places, ask: Places, value: Floats, half_life: Floats, store: Floats, told: Floats
) -> None:
    """Add up discounted values by key.

    Parameters
    ----------
    key, ask
        Whose count an act adds to, and whose is asked for; numbers into `store`.
    value
        What an act adds, shape (act, c).
    half_life
        In days, shape (h,).
    store
        Zeros of shape (key, h, c + 1), brought forward in place; the last column holds the day.
    told
        Is filled with what each question meets, shape (question, h, c).
    """
    row, wide = 0, value.shape[1]
    for question in range(len(ask)):
        day = stream.asked[question]
        while row < len(key) and stream.known[row] < day:
            place, now = key[row], np.float64(stream.known[row])
            for h in range(len(half_life)):
                keep = left(now - store[place, h, wide], half_life[h])
                weight = left(now - stream.day[row], half_life[h])
                for c in range(wide):
                    store[place, h, c] = store[place, h, c] * keep + weight * value[row, c]
                store[place, h, wide] = now
            row += 1
        place = ask[question]
        for h in range(len(half_life)):
            keep = left(day - store[place, h, wide], half_life[h])
            for c in range(wide):
                told[question, h, c] = store[place, h, c] * keep


def follow_signs(
    stream: Stream, key: Places, ask: Places, sign: NDArray[np.int8], store: Any, told: Any
) -> None:
    """Keep the last signs of each key, the newest first.

    `store` holds zeros of shape (key, lag), `told` is filled, shape (question, lag): 1 for a
    cooperative act, -1 for a conflictive one, 0 where there was none yet.
    """
    row, many = 0, store.shape[1]
    for question in range(len(ask)):
        while row < len(key) and stream.known[row] < stream.asked[question]:
            place = key[row]
            for lag in range(many - 1, 0, -1):
                store[place, lag] = store[place, lag - 1]
            store[place, 0] = sign[row]
            row += 1
        for lag in range(many):
            told[question, lag] = store[ask[question], lag]


def follow_elo(
    stream: Stream, sides: Places, ask: Places, score: Floats, rules: Floats, store: Floats, told: Floats
) -> None:
    """Follow Elo ratings.

    Parameters
    ----------
    sides, ask
        Actor and target of each act and of each question, shape (n, 2).
    score
        1 for a cooperative act, 0 for a conflictive one; shape (act,).
    rules
        K, and a head start of all actors; in points.
    store
        Shape (party, 4): both ratings, and what they gain today.
    told
        Is filled with the expected score, shape (question,).
    """
    row, most, ahead = 0, rules[0], rules[1]
    for question in range(len(ask)):
        while row < len(sides) and stream.known[row] < stream.asked[question]:
            end, now = row, stream.known[row]
            while end < len(sides) and stream.known[end] == now:
                actor, target = sides[end, 0], sides[end, 1]
                gain = most * (score[end] - elo_share(ahead + store[actor, 0] - store[target, 1]))
                store[actor, 2] += gain
                store[target, 3] -= gain
                end += 1
            for act in range(row, end):
                for side in range(2):
                    party = sides[act, side]
                    store[party, side] += store[party, side + 2]
                    store[party, side + 2] = 0.0
            row = end
        told[question] = elo_share(ahead + store[ask[question, 0], 0] - store[ask[question, 1], 1])


def widened(deviation: Number, calm: Number, periods: Number) -> Number:
    """Deviation after some periods without a contest (Glickman 2012, step 6)."""
    return minimum(np.sqrt(deviation * deviation + calm * calm * periods), WIDEST)


def follow_glicko(
    stream: Stream, sides: Places, ask: Places, score: Floats, rules: Floats, store: Floats, told: Floats
) -> None:
    """Follow Glicko-2 ratings; a question meets what its own period began with.

    Parameters
    ----------
    sides, ask, score
        As in `follow_elo`.
    rules
        Length of a period in days, the day on which the first begins, and the head start of actors.
    store
        Shape (party, 2, 6): rating, deviation, volatility, the period up to which they stand, and two
        sums over contests of the current period, zero between periods.
    told
        Is filled with the expected score, shape (question,).
    """
    row, long, first, ahead = 0, rules[0], rules[1], rules[2]
    for question in range(len(ask)):
        current = np.floor((stream.asked[question] - first) / long)
        while row < len(sides) and np.floor((stream.known[row] - first) / long) < current:
            end, period = row, np.floor((stream.known[row] - first) / long)
            while end < len(sides) and np.floor((stream.known[end] - first) / long) == period:
                one, other = store[sides[end, 0], 0], store[sides[end, 1], 1]
                one[1], one[3] = widened(one[1], one[2], period - one[3]), period
                other[1], other[3] = widened(other[1], other[2], period - other[3]), period
                apart = ahead + one[0] - other[0]
                weight = flattened(other[1])
                share = glicko_share(apart, weight)
                one[4] += weight * weight * share * (1.0 - share)
                one[5] += weight * (score[end] - share)
                weight = flattened(one[1])
                share = glicko_share(apart, weight)
                other[4] += weight * weight * share * (1.0 - share)
                other[5] -= weight * (score[end] - share)
                end += 1
            for act in range(row, end):
                for side in range(2):
                    mine = store[sides[act, side], side]
                    if mine[4] > 0.0:
                        variance = 1.0 / mine[4]
                        mine[2] = volatility(mine[2], variance * mine[5], mine[1], variance)
                        wide = mine[1] * mine[1] + mine[2] * mine[2]
                        mine[1] = 1.0 / np.sqrt(1.0 / wide + mine[4])
                        mine[0] += mine[1] * mine[1] * mine[5]
                        mine[3], mine[4], mine[5] = period + 1.0, 0.0, 0.0
            row = end
        one, other = store[ask[question, 0], 0], store[ask[question, 1], 1]
        spread = widened(one[1], one[2], current - one[3]) ** 2
        spread += widened(other[1], other[2], current - other[3]) ** 2
        told[question] = glicko_share(ahead + one[0] - other[0], flattened(np.sqrt(spread)))


RULES = (left, elo_share, flattened, glicko_share, tension, volatility, widened)
LOOPS = (follow_counts, follow_signs, follow_elo, follow_glicko)
