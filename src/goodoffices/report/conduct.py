"""A forecast of conduct beside a reading, as pages show it: apart from it, and under its own sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodoffices.domain.readings import ConductReading
from goodoffices.words import _, figure

__all__ = ["ShownConduct", "ShownRow", "acted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """The next reported act of one party (`two`) towards another (`one`).

    Attributes
    ----------
    figures
        What each is called, and how it is said.
    said
        Why there are none, where that is so.
    """

    one: str
    two: str
    figures: Sequence[tuple[str, str]]
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConduct:
    """A forecast of conduct with what it says nothing of."""

    label: str
    store: str
    said: str
    rows: Sequence[ShownRow]


def _figures(given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_(name.replace("_", " ")), figure(value))
        for name, value in given.items()
        if isinstance(value, float)
    )


def acted(found: ConductReading, names: Mapping[str, str]) -> ShownConduct:
    """Lay out a forecast of conduct; `names` are those by which people know the parties."""
    rows = (
        ShownRow(
            one=names.get(row.truster, row.truster),
            two=names.get(row.trustee, row.trustee),
            figures=_figures(row.forecast),
            said=str(row.forecast.get("said", "")),
        )
        for row in found.rows
    )
    return ShownConduct(label=found.label, store=found.store, said=found.said, rows=tuple(rows))
