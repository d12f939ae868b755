"""Show one page of a case: what stands around it, and its own context."""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from goodoffices.web.doing import desk_of
from goodoffices.web.frame import PAGES, framed
from goodoffices.web.moved import moved_by
from goodoffices.web.rendering import render
from goodoffices.web.state import View
from goodoffices.web.story import told
from goodoffices.workbench.desk import Desk

__all__ = ["show"]


def show(
    request: Request,
    view: View,
    template: str,
    context: Callable[[Desk, View], Any],
    *,
    status: int = 200,
    **more: Any,
) -> HTMLResponse:
    """Give a page of the case that the view names."""
    desk = desk_of(request)
    frame, opened = framed(desk, view)
    entry = view.more.get("moved", "")
    moved = moved_by(opened, entry, frame.day, view.branch) if entry else None
    story = told(desk, view.more["story"]) if "story" in view.more else None
    given = {"view": view, "frame": frame, "pages": PAGES, "moved": moved, "story": story, **more}
    return render(request, template, context(desk, view), status=status, **given)
