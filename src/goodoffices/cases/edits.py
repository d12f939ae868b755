"""Changes of a case as edits of rows: what is written into which file, and what stood there before.

Edits are worked out by holding the case with its changes against the case as it is, row by row, so
that what is saved is what the changes say.  Whoever applies edits later finds the rows as somebody
else may have left them: columns that only one of the two touched are joined, the rest is a conflict.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from goodoffices.cases.canonical import digest
from goodoffices.cases.check import check_across
from goodoffices.cases.files import read_text
from goodoffices.cases.folder import NAMED, read_folder
from goodoffices.cases.places import Place, steady
from goodoffices.cases.rows import SHEETS, Cells, Sort, composed
from goodoffices.cases.sheets import CsvSheet, Row, Sheet, TomlSheet
from goodoffices.domain.case import Case, Change
from goodoffices.errors import CaseError, Conflict, ConflictError, UsageError
from goodoffices.words import _

__all__ = ["Draft", "Edit", "applied", "edits_of", "reversed_edits", "row_of"]

_HEAD = {"title": "title", "summary": "summary", "start": "from", "end": "to", "sensitivity": "sensitivity"}
_NOTHING: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One row of one file, before and after; None stands for a row that is not there.

    Attributes
    ----------
    file
        "evidence.csv", "stakes.csv", "disputes.csv", "ratings.csv", "off.csv", "comments.csv" or
        "case.toml".
    key
        The row's key; in case.toml "case" (the head), "attributes/NAME", "defaults/NAME",
        "parties/KEY", "decision_makers/KEY", "spoilers/KEY", "texts/KEY" or
        "links/OBSERVER:SEES:TOWARDS:KNOWN_ON".
    before, after
        The cells by column, as plain data that JSON can hold.
    place
        Where the row stands in its file; only a hint.
    was, becomes
        The text of the row in the file, so that what is taken back is taken back to the byte;
        empty: to be written from the cells.
    """

    file: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    place: int | None = None
    was: str = ""
    becomes: str = ""


