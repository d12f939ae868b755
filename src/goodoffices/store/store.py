"""The store: what files brought, kept so that each came in whole or not at all.

One file is one unit, and `intake.py` takes it in. What no entry of the manifest names was left by a
broken import, and is swept when the store is next opened for writing.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from goodoffices.domain.codes import Code
from goodoffices.domain.events import COLUMNS, Gap, Imported, Rejected, SourceInfo, StoreInfo
from goodoffices.domain.ports import EventSource
from goodoffices.errors import NotFoundError, StoreError
from goodoffices.store import own_codes
from goodoffices.store.intake import PHASES, Intake, cleared, nothing
from goodoffices.store.pace import Pace, Stopped
from goodoffices.store.safe import MEMORY, connected, told
from goodoffices.store.schema import PART_COLUMNS, VERSION, brought_up, part_rows, version_of
from goodoffices.store.tables import BUILT_IN, ImportedCodes
from goodoffices.store.unpacking import units
from goodoffices.words import _

__all__ = ["PHASES", "Stopped", "Store"]

SMALL = 20_000  # rows; files with fewer go into the store itself, so that no folder fills with crumbs
ROOM = ".room"

Tick = Callable[[int, str], None]
Stop = Callable[[], bool]


class Store:
    """Reports of many files, with the day on which each was known.

    Open it with `Store.open(...)` in a `with` statement. `query` asks SQL of the view `reports`.
    """

    def __init__(
        self, path: Path, connection: duckdb.DuckDBPyConnection, intake: Intake, *, write: bool
    ) -> None:
        self.path = path
        self.parts = path.with_name(path.stem + ".parts")
        self._connection, self._intake, self._write = connection, intake, write
        self._stale = True

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        write: bool = False,
        folders: Iterable[str | Path] = (),
        memory: str = MEMORY,
        today: date | None = None,
        small: int = SMALL,
        phase: Callable[[str], None] = lambda _phase: None,
    ) -> Self:
        """Open a store, or begin one when it is opened for writing.

        `folders` are those from which files will be imported: the store reads no others. `phase` is
        told what an import of a file is about to do (`PHASES`).

        Raises
        ------
        NotFoundError
            If there is none and nothing is to be written.
        StoreError
            If what lies there is no store, or one of a later version.
        BusyError
            If another program has it open.
        """
        where = Path(path).absolute()
        if not write and not where.is_file():
            raise NotFoundError(_("no store {path}: goodoffices import makes one").format(path=path))
        parts = where.with_name(where.stem + ".parts")
        with told(path):
            if write:
                parts.mkdir(parents=True, exist_ok=True)
            allowed = [parts, *(Path(folder).resolve() for folder in folders)]
            connection = connected(where, folders=allowed, spill=parts / ".spill", write=write, memory=memory)
        intake = Intake(connection, parts, today=today or date.today(), small=small, phase=phase)
        store = cls(where, connection, intake, write=write)
        try:
            store._begin()
        except BaseException:
            connection.close()
            raise
        return store

    def _begin(self) -> None:
        with told(self.path):
            try:
                if self._write:
                    brought_up(self._connection)
                    self._sweep()
                elif version_of(self._connection) < VERSION:
                    said = _("of an older version; the next import brings it up to this one")
                    raise StoreError(said)
            except StoreError as error:
                raise StoreError(f"{self.path}: {error}") from None
            self._whole()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; what another reader has spilled stays until it closes too."""
        self._connection.close()
        with contextlib.suppress(OSError):
            (self.parts / ".spill").rmdir()

    # What is in it ------------------------------------------------------------------------------

    def _rows(self, question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(question, list(values)).fetchall()

    def _sweep(self) -> None:
        """Remove what a broken import left: whatever no entry of the manifest names."""
        named = {row[0] for row in self._rows("SELECT part FROM files WHERE part IS NOT NULL")}
        for path in self.parts.iterdir():
            if path.is_dir() and path.name.startswith("."):
                shutil.rmtree(path, ignore_errors=True)
            elif path.name not in named:
                path.unlink()

    def _part_paths(self) -> list[Path]:
        return [
            self.parts / row[0] for row in self._rows("SELECT part FROM files WHERE part <> '' ORDER BY id")
        ]

    def _whole(self) -> None:
        """Refuse a store of which a partition is gone."""
        missing = [path.name for path in self._part_paths() if not path.is_file()]
        if missing:
            said = _("{store}: the partition {name} is gone; put it back beside the store")
            raise StoreError(said.format(store=self.path, name=missing[0]))

    def _look(self) -> None:
        """Lay the view `reports` over the small files and the partitions, if it is not up to date."""
        if not self._stale:
            return
        cells = ", ".join(PART_COLUMNS)
        rows = [f"SELECT row_number, {cells} FROM small"]
        if paths := self._part_paths():
            rows.append(f"SELECT file_row_number AS row_number, {cells} FROM {part_rows(paths)}")
        texts = ", ".join(f"coalesce(r.{name}::VARCHAR, '')" for name in COLUMNS)
        later = bool(self._rows("SELECT 1 FROM superseded LIMIT 1"))
        join = " LEFT JOIN superseded s ON s.file = r.file AND s.row_number = r.row_number" if later else ""
        self._connection.execute(
            "CREATE OR REPLACE TEMP VIEW reports AS SELECT f.source, f.name AS file, "
            "coalesce(r.line, f.first_line + r.row_number) AS line, "
            f"md5(concat_ws(chr(31), {texts})) AS row_hash, "
            f"{', '.join(f'r.{name}' for name in COLUMNS)}, r.known_assumed, f.codes AS system, "
            f"f.actors AS actor_system, {'s.since' if later else 'NULL::DATE'} AS superseded_on, "
            "f.id AS file_id, r.row_number "
            f"FROM ({' UNION ALL '.join(rows)}) r JOIN files f ON f.id = r.file{join}"
        )
        self._stale = False

    def query(self, question: str, values: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        """Ask SQL of the view `reports`; the answer gives `.fetchall()`, `.arrow()` or `.pl()`."""
        with told(self.path):
            self._look()
            return self._connection.execute(question, list(values))

    def reports(
        self, where: str = "", values: Sequence[Any] = (), *, known_on: date | None = None, columns: str = "*"
    ) -> Any:
        """Give rows as an Arrow table: on a day, what was known by then, each in its version of then."""
        tests, given = ([f"({where})"], list(values)) if where else ([], [])
        if known_on is None:
            tests.append("superseded_on IS NULL")
        else:
            tests.append("known_on <= ? AND (superseded_on IS NULL OR superseded_on > ?)")
            given += [known_on, known_on]
        asked = f"SELECT {columns} FROM reports WHERE {' AND '.join(tests)}"
        ordered = f"{asked} ORDER BY happened_on, file_id, row_number"
        with told(self.path):
            self._look()
            return self._connection.sql(ordered, params=given).to_arrow_table()

    def rejected(self, most: int = 1000) -> list[Rejected]:
        """Give lines that were not taken in, in the order of files and lines."""
        question = (
            'SELECT f.source, f.name, r.line, r."column", r.reason, r.raw FROM rejects r '
            "JOIN files f ON f.id = r.file ORDER BY f.id, r.line LIMIT ?"
        )
        names = ("source", "file", "line", "column", "reason", "raw")
        return [Rejected(**dict(zip(names, row, strict=True))) for row in self._rows(question, [most])]

    def actors(self) -> list[tuple[str, str, str, str, int]]:
        """Give each actor as it is written: text, system, country, sectors, and in how many rows."""
        self._look()
        sides = " UNION ALL ".join(
            f"SELECT {side} AS whole, actor_system, coalesce({side}_country, '') AS country, "
            f"coalesce({side}_sector, '') AS sector, system = 'agreement' AS listed "
            f"FROM reports WHERE {side} <> ''"
            for side in ("actor", "target")
        )
        parts = "unnest(CASE WHEN listed THEN string_split(whole, ', ') ELSE [whole] END) AS name"
        return self._rows(
            f"SELECT name, actor_system, country, sector, sum(n)::BIGINT AS n FROM (SELECT {parts}, * FROM "
            f"(SELECT *, count(*) AS n FROM ({sides}) GROUP BY ALL)) GROUP BY ALL ORDER BY n DESC, name"
        )

    def keep_codes(self, listed: ImportedCodes) -> bool:
        """Keep a list of codes that a user brought; gives whether it took the place of another one."""
        with told(self.path):
            return own_codes.keep(self._connection, listed, date.today())

    def own_codes(self) -> Mapping[str, Mapping[str, Code]]:
        """Give the codes that users brought, by system and code."""
        with told(self.path):
            return own_codes.kept(self._connection)

    def info(self, gaps: int = 20) -> StoreInfo:
        """Tell what the store holds; the longest gaps of each source come first."""
        with told(self.path):
            return StoreInfo(
                store=str(self.path),
                version=VERSION,
                sources=tuple(self._sources()),
                gaps=tuple(self._gaps(gaps)),
                code_lists=own_codes.lists(self._connection),
                unlisted=tuple(self._unlisted()),
            )

    def _unlisted(self) -> Iterator[str]:
        """Give the systems of codes that files use and nobody explains."""
        known = {*BUILT_IN, *(one.system for one in own_codes.lists(self._connection))}
        for (system,) in self._rows("SELECT DISTINCT codes FROM files WHERE stored > 0 ORDER BY 1"):
            if system not in known:
                yield system

    def _sources(self) -> Iterator[SourceInfo]:
        names = list(SourceInfo.__slots__)
        question = (
            "SELECT source, count(*), sum(received)::BIGINT, sum(stored)::BIGINT, sum(duplicates)::BIGINT, "
            "sum(rejected)::BIGINT, min(first), max(last), string_agg(DISTINCT known_rule, '; '), "
            "any_value(licence), any_value(url) FROM files GROUP BY source ORDER BY source"
        )
        for row in self._rows(question):
            yield SourceInfo(**dict(zip(names, row, strict=True)))

    def _gaps(self, most: int) -> Iterator[Gap]:
        question = (
            "WITH d AS (SELECT DISTINCT f.source, day FROM days JOIN files f ON f.id = days.file), "
            "n AS (SELECT source, day, lead(day) OVER (PARTITION BY source ORDER BY day) AS next FROM d) "
            "SELECT source, (day + 1)::DATE, (next - 1)::DATE, (next - day - 1)::INTEGER AS n FROM n "
            "WHERE next - day > 1 ORDER BY n DESC, source, day LIMIT ?"
        )
        for source, first, last, days in self._rows(question, [most]):
            yield Gap(source=source, first=first, last=last, days=days)

    # What comes into it -------------------------------------------------------------------------

    def import_file(
        self,
        source: EventSource,
        path: str | Path,
        mapping: Mapping[str, str] | None = None,
        *,
        name: str = "",
        tick: Tick = lambda _bytes, _name: None,
        stop: Stop = lambda: False,
    ) -> list[Imported]:
        """Take in one file, or each file of a packed one; a file that is there already changes nothing.

        `tick` is told, in any thread but one at a time, how many bytes of the file came further since
        it was told last: fewer than none where a file with faults is read once more, with care.

        Raises
        ------
        StoreError
            For a file that cannot be taken in at all; the store is as it was before it.
        Stopped
            If the user asked to stop.
        """
        where, room = Path(path).resolve(), self.parts / ROOM
        called = name or Path(path).name
        found, self._stale = [], True
        size = where.stat().st_size if where.is_file() else 0
        with (
            told(called),
            cleared(room),
            contextlib.closing(units(where, called, room / "plain")) as all_,
        ):
            for unit in all_:
                pace = Pace(
                    unit.path.stat().st_size,
                    round(size * unit.share),
                    lambda more, name=unit.name: tick(more, name),  # type: ignore[misc]
                    stop,
                )
                with cleared(room / "work") as work:
                    found.append(self._intake.unit(source, unit, mapping, work, pace))
                pace.done()
        return found or [nothing(source, called, _("{file}: holds no files").format(file=called))]
