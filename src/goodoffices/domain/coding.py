"""How a case was coded: the directions that were expected of it before it was read."""

from dataclasses import dataclass

__all__ = ["MEASURES", "Coding", "Direction"]

MEASURES = ("trust", "keep", "sign", "gap", "lasts_y1", "lasts_y5", "threshold", "tau")


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One direction that the literature leads one to expect, written before the first reading."""

    id: str
    sentence: str
    measure: str
    at: str
    relation: str
    than_at: str = ""
    than_text: str = ""
    without: tuple[str, ...] = ()
    without_provisions: tuple[str, ...] = ()
    truster: str = ""
    trustee: str = ""
    facet: str = ""
    text: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What `coding.toml` says."""

    inclusion_rule: str
    chronologies: tuple[dict[str, str], ...]
    directions: tuple[Direction, ...]
    first_coding: str
