"""Read a faultless file of plain lines with polars, which parses them faster than DuckDB does.

This is a short cut and nothing else: it either writes the very rows that `reading.staging` would, or
it gives up at the first row that is odd, and then DuckDB reads the file with care and keeps what it
rejects.  Whether their ids differ is seen while the rows pass, so that they need not be read again.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from goodoffices.domain.events import COLUMNS, Layout
from goodoffices.store.reading import EARLIEST

__all__ = ["Passed", "staged_quickly"]

TYPES: dict[str, Any] = {
    "VARCHAR": pl.String,
    "DATE": pl.Date,
    "TIMESTAMP": pl.Datetime("us"),
    "DOUBLE": pl.Float64,
    "INTEGER": pl.Int32,
    "BIGINT": pl.Int64,
    "BOOLEAN": pl.Boolean,
}
DAYS = {"DATE": ("dateformat", "%Y-%m-%d"), "TIMESTAMP": ("timestampformat", "%Y-%m-%d %H:%M:%S")}
PLAIN = {"delim", "quote", "escape", "header", "auto_detect", "columns", "dateformat", "timestampformat"}


AHEAD = 2  # pieces that are parsed at once, so that no core waits for another


class _Odd(Exception):  # noqa: N818 - it is no fault of the program
    """A row that is a matter for the careful way."""


ODD = (pl.exceptions.PolarsError, pl.exceptions.PanicException, _Odd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What was seen of the rows that passed.

    Attributes
    ----------
    first_id, last_id
        The least and the greatest id, compared as texts; None where there is none.
    differ
        Whether all ids are there and none is there twice, as far as it could be seen in passing.
    """

    rows: int
    first_id: str | None
    last_id: str | None
    differ: bool


class _Ids:
    """Looks at ids while they pass in their order: do they rise all the time?"""

    def __init__(self) -> None:
        self._rows, self._rising = 0, True
        self._first: str | None = None
        self._last: str | None = None

    def see(self, ids: pl.Series) -> None:
        """Look at the ids of the rows that come next."""
        rising = not ids.null_count() and bool((ids.head(-1) < ids.tail(-1)).all())
        first: Any = ids[0] if rising else ids.min()
        last: Any = ids[-1] if rising else ids.max()
        self._rising &= rising and (self._last is None or self._last < first)
        self._rows += len(ids)
        self._first = min(filter(None, (self._first, first)), default=None)
        self._last = max(filter(None, (self._last, last)), default=None)

    def told(self) -> Passed:
        return Passed(rows=self._rows, first_id=self._first, last_id=self._last, differ=self._rising)


def _lines(piece: bytes, layout: Layout, *, header: bool) -> pl.LazyFrame:
    """Lines as a table; days are read as texts first, for polars has no word for their format here."""
    options = layout.options
    kinds = {name: pl.String if kind in DAYS else TYPES[kind] for name, kind in options["columns"].items()}
    lines = pl.scan_csv(piece, separator=options["delim"], has_header=header, schema=kinds, quote_char=None)
    parsed = []
    for name, kind in options["columns"].items():
        if kind in DAYS:
            option, usual = DAYS[kind]
            parsed.append(pl.col(name).str.strptime(TYPES[kind], options.get(option, usual), strict=True))
    return lines.with_columns(parsed)


def _cell(layout: Layout, name: str) -> pl.Expr:
    text = layout.known if name == "known_on" else layout.select.get(name, "")
    found = pl.sql_expr(text) if text else pl.lit(None)
    return found.cast(TYPES[COLUMNS[name]])


def _odd(layout: Layout, today: date) -> pl.Expr:
    """Whether a row has any fault at all, or its line may be too short."""
    happened, code = _cell(layout, "happened_on"), _cell(layout, "code")
    odd = happened.is_null() | (happened > today) | (happened < EARLIEST) | code.is_null() | (code == "")
    for name in layout.key:
        odd = odd | _cell(layout, name).is_null()
    return odd | pl.col(list(layout.options["columns"])[-1]).is_null()


def _told(layout: Layout, today: date) -> tuple[pl.Expr, ...]:
    """What a file tells of its rows, and whether each is odd; columns that it leaves out come later."""
    happened, known = _cell(layout, "happened_on"), _cell(layout, "known_on")
    return (
        *(
            _cell(layout, name).alias(name)
            for name in COLUMNS
            if name in layout.select and name != "known_on"
        ),
        pl.max_horizontal(pl.coalesce(known, happened), happened).alias("known_on"),
        known.is_null().alias("known_assumed"),
        _odd(layout, today).alias("odd"),
    )


def _staged(rows: pl.LazyFrame, layout: Layout, file: int) -> pl.LazyFrame:
    """Rows as they are staged; columns that would be empty are left out, for even those take their time."""
    there = {*layout.select, "known_on"}
    kept = [name for name in COLUMNS if name in there]
    return rows.select(pl.lit(file, pl.Int32).alias("file"), *kept, "known_assumed")


def _kinds(layout: Layout) -> dict[str, Any]:
    """The columns of `_told` and their types."""
    there = [name for name in COLUMNS if name in layout.select and name != "known_on"]
    kinds = {name: TYPES[COLUMNS[name]] for name in [*there, "known_on"]}
    return {**kinds, "known_assumed": pl.Boolean, "odd": pl.Boolean}


def _ahead(pieces: Iterable[bytes], parse: Callable[[bytes, bool], pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Parse pieces, a few at once and in their order; each is told whether it is the first."""
    coming: deque[Future[pl.DataFrame]] = deque()
    with ThreadPoolExecutor(AHEAD) as pool:
        for number, piece in enumerate(pieces):
            coming.append(pool.submit(parse, piece, number == 0))
            if len(coming) > AHEAD:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _whole(pieces: Iterable[bytes], layout: Layout, today: date, ids: _Ids) -> pl.LazyFrame:
    """All rows of a file, a piece at a time as they are asked for; the first that is odd ends it."""
    sign = str(layout.options["delim"]).encode()

    def parse(piece: bytes, first: bool) -> pl.DataFrame:
        header = first and bool(layout.options["header"])
        if header and piece.split(b"\n", 1)[0].count(sign) != len(layout.options["columns"]) - 1:
            raise _Odd
        return _lines(piece, layout, header=header).select(_told(layout, today)).collect()

    def rows(columns: list[str] | None, *_more: object) -> Iterator[pl.DataFrame]:
        for found in _ahead(pieces, parse):
            if found["odd"].any():
                raise _Odd
            if found.height:
                ids.see(found["event_id"])
                yield found.select(columns or pl.all())

    return register_io_source(rows, schema=_kinds(layout))


def staged_quickly(
    pieces: Iterable[bytes], layout: Layout, file: int, today: date, target: Path
) -> Passed | None:
    """Write the rows of a file if no row is odd, and give what was seen of them; None if one was.

    The pieces are taken as they are needed, in another thread, and not all if a row was odd.
    polars takes lines that are too long without a word: that no line is, must be known from elsewhere.
    """
    options = layout.options
    if layout.reader != "csv" or options.get("quote") or layout.where or not set(options) <= PLAIN:
        return None
    ids = _Ids()
    try:
        rows = _staged(_whole(pieces, layout, today, ids), layout, file)
        rows.sink_parquet(target, compression="lz4")
    except ODD:
        return None
    return ids.told()
