"""The page "answer": how each text stands and would last, who holds it up, and what would change it.

The smallest changes take longer than all the rest.  They are looked for only on a second request,
which a reader without scripts makes by a link; while the day is dragged they are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from goodoffices.domain.case import Case
from goodoffices.domain.readings import Reading
from goodoffices.web.doing import Desked
from goodoffices.web.rendering import render
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed
from goodoffices.workbench.desk import Desk, Opened

__all__ = ["AnswerContext", "OtherText", "World", "context", "router"]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What one decision-maker could know.

    Attributes
    ----------
    known, all
        Facts that he could know, and facts known to anybody, by the day.
    """

    id: str
    name: str
    known: int
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherText:
    """A text that is not on the table on the day of the reading.

    Attributes
    ----------
    later
        Whether it comes on the table after that day.
    since
        The day on which it comes on the table, or has left it.
    look
        A day on which it can be looked at.
    """

    title: str
    later: bool
    since: date
    look: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerContext:
    """What the page shows.

    Attributes
    ----------
    reading
        The whole reading, as `goodoffices read --json` gives it for the same day.
    day
        The day of the reading.
    summary
        What the case is about, in its coder's words.
    preview
        Whether it rests on fewer draws than a reading has.
    options
        Whether the smallest changes have been looked for.
    facts, first
        How many facts were known by the day; the day on which the first of all became known.
    texts
        Texts in the case, on the table or not.
    others
        Texts that are not on the table on the day.
    world
        Whose world it is; None for what is known to all.
    """

    reading: Reading
    day: date
    summary: str
    preview: bool
    options: bool
    facts: int
    first: date | None
    texts: int
    others: Sequence[OtherText]
    world: World | None


def _others(case: Case, day: date) -> list[OtherText]:
    found = []
    for text in case.texts:
        start = max(text.tabled_on, text.known_on)
        if start > day:
            found.append(OtherText(title=text.title, later=True, since=start, look=start))
        elif text.off_table_on is not None and text.off_table_on <= day:
            last = max(start, text.off_table_on - timedelta(days=1))
            found.append(OtherText(title=text.title, later=False, since=text.off_table_on, look=last))
    return found


def _world(opened: Opened, case: Case, day: date, view: View) -> World | None:
    if not view.seen_by:
        return None
    hidden = opened.unseen(day, view.seen_by, view.branch)
    names = {dm.office: dm.name for dm in case.decision_makers} | {
        dm.id: dm.name for dm in case.decision_makers
    }
    known = len(case.visible_on(day).facts)
    name = names.get(view.seen_by, view.seen_by)
    return World(id=view.seen_by, name=name, known=known - len(hidden), all=known)


def _reading(opened: Opened, view: View, day: date) -> tuple[Reading, bool]:
    """The reading of the view, and whether its smallest changes were looked for."""
    given: dict[str, Any] = {"branch": view.branch, "draws": view.draws, "seen_by": view.seen_by}
    options = not view.preview and (view.more.get("options") == "1" or opened.has_read(day, **given))
    return opened.reading(day, options=options, **given), options


def context(desk: Desk, view: View) -> AnswerContext:
    """Collect what the page shows."""
    opened = desk.opened(view.ref)
    case = opened.case(view.branch)
    day = view.at or desk.bench.reading_day(case)
    reading, options = _reading(opened, view, day)
    known = [fact.known_on for fact in case.facts]
    return AnswerContext(
        reading=reading,
        day=day,
        summary=case.summary,
        preview=view.preview,
        options=options,
        facts=sum(when <= day for when in known),
        first=min(known, default=None),
        texts=len(case.texts),
        others=_others(case, day),
        world=_world(opened, case, day, view),
    )


@router.get("/{shelf}/{name}/answer")
def page(request: Request, view: Viewed) -> HTMLResponse:
    """Show the page."""
    return show(request, view, "answer.html.j2", context)


@router.get("/{shelf}/{name}/answer/options")
def options(request: Request, view: Viewed, desk: Desked) -> HTMLResponse:
    """Give the smallest changes alone, to be put into the page."""
    wanted = View(
        shelf=view.shelf,
        name=view.name,
        page="answer",
        at=view.at,
        seen_by=view.seen_by,
        branch=view.branch,
        more={**view.more, "options": "1"},
    )
    return render(request, "answer_options.html.j2", context(desk, wanted), view=wanted, alone=True)
