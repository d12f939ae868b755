"""Save changes into a case: unchanged rows stay byte-identical, and no file is ever half written."""

from collections.abc import Iterable
from pathlib import Path

from goodoffices.cases.edits import applied, edits_of
from goodoffices.cases.places import Place, place_of
from goodoffices.domain.case import Change

__all__ = ["save_changes"]


def save_changes(where: Path | Place, changes: Iterable[Change]) -> None:
    """Write changes into the files of a case.

    Raises
    ------
    CaseError
        If a change names what is not there, or the case would have faults; nothing is written then.
    """
    place = place_of(where)
    with place.hold():
        place.write(applied(place, edits_of(place, list(changes)), check=False))
