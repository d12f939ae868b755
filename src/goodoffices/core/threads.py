"""One thread for linear algebra or for trees: faster in many small steps, and the same on every machine."""

import importlib
from contextlib import AbstractContextManager, nullcontext
from typing import Any

__all__ = ["one_thread"]


def one_thread(of: str = "blas") -> AbstractContextManager[Any]:
    """Hold the linear algebra of NumPy to one thread, where threadpoolctl is installed; else do nothing.

    Of "openmp" it holds loops that scikit-learn compiled, in the thread that asks for it.

    Threads that wait for one another in a loop cost more than they give as soon as the machine has
    other work, and the order in which they add up is theirs.
    """
    try:
        made: AbstractContextManager[Any] = importlib.import_module("threadpoolctl").threadpool_limits(1, of)
    except ImportError:
        return nullcontext()
    return made
