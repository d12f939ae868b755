"""Tables whose columns are declared: by the source, and by a mapping of the user on top."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from goodoffices.domain.events import COLUMNS, Layout
from goodoffices.errors import UsageError
from goodoffices.sources.looking import checked, column, first_lines, header, named, text_table
from goodoffices.words import _

__all__ = ["NEEDED", "Declared", "declared_layout", "table_columns"]

NEEDED = ("happened_on", "actor", "target", "code")
SETTINGS = ("known", "codes", "actors", "delimiter", "dates")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a source declares of a table before the user's mapping is laid over it.

    `known` is an expression, or "known_on" for the column that the mapping gives.
    """

    columns: Mapping[str, str]
    codes: str
    actors: str
    known: str
    known_says: str


def _is_parquet(where: str) -> bool:
    return named(where).endswith((".parquet", ".pq"))


def _delimiter(where: str, mapping: Mapping[str, str] | None = None) -> str:
    given = (mapping or {}).get("delimiter", "")
    if given:
        return {"tab": "\t", "\\t": "\t"}.get(given, given)
    line = next(iter(first_lines(where, 1)), "")
    return max("\t,;|", key=line.count) if line else ","


def table_columns(where: str, mapping: Mapping[str, str] | None = None) -> list[str]:
    """Give the names of the columns of a table, CSV or Parquet; none, if it cannot be read."""
    if not _is_parquet(where):
        return header(where, _delimiter(where, mapping))
    try:
        return list(pq.read_schema(where).names)
    except (OSError, ValueError):
        return []


def _columns(declared: Declared, mapping: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(mapping) - set(COLUMNS) - set(SETTINGS))
    if unknown:
        said = _('mapping: no column "{name}" in the store; it has {columns}')
        raise UsageError(said.format(name=unknown[0], columns=", ".join(COLUMNS)))
    return {**declared.columns, **{name: mapping[name] for name in COLUMNS if name in mapping}}


def _expressions(columns: Mapping[str, str], *, parquet: bool) -> dict[str, str]:
    found = {name: column(of) for name, of in columns.items()}
    if parquet:
        found = {name: f"try_cast({of} AS {COLUMNS[name]})" for name, of in found.items()}
    return found


def declared_layout(where: str, declared: Declared, mapping: Mapping[str, str] | None = None) -> Layout:
    """Lay the user's mapping over what a source declares, and say how the table is read.

    Raises
    ------
    UsageError
        If the table lacks a column, or the mapping names one that the store does not have.
    """
    given = dict(mapping or {})
    columns = _columns(declared, given)
    parquet = _is_parquet(where)
    checked(where, table_columns(where, given), columns.values())
    types = {columns[name]: COLUMNS[name] for name in columns if COLUMNS[name] != "VARCHAR"}
    options: dict[str, Any] = {"columns": [*dict.fromkeys(columns.values())]}
    if not parquet:
        dates = {"dateformat": given["dates"]} if "dates" in given else {}
        options = text_table(where, types, _delimiter(where, given), **dates)
    select = _expressions(columns, parquet=parquet)
    own_known = select.pop("known_on", "")
    return Layout(
        reader="parquet" if parquet else "csv",
        options=options,
        select=select,
        key=("event_id",) if "event_id" in columns else (),
        known=own_known if declared.known == "known_on" else declared.known,
        known_says=declared.known_says,
        codes=given.get("codes", declared.codes),
        actors=given.get("actors", declared.actors),
    )
