"""Branches: lists of changes over a case that are tried before they are made, or thrown away.

A branch is the file `branches/NAME.jsonl`: its first line says what it is called and who made it,
every further line is one change.  A line also holds, under `base`, the rows of the case that the
change touches as they stood when it was made, so that a merge sees where the case has moved on.
"""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from goodoffices.cases.changes import from_rows
from goodoffices.cases.edits import Edit
from goodoffices.cases.places import Place
from goodoffices.domain.case import Change
from goodoffices.domain.readings import plain
from goodoffices.errors import Conflict, ConflictError, GoodOfficesError, NotFoundError, UsageError
from goodoffices.words import _

__all__ = [
    "HEAD",
    "Base",
    "Branch",
    "branch_called",
    "branch_edits",
    "change_row",
    "fresh_ids",
    "hanging",
    "head_row",
    "is_branch",
    "named",
    "read_branches",
    "rows_of",
    "taken_out",
    "written",
]

FOLDER = "branches/"
HEAD = "branch"  # key of the first line
_NAME = re.compile(r"\w[\w.-]{0,59}")
_OWN = re.compile(r"c(\d{4,})")
Base = dict[str, dict[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A list of changes under a name.

    Attributes
    ----------
    bases
        By id of a change, the rows of the case that it touches as they stood: "FILE/KEY" to cells.
    """

    name: str
    title: str
    who: str
    at: str
    changes: tuple[Change, ...] = ()
    bases: dict[str, Base] | None = None


def is_branch(file: str) -> bool:
    """Say whether a file of a place is a branch."""
    return file.startswith(FOLDER) and file.endswith(".jsonl") and bool(_NAME.fullmatch(_stem(file)))


def _stem(file: str) -> str:
    return file.removeprefix(FOLDER).removesuffix(".jsonl")


def file_of(name: str) -> str:
    """Give the file of a branch."""
    return f"{FOLDER}{name}.jsonl"


def named(name: str) -> str:
    """Give back the name of a branch.

    Raises
    ------
    UsageError
        If it is none.
    """
    if not _NAME.fullmatch(name) or name.endswith("."):
        fix = _('"{name}" is no name for a branch: use up to 60 letters, digits, ".", "_" and "-"')
        raise UsageError(fix.format(name=name[:80]))
    return name


# -- lines ----------------------------------------------------------------------------------------


def _lines(place: Place, file: str) -> list[tuple[str, dict[str, Any], str]]:
    """Give key, row and text of every line; a line that is none has an empty key."""
    found = []
    for number, line in enumerate(_text(place, file).splitlines(keepends=True)):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            key = HEAD if number == 0 and HEAD in row else str(row["id"])
        except (ValueError, TypeError, KeyError):
            row, key = {}, ""
        found.append((key, row, line))
    return found


def _text(place: Place, file: str) -> str:
    return (place.read(file) or b"").decode("utf-8", "replace")


def head_row(branch: Branch) -> dict[str, Any]:
    """Give the first line of a branch as plain data."""
    return {HEAD: branch.name, "title": branch.title, "who": branch.who, "at": branch.at}


def change_row(change: Change, base: Base | None = None) -> dict[str, Any]:
    """Give the line of a change as plain data."""
    row: dict[str, Any] = plain(change)
    return {**row, "base": base} if base else row


def rows_of(place: Place, name: str) -> dict[str, dict[str, Any]]:
    """Give the lines of a branch as plain data, by key."""
    return {key: row for key, row, _line in _lines(place, file_of(name)) if key}


# -- reading --------------------------------------------------------------------------------------


def read_branches(place: Place) -> tuple[list[Branch], list[str]]:
    """Give the branches of a place by name, and a sentence for each line that cannot be read."""
    found, warnings = [], []
    for file in filter(is_branch, place.names()):
        branch, bad = _branch(place, file)
        found.append(branch)
        warnings += bad
    return found, warnings


def _branch(place: Place, file: str) -> tuple[Branch, list[str]]:
    name, bad = _stem(file), []
    head: dict[str, Any] = {}
    changes: dict[str, Change] = {}
    bases: dict[str, Base] = {}
    for number, (key, row, _line) in enumerate(_lines(place, file), start=1):
        if key == HEAD:
            head = row
            continue
        try:
            base = row.pop("base", None)
            (change,) = from_rows([row])
        except GoodOfficesError as error:
            said = _('Line {number} of the branch "{name}" cannot be read and is passed over: {why}')
            bad.append(said.format(number=number, name=name, why=error))
            continue
        changes[change.id] = change
        if base:
            bases[change.id] = base
    told = {item: str(head.get(item, "")) for item in ("who", "at")}
    title = str(head.get("title", "")) or name
    return Branch(name=name, title=title, **told, changes=tuple(changes.values()), bases=bases), bad


def branch_called(name: str, branches: Iterable[Branch]) -> Branch:
    """Find a branch.

    Raises
    ------
    NotFoundError
        If there is none of that name.
    """
    for branch in branches:
        if branch.name == name:
            return branch
    raise NotFoundError(_('there is no branch "{name}"').format(name=name))


def fresh_ids(taken: Iterable[str], many: int) -> list[str]:
    """Give ids for new changes, after those that are taken."""
    numbers = [int(found[1]) for name in taken if (found := _OWN.fullmatch(name))]
    first = max(numbers, default=0) + 1
    return [f"c{number:04d}" for number in range(first, first + many)]


# -- writing --------------------------------------------------------------------------------------


def branch_edits(
    name: str, before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> tuple[Edit, ...]:
    """Give the edits that lead from the lines of a branch to others."""
    keys = [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]
    file = file_of(name)
    return tuple(Edit(file=file, key=key, before=before.get(key), after=after.get(key)) for key in keys)


def written(place: Place, edits: Sequence[Edit], *, force: bool = False) -> dict[str, bytes | None]:
    """Give the new contents of the branches that edits touch; None where nothing is left.

    Raises
    ------
    ConflictError
        If a line is not as it was.
    """
    made: dict[str, bytes | None] = {}
    conflicts: list[Conflict] = []
    for file in dict.fromkeys(edit.file for edit in edits):
        lines = _lines(place, file)
        for edit in edits:
            if edit.file == file:
                conflicts += _put(lines, edit, force=force)
        text = "".join(line if line.endswith("\n") else line + "\n" for _key, _row, line in lines)
        made[file] = text.encode() or None
    if conflicts:
        raise ConflictError(conflicts)
    return made


def _put(lines: list[tuple[str, dict[str, Any], str]], edit: Edit, *, force: bool) -> list[Conflict]:
    where = next((n for n, (key, _row, _line) in enumerate(lines) if key == edit.key), None)
    there = None if where is None else lines[where][1]
    if there == edit.after:
        return []
    if there != edit.before and not force:
        given = {"before": edit.before, "mine": edit.after, "theirs": there}
        return [Conflict(file=edit.file, key=edit.key, **given)]
    if where is not None:
        del lines[where]
    if edit.after is not None:
        line = json.dumps(edit.after, ensure_ascii=False) + "\n"
        at = where if where is not None else _slot([key for key, _row, _line in lines], edit.key)
        lines.insert(at, (edit.key, edit.after, line))
    return []


def _slot(keys: list[str], key: str) -> int:
    """Where a line goes: the first line first, changes by their number, anything else at the end."""
    if key == HEAD:
        return 0
    mine = _OWN.fullmatch(key)
    if mine is None:
        return len(keys)
    for place, other in enumerate(keys):
        found = _OWN.fullmatch(other)
        if found and int(found[1]) > int(mine[1]):
            return place
    return len(keys)


def hanging(keys: Collection[str], branches: Iterable[Branch]) -> set[str]:
    """Add the keys of what branches put to these rows: other readings of them, and comments."""
    found = set(keys)
    for change in (change for branch in branches for change in branch.changes):
        on = getattr(change.value, "fact", None) or getattr(change.value, "on", None)
        if on in found:
            found.add(change.value.key)
    return found


def taken_out(lines: dict[str, dict[str, Any]], change_id: str) -> dict[str, dict[str, Any]]:
    """Give the lines of a branch without one change; the next keeps the rows that it stood on."""
    kept = {key: row for key, row in lines.items() if key != change_id}
    base = lines[change_id].get("base")
    heir = next((key for key in kept if key != HEAD), None)
    if base and heir:
        kept[heir] = {**kept[heir], "base": {**kept[heir].get("base", {}), **base}}
    return kept
