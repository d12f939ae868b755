"""What runs the histories of plans: one door for every driver, and the plain one behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from goodoffices.core import rollout, tally
from goodoffices.core.chances import Chances, numbers
from goodoffices.core.stage import Scenario, Schedule, spread, spread_schedule
from goodoffices.core.tally import Tally

__all__ = ["Engine", "Plain", "Task"]


@dataclass(frozen=True)
class Task:
    """What all plans have in common.

    Parameters
    ----------
    scenario
        With the draws as last axis of its arrays.
    horizon
        Last month in which the text may be signed.
    """

    scenario: Scenario
    seed: int
    draws: int
    months: int
    horizon: int


class Engine(Protocol):
    """Runs histories; the same task, plan and span give the same tally on every engine but for rounding."""

    name: str

    def tallies(self, task: Task, plans: Sequence[Schedule], span: tuple[int, int]) -> list[Tally]:
        """Run histories `span` of every draw of each plan."""
        ...


class Plain:
    """The NumPy driver on one thread: slow, and the oracle of all others."""

    name = "numpy"

    def tallies(self, task: Task, plans: Sequence[Schedule], span: tuple[int, int]) -> list[Tally]:
        """Run histories `span` of every draw of each plan."""
        each = span[1] - span[0]
        scenario = spread(task.scenario, each)
        chances = Chances(task.seed, numbers(range(task.draws), span[0], each))
        found = []
        for plan in plans:
            done = rollout.run(scenario, task.months, chances, spread_schedule(plan, each), task.horizon)
            found.append(tally.count(scenario, done, task.draws, task.months))
        return found
