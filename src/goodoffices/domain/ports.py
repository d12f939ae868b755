"""What the edges of the product promise: protocols that built-in and outside parts fulfil alike."""

from typing import Protocol

from goodoffices.domain.case import Case

__all__ = ["CaseSource"]


class CaseSource(Protocol):
    """A place from which cases come, found by an entry point of the group `goodoffices.sources`."""

    name: str

    def knows(self, where: str) -> bool:
        """Say whether this source can load what is called so."""
        ...

    def load(self, where: str) -> Case:
        """Load a case; every fault of the input is a `CaseError`."""
        ...
