"""Registered forecasts: what was asked, what was said before anybody knew, and what came of it.

A forecast is about one text: that it is signed by a day, if it is put before those who decide, or that
it lasts a number of years, if it is signed.  What was said is a model index; scoring it shows how it
does as a chance.
"""

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from goodoffices.errors import UsageError
from goodoffices.words import N_, _

__all__ = [
    "ASIDE",
    "CONDITIONS",
    "FEW",
    "HAPPENED",
    "LASTING",
    "LEAST",
    "SIGNING",
    "STANDINGS",
    "YEARS",
    "Calibration",
    "Question",
    "asked_by",
    "base_of",
    "check_outcome",
    "question_of",
    "share_of",
    "standing",
    "standing_after",
]

LEAST = 30  # dated cases on which the keep index is calibrated at the least (model.md, E1)
FEW = 5  # forecasts below which a mean score says little; judged
YEARS = (1, 5, 10)  # for which a reading says how long a text lasts
STANDINGS = (N_("registered"), N_("blinded"), N_("hindsight"))
HAPPENED = (N_("yes"), N_("no"), N_("void"))
SIGNING, LASTING = "signing", "lasting"
CONDITIONS = {
    SIGNING: N_("if the text is put before its decision-makers by the deadline; else the question is void"),
    LASTING: N_("if the text is signed; else the question is void"),
}
# why a forecast does not count for the calibration of K
ASIDE = (
    *(N_("library"), N_("open"), N_("void"), N_("hindsight"), N_("another method")),
    *(N_("another question"), N_("another number of years"), N_("same case")),
)
_SIGNING = re.compile(r"^sign(ed|ing|s)?\b", re.IGNORECASE)
_LASTING = re.compile(r"^last(s|ing|ed)?\s+(?P<years>\d+)\s+years?\b", re.IGNORECASE)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a forecast is about: signing, or lasting some years (0 for signing)."""

    kind: str
    years: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What turns the keep index K into a chance: logit K' = level + slope logit K (al0 and al1).

    Attributes
    ----------
    level_sd, slope_sd, correlation
        Of the doubt about both, which is drawn with everything else.
    cases
        Dated cases that it was fitted to; `registered` and `blinded` add up to them.
    method
        Of the readings whose index was fitted.
    sha256
        Of the file that holds it.
    """

    level: float
    slope: float
    level_sd: float
    slope_sd: float
    correlation: float
    cases: int
    registered: int
    blinded: int
    method: str
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data, as a reading carries it."""
        return asdict(self)


# -- what is asked ----------------------------------------------------------------------------------


def question_of(text: str) -> Question:
    """Read what a question is about.

    Raises
    ------
    UsageError
        If it begins neither with "signed" nor with "lasts N years", of a number that readings give.
    """
    if _SIGNING.match(text.strip()):
        return Question(kind=SIGNING)
    found = _LASTING.match(text.strip())
    if found is None:
        said = _('the question is "{text}": begin with "signed by DAY" or "lasts N years"')
        raise UsageError(said.format(text=text))
    years = int(found["years"])
    if years not in YEARS:
        said = _("the question asks for {years} years: a reading says how long a text lasts for 1, 5 or 10")
        raise UsageError(said.format(years=years))
    return Question(kind=LASTING, years=years)


def asked_by(text: str, by: date) -> None:
    """Check that a question names no other day than its deadline.

    Raises
    ------
    UsageError
        If it does.
    """
    others = [day for day in _DAY.findall(text) if day != by.isoformat()]
    if others:
        said = _("the question names {day} and the deadline is {by}: give one day in both")
        raise UsageError(said.format(day=others[0], by=by))


def share_of(value: float | None, name: str) -> float | None:
    """Check a number that somebody gives as a chance.

    Raises
    ------
    UsageError
        If it does not lie between 0 and 1.
    """
    if value is not None and not 0.0 <= value <= 1.0:
        raise UsageError(_("{name} is {value}: give a number between 0 and 1").format(name=name, value=value))
    return value


# -- what counts as said beforehand -----------------------------------------------------------------


def standing(registered: date, by: date, *, known: bool, blinded: bool) -> str:
    """Say whether a forecast was made before its outcome could be known.

    Parameters
    ----------
    known
        Whether the case itself already tells what became of the text.
    blinded
        Whether names were removed, so that who forecast could not know.
    """
    if blinded:
        return "blinded"
    return "hindsight" if known or registered >= by else "registered"


def standing_after(given: str, registered: date, happened_on: date) -> str:
    """Say the same once the outcome is known: what had happened by the day of registering is hindsight."""
    return "hindsight" if given == "registered" and happened_on <= registered else given


def check_outcome(question: Question, happened: str, on: date, by: date, today: date) -> None:
    """Check that an outcome can have been known on the day that is given for it.

    Raises
    ------
    UsageError
        If that day lies ahead, or on the wrong side of the deadline.
    """
    if on > today:
        raise UsageError(_("{on} lies ahead: resolve a forecast once it is decided").format(on=on))
    early = {(SIGNING, "yes"): True, (SIGNING, "no"): False, (LASTING, "yes"): False, (LASTING, "no"): True}
    before = early.get((question.kind, happened))
    if before is True and on > by:
        said = _("{on} lies after the deadline {by}: what happened later does not count")
        raise UsageError(said.format(on=on, by=by))
    if before is False and on < by:
        said = _("{on} lies before the deadline {by}: until then the question is open")
        raise UsageError(said.format(on=on, by=by))


# -- what it is held against ------------------------------------------------------------------------


def base_of(row: Any, years: int) -> float | None:
    """Give the share of a reference class that lasted some years, if it was measured."""
    failed = {1: row.y1, 5: row.y5, 10: row.y10}[years]
    return None if failed is None else 1.0 - failed
