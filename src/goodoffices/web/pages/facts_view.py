"""What the page "Facts" shows: the table of facts or one of them, people, texts, stakes and ratings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Alternative, Comment, Fact, Kind
from goodoffices.domain.readings import Coverage
from goodoffices.errors import NotFoundError
from goodoffices.web.moved import names_of
from goodoffices.web.pages.facts_forms import (
    KindShown,
    dispute_form,
    fact_form,
    host,
    kinds_shown,
    remark_form,
)
from goodoffices.web.pages.forms import Choice, Form, Tried, actors
from goodoffices.web.pages.people import PeopleShown, people_shown
from goodoffices.web.pages.ratings import RatingsShown, ratings_shown
from goodoffices.web.pages.stakes import StakesShown, stakes_shown
from goodoffices.web.pages.texts import TextsShown, texts_shown
from goodoffices.web.state import View
from goodoffices.words import N_, _
from goodoffices.workbench.desk import Desk, Opened
from goodoffices.workbench.entering import COLUMNS, Pasted, coverage_on

__all__ = ["FactRow", "FactShown", "FactTable", "FactsContext", "context"]

TABS = {
    "facts": N_("Facts"),
    "people": N_("People"),
    "texts": N_("Texts"),
    "stakes": N_("Stakes"),
    "ratings": N_("Ratings"),
}
SHOWN = 100  # facts on one page
BUTTONS = ("fact-off", "fact-on", "fact-remove", "undispute", "uncomment", "remove", "remove-rating")
FILTERS = ("q", "actor", "kind", "verified", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One fact in the table; everything in words.

    Attributes
    ----------
    host
        Where its source lies, if that is a link that may be opened.
    later
        Whether it was not known yet on the day of the reading.
    hidden
        Whether the person whose world is looked at could not know it.
    """

    id: str
    happened_on: date
    known_on: date
    actor: str
    towards: Sequence[str]
    kind: str
    sign: int
    says: str
    host: str
    source: str
    verified: bool
    disputed: bool
    sensitivity: str
    off: bool
    later: bool
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTable:
    """One page of the facts that were asked for, the last known first.

    Attributes
    ----------
    all, found
        How many facts are on file, and how many of them were asked for.
    part, parts
        Which page of how many.
    actors, kinds
        What can be asked for.
    coverage
        What the case rests on, by actor, as of the day of the reading; `names` tells the actors.
    """

    rows: Sequence[FactRow]
    all: int
    found: int
    part: int
    parts: int
    actors: Sequence[Choice]
    kinds: Sequence[Choice]
    coverage: Sequence[Coverage]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactShown:
    """One fact with its form, or a new one.

    Attributes
    ----------
    id
        Its id, or "new".
    kinds, look, picking
        The kinds to choose from, the words that they were looked for by, and whether the list is open.
    off
        Who switched it off, when and why, if it is not counted.
    others
        Other readings of it, each with its kind in words and who did it.
    before, after
        The facts next to it in the table.
    """

    id: str
    says: str
    url: str
    host: str
    form: Form
    kinds: Sequence[KindShown]
    look: str
    picking: bool
    off: tuple[str, str, str] | None
    others: Sequence[tuple[Alternative, str, str]]
    comments: Sequence[Comment]
    dispute: Form | None
    remark: Form | None
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsContext:
    """What the page shows; only the part of the chosen tab is there.

    Attributes
    ----------
    tab, tabs
        Which part is shown, and all that there are.
    filters
        What the table of facts is filtered by, as it stands in the address.
    table
        The table of facts.
    fact
        One fact, with its form.
    pasted, text
        What was understood of a table that was pasted, and the table itself.
    columns
        Columns that a table can have, with what they are called.
    people, texts, stakes, ratings
        The other tabs.
    editable
        Whether changes go into the case itself and not into a branch.
    faults
        Why what a button asked for was not done.
    """

    tab: str
    tabs: Mapping[str, str]
    filters: Mapping[str, str]
    editable: bool
    faults: Sequence[str] = ()
    table: FactTable | None = None
    fact: FactShown | None = None
    pasted: Pasted | None = None
    text: str | None = None
    columns: Mapping[str, str] | None = None
    people: PeopleShown | None = None
    texts: TextsShown | None = None
    stakes: StakesShown | None = None
    ratings: RatingsShown | None = None


