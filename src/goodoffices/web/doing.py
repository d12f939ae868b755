"""What every form does: turn what was typed into changes, save them, and go back to where it was.

A change of a library case goes into a branch of the reader's own, which is made by the way.  If a
row has changed meanwhile, nothing is overwritten: the page that asks shows both.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from goodoffices.errors import ConflictError
from goodoffices.web.audit import audit
from goodoffices.web.frame import PAGES
from goodoffices.web.rendering import render
from goodoffices.web.safety import who_of
from goodoffices.web.state import View
from goodoffices.workbench.desk import Desk, Opened

__all__ = ["Desked", "Filled", "back", "change", "conflicted", "desk_of", "opened_for"]


def desk_of(request: Request) -> Desk:
    """The desk that the app was made for."""
    return request.app.state.desk  # type: ignore[no-any-return]


async def _filled(request: Request) -> FormData:
    return await request.form()


Desked = Annotated[Desk, Depends(desk_of)]
Filled = Annotated[FormData, Depends(_filled)]


def back(view: View, page: str, **more: object) -> RedirectResponse:
    """Go back to a page of the case."""
    return RedirectResponse(view.url(page if page in PAGES else "answer", **more), status_code=303)


def opened_for(desk: Desk, view: View, who: str) -> tuple[Opened, View]:
    """Open a case for a change: what cannot be edited is changed in a branch."""
    opened = desk.opened(view.ref)
    if opened.editable or view.branch:
        return opened, view
    return opened, view.on(opened.branch_for(who))


def conflicted(
    request: Request,
    view: View,
    error: ConflictError,
    page: str,
    again: Mapping[str, Any] | None = None,
    force: str = "",
) -> Response:
    """Show what was typed beside what stands there now; nothing was overwritten.

    Parameters
    ----------
    again
        What was to be saved, and how its rows were seen: it can be saved over what is shown now, and
        only over that.
    force
        The form by which the same is done after all, if there is one.
    """
    gone = any(one.theirs is None for one in error.conflicts)
    sent = ""
    if again and not gone:
        now = {f"{one.file}/{one.key}": one.theirs for one in error.conflicts}
        sent = json.dumps({**again, "seen": {**again["seen"], **now}}, ensure_ascii=False, default=str)
    shown = [asdict(one) for one in error.conflicts]
    given: dict[str, Any] = {"conflicts": shown, "again": sent, "gone": gone, "force": force}
    return render(request, "conflict.html.j2", status=409, view=replace(view, page=page), **given)


def change(
    request: Request,
    view: View,
    rows: Sequence[Mapping[str, Any]],
    *,
    page: str,
    why: str = "",
    seen: Mapping[str, Mapping[str, Any]] | None = None,
    **more: object,
) -> Response:
    """Make changes and go back to `page`, which shows what they moved; or ask, if rows have changed.

    Parameters
    ----------
    seen
        Cells of rows as the form showed them, by "FILE/KEY".

    Raises
    ------
    CaseError
        If a change does not fit.
    """
    desk, who = desk_of(request), who_of(request)
    opened, view = opened_for(desk, view, who)
    numbered = [{"id": f"n{k}", "reason": why, "author": who, **row} for k, row in enumerate(rows, 1)]
    try:
        entry = opened.change(desk.bench.changes(numbered), branch=view.branch, who=who, why=why, seen=seen)
    except ConflictError as error:
        again = {"rows": list(rows), "page": page, "why": why, "more": more, "seen": seen or {}}
        return conflicted(request, view, error, page, again)
    audit(request, "change", [entry.id])
    return back(view, page, moved=entry.id, **more)
