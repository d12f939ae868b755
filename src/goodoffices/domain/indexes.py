"""The ledger index from reports, in words: what was asked, of which source, and what came out.

The index says how reported conduct adds up under one published rule.  It is shown as change and rank
within its source, and its level is compared with no curated case.
"""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from goodoffices.domain import frames

__all__ = ["INDEX", "LABEL", "Clip", "Course", "IndexRow", "PairIndex", "Ratios", "Scale", "Summary"]

LABEL = "ledger index from reports"
CLIPPED = 0.05  # share of pair-dates at the clip above which levels mean nothing
INDEX = ("intention", "capacity", "predictability")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The evidence scale of a source.

    `basis` is always "judged": the rule fixes the number, nothing measured does. `by` is "rule",
    "kept" (found earlier by the rule, and kept beside the store) or "given".
    """

    source: str
    value: float
    by: str
    basis: str = "judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """What a good and a bad act tell about intention, where the judged table does not say it.

    Attributes
    ----------
    a, b
        P(good) under one type and under the other, fitted to the acts of the same source.
    by
        Always "conduct": a property of reported conduct, and of nobody's belief.
    acts, pairs
        To how many acts of how many directed pairs they were fitted.
    """

    a: float
    b: float
    by: str
    acts: int
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """How many active pair-dates lie at the clip when the scale is multiplied by `factor`."""

    factor: float
    at_clip: int
    active: int

    @property
    def share(self) -> float:
        """Share at the clip."""
        return self.at_clip / self.active if self.active else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One belief on one facet on one day.

    Attributes
    ----------
    n
        Events counted so far.
    change
        In log-odds since the row before it.
    """

    truster: str
    trustee: str
    facet: str
    date: date
    median: float
    lo: float
    hi: float
    n: int
    change: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run read and on which terms, without the rows.

    `asymmetry` is None where the judged table says what an act tells about intention; `known` says since
    when the rows of the source count as known.
    """

    store: str
    source: str
    as_of: date
    scale: Scale
    draws: int
    seed: int
    reports: int
    counted: int
    left_out: dict[str, int]
    pairs: int
    clip: tuple[Clip, ...]
    rows: int = 0
    label: str = LABEL
    calibrated: bool = False
    asymmetry: Ratios | None = None
    known: str = ""

    @property
    def meaningless(self) -> bool:
        """Do so many pair-dates lie at the clip that levels mean nothing?"""
        return bool(self.clip) and self.clip[0].share > CLIPPED

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        made = asdict(self)
        made["as_of"] = self.as_of.isoformat()
        made["clip"] = [{**asdict(one), "share": one.share} for one in self.clip]
        return {**made, "levels_mean_nothing": self.meaningless}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One facet over time, under one scale of the sweep: medians of the index by day."""

    facet: str
    factor: float
    median: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairIndex:
    """How one actor was reported to behave towards another, and how that adds up.

    Attributes
    ----------
    sweep
        The middle setting under the scale, half of it and twice of it.
    words
        Consistency of words and deeds by class of word: counts of endings, and windows in days.
    acts
        (day, kind, sign, events) of all that was counted.
    """

    summary: Summary
    truster: str
    trustee: str
    rows: tuple[IndexRow, ...]
    sweep: tuple[Course, ...]
    words: tuple[dict[str, Any], ...] = ()
    acts: tuple[tuple[date, str, int, int], ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "ok": True,
            **self.summary.to_dict(),
            "truster": self.truster,
            "trustee": self.trustee,
            "trust": [{**asdict(row), "date": row.date.isoformat()} for row in self.rows],
            "sweep": [asdict(one) for one in self.sweep],
            "words_and_deeds": list(self.words),
        }

    def _plain(self) -> list[dict[str, Any]]:
        return [asdict(row) for row in self.rows]

    def to_frame(self) -> Any:
        """Give the rows as a pandas frame."""
        return frames.frame(self._plain())

    def to_xarray(self) -> Any:
        """Give the figures over (truster, trustee, facet, time)."""
        return frames.dataset(
            [{**row, "as_of": row["date"], "n_evidence": row["n"], "coverage": 1.0} for row in self._plain()],
            None,
        )
