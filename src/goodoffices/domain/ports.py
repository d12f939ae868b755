"""What the edges of the product promise: protocols that built-in and outside parts fulfil alike."""

from collections.abc import Mapping
from typing import Protocol

from goodoffices.domain.case import Case
from goodoffices.domain.events import Layout

__all__ = ["CaseSource", "EventSource"]


class CaseSource(Protocol):
    """A place from which cases come, found by an entry point of the group `goodoffices.sources`."""

    name: str

    def knows(self, where: str) -> bool:
        """Say whether this source can load what is called so."""
        ...

    def load(self, where: str) -> Case:
        """Load a case; every fault of the input is a `CaseError`."""
        ...


class EventSource(Protocol):
    """A feed of coded reports, found by an entry point of the group `goodoffices.events`.

    A source says how its files are laid out; it reads none of them itself. `licence` and `url` are
    kept with every file, so that a result can say on whose work it rests.
    """

    name: str
    title: str
    licence: str
    url: str

    def knows(self, where: str) -> bool:
        """Say whether this file looks like one of the source, by its name and its first lines."""
        ...

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """Say how this file is read.

        `mapping` carries what the user declared: columns of the store -> columns of the file, and
        `known`, `codes`, `actors`, `delimiter`, `dates`. What a source cannot do without is a
        `UsageError`.
        """
        ...
