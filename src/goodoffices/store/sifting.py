"""From all rows of one file to those that are new: faults out, duplicates out, versions in order.

Two rows are the same report where all their columns are equal. The same key with other content is a
later version: both are kept, and the older one is marked as superseded from the day on which the
newer one was known. Only partitions that can hold the same keys are looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from goodoffices.domain.events import COLUMNS, Layout
from goodoffices.store.quick import Passed
from goodoffices.store.reading import content, key
from goodoffices.store.safe import literal
from goodoffices.store.schema import PART_COLUMNS, part_rows

__all__ = ["Glance", "Sieve", "Sifted", "glanced", "sifted", "superseding"]

COMPRESSION = "FORMAT parquet, COMPRESSION zstd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """What rows of a file are held against.

    Attributes
    ----------
    others
        Questions for the rows that the store holds already and that may share a key with these.
    refused, blank
        The lines that the reader refused, and the empty ones; all others are rows, in their order.
    lost
        Codes that lost a leading zero.
    """

    layout: Layout
    today: date
    others: Sequence[str] = ()
    refused: Sequence[int] = ()
    blank: Sequence[int] = ()
    first_line: int = 1
    lost: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """How many rows stayed, and how many did not."""

    stored: int
    duplicates: int
    faulty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What is to be known of rows on their way in.

    Attributes
    ----------
    faults
        How many rows have a fault.
    first_id, last_id
        The least and the greatest id, compared as texts; None where there is none.
    days
        How many rows happened on each day; rows without a day, or with a fault, are in none.
    differ
        Whether it is known that all ids are there and none is there twice.
    """

    rows: int
    faults: int
    first_id: str | None
    last_id: str | None
    days: Mapping[date, int]
    codes: Sequence[str]
    differ: bool

    @property
    def edges(self) -> tuple[str | None, str | None, date | None, date | None]:
        """The first and the last id, and the first and the last day."""
        return self.first_id, self.last_id, min(self.days, default=None), max(self.days, default=None)


def glanced(connection: duckdb.DuckDBPyConnection, path: Path, passed: Passed | None = None) -> Glance:
    """Look at rows that were written; what was seen in passing is not looked for again."""
    read = part_rows([path])
    if passed is None:
        asked = f"SELECT count(*), min(event_id), max(event_id), count(fault) FROM {read}"
        rows, first, last, faults = connection.execute(asked).fetchall()[0]
    else:
        rows, first, last, faults = passed.rows, passed.first_id, passed.last_id, 0
    whole = "happened_on IS NOT NULL AND fault IS NULL"  # the year of a fault may be one that no calendar has
    days = f"SELECT happened_on, count(*) FROM {read} WHERE {whole} GROUP BY 1"
    codes = f"SELECT DISTINCT code FROM {read} WHERE code IS NOT NULL"
    return Glance(
        rows=rows,
        faults=faults,
        first_id=first,
        last_id=last,
        days=dict(connection.execute(days).fetchall()),
        codes=[row[0] for row in connection.execute(codes).fetchall()],
        differ=passed is not None and passed.differ,
    )


def _one(connection: duckdb.DuckDBPyConnection, question: str) -> int:
    found = connection.execute(question).fetchone()
    return int(found[0]) if found else 0


def _others(sieve: Sieve) -> str:
    columns = f"file, row_number, known_on, {content()} AS h, {key(sieve.layout)} AS k"
    return " UNION ALL ".join(f"SELECT {columns} FROM ({other})" for other in sieve.others)


def _faults(connection: duckdb.DuckDBPyConnection, staged: Path, sieve: Sieve) -> None:
    """Collect the rows with a fault in a table of their own."""
    lost = ", ".join(literal(code) for code in sieve.lost) or "''"
    fault = f"coalesce(fault, CASE WHEN code IN ({lost}) THEN 'code|' || {_LOST} END)"
    raw = f"concat_ws(chr(9), {', '.join(COLUMNS)})"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE faulty AS SELECT file_row_number AS row_number, {fault} AS fault, "
        f"left({raw}, 2000) AS raw FROM {part_rows([staged])} WHERE {fault} IS NOT NULL"
    )


_LOST = "'the code has lost its leading zero, or may have: ' || code"


