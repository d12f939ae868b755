"""The files of a case as sheets of rows that can be changed one by one; all other bytes stay.

A row is plain data by column, found by its key.  A sheet also tells the text of a row in the file,
so that a change can be taken back to the byte.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from goodoffices.cases.files import Records
from goodoffices.cases.schema import parse_day
from goodoffices.errors import CaseError, ExtraMissing, Fault, UsageError
from goodoffices.words import _

__all__ = ["CsvSheet", "Row", "Sheet", "TomlSheet"]

Row = dict[str, Any]
DAYS = ("from", "to", "known_on", "tabled_on", "off_table_on", "signed_on", "in_force_on")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(#.*)?$")
_BOM = "\ufeff"
_VALUES = ("attributes", "defaults")  # tables of names and values


class Sheet(Protocol):
    """A file under edit."""

    def row(self, key: str) -> Row | None:
        """Give a row, or None if it is not there."""

    def text(self, key: str) -> str:
        """Give the text in which a row stands, "" if it is not there."""

    def place(self, key: str) -> int | None:
        """Say where a row stands."""

    def put(
        self, key: str, row: Row | None, *, text: str = "", was: str = "", place: int | None = None
    ) -> str:
        """Write a row, or take it out, and give the text that was written.

        Parameters
        ----------
        text
            What to write, if it says the same as the row.
        was
            The text that the row is known to stand in.
        place
            Where a row goes that is not there yet; otherwise to the end.
        """

    def data(self) -> bytes:
        """Give the contents of the file."""


def _encoded(name: str, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        found = _("half a character ({sign!r})").format(sign=text[error.start])
        raise CaseError([Fault(file=name, found=found, fix=_("give whole characters"))]) from None


# -- CSV --------------------------------------------------------------------------------------


class CsvSheet:
    """A table: its records as they stand in the file, addressed by the cell of one column."""

    def __init__(self, name: str, data: bytes | None, columns: list[str], key: str) -> None:
        self.name, self._key = name, key
        text = data.decode("utf-8") if data else ""
        self._mark = _BOM if text.startswith(_BOM) else ""
        text = text.removeprefix(_BOM) or ",".join(columns) + "\n"
        records = Records(name, text)
        self._delimiter = records.delimiter
        self._records = list(records.raw())
        first = self._records[0][0]
        self._end = "\r\n" if first.endswith("\r\n") else "\n"
        # a file may leave out its last line end, and then does so after a change as well
        last, cells = self._records[-1]
        self._open = not last.endswith(("\n", "\r"))
        if self._open:
            self._records[-1] = (last + self._end, cells)
        self._header = [cell.strip() for cell in self._records[0][1]]
        self._places = self._found()

    def _found(self) -> dict[str, int]:
        at = self._header.index(self._key) if self._key in self._header else 0
        listed = enumerate(cells for _raw, cells in self._records)
        return {cells[at].strip(): place for place, cells in listed if place and len(cells) > at}

    def row(self, key: str) -> Row | None:
        place = self._places.get(key)
        return None if place is None else dict(zip(self._header, self._records[place][1], strict=False))

    def text(self, key: str) -> str:
        place = self._places.get(key)
        return "" if place is None else self._records[place][0]

    def place(self, key: str) -> int | None:
        return self._places.get(key)

    def put(
        self, key: str, row: Row | None, *, text: str = "", was: str = "", place: int | None = None
    ) -> str:
        del was
        at = self._places.get(key)
        if row is None:
            if at is not None:
                del self._records[at]
                self._places = self._found()
            return ""
        self._widen([name for name, cell in row.items() if cell and name not in self._header])
        cells = [str(row.get(name, "")) for name in self._header]
        record = (text if self._says(text, cells) else self._written(cells), cells)
        if at is not None:
            self._records[at] = record
        elif place is None or place >= len(self._records):
            self._places[key] = len(self._records)
            self._records.append(record)
        else:
            self._records.insert(max(place, 1), record)
            self._places = self._found()
        return record[0]

    def _says(self, text: str, cells: list[str]) -> bool:
        if not text.endswith(("\n", "\r")):
            return False
        read = list(csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter))
        return read == [cells]

    def _written(self, cells: list[str]) -> str:
        out = io.StringIO()
        csv.writer(out, lineterminator=self._end, delimiter=self._delimiter).writerow(cells)
        return out.getvalue()

    def _widen(self, names: list[str]) -> None:
        """Give every record the columns that the file left out so far."""
        for name in names:
            self._header.append(name)
            for place, (raw, cells) in enumerate(self._records):
                body = raw.rstrip("\r\n")
                if cells:
                    new = name if place == 0 else ""
                    self._records[place] = (
                        f"{body}{self._delimiter}{new}{raw[len(body) :]}",
                        [*cells, new],
                    )

    def data(self) -> bytes:
        text = "".join(raw for raw, _cells in self._records)
        if self._open:
            text = text.removesuffix("\n").removesuffix("\r")
        return _encoded(self.name, self._mark + text)


# -- TOML -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the file: the head (""), one table by the name of its header, or remarks ("#")."""

    name: str
    text: str


