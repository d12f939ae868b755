"""A file on its way: what is there of it, what the server said of it, and from where it can go on.

Two files are only known to be one by what the server says of them (its tag, or the day of the last
change) or by a hash that was known before.  Without either, what is there of a file is thrown away.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodoffices.sources.fetch import Wanted
from goodoffices.store.politely import Later
from goodoffices.words import _

if TYPE_CHECKING:
    import httpx2

__all__ = ["Part", "begun", "packed"]


@dataclass(slots=True)
class Part:
    """A file that is not whole yet, and what the server said of it."""

    path: Path
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def note(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    def look(self, wanted: Wanted) -> int:
        """Say from which byte on it can go on; what cannot be gone on with is thrown away."""
        with suppress(OSError, ValueError):
            self.said = json.loads(self.note.read_text(encoding="utf-8"))
        same = self.said.get("url") == wanted.url and not self.path.is_symlink()
        if not same or not (self.validator or wanted.md5):
            self.discard()
        return self.size

    @property
    def validator(self) -> str:
        """By what the server can tell whether it still has the same file."""
        etag = str(self.said.get("etag", ""))
        return str(self.said.get("modified", "")) if etag.startswith("W/") or not etag else etag

    def asks(self, have: int) -> dict[str, str]:
        """Ask for the rest, or for all of it if the server has another file by now."""
        only = {"If-Range": self.validator} if self.validator else {}
        return {"Range": f"bytes={have}-", **only}

    def discard(self) -> None:
        self.said = {}
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def remember(self, said: dict[str, Any]) -> None:
        self.said = said
        self.note.write_text(json.dumps(said), encoding="utf-8")


def _told(url: str, response: "httpx2.Response", total: int | None) -> dict[str, Any]:
    heard = response.headers
    etag, modified = heard.get("etag", ""), heard.get("last-modified", "")
    return {"url": url, "etag": etag, "modified": modified, "total": total}


def _range(response: "httpx2.Response") -> tuple[int, int | None]:
    """Read Content-Range: where the body begins, and how long the whole is."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
    if not found:
        raise Later(_("the server sent a part without saying which"))
    return int(found[1]), None if found[2] == "*" else int(found[2])


def _length(response: "httpx2.Response") -> int | None:
    given = response.headers.get("content-length", "")
    return int(given) if given.isdigit() and not packed(response) else None


def packed(response: "httpx2.Response") -> bool:
    """Did the server pack the body, though it was asked not to?"""
    return response.headers.get("content-encoding", "identity").lower() not in ("", "identity")


def begun(part: Part, response: "httpx2.Response", url: str, have: int) -> int:
    """Say from which byte on the body is to be written; a file that changed begins anew."""
    if response.status_code == 416:
        part.discard()
        raise Later(_("the server has no such part of the file"))
    if response.status_code == 200:
        part.discard()
        part.remember({} if packed(response) else _told(url, response, _length(response)))
        return 0
    start, total = _range(response)
    told = _told(url, response, total)
    before = part.said
    both = (name for name in ("etag", "modified", "total") if told[name] and before.get(name))
    if start != have or any(told[name] != before[name] for name in both):
        part.discard()
        raise Later(_("the file changed on the server"))
    return start
