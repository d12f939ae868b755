"""The ways in: an opening link that works once, a name and a password, or the word of a trusted proxy."""

import threading
from hmac import compare_digest
from ipaddress import IPv6Address, ip_address
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.requests import HTTPConnection

from goodoffices.web.audit import audit
from goodoffices.web.limits import turn
from goodoffices.web.passwords import Passwords
from goodoffices.web.refusals import Refused, refusal
from goodoffices.web.rendering import render
from goodoffices.web.sessions import NAME, OWNER, ROLES, Person, Session, Sessions
from goodoffices.web.settings import Settings
from goodoffices.words import _

__all__ = ["Keeper", "closed", "router"]

TRIES, TRIES_FROM = 5, 20  # log-ins a minute: for one name, and from one address
router = APIRouter(include_in_schema=False)


def _address(said: str) -> str:
    """An address in one spelling; empty for what is none."""
    try:
        found = ip_address(said.strip("[]"))
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


class Keeper:
    """Knows who is asking.

    Raises
    ------
    UsageError
        If the file of passwords is not in order.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.passwords = Passwords(settings.users) if settings.users else None
        self.sessions = Sessions()
        self._proxy = _address(settings.trusted_proxy)
        self._token = settings.token
        self._lock = threading.Lock()

    def spend(self, token: str) -> bool:
        """Whether this is the opening link; it is none any more afterwards."""
        with self._lock:
            right = bool(self._token) and compare_digest(token.encode(), self._token.encode())
            if right:
                self._token = ""
        return right

    def from_proxy(self, asked: HTTPConnection) -> bool:
        """Whether the trusted proxy itself is at the other end."""
        return bool(self._proxy and asked.client and _address(asked.client.host) == self._proxy)

    def https(self, asked: HTTPConnection) -> bool:
        """Whether the reader's browser sees a secure address."""
        told = self.from_proxy(asked) and asked.headers.get("x-forwarded-proto") == "https"
        return told or asked.scope["scheme"] == "https"

    def cookie(self, asked: HTTPConnection) -> str:
        """Name the cookie; cookies know no ports, so the port is part of it."""
        return f"{'__Host-' if self.https(asked) else ''}goodoffices-{self.settings.port}"

    def person(self, asked: HTTPConnection) -> Person | None:
        """Give who is asking, if that is known."""
        if self.settings.unguarded:
            return Person(name=self.settings.who, role=OWNER)
        return (self._forwarded(asked) if self.from_proxy(asked) else None) or self._known(asked)

    def _known(self, asked: HTTPConnection) -> Person | None:
        session = self.sessions.find(asked.cookies.get(self.cookie(asked), ""))
        if session is None or not session.proof:
            return session.person if session else None
        # Who is taken out of the file, or got another password or role since, feels it at once.
        user = self.passwords.user(session.person.name) if self.passwords else None
        return Person(name=user.name, role=user.role) if user and user.hash == session.proof else None

    def _forwarded(self, asked: HTTPConnection) -> Person | None:
        names = asked.headers.getlist("x-forwarded-user")
        roles = asked.headers.getlist("x-forwarded-role")
        # Said twice means that the proxy let through what its client said.
        if len(names) != 1 or len(roles) > 1 or not NAME.fullmatch(names[0]):
            return None
        return Person(name=names[0], role=roles[0] if roles and roles[0] in ROLES else ROLES[0])


def _keeper(request: Request) -> Keeper:
    return request.app.state.keeper  # type: ignore[no-any-return]


def _let_in(request: Request, answer: Response, session: Session) -> Response:
    keeper = _keeper(request)
    keeper.sessions.end(request.cookies.get(keeper.cookie(request), ""))
    answer.set_cookie(
        keeper.cookie(request),
        keeper.sessions.begin(session),
        path="/",
        secure=keeper.https(request),
        httponly=True,
        samesite="strict",
    )
    return answer


def _inside(address: str) -> str:
    """Where to go after a log-in: a place of ours, or the cases."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours else "/"


def closed(request: Request) -> Response:
    """Say to who is not known yet how to come in."""
    keeper = _keeper(request)
    if keeper.passwords and not request.url.path.startswith("/api/"):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return _form(request, 401, to=here if request.method == "GET" else "/")
    if keeper.passwords:
        return refusal(request, 401, _("log in at /login first"))
    if keeper.settings.token:
        return refusal(request, 401, _("open the link that goodoffices serve printed when it was started"))
    return refusal(request, 401, _("come in through the proxy that this server trusts"))


def _form(request: Request, status: int = 200, *, to: str = "/", name: str = "", fault: str = "") -> Response:
    shown = {"to": _inside(to), "name": name, "fault": fault}
    # Without a referrer a browser names no origin when it sends a form; then it could not be checked.
    headers = {"Referrer-Policy": "same-origin"}
    return render(request, "login.html.j2", shown, status=status, headers=headers)


@router.get("/open")
def open_link(request: Request, token: str = "") -> Response:
    """Come in by the opening link."""
    keeper = _keeper(request)
    if keeper.spend(token):
        person = Person(name=keeper.settings.who, role=OWNER)
        return _let_in(request, _onwards(request), Session(person=person))
    if keeper.person(request):
        return _onwards(request)
    raise Refused(
        403,
        _("this link opens nothing, for it works once: start goodoffices serve again and open the new one"),
    )


def _onwards(request: Request) -> Response:
    """Go to the cases, and leave the token behind."""
    if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return RedirectResponse("/", status_code=303)
    # Sent here by another page, a browser keeps a strict cookie back until a page of ours sends it on.
    return render(request, "opened.html.j2")


@router.get("/login")
def ask(request: Request, to: str = "/") -> Response:
    """Ask for a name and a password."""
    if _keeper(request).passwords is None:
        raise Refused(404, _("nobody logs in here: this server knows no passwords"))
    return _form(request, to=to)


@router.post("/login")
def log_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "/",
) -> Response:
    """Come in by a name and a password."""
    keeper = _keeper(request)
    if keeper.passwords is None:
        raise Refused(404, _("nobody logs in here: this server knows no passwords"))
    peer = request.client.host if request.client else ""
    turn(request, ("from", peer), TRIES_FROM)
    turn(request, ("name", name[:60], peer), TRIES)
    user = keeper.passwords.check(name, password)
    if user is None:
        return _form(
            request, 401, to=to, name=name[:60], fault=_("this name and this password do not go together")
        )
    person = Person(name=user.name, role=user.role)
    request.state.person = person
    audit(request, "log_in", [])
    answer = RedirectResponse(_inside(to), status_code=303)
    return _let_in(request, answer, Session(person=person, proof=user.hash))


@router.post("/logout")
def log_out(request: Request) -> Response:
    """Go out; the cookie means nothing any more."""
    keeper = _keeper(request)
    keeper.sessions.end(request.cookies.get(keeper.cookie(request), ""))
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(
        keeper.cookie(request), path="/", secure=keeper.https(request), httponly=True, samesite="strict"
    )
    return answer
