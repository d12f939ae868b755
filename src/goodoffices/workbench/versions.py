"""A case as it stands, as it is in a branch, as it was: each read once, and its readings kept.

What is kept is found by the bytes of the files, so that undoing a change finds the readings made before
it, and a file that anybody else has written is read anew.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from goodoffices.analysis.worlds import world
from goodoffices.archive.branches import Branch, branch_called, read_branches
from goodoffices.archive.history import HISTORY
from goodoffices.cases.changes import change_line, check_defaults
from goodoffices.cases.edits import Draft
from goodoffices.cases.folder import read_folder
from goodoffices.cases.places import Place, steady
from goodoffices.cases.tables import tables
from goodoffices.domain.case import Case, Change
from goodoffices.domain.readings import Reading
from goodoffices.domain.tables import Tables
from goodoffices.errors import NotFoundError
from goodoffices.words import _, language
from goodoffices.workbench.bench import DRAWS, Workbench
from goodoffices.workbench.feeding import stamp
from goodoffices.workbench.memory import Memory
from goodoffices.workbench.scrubbing import Scrubber

__all__ = ["Version", "Versions", "changed", "looked"]

KEPT = 64  # readings that are kept of a case, and as many previews
PARSED = 8  # versions of its files that are kept
SCRUBBED = 4  # versions of a case that are read on one day after another
_TRIES = 5
_COUNTED = ("case.toml", "stakes.csv", "evidence.csv", "disputes.csv", "ratings.csv", "off.csv")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Version:
    """A case, and a mark that is the same only for the same inputs of a reading."""

    case: Case
    mark: str


class _Moved(Exception):  # noqa: N818 - no error, but a reason to look again
    """Somebody wrote while the files were read."""


class Versions:
    """The versions of one case; `source` holds its files, `store` its branches."""

    def __init__(self, source: Place, store: Place, bench: Workbench) -> None:
        self.source, self.store, self.bench = source, store, bench
        self._parsed: Memory[Case] = Memory(PARSED)
        self._now: Memory[Version] = Memory(PARSED)
        self._branches: Memory[tuple[list[Branch], list[str]]] = Memory(2)
        self._readings: Memory[Reading] = Memory(KEPT)
        self._previews: Memory[Reading] = Memory(KEPT)
        self._scrubbers: Memory[Scrubber] = Memory(SCRUBBED)

    def branches(self) -> tuple[list[Branch], list[str]]:
        """Give the branches, and a sentence for each line of them that cannot be read."""
        key = (self.store.stamp(), language())
        return self._branches.get(key, lambda: read_branches(self.store))

    def now(self, branch: str = "") -> Version:
        """Give the case as it stands, with the changes of a branch."""
        key = (self.source.stamp(), self.store.stamp() if branch else "", branch)
        return self._now.get(key, lambda: self.of(self.source, self.store, branch))

    def of(self, source: Place, store: Place, branch: str = "") -> Version:
        """Give the case as any two places hold it, now or once."""
        case, mark = self._read_files(source)
        if not branch:
            return Version(case, mark)
        changes = branch_called(branch, read_branches(store)[0]).changes
        return self.with_changes(Version(case, mark), changes)

    def with_changes(self, version: Version, changes: Iterable[Change]) -> Version:
        """Give a version with some changes."""
        listed = list(changes)
        return Version(changed(version.case, listed), version.mark + "".join(map(change_line, listed)))

    def _read_files(self, source: Place) -> tuple[Case, str]:
        """Read the files, and make sure that the case is kept under the bytes that it was read from."""

        def make() -> Case:
            case = read_folder(source)
            if steady(source, _marks)[0] != whole:
                raise _Moved
            return case

        for _try in range(_TRIES):
            whole, mark = steady(source, _marks)
            try:
                return self._parsed.get(whole, make), mark
            except _Moved:
                continue
        with source.hold():
            whole, mark = _marks(source)
            return read_folder(source), mark

    def expect(self, files: Mapping[str, bytes | None], case: Case) -> None:
        """Keep a case for the moment when these files are saved, so that it need not be read then."""
        whole, _mark = _marks(Draft(self.source, files))
        self._parsed.get(whole, lambda: replace(case, changes=()))

    def read(
        self, version: Version, at: date, draws: int = DRAWS, *, options: bool = False, seen_by: str = ""
    ) -> Reading:
        """Read a version as of a day, or give the reading that is at hand."""

        def make() -> Reading:
            if seen_by:
                case = looked(world, version.case, at, seen_by)
                made = self.bench.read(case, at, draws=draws, options=options)
            else:
                made = self._scrubber(version, draws).read(at, options=options)
            return replace(made, samples=None)  # much memory, and on no page

        key = (version.mark, stamp(version.case), at, draws, options, seen_by, language())
        found = self._memory(draws).get(key, make)
        if any(part and part.said for part in (found.feed, found.conduct)):
            self._memory(draws).drop(key)  # a store that cannot be read now is asked again
        return found

    def _scrubber(self, version: Version, draws: int) -> Scrubber:
        """What reads a version on one day after another; the last few are kept."""
        key = (version.mark, draws, language())
        return self._scrubbers.get(key, lambda: self.bench.scrub(version.case, draws=draws))

    def has_read(self, version: Version, at: date, draws: int, *, options: bool, seen_by: str) -> bool:
        """Say whether a reading is at hand."""
        key = (version.mark, stamp(version.case), at, draws, options, seen_by, language())
        return key in self._memory(draws)

    def _memory(self, draws: int) -> Memory[Reading]:
        """Previews have a place of their own, so that dragging a date drives no whole reading out."""
        return self._readings if draws >= DRAWS else self._previews


def _marks(place: Place) -> tuple[str, str]:
    """Give a mark of all files that make the case, and one of those that a reading counts."""
    whole, counted = hashlib.sha256(), hashlib.sha256()
    for name in place.names():
        if name != HISTORY and "/" not in name:
            data = place.read(name) or b""
            head = f"{name}:{len(data)}:".encode()
            whole.update(head + data)
            if name in _COUNTED:
                counted.update(head + data)
    return whole.hexdigest(), counted.hexdigest()


def changed(case: Case, changes: Iterable[Change]) -> Case:
    """Give the case with some changes.

    Raises
    ------
    CaseError
        If one does not fit, or sets a default that the model does not have.
    """
    made = case.with_changes(changes)
    check_defaults(made)
    return made


def looked(look: Callable[[Case, date, Tables, str], T], case: Case, at: date, who: str) -> T:
    """Look at a case with the eyes of one decision-maker.

    Raises
    ------
    NotFoundError
        If nobody of that id was there by then.
    """
    try:
        return look(case, at, tables(), who)
    except KeyError:
        names = dict.fromkeys(dm.id for dm in case.decision_makers if dm.start <= at)
        told = _('no decision-maker is called "{name}"; there are ').format(name=who)
        raise NotFoundError(told + ", ".join(names)) from None
