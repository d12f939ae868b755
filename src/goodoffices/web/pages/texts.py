"""The texts on the table: title, days, whom they bind, who stands behind them, and their provisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from goodoffices.domain.case import Case
from goodoffices.domain.readings import plain
from goodoffices.domain.tables import Tables
from goodoffices.domain.texts import PROVISIONS, Provision, Text
from goodoffices.errors import NotFoundError
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
    people,
    said,
    words_of,
)
from goodoffices.web.pages.people import NEW, record_of, slug
from goodoffices.web.state import View
from goodoffices.words import N_, _, day
from goodoffices.workbench.desk import Opened
from goodoffices.workbench.entering import fresh_key

__all__ = ["ProvisionShown", "TextShown", "TextsShown", "provision_row", "texts_shown"]

TOLD = {
    "verification": N_("Verification: breaches are found out"),
    "guarantee": N_("Guarantee: somebody else stands behind it"),
    "phasing": N_("Phasing: it is done in steps"),
    "bond": N_("Bond: something is lost by breaking it"),
    "assistance": N_("Assistance: help to be able to keep it"),
}
WORDS = {
    "detection": N_("How surely a breach is found"),
    "recoverable": N_("How much can be recovered then"),
    "worth": N_("What it is worth"),
    "loss": N_("How surely it is lost"),
    "size": N_("How large"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionShown:
    """A provision: its key, of which sort it is, and what it says in words."""

    key: str
    type: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShown:
    """A text: its key and title, what is told of it by label, and its provisions."""

    key: str
    id: str
    title: str
    told: Sequence[tuple[str, str]]
    provisions: Sequence[ProvisionShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsShown:
    """All texts, and the form of one of them or of a provision.

    Attributes
    ----------
    types
        The sorts of provisions.
    parent
        The text that the provision in the form belongs to.
    """

    texts: Sequence[TextShown]
    types: Mapping[str, str]
    form: Form | None
    parent: str = ""


def _listed(names: Mapping[str, str], given: Sequence[str]) -> str:
    return ", ".join(names.get(name, name.replace("-", " ")) for name in given)


def _told(text: Text, names: Mapping[str, str]) -> list[tuple[str, str]]:
    days: list[tuple[str, date | None]] = [
        (_("on the table from"), text.tabled_on),
        (_("off the table from"), text.off_table_on),
        (_("signed"), text.signed_on),
        (_("in force"), text.in_force_on),
    ]
    told = [(_("scope"), said(text.scope)), (_("binds"), _listed(names, text.binds))]
    told += [(label, day(when)) for label, when in days if when]
    several = [
        (_("signed by"), text.signatories),
        (_("guaranteed by"), text.guarantors),
        (_("witnessed by"), text.witnesses),
        (_("shut out"), text.excluded),
    ]
    told += [(label, _listed(names, given)) for label, given in several if given]
    return [*told, (_("pressure to sign"), said(text.pressure))]


def _says(one: Provision, names: Mapping[str, str]) -> str:
    parts = [f"{_(WORDS[name])}: {said(word)}" for name, word in one.words.items() if word]
    if one.by:
        parts.append(_("by {who}").format(who=_listed(names, [one.by])))
    if one.to:
        parts.append(_("to {who}").format(who=_listed(names, [one.to])))
    if one.form:
        parts.append(said(one.form))
    if one.type == "phasing":
        parts.append(_("{n} steps").format(n=one.steps))
    return "; ".join([*parts, _("known on {day}").format(day=day(one.known_on))])


def _shown(text: Text, names: Mapping[str, str]) -> TextShown:
    items = [
        ProvisionShown(key=one.key, type=_(TOLD[one.type]), says=_says(one, names)) for one in text.provisions
    ]
    return TextShown(key=text.key, id=text.id, title=text.title, told=_told(text, names), provisions=items)


# -- forms ----------------------------------------------------------------------------------------


def _text_groups(case: Case, tables: Tables) -> list[Group]:
    scopes = [Choice(value=word, label=said(word)) for word in ("full", "partial", "process", "ceasefire")]
    parties = [Choice(value=one.id, label=one.name) for one in case.parties]
    spoilers = [Choice(value=one.id, label=one.name, group=_("Spoilers")) for one in case.spoilers]
    share = words_of(tables.scales["share"])
    head = [
        Field(name="title", label=_("Title"), wide=True, needed=True),
        Field(name="scope", label=_("What kind of text"), sort="select", value="full", choices=scopes),
        Field(name="pressure", label=_("Pressure to sign"), sort="select", value="none", choices=share),
        Field(name="binds", label=_("Whom it binds"), sort="ticks", choices=parties, wide=True, needed=True),
    ]
    days = [
        Field(name="tabled_on", label=_("On the table from"), sort="day", needed=True),
        Field(
            name="known_on", label=_("Known on"), sort="day", help=_("Empty: from when it is on the table.")
        ),
        Field(name="off_table_on", label=_("Off the table from"), sort="day"),
        Field(name="signed_on", label=_("Signed on"), sort="day"),
        Field(name="in_force_on", label=_("In force from"), sort="day"),
    ]
    anyone = [*actors(case), *spoilers]
    who = [
        Field(name="signatories", label=_("Signed by"), sort="ticks", choices=anyone, wide=True),
        Field(name="guarantors", label=_("Guaranteed by"), sort="ticks", choices=offices(case), wide=True),
        Field(name="witnesses", label=_("Witnessed by"), sort="ticks", choices=offices(case), wide=True),
        Field(
            name="excluded", label=_("Shut out"), sort="ticks", choices=[*people(case), *spoilers], wide=True
        ),
    ]
    return [
        Group(title=_("The text"), fields=head),
        Group(title=_("Days"), fields=days),
        Group(title=_("Who signed, who stands behind it"), fields=who, folded=True),
    ]


def _provision_groups(case: Case, tables: Tables, sort: str, text: Text) -> list[Group]:
    share = words_of(tables.scales["share"], nothing=_("choose"))
    words = [
        Field(name=name, label=_(WORDS[name]), sort="select", choices=share, needed=True)
        for name in PROVISIONS[sort]
    ]
    anyone = [Choice(value="", label=_("choose")), *actors(case), *offices(case)]
    forms = [Choice(value=word, label=said(word)) for word in ("word", "treaty", "deployed_force")]
    more: dict[str, list[Field]] = {
        "guarantee": [
            Field(
                name="by", label=_("By whom"), sort="select", choices=[anyone[0], *offices(case)], needed=True
            ),
            Field(name="form", label=_("In what form"), sort="select", value="treaty", choices=forms),
        ],
        "phasing": [Field(name="steps", label=_("Number of steps"), sort="number", value="2")],
        "bond": [Field(name="by", label=_("Whose bond"), sort="select", choices=anyone)],
        "assistance": [Field(name="to", label=_("To whom"), sort="select", choices=anyone)],
    }
    since = Field(
        name="known_on", label=_("Known on"), sort="day", value=text.tabled_on.isoformat(), needed=True
    )
    return [Group(title=_(TOLD[sort]), fields=[*words, *more.get(sort, []), since])]


def _text_of(case: Case, name: str) -> Text:
    found = next((text for text in case.texts if name in (text.id, text.key)), None)
    if found is None:
        raise NotFoundError(_("this text is no longer there: it may have been removed"))
    return found


def _provision_cells(one: Provision) -> dict[str, Any]:
    cells = {**{name: value for name, value in plain(one).items() if name != "words"}, **one.words}
    return {name: value for name, value in cells.items() if value != ""}


def _provision_form(
    opened: Opened, case: Case, tables: Tables, view: View, asked: str, tried: Tried | None
) -> tuple[Form, str]:
    """The form of ?row=provisions/TEXT/KEY; a new one has its sort for a key."""
    name, _slash, key = asked.partition("/")
    text = _text_of(case, name)
    row = f"case.toml/provisions/{text.id}/{key}"
    if key in PROVISIONS:
        groups = _provision_groups(case, tables, key, text)
        return form_of("provision", _("A new provision"), groups, row, None, tried), text.title
    found = next((one for one in text.provisions if one.key == key), None)
    if found is None:
        raise NotFoundError(_("this provision is no longer there: it may have been removed"))
    groups = _provision_groups(case, tables, found.type, text)
    cells = (opened.row("case.toml", f"texts/{text.key}", view.branch) or {}).get(f"provisions.{key}", {})
    return form_of("provision", _("A provision"), groups, row, cells, tried), text.title


def texts_shown(opened: Opened, case: Case, tables: Tables, view: View, tried: Tried | None) -> TextsShown:
    """Collect the texts, and the form that the address asks for."""
    names = {**{dm.office: dm.name for dm in case.decision_makers}, **names_of(case)}
    sort, _slash, key = view.more.get("row", "").partition("/")
    form, parent = None, ""
    if sort == "provisions":
        form, parent = _provision_form(opened, case, tables, view, key, tried)
    elif sort == "texts":
        record = None if key == "new" else record_of(case, "texts", key)
        cells = opened.row("case.toml", f"texts/{key}", view.branch) if record else None
        title = record.title if record else _(NEW["texts"])
        form = form_of("put", title, _text_groups(case, tables), f"case.toml/texts/{key}", cells, tried)
    return TextsShown(
        texts=[_shown(text, names) for text in case.texts],
        types={name: _(label) for name, label in TOLD.items()},
        form=form,
        parent=parent,
    )


def provision_row(
    case: Case, row: str, values: Mapping[str, str], seen: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Give the text and the change that the form of a provision asks for."""
    parts = row.split("/")
    text, key = _text_of(case, parts[2] if len(parts) > 2 else ""), parts[-1]
    found = next((one for one in text.provisions if one.key == key), None)
    if found is None and key not in PROVISIONS:
        raise NotFoundError(_("this provision is no longer there: it may have been removed"))
    if found is None:
        taken = {one.key for other in case.texts for one in other.provisions}
        # an id that is no sort's name, since a provision can be removed by either
        ids = {*PROVISIONS, *(one.id for one in text.provisions)}
        whole: dict[str, Any] = {"key": fresh_key(taken), "id": slug(key, ids), "type": key}
    else:
        whole = _provision_cells(found)
    value = {**whole, **differing(values, seen)}
    return text.key, {"op": "set_provision", "target": text.id, "value": value}
