"""What two types say about reported conduct, and where two models of it disagree, in words.

Both are properties of reports.  What two types measure is how good and bad acts cluster; a gap is a
disagreement of two models, and nobody's belief is measured by it.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from goodoffices.words import N_

__all__ = [
    "BOUND",
    "DISAGREE",
    "NOT_IDENTIFIED",
    "TYPES",
    "Asymmetry",
    "Gap",
    "GapRow",
    "Measured",
    "Surprise",
    "TypesRow",
]

DISAGREE = N_("a disagreement of two models")
TYPES = N_(
    "properties of reported conduct, not of what anybody believed; they neither confirm nor refute "
    "Larson's sentence"
)
NOT_IDENTIFIED = N_("not identified")
BOUND = 0.02  # an implied value so near to a or b says only that the ledger is full


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure with the ends of its 90% interval."""

    value: float
    lo: float
    hi: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TypesRow:
    """The two types of one source, as acts are counted in one way.

    Attributes
    ----------
    kind, window
        Which acts (all, verbal, material), and by which window of time (act, day, week, month).
    n, pairs
        Acts, or windows that count as one, and directed pairs.
    a, b
        P(good) under one type and under the other.
    leave, enter
        Rates a day at which the first type is left, and at which it is entered.
    start
        Chance of the first type before a pair's first act.
    offset
        How many cooperative acts one conflictive act offsets.
    reason
        Why there are no figures.
    """

    source: str
    kind: str
    window: str
    n: int
    pairs: int
    a: Measured | None = None
    b: Measured | None = None
    leave: float | None = None
    enter: float | None = None
    start: float | None = None
    offset: Measured | None = None
    settled: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asymmetry:
    """How lopsided reported conduct is, by source, window of time and kind of act.

    Attributes
    ----------
    verdict
        "below" or "above" where b lies on one side of one half in every row; else "not identified".
    """

    store: str
    data: str
    code: str
    as_of: date | None
    draws: int
    seed: int
    rows: tuple[TypesRow, ...]
    verdict: str
    says: str
    label: str = TYPES
    prob: float = 0.9

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        made = asdict(self)
        made["as_of"] = self.as_of.isoformat() if self.as_of else None
        return {"ok": True, **made, "rows": [asdict(row) for row in self.rows]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """How surprised a calibrated observer of a pair was lately.

    Attributes
    ----------
    loss, expected
        Mean log loss of his forecasts of the acts, in nats, and what he expected it to be.
    doubt
        Standard deviation of the mean log loss, had every act come as he forecast it.
    n, weight
        Acts looked at, and what they weigh with the old ones discounted.
    half_life
        In days.
    """

    loss: float
    expected: float
    doubt: float
    n: int
    weight: float
    half_life: float

    @property
    def excess(self) -> float:
        """How much more he was surprised than he expected, in nats an act."""
        return self.loss - self.expected

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {**asdict(self), "excess": self.excess}


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """A pair on which the two models disagree.

    Attributes
    ----------
    actor, target
        Who acts, and towards whom.
    level
        Log-odds of the ledger that the actor is of the good type.
    implied, forecast
        P(the next act is good) that follows from the ledger, and that of the forecast.
    difference
        Forecast less implied, with its interval.
    """

    actor: str
    target: str
    n: int
    last: date
    level: float
    implied: float
    forecast: float
    difference: Measured
    surprise: Surprise | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        made = asdict(self)
        made["last"] = self.last.isoformat()
        return {**made, "surprise": self.surprise.to_dict() if self.surprise else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The pairs on which ledger and forecast disagree, the widest disagreement first.

    Attributes
    ----------
    forecaster
        Which model forecast.
    a, b
        Of the two types, estimated on these acts.
    pairs, left_out
        Pairs looked at, and how many are not listed, by reason.
    reason
        Why no pair is listed.
    half_life_good, half_life_bad
        Of the ledger, in days: the judged middle of their ranges.
    """

    store: str
    source: str
    data: str
    code: str
    as_of: date
    forecaster: str
    a: float
    b: float
    acts: int
    pairs: int
    left_out: dict[str, int]
    draws: int
    seed: int
    rows: tuple[GapRow, ...]
    says: str
    reason: str = ""
    label: str = DISAGREE
    prob: float = 0.9
    half_life_good: float = 0.0
    half_life_bad: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        made = asdict(self)
        made["as_of"] = self.as_of.isoformat()
        return {"ok": True, **made, "rows": [row.to_dict() for row in self.rows]}
