"""What a ranking of plans says: frozen results that know nothing of who computed or shows them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from goodoffices.domain.readings import Quantity, plain

__all__ = [
    "BUDGET",
    "HORIZON",
    "LONGEST",
    "MONTHS",
    "OBJECTIVES",
    "PLAN_DRAWS",
    "ROLLOUTS",
    "Flip",
    "InForce",
    "Learned",
    "PlanReading",
    "PlannedMove",
    "Ranking",
    "RefusedMove",
]

PLAN_DRAWS = 24  # fillings of all uncertain inputs over which plans are compared
ROLLOUTS = 10_752  # histories of each plan among the first; their standard error is below .005
MONTHS = 60  # that each history runs
HORIZON = 36  # months within which moves are made and the text is signed
BUDGET = 8  # most political cost that any one actor bears
LONGEST = 6  # moves of a plan
OBJECTIVES = ("in_force_m60", "in_force_m12", "sign")


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
    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Index that the text is in force so many months from the day of the reading."""

    m12: Quantity
    m60: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What learning before a signature is worth: four shares of histories that sum to 1.

    A deal is good if it would be worth it, as all truly are, to everybody who is needed.
    """

    good_signed: float
    bad_signed: float
    good_lost: float
    bad_avoided: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReading:
    """One plan among others; figures are for ranking only.

    Attributes
    ----------
    se
        Standard error of the objective's mean, from the number of histories alone.
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
    weeks
        Until the last move takes effect.
    in_force
        Share of histories in which the text is in force, month by month from the first day.
    rollouts
        Histories on which the figures rest.
    timings
        Plans that were looked at and hold the same moves, in this or another order and month.
    """

    id: str
    label: str
    moves: tuple[PlannedMove, ...]
    sign: Quantity
    in_force_at: InForce
    median_month: int | None
    mean: float
    se: float
    p10: float
    regret: float
    p_best: float
    group: int
    cost: dict[str, int]
    reversible: str
    weeks: int
    ended_by: dict[str, float]
    learned: Learned
    in_force: tuple[float, ...]
    rollouts: int
    note: str
    timings: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An input whose change turns first and second place round.

    Attributes
    ----------
    value
        The least change's value at which the second plan overtakes the first, in the unit of the input.
    likeliest
        Centre of the input's range.
    """

    input: str
    label: str
    value: float
    likeliest: float
    first: str
    second: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """All plans before one text, best first.

    Attributes
    ----------
    months
        That each history runs.
    horizon
        Months within which moves are made and the text may be signed.
    budget
        Most political cost that any one actor bears.
    compared
        Plans that were looked at; `plans` holds every single move and the best sequences, of those with
        the same moves the best alone.
    tested
        Inputs whose ends were tried for `flips`.
    drift
        How far mean trust moves until the last month if nothing is done.
    partial
        Whether it was interrupted before it was done.
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
    months: int
    horizon: int
    budget: int
    objective: str
    engine: str
    calibrated: bool
    ranking_only: bool
    partial: bool
    compared: int
    plans: tuple[PlanReading, ...]
    pareto: tuple[str, ...]
    flips: tuple[Flip, ...]
    tested: tuple[str, ...]
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
