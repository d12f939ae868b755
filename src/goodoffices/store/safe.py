"""Open DuckDB so that it reads what it was told to read, fetches nothing, and fails in a sentence."""

import contextlib
import errno
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from goodoffices.errors import BusyError, StoreError
from goodoffices.words import _

__all__ = ["DiskFull", "connected", "literal", "told"]

MEMORY = "1GB"
CLOSED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}
_OPENING = threading.Lock()  # what is open in this program is open once, however many look at it
FULL = ("No space left", "File too large", "disk full")


class DiskFull(StoreError):  # noqa: N818 - reads as what happened
    """Nothing more can be written: the one fault of a file after which going on makes no sense."""


def literal(text: object) -> str:
    """Write a text as the reader wants it."""
    return "'" + str(text).replace("'", "''") + "'"


def _listed(paths: Iterable[Path]) -> str:
    return "[" + ", ".join(literal(path) for path in paths) + "]"


def connected(
    store: Path, *, folders: Iterable[Path], spill: Path, write: bool, memory: str = MEMORY
) -> duckdb.DuckDBPyConnection:
    """Open a store: no extensions, no other folders, no network, and no way to change that later.

    A store that this program reads already is read once more on the same terms.

    Raises
    ------
    BusyError
        If this program has it open for writing, or on other terms.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        **CLOSED,
        "memory_limit": memory,
        "temp_directory": str(spill),
    }
    with _OPENING:
        connection = duckdb.connect(str(store), read_only=not write, config=config)
        locked = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
        if locked != (True,):
            connection.execute(f"SET allowed_directories = {_listed(folders)}")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET enable_progress_bar = true")  # so that it can be asked for, not shown
            connection.execute("SET enable_progress_bar_print = false")
            connection.execute("SET progress_bar_time = 0")
            connection.execute("SET parquet_metadata_cache = true")  # partitions are written once
            connection.execute("SET lock_configuration = true")
        elif write:
            connection.close()
            raise _busy(str(store))
    return connection


@contextlib.contextmanager
def told(what: object) -> Iterator[None]:
    """Turn what DuckDB and the disk complain about into one sentence about this store or file."""
    try:
        yield
    except duckdb.Error as error:
        raise _sentence(str(what), str(error)) from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
        raise (_full(str(what)) if full else StoreError(f"{what}: {error.strerror or error}")) from error


def _full(what: str) -> DiskFull:
    said = _("{what}: the disk is full; what was being written is taken back, the rest is as it was")
    return DiskFull(said.format(what=what))


def _busy(what: str) -> BusyError:
    said = _("{what}: another program has this store open; wait until it is done, or close it")
    return BusyError(said.format(what=what))


def _sentence(what: str, complaint: str) -> BusyError | StoreError:
    if any(word in complaint for word in FULL):
        return _full(what)
    if "lock" in complaint and ("Conflicting" in complaint or "Could not set" in complaint):
        return _busy(what)
    if "different configuration" in complaint:
        return _busy(what)
    if "not a valid DuckDB" in complaint or "not a valid" in complaint:
        return StoreError(
            _("{what}: this is not a store; give the path of one, or of a new file").format(what=what)
        )
    first = complaint.splitlines()[0][:300] if complaint else ""
    return StoreError(f"{what}: {first}")
