"""Histories on a GPU of this machine: one thread runs one history."""

import importlib
from collections.abc import Sequence
from typing import Any

from goodoffices.compute.kernels import prepared
from goodoffices.core import flat
from goodoffices.core.engine import Task
from goodoffices.core.stage import Schedule
from goodoffices.core.tally import Tally
from goodoffices.errors import ExtraMissing, UsageError
from goodoffices.words import _

__all__ = ["Cuda"]


class Cuda:
    """The compiled driver on the first GPU that this process may use.

    Raises
    ------
    ExtraMissing
        If Numba for CUDA is not installed.
    UsageError
        If there is no GPU, or no compiler for it.
    """

    name = "cuda"

    def __init__(self) -> None:
        purpose = _("running histories on a GPU")
        try:
            importlib.import_module("numba_cuda")
            cuda: Any = importlib.import_module("numba.cuda")
        except ImportError:
            raise ExtraMissing("cuda", purpose) from None
        if not cuda.is_available():
            why = " ".join(str(cuda.cuda_error() or _("CUDA's compiler, NVVM, is not installed")).split())
            raise UsageError(_("no GPU is to be found: {why}").format(why=why))
        self._driver: Any = prepared("goodoffices.core.lanes_gpu", purpose)

    def tallies(self, task: Task, plans: Sequence[Schedule], span: tuple[int, int]) -> list[Tally]:
        """Run histories `span` of every draw of each plan."""
        scenario, draws, driver = task.scenario, task.draws, self._driver
        stage = flat.stage(scenario, task.seed, task.months, draws)
        room = driver.room_for(stage, len(scenario.side_keys), draws * (span[1] - span[0]))
        laid_out = driver.sent(stage)
        found = []
        for plan in plans:
            texts = driver.sent(flat.texts(scenario, plan, draws))
            acts = driver.sent(flat.acts(scenario, plan, task.seed, draws))
            done = driver.run(laid_out, texts, acts, room, draws, span, task.months, task.horizon)
            found.append(done)
        return found
