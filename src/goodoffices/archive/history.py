"""What was done to a case: who changed what, when and why, and how it is undone and done again.

The history is a file beside the case, `history.jsonl`, to which one line is added for each change.
Nothing in it is rewritten when something is undone: undoing adds a line as well.
"""

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from goodoffices.cases.edits import Edit, reversed_edits
from goodoffices.cases.places import Place
from goodoffices.domain.readings import plain
from goodoffices.words import _

__all__ = ["HISTORY", "Entry", "History", "entry_line", "fresh_id", "later", "now", "to_redo", "to_undo"]

HISTORY = "history.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the history.

    Attributes
    ----------
    did
        "edit", "undo", "redo" or "purge".
    of
        The id of the entry that was undone or done again; empty for an edit.
    says
        In a sentence, what was done; made when the history is shown, and not on file.
    edits
        What became of which row of which file.
    steps
        What was asked for, as pairs of an operation and its target.
    fresh
        Files that it made; they go when it is undone and nobody has put anything else into them.
    purged
        Whether what it held was removed for good, so that it can no longer be undone.
    """

    id: str
    at: str
    who: str
    why: str
    did: str
    of: str = ""
    says: str = ""
    edits: tuple[Edit, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    fresh: tuple[str, ...] = ()
    purged: bool = False


def now() -> str:
    """Give the moment as it stands in the files, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def entry_line(entry: Entry) -> bytes:
    """Write one entry as one line of JSON."""
    row = plain(entry)
    del row["says"]
    kept = {name: value for name, value in row.items() if value or name in ("who", "why")}
    return (json.dumps(kept, ensure_ascii=False) + "\n").encode()


def _entry(row: dict[str, Any]) -> Entry:
    edits = tuple(Edit(**edit) for edit in row.pop("edits", ()))
    steps = tuple((str(op), str(target)) for op, target in row.pop("steps", ()))
    fresh = tuple(row.pop("fresh", ()))
    entry = Entry(**row, edits=edits, steps=steps, fresh=fresh)
    if not all(isinstance(getattr(entry, name), str) for name in ("id", "at", "who", "why", "did", "of")):
        raise TypeError
    return entry


class History:
    """The entries of a place; what was read before is not read again, as the file only grows."""

    def __init__(self) -> None:
        self._raw = b""
        self._entries: list[Entry] = []
        self._bad: list[int] = []
        self._guard = threading.Lock()

    def read(self, place: Place) -> tuple[list[Entry], int]:
        """Give the entries, the first first, and how many lines there are."""
        raw = place.read(HISTORY) or b""
        with self._guard:
            self._follow(raw)
            return list(self._entries), len(self._entries) + len(self._bad)

    def _follow(self, raw: bytes) -> None:
        if not self._raw.endswith(b"\n") or not raw.startswith(self._raw):
            self._raw, self._entries, self._bad = b"", [], []
        done = self._raw.count(b"\n")
        for number, line in enumerate(raw[len(self._raw) :].splitlines(), start=done + 1):
            if line.strip():
                self._take(number, line)
        self._raw = raw

    def _take(self, number: int, line: bytes) -> None:
        try:
            self._entries.append(_entry(json.loads(line)))
        except (ValueError, TypeError, AttributeError, KeyError):
            self._bad.append(number)

    @property
    def warnings(self) -> list[str]:
        """Say which lines cannot be read."""
        said = _("Line {number} of the history cannot be read and is passed over.")
        return [said.format(number=number) for number in self._bad]

    def joint(self) -> bytes:
        """Give what has to stand before a new line: a line break, if the last line was cut off."""
        return b"\n" if self._raw and not self._raw.endswith(b"\n") else b""


def fresh_id(entries: Sequence[Entry], lines: int) -> str:
    """Give an id for the next entry; that of a line which cannot be read is not given twice."""
    numbers = [int(entry.id[1:]) for entry in entries if entry.id[1:].isdecimal()]
    return f"e{max([lines, *numbers]) + 1:04d}"


def _stacks(entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Give what could be undone and what could be done again, the next last."""
    done: list[Entry] = []
    undone: list[Entry] = []
    for entry in entries:
        if entry.did == "edit":
            done.append(entry)
            undone.clear()
        elif entry.did == "undo":
            undone += [one for one in done if one.id == entry.of]
            done = [one for one in done if one.id != entry.of]
        elif entry.did == "redo":
            done += [one for one in undone if one.id == entry.of]
            undone = [one for one in undone if one.id != entry.of]
    return [e for e in done if not e.purged], [e for e in undone if not e.purged]


def to_undo(entries: Iterable[Entry]) -> Entry | None:
    """Give the entry that is undone next; those that were purged are passed over."""
    done, _undone = _stacks(entries)
    return done[-1] if done else None


def to_redo(entries: Iterable[Entry]) -> Entry | None:
    """Give the entry that is done again next; a new edit leaves none."""
    _done, undone = _stacks(entries)
    return undone[-1] if undone else None


def later(entries: Sequence[Entry], entry_id: str) -> tuple[Entry, list[Entry]] | None:
    """Give an entry and those after it; None if there is none of that id."""
    for index, entry in enumerate(entries):
        if entry.id == entry_id:
            return entry, list(entries[index + 1 :])
    return None


def taken_back(entry: Entry) -> tuple[Edit, ...]:
    """Give the edits that take an entry back."""
    return reversed_edits(entry.edits)


def blanked(entry: Entry) -> Entry:
    """Give what is left of an entry whose rows were purged: its id, who and when, and that it was."""
    return replace(entry, why="", says="", edits=(), steps=(), fresh=(), purged=True)
