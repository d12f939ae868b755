"""From a file as it was published to the data in it: unpacked with care, and mended where readers trip."""

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from goodoffices.errors import StoreError
from goodoffices.words import _

__all__ = ["Unit", "mended", "units"]

CHUNK = 1 << 18
SWELL = 200  # times the packed size; text that people write packs less than that
ALLOWED = 64 << 20  # bytes that may come out of any packed file, however small


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One file of data: as it is called, where it lies plain, and its share of the file it came in."""

    name: str
    path: Path
    share: float = 1.0


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


def _unpacked(
    source: IO[bytes] | gzip.GzipFile, name: str, member: str, packed: int, room: Path, share: float = 1.0
) -> Unit:
    bare = PurePosixPath(member.replace("\\", "/")).name.replace("\0", "") or "data"
    target = room / bare
    try:
        _poured(source, target, max(ALLOWED, SWELL * packed), name)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError) as error:
        raise _damaged(name) from error
    return Unit(name=name, path=target, share=share)


def _from_zip(path: Path, name: str, room: Path) -> Iterator[Unit]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise _damaged(name) from error
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        packed = max(1, sum(info.compress_size for info in members))
        for info in members:
            called = f"{name}/{info.filename}" if len(members) > 1 else name
            try:
                source = archive.open(info)
            except (RuntimeError, zipfile.BadZipFile, NotImplementedError) as error:
                raise _damaged(name) from error
            with source:
                size = info.compress_size
                yield _unpacked(source, called, info.filename, size, room, size / packed)


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


def mended(path: Path, target: Path) -> Path:
    """Copy a file with a space for every carriage return that ends no line: readers trip over those."""
    with path.open("rb") as source, target.open("wb") as out:
        while line := source.readline(CHUNK):
            body = line.rstrip(b"\r\n") if line.endswith(b"\n") else line
            out.write(body.replace(b"\r", b" ") + (line[len(body) :] and b"\n"))
    return target