def _duplicates(connection: duckdb.DuckDBPyConnection, staged: Path, sieve: Sieve) -> None:
    """Collect the rows that the file itself, or the store, holds already and knew no later."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE sound AS SELECT file_row_number AS row_number, known_on, "
        f"{content()} AS h, {key(sieve.layout)} AS k FROM {part_rows([staged])} s "
        "ANTI JOIN faulty f ON f.row_number = s.file_row_number"
    )
    within = (
        "SELECT row_number FROM sound "
        "SEMI JOIN (SELECT h FROM sound GROUP BY h HAVING count(*) > 1) t USING (h) "
        "QUALIFY row_number() OVER (PARTITION BY h ORDER BY known_on, row_number) > 1"
    )
    before = ""
    if sieve.others:
        before = (
            f" UNION SELECT s.row_number FROM sound s JOIN ({_others(sieve)}) o "
            "ON s.h = o.h AND s.k = o.k AND o.known_on <= s.known_on"
        )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE twice AS {within}{before}")


def _places(connection: duckdb.DuckDBPyConnection, sieve: Sieve) -> None:
    """For each line that gave no row, how many rows came before it."""
    gone = sorted({*sieve.refused, *sieve.blank})
    before = [(line - sieve.first_line - at, at + 1) for at, line in enumerate(gone)]
    connection.execute("CREATE OR REPLACE TEMP TABLE gone (before_rows BIGINT, lines BIGINT)")
    merged = dict(before)  # of several lines at one place the last count holds
    if merged:
        columns = [list(merged), list(merged.values())]
        connection.execute("INSERT INTO gone SELECT unnest(?::BIGINT[]), unnest(?::BIGINT[])", columns)


def _known(connection: duckdb.DuckDBPyConnection, sieve: Sieve) -> str:
    """A changed row without a stamp cannot have been known as it is now before today."""
    if not (sieve.others and sieve.layout.key):
        return "known_on"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE keys AS SELECT DISTINCT k FROM ({_others(sieve)})")
    changed = f"known_assumed AND {key(sieve.layout)} IN (SELECT k FROM keys)"
    return f"CASE WHEN {changed} THEN greatest(known_on, DATE '{sieve.today}') ELSE known_on END"


def sifted(
    connection: duckdb.DuckDBPyConnection, staged: Path, target: Path, sieve: Sieve, *, rows: int, clean: bool
) -> Sifted:
    """Write those of the `rows` that stay, in their order and with their lines; `faulty` keeps the others.

    `clean` says that nothing can be wrong with the file: then the staged rows are the answer.
    """
    _places(connection, sieve)
    if clean:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE faulty (row_number BIGINT, fault VARCHAR, raw VARCHAR)"
        )
        staged.rename(target)
        return Sifted(stored=rows, duplicates=0, faulty=0)
    _faults(connection, staged, sieve)
    _duplicates(connection, staged, sieve)
    cells = ", ".join(f"s.{name}" for name in PART_COLUMNS if name not in {"line", "known_on"})
    line = f"s.file_row_number + {sieve.first_line} + coalesce(g.lines, 0)"
    ordered = (
        f"SELECT {cells}, {line} AS line, {_known(connection, sieve)} AS known_on "
        f"FROM {part_rows([staged])} s ASOF LEFT JOIN gone g ON s.file_row_number >= g.before_rows "
        "ANTI JOIN faulty f ON f.row_number = s.file_row_number "
        "ANTI JOIN twice t ON t.row_number = s.file_row_number ORDER BY s.file_row_number"
    )
    connection.execute(f"COPY ({ordered}) TO {literal(target)} ({COMPRESSION})")
    staged.unlink()
    faulty = _one(connection, "SELECT count(*) FROM faulty")
    stored = _one(connection, f"SELECT count(*) FROM {part_rows([target])}")
    return Sifted(stored=stored, duplicates=rows - faulty - stored, faulty=faulty)


def superseding(connection: duckdb.DuckDBPyConnection, target: Path, sieve: Sieve, *, clean: bool) -> None:
    """Put all versions of the keys of a file in order, in the table `versions`: none where no key recurs."""
    connection.execute("CREATE OR REPLACE TEMP TABLE versions (file INTEGER, row_number BIGINT, since DATE)")
    if clean or not sieve.layout.key:
        return
    mine = (
        f"SELECT file, file_row_number AS row_number, known_on, {content()} AS h, {key(sieve.layout)} AS k "
        f"FROM {part_rows([target])}"
    )
    theirs = (
        f" UNION ALL SELECT * FROM ({_others(sieve)}) WHERE k IN (SELECT k FROM mine)" if sieve.others else ""
    )
    connection.execute(
        f"INSERT INTO versions WITH mine AS ({mine}), both_ AS (SELECT * FROM mine{theirs}), "
        "again AS (SELECT k FROM both_ GROUP BY k HAVING count(*) > 1) "
        "SELECT file, row_number, lead(known_on) OVER (PARTITION BY k ORDER BY known_on, file, row_number) "
        "FROM both_ WHERE k IN (SELECT k FROM again)"
    )
