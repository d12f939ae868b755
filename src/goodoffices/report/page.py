"""Pages: results into one HTML file that opens offline and needs no script."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from goodoffices.domain.plans import Flip, PlanReading, Ranking
from goodoffices.domain.readings import Reading
from goodoffices.report.conduct import ShownConduct
from goodoffices.report.drawing import (
    ENDS,
    Course,
    Curve,
    Ended,
    Ladder,
    Row,
    anchor,
    curves,
    endings,
    key,
    ladder,
    matrix,
    rows,
    strips,
    tornado,
)
from goodoffices.report.feed import ShownFeed
from goodoffices.words import _, clauses, figure, language, listing, number, percent, share

__all__ = ["Card", "Page", "Plans", "Source", "brief", "index", "page", "plans"]

COSTED = 6  # plans whose cost is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One fact with its source, as the page lists it."""

    id: str
    happened_on: str
    known_on: str
    actor: str
    towards: str
    kind: str
    says: str
    title: str
    publisher: str
    date: str
    url: str  # http or https, or empty
    verified: bool
    disputed: bool
    reliability: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that a report shows."""

    reading: Reading
    whys: Sequence[Any]  # ledgers, by pair and facet
    courses: Sequence[Course]
    sources: Sequence[Source]
    plans: "Plans | None" = None
    feed: ShownFeed | None = None
    conduct: ShownConduct | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """What could be done, as a page shows it.

    Attributes
    ----------
    learned
        The first plan and doing nothing, by the name that heads their row.
    bearers
        Who bears political cost in any of the first plans.
    notes
        A note, and the plans to which it applies.
    untold
        Inputs that are left out because they name what the audience may not see.
    """

    ranking: Ranking
    rows: Sequence[Row]
    ladder: Ladder
    curves: Sequence[Curve]
    ended: Sequence[Ended]
    learned: Sequence[tuple[str, PlanReading]]
    costed: Sequence[Row]
    bearers: Sequence[str]
    turns: Sequence[str]
    notes: Sequence[tuple[str, str]]
    front: str
    untold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One case on the page that leads to several reports."""

    href: str
    title: str
    as_of: str
    sentences: tuple[str, ...]


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("goodoffices.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=_, figure=figure, share=share, strips=strips, tornado=tornado, anchor=anchor)
    made.globals.update(key=key, ENDS=ENDS, language=language, number=number, percent=percent)
    made.filters["called_by"] = lambda name, called: called(name)
    made.filters["words"] = lambda text: _(str(text).replace("_", " "))
    return made


def _render(name: str, **context: Any) -> str:
    return _environment().get_template(name).render(**context)


def _caller(shown: Page) -> Callable[[str], str]:
    """Give what calls an id by the name that people know."""
    names = (shown.plans.ranking.names if shown.plans else {}) | shown.reading.names
    return lambda name: names.get(name, name)


def page(shown: Page) -> str:
    """Write a whole report."""
    grouped: Mapping[tuple[str, str], list[Any]] = {}
    for one in shown.whys:
        grouped.setdefault((one.truster, one.trustee), []).append(one)  # type: ignore[attr-defined]
    return _render(
        "page.html.j2",
        p=shown,
        r=shown.reading,
        matrix=matrix(shown.reading),
        ledgers=grouped,
        called=_caller(shown),
    )


def plans(ranking: Ranking, untold: int = 0) -> Plans:
    """Lay out what a page shows of a ranking."""
    shown = rows(ranking)
    idle = [(_("Do nothing"), row.plan) for row in shown if not row.plan.moves]
    first = [(_("plan {n}").format(n=row.number), row.plan) for row in shown[:1] if row.plan.moves]
    costed = [row for row in shown[:COSTED] if row.plan.moves]
    return Plans(
        ranking=ranking,
        rows=shown,
        ladder=ladder(shown),
        curves=curves(shown),
        ended=endings(shown),
        learned=first + idle,
        costed=costed,
        bearers=list(dict.fromkeys(name for row in costed for name in row.plan.cost)),
        turns=_turns(ranking, untold),
        notes=_notes(shown),
        front=_numbers([row for row in shown if row.plan.id in ranking.pareto]),
        untold=untold,
    )


def _numbers(shown: Sequence[Row]) -> str:
    return listing([str(row.number) for row in shown])


def _notes(shown: Sequence[Row]) -> list[tuple[str, str]]:
    notes = dict.fromkeys(row.plan.note for row in shown if row.plan.note)
    return [(note, _numbers([row for row in shown if row.plan.note == note])) for note in notes]


def _turns(ranking: Ranking, untold: int) -> list[str]:
    """Say what would turn first and second place round, or that nothing tried does."""
    places = {plan.id: number for number, plan in enumerate(ranking.plans, 1)}
    said = [_turn(flip, places) for flip in ranking.flips]
    if untold:
        told = _("Inputs that rest on withheld facts were tried too and are not shown: {n}.")
        return [*said, told.format(n=untold)]
    if ranking.tested and not said:
        told = _(
            "None of the {n} inputs that go most with their difference turns the first two round: {list}."
        )
        return [
            told.format(n=len(ranking.tested), list=clauses(label.rstrip(".") for label in ranking.tested))
        ]
    return said or [_("It was not looked for.")]


def _turn(flip: Flip, places: Mapping[str, int]) -> str:
    told = _("{input}: at {value} (likeliest {now}) plan {second} comes before plan {first}.")
    numbers = {"first": places.get(flip.first, "–"), "second": places.get(flip.second, "–")}
    return told.format(
        input=flip.label.rstrip("."), value=figure(flip.value), now=figure(flip.likeliest), **numbers
    )


def brief(reading: Reading, could: str = "") -> str:
    """Write one page in words, fit to be spoken from; `could` says what could be done."""
    return _render("brief.html.j2", r=reading, could=could)


def index(cards: Sequence[Card]) -> str:
    """Write a page that leads to several reports."""
    return _render("index.html.j2", cards=cards)
