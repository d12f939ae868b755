"""Codes of the field and what they stand for: acts, countries, roles, and the actors made of them.

A code is a string: `"010"` is not `"10"`.  A three-letter code of CAMEO and a two-letter code of
FIPS 10-4 are never looked up in one another's list.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache

__all__ = ["Actor", "ActorRule", "Code", "Country", "Role", "Sector", "Tenure", "lost_zero", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code of a list of acts.

    Attributes
    ----------
    system : str
        "cameo", "weis", "plover" or "icews".
    kind : str
        The kind of conduct of the codebook that a report with this code is counted as; empty where
        the act says nothing about trust, and then `reason` says why.
    goldstein : float or None
        The published value, shown and never used as a strength.
    quad : int or None
        1 and 2 are cooperation in words and in deeds, 3 and 4 are conflict in words and in deeds.
    note : str
        What was corrected, or where lists differ.
    """

    system: str
    code: str
    label: str
    kind: str = ""
    reason: str = ""
    goldstein: float | None = None
    quad: int | None = None
    plover: str = ""
    plover_mode: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """A country bears a code or a number in one list from `start` to the end of `end` (None: open)."""

    id: str
    start: date | None = None
    end: date | None = None

    def covers(self, day: date) -> bool:
        """Did it bear it on that day?"""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A state or territory, present or former; `id` is its ISO 3166 code, or one of our own."""

    id: str
    name: str
    iso2: str = ""
    cameo: tuple[str, ...] = ()
    fips: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    continued_by: str = ""

    @property
    def tenure(self) -> Tenure:
        """When it was there."""
        return Tenure(id=self.id, start=self.start, end=self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A code that stands after the country or alone: an office, a group, a people, a region.

    `sort` is state, armed, politics, society, international, people, region, area or group.
    """

    code: str
    label: str
    sort: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """A word of ICEWS for a sector, or for a generic actor, and the role that it stands for."""

    text: str
    role: str
    rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted: `id` is the country and then its roles, as in "LBN/REB/HEZ".

    An actor inside a country stays an actor of that country; `country` is the party.  `known` is
    false where no table and no rule knows whose actor it is; such actors are kept and listed.
    """

    id: str
    country: str = ""
    sector: str = ""
    roles: tuple[str, ...] = ()
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorRule:
    """A line of an actor map: texts like `pattern` mean the actor `id`, from `start` to `end`."""

    pattern: str
    id: str
    start: date | None = None
    end: date | None = None

    def matches(self, text: str) -> bool:
        """Is this text meant, whatever the day?  `*` and `?` stand for any letters."""
        return fnmatchcase(text, self.pattern)

    def covers(self, day: date) -> bool:
        """Does the rule hold on that day?"""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


def lost_zero(code: str, codes: Mapping[str, Code]) -> bool:
    """Is this a code that can only have lost its leading zero, as in a spreadsheet?

    "43" is one; "10" is not, for it is also a code of its own.
    """
    return code not in codes and f"0{code}" in codes


@lru_cache(maxsize=100_000)
def plain(name: str) -> str:
    """Give a name as it is compared: no accents, no punctuation, no article, no capitals."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = re.sub(r"[^\w\s]", " ", bare.replace("&", " and ").replace("’", "'")).casefold().split()
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)
