"""Questions about a window of time: will there be a material conflict, will two sides agree?

At the start of a month each active pair is asked about, once for each direction where direction counts.
A pair is active if either side did something to the other in the year before.  Everything that a forecast
is made of is handed in as it was known before the window: what happens within it is counted afterwards.

    base-rate       how often earlier windows held one, over all pairs
    pair-frequency  how often earlier windows of the same pair did, drawn to the base rate
    weighted        acts of the kind at a half-life of 120 days as a rate; gamma and Poisson together
                    (a negative binomial count; Fisher 1941), its prior from the spread of earlier counts
    multi-scale     log counts over several half-lives, through a logistic
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts
from goodoffices.core import logistic
from goodoffices.core.draws import stream_key, uniform_at
from goodoffices.errors import UsageError
from goodoffices.words import N_, _

__all__ = [
    "DRAWS",
    "MODELS",
    "QUESTIONS",
    "Question",
    "Window",
    "marks",
    "month_starts",
    "origins_of",
    "window_at",
]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

ACTIVE = 365  # days; judged
HALF_LIFE = 120.0
SCALES = (10.0, 30.0, 120.0, np.inf)
DRAWS = 100
MOST = 10_000  # acts that a window can hold, so that drawing counts ends
ONE_WINDOW = 1.0  # earlier windows that the base rate counts as; judged
MODELS = ("base-rate", "pair-frequency", "weighted", "multi-scale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A yes-or-no question about the next days.

    Attributes
    ----------
    horizon
        In days, the first of which is the origin.
    codes, quads
        Acts that answer it: of one of the codes, where there are some, else of one of the quads.
    directed
        Is it asked of either direction of a pair apart?
    """

    name: str
    says: str
    horizon: int
    directed: bool
    codes: tuple[str, ...] = ()
    quads: tuple[int, ...] = ()


QUESTIONS = {
    "material-conflict": Question(
        name="material-conflict",
        says=N_("a reported act of material conflict by one towards the other in the next 30 days"),
        horizon=30, directed=True, quads=(4,),
    ),
    "agreement": Question(
        name="agreement",
        says=N_("a signed formal agreement or a declared truce between two, as reported in the next 90 days"),
        horizon=90, directed=False, codes=("057", "087", "0871"),
    ),
}  # fmt: skip


class Window(NamedTuple):
    """One origin: who was asked about, what was foreseen, and what happened.

    Attributes
    ----------
    actor, target
        Numbers of parties, shape (pair,); where direction does not count the first has the lower one.
    known
        Acts of the pair known before the origin, in either direction; shape (pair,).
    happened
        How many acts within the window answer the question, shape (pair,).
    forecasts
        Chances of at least one by model, shape (pair,) each.
    draws
        Of the count, by those models that have any; shape (draw, pair) each.
    """

    day: int
    actor: Places
    target: Places
    known: Places
    happened: Floats
    forecasts: Mapping[str, Floats]
    draws: Mapping[str, Floats]


class _Past(NamedTuple):
    """What was known before an origin, with a key for each act."""

    day: NDArray[np.int32]
    reach: NDArray[np.int32]
    key: Places
    back: Places
    good: Flags
    marked: Flags
    many: int


class _Table(NamedTuple):
    """Pairs asked about at an origin, and what was known of them then."""

    key: Places
    known: Places
    rates: Floats
    features: Floats


