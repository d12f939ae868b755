"""Where something of a case stands, before it is removed for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from goodoffices.archive.branches import hanging
from goodoffices.archive.purge import cleaned, named_by, stands
from goodoffices.cases.places import contents
from goodoffices.domain.readings import plain
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.words import _
from goodoffices.workbench.desk import Desk, Opened, Ref

__all__ = ["Traces", "case_traces", "traces"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Where something stands.

    Attributes
    ----------
    found
        How many rows, lines, files or mentions, by the file or the folder that they are in.
    left
        In sentences, what a purge has to leave.
    """

    found: Mapping[str, int]
    left: tuple[str, ...] = ()


def traces(opened: Opened, kind: Literal["fact", "rating"], name: str) -> Traces:
    """Say where a fact or a rating stands, with all that hangs on it; nothing is changed.

    Raises
    ------
    NotFoundError
        If neither the case, nor a branch, nor the history knows of it.
    UsageError
        If it stands in the files of a library case.
    """
    if not opened.editable and stands(opened.source, kind, name):
        raise UsageError(_("what comes with the library cannot be purged: switch it off in a branch"))
    if not (stands(opened.source, kind, name) or _once(opened, name)):
        raise NotFoundError(_('there is nothing called "{id}" to purge').format(id=name))
    keys = hanging(named_by(opened.source, kind, name), opened.branches())
    _files, found, left = cleaned(opened.source, opened.place, keys, opened.history())
    kept = sum(map(_files_in, opened.kept))
    return Traces(found={**found, **({_("results"): kept} if kept else {})}, left=tuple(left))


def _once(opened: Opened, name: str) -> bool:
    """Whether the history or a branch knows a row of that name; else it is but a word in somebody's prose."""
    rows = (plain(change) for branch in opened.branches() for change in branch.changes)
    edits = [edit for entry in opened.history() for edit in entry.edits]
    before = (cells for edit in edits for cells in (edit.before, edit.after) if cells)
    return any(edit.key == name for edit in edits) or any(name in _named(row) for row in chain(rows, before))


def _named(row: Mapping[str, Any]) -> set[object]:
    """The rows that a change, as plain data, is about."""
    value = row.get("value")
    inner: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    return {row.get("target"), inner.get("id"), inner.get("key")}


def case_traces(desk: Desk, ref: Ref) -> Traces:
    """Say how many files a case has, and how many hold results of it."""
    opened = desk.opened(ref)
    found = {ref.name: len(contents(opened.place)), _("results"): sum(map(_files_in, opened.kept))}
    return Traces(found={where: count for where, count in found.items() if count})


def _files_in(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))
