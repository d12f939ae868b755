"""Forms over the rows of a case: fields with their words, what was typed, and what is wrong with it.

A form carries the cells of its row as it showed them.  Only fields that differ from those are sent on
as a change, so that two people who work on different fields of one row do not undo one another.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from goodoffices.domain.actors import DecisionMaker
from goodoffices.domain.case import Case
from goodoffices.domain.tables import Level
from goodoffices.errors import CaseError, Fault, GoodOfficesError
from goodoffices.words import _

__all__ = [
    "Choice", "Field", "Form", "Group", "Tried", "actors", "differing", "filled", "form_of", "now", "offices",
    "people", "said", "seen_of", "told", "tried_of", "typed", "words_of",
]  # fmt: skip

Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be chosen: its value, how it is called, and under which heading it stands."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form.

    Attributes
    ----------
    sort
        "text", "day", "area", "url", "number", "select" (one of the choices), "ticks" (any of them) or
        "kind" (of the codebook).
    value
        What stands in it; several ids are split by spaces.
    fault
        What is wrong with what was typed, as a half-sentence.
    """

    name: str
    label: str
    sort: str = "text"
    value: str = ""
    choices: Sequence[Choice] = ()
    help: str = ""
    fault: str = ""
    wide: bool = False
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that belong together; `folded` ones are shown on a click."""

    title: str
    fields: Sequence[Field]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form.

    Attributes
    ----------
    what
        What it does, which is where it is sent.
    row
        The row that it changes, as "FILE/KEY"; empty for a new one.
    seen
        The cells of that row as they were when it was shown, as JSON.
    faults
        What is wrong and belongs to no field.
    """

    what: str
    row: str
    seen: str
    title: str
    groups: Sequence[Group]
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A form that was sent and did not fit: which, what was typed, and what is wrong with it."""

    what: str
    row: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    seen: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    general: Sequence[str] = ()


# -- what can be chosen ---------------------------------------------------------------------------


def said(word: str) -> str:
    """A word of the formats as people say it."""
    return _(word.replace("_", " "))


def words_of(levels: Mapping[str, Level], *, nothing: str = "") -> list[Choice]:
    """The words of a scale, each with what it is anchored by; `nothing` is what no word means."""
    first = [Choice(value="", label=nothing)] if nothing else []
    return first + [Choice(value=w, label=f"{said(w)} – {_(level.anchor)}") for w, level in levels.items()]


def _named(rows: Iterable[Any], group: str) -> list[Choice]:
    return [Choice(value=row.id, label=row.name, group=group) for row in rows]


def offices(case: Case) -> list[Choice]:
    """The offices of a case, told by who has held them."""
    held: dict[str, list[DecisionMaker]] = {}
    for dm in case.decision_makers:
        held.setdefault(dm.office, []).append(dm)
    return [
        Choice(
            value=office,
            label=f"{office.replace('-', ' ')} ({', '.join(dm.name for dm in holders)})",
            group=_("Offices"),
        )
        for office, holders in held.items()
    ]


def people(case: Case) -> list[Choice]:
    """Those who decide."""
    return _named(case.decision_makers, _("People and bodies"))


def actors(case: Case) -> list[Choice]:
    """All who can act, but for spoilers."""
    return [*_named(case.parties, _("Parties")), *people(case)]


# -- a form with its row --------------------------------------------------------------------------


def filled(one: Field, values: Mapping[str, str], faults: Mapping[str, str]) -> Field:
    """Give a field with what stands in it; what is chosen stays among the choices."""
    value = values.get(one.name, one.value)
    known = {choice.value for choice in one.choices}
    picked = value.split() if one.sort == "ticks" else [value]
    lost = [Choice(value=name, label=name) for name in picked if name not in known]
    choices = [*one.choices, *lost] if one.sort in ("select", "ticks") else one.choices
    return replace(one, value=value, choices=choices, fault=faults.get(one.name, ""))


def shown(cells: Cells) -> dict[str, str]:
    """The cells of a row as a form shows them."""
    return {name: _text(value) for name, value in cells.items() if not isinstance(value, dict)}


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def form_of(
    what: str,
    title: str,
    groups: Sequence[Group],
    row: str = "",
    cells: Cells | None = None,
    tried: Tried | None = None,
) -> Form:
    """Fill a form from its row, or with what was typed into it before."""
    again = tried if tried and (tried.what, tried.row) == (what, row) else None
    values = again.values if again else shown(cells or {})
    faults = again.faults if again else {}
    made = [replace(group, fields=[filled(one, values, faults) for one in group.fields]) for group in groups]
    known = {one.name for group in made for one in group.fields}
    lost = [told for name, told in faults.items() if name not in known]
    opened = [replace(g, folded=g.folded and not any(one.fault for one in g.fields)) for g in made]
    return Form(
        what=what,
        row=row,
        seen=again.seen if again else json.dumps(dict(cells or {}), ensure_ascii=False, default=str),
        title=title,
        groups=opened,
        faults=[*(again.general if again else ()), *lost],
    )


# -- what was typed -------------------------------------------------------------------------------

_OWN = ("seen", "row", "why", "look", "looking")  # fields of the form itself


def typed(form: Any, several: Iterable[str] = ()) -> dict[str, str]:
    """What was typed into the fields of a form; where several can be ticked, all of them."""
    values = {name: str(value).strip() for name, value in form.items() if name not in _OWN}
    return {name: value.replace("\r\n", "\n") for name, value in values.items()} | {
        name: " ".join(map(str, form.getlist(name))) for name in several
    }


def seen_of(form: Any) -> dict[str, Any]:
    """The cells that a form showed."""
    try:
        found = json.loads(str(form.get("seen", "")) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def differing(values: Mapping[str, str], seen: Cells, several: Iterable[str] = ()) -> dict[str, Any]:
    """Give what was typed otherwise than it was shown; of `several`, a list."""
    many, was = set(several), shown(seen)

    def apart(name: str) -> bool:
        one, other = values[name], was.get(name, "")
        return set(one.split()) != set(other.split()) if name in many else one != other

    return {name: value.split() if name in many else value for name, value in values.items() if apart(name)}


def told(fault: Fault) -> str:
    """A fault beside its field, which says where it is."""
    return _("found {found}; {fix}").format(found=fault.found, fix=fault.fix)


def tried_of(
    what: str,
    form: Any,
    error: GoodOfficesError,
    several: Iterable[str] = (),
    place: Callable[[Fault], str] | None = None,
) -> Tried:
    """Keep a form that did not fit, with each fault at its field.

    Parameters
    ----------
    place
        Gives the field that a fault belongs to, where its own name does not say.
    """
    values = typed(form, several)
    faults: dict[str, str] = {}
    general: list[str] = []
    for fault in error.faults if isinstance(error, CaseError) else ():
        name = place(fault) if place else _field(fault, values)
        if name:
            faults.setdefault(name, told(fault))
        else:
            general.append(str(fault) if fault.file != "changes" else told(fault))
    if not isinstance(error, CaseError):
        general.append(str(error))
    return Tried(
        what=what,
        row=str(form.get("row", "")),
        values=values,
        seen=str(form.get("seen", "")),
        faults=faults,
        general=general,
    )


def _field(fault: Fault, values: Cells) -> str:
    """The field that a fault names: "value from", "texts peace binds"."""
    said = re.split(r"[ .]", fault.field or "")
    return next((name for name in reversed(said) if name in values), "")


def now() -> str:
    """Give the moment as the files write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
