"""Who takes part: parties, decision-makers, spoilers, and who sees whose acts; a table and a form each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goodoffices.domain.case import Case
from goodoffices.domain.readings import plain
from goodoffices.domain.tables import Tables
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.web.moved import names_of
from goodoffices.web.pages.forms import (
    Choice,
    Field,
    Form,
    Group,
    Tried,
    actors,
    differing,
    form_of,
    offices,
    said,
    words_of,
)
from goodoffices.web.state import View
from goodoffices.words import N_, _, day
from goodoffices.workbench.desk import Opened
from goodoffices.workbench.entering import fresh_key

__all__ = ["PUT", "PeopleShown", "PersonRow", "Roll", "people_shown", "put_row", "record_of", "slug"]

# sorts of rows of case.toml -> operations that enter and remove one, and fields with several ids
PUT = {
    "parties": ("put_party", "remove_party", ()),
    "decision_makers": ("put_decision_maker", "remove_decision_maker", ("commanded_by",)),
    "spoilers": ("put_spoiler", "remove_spoiler", ()),
    "links": ("put_link", "remove_link", ()),
    "texts": ("put_text", "remove_text", ("binds", "signatories", "guarantors", "witnesses", "excluded")),
}
NEW = {
    "parties": N_("A new party"),
    "decision_makers": N_("A new decision-maker"),
    "spoilers": N_("New spoilers"),
    "links": N_("A new link"),
    "texts": N_("A new text"),
}
ROLES = {"principal": N_("fights or negotiates"), "third": N_("third party")}
SORTS = {"person": N_("a person"), "body": N_("a body, such as an army or a parliament")}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A row of a table: its key, the name that leads to its form, and what else is told of it."""

    key: str
    name: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """A table: of which sort, what it is called, its headings and rows, and what to say if it is empty."""

    sort: str
    title: str
    heads: Sequence[str]
    rows: Sequence[PersonRow]
    empty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleShown:
    """The tables of those who take part, and the form of one row if it is asked for."""

    rolls: Sequence[Roll]
    form: Form | None


def _span(start: Any, end: Any) -> str:
    return f"{day(start)} – {day(end) if end else ''}".strip()


def _parties(case: Case) -> Roll:
    rows = [
        PersonRow(key=p.key, name=p.name, cells=[_(ROLES.get(p.role, p.role)), p.iso3]) for p in case.parties
    ]
    return Roll(
        sort="parties",
        title=_("Parties"),
        heads=[_("name"), _("role"), _("country code")],
        rows=rows,
        empty=_("No party yet. A case needs two that fight or negotiate."),
    )


def _decision_makers(case: Case, names: Mapping[str, str]) -> Roll:
    rows = [
        PersonRow(
            key=dm.key,
            name=dm.name,
            cells=[
                names.get(dm.party, dm.party),
                dm.office.replace("-", " "),
                _span(dm.start, dm.end),
                said(dm.kind),
            ],
        )
        for dm in case.decision_makers
    ]
    return Roll(
        sort="decision_makers",
        title=_("Decision-makers"),
        heads=[_("name"), _("party"), _("office"), _("in office"), _("sort")],
        rows=rows,
        empty=_("Nobody yet. Trust is between people in office: enter who decides for each party."),
    )


def _spoilers(case: Case, names: Mapping[str, str]) -> Roll:
    rows = [
        PersonRow(key=one.key, name=one.name, cells=[names.get(one.side, one.side), day(one.known_on)])
        for one in case.spoilers
    ]
    return Roll(
        sort="spoilers",
        title=_("Spoilers"),
        heads=[_("name"), _("on the side of"), _("known on")],
        rows=rows,
        empty=_("None. Spoilers are people on one side who want no deal and can strike."),
    )


def _links(case: Case, names: Mapping[str, str], tables: Tables) -> Roll:
    del tables
    rows = [
        PersonRow(
            key=one.key,
            name=f"{names.get(one.observer, one.observer)} → {names.get(one.sees, one.sees)}",
            cells=[names.get(one.towards, one.towards), said(one.weight), day(one.known_on), one.reason],
        )
        for one in case.links
    ]
    return Roll(
        sort="links",
        title=_("Who sees whose acts"),
        heads=[_("who → whose acts"), _("towards"), _("how much"), _("known on"), _("why")],
        rows=rows,
        empty=_("None. A link says that somebody also learns from how others are treated."),
    )


# -- forms ----------------------------------------------------------------------------------------


def _party_fields(case: Case, tables: Tables) -> list[Field]:
    del case, tables
    roles = [Choice(value=word, label=_(label)) for word, label in ROLES.items()]
    return [
        Field(name="name", label=_("Name"), needed=True),
        Field(name="role", label=_("Role"), sort="select", value="principal", choices=roles),
        Field(name="iso3", label=_("Country code"), help=_("Three capital letters, or nothing.")),
        Field(name="wikidata", label="Wikidata", help=_("Such as Q79, or nothing.")),
    ]


def _decision_maker_fields(case: Case, tables: Tables) -> list[Field]:
    del tables
    sorts = [Choice(value=word, label=_(label)) for word, label in SORTS.items()]
    office = _("Who follows another in one office inherits the trust in it: give both the same office.")
    return [
        Field(name="name", label=_("Name"), needed=True),
        Field(name="kind", label=_("Sort"), sort="select", value="person", choices=sorts),
        Field(name="party", label=_("Party"), sort="select", choices=_parties_of(case), needed=True),
        Field(name="office", label=_("Office"), help=office, needed=True),
        Field(name="from", label=_("In office from"), sort="day", needed=True),
        Field(name="to", label=_("Until"), sort="day", help=_("Empty if still in office.")),
        Field(name="wikidata", label="Wikidata", help=_("Such as Q79, or nothing.")),
        Field(name="commanded_by", label=_("Commanded by"), sort="ticks", choices=offices(case), wide=True),
    ]


