"""The switching model of `core/switching.py` compiled for a processor (Numba).

Whether compiled kernels are kept on disk is settled by `compute/kernels.py` before this is imported.
"""

from typing import Any

import numba
import numpy as np
from numba import njit
from numpy.typing import NDArray

from goodoffices.core import switching
from goodoffices.core.compiling import compiled, with_fast
from goodoffices.core.switching import ACROSS, Course

__all__ = ["shares", "tangents"]

Floats = NDArray[np.float64]
_GIVEN: Any = {"cache": bool(getattr(numba.config, "CACHE_DIR", "")), "nogil": True, "error_model": "numpy"}
_jit, _inner = njit(**_GIVEN), njit(forceinline=True, **_GIVEN)
_ALL = compiled(switching.LOOPS, _jit, compiled(switching.RULES, _inner, with_fast(_inner)))
_SHARES, _TANGENTS = _ALL["follow_shares"], _ALL["add_tangents"]


def shares(course: Course, theta: Floats) -> tuple[Floats, Floats]:
    """Give the chance of the first type after each day, shape (day,), and log likelihoods, (pair,)."""
    share, value = np.empty(len(course.day)), np.empty(len(course.first) - 1)
    _SHARES(course, theta, share, value)
    return share, value


def tangents(course: Course, theta: Floats) -> Floats:
    """Give log likelihood and gradient of every pair, shape (pair, 6)."""
    told = np.empty((len(course.first) - 1, ACROSS))
    _TANGENTS(course, theta, told)
    return told