def month_starts(first: date, last: date) -> list[date]:
    """Give the first days of months from one day to another, both included."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    starts = [date(month // 12, month % 12 + 1, 1) for month in months]
    return [day for day in starts if first <= day <= last]


def marks(question: Question, acts: Acts, codes: NDArray[np.str_]) -> Flags:
    """Say which acts answer a question.

    Raises
    ------
    UsageError
        If none does: the codes of the source may have no such act.
    """
    found = np.isin(codes, question.codes) if question.codes else np.isin(acts.quad, question.quads)
    if not found.any():
        said = _('"{question}": no act of this source answers it; it needs {needed}')
        needed = (
            _("CAMEO {codes}").format(codes=", ".join(question.codes))
            if question.codes
            else _("acts of a known quad class")
        )
        raise UsageError(said.format(question=question.name, needed=needed))
    return found


def _keys(acts: Acts, question: Question) -> tuple[Places, Places]:
    one, other, many = acts.actor.astype(np.int64), acts.target.astype(np.int64), len(acts.parties.names)
    if question.directed:
        return one * many + other, other * many + one
    both = np.minimum(one, other) * many + np.maximum(one, other)
    return both, both


def _past(acts: Acts, question: Question, marked: Flags, day: int) -> _Past:
    reach = np.maximum(acts.known, acts.day)
    chosen = reach < day
    key, back = _keys(acts, question)
    return _Past(
        acts.day[chosen], reach[chosen], key[chosen], back[chosen], acts.good[chosen], marked[chosen],
        len(acts.parties.names),
    )  # fmt: skip


def _asked_at(past: _Past, day: int) -> Places:
    """Give the keys of the pairs that are active on a day, in order."""
    lately = (past.day >= day - ACTIVE) & (past.reach < day)
    return np.union1d(past.key[lately], past.back[lately])


def _summed(key: Places, of: Places, weight: Floats) -> Floats:
    """Add weights up by the keys `of`, which are sorted; others are left out."""
    place = np.minimum(np.searchsorted(of, key), max(len(of) - 1, 0))
    mine = of[place] == key if len(of) else np.zeros(len(key), bool)
    return np.bincount(place[mine], weights=weight[mine], minlength=len(of)).astype(np.float64)


def _table(past: _Past, day: int) -> _Table:
    """Lay out what was known of each active pair before a day."""
    key, seen = _asked_at(past, day), past.reach < day
    age = (day - past.day[seen]).astype(np.float64)
    mine, back = past.key[seen], past.back[seen]
    good, marked = past.good[seen], past.marked[seen]
    found = []
    for scale in SCALES:
        weight = np.exp2(-np.minimum(age / scale, 1000.0))
        for some, whose in ((marked, mine), (good, mine), (~good, mine), (good, back), (~good, back)):
            found.append(_summed(whose[some], key, weight[some]))
    faded = np.exp2(-np.minimum(age / HALF_LIFE, 1000.0))
    rates = _summed(mine[marked], key, faded[marked])
    ones = np.ones(int(seen.sum()))
    known = _summed(mine, key, ones) + (_summed(back, key, ones) if not (mine == back).all() else 0.0)
    return _Table(key, known.astype(np.int64), rates, np.log1p(np.stack(found, axis=1)))


def _counted(past: _Past, key: Places, day: int, horizon: int) -> Floats:
    """Count the acts that answer the question within a window, by pair."""
    within = past.marked & (past.day >= day) & (past.day < day + horizon)
    return _summed(past.key[within], key, np.ones(int(within.sum())))


# -- forecasters -----------------------------------------------------------------------------------


class _Learnt(NamedTuple):
    """Earlier windows, all of them over before the origin: pairs, counts and features."""

    key: Places
    happened: Floats
    features: Floats


def _learnt(past: _Past, question: Question, day: int) -> _Learnt:
    first = date.fromordinal(int(past.day.min()))
    starts = [one.toordinal() for one in month_starts(first, date.fromordinal(day))]
    over = [one for one in starts if one + question.horizon <= day and (past.reach < one).any()]
    if not over:
        said = _("no window of {n} days was over before {day}: begin later")
        raise UsageError(said.format(n=question.horizon, day=date.fromordinal(day)))
    tables = [_table(past, one) for one in over]
    counts = [_counted(past, t.key, one, question.horizon) for t, one in zip(tables, over, strict=True)]
    return _Learnt(
        np.concatenate([t.key for t in tables]),
        np.concatenate(counts),
        np.concatenate([t.features for t in tables]),
    )


def _pair_frequency(learnt: _Learnt, key: Places, rate: float) -> Floats:
    yes = (learnt.happened > 0).astype(np.float64)
    order = np.unique(key)
    came, many = _summed(learnt.key, order, yes), _summed(learnt.key, order, np.ones(len(yes)))
    place = np.searchsorted(order, key)
    return np.asarray((came[place] + ONE_WINDOW * rate) / (many[place] + ONE_WINDOW))


def _gamma(learnt: _Learnt, table: _Table, span: float, horizon: int) -> tuple[Floats, float]:
    """Shape of each pair's count in the window, and the share of it that stays away.

    The prior of the rate has the mean and the spread of earlier counts; `span` is how many days the
    discounted acts stand for.
    """
    mean, spread = float(learnt.happened.mean()), float(learnt.happened.var())
    mean = max(mean, 1.0 / (len(learnt.happened) + 1.0))
    shape = mean**2 / max(spread - mean, 1e-3 * mean)
    rate = shape * horizon / mean
    return shape + table.rates, (rate + span) / (rate + span + horizon)


def _span(past: _Past, day: int) -> float:
    long = HALF_LIFE / np.log(2.0)
    return float(long * (1.0 - np.exp2(-(day - int(past.day.min())) / HALF_LIFE)))


def _drawn(shape: Floats, stays: float, seed: int, day: int, draws: int) -> Floats:
    """Draw negative binomial counts by turning their distribution around, shape (draw, pair)."""
    key = stream_key(seed, "counts", str(day))
    u = uniform_at(key, np.arange(draws * len(shape), dtype=np.uint64)).reshape(draws, -1)
    found, chance = np.zeros(u.shape), np.exp(shape * np.log(stays))
    reached = chance.copy()
    for count in range(MOST):
        above = u > reached
        if not above.any() or chance.max() < 1e-12:
            break
        found += above
        chance = chance * (shape + count) / (count + 1.0) * (1.0 - stays)
        reached += chance
    return found


def _climate(learnt: _Learnt, many: int, seed: int, day: int, draws: int) -> Floats:
    """Draw counts from those of all earlier windows, shape (draw, pair)."""
    u = uniform_at(stream_key(seed, "climate", str(day)), np.arange(draws * many, dtype=np.uint64))
    return np.sort(learnt.happened)[(u * len(learnt.happened)).astype(np.int64)].reshape(draws, many)


def window_at(
    question: Question, acts: Acts, marked: Flags, day: int, seed: int, draws: int = DRAWS
) -> Window:
    """Foresee one window from what was known before it, and count what happened in it.

    Parameters
    ----------
    marked
        Which acts answer the question, shape (act,).
    day
        Ordinal of the first day of the window.

    Raises
    ------
    UsageError
        If no earlier window was over by then, or nobody is active.
    """
    past = _past(acts, question, marked, day)
    if not len(past.day):
        raise UsageError(
            _("nothing was known before {day}: there is nothing to fit").format(day=date.fromordinal(day))
        )
    table, learnt = _table(past, day), _learnt(past, question, day)
    if not len(table.key):
        raise UsageError(_("no pair was active before {day}").format(day=date.fromordinal(day)))
    yes = (learnt.happened > 0).astype(np.float64)
    rate = float(yes.mean())
    shape, stays = _gamma(learnt, table, _span(past, day), question.horizon)
    weights = logistic.fitted(learnt.features, yes)
    forecasts = {
        "base-rate": np.full(len(table.key), rate),
        "pair-frequency": _pair_frequency(learnt, table.key, rate),
        "weighted": np.asarray(-np.expm1(shape * np.log(stays))),
        "multi-scale": logistic.chances(table.features, weights),
    }
    counted = {
        "base-rate": _climate(learnt, len(table.key), seed, day, draws),
        "weighted": _drawn(shape, stays, seed, day, draws),
    }
    everything = _past(acts, question, marked, int(np.maximum(acts.known, acts.day).max()) + 1)
    actor, target = np.divmod(table.key, past.many)
    count = _counted(everything, table.key, day, question.horizon)
    return Window(day, actor, target, table.known, count, forecasts, counted)


def origins_of(acts: Acts, question: Question, first: date | None, count: int | None) -> tuple[date, ...]:
    """Give the month starts whose windows are asked about.

    Parameters
    ----------
    first
        The first one, which begins a month; left out, they begin with the second half of the time.
    count
        How many; left out, as many as end with the acts.

    Raises
    ------
    UsageError
        If a window would reach beyond the last act, or there is none.
    """
    begin, end = date.fromordinal(int(acts.day[0])), date.fromordinal(int(acts.day[-1]))
    if first is not None and first.day != 1:
        raise UsageError(_("{day} begins no month: give the first day of one").format(day=first))
    start = first or date.fromordinal((begin.toordinal() + end.toordinal()) // 2)
    latest = end.toordinal() - question.horizon + 1
    found = month_starts(start, date.fromordinal(max(latest, 1)))
    if not found or (count or 1) > len(found):
        said = _("found {n} whole windows of {days} days from {start} to {end}; asked for {asked}")
        raise UsageError(
            said.format(n=len(found), days=question.horizon, start=start, end=end, asked=count or 1)
        )
    return tuple(found[:count])
