"""Follow one belief through its history, for many draws of the parameters at once (NumPy).

The rules are those of `core/ledger.py`; this driver only brings the stores forward, day by day.
All facts learned on one day read the state as it stood at the start of that day and are added
together, so their order never matters.  A fact learned late enters with the strength that is left
of it since the day on which it happened.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import ledger

__all__ = [
    "Day",
    "Entry",
    "Parameters",
    "Push",
    "Rated",
    "State",
    "begin",
    "follow",
    "levels",
    "path",
]

Floats = NDArray[np.float64]
YEAR = 365.25
CAPACITY, INTENTION, INTEGRITY, PREDICTABILITY = range(4)
GOOD, BAD = 0, 1
STATE, LEADER = 0, 1
PLAIN, GESTURE, ATTACK, MEETING = range(4)


class Parameters(NamedTuple):
    """What the rules need; arrays end in the draws, shape (n,)."""

    half_life: Floats  # (2 signs, 4 facets, n), years
    half_life_flag: Floats  # (n,), years
    hawk: Floats  # (n,)
    turnover_kept: Floats  # (n,)


class Push(NamedTuple):
    """One fact on one facet of one belief."""

    fact: int
    facet: int
    sign: int
    owner: int
    form: int
    weight: Floats
    ln_ratio: Floats
    gesture: Floats
    pressure: Floats
    excuse: Floats
    age: int  # days from when it happened to when it was known
    turnovers: int  # of the trustee within that time
    lie: bool = False
    noise: Floats | None = None  # of a meeting: what its reading is off by
    kind: Floats | None = None  # of a meeting: uniform draw that settles the other's type


class Rated(NamedTuple):
    """Ratings of one facet known on one day, already combined."""

    facet: int
    level: Floats  # log-odds, (n,)
    doubt: float
    before: float  # standard deviation of the belief before it


class Day(NamedTuple):
    """What becomes known on one day; `turnovers` happened since the day before it in the list."""

    day: int
    turnovers: tuple[int, ...]  # days of changes of office in (previous day, this day]
    pushes: Sequence[Push]
    ratings: Sequence[Rated]


class State(NamedTuple):
    """What the next day needs to know."""

    prior: Floats  # (4, n)
    stores: Floats  # (2 signs, 4 facets, 2 owners, n)
    flags: Floats  # (2 owners, n)
    day: int


class Entry(NamedTuple):
    """What one fact, or rating, added on its day; what is left of it is for the reader to fade."""

    fact: int  # -1: a rating
    facet: int
    sign: int
    owner: int
    day: int
    amount: Floats


def begin(prior: Floats, day: int) -> State:
    """Nothing known yet; `prior` has shape (4, n)."""
    n = prior.shape[1]
    return State(prior, np.zeros((2, 4, 2, n)), np.zeros((2, n)), day)


def advance(state: State, day: int, turnovers: Sequence[int], rules: Parameters) -> State:
    """Let the stores fade until `day`, with a cut of the leader's share at each change of office."""
    years = max(0, day - state.day) / YEAR
    stores = state.stores * ledger.fade(years, rules.half_life)[:, :, None, :]
    flags = state.flags * ledger.fade(years, rules.half_life_flag)
    if turnovers:
        kept = rules.turnover_kept ** len(turnovers)
        stores[:, :, LEADER] *= kept
        flags[LEADER] *= kept
    return State(state.prior, stores, flags, day)


def levels(state: State) -> Floats:
    """Log-odds of all facets before clip and ceiling, shape (4, n)."""
    held = state.stores.sum(axis=2)
    return np.asarray(state.prior + held[GOOD] - held[BAD])


def beliefs(state: State) -> Floats:
    """Beliefs on all facets, shape (4, n); a living flag caps integrity."""
    flagged = np.zeros_like(state.prior)
    flagged[INTEGRITY] = ledger.ceiling(state.flags).max(axis=0)
    return np.asarray(ledger.trust(levels(state), flagged))


