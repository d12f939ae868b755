"""Our own pass over acts as a contestant: `python benchmarks/conduct_worker.py STREAM features|value|touch`.

Speaks benchmarks/peers/protocol.py.  A unit is an act.  `features` writes all features of the model that
ships, as its JSON stands, and takes the act in; `value` gives its log loss and the gradient by all weights
instead of writing features; `touch` adds one number to each record that an act touches, and does nothing
else: faster no pass over these records can be.  The seconds are those of the compiled pass on one core.
"""

import functools
import sys
import time
from pathlib import Path

sys.path.pop(0)  # this folder, not the project
sys.path.append(str(Path(__file__).resolve().parent / "peers"))
import numpy as np
from numba import njit
from protocol import serve

from goodoffices.workbench.bench import version
from goodoffices.workbench.conduct_model import driver, shipped

RUNS = ("features", "value", "touch")


@functools.cache
def stream() -> dict[str, np.ndarray]:
    with np.load(sys.argv[1], allow_pickle=False) as found:
        return dict(found)


@functools.cache
def space(rows: int, wide: int) -> np.ndarray:
    """Give room for features that was written to before: it is the pass that is timed, not the pages."""
    return np.ones((rows, wide), np.float32)


@functools.cache
def laid_out(n: int) -> tuple:
    kernel, told = driver(), stream()
    known = told["known"][:n]
    order = np.argsort(known, kind="stable").astype(np.int32)
    acts = kernel.Acts(told["day"][:n], known, told["good"][:n], told["place"][:n], order)
    return kernel, acts, shipped().recipe.rules(kernel)


@njit
def touch(place, cells):
    for act in range(len(place)):
        for part in range(place.shape[1]):
            cells[place[act, part]] += np.float32(1.0)


def run(kind: str, n: int) -> dict[str, object]:
    kernel, acts, rules = laid_out(n)
    state, model = kernel.begin(int(stream()["records"]), int(acts.day[0])), shipped()
    wide = len(model.weights)
    if kind == "features":
        found = space(n, wide)
        work = functools.partial(kernel.features, state, acts, rules, found, 0)
    elif kind == "value":
        full = np.concatenate([model.weights, np.zeros(-wide % kernel.LANES)]).astype(np.float32)
        chances, gradient = np.ones(n), np.zeros(len(full) + 1)
        work = functools.partial(kernel.value, state, acts, rules, full, model.base, gradient, chances)
    else:
        wide, cells = acts.place.shape[1], np.zeros(2 * int(stream()["records"]), np.float32)
        work = functools.partial(touch, acts.place, cells)
    start, cpu = time.perf_counter(), time.process_time()
    work()
    took = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    return {"n": n, "features": wide, **took}


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] not in RUNS:
        sys.exit("usage: conduct_worker.py STREAM features|value|touch")
    serve("goodoffices", version(), "act", lambda n: run(sys.argv[2], min(n, len(stream()["day"]))))
