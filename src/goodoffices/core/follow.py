"""Follow one belief through its history, for many draws of the parameters at once (NumPy).

The rules are those of `core/ledger.py`; this driver only brings the stores forward, day by day.
All facts learned on one day read the state as it stood at the start of that day and are added
together, so their order never matters.  A fact learned late enters with the strength that is left
of it since the day on which it happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

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
    "amounts",
    "begin",
    "flag",
    "follow",
    "left",
    "levels",
    "meeting",
    "path",
    "take",
]

Floats = NDArray[np.float64]
YEAR = 365.25
CAPACITY, INTENTION, INTEGRITY, PREDICTABILITY = range(4)
GOOD, BAD = 0, 1
FLAGS = 4  # place of the deception flags in `since`
STATE, LEADER = 0, 1
PLAIN, GESTURE, ATTACK, MEETING = range(4)


@dataclass(frozen=True)
class Parameters:
    """What the rules need; arrays end in the draws, shape (n,)."""

    half_life: Floats  # (2 signs, 4 facets, n), years
    half_life_flag: Floats  # (n,), years
    hawk: Floats  # (n,)
    turnover_kept: Floats  # (n,)
    _left: dict[tuple[int, int], Floats] = field(default_factory=dict, repr=False, compare=False)

    def left(self, facet: int, days: int) -> Floats:
        """What is left of the stores of a facet after so many days, shape (2 signs, n); computed once."""
        if (facet, days) not in self._left:
            self._left[facet, days] = ledger.fade(days / YEAR, self.half_life[:, facet])
        return self._left[facet, days]


class Push(NamedTuple):
    """One fact on one facet of one belief."""

    fact: int
    facet: int
    sign: int
    owner: int
    form: int
    weight: Floats
    ln_ratio: Floats
    gesture: Floats | float
    pressure: Floats | float
    excuse: Floats | float
    age: int  # days from when it happened to when it was known
    turnovers: int  # of the trustee within that time
    size: float = 1.0  # at the centre of its range, for the weight of evidence
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
    """What the next day needs to know.

    A facet is brought up to its day only when it is read or written; `since` says to which day.
    """

    prior: Floats  # (4, n)
    stores: Floats  # (4 facets, 2 signs, 2 owners, n)
    flags: Floats  # (2 owners, n)
    since: list[int]  # of each facet, and last of the flags


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
    return State(prior.copy(), np.zeros((4, 2, 2, n)), np.zeros((2, n)), [day] * 5)


def _bring(state: State, facet: int, day: int, rules: Parameters) -> None:
    """Let the stores of one facet fade until `day`, in place."""
    if day > state.since[facet]:
        state.stores[facet] *= rules.left(facet, day - state.since[facet])[:, None, :]
        state.since[facet] = day


def _bring_flags(state: State, day: int, rules: Parameters) -> None:
    if day > state.since[FLAGS]:
        state.flags[:] *= ledger.fade((day - state.since[FLAGS]) / YEAR, rules.half_life_flag)
        state.since[FLAGS] = day


def _change_office(state: State, times: int, rules: Parameters) -> None:
    """Cut the leader's share at each change of office; cutting and fading commute."""
    if times:
        kept = rules.turnover_kept**times
        state.stores[:, :, LEADER] *= kept
        state.flags[LEADER] *= kept


def advance(state: State, day: int, turnovers: Sequence[int], rules: Parameters) -> State:
    """Bring every facet forward to `day`, in place."""
    _change_office(state, len(turnovers), rules)
    for facet in range(4):
        _bring(state, facet, day, rules)
    _bring_flags(state, day, rules)
    return state


def level(state: State, facet: int) -> Floats:
    """Log-odds of one facet before clip and ceiling, shape (n,)."""
    held = state.stores[facet]
    good, bad = held[GOOD, STATE] + held[GOOD, LEADER], held[BAD, STATE] + held[BAD, LEADER]
    return np.asarray(state.prior[facet] + good - bad)


def levels(state: State) -> Floats:
    """Log-odds of all facets before clip and ceiling, shape (4, n)."""
    return np.array([level(state, facet) for facet in range(4)])


def beliefs(state: State) -> Floats:
    """Beliefs on all facets, shape (4, n); a living flag caps integrity."""
    flagged = np.zeros_like(state.prior)
    flagged[INTEGRITY] = ledger.ceiling(state.flags).max(axis=0)
    return np.asarray(ledger.trust(levels(state), flagged))


class Seen(Protocol):
    """What a rule may read: beliefs by facet, and how far good acts are explained away."""

    def __getitem__(self, facet: int) -> Floats: ...

    @property
    def discount(self) -> Floats: ...


