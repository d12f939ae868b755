"""What was made lately is kept for a while, so that going back to a view costs nothing."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

__all__ = ["Memory"]

Kept = TypeVar("Kept")


class Memory(Generic[Kept]):
    """The last things that were made, by key; what is asked for twice at once is made once."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._made: OrderedDict[Hashable, Future[Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Give what is kept under the key, making it first if need be."""
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
            else:
                mine = self._made[key] = Future()
                while len(self._made) > self.size:
                    self._made.popitem(last=False)
        if found is not None:
            return found.result()
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                self._made.pop(key, None)  # a failure is told, not kept
            mine.set_exception(error)
            raise
        mine.set_result(made)
        return made

    def drop(self, key: Hashable) -> None:
        """Forget what is kept under a key."""
        with self._lock:
            self._made.pop(key, None)

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._made

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._made.clear()
