"""Read a faultless file of plain lines with polars, which parses them faster than DuckDB does.

This is a short cut and nothing else: it either writes the very rows that `reading.staging` would, or
it writes nothing, and then DuckDB reads the file with care and keeps what it rejects.
"""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.compute as pc
import pyarrow.parquet as pq

from goodoffices.domain.events import COLUMNS, Layout
from goodoffices.store.reading import EARLIEST

__all__ = ["rising", "staged_quickly"]

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
ODD = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
PLAIN = {"delim", "quote", "escape", "header", "auto_detect", "columns", "dateformat", "timestampformat"}


def _lines(path: Path, layout: Layout) -> pl.LazyFrame:
    """The file as a table; days are read as texts first, for polars has no word for their format here."""
    options = layout.options
    kinds = {name: pl.String if kind in DAYS else TYPES[kind] for name, kind in options["columns"].items()}
    lines = pl.scan_csv(
        path, separator=options["delim"], has_header=options["header"], schema=kinds, quote_char=None
    )
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


def staged_quickly(path: Path, layout: Layout, file: int, today: date, target: Path) -> bool:
    """Write the rows of a file if no row is odd; say whether they were written.

    polars takes lines that are too long without a word: that no line is, must be known from elsewhere.
    """
    options = layout.options
    if layout.reader != "csv" or options.get("quote") or layout.where or not set(options) <= PLAIN:
        return False
    happened, known = _cell(layout, "happened_on"), _cell(layout, "known_on")
    kept = [name for name in COLUMNS if name not in {"event_id", "happened_on", "known_on"}]
    rows = (
        pl.lit(file, pl.Int32).alias("file"),
        pl.lit(None, pl.Int64).alias("line"),
        _cell(layout, "event_id").alias("event_id"),
        happened.alias("happened_on"),
        pl.max_horizontal(pl.coalesce(known, happened), happened).alias("known_on"),
        *(_cell(layout, name).alias(name) for name in kept),
        known.is_null().alias("known_assumed"),
        pl.when(_odd(layout, today)).then(pl.lit("|")).alias("fault"),
    )
    try:
        _lines(path, layout).select(rows).sink_parquet(target, compression="lz4")
        return int(pl.scan_parquet(target).select(pl.col("fault").count()).collect().item()) == 0
    except ODD:
        return False


def rising(path: Path, name: str) -> bool:
    """Say whether every value of a column is greater than the one before it."""
    last = None
    for batch in pq.ParquetFile(path).iter_batches(columns=[name]):
        values = batch.column(0)
        if last is not None and not pc.less(last, values[0]).as_py():
            return False
        if len(values) > 1 and not pc.all(pc.less(values[:-1], values[1:])).as_py():
            return False
        last = values[-1]
    return True
