"""Are the histories of another driver those of the NumPy driver?  Reads them on standard input.

    MESA_PYTHON benchmarks/peers/mesa/run.py FILE --check | python benchmarks/same_histories.py

One line a history, the same number for every draw, draw by draw: months of signing and end, state,
whether the text is worth it, how often each transition happened, mean trust at the end.  Ends with
status 1 at the first line that differs: a peer that does another job is not measured.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.pop(0)  # this folder, not the project
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.six_decide import task_and_plan

from goodoffices.core import rollout
from goodoffices.core.chances import Chances, numbers
from goodoffices.core.stage import TRANSITIONS, spread, spread_schedule

NAMES = ("signed_on", "ended_on", "status", "good", *TRANSITIONS, "trust")
CLOSE = 1e-9  # of trust, whose sum may be taken in another order


def expected(each: int) -> NDArray[np.float64]:
    """Give the histories of the NumPy driver, one row for each."""
    task, plan = task_and_plan()
    scene = spread(task.scenario, each)
    chances = Chances(task.seed, numbers(range(task.draws), 0, each))
    done = rollout.run(scene, task.months, chances, spread_schedule(plan, each), task.horizon)
    across = scene.party[:, None] != scene.party[None, :]
    trust = rollout.beliefs(scene, done)[across].mean(axis=(0, 1))
    return np.column_stack(
        [done.signed_on, done.ended_on, done.status, done.good, *done.counts, trust]
    ).astype(np.float64)


def difference(told: NDArray[np.float64], due: NDArray[np.float64]) -> str:
    """Say where the first difference is, or nothing."""
    apart = np.abs(told - due) > np.where(np.array(NAMES) == "trust", CLOSE, 0.0)
    if not apart.any():
        return ""
    row, column = np.argwhere(apart)[0]
    said = f"{NAMES[column]} is {told[row, column]:.12g} and not {due[row, column]:.12g}"
    return f"history {row} of {len(due)}: {said}; {apart.any(axis=1).sum()} differ"


def main() -> None:
    """Compare what stands on standard input."""
    told = np.array([line.split() for line in sys.stdin if line.strip()], dtype=np.float64)
    draws = task_and_plan()[0].draws
    if told.ndim != 2 or len(told) % draws:
        sys.exit(f"{len(told)} histories do not go into {draws} draws")
    found = difference(told, expected(len(told) // draws))
    if found:
        sys.exit(found)
    print(f"{len(told)} histories are the same")


if __name__ == "__main__":
    main()
