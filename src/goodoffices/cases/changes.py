"""Changes as text: one JSON line each, so that a list of them can be kept, mailed and replayed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat, TypeAdapter, ValidationError

from goodoffices.cases import schema
from goodoffices.cases.bounds import bound_faults
from goodoffices.cases.files import read_text
from goodoffices.cases.folder import alternative_of, fact_of, provision_of, rating_of, sentence, text_of
from goodoffices.cases.tables import scales, tables
from goodoffices.domain.actors import DecisionMaker, Link, Party, Spoiler
from goodoffices.domain.case import OPERATIONS, Case, Change
from goodoffices.domain.changes import HEAD
from goodoffices.domain.evidence import Alternative, Comment, Fact, Rating
from goodoffices.domain.readings import plain
from goodoffices.domain.texts import Provision, Stake, Text
from goodoffices.errors import CaseError, Fault
from goodoffices.words import _

__all__ = ["change_line", "check_defaults", "from_rows", "read_changes"]

_TOLD = ("rationale", "source", "url", "known_on")  # what a stake is told by, beside its words
_REPLACEABLE = set(Fact.__dataclass_fields__) - {"id", "known_on_assumed"}


class ChangeRow(BaseModel):
    """One line of a file of changes."""

    model_config = ConfigDict(extra="forbid")
    id: str
    op: str
    target: str = ""
    value: Any = None
    author: str = ""
    at: str = ""
    reason: str = ""


def _cell(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else value


def _fact(row: dict[str, Any]) -> Fact:
    given = {name: _cell(value) for name, value in row.items() if name != "known_on_assumed"}
    if row.get("known_on_assumed"):
        given["known_on"] = ""
    return fact_of(schema.FactRow.model_validate(given))


def _replacement(row: dict[str, Any]) -> dict[str, Any]:
    known = schema.FactRow.model_fields
    unknown = [name for name in row if name not in known or name not in _REPLACEABLE]
    if unknown:
        raise ValueError(_("replace only columns of evidence.csv; not ") + ", ".join(unknown))
    base = {"id": "zzzz", "happened_on": "2000", "actor": "x", "kind": "threat"}
    checked = schema.FactRow.model_validate({**base, **{n: _cell(v) for n, v in row.items()}})
    return {name: getattr(checked, name) for name in row}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in row.items() if k != "words"}, **row.get("words", {})}


def _provision(row: dict[str, Any]) -> Provision:
    return provision_of(schema.ProvisionRow.model_validate(_flat(row)))


def _text(row: dict[str, Any]) -> Text:
    provisions = [_flat(item) for item in row.get("provisions", [])]
    return text_of(schema.TextRow.model_validate({**row, "provisions": provisions}))


def _rating(row: dict[str, Any]) -> Rating:
    return rating_of(schema.RatingRow.model_validate(row))


def _alternative(row: dict[str, Any]) -> Alternative:
    named = {("alternative" if name == "key" else name): value for name, value in row.items()}
    given = schema.AlternativeRow.model_validate(named)
    if given.known_on is None:
        raise ValueError(_("give known_on: the day from which this reading could be known"))
    return alternative_of(given, {})


def _stake(row: dict[str, Any]) -> dict[str, Any]:
    words = [word for scale in ("outcome", "share") for word in scales()[scale]]
    for name, value in row.items():
        if name in _TOLD:
            continue
        if name not in ("word", "low", "high") or (value not in words and value != ""):
            raise ValueError(_("set word, low or high to a word of the scales: ") + ", ".join(words))
    base = {"key": "zzzz", "actor": "x", "quantity": "kept", "word": "gain", "rationale": ""}
    told = {name: value for name, value in row.items() if name in _TOLD}
    checked = schema.StakeRow.model_validate({**base, "known_on": "2000", **told})
    return {name: getattr(checked, name) if name in _TOLD else value for name, value in row.items()}


def _plainly(model: type[BaseModel], make: Callable[..., Any]) -> Callable[[dict[str, Any]], Any]:
    """Read a value whose row and record have the same fields."""
    return lambda row: make(**model.model_validate(row).model_dump())


def _head(row: dict[str, Any]) -> dict[str, Any]:
    named = {{"from": "start", "to": "end"}.get(name, name): value for name, value in row.items()}
    unknown = [name for name in named if name not in HEAD]
    if unknown:
        raise ValueError(_("set only {known}; not ").format(known=", ".join(HEAD)) + ", ".join(unknown))
    base = {"format": 1, "key": "zzzz", "id": "x", "title": "", "start": "2000", "end": "2000"}
    checked = schema.CaseFile.model_validate({**base, "parties": [], "decision_makers": [], **named})
    return {name: getattr(checked, name) for name in named}


def _number(value: Any) -> float | None:
    return None if value is None else TypeAdapter(FiniteFloat).validate_python(value)


def _nothing(value: Any) -> Any:
    if value not in (None, "", {}):
        raise ValueError(_("give no value: the target says it all"))
    return None


_VALUES: dict[str, Callable[[Any], Any]] = {
    "add_fact": _fact,
    "replace_fact": _replacement,
    "switch_off_fact": lambda value: value,
    "set_stake": _stake,
    "set_provision": _provision,
    "remove_provision": lambda value: value,
    "set_default": _number,
    "add_rating": _rating,
    "add_alternative": _alternative,
    "set_case": _head,
    "add_stake": _plainly(schema.StakeRow, Stake),
    "comment": _plainly(schema.CommentRow, Comment),
    "put_party": _plainly(schema.PartyRow, Party),
    "put_decision_maker": _plainly(schema.DecisionMakerRow, DecisionMaker),
    "put_spoiler": _plainly(schema.SpoilerRow, Spoiler),
    "put_link": _plainly(schema.LinkRow, Link),
    "put_text": _text,
}


def _change(file: str, row: int, line: str) -> Change:
    def fault(field: str | None, found: str, fix: str) -> CaseError:
        return CaseError([Fault(file=file, row=row, field=field, found=found, fix=fix)])

    try:
        given = ChangeRow.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or None
        raise fault(field, _("a line that does not fit"), sentence(first)) from None
    if given.op not in OPERATIONS:
        raise fault("op", f'"{given.op}"', _("use one of ") + ", ".join(OPERATIONS))
    try:
        read = _VALUES.get(given.op, _nothing)
        value = read(given.value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise fault(
            "value " + ".".join(map(str, first["loc"])), repr(first["input"])[:60], sentence(first)
        ) from None
    except (ValueError, TypeError, AttributeError) as error:
        raise fault("value", repr(given.value)[:60], str(error)) from None
    return Change(**{**given.model_dump(), "value": value})


def read_changes(path: Path) -> list[Change]:
    """Read a file of changes.

    Raises
    ------
    CaseError
        At the first line that does not fit, with its number and what would be right.
    """
    text = read_text(path.parent, path.name) or ""
    numbered = enumerate(text.splitlines(), start=1)
    return [_change(path.name, row, line) for row, line in numbered if line.strip()]


def from_rows(rows: list[dict[str, Any]]) -> list[Change]:
    """Read changes that a saved result carries."""
    return [_change("changes", number, json.dumps(row)) for number, row in enumerate(rows, start=1)]


def change_line(change: Change) -> str:
    """Write one change as one line of JSON."""
    return json.dumps(plain(change), ensure_ascii=False, sort_keys=True)


def check_defaults(case: Case) -> None:
    """Refuse a default that the model does not have, or that is set to what means nothing.

    Raises
    ------
    CaseError
        With the names that there are, or the numbers that mean something.
    """
    faults = bound_faults(case.defaults, tables().defaults, "changes")
    if faults:
        raise CaseError(faults)
