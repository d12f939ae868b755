"""Keep a case in one encrypted file; its files are in clear only in memory.

The file begins with a line that names the format and a line that says how the passphrase makes a
key (scrypt).  That key opens a second one, drawn once for the file, with which all else is encrypted
(AES-256-GCM): opening takes half a second, saving takes milliseconds.  A byte altered anywhere is
noticed, because every part is checked before it is believed.
"""

import contextlib
import hashlib
import io
import json
import os
import threading
import unicodedata
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodoffices.archive.bundle import zipped
from goodoffices.cases.holding import lock_at
from goodoffices.cases.places import (
    DEEPER,
    LOCK,
    FolderPlace,
    Place,
    contents,
    proper,
    replace_file,
    settle,
    size_fault,
)
from goodoffices.errors import ExtraMissing, LockedError, UsageError
from goodoffices.words import _

__all__ = ["SUFFIX", "LockedPlace", "lock_case", "unlock_case"]

SUFFIX = ".locked"
MAGIC = b"goodoffices locked case 1\n"
WORK = 2**17  # scrypt's n: half a second and 128 MB for each guess at a passphrase
SHORTEST = 8  # characters of a passphrase for a new file
_WORKS = {2**power for power in range(10, 21)}  # a file from a stranger may not ask for more
_NONCE = 12
_NOTHING: Mapping[str, bytes] = {}
_FAST = 1  # of zip's levels; what is saved often is packed quickly
_JUNK = (".DS_Store", "Thumbs.db", "desktop.ini")


def _ciphers() -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers import aead  # noqa: PLC0415 - an optional part
    except ImportError:
        raise ExtraMissing("web", _("keeping a case encrypted")) from None
    return aead.AESGCM


