"""The page "Facts": what the answer rests on, to look at and to change.

Facts, those who take part, the texts, what is at stake, and analysts' ratings each have their part,
as ?tab= in the address.
"""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from goodoffices.errors import NotFoundError
from goodoffices.web.pages import facts_doing
from goodoffices.web.pages.facts_view import FactsContext, context
from goodoffices.web.showing import show
from goodoffices.web.state import Viewed

__all__ = ["FactsContext", "context", "router"]

OPEN = {"fact", "row", "text", "who"}  # what an address says of the row that is open
router = APIRouter(include_in_schema=False)
router.include_router(facts_doing.router)


@router.get("/{shelf}/{name}/facts")
def page(request: Request, view: Viewed) -> Response:
    """Show the page; without its open row, if that went with what was just undone."""
    try:
        return show(request, view, "facts.html.j2", context)
    except NotFoundError:
        if "moved" not in view.more or not OPEN & view.held.keys():
            raise
    return RedirectResponse(view.url(moved=view.more["moved"], **dict.fromkeys(OPEN)), status_code=303)
