"""Case tables to and from spreadsheets, which run cells that begin with a sign as formulas.

Case files are saved verbatim; only what is written *for* a spreadsheet is escaped, with a leading
apostrophe, and reading it back takes exactly that apostrophe off again.
"""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from goodoffices.cases.files import Records, read_text, write_text
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["TABLES", "escape", "export_tables", "import_tables", "unescape"]

TABLES = ("stakes.csv", "evidence.csv", "disputes.csv", "ratings.csv", "CHANGES.csv")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def escape(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet could run, or that begins with one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def unescape(cell: str) -> str:
    """Take the apostrophe off again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _verbatim(cell: str) -> str:
    return cell


def _copied(
    source: Path, target: Path, change: Callable[[str], str], hidden: frozenset[str] = frozenset()
) -> list[Path]:
    written = []
    for name in TABLES:
        text = read_text(source, name, needed=False)
        if text is None:
            continue
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for _raw, cells in Records(name, text).raw():
            if not hidden.intersection(cells):
                writer.writerow([change(cell) for cell in cells])
        write_text(target / name, out.getvalue())
        written.append(target / name)
    return written


def export_tables(folder: Path, target: Path, *, spreadsheet: bool, hidden: Iterable[str] = ()) -> list[Path]:
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
    if target.resolve() == folder.resolve():
        raise UsageError(_("give another folder than the case's own: its files are kept verbatim"))
    return _copied(folder, target, escape if spreadsheet else _verbatim, frozenset(hidden))


def import_tables(source: Path, folder: Path) -> list[Path]:
    """Take tables back from a spreadsheet into a case folder, formulas restored."""
    return _copied(source, folder, unescape)
