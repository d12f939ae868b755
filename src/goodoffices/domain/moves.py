"""Moves: what somebody could do next, with what it needs, costs and does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["EFFECTS", "NEEDS", "ROLES", "Effect", "Move"]

ROLES = ("", "leader", "party", "third", "spoiler")
NEEDS = (
    "both_persons",
    "leader_bound",
    "other_side",
    "party_bound",
    "party_bound_towards",
    "principals",
    "someone_left_out",
    "spoiler_known",
    "text_open",
    "third_guarantor",
    "third_informed",
    "third_leverage",
    "within_senders_limit",
)
# what an effect may be, with the fields that it must have; a list of three numbers is a range
EFFECTS: Mapping[str, tuple[str, ...]] = {
    "fact": ("conduct", "from", "to"),
    "inclusion": ("add",),
    "meeting": ("discriminability", "exposure", "failure"),
    "offer": ("after_weeks",),
    "pressure": ("add",),
    "provision": ("type",),
    "rounds": ("discriminability", "upward", "add", "most", "leak", "rounds"),
    "stake": ("quantity", "who", "add"),
    "vouch": ("about",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that a move does; `given` holds the fields of its kind."""

    kind: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move of the library.

    Attributes
    ----------
    by, towards
        Role of who makes it and at whom it is aimed; empty: nobody in particular.
    needs
        What must hold before it can be made.
    consent
        Who must agree: by, towards or all_bound.
    cost
        Political cost by role, from 0 (nothing) to 5 (risks the office).
    weeks
        From the decision to the effect.
    basis
        `cited` or `judged`; `source` is a key of the bibliography.
    """

    id: str
    label: str
    family: str
    says: str
    by: str
    towards: str
    weeks: int
    reversible: str
    basis: str
    source: str = ""
    needs: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()
    cost: Mapping[str, int] = field(default_factory=dict)
    fails: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
