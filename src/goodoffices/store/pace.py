"""How far a file is on its way into a store, told in bytes of it, and whether the user asked to stop.

A faultless file goes through in one reading. Where that fails, it is counted to its end, read by DuckDB
and sifted, and the telling begins anew: each of the three counts as much as it takes of the time.
"""

import threading
from collections.abc import Callable

__all__ = ["Pace", "Stopped"]

Stop = Callable[[], bool]

COUNTED, READ = 0.1, 0.45  # of the time, where DuckDB reads; the rest is sifting; measured on GDELT 2.0
STEP = 1 << 20  # bytes between two words on a file


class Stopped(Exception):  # noqa: N818 - it is how an import ends when asked to
    """The user asked to stop; the unit at hand was taken back."""


class Pace:
    """Takes in from several threads how far a file is, and tells it from one at a time.

    Parameters
    ----------
    size
        Bytes of the file as it is read.
    whole
        Bytes that the file stands for when it is told of: as many, or those of it packed.
    tell
        Is told the bytes that came since it was last told; fewer than none where a file is read again.
    stop
        Whether the user asked to stop.
    """

    def __init__(
        self,
        size: int,
        whole: int,
        tell: Callable[[int], None] = lambda _bytes: None,
        stop: Stop = lambda: False,
    ) -> None:
        self._size, self._whole, self._tell, self._stop = max(size, 1), whole, tell, stop
        self._lock = threading.Lock()
        self._told, self._part = 0, 1.0

    def checked(self) -> None:
        """End here if the user asked to.

        Raises
        ------
        Stopped
            If the user asked to stop.
        """
        if self._stop():
            raise Stopped

    def came(self, size: int) -> None:
        """Hear how many bytes of the file are done with."""
        self.checked()
        self._say(self._part * size / self._size)

    def again(self) -> None:
        """Hear that the careful way is needed: what is still counted is a part of the work only."""
        self._part = COUNTED

    def read(self, share: float) -> None:
        """Hear how far the careful reader is, from 0 to 1."""
        self._say(COUNTED + READ * share)

    def done(self) -> None:
        """Tell what is left of the file: it is in."""
        self._say(1.0, last=True)

    def _say(self, share: float, *, last: bool = False) -> None:
        with self._lock:
            more = round(self._whole * share) - self._told
            if abs(more) >= (1 if last else STEP):
                self._told += more
                self._tell(more)
