"""How long agreements last: a baseline measured on a class, shifted by what is known of the case.

::

    F(T) = 1 - exp(-H0(T) m exp(-beta (K - K0)) prod_z HR_z ** x_z)

H0 is the cumulated hazard of the UCDP Peace Agreement Dataset 22.1 (own computation): very high in
the first months, almost none after ten years.
"""

from typing import Any

import numpy as np

from goodoffices.core.elementary import exp

__all__ = ["SEGMENTS", "baseline", "failure", "monthly", "multiplier_for"]

Number = Any  # a float or an array of floats: every function here is elementwise

# from year, to year, hazard a year
SEGMENTS = (
    (0.0, 0.25, 0.424),
    (0.25, 0.5, 0.238),
    (0.5, 1.0, 0.142),
    (1.0, 2.0, 0.070),
    (2.0, 3.0, 0.032),
    (3.0, 5.0, 0.023),
    (5.0, 10.0, 0.012),
    (10.0, 99.0, 0.004),
)


def baseline(years: float) -> float:
    """Cumulated baseline hazard after some years."""
    return sum(rate * max(0.0, min(years, end) - begin) for begin, end, rate in SEGMENTS)


def multiplier_for(failed_in_5_years: float) -> float:
    """The hazard multiplier of a class of which this share failed in five years."""
    return float(-np.log(1.0 - failed_in_5_years) / baseline(5.0))


def failure(
    years: Number, multiplier: Number, kept: Number, centre: Number, weight: Number, log_ratios: Number
) -> Number:
    """Cumulated failure after some years; `log_ratios` is the sum of x ln HR over what is in force."""
    shift = np.exp(-weight * (kept - centre) + log_ratios)
    return 1.0 - np.exp(-baseline(years) * multiplier * shift)


def monthly(
    hazard: Number, multiplier: Number, kept: Number, centre: Number, weight: Number, log_ratios: Number
) -> Number:
    """Chance that it ends within a month of this baseline hazard, at the state of that month."""
    return 1.0 - exp(-hazard * multiplier * exp(-weight * (kept - centre) + log_ratios))
