"""The page "Report": for whom it is, what that audience does not get to see, a preview, and files to save."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from goodoffices.domain.evidence import SENSITIVITIES
from goodoffices.domain.plans import Ranking
from goodoffices.errors import UsageError
from goodoffices.web.audit import audit
from goodoffices.web.doing import Desked, desk_of
from goodoffices.web.limits import limited
from goodoffices.web.pages.plan import question_of
from goodoffices.web.rendering import attached, render
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed
from goodoffices.words import N_, _
from goodoffices.workbench.asking import Planner
from goodoffices.workbench.desk import Desk
from goodoffices.workbench.exporting import KINDS, Wanted, Withheld, export, left_out, missing, withheld

__all__ = ["FileShown", "ReportContext", "context", "router"]

router = APIRouter(include_in_schema=False)
CASE = "/{shelf}/{name}"
AMBER = "amber"
SHOWN = 200  # withheld facts that the page lists
READERS = {
    "clear": N_("anybody"),
    "green": N_("people of the same field"),
    "amber": N_("those who work on it"),
    "red": N_("those named, and nobody else"),
}
assert tuple(READERS) == SENSITIVITIES
LABELS = {
    "html": N_("Web page"),
    "brief": N_("In words"),
    "csv": N_("Tables (CSV)"),
    "json": N_("Figures (JSON)"),
    "graphml": N_("Network (GraphML)"),
    "parquet": N_("Beliefs (Parquet)"),
}
# The preview holds its own style sheet, and nothing that could run.
CSP = "; ".join((
    "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "frame-ancestors 'self'",
    "base-uri 'none'", "form-action 'none'",
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShown:
    """A kind of file that can be saved.

    Attributes
    ----------
    lacks
        What has to be installed for it first, as a sentence; empty if nothing.
    """

    kind: str
    label: str
    says: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """What the page shows.

    Attributes
    ----------
    at
        The day as of which the case is read.
    audiences
        Each sensitivity, who may see it, and how many facts known on the day an audience of that level
        does not get to see.
    above
        Each level above the audience's with how many facts of it are withheld.
    withheld
        What the audience that the address names does not get to see; at most 200 facts, of `hidden`.
    left
        What else is left out, in sentences; None as long as it was not asked for.
    files
        What can be saved.
    ranking
        The text before which plans were ranked that can stand in the report; empty if none were.
    plans, brief
        Whether the preview shows them, and whether it is the page in words.
    given
        What of this stands in the addresses of the preview and of files.
    """

    at: date
    audiences: Sequence[tuple[str, str, int]]
    above: Sequence[tuple[str, int]]
    withheld: Withheld
    hidden: int
    left: Sequence[str] | None
    files: Sequence[FileShown]
    ranking: str
    plans: bool
    brief: bool
    given: Mapping[str, str]


def _day(desk: Desk, view: View) -> date:
    return view.at or desk.bench.reading_day(desk.opened(view.ref).case(view.branch))


def _kept(desk: Desk, view: View) -> Ranking | None:
    """The ranking that the question in the address came to, if it was asked before."""
    planner = Planner(desk, view.ref, view.at, branch=view.branch)
    try:
        found = planner.kept(planner.key(planner.settled(question_of(view.more))))
    except UsageError:  # no text is open on this day
        return None
    return None if found is None or found.partial else found


def _wanted(desk: Desk, view: View) -> Wanted:
    """What the address asks for."""
    audience = view.more.get("audience") or AMBER
    asked = view.more.get("plans") == "1" and not view.preview
    plans = _kept(desk, view) if asked else None
    return Wanted(at=_day(desk, view), branch=view.branch, audience=audience, plans=plans)


def _given(view: View, *names: str) -> dict[str, str]:
    """What of the address goes along; the question of a ranking does if the ranking does."""
    asked = ("text", "moves", "objective", "horizon", "budget", "longest", "rollouts", "flips")
    return {name: view.more[name] for name in (*names, *asked) if view.more.get(name)}


def _audiences(found: Withheld) -> list[tuple[str, str, int]]:
    above = [sum(found.counts[level] for level in SENSITIVITIES[k + 1 :]) for k in range(len(SENSITIVITIES))]
    return [(level, _(says), n) for (level, says), n in zip(READERS.items(), above, strict=True)]


def _files() -> list[FileShown]:
    return [
        FileShown(kind=kind, label=_(LABELS[kind]), says=_(says), lacks=str(missing(kind) or ""))
        for kind, says in KINDS.items()
    ]


def context(desk: Desk, view: View) -> ReportContext:
    """Collect what the page shows."""
    opened, wanted = desk.opened(view.ref), _wanted(desk, view)
    found = withheld(opened, wanted)
    ranking = None if view.preview else wanted.plans or _kept(desk, view)
    levels = SENSITIVITIES[SENSITIVITIES.index(found.audience) + 1 :]
    return ReportContext(
        at=wanted.at,
        audiences=_audiences(found),
        above=[(level, found.counts[level]) for level in reversed(levels) if found.counts[level]],
        withheld=replace(found, facts=found.facts[:SHOWN]),
        hidden=len(found.facts),
        left=left_out(opened, wanted) if view.more.get("left") == "1" else None,
        files=_files(),
        ranking=ranking.text_title if ranking else "",
        plans=wanted.plans is not None,
        brief=view.more.get("brief") == "1",
        given={"audience": wanted.audience, **_given(view, "plans", "brief")},
    )


@router.get(CASE + "/report")
def page(request: Request, view: Viewed) -> HTMLResponse:
    """Show the page."""
    return show(request, view, "report.html.j2", context)


@router.get(CASE + "/report/left-out")
def rest(request: Request, view: Viewed, desk: Desked) -> HTMLResponse:
    """Give what else is left out, which takes longer than the rest of the page."""
    found = left_out(desk.opened(view.ref), _wanted(desk, view))
    return render(request, "report_left.html.j2", found)


@router.get(CASE + "/report/page.html")
def preview(view: Viewed, desk: Desked) -> HTMLResponse:
    """Give the report itself, as its audience will see it."""
    kind = "brief" if view.more.get("brief") == "1" else "html"
    made = export(desk.opened(view.ref), kind, _wanted(desk, view))
    return HTMLResponse(made.data, headers={"Content-Security-Policy": CSP})


@router.get(CASE + "/report/save/{kind}")
def save(request: Request, view: Viewed, kind: str) -> Response:
    """Give a file to be saved."""
    limited(request, "export")
    desk = desk_of(request)
    wanted = _wanted(desk, view)
    made = export(desk.opened(view.ref), kind, wanted)
    audit(request, "export", [view.name, kind, wanted.audience])
    return Response(made.data, media_type=made.media, headers=attached(made.name))
