"""What a change moved, in lines that people can read: what it is a figure of, before, after, by how much."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from goodoffices.domain.case import Case
from goodoffices.domain.readings import Quantity
from goodoffices.errors import GoodOfficesError
from goodoffices.words import N_, _, figure
from goodoffices.workbench.comparing import Difference
from goodoffices.workbench.opening import Opened

__all__ = ["Line", "Moved", "lines", "moved_by", "names_of"]

SHOWN = 8
LEAST = 0.005  # what rounds to nothing is not told

_TOLD = {
    "verdict": N_("{0}: verdict"),
    "sign": N_("{0}: signing"),
    "lasts": N_("{0}: not abandoned within {years} years, if signed"),
    "signed_and_lasts": N_("{0}: signed and not abandoned within {years} years"),
    "lasts_1": N_("{0}: not abandoned within a year, if signed"),
    "signed_and_lasts_1": N_("{0}: signed and not abandoned within a year"),
    "threshold": N_("{0}: what {1} asks for"),
    "keep": N_("{0}: how far {1} believes that it would be kept"),
    "gap": N_("{0}: gap of {1}"),
    "trust": N_("trust of {0} in {1}: {2}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure that moved.

    Attributes
    ----------
    before, after
        The figures with their intervals; none where there was not enough evidence.
    said
        What a verdict was and is.
    by
        By how much, with its sign; empty for a verdict.
    """

    kind: str
    label: str
    before: Quantity | None
    after: Quantity | None
    said: tuple[str, str]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What one entry of the history moved: its strongest lines, and how many more there are."""

    entry: str
    says: str
    lines: Sequence[Line]
    more: int


def names_of(case: Case) -> dict[str, str]:
    """Give the names behind the ids of a case."""
    parties = {party.id: party.name for party in case.parties}
    people = {dm.id: dm.name for dm in case.decision_makers}
    spoilers = {spoiler.id: spoiler.name for spoiler in case.spoilers}
    return parties | people | spoilers | {text.id: text.title for text in case.texts}


def _label(one: Difference, names: Mapping[str, str]) -> str:
    told = [names.get(part, _(part.replace("_", " "))) for part in one.about]
    kind = f"{one.kind}_1" if one.years == 1 else one.kind
    return _(_TOLD[kind]).format(*told, years=one.years)


def _worth(one: Difference) -> bool:
    return one.by is None or abs(one.by) >= LEAST


def lines(found: Iterable[Difference], names: Mapping[str, str]) -> list[Line]:
    """Put differences into lines; what rounds to nothing is left out."""
    return [
        Line(
            kind=one.kind,
            label=_label(one, names),
            before=one.before,
            after=one.after,
            said=one.said,
            by="" if one.by is None else f"{'+' if one.by > 0 else '−'}{figure(abs(one.by))}",
        )
        for one in found
        if _worth(one)
    ]


def moved_by(opened: Opened, entry: str, at: date, branch: str) -> Moved | None:
    """Say what an entry of the history moved, or nothing if there is no such entry."""
    try:
        found = lines(opened.moved(entry, at, branch), names_of(opened.case(branch)))
    except GoodOfficesError:
        return None  # an address kept from before a purge
    says = next((one.says for one in opened.history() if one.id == entry), "")
    return Moved(entry=entry, says=says, lines=found[:SHOWN], more=max(0, len(found) - SHOWN))
