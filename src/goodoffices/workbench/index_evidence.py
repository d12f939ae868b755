"""The evidence of some pairs as a Parquet file: written from rows of the ledger, and read back whole."""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from goodoffices.analysis import index
from goodoffices.analysis.reports import Evidence
from goodoffices.domain.evidence import Facet
from goodoffices.errors import UsageError
from goodoffices.words import _
from goodoffices.workbench import index_places
from goodoffices.workbench.index_files import EPOCH, Pairs, dates, named, packed

__all__ = ["SCHEMA", "packed_evidence", "read"]

FACETS = [facet.value for facet in Facet]
SCHEMA = pa.schema(
    [
        *((name, pa.dictionary(pa.int32(), pa.string())) for name in ("truster", "trustee", "facet")),
        ("date", pa.date32()),
        ("sign", pa.int8()),
        ("weight", pa.float32()),
        ("gesture", pa.float32()),
        ("events", pa.int32()),
    ],
    metadata={"goodoffices": "evidence from reports"},
)


def packed_evidence(pairs: Pairs, rows: Evidence) -> bytes:
    """Give evidence as the bytes of a Parquet file; the pairs of `rows` are numbers into `pairs`."""
    names, truster, trustee = pairs
    made = {"truster": named(names, truster[rows.pair]), "trustee": named(names, trustee[rows.pair])}
    made |= {"facet": named(FACETS, rows.facet), "date": dates(rows.day)}
    made |= {name: pa.array(getattr(rows, name)) for name in ("sign", "weight", "gesture", "events")}
    return packed(pa.table([made[name] for name in SCHEMA.names], schema=SCHEMA))


def read(at: bytes | str) -> tuple[Pairs, Evidence]:
    """Read the evidence of some pairs, from its bytes or from a URL; pairs are numbered by their names.

    Raises
    ------
    UsageError
        If there is no such file, or it is not what a partition is.
    """
    name = at if isinstance(at, str) else _("a partition")
    table = _table(at if isinstance(at, bytes) else index_places.content(at), name)
    names, sides = _numbered(*(table[side] for side in ("truster", "trustee")))
    key, pair = np.unique(sides[0] * np.int64(len(names)) + sides[1], return_inverse=True)
    facets, (facet,) = _numbered(table["facet"])
    place = np.array([FACETS.index(one) if one in FACETS else len(FACETS) for one in facets], np.int8)
    day = table["date"].cast(pa.int32()).to_numpy() + np.int32(EPOCH)
    rows = Evidence(
        pair.astype(np.int32),
        place[facet],
        day,
        *(table[name].to_numpy() for name in ("sign", "weight", "gesture", "events")),
    )
    _check(rows, name)
    return (names, key // max(1, len(names)), key % max(1, len(names))), rows


def _table(data: bytes, name: str) -> Any:
    try:
        found = pyarrow.parquet.read_table(io.BytesIO(data)).select(SCHEMA.names).cast(SCHEMA)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise _refused(name, str(error).split("\n", maxsplit=1)[0]) from None
    if any(column.null_count for column in found.columns):
        raise _refused(name, _("cells are empty"))
    return found


def _refused(name: str, why: str) -> UsageError:
    said = _("{file}: is no partition ({why}); it has the columns {names}, rows in order of days")
    return UsageError(said.format(file=name, why=why, names=", ".join(SCHEMA.names)))


def _numbered(*columns: Any) -> tuple[list[str], list[NDArray[np.int64]]]:
    """Number the names of some columns together, in the order of the alphabet."""
    parts = [column.unify_dictionaries().combine_chunks() for column in columns]
    names = sorted({name for part in parts for name in part.dictionary.to_pylist()})
    number = {name: k for k, name in enumerate(names)}
    return names, [
        np.array([number[name] for name in part.dictionary.to_pylist()], np.int64)[part.indices.to_numpy()]
        for part in parts
    ]


def _check(rows: Evidence, name: str) -> None:
    if (np.diff(rows.day) < 0).any():
        raise _refused(name, _("a day comes before the one above it"))
    if not np.isin(rows.facet, index.FACETS).all():
        raise _refused(name, _("a facet is none of intention, capacity and predictability"))
