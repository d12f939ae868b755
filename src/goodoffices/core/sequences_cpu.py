"""The loops of `core/sequences.py` compiled for a processor (Numba).

Whether compiled kernels are kept on disk is settled by `compute/kernels.py` before this is imported.
"""

from typing import Any

import numba
from numba import njit

from goodoffices.core import sequences
from goodoffices.core.compiling import compiled, with_fast

__all__ = ["follow_counts", "follow_elo", "follow_glicko", "follow_signs"]

_GIVEN: Any = {"cache": bool(getattr(numba.config, "CACHE_DIR", "")), "nogil": True, "error_model": "numpy"}
_jit, _inner = njit(**_GIVEN), njit(forceinline=True, **_GIVEN)
_ALL = compiled(sequences.LOOPS, _jit, compiled(sequences.RULES, _inner, with_fast(_inner)))
follow_counts, follow_signs = _ALL["follow_counts"], _ALL["follow_signs"]
follow_elo, follow_glicko = _ALL["follow_elo"], _ALL["follow_glicko"]
