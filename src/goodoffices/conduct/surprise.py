"""Predictability as measured: how surprised a calibrated observer of a pair was lately.

An observer who forecasts P(cooperative) before each act is surprised by -ln of the chance he gave to
what came.  He expects to be surprised by the entropy of his forecasts (Shannon 1948).  Who is
surprised as much as he expected was calibrated on this pair; who is surprised more saw the pair
behave as it had not before.  Old acts are discounted.  This describes a pair, not a model.
"""

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import ledger
from goodoffices.domain.gaps import Surprise

__all__ = ["HALF_LIFE", "RECENT", "surprise"]

Floats = NDArray[np.float64]
HALF_LIFE = 90.0  # days; judged
RECENT = 5.0  # half-lives; what lies further back is left out
_EDGE = 1e-6  # forecasts nearer to 0 or 1 are taken as this


def surprise(
    forecast: Floats, good: NDArray[np.bool_], day: NDArray[np.int32], at: int, half_life: float = HALF_LIFE
) -> Surprise | None:
    """Sum up the forecasts of one pair's acts before the day `at`; None where none is recent.

    Parameters
    ----------
    forecast
        P(cooperative) of each act, given before its day; shape (act,).
    half_life
        In days, of the weight of an act.
    """
    recent = (day < at) & (day >= at - RECENT * half_life)
    if not recent.any():
        return None
    p, happened = forecast[recent].clip(_EDGE, 1.0 - _EDGE), good[recent]
    weight = ledger.fade(at - day[recent].astype(np.float64), half_life)
    share = weight / weight.sum()
    odds = np.log(p) - np.log1p(-p)
    loss = -np.where(happened, np.log(p), np.log1p(-p))
    expected = -p * np.log(p) - (1.0 - p) * np.log1p(-p)
    return Surprise(
        loss=float(share @ loss), expected=float(share @ expected),
        doubt=float(np.sqrt((share * share) @ (p * (1.0 - p) * odds * odds))),
        n=int(recent.sum()), weight=float(weight.sum()), half_life=half_life,
    )  # fmt: skip
