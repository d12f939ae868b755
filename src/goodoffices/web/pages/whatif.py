"""The page "What if": branches, what each changes, two of them side by side, and the history."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from goodoffices.errors import ConflictError, NotFoundError, UsageError
from goodoffices.web.audit import audit
from goodoffices.web.doing import Desked, Filled, back, change, conflicted
from goodoffices.web.moved import Line, lines, names_of
from goodoffices.web.safety import who_of
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed
from goodoffices.words import _
from goodoffices.workbench.desk import Branch, Desk, Entry, Opened

__all__ = ["BranchShown", "Reason", "Side", "WhatifContext", "context", "router"]

router = APIRouter(include_in_schema=False)
DO = "/{shelf}/{name}/do"
SHOWN, LISTED = 24, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchShown:
    """A branch with each of its changes in words: id and sentence."""

    name: str
    title: str
    who: str
    at: str
    changes: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one change of a branch moves, given the others."""

    says: str
    side: str
    lines: Sequence[Line]
    along: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Two versions side by side: what moved and which change did it; `more` lines are not shown."""

    one: str
    other: str
    lines: Sequence[Line]
    more: int
    because: Sequence[Reason]
    unsaid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatifContext:
    """What the page shows.

    Attributes
    ----------
    branches
        Every branch with its changes in words.
    side
        The comparison that the address asks for, if any.
    history
        What was done to the case, the last first; `older` entries are not shown.
    warnings
        What is wrong with the history or a branch, in sentences.
    editable
        Whether a branch can be merged into the case.
    at
        The day of the comparison.
    """

    branches: Sequence[BranchShown]
    side: Side | None
    history: Sequence[Entry]
    older: int
    warnings: Sequence[str]
    editable: bool
    at: date


def _shown(opened: Opened, branch: Branch) -> BranchShown:
    told = tuple((one.id, opened.told(one, branch.name)) for one in branch.changes)
    return BranchShown(
        name=branch.name, title=branch.title or branch.name, who=branch.who, at=branch.at, changes=told
    )


def _side(opened: Opened, one: str, other: str, at: date) -> Side:
    found = opened.compare(one, other, at)
    names = names_of(opened.case(one)) | names_of(opened.case(other))
    moved = lines(found.moved, names)
    because = [
        Reason(says=why.says, side=why.side, lines=lines(why.moves, names)[:4], along=len(why.along))
        for why in found.because
    ]
    return Side(
        one=one,
        other=other,
        lines=moved[:SHOWN],
        more=max(0, len(moved) - SHOWN),
        because=because,
        unsaid=found.unsaid,
    )


def context(desk: Desk, view: View) -> WhatifContext:
    """Collect branches, the comparison that is asked for, and the history."""
    opened = desk.opened(view.ref)
    at = view.at or desk.bench.reading_day(opened.case(view.branch))
    asked = "other" in view.more and not view.preview
    side = _side(opened, view.more.get("one", ""), view.more.get("other", ""), at) if asked else None
    history = opened.history()[::-1]
    return WhatifContext(
        branches=[_shown(opened, branch) for branch in opened.branches()],
        side=side,
        history=history[:LISTED],
        older=max(0, len(history) - LISTED),
        warnings=opened.warnings,
        editable=opened.editable,
        at=at,
    )


@router.get("/{shelf}/{name}/whatif")
def page(request: Request, view: Viewed) -> HTMLResponse:
    """Show branches and history."""
    return show(request, view, "whatif.html.j2", context)


def _branch(form: Any) -> str:
    name = str(form.get("branch", ""))
    if not name:
        raise UsageError(_("no branch: say which"))
    return name


@router.post(DO + "/branch")
def new(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Open a branch."""
    opened, title = desk.opened(view.ref), str(form.get("title", "")).strip()
    made = opened.new_branch(opened.free_name("what-if"), who=who_of(request), title=title or _("What if"))
    audit(request, "new_branch", [made.name])
    return back(view.on(made.name), "whatif")


@router.post(DO + "/title")
def title(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Give a branch another title."""
    name = _branch(form)
    desk.opened(view.ref).title_branch(name, str(form.get("title", "")).strip(), who_of(request))
    audit(request, "title_branch", [name])
    return back(view, "whatif")


@router.post(DO + "/drop")
def drop(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Throw a branch away; undoing brings it back."""
    name = _branch(form)
    desk.opened(view.ref).drop_branch(name, who_of(request))
    audit(request, "drop_branch", [name])
    return back(view.on("") if view.branch == name else view, "whatif")


@router.post(DO + "/merge")
def merge(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Make the changes of a branch in the case itself."""
    name = _branch(form)
    try:
        entry = desk.opened(view.ref).merge_branch(name, who_of(request))
    except ConflictError as error:
        return conflicted(request, view, error, "whatif")
    audit(request, "merge_branch", [name, entry.id])
    return back(view.on("") if view.branch == name else view, "whatif", moved=entry.id)


@router.post(DO + "/take-out")
def take_out(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Take one change out of a branch."""
    name = _branch(form)
    entry = desk.opened(view.ref).drop_change(name, str(form.get("change", "")), who_of(request))
    audit(request, "drop_change", [name, entry.id])
    page = str(form.get("page", "whatif"))
    return back(view, page, moved=entry.id)


@router.post(DO + "/list")
def take_list(request: Request, view: Viewed, desk: Desked, form: Filled) -> Response:
    """Make a branch of a list of changes, one JSON line each, as `read --changes` takes it."""
    rows = []
    for number, line in enumerate(str(form.get("lines", "")).splitlines(), start=1):
        if line.strip():
            try:
                rows.append(dict(json.loads(line)))
            except (ValueError, TypeError):
                said = _("line {n} is no JSON record: give one change a line")
                raise UsageError(said.format(n=number)) from None
    if not rows:
        raise UsageError(_("no changes: give one a line"))
    desk.bench.changes(
        [{"id": f"n{k}", **row} for k, row in enumerate(rows, 1)]
    )  # refused before a branch is made
    opened = desk.opened(view.ref)
    made = opened.new_branch(opened.free_name("list"), who=who_of(request), title=_("A list of changes"))
    return change(request, view.on(made.name), rows, page="whatif")


@router.get("/{shelf}/{name}/branch.jsonl")
def lines_of(view: Viewed, desk: Desked) -> Response:
    """Give the changes of a branch as a file that the command line takes."""
    branches = {branch.name: branch for branch in desk.opened(view.ref).branches()}
    if view.branch not in branches:
        raise NotFoundError(_('there is no branch "{name}"').format(name=view.branch))
    text = desk.bench.lines(branches[view.branch].changes)
    headers = {"Content-Disposition": 'attachment; filename="changes.jsonl"'}
    return Response(text, media_type="application/x-ndjson", headers=headers)
