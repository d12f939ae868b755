"""Case tables to and from spreadsheets, which run cells that begin with a sign as formulas.

Case files are saved verbatim; only what is written *for* a spreadsheet is escaped, with a leading
apostrophe, and reading it back takes exactly that apostrophe off again.
"""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from goodoffices.cases.files import Records, read_text, write_text
from goodoffices.cases.places import Place
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["TABLES", "escape", "export_tables", "import_tables", "sheet", "unescape"]

TABLES = (
    "stakes.csv",
    "evidence.csv",
    "disputes.csv",
    "ratings.csv",
    "off.csv",
    "comments.csv",
    "CHANGES.csv",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def escape(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet could run, or that begins with one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def unescape(cell: str) -> str:
    """Take the apostrophe off again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _verbatim(cell: str) -> str:
    return cell


def sheet(
    name: str, text: str, change: Callable[[str], str] = escape, hidden: frozenset[str] = frozenset()
) -> str:
    """Give the text of a table with every cell changed, without the rows that name what is hidden."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for _raw, cells in Records(name, text).raw():
        if not hidden.intersection(cells):
            writer.writerow([change(cell) for cell in cells])
    return out.getvalue()


def _copied(
    source: Path | Place, target: Path, change: Callable[[str], str], hidden: frozenset[str] = frozenset()
) -> list[Path]:
    written = []
    for name in TABLES:
        if hidden and name == "comments.csv":
            continue  # whoever may not see all facts may not see what analysts remark on them
        text = read_text(source, name, needed=False)
        if text is None:
            continue
        write_text(target / name, sheet(name, text, change, hidden))
        written.append(target / name)
    return written


def export_tables(
    folder: Path | Place, target: Path, *, spreadsheet: bool, hidden: Iterable[str] = ()
) -> list[Path]:
    """Write the tables of a case into another folder.

    Parameters
    ----------
    spreadsheet
        Escape cells that a spreadsheet would run as formulas.
    hidden
        Ids of facts whose rows, and whose disputes, are left out.

    Raises
    ------
    UsageError
        If the target is the case folder itself.
    """
    if isinstance(folder, Path) and target.resolve() == folder.resolve():
        raise UsageError(_("give another folder than the case's own: its files are kept verbatim"))
    return _copied(folder, target, escape if spreadsheet else _verbatim, frozenset(hidden))


def import_tables(source: Path, folder: Path) -> list[Path]:
    """Take tables back from a spreadsheet into a case folder, formulas restored."""
    return _copied(source, folder, unescape)
