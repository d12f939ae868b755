"""Forecasts of how long agreements last, each from other conflicts only, and what they score.

Whoever forecasts an agreement has seen no agreement of its conflict.  Where two agreements are compared,
as concordance does, both forecasts come from one fit without either conflict: a rate that leaves out its
own conflict is lower where that conflict failed, and would rank agreements upside down by that alone.
"""

from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.agreements import KINDS, PROVISIONS, Agreements
from goodoffices.core import draws, survival
from goodoffices.core.durability import SEGMENTS
from goodoffices.errors import UsageError
from goodoffices.words import N_, _

__all__ = [
    "BASELINE",
    "HORIZONS",
    "RIDGES",
    "Associations",
    "Forecast",
    "Scores",
    "Shares",
    "associations",
    "forecasts",
    "resampled",
    "score",
    "shares",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

HORIZONS = (1.0, 2.0, 5.0)  # years
RANKED = HORIZONS[-1]  # by the share that ends within these, agreements are ranked
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)  # judged; rising
HELD = 0.01  # judged; keeps the coefficient of a class of which none ended finite
ROUNDS = 60  # of fitting segments and classes in turn; it converges in a few
INTERVAL = (0.025, 0.975)
BASELINE = N_("base rate of the class")


class Forecast(NamedTuple):
    """What one way of forecasting says of each agreement.

    Attributes
    ----------
    share
        Shape (agreement, horizon): share of such agreements that ends within the horizon, from the
        other conflicts.
    risk
        Shape (agreement, conflict): what orders agreements, from a fit without the agreement's own
        conflict and without this one.
    """

    name: str
    share: Floats
    risk: Floats


def _pairs(found: Agreements) -> Iterator[tuple[int, int, Flags]]:
    """Give each two conflicts, and each twice, with the agreements of all others."""
    for one, other in combinations_with_replacement(range(found.counts.conflicts), 2):
        yield one, other, (found.conflict != one) & (found.conflict != other)


# -- base rates -----------------------------------------------------------------------------------


def _rates(found: Agreements, chosen: Flags, others: Floats, times: Floats) -> Floats:
    """Share that ends within each time, by the agreements chosen; shape (weighting, time)."""
    weight = others[:, chosen]
    curve = survival.kaplan_meier(found.years[chosen], found.ended[chosen], weight)
    return np.where(weight.any(axis=1, keepdims=True), 1.0 - survival.at(curve, times), np.nan)


def _base_rate(found: Agreements, name: str, kind: Places) -> Forecast:
    """Kaplan-Meier of the class; of all agreements where no other conflict has one of the class."""
    times, n = np.array(HORIZONS), found.counts.conflicts
    share, risk = np.zeros((len(kind), len(times))), np.zeros((len(kind), n))
    for out in range(n):
        mine = found.conflict == out
        others = np.array([(found.conflict != also) & ~mine for also in range(n)], float)
        overall = _rates(found, np.ones(len(kind), bool), others, times)
        for one in np.unique(kind[mine]):
            rates = _rates(found, kind == one, others, times)
            rates = np.where(np.isnan(rates), overall, rates)
            share[mine & (kind == one)], risk[mine & (kind == one)] = rates[out], rates[:, -1]
    return Forecast(name, share, risk)


# -- front-loaded hazard --------------------------------------------------------------------------


def _passed(years: Floats) -> Floats:
    """Years that fall into each segment of the baseline hazard; shape (..., segment)."""
    begin, end = np.array([segment[:2] for segment in SEGMENTS]).T
    return np.asarray(np.clip(years[..., None] - begin, 0.0, end - begin))


def _tables(found: Agreements) -> tuple[Floats, Floats]:
    """Endings and years at risk by conflict, class and segment."""
    size = (found.counts.conflicts, len(KINDS), len(SEGMENTS))
    ends, exposure = np.zeros(size), np.zeros(size)
    begin = np.array([segment[0] for segment in SEGMENTS])
    segment = np.maximum(np.searchsorted(begin, found.years, side="left") - 1, 0)
    np.add.at(ends, (found.conflict, found.kind, segment), found.ended.astype(float))
    np.add.at(exposure, (found.conflict, found.kind), _passed(found.years))
    return ends, exposure


