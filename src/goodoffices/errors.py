"""What can go wrong on purpose.

::

    GoodOfficesError
    ├── CaseError        (ValueError)    faults in a case folder or in changes; carries every Fault
    ├── NotFoundError    (LookupError)   a case, actor or text that is not there
    ├── UsageError       (ValueError)    a question that makes no sense, such as a date that is none
    ├── RerunError       (ValueError)    a saved result that cannot be computed again
    ├── ConflictError    (ValueError)    rows that somebody else changed since; carries every Conflict
    ├── LockedError      (ValueError)    an encrypted case that this passphrase does not open
    ├── BusyError        (RuntimeError)  a case or a store that another program holds
    ├── StoreError       (ValueError)    a store, or a file on its way into one, that is not as it should be
    └── ExtraMissing     (ImportError)   an optional part of the product is not installed

Each class knows the exit status of the command line: 1 for a fault in the input, 2 for usage, 3 for
event data that was not all taken in, 4 for a missing extra.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from goodoffices.words import _, printable

__all__ = [
    "BusyError",
    "CaseError",
    "Conflict",
    "ConflictError",
    "ExtraMissing",
    "Fault",
    "GoodOfficesError",
    "LockedError",
    "NotFoundError",
    "RerunError",
    "StoreError",
    "UsageError",
]


QUOTED = 200  # characters of what was found that a sentence quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault in the input: where it is, what was found, and what would be right."""

    file: str
    row: int | None = None
    field: str | None = None
    found: str = ""
    fix: str = ""

    def __str__(self) -> str:
        where = self.file
        where += _(", row {row}").format(row=self.row) if self.row is not None else ""
        where += f", {self.field}" if self.field else ""
        found = self.found if len(self.found) <= QUOTED else self.found[:QUOTED] + "…"
        return printable(_("{where}: found {found}; {fix}").format(where=where, found=found, fix=self.fix))

    def to_dict(self) -> dict[str, object]:
        """Give the fault as plain data."""
        return asdict(self)


class GoodOfficesError(Exception):
    """The root of the tree; `status` is the exit status that the command line gives."""

    status = 1

    def to_dict(self) -> dict[str, object]:
        """Give the one form in which errors are printed as JSON."""
        return {"ok": False, "error": str(self), "errors": [], "status": self.status}


class CaseError(GoodOfficesError, ValueError):
    """A case folder, or a list of changes, has faults; all of them are in `faults`."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = str(self.faults[0])
        more = len(self.faults) - 1
        super().__init__(first if not more else _("{first} (and {more} more)").format(first=first, more=more))

    def to_dict(self) -> dict[str, object]:
        """Give the faults as plain data, one by one."""
        return {**super().to_dict(), "errors": [fault.to_dict() for fault in self.faults]}


class NotFoundError(GoodOfficesError, LookupError):
    """A name that nothing answers to; the message lists what there is."""


class UsageError(GoodOfficesError, ValueError):
    """A question that cannot be asked in this form."""

    status = 2


class RerunError(GoodOfficesError, ValueError):
    """A saved result whose inputs are not those at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One row that two people changed: as both found it, as I would have it, as it stands now."""

    file: str
    key: str
    before: dict[str, Any] | None
    mine: dict[str, Any] | None
    theirs: dict[str, Any] | None

    def __str__(self) -> str:
        return _("{file}, {key}: changed by somebody else in the meantime").format(
            file=self.file, key=self.key
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the conflict as plain data."""
        return asdict(self)


class ConflictError(GoodOfficesError, ValueError):
    """Rows were changed by somebody else since they were read; all of them are in `conflicts`."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = tuple(conflicts)
        first = str(self.conflicts[0])
        more = len(self.conflicts) - 1
        super().__init__(first if not more else _("{first} (and {more} more)").format(first=first, more=more))

    def to_dict(self) -> dict[str, object]:
        """Give the conflicts as plain data, one by one."""
        return {**super().to_dict(), "errors": [conflict.to_dict() for conflict in self.conflicts]}


class LockedError(GoodOfficesError, ValueError):
    """An encrypted case that stays closed: a wrong passphrase, or a file that is not as it was saved."""


class BusyError(GoodOfficesError, RuntimeError):
    """A case or a store that another program holds and does not let go."""


class StoreError(GoodOfficesError, ValueError):
    """A store of event data, or a file on its way into one, that is not as it should be."""

    status = 3


class ExtraMissing(GoodOfficesError, ImportError):  # noqa: N818 - reads as the sentence it prints
    """An optional part is not installed; the message says how to install it."""

    status = 4

    def __init__(self, extra: str, needed_for: str) -> None:
        told = _('{what} needs the extra "{extra}": pip install "goodoffices[{extra}]"')
        super().__init__(told.format(what=needed_for, extra=extra))
