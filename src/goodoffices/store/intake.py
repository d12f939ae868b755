"""One file on its way into a store: read, sifted, and made visible whole or not at all.

Its rows are written under a temporary name, synced and renamed; the entry in the manifest, its
rejected lines and small files' rows become visible in one transaction after that.
"""

import contextlib
import functools
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from goodoffices.domain.events import Imported, Layout
from goodoffices.domain.ports import EventSource
from goodoffices.errors import StoreError
from goodoffices.store.pace import Pace, Stopped
from goodoffices.store.pieces import Bytes, Lines, Pieces, lines_of
from goodoffices.store.quick import Passed, staged_quickly
from goodoffices.store.reading import key, lost_zeros, rejected_by_reader, staging
from goodoffices.store.safe import literal, told
from goodoffices.store.schema import PART_COLUMNS, part_rows
from goodoffices.store.sifting import COMPRESSION, Glance, Sieve, Sifted, glanced, sifted, superseding
from goodoffices.store.unpacking import Unit, mended
from goodoffices.words import _

__all__ = ["PHASES", "Intake", "cleared", "nothing"]

PHASES = ("read", "insert", "rejects", "rename", "commit")


@dataclass(frozen=True, kw_only=True)
class Work:
    """One unit on its way in."""

    source: EventSource
    unit: Unit
    layout: Layout
    bytes: Bytes
    file: int
    room: Path
    passed: Passed | None

    @property
    def staged(self) -> Path:
        return self.room / "staged.parquet"

    @property
    def sound(self) -> Path:
        return self.room / "rows.parquet"

    @property
    def first_line(self) -> int:
        return 2 if self.layout.options.get("header") else 1

    @property
    def by_lines(self) -> bool:
        """Is every line one row, so that lines can be counted without a reader of tables?"""
        return self.layout.reader == "csv" and not self.layout.options.get("quote") and not self.layout.where

    @property
    def even(self) -> bool:
        """Has every line as many cells as there are columns? No line has fewer, or it had not passed."""
        if self.passed is None or not self.by_lines:
            return False
        return self.bytes.even(self.passed.rows + self.first_line - 1, len(self.layout.options["columns"]))

    @functools.cached_property
    def lines(self) -> Lines:
        """The lines of the file, read once more unless they are even."""
        if self.passed is not None and self.even:
            return Lines(lines=self.passed.rows + self.first_line - 1)
        return lines_of(self.unit.path)


def _sign(layout: Layout) -> bytes:
    """The sign between cells, where it can be nothing else."""
    plain = layout.reader == "csv" and not layout.options.get("quote")
    return str(layout.options["delim"]).encode() if plain else b""


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def cleared(room: Path) -> Iterator[Path]:
    """Give an empty folder that is gone afterwards."""
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


