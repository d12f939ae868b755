"""Which language a reader is spoken to in: the address, else a cookie, else what the browser asks for."""

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goodoffices.words import LANGUAGES, PSEUDO, speaking

__all__ = ["Speaking"]

COOKIE = "lang"


def _wanted(asked: HTTPConnection) -> Iterable[str]:
    yield asked.query_params.get("lang", "")
    yield asked.cookies.get(COOKIE, "")
    for part in asked.headers.get("accept-language", "").split(","):
        yield part.split(";")[0].strip().split("-")[0]


class Speaking:
    """Sets the language for the length of a request, and remembers one that was chosen."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request in its reader's language."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        known = (*LANGUAGES, PSEUDO)
        chosen = next((one for one in _wanted(asked) if one in known), "en")

        async def remember(message: Message) -> None:
            if message["type"] == "http.response.start" and asked.query_params.get("lang") == chosen:
                flags = "Path=/; SameSite=Strict; HttpOnly; Max-Age=31536000"
                MutableHeaders(scope=message).append("set-cookie", f"{COOKIE}={chosen}; {flags}")
            await send(message)

        with speaking(chosen):
            await self.app(scope, receive, remember)
