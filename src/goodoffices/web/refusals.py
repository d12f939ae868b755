"""What is answered when something does not go: one form for programs, one page for people."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goodoffices.errors import (
    BusyError,
    CaseError,
    ConflictError,
    ExtraMissing,
    Fault,
    GoodOfficesError,
    LockedError,
    NotFoundError,
)
from goodoffices.web.rendering import render
from goodoffices.words import _

__all__ = ["Refused", "Unbroken", "handle", "refusal"]

STATUS: Mapping[type[GoodOfficesError], int] = {
    NotFoundError: 404,
    ConflictError: 409,
    BusyError: 409,
    LockedError: 423,
    ExtraMissing: 501,
}
SHOWN = 50  # faults that a page lists
logger = logging.getLogger("goodoffices.web")


class Refused(Exception):  # noqa: N818 - it is an answer, not a mistake
    """Ends a request with a status and one sentence."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, dict(headers or {})


def _heading(status: int) -> str:
    told = {
        401: _("Not open to you yet"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Changed meanwhile"),
        413: _("Too large"),
        423: _("Locked"),
        429: _("A moment, please"),
        501: _("A part is missing"),
    }
    return told.get(status, _("That did not work"))


def refusal(
    request: Request,
    status: int,
    sentence: str,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    lines: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Say what does not go: as JSON under /api, else as a page that lists `lines`."""
    given = dict(headers or {})
    if request.scope["path"].startswith("/api/"):
        said = {"ok": False, "error": sentence, "errors": list(errors), "status": status}
        return JSONResponse(said, status_code=status, headers=given)
    more = {"heading": _heading(status), "sentence": sentence, "lines": list(lines)[:SHOWN]}
    try:
        return render(request, "error.html.j2", more, status=status, headers=given)
    except Exception as error:  # noqa: BLE001 - the last page that can be shown must not fail
        _note(error)
        return PlainTextResponse(sentence, status_code=status, headers=given)


async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, GoodOfficesError)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422)
    errors: Any = error.to_dict()["errors"]
    lines = [str(fault) for fault in error.faults] if isinstance(error, CaseError) else []
    # One fault is the sentence itself.
    return refusal(request, status, str(error), errors=errors, lines=lines if len(lines) > 1 else [])


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal(request, error.status, error.sentence, headers=error.headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = {
        404: _("there is no such page"),
        405: _("this address does not take {method}").format(method=request.method),
    }
    plain = error.detail == HTTPStatus(error.status_code).phrase
    sentence = told.get(error.status_code, _("the request could not be read")) if plain else str(error.detail)
    return refusal(request, error.status_code, sentence, headers=error.headers)


async def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(
            file="request",
            field=".".join(str(part) for part in one["loc"]),
            found=repr(one.get("input"))[:80],
            fix=one["msg"],
        )
        for one in error.errors()
    ]
    sentence = str(CaseError(faults)) if faults else _("the request could not be read")
    return refusal(request, 422, sentence, errors=[fault.to_dict() for fault in faults])


def handle(app: FastAPI) -> None:
    """Give every error that is foreseen its answer."""
    app.add_exception_handler(GoodOfficesError, _own)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unfit)


def _note(error: Exception) -> None:
    """Log where a mistake is, and nothing of what was being worked on: messages may quote a case."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s in the program:\n%s", type(error).__name__, where)


class Unbroken:
    """Answers what nobody foresaw with a sentence, and logs where in the program it was."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, come what may."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - that is what it is for
            _note(error)
            if not begun:  # else the answer breaks off, which its reader sees
                sentence = _("a mistake in the program; nothing was lost, and where it is stands in the log")
                await refusal(Request(scope), 500, sentence)(scope, receive, send)
