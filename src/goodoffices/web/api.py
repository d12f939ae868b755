"""The same answers as data: `/api/v1/...`, with the stable names of the command line's JSON.

Every object that succeeds has `"ok": true`; every error has the one form of the command line.  What
is computed carries an ETag made from the case as it was known, the day, the changes and the draws.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from goodoffices.domain.readings import plain
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.web.audit import audit
from goodoffices.web.doing import Desked
from goodoffices.web.pages import CONTEXTS
from goodoffices.web.safety import who_of
from goodoffices.web.state import DRAWS, View, day_of
from goodoffices.words import _, language
from goodoffices.workbench import version
from goodoffices.workbench.bench import code_stamp
from goodoffices.workbench.conduct_page import runs_of
from goodoffices.workbench.desk import Desk, Opened, Ref

__all__ = ["router"]

router = APIRouter(prefix="/api/v1")
CASE = "/{shelf}/{name}"
At = Annotated[str, Query(description="Read as of this day; the last of the case, if none is given.")]
Branch = Annotated[str, Query(description="Read with the changes of this branch.")]
Draws = Annotated[int, Query(ge=1, le=DRAWS, description="Number of draws.")]
Audience = Annotated[str, Query(description="Leave out facts above clear, green, amber or red.")]
SeenBy = Annotated[str, Query(alias="as", description="The world of this decision-maker.")]


class Changes(BaseModel):
    """A list of changes, each as one line of a file of changes holds it."""

    model_config = ConfigDict(extra="forbid")
    changes: list[dict[str, Any]]
    why: str = ""


class NewBranch(BaseModel):
    """A branch to be made."""

    model_config = ConfigDict(extra="forbid")
    name: str
    title: str = ""


def _json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Write a document as the command line prints it."""
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return Response(text, status_code=status, media_type="application/json", headers=dict(headers or {}))


def _opened(desk: Desk, shelf: str, name: str) -> Opened:
    return desk.opened(Ref(shelf=shelf, name=name))  # type: ignore[arg-type]


def _tagged(request: Request, parts: Sequence[object], make: Callable[[], Any]) -> Response:
    """Answer with a tag made from `parts`; what the reader has already is not computed again."""
    said = json.dumps([code_stamp(), language(), *parts], default=str)
    tag = f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return _json(make(), headers=headers)


def _tag(opened: Opened, branch: str, at: str) -> list[object]:
    """What an answer hangs on: the case as it was known, the day, and the changes."""
    case = opened.case(branch)
    day = day_of(at) if at else case.end
    changes = [plain(change) for change in case.changes]
    return [opened.case_hash(branch, day), opened.feed_stamp(branch), day, changes]


@router.get("/version")
def tell_version() -> dict[str, Any]:
    """Give the version of the program and of its API."""
    return {"ok": True, "version": version(), "code": code_stamp(), "api": "v1"}


@router.get("/cases")
def cases(desk: Desked) -> Response:
    """List the cases of the library and of the folder."""
    return _json({"ok": True, "cases": [plain(card) for card in desk.cards()]})


@router.get("/tables")
def tables(desk: Desked) -> Response:
    """Give the codebook, the worded scales, the defaults and the reference classes."""
    return _json({"ok": True, **plain(desk.bench.tables())})


@router.get("/runs")
def runs(desk: Desked) -> Response:
    """List the runs of backtests that are kept, as `goodoffices backtest list --json`."""
    names = ("id", "sort", "at", "name", "question", "asked", "last_part", "note")
    kept = [{name: told.get(name) for name in names} for told in runs_of(desk).listed()]
    return _json({"ok": True, "runs": kept})


@router.get("/runs/{run}")
def one_run(request: Request, desk: Desked, run: str) -> Response:
    """Give a run with all its scores, as `goodoffices backtest show --json`; a run never changes."""
    told = runs_of(desk).get(run)
    return _tagged(request, ["run", told["id"]], lambda: {"ok": True, **told})


@router.get(CASE + "/read")
def read(
    request: Request,
    desk: Desked,
    shelf: str,
    name: str,
    at: At = "",
    branch: Branch = "",
    draws: Draws = DRAWS,
    audience: Audience = "amber",
    seen_by: SeenBy = "",
    options: bool = True,
) -> Response:
    """Read a case: byte for byte what `goodoffices read CASE --json` prints."""
    opened = _opened(desk, shelf, name)
    given: dict[str, Any] = {"branch": branch, "draws": draws, "options": options, "seen_by": seen_by}
    day = day_of(at) if at else opened.case(branch).end
    parts = [*_tag(opened, branch, at), draws, options, seen_by, audience]
    return _tagged(request, parts, lambda: opened.reading(day, audience=audience, **given).to_dict())


