"""The driver for a GPU against the plain one: in the simulator where there is no GPU, and its kernel compiled."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from goodoffices.compute.on_cuda import Cuda
from goodoffices.core.engine import Plain, Task
from goodoffices.core.stage import TRANSITIONS, Schedule
from goodoffices.core.tally import Tally
from goodoffices.errors import ExtraMissing, UsageError
from tests.core.scenes import Council

ROOT = Path(__file__).parents[2]
needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="Numba is not installed")
needs_cuda = pytest.mark.skipif(
    importlib.util.find_spec("numba_cuda") is None, reason="numba-cuda is not installed"
)


def council(draws: int, months: int) -> tuple[Task, list[Schedule]]:
    scene = Council(draws, pace=4.0)
    return Task(scene.scenario(), 5, draws, months, months), [Schedule(), scene.plan()]


def alike(found: Tally, expected: Tally) -> None:
    """Whole numbers are the same; sums of trust may differ by one unit, of a billionth, for each history."""
    for name, one, other in zip(Tally._fields, found, expected, strict=True):
        assert (np.abs(one - other) <= (expected.histories if name == "trust" else 0)).all(), name


def told(code: str, **environment: str) -> str:
    """What a fresh Python says; Numba settles once whether it simulates."""
    given = {**os.environ, **environment}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


SIMULATED = """
import importlib.util
import sys
if importlib.util.find_spec("numba_cuda") is None:
    sys.modules["numba_cuda"] = sys  # Numba's own simulator will do
import numpy as np
from goodoffices.compute.on_cuda import Cuda
from goodoffices.core import lanes_gpu
from tests.compute.test_on_cuda import SPAN, council
lanes_gpu.MOST, lanes_gpu.THREADS = 5, 4  # the room is filled twice, by two blocks of threads
for tally in Cuda().tallies(*council(2, 12), SPAN):
    print(*(",".join(map(str, item.ravel())) for item in tally))
"""
SPAN = (45, 48)  # in which everything happens


@needs_numba
def test_the_simulated_gpu_runs_the_same_histories() -> None:
    task, plans = council(2, 12)
    expected = Plain().tallies(task, plans, SPAN)
    for line, tally in zip(told(SIMULATED, NUMBA_ENABLE_CUDASIM="1").splitlines(), expected, strict=True):
        found = [np.array(item.split(","), np.int64) for item in line.split()]
        alike(Tally(*(one.reshape(item.shape) for one, item in zip(found, tally, strict=True))), tally)
    happened = sum(tally.transitions.sum(axis=0) for tally in expected)
    assert [name for name, count in zip(TRANSITIONS, happened, strict=True) if not count] == []


REAL = """
import types
import numba
import numpy as np
from numba import cuda
from goodoffices.core import flat, lanes_gpu
from tests.compute.test_on_cuda import alike, council
task, plans = council(2, 24)
if cuda.is_available():
    from goodoffices.compute.engines import Compiled
    from goodoffices.compute.on_cuda import Cuda
    for found, expected in zip(Cuda().tallies(task, plans, (0, 500)), Compiled(1).tallies(task, plans, (0, 500))):
        alike(found, expected)
    print("the same histories on the GPU")
elif cuda.cudadrv.nvvm.is_available():
    from numba.cuda import dispatcher
    dispatcher.get_current_device = lambda: types.SimpleNamespace(compute_capability=(8, 0))
    cuda.current_context = lambda: types.SimpleNamespace(get_memory_info=lambda: (10**9, 10**9))
    cuda.device_array = np.zeros
    stage = flat.stage(task.scenario, task.seed, task.months, task.draws)
    laid_out = (flat.texts(task.scenario, plans[1], 2), flat.acts(task.scenario, plans[1], task.seed, 2))
    given = (stage, *laid_out, lanes_gpu.room_for(stage, 2, 1000), *range(6))
    code, _result = cuda.compile_ptx(lanes_gpu._RUN.py_func, tuple(map(numba.typeof, given)), cc=(8, 0))
    print("compiled", code.count(".visible .entry"), "kernel for a GPU that is not here")
else:
    print("no compiler")
"""


@pytest.mark.slow
@pytest.mark.cuda
@needs_cuda
def test_the_kernel_runs_on_the_gpu_or_at_least_compiles_for_one() -> None:
    happened = told(REAL).strip()
    if happened == "no compiler":
        pytest.skip("CUDA's compiler, NVVM, is not installed")
    assert happened in ("the same histories on the GPU", "compiled 1 kernel for a GPU that is not here")


@pytest.mark.parametrize("why", ["no driver\nat all", ""])
def test_without_a_gpu_one_sentence_says_why(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = SimpleNamespace(is_available=lambda: False, cuda_error=lambda: why or None)
    monkeypatch.setitem(sys.modules, "numba_cuda", made)
    monkeypatch.setitem(sys.modules, "numba.cuda", made)
    with pytest.raises(UsageError, match=f"^no GPU is to be found: {'no driver at all' if why else 'CUDA'}"):
        Cuda()


def test_without_numba_cuda_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba_cuda", None)
    with pytest.raises(ExtraMissing, match=r"goodoffices\[cuda\]"):
        Cuda()
