"""Plans as they went: what a plan costs and takes, and what its histories came to, draw by draw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.choices import Choice, Step
from goodoffices.analysis.deals import Deal
from goodoffices.analysis.effects import takes_effect
from goodoffices.analysis.runs import Run
from goodoffices.core.stage import STATES
from goodoffices.core.tally import Tally, in_force
from goodoffices.domain.plans import MONTHS

__all__ = ["Plan", "Trial", "cost", "distinct", "gap", "held", "means", "ordered", "plan_id", "who"]

Floats = NDArray[np.float64]
Plan = tuple[Step, ...]


def ordered(steps: Iterable[Step]) -> Plan:
    """Give steps the order of their months: those that begin together have no order of their own."""
    return tuple(sorted(steps, key=lambda step: (step.start, step.choice.id)))


def plan_id(plan: Plan) -> str:
    """Name a plan: its moves with their roles, and the month in which each begins if not the first."""
    if not plan:
        return "nothing"
    return " + ".join(step.choice.id + (f"@{step.start}" if step.start > 1 else "") for step in plan)


def held(plan: Plan) -> tuple[str, ...]:
    """The moves that a plan holds with their roles, whatever their order and months."""
    return tuple(sorted(step.choice.id for step in plan))


def who(run: Run, name: str) -> str:
    """The name by which an office, party or spoiler stands in results."""
    return run.encoded.offices[name].name if name in run.encoded.offices else name


def cost(run: Run, deal: Deal, plan: Plan) -> dict[str, int]:
    """Political cost of a plan by who bears it; never added up over people."""
    found: dict[str, int] = {}
    for step in plan:
        for name, size in _cost_of_one(run, deal, step.choice):
            found[name] = found.get(name, 0) + size
    return found


def _cost_of_one(run: Run, deal: Deal, choice: Choice) -> list[tuple[str, int]]:
    borne = []
    for role, size in choice.move.cost.items():
        bearers = deal.text.binds if role == "all_bound" else (who(run, getattr(choice, role)),)
        borne += [(name, size) for name in filter(None, bearers)]
    return borne


@dataclass(frozen=True)
class Trial:
    """One plan and the counts of its histories."""

    plan: Plan
    tally: Tally
    earlier: Mapping[int, Tally] = field(default_factory=dict)  # after fewer histories, by their number

    def on(self, histories: int) -> "Trial":
        """The same plan on its first histories: plans are compared on those that both have run."""
        return self if histories == self.histories else Trial(self.plan, self.earlier[histories])

    @property
    def id(self) -> str:
        """The name of the plan."""
        return plan_id(self.plan)

    @property
    def histories(self) -> int:
        """On how many histories the counts rest."""
        return int(self.tally.histories.sum())

    @property
    def month(self) -> int:
        """The month in which the last move takes effect; 0 without moves."""
        return max(map(takes_effect, self.plan), default=0)

    def in_force(self) -> Floats:
        """Share in which the text is in force, by draw and month."""
        return in_force(self.tally)

    def signed(self) -> Floats:
        """Share in which the text is signed, by draw."""
        return np.asarray(self.tally.signed_in.sum(axis=1) / self.tally.histories)

    def objective(self, name: str) -> Floats:
        """The figure that plans are ranked by, by draw."""
        if name == "sign":
            return self.signed()
        return np.asarray(self.in_force()[:, MONTHS if name == "in_force_m60" else 12])

    def error(self, name: str) -> float:
        """Standard error of the mean objective, from the number of histories alone."""
        share = self.objective(name)
        variance = share * (1.0 - share) / np.maximum(self.tally.histories, 1)
        return float(np.sqrt(variance.sum()) / len(share))

    def learned(self) -> Floats:
        """Shares of good and bad deals, signed and not, over all draws; shape (4,)."""
        return np.asarray((self.tally.learned / self.tally.histories[:, None]).mean(axis=0))

    def ended(self) -> dict[str, float]:
        """Share of histories in each state at the end."""
        shares = (self.tally.states / self.tally.histories[:, None]).mean(axis=0)
        return {state: float(share) for state, share in zip(STATES, shares, strict=True)}

    def median_month(self) -> int | None:
        """Median month of signing among those that signed."""
        signed = self.tally.signed_in.sum(axis=0)
        total = int(signed.sum())
        return int(np.searchsorted(np.cumsum(signed), (total + 1) // 2)) if total else None

    def trust(self) -> Floats:
        """Mean trust across sides at the end, by draw."""
        return np.asarray(self.tally.trust * 1e-9 / self.tally.histories)


def distinct(trials: Iterable[Trial]) -> list[Trial]:
    """Of plans in order, the first of those that hold the same moves."""
    found: dict[tuple[str, ...], Trial] = {}
    for trial in trials:
        found.setdefault(held(trial.plan), trial)
    return list(found.values())


def gap(one: Trial, other: Trial, objective: str) -> Floats:
    """How much better one plan does than another, by draw, on the histories that both have run."""
    both = min(one.histories, other.histories)
    return np.asarray(one.on(both).objective(objective) - other.on(both).objective(objective))


def means(trials: Sequence[Trial], objective: str) -> Floats:
    """Mean objective of some plans."""
    return np.array([trial.objective(objective).mean() for trial in trials])
