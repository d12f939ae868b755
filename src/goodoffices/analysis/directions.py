"""Expected directions held against a reading: right, wrong, or fragile, as first coded.

A direction compares one figure of a case with the same figure on another day, for another text, or
without some facts or provisions.  It is reported with the share of jittered models (every default
moved by up to a fifth of itself, every prior by up to .35 log-odds) in which it holds, and it is
never asserted: nothing is tuned until a famous case comes out right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.model import FACETS
from goodoffices.analysis.runs import Run
from goodoffices.domain.case import Change
from goodoffices.domain.coding import Direction
from goodoffices.domain.evidence import Facet

__all__ = ["FRAGILE", "RIGHT", "Held", "Runs", "hold"]

Floats = NDArray[np.float64]
RIGHT, FRAGILE = 0.95, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One direction as it came out; `share` is None where it could not be read, with the reason."""

    direction: Direction
    state: str  # right | fragile | wrong | not read
    share: float | None
    here: float | None
    there: float | None
    reason: str = ""


def _office(run: Run, name: str) -> str:
    """The office of somebody, also on a day before he held it."""
    offices = {dm.id: dm.office for dm in run.case.decision_makers}
    return offices.get(name, name)


def _deal_measure(run: Run, direction: Direction, text: str) -> Floats:
    deal = run.deals[text]
    if direction.measure == "sign":
        return deal.sign
    if direction.measure.startswith("lasts_y"):
        return deal.lasts(int(direction.measure.removeprefix("lasts_y")), "not_abandoned")
    office = _office(run, direction.truster)
    if direction.measure == "keep":
        return deal.keep_of[office]
    return deal.gap(office) if direction.measure == "gap" else deal.threshold_of[office]


def _measure(run: Run, direction: Direction, text: str) -> Floats:
    """Give one figure over the jittered models; shape (n,)."""
    if direction.measure in ("trust", "tau"):
        one, two = _office(run, direction.truster), _office(run, direction.trustee)
        if direction.measure == "tau":
            return run.beliefs.tau(one, two)
        return np.asarray(run.beliefs.of(one, two).trust[FACETS.index(Facet(direction.facet))])
    return _deal_measure(run, direction, text)


def _changes(direction: Direction) -> list[Change]:
    off = [Change(id=f"without:{name}", op="switch_off_fact", target=name) for name in direction.without]
    less = [
        Change(
            id=f"without:{direction.text}:{kind}", op="remove_provision", target=direction.text, value=kind
        )
        for kind in direction.without_provisions
    ]
    return [*off, *less]


class Runs:
    """Jittered runs of one case, one for each day and list of changes that is asked for."""

    def __init__(self, run: Run) -> None:
        self.base = run
        self._made: dict[tuple[date, tuple[str, ...]], Run] = {}

    def on(self, day: date, changes: Sequence[Change] = ()) -> Run:
        """Give the run of a day, with changes."""
        key = (day, tuple(change.id for change in changes))
        if key not in self._made:
            case = self.base.case.with_changes(changes)
            self._made[key] = replace(self.base, case=case, day=day)
        return self._made[key]


def hold(runs: Runs, direction: Direction, days: tuple[date, date | None]) -> Held:
    """Hold one direction against jittered runs of its case.

    Parameters
    ----------
    days
        The day of the direction, and the day that it compares with, if it does.
    """
    here = runs.on(days[0])
    other = runs.on(days[1] or days[0], _changes(direction))
    try:
        one = _measure(here, direction, direction.text)
        two = _measure(other, direction, direction.than_text or direction.text)
    except (KeyError, StopIteration, ValueError) as error:
        reason = f"{error} was not there on the day"
        return Held(direction=direction, state="not read", share=None, here=None, there=None, reason=reason)
    higher = one > two if direction.relation == "higher" else one < two
    share = float(np.mean(higher))
    state = "right" if share >= RIGHT else ("fragile" if share > FRAGILE else "wrong")
    medians: dict[str, float | None] = {"here": float(np.median(one)), "there": float(np.median(two))}
    return Held(direction=direction, state=state, share=share, here=medians["here"], there=medians["there"])
