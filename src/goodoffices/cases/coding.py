"""How a library case was coded: chronologies, expected directions, and the record of later changes.

The first coding is fixed by its hash.  `CHANGES.csv` lists every later change of a fact or stake;
taking the listed changes back must give the first coding again, bit for bit.
"""

import json
from pathlib import Path
from typing import Any

from goodoffices.cases.canonical import canonical, case_content, digest
from goodoffices.cases.changes import from_rows
from goodoffices.cases.files import Records, read_text
from goodoffices.cases.folder import read_toml
from goodoffices.cases.places import Place
from goodoffices.domain.case import Case, Change
from goodoffices.domain.coding import MEASURES, Coding, Direction
from goodoffices.errors import CaseError, Fault
from goodoffices.words import _

__all__ = ["coding_faults", "first_hash", "read_coding", "taken_back"]

_TABLES = {
    "facts": "id",
    "stakes": "key",
    "alternatives": "key",
    "texts": "key",
    "decision_makers": "key",
}


def _fault(field: str, found: str, fix: str) -> CaseError:
    return CaseError([Fault(file="coding.toml", field=field, found=found, fix=fix)])


def _direction(row: dict[str, Any]) -> Direction:
    known = Direction.__dataclass_fields__
    given = {name: _text(value) for name, value in row.items() if name in known}
    try:
        made = Direction(**given)
    except TypeError as error:
        raise _fault(
            f"directions {row.get('id', '?')}", str(error), _("give every field of a direction")
        ) from None
    if made.measure not in MEASURES or made.relation not in ("higher", "lower"):
        fix = _("use a measure of ") + ", ".join(MEASURES) + _(" and higher or lower")
        raise _fault(f"directions {made.id}", f"{made.measure}, {made.relation}", fix)
    return made


def _text(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else str(value)


def read_coding(folder: Path | Place) -> Coding | None:
    """Read how a case was coded, or None if it does not say.

    Raises
    ------
    CaseError
        If `coding.toml` does not fit.
    """
    given = read_toml(folder, "coding.toml", needed=False)
    if given is None:
        return None
    return Coding(
        inclusion_rule=given.get("inclusion_rule", ""),
        chronologies=tuple(given.get("chronologies", [])),
        directions=tuple(_direction(row) for row in given.get("directions", [])),
        first_coding=given.get("first_coding", ""),
    )


def _changes(folder: Path | Place) -> list[dict[str, str]]:
    text = read_text(folder, "CHANGES.csv", needed=False)
    return [row for _number, row in Records("CHANGES.csv", text).rows()] if text else []


def _undo(content: dict[str, Any], change: dict[str, str]) -> None:
    """Take one change back; its key is `table:key:field`, or `table:key` for a whole row."""
    table, _colon, rest = change["key"].partition(":")
    key, _colon, name = rest.partition(":")
    rows = content[table]
    if not name:
        rows[:] = [row for row in rows if row[_TABLES[table]] != key]
        if change["old"]:
            rows.append(json.loads(change["old"]))
            rows.sort(key=lambda row: canonical(row[_TABLES[table]]))
        return
    row = next(row for row in rows if row[_TABLES[table]] == key)
    row[name] = json.loads(change["old"])


def first_hash(folder: Path | Place, case: Case) -> str:
    """Give the hash of the first coding: the content with every listed change taken back."""
    content: dict[str, Any] = json.loads(canonical(case_content(case)))
    for change in reversed(_changes(folder)):
        _undo(content, change)
    return digest(content)


def taken_back(folder: Path | Place) -> tuple[Change, ...]:
    """Give the changes that lead from a case back to its first coding, latest first.

    An actor added later needs none: it bears on nothing once its facts are off.
    """
    listed = [_taken_back(row) for row in reversed(_changes(folder))]
    return tuple(change for change in listed if change)


def _taken_back(row: dict[str, str]) -> Change | None:
    table, key, name = (*row["key"].split(":", 2), "")[:3]
    if table == "decision_makers":
        return None
    made = {"id": f"first:{row['key']}", "target": key}
    if table == "facts" and not name:
        return from_rows([{**made, "op": "switch_off_fact"}])[0]
    op = {"facts": "replace_fact", "stakes": "set_stake"}[table]
    return from_rows([{**made, "op": op, "value": {name: json.loads(row["old"])}}])[0]


def coding_faults(folder: Path | Place, case: Case, *, curated: bool) -> list[Fault]:
    """Give what is wrong with the record of the coding."""
    try:
        coding = read_coding(folder)
        if coding is None:
            fix = _("say how the case was coded")
            return [Fault(file="coding.toml", found=_("no such file"), fix=fix)] if curated else []
        faults = []
        if len(coding.chronologies) < 2 and curated:
            faults.append(
                Fault(
                    file="coding.toml",
                    field="chronologies",
                    found=str(len(coding.chronologies)),
                    fix=_("name two, from different sides"),
                )
            )
        if coding.first_coding and first_hash(folder, case) != coding.first_coding:
            fix = _("list every change since the first coding, with its source, in CHANGES.csv")
            faults.append(
                Fault(
                    file="CHANGES.csv",
                    found=_("a case that its listed changes do not explain"),
                    fix=fix,
                )
            )
    except CaseError as error:
        return list(error.faults)
    except (KeyError, StopIteration, ValueError) as error:
        return [
            Fault(
                file="CHANGES.csv",
                found=_("a row that cannot be taken back ({error})").format(error=error),
                fix=_("write table:key:field, old, new as JSON"),
            )
        ]
    return faults
