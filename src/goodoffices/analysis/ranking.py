"""Plans put in order: how far each would come, how surely, and which cannot be told apart."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.choices import Choice
from goodoffices.analysis.deals import Deal
from goodoffices.analysis.effects import takes_effect
from goodoffices.analysis.runs import Run, quantity
from goodoffices.analysis.trials import Plan, Trial, cost, distinct, gap, held, who
from goodoffices.core.tally import LEARNED
from goodoffices.domain.plans import InForce, Learned, PlannedMove, PlanReading
from goodoffices.words import _

__all__ = ["groups", "label", "listed", "pareto", "ranked", "sentence"]

Floats = NDArray[np.float64]
INTERVAL = (0.1, 0.9)
SEQUENCES = 10  # that are listed beside the single moves


def groups(many: int, difference: Callable[[int, int], Floats]) -> list[int]:
    """Group plans, best first, that cannot be told apart from the first of their group.

    Two plans are told apart if the 80% interval of their difference over the draws, each taken on
    the same chances, leaves zero out.

    Parameters
    ----------
    difference
        How much better plan i does than plan j, by draw.
    """
    found: list[int] = []
    first = 0
    for number in range(many):
        low, high = np.quantile(difference(first, number), INTERVAL)
        if number and (low > 0.0 or high < 0.0):
            first = number
        found.append((found[-1] if found else 0) + (first == number))
    return found


def pareto(values: Sequence[tuple[float, ...]]) -> list[int]:
    """Give the places of those that no other beats on every count (more is better)."""
    return [
        i
        for i, one in enumerate(values)
        if not any(all(b >= a for a, b in zip(one, other, strict=True)) and other != one for other in values)
    ]


def listed(trials: Sequence[Trial]) -> list[Trial]:
    """Of plans in order: doing nothing, every single move, and the best sequences.

    Of sequences that hold the same moves in another order or month only the best is listed.
    """
    found = distinct(trials)
    sequences = [trial.id for trial in found if len(trial.plan) > 1][:SEQUENCES]
    return [trial for trial in found if len(trial.plan) < 2 or trial.id in sequences]


def ranked(run: Run, deal: Deal, trials: Sequence[Trial], objective: str) -> tuple[PlanReading, ...]:
    """Read what is listed of plans in order, each compared on the histories that both have run."""
    timings, shown = Counter(held(trial.plan) for trial in trials), listed(trials)
    places = groups(len(shown), lambda i, j: gap(shown[i], shown[j], objective))
    best = {size: _best(shown, size, objective) for size in {trial.histories for trial in shown}}
    return tuple(
        replace(
            _reading(run, deal, trial, objective, best[trial.histories], group),
            timings=timings[held(trial.plan)],
        )
        for trial, group in zip(shown, places, strict=True)
    )


def _best(trials: Sequence[Trial], histories: int, objective: str) -> Floats:
    """The best figure of each draw, on the first histories of all plans that have run so many."""
    able = [trial.on(histories) for trial in trials if trial.histories >= histories]
    return np.asarray(np.max([trial.objective(objective) for trial in able], axis=0))


def _reading(run: Run, deal: Deal, trial: Trial, objective: str, best: Floats, group: int) -> PlanReading:
    figure, force, plan = trial.objective(objective), trial.in_force(), trial.plan
    return PlanReading(
        id=trial.id,
        label=" + ".join(label(run, step.choice) for step in plan) or _("Do nothing"),
        moves=tuple(
            PlannedMove(
                move=step.choice.move.id,
                by=who(run, step.choice.by),
                towards=who(run, step.choice.towards),
                month=takes_effect(step),
            )
            for step in plan
        ),
        sign=quantity(trial.signed()),
        in_force_at=InForce(m12=quantity(force[:, 12]), m60=quantity(force[:, -1])),
        median_month=trial.median_month(),
        mean=float(figure.mean()),
        se=trial.error(objective),
        p10=float(np.quantile(figure, 0.1)),
        regret=float(np.mean(best - figure)),
        p_best=float(np.mean(figure >= best)),
        group=group,
        cost=cost(run, deal, plan),
        reversible=_reversible(step.choice.move.reversible for step in plan),
        weeks=max((4 * (step.start - 1) + step.choice.move.weeks for step in plan), default=0),
        ended_by=trial.ended(),
        learned=Learned(**dict(zip(LEARNED, map(float, trial.learned()), strict=True))),
        in_force=tuple(float(share) for share in force.mean(axis=0)),
        rollouts=trial.histories,
        note=_note(plan),
    )


def _reversible(words: Iterable[str]) -> str:
    """A plan can be undone as far as its least reversible move."""
    order = ("no", "partly", "yes")
    return min(words, key=order.index, default="yes")


def label(run: Run, choice: Choice) -> str:
    """A move in words, with who makes it and at whom it is aimed."""
    names = [run.encoded.called(name) for name in (choice.by, choice.towards) if name]
    return f"{_(choice.move.label)} ({', '.join(names)})" if names else _(choice.move.label)


def _note(plan: Plan) -> str:
    moves = [step.choice.move for step in plan]
    if not any(move.family == "exclusion" and move.id != "include_party" for move in moves):
        return ""
    return _(
        "A meeting may be held without a party; a text cannot be signed without those whom it binds. "
        "An agreement without them would be an agreement among others, and their rights and consent remain."
    )


def front(plans: Sequence[PlanReading]) -> tuple[str, ...]:
    """Plans that no other beats in what they bring, in what they bring at worst, and in time."""
    values = [(plan.mean, plan.p10, -float(plan.weeks)) for plan in plans]
    return tuple(plans[place].id for place in pareto(values))


def sentence(plans: Sequence[PlanReading], title: str, compared: int) -> str:
    """Say what stands first, and whether it can be told from doing nothing."""
    idle = next((p.group for p in plans if not p.moves), None)
    first = [p for p in plans if p.group == 1]
    if idle == 1:
        said = _("{text}: no plan can be told apart from doing nothing; {n} plans were compared.")
        return said.format(text=title, n=compared)
    if len(first) == 1:
        said = _("{text}: first {plan}; {n} plans were compared; for ranking only.")
        return said.format(text=title, plan=first[0].label, n=compared)
    said = _(
        "{text}: {many} plans stand first and cannot be told apart, among them {plan}; "
        "{n} plans were compared; for ranking only."
    )
    return said.format(text=title, many=len(first), plan=first[0].label, n=compared)
