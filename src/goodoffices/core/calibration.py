"""Turn an index of keeping into a chance: level and slope in log-odds, from what came of dated forecasts.

::

    logit K' = level + slope logit K
    kept     : P = K' of whoever trusts least
    signed   : P = consent prod_i (1 - veto_i (1 - 1 / (1 + exp(-(K'_i - threshold_i) / noise))))

For keeping this is logistic regression (Cox 1958; Platt 1999).  Both numbers are drawn towards 0 and 1,
which leave the index as it is, by normal priors whose widths are judged.  The doubt is that of a normal
approximation at the likeliest pair.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import deal

__all__ = ["Fitted", "Outcomes", "bent", "chances", "fitted"]

Floats = NDArray[np.float64]
CENTRE = np.array([0.0, 1.0])
WIDTH = np.array([1.5, 0.5])  # standard deviations of the priors of level and slope; judged
ROUNDS, STEP, CLIP = 100, 1e-4, 1e-6


class Outcomes(NamedTuple):
    """What was forecast and what came of it.

    Attributes
    ----------
    keep, threshold, veto
        Of each decision-maker, shape (forecast, player); where there are fewer players, veto is 0.
    consent, noise
        That named guarantors take part, and the noise of decisions; shape (forecast,).
    lasting
        Whether keeping was forecast (then `keep` of the first player counts), not signing.
    happened
        1 or 0.
    """

    keep: Floats
    threshold: Floats
    veto: Floats
    consent: Floats
    noise: Floats
    lasting: NDArray[np.bool_]
    happened: Floats


class Fitted(NamedTuple):
    """The likeliest level and slope, their standard deviations and their correlation."""

    level: float
    slope: float
    level_sd: float
    slope_sd: float
    correlation: float


def bent(kept: Floats, level: Floats | float, slope: Floats | float) -> Floats:
    """Give the index as calibrated; elementwise."""
    inside = np.clip(kept, CLIP, 1.0 - CLIP)
    odds = level + slope * (np.log(inside) - np.log1p(-inside))
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))


def chances(level: float, slope: float, told: Outcomes) -> Floats:
    """Give the chance of each forecast's outcome; shape (forecast,)."""
    kept = bent(told.keep, level, slope)
    accepts = deal.acceptance(kept, told.threshold, told.noise[:, None])
    signed = told.consent * np.prod(deal.factor(told.veto, accepts), axis=1)
    return np.asarray(np.where(told.lasting, kept[:, 0], signed))


def _loss(at: Floats, told: Outcomes) -> float:
    """Give the negative log-likelihood with its penalty, up to a constant."""
    p = np.clip(chances(float(at[0]), float(at[1]), told), CLIP, 1.0 - CLIP)
    fit = -np.sum(told.happened * np.log(p) + (1.0 - told.happened) * np.log1p(-p))
    return float(fit + 0.5 * np.sum(((at - CENTRE) / WIDTH) ** 2))


def _shape(loss: Callable[[Floats], float], at: Floats) -> tuple[Floats, Floats]:
    """Give gradient (2,) and Hessian (2, 2) by central differences."""
    one, two = np.eye(2) * STEP
    here, up, down = loss(at), [loss(at + s) for s in (one, two)], [loss(at - s) for s in (one, two)]
    slope = (np.array(up) - down) / (2.0 * STEP)
    bend = np.diag((np.array(up) - 2.0 * here + down) / STEP**2)
    mixed = loss(at + one + two) - loss(at + one - two) - loss(at - one + two) + loss(at - one - two)
    bend[0, 1] = bend[1, 0] = mixed / (4.0 * STEP**2)
    return slope, bend


def _firm(bend: Floats) -> Floats:
    """Give the Hessian, or the nearest that leads downhill: the priors alone bend at least this much."""
    values, axes = np.linalg.eigh(bend)
    return np.asarray(axes @ np.diag(np.maximum(values, 1.0 / WIDTH.max() ** 2)) @ axes.T)


def fitted(told: Outcomes) -> Fitted:
    """Fit level and slope by penalised maximum likelihood (Newton's method with halved steps)."""

    def loss(at: Floats) -> float:
        return _loss(at, told)

    at = CENTRE.copy()
    for _round in range(ROUNDS):
        slope, bend = _shape(loss, at)
        step = -np.linalg.solve(_firm(bend), slope)
        while loss(at + step) > loss(at) and np.abs(step).max() > 1e-9:
            step = step / 2.0
        at = at + step
        if np.abs(step).max() < 1e-7:
            break
    spread = np.linalg.inv(_firm(_shape(loss, at)[1]))
    sds = np.sqrt(np.diag(spread))
    (level, slope_of), (level_sd, slope_sd) = at.tolist(), sds.tolist()
    return Fitted(level, slope_of, level_sd, slope_sd, float(spread[0, 1]) / (level_sd * slope_sd))
