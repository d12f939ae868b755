"""What stands around every page of a case: its name, the pages, day, perspective, branch, timeline.

Where things stand on the timeline hangs on the case alone, not on the day: it is placed once for a
case and kept while that case is open, so that moving the day costs nothing here.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Fact, Kind
from goodoffices.domain.texts import Text
from goodoffices.web.state import View
from goodoffices.words import N_, _, language
from goodoffices.workbench.desk import Desk, Opened

__all__ = ["PAGES", "Frame", "Mark", "Near", "Tick", "Timeline", "Upright", "forget", "framed", "timeline"]

PAGES = {
    "answer": N_("Answer"),
    "trust": N_("Trust"),
    "facts": N_("Facts"),
    "plan": N_("Plan"),
    "whatif": N_("What if"),
    "conduct": N_("Conduct"),
    "method": N_("Method"),
    "report": N_("Report"),
}
BINS = 250  # columns of the timeline
TALL = 4  # marks that stand above or below one another in a column
MANY = 400  # facts from which a column is drawn as one bar
TOLD, SAID = 90, 38  # letters of a fact on its mark, and beside the day
TITLE = 26  # letters of the title of a text on the timeline
ROOM = 22.0  # per cent of the timeline that a title needs
SHORT = 1100  # days up to which quarters are ticked
KEPT = 32  # timelines


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Facts that became known in one column of the timeline and speak the same way.

    `sign` is 1 for trust, -1 against, 0 for either; `place` counts outwards from the middle line;
    `x` is in per cent of the window; `n` facts are meant, the first known on `day`.
    """

    x: float
    sign: int
    place: int
    n: int
    day: date
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upright:
    """A text on the timeline; `short` is empty where its title would lie on another."""

    x: float
    day: date
    title: str
    short: str
    leftwards: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A year or quarter on the axis."""

    x: float
    text: str
    year: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The facts of a day: how many became known on it, and the first of them."""

    day: date
    n: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What is drawn of a case between the ends of its window, whatever the day.

    Attributes
    ----------
    dense
        Whether there are so many facts that marks stand for columns of them.
    facts, days
        What became known, in that order: in words, and when.
    """

    marks: Sequence[Mark]
    texts: Sequence[Upright]
    ticks: Sequence[Tick]
    dense: bool
    facts: Sequence[str]
    days: Sequence[date]

    def on(self, day: date) -> Near | None:
        """What became known on a day, if anything."""
        first, end = bisect_left(self.days, day), bisect_right(self.days, day)
        return Near(day=day, n=end - first, says=_short(self.facts[first], SAID)) if end > first else None

    def before(self, day: date) -> Near | None:
        """What became known last before a day."""
        place = bisect_left(self.days, day)
        return self.on(self.days[place - 1]) if place else None

    def after(self, day: date) -> Near | None:
        """What became known first after a day."""
        place = bisect_right(self.days, day)
        return self.on(self.days[place]) if place < len(self.days) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around a page.

    Attributes
    ----------
    day
        The day as of which the page is read.
    start, end
        The window of the case, between which the scrubber runs.
    line
        Facts and texts on the timeline.
    before, now, after
        The facts known last before the day, on it, and first after it.
    people
        Whose world can be looked at: id and name, in order of declaration.
    branches
        Name and title of each branch.
    undo, redo
        Whether there is something to undo or redo.
    """

    title: str
    editable: bool
    day: date
    start: date
    end: date
    line: Timeline
    before: Near | None
    now: Near | None
    after: Near | None
    people: Sequence[tuple[str, str]]
    branches: Sequence[tuple[str, str]]
    undo: bool
    redo: bool

    @property
    def span(self) -> int:
        """Days from the start of the window to its end."""
        return (self.end - self.start).days

    @property
    def place(self) -> int:
        """Days from the start of the window to the day of the reading."""
        return min(self.span, max(0, (self.day - self.start).days))

    @property
    def at(self) -> float:
        """The day, in per cent of the window."""
        return round(self.place / max(1, self.span) * 100, 2)


def _across(day: date, case: Case) -> float:
    span = max(1, (case.end - case.start).days)
    return round(min(1.0, max(0.0, (day - case.start).days / span)) * 100, 2)


def _names(case: Case) -> dict[str, str]:
    people = {dm.office: dm.name for dm in case.decision_makers}
    rows: list[Any] = [*case.parties, *case.spoilers, *case.decision_makers]
    return people | {row.id: row.name for row in rows}


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _told(fact: Fact, names: Mapping[str, str], kinds: Mapping[str, Kind]) -> str:
    """A fact in few words: what its coder says of it, or who did what towards whom."""
    if fact.says:
        return _short(fact.says, TOLD)
    kind = _(kinds[fact.kind].label) if fact.kind in kinds else fact.kind
    towards = ", ".join(names.get(name, name) for name in fact.towards)
    who = " → ".join(filter(None, (names.get(fact.actor, fact.actor), towards)))
    return _short(f"{who}: {kind}", TOLD)


Told = tuple[date, int, str]  # when a fact became known, how it speaks, and in words