def _divided(above: Floats, below: Floats, otherwise: float) -> Floats:
    return np.divide(above, below, out=np.full_like(above, otherwise), where=below > 0.0)


def _segments(ends: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Fit a hazard for each segment and a multiplier for each class, one in turn after the other.

    Arrays of shape (..., class, segment); the multipliers times the hazards are what is identified.
    """
    multiplier = np.ones(ends.shape[:-1])
    for _turn in range(ROUNDS):
        hazard = _divided(ends.sum(axis=-2), (multiplier[..., None] * exposure).sum(axis=-2), 0.0)
        multiplier = _divided(ends.sum(axis=-1), (exposure * hazard[..., None, :]).sum(axis=-1), 1.0)
    return hazard, multiplier


def _front_loaded(found: Agreements) -> Forecast:
    ends, exposure = (table.sum(axis=0) - table[:, None] - table[None, :] for table in _tables(found))
    own = np.arange(found.counts.conflicts)
    for whole, table in zip((ends, exposure), _tables(found), strict=True):
        whole[own, own] += table  # a conflict is left out once
    hazard, multiplier = _segments(ends, exposure)
    summed = hazard[found.conflict, found.conflict] @ _passed(np.array(HORIZONS)).T
    mine = multiplier[found.conflict, found.conflict, found.kind]
    return Forecast(
        N_("front-loaded hazard by class"), 1.0 - np.exp(-summed * mine[:, None]),
        multiplier[found.conflict, :, found.kind],
    )  # fmt: skip


# -- proportional hazards -------------------------------------------------------------------------


def _classes(found: Agreements) -> Floats:
    """Full, and process, as against partial."""
    return np.stack([found.kind == 0, found.kind == 2], axis=1).astype(float)


def _covariates(found: Agreements) -> Floats:
    return np.concatenate([_classes(found), found.provisions], axis=1)


def _penalty(ridge: float, size: int) -> Floats:
    """The classes are all but free, whatever holds the provisions down."""
    return np.where(np.arange(size) < 2, HELD, ridge)


class _Fits(NamedTuple):
    """Fits without each two conflicts.

    Attributes
    ----------
    beta
        Shape (conflict, conflict, ridge, covariate).
    inside
        Log partial likelihood on the agreements that were fitted; (conflict, conflict, ridge).
    """

    beta: Floats
    inside: Floats


def _fits(found: Agreements, x: Floats, ridges: tuple[float, ...]) -> _Fits:
    n, size = found.counts.conflicts, x.shape[1]
    made = _Fits(np.zeros((n, n, len(ridges), size)), np.zeros((n, n, len(ridges))))
    for one, other, left in _pairs(found):
        risk, rows, start = survival.ranked(found.years[left], found.ended[left]), x[left], np.zeros(size)
        for at in reversed(range(len(ridges))):
            start = survival.cox(risk, rows, _penalty(ridges[at], size), start).beta
            made.beta[one, other, at] = made.beta[other, one, at] = start
            inside = survival.log_likelihood(risk, rows, start)
            made.inside[one, other, at] = made.inside[other, one, at] = inside
    return made


def _left_out(found: Agreements, x: Floats, fits: _Fits) -> Floats:
    """What each conflict adds to the likelihood of a fit without it (Verweij & van Houwelingen 1993).

    Shape (conflict left out, conflict, ridge): the likelihood with the second conflict less that without
    it, both at the coefficients found without the two.
    """
    made = np.zeros_like(fits.inside)
    for one, other, left in _pairs(found):
        for out, back in {(one, other), (other, one)}:
            rows = left | ((found.conflict == back) & (out != back))
            risk = survival.ranked(found.years[rows], found.ended[rows])
            made[out, back] = [survival.log_likelihood(risk, x[rows], beta) for beta in fits.beta[one, other]]
    return made - fits.inside


def _chosen(found: Agreements, x: Floats, fits: _Fits) -> Places:
    """Place of the ridge that forecasts the other conflicts best, for each conflict left out."""
    return np.asarray(_left_out(found, x, fits).sum(axis=1).argmax(axis=1))


def _proportional(found: Agreements, name: str, x: Floats, ridges: tuple[float, ...]) -> Forecast:
    fits, every = _fits(found, x, ridges), np.arange(found.counts.conflicts)
    ridge = _chosen(found, x, fits) if len(ridges) > 1 else np.zeros_like(every)
    both = np.maximum(ridge[:, None], ridge[None, :])  # the stronger, where two conflicts are compared
    beta = fits.beta[every[:, None], every[None, :], both]
    share = np.zeros((len(x), len(HORIZONS)))
    for out in every:
        share[found.conflict == out] = _ended_by(found, x, found.conflict == out, beta[out, out])
    return Forecast(name, share, np.einsum("ip,icp->ic", x, beta[found.conflict]))


def _ended_by(found: Agreements, x: Floats, out: Flags, beta: Floats) -> Floats:
    hazard = np.exp(x @ beta)
    times = np.array(HORIZONS)
    summed = survival.baseline(found.years[~out], found.ended[~out], hazard[~out], times)
    return np.asarray(1.0 - np.exp(-hazard[out, None] * summed))


# -- all together ---------------------------------------------------------------------------------


def forecasts(found: Agreements) -> list[Forecast]:
    """Give what each way of forecasting says of all agreements; the base rate of the class comes first."""
    return [
        _base_rate(found, BASELINE, found.kind),
        _base_rate(found, N_("base rate of all agreements"), np.zeros_like(found.kind)),
        _front_loaded(found),
        _proportional(found, N_("Cox, class only"), _classes(found), (HELD,)),
        _proportional(found, N_("Cox, class and provisions"), _covariates(found), RIDGES),
    ]


def resampled(names: Places, seed: int, many: int, purpose: str) -> Floats:
    """Draw whole conflicts with replacement.

    Parameters
    ----------
    names
        The conflict of each agreement, shape (agreement,).

    Returns
    -------
    NDArray
        How often each agreement is drawn, shape (many + 1, agreement); the first row is as it is.
    """
    conflicts, place = np.unique(names, return_inverse=True)
    size = len(conflicts)
    u = draws.uniform(draws.stream_key(seed, "durability", purpose), many * size)
    drawn = (u * size).astype(np.int64).reshape(many, size) + np.arange(many)[:, None] * size
    times = np.bincount(drawn.ravel(), minlength=many * size).reshape(many, size)
    return np.concatenate([np.ones((1, size)), times])[:, place]


class Scores(NamedTuple):
    """Figures with their 95% intervals, of shape (figure, 3): value, low, high.

    The figures are Brier at the horizons, and concordance; `less` holds the same less those of the base
    rate of the class, on the same draws.
    """

    name: str
    figures: Floats
    less: Floats


def score(found: Agreements, told: list[Forecast], seed: int, many: int) -> list[Scores]:
    """Score forecasts; intervals by drawing whole conflicts, with the forecasts as they are.

    Raises
    ------
    UsageError
        If no two agreements can be put in order.
    """
    if not survival.comparable(found.years, found.ended).any():
        raise UsageError(_("found no two agreements of which one is known to have lasted longer; concordance "
                           "needs some"))  # fmt: skip
    weight = resampled(found.conflict, seed, many, "scores")
    drawn = [_scored(found, forecast, weight) for forecast in told]
    return [
        Scores(forecast.name, _with_interval(mine), _with_interval(mine - drawn[0]))
        for forecast, mine in zip(told, drawn, strict=True)
    ]


def _scored(found: Agreements, told: Forecast, weight: Floats) -> Floats:
    """Shape (figure, draw)."""
    made: list[Floats] = [
        survival.brier(found.years, found.ended, horizon, told.share[:, at], weight)
        for at, horizon in enumerate(HORIZONS)
    ]
    made.append(survival.concordance(found.years, found.ended, told.risk[:, found.conflict], weight))
    return np.array(made)


def _with_interval(drawn: Floats) -> Floats:
    """Value (the first draw) and interval (of the others); shape (..., 3)."""
    ends = np.nanquantile(drawn[..., 1:], INTERVAL, axis=-1)
    return np.stack([drawn[..., 0], *ends], axis=-1)


class Shares(NamedTuple):
    """The share of a class that ended by some times; arrays of shape (time,).

    `lo` and `hi` take agreements as independent (Greenwood); `low` and `high` draw whole conflicts.
    """

    n: int
    conflicts: int
    ended: int
    share: Floats
    lo: Floats
    hi: Floats
    low: Floats
    high: Floats


def shares(found: Agreements, kind: int | None, times: Floats, seed: int, many: int) -> Shares:
    """Give the Kaplan-Meier shares of one class, or of all, that ended by some times, with intervals."""
    chosen = np.ones(len(found.kind), bool) if kind is None else found.kind == kind
    years, ended, names = found.years[chosen], found.ended[chosen], found.conflict[chosen]
    curve = survival.kaplan_meier(years, ended)
    lo, hi = (
        1.0 - survival.at(curve._replace(lasting=end), times) for end in reversed(survival.spread(curve))
    )
    weight = resampled(names, seed, many, "all" if kind is None else KINDS[kind])
    drawn = _with_interval(1.0 - survival.at(survival.kaplan_meier(years, ended, weight), times).T)
    counts = int(chosen.sum()), len(np.unique(names)), int(ended.sum())
    return Shares(*counts, drawn[:, 0], lo, hi, drawn[:, 1], drawn[:, 2])


class Associations(NamedTuple):
    """Hazard ratios of classes (full, process) and provisions: associations under selection, no effects.

    Attributes
    ----------
    names
        Of the covariates.
    n
        Agreements that have each.
    ratio
        Shape (covariate, 3): value, and 95% interval by drawing whole conflicts.
    ridge
        The one that forecasts conflicts left out best.
    """

    names: tuple[str, ...]
    n: Places
    ratio: Floats
    ridge: float


def associations(found: Agreements, seed: int, many: int) -> Associations:
    """Fit all agreements at the ridge that leaving one conflict out chooses."""
    x = _covariates(found)
    ridge = _ridge(found, x)
    penalty = _penalty(ridge, x.shape[1])
    weight = resampled(found.conflict, seed, many, "associations").astype(np.int64)
    rows = [np.repeat(np.arange(len(x)), times) for times in weight]
    fitted = np.array([_beta(found, x, some, penalty) for some in rows])
    return Associations(
        (KINDS[0], KINDS[2], *PROVISIONS), x.sum(axis=0).astype(np.int64),
        np.exp(_with_interval(fitted.T)), ridge,
    )  # fmt: skip


def _beta(found: Agreements, x: Floats, rows: Places, penalty: Floats) -> Floats:
    return survival.cox(survival.ranked(found.years[rows], found.ended[rows]), x[rows], penalty).beta


def _ridge(found: Agreements, x: Floats) -> float:
    whole, scores = survival.ranked(found.years, found.ended), np.zeros(len(RIDGES))
    for out in range(found.counts.conflicts):
        rows = np.flatnonzero(found.conflict != out)
        risk = survival.ranked(found.years[rows], found.ended[rows])
        for at, ridge in enumerate(RIDGES):
            beta = _beta(found, x, rows, _penalty(ridge, x.shape[1]))
            mine = survival.log_likelihood(whole, x, beta)
            scores[at] += mine - survival.log_likelihood(risk, x[rows], beta)
    return RIDGES[int(scores.argmax())]
