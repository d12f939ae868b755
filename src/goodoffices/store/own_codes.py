"""Lists of codes that a user brought, kept in the store whose reports they explain."""

from collections.abc import Mapping
from datetime import date

import duckdb

from goodoffices.domain.codes import Code
from goodoffices.domain.events import CodeList
from goodoffices.store.tables import ImportedCodes

__all__ = ["keep", "kept", "lists"]

_CODE = ("code", "label", "kind", "reason", "goldstein")


def keep(connection: duckdb.DuckDBPyConnection, listed: ImportedCodes, today: date) -> bool:
    """Keep a list under the name of its system; gives whether it took the place of another one."""
    before = {one.system: one.sha256 for one in lists(connection)}.get(listed.system, "")
    if before == listed.sha256:
        return False
    rows = [(listed.system, *(getattr(code, name) for name in _CODE)) for code in listed.codes.values()]
    connection.begin()
    connection.execute("DELETE FROM codes WHERE system = ?", [listed.system])
    connection.execute("DELETE FROM code_lists WHERE system = ?", [listed.system])
    connection.executemany("INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?)", rows)
    about = [listed.system, listed.file, listed.sha256, len(rows), today]
    connection.execute("INSERT INTO code_lists VALUES (?, ?, ?, ?, ?)", about)
    connection.commit()
    return bool(before)


def kept(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Mapping[str, Code]]:
    """Give the codes of all lists, by system and code."""
    found: dict[str, dict[str, Code]] = {}
    asked = f"SELECT system, {', '.join(_CODE)} FROM codes ORDER BY system, code"
    for system, *cells in connection.execute(asked).fetchall():
        code = Code(system=system, **dict(zip(_CODE, cells, strict=True)))
        found.setdefault(system, {})[code.code] = code
    return found


def lists(connection: duckdb.DuckDBPyConnection) -> tuple[CodeList, ...]:
    """Tell which lists there are, and from which file each was read."""
    asked = "SELECT system, file, sha256, codes FROM code_lists ORDER BY system"
    names = ("system", "file", "sha256", "codes")
    rows = connection.execute(asked).fetchall()
    return tuple(CodeList(**dict(zip(names, row, strict=True))) for row in rows)