@router.get(CASE + "/why")
def why(
    desk: Desked,
    shelf: str,
    name: str,
    truster: str,
    trustee: str,
    facet: str = "",
    at: At = "",
    branch: Branch = "",
    audience: Audience = "amber",
) -> Response:
    """Tell every fact behind one belief, as `goodoffices why --json`."""
    opened = _opened(desk, shelf, name)
    found = desk.bench.why(
        opened.case(branch), truster, trustee, facet=facet or None, at=at or None, audience=audience
    )
    return _json({"ok": True, "beliefs": [plain(one) for one in found]})


@router.get(CASE + "/pages/{page}")
def page(
    desk: Desked,
    shelf: str,
    name: str,
    page: str,
    request: Request,
    at: At = "",
    branch: Branch = "",
    draws: Draws = DRAWS,
    seen_by: SeenBy = "",
) -> Response:
    """Give what a page shows as data: its documented context."""
    if page not in CONTEXTS:
        raise NotFoundError(
            _('there is no page "{page}": use one of ').format(page=page) + ", ".join(CONTEXTS)
        )
    taken = ("at", "branch", "draws", "as")
    more = {key: value for key, value in request.query_params.items() if key not in taken}
    view = View(
        shelf=shelf,
        name=name,
        page=page,
        at=day_of(at) if at else None,
        seen_by=seen_by,
        branch=branch,
        draws=draws,
        more=more,
    )
    return _json({"ok": True, "page": page, "context": plain(CONTEXTS[page](desk, view))})


@router.get(CASE + "/branches")
def branches(desk: Desked, shelf: str, name: str) -> Response:
    """List the branches of a case with their changes."""
    return _json({"ok": True, "branches": [plain(one) for one in _opened(desk, shelf, name).branches()]})


@router.post(CASE + "/branches", status_code=201)
def new_branch(request: Request, desk: Desked, shelf: str, name: str, asked: NewBranch) -> Response:
    """Make a branch."""
    made = _opened(desk, shelf, name).new_branch(asked.name, who=who_of(request), title=asked.title)
    audit(request, "new_branch", [made.name])
    return _json({"ok": True, "branch": plain(made)}, status=201)


@router.get(CASE + "/compare")
def compare(desk: Desked, shelf: str, name: str, one: str = "", other: str = "", at: At = "") -> Response:
    """Compare two branches on a day: what moved, by how much, and which change did it."""
    opened = _opened(desk, shelf, name)
    day = day_of(at) if at else opened.case().end
    return _json({"ok": True, "compared": plain(opened.compare(one, other, day))})


@router.get(CASE + "/history")
def history(desk: Desked, shelf: str, name: str) -> Response:
    """Tell who changed what, when and why."""
    return _json({"ok": True, "history": [plain(one) for one in _opened(desk, shelf, name).history()]})


@router.post(CASE + "/changes", status_code=201)
def change(
    request: Request,
    desk: Desked,
    shelf: str,
    name: str,
    asked: Annotated[Changes, Body()],
    branch: Branch = "",
) -> Response:
    """Make changes: in the files of a case, or in a branch."""
    if not asked.changes:
        raise UsageError(_("no changes: give at least one"))
    who = who_of(request)
    rows = [{"id": f"n{k}", "author": who, **row} for k, row in enumerate(asked.changes, 1)]
    opened = _opened(desk, shelf, name)
    entry = opened.change(desk.bench.changes(rows), branch=branch, who=who, why=asked.why)
    audit(request, "change", [entry.id])
    return _json({"ok": True, "entry": plain(entry)}, status=201)


@router.post(CASE + "/undo")
def undo(request: Request, desk: Desked, shelf: str, name: str) -> Response:
    """Take the last change back."""
    entry = _opened(desk, shelf, name).undo(who_of(request))
    audit(request, "undo", [entry.id])
    return _json({"ok": True, "entry": plain(entry)})


@router.post(CASE + "/redo")
def redo(request: Request, desk: Desked, shelf: str, name: str) -> Response:
    """Make the change again that was taken back last."""
    entry = _opened(desk, shelf, name).redo(who_of(request))
    audit(request, "redo", [entry.id])
    return _json({"ok": True, "entry": plain(entry)})
