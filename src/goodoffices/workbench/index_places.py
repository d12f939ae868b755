"""Places by URL, as fsspec knows them: a folder here, one that many machines share, an object store.

A place is a folder.  It is begun empty and its list, a small JSON file, is written last: what has no
list is not finished.  Keys and endpoints are none of ours; fsspec finds them where it looks for them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from goodoffices.errors import ExtraMissing, UsageError
from goodoffices.words import _

__all__ = ["Place", "content", "is_place"]

MEMORY = "memory"  # of one process


def is_place(text: str) -> bool:
    """Is it a folder to be written into, a URL or a path with a slash at its end, and not one file?"""
    return "://" in text or "::" in text or text.endswith(("/", "\\"))


@contextmanager
def _told(url: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise UsageError(_("{url}: cannot be reached ({why})").format(url=url, why=error)) from None
    except Exception as error:  # every kind of place has errors of its own
        why = str(error).split("\n", maxsplit=1)[0] or type(error).__name__
        said = _(
            "{url}: cannot be read or written ({why}); name a place that every machine at work can reach"
        )
        raise UsageError(said.format(url=url, why=why)) from error


def _found(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("ray", _("reading and writing places by URL")) from None
    with _told(url):
        return url_to_fs(url)  # type: ignore[no-any-return]


def content(url: str) -> bytes:
    """Give the bytes of a file.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    system, path = _found(url)
    with _told(url):
        return bytes(system.cat_file(path))


class Place:
    """A folder by its URL; a path of this machine is one too.

    Raises
    ------
    ExtraMissing
        If fsspec is not installed.
    UsageError
        If there is no such kind of place, or what it needs is not installed.
    """

    def __init__(self, url: str) -> None:
        local = "://" not in url and "::" not in url
        self.url = str(Path(url).absolute()) if local else url.rstrip("/")
        self._system, self._root = _found(self.url)

    @property
    def shared(self) -> bool:
        """Could another process reach it?"""
        return MEMORY not in self._system.protocol

    def at(self, name: str) -> str:
        """Give the URL of one file."""
        return f"{self.url}/{name}"

    def names(self) -> set[str]:
        """Give the names of what lies there."""
        with _told(self.url):
            self._system.invalidate_cache()
            if not self._system.exists(self._root):
                return set()
            found = self._system.ls(self._root, detail=False)
        return {path.rstrip("/").rpartition("/")[2] for path in found} - {""}

    def write(self, name: str, data: bytes) -> None:
        """Write one file; its folder is there."""
        with _told(self.url):
            self._system.pipe_file(f"{self._root}/{name}", data)

    @contextmanager
    def begun(self) -> Iterator[list[str]]:
        """Begin an empty place; files that are named in the list are taken back if there is an error.

        Raises
        ------
        UsageError
            If something lies there.
        """
        if self.names():
            raise UsageError(_("{url}: is not empty; name another place").format(url=self.url))
        with _told(self.url):
            self._system.makedirs(self._root, exist_ok=True)
        made: list[str] = []
        try:
            yield made
        except BaseException:
            self._remove(set(made))
            raise

    def _remove(self, names: set[str]) -> None:
        for name in sorted(names & self.names()):
            with _told(self.url):
                self._system.rm_file(f"{self._root}/{name}")

    def put_list(self, name: str, value: dict[str, Any]) -> None:
        """Write the list that says that a place is finished."""
        text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        self.write(name, text.encode())

    def get_list(self, name: str) -> dict[str, Any]:
        """Read the list of a place.

        Raises
        ------
        UsageError
            If there is none, or none that can be read.
        """
        data = content(self.at(name))
        try:
            found = json.loads(data)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise UsageError(_("{url}: is no list that was written here").format(url=self.at(name)))
        return found
