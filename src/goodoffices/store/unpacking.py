"""From a file as it was published to the data in it: unpacked with care, hashed, and its lines counted."""

import gzip
import re
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from numpy.typing import NDArray

from goodoffices.errors import StoreError
from goodoffices.words import _

__all__ = ["Counted", "Unit", "counted", "units"]

CHUNK = 1 << 18
LONG = 1 << 20  # bytes without the end of a line; readers give up at twice as many
NEWLINE = ord("\n")
SWELL = 200  # times the packed size; text that people write packs less than that
ALLOWED = 64 << 20  # bytes that may come out of any packed file, however small


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One file of data: as it is called, and where it lies plain."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What one pass over the bytes of a file says of it, without any reader of tables.

    Attributes
    ----------
    signs
        How often the sign that was asked for, such as the one between cells, stands in it.
    blank
        The numbers of the lines that are empty, counted from 1.
    nul
        Whether there is a NUL byte anywhere.
    stray
        Whether there is a carriage return that ends no line.
    long
        Whether a line goes on for more than a megabyte.
    """

    sha256: str
    size: int
    lines: int
    signs: int
    blank: tuple[int, ...]
    nul: bool
    stray: bool
    long: bool

    @property
    def odd(self) -> bool:
        """Is there anything in it that plain lines do not have?"""
        return bool(self.blank or self.nul or self.stray or self.long)


def _damaged(name: str) -> StoreError:
    said = _("{file}: the packed file is cut off or damaged; nothing of it was taken in")
    return StoreError(said.format(file=name))


def _poured(source: IO[bytes] | gzip.GzipFile, target: Path, most: int, name: str) -> None:
    written = 0
    with target.open("wb") as out:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > most:
                said = _("{file}: unpacks to more than {n} times its size; not taken in")
                raise StoreError(said.format(file=name, n=SWELL))
            out.write(chunk)


def _unpacked(source: IO[bytes] | gzip.GzipFile, name: str, member: str, packed: int, room: Path) -> Unit:
    bare = PurePosixPath(member.replace("\\", "/")).name.replace("\0", "") or "data"
    target = room / bare
    try:
        _poured(source, target, max(ALLOWED, SWELL * packed), name)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError) as error:
        raise _damaged(name) from error
    return Unit(name=name, path=target)


def _from_zip(path: Path, name: str, room: Path) -> Iterator[Unit]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise _damaged(name) from error
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        for info in members:
            called = f"{name}/{info.filename}" if len(members) > 1 else name
            try:
                source = archive.open(info)
            except (RuntimeError, zipfile.BadZipFile, NotImplementedError) as error:
                raise _damaged(name) from error
            with source:
                yield _unpacked(source, called, info.filename, info.compress_size, room)


def units(path: Path, name: str, room: Path) -> Generator[Unit, None, None]:
    """Give the files of data in a file, one after the other; what was unpacked is removed after use.

    Raises
    ------
    StoreError
        For a packed file that is damaged, or that swells beyond all measure.
    """
    ending = path.suffix.lower()
    if ending not in {".gz", ".zip"}:
        yield Unit(name=name, path=path)
        return
    room.mkdir(parents=True, exist_ok=True)
    try:
        if ending == ".zip":
            yield from _from_zip(path, name, room)
        else:
            with gzip.open(path) as source:
                yield _unpacked(source, name, path.stem, path.stat().st_size, room)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _blanks(text: bytes, line: int) -> list[int]:
    """Numbers of the empty lines that end in this text; `line` is the number of its first line."""
    return [at for at, cells in enumerate(text.split(b"\n")[:-1], line) if cells in {b"", b"\r"}]


def _carried(begun: bytes, chunk: bytes) -> bytes:
    """What the next chunk must know of a line that has begun: whether it is still empty."""
    end = chunk.rfind(b"\n") + 1
    rest = chunk[end:] if end else begun + chunk
    return rest if rest in {b"", b"\r"} else b"x"


def _blanks_in(begun: bytes, chunk: bytes, ends: NDArray[np.bool_], line: int) -> list[int]:
    """Numbers of the empty lines, looked for only where there may be some."""
    at_once = chunk[:1] in {b"\n", b"\r"} and begun != b"x"
    doubled = bool((ends[1:] & ends[:-1]).any()) or (b"\r" in chunk and b"\n\r\n" in chunk)
    return _blanks(begun + chunk, line) if at_once or doubled else []


def _stray(before: bytes, chunk: bytes) -> bool:
    """Is there a carriage return that ends no line? `before` is the last byte of the chunk before."""
    if before == b"\r" and not chunk.startswith(b"\n"):
        return True
    return b"\r" in chunk and bool(re.search(rb"\r(?=[^\n])", chunk))


def counted(path: Path, sign: bytes = b"") -> Counted:
    """Read a file once: its hash, its lines, how often a sign stands in it, and what in it is odd."""
    digest, size, lines, signs, blank, idle = sha256(), 0, 0, 0, list[int](), 0
    nul, stray, long, begun, before = False, False, False, b"", b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            signs_here = np.frombuffer(chunk, np.uint8)
            ends = signs_here == NEWLINE
            blank += _blanks_in(begun, chunk, ends, lines + 1)
            nul, stray = nul or b"\0" in chunk, stray or _stray(before, chunk)
            signs += int(np.count_nonzero(signs_here == sign[0])) if sign else 0
            here = int(np.count_nonzero(ends))
            size, lines, idle = size + len(chunk), lines + here, 0 if here else idle + len(chunk)
            long, begun, before = long or idle > LONG, _carried(begun, chunk), chunk[-1:]
    lines, stray = lines + bool(begun), stray or before == b"\r"
    return Counted(
        sha256=digest.hexdigest(), size=size, lines=lines, signs=signs, blank=tuple(blank), nul=nul,
        stray=stray, long=long,
    )  # fmt: skip


def mended(path: Path, target: Path) -> Path:
    """Copy a file with a space for every carriage return that ends no line: readers trip over those."""
    with path.open("rb") as source, target.open("wb") as out:
        while line := source.readline(CHUNK):
            body = line.rstrip(b"\r\n") if line.endswith(b"\n") else line
            out.write(body.replace(b"\r", b" ") + (line[len(body) :] and b"\n"))
    return target
