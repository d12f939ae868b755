"""The last things that were worked out, each once."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Lately"]

Made = TypeVar("Made")


class Lately(Generic[Made]):
    """Holds the last things that were made, by all that they hang on."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._made: OrderedDict[Hashable, Made] = OrderedDict()

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Make a thing, unless it is at hand."""
        if key not in self._made:
            self._made[key] = make()
            while len(self._made) > self.size:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return self._made[key]
