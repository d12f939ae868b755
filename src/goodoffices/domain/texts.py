"""What is on the table: texts with their provisions, and what each decision-maker has at stake."""

from dataclasses import dataclass, field
from datetime import date

__all__ = ["PROVISIONS", "QUANTITIES", "Provision", "Stake", "Text"]

# quantity of a stake -> the worded scale that it is given on
QUANTITIES = {
    "no_deal": "outcome",
    "kept": "outcome",
    "broken": "outcome",
    "veto_signing": "share",
    "veto_implementation": "share",
    "wrecking": "share",
    "leverage": "share",
    "restitution": "share",
    "consent": "share",
    "any_deal": "share",
    "information": "share",
    "loss": "share",
    "capacity": "share",
    "inclusion": "share",
    "policing": "share",
}

# type of a provision -> its worded fields on the scale "share"
PROVISIONS = {
    "verification": ("detection", "recoverable"),
    "guarantee": (),
    "phasing": (),
    "bond": ("worth", "loss"),
    "assistance": ("size",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """One provision of a text; `words` holds its worded fields."""

    key: str
    id: str
    type: str
    known_on: date
    words: dict[str, str] = field(default_factory=dict)
    by: str = ""
    to: str = ""
    form: str = ""
    steps: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text on the table: signed, ratified and in force are separate dates."""

    key: str
    id: str
    title: str
    tabled_on: date
    known_on: date
    binds: tuple[str, ...]
    scope: str  # full | partial | process | ceasefire
    off_table_on: date | None = None
    signed_on: date | None = None
    in_force_on: date | None = None
    signatories: tuple[str, ...] = ()
    guarantors: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    pressure: str = "none"
    provisions: tuple[Provision, ...] = ()

    def on_table(self, day: date) -> bool:
        """Could the decision-makers have been asked to sign this on `day`?"""
        if max(self.tabled_on, self.known_on) > day:
            return False
        return self.off_table_on is None or day < self.off_table_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """One judged quantity in words, with its rationale and source."""

    key: str
    actor: str
    text: str
    quantity: str
    towards: str
    word: str
    low: str
    high: str
    rationale: str
    source: str
    url: str
    known_on: date
