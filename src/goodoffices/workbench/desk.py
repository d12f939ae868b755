"""The desk: the cases on which somebody works, each opened once and kept open.

A case of the folder is changed in its own files.  A case of the library is never changed: what is
tried on it is a branch, which is kept in the user's data folder.
"""

import contextlib
import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_dir, user_data_dir

from goodoffices.archive.branches import Branch
from goodoffices.archive.bundle import belongs, pack
from goodoffices.archive.bundle import opened as unzipped
from goodoffices.archive.history import Entry
from goodoffices.archive.purge import Purged, drop_files, drop_folder, keep_out, stays
from goodoffices.archive.vault import SUFFIX, LockedPlace, lock_case
from goodoffices.cases.edits import Draft, applied, edits_of
from goodoffices.cases.folder import read_folder
from goodoffices.cases.library import library_folder, library_names
from goodoffices.cases.places import FolderPlace, Place
from goodoffices.cases.schema import parse_day
from goodoffices.cases.starter import starter_files
from goodoffices.domain.case import Case, Change
from goodoffices.domain.evidence import SENSITIVITIES
from goodoffices.errors import GoodOfficesError, LockedError, NotFoundError, UsageError
from goodoffices.words import _
from goodoffices.workbench.bench import Workbench
from goodoffices.workbench.comparing import Because, Compared, Difference
from goodoffices.workbench.opening import Opened
from goodoffices.workbench.withhold import visible

__all__ = [
    "Because",
    "Branch",
    "Compared",
    "Desk",
    "DeskCard",
    "Difference",
    "Entry",
    "Opened",
    "Purged",
    "Ref",
]

_LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """Which case is meant: one of the library, or one's own."""

    shelf: Literal["library", "own"]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCard:
    """A case in a list.

    Attributes
    ----------
    locked
        Whether it is encrypted and has not been opened.
    fault
        A sentence if its files cannot be read.
    """

    ref: Ref
    title: str
    facts: int = 0
    verified: int = 0
    texts: int = 0
    start: date | None = None
    end: date | None = None
    editable: bool = False
    locked: bool = False
    fault: str = ""