class Intake:
    """Takes units into a store that is open for writing."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        parts: Path,
        *,
        today: date,
        small: int,
        phase: Callable[[str], None],
    ) -> None:
        self._connection, self._parts = connection, parts
        self._today, self._small, self._phase = today, small, phase

    def _rows(self, question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(question, list(values)).fetchall()

    def unit(
        self, source: EventSource, unit: Unit, mapping: Mapping[str, str] | None, room: Path, pace: Pace
    ) -> Imported:
        """Take in one unit; one that is there already changes nothing."""
        self._phase("read")
        size = unit.path.stat().st_size
        if not size:
            return nothing(source, unit.name, _("{file}: empty, no bytes at all").format(file=unit.name))
        layout = source.layout(str(unit.path), mapping)
        alike = "SELECT 1 FROM files WHERE source = ? AND name = ? AND size = ?"
        likely = self._rows(alike, [source.name, unit.name, size])  # it is there already: look, then read
        if likely and (seen := self._known(source, Pieces(unit.path, seen=pace.came).rest())):
            return seen
        work = self._begun(source, unit, layout, room, pace)
        if seen := self._known(source, work.bytes):
            return seen
        glance = self._read(work, pace)
        with self._stoppable(pace):
            stays = self._sift(work, glance)
        return self._kept(work, *stays)

    def _begun(self, source: EventSource, unit: Unit, layout: Layout, room: Path, pace: Pace) -> Work:
        """Read all bytes of a file, and with them its rows as far as none is odd."""
        file = self._rows("SELECT coalesce(max(id), 0) + 1 FROM files")[0][0]
        pieces = Pieces(unit.path, _sign(layout), pace.came)
        with ThreadPoolExecutor(1) as beside:  # this thread must hear of Ctrl-C meanwhile
            staged = room / "staged.parquet"
            passed = beside.submit(staged_quickly, pieces, layout, file, self._today, staged).result()
        if passed is None:
            pace.again()
        whole = pieces.rest()
        pace.checked()
        return Work(source=source, unit=unit, layout=layout, bytes=whole, file=file, room=room, passed=passed)

    def _known(self, source: EventSource, whole: Bytes) -> Imported | None:
        """Give what became of a file when it was taken in before; None if it never was."""
        found = self._rows(_SEEN, [source.name, whole.sha256])
        return _seen(source, found[0]) if found else None

    def _read(self, work: Work, pace: Pace) -> Glance:
        """Let the reader write every row it can read; what it refuses stays in its own table."""
        self._connection.execute("DROP TABLE IF EXISTS reject_errors")
        self._connection.execute("DROP TABLE IF EXISTS reject_scans")
        if not work.even:
            pace.again()
            path = work.unit.path
            if work.by_lines and work.lines.stray:
                path = mended(path, work.room / "mended")
            question = staging(path, work.layout, work.file, self._today, nul=work.lines.nul)
            with told(work.unit.name), self._stoppable(pace, pace.read):
                self._connection.execute(f"COPY ({question}) TO {literal(work.staged)} ({COMPRESSION})")
            pace.read(1.0)
        known = self._rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'")
        refused = rejected_by_reader() if known else _NONE_REFUSED
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE refused AS {refused}")
        return glanced(self._connection, work.staged, work.passed if work.even else None)

    @contextlib.contextmanager
    def _stoppable(self, pace: Pace, heard: Callable[[float], None] = lambda _share: None) -> Iterator[None]:
        """Ask long questions so that the user can stop them; `heard` is told how far the one at hand is."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.2):
                try:
                    pace.checked()
                except Stopped:
                    self._connection.interrupt()
                heard(max(0.0, self._connection.query_progress()) / 100)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        except duckdb.InterruptException:
            raise Stopped from None
        finally:
            done.set()
            watcher.join()
        pace.checked()

    def _sift(self, work: Work, glance: Glance) -> tuple[Sifted, Sieve, Glance]:
        """Give what stays, against what it was held, and what is to be known of it."""
        self._phase("insert")
        refused = [row[0] for row in self._rows("SELECT line FROM refused ORDER BY line")]
        sieve = Sieve(
            layout=work.layout,
            today=self._today,
            others=self._overlapping(work, glance.edges),
            refused=refused,
            blank=work.lines.blank if work.by_lines else (),
            first_line=work.first_line,
            lost=lost_zeros(glance.codes) if work.layout.codes in {"cameo", "weis"} else (),
        )
        doubtful = glance.faults or sieve.lost or sieve.others or refused or sieve.blank
        clean = not doubtful and self._all_differ(work, glance)
        done = sifted(self._connection, work.staged, work.sound, sieve, rows=glance.rows, clean=clean)
        superseding(self._connection, work.sound, sieve, clean=clean)
        return done, sieve, glance if clean else glanced(self._connection, work.sound)

    def _all_differ(self, work: Work, glance: Glance) -> bool:
        """Is no key there twice? Ids that only ever rise are enough, and quicker to see."""
        if work.layout.key == ("event_id",) and glance.differ:
            return True
        asked = f"SELECT count(*) = count(DISTINCT {key(work.layout)}) FROM {part_rows([work.staged])}"
        return bool(self._rows(asked)[0][0])

    def _overlapping(self, work: Work, edges: Sequence[Any]) -> list[str]:
        """Questions for what the store holds of the same source and within the same bounds."""
        first_id, last_id, first, last = edges
        test, bounds = ("first <= ? AND last >= ?", [last, first])
        if work.layout.key == ("event_id",):
            test, bounds = ("first_id <= ? AND last_id >= ?", [last_id, first_id])
        question = (
            f"SELECT id, part FROM files WHERE source = ? AND codes = ? AND stored > 0 AND {test} ORDER BY id"
        )
        near = self._rows(question, [work.source.name, work.layout.codes, *bounds])
        small = [str(file) for file, part in near if not part]
        asked = [f"SELECT * FROM small WHERE file IN ({', '.join(small)})"] if small else []
        for _file, part in near:
            if part:
                read = part_rows([self._parts / part])
                asked.append(f"SELECT *, file_row_number AS row_number FROM {read}")
        return asked

    def _kept(self, work: Work, done: Sifted, sieve: Sieve, glance: Glance) -> Imported:
        """Make a unit visible: sync, rename, and then one transaction."""
        refused = len(sieve.refused)
        rejected = refused + done.faulty
        received = done.stored + done.duplicates + rejected
        if work.by_lines:
            lines = (
                work.lines.lines - len([n for n in sieve.blank if n >= work.first_line]) - work.first_line + 1
            )
            if lines != received:
                said = _("{file}: {lines} lines of data, but {rows} were accounted for; not taken in")
                raise StoreError(said.format(file=work.unit.name, lines=lines, rows=received))
        part = "" if done.stored < self._small else f"{work.bytes.sha256}-{work.file}.parquet"
        self._phase("rejects")
        self._connection.begin()
        try:
            self._connection.execute(_REJECTS, [work.file, work.file, work.first_line])
            self._phase("rename")
            if part:
                _synced(work.sound)
                work.sound.rename(self._parts / part)
                _synced(self._parts)
            self._enter(work, part, (received, done.stored, done.duplicates, rejected), glance)
            self._phase("commit")
            self._connection.commit()
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._connection.rollback()
            if part:
                (self._parts / part).unlink(missing_ok=True)
            raise
        return self._told(work)

    def _enter(self, work: Work, part: str, counts: tuple[int, int, int, int], glance: Glance) -> None:
        first_id, last_id, first, last = glance.edges
        edges = (first, last, first_id, last_id)
        source, layout = work.source, work.layout
        values = [
            work.file, source.name, work.unit.name, work.bytes.sha256, work.bytes.size, layout.codes,
            layout.actors, layout.known_says, work.first_line, *counts, *edges, part, source.licence,
            source.url, self._today,
        ]  # fmt: skip
        self._connection.execute(f"INSERT INTO files VALUES ({', '.join('?' * len(values))})", values)
        self._connection.execute(
            "INSERT INTO days SELECT ?, unnest(?::DATE[]), unnest(?::BIGINT[])",
            [work.file, list(glance.days), list(glance.days.values())],
        )
        if not part:
            cells = ", ".join(PART_COLUMNS)
            read = part_rows([work.sound])
            self._connection.execute(f"INSERT INTO small SELECT file_row_number, {cells} FROM {read}")
        self._connection.execute(
            "DELETE FROM superseded WHERE (file, row_number) IN (SELECT (file, row_number) FROM versions)"
        )
        self._connection.execute("INSERT INTO superseded SELECT * FROM versions WHERE since IS NOT NULL")

    def _told(self, work: Work) -> Imported:
        found = self._rows(_SEEN, [work.source.name, work.bytes.sha256])[0]
        made = replace(_seen(work.source, found), already=False)
        if made.rejected:
            said = _("{file}: {n} of {all} lines were rejected; the first, line {line}: {reason}")
            first = "SELECT line, reason FROM rejects WHERE file = ? ORDER BY line LIMIT 1"
            line, reason = self._rows(first, [work.file])[0]
            told_so = said.format(
                file=made.file,
                n=made.rejected,
                all=made.received,
                line=line,
                reason=reason.splitlines()[0][:200],
            )
            return replace(made, said=told_so)
        if not made.received:
            return replace(made, said=_("{file}: no lines of data in it").format(file=made.file))
        return made


_SEEN = (
    "SELECT name, received, stored, duplicates, rejected, first, last FROM files "
    "WHERE source = ? AND sha256 = ?"
)
_NONE_REFUSED = "SELECT 0::BIGINT AS line, '' AS \"column\", '' AS reason, '' AS raw WHERE false"
_REJECTS = (
    'INSERT INTO rejects SELECT ?, line, "column", reason, raw FROM refused UNION ALL '
    "SELECT ?, f.row_number + ? + coalesce(g.lines, 0), split_part(fault, '|', 1), "
    "split_part(fault, '|', 2), raw FROM faulty f ASOF LEFT JOIN gone g ON f.row_number >= g.before_rows"
)


def nothing(source: EventSource, name: str, said: str) -> Imported:
    """Give the counts of a file of which nothing was taken in, and why."""
    return Imported(source=source.name, file=name, said=said)


def _seen(source: EventSource, row: Sequence[Any]) -> Imported:
    names = ("file", "received", "stored", "duplicates", "rejected", "first", "last")
    return Imported(source=source.name, already=True, **dict(zip(names, row, strict=True)))
