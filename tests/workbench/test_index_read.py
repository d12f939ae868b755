"""The file of an index, read back in the forms of the trade: the same figures in each."""

from datetime import date

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("numba")
pytest.importorskip("pandas")
pytest.importorskip("xarray")
pytest.importorskip("networkx")

import networkx

from goodoffices.errors import NotFoundError, UsageError
from goodoffices.workbench import index_read
from goodoffices.workbench.index_read import read_dataset, read_frame, read_graph
from goodoffices.workbench.indexing import Asked, all_index
from tests.workbench.test_indexing import rows, store_of


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The index of one store as Parquet, CSV and GraphML."""
    folder = tmp_path_factory.mktemp("index")
    store = store_of(folder / "one", rows(600))
    for ending in ("parquet", "csv", "graphml"):
        all_index(Asked(store=store, every="quarter", draws=2, scale=0.2), folder / f"t.{ending}")
    return folder


def test_parquet_and_csv_hold_the_same_rows(files):
    """One row a pair, facet and day, with change and rank."""
    one, other = read_frame(files / "t.parquet"), read_frame(files / "t.csv")

    assert list(one.columns) == list(index_read.COLUMNS)
    assert len(one) == len(other) > 100
    for name in index_read.FIGURES:
        assert one[name].to_numpy() == pytest.approx(other[name].to_numpy(), abs=1e-5, nan_ok=True)


def test_a_data_set_has_each_row_at_its_place(files):
    """Figures stand over truster, trustee, facet and time; what no row tells is missing."""
    table, cube = read_frame(files / "t.parquet"), read_dataset(files / "t.parquet")

    assert set(cube.dims) == {"truster", "trustee", "facet", "time"}
    assert int(cube["median"].notnull().sum()) == len(table)
    for row in table.iloc[::37].itertuples():
        at = cube.sel(truster=row.truster, trustee=row.trustee, facet=row.facet, time=row.date)
        assert (float(at["median"]), float(at["n"])) == (pytest.approx(row.median), row.n)
    assert cube.attrs["label"] == "ledger index from reports"


def test_a_graph_is_that_of_the_graphml_file(files):
    """The last day as a directed graph, read from the table or from GraphML: the same edges and figures."""
    graph, kept = read_graph(files / "t.parquet"), networkx.read_graphml(files / "t.graphml")

    assert set(graph.edges) == set(kept.edges)
    for one, two, edge in graph.edges(data=True):
        for name in ("intention_median", "intention_change", "intention_rank"):
            assert edge.get(name) == pytest.approx(kept.edges[one, two].get(name), abs=1e-5)
    assert any("intention_rank" in edge for _one, _two, edge in graph.edges(data=True))
    early = read_graph(files / "t.parquet", date(2001, 3, 31))
    assert early.number_of_edges() <= graph.number_of_edges()
    assert early.graph["day"] == "2001-03-31"


def test_what_cannot_be_read_is_said(files, tmp_path, monkeypatch):
    """No file, another table, a day without rows, a cube that would not fit: one sentence each."""
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    (tmp_path / "x.parquet").write_text("no parquet")
    for path, error, said in (
        (tmp_path / "none.csv", NotFoundError, "no such file"),
        (tmp_path / "x.csv", UsageError, "no file of an index"),
        (tmp_path / "x.parquet", UsageError, "no index can be read"),
    ):
        with pytest.raises(error, match=said):
            read_frame(path)
    with pytest.raises(NotFoundError, match="1999-01-01"):
        read_graph(files / "t.csv", date(1999, 1, 1))
    monkeypatch.setattr(index_read, "MOST", 10)
    with pytest.raises(UsageError, match="choose pairs or days"):
        read_dataset(files / "t.csv")
