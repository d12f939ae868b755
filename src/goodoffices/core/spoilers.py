"""How often spoilers strike (types after Stedman 1997; coefficients are judgement defaults)."""

from typing import Any

import numpy as np

__all__ = ["attack_by", "rate"]

Number = Any  # a float or an array of floats: every function here is elementwise


def rate(
    base: Number, loss: Number, capacity: Number, inclusion: Number, policing: Number, weights: Number
) -> Number:
    """Attacks a month; `weights` are the four coefficients in the order of the covariates."""
    w_loss, w_capacity, w_inclusion, w_policing = weights
    push = w_loss * loss + w_capacity * capacity - w_inclusion * inclusion - w_policing * policing
    return base * np.exp(push)


def attack_by(months: Number, monthly_rate: Number) -> Number:
    """Chance index of at least one attack within some months."""
    return 1.0 - np.exp(-months * monthly_rate)
