"""The same words in bulk: readings as pandas, xarray and networkx objects (extra "frames")."""

from typing import Any

from goodoffices.errors import ExtraMissing

__all__ = ["dataset", "frame", "graph"]

_FIGURES = ("median", "lo", "hi")


def frame(rows: list[dict[str, Any]]) -> Any:
    """Give rows as a pandas frame, one belief and facet a row."""
    try:
        import pandas  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("frames", "to_frame()") from None
    table = pandas.DataFrame(rows)
    return table.drop(columns=[name for name in ("facts",) if name in table])


def dataset(rows: list[dict[str, Any]], samples: Any) -> Any:
    """Give rows as an xarray data set: figures over (truster, trustee, facet, time), draws beside.

    `trust` has the further dimension `draw`; facets without enough evidence are missing (NaN).
    """
    try:
        import xarray  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("frames", "to_xarray()") from None
    table = frame(rows).rename(columns={"as_of": "time"})
    index = ["truster", "trustee", "facet", "time"]
    table = table.set_index(index)[[*_FIGURES, "n_evidence", "coverage"]].astype(float)
    made = table.to_xarray()
    if samples is None:
        return made
    flat = samples.reshape(len(table), -1).copy()
    flat[table["median"].isna().to_numpy()] = float("nan")
    columns = {f"{number}": flat[:, number] for number in range(flat.shape[1])}
    stacked = frame([]).assign(**columns).set_index(table.index).to_xarray().to_dataarray("draw")
    return made.assign(trust=xarray.DataArray(stacked.transpose(*index, "draw")))


def graph(rows: list[dict[str, Any]]) -> Any:
    """Give rows as a directed graph: an edge from truster to trustee, an attribute for each facet."""
    try:
        import networkx  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("frames", "to_networkx()") from None
    made = networkx.DiGraph()
    for row in rows:
        made.add_edge(row["truster"], row["trustee"])
        edge = made.edges[row["truster"], row["trustee"]]
        for name in _FIGURES:
            if row[name] is not None:
                edge[f"{row['facet']}_{name}"] = row[name]
        edge[f"{row['facet']}_n"] = row["n_evidence"]
    return made
