"""One of our own engines as a contestant: `python benchmarks/engine_worker.py ENGINE THREADS`.

Speaks benchmarks/peers/protocol.py.  A unit is a rollout of the benchmark's negotiation (six_decide.py)
under its busy plan; every answer says how often each transition happened, so that a fast engine
cannot be one that leaves things out.
"""

import functools
import sys
from pathlib import Path

sys.path.pop(0)  # this folder, not the project
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.append(str(Path(__file__).resolve().parent / "peers"))
from benchmarks.six_decide import VoidError, frequencies, task_and_plan
from protocol import GapError, serve

from goodoffices.compute.engines import engine
from goodoffices.core.engine import Engine
from goodoffices.core.stage import Schedule
from goodoffices.core.tally import Tally, join
from goodoffices.errors import ExtraMissing
from goodoffices.workbench.bench import version

CHUNK = 200  # histories of every draw that the NumPy driver runs at once: more is hardly faster


@functools.cache
def found(name: str, threads: int) -> Engine:
    """Give an engine by its name."""
    try:
        return engine(name, threads=threads)
    except ExtraMissing as missing:
        raise GapError(str(missing)) from missing


@functools.cache
def asked() -> tuple:
    """Give the negotiation and the plan."""
    return task_and_plan()


def spans(name: str, each: int) -> list[tuple[int, int]]:
    """Give the lots in which histories are run: an engine of many lanes divides them itself."""
    size = CHUNK if name == "numpy" else each
    return [(first, min(first + size, each)) for first in range(0, each, size)]


def tally(name: str, threads: int, plan: Schedule, each: int) -> Tally:
    """Run `each` histories of every draw."""
    task, driver = asked()[0], found(name, threads)
    lots = [driver.tallies(task, [plan], span)[0] for span in spans(name, each)]
    return functools.reduce(join, lots)


def rollouts(name: str, threads: int, n: int) -> dict[str, object]:
    """Run n histories, rounded up to the same number for every draw, and say what happened in them."""
    task, plan = asked()
    done = tally(name, threads, plan, -(-n // task.draws))
    try:
        return {"n": int(done.histories.sum()), "in 1,000": frequencies(done, task)}
    except VoidError as void:
        raise GapError(str(void)) from void


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: engine_worker.py ENGINE THREADS")
    work = functools.partial(rollouts, sys.argv[1], int(sys.argv[2]))
    serve("goodoffices", version(), "rollout, 6 decision-makers, 36 months", work)
