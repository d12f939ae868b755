"""The first page: the library and the folder's own cases as cards; new, copy, import, lock, unlock."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from goodoffices.errors import GoodOfficesError, UsageError
from goodoffices.web.audit import audit
from goodoffices.web.doing import Desked, Filled
from goodoffices.web.frame import forget
from goodoffices.web.rendering import attached, render
from goodoffices.web.safety import needs, who_of
from goodoffices.web.state import Viewed
from goodoffices.web.story import START, told
from goodoffices.words import _
from goodoffices.workbench.desk import Desk, DeskCard, Ref

__all__ = ["CasesContext", "context", "router"]

router = APIRouter(include_in_schema=False)
CASE = "/{shelf}/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesContext:
    """What the first page shows.

    Attributes
    ----------
    own, library
        A card for each case of the folder, and of the library.
    fault
        What was wrong with the form that was sent last, as one sentence; and which form it was.
    typed
        What was typed into it, so that nothing has to be typed twice.
    """

    own: Sequence[DeskCard]
    library: Sequence[DeskCard]
    fault: str = ""
    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


def context(
    desk: Desk, fault: str = "", form: str = "", typed: Mapping[str, str] | None = None
) -> CasesContext:
    """Collect the cards."""
    cards = desk.cards()
    return CasesContext(
        own=[card for card in cards if card.ref.shelf == "own"],
        library=[card for card in cards if card.ref.shelf == "library"],
        fault=fault,
        form=form,
        typed=typed or {},
    )


def _shown(request: Request, desk: Desk, shown: CasesContext, status: int = 200) -> HTMLResponse:
    step = request.query_params.get("story")
    story = told(desk, step) if step else None
    return render(request, "cases.html.j2", shown, status=status, start=START, story=story)


def _again(request: Request, desk: Desk, form: FormData, name: str, error: GoodOfficesError) -> HTMLResponse:
    """Show the form again, with what was wrong and what was typed; a passphrase is not shown again."""
    typed = {key: str(value) for key, value in form.items() if isinstance(value, str) and key != "passphrase"}
    return _shown(request, desk, context(desk, str(error), name, typed), status=422)


def _name(desk: Desk, form: FormData) -> str:
    """The folder's name of a new case: as given, or made from the title."""
    given, title = str(form.get("name", "")).strip(), str(form.get("title", "")).strip()
    if not (given or title):
        raise UsageError(_("no title: give the case a title, such as Egypt and Israel, 1977-1979"))
    return given or desk.free_name(title)


@router.get("/")
def page(request: Request, desk: Desked) -> HTMLResponse:
    """Show the cases."""
    return _shown(request, desk, context(desk))


@router.get(CASE)
def case(view: Viewed) -> RedirectResponse:
    """A case opens on its answer."""
    return RedirectResponse(view.url("answer"), status_code=307)


@router.get(CASE + "/line")
def line(view: Viewed, desk: Desked) -> Response:
    """Give the one-line answer of a case, which a card fetches when it is shown."""
    opened = desk.opened(view.ref)
    day = desk.bench.reading_day(opened.case())
    return Response(opened.reading(day, options=False).sentence, media_type="text/plain; charset=utf-8")


def _sides(form: FormData) -> list[dict[str, str]]:
    """The two sides of a new case, each with the person who decides for it."""
    sides = [
        {"name": str(form.get(f"party{k}", "")).strip(), "leader": str(form.get(f"leader{k}", "")).strip()}
        for k in (1, 2)
    ]
    if not all(side["name"] for side in sides):
        raise UsageError(_("a party has no name: name both sides, such as Egypt and Israel"))
    return sides


def _made(desk: Desk, form: FormData) -> Ref:
    fields: dict[str, Any] = {
        name: str(form.get(name, "")).strip() for name in ("title", "start", "end", "text", "scope")
    }
    return desk.create(_name(desk, form), sides=_sides(form), **fields)


@router.post("/do/new")
def new(request: Request, desk: Desked, form: Filled) -> Response:
    """Make a new case of one's own."""
    try:
        ref = _made(desk, form)
    except GoodOfficesError as error:
        return _again(request, desk, form, "new", error)
    audit(request, "new_case", [ref.name])
    return RedirectResponse(f"/{ref.shelf}/{ref.name}/answer", status_code=303)


@router.post("/do/import")
async def take_in(request: Request, desk: Desked, form: Filled) -> Response:
    """Take in a case from a zip file, which is trusted with nothing."""
    needs(request, "owner")
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise UsageError(_("no file: choose a zip of a case folder"))
        stem = str(form.get("name", "")).strip() or file.filename.rpartition("/")[2].removesuffix(".zip")
        ref = desk.import_zip(await file.read(), re.sub(r"[^\w-]+", "-", stem).strip("-")[:40])
    except GoodOfficesError as error:
        return _again(request, desk, form, "import", error)
    audit(request, "import_case", [ref.name])
    return RedirectResponse(f"/{ref.shelf}/{ref.name}/answer", status_code=303)


@router.post(CASE + "/do/copy")
def copy(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Copy a case into the folder."""
    try:
        ref = desk.copy(view.ref, str(form.get("name", "")).strip() or desk.free_name(view.name))
    except GoodOfficesError as error:
        return _again(request, desk, form, f"copy-{view.shelf}-{view.name}", error)
    audit(request, "copy_case", [view.name, ref.name])
    return RedirectResponse(f"/{ref.shelf}/{ref.name}/answer", status_code=303)


@router.post(CASE + "/do/lock")
def lock(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Keep a case encrypted from now on; a case that is open is closed again."""
    needs(request, "owner")
    try:
        desk.lock(view.ref, str(form.get("passphrase", "")))
    except GoodOfficesError as error:
        return _again(request, desk, form, f"lock-{view.name}", error)
    forget(view.shelf, view.name)
    audit(request, "lock_case", [view.name])
    return RedirectResponse("/", status_code=303)


@router.post(CASE + "/do/unlock")
def unlock(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Open an encrypted case; its text is in memory only."""
    try:
        desk.unlock(view.ref, str(form.get("passphrase", "")))
    except GoodOfficesError as error:
        return _again(request, desk, form, f"unlock-{view.name}", error)
    audit(request, "unlock_case", [view.name, who_of(request)])
    return RedirectResponse(view.url("answer"), status_code=303)


@router.get(CASE + "/case.zip")
def out(request: Request, view: Viewed, desk: Desked) -> Response:
    """Give a case as a zip file, with everything in it."""
    needs(request, "owner")
    data = desk.export_zip(view.ref, "red")
    audit(request, "export_case", [view.name])
    return Response(data, media_type="application/zip", headers=attached(f"{view.name}.zip"))
