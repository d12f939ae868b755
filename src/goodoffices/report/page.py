"""Pages: results into one HTML file that opens offline and needs no script."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from goodoffices.domain.readings import Reading
from goodoffices.report.drawing import Course, anchor, matrix, strips, tornado
from goodoffices.words import _, figure, share

__all__ = ["Card", "Page", "Source", "brief", "index", "page"]


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
    made.filters["words"] = lambda text: _(str(text).replace("_", " "))
    return made


def _render(name: str, **context: Any) -> str:
    return _environment().get_template(name).render(**context)


def _caller(reading: Reading) -> Callable[[str], str]:
    """Give what calls an id by the name that people know."""
    return lambda name: reading.names.get(name, name)


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
        called=_caller(shown.reading),
    )


def brief(reading: Reading) -> str:
    """Write one page in words, fit to be spoken from."""
    return _render("brief.html.j2", r=reading)


def index(cards: Sequence[Card]) -> str:
    """Write a page that leads to several reports."""
    return _render("index.html.j2", cards=cards)
