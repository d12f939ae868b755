"""How the records of a case stand in its files: which file, which key, which cells.

`SHEETS` lists every sort of row.  `cells` and `record` are inverse to one another; `composed` writes
a changed record into the cells that were there and leaves alone what has not changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from goodoffices.cases import schema
from goodoffices.cases.folder import alternative_of, fact_of, rating_of, text_of
from goodoffices.domain.actors import DecisionMaker, Link, Party, Spoiler
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Comment, Fact, Switched
from goodoffices.domain.texts import Provision, Stake, Text

__all__ = ["SHEETS", "Cells", "Sort", "composed", "fact_cells"]

Cells = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """One sort of row: where it is kept, and how a record becomes cells and cells a record."""

    file: str
    prefix: str  # of the keys of its rows: "parties/"
    key: str  # the column that names a row
    model: type[BaseModel]
    rows: Callable[[Case], tuple[Any, ...]]
    name: Callable[[Any], str]
    cells: Callable[[Any], Cells]
    make: Callable[[Any, Case], Any]

    def record(self, cells: Cells, case: Case) -> Any:
        """Give the record that cells stand for."""
        return self.make(self.model.model_validate(_nested(cells)), case)


def _nested(cells: Cells) -> Cells:
    """Gather the provisions of a text, which stand among its cells, into a list."""
    inner = [cell for name, cell in cells.items() if name.startswith("provisions.")]
    own = {name: cell for name, cell in cells.items() if not name.startswith("provisions.")}
    return {**own, "provisions": inner} if inner else own


def composed(sort: Sort, now: Cells, old: Any, new: Any, case: Case) -> Cells:
    """Write a changed record into the cells that stand for the old one.

    A cell that says nothing may follow another one, as an empty `known_on` follows `happened_on`;
    it is written out where the new record asks for it.
    """
    was, wanted = sort.cells(old), sort.cells(new)
    cells = _over(now, was, wanted)
    try:
        found = sort.record(cells, case)
    except ValidationError:  # the check of the whole case will say what is wrong, and in which row
        return cells
    return cells if found == new else _over(cells, sort.cells(found), wanted)


def _over(cells: Cells, was: Cells, wanted: Cells) -> Cells:
    """Give the cells with what differs between two others; provisions stand in the wanted order."""
    differing = [name for name in {**was, **wanted} if was.get(name) != wanted.get(name)]
    kept = {name: cell for name, cell in cells.items() if name not in differing or name in wanted}
    new = {**kept, **{name: wanted[name] for name in differing if name in wanted}}
    inner = [name for name in wanted if name.startswith("provisions.") and name in new]
    return {**{name: cell for name, cell in new.items() if name not in inner}, **{n: new[n] for n in inner}}


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={_number(number)}" for name, number in value.items())
    return _number(value) if isinstance(value, float) else str(value)


def _sheet_cells(row: Any) -> Cells:
    return {item.name: _cell(getattr(row, item.name)) for item in fields(row)}


def fact_cells(fact: Fact) -> dict[str, str]:
    """Give the cells of one fact as `evidence.csv` holds them."""
    cells = _sheet_cells(fact)
    del cells["known_on_assumed"]
    known = "" if fact.known_on_assumed else cells["known_on"]
    return {**cells, "verified": "yes" if fact.verified else "no", "known_on": known}


def _alternative_cells(row: Any) -> Cells:
    cells = _sheet_cells(row)
    key = cells.pop("key")
    return {**cells, "alternative": key}


def _off_cells(row: Switched) -> Cells:
    return {name: cell for name, cell in _sheet_cells(row).items() if name != "place"}


def _table_cells(row: Any, **needed: Any) -> Cells:
    """Give the cells of a table of case.toml; empty ones are left out, as people leave them out."""
    given = {item.name: getattr(row, item.name) for item in fields(row)}
    named = {{"start": "from", "end": "to"}.get(name, name): value for name, value in given.items()}
    plain = {name: _toml(value) for name, value in named.items()}
    return {name: value for name, value in plain.items() if name in needed or value not in ("", None, [])}


def _toml(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def _provision_cells(row: Provision) -> Cells:
    cells = _table_cells(row)
    words = cells.pop("words")
    if row.type != "phasing" and row.steps == 1:
        del cells["steps"]
    return {**cells, **words}


def _text_cells(row: Text) -> Cells:
    cells = _table_cells(row, binds=True)
    cells.pop("provisions", None)
    if row.pressure == "none":
        del cells["pressure"]
    return {**cells, **{f"provisions.{item.key}": _provision_cells(item) for item in row.provisions}}


def _text_record(cells: Any, case: Case) -> Any:
    del case
    return text_of(cells)


def _like(make: type) -> Callable[[Any, Case], Any]:
    """Make a record that has the fields of its row."""
    return lambda row, _case: make(**row.model_dump())


def _key(row: Any) -> str:
    return str(row.key)


def _sheet(file: str, key: str, **given: Any) -> Sort:
    return Sort(file=file, prefix="", key=key, **{"name": _key, "cells": _sheet_cells, **given})


def _table(field: str, model: type[BaseModel], make: Any, cells: Any = _table_cells) -> Sort:
    return Sort(
        file="case.toml", prefix=f"{field}/", key="key", model=model, make=make, cells=cells, name=_key,
        rows=lambda case: tuple(getattr(case, field)),
    )  # fmt: skip


def _switched(row: Any, case: Case) -> Switched:
    place = next((n for n, fact in enumerate(case.declared()) if fact.id == row.fact), 0)
    return Switched(**row.model_dump(), place=place)


SHEETS: tuple[Sort, ...] = (
    _table("parties", schema.PartyRow, _like(Party)),
    _table("decision_makers", schema.DecisionMakerRow, _like(DecisionMaker)),
    _table("spoilers", schema.SpoilerRow, _like(Spoiler)),
    _table("links", schema.LinkRow, _like(Link)),
    _table("texts", schema.TextRow, _text_record, _text_cells),
    _sheet(
        "stakes.csv", "key", model=schema.StakeRow, make=_like(Stake), rows=lambda case: case.stakes,
    ),
    _sheet(
        "evidence.csv", "id", model=schema.FactRow, make=lambda row, _case: fact_of(row),
        rows=Case.declared, name=lambda row: row.id, cells=fact_cells,
    ),
    _sheet(
        "disputes.csv", "alternative", model=schema.AlternativeRow, rows=lambda case: case.alternatives,
        make=lambda row, case: alternative_of(row, {fact.id: fact for fact in case.declared()}),
        cells=_alternative_cells,
    ),
    _sheet(
        "ratings.csv", "key", model=schema.RatingRow, make=lambda row, _case: rating_of(row),
        rows=lambda case: case.ratings,
    ),
    _sheet(
        "off.csv", "fact", model=schema.OffRow, make=_switched, rows=lambda case: case.switched,
        name=lambda row: row.fact, cells=_off_cells,
    ),
    _sheet(
        "comments.csv", "key", model=schema.CommentRow, make=_like(Comment), rows=lambda case: case.comments,
    ),
)  # fmt: skip
