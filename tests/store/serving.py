"""A real HTTP server on loopback that can be told to behave badly."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """One file, and what goes wrong with it: `first` answers, then answers that break off (`cuts`)."""

    body: bytes
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    honest: bool = True  # looks at If-Range
    length: bool = True
    kind: str = "application/octet-stream"
    cuts: list[int] = field(default_factory=list)
    first: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    later: list[Served] = field(default_factory=list)  # what stands in its place after the first answer
    asked: list[dict[str, str]] = field(default_factory=list)


class Shop:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.files: dict[str, Served] = {}

    def asked(self, name: str) -> list[dict[str, str]]:
        return self.files[name].asked


class Handler(BaseHTTPRequestHandler):
    shop: Shop
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        served = self.shop.files.get(self.path.lstrip("/"))
        if served is None:
            self._answer(404, {}, b"")
            return
        heard = {name.lower(): value for name, value in self.headers.items()}
        if served.asked and served.later:
            after = served.later.pop(0)
            after.asked = served.asked
            self.shop.files[self.path.lstrip("/")] = served = after
        served.asked.append(heard)
        if served.first:
            code, headers = served.first.pop(0)
            self._answer(code, headers, b"")
        else:
            self._file(served, heard)

    def _file(self, served: Served, heard: dict[str, str]) -> None:
        headers = {"Content-Type": served.kind, "ETag": served.etag, "Last-Modified": served.modified}
        headers = {name: value for name, value in headers.items() if value}
        if served.etag and heard.get("if-none-match") == served.etag:
            self._answer(304, headers, b"")
            return
        start = re.fullmatch(r"bytes=(\d+)-", heard.get("range", ""))
        same = not served.honest or heard.get("if-range", "") in ("", served.etag, served.modified)
        begin = int(start[1]) if start and served.ranges and same else 0
        if begin > len(served.body):
            self._answer(416, {}, b"")
            return
        code = 206 if start and served.ranges and same else 200
        if code == 206:
            headers["Content-Range"] = f"bytes {begin}-{len(served.body) - 1}/{len(served.body)}"
        cut = served.cuts.pop(0) if served.cuts else None
        self._answer(code, headers, served.body[begin:], cut, length=served.length)

    def _answer(
        self,
        code: int,
        headers: dict[str, str],
        body: bytes,
        cut: int | None = None,
        *,
        length: bool = True,
    ) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        if length and code != 304:
            self.send_header("Content-Length", str(len(body)))
        if not length or cut is not None:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass  # a reader that leaves early is what some tests want


@contextmanager
def shop() -> Iterator[Shop]:
    server = Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    opened = Shop(server.server_address[1])
    server.RequestHandlerClass = type("Handler", (Handler,), {"shop": opened})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