def _sealed(key: bytes, data: bytes, beside: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    sealed: bytes = _ciphers()(key).encrypt(nonce, data, beside)
    return nonce + sealed


def _unsealed(key: bytes, data: bytes, beside: bytes) -> bytes | None:
    """Open what `_sealed` made, or give None if the key or a single bit is another."""
    aesgcm = _ciphers()(key)
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415

    try:
        opened: bytes = aesgcm.decrypt(data[:_NONCE], data[_NONCE:], beside)
    except (InvalidTag, ValueError):
        return None
    return opened


def _stretched(passphrase: str, work: int, salt: bytes) -> bytes:
    """Make the key that a passphrase stands for, slowly on purpose."""
    _ciphers()
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415

    plain = unicodedata.normalize("NFKC", passphrase).encode()
    made: bytes = Scrypt(salt=salt, length=32, n=work, r=8, p=1).derive(plain)
    return made


@dataclass(frozen=True, slots=True)
class _Head:
    """The second line of the file: how the passphrase opens the key."""

    work: int
    salt: bytes
    key: bytes  # sealed

    def beside(self) -> bytes:
        return MAGIC + f"scrypt {self.work} 8 1 {self.salt.hex()}".encode()

    def line(self) -> bytes:
        row = {"kdf": "scrypt", "n": self.work, "r": 8, "p": 1}
        row |= {"salt": b64encode(self.salt).decode(), "key": b64encode(self.key).decode()}
        told = json.dumps(row)
        return f"{told} {hashlib.sha256(told.encode()).hexdigest()}\n".encode()


def _altered(path: Path) -> LockedError:
    told = _("{name} was altered or cut short since it was saved; it stays as it is: take another copy")
    return LockedError(told.format(name=path.name))


def _parsed(path: Path, raw: bytes) -> tuple[_Head, bytes]:
    """Split the file into its head and its encrypted rest, both unaltered as far as can be told yet."""
    line, _end, body = raw.removeprefix(MAGIC).partition(b"\n")
    told, _space, told_sum = line.rpartition(b" ")
    if not raw.startswith(MAGIC) or hashlib.sha256(told).hexdigest().encode() != told_sum:
        raise _altered(path)
    try:
        row = json.loads(told)
        if row["n"] not in _WORKS or (row["kdf"], row["r"], row["p"]) != ("scrypt", 8, 1):
            raise _altered(path)
        return _Head(row["n"], b64decode(row["salt"]), b64decode(row["key"])), body
    except (KeyError, TypeError, ValueError, RecursionError):
        raise _altered(path) from None


def _opened_key(path: Path, head: _Head, passphrase: str) -> bytes:
    key = _unsealed(_stretched(passphrase, head.work, head.salt), head.key, head.beside())
    if key is None:
        told = _("this passphrase does not open {name}; nothing was changed: try again")
        raise LockedError(told.format(name=path.name))
    return key


def _new_head(passphrase: str, key: bytes) -> _Head:
    bare = _Head(WORK, os.urandom(16), b"")
    made = _stretched(passphrase, bare.work, bare.salt)
    return _Head(bare.work, bare.salt, _sealed(made, key, bare.beside()))


class LockedPlace:
    """A case in one encrypted file, open in memory.

    The passphrase is not kept, only the key of this file; `close` forgets that too.

    Raises
    ------
    LockedError
        If the passphrase is another one, or the file was altered.
    """

    def __init__(self, path: Path, passphrase: str) -> None:
        self.path = path
        self._guard = threading.RLock()
        self._lock = lock_at(path.parent / f".{path.name}{LOCK}")
        self._fresh = path.parent / f".{path.name}.new"
        self._seen = ""
        self._files: dict[str, bytes] = {}
        self._head, _body = _parsed(path, self._raw())
        self._key = _opened_key(path, self._head, passphrase)
        self._refresh()

    @property
    def name(self) -> str:
        """The name of the case."""
        return self.path.name.removesuffix(SUFFIX)

    def read(self, name: str) -> bytes | None:
        """Give the bytes of a file, or None if there is none.

        Raises
        ------
        LockedError
            If the encrypted file was altered, locked anew or removed, or this place was closed.
        """
        data = self._refresh().get(proper(name))
        fault = size_fault(name, len(data or b""))
        if fault:
            raise fault
        return data

    def names(self) -> tuple[str, ...]:
        """Give the names of all files."""
        return tuple(sorted(self._refresh()))

    def write(self, files: Mapping[str, bytes | None], append: Mapping[str, bytes] = _NOTHING) -> None:
        """Replace files (None removes) and add to others: encrypted anew, and replaced at once."""
        for name in (*files, *append):
            proper(name)
        with self.hold():
            kept = {**self._refresh(), **files}
            for name, data in append.items():
                kept[name] = (kept.get(name) or b"") + data
            self._save({name: data for name, data in kept.items() if data is not None})

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other thread and program from writing; a thread that holds may hold again."""
        with self._lock.held() as first:
            if first:
                with contextlib.suppress(OSError):  # left by a program that was stopped; encrypted
                    self._fresh.unlink()
            yield

    def stamp(self) -> str:
        """Give a text that differs whenever the encrypted file was written."""
        try:
            at = self.path.stat()
        except OSError:
            return "gone"
        return f"{at.st_mtime_ns:x}-{at.st_size:x}-{at.st_ino:x}"

    def close(self) -> None:
        """Forget the key and the files; reading raises `LockedError` from now on."""
        with self._guard:
            self._key, self._files, self._seen = b"", {}, ""

    def _raw(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError as error:
            told = _("{name} cannot be read ({error})")
            raise LockedError(told.format(name=self.path.name, error=error.strerror or error)) from None

    def _refresh(self) -> dict[str, bytes]:
        """Give the files, decrypted again if another program saved."""
        with self._guard:
            if not self._key:
                raise LockedError(_("{name} is locked: give its passphrase").format(name=self.name))
            stamp = self.stamp()
            if stamp != self._seen:
                self._files = self._decrypted()
                self._seen = stamp
            return self._files

    def _decrypted(self) -> dict[str, bytes]:
        head, body = _parsed(self.path, self._raw())
        if head != self._head:
            told = _("{name} was locked anew by somebody else: open it again with its passphrase")
            raise LockedError(told.format(name=self.name))
        data = _unsealed(self._key, body, MAGIC + head.line())
        if data is None:
            raise _altered(self.path)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def _save(self, files: dict[str, bytes]) -> None:
        with self._guard:
            replace_file(self.path, _sealed_case(self._head, self._key, files), self._fresh)
            self._files, self._seen = files, self.stamp()
        settle(self.path.parent)


def _sealed_case(head: _Head, key: bytes, files: Mapping[str, bytes]) -> bytes:
    start = MAGIC + head.line()
    return start + _sealed(key, zipped(files, _FAST), start)


def lock_case(folder: Path, passphrase: str) -> Path:
    """Encrypt a case folder into one file beside it, and remove the folder; gives the file.

    The file is read back before anything is removed.  Broken off, it can be asked for again.

    Raises
    ------
    UsageError
        If the passphrase is too short, the folder holds what would stay outside, or another file
        has the name.
    """
    folder = folder.resolve()
    _check_passphrase(passphrase)
    place, path = FolderPlace(folder), folder.parent / f"{folder.name}{SUFFIX}"
    with place.hold():
        _check_folder(folder, place)
        files = contents(place)
        if not path.exists():
            key = os.urandom(32)
            whole = _sealed_case(_new_head(passphrase, key), key, files)
            replace_file(path, whole, path.parent / f".{path.name}.new")
            settle(path.parent)
        kept = contents(LockedPlace(path, passphrase))
        if any(data.strip(b"\0") and kept.get(name) != data for name, data in files.items()):
            told = _("{name} is there already and holds other files: rename one of the two")
            raise UsageError(told.format(name=path.name))
        for name in files:
            _wipe(folder / name)
    _remove_folder(folder)
    return path


def unlock_case(path: Path, passphrase: str, target: Path | None = None) -> Path:
    """Turn an encrypted case into a folder again, and remove the encrypted file; gives the folder.

    Raises
    ------
    LockedError
        If the passphrase is another one, or the file was altered.
    UsageError
        If the folder is there already with other files.
    """
    vault = LockedPlace(path, passphrase)
    place = FolderPlace(target or path.parent / vault.name)
    with vault.hold():
        files = contents(vault)
        if not place.names():
            place.write(files)
        if contents(place) != files:
            told = _("{folder} is there already and holds other files: choose a new folder")
            raise UsageError(told.format(folder=place.name))
        path.unlink()
        settle(path.parent)
    return place.folder


def _check_passphrase(passphrase: str) -> None:
    if len(passphrase) < SHORTEST:
        told = _("a passphrase of {n} characters is soon guessed: use {least} or more, best a few words")
        raise UsageError(told.format(n=len(passphrase), least=SHORTEST))


def _check_folder(folder: Path, place: Place) -> None:
    """Refuse what would stay behind in clear, such as a version history or an editor's copy."""
    if "case.toml" not in place.names():
        raise UsageError(_("{name} is no case folder: it has no case.toml").format(name=folder.name))
    known = {*place.names(), DEEPER, LOCK, *_JUNK}
    there = sorted([*folder.iterdir(), *(folder / DEEPER).glob("*")])
    found = {path.relative_to(folder).as_posix(): path for path in there}
    others = [name for name, path in found.items() if name not in known or path.is_symlink()]
    if others:
        told = _("{name} also holds {others}, which would stay in clear: move them out of the folder first")
        raise UsageError(told.format(name=folder.name, others=", ".join(others[:8])))


def _wipe(path: Path) -> None:
    """Write zeros over a file, as far as the disk allows, and remove it."""
    with contextlib.suppress(OSError), path.open("r+b") as stream:
        stream.write(bytes(path.stat().st_size))
        stream.flush()
        os.fsync(stream.fileno())
    path.unlink()


def _remove_folder(folder: Path) -> None:
    for name in _JUNK:
        (folder / name).unlink(missing_ok=True)
    try:
        if (folder / DEEPER).is_dir():
            (folder / DEEPER).rmdir()
        folder.rmdir()
    except OSError:
        told = _("{name} is encrypted, but somebody wrote into its folder meanwhile: look there")
        raise UsageError(told.format(name=folder.name)) from None
