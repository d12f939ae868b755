"""Look for the best sequences of moves: a beam that grows move by move, thinned by successive halving.

Every plan runs on the same chances.  At each length the best plans of the last are each carried on by
one more move, at once beside the last or after it; all are run on few histories, the better third on
more, and so on (Jamieson & Talwalkar 2016).  Counts are kept by plan and span of histories, so that
nothing is run twice and an interrupted search goes on where it stopped.
"""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np

from goodoffices.analysis.choices import Choice, Step, gesture_room
from goodoffices.analysis.deals import Deal
from goodoffices.analysis.effects import TextBook, changes_text, schedule, takes_effect
from goodoffices.analysis.runs import Run
from goodoffices.analysis.scenario import scenario
from goodoffices.analysis.trials import Plan, Trial, cost, distinct, gap, means, ordered, plan_id
from goodoffices.core.engine import Engine, Task
from goodoffices.core.stage import Schedule
from goodoffices.core.tally import Tally, join
from goodoffices.domain.plans import LONGEST, MONTHS

__all__ = ["Bounds", "Interrupted", "Lab", "Search", "Shelf"]

Shelf = MutableMapping[str, Tally]  # counts by plan and span of histories
BEAM = 5  # plans that are carried on at each length
POOL = 16  # moves that plans are carried on by: the best alone
FIRST = 10  # plans that hold different moves and are run on all histories
RUNGS = (8, 32, 96)  # histories of each draw on which plans are thinned
CHUNK = 12  # plans between two looks at whether to stop
PIECE = 512  # histories of each draw at once: so that memory does not hang on how many are asked for


class Interrupted(Exception):  # noqa: N818 - it is how a search ends early, not a mistake
    """The search was asked to stop."""


@dataclass(frozen=True)
class Bounds:
    """What a plan may take: months until its last move and a signature, cost to any one actor, moves."""

    horizon: int
    budget: int
    longest: int = LONGEST


@dataclass
class Lab:
    """Runs plans before one text on the same chances, and keeps what they came to.

    Parameters
    ----------
    tick
        Called with the number of plans done and the name of the last.
    stop
        Asked between pieces of work; if it says yes, `Interrupted` is raised.
    """

    run: Run
    deal: Deal
    engine: Engine
    horizon: int
    shelf: Shelf = field(default_factory=dict)
    tick: Callable[[int, str], None] = lambda _n, _name: None
    stop: Callable[[], bool] = lambda: False

    def __post_init__(self) -> None:
        found, run = scenario(self.run, self.deal.text.id), self.run
        self.task = Task(found, run.seed, run.draws, MONTHS, self.horizon)
        self.book = TextBook(run, self.deal)

    def trials(self, plans: Sequence[Plan], each: int) -> list[Trial]:
        """Run plans on the first `each` histories of every draw."""
        for first, last in _spans(each):
            self._fill(plans, (first, last))
        found = []
        for plan in plans:
            sums = list(accumulate((self.shelf[_key(plan, span)] for span in _spans(each)), join))
            found.append(Trial(plan, sums[-1], {int(s.histories.sum()): s for s in sums}))
        return found

    def _fill(self, plans: Sequence[Plan], span: tuple[int, int]) -> None:
        wanted = [plan for plan in plans if _key(plan, span) not in self.shelf]
        for first in range(0, len(wanted), CHUNK):
            if self.stop():
                raise Interrupted
            some = wanted[first : first + CHUNK]
            made = self._counted([schedule(self.book, plan) for plan in some], span)
            for plan, tally in zip(some, made, strict=True):
                self.shelf[_key(plan, span)] = tally
            self.tick(len(some), plan_id(some[-1]))

    def _counted(self, plans: Sequence[Schedule], span: tuple[int, int]) -> list[Tally]:
        """Count a span of histories piece by piece; counts are whole, so that pieces leave no trace."""
        starts = range(span[0], span[1], PIECE)
        pieces = [(first, min(first + PIECE, span[1])) for first in starts]
        found = self.engine.tallies(self.task, plans, pieces[0])
        for piece in pieces[1:]:
            found = list(map(join, found, self.engine.tallies(self.task, plans, piece)))
        return found


def _key(plan: Plan, span: tuple[int, int]) -> str:
    return f"{plan_id(plan)}|{span[0]}-{span[1]}"


def _spans(each: int) -> list[tuple[int, int]]:
    """The rungs up to `each`, as spans of histories."""
    stops = [0, *(rung for rung in RUNGS if rung < each), each]
    return list(pairwise(stops))


