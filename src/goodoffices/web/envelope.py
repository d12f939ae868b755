"""Around every answer and every request: the headers that shut doors, and the size that is let in."""

from collections.abc import Mapping

from fastapi import HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goodoffices.web.refusals import refusal
from goodoffices.words import _

__all__ = ["CSP", "Bounded", "Enveloped"]

CSP = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "frame-src 'self'", "frame-ancestors 'self'",
    "base-uri 'none'",
))  # fmt: skip
UNUSED = ("browsing-topics", "camera", "display-capture", "geolocation", "microphone", "payment", "usb")

# A route may say otherwise about these two; about the rest it may not.
OPEN: Mapping[str, str] = {"Content-Security-Policy": CSP, "Referrer-Policy": "no-referrer"}
FIXED: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",  # else a browser asks for the hosts of links before anybody clicks
}


class Enveloped:
    """Puts the headers on every answer.

    Nothing but the static files may be kept by a browser, since what it keeps lies on the disk in clear.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        static = scope["path"].startswith("/static/")

        async def shut(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in OPEN.items():
                    headers.setdefault(name, value)
                headers.update({**FIXED, "Cache-Control": "no-cache" if static else "no-store"})
            await send(message)

        await self.app(scope, receive, shut)


def _most(scope: Scope, headers: Headers) -> int:
    """Bytes that a request may send: a page's form, a file that is taken in, or a name and a password."""
    if scope["path"] == "/login":
        return 10_000
    upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
    return 20_000_000 if upload else 1_000_000


def _announced(headers: Headers) -> int:
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else 0


class Bounded:
    """Refuses bodies that are too large, while they come in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most, come, begun = _most(scope, headers), 0, False

        async def counted() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > most:
                raise HTTPException(413)  # what reads forms lets this one through
            return message

        async def watched(message: Message) -> None:
            nonlocal begun
            if come > most and not begun:
                return  # whatever was made of it: the answer is below
            begun = True
            await send(message)

        if _announced(headers) <= most:
            await self.app(scope, counted, watched)
        else:
            come = most + 1
        if come > most and not begun:
            sentence = _("this is too large: at most {n} kB are taken here").format(n=most // 1000)
            answer = refusal(Request(scope), 413, sentence, headers={"Connection": "close"})
            await answer(scope, receive, send)
