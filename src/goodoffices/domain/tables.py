"""The tables that the model stands on: worded scales, defaults, reference classes, codebook."""

from collections.abc import Mapping
from dataclasses import dataclass

from goodoffices.domain.evidence import Kind

__all__ = ["Default", "Level", "ReferenceClass", "Tables"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One anchored word of a scale: its number and the range that the word covers."""

    scale: str
    word: str
    value: float
    low: float
    high: float
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """One default of the model: value, range, unit, and on what it rests.

    `basis` is "measured", "cited" or "judged".
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    basis: str
    source: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceClass:
    """How long agreements of one class lasted: cumulative failure at 1, 5 and 10 years.

    `y5_lo`, `y5_hi` come from a bootstrap of whole conflicts where one was made; `conflict` and
    `scope` are what a case must have to be of this class (empty: any).
    """

    name: str
    label: str
    conflict: str
    scope: str
    n: int
    conflicts: int | None
    y1: float | None
    y5: float
    y10: float | None
    y5_lo: float | None
    y5_hi: float | None
    multiplier: float | None
    outcome: str
    basis: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """All tables together, with the hashes that results carry."""

    kinds: Mapping[str, Kind]
    scales: Mapping[str, Mapping[str, Level]]
    defaults: Mapping[str, Default]
    classes: tuple[ReferenceClass, ...]
    codebook_hash: str
    defaults_hash: str
