"""The tables of a store, and how a store of an older version becomes one of this version."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from goodoffices.domain.events import COLUMNS
from goodoffices.errors import StoreError
from goodoffices.store.safe import literal
from goodoffices.words import _

__all__ = ["PART_COLUMNS", "STEPS", "VERSION", "brought_up", "part_rows", "version_of"]

PART_COLUMNS = {"file": "INTEGER", "line": "BIGINT", **COLUMNS, "known_assumed": "BOOLEAN"}
_ROWS = ", ".join(f"{name} {kind}" for name, kind in PART_COLUMNS.items())

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (name VARCHAR PRIMARY KEY, value VARCHAR)",
        """CREATE TABLE files (
            id INTEGER PRIMARY KEY, source VARCHAR, name VARCHAR, sha256 VARCHAR, size BIGINT,
            codes VARCHAR, actors VARCHAR, known_rule VARCHAR, first_line INTEGER,
            received BIGINT, stored BIGINT, duplicates BIGINT, rejected BIGINT,
            first DATE, last DATE, first_id VARCHAR, last_id VARCHAR, part VARCHAR,
            UNIQUE (source, sha256))""",
        f"CREATE TABLE small (row_number BIGINT, {_ROWS})",
        'CREATE TABLE rejects (file INTEGER, line BIGINT, "column" VARCHAR, reason VARCHAR, raw VARCHAR)',
        "CREATE TABLE superseded (file INTEGER, row_number BIGINT, since DATE)",
        "CREATE TABLE days (file INTEGER, day DATE, n BIGINT)",
    ),
    (
        "ALTER TABLE files ADD COLUMN licence VARCHAR DEFAULT ''",
        "ALTER TABLE files ADD COLUMN url VARCHAR DEFAULT ''",
        "ALTER TABLE files ADD COLUMN imported_on DATE",
    ),
    (
        """CREATE TABLE codes (
            system VARCHAR, code VARCHAR, label VARCHAR, kind VARCHAR, reason VARCHAR, goldstein DOUBLE)""",
        """CREATE TABLE code_lists (
            system VARCHAR, file VARCHAR, sha256 VARCHAR, codes BIGINT, imported_on DATE)""",
    ),
)
"""What each version adds to the one before it; a step that was ever released is never changed."""

VERSION = len(STEPS)

_NONE = ", ".join(f"NULL::{kind} AS {name}" for name, kind in {**PART_COLUMNS, "fault": "VARCHAR"}.items())


def part_rows(paths: Iterable[Path]) -> str:
    """Give a question for the rows of partitions, or of one on its way; columns left out are empty in it.

    The rows are numbered within each partition, from 0, as `file_row_number`.
    """
    listed = ", ".join(literal(path) for path in paths)
    read = f"read_parquet([{listed}], union_by_name=true, file_row_number=true)"
    return f"(SELECT {_NONE} WHERE false UNION ALL BY NAME SELECT * FROM {read})"


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """Give the version of a store; 0 for an empty one.

    Raises
    ------
    StoreError
        If the tables in it are not those of a store, or those of a later version.
    """
    names = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not names:
        return 0
    if "meta" not in names:
        raise StoreError(_("a DuckDB file, but not a store of goodoffices: found the tables {names}").format(
            names=", ".join(sorted(names)[:8])
        ))  # fmt: skip
    found = connection.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
    version = int(found[0]) if found else 0
    if version > VERSION:
        said = _("made by a later version of goodoffices (store {found}, this one knows {known}): upgrade it")
        raise StoreError(said.format(found=version, known=VERSION))
    return version


def brought_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Take a store of any earlier version to this one, in one transaction."""
    version = version_of(connection)
    if version == VERSION:
        return
    connection.begin()
    for step in STEPS[version:]:
        for statement in step:
            connection.execute(statement)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('version', ?)", [str(VERSION)])
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('made_on', ?)", [str(date.today())])
    connection.commit()
