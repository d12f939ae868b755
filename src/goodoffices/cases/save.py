"""Save changes into a case folder: unchanged rows stay byte-identical, and no file is ever half written."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from goodoffices.cases.files import Records, read_text, write_text
from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Fact
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["fact_cells", "save_changes"]


def fact_cells(fact: Fact) -> dict[str, str]:
    """Give the cells of one fact as `evidence.csv` holds them."""
    cells = {}
    for name in Fact.__dataclass_fields__:
        value = getattr(fact, name)
        if isinstance(value, bool):
            cells[name] = "yes" if value else ("no" if name == "verified" else "")
        elif isinstance(value, tuple):
            cells[name] = " ".join(value)
        elif isinstance(value, dict):
            cells[name] = "; ".join(f"{key}={number:g}" for key, number in value.items())
        else:
            cells[name] = str(value)
    cells["known_on"] = "" if fact.known_on_assumed else cells["known_on"]
    return cells


def _row(cells: list[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", delimiter=delimiter).writerow(cells)
    return out.getvalue()


class _Table:
    """A CSV file under edit: raw records, addressed by the cell of one column."""

    def __init__(self, folder: Path, name: str, key: str) -> None:
        self.path = folder / name
        raw = self.path.read_bytes()
        text = read_text(folder, name) or ""
        self.mark = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
        records = Records(name, text)
        self.delimiter = records.delimiter
        self.records = list(records.raw())
        self.header = [cell.strip() for cell in self.records[0][1]]
        self.place = self.header.index(key)

    def find(self, key: str) -> int:
        for index, (_raw, cells) in enumerate(self.records):
            if index and len(cells) > self.place and cells[self.place] == key:
                return index
        raise UsageError(_('{name} has no row "{key}"').format(name=self.path.name, key=key))

    def put(self, index: int | None, cells: dict[str, str]) -> None:
        if index is None:
            last, old = self.records[-1]
            self.records[-1] = (last if last.endswith(("\n", "\r")) else last + "\n", old)
            values = [cells.get(name, "") for name in self.header]
            self.records.append((_row(values, self.delimiter), values))
            return
        values = [cells.get(n, v) for n, v in zip(self.header, self.records[index][1], strict=True)]
        self.records[index] = (_row(values, self.delimiter), values)

    def write(self) -> None:
        write_text(self.path, self.mark + "".join(raw for raw, _cells in self.records))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def save_changes(folder: Path, changes: Iterable[Change]) -> None:
    """Write changes of facts and stakes into the files of a case.

    Raises
    ------
    UsageError
        If a change is none of a fact or a stake; nothing is written then.
    """
    listed = list(changes)
    tables = {
        "evidence": _Table(folder, "evidence.csv", "id"),
        "stakes": _Table(folder, "stakes.csv", "key"),
    }
    touched = set()
    for change in listed:
        if change.op == "set_stake":
            tables["stakes"].put(tables["stakes"].find(change.target), change.value)
            touched.add("stakes")
        elif change.op == "add_fact":
            tables["evidence"].put(None, fact_cells(change.value))
            touched.add("evidence")
        elif change.op == "replace_fact":
            cells = {name: _text(value) for name, value in change.value.items()}
            tables["evidence"].put(tables["evidence"].find(change.target), cells)
            touched.add("evidence")
        elif change.op == "switch_off_fact":
            del tables["evidence"].records[tables["evidence"].find(change.target)]
            touched.add("evidence")
        else:
            raise UsageError(
                _("{op} cannot be saved into the case files yet: keep it as a change").format(op=change.op)
            )
    for name in sorted(touched):
        tables[name].write()
