"""What a ranking of plans says: frozen results that know nothing of who computed or shows them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from goodoffices.domain.readings import Quantity, plain

__all__ = ["PLAN_DRAWS", "ROLLOUTS", "InForce", "PlanReading", "PlannedMove", "Ranking", "RefusedMove"]

PLAN_DRAWS = 24  # fillings of all uncertain inputs over which plans are compared
ROLLOUTS = 768  # histories for each plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMove:
    """One move of a plan; `month` counts from the day of the reading."""

    move: str
    by: str
    towards: str
    month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedMove:
    """A move that cannot be made, and why."""

    move: str
    by: str
    towards: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Index that the text is in force so many months from the day of the reading."""

    m12: Quantity
    m60: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReading:
    """One plan among others; figures are for ranking only.

    Attributes
    ----------
    p10
        10th percentile of the objective over the draws.
    regret
        Mean over the draws of what the best plan of each draw gains over this one.
    p_best
        Share of draws in which no other plan is better.
    group
        Plans of one group cannot be told apart; 1 is the best.
    cost
        Political cost by who bears it, from 0 to 5 a move.
    """

    id: str
    label: str
    moves: tuple[PlannedMove, ...]
    sign: Quantity
    in_force_at: InForce
    median_month: int | None
    p10: float
    regret: float
    p_best: float
    group: int
    cost: dict[str, int]
    reversible: str
    ended_by: dict[str, float]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """All plans before one text, best first.

    `drift` is how far mean trust moves in five years if nothing is done.
    """

    ok: bool
    case: str
    title: str
    text: str
    text_title: str
    as_of: date
    method: str
    code: str
    case_hash: str
    codebook_hash: str
    defaults_hash: str
    seed: int
    draws: int
    rollouts: int
    horizon: int
    objective: str
    calibrated: bool
    ranking_only: bool
    plans: tuple[PlanReading, ...]
    pareto: tuple[str, ...]
    refused: tuple[RefusedMove, ...]
    drift: float
    transitions: dict[str, int]
    names: dict[str, str]
    sentence: str
    trace: tuple[str, ...] = ()  # one history of the best plan told month by month, if asked for

    def to_dict(self) -> dict[str, Any]:
        """Give the result as plain data."""
        found = plain(self)
        assert isinstance(found, dict)
        return found
