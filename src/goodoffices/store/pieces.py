"""A file in pieces of whole lines: read once, and hashed and counted while something else is done with it."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bytes", "Lines", "Pieces", "lines_of"]

PIECE = 1 << 24  # bytes that are read at once
PROBE = 1 << 14  # bytes at the end of them in which the end of a line is looked for first
CHUNK = 1 << 17  # bytes that are counted at once, so that they stay near the processor
LONG = 1 << 20  # bytes without the end of a line; readers give up at twice as many
NEWLINE = ord("\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """What one pass over the bytes of a file says of it, without any reader of tables.

    Attributes
    ----------
    signs
        How many bytes are the sign between cells, the end of a line, or anything below it, such as NUL.
    ended
        Whether the last line has its end.
    odd
        Whether a carriage return ends no line, or a line goes on for more than a megabyte.
    """

    sha256: str
    size: int
    signs: int
    ended: bool
    odd: bool

    def even(self, lines: int, cells: int) -> bool:
        """Say whether it is so many lines of so many cells, and holds no NUL and no empty line.

        It must be known that there are as many lines at least, and that none has fewer cells. What
        there is beyond that is one sign too many, and nothing can make up for it.
        """
        return not self.odd and self.signs == lines * cells - (not self.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What is to be known of the lines of a file where they are not even.

    Attributes
    ----------
    blank
        The numbers of the lines that are empty, counted from 1.
    nul
        Whether there is a NUL byte anywhere.
    stray
        Whether there is a carriage return that ends no line.
    """

    lines: int
    blank: tuple[int, ...] = ()
    nul: bool = False
    stray: bool = False


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


def lines_of(path: Path) -> Lines:
    """Read a file once more: its lines, and what in them readers have to be told of."""
    lines, blank, nul, stray, begun, before = 0, list[int](), False, False, b"", b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            ends = np.frombuffer(chunk, np.uint8) == NEWLINE
            blank += _blanks_in(begun, chunk, ends, lines + 1)
            nul, stray = nul or b"\0" in chunk, stray or _stray(before, chunk)
            lines += int(np.count_nonzero(ends))
            begun, before = _carried(begun, chunk), chunk[-1:]
    return Lines(lines=lines + bool(begun), blank=tuple(blank), nul=nul, stray=stray or before == b"\r")


class _Counting:
    """What is counted of a file so far."""

    def __init__(self, sign: bytes) -> None:
        self._sign = sign if sign and sign[0] > NEWLINE else b""
        self._digest, self._size, self._signs, self._idle = sha256(), 0, 0, 0
        self._odd, self._before = False, b""

    def see(self, piece: bytes) -> None:
        """Count the bytes that come next."""
        self._digest.update(piece)
        self._odd = self._odd or _stray(self._before, piece)
        for at in range(0, len(piece), CHUNK):
            self._see(piece[at : at + CHUNK])
        self._size, self._before = self._size + len(piece), piece[-1:]

    def _see(self, chunk: bytes) -> None:
        values = np.frombuffer(chunk, np.uint8)
        self._signs += int(np.count_nonzero(values <= NEWLINE))
        self._signs += int(np.count_nonzero(values == self._sign[0])) if self._sign else 0
        self._idle = 0 if b"\n" in chunk else self._idle + len(chunk)
        self._odd = self._odd or self._idle > LONG

    def told(self) -> Bytes:
        """Give what was counted; that was all of it."""
        return Bytes(
            sha256=self._digest.hexdigest(),
            size=self._size,
            signs=self._signs,
            ended=self._before == b"\n",
            odd=self._odd or self._before == b"\r",
        )


def _end(file: IO[bytes], at: int, size: int) -> int:
    """Where the piece ends that begins here: behind its last whole line, if there is a whole line in it."""
    end = min(at + PIECE, size)
    for probe in (PROBE, PIECE) if end < size else ():
        start = max(at, end - probe)
        file.seek(start)
        if found := file.read(end - start).rfind(b"\n") + 1:
            return start + found
    return end


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        at, size = 0, path.stat().st_size
        while at < size:
            end = _end(file, at, size)
            file.seek(at)
            if not (piece := file.read(end - at)):
                return
            yield piece
            at += len(piece)


class Pieces:
    """The pieces of a file, once each: one begins where the one before it ended.

    Parameters
    ----------
    sign
        A byte to be counted, such as that between cells.
    seen
        Is told how many bytes are done with; what it raises ends the reading.
    """

    def __init__(
        self, path: Path, sign: bytes = b"", seen: Callable[[int], None] = lambda _bytes: None
    ) -> None:
        self._counting, self._seen = _Counting(sign), seen
        self._pieces = self._counted(path)

    def _counted(self, path: Path) -> Iterator[bytes]:
        done, before = 0, Future[None]()
        before.set_result(None)
        with ThreadPoolExecutor(1) as beside:
            for piece in _read(path):
                before.result()
                before = beside.submit(self._counting.see, piece)
                yield piece
                done += len(piece)
                self._seen(done)
            before.result()

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def rest(self) -> Bytes:
        """Read what is left of the file, and give what was counted of all of it."""
        for _piece in self._pieces:
            pass
        return self._counting.told()
