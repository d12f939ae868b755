"""Hold something for oneself, among the threads of this program and the programs of this machine.

A lock is a file beside what it guards.  It is taken away again by whoever held it last, so that
nothing of it stays in a case folder; where nothing can be written, nothing needs to be guarded from
other programs, and the threads of this one are still kept apart.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakValueDictionary

from goodoffices.errors import BusyError
from goodoffices.words import _

__all__ = ["Lock", "lock_at"]

PATIENCE = 30.0  # seconds until another program's hold is reported instead of awaited
_SOON, _LATER = 0.001, 0.02  # seconds between two tries
_LOCKS: WeakValueDictionary[str, "Lock"] = WeakValueDictionary()
_REGISTER = threading.Lock()

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """One lock file; `lock_at` gives the same lock to everybody in this program who asks for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mutex = threading.RLock()
        self._depth = 0

    @contextlib.contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock; gives whether this is the outermost hold of this thread.

        Raises
        ------
        BusyError
            If another program does not let go.
        """
        with self._mutex:
            handle = self._open() if not self._depth else None
            self._depth += 1
            try:
                yield self._depth == 1
            finally:
                self._depth -= 1
                if handle is not None:
                    self._let_go(handle)

    def _open(self) -> int | None:
        """Take the file, or give None where no file can be made."""
        until, pause = time.monotonic() + PATIENCE, _SOON
        while True:
            try:
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
            except OSError:
                return None
            if self._taken(handle):
                return handle
            os.close(handle)
            if time.monotonic() > until:
                told = _("another program holds {path}; close it there, then try again")
                raise BusyError(told.format(path=self.path.parent.name or self.path))
            time.sleep(pause)
            pause = min(2 * pause, _LATER)

    def _taken(self, handle: int) -> bool:
        """Take the open file; whoever held it last may have taken it away in the meantime."""
        try:
            _take(handle)
            return os.path.samestat(os.fstat(handle), self.path.stat())
        except OSError:
            return False

    def _let_go(self, handle: int) -> None:
        with contextlib.suppress(OSError):  # Windows keeps a file that is open; it is empty
            self.path.unlink()
        os.close(handle)


def lock_at(path: Path) -> Lock:
    """Give the one lock of this program for a lock file."""
    with _REGISTER:
        full = str(path.parent.resolve() / path.name)
        lock = _LOCKS.get(full)
        if lock is None:
            lock = _LOCKS[full] = Lock(Path(full))
        return lock