class _Seen:
    """Beliefs as they stood at the start of a day, computed when a rule first reads them."""

    def __init__(self, state: State, day: int, rules: Parameters) -> None:
        self._state, self._day, self._rules = state, day, rules
        self._known: dict[int, Floats] = {}

    def __getitem__(self, facet: int) -> Floats:
        if facet not in self._known:
            _bring(self._state, facet, self._day, self._rules)
            self._known[facet] = np.asarray(ledger.trust(level(self._state, facet), 0.0))
        return self._known[facet]

    @cached_property
    def discount(self) -> Floats:
        """How far good acts of this day are explained away."""
        return np.asarray(ledger.discount(self._rules.hawk, self[INTENTION]))


def amounts(push: Push, seen: Seen) -> list[tuple[int, Floats]]:
    """Give what one fact adds to which store, before it is faded for its age."""
    if push.form == MEETING:
        assert push.noise is not None
        assert push.kind is not None
        shift = meeting(push.weight, push.ln_ratio, push.gesture, push.noise, push.kind, seen[INTENTION])
        return [(GOOD, np.maximum(shift, 0.0)), (BAD, np.maximum(-shift, 0.0))]
    if push.form == ATTACK:
        return [(BAD, ledger.attack(push.weight, seen[CAPACITY], push.excuse))]
    if push.sign == BAD:
        return [(BAD, ledger.blame(push.weight, push.ln_ratio, push.excuse))]
    doubted = push.form == GESTURE or push.facet in (INTENTION, INTEGRITY)
    discounted = seen.discount if doubted else 0.0
    return [(GOOD, ledger.credit(push.weight, push.ln_ratio, discounted, push.gesture, push.pressure))]


def meeting(
    weight: Floats, ln_ratio: Floats, gesture: Floats | float, noise: Floats, kind: Floats, intention: Floats
) -> Floats:
    """Read a face: the reading leans towards the other's type, and bonding is added."""
    lean = np.where(kind < intention, 0.5, -0.5)
    lean = np.where(kind == 0.5, 0.0, lean)  # the centre takes no side
    return np.asarray(weight * (ln_ratio * (noise + lean * ln_ratio) + gesture))


def left(push: Push, sign: int, rules: Parameters) -> Floats | float:
    """What is left on the day it becomes known of an act that happened before."""
    left = ledger.fade(push.age / YEAR, rules.half_life[sign, push.facet]) if push.age else 1.0
    if push.owner == LEADER and push.turnovers:
        left = left * rules.turnover_kept**push.turnovers
    return left


def _rate(state: State, rated: Rated) -> Floats:
    """Move the prior towards a rating, as far as the doubts of both weigh (Kalman 1960)."""
    gain = rated.before**2 / (rated.before**2 + rated.doubt**2)
    shift = gain * (rated.level - level(state, rated.facet))
    state.prior[rated.facet] += shift
    return np.asarray(shift)


def flag(state: State, push: Push, day: int, rules: Parameters) -> None:
    """Let a proven lie be known, in place."""
    _bring_flags(state, day, rules)
    lie = (push.weight > 0) * ledger.fade(push.age / YEAR, rules.half_life_flag)
    state.flags[push.owner] = np.maximum(state.flags[push.owner], lie)


def take(state: State, day: Day, rules: Parameters, trace: list[Entry] | None) -> None:
    """Take in what becomes known on one day, in place; every rule reads the start of the day."""
    _change_office(state, len(day.turnovers), rules)
    seen = _Seen(state, day.day, rules)
    added = [
        (push, sign, amount * left(push, sign, rules) if push.age else amount)
        for push in day.pushes
        for sign, amount in amounts(push, seen)
    ]
    for push, sign, amount in added:
        _bring(state, push.facet, day.day, rules)
        state.stores[push.facet, sign, push.owner] += amount
        if trace is not None and np.any(amount):
            trace.append(Entry(push.fact, push.facet, sign, push.owner, day.day, amount))
        if push.lie:
            flag(state, push, day.day, rules)
    for rated in day.ratings:
        _bring(state, rated.facet, day.day, rules)
        shift = _rate(state, rated)
        if trace is not None:
            trace.append(Entry(-1, rated.facet, GOOD, STATE, day.day, shift))


def follow(
    state: State,
    days: Sequence[Day],
    end: int,
    last_turnovers: Sequence[int],
    rules: Parameters,
    trace: list[Entry] | None = None,
) -> State:
    """Take in every day in order and bring the state forward to `end`; `state` itself is brought forward.

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
        take(state, day, rules, trace)
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

    def since(day: int) -> tuple[int, ...]:
        return tuple(change for change in changes if before < change <= day)

    for stop in stops:
        while waiting and waiting[0].day <= stop:
            day = waiting.pop(0)
            take(state, day._replace(turnovers=since(day.day)), rules, None)
            before = day.day
        seen.append(beliefs(advance(state, stop, since(stop), rules)))
        before = max(before, stop)
    return seen
