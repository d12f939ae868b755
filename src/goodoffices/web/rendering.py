"""Templates into pages: one environment, the report's macros, everything escaped."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from goodoffices.report.drawing import ENDS, anchor, key, strips, tornado
from goodoffices.words import LANGUAGES, _, day, figure, language, listing, number, percent, share

__all__ = ["attached", "render"]


def _words(text: object) -> str:
    """An id or word of the formats as people say it."""
    return _(str(text).replace("_", " "))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=ChoiceLoader([PackageLoader("goodoffices.web"), PackageLoader("goodoffices.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=_, figure=figure, share=share, day=day, listing=listing, language=language)
    made.globals.update(number=number, percent=percent)
    made.globals.update(
        strips=strips, tornado=tornado, anchor=anchor, key=key, ENDS=ENDS, LANGUAGES=LANGUAGES
    )
    made.filters["words"] = _words
    made.filters["called_by"] = lambda name, called: called(name)
    return made


def attached(name: str) -> dict[str, str]:
    """Say what a file to be saved is called, also to those who know no letters but those of English."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    said = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": said}


def render(
    request: Request,
    template: str,
    shown: Any = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HTMLResponse:
    """Write a page: `shown` is its context, called `p` in the template."""
    found = _environment().get_template(template)
    text = found.render(p=shown, request=request, **more)
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))
