"""The workbench: every question that can be asked, as one method each."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodoffices.analysis.answer import Stamps, answer
from goodoffices.analysis.compare import FacetWhy, Moved, diff, paths, since, why
from goodoffices.analysis.compare import Path as Course
from goodoffices.analysis.directions import Held, Runs, hold
from goodoffices.analysis.runs import Run
from goodoffices.cases.canonical import case_hash
from goodoffices.cases.changes import change_line, check_defaults, from_rows, read_changes
from goodoffices.cases.check import check_curated
from goodoffices.cases.coding import read_coding, taken_back
from goodoffices.cases.files import write_text
from goodoffices.cases.folder import load
from goodoffices.cases.library import LibrarySource, library_folder, library_names
from goodoffices.cases.places import Place
from goodoffices.cases.schema import parse_day
from goodoffices.cases.spreadsheet import export_tables, import_tables
from goodoffices.cases.starter import new_case
from goodoffices.cases.tables import tables
from goodoffices.domain.case import Case, Change
from goodoffices.domain.evidence import SENSITIVITIES, Facet
from goodoffices.domain.moves import Move
from goodoffices.domain.plans import PLAN_DRAWS, Ranking
from goodoffices.domain.ports import CaseSource
from goodoffices.domain.readings import Reading, plain
from goodoffices.domain.tables import Tables
from goodoffices.errors import CaseError, Fault, NotFoundError, RerunError, UsageError
from goodoffices.words import _
from goodoffices.workbench.checking import Checked, checked
from goodoffices.workbench.scrubbing import Scrubber
from goodoffices.workbench.transcript import transcript
from goodoffices.workbench.withhold import visible, withhold, withhold_lines

if TYPE_CHECKING:
    from goodoffices.workbench.offering import Offers

__all__ = ["DRAWS", "SEED", "Course", "FacetWhy", "Workbench", "code_stamp", "version"]

SEED, DRAWS = 20250430, 1000
MOST = 100_000  # draws; judged: the memory of a small machine, and an interval a tenth as rough as usual


def version() -> str:
    """Give the version of the package."""
    try:
        from goodoffices._build import VERSION  # noqa: PLC0415 - written at build time
    except ImportError:
        return "0+unbuilt"
    return str(VERSION)


def code_stamp() -> str:
    """Give version and commit, as written when the package was built."""
    try:
        from goodoffices._build import COMMIT, VERSION  # noqa: PLC0415 - written at build time
    except ImportError:
        return "0+unbuilt"
    return f"{VERSION}+{COMMIT}"


def _day(value: str | date | None, otherwise: date) -> date:
    if value is None:
        return otherwise
    try:
        return parse_day(value)
    except ValueError as error:
        raise UsageError(_('"{value}" is no date: {error}').format(value=value, error=error)) from None


@dataclass(frozen=True)
class CaseCard:
    """A case in a list."""

    id: str
    title: str
    facts: int
    verified: int
    texts: int
    start: date
    end: date

    def to_dict(self) -> dict[str, Any]:
        """Give the card as plain data."""
        return plain(self)  # type: ignore[no-any-return]


class Workbench:
    """Reads cases and answers questions about them; holds no state but its tables."""

    # -- cases --------------------------------------------------------------------------------

    def folder(self, name: str | Path) -> Path:
        """Find the folder of a case: a path, or the name of a library case.

        Raises
        ------
        NotFoundError
            If it is neither.
        """
        path = Path(name)
        if path.is_dir():
            return path
        if path.suffix or len(path.parts) > 1:
            fix = _('give a case folder or a library name; "goodoffices cases" lists them')
            raise CaseError([Fault(file=str(name), found=_("no such folder"), fix=fix)])
        return library_folder(str(name))

    def load_case(self, name: str | Path) -> Case:
        """Read a case by its folder or library name.

        Raises
        ------
        CaseError
            With every fault in its files.
        NotFoundError
            If there is no such case.
        """
        where = str(name)
        for point in sorted(entry_points(group="goodoffices.sources"), key=lambda p: p.name):
            source: CaseSource = point.load()()
            if source.knows(where):
                return source.load(where)
        return LibrarySource().load(where)  # says what there is

    def _case(self, case: Case | str | Path) -> Case:
        return case if isinstance(case, Case) else self.load_case(case)

    def cases(self) -> list[CaseCard]:
        """List the cases that come with the package."""
        cards = []
        for name in library_names():
            case = self.load_case(name)
            verified = sum(fact.verified for fact in case.facts)
            counts = {"facts": len(case.facts), "verified": verified, "texts": len(case.texts)}
            cards.append(CaseCard(case.id, case.title, **counts, start=case.start, end=case.end))
        return cards

    def new(self, folder: str | Path) -> list[Path]:
        """Write a small valid case into a new folder."""
        return new_case(Path(folder))

    def check(self, name: str | Path) -> Checked:
        """List every fault of a case at once, and what it covers."""
        folder = self.folder(name)
        loaded = load(folder)
        curated = folder.name in library_names() and folder == library_folder(folder.name)
        more = check_curated(loaded.case) if loaded.case and curated else []
        return checked(folder, loaded, more, curated=curated)

    # -- questions ----------------------------------------------------------------------------

    def _run(
        self,
        case: Case | str | Path,
        at: str | date | None,
        seed: int,
        draws: int,
        changes: Iterable[Change] | str | Path | None,
        *,
        weigh: bool = True,
    ) -> Run:
        known = self._case(case)
        if isinstance(changes, (str, Path)):
            changes = read_changes(Path(changes))
        known = known.with_changes(changes or ())
        check_defaults(known)
        if draws < 1:
            raise UsageError(_("{draws} draws: give at least 1").format(draws=draws))
        if draws > MOST:
            raise UsageError(_("{draws} draws: give at most {most}").format(draws=draws, most=MOST))
        run = Run(known, _day(at, known.end), tables(), seed, draws)
        return _fed().weighed(run) if weigh and known.feed and known.feed.weight else run

    def read(
        self,
        case: Case | str | Path,
        at: str | date | None = None,
        *,
        seed: int = SEED,
        draws: int = DRAWS,
        changes: Iterable[Change] | str | Path | None = None,
        audience: str | None = None,
        options: bool = True,
        calibration: str | Path | Mapping[str, Any] | None = None,
    ) -> Reading:
        """Read a case as of a day (its last day, if none is given).

        Parameters
        ----------
        changes
            A list of changes over the case, or a file with one JSON line each.
        audience
            Leave out facts above this sensitivity: clear, green, amber or red.
        options
            Also look for the smallest changes, the package and the tornado.
        calibration
            Turn the keep index into a chance as a file of `forecast calibrate` says.

        Raises
        ------
        CaseError, NotFoundError, UsageError
            For faults in the case, an unknown case, or a question that cannot be asked.
        """
        given = None if calibration is None else _calibrating().calibration_of(calibration)
        run = replace(self._run(case, at, seed, draws, changes), ends=options, calibration=given)
        stamps = Stamps(code=code_stamp(), case_hash=case_hash(run.case, run.day))
        reading = answer(run, stamps, options=options)
        if given is not None:
            reading = _calibrating().labelled(reading, given)
        if run.case.feed:
            reading = _fed().shown(reading, run)
        if run.case.conduct:
            reading = _conducted().with_conduct(reading, run.case)
        if audience is None:
            return reading
        return withhold(reading, run.encoded.case, _audience(audience), run.case)

    def scrub(
        self,
        case: Case | str | Path,
        *,
        seed: int = SEED,
        draws: int = 200,
        changes: Iterable[Change] | str | Path | None = None,
        audience: str | None = None,
    ) -> Scrubber:
        """Read a case on many days, one after the other: each gives what `read` would, but sooner.

        Raises
        ------
        CaseError, NotFoundError, UsageError
            As `read`.
        """
        run = self._run(case, None, seed, draws, changes, weigh=False)
        shown = None if audience is None else _audience(audience)
        return Scrubber(run, code=code_stamp(), audience=shown)

    def trust(self, case: Case | str | Path, at: str | date | None = None, **given: Any) -> Reading:
        """Read who trusts whom, without looking for changes."""
        return self.read(case, at, options=False, **given)

    def why(
        self,
        case: Case | str | Path,
        truster: str,
        trustee: str,
        *,
        facet: str | None = None,
        at: str | date | None = None,
        start: str | date | None = None,
        changes: Iterable[Change] | str | Path | None = None,
        audience: str | None = None,
        without: bool = True,
    ) -> tuple[FacetWhy, ...]:
        """Tell every fact behind one belief, and what it would be without each.

        With `start`, what was known by then is one line.
        """
        run = self._run(case, at, SEED, 1, changes)
        offices = run.encoded.offices
        names = [*(dm.id for dm in run.encoded.case.decision_makers), *offices]
        for name in (truster, trustee):
            if name not in names:
                raise NotFoundError(
                    _('no decision-maker is called "{name}"; there are ').format(name=name)
                    + ", ".join(dict.fromkeys(names))
                )
        if facet is not None and facet not in tuple(Facet):
            raise UsageError(_('"{facet}" is no facet: use one of ').format(facet=facet) + ", ".join(Facet))
        told = why(run, truster, trustee, facet, without=without)
        if run.case.feed:
            told = _fed().folded(told)
        if start is not None:
            told = since(told, _day(start, run.day))
        return told if audience is None else withhold_lines(told, _audience(audience))

    def paths(
        self,
        case: Case | str | Path,
        at: str | date | None = None,
        *,
        pairs: list[tuple[str, str]] | None = None,
        start: str | date | None = None,
        points: int = 36,
        seed: int = SEED,
        draws: int = 200,
        changes: Iterable[Change] | str | Path | None = None,
    ) -> list[Course]:
        """Give the course of beliefs from the window's start to the day, for pairs with evidence."""
        run = self._run(case, at, seed, draws, changes)
        first = _day(start, run.case.start).toordinal()
        last = run.day.toordinal()
        steps = max(1, min(points, last - first))
        stops = [date.fromordinal(round(first + (last - first) * k / steps)) for k in range(steps + 1)]
        names = {office.id: office.name for office in run.encoded.present}
        known = [(names[a], names[b]) for a, b in run.encoded.sightings if a in names and b in names]
        made = paths(run, stops, known if pairs is None else pairs)
        return _fed().unmarked(made) if run.case.feed else made

    def diff(self, case: Case | str | Path, start: str | date, end: str | date, **given: Any) -> list[Moved]:
        """Say what changed in the answer between two days, and which facts did it."""
        known = self._case(case)
        first, last = _day(start, known.start), _day(end, known.end)
        if last < first:
            raise UsageError(
                _("{last} lies before {first}: give the earlier day first").format(last=last, first=first)
            )
        before, after = (self.read(known, day, options=False, **given) for day in (first, last))
        fresh = {fact.id for fact in known.facts if first < fact.known_on <= last}
        learned = {
            (r.truster, r.trustee, r.facet): tuple(f for f in r.facts if f in fresh) for r in after.trust
        }
        return diff(before, after, learned)

    def moves(self, case: str | Path | Place | None = None) -> dict[str, Move]:
        """Give the moves that could be made, by id: the library's, or those that a case allows.

        Raises
        ------
        CaseError
            If the case's `moves.toml` does not fit.
        """
        from goodoffices.cases.moves import case_moves  # noqa: PLC0415 - a reading needs none

        return case_moves(case if case is None or isinstance(case, Place) else self.folder(case))

    def plan(
        self,
        case: Case | str | Path,
        at: str | date | None = None,
        *,
        seed: int = SEED,
        changes: Iterable[Change] | str | Path | None = None,
        place: Place | None = None,
        **asked: Any,
    ) -> Ranking:
        """Rank what could be done next before one text, move by move and in sequences, on the same chances.

        Parameters
        ----------
        place
            Where the files of a case rest that is given itself: what it says of moves is in no `Case`.
        asked
            What `Question` has: text (if none is given, the last that came on the table and is not
            signed), moves (only these; doing nothing is always compared), rollouts (histories of each
            of the first plans), objective, horizon (months), budget (most cost to any one actor),
            longest (moves), trace (number of a history of the best plan to be told), look_for_flips,
            on, device, threads, shelf (where counts of an unfinished search are kept, if `keep`), tick
            (called with how many plans are done and the last of them), stop.

        Raises
        ------
        CaseError, NotFoundError, UsageError
            For faults in the case, an unknown move, text or objective, or if no text is open.
        """
        from goodoffices.workbench.planning import Question, answered  # noqa: PLC0415 - a reading needs none

        run = self._planned(case, at, seed, changes)
        stamps = Stamps(code=code_stamp(), case_hash=case_hash(run.case, run.day))
        return answered(run, self._allowed(case, place), Question(**asked), stamps)

    def _planned(
        self,
        case: Case | str | Path,
        at: str | date | None,
        seed: int,
        changes: Iterable[Change] | str | Path | None,
    ) -> Run:
        return replace(self._run(case, at, seed, PLAN_DRAWS, changes), ends=False)

    def _allowed(self, case: Case | str | Path, place: Place | None) -> dict[str, Move]:
        return self.moves(place if isinstance(case, Case) else case)

    def offers(
        self,
        case: Case | str | Path,
        at: str | date | None = None,
        *,
        text: str | None = None,
        seed: int = SEED,
        place: Place | None = None,
    ) -> "Offers":
        """Say before which texts moves can be ranked on a day, and which moves could be made by whom.

        Raises
        ------
        UsageError
            If no text is open on that day, or the one named is not.
        """
        from goodoffices.workbench.offering import offered  # noqa: PLC0415 - a reading needs none

        return offered(self._planned(case, at, seed, None), self._allowed(case, place), text)

    def tell(
        self,
        case: Case | str | Path,
        at: str | date | None,
        plan: str,
        number: int,
        *,
        seed: int = SEED,
        place: Place | None = None,
        **asked: Any,
    ) -> tuple[str, ...]:
        """Tell one history of a plan month by month, as `plan` with `trace` tells it of the best.

        Parameters
        ----------
        plan
            Its id in a ranking.

        Raises
        ------
        NotFoundError
            If no such plan can be made.
        UsageError
            If there is no history of that number.
        """
        from goodoffices.workbench.planning import Question, retold  # noqa: PLC0415 - a reading needs none

        question = Question(**asked, trace=number)
        return retold(self._planned(case, at, seed, None), self._allowed(case, place), question, plan)

    def directions(self, name: str | Path, *, draws: int = 400, first: bool = False) -> list[Held]:
        """Hold a case's expected directions against it, under a jitter of a fifth.

        Parameters
        ----------
        first
            Against the case as it was first coded, with every change listed since taken back.
        """
        case, coding = self.load_case(name), read_coding(self.folder(name))
        if first:
            case = case.with_changes(taken_back(self.folder(name)))
        runs = Runs(Run(case, case.end, tables(), SEED, draws, jitter=0.2))
        found = []
        for direction in coding.directions if coding else ():
            day = _day(direction.at, case.end)
            other = _day(direction.than_at, case.end) if direction.than_at else None
            found.append(hold(runs, direction, (day, other)))
        return found

    def transcript(self, name: str) -> str:
        """Write what the program says of a library case, for people to read and diff."""
        return transcript(self, name)

    def rerun(self, saved: dict[str, Any], case: Case | str | Path | None = None) -> Reading:
        """Compute a saved result again from what it carries.

        Raises
        ------
        RerunError
            If the case or the tables are not those that the result was computed from.
        """
        where = case if case is not None else saved.get("case", "")
        reading = self.read(
            where,
            saved["as_of"],
            seed=saved["seed"],
            draws=saved["draws"],
            changes=from_rows(saved.get("changes", [])),
            audience=saved.get("audience"),
            calibration=saved.get("calibration"),
        )
        for name in ("case_hash", "codebook_hash", "defaults_hash"):
            if getattr(reading, name) != saved.get(name):
                raise RerunError(
                    _("{name} was {value} and is {value2}: the inputs have changed since").format(
                        name=name, value=saved.get(name), value2=getattr(reading, name)
                    )
                )
        return reading

    def tables(self) -> Tables:
        """Give what the model stands on: codebook, worded scales, defaults, reference classes."""
        return tables()

    def changes(self, rows: Iterable[dict[str, Any]]) -> list[Change]:
        """Read changes from plain data, as forms and saved results hold them.

        Raises
        ------
        CaseError
            At the first that does not fit, with what would be right.
        """
        return from_rows(list(rows))

    def lines(self, changes: Iterable[Change]) -> str:
        """Write changes as the text of a file of changes, which `read --changes` takes."""
        return "".join(change_line(change) + "\n" for change in changes)

    # -- doors --------------------------------------------------------------------------------

    def reading_day(self, case: Case | str | Path) -> date:
        """The day on which `demo` reads a case: the last on which a text was on the table."""
        known = self._case(case)
        ends = [text.off_table_on or known.end for text in known.texts]
        return min(known.end, max(ends, default=known.end) - timedelta(days=1))

    def report(
        self,
        case: Case | str | Path,
        at: str | date | None = None,
        *,
        brief: bool = False,
        **given: Any,
    ) -> str:
        """Write a reading as one HTML page that opens offline; with plans=True also what could be done."""
        from goodoffices.workbench.reporting import report_page  # noqa: PLC0415 - templates are slow to load

        return report_page(self, case, at, brief=brief, **given)

    def save_report(self, case: Case | str | Path, at: str | date | None, out: Path, **given: Any) -> Path:
        """Write a report into a file, at once or not at all."""
        write_text(out, self.report(case, at, **given))
        return out

    def save_index(self, out: Path, readings: Iterable[Reading]) -> Path:
        """Write a page that leads to the reports of several cases."""
        from goodoffices.workbench.reporting import index_page  # noqa: PLC0415 - templates are slow to load

        write_text(out, index_page(list(readings)))
        return out

    def save_json(self, reading: Reading, out: Path) -> Path:
        """Save a result; it holds no clock time and no path."""
        write_text(out, json.dumps(reading.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        return out

    def saved(self, path: Path) -> dict[str, Any]:
        """Read a saved result.

        Raises
        ------
        RerunError
            If it is none.
        """
        try:
            saved = json.loads(path.read_text(encoding="utf-8"))
            needed = ("case", "as_of", "seed", "draws", "case_hash")
            if not all(name in saved for name in needed):
                raise KeyError
        except (OSError, ValueError, KeyError, TypeError):
            raise RerunError(
                _("{path} is no saved result: give a file that read --save has written").format(path=path)
            ) from None
        return dict(saved)

    def export_tables(
        self,
        case: str | Path,
        target: str | Path,
        *,
        spreadsheet: bool = False,
        audience: str = "amber",
    ) -> list[Path]:
        """Write the tables of a case into another folder, without facts above the audience."""
        known = self._case(case)
        hidden = {f.id for f in known.facts if not visible(f.sensitivity, _audience(audience))}
        return export_tables(self.folder(case), Path(target), spreadsheet=spreadsheet, hidden=hidden)

    def import_tables(self, source: str | Path, folder: str | Path) -> list[Path]:
        """Take tables back from a spreadsheet."""
        return import_tables(Path(source), Path(folder))

    def plugins(self) -> list[dict[str, str]]:
        """List what is plugged in by entry points, the built-in ones too."""
        groups = ("sources", "events", "kinds", "classes", "scorers")
        return [
            {"group": group, "name": point.name, "value": point.value}
            for group in groups
            for point in sorted(entry_points(group=f"goodoffices.{group}"), key=lambda p: p.name)
        ]


def _fed() -> Any:
    from goodoffices.workbench import feeding  # noqa: PLC0415 - most cases have no feed, and it needs an extra

    return feeding


def _conducted() -> Any:
    from goodoffices.workbench import conducted  # noqa: PLC0415 - most cases ask for no forecast

    return conducted


def _calibrating() -> Any:
    from goodoffices.workbench import calibrating  # noqa: PLC0415 - most readings name no calibration

    return calibrating


def _audience(word: str) -> str:
    if word not in SENSITIVITIES:
        raise UsageError(
            _('"{word}" is no audience: use one of ').format(word=word) + ", ".join(SENSITIVITIES)
        )
    return word
