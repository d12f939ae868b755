"""Changes as text: one JSON line each, so that a list of them can be kept, mailed and replayed."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from goodoffices.cases import schema
from goodoffices.cases.files import read_text
from goodoffices.cases.folder import sentence
from goodoffices.cases.tables import scales
from goodoffices.domain.case import OPERATIONS, Case, Change
from goodoffices.domain.evidence import Fact, Rating
from goodoffices.domain.readings import plain
from goodoffices.domain.texts import PROVISIONS, Provision
from goodoffices.errors import CaseError, Fault
from goodoffices.words import _

__all__ = ["change_line", "check_defaults", "from_rows", "read_changes"]

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


def _fact(row: dict[str, Any]) -> Fact:
    given = schema.FactRow.model_validate({**row, **{n: _cell(row[n]) for n in row}})
    known = given.known_on or given.happened_on
    plainly = given.model_dump(exclude={"known_on", "public_on"})
    assumed = given.known_on is None
    return Fact(**plainly, known_on=known, public_on=given.public_on or known, known_on_assumed=assumed)


def _cell(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else value


def _replacement(row: dict[str, Any]) -> dict[str, Any]:
    known = schema.FactRow.model_fields
    unknown = [name for name in row if name not in known or name not in _REPLACEABLE]
    if unknown:
        raise ValueError(_("replace only columns of evidence.csv; not ") + ", ".join(unknown))
    base = {"id": "zzzz", "happened_on": "2000", "actor": "x", "kind": "threat"}
    checked = schema.FactRow.model_validate({**base, **{n: _cell(v) for n, v in row.items()}})
    return {name: getattr(checked, name) for name in row}


def _provision(row: dict[str, Any]) -> Provision:
    flat = {**{k: v for k, v in row.items() if k != "words"}, **row.get("words", {})}
    given = schema.ProvisionRow.model_validate(flat)
    words = {name: getattr(given, name) for name in PROVISIONS[given.type]}
    names = {"key", "id", "type", "known_on", "by", "to", "form", "steps"}
    return Provision(**given.model_dump(include=names), words=words)


def _rating(row: dict[str, Any]) -> Rating:
    given = schema.RatingRow.model_validate(row)
    return Rating(**given.model_dump(exclude={"known_on"}), known_on=given.known_on or given.rated_on)


def _stake(row: dict[str, Any]) -> dict[str, str]:
    words = [word for scale in ("outcome", "share") for word in scales()[scale]]
    for name, value in row.items():
        if name not in ("word", "low", "high") or (value not in words and value != ""):
            raise ValueError(_("set word, low or high to a word of the scales: ") + ", ".join(words))
    return dict(row)


def _number(value: Any) -> float:
    return TypeAdapter(float).validate_python(value)


_VALUES = {
    "add_fact": _fact,
    "replace_fact": _replacement,
    "switch_off_fact": lambda value: value,
    "set_stake": _stake,
    "set_provision": _provision,
    "remove_provision": lambda value: value,
    "set_default": _number,
    "add_rating": _rating,
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
        value = _VALUES[given.op](given.value)
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


def check_defaults(case: Case, known: set[str]) -> None:
    """Refuse a default that the model does not have.

    Raises
    ------
    CaseError
        With the names that there are.
    """
    for name in case.defaults:
        if name not in known:
            fix = _("use one of ") + ", ".join(sorted(known))
            raise CaseError([Fault(file="changes", field="target", found=f'"{name}"', fix=fix)])