def _amount(push: Push, seen: Floats, rules: Parameters) -> tuple[Floats, Floats]:
    """Give what one fact adds to the good and to the bad store, before it is faded for its age."""
    nothing = np.zeros_like(rules.hawk)
    if push.form == MEETING:
        return _meeting(push, seen)
    if push.form == ATTACK:
        return nothing, nothing + ledger.attack(push.weight, seen[CAPACITY], push.excuse)
    if push.sign == BAD:
        return nothing, nothing + ledger.blame(push.weight, push.ln_ratio, push.excuse)
    doubted = push.form == GESTURE or push.facet in (INTENTION, INTEGRITY)
    discounted = ledger.discount(rules.hawk, seen[INTENTION]) if doubted else 0.0
    return nothing + ledger.credit(
        push.weight, push.ln_ratio, discounted, push.gesture, push.pressure
    ), nothing


def _meeting(push: Push, seen: Floats) -> tuple[Floats, Floats]:
    """Read a face: the reading leans towards the other's type, and bonding is added."""
    assert push.noise is not None
    assert push.kind is not None
    lean = np.where(push.kind < seen[INTENTION], 0.5, -0.5)
    lean = np.where(push.kind == 0.5, 0.0, lean)  # the centre takes no side
    shift = push.weight * (push.ln_ratio * (push.noise + lean * push.ln_ratio) + push.gesture)
    return np.maximum(shift, 0.0), np.maximum(-shift, 0.0)


def _rate(state: State, rated: Rated) -> tuple[State, Floats]:
    """Move the prior towards a rating, as far as the doubts of both weigh (Kalman 1960)."""
    gain = rated.before**2 / (rated.before**2 + rated.doubt**2)
    shift = gain * (rated.level - levels(state)[rated.facet])
    prior = state.prior.copy()
    prior[rated.facet] += shift
    return state._replace(prior=prior), shift


def _take(state: State, day: Day, rules: Parameters, trace: list[Entry] | None) -> State:
    seen = beliefs(state)
    stores, flags = state.stores.copy(), state.flags.copy()
    for push in day.pushes:
        age = push.age / YEAR
        left = ledger.fade(age, rules.half_life[:, push.facet])
        if push.owner == LEADER and push.turnovers:
            left = left * rules.turnover_kept**push.turnovers
        for sign, amount in enumerate(_amount(push, seen, rules)):
            added = amount * left[sign]
            stores[sign, push.facet, push.owner] += added
            if trace is not None and np.any(added):
                trace.append(Entry(push.fact, push.facet, sign, push.owner, day.day, added))
        if push.lie:
            lie = (push.weight > 0) * ledger.fade(age, rules.half_life_flag)
            flags[push.owner] = np.maximum(flags[push.owner], lie)
    state = state._replace(stores=stores, flags=flags)
    for rated in day.ratings:
        state, shift = _rate(state, rated)
        if trace is not None:
            trace.append(Entry(-1, rated.facet, GOOD, STATE, day.day, shift))
    return state


def follow(
    state: State,
    days: Sequence[Day],
    end: int,
    last_turnovers: Sequence[int],
    rules: Parameters,
    trace: list[Entry] | None = None,
) -> State:
    """Take in every day in order and bring the state forward to `end`.

    Parameters
    ----------
    days
        In ascending order of `day`, none after `end`.
    last_turnovers
        Changes of office after the last of `days`, up to `end`.
    trace
        If given, an entry is appended for everything that was added.
    """
    for day in days:
        state = _take(advance(state, day.day, day.turnovers, rules), day, rules, trace)
    return advance(state, end, last_turnovers, rules)


def path(
    state: State,
    days: Sequence[Day],
    stops: Sequence[int],
    changes: Sequence[int],
    rules: Parameters,
) -> list[Floats]:
    """Give the beliefs, shape (4, n), at the end of each of `stops` (ascending)."""
    seen, waiting, before = [], list(days), -1
    for stop in stops:
        while waiting and waiting[0].day <= stop:
            day = waiting.pop(0)
            state, before = (
                _take(advance(state, day.day, day.turnovers, rules), day, rules, None),
                day.day,
            )
        since = [change for change in changes if before < change <= stop]
        seen.append(beliefs(advance(state, max(stop, state.day), since, rules)))
    return seen
