"""The file of an index read back: as a pandas frame, an xarray data set or a networkx graph (extra "frames").

Levels are kept beside change and rank, but change and rank within the source are what counts.
"""

import math
from datetime import date
from pathlib import Path
from typing import Any

from goodoffices.domain.indexes import LABEL
from goodoffices.errors import ExtraMissing, NotFoundError, UsageError
from goodoffices.words import _

__all__ = ["read_dataset", "read_frame", "read_graph"]

COLUMNS = ("source", "truster", "trustee", "facet", "date", "median", "lo", "hi", "n", "change", "rank")
FIGURES = ("median", "lo", "hi", "n", "change", "rank")
OVER = ("truster", "trustee", "facet", "time")
MOST = 20_000_000  # cells of one figure in a data set; judged: what a small machine holds


def read_frame(path: str | Path) -> Any:
    """Give the rows as a pandas frame, one pair, facet and day a row.

    Raises
    ------
    ExtraMissing
        Without pandas.
    NotFoundError
        If there is no such file.
    UsageError
        If it is no file of an index.
    """
    try:
        import pandas  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("frames", "read_frame()") from None
    where = Path(path)
    if not where.is_file():
        raise NotFoundError(_("{file}: no such file").format(file=path))
    try:
        table = pandas.read_parquet(where) if where.suffix == ".parquet" else pandas.read_csv(where)
    except (ValueError, OSError) as error:
        raise UsageError(_("{file}: no index can be read ({why})").format(file=path, why=error)) from None
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        said = _('{file}: no file of an index, for it has no column "{name}"')
        raise UsageError(said.format(file=path, name=missing[0]))
    words = {name: table[name].astype(str) for name in ("source", "truster", "trustee", "facet")}
    return table.assign(**words, date=pandas.to_datetime(table["date"]))[list(COLUMNS)]


def read_dataset(path: str | Path) -> Any:
    """Give all figures over (truster, trustee, facet, time) as an xarray data set; NaN where none is.

    Raises
    ------
    ExtraMissing, NotFoundError
        As `read_frame`.
    UsageError
        If it is no file of an index, or of so many pairs and days that the cube would not fit.
    """
    table = read_frame(path).rename(columns={"date": "time"})
    cells = 1
    for name in OVER:
        cells *= table[name].nunique()
    if cells > MOST:
        said = _("{file}: {n} cells, most of them empty; read the frame, and choose pairs or days")
        raise UsageError(said.format(file=path, n=f"{cells:,}"))
    try:
        made = table.set_index(list(OVER))[list(FIGURES)].to_xarray()
    except ImportError:
        raise ExtraMissing("frames", "read_dataset()") from None
    return made.assign_attrs(label=LABEL, source=", ".join(sorted(set(table["source"]))))


def read_graph(path: str | Path, day: date | None = None) -> Any:
    """Give one day (the last, if none is given) as a directed networkx graph: truster to trustee.

    Raises
    ------
    ExtraMissing, UsageError
        As `read_frame`.
    NotFoundError
        If there is no such file, or no row of that day in it.
    """
    table = read_frame(path)
    try:
        import networkx  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("frames", "read_graph()") from None
    on = table["date"].max().date() if day is None and len(table) else day
    rows = table[table["date"].dt.date == on]
    if not len(rows):
        raise NotFoundError(_("{file}: no row of {day}").format(file=path, day=on))
    made = networkx.DiGraph(label=LABEL, day=str(on))
    for row in rows.itertuples(index=False):
        given = {f"{row.facet}_{name}": getattr(row, name) for name in FIGURES}
        known = {name: value for name, value in given.items() if not math.isnan(value)}  # no rank: not active
        made.add_edge(row.truster, row.trustee, **known)
    return made
