"""How long agreements of a data set lasted, what forecasts of it scored, and what went together with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from goodoffices.words import N_

__all__ = [
    "ALL",
    "ASSOCIATED",
    "BLANK",
    "FIGURES",
    "OUTCOME",
    "Association",
    "ClassShares",
    "Durability",
    "Score",
    "Spread",
]

ALL = N_("all")  # agreements of every class
FIGURES = {
    "brier_1_year": N_("Brier, 1 year"),
    "brier_2_years": N_("Brier, 2 years"),
    "brier_5_years": N_("Brier, 5 years"),
    "concordance": N_("concordance"),
}
OUTCOME = N_("agreement abandoned, as the data set records it; whether arms were taken up again (a serious "
             "armed violation) is another outcome, and not in this file")  # fmt: skip
BLANK = N_("an agreement that is not recorded as ended is censored where the data end: that is no success, "
           "and some that were broken by arms are recorded so")  # fmt: skip
ASSOCIATED = N_("associations under selection, not effects: hard cases are given other provisions than easy "
                "ones; no move of a plan uses these figures")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A figure with its 95% interval, by drawing whole conflicts."""

    value: float
    lo: float
    hi: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassShares:
    """The share of a class that ended by some times (Kaplan-Meier).

    Attributes
    ----------
    name
        full, partial, process or all.
    ended, censored
        Agreements that ended, and those that were still running where the data end.
    years
        The times, rising, in years.
    share
        By each time, with the interval by drawing whole conflicts.
    lo, hi
        The interval that takes agreements as independent (Greenwood), which is too narrow.
    """

    name: str
    n: int
    conflicts: int
    ended: int
    censored: int
    years: tuple[float, ...]
    share: tuple[Spread, ...]
    lo: tuple[float, ...]
    hi: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one way of forecasting scored on conflicts that it had not seen.

    Attributes
    ----------
    figures
        Brier after 1, 2 and 5 years (lower is better) and concordance (higher is better), by name.
    less
        The same less those of the base rate of the class, as paired differences.
    """

    forecaster: str
    figures: Mapping[str, Spread]
    less: Mapping[str, Spread]

    @property
    def better(self) -> tuple[str, ...]:
        """Figures better than those of the base rate, with an interval that leaves zero out."""
        return tuple(
            name
            for name, less in self.less.items()
            if (less.lo > 0.0 if name == "concordance" else less.hi < 0.0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """The hazard ratio of a class (as against partial) or a provision: above 1, such ones ended sooner."""

    name: str
    says: str
    n: int
    ratio: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Durability:
    """All of it, with what it rests on.

    Attributes
    ----------
    counts
        Rows; used; ended, not_ended, blank (recorded as ended, as not ended, nothing recorded); left out
        as undated or backdated; conflicts; pairs.
    ridge
        Of the coefficients, as leaving one conflict out chose it.
    method
        Hash of every source on which the figures hang.
    at
        Moment of the scoring, UTC.
    run
        Id of the stored run that holds these figures; empty until then.
    """

    file: str
    sha256: str
    until: date
    outcome: str
    censoring: str
    counts: Mapping[str, int]
    classes: tuple[ClassShares, ...]
    curves: tuple[ClassShares, ...]
    scores: tuple[Score, ...]
    associations: tuple[Association, ...]
    associations_are: str
    ridge: float
    seed: int
    draws: int
    code: str
    method: str
    at: str
    run: str
    says: str

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {"ok": True, **asdict(self), "until": self.until.isoformat()}
