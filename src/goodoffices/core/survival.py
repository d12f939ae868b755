"""Durations of which some were still running when the data end (censored): curves, hazards, scores.

Kaplan-Meier with Greenwood's variance (Kaplan & Meier 1958; Greenwood 1926), proportional hazards (Cox
1972) with Efron's ties and a ridge, Harrell's concordance, and the Brier score weighted by the inverse of
the chance of being still observed (Graf et al. 1999).  At one and the same time, endings come before
censoring.  Arrays have shape (n,); times are in one unit throughout.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Cox",
    "Curve",
    "Risk",
    "at",
    "baseline",
    "brier",
    "comparable",
    "concordance",
    "cox",
    "ipc_weights",
    "kaplan_meier",
    "log_likelihood",
    "ranked",
    "spread",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

Z95 = 1.959963984540054  # 97.5% quantile of the normal distribution
STEPS = 100  # of Newton; a handful is the rule
NEAR = 1e-8  # a step this short is the last


class Curve(NamedTuple):
    """The share that still lasts just after each of the times, of shape (..., time).

    Attributes
    ----------
    time
        The distinct times of the rows, rising; shape (time,).
    lasting
        Share that lasts longer.
    variance
        Greenwood's, of that share.
    """

    time: Floats
    lasting: Floats
    variance: Floats


def kaplan_meier(time: Floats, ended: Flags, weight: Floats | None = None) -> Curve:
    """Give the Kaplan-Meier curve.

    Parameters
    ----------
    ended
        Whether the row ended at its time; the others were still running then.
    weight
        How often each row counts, shape (..., n); a curve for each of the leading places.
    """
    order = np.argsort(time, kind="stable")
    times, first = np.unique(time[order], return_index=True)
    counts = np.ones(len(time)) if weight is None else weight
    gone = np.add.reduceat(counts[..., order], first, axis=-1)
    ends = np.add.reduceat((counts * ended)[..., order], first, axis=-1)
    running = np.cumsum(gone[..., ::-1], axis=-1)[..., ::-1]
    return _curve(times, ends, running)


def _curve(times: Floats, ends: Floats, running: Floats) -> Curve:
    share = np.divide(ends, running, out=np.zeros_like(running), where=running > 0.0)
    lasting: Floats = np.asarray(np.cumprod(1.0 - share, axis=-1), np.float64)
    rest = running - ends
    terms = np.divide(share, rest, out=np.zeros_like(share), where=rest > 0.0)
    variance: Floats = np.asarray(lasting**2 * np.cumsum(terms, axis=-1), np.float64)
    return Curve(times, lasting, variance)


def at(curve: Curve, times: Floats, *, just_before: bool = False) -> Floats:
    """Give the share that lasts longer than each time (or until it, with `just_before`); (..., times)."""
    place = np.searchsorted(curve.time, times, side="left" if just_before else "right")
    whole = np.concatenate([np.ones((*curve.lasting.shape[:-1], 1)), curve.lasting], axis=-1)
    return whole[..., place]


def spread(curve: Curve) -> tuple[Floats, Floats]:
    """Give the ends of the 95% interval of the share that lasts, on the scale of log(-log) of it.

    Where nothing has ended, or nothing is left, the interval is the share itself.
    """
    lasting = curve.lasting
    inside = (lasting > 0.0) & (lasting < 1.0)
    safe = np.where(inside, lasting, 0.5)
    width = np.exp(Z95 * np.sqrt(curve.variance) / (safe * np.abs(np.log(safe))))
    ends = [np.where(inside, safe**power, lasting) for power in (width, 1.0 / width)]
    return ends[0], ends[1]


# -- proportional hazards -------------------------------------------------------------------------


class Risk(NamedTuple):
    """Rows in order of time, and who is at risk when one of them ends.

    Attributes
    ----------
    order
        Places of the rows by rising time; all else is in that order.
    ended
        Places of those that ended, shape (end,).
    first
        Where those at risk begin at each end, shape (end,).
    start, stop
        Range, within `ended`, of those that ended at the same time, shape (end,).
    part
        Share of those tied with it that Efron takes out of the risk, shape (end,).
    """

    order: Places
    ended: Places
    first: Places
    start: Places
    stop: Places
    part: Floats


def ranked(time: Floats, ended: Flags) -> Risk:
    """Put rows in order of time."""
    order = np.argsort(time, kind="stable")
    times, ends = time[order], np.flatnonzero(ended[order])
    when = times[ends]
    start = np.searchsorted(when, when, side="left")
    stop = np.searchsorted(when, when, side="right")
    part = (np.arange(len(ends)) - start) / (stop - start)
    return Risk(order, ends, np.searchsorted(times, when, side="left"), start, stop, part)


def _later(values: Floats) -> Floats:
    """Sum from each row to the last."""
    return np.cumsum(values[::-1], axis=0)[::-1]


def _between(values: Floats, start: Places, stop: Places) -> Floats:
    """Sum over ranges of rows."""
    whole = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    return np.asarray(whole[stop] - whole[start])


def _at_risk(values: Floats, risk: Risk) -> Floats:
    """Sum over those at risk at each end, less Efron's part of those tied with it."""
    tied = _between(values[risk.ended], risk.start, risk.stop)
    part = risk.part.reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(_later(values)[risk.first] - part * tied)


