"""One case, open on the desk: read, changed, undone, branched, compared.

Everything that can be asked of an open case stands here; the files are the only truth, so that an
outside editor, another window and another program may change them at any moment.
"""

import contextlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from goodoffices.analysis.worlds import unseen, world
from goodoffices.archive.branches import (
    HEAD,
    Base,
    Branch,
    branch_called,
    branch_edits,
    change_row,
    fresh_ids,
    hanging,
    head_row,
    is_branch,
    named,
    read_branches,
    rows_of,
    taken_out,
)
from goodoffices.archive.history import (
    HISTORY,
    Entry,
    History,
    entry_line,
    fresh_id,
    later,
    now,
    taken_back,
    to_redo,
    to_undo,
)
from goodoffices.archive.purge import Purged, cleaned, drop_files, keep_out, named_by, stands, stays
from goodoffices.archive.standing import emptied, files_after, row_name, still
from goodoffices.cases.canonical import case_hash
from goodoffices.cases.edits import Draft, Edit, applied, edits_of, row_of
from goodoffices.cases.places import Place
from goodoffices.domain.case import Case, Change
from goodoffices.domain.plans import Ranking
from goodoffices.domain.readings import Reading
from goodoffices.errors import CaseError, NotFoundError, UsageError
from goodoffices.words import N_, _
from goodoffices.workbench.bench import DRAWS, Workbench
from goodoffices.workbench.comparing import Because, Compared, Difference, differences, only, without
from goodoffices.workbench.feeding import stamp
from goodoffices.workbench.versions import Version, Versions, changed, looked
from goodoffices.workbench.withhold import checked, withhold
from goodoffices.workbench.wording import steps_of, told_change, told_entry

__all__ = ["Opened"]

LOOKED_AT = 12  # changes that are left out one by one in a comparison
_NOTHING = N_("nothing is changed by this: the rows stand so already")
DRAFT = "draft"  # the branch on which a case that cannot be edited is tried


