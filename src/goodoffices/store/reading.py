"""From a layout to the question that DuckDB answers: which rows a file holds, and which it rejects."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from goodoffices.domain.events import COLUMNS, Layout
from goodoffices.store.safe import literal
from goodoffices.words import _

__all__ = ["EARLIEST", "content", "key", "lost_zeros", "rejected_by_reader", "staging"]

EARLIEST = date(1800, 1, 1)  # no feed reaches back as far; before it, a year has lost or gained a digit
RAW = 2_000  # characters of a rejected line that are kept
CODE = re.compile(r"(0[1-9]|1\d|2[0-2])\d{0,2}")  # of CAMEO and WEIS
SHORT = re.compile(r"(1\d|20)")  # a root code, or a code of three digits that lost its zero: who knows


def _option(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in value.items()) + "}"
    return literal(value) if isinstance(value, str) else str(value)


def _csv(path: Path, options: Mapping[str, Any]) -> str:
    given = {**options, "store_rejects": True, "rejects_limit": 0}
    return f"read_csv({literal(path)}, {', '.join(f'{name}={_option(v)}' for name, v in given.items())})"


def _json(path: Path, options: Mapping[str, Any]) -> str:
    cells = ", ".join(
        f'try_cast(r->>{literal(name)} AS {kind}) AS "{name}"' for name, kind in options["columns"].items()
    )
    whole = f"read_json({literal(path)}, columns={{{literal(options['rows'])}: 'JSON[]'}})"
    return f'(SELECT {cells} FROM (SELECT unnest("{options["rows"]}") AS r FROM {whole}))'


def _from(path: Path, layout: Layout) -> str:
    if layout.reader == "csv":
        return _csv(path, layout.options)
    return _json(path, layout.options) if layout.reader == "json" else f"read_parquet({literal(path)})"


def _cells(layout: Layout) -> str:
    """Each column of the store under its own name and type; the stamp, where there is one."""
    given = {**layout.select, "known_on": layout.known or "NULL"}
    return ", ".join(f"({given.get(name, 'NULL')})::{kind} AS {name}" for name, kind in COLUMNS.items())


def _faults(layout: Layout, today: date, *, nul: bool) -> str:
    """The first thing that is wrong with a row, as `column|reason`; NULL where nothing is."""
    late, early = _("lies in the future"), _("lies before {year}").format(year=EARLIEST.year)
    rules = [
        ("happened_on IS NULL", "happened_on", _("no day that can be read")),
        (f"happened_on > DATE '{today}'", "happened_on", late),
        (f"happened_on < DATE '{EARLIEST}'", "happened_on", early),
        ("code IS NULL OR code = ''", "code", _("no code")),
        *((f"{name} IS NULL", name, _("no id")) for name in layout.key),
    ]
    if nul:
        rules.append((f"contains({_joined()}, chr(0))", "", _("a NUL byte in the line")))
    cases = " ".join(f"WHEN {test} THEN {literal(f'{where}|{why}')}" for test, where, why in rules)
    return f"CASE {cases} END"


def _joined() -> str:
    return f"concat_ws(chr(9), {', '.join(COLUMNS)})"


def staging(path: Path, layout: Layout, file: int, today: date, *, nul: bool) -> str:
    """Give the question whose answer is every row that the reader can read, with its fault if any."""
    where = f" WHERE {layout.where}" if layout.where else ""
    kept = ", ".join(name for name in COLUMNS if name not in {"known_on", "happened_on", "event_id"})
    return (
        f"SELECT {file}::INTEGER AS file, NULL::BIGINT AS line, event_id, happened_on, "
        f"greatest(coalesce(known_on, happened_on), happened_on) AS known_on, {kept}, "
        f"known_on IS NULL AS known_assumed, {_faults(layout, today, nul=nul)} AS fault "
        f"FROM (SELECT {_cells(layout)} FROM {_from(path, layout)}{where})"
    )


def rejected_by_reader() -> str:
    """Give the question for the lines that the reader refused, one row a line."""
    order = "ORDER BY error_type = 'CAST', column_idx"  # a line of the wrong length first says that
    return (
        f"SELECT line::BIGINT AS line, coalesce(first(column_name {order}), '') AS \"column\", "
        f"left(first(error_message {order}), 300) AS reason, "
        f"left(ltrim(first(csv_line {order}), chr(10) || chr(13)), {RAW}) AS raw "
        "FROM reject_errors GROUP BY line"
    )


def content() -> str:
    """Give the hash by which two rows are the same report; the day it was known is no part of it."""
    return f"hash({', '.join(name for name in COLUMNS if name != 'known_on')})"


def key(layout: Layout) -> str:
    """Give the hash by which two rows are versions of one another."""
    return f"hash({', '.join(layout.key)})" if layout.key else content()


def lost_zeros(codes: Iterable[str]) -> list[str]:
    """Give the codes of a file that lost their leading zero, as spreadsheets do to them.

    "43" can be nothing but 043. "10" may be a root code; it is doubted only where others were lost.
    """
    there = [code for code in codes if code and code.isdigit()]
    lost = [code for code in there if not CODE.fullmatch(code) and CODE.fullmatch(f"0{code}")]
    return [*lost, *(code for code in there if SHORT.fullmatch(code))] if lost else []
