"""What analysts think, side by side: one row for each belief, one column for each of them.

How far they are apart is told on the scale of the worded beliefs, from 0 to 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Facet, Rating
from goodoffices.domain.tables import Tables
from goodoffices.web.moved import names_of
from goodoffices.web.pages.forms import Choice, Field, Form, Group, Tried, form_of, people, said, words_of
from goodoffices.web.state import View
from goodoffices.words import _

__all__ = ["RatedRow", "RatingShown", "RatingsShown", "ratings_shown"]

FAR = 0.25  # from here on analysts disagree
CONFIDENCE = ("low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingShown:
    """One rating: its key, who gave it, in what word and number, how surely, when and why."""

    key: str
    author: str
    word: str
    value: float
    confidence: str
    rated_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedRow:
    """One belief as analysts rate it.

    Attributes
    ----------
    ratings
        One for each analyst, in the order of the columns; None if he gave none.
    dots
        The rated values, each once.
    spread
        From the lowest to the highest; None if only one rated it.
    apart
        Whether they disagree.
    """

    truster: str
    trustee: str
    facet: str
    ratings: Sequence[RatingShown | None]
    earlier: Sequence[RatingShown]
    dots: Sequence[float]
    spread: float | None
    apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsShown:
    """All ratings known on the day: the analysts, a row for each belief, and the form of a new one."""

    authors: Sequence[str]
    rows: Sequence[RatedRow]
    later: int
    form: Form


def _shown(one: Rating, tables: Tables) -> RatingShown:
    return RatingShown(
        key=one.key,
        author=one.author,
        word=said(one.rating),
        value=tables.scales["belief"][one.rating].value,
        confidence=said(one.confidence),
        rated_on=one.rated_on,
        reason=one.reason,
    )


def _row(rows: Sequence[Rating], authors: Sequence[str], case: Case, tables: Tables) -> RatedRow:
    """The last rating of each analyst counts; earlier ones are listed behind it."""
    ordered = sorted(rows, key=lambda one: one.rated_on)
    last = {one.author: one for one in ordered}
    held = [_shown(last[name], tables) if name in last else None for name in authors]
    values = sorted({one.value for one in held if one})
    spread = values[-1] - values[0] if len(last) > 1 else None
    names, first = _names(case), rows[0]
    return RatedRow(
        truster=names.get(first.truster, first.truster),
        trustee=names.get(first.trustee, first.trustee),
        facet=_(first.facet.value),
        ratings=held,
        earlier=[_shown(one, tables) for one in ordered if last[one.author] is not one],
        dots=values,
        spread=spread,
        apart=spread is not None and spread >= FAR,
    )


def _names(case: Case) -> dict[str, str]:
    return {**{dm.office: dm.name for dm in case.decision_makers}, **names_of(case)}


def _grouped(ratings: Iterable[Rating]) -> list[list[Rating]]:
    lots: dict[tuple[str, str, str], list[Rating]] = {}
    for one in ratings:
        lots.setdefault((one.truster, one.trustee, one.facet.value), []).append(one)
    return list(lots.values())


def _form(case: Case, tables: Tables, on: date, tried: Tried | None) -> Form:
    choose = Choice(value="", label=_("choose"))
    facets = [Choice(value=facet.value, label=_(facet.value)) for facet in Facet]
    sure = [Choice(value=word, label=said(word)) for word in CONFIDENCE]
    words = [choose, *words_of(tables.scales["belief"])]
    unsigned = _("Empty: your own name.")
    fields = [
        Field(
            name="truster", label=_("Who trusts"), sort="select", choices=[choose, *people(case)], needed=True
        ),
        Field(name="trustee", label=_("Whom"), sort="select", choices=[choose, *people(case)], needed=True),
        Field(name="facet", label=_("On what ground"), sort="select", choices=facets, value="intention"),
        Field(name="rating", label=_("How far"), sort="select", choices=words, needed=True),
        Field(
            name="confidence", label=_("How sure is the analyst"), sort="select", choices=sure, value="medium"
        ),
        Field(name="rated_on", label=_("Rated as of"), sort="day", value=on.isoformat(), needed=True),
        Field(name="author", label=_("Analyst"), help=unsigned),
        Field(name="reason", label=_("Why"), sort="area", wide=True),
    ]
    return form_of("rating", _("Add a rating"), [Group(title="", fields=fields)], "", None, tried)


def ratings_shown(case: Case, tables: Tables, view: View, on: date, tried: Tried | None) -> RatingsShown:
    """Collect the ratings known on the day."""
    del view
    known = [one for one in case.ratings if one.known_on <= on]
    authors = list(dict.fromkeys(one.author for one in known))
    return RatingsShown(
        authors=authors,
        rows=[_row(rows, authors, case, tables) for rows in _grouped(known)],
        later=len(case.ratings) - len(known),
        form=_form(case, tables, on, tried),
    )