class Opened:
    """One case, open on the desk.

    Attributes
    ----------
    place
        Where its branches and its history rest; for a case that can be edited also its files.
    source
        Where its files rest.
    kept
        Folders in which results of this case, or nothing but what can be made anew, are kept.
    rankings
        Of plans, where they may not be written on a disk.
    """

    def __init__(
        self,
        ref: Any,
        source: Place,
        *,
        store: Place | None = None,
        bench: Workbench | None = None,
        kept: Sequence[Path] = (),
    ) -> None:
        self.ref, self.source, self.place = ref, source, store or source
        self.editable = store is None
        self.bench = bench or Workbench()
        self.kept = tuple(kept)
        self._forget()

    def _forget(self) -> None:
        self._versions = Versions(self.source, self.place, self.bench)
        self._log = History()
        self.rankings: dict[str, Ranking] = {}

    # -- reading ------------------------------------------------------------------------------

    def case(self, branch: str = "") -> Case:
        """Give the case as it stands, with the changes of a branch.

        Raises
        ------
        CaseError
            With every fault in its files, or if a change of the branch no longer fits.
        NotFoundError
            If there is no such branch.
        """
        return self._versions.now(branch).case

    def row(self, file: str, key: str, branch: str = "") -> dict[str, Any] | None:
        """Give the cells of a row as they stand, to be given back as `seen` with a change of it."""
        if not branch:
            return row_of(self.source, file, key)
        changes = self._branch(branch).changes
        laid = applied(self.source, edits_of(self.source, changes, case=self.case()), check=False)
        return row_of(Draft(self.source, laid), file, key)

    def case_hash(self, branch: str, at: date) -> str:
        """Give the hash of what is known of the case on a day."""
        return case_hash(self.case(branch), at)

    def feed_stamp(self, branch: str = "") -> str:
        """Give a mark that changes when the store of the case's feed does; empty without a feed."""
        return stamp(self.case(branch))

    def reading(
        self,
        at: date,
        *,
        branch: str = "",
        draws: int = DRAWS,
        options: bool = True,
        seen_by: str = "",
        audience: str | None = None,
    ) -> Reading:
        """Read the case as of a day; the numbers are those of `Workbench.read`.

        Parameters
        ----------
        seen_by
            Read the world of one decision-maker: only the facts that he could know.

        Raises
        ------
        UsageError
            If there is no such audience.
        """
        shown = None if audience is None else checked(audience)
        version = self._versions.now(branch)
        made = self._versions.read(version, at, draws, options=options, seen_by=seen_by)
        if shown is None:
            return made
        return withhold(made, version.case.visible_on(at), shown, version.case)

    def has_read(
        self, at: date, *, branch: str = "", draws: int = DRAWS, options: bool = True, seen_by: str = ""
    ) -> bool:
        """Say whether a reading is at hand and need not be computed."""
        now_there = self._versions.now(branch)
        return self._versions.has_read(now_there, at, draws, options=options, seen_by=seen_by)

    def seen(self, at: date, who: str = "", branch: str = "") -> Case:
        """Give the case with only those facts that a decision-maker could know on a day; whole for nobody.

        Raises
        ------
        NotFoundError
            If nobody of that id was there by then.
        """
        whole = self.case(branch)
        return looked(world, whole, at, who) if who else whole

    def unseen(self, at: date, who: str, branch: str = "") -> tuple[str, ...]:
        """Give the facts known on a day that a decision-maker could not know.

        Raises
        ------
        NotFoundError
            If nobody of that id was there by then.
        """
        return looked(unseen, self.case(branch), at, who)

    # -- changing -----------------------------------------------------------------------------

    def change(
        self,
        changes: Sequence[Change],
        *,
        branch: str = "",
        who: str = "",
        why: str = "",
        seen: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Entry:
        """Make changes: in the files of the case, or in a branch.

        Parameters
        ----------
        seen
            Cells of rows as they were seen when the change was thought of, by "FILE/KEY"; where
            somebody else has changed the same cells since, nothing is overwritten.

        Raises
        ------
        CaseError
            If a change does not fit; nothing is changed then.
        ConflictError
            If a row has changed since it was seen.
        UsageError
            For a case of the library without a branch, or if nothing is changed.
        """
        if not branch and not self.editable:
            raise UsageError(_("a case of the library cannot be changed: open a branch and change that"))
        with self.place.hold():
            kept = self._branch(branch) if branch else None
            given = self._signed(changes, who, kept)
            if kept is not None:
                edits, made = self._into_branch(kept, given, seen or {}), None
            else:
                case = self.case()
                edits, made = still(self.source, given, seen or {}, case), case.with_changes(given)
            if not edits:
                raise UsageError(_(_NOTHING))
            steps = (*((("in_branch", branch),) if branch else ()), *steps_of(given))
            return self._record("edit", edits, who=who, why=why, steps=steps, made=made)

    @staticmethod
    def _signed(changes: Sequence[Change], who: str, kept: Branch | None = None) -> list[Change]:
        """Put names, moments and, in a branch, fresh ids to changes."""
        ids = fresh_ids((one.id for one in kept.changes), len(changes)) if kept else [c.id for c in changes]
        return [
            replace(one, id=name, author=one.author or who, at=one.at or now())
            for one, name in zip(changes, ids, strict=True)
        ]

    def _into_branch(
        self, kept: Branch, given: Sequence[Change], seen: Mapping[str, Mapping[str, Any]]
    ) -> tuple[Edit, ...]:
        """Add changes to the lines of a branch, the first with the rows that they stand on."""
        was = self.case(kept.name)
        if replace(changed(was, given), changes=()) == replace(was, changes=()):
            return ()
        if seen:
            laid = applied(self.source, edits_of(self.source, kept.changes, case=self.case()), check=False)
            still(Draft(self.source, laid), given, seen)
        lines = rows_of(self.place, kept.name)
        base = self._base(kept, given)
        fresh = {one.id: change_row(one, base if one is given[0] else None) for one in given}
        return branch_edits(kept.name, lines, {**lines, **fresh})

    def _base(self, kept: Branch, given: Sequence[Change]) -> Base:
        """Give the rows of the case that changes touch first of all their branch.

        Raises
        ------
        CaseError
            If the case with the branch would have faults.
        """
        try:
            edits = edits_of(self.source, (*kept.changes, *given), case=self.case())
        except UsageError:  # what cannot be written into files can be tried all the same
            return {}
        if not self.editable:  # nothing is merged into a case of the library
            return {}
        known = {row for base in (kept.bases or {}).values() for row in base}
        touched = {row_name(edit): edit.before for edit in edits}
        return {row: cells for row, cells in touched.items() if row not in known}

    def _record(
        self,
        did: str,
        edits: Sequence[Edit],
        *,
        who: str,
        why: str = "",
        of: str = "",
        steps: tuple[tuple[str, str], ...] = (),
        force: bool = False,
        made: Case | None = None,
    ) -> Entry:
        """Write edits and their line of the history, all together or not at all.

        `made` is the case as it will be, where that is known for sure.
        """
        files = files_after(self.source, self.place, edits, force=force)
        entries, lines = self._log.read(self.place)
        if of:
            files |= emptied(files, next(entry.fresh for entry in entries if entry.id == of))
            self._check(files)
        if made is not None:
            self._versions.expect(files, made)
        entry = Entry(
            id=fresh_id(entries, lines),
            at=now(),
            who=who,
            why=why,
            did=did,
            of=of,
            edits=tuple(edits),
            steps=steps,
            fresh=tuple(name for name in files if self.place.read(name) is None),
        )
        self.place.write(files, append={HISTORY: self._log.joint() + entry_line(entry)})
        return self._shown([entry])[0]

    def _check(self, files: Mapping[str, bytes | None]) -> None:
        """Refuse to leave a case that cannot be read, unless it could not be read before."""
        if not self.editable or all(is_branch(name) for name in files):
            return
        try:
            self.case()
        except CaseError:
            return
        self._versions.of(Draft(self.source, files), self.place)

    # -- undoing ------------------------------------------------------------------------------

    def _entries(self) -> list[Entry]:
        return self._log.read(self.place)[0]

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return to_undo(self._entries()) is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is something to do again."""
        return to_redo(self._entries()) is not None

    def undo(self, who: str = "", *, force: bool = False) -> Entry:
        """Take the last change back, whoever made it and whenever.

        Parameters
        ----------
        force
            Also overwrite rows that somebody has changed since.

        Raises
        ------
        ConflictError
            If a row is no longer as that change left it.
        UsageError
            If there is nothing to undo.
        """
        with self.place.hold():
            entries = self._entries()
            entry = to_undo(entries)
            if entry is None:
                raise UsageError(_nothing(entries))
            return self._record(
                "undo", taken_back(entry), who=who, of=entry.id, steps=entry.steps, force=force
            )

    def redo(self, who: str = "", *, force: bool = False) -> Entry:
        """Make the change again that was taken back last.

        Raises
        ------
        ConflictError
            If a row is no longer as it was before that change.
        UsageError
            If there is nothing to do again.
        """
        with self.place.hold():
            entry = to_redo(self._entries())
            if entry is None:
                raise UsageError(_("there is nothing to do again"))
            return self._record("redo", entry.edits, who=who, of=entry.id, steps=entry.steps, force=force)

    def history(self) -> list[Entry]:
        """Tell who changed what, when and why, the first first."""
        return self._shown(self._entries())

    def _shown(self, entries: Iterable[Entry]) -> list[Entry]:
        """Put into words what entries did, with names as they are now."""
        case = None
        with contextlib.suppress(CaseError):
            case = self.case()
        titles = {branch.name: branch.title for branch in self.branches()}
        return [replace(entry, says=told_entry(entry, case, titles)) for entry in entries]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What in the history and the branches cannot be read, in sentences."""
        self._entries()
        return (*self._log.warnings, *self._versions.branches()[1])

    # -- branches -----------------------------------------------------------------------------

    def branches(self) -> list[Branch]:
        """Give the branches, by name."""
        return list(self._versions.branches()[0])

    def _branch(self, name: str) -> Branch:
        return branch_called(name, self.branches())

    def free_name(self, stem: str) -> str:
        """Give a name for a branch that is not taken."""
        taken = {branch.name for branch in self.branches()}
        names = itertools.chain([stem], (f"{stem}-{n}" for n in itertools.count(2)))
        return next(name for name in names if name not in taken)

    def new_branch(self, name: str, *, who: str = "", title: str = "") -> Branch:
        """Open a branch.

        Raises
        ------
        UsageError
            If the name is taken, or none.
        """
        with self.place.hold():
            if any(branch.name.casefold() == named(name).casefold() for branch in self.branches()):
                raise UsageError(
                    _('there is a branch "{name}" already: choose another name').format(name=name)
                )
            made = Branch(name=name, title=title.strip() or name, who=who, at=now())
            edits = branch_edits(name, {}, {HEAD: head_row(made)})
            self._record("edit", edits, who=who, steps=(("new_branch", name),))
            return made

    def branch_for(self, who: str) -> str:
        """Give the name of the branch on which a case that cannot be edited is tried; make it if need be."""
        with self.place.hold():
            if all(branch.name != DRAFT for branch in self.branches()):
                self.new_branch(DRAFT, who=who, title=_("Draft"))
        return DRAFT

    def title_branch(self, name: str, title: str, who: str = "") -> Entry:
        """Give a branch another title."""
        with self.place.hold():
            branch = replace(self._branch(name), title=title.strip() or name)
            lines = rows_of(self.place, name)
            edits = branch_edits(name, lines, {**lines, HEAD: head_row(branch)})
            return self._record("edit", edits, who=who, steps=(("title_branch", name),))

    def drop_branch(self, name: str, who: str = "") -> Entry:
        """Throw a branch away; undo brings it back."""
        with self.place.hold():
            self._branch(name)
            edits = branch_edits(name, rows_of(self.place, name), {})
            return self._record("edit", edits, who=who, steps=(("drop_branch", name),))

    def drop_change(self, name: str, change_id: str, who: str = "") -> Entry:
        """Take one change out of a branch.

        Raises
        ------
        CaseError
            If another change of the branch rests on it.
        NotFoundError
            If there is no such branch or change.
        """
        with self.place.hold():
            branch, lines = self._branch(name), rows_of(self.place, name)
            if change_id == HEAD or change_id not in lines:
                raise NotFoundError(_('the branch has no change "{id}"').format(id=change_id))
            gone = [one for one in branch.changes if one.id == change_id]
            changed(self.case(), [one for one in branch.changes if one.id != change_id])
            kept = taken_out(lines, change_id)
            steps = (("in_branch", name), ("drop_change", ""), *steps_of(gone))
            return self._record("edit", branch_edits(name, lines, kept), who=who, steps=steps)

    def merge_branch(self, name: str, who: str = "") -> Entry:
        """Make the changes of a branch in the files of the case, and close it; undo brings both back.

        Raises
        ------
        CaseError
            If a change no longer fits the case.
        ConflictError
            If the case has moved on in cells that the branch changes.
        UsageError
            For a case of the library.
        """
        if not self.editable:
            raise UsageError(
                _("a case of the library cannot be changed: copy it into your folder with this branch")
            )
        with self.place.hold():
            branch, lines = self._branch(name), rows_of(self.place, name)
            bases = {row: cells for base in (branch.bases or {}).values() for row, cells in base.items()}
            made = changed(self.case(), branch.changes)
            edits = still(self.source, branch.changes, bases, self.case()) if branch.changes else ()
            steps = (("merge_branch", name), *steps_of(branch.changes))
            edits = (*edits, *branch_edits(name, lines, {}))
            return self._record("edit", edits, who=who, steps=steps, made=made)

    def told(self, change: Change, branch: str = "") -> str:
        """Say in words what a change does."""
        return told_change(change, self.case(branch))

    # -- purging ------------------------------------------------------------------------------

    def purge(self, kind: Literal["fact", "rating"], name: str, *, audit: Path | None = None) -> Purged:
        """Remove a fact or a rating for good, with everything that names it; nothing brings it back.

        Parameters
        ----------
        audit
            A log of what was done, in which the ids are replaced.

        Raises
        ------
        NotFoundError
            If neither the case, nor a branch, nor the history knows of it.
        UsageError
            If it stands in the files of a library case.
        """
        if not self.editable and stands(self.source, kind, name):
            raise UsageError(_("what comes with the library cannot be purged: switch it off in a branch"))
        with self.place.hold():
            entries = self._entries()
            keys = hanging(named_by(self.source, kind, name), self.branches())
            files, removed, left = cleaned(self.source, self.place, keys, entries)
            if not removed:
                raise NotFoundError(_('there is nothing called "{id}" to purge').format(id=name))
            if stands(self.source, kind, name):
                self._check(files)
            entry = Entry(
                id=fresh_id(*self._log.read(self.place)),
                at=now(), who="", why="", did="purge", steps=((f"purge_{kind}", ""),),
            )  # fmt: skip
            files[HISTORY] = (files.get(HISTORY) or b"") + entry_line(entry)
            self.place.write(files)
            self._forget()
        removed |= {_("results"): sum(drop_files(folder) for folder in self.kept)}
        removed |= {_("log"): keep_out(audit, keys) if audit else 0}
        told = {where: count for where, count in removed.items() if count}
        return Purged(kind=kind, id=name, removed=told, stays=(*left, stays()))

    # -- what moved ---------------------------------------------------------------------------

    def compare(self, one: str, other: str, at: date) -> Compared:
        """Say what differs on a day from one branch to another ("" is the case itself), and why.

        For each change that only one of them has, the answer is computed without it.
        """
        before, after = (self._versions.read(self._versions.now(name), at) for name in (one, other))
        mine, theirs = (self._branch(name).changes if name else () for name in (one, other))
        apart = [("one", c) for c in only(mine, theirs)] + [("other", c) for c in only(theirs, mine)]
        lists = {"one": mine, "other": theirs}
        whole = {"one": before, "other": after}
        because = tuple(
            self._because(side, change, lists[side], whole[side], at) for side, change in apart[:LOOKED_AT]
        )
        return Compared(
            one=one,
            other=other,
            at=at,
            moved=differences(before, after),
            because=because,
            unsaid=max(0, len(apart) - LOOKED_AT),
        )

    def _because(
        self, side: str, change: Change, changes: Sequence[Change], whole: Reading, at: date
    ) -> Because:
        """What one change does, given the others of its branch."""
        base = self._versions.now()
        kept, along = without(base.case, changes, change)
        other = self._versions.read(self._versions.with_changes(base, kept), at)
        pair = (other, whole) if side == "other" else (whole, other)
        return Because(
            side=side,
            change=change.id,
            op=change.op,
            target=change.target,
            says=told_change(change, base.case.with_changes(changes)),
            moves=differences(*pair),
            along=along,
        )

    def moved(self, entry_id: str, at: date, branch: str = "") -> tuple[Difference, ...]:
        """Say what one entry of the history moved on a day.

        Parameters
        ----------
        branch
            The branch that is looked at, unless the entry changed another one only.

        Raises
        ------
        NotFoundError
            If there is no such entry.
        """
        found = later(self._entries(), entry_id)
        if found is None:
            raise NotFoundError(_('the history has no entry "{id}"').format(id=entry_id))
        entry, since = found
        touched = [
            edit.file.split("/", 1)[1].removesuffix(".jsonl") for edit in entry.edits if is_branch(edit.file)
        ]
        name = branch if branch in touched or not touched else touched[0]
        laid = self._back(reversed(since))
        two = self._then(laid, name)
        one = self._then(self._back([entry], *laid), name)
        return differences(self._versions.read(one, at), self._versions.read(two, at))

    def _back(self, entries: Iterable[Entry], *laid: Draft) -> tuple[Draft, ...]:
        """Give the places as they were before some entries, the latest entries first."""
        source, store = laid or (Draft(self.source, {}), Draft(self.place, {}))
        if self.editable:
            store = source
        for entry in entries:
            store.write(files_after(source, store, taken_back(entry), force=True))
        return source, store

    def _then(self, laid: Sequence[Draft], name: str) -> Version:
        """The case as it was then; a branch that was not there yet stands for the case itself."""
        source, store = laid
        there = any(branch.name == name for branch in read_branches(store)[0])
        return self._versions.of(source, store, name if there else "")


def _nothing(entries: Sequence[Entry]) -> str:
    if any(entry.purged for entry in entries):
        return _("there is nothing to undo: what was purged cannot be brought back")
    return _("there is nothing to undo")
