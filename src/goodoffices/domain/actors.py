"""Who takes part: parties, the decision-makers inside them, spoilers, and who sees whose acts."""

from dataclasses import dataclass
from datetime import date

__all__ = ["DecisionMaker", "Link", "Party", "Spoiler"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A state, movement or organisation; `role` is "principal" or "third"."""

    key: str
    id: str
    name: str
    role: str
    iso3: str = ""
    wikidata: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMaker:
    """A person or body in an office of a party, with dates in office.

    Office-holders succeed one another by sharing an `office`; a successor inherits what was
    built up under that office (see `core/ledger.py`).
    """

    key: str
    id: str
    name: str
    kind: str  # person | body
    office: str
    party: str
    start: date
    end: date | None = None
    wikidata: str = ""
    commanded_by: tuple[str, ...] = ()

    def holds_office_on(self, day: date) -> bool:
        """Was this decision-maker in office at the end of `day`?"""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiler:
    """People on the side of a party who want no deal and can strike."""

    key: str
    id: str
    name: str
    side: str
    known_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`observer` also sees the acts of `sees`, with a weight on the scale "share"."""

    observer: str
    sees: str
    weight: str
    known_on: date
    towards: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        """What tells it from other links: who sees whom, towards whom, since when."""
        return f"{self.observer}:{self.sees}:{self.towards}:{self.known_on}"
