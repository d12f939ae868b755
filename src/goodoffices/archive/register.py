"""A register of forecasts: one file for each forecast and each resolution, never overwritten.

Every file carries the hash of its own fields and that of the file before it, so that a change, a gap or
another order is found.  A register that was cut off at its end, or written anew as a whole, is found by
whoever noted the hash of its last file, its *head*.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from goodoffices.archive.records import (
    RECORDS,
    CalibrationRecord,
    ForecastRecord,
    Record,
    ResolutionRecord,
)
from goodoffices.cases.canonical import digest
from goodoffices.cases.files import write_text
from goodoffices.cases.folder import sentence
from goodoffices.errors import CaseError, Fault, NotFoundError, UsageError
from goodoffices.words import _

__all__ = ["Kept", "Register", "read_calibration", "sealed", "write_record"]

LARGEST = 1_000_000  # bytes of one file
TRIES = 20  # others may register at the same time


class Kept(NamedTuple):
    """A forecast with what was said to have come of it, the last word first."""

    forecast: ForecastRecord
    resolutions: tuple[ResolutionRecord, ...]

    @property
    def id(self) -> str:
        """Give the name by which it is asked for."""
        return self.forecast.sha256[:10]

    @property
    def resolution(self) -> ResolutionRecord | None:
        """Give what stands: the last word."""
        return self.resolutions[0] if self.resolutions else None


def sealed(fields: dict[str, Any]) -> dict[str, Any]:
    """Give a record with the hash of all its other fields, in canonical form."""
    plain = {name: value for name, value in fields.items() if name != "sha256"}
    return {**plain, "sha256": digest(plain)}


def write_record(path: Path, record: Record) -> Path:
    """Write a record into a file of its own, as it stands in a register."""
    write_text(path, _text(record))
    return path


def _text(record: Record) -> str:
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _fault(path: Path, found: str, fix: str, field: str = "") -> Fault:
    return Fault(file=path.name, field=field or None, found=found, fix=fix)


def _read(path: Path) -> Any:
    """Read a file as plain data; a register may come from a stranger."""
    fix = _("take the file back as it was written: what is registered is never changed")
    try:
        if path.stat().st_size > LARGEST:
            raise CaseError([_fault(path, _("more than 1 MB"), fix)])
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CaseError([_fault(path, str(error), fix)]) from None


def _checked(path: Path) -> Record:
    """Read a record, and hold it against its own hash.

    Raises
    ------
    CaseError
        If it is no record, or not as it was written.
    """
    plain = _read(path)
    model = RECORDS.get(plain.get("kind", "")) if isinstance(plain, dict) else None
    if model is None:
        fix = _("give a file of kind {kinds}").format(kinds=", ".join(RECORDS))
        raise CaseError([_fault(path, _("no record of a register"), fix)])
    try:
        record = model.model_validate(plain)
    except ValidationError as error:
        raise CaseError([_misfit(path, one) for one in error.errors()]) from None
    if sealed(plain) != plain:
        fix = _("take the file back as it was written: its hash says that it was changed since")
        raise CaseError([_fault(path, plain["sha256"][:12], fix, "sha256")])
    return record


def _misfit(path: Path, error: Any) -> Fault:
    return _fault(path, str(error.get("input"))[:80], sentence(error), ".".join(map(str, error["loc"])))


def read_calibration(path: Path) -> CalibrationRecord:
    """Read a fitted calibration and hold it against its hash.

    Raises
    ------
    CaseError
        If the file is none, or was changed since.
    NotFoundError
        If there is no such file.
    """
    if not path.is_file():
        raise NotFoundError(_("{file}: no such file").format(file=path))
    found = _checked(path)
    if not isinstance(found, CalibrationRecord):
        fix = _('give a file that "goodoffices forecast calibrate" wrote')
        raise CaseError([_fault(path, _("no calibration"), fix)])
    return found


class Register:
    """The register in a folder, which is made with the first forecast."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> list[Path]:
        """Give its files in the order in which they were written."""
        return sorted(self.folder.glob("[0-9]*.json"), key=lambda path: (len(path.name), path.name))

    def entries(self) -> list[ForecastRecord | ResolutionRecord]:
        """Read the whole chain, the first entry first.

        Raises
        ------
        CaseError
            At the first file that is not as it was written, or not in its place.
        """
        entries: list[ForecastRecord | ResolutionRecord] = []
        known: set[str] = set()
        for path in self.files():
            record = _checked(path)
            if not isinstance(record, ForecastRecord | ResolutionRecord):
                fix = _("keep calibrations outside of the register")
                raise CaseError([_fault(path, _("a calibration"), fix)])
            _follows(path, record, entries, known)
            entries.append(record)
            if isinstance(record, ForecastRecord):
                known.add(record.sha256)
        return entries

    @property
    def head(self) -> str:
        """Give the hash of the last entry; empty for an empty register."""
        entries = self.entries()
        return entries[-1].sha256 if entries else ""

    def kept(self) -> list[Kept]:
        """Give every forecast with what came of it, in the order of registration."""
        entries = self.entries()
        said: dict[str, list[ResolutionRecord]] = {}
        for entry in entries:
            if isinstance(entry, ResolutionRecord):
                said.setdefault(entry.of, []).insert(0, entry)
        forecasts = (entry for entry in entries if isinstance(entry, ForecastRecord))
        return [Kept(one, tuple(said.get(one.sha256, ()))) for one in forecasts]

    def find(self, name: str) -> Kept:
        """Give the forecast whose id begins so.

        Raises
        ------
        NotFoundError
            If none does, or several do.
        """
        kept = self.kept()
        found = [one for one in kept if name and one.forecast.sha256.startswith(name.lower())]
        if len(found) != 1:
            said = _('{n} forecasts are called "{name}"; there are {names}')
            names = ", ".join(one.id for one in kept) or _("none")
            raise NotFoundError(said.format(n=len(found), name=name, names=names))
        return found[0]

    def append(self, model: type[Record], fields: dict[str, Any], at: str) -> tuple[Path, Record]:
        """Write a new entry behind the last one; nothing that is there is touched.

        Parameters
        ----------
        at
            The moment, to the second in UTC.

        Raises
        ------
        UsageError
            If that moment lies before the last entry.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for _try in range(TRIES):
            record = _next(model, fields, at, self.entries())
            path = self.folder / f"{record.number:04}.json"
            with contextlib.suppress(FileExistsError):
                _laid(path, _text(record).encode("utf-8"))
                return path, record
        raise UsageError(_("{folder} is being written to by others: try again").format(folder=self.folder))


def _laid(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet, whole or not at all; who comes first has the name.

    Raises
    ------
    FileExistsError
        If somebody else was first.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(0o444)
        path.hardlink_to(draft)
    finally:
        draft.unlink()


def _next(model: type[Record], fields: dict[str, Any], at: str, entries: Sequence[Any]) -> Any:
    last = entries[-1] if entries else None
    if last is not None and at < last.at:
        said = _("the clock says {at}, and the last entry of the register was made at {last}: set the clock")
        raise UsageError(said.format(at=at, last=last.at))
    chain = {"format": 1, "number": len(entries) + 1, "previous": last.sha256 if last else "", "at": at}
    return model.model_validate(sealed({**fields, **chain}))


def _follows(path: Path, record: Any, before: Sequence[Any], known: Container[str]) -> None:
    """Check that an entry stands where it was written; `known` are the hashes of forecasts before it.

    Raises
    ------
    CaseError
        If a file before it is missing, was changed or came later.
    """
    last = before[-1] if before else None
    wanted = (len(before) + 1, last.sha256 if last else "")
    if (record.number, record.previous) != wanted:
        found = _("number {n} after {previous}").format(n=record.number, previous=record.previous[:12] or "–")
        fix = _("take back the files before it: number {n} must follow {previous}")
        raise CaseError([_fault(path, found, fix.format(n=wanted[0], previous=wanted[1][:12] or "–"))])
    if last is not None and record.at < last.at:
        fix = _("an entry is never earlier than the one before it, of {at}").format(at=last.at)
        raise CaseError([_fault(path, record.at, fix, "at")])
    if isinstance(record, ResolutionRecord) and record.of not in known:
        fix = _("a resolution follows its forecast")
        raise CaseError([_fault(path, record.of[:12], fix, "of")])
