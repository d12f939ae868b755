"""Files into which the index of all pairs is written: Parquet, CSV, GraphML.

A file is written beside its place and then takes it, so that no half of one is ever left there.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from goodoffices.domain import frames
from goodoffices.domain.indexes import LABEL
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["Pairs", "Tables", "Writer", "dates", "named", "packed", "table", "tables_written", "written"]

Pairs = tuple[Sequence[str], NDArray[Any], NDArray[Any]]  # names, and the numbers of trusters and trustees
FIGURES = ("median", "lo", "hi", "change", "rank")
SCHEMA = pa.schema(
    [
        *(
            (name, pa.dictionary(pa.int32(), pa.string()))
            for name in ("source", "truster", "trustee", "facet")
        ),
        ("date", pa.date32()),
        *((name, pa.float32()) for name in FIGURES[:3]),
        ("n", pa.int64()),
        *((name, pa.float32()) for name in FIGURES[3:]),
    ],
    metadata={"goodoffices": LABEL, "calibrated": "false"},
)
EPOCH = 719163  # ordinal of 1970-01-01
PACKED: Mapping[str, Any] = {"compression": "zstd", "compression_level": 1}


class Writer(Protocol):
    """Takes one facet of one day of all pairs at a time."""

    rows: int

    def write(
        self, source: str, pairs: Pairs, facet: str, day: int, columns: Mapping[str, NDArray[Any]]
    ) -> None:
        """Take in rows."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class Tables(Writer, Protocol):
    """Takes whole tables too."""

    def add(self, table: Any) -> None:
        """Take in a table."""
        ...


def _same(text: str, n: int) -> Any:
    return pa.DictionaryArray.from_arrays(np.zeros(n, np.int32), [text])


def named(names: Sequence[str], number: NDArray[Any]) -> Any:
    """Give a column of names by their numbers."""
    return pa.DictionaryArray.from_arrays(number.astype(np.int32), list(names))


def dates(day: NDArray[Any]) -> Any:
    """Give a column of days from their ordinals."""
    return pa.array((day - EPOCH).astype(np.int32)).cast(pa.date32())


def table(
    source: str,
    pairs: Pairs,
    facet: tuple[Sequence[str], NDArray[Any]],
    day: NDArray[Any],
    columns: Mapping[str, NDArray[Any]],
) -> Any:
    """Give rows of the index as a table; facets are names and their numbers, days are ordinals."""
    names, truster, trustee = pairs
    figures = {name: pa.array(columns[name].astype(np.float32), from_pandas=True) for name in FIGURES}
    made = {"source": _same(source, len(day)), "facet": named(*facet), "date": dates(day), **figures}
    made |= {"truster": named(names, truster), "trustee": named(names, trustee)}
    made["n"] = pa.array(columns["n"].astype(np.int64))
    return pa.table([made[name] for name in SCHEMA.names], schema=SCHEMA)


def _table(source: str, pairs: Pairs, facet: str, day: int, columns: Mapping[str, NDArray[Any]]) -> Any:
    n = len(pairs[1])
    return table(source, pairs, ([facet], np.zeros(n, np.int32)), np.full(n, day), columns)


def packed(table: Any) -> bytes:
    """Give a table as the bytes of a Parquet file."""
    into = io.BytesIO()
    pyarrow.parquet.write_table(table, into, **PACKED)
    return into.getvalue()


class _Parquet:
    def __init__(self, path: Path) -> None:
        self.rows = 0
        self._file = pyarrow.parquet.ParquetWriter(path, SCHEMA, **PACKED)

    def write(
        self, source: str, pairs: Pairs, facet: str, day: int, columns: Mapping[str, NDArray[Any]]
    ) -> None:
        self.add(_table(source, pairs, facet, day, columns))

    def add(self, table: Any) -> None:
        self.rows += table.num_rows
        if table.num_rows:
            self._file.write_table(table)

    def close(self) -> None:
        self._file.close()


class _Csv:
    def __init__(self, path: Path) -> None:
        self.rows = 0
        plain = pa.schema(
            [(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in SCHEMA]
        )
        self._schema, self._file = plain, pyarrow.csv.CSVWriter(path, plain)

    def write(
        self, source: str, pairs: Pairs, facet: str, day: int, columns: Mapping[str, NDArray[Any]]
    ) -> None:
        self.add(_table(source, pairs, facet, day, columns))

    def add(self, table: Any) -> None:
        self.rows += table.num_rows
        self._file.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._file.close()


class _Graph:
    """The last day alone: an edge from truster to trustee, the facets as its attributes."""

    def __init__(self, path: Path) -> None:
        self.rows, self._path, self._day = 0, path, 0
        self._edges: list[dict[str, Any]] = []

    def write(
        self, source: str, pairs: Pairs, facet: str, day: int, columns: Mapping[str, NDArray[Any]]
    ) -> None:
        del source
        if day != self._day:
            self._day, self._edges, self.rows = day, [], 0
        names, truster, trustee = pairs
        for row, (one, other) in enumerate(zip(truster.tolist(), trustee.tolist(), strict=True)):
            figures = {name: float(columns[name][row]) for name in FIGURES}
            edge = {"truster": names[one], "trustee": names[other], "facet": facet, **figures}
            self._edges.append({**edge, "n_evidence": int(columns["n"][row])})
        self.rows += len(truster)

    def close(self) -> None:
        made = frames.graph(self._edges)  # says what is missing, if it is
        import networkx  # noqa: PLC0415 - an extra

        made.graph["label"] = LABEL
        for edge in self._edges:
            told = {f"{edge['facet']}_{name}": edge[name] for name in ("change", "rank")}
            kept = {name: value for name, value in told.items() if not np.isnan(value)}  # no rank: not active
            made.edges[edge["truster"], edge["trustee"]].update(kept)
        networkx.write_graphml(made, self._path)


_TABLES: Mapping[str, Callable[[Path], Tables]] = {".parquet": _Parquet, ".csv": _Csv}
_KINDS: Mapping[str, Callable[[Path], Writer]] = {**_TABLES, ".graphml": _Graph}
Kind = TypeVar("Kind", bound=Writer)


def written(path: Path) -> AbstractContextManager[Writer]:
    """Open a file for the index of all pairs; it is there when the block is left without an error.

    Raises
    ------
    UsageError
        If the ending of its name is that of no format.
    """
    return _beside(path, _KINDS)


def tables_written(path: Path) -> AbstractContextManager[Tables]:
    """Open a file as `written` does, one that takes whole tables: a graph does not."""
    return _beside(path, _TABLES)


@contextmanager
def _beside(path: Path, kinds: Mapping[str, Callable[[Path], Kind]]) -> Iterator[Kind]:
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        said = _("{file}: give it an ending that says how to write it: {endings}")
        raise UsageError(said.format(file=path, endings=", ".join(kinds)))
    beside = path.with_name(f".{path.name}.new")
    writer = kind(beside)
    try:
        yield writer
        writer.close()
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