# -- the table ------------------------------------------------------------------------------------


def _wanted(
    case: Case, view: View, kinds: Mapping[str, Kind], hidden: frozenset[str], day: date
) -> list[Fact]:
    """The facts that the address asks for, the last known first."""
    off = {fact.id for fact in case.off}
    tests = list(_tests(view.more, names_of(case), kinds, off, hidden, day))
    found = [fact for fact in case.declared() if all(test(fact) for test in tests)]
    return sorted(found, key=lambda fact: (fact.known_on, fact.happened_on), reverse=True)


def _tests(
    more: Mapping[str, str],
    names: Mapping[str, str],
    kinds: Mapping[str, Kind],
    off: set[str],
    hidden: frozenset[str],
    day: date,
) -> Iterator[Callable[[Fact], bool]]:
    words = more.get("q", "").casefold().split()
    if words:
        yield lambda fact: all(word in _text(fact, names, kinds) for word in words)
    if actor := more.get("actor", ""):
        yield lambda fact: actor == fact.actor or actor in fact.towards
    if kind := more.get("kind", ""):
        yield lambda fact: fact.kind == kind
    if verified := more.get("verified", ""):
        yield lambda fact: fact.verified == (verified == "yes")
    states: dict[str, Callable[[Fact], bool]] = {
        "on": lambda fact: fact.id not in off,
        "off": lambda fact: fact.id in off,
        "disputed": lambda fact: fact.disputed,
        "known": lambda fact: fact.known_on <= day,
        "later": lambda fact: fact.known_on > day,
        "hidden": lambda fact: fact.id in hidden,
    }
    if more.get("state", "") in states:
        yield states[more["state"]]


def _text(fact: Fact, names: Mapping[str, str], kinds: Mapping[str, Kind]) -> str:
    who = (names.get(name, name) for name in (fact.actor, *fact.towards))
    kind = _(kinds[fact.kind].label) if fact.kind in kinds else fact.kind
    source = (fact.source_title, fact.source_publisher, fact.source_url)
    return " ".join((fact.id, fact.says, fact.note, kind, *who, *source)).casefold()


def _row(
    fact: Fact, names: Mapping[str, str], kinds: Mapping[str, Kind], off: bool, hidden: bool, day: date
) -> FactRow:
    kind = kinds.get(fact.kind)
    return FactRow(
        id=fact.id,
        happened_on=fact.happened_on,
        known_on=fact.known_on,
        actor=names.get(fact.actor, _(fact.actor)),
        towards=[names.get(name, name) for name in fact.towards],
        kind=_(kind.label) if kind else fact.kind,
        sign=kind.sign if kind else 0,
        says=fact.says,
        host=host(fact.source_url),
        source=fact.source_url,
        verified=fact.verified,
        disputed=fact.disputed,
        sensitivity=fact.sensitivity,
        off=off,
        later=fact.known_on > day,
        hidden=hidden,
    )