class Desk:
    """The cases of a folder and of the library.

    Parameters
    ----------
    folder
        Holds one's own cases, each in a folder or an encrypted file; or is itself one case.
    data
        Where branches of library cases and results are kept; the user's data folder, if none is given.
    cache
        Where counts of unfinished searches are kept; the user's cache, if none is given.
    """

    def __init__(
        self,
        folder: Path,
        *,
        data: Path | None = None,
        bench: Workbench | None = None,
        cache: Path | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.data = data or Path(user_data_dir("goodoffices", appauthor=False))
        self.cache = cache or Path(user_cache_dir("goodoffices", appauthor=False))
        self.bench = bench or Workbench()
        self._open: dict[Ref, tuple[Path, Opened]] = {}
        self._vaults: dict[str, LockedPlace] = {}
        self._guard = threading.RLock()

    # -- what there is ------------------------------------------------------------------------

    @property
    def is_case(self) -> bool:
        """Whether the folder is itself one case."""
        return (self.folder / "case.toml").is_file()

    def _own(self) -> dict[str, Path]:
        """Give the folder or the encrypted file of each case, by its name."""
        if self.is_case:
            return {self.folder.resolve().name: self.folder}
        found: dict[str, Path] = {}
        inside = self.folder.resolve()
        listed = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        for path in listed:
            if path.name.startswith(".") or not path.resolve().is_relative_to(inside):
                continue
            if path.suffix == SUFFIX and path.is_file():
                found.setdefault(path.stem, path)
            elif (path / "case.toml").is_file():
                found[path.name] = path
        return found

    def _path(self, ref: Ref) -> Path:
        if ref.shelf == "library":
            return library_folder(ref.name)
        found = self._own()
        if ref.name not in found:
            raise NotFoundError(_('there is no case "{name}" in the folder').format(name=ref.name))
        return found[ref.name]

    def cards(self) -> list[DeskCard]:
        """List the cases, one's own first."""
        own = [Ref(shelf="own", name=name) for name in self._own()]
        return [self.card(ref) for ref in (*own, *(Ref(shelf="library", name=n) for n in library_names()))]

    def card(self, ref: Ref) -> DeskCard:
        """Tell of one case; one that is locked or cannot be read says so."""
        editable = ref.shelf == "own"
        try:
            case = self.opened(ref).case()
        except LockedError as error:
            return DeskCard(ref=ref, title=ref.name, editable=editable, locked=True, fault=str(error))
        except GoodOfficesError as error:
            return DeskCard(ref=ref, title=ref.name, editable=editable, fault=str(error))
        return DeskCard(
            ref=ref,
            title=case.title,
            facts=len(case.facts),
            verified=sum(fact.verified for fact in case.facts),
            texts=len(case.texts),
            start=case.start,
            end=case.end,
            editable=editable,
        )

    def opened(self, ref: Ref) -> Opened:
        """Give a case, opening it if need be.

        Raises
        ------
        LockedError
            If it is encrypted and has not been unlocked.
        NotFoundError
            If there is no such case.
        """
        with self._guard:
            path = self._path(ref)
            known = self._open.get(ref)
            if known is None or known[0] != path:
                known = self._open[ref] = (path, self._opening(ref, path))
            return known[1]

    def _opening(self, ref: Ref, path: Path) -> Opened:
        given: dict[str, Any] = {"bench": self.bench, "kept": (self.results(ref), self.cache / "plans")}
        if ref.shelf == "library":
            store = self._store(ref)
            with contextlib.suppress(OSError):
                store.mkdir(parents=True, exist_ok=True, mode=0o700)
            return Opened(ref, FolderPlace(path), store=FolderPlace(store), **given)
        if path.suffix != SUFFIX or path.is_dir():
            return Opened(ref, FolderPlace(path), **given)
        if ref.name not in self._vaults:
            raise LockedError(_("{name} is locked: give its passphrase").format(name=ref.name))
        return Opened(ref, self._vaults[ref.name], **given)

    def _store(self, ref: Ref) -> Path:
        return self.data / ref.shelf / ref.name

    def results(self, ref: Ref) -> Path:
        """Give the folder in which results of a case are kept."""
        return self.data / "results" / ref.shelf / ref.name

    # -- new cases ----------------------------------------------------------------------------

    def free_name(self, title: str) -> str:
        """Give a name for a new case that is not taken."""
        kept = "".join(sign if sign.isalnum() else "-" for sign in title.lower()).strip("-")
        stem = "-".join(part for part in kept[: _LONGEST - 10].split("-") if part) or "case"
        taken = {name.casefold() for name in self._own()}
        names = itertools.chain([stem], (f"{stem}-{n}" for n in itertools.count(2)))
        return next(name for name in names if name.casefold() not in taken)

    def _new(self, name: str) -> Path:
        """Give the folder of a new case.

        Raises
        ------
        UsageError
            If the name is none or taken, or the desk is itself a case.
        """
        if self.is_case:
            raise UsageError(_("this folder is itself a case: open the folder above it to keep several"))
        sound = all(sign.isalnum() or sign in "-_" for sign in name)
        if not name or not sound or len(name) > _LONGEST or not belongs(f"branches/{name}.jsonl"):
            told = _('"{name}" is no name for a case: use up to {most} letters, digits, "-" and "_"')
            raise UsageError(told.format(name=name[:80], most=_LONGEST))
        path = self.folder / name
        there = path.exists() and (not path.is_dir() or any(path.iterdir()))
        if there or name.casefold() in {other.casefold() for other in self._own()}:
            raise UsageError(
                _('there is something called "{name}" already: choose another name').format(name=name)
            )
        return path

    def _made(self, name: str, files: dict[str, bytes]) -> Ref:
        """Write a new case, if it can be read."""
        with self._guard:
            place = FolderPlace(self._new(name))
            read_folder(Draft(place, files))
            place.write(files)
        return Ref(shelf="own", name=name)

    def create(
        self,
        name: str,
        *,
        title: str,
        sides: Sequence[Mapping[str, str]],
        text: str = "",
        start: str | date = "",
        end: str | date = "",
        scope: str = "full",
    ) -> Ref:
        """Make a small case that can be read at once: no facts, nothing decided.

        Parameters
        ----------
        sides
            Two or more, each with its "name" and, if one person decides for it, that person's as "leader".
        text
            The title of the text on the table.
        start, end
            The window; the year before until today, if nothing is given.

        Raises
        ------
        CaseError
            If a day or the scope does not fit.
        UsageError
            If the name is none or taken, a day is none, or there are not two sides.
        """
        parties = [("", side["name"]) for side in sides]
        files = starter_files(title, parties, name=name, text=text, start=_day(start), end=_day(end))
        place = Draft(FolderPlace(self._new(name)), files)
        case = read_folder(place)
        changes = [*_led(case, sides), *_scoped(case, scope)]
        return self._made(
            name, files | (applied(place, edits_of(place, changes, case=case)) if changes else {})
        )

    def copy(self, ref: Ref, name: str, *, branch: str = "", title: str = "") -> Ref:
        """Copy a case into the folder, with the changes of a branch; its history is not copied.

        Raises
        ------
        UsageError
            If the name is none, or taken.
        """
        source = self.opened(ref)
        place, case = source.source, source.case(branch)
        changes = list(next((b.changes for b in source.branches() if b.name == branch), ()))
        if title and title != case.title:
            changes.append(Change(id="title", op="set_case", target="", value={"title": title}))
        names = [
            name for name in place.names() if belongs(name) and "/" not in name and name != "history.jsonl"
        ]
        files = {file: place.read(file) or b"" for file in names}
        files |= applied(place, edits_of(place, changes)) if changes else {}
        return self._made(name, files)

    def import_zip(self, data: bytes, name: str) -> Ref:
        """Take a case from a zip, trusting nothing in it.

        Raises
        ------
        CaseError
            With what in it does not belong there, or does not fit; nothing is kept then.
        UsageError
            If the name is none, or taken.
        """
        return self._made(name, unzipped(data))

    def export_zip(self, ref: Ref, audience: str = "amber") -> bytes:
        """Pack a case, without the facts that an audience may not see.

        Raises
        ------
        UsageError
            If there is no such audience.
        """
        if audience not in SENSITIVITIES:
            told = _('"{word}" is no audience: use one of ').format(word=audience)
            raise UsageError(told + ", ".join(SENSITIVITIES))
        found = self.opened(ref)
        facts = found.case().declared()
        return pack(found.source, {fact.id for fact in facts if not visible(fact.sensitivity, audience)})

    # -- locking ------------------------------------------------------------------------------

    def unlock(self, ref: Ref, passphrase: str) -> Opened:
        """Open an encrypted case in memory.

        Raises
        ------
        LockedError
            If the passphrase is another one, or the file was altered.
        """
        with self._guard:
            path = self._path(ref)
            if path.suffix == SUFFIX and ref.name not in self._vaults:
                self._vaults[ref.name] = LockedPlace(path, passphrase)
            return self.opened(ref)

    def lock(self, ref: Ref, passphrase: str = "") -> None:
        """Close an encrypted case, or encrypt one that is a folder.

        Raises
        ------
        UsageError
            For a case of the library, or a passphrase that is too short.
        """
        if ref.shelf == "library":
            raise UsageError(_("a case of the library is public: copy it into your folder to lock the copy"))
        with self._guard:
            path = self._path(ref)
            vault = self._vaults.pop(ref.name, None)
            if vault is not None:
                vault.close()
            elif path.is_dir():
                lock_case(path, passphrase)
                drop_files(self.results(ref))
            self._open.pop(ref, None)

    # -- purging ------------------------------------------------------------------------------

    def purge(
        self, ref: Ref, kind: Literal["fact", "rating"], name: str, *, audit: Path | None = None
    ) -> Purged:
        """Remove a fact or a rating of a case for good; see `Opened.purge`."""
        return self.opened(ref).purge(kind, name, audit=audit)

    def purge_case(self, ref: Ref, *, audit: Path | None = None) -> Purged:
        """Remove a whole case for good, with its history, branches and results.

        Of a library case, all that was done on it is removed; the case itself comes with the package.
        """
        with self._guard:
            path = self._path(ref)
            self._vaults.pop(ref.name, None)
            self._open.pop(ref, None)
            removed = {_("results"): drop_folder(self.results(ref)) + drop_files(self.cache / "plans")}
            removed[ref.name] = drop_folder(self._store(ref)) if ref.shelf == "library" else self._drop(path)
        removed[_("log")] = keep_out(audit, {ref.name}) if audit else 0
        told = {where: count for where, count in removed.items() if count}
        return Purged(kind="case", id=ref.name, removed=told, stays=(stays(),))

    def _drop(self, path: Path) -> int:
        """Remove a case from the folder; of a desk that is itself a case, only what is of the case."""
        if path.is_file():
            path.unlink()
            return 1
        if path != self.folder:
            return drop_folder(path)
        place: Place = FolderPlace(path)
        names = [name for name in place.names() if belongs(name)]
        place.write(dict.fromkeys(names))
        with contextlib.suppress(OSError):
            (path / "branches").rmdir()
        return len(names)


def _day(said: str | date) -> date | None:
    """Read a day; nothing said is none.

    Raises
    ------
    UsageError
        If it is no day.
    """
    try:
        return parse_day(said) if said else None
    except ValueError as error:
        told = _('"{value}" is no date: {error}').format(value=said, error=error)
        raise UsageError(told) from None


def _led(case: Case, sides: Sequence[Mapping[str, str]]) -> list[Change]:
    """Name the persons who decide for the sides of a new case."""
    named = zip(case.decision_makers, (side.get("leader", "").strip() for side in sides), strict=True)
    rows = [replace(dm, name=leader, kind="person") for dm, leader in named if leader]
    return [Change(id=row.id, op="put_decision_maker", target=row.key, value=row) for row in rows]


def _scoped(case: Case, scope: str) -> list[Change]:
    rows = [replace(text, scope=scope) for text in case.texts if scope not in ("", text.scope)]
    return [Change(id=row.id, op="put_text", target=row.key, value=row) for row in rows]
