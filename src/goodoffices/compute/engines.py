"""Where the histories of plans run: compiled on some threads, plain without Numba, on a GPU, on a cluster."""

import importlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np

from goodoffices.compute.kernels import prepared
from goodoffices.core import flat
from goodoffices.core.engine import Engine, Plain, Task
from goodoffices.core.stage import Schedule
from goodoffices.core.tally import Tally, merged
from goodoffices.errors import ExtraMissing, UsageError
from goodoffices.words import _

__all__ = ["BLOCK", "Compiled", "engine"]

BLOCK = 4  # draws that one piece of work holds: fixed, so that results do not hang on who does it


def blocks(draws: int) -> list[range]:
    """Divide draws into fixed blocks."""
    return [range(first, min(first + BLOCK, draws)) for first in range(0, draws, BLOCK)]


class Compiled:
    """The compiled driver on some threads."""

    name = "compiled"

    def __init__(self, threads: int | None = None, store: type = np.float64) -> None:
        self.threads, self.store = threads or os.cpu_count() or 1, store
        self._driver: ModuleType = prepared("goodoffices.core.lanes_cpu", "planning")
        self._laid_out: tuple[Task, Any] | None = None

    def _stage(self, task: Task) -> Any:
        if self._laid_out is None or self._laid_out[0] is not task:
            self._laid_out = (task, flat.stage(task.scenario, task.seed, task.months, task.draws))
        return self._laid_out[1]

    def piece(self, task: Task, plan: Schedule, draws: range, span: tuple[int, int]) -> Tally:
        """Run one piece of work: histories `span` of some draws of a plan."""
        return self._run(task, self._plan(task, plan), draws, span)

    def _plan(self, task: Task, plan: Schedule) -> tuple[Any, Any]:
        texts = flat.texts(task.scenario, plan, task.draws)
        return texts, flat.acts(task.scenario, plan, task.seed, task.draws)

    def _run(self, task: Task, plan: tuple[Any, Any], draws: range, span: tuple[int, int]) -> Tally:
        months, horizon = task.months, task.horizon
        found = self._driver.run(self._stage(task), *plan, draws, span, months, horizon, self.store)
        return Tally(*found)

    def tallies(self, task: Task, plans: Sequence[Schedule], span: tuple[int, int]) -> list[Tally]:
        """Run histories `span` of every draw of each plan."""
        self._stage(task)
        parts, laid_out = blocks(task.draws), [self._plan(task, plan) for plan in plans]
        work = [(plan, draws) for plan in laid_out for draws in parts]
        with ThreadPoolExecutor(self.threads) as pool:
            done = list(pool.map(lambda item: self._run(task, item[0], item[1], span), work))
        size = len(parts)
        return [merged(done[k * size : (k + 1) * size]) for k in range(len(plans))]


def engine(on: str = "", device: str = "cpu", threads: int | None = None) -> Engine:
    """Give what histories run on.

    Parameters
    ----------
    on
        Empty: here, compiled if Numba is there.  `numpy` or `compiled` by name; `ray`, or an address
        that begins with `ray://`: a cluster.
    device
        `cpu` or `cuda`.

    Raises
    ------
    ExtraMissing
        If what was named is not installed, or there is no GPU.
    UsageError
        If there is no such engine.
    """
    if device == "cuda":
        return _loaded("goodoffices.compute.on_cuda", "Cuda")
    if on.startswith("ray"):
        return _loaded("goodoffices.compute.on_ray", "OnRay", on)
    if on == "numpy":
        return Plain()
    if on in ("", "compiled"):
        try:
            return Compiled(threads)
        except ExtraMissing:
            if on:
                raise
            return Plain()
    raise UsageError(_('no engine "{name}": use compiled, numpy, ray or ray://address').format(name=on))


def _loaded(name: str, kind: str, *given: str) -> Engine:
    """Make an engine whose library is heavy, and may be missing."""
    found: Engine = getattr(importlib.import_module(name), kind)(*given)
    return found
