"""What would change a ranking: the inputs that turn first and second place round, and where.

Those inputs are tried first that go with the difference of the two plans over the draws.  Each is set
to the ends of its range in every draw, all else left as drawn, and both plans are run again on the
same chances; where the sign of the mean difference turns, the place is halved until it is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.effects import schedule
from goodoffices.analysis.inputs import Input
from goodoffices.analysis.runs import Run
from goodoffices.analysis.search import Lab
from goodoffices.analysis.trials import Trial, gap
from goodoffices.core import draws
from goodoffices.domain.plans import Flip

__all__ = ["flips", "telling"]

Floats = NDArray[np.float64]
TRIED = 6  # inputs
HALVINGS = 4
EACH = 64  # histories of each draw


def telling(run: Run, difference: Floats) -> list[Input]:
    """Inputs with a range, by how closely they go with a difference over the draws."""
    found: list[tuple[float, Input]] = []
    if np.ptp(difference) == 0.0:
        return []
    for one in run.model.values.asked.values():
        drawn = run.model.values.drawn(one.name)
        if len(one.span) == 3 and drawn is not None and np.ptp(drawn) > 0.0:
            found.append((abs(float(np.corrcoef(drawn, difference)[0, 1])), one))
    ordered = sorted(found, key=lambda pair: -pair[0])
    return [one for _close, one in ordered][:TRIED]


def flips(
    lab: Lab, first: Trial, second: Trial, objective: str, tick: Callable[[str], None]
) -> tuple[tuple[Flip, ...], tuple[str, ...]]:
    """Give the inputs that turn two plans round, and the labels of those that were tried."""
    difference = gap(first, second, objective)
    tried = telling(_asked_anew(lab, (first, second)), difference)
    found = []
    for one in tried:
        turned = _turn(_pinned(lab, (first, second), objective, one), one)
        tick(one.label)
        if turned is not None:
            found.append(
                Flip(
                    input=one.name,
                    label=one.label,
                    value=turned,
                    likeliest=one.span[1],
                    first=first.id,
                    second=second.id,
                )
            )
    return tuple(found), tuple(one.label for one in tried)


def _asked_anew(lab: Lab, pair: Sequence[Trial]) -> Run:
    """The same run, asked only for what two plans need: what a search looked at leaves no trace."""
    run = replace(lab.run)
    book = Lab(run, run.deals[lab.deal.text.id], lab.engine, lab.horizon).book
    for trial in pair:
        schedule(book, trial.plan)
    return run


def _pinned(lab: Lab, pair: Sequence[Trial], objective: str, one: Input) -> Callable[[float], float]:
    """The mean difference of two plans as a function of one input, at a quantile of its range."""

    def mean(quantile: float) -> float:
        run = replace(lab.run, pinned=(*lab.run.pinned, (one.name, quantile)))
        deal = run.deals[lab.deal.text.id]
        other = Lab(run, deal, lab.engine, lab.horizon, stop=lab.stop)
        made = other.trials([trial.plan for trial in pair], min(EACH, pair[0].histories // run.draws))
        return float(np.mean(made[0].objective(objective) - made[1].objective(objective)))

    return mean


def _turn(mean: Callable[[float], float], one: Input) -> float | None:
    """The value nearest to the middle at which the difference changes its sign, or None."""
    middle = 0.5
    known = mean(middle)
    for end in (0.0, 1.0):
        if mean(end) * known < 0.0:
            inner, outer = middle, end
            for _halving in range(HALVINGS):
                half = (inner + outer) / 2.0
                inner, outer = (half, outer) if mean(half) * known > 0.0 else (inner, half)
            return float(draws.triangular_at(np.array([outer]), *one.span)[0])
    return None
