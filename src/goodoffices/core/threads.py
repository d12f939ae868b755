"""One thread for linear algebra: many small products are faster so, and the same on every machine."""

import importlib
from contextlib import AbstractContextManager, nullcontext
from typing import Any

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[Any]:
    """Hold the linear algebra of NumPy to one thread, where threadpoolctl is installed; else do nothing.

    Threads that wait for one another in a loop cost more than they give as soon as the machine has
    other work, and the order in which they add up is theirs.
    """
    try:
        made: AbstractContextManager[Any] = importlib.import_module("threadpoolctl").threadpool_limits(
            1, "blas"
        )
    except ImportError:
        return nullcontext()
    return made