def _column(facts: Sequence[Told], x: float, tall: int) -> Iterator[Mark]:
    """The marks of one column, from the middle line outwards; the last stands for all that follow."""
    for place, (day, sign, says) in enumerate(facts[:tall]):
        n = len(facts) - place if place == tall - 1 else 1
        label = f"{day} {says}" if n == 1 else _("{n} facts from {day}").format(n=n, day=day)
        yield Mark(x=x, sign=sign, place=place, n=n, day=day, label=label)


def _marks(case: Case, facts: Sequence[Told]) -> list[Mark]:
    """Place the facts, folding what falls into one column."""
    lots: dict[tuple[int, int], list[Told]] = {}
    for fact in facts:
        lots.setdefault((int(_across(fact[0], case) / 100 * (BINS - 1)), fact[1]), []).append(fact)
    tall = 1 if len(facts) > MANY else TALL
    return [
        mark
        for (column, _sign), found in sorted(lots.items())
        for mark in _column(found, round(column / (BINS - 1) * 100, 2), tall)
    ]


def _uprights(case: Case, texts: Sequence[Text]) -> list[Upright]:
    """Place the texts; a title is left out where it would lie on the one before."""
    made, free = [], 0.0
    for text in sorted(texts, key=lambda one: one.tabled_on):
        x = _across(text.tabled_on, case)
        leftwards = x > 100 - ROOM
        fits = (x - ROOM if leftwards else x) >= free
        said = _short(text.title, TITLE) if fits else ""
        made.append(Upright(x=x, day=text.tabled_on, title=text.title, short=said, leftwards=leftwards))
        if fits:
            free = x if leftwards else x + ROOM
    return made


def _ticks(case: Case) -> list[Tick]:
    """Years, and in a short window quarters, that lie in the window."""
    months = (1, 4, 7, 10) if (case.end - case.start).days <= SHORT else (1,)
    days = [date(year, month, 1) for year in range(case.start.year, case.end.year + 1) for month in months]
    return [
        Tick(
            x=_across(day, case),
            text=str(day.year) if day.month == 1 else f"{day:%Y-%m}",
            year=day.month == 1,
        )
        for day in days
        if case.start < day < case.end
    ]


def timeline(case: Case, kinds: Mapping[str, Kind]) -> Timeline:
    """Place a case on its timeline."""
    names = _names(case)
    signs = {name: kind.sign for name, kind in kinds.items()}
    facts = [
        (fact.known_on, signs.get(fact.kind, 0), _told(fact, names, kinds))
        for fact in sorted(case.facts, key=lambda one: one.known_on)
    ]
    return Timeline(
        marks=_marks(case, facts),
        texts=_uprights(case, case.texts),
        ticks=_ticks(case),
        dense=len(facts) > MANY,
        facts=[says for _day, _sign, says in facts],
        days=[day for day, _sign, _says in facts],
    )


class _Kept:
    """The timelines of the cases that are open, one for each branch and language."""

    def __init__(self) -> None:
        self._lines: OrderedDict[tuple[str, ...], tuple[Case, Timeline]] = OrderedDict()
        self._lock = Lock()

    def of(self, name: tuple[str, ...], case: Case, kinds: Mapping[str, Kind]) -> Timeline:
        """Give the timeline of a case, which is made again when the case is another."""
        with self._lock:
            held = self._lines.get(name)
        if held and held[0] is case:
            return held[1]
        made = timeline(case, kinds)
        with self._lock:
            self._lines[name] = (case, made)
            self._lines.move_to_end(name)
            while len(self._lines) > KEPT:
                self._lines.popitem(last=False)
        return made

    def forget(self, shelf: str, name: str) -> None:
        """Let the timelines of a case go."""
        with self._lock:
            for key in [key for key in self._lines if key[:2] == (shelf, name)]:
                del self._lines[key]


_kept = _Kept()


def forget(shelf: str, name: str) -> None:
    """Keep nothing more of a case: it was locked, or something of it was purged."""
    _kept.forget(shelf, name)


def _people(case: Case, day: date, seen_by: str) -> list[tuple[str, str]]:
    """Those in office on the day, and whose world is being looked at in any case."""
    holders = case.holders_on(day)
    others = [dm for dm in case.decision_makers if dm.id == seen_by and dm not in holders]
    return [(dm.id, dm.name) for dm in (*holders, *others)]


def framed(desk: Desk, view: View) -> tuple[Frame, Opened]:
    """Give what stands around a page, and the case that is open on it."""
    opened = desk.opened(view.ref)
    case = opened.case(view.branch)
    day = view.at or desk.bench.reading_day(case)
    name = (view.shelf, view.name, view.branch, language())
    line = _kept.of(name, case, desk.bench.tables().kinds)
    frame = Frame(
        title=case.title,
        editable=opened.editable,
        day=day,
        start=case.start,
        end=case.end,
        line=line,
        before=line.before(day),
        now=line.on(day),
        after=line.after(day),
        people=_people(case, day, view.seen_by),
        branches=[(branch.name, branch.title or branch.name) for branch in opened.branches()],
        undo=opened.can_undo,
        redo=opened.can_redo,
    )
    return frame, opened
