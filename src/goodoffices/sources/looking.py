"""Look at the first lines of a file, and put into words what a layout needs to say of it."""

import csv
import gzip
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import IO, Any, cast

from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["checked", "column", "first_lines", "header", "known_rule", "lines_of_text", "named", "text_table"]

NAMED = 40  # letters of a column that a sentence quotes
FIRST = 65_536  # bytes; a header is never longer
PRINTABLE_END = b"\n"


def _opened(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return cast(IO[bytes], gzip.open(path))
    if path.suffix.lower() == ".zip":
        archive = zipfile.ZipFile(path)
        return archive.open(next(iter(archive.namelist())))
    return path.open("rb")


def first_lines(where: str, n: int = 2) -> list[str]:
    """Give the first lines of a file, packed or not; none, if it cannot be read."""
    try:
        with _opened(Path(where)) as file:
            head = file.read(FIRST)
    except (OSError, EOFError, StopIteration, zipfile.BadZipFile):
        return []
    return head.decode("utf-8-sig", errors="replace").splitlines()[:n]


def named(where: str) -> str:
    """Give the bare name of a file in small letters, without the endings of packed files."""
    return re.sub(r"\.(gz|zip)$", "", Path(where).name.lower())


def header(where: str, delimiter: str) -> list[str]:
    """Give the names of the columns; those without a name, or with one that was there, get a number."""
    names: list[str] = []
    for line in csv.reader(first_lines(where, 1), delimiter=delimiter):
        for at, cell in enumerate(line):
            name = cell.strip()
            names.append(name if name and name not in names else f"column{at}")
    return names


def column(name: str) -> str:
    """Write the name of a column as the reader wants it."""
    return '"' + name.replace('"', '""') + '"'


def checked(where: str, found: Iterable[str], needed: Iterable[str]) -> None:
    """Refuse a file that lacks a column.

    Raises
    ------
    UsageError
        Naming the first column that is missing, and those that were found.
    """
    there = list(found)
    for name in needed:
        if name not in there:
            said = _('{file}: no column "{name}"; found {found}')
            listed = ", ".join(shown[:NAMED] for shown in there[:12]) or _("no columns")
            raise UsageError(said.format(file=Path(where).name, name=name, found=listed))


def lines_of_text(columns: Mapping[str, str], **options: Any) -> dict[str, Any]:
    """Give the options of a table that knows no quoting: one line, one row, cells parted by tabs."""
    plain = {"delim": "\t", "quote": "", "escape": "", "header": False, "auto_detect": False}
    return {**plain, **options, "columns": dict(columns)}


def text_table(where: str, types: Mapping[str, str], delimiter: str = ",", **options: Any) -> dict[str, Any]:
    """Give the options of a table with a header and quoted cells; columns without a type are text."""
    columns = {name: types.get(name, "VARCHAR") for name in header(where, delimiter)}
    quoted = {"delim": delimiter, "quote": '"', "escape": '"', "header": True, "auto_detect": False}
    return {**quoted, **options, "columns": columns}


def known_rule(mapping: Mapping[str, str] | None, own: str, says: str) -> tuple[str, str]:
    """Give the expression and the sentence of the day a row was known: the user's word goes first.

    Raises
    ------
    UsageError
        If what the user gave is neither a day nor "happened".
    """
    given = (mapping or {}).get("known", "")
    if not given:
        return own, says
    if given == "happened":
        return "", _("taken as known on the day it happened, because the user said so")
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise UsageError(_('known: found "{given}"; give a day or "happened"').format(given=given)) from None
    return f"DATE '{day}'", _("known since {day}, which the user gave as the day of release").format(day=day)
