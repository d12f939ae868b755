"""The page "Method": every default with its source, the tables, what moves the answer, the documentation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from markupsafe import Markup

from goodoffices.domain.case import Change
from goodoffices.domain.tables import Default, ReferenceClass
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.web.doing import Desked, Filled, back, change
from goodoffices.web.rendering import render
from goodoffices.web.safety import who_of
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed
from goodoffices.words import _
from goodoffices.workbench.desk import Desk, Opened
from goodoffices.workbench.manual import chapters, leaf

__all__ = ["DefaultShown", "MethodContext", "context", "manual", "router"]

router = APIRouter(include_in_schema=False)
manual = APIRouter(include_in_schema=False)  # comes before the pages of cases, whose addresses look alike
CASE = "/{shelf}/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultShown:
    """One default; `now` is its value in this branch, which differs from `value` where it was changed."""

    name: str
    value: float
    now: float
    low: float
    high: float
    unit: str
    basis: str
    source: str
    meaning: str
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodContext:
    """What the page shows.

    Attributes
    ----------
    asked
        What is looked for among the defaults.
    defaults
        The defaults that fit, in the order of the model.
    total
        How many there are in all.
    bases
        How many are measured, cited, judged.
    classes, scales
        The reference classes, and the worded scales as word, number, range, anchor.
    transcript
        Whether there is a golden transcript: of library cases.
    documents
        The documentation's kinds of page, each with its pages.
    """

    asked: str
    defaults: Sequence[DefaultShown]
    total: int
    bases: Mapping[str, int]
    classes: Sequence[ReferenceClass]
    scales: Mapping[str, Sequence[tuple[str, float, float, float, str]]]
    transcript: bool
    documents: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]


def _default(one: Default, changed: Mapping[str, float]) -> DefaultShown:
    return DefaultShown(
        name=one.name,
        value=one.value,
        now=changed.get(one.name, one.value),
        low=one.low,
        high=one.high,
        unit=one.unit,
        basis=one.basis,
        source=one.source,
        meaning=one.meaning,
        changed=one.name in changed,
    )


def _fits(one: Default, asked: str) -> bool:
    said = " ".join((one.name, one.meaning, one.basis, one.source, one.unit)).lower()
    return all(word in said for word in asked.lower().split())


def context(desk: Desk, view: View) -> MethodContext:
    """Collect the tables of the model, with what this branch changes in them."""
    tables, asked = desk.bench.tables(), view.more.get("q", "")
    changed = desk.opened(view.ref).case(view.branch).defaults
    every = list(tables.defaults.values())
    bases = {basis: sum(one.basis == basis for one in every) for basis in ("measured", "cited", "judged")}
    scales = {
        name: [(level.word, level.value, level.low, level.high, level.anchor) for level in scale.values()]
        for name, scale in tables.scales.items()
    }
    return MethodContext(
        asked=asked,
        defaults=[_default(one, changed) for one in every if _fits(one, asked)],
        total=len(every),
        bases=bases,
        classes=tables.classes,
        scales=scales,
        transcript=view.shelf == "library",
        documents=chapters(),
    )


@router.get(CASE + "/method")
def page(request: Request, view: Viewed) -> HTMLResponse:
    """Show the method."""
    return show(request, view, "method.html.j2", context)


def _number(form: Any) -> float:
    said = str(form.get("value", "")).strip().replace(",", ".")
    try:
        return float(said)
    except ValueError:
        raise UsageError(_('"{value}" is no number: give one such as 0.35').format(value=said)) from None


def _branched(request: Request, opened: Opened, view: View) -> View:
    """Defaults are changed in a branch only: the files of a case hold facts and stakes, not the model."""
    return view if view.branch else view.on(opened.branch_for(who_of(request)))


@router.post(CASE + "/do/default")
def set_default(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Change a default in the branch."""
    name, value = str(form.get("name", "")), _number(form)
    known = desk.bench.tables().defaults
    if name not in known:
        raise NotFoundError(_('there is no default "{name}"').format(name=name))
    view = _branched(request, desk.opened(view.ref), view)
    rows = [{"op": "set_default", "target": name, "value": value}]
    return change(request, view, rows, page="method", why=str(form.get("why", "")))


def _setting(opened: Opened, branch: str, name: str) -> list[Change]:
    found = next((one for one in opened.branches() if one.name == branch), None)
    changes = found.changes if found else ()
    return [one for one in changes if one.op == "set_default" and one.target == name]


@router.post(CASE + "/do/undefault")
def unset_default(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Take the change of a default out of the branch again."""
    opened, entry = desk.opened(view.ref), None
    for one in _setting(opened, view.branch, str(form.get("name", ""))):
        entry = opened.drop_change(view.branch, one.id, who_of(request))
    return back(view, "method", moved=entry.id if entry else None)


@router.get(CASE + "/method/tornado")
def tornado(request: Request, view: Viewed, desk: Desked) -> HTMLResponse:
    """Give what moves each text most, which takes longer than the rest of the page."""
    opened = desk.opened(view.ref)
    day = view.at or desk.bench.reading_day(opened.case(view.branch))
    reading = opened.reading(day, branch=view.branch, seen_by=view.seen_by)
    return render(request, "tornado.html.j2", reading)


@router.get(CASE + "/transcript.txt")
def transcript(view: Viewed, desk: Desked) -> PlainTextResponse:
    """Give what the program says of a library case, as it is kept and compared."""
    if view.shelf != "library":
        raise NotFoundError(_("only cases of the library have a golden transcript"))
    return PlainTextResponse(desk.bench.transcript(view.name))


@manual.get("/docs")
@manual.get("/docs/{kind}/{name}")
def document(request: Request, kind: str = "", name: str = "") -> HTMLResponse:
    """Show a page of the documentation."""
    text = Markup(leaf(f"{kind}/{name}")) if name else Markup("")
    here = f"{kind}/{name}"
    return render(request, "document.html.j2", None, text=text, chapters=chapters(), here=here)
