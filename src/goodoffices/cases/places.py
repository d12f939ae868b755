"""Where the files of a case rest, and how they are changed all together or not at all.

A save is first written down whole in a journal, then laid out file by file.  Whoever finds a journal
lays it out to the end: a case is therefore always as before the save or as after it, whatever stops
the program in between.
"""

import contextlib
import hashlib
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeVar, runtime_checkable

from goodoffices.cases.holding import lock_at
from goodoffices.errors import CaseError, Fault
from goodoffices.words import _

__all__ = [
    "LIMITS",
    "FolderPlace",
    "Place",
    "contents",
    "place_of",
    "proper",
    "replace_file",
    "settle",
    "size_fault",
    "steady",
]

LIMITS = {".toml": 1_000_000, ".csv": 50_000_000, ".jsonl": 50_000_000}  # bytes
JOURNAL = ".pending.json"
FRESH = ".pending.new"  # the one temporary file: only who holds the place writes it
LOCK = ".lock"
DEEPER = "branches"  # the one folder inside a case folder
_LONGEST = 200  # characters of a name
_TRIES = 5
_NOTHING: Mapping[str, bytes] = {}
T = TypeVar("T")


@runtime_checkable
class Place(Protocol):
    """Where the files of one case rest: a folder, or one encrypted file."""

    @property
    def name(self) -> str:
        """The name of the case."""

    def read(self, name: str) -> bytes | None:
        """Give the bytes of a file, or None if there is none; refuse what lies elsewhere."""

    def names(self) -> tuple[str, ...]:
        """Give the names of all files, sorted, as relative paths with slashes."""

    def write(self, files: Mapping[str, bytes | None], append: Mapping[str, bytes] = _NOTHING) -> None:
        """Replace files (None removes) and add to the end of others: all of it or nothing."""

    def hold(self) -> AbstractContextManager[None]:
        """Keep everybody else from writing; a thread that holds may hold again."""

    def stamp(self) -> str:
        """Give a text that differs whenever any file differs."""


def _fault(name: str, found: str, fix: str) -> CaseError:
    return CaseError([Fault(file=name, found=found, fix=fix)])