def _parsed(text: str) -> Row:
    return tomllib.loads(text)


def _complete(text: str) -> bool:
    try:
        _parsed(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _split(text: str) -> Iterator[_Piece]:
    """Cut the file before each header and before the remarks that stand above a header."""
    name, taken = "", ""
    for line in io.StringIO(text, newline=""):
        header = _HEADER.match(line)
        if header and _complete(taken):
            yield from _apart(name, taken)
            name, taken = header[1], ""
        taken += line
    yield from _apart(name, taken)


def _apart(name: str, text: str) -> Iterator[_Piece]:
    """Part a table from remarks below it that an empty line sets off: they belong to what follows."""
    lines = text.splitlines(keepends=True)
    last = max((n for n, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#"), default=-1)
    empty = next((n for n in range(last + 1, len(lines)) if not lines[n].strip()), len(lines))
    cut = next((n for n in range(empty, len(lines)) if lines[n].strip()), len(lines))
    yield _Piece(name, "".join(lines[:cut]))
    if cut < len(lines):
        yield _Piece("#", "".join(lines[cut:]))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _kit() -> Any:
    try:
        import tomlkit  # noqa: PLC0415 - only who changes case.toml needs it
    except ImportError:
        raise ExtraMissing("web", _("changing case.toml")) from None
    return tomlkit


def _value(column: str, value: Any) -> Any:
    day = column in DAYS and isinstance(value, str) and _DAY.match(value)
    return date.fromisoformat(value) if day else value


def _changed(text: str, path: tuple[str, ...], row: Row) -> str:
    """Write a row into the one table that a text holds; what it says already stays as it is."""
    kit, ends = _kit(), "\r\n" if "\r\n" in text else "\n"
    body = text.rstrip()
    document = kit.parse(body + ends)
    table = document
    for name in path:
        table = table[name]
        table = table[0] if isinstance(table, list) else table
    for column in [name for name in table if name not in row and not isinstance(table[name], dict)]:
        del table[column]
    for column, value in row.items():
        if column not in table or _plain(_unwrapped(table[column])) != value:
            table[column] = _value(column, value)
    return str(kit.dumps(document)).rstrip() + text[len(body) :]


def _unwrapped(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _fresh(header: str, row: Row) -> str:
    kit = _kit()
    table = kit.document()
    for column, value in row.items():
        table[column] = _value(column, value)
    return f"{header}\n{kit.dumps(table)}"


def _provisions(row: Row) -> dict[str, Row]:
    prefix = "provisions."
    return {name.removeprefix(prefix): cells for name, cells in row.items() if name.startswith(prefix)}


class TomlSheet:
    """`case.toml`: the head, two tables of names and values, and the lists of tables.

    Only the piece of the file in which a row stands is written anew.  A provision is a column
    "provisions.KEY" of its text.
    """

    def __init__(self, name: str, data: bytes | None) -> None:
        self.name = name
        text = (data or b"").decode("utf-8")
        self._mark = _BOM if text.startswith(_BOM) else ""
        self._pieces = list(_split(text.removeprefix(_BOM)))

    def row(self, key: str) -> Row | None:
        span = self._span(key)
        if span is None:
            return None
        sort, _dot, name = key.partition("/")
        given = _parsed(self._between(*span))
        if not name:
            return {column: _plain(item) for column, item in given.items() if not isinstance(item, dict)}
        if sort in _VALUES:
            return {"value": given[sort][name]} if name in given[sort] else None
        plain: Row = _plain(given[sort][0])
        listed = {f"provisions.{item.get('key', '')}": item for item in plain.pop("provisions", [])}
        return {**plain, **listed}

    def text(self, key: str) -> str:
        span = self._span(key)
        return "" if span is None else self._between(*span)

    def place(self, key: str) -> int | None:
        span = self._span(key)
        return None if span is None else span[0]

    def put(
        self, key: str, row: Row | None, *, text: str = "", was: str = "", place: int | None = None
    ) -> str:
        if _stands(self.row(key)) == _stands(row):
            return self.text(key)
        written = self._put(key, row, text, was, place)
        if _stands(self.row(key)) != _stands(row):
            raise _unwritable(self.name)
        return written

    def _put(self, key: str, row: Row | None, text: str, was: str, place: int | None) -> str:
        sort, _dot, name = key.partition("/")
        span = self._span(key)
        now = "" if span is None else self._between(*span)
        if (was or text) and now == was:
            return self._swap(span, sort, text, place)
        if row is None and was and not text and self._whole().count(was) == 1:
            return self._become(self._whole().replace(was, ""))
        if sort in _VALUES:
            return self._put_value(span, sort, name, row)
        if row is None:
            return self._swap(span, sort, "", None)
        return self._add(sort, row) if span is None else self._write(span, sort, row)

    def data(self) -> bytes:
        text = self._whole()
        if not _complete(text):
            raise _unwritable(self.name)
        return _encoded(self.name, self._mark + text)

    def _whole(self) -> str:
        return self._between(0, len(self._pieces))

    def _between(self, start: int, stop: int) -> str:
        return "".join(piece.text for piece in self._pieces[start:stop])

    def _span(self, key: str) -> tuple[int, int] | None:
        """Find the pieces in which a row stands; for a name and value, the table that holds it."""
        sort, _dot, name = key.partition("/")
        if not name:
            return 0, 1
        for start, piece in enumerate(self._pieces):
            if piece.name != sort:
                continue
            if sort in _VALUES:
                return start, start + 1
            table = _parsed(piece.text)[sort]
            if isinstance(table, list) and _named(sort, table[0]) == name:
                return start, self._until(start)
        return None

    def _until(self, start: int) -> int:
        """Say where a table ends that may have tables of its own."""
        inner, stop = self._pieces[start].name + ".", start + 1
        for place in range(start + 1, len(self._pieces)):
            if self._pieces[place].name.startswith(inner):
                stop = place + 1
            elif self._pieces[place].name != "#":
                break
        return stop

    def _become(self, whole: str) -> str:
        self._pieces = list(_split(whole))
        return ""

    def _swap(self, span: tuple[int, int] | None, sort: str, text: str, place: int | None) -> str:
        start, stop = span or self._gap(sort, place)
        self._become(self._between(0, start) + text + self._between(stop, len(self._pieces)))
        return text

    def _gap(self, sort: str, place: int | None) -> tuple[int, int]:
        """Find where a new table goes: where it stood, or below the last of its sort."""
        if place is not None and 0 < place <= len(self._pieces):
            return place, place
        last = [n for n, piece in enumerate(self._pieces) if piece.name.partition(".")[0] == sort]
        end = last[-1] + 1 if last else len(self._pieces)
        if sort in _VALUES and not last:
            heads = [n for n, piece in enumerate(self._pieces) if piece.name in ("", "attributes")]
            end = heads[-1] + 1
        return end, end

    def _inserted(self, place: int, text: str) -> str:
        """Set a table into the file with one empty line before it and one after it."""
        before = self._between(0, place)
        after = self._between(place, len(self._pieces))
        gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
        text = gap + text + ("\n" if after and not after.startswith("\n") else "")
        if "\r\n" in before:
            text = text.replace("\n", "\r\n")
        self._become(before + text + after)
        return text

    def _add(self, sort: str, row: Row) -> str:
        inner = _provisions(row)
        own = {name: cell for name, cell in row.items() if not name.startswith("provisions.")}
        tables = [_fresh(f"[[{sort}]]", own)]
        tables += [_fresh(f"[[{sort}.provisions]]", cells) for cells in inner.values()]
        return self._inserted(self._gap(sort, None)[0], "\n".join(tables))

    def _put_value(self, span: tuple[int, int] | None, sort: str, name: str, row: Row | None) -> str:
        own = {} if row is None else {name: row["value"]}
        if span is None:
            return self._inserted(self._gap(sort, None)[0], _fresh(f"[{sort}]", own))
        piece = self._pieces[span[0]]
        now = _plain(_parsed(piece.text)[sort])
        kept = {column: cell for column, cell in now.items() if column != name} | own
        return self._swap(span, sort, _changed(piece.text, (sort,), kept) if kept else "", None)

    def _write(self, span: tuple[int, int], sort: str, row: Row) -> str:
        start, stop = span
        piece = self._pieces[start]
        own = {name: cell for name, cell in row.items() if not name.startswith("provisions.")}
        path = () if sort == "case" else (sort,)
        pieces = [_Piece(piece.name, _changed(piece.text, path, own))]
        pieces += self._written_provisions(self._pieces[start + 1 : stop], sort, _provisions(row))
        return self._swap(span, sort, "".join(piece.text for piece in pieces), None)

    def _written_provisions(self, pieces: list[_Piece], sort: str, wanted: dict[str, Row]) -> list[_Piece]:
        name = f"{sort}.provisions"
        there = {_parsed(p.text)[sort]["provisions"][0].get("key", ""): p for p in pieces if p.name == name}
        kept = [key for key in there if key in wanted]
        if kept != list(wanted)[: len(kept)]:  # in another order: written anew
            pieces, there = [], {}
        new: list[_Piece] = []
        for piece in pieces:
            key = next((key for key, other in there.items() if other is piece), None)
            if piece.name != name:
                new.append(piece)
            elif key in wanted:
                new.append(_Piece(name, _changed(piece.text, (sort, "provisions"), wanted[key])))
        return new + [
            _Piece(name, "\n" + _fresh(f"[[{name}]]", c)) for k, c in wanted.items() if k not in there
        ]


def _named(sort: str, table: Row) -> str:
    if sort != "links":
        return str(table.get("key", ""))
    names = [str(table.get(name, "")) for name in ("observer", "sees", "towards")]
    return ":".join((*names, parse_day(table.get("known_on", "")).isoformat()))


def _stands(row: Row | None) -> Any:
    """Give a row as it is compared: the order of its provisions counts, that of its cells does not."""
    return None if row is None else (row, list(_provisions(row)))


def _unwritable(name: str) -> UsageError:
    return UsageError(
        _(
            "{name} is laid out in a way that cannot be changed here: give each row a [[table]] of its own"
        ).format(name=name)
    )
