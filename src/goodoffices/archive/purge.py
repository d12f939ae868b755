"""Remove a fact, a rating or a whole case for good: from files, history, branches and what was kept of it.

Undoing keeps everything that ever stood in a case; purging is the one thing that does not.  What a
disk or a backup keeps of files that were once written cannot be reached from here, and is said.
"""

import contextlib
import json
import re
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from goodoffices.archive.branches import is_branch
from goodoffices.archive.history import HISTORY, Entry, blanked, entry_line
from goodoffices.cases.edits import Draft
from goodoffices.cases.files import Records, read_text, write_text
from goodoffices.cases.folder import load
from goodoffices.cases.places import Place
from goodoffices.domain.readings import plain
from goodoffices.words import N_, _

__all__ = ["Purged", "cleaned", "drop_files", "drop_folder", "keep_out", "named_by", "stands", "stays"]

GONE = "purged"  # stands where an id stood
KINDS = {"fact": ("evidence.csv", "id"), "rating": ("ratings.csv", "key")}
_OWN_COLUMN = {"evidence.csv": "id", "ratings.csv": "key", "stakes.csv": "key"}
_STAYS = N_(
    "Backups, copies, exports and reports that were made before still hold it, and a solid-state disk or a "
    "journaling file system may keep old blocks for a while."
)
_MIXED = N_("{file} still names it, because the same word is needed there for something else.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What a purge removed, and what it could not reach.

    Attributes
    ----------
    kind, id
        "fact", "rating" or "case", and what it was called.
    removed
        How many rows, lines, files or mentions were removed, by where they stood.
    stays
        In sentences, where something of it may still be.
    """

    kind: str
    id: str
    removed: Mapping[str, int]
    stays: tuple[str, ...]


def stays() -> str:
    """Say what no program can reach."""
    return _(_STAYS)


def _word(keys: Collection[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, sorted(keys))) + r")(?![\w-])")


# -- rows -----------------------------------------------------------------------------------------


def named_by(place: Place, kind: str, name: str) -> frozenset[str]:
    """Give the key of a row with the keys of all rows that hang on it: readings and comments of it."""
    keys = {name}
    for file, key, on in (("disputes.csv", "alternative", "fact"), ("comments.csv", "key", "on")):
        if kind == "rating" and file == "disputes.csv":
            continue
        keys |= {row[key] for row in _rows(place, file) if row.get(on, "").strip() in keys}
    return frozenset(keys)


def _rows(place: Place, file: str) -> list[dict[str, str]]:
    text = read_text(place, file, needed=False)
    return [row for _number, row in Records(file, text).rows()] if text else []


def stands(place: Place, kind: str, name: str) -> bool:
    """Say whether the files of a case hold such a row."""
    file, column = KINDS[kind]
    return any(row.get(column, "").strip() == name for row in _rows(place, file))


def _table(file: str, raw: bytes, keys: Collection[str]) -> tuple[bytes, int]:
    """Give a table without the rows that are, or name, one of the keys."""
    records = list(Records(file, raw.decode("utf-8-sig", "replace")).raw())
    header = [cell.strip() for cell in records[0][1]] if records else []
    own = _OWN_COLUMN.get(file)
    kept = []
    for number, (text, cells) in enumerate(records):
        named = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        looked_at = [named.get(own, "")] if own else list(named.values())
        if not number or not any(cell in keys for cell in looked_at):
            kept.append(text)
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    return mark + "".join(kept).encode(), len(records) - len(kept)


# -- lines ----------------------------------------------------------------------------------------


def _branch(raw: bytes, keys: Collection[str]) -> tuple[bytes, int]:
    """Give a branch without the changes that name one of the keys."""
    word, kept, gone = _word(keys), [], 0
    for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(keepends=True)):
        shown = line if number == 0 else _based(line, word)
        if number and (shown is None or word.search(shown)):
            gone += 1
        elif shown is not None:
            kept.append(word.sub(GONE, shown))
    return "".join(kept).encode(), gone


def _based(line: str, word: re.Pattern[str]) -> str | None:
    """Give a line without the rows it stands on that name a key; None if it is no line."""
    if not line.strip():
        return line
    try:
        row = json.loads(line)
        base = {name: cells for name, cells in row.get("base", {}).items() if not _names(word, {name: cells})}
    except (ValueError, AttributeError):
        return None
    if base == row.get("base", {}):
        return line
    return json.dumps({**row, "base": base}, ensure_ascii=False) + "\n"


def _names(word: re.Pattern[str], value: Any) -> bool:
    return bool(word.search(json.dumps(plain(value), ensure_ascii=False)))


def _entries(entries: Iterable[Entry], keys: Collection[str]) -> tuple[bytes, int]:
    """Write the history anew: what names a key keeps its id, its moment and that it was purged."""
    word, lines, gone = _word(keys), [], 0
    for entry in entries:
        if _names(word, [entry.edits, entry.steps]):
            entry = blanked(entry)  # noqa: PLW2901 - the entry as it stays
            gone += 1
        lines.append(entry_line(replace(entry, why=word.sub(GONE, entry.why))))
    return b"".join(lines), gone


# -- the whole ------------------------------------------------------------------------------------


def cleaned(
    source: Place, store: Place, keys: Collection[str], entries: Iterable[Entry]
) -> tuple[dict[str, bytes | None], dict[str, int], list[str]]:
    """Give files without some rows and all that names them, what was removed by file, and what stays.

    Lines of the history that cannot be read are left out, as nobody can tell what they hold.
    """
    files: dict[str, bytes | None] = {}
    removed: dict[str, int] = {}
    for name in store.names():
        raw = store.read(name) or b""
        if is_branch(name):
            made, gone = _branch(raw, keys)
        elif name.endswith(".csv"):
            made, gone = _table(name, raw, keys)
        else:
            continue
        if made != raw:
            files[name], removed[name] = made or None, gone
    if store.read(HISTORY) is not None:
        files[HISTORY], removed[HISTORY] = _entries(entries, keys)
    mentioned, left = _mentions(source, store, files, keys)
    for name, (data, count) in mentioned.items():
        files[name], removed[name] = data, removed.get(name, 0) + count
    return files, {name: count for name, count in removed.items() if count}, left


def _mentions(
    source: Place, store: Place, files: Mapping[str, bytes | None], keys: Collection[str]
) -> tuple[dict[str, tuple[bytes, int]], list[str]]:
    """Replace the keys where prose names them; where the case could not be read then, they stay."""
    word, made, left = _word(keys), {}, []
    for name in store.names():
        if name == HISTORY or is_branch(name):
            continue
        raw = files.get(name, store.read(name)) or b""
        text, count = word.subn(GONE, raw.decode("utf-8", "surrogateescape"))
        if not count:
            continue
        data = text.encode("utf-8", "surrogateescape")
        if store is source and load(source).case and not _reads(source, {**files, name: data}):
            left.append(_(_MIXED).format(file=name))
        else:
            made[name] = (data, count)
    return made, left


def _reads(place: Place, files: Mapping[str, bytes | None]) -> bool:
    return not load(Draft(place, files)).faults


# -- beside the case ------------------------------------------------------------------------------


def keep_out(path: Path, keys: Collection[str]) -> int:
    """Replace ids in a log that holds a line for each event; gives how many there were."""
    if not path.is_file():
        return 0
    text, count = _word(keys).subn(GONE, path.read_text(encoding="utf-8", errors="surrogateescape"))
    if count:
        write_text(path, text)
    return count


def drop_files(folder: Path, patterns: Iterable[str] = ("*",)) -> int:
    """Remove files that were kept to save work; gives how many."""
    found = [path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()]
    for path in found:
        with contextlib.suppress(OSError):
            path.unlink()
    return sum(not path.exists() for path in found)


def drop_folder(folder: Path) -> int:
    """Remove a folder with all that it holds; gives the number of files."""
    if not folder.is_dir():
        return 0
    count = sum(path.is_file() for path in folder.rglob("*"))
    shutil.rmtree(folder)
    return count
