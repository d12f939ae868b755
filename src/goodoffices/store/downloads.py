"""Fetch files into a folder: whole or not at all, once, and on from where it stopped.

A file comes in under another name, beside a note of what the server said of it.  Only when its
length and hash are right does it get its name and a place in the manifest.  Broken off, by the line
or by the user, it goes on where it stopped, provided that the server still has the same file.
"""

import hashlib
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodoffices.errors import BusyError, ExtraMissing, StoreError, UsageError
from goodoffices.sources.fetch import Offer, Wanted
from goodoffices.store.arriving import Part, begun, packed
from goodoffices.store.manifest import Entry, Manifest, sync_folder
from goodoffices.store.politely import Later, Manners, Polite, Refused
from goodoffices.words import _

if TYPE_CHECKING:
    import httpx2

__all__ = ["Fetched", "Got", "Progress", "download", "listed"]

CHUNK = 1 << 18
IN_A_ROW = 3  # files that a server does not give before it is left alone
OWN_NAMES = ("manifest.json",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """What became of one file: "fetched", "there" (it was here and whole before) or "failed"."""

    name: str
    url: str
    state: str
    bytes: int = 0
    sha256: str = ""
    checked: str = ""
    said: str = ""
    tired: bool = False  # tried as often as manners allow


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of all of them; `stopped` says why the rest was not asked for, if it was not."""

    source: str
    folder: str
    licence: str
    files: tuple[Got, ...] = ()
    stopped: str = ""

    @property
    def faultless(self) -> bool:
        """Did everything come in, now or before?"""
        return not self.stopped and all(file.state != "failed" for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {"ok": self.faultless, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come: bytes of one file, and files; a total is None where nobody gave one."""

    name: str
    done: int
    total: int | None
    file: int
    files: int | None


Tick = Callable[[Progress], None]
Wait = Callable[[float], None]


# -- names and hashes -----------------------------------------------------------------------------


def _safe(name: str) -> str:
    """Refuse a name that would not be a plain file of the folder, on any system."""
    if not re.fullmatch(r"[^/\\:*?\"<>|\x00-\x1f]{1,200}", name) or name[0] == "." or name[-1] in " .":
        raise Refused(_('"{name}" cannot be the name of a file here').format(name=name[:80]))
    if name.lower() in OWN_NAMES or name.lower().endswith((".part", ".part.json")):
        raise Refused(_('"{name}" is a name that the folder keeps for itself').format(name=name))
    return name


def _hashes(path: Path) -> tuple[str, str]:
    """Give SHA-256 and MD5 (as many sources still publish) of a file."""
    sha, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            sha.update(block)
            md5.update(block)
    return sha.hexdigest(), md5.hexdigest()


# -- a folder -------------------------------------------------------------------------------------


class _Folder:
    """A folder into which files of one source are fetched, one after the other."""

    def __init__(self, folder: Path, offer: Offer, polite: Polite, tick: Tick, *, again: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.offer, self.polite, self.tick, self.again = folder, offer, polite, tick, again
        self.manifest = Manifest(folder)
        self.seen: set[str] = set()
        self.files: int | None = None

    def get(self, wanted: Wanted) -> Got:
        """Fetch one file, if it is not here; what cannot be had is said, and raises nothing.

        Raises
        ------
        Refused
            If no other file can be had either.
        """
        try:
            name = _safe(wanted.name)
            if name.lower() in self.seen:
                raise Refused(_('two files are called "{name}"').format(name=name))
            self.seen.add(name.lower())
            old = self._here(wanted)
            if old and not self.again:
                return _got(old, "there")
            fresh = self._whole(wanted, old)
        except Refused as refused:
            if refused.every:
                raise
            return Got(
                name=wanted.name, url=wanted.url, state="failed", said=str(refused), tired=refused.tired
            )
        return _got(fresh, "fetched") if fresh else _got(old or self.manifest.entries[name], "there")

    def _here(self, wanted: Wanted) -> Entry | None:
        """Give what is here of the file, if it is whole and what is wanted now."""
        path, old = self.folder / wanted.name, self.manifest.entries.get(wanted.name)
        if not path.is_file() or path.is_symlink():
            return None
        size = path.stat().st_size
        if wanted.size not in (None, size) or not (old or wanted.md5):
            return None
        sha, md5 = _hashes(path)
        if wanted.md5 and md5 != wanted.md5:
            return None
        if old and old.url == wanted.url and old.sha256 == sha:
            return old
        # Here before its line in the manifest was: the machine stopped between the two.
        return self._entered(wanted, path, (sha, md5), "md5", {}) if wanted.md5 else None

    def _whole(self, wanted: Wanted, old: Entry | None) -> Entry | None:
        """Fetch a file, however often the line breaks; None if the server still has the old one."""
        part = Part(self.folder / f"{wanted.name}.part")
        failures, best = 0, part.size
        while True:
            try:
                return self._placed(wanted, part) if self._attempt(wanted, part, old) else None
            except Later as later:
                failures = later.weight + (failures if part.size <= best else 0)
                best = max(best, part.size)
                if failures >= self.polite.manners.tries:
                    raise Refused(str(later), tired=True) from None
                self.polite.pause(failures, later.after)

    def _attempt(self, wanted: Wanted, part: Part, old: Entry | None) -> bool:
        have = part.look(wanted)
        if have and have == part.said.get("total"):
            return True
        with self.polite.asked(wanted.url, part.asks(have) if have else _unless_same(old)) as response:
            if response.status_code == 304:
                return False
            if response.headers.get("content-type", "").startswith("text/html"):
                raise Refused(_("the server sent a web page in place of the file"))
            start = begun(part, response, wanted.url, have)
            self._pour(wanted, part, response, start)
        return True

    def _pour(self, wanted: Wanted, part: Part, response: "httpx2.Response", start: int) -> None:
        total = part.said.get("total") or wanted.size
        blocks = response.iter_bytes() if packed(response) else response.iter_raw()
        with part.path.open("ab") as file:
            done = start
            for block in blocks:
                done += file.write(block)
                if wanted.size is not None and done > wanted.size:
                    break
                self.tick(Progress(wanted.name, done, total, len(self.seen), self.files))
            file.flush()
            os.fsync(file.fileno())

    def _placed(self, wanted: Wanted, part: Part) -> Entry:
        """Give a file its name, if it is whole."""
        size, hashes, told = part.size, _hashes(part.path), part.said
        fault = _fault(wanted, part.path, size, hashes[1], told.get("total"))
        if fault:
            part.discard()
            raise Later(fault, weight=(self.polite.manners.tries + 1) // 2)
        by_list = "md5" if wanted.md5 else "size" if wanted.size is not None else ""
        checked = by_list or ("length" if told.get("total") is not None else "nothing")
        path = self.folder / wanted.name
        part.path.replace(path)
        sync_folder(self.folder)
        entry = self._entered(wanted, path, hashes, checked, told)
        part.discard()
        return entry

    def _entered(
        self, wanted: Wanted, path: Path, hashes: tuple[str, str], checked: str, told: dict[str, Any]
    ) -> Entry:
        entry = Entry(
            name=wanted.name,
            url=wanted.url,
            source=self.offer.source,
            licence=self.offer.licence,
            retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
            bytes=path.stat().st_size,
            sha256=hashes[0],
            md5=hashes[1],
            checked=checked,
            etag=str(told.get("etag", "")),
            modified=str(told.get("modified", "")),
        )
        self.manifest.add(entry)
        return entry


def _got(entry: Entry, state: str) -> Got:
    plain = {name: getattr(entry, name) for name in ("name", "url", "bytes", "sha256", "checked")}
    return Got(**plain, state=state)


def _unless_same(old: Entry | None) -> dict[str, str]:
    """Ask for a file only if it is another than the one that is here."""
    if old is None:
        return {}
    asked = {"If-None-Match": old.etag, "If-Modified-Since": old.modified}
    return {name: value for name, value in asked.items() if value}


def _fault(wanted: Wanted, path: Path, size: int, md5: str, total: int | None) -> str:
    """Say what is wrong with a file that came in; nothing, if it is whole."""
    right = wanted.size if wanted.size is not None else total
    if right is not None and size != right:
        return _("{n} bytes came where {right} were announced").format(n=size, right=right)
    if wanted.md5 and md5 != wanted.md5:
        return _("its hash is not the one that the list of the source gives")
    if path.name.removesuffix(".part").lower().endswith(".zip") and not zipfile.is_zipfile(path):
        return _("what came is not a whole zip file")
    return ""


# -- all files of a source ------------------------------------------------------------------------


class _Run:
    """One run over what is wanted of a source; lists lie apart, where nobody takes them for data."""

    def __init__(self, offer: Offer, folder: Path, polite: Polite, tick: Tick, *, again: bool) -> None:
        self.data = _Folder(folder, offer, polite, tick, again=again)
        self.lists = _Folder(folder / ".lists", offer, polite, tick, again=True)

    def close(self) -> None:
        self.data.manifest.close()
        self.lists.manifest.close()

    def more(self, wanted: Wanted) -> Iterator[Wanted]:
        """Say what a file that is here leads to."""
        folder = self.data if wanted.kept else self.lists
        return iter(wanted.more(str(folder.folder / wanted.name)) if wanted.more else ())

    def get(self, wanted: Wanted) -> Got:
        got = (self.data if wanted.kept else self.lists).get(wanted)
        if got.state != "failed" and not wanted.kept:
            # Read twice, rather than kept: a list can name some hundred thousand files.
            self.data.files = sum(1 for _one in self.more(wanted))
        return got

    def all(self, begins: Iterable[Wanted]) -> Iterator[Got]:
        """Fetch everything: the files, and what they lead to."""
        waiting = [iter(begins)]
        while waiting:
            wanted = next(waiting[-1], None)
            if wanted is None:
                waiting.pop()
                continue
            got = self.get(wanted)
            if wanted.kept or got.state == "failed":
                yield got
            if got.state != "failed":
                waiting.append(self.more(wanted))


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep a folder from being fetched into by two programs at once."""
    try:
        import filelock  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("events", _("fetching")) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout:
        raise BusyError(_("another program is fetching into {folder}").format(folder=folder)) from None
    except OSError as error:
        said = _("{folder}: {error}; what is there is kept, and the same command goes on with it")
        raise StoreError(said.format(folder=folder, error=error.strerror or error)) from None


@contextmanager
def _running(
    offer: Offer,
    folder: Path,
    signature: str,
    key: str,
    tick: Tick,
    manners: Manners,
    wait: Wait,
    *,
    again: bool,
) -> Iterator[_Run]:
    name, form = offer.header
    secret = {name: form.format(key=key)} if key and name else {}
    with _held(folder):
        polite = Polite(signature, manners, secret=secret, sites=offer.sites, wait=wait)
        run = _Run(offer, folder, polite, tick, again=again)
        try:
            yield run
        finally:
            run.close()
            polite.close()


def download(
    offer: Offer,
    begins: Iterable[Wanted],
    folder: Path,
    *,
    signature: str,
    key: str = "",
    again: bool = False,
    tick: Tick = lambda _progress: None,
    manners: Manners = Manners(),  # noqa: B008 - frozen
    wait: Wait = time.sleep,
) -> Fetched:
    """Fetch what is wanted of a source, and what that leads to, into a folder.

    What is there and whole is not asked for; with `again`, the server is asked whether it changed.
    A file that cannot be had is said, and the rest goes on.

    Raises
    ------
    BusyError, StoreError
        If another program fetches into the folder, or the folder cannot take the files.
    """
    files, stopped, tired = [], "", 0
    with _running(offer, folder, signature, key, tick, manners, wait, again=again) as run:
        try:
            for got in run.all(begins):
                files.append(got)
                tired = tired + 1 if got.tired else 0
                if tired >= IN_A_ROW:
                    raise Refused(_("the server gave none of the last {n} files").format(n=tired))
        except (Refused, UsageError) as error:
            stopped = str(error)
    return Fetched(
        source=offer.name, folder=str(folder), licence=offer.licence, files=tuple(files), stopped=stopped
    )


def listed(
    offer: Offer,
    begins: Iterable[Wanted],
    folder: Path,
    *,
    signature: str,
    key: str = "",
    manners: Manners = Manners(),  # noqa: B008 - frozen
    wait: Wait = time.sleep,
) -> list[Wanted]:
    """Say what would be fetched, as far as it is known before; only the lists of the source are read.

    Raises
    ------
    StoreError
        If a list cannot be had.
    """
    found: list[Wanted] = []
    with _running(offer, folder, signature, key, lambda _p: None, manners, wait, again=False) as run:
        for wanted in begins:
            if wanted.kept:
                found.append(wanted)
                continue
            got = run.lists.get(wanted)
            if got.state == "failed":
                raise StoreError(f"{got.url}: {got.said}")
            found += run.more(wanted)
    return found
