"""The benchmark's negotiation: six decision-makers, 36 months, a busy plan, and all that can happen.

`python benchmarks/six_decide.py` says how often each transition happens.  With `--npz FILE` it writes the
negotiation as plain arrays instead, for peers that read nothing else.  The case, benchmarks/six, is
made up.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.choices import Choice, Step, choices
from goodoffices.analysis.deals import Deal
from goodoffices.analysis.effects import TextBook, schedule
from goodoffices.analysis.runs import Run
from goodoffices.analysis.scenario import scenario
from goodoffices.cases.folder import read_folder
from goodoffices.cases.moves import moves
from goodoffices.cases.tables import tables
from goodoffices.core.engine import Plain, Task
from goodoffices.core.stage import TRANSITIONS, Event, Schedule
from goodoffices.core.tally import Tally

CASE = Path(__file__).resolve().parent / "six"
TEXT = "treaty"
SEED, DRAWS, MONTHS = 20250430, 24, 36
PLAN = {  # what is done, by whom and towards whom, and the month in which it begins
    "summit_private:aster-president:birch-president": 2,
    "gesture:birch-president:aster": 4,
    "lower_level_first:aster:birch": 1,
    "verification": 3,
    "guarantee_treaty:cedar-premier": 1,
    "meet_after_signing:aster-president:birch-president": 6,
}
NAMED = ("move", "agreed")  # what an event hangs on by name; all else of it is numbers

Array = NDArray[np.generic]


class VoidError(Exception):
    """The benchmark does not measure what it claims to."""


def _plan(run: Run, deal: Deal) -> Iterator[Step]:
    """Give the steps of the plan; each move must be one that the case allows."""
    allowed: dict[str, Choice] = {choice.id: choice for choice in choices(run, deal, moves())[0]}
    for name, start in PLAN.items():
        if name not in allowed:
            raise VoidError(f"void: the case does not allow {name}")
        yield Step(allowed[name], start)


def task_and_plan(draws: int = DRAWS, months: int = MONTHS) -> tuple[Task, Schedule]:
    """Give the negotiation and the busy plan, always the same."""
    case = read_folder(CASE)
    run = Run(case, case.end, tables(), SEED, draws, ends=False)
    deal = run.deals[TEXT]
    task = Task(scenario(run, TEXT), seed=SEED, draws=draws, months=months, horizon=months)
    return task, schedule(TextBook(run, deal), list(_plan(run, deal)))


def frequencies(tally: Tally, task: Task) -> dict[str, float]:
    """Give how often each transition happened in 1,000 histories.

    Raises
    ------
    VoidError
        If one never happened: an engine that is spared a part of the model measures nothing.
    """
    total = int(tally.histories.sum())
    found = tally.transitions.sum(axis=0)
    for name, count in zip(TRANSITIONS, found, strict=True):
        if not count:
            raise VoidError(f"void: in {total} histories of {task.months} months {name} never happened")
    return {name: float(1000.0 * count / total) for name, count in zip(TRANSITIONS, found, strict=True)}


def _by_draw(array: Array, draws: int) -> Array:
    """Give an array with all draws as its last axis."""
    return np.ascontiguousarray(np.broadcast_to(array, (*np.shape(array)[:-1], draws)))


def _scene(task: Task) -> Iterator[tuple[str, Array]]:
    """Give the scene's arrays, by name; those of the text and the rules have a prefix."""
    scene, draws = task.scenario, task.draws
    fixed = ("keys", "side_keys", "party", "person")
    for name in fixed:
        yield name, np.array(getattr(scene, name))
    for name, value in scene._asdict().items():
        if isinstance(value, np.ndarray) and name not in fixed:
            yield name, _by_draw(value, draws)
    for name, value in scene.terms._asdict().items():
        yield f"terms.{name}", _by_draw(value, draws)
    for name, value in scene.rules.items():
        yield f"rules.{name}", _by_draw(value, draws)
    for name, value in scene.bank._asdict().items():
        yield f"bank.{name}", value


def _script(plan: Schedule, draws: int) -> Iterator[tuple[str, Array]]:
    """Give the plan's arrays, one row for each event, and one for each text that it may lead to."""
    for name in Event._fields:
        values = [getattr(event, name) for event in plan.events]
        numbers = not any(isinstance(value, str | int) for value in values)
        rows = [np.broadcast_to(value, draws) for value in values] if numbers else values
        yield f"events.{name}", np.array(rows)
    for name in plan.texts[0]._fields if plan.texts else ():
        rows = [_by_draw(getattr(text, name), draws) for text in plan.texts]
        yield f"texts.{name}", np.array(rows)
    yield "of", np.array(plan.of)


def arrays(task: Task, plan: Schedule) -> dict[str, Array]:
    """Give a negotiation and a plan as plain arrays: nothing in them needs this package to be read."""
    sizes = {name: np.array(getattr(task, name)) for name in ("seed", "draws", "months", "horizon")}
    return sizes | dict(_scene(task)) | dict(_script(plan, task.draws))


def main() -> None:
    """Write the arrays, or run some histories and say what happened in them."""
    parser = argparse.ArgumentParser(description="The benchmark's negotiation.")
    parser.add_argument("--npz", metavar="FILE", help="write the negotiation as arrays, and nothing else")
    parser.add_argument("--each", type=int, default=200, help="histories a draw that are run (200)")
    options = parser.parse_args()
    task, plan = task_and_plan()
    if options.npz:
        np.savez(options.npz, **arrays(task, plan))
        return
    (tally,) = Plain().tallies(task, [plan], (0, options.each))
    print(f"in 1,000 of {tally.histories.sum()} histories of {task.months} months:")
    for name, often in frequencies(tally, task).items():
        print(f"  {name:<18}{often:>10,.0f}")


if __name__ == "__main__":
    main()
