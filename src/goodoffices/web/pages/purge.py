"""The page "Purge": what would be removed for good and where it stands, and then what was removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from goodoffices.domain.case import Case
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.web.audit import audit, held
from goodoffices.web.doing import Desked, Filled
from goodoffices.web.frame import forget
from goodoffices.web.rendering import render
from goodoffices.web.safety import needs
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed
from goodoffices.words import N_, _
from goodoffices.workbench.desk import Desk, Purged
from goodoffices.workbench.tracing import Traces, case_traces, traces

__all__ = ["Choice", "PurgeContext", "context", "router"]

router = APIRouter(include_in_schema=False)
CASE = "/{shelf}/{name}"
KINDS = {"fact": N_("a fact"), "rating": N_("a rating"), "case": N_("the whole case")}
SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A row that could be purged."""

    kind: str
    id: str
    day: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeContext:
    """What the page shows.

    Attributes
    ----------
    kind, id
        What would be purged; empty as long as nothing is chosen.
    says
        What it is in words; empty if only traces of it are left.
    found
        How many rows, lines, files or mentions of it there are, by where they are.
    left
        In sentences, what a purge would have to leave.
    asked, choices, more
        What rows are looked for by, the first that fit, and how many more do.
    fault
        Why nothing was purged.
    """

    kind: str = ""
    id: str = ""
    says: str = ""
    found: Mapping[str, int]
    left: Sequence[str] = ()
    asked: str = ""
    choices: Sequence[Choice] = ()
    more: int = 0
    fault: str = ""


def _choices(case: Case) -> list[Choice]:
    facts = [Choice(kind="fact", id=f.id, day=str(f.known_on), says=f.says) for f in case.declared()]
    people = {dm.id: dm.name for dm in case.decision_makers}
    told = _("{author}: {truster} on {trustee}, {facet} {rating}")
    ratings = [
        Choice(
            kind="rating",
            id=row.key,
            day=str(row.rated_on),
            says=told.format(
                author=row.author,
                truster=people.get(row.truster, row.truster),
                trustee=people.get(row.trustee, row.trustee),
                facet=_(row.facet),
                rating=_(row.rating.replace("_", " ")),
            ),
        )
        for row in case.ratings
    ]
    return sorted((*facts, *ratings), key=lambda one: one.day, reverse=True)


def _fits(one: Choice, asked: str) -> bool:
    said = f"{one.id} {one.day} {one.says}".lower()
    return all(word in said for word in asked.lower().split())


def _kind(said: str) -> str:
    if said not in KINDS:
        raise NotFoundError(_("nothing of this kind can be purged"))
    return said


def _traces(desk: Desk, view: View, kind: str, name: str) -> Traces:
    if kind == "case":
        return case_traces(desk, view.ref)
    return traces(desk.opened(view.ref), cast(Literal["fact", "rating"], kind), name)


def _looking(rows: Sequence[Choice], asked: str, fault: str) -> PurgeContext:
    fit = [row for row in rows if _fits(row, asked)]
    more = max(0, len(fit) - SHOWN)
    return PurgeContext(found={}, asked=asked, choices=fit[:SHOWN], more=more, fault=fault)


def context(desk: Desk, view: View, fault: str = "") -> PurgeContext:
    """Collect what the page shows: what would be removed, or what could be."""
    case, editable = desk.opened(view.ref).case(), view.shelf != "library"
    rows = _choices(case) if editable else []
    kind, name = view.more.get("kind", ""), view.more.get("id", "")
    if not kind or not (name or kind == "case"):
        return _looking(rows, view.more.get("q", ""), fault)
    name = view.name if _kind(kind) == "case" else name
    there = _traces(desk, view, kind, name)
    told = (row.says for row in rows if (row.kind, row.id) == (kind, name))
    says = case.title if kind == "case" else next(told, "")
    return PurgeContext(kind=kind, id=name, says=says, found=there.found, left=there.left, fault=fault)


@router.get(CASE + "/purge")
def page(request: Request, view: Viewed) -> HTMLResponse:
    """Show what would be removed."""
    needs(request, "owner")
    return show(request, view, "purge.html.j2", context)


def _purged(request: Request, desk: Desk, view: View, kind: str, name: str) -> Purged:
    """Purge what is there; the log is held meanwhile, since ids are taken out of it too."""
    _traces(desk, view, kind, name)
    log = request.app.state.settings.audit
    with held(log):
        if kind == "case":
            return desk.purge_case(view.ref, audit=log)
        return desk.purge(view.ref, cast(Literal["fact", "rating"], kind), name, audit=log)


def _typed(form: Any, name: str) -> None:
    if str(form.get("typed", "")).strip() != name:
        raise UsageError(_('nothing was removed: type "{id}" into the field to remove it').format(id=name))


@router.post(CASE + "/do/purge")
def purge(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Remove a fact, a rating or the whole case for good."""
    needs(request, "owner")
    kind, name = _kind(str(form.get("kind", ""))), str(form.get("id", ""))
    name = view.name if kind == "case" else name
    try:
        _typed(form, name)
    except UsageError as error:
        asked = View(shelf=view.shelf, name=view.name, page="purge", more={"kind": kind, "id": name})
        said = str(error)
        return show(request, asked, "purge.html.j2", lambda d, v: context(d, v, said), status=422)
    done = _purged(request, desk, view, kind, name)
    audit(request, f"purge_{kind}", [])
    forget(view.shelf, view.name)
    on = "/" if kind == "case" and view.shelf != "library" else view.on("").url("facts")
    return render(request, "purged.html.j2", done, kind=_(KINDS[kind]), on=on)