@dataclass
class Search:
    """Finds plans within bounds; `seen` holds every plan that was looked at."""

    lab: Lab
    choices: Sequence[Choice]
    bounds: Bounds
    objective: str
    each: int
    seen: dict[str, Trial] = field(default_factory=dict)

    def singles(self) -> list[Plan]:
        """Doing nothing, and every single move that the bounds allow."""
        alone = [(Step(choice),) for choice in self.choices if choice.move.id != "nothing"]
        return [(), *(plan for plan in alone if self.allowed(plan))]

    def find(self) -> None:
        """Look at single moves, then at sequences, then run the first on all histories."""
        best = self._thinned(self.singles(), keep_all=True)
        pool = [trial.plan[0].choice for trial in best if trial.plan][:POOL]
        beam = best[:BEAM]
        for _length in range(2, self.bounds.longest + 1):
            longer = [plan for trial in beam for plan in self._carried_on(trial.plan, pool)]
            fresh = list({plan_id(plan): plan for plan in longer if plan_id(plan) not in self.seen}.values())
            if not fresh:
                break
            grown = self._thinned(fresh)[:BEAM]
            if not grown or not self._gains(grown[0], beam[0]):
                break
            beam = grown
        self.settle()

    def settle(self) -> None:
        """Run the first plans and doing nothing on all histories, until the first are those that were."""
        while True:
            idle = [self.seen[plan_id(())]] if plan_id(()) in self.seen else []
            first = [*distinct(self.ordered())[:FIRST], *idle]
            thin = [trial.plan for trial in first if trial.histories < self.each * self.lab.run.draws]
            if not thin:
                return
            self._note(self.lab.trials(thin, self.each))

    def ordered(self) -> list[Trial]:
        """All plans that were looked at, best first; of equals the one looked at first."""
        trials = list(self.seen.values())
        order = np.argsort(-means(trials, self.objective), kind="stable")
        return [trials[place] for place in order]

    def _gains(self, longer: Trial, shorter: Trial) -> bool:
        """Does one more move bring more than the histories leave open? They share their chances."""
        gain = gap(longer, shorter, self.objective)
        return float(gain.mean()) > float(gain.std()) / len(gain)

    def _note(self, trials: Sequence[Trial]) -> None:
        for trial in trials:
            known = self.seen.get(trial.id)
            if known is None or known.histories < trial.histories:
                self.seen[trial.id] = trial

    def _thinned(self, plans: Sequence[Plan], *, keep_all: bool = False) -> list[Trial]:
        """Run plans on more and more histories, dropping the worse two thirds each time."""
        left = list(plans)
        found: list[Trial] = []
        for rung in [*(rung for rung in RUNGS if rung < self.each), min(RUNGS[-1], self.each)]:
            found = self.lab.trials(left, rung)
            self._note(found)
            order = np.argsort(-means(found, self.objective), kind="stable")
            found = [found[place] for place in order]
            if rung >= min(RUNGS[-1], self.each):
                break
            if not keep_all:
                left = [trial.plan for trial in found[: max(2 * BEAM, len(found) // 3)]]
        return found

    def _carried_on(self, plan: Plan, pool: Sequence[Choice]) -> Iterator[Plan]:
        """Every plan that carries another on by one move: beside its last move, or after it."""
        starts = sorted({plan[-1].start, max(map(takes_effect, plan))}) if plan else [1]
        for choice in pool:
            for start in starts:
                longer = ordered((*plan, Step(choice, start)))
                if self.allowed(longer):
                    yield longer

    def allowed(self, plan: Plan) -> bool:
        """Is a plan within the bounds, and its gestures within their senders' limits?"""
        names = [step.choice.id for step in plan]
        twice = [step for step in plan if changes_text(step.choice) and names.count(step.choice.id) > 1]
        same = len({(step.choice.id, step.start) for step in plan}) < len(plan)
        if twice or same or any(takes_effect(step) > self.bounds.horizon for step in plan):
            return False
        borne = cost(self.lab.run, self.lab.deal, plan).values()
        return max(borne, default=0) <= self.bounds.budget and self._affordable(plan)

    def _affordable(self, plan: Plan) -> bool:
        """All gestures of one sender together stay within its limit."""
        spent: dict[str, float] = {}
        for step in plan:
            room = gesture_room(self.lab.run, self.lab.deal, step.choice)
            if room is not None:
                size, limit = room
                spent[step.choice.by] = spent.get(step.choice.by, 0.0) + size
                if spent[step.choice.by] > limit:
                    return False
        return True
