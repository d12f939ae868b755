"""The guard of the app: whom it lets in, what each may do, and what stands on every answer.

A page that somebody opens elsewhere can send requests to this machine.  What stops it: the host in
the address must be one of ours, a cookie is needed that other sites cannot send, and what changes
anything must come from a page of our own.
"""

import re
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from goodoffices.web import entrance
from goodoffices.web.entrance import Keeper, closed
from goodoffices.web.envelope import Bounded, Enveloped
from goodoffices.web.limits import Limits
from goodoffices.web.refusals import Refused, Unbroken, handle, refusal
from goodoffices.web.sessions import Person
from goodoffices.web.settings import Settings, refuse_open
from goodoffices.words import _

__all__ = ["guard", "needs", "person_of", "who_of"]

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")
OURS = ("127.0.0.1", "localhost", "[::1]")
ANY = ("0.0.0.0", "::", "")  # listening there is nobody's name
READING = ("GET", "HEAD", "OPTIONS")
PUBLIC = ("/open", "/login", "/logout", "/api/v1/version")


def person_of(request: Request) -> Person:
    """Give who is asking; a reader without a name if no guard is there."""
    found = getattr(request.state, "person", None)
    return found if isinstance(found, Person) else Person()


def who_of(request: Request) -> str:
    """Give the name of who is asking, as it stands in the history."""
    return person_of(request).name


def needs(request: Request, role: str) -> None:
    """Ask for a role.

    Raises
    ------
    Refused
        If who is asking has a lesser one.
    """
    person = person_of(request)
    if not person.may(role):
        raise Refused(403, _lacking(person, role))


def _lacking(person: Person, role: str) -> str:
    return _("your role is {role}: only who is {needed} can do this").format(role=person.role, needed=role)


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def _names(settings: Settings) -> frozenset[str]:
    """The hosts that may stand in the address."""
    listening = () if settings.host in ANY else (settings.host,)
    return frozenset(_bracketed(name.lower()) for name in (*OURS, *listening, *settings.hosts))


def _host(headers: Headers) -> str:
    """The host of a request, without its port; empty if it is none, or not one."""
    said = headers.getlist("host")
    found = HOST.fullmatch(said[0].lower()) if len(said) == 1 else None
    return found[1] if found else ""


def _same(address: str, headers: Headers) -> bool:
    """Whether an address is of the host and port that was asked."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == headers["host"].lower()


def _foreign(headers: Headers) -> bool:
    """Whether a request comes from a page that is not ours, or does not say from where."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return True
    # A form of a page without referrer names no origin ("null"); what the browser says of the site holds.
    if origin is not None and not (origin == "null" and site):
        return not _same(origin, headers)
    return site is None and not _same(headers.get("referer", ""), headers)


class Door:
    """Lets in whom it knows, by an address that is ours."""

    def __init__(self, app: ASGIApp, keeper: Keeper) -> None:
        self.app, self.keeper = app, keeper
        self._hosts = _names(keeper.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it before anything of it is read."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # nothing here speaks it
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        answer: ASGIApp = self.app
        try:
            self._check_address(request)
            person = self.keeper.person(request)
            scope["state"] = {**scope.get("state", {}), "person": person or Person()}
            if not _public(request) and person is None:
                answer = closed(request)
            elif not _public(request) and request.method not in READING:
                needs(request, "analyst")
        except Refused as refused:
            answer = refusal(request, refused.status, refused.sentence, headers=refused.headers)
        await answer(scope, receive, send)

    def _check_address(self, request: Request) -> None:
        host = _host(request.headers)
        if not host:
            raise Refused(400, _("the request names no host, or more than one"))
        if host not in self._hosts:
            said = _('"{host}" is no name of this server; who serves it can allow it with --allow-host')
            raise Refused(421, said.format(host=host))
        if request.method not in READING and _foreign(request.headers):
            raise Refused(403, _("this does not come from a page of the workbench, so nothing was done"))


def _public(request: Request) -> bool:
    path = request.scope["path"]
    return path in PUBLIC or (path.startswith("/static/") and request.method in READING)


def guard(app: FastAPI, settings: Settings) -> None:
    """Put the guard around an app; call it when all routes are there.

    Raises
    ------
    UsageError
        If others could reach the server and nobody would be asked who he is.
    """
    refuse_open(settings)
    keeper = Keeper(settings)
    app.state.settings, app.state.keeper, app.state.limits = settings, keeper, Limits(settings.rate)
    app.include_router(entrance.router)
    handle(app)
    app.add_middleware(Bounded)
    app.add_middleware(Door, keeper=keeper)
    app.add_middleware(Unbroken)
    app.add_middleware(Enveloped)  # added last, it stands outermost
