"""Forms that stand on every page: undo, redo, and changes that the program itself proposed."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from goodoffices.errors import ConflictError, UsageError
from goodoffices.web.audit import audit
from goodoffices.web.doing import Desked, Filled, change, conflicted
from goodoffices.web.frame import PAGES
from goodoffices.web.safety import who_of
from goodoffices.web.state import View, Viewed
from goodoffices.words import _

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
HERE = "/{shelf}/{name}/do"
# Of an address, what forms take back to their page.
ALONG = ("fact", "tab", "text", "who", "q", "actor", "kind", "verified", "state")


def _stood(view: View, form: Any) -> View:
    """The view of the page that a form stood on, with its open row, from the address that it gives."""
    path, _mark, asked = str(form.get("back", "")).partition("?")
    page = path.rpartition("/")[2]
    more = {**dict(parse_qsl(asked)), **view.more}
    return replace(view, page=page if page in PAGES else "answer", more=more)


@router.post(HERE + "/undo")
def undo(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Take the last change back."""
    stood = _stood(view, form)
    try:
        entry = desk.opened(view.ref).undo(who_of(request), force=form.get("force") == "1")
    except ConflictError as error:
        return conflicted(request, stood, error, stood.page, force="undo")
    audit(request, "undo", [entry.id])
    return RedirectResponse(stood.url(moved=entry.id), status_code=303)


@router.post(HERE + "/redo")
def redo(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Make the change again that was taken back last."""
    stood = _stood(view, form)
    try:
        entry = desk.opened(view.ref).redo(who_of(request), force=form.get("force") == "1")
    except ConflictError as error:
        return conflicted(request, stood, error, stood.page, force="redo")
    audit(request, "redo", [entry.id])
    return RedirectResponse(stood.url(moved=entry.id), status_code=303)


@router.post(HERE + "/again")
def again(request: Request, view: Viewed, form: Filled) -> Response:
    """Save what was typed over what stood there when both were shown."""
    try:
        sent = json.loads(str(form.get("sent", "")))
        rows = [dict(row) for row in sent["rows"]]
        seen = {str(row): dict(cells) for row, cells in sent["seen"].items()}
        more = {str(name): str(value) for name, value in sent["more"].items() if name in ALONG}
        page, why = str(sent["page"]), str(sent["why"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UsageError(_("what was to be saved cannot be read: go back and type it again")) from None
    return change(request, view, rows, page=page, why=why, seen=seen, **more)


@router.post(HERE + "/try")
def attempt(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Try changes that the program proposed, in a branch of their own."""
    try:
        rows = json.loads(str(form.get("rows", "")))
    except ValueError:
        raise UsageError(_("the changes to try are no JSON")) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(_("the changes to try are no list of records"))
    opened, title = desk.opened(view.ref), str(form.get("title", ""))
    if not view.branch:
        name = opened.free_name("try")
        view = view.on(opened.new_branch(name, who=who_of(request), title=title or _("what if")).name)
    stood = _stood(view, form)
    pair: dict[str, Any] = {name: stood.more.get(name) for name in ("pair", "facet")}
    return change(request, view, rows, page=stood.page, why=title, **pair)