def size_fault(name: str, size: int) -> CaseError | None:
    """Give the fault of a file that is too large to read whole, or None."""
    limit = LIMITS.get(PurePosixPath(name).suffix, max(LIMITS.values()))
    if size <= limit:
        return None
    fix = _("keep it under {number} MB; large feeds belong in an event store")
    return _fault(name, f"{size // 1_000_000} MB", fix.format(number=limit // 1_000_000))


def proper(name: str) -> str:
    """Give back the name of a file of a case.

    Raises
    ------
    CaseError
        If it is not a plain relative path: hidden, climbing, absolute or too long.
    """
    parts = name.split("/")
    deep = len(parts) > 1 and (parts[0] != DEEPER or len(parts) > 2)
    bad = deep or any(part.startswith(".") or not part.strip() for part in parts)
    if bad or len(name) > _LONGEST or any(sign in "\\:" or ord(sign) < 32 for sign in name):
        raise _fault(repr(name)[:80], _("a name that leaves the case folder"), _("use a plain file name"))
    return name


def contents(place: Place) -> dict[str, bytes]:
    """Give all files of a place as they stand at one moment."""
    with place.hold():
        found = {name: place.read(name) for name in place.names()}
    return {name: data for name, data in found.items() if data is not None}


def steady(place: Place, read: Callable[[Place], T]) -> T:
    """Read several files as they stood at one moment: again if somebody saved in between."""
    for _try in range(_TRIES):
        before = place.stamp()
        found = read(place)
        if place.stamp() == before:
            return found
    with place.hold():
        return read(place)


class FolderPlace:
    """A case folder on the disk.

    `phase` is told "read", "write", "rename" and "history" as each begins; tests strike there.
    """

    def __init__(self, folder: Path, phase: Callable[[str], None] = lambda _phase: None) -> None:
        self.folder = folder
        self._phase = phase
        self._lock = lock_at(folder / LOCK)
        self._journal = folder / JOURNAL
        self._fresh = folder / FRESH
        self._mend()

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.name or self.folder.resolve().name

    def read(self, name: str) -> bytes | None:
        """Give the bytes of a file, or None if there is none.

        Raises
        ------
        CaseError
            If it lies outside the folder or is too large.
        """
        self._phase("read")
        self._mend()
        path = self._inside(name)
        try:
            if not path.is_file():
                return None
            fault = size_fault(name, path.stat().st_size)
            if fault:
                raise fault
            return path.read_bytes()
        except FileNotFoundError:  # removed since it was looked for
            return None

    def names(self) -> tuple[str, ...]:
        """Give the names of all files, without hidden ones and links that leave the folder."""
        self._mend()
        return tuple(name for name, _stat in self._files())

    def write(self, files: Mapping[str, bytes | None], append: Mapping[str, bytes] = _NOTHING) -> None:
        """Replace files (None removes) and add to the end of others: all of it or nothing.

        Raises
        ------
        CaseError
            If a name leaves the folder, or the disk takes no more; then nothing has changed.
        """
        for name in (*files, *append):
            self._inside(proper(name))
        if not files and not append:
            return
        with self._telling(_("free some space or allow writing; nothing of this save was kept")):
            self.folder.mkdir(parents=True, exist_ok=True)
        with self.hold():
            self._phase("write")
            journal = self._planned(files, append)
            with self._telling(_("free some space or allow writing; nothing of this save was kept")):
                replace_file(self._journal, json.dumps(journal).encode(), self._fresh)
                settle(self.folder)
            self._lay_out(journal)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other thread and program from writing; a thread that holds may hold again."""
        with self._lock.held() as first:
            if first:
                self._recover()
            yield

    def stamp(self) -> str:
        """Give a text that differs whenever a file was written, also by another program."""
        self._mend()
        rows = [(name, at.st_mtime_ns, at.st_size, at.st_ino) for name, at in self._files()]
        return hashlib.blake2b(repr(rows).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    def _inside(self, name: str) -> Path:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise _fault(
                name, _("a link that leaves the case folder"), _("put the file itself into the folder")
            )
        return path

    def _files(self) -> list[tuple[str, os.stat_result]]:
        """List the folder and its branches, and nothing deeper: a case may lie in a large folder."""
        found, root = [], self.folder.resolve()
        for name in (*_listed(self.folder), *(f"{DEEPER}/{name}" for name in _listed(self.folder / DEEPER))):
            path = self.folder / name
            with contextlib.suppress(OSError):  # removed since it was listed
                if path.is_file() and path.resolve().is_relative_to(root):
                    found.append((name, path.stat()))
        return sorted(found, key=lambda pair: pair[0])

    def _planned(self, files: Mapping[str, bytes | None], append: Mapping[str, bytes]) -> dict[str, Any]:
        """Write down a save so that it can be laid out twice: what is added knows where it begins."""
        sizes = {name: self._size(name) for name in append}
        return {
            "files": {
                name: None if data is None else b64encode(data).decode() for name, data in files.items()
            },
            "append": {name: [sizes[name], b64encode(data).decode()] for name, data in append.items()},
        }

    def _size(self, name: str) -> int:
        path = self._inside(name)
        return path.stat().st_size if path.is_file() else 0

    def _mend(self) -> None:
        """Lay out what a stopped program left; if it is still at work, wait for it."""
        if self._journal.is_file():
            with self.hold():
                pass

    def _recover(self) -> None:
        if self._journal.is_file():
            self._lay_out(self._read_journal())
        elif self._fresh.is_symlink() or self._fresh.exists():
            with contextlib.suppress(OSError):
                self._fresh.unlink()

    def _read_journal(self) -> dict[str, Any]:
        try:
            journal: dict[str, Any] = json.loads(self._journal.read_bytes())
            for name in (*journal["files"], *journal["append"]):
                self._inside(proper(name))
        except (ValueError, KeyError, TypeError, RecursionError):
            fix = _("remove this file; the files of the case stand as before the save that it was for")
            raise _fault(JOURNAL, _("a save that cannot be read"), fix) from None
        return journal

    def _lay_out(self, journal: dict[str, Any]) -> None:
        with self._telling(_("free some space or allow writing, then open the case again; nothing is lost")):
            self._phase("rename")
            for name, data in journal["files"].items():
                self._put(self._inside(name), None if data is None else b64decode(data))
            self._phase("history")
            for name, (size, data) in journal["append"].items():
                self._add(self._inside(name), size, b64decode(data))
            settle(self.folder)
            self._journal.unlink()
            with contextlib.suppress(FileNotFoundError):
                self._fresh.unlink()
            settle(self.folder)

    def _put(self, path: Path, data: bytes | None) -> None:
        if data is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, data, self._fresh)
        if path.parent != self.folder and path.parent.is_dir():
            settle(path.parent)

    def _add(self, path: Path, size: int, data: bytes) -> None:
        """Add to the end of a file, once: what an earlier try left behind is written over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(handle, "r+b") as stream:
            end = min(size, stream.seek(0, os.SEEK_END))
            stream.seek(end)
            if stream.read(len(data)) == data:
                return
            stream.seek(end)
            stream.truncate()
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())

    @contextlib.contextmanager
    def _telling(self, fix: str) -> Iterator[None]:
        """Turn a disk that refuses into a sentence."""
        try:
            yield
        except OSError as error:
            found = _("a disk that refuses to write ({error})").format(error=error.strerror or error)
            raise _fault(self.name, found, fix) from error


def _listed(folder: Path) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".")]
    except OSError:  # not there yet, or not to be read
        return []


def replace_file(path: Path, data: bytes, fresh: Path) -> None:
    """Write the bytes under a fresh name, let them reach the disk, then give them the name of the file."""
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            fresh.chmod(path.stat().st_mode & 0o777)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def settle(folder: Path) -> None:
    """Let new names reach the disk; Windows does so by itself and knows no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def place_of(where: Path | Place) -> Place:
    """Give the place that is meant: a path is a case folder."""
    return FolderPlace(where) if isinstance(where, Path) else where