def log_likelihood(risk: Risk, x: Floats, beta: Floats) -> float:
    """Give Cox's log partial likelihood; `x` has shape (n, covariate), in the order given to `ranked`."""
    score = x[risk.order] @ beta
    return float(np.sum(score[risk.ended] - np.log(_at_risk(np.exp(score), risk))))


def _derivatives(risk: Risk, x: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Give gradient and information of the log partial likelihood; `x` in order of time.

    The sum over risk sets is turned round: each row counts with the hazard that it has run through.
    """
    hazard = np.exp(x @ beta)
    whole = _at_risk(hazard, risk)
    passed = np.zeros(len(x))
    np.add.at(passed, risk.first, 1.0 / whole)
    passed = np.cumsum(passed)
    passed[risk.ended] -= _between(risk.part / whole, risk.start, risk.stop)
    weight = hazard * passed
    mean = _at_risk(hazard[:, None] * x, risk) / whole[:, None]
    gradient = x[risk.ended].sum(axis=0) - weight @ x
    return gradient, (x * weight[:, None]).T @ x - mean.T @ mean


class Cox(NamedTuple):
    """Fitted coefficients (log hazard ratios) and the information at them, with the ridge."""

    beta: Floats
    information: Floats


def cox(risk: Risk, x: Floats, ridge: float | Floats = 0.0, start: Floats | None = None) -> Cox:
    """Fit proportional hazards by Newton's method, halving steps that do not rise.

    Parameters
    ----------
    x
        Covariates, shape (n, covariate), in the order given to `ranked`.
    ridge
        The log partial likelihood is lowered by half of `ridge` times the squared coefficients; one
        number, or one for each covariate.

    Raises
    ------
    numpy.linalg.LinAlgError
        If covariates repeat one another and no ridge tells them apart.
    """
    sorted_x, size = x[risk.order], x.shape[1]
    penalty = np.broadcast_to(np.asarray(ridge, float), (size,))
    beta = np.zeros(size) if start is None else start
    value = _penalised(risk, x, beta, penalty)
    for _turn in range(STEPS):
        gradient, information = _derivatives(risk, sorted_x, beta)
        slope = gradient - penalty * beta
        step = np.asarray(np.linalg.solve(information + np.diag(penalty), slope), np.float64)
        beta, value = _risen(risk, x, beta, step, penalty, value)
        if np.max(np.abs(step), initial=0.0) < NEAR:
            break
    return Cox(beta, _derivatives(risk, sorted_x, beta)[1] + np.diag(penalty))


def _penalised(risk: Risk, x: Floats, beta: Floats, penalty: Floats) -> float:
    return log_likelihood(risk, x, beta) - 0.5 * float(penalty @ beta**2)


def _risen(
    risk: Risk, x: Floats, beta: Floats, step: Floats, penalty: Floats, value: float
) -> tuple[Floats, float]:
    """Go the step, or the longest half of halves of it that does not fall."""
    for halving in range(30):
        there = beta + 0.5**halving * step
        found = _penalised(risk, x, there, penalty)
        if found >= value - 1e-12 * abs(value):
            return there, found
    return beta, value


def baseline(time: Floats, ended: Flags, hazard: Floats, times: Floats) -> Floats:
    """Give the cumulated baseline hazard (Breslow 1974) at some times, where rows have these hazards.

    Share ended by t of a row with relative hazard h: 1 - exp(-baseline(t) h).
    """
    risk = ranked(time, ended)
    steps = 1.0 / _later(hazard[risk.order])[risk.first]
    summed = np.concatenate([[0.0], np.cumsum(steps)])
    return np.asarray(summed[np.searchsorted(time[risk.order][risk.ended], times, side="right")])


# -- scores ---------------------------------------------------------------------------------------


def comparable(time: Floats, ended: Flags) -> Flags:
    """Tell of which pairs it is known that i ended before j; shape (n, n)."""
    earlier = time[:, None] < time[None, :]
    tied = (time[:, None] == time[None, :]) & ~ended[None, :]
    return np.asarray(ended[:, None] & (earlier | tied))


def concordance(time: Floats, ended: Flags, risk: Floats, weight: Floats | None = None) -> Floats:
    """Give Harrell's concordance: how often the one that ended sooner had the higher risk.

    Parameters
    ----------
    risk
        Shape (n,); or (n, n), the risk of i where it is compared with j. Equal risks count one half.
    weight
        How often each row counts, shape (..., n); a figure for each of the leading places.

    Returns
    -------
    NDArray
        Shape (...); not a number where no pair can be compared.
    """
    mine = risk if risk.ndim == 2 else np.broadcast_to(risk[:, None], (len(risk), len(risk)))
    known = comparable(time, ended).astype(float)
    right = known * ((mine > mine.T) + 0.5 * (mine == mine.T))
    counts = np.ones(len(time)) if weight is None else weight
    sums = [np.sum((counts @ pairs) * counts, axis=-1) for pairs in (right, known)]
    return np.asarray(np.divide(sums[0], sums[1], out=np.full_like(sums[0], np.nan), where=sums[1] > 0.0))


def ipc_weights(time: Floats, ended: Flags, horizon: float, weight: Floats | None = None) -> Floats:
    """Give what each row counts in a score at a horizon: 0 if it was censored before.

    The others count with the inverse of the share that would still be observed, by the Kaplan-Meier
    curve of being censored. Shape of `weight`, (..., n), with that weight in it.
    """
    counts = np.ones(len(time)) if weight is None else weight
    curve = _censoring(time, ended, counts)
    by_then = ended & (time <= horizon)
    observed = np.where(by_then, at(curve, time, just_before=True), at(curve, np.array([horizon])))
    counted = by_then | (time > horizon)
    return np.asarray(np.divide(counts * counted, observed, out=np.zeros(counts.shape), where=observed > 0.0))


def _censoring(time: Floats, ended: Flags, counts: Floats) -> Curve:
    """The curve of staying observed: those that end at a time are not at risk of being censored at it."""
    order = np.argsort(time, kind="stable")
    times, first = np.unique(time[order], return_index=True)
    gone, ends = (
        np.add.reduceat((counts * flag)[..., order], first, axis=-1) for flag in (np.ones(len(time)), ended)
    )
    running = np.cumsum(gone[..., ::-1], axis=-1)[..., ::-1] - ends
    return _curve(times, gone - ends, running)


def brier(time: Floats, ended: Flags, horizon: float, share: Floats, weight: Floats | None = None) -> Floats:
    """Give the Brier score of forecast shares that end within a horizon, weighted for censoring.

    Parameters
    ----------
    share
        Forecast of each row, shape (n,).
    weight
        How often each row counts, shape (..., n); a figure for each of the leading places.
    """
    counts = np.ones(len(time)) if weight is None else weight
    happened = ended & (time <= horizon)
    counted = ipc_weights(time, ended, horizon, counts)
    return np.asarray(np.sum(counted * (share - happened) ** 2, axis=-1) / np.sum(counts, axis=-1))
