"""What each has at stake, in words: who has given what for a text, what is missing, and a form to fill.

A stake can be given again from a later day on; the table shows the one that holds on the day of the
reading.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from goodoffices.domain.case import Case
from goodoffices.domain.tables import Tables
from goodoffices.domain.texts import QUANTITIES, Stake, Text
from goodoffices.errors import NotFoundError
from goodoffices.web.pages.forms import Choice, Field, Tried, filled, said, words_of
from goodoffices.web.state import View
from goodoffices.words import N_, _, day
from goodoffices.workbench.entering import fresh_key

__all__ = ["StakeCell", "StakeForm", "StakeLine", "StakeRow", "StakesShown", "stakes_rows", "stakes_shown"]

OF_TEXT = ("no_deal", "kept", "broken", "veto_signing", "veto_implementation", "wrecking")
OF_GUARANTOR = ("consent",)
OF_THIRD = ("leverage", "restitution", "any_deal", "information")
OF_SPOILER = ("loss", "capacity", "inclusion", "policing")
ASKS = {
    "no_deal": N_("Without a deal"),
    "kept": N_("A deal that is kept"),
    "broken": N_("A deal that is broken"),
    "veto_signing": N_("Say over the signing"),
    "veto_implementation": N_("Say over carrying it out"),
    "wrecking": N_("Power to wreck it"),
    "consent": N_("Willingness to guarantee"),
    "leverage": N_("Leverage over the party"),
    "restitution": N_("Power to make good"),
    "any_deal": N_("Wish for any deal at all"),
    "information": N_("Inside knowledge"),
    "loss": N_("What they lose by a deal"),
    "capacity": N_("Power to strike"),
    "inclusion": N_("How far they are included"),
    "policing": N_("How far their own side holds them down"),
}
TOLD = ("word", "low", "high", "rationale", "source", "url", "known_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeCell:
    """A stake in the table: its word on the day, how many others there are; `missing` if it is needed."""

    quantity: str
    label: str
    word: str
    others: int
    missing: bool
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeRow:
    """What one actor has at stake: who, as ?who=, and a cell for each quantity."""

    who: str
    name: str
    office: str
    cells: Sequence[StakeCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeLine:
    """One stake in the form.

    Attributes
    ----------
    id
        What the names of its fields begin with: a key, or "new-QUANTITY".
    again
        Whether it gives again, from another day, what is given already.
    was
        What stood in its fields when they were first shown.
    """

    id: str
    label: str
    missing: bool
    fields: Sequence[Field]
    removable: bool
    again: bool
    was: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeForm:
    """The stakes of one actor before one text, or whatever the text, as a grid to fill."""

    who: str
    name: str
    text: str
    title: str
    lines: Sequence[StakeLine]
    faults: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StakesShown:
    """What is at stake before one text.

    Attributes
    ----------
    texts, text
        The texts that can be chosen, and the one that is shown.
    heads, rows
        Those who decide about it.
    third
        Guarantors, third parties and spoilers, whose stakes hold whatever the text.
    missing
        How many stakes are needed and not given.
    """

    texts: Sequence[Choice]
    text: str
    title: str
    heads: Sequence[str]
    rows: Sequence[StakeRow]
    third: Sequence[StakeRow]
    missing: int
    form: StakeForm | None


@dataclass(frozen=True, slots=True)
class _Seat:
    """An office, or spoilers: all names that its stakes may stand under."""

    id: str
    name: str
    party: str
    ids: frozenset[str]
    spoiler: bool = False


def _seats(case: Case) -> list[_Seat]:
    held: dict[str, list[Any]] = {}
    for dm in case.decision_makers:
        held.setdefault(dm.office, []).append(dm)
    seats = [
        _Seat(
            office,
            ", ".join(dm.name for dm in row),
            row[0].party,
            frozenset({office, *(dm.id for dm in row)}),
        )
        for office, row in held.items()
    ]
    return seats + [_Seat(one.id, one.name, one.side, frozenset({one.id}), True) for one in case.spoilers]


def _of(case: Case, seat: _Seat, text: str) -> list[Stake]:
    return [stake for stake in case.stakes if stake.actor in seat.ids and stake.text == text]


def _needed(seat: _Seat, text: Text | None) -> tuple[str, ...]:
    """The quantities that are asked of a seat before a text, or whatever the text."""
    if text is None:
        return OF_SPOILER if seat.spoiler else ()
    if seat.id in text.guarantors:
        return OF_GUARANTOR
    return OF_TEXT if seat.party in text.binds and not seat.spoiler else ()


def _holding(stakes: Iterable[Stake], on: date) -> Stake | None:
    """The stake that holds on a day: the last known by then, else the first to come."""
    rows = sorted(stakes, key=lambda stake: stake.known_on)
    known = [stake for stake in rows if stake.known_on <= on]
    return known[-1] if known else (rows[0] if rows else None)


def _cell(quantity: str, stakes: Sequence[Stake], on: date, missing: bool) -> StakeCell:
    own = [stake for stake in stakes if stake.quantity == quantity]
    held = _holding(own, on)
    return StakeCell(
        quantity=quantity,
        label=_(ASKS[quantity]),
        word=said(held.word) if held else "",
        others=max(0, len(own) - 1),
        missing=missing and not own,
        since=held.known_on if held and held.known_on > on else None,
    )


def _row(case: Case, seat: _Seat, text: Text | None, quantities: Iterable[str], on: date) -> StakeRow:
    stakes = _of(case, seat, text.id if text else "")
    anyway = {stake.quantity for stake in _of(case, seat, "")} if text else set()
    needed = [name for name in _needed(seat, text) if name not in anyway]
    cells = [_cell(name, stakes, on, name in needed) for name in quantities]
    office = "" if seat.spoiler else seat.id.replace("-", " ")
    return StakeRow(who=seat.id, name=seat.name, office=office, cells=cells)


def _deciding(case: Case, text: Text, on: date) -> list[StakeRow]:
    rows = []
    for seat in _seats(case):
        given = {stake.quantity for stake in _of(case, seat, text.id)}
        if given & set(OF_TEXT) or _needed(seat, text) == OF_TEXT:
            rows.append(_row(case, seat, text, OF_TEXT, on))
    return rows


def _third(case: Case, text: Text | None, on: date) -> list[StakeRow]:
    """Guarantors of the text, and all whose stakes hold whatever the text."""
    principals = {party.id for party in case.parties if party.role == "principal"}
    rows = []
    for seat in _seats(case):
        if text and seat.id in text.guarantors and not _of(case, seat, "") and not seat.spoiler:
            rows.append(_row(case, seat, text, OF_GUARANTOR, on))
            continue
        if seat.party in principals and not seat.spoiler and not _of(case, seat, ""):
            continue
        quantities = OF_SPOILER if seat.spoiler else (*OF_GUARANTOR, *OF_THIRD)
        made = _row(case, seat, None, quantities, on)
        own = _of(case, seat, text.id) if text else []
        consent = [_cell("consent", own, on, False)] if any(s.quantity == "consent" for s in own) else []
        kept = [cell for cell in made.cells if cell.word or cell.missing]
        cells = [*consent, *(cell for cell in kept if not consent or cell.quantity != "consent")]
        rows.append(StakeRow(who=seat.id, name=seat.name, office=made.office, cells=cells))
    return rows


# -- the form -------------------------------------------------------------------------------------


def _fields(stake: Stake | None, line: str, quantity: str, tables: Tables, since: date) -> list[Field]:
    levels = tables.scales[QUANTITIES[quantity]]
    nothing = _("not given") if stake is None else ""
    values = {name: str(getattr(stake, name)) for name in TOLD} if stake else {"known_on": since.isoformat()}

    def field(name: str, label: str, sort: str = "text", **given: Any) -> Field:
        return Field(name=f"{line}.{name}", label=label, sort=sort, value=values.get(name, ""), **given)

    return [
        field("word", _("Word"), "select", choices=words_of(levels, nothing=nothing)),
        field("low", _("At least"), "select", choices=words_of(levels, nothing=_("as the word says"))),
        field("high", _("At most"), "select", choices=words_of(levels, nothing=_("as the word says"))),
        field("rationale", _("Why"), "area"),
        field("source", _("Source")),
        field("url", _("Source: link"), "url"),
        field("known_on", _("Known on"), "day"),
    ]


def _lines(case: Case, seat: _Seat, text: Text | None, tables: Tables) -> list[StakeLine]:
    stakes = sorted(
        _of(case, seat, text.id if text else ""),
        key=lambda s: (list(QUANTITIES).index(s.quantity), s.known_on),
    )
    names = {party.id: party.name for party in case.parties}
    since = text.tabled_on if text else case.start
    lines = []
    for stake in stakes:
        towards = (
            _("towards {name}").format(name=names.get(stake.towards, stake.towards)) if stake.towards else ""
        )
        fields = _fields(stake, stake.key, stake.quantity, tables, since)
        label = (
            f"{_(ASKS[stake.quantity])} {towards}".rstrip()
            + f", {_('from {day}').format(day=day(stake.known_on))}"
        )
        lines.append(_line(stake.key, label, fields, removable=True))
    given = {stake.quantity for stake in stakes}
    for quantity in _blank(seat, text, given):
        fields = _fields(None, f"new-{quantity}", quantity, tables, since)
        if quantity in ("leverage", "restitution"):
            parties = [Choice(value=p.id, label=p.name) for p in case.parties if p.role == "principal"]
            towards_field = Field(
                name=f"new-{quantity}.towards", label=_("Towards"), sort="select",
                choices=[Choice(value="", label=_("all")), *parties],
            )  # fmt: skip
            fields.insert(1, towards_field)
        again = quantity in given
        label = (
            _("{quantity}: from another day").format(quantity=_(ASKS[quantity]))
            if again
            else _(ASKS[quantity])
        )
        needed = quantity in _needed(seat, text) and not again
        lines.append(_line(f"new-{quantity}", label, fields, missing=needed, again=again))
    return lines


def _line(
    name: str,
    label: str,
    fields: Sequence[Field],
    *,
    missing: bool = False,
    removable: bool = False,
    again: bool = False,
) -> StakeLine:
    was = {one.name: one.value for one in fields} if removable else {}
    return StakeLine(
        id=name, label=label, missing=missing, fields=fields, removable=removable, again=again, was=was
    )


def _blank(seat: _Seat, text: Text | None, given: set[str]) -> list[str]:
    """The quantities that can be added: those not given first."""
    if text is not None:
        can: tuple[str, ...] = (
            OF_GUARANTOR if seat.id in text.guarantors and not given & set(OF_TEXT) else OF_TEXT
        )
    else:
        can = OF_SPOILER if seat.spoiler else (*OF_GUARANTOR, *OF_THIRD)
    return sorted(can, key=lambda name: name in given)


def _text_of(case: Case, view: View) -> Text | None:
    """The text that the address names: "any" is whatever the text; else the last one tabled."""
    asked = view.more.get("text", "")
    if asked == "any" or not case.texts:
        return None
    return next((t for t in case.texts if t.id == asked), max(case.texts, key=lambda t: t.tabled_on))


def _seat(case: Case, who: str) -> _Seat:
    found = next((seat for seat in _seats(case) if who in seat.ids), None)
    if found is None:
        raise NotFoundError(_('nobody is called "{who}"').format(who=who))
    return found


def _form(case: Case, tables: Tables, view: View, text: Text | None, tried: Tried | None) -> StakeForm:
    seat = _seat(case, view.more["who"])
    again = tried if tried and tried.what == "stakes" else None
    values, faults = (again.values, again.faults) if again else ({}, {})
    lines = [
        StakeLine(
            id=line.id, label=line.label, missing=line.missing, removable=line.removable, again=line.again,
            fields=[filled(one, values, faults) for one in line.fields],
            was={name: values.get(f"was.{name}", value) for name, value in line.was.items()},
        )
        for line in _lines(case, seat, text, tables)
    ]  # fmt: skip
    return StakeForm(
        who=seat.id,
        name=seat.name,
        text=text.id if text else "any",
        title=text.title if text else _("whatever the text"),
        lines=lines,
        faults=again.general if again else (),
    )


def stakes_shown(case: Case, tables: Tables, view: View, on: date, tried: Tried | None) -> StakesShown:
    """Collect what is at stake before the text that the address names, and the form of ?who=."""
    text = _text_of(case, view)
    rows = _deciding(case, text, on) if text else []
    third = _third(case, text, on)
    asked = "any" if view.more.get("text") == "any" else (text.id if text else "")
    return StakesShown(
        texts=[Choice(value=one.id, label=one.title) for one in case.texts],
        text=asked,
        title=text.title if text else _("whatever the text"),
        heads=[_(ASKS[name]) for name in OF_TEXT],
        rows=rows,
        third=third,
        missing=sum(cell.missing for row in (*rows, *third) for cell in row.cells),
        form=_form(case, tables, view, text, tried) if "who" in view.more else None,
    )


def stakes_rows(
    case: Case, view: View, values: Mapping[str, str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Give the changes that a filled grid asks for, and the cells of the rows that they touch.

    Each field that was shown has its value as it was under the same name with "was." before it.
    """
    text, seat = _text_of(case, view), _seat(case, view.more.get("who", ""))
    typed = _by_line(values)
    known = {stake.key: stake for stake in case.stakes}
    rows: list[dict[str, Any]] = []
    seen: dict[str, Any] = {}
    for line, cells in typed.items():
        was = {name: values.get(f"was.{line}.{name}", "") for name in TOLD}
        changed = {name: cells[name] for name in TOLD if name in cells and cells[name] != was[name]}
        if line.startswith("new-"):
            if cells.get("word"):
                rows.append(_added(case, seat, text, line.removeprefix("new-"), cells))
        elif cells.get("remove"):
            rows.append({"op": "remove_stake", "target": line})
        elif changed and line in known:
            rows.append({"op": "set_stake", "target": line, "value": changed})
            seen[f"stakes.csv/{line}"] = {name: was[name] for name in changed}
    return rows, seen


def _by_line(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    lines: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        line, dot, field = name.partition(".")
        if dot and line != "was":
            lines.setdefault(line, {})[field] = value
    return lines


def _added(
    case: Case, seat: _Seat, text: Text | None, quantity: str, cells: Mapping[str, str]
) -> dict[str, Any]:
    names = Counter(stake.actor for stake in case.stakes if stake.actor in seat.ids)
    value = {
        "key": fresh_key(stake.key for stake in case.stakes),
        "actor": names.most_common(1)[0][0] if names else seat.id,
        "text": text.id if text else "",
        "quantity": quantity,
        **{name: cells.get(name, "") for name in (*TOLD, "towards")},
    }
    return {"op": "add_stake", "value": value}