def _part(view: View, parts: int) -> int:
    asked = view.more.get("part", "1")
    return min(max(1, int(asked)), parts) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def _table(desk: Desk, case: Case, view: View, day: date, hidden: frozenset[str]) -> FactTable:
    kinds, names = desk.bench.tables().kinds, _called(case)
    found = _wanted(case, view, kinds, hidden, day)
    parts = max(1, -(-len(found) // SHOWN))
    part = _part(view, parts)
    off = {fact.id for fact in case.off}
    page = found[(part - 1) * SHOWN : part * SHOWN]
    used = {fact.kind for fact in case.declared()}
    return FactTable(
        rows=[_row(fact, names, kinds, fact.id in off, fact.id in hidden, day) for fact in page],
        all=len(case.declared()),
        found=len(found),
        part=part,
        parts=parts,
        actors=actors(case),
        kinds=[Choice(value=name, label=_(kind.label)) for name, kind in kinds.items() if name in used],
        coverage=coverage_on(case, day),
        names=names,
    )


def _called(case: Case) -> dict[str, str]:
    offices = {dm.office: dm.name for dm in case.decision_makers}
    return {**offices, **names_of(case), "unknown": _("unknown")}


# -- one fact -------------------------------------------------------------------------------------


def _fact(
    desk: Desk, opened: Opened, view: View, day: date, hidden: frozenset[str], tried: Tried | None
) -> FactShown:
    case, tables, name = opened.case(view.branch), desk.bench.tables(), view.more["fact"]
    fact = next((one for one in case.declared() if one.id == name), None)
    if fact is None and name != "new":
        raise NotFoundError(_('there is no fact "{id}": it may have been removed').format(id=name))
    cells = opened.row("evidence.csv", name, view.branch) if fact else None
    form = fact_form(case, tables, name if fact else "", cells, tried)
    chosen = next(one.value for group in form.groups for one in group.fields if one.name == "kind")
    look = view.more.get("look", "")
    order = [one.id for one in _wanted(case, view, tables.kinds, hidden, day)]
    place = order.index(name) if name in order else -1
    return FactShown(
        id=name,
        says=fact.says if fact else "",
        url=fact.source_url if fact else "",
        host=host(fact.source_url) if fact else "",
        form=form,
        kinds=kinds_shown(tables.kinds, look, chosen),
        look=look,
        picking=not chosen or "look" in view.more,
        off=next(((s.author, s.at, s.reason) for s in case.switched if s.fact == name), None),
        others=[(one, *_other(one, case, tables.kinds)) for one in case.alternatives if one.fact == name],
        comments=[one for one in case.comments if one.on == name],
        dispute=dispute_form(case, tables, fact, tried) if fact else None,
        remark=remark_form(name, tried) if fact else None,
        before=order[place - 1] if place > 0 else "",
        after=order[place + 1] if -1 < place < len(order) - 1 else "",
    )


def _other(one: Alternative, case: Case, kinds: Mapping[str, Kind]) -> tuple[str, str]:
    if one.kind == "none":
        return _("it did not happen"), ""
    kind = _(kinds[one.kind].label) if one.kind in kinds else _("as coded")
    return kind, _called(case).get(one.actor, one.actor)


# -- the page -------------------------------------------------------------------------------------


def context(
    desk: Desk,
    view: View,
    tried: Tried | None = None,
    understood: Pasted | None = None,
    text: str | None = None,
) -> FactsContext:
    """Collect what the chosen tab shows."""
    opened = desk.opened(view.ref)
    case = opened.case(view.branch)
    day = view.at or desk.bench.reading_day(case)
    tab = view.more.get("tab", "facts")
    tab = tab if tab in TABS else "facts"
    filters = {name: view.more[name] for name in FILTERS if view.more.get(name)}
    faults = tried.general if tried and tried.what in BUTTONS else ()
    given = {"tab": tab, "tabs": TABS, "filters": filters, "editable": opened.editable, "faults": faults}
    if tab != "facts":
        return FactsContext(**given, **_other_tab(tab, desk, opened, view, day, tried))  # type: ignore[arg-type]
    if text is not None or "paste" in view.more:
        columns = {name: _(label) for name, label in COLUMNS.items()}
        return FactsContext(**given, pasted=understood, text=text or "", columns=columns)  # type: ignore[arg-type]
    hidden = frozenset(opened.unseen(day, view.seen_by, view.branch) if view.seen_by else ())
    if "fact" in view.more:
        return FactsContext(**given, fact=_fact(desk, opened, view, day, hidden, tried))  # type: ignore[arg-type]
    return FactsContext(**given, table=_table(desk, case, view, day, hidden))  # type: ignore[arg-type]


def _other_tab(
    tab: str, desk: Desk, opened: Opened, view: View, day: date, tried: Tried | None
) -> dict[str, PeopleShown | TextsShown | StakesShown | RatingsShown]:
    case, tables = opened.case(view.branch), desk.bench.tables()
    if tab == "people":
        return {tab: people_shown(opened, case, tables, view, tried)}
    if tab == "texts":
        return {tab: texts_shown(opened, case, tables, view, tried)}
    if tab == "stakes":
        return {tab: stakes_shown(case, tables, view, day, tried)}
    return {tab: ratings_shown(case, tables, view, day, tried)}
