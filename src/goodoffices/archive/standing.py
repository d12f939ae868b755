"""Rows as they were seen: what edits make of the files, and whether somebody else has been there since.

A row is named "FILE/KEY".  Who changes it says how it looked to him; cells that only somebody else has
changed since are left as they are now, cells that both have changed are a conflict.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from goodoffices.archive.branches import is_branch, written
from goodoffices.cases.edits import Edit, applied, edits_of, row_of
from goodoffices.cases.places import Place
from goodoffices.domain.case import Case, Change
from goodoffices.errors import CaseError, Conflict, ConflictError

__all__ = ["emptied", "files_after", "row_name", "still"]


def files_after(
    source: Place, store: Place, edits: Sequence[Edit], *, force: bool = False
) -> dict[str, bytes | None]:
    """Give the contents of all files that edits touch."""
    own = [edit for edit in edits if is_branch(edit.file)]
    rest = [edit for edit in edits if not is_branch(edit.file)]
    made = written(store, own, force=force)
    return {**made, **applied(source, rest, force=force, check=False)} if rest else made


def emptied(files: Mapping[str, bytes | None], fresh: Collection[str]) -> dict[str, bytes | None]:
    """Take away the tables of which nothing but the first line is left."""
    left = {name: data for name, data in files.items() if name in fresh and name.endswith(".csv")}
    return {name: None for name, data in left.items() if (data or b"").count(b"\n") <= 1}


def row_name(edit: Edit) -> str:
    """Give the name of the row that an edit touches."""
    return f"{edit.file}/{edit.key}"


def still(
    place: Place,
    changes: Sequence[Change],
    seen: Mapping[str, Mapping[str, Any] | None],
    case: Case | None = None,
) -> tuple[Edit, ...]:
    """Give the edits of changes, if the rows that they touch are as they were seen.

    Raises
    ------
    CaseError
        If a change does not fit.
    ConflictError
        If cells that it changes, or a row that it needs, are no longer as they were seen.
    """
    try:
        edits = edits_of(place, changes, case=case)
    except CaseError:
        gone = [row for row, cells in seen.items() if cells is not None and _there(place, row) is None]
        if not gone:
            raise
        raise ConflictError([_gone(row, seen[row]) for row in gone]) from None
    named = [(edit, row_name(edit)) for edit in edits]
    applied(place, [_as_seen(edit, seen[row]) for edit, row in named if row in seen], check=False)
    return edits


def _there(place: Place, row: str) -> dict[str, Any] | None:
    file, _slash, key = row.partition("/")
    return row_of(place, file, key)


def _gone(row: str, cells: Mapping[str, Any] | None) -> Conflict:
    file, _slash, key = row.partition("/")
    return Conflict(file=file, key=key, before=dict(cells or {}), mine=dict(cells or {}), theirs=None)


def _as_seen(edit: Edit, cells: Mapping[str, Any] | None) -> Edit:
    """The edit as it was meant: over the row as it was seen."""
    stands, after = edit.before or {}, edit.after
    before = None if cells is None else {**stands, **cells}
    if after is not None and before is not None:
        after = {**before, **{name: cell for name, cell in after.items() if stands.get(name) != cell}}
    return replace(edit, before=before, after=after, was="", becomes="")
