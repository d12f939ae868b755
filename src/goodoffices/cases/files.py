"""Open the files of a case folder safely, and write them without ever leaving half a file.

A case folder may come from a stranger: nothing outside it is opened, nothing large is read whole,
and what is not UTF-8 is named as what it is.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from goodoffices.cases.places import LIMITS, Place, place_of
from goodoffices.errors import CaseError, Fault
from goodoffices.whole import write_whole
from goodoffices.words import _

__all__ = ["FILES", "LIMITS", "Records", "read_text", "write_text"]

FILES = (
    "case.toml",
    "stakes.csv",
    "evidence.csv",
    "disputes.csv",
    "ratings.csv",
    "off.csv",
    "comments.csv",
    "outcome.toml",
    "coding.toml",
    "CHANGES.csv",
)
_CELL = 100_000  # characters


def _fault(name: str, found: str, fix: str, row: int | None = None) -> CaseError:
    return CaseError([Fault(file=name, row=row, found=found, fix=fix)])


def _decode(name: str, raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _fault(name, _("text in UTF-16"), _('save the file as "CSV UTF-8" or UTF-8 text'))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = _("bytes that are not UTF-8 (0x{item:02x})").format(item=raw[error.start])
        raise _fault(name, found, _("save the file as UTF-8 text"), line) from None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise _fault(name, _("a NUL byte"), _("save the file as plain text"), line)
    return text


def read_text(folder: Path | Place, name: str, *, needed: bool = True) -> str | None:
    """Read one file of a case, or None if it is absent and not needed.

    Raises
    ------
    CaseError
        If it is missing, empty, too large, not UTF-8, or outside the folder.
    """
    place = place_of(folder)
    raw = place.read(name)
    if raw is None:
        if not needed:
            return None
        fix = _('create it, or begin with "goodoffices new {name}"').format(name=place.name)
        raise _fault(name, _("no such file"), fix)
    text = _decode(name, raw)
    if needed and not text.strip():
        raise _fault(name, _("an empty file"), _("give at least its first line"))
    return text


def write_text(path: Path, text: str) -> None:
    """Write a file at once or not at all, in a folder that is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode("utf-8"))


class Records:
    """The rows of a CSV file with the text that each of them came from.

    A spreadsheet may write semicolons; the header tells.  Rows are numbered as a spreadsheet
    shows them: the header is row 1.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = list(io.StringIO(text, newline=""))
        first = self.lines[0] if self.lines else ""
        self.delimiter = ";" if first.count(";") > first.count(",") else ","

    def raw(self) -> Iterator[tuple[str, list[str]]]:
        """Give each record as it stands in the file, with its cells."""
        csv.field_size_limit(_CELL)
        taken: list[str] = []

        def feed() -> Iterator[str]:
            for line in self.lines:
                taken.append(line)
                yield line

        reader = csv.reader(feed(), delimiter=self.delimiter, strict=True)
        row = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _fault(
                    self.name,
                    _("a row that cannot be split ({error})").format(error=error),
                    _("check the quotes of this row"),
                    row + 1,
                ) from None
            row += 1
            yield "".join(taken), cells
            taken.clear()

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Give each row that is not empty as a dictionary, with its number.

        Raises
        ------
        CaseError
            If a row has more or fewer cells than the header.
        """
        header: list[str] = []
        for number, (_raw, cells) in enumerate(self.raw(), start=1):
            if number == 1:
                header = [cell.strip() for cell in cells]
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                found = _("{value} cells under {value2} columns").format(value=len(cells), value2=len(header))
                fix = _("put cells that hold commas or line breaks into quotes")
                raise _fault(self.name, found, fix, number)
            yield number, dict(zip(header, cells, strict=True))
