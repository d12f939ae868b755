"""Evidence: dated facts about conduct, other readings of them, and analysts' ratings.

A fact is what somebody did towards somebody on a day; what it says about trust is not in the
fact but in the codebook, which maps each *kind of conduct* to the four facets.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

__all__ = [
    "REPORTED",
    "SENSITIVITIES",
    "Alternative",
    "Comment",
    "Facet",
    "Fact",
    "Kind",
    "Rating",
    "Switched",
]

SENSITIVITIES = ("clear", "green", "amber", "red")
REPORTED = "report:"  # how facts made of reports of a feed, and their kinds, are called


class Facet(StrEnum):
    """The four grounds for trust between states, after Wilcox (2025)."""

    CAPACITY = "capacity"  # can the trustee deliver what it promises?
    INTENTION = "intention"  # does it want peace?
    INTEGRITY = "integrity"  # does it keep its word?
    PREDICTABILITY = "predictability"  # does it act as expected?


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of conduct of the codebook: which facets it bears on, which way, how strongly.

    Attributes
    ----------
    strengths
        Signed strength by facet, from -1 to 1; facets that it does not bear on are absent.
    gesture
        Size of a conciliatory gesture, 0 if it is none.
    meeting
        Discriminability d' of a face-to-face meeting, 0 if it is none.
    role
        "guarantor", "vouch", "spoiler", "deception" or empty.
    mutual
        Whether both sides learn about each other by it.
    """

    kind: str
    label: str
    strengths: dict[Facet, float]
    gesture: float
    meeting: float
    role: str
    mutual: bool
    plover: str
    plover_mode: str
    cameo: str
    basis: str
    circular: str
    source: str
    definition: str
    example: str

    @property
    def sign(self) -> int:
        """+1 for conduct that speaks for trust on balance, -1 against, 0 for either."""
        total = sum(self.strengths.values()) + self.gesture
        return 0 if self.meeting or not total else (1 if total > 0 else -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One dated fact; the columns of `evidence.csv`, checked."""

    id: str
    happened_on: date
    known_on: date
    public_on: date
    known_on_assumed: bool
    actor: str
    towards: tuple[str, ...]
    kind: str
    seen_by: tuple[str, ...] = ()
    about: str = ""
    event: str = ""
    scale: str = ""
    gesture: str = ""
    pressure: str = ""
    excuse: str = ""
    proven_deception: str = ""
    disputed: bool = False
    chronology: tuple[str, ...] = ()
    source_title: str = ""
    source_publisher: str = ""
    source_date: str = ""
    source_url: str = ""
    says: str = ""
    reliability: str = "single"
    verified: bool = False
    sensitivity: str = "amber"
    override: dict[str, float] = field(default_factory=dict)
    override_reason: str = ""
    note: str = ""

    @property
    def reported(self) -> bool:
        """Was it made of reports of a feed, rather than curated?"""
        return self.id.startswith(REPORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another reading of a disputed fact, with the share of belief that it deserves."""

    key: str
    fact: str
    actor: str
    kind: str
    scale: str
    weight: float
    says_who: str
    source_url: str
    known_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """An analyst's rating of one facet at a date."""

    key: str
    rated_on: date
    known_on: date
    author: str
    truster: str
    trustee: str
    facet: Facet
    rating: str
    confidence: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """A fact that stays on file and is not counted: who switched it off, when and why.

    `place` is where it stands among all the facts as declared, so that it can return there.
    """

    fact: str
    place: int
    author: str = ""
    at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What an analyst remarks `on` a row, named by its key, or on the "case" as a whole."""

    key: str
    on: str
    author: str
    at: str
    says: str