def _spoiler_fields(case: Case, tables: Tables) -> list[Field]:
    del tables
    return [
        Field(name="name", label=_("Name"), needed=True),
        Field(name="side", label=_("On the side of"), sort="select", choices=_parties_of(case), needed=True),
        Field(name="known_on", label=_("Known on"), sort="day", needed=True, value=case.start.isoformat()),
    ]


def _link_fields(case: Case, tables: Tables) -> list[Field]:
    anyone = [*actors(case), *offices(case)]
    spoilers = [Choice(value=one.id, label=one.name, group=_("Spoilers")) for one in case.spoilers]
    all_of_them = Choice(value="", label=_("everybody"))
    share = words_of(tables.scales["share"])
    return [
        Field(name="observer", label=_("Who learns"), sort="select", choices=anyone, needed=True),
        Field(
            name="sees", label=_("From the acts of"), sort="select", choices=[*anyone, *spoilers], needed=True
        ),
        Field(name="towards", label=_("Towards"), sort="select", choices=[all_of_them, *anyone]),
        Field(name="weight", label=_("How much"), sort="select", value="some", choices=share),
        Field(name="known_on", label=_("Known on"), sort="day", needed=True, value=case.start.isoformat()),
        Field(name="reason", label=_("Why"), wide=True),
    ]


def _parties_of(case: Case) -> list[Choice]:
    return [Choice(value=one.id, label=one.name) for one in case.parties]


_FIELDS = {
    "parties": _party_fields,
    "decision_makers": _decision_maker_fields,
    "spoilers": _spoiler_fields,
    "links": _link_fields,
}


def record_of(case: Case, sort: str, key: str) -> Any:
    """Find a row of the case by its sort and key.

    Raises
    ------
    NotFoundError
        If it is not there.
    """
    found = next((row for row in getattr(case, sort) if row.key == key), None) if sort in PUT else None
    if found is None:
        raise NotFoundError(_("this row is no longer there: it may have been removed"))
    return found


def people_shown(opened: Opened, case: Case, tables: Tables, view: View, tried: Tried | None) -> PeopleShown:
    """Collect the tables, and the form that the address asks for as ?row=SORT/KEY."""
    names = names_of(case)
    sort, _slash, key = view.more.get("row", "").partition("/")
    form = None
    if sort in _FIELDS:
        fields = [Group(title="", fields=_FIELDS[sort](case, tables))]
        if key == "new":
            form = form_of("put", _(NEW[sort]), fields, f"case.toml/{sort}/new", None, tried)
        else:
            record = record_of(case, sort, key)
            cells = opened.row("case.toml", f"{sort}/{key}", view.branch)
            title = getattr(record, "name", "") or _("Who sees whose acts")
            form = form_of("put", title, fields, f"case.toml/{sort}/{key}", cells, tried)
    rolls = [
        _parties(case),
        _decision_makers(case, names),
        _spoilers(case, names),
        _links(case, names, tables),
    ]
    return PeopleShown(rolls=rolls, form=form)


# -- what a form of case.toml asks for ------------------------------------------------------------


def slug(name: str, taken: Iterable[str]) -> str:
    """Make an id that is not taken from a name; letters of any script may stay."""
    stem = re.sub(r"[^\w]+", "-", name.casefold()).strip("-_")[:40] or "x"
    known = set(taken)
    numbers = (f"{stem}-{n}" for n in range(2, len(known) + 3))
    return stem if stem not in known else next(name for name in numbers if name not in known)


def _ids(case: Case) -> set[str]:
    rows: list[Any] = [*case.parties, *case.decision_makers, *case.spoilers, *case.texts]
    return {row.id for row in rows} | {dm.office for dm in case.decision_makers}


def _keys(case: Case) -> set[str]:
    rows: list[Any] = [*case.parties, *case.decision_makers, *case.spoilers, *case.texts]
    return {row.key for row in rows} | {one.key for text in case.texts for one in text.provisions}


def put_row(case: Case, row: str, values: Mapping[str, str], seen: Mapping[str, Any]) -> dict[str, Any]:
    """Give the change that a form of a row of case.toml asks for."""
    _file, sort, key = row.split("/", 2) if row.count("/") >= 2 else ("", "", "")
    if sort not in PUT:
        raise UsageError(_("this form is of no table of the case"))
    op, _remove, several = PUT[sort]
    if sort == "decision_makers" and values.get("office"):
        values = {**values, "office": re.sub(r"[\s,;/\\]+", "-", values["office"].strip())}
    if key == "new":
        return {"op": op, "value": _fresh(case, sort, differing(values, {}, several))}
    record = record_of(case, sort, key)
    changed = differing(values, seen, several)
    dated = {"start": "from", "end": "to"} if sort == "decision_makers" else {}
    whole = {dated.get(name, name): value for name, value in plain(record).items()}
    return {"op": op, "target": key, "value": {**whole, **changed}}


def _fresh(case: Case, sort: str, given: dict[str, Any]) -> dict[str, Any]:
    name = given.get("name") or given.get("title")
    if sort == "links":
        return given
    if not name:
        raise UsageError(_("no name: say what it is called"))
    return {"key": fresh_key(_keys(case)), "id": slug(name, _ids(case)), **given}
