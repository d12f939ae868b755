"""The list of files that were fetched into a folder: from where, when, under which terms, and what hash.

The list is one JSON document.  While files come in, each adds a line to a log beside it, because
writing the whole list again for each of some hundred thousand files would take longer than they do;
whoever opens the folder reads both.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from goodoffices.errors import StoreError
from goodoffices.words import _

__all__ = ["NAME", "Entry", "Manifest", "sync_folder"]

NAME = "manifest.json"
LOG = ".manifest.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file that was fetched.

    Attributes
    ----------
    checked
        By what it is known to be whole: "md5", "size" (both of the source's own list), "length"
        (which the server gave) or "nothing".
    """

    name: str
    url: str
    source: str
    licence: str
    retrieved_at: str
    bytes: int
    sha256: str
    md5: str = ""
    checked: str = "nothing"
    etag: str = ""
    modified: str = ""


def sync_folder(folder: Path) -> None:
    """Make a renaming in a folder last, where the system can be asked for it."""
    with suppress(OSError, AttributeError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _entry(given: Any) -> Entry:
    return Entry(**{name: given[name] for name in Entry.__slots__ if name in given})


class Manifest:
    """The list of one folder, open for reading and for adding to; `close` writes it whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = {entry.name: entry for entry in self._read()}
        self._log: IO[str] | None = None

    def _read(self) -> Iterator[Entry]:
        path = self.folder / NAME
        if path.exists():
            try:
                yield from map(_entry, json.loads(path.read_text(encoding="utf-8"))["files"])
            except (ValueError, KeyError, TypeError):
                said = _("{path}: not a list of files that were fetched; move it away to begin anew")
                raise StoreError(said.format(path=path)) from None
        if (self.folder / LOG).exists():
            yield from self._logged()

    def _logged(self) -> Iterator[Entry]:
        for line in (self.folder / LOG).read_text(encoding="utf-8").splitlines():
            with suppress(ValueError, TypeError):  # a last line that was not finished
                yield _entry(json.loads(line))

    def add(self, entry: Entry) -> None:
        """Enter a file, or enter it anew."""
        if self._log is None:
            self._log = (self.folder / LOG).open("a", encoding="utf-8")
        # A line that was broken off before must not swallow this one.
        self._log.write("\n" + json.dumps(asdict(entry), ensure_ascii=False))
        self._log.flush()
        self.entries[entry.name] = entry

    def close(self) -> None:
        """Write the list as one document; the log is no longer needed."""
        if self._log is not None:
            self._log.close()
            self._log = None
        if not (self.folder / LOG).exists():
            return
        files = [asdict(self.entries[name]) for name in sorted(self.entries)]
        fresh = self.folder / f".{NAME}.new"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"format": 1, "files": files}, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / NAME)
        sync_folder(self.folder)
        (self.folder / LOG).unlink()
