"""Run the server: take a port, make the app, say where it is, stop in peace."""

import contextlib
import errno
import logging
import os
import secrets
import socket
import ssl
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from goodoffices.errors import UsageError
from goodoffices.web.settings import Settings, is_loopback, refuse_open
from goodoffices.words import _
from goodoffices.workbench.desk import Desk

if TYPE_CHECKING:
    import uvicorn

__all__ = ["Certificate", "link", "listening", "serve"]

PATIENCE = 3  # seconds that answers under way are given when the server stops
KEPT = 60  # seconds that a browser has to read the page that opens the link


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The files by which the server proves who it is."""

    chain: Path
    key: Path | None = None


def listening(host: str, port: int) -> socket.socket:
    """Take a port; 0 takes a free one.

    Raises
    ------
    UsageError
        If it is taken, or the address is none of this machine.
    """
    name = host.strip("[]")
    try:
        family, kind, number, _name, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind, number)
    except OSError as error:
        raise UsageError(_("{host} is no address ({error})").format(host=host, error=error)) from None
    if os.name == "posix":
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(address)
        taken.listen(128)  # who comes before the pages are ready waits
    except OSError as error:
        taken.close()
        raise UsageError(_untakable(host, port, error)) from None
    return taken


def _untakable(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        said = _("port {port} is taken, perhaps by another goodoffices serve; --port 0 takes a free one")
        return said.format(port=port)
    if error.errno == errno.EACCES:
        return _("port {port} is not for everybody: give one from 1024 on").format(port=port)
    return _("{host} is no address of this machine ({error})").format(host=host, error=error.strerror)


def link(settings: Settings, *, secure: bool = False) -> str:
    """Give the address at which to begin."""
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host
    named = f"[{host}]" if ":" in host and not host.startswith("[") else host
    path = f"open?token={settings.token}" if settings.token else ""
    return f"{'https' if secure else 'http'}://{named}:{settings.port}/{path}"


@contextlib.contextmanager
def _shown(address: str) -> Iterator[None]:
    """Open a browser on an address that other users of the machine do not see among its programs.

    A page in a file of one's own leads there; it goes when it has been read, or the server stops.
    """
    # Browsers that come in a box of their own may read the home folder, but not the one for temporary files.
    boxed = Path.home() if Path("/snap").is_dir() else None
    handle, made = tempfile.mkstemp(prefix="goodoffices-", suffix=".html", dir=boxed)
    page = Path(made)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(address)}">')

    def show() -> None:
        with contextlib.suppress(webbrowser.Error, OSError):
            webbrowser.open(page.as_uri())
        time.sleep(KEPT)
        page.unlink(missing_ok=True)

    threading.Thread(target=show, daemon=True).start()
    try:
        yield
    finally:
        page.unlink(missing_ok=True)


def _has_browser() -> bool:
    """Whether a browser opens beside this program, rather than in its place in the terminal."""
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))
    return shown or not sys.platform.startswith("linux")


def _warm(desk: Desk) -> None:
    """Read what the first page shows while its reader is still on the way."""
    with contextlib.suppress(Exception):  # the page itself will say it
        desk.cards()


def serve(
    desk: Desk,
    settings: Settings,
    *,
    say: Callable[[str], None],
    browser: bool = True,
    certificate: Certificate | None = None,
) -> None:
    """Serve a desk until somebody stops it with Ctrl-C.

    Parameters
    ----------
    say
        Takes each line for who started it.

    Raises
    ------
    UsageError
        If the address cannot be taken or would be open to others, or the files named are not in order.
    """
    refuse_open(settings)
    if certificate:
        _prove(certificate)
    asked = settings if settings.users or settings.trusted_proxy else _with_token(settings)
    taken = listening(settings.host, settings.port)
    with taken:
        asked = replace(asked, port=taken.getsockname()[1])
        server = _server(desk, asked, certificate)
        address = link(asked, secure=certificate is not None)
        _told(asked, address, say, secure=certificate is not None)
        threading.Thread(target=_warm, args=(desk,), daemon=True).start()
        opened = _shown(address) if browser and _has_browser() else contextlib.nullcontext()
        with opened, contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[taken])
    say(_("Stopped. Everything is saved."))


def _with_token(settings: Settings) -> Settings:
    return replace(settings, token=settings.token or secrets.token_urlsafe(32))


def _prove(certificate: Certificate) -> None:
    """Try whether the files hold a certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate.chain, certificate.key)
    except OSError as error:  # ssl's own is one
        said = _("no certificate with its key in {path} ({error})")
        raise UsageError(said.format(path=certificate.chain, error=error)) from None


def _told(settings: Settings, address: str, say: Callable[[str], None], *, secure: bool) -> None:
    if settings.token:
        say(_("Open {link} (works once). Stop with Ctrl-C.").format(link=address))
    else:
        say(_("Serving at {link}. Stop with Ctrl-C.").format(link=address))
    if not (secure or settings.trusted_proxy or is_loopback(settings.host)):
        say(_("Passwords and cases travel readable for everybody on the way: give --certificate and --key."))


def _server(desk: Desk, settings: Settings, certificate: Certificate | None) -> "uvicorn.Server":
    import uvicorn  # noqa: PLC0415 - as below

    from goodoffices.web.app import create_app  # noqa: PLC0415 - heavy

    logging.getLogger("goodoffices.web").setLevel(logging.WARNING)
    config = uvicorn.Config(
        create_app(desk, settings),
        log_level="warning",
        access_log=False,  # addresses hold the token, names and days
        proxy_headers=False,  # who is the peer must not be what a header says
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=PATIENCE,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    return uvicorn.Server(config)