class Draft:
    """A place with other files laid over it: what a case would be, before anything is written."""

    def __init__(self, base: Place, files: Mapping[str, bytes | None]) -> None:
        self.base, self.files = base, dict(files)

    @property
    def name(self) -> str:
        """The name of the case."""
        return self.base.name

    def read(self, name: str) -> bytes | None:
        return self.files[name] if name in self.files else self.base.read(name)

    def names(self) -> tuple[str, ...]:
        names = {*self.base.names(), *self.files}
        return tuple(sorted(name for name in names if self.files.get(name, b"") is not None))

    def write(self, files: Mapping[str, bytes | None], append: Mapping[str, bytes] = _NOTHING) -> None:
        """Lay more files over the place, which stays as it is."""
        self.files |= files
        self.files |= {name: (self.read(name) or b"") + data for name, data in append.items()}

    def hold(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext()

    def stamp(self) -> str:
        over = {name: None if data is None else data.hex() for name, data in self.files.items()}
        return digest([self.base.stamp(), over])


class _Book:
    """The files of a case under edit, opened as they are asked for."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._sheets: dict[str, Sheet] = {}
        self._before: dict[str, bytes | None] = {}

    def sheet(self, file: str) -> Sheet:
        if file not in self._sheets:
            self._sheets[file] = self._opened(file)
        return self._sheets[file]

    def _opened(self, file: str) -> Sheet:
        read_text(self._place, file, needed=False)  # says what is wrong with it, if anything is
        data = self._before[file] = self._place.read(file)
        if file == "case.toml":
            return TomlSheet(file, data)
        sort = next((sort for sort in SHEETS if sort.file == file), None)
        if sort is None:
            raise UsageError(_("{file} is no table of a case").format(file=file))
        return CsvSheet(file, data, list(sort.model.model_fields), sort.key)

    def put(self, file: str, key: str, row: Row | None) -> Edit:
        """Write a row and give the edit that does so."""
        sheet = self.sheet(file)
        before, was, place = sheet.row(key), sheet.text(key), sheet.place(key)
        becomes = sheet.put(key, row)
        place = sheet.place(key) if before is None else place
        return Edit(
            file=file, key=key, before=before, after=sheet.row(key), place=place, was=was, becomes=becomes
        )

    def files(self) -> dict[str, bytes]:
        """Give the contents of the files that have changed."""
        new = {file: sheet.data() for file, sheet in self._sheets.items()}
        return {file: data for file, data in new.items() if data != self._before[file]}


def edits_of(place: Place, changes: Sequence[Change], *, case: Case | None = None) -> tuple[Edit, ...]:
    """Give the edits that put changes into the files of a case; nothing is written.

    Parameters
    ----------
    case
        The case as the files hold it, if it was read already.

    Raises
    ------
    CaseError
        If the case with the changes would have faults: all of them, with file, row and field.
    """
    return steady(place, lambda there: _edits(there, changes, case or read_folder(there)))


def _edits(place: Place, changes: Sequence[Change], old: Case) -> tuple[Edit, ...]:
    old = replace(old, changes=())
    new = replace(old.with_changes(changes), changes=())
    book = _Book(place)
    edits = [*_head_edits(book, old, new), *_value_edits(book, old, new)]
    for sort in SHEETS:
        edits += _row_edits(book, sort, old, new)
    if read_folder(Draft(place, book.files())) != new:
        _refuse(new)
    return tuple(edits)


def _refuse(case: Case) -> NoReturn:
    """Say why a case cannot be written: most often because two rows would share a key."""
    faults = check_across(case, {name: [] for name in NAMED})
    if faults:
        raise CaseError(faults)
    told = _("these changes cannot be written into the files of the case: keep them in a branch")
    raise UsageError(told)


def _head_edits(book: _Book, old: Case, new: Case) -> Iterator[Edit]:
    """Give the edit of the head of case.toml, if anything in it differs."""
    differing = {name: getattr(new, name) for name in _HEAD if getattr(new, name) != getattr(old, name)}
    if differing:
        now = book.sheet("case.toml").row("case") or {}
        told = {
            _HEAD[name]: value if isinstance(value, str) else str(value) for name, value in differing.items()
        }
        cells = {**now, **told}
        yield book.put("case.toml", "case", {name: cell for name, cell in cells.items() if cell != ""})


def _value_edits(book: _Book, old: Case, new: Case) -> Iterator[Edit]:
    for field in ("attributes", "defaults"):
        was, wanted = getattr(old, field), getattr(new, field)
        for name in dict.fromkeys([*was, *wanted]):
            if was.get(name) != wanted.get(name):
                row = {"value": wanted[name]} if name in wanted else None
                yield book.put("case.toml", f"{field}/{name}", row)


def _row_edits(book: _Book, sort: Sort, old: Case, new: Case) -> Iterator[Edit]:
    """Give the edits of one sort of row: first what goes, then what differs, then what is new."""
    rows = {sort.name(row): row for row in sort.rows(old)}
    wanted = {sort.name(row): row for row in sort.rows(new)}
    kept = _kept(list(rows), list(wanted))
    for name in rows:
        if name not in kept:
            yield book.put(sort.file, sort.prefix + name, None)
    moved = _redated(old, new) if sort.file == "disputes.csv" else set()
    for name, row in wanted.items():
        if name not in kept:
            yield book.put(sort.file, sort.prefix + name, sort.cells(row))
        elif (row is not rows[name] and not _same_cells(sort, row, rows[name])) or (
            moved and row.fact in moved
        ):
            now = book.sheet(sort.file).row(sort.prefix + name) or {}
            cells = composed(sort, now, rows[name], row, new)
            if cells != now:
                yield book.put(sort.file, sort.prefix + name, cells)


def _same_cells(sort: Sort, one: Any, other: Any) -> bool:
    return one == other or sort.cells(one) == sort.cells(other)


def _kept(old: list[str], new: list[str]) -> set[str]:
    """Give the rows that can stay where they are; a change adds rows only at the end."""
    places = {name: place for place, name in enumerate(old)}
    kept, last = set(), -1
    for name in new:
        if places.get(name, -1) <= last:
            break
        kept.add(name)
        last = places[name]
    return kept


def _redated(old: Case, new: Case) -> set[str]:
    """Give the facts that are known on another day: a reading without a day of its own follows them."""
    days = {fact.id: fact.known_on for fact in old.declared()}
    return {fact.id for fact in new.declared() if days.get(fact.id) != fact.known_on}


def applied(
    place: Place, edits: Sequence[Edit], *, force: bool = False, check: bool = True
) -> dict[str, bytes]:
    """Give the new contents of the files that edits change; nothing is written.

    Parameters
    ----------
    force
        Where somebody else changed the same cells, let these edits win.
    check
        Read the case as it would be; edits just made from this very state need none.

    Raises
    ------
    ConflictError
        If somebody else changed the same cells of a row, or a row that is to go.
    CaseError
        If the case would have faults.
    """
    book, conflicts = _Book(place), []
    for edit in edits:
        sheet = book.sheet(edit.file)
        now = sheet.row(edit.key)
        if _same(now, edit.after):
            continue
        if _same(now, edit.before):
            sheet.put(edit.key, edit.after, text=edit.becomes, was=edit.was, place=edit.place)
        elif force or _apart(edit, now):
            sheet.put(edit.key, _joined(edit, now))
        else:
            told = Conflict(file=edit.file, key=edit.key, before=edit.before, mine=edit.after, theirs=now)
            conflicts.append(told)
    if conflicts:
        raise ConflictError(conflicts)
    files = book.files()
    if check and files:
        read_folder(Draft(place, files))
    return files


def row_of(place: Place, file: str, key: str) -> Cells | None:
    """Give a row as the files hold it, or None if it is not there."""
    return _Book(place).sheet(file).row(key)


def reversed_edits(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Give the edits that take these back, the last first."""
    return tuple(
        replace(edit, before=edit.after, after=edit.before, was=edit.becomes, becomes=edit.was)
        for edit in reversed(edits)
    )


def _same(one: Cells | None, other: Cells | None) -> bool:
    """Are two rows equal?  An empty cell and one that is not there say the same."""
    if one is None or other is None:
        return one is other
    return not _differing(one, other)


def _differing(one: Cells, other: Cells) -> set[str]:
    return {name for name in {*one, *other} if (one.get(name) or "") != (other.get(name) or "")}


def _apart(edit: Edit, now: Cells | None) -> bool:
    """Did two people change different columns of a row, or one column alike?"""
    if edit.before is None or edit.after is None or now is None:
        return False
    mine, theirs = _differing(edit.before, edit.after), _differing(edit.before, now)
    return not mine & theirs & _differing(edit.after, now)


def _joined(edit: Edit, now: Cells | None) -> Row | None:
    """Give the row as it now stands with what an edit changes in it."""
    if edit.after is None or edit.before is None or now is None:
        return edit.after
    mine = _differing(edit.before, edit.after)
    kept = {name: cell for name, cell in now.items() if name not in mine}
    return {**kept, **{name: cell for name, cell in edit.after.items() if name in mine}}
