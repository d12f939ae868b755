"""The short cut gives the very rows that the careful way gives, or gives way to it."""

from datetime import date

import pytest

pytest.importorskip("duckdb")

from goodoffices.sources.gdelt import Gdelt
from goodoffices.sources.icews import Icews
from goodoffices.sources.keds import Keds
from goodoffices.store import intake
from goodoffices.store.pieces import Pieces
from goodoffices.store.quick import staged_quickly
from goodoffices.store.store import Store
from tests.sources.writing import SAMPLES, gdelt_row, gdelt_text, icews_raw

TODAY = date(2020, 1, 1)


def rows(tmp_path, source, file, *, quick, monkeypatch):
    if not quick:
        monkeypatch.setattr(intake, "staged_quickly", lambda *_arguments: None)
    with Store.open(tmp_path / f"{quick}.duckdb", write=True, folders=[file.parent], today=TODAY) as store:
        store.import_file(source, file)
        kinds = store.query("DESCRIBE SELECT * FROM reports").fetchall()
        return kinds, store.reports().to_pylist()


@pytest.mark.parametrize("name", ["20150301120000.export.CSV", "full-icews.tab"])
def test_both_ways_give_the_same_rows(tmp_path, monkeypatch, name):
    """Values, empty cells, types, lines and hashes are the same whichever reader read the file."""
    file = SAMPLES / name
    source = Gdelt()
    if name.startswith("full"):
        source, file = Icews(), tmp_path / name
        file.write_text(
            icews_raw()
            .replace("\n", "\t0.5\n")
            .replace("Longitude\t0.5", "Longitude")
            .replace("\t\t0.5", "\t0.5")
        )
    assert staged_quickly(Pieces(file), source.layout(str(file)), 1, TODAY, tmp_path / "x.parquet")
    one = rows(tmp_path, source, file, quick=True, monkeypatch=monkeypatch)
    two = rows(tmp_path, source, file, quick=False, monkeypatch=monkeypatch)
    assert one == two
    assert one[1]


@pytest.mark.parametrize(
    "odd",
    [
        gdelt_row(1, SQLDATE="20300101"),
        gdelt_row(1, SQLDATE="2015030"),
        gdelt_row(1, EventCode=""),
        gdelt_row(1, GLOBALEVENTID=""),
        gdelt_row(1, NumMentions="x"),
        gdelt_row(1, DATEADDED="20150301"),
        gdelt_row(1, SOURCEURL=""),
        gdelt_row(1)[:40],
    ],
)
def test_the_short_cut_gives_way_to_anything_odd(tmp_path, odd):
    """A fault of any kind, or a line that may be too short, is a matter for the careful way."""
    file = tmp_path / "x.export.CSV"
    file.write_text(gdelt_text(5) + odd + "\n")
    layout = Gdelt().layout(str(file))
    assert not staged_quickly(Pieces(file), layout, 1, TODAY, tmp_path / "x.parquet")


def test_lines_that_are_too_long_are_found_by_counting(tmp_path):
    """polars takes a line with too many cells without a word; the store does not."""
    file = tmp_path / "x.export.CSV"
    file.write_text(gdelt_text(5) + gdelt_row(9) + "\tmore\n")
    with Store.open(tmp_path / "s.duckdb", write=True, folders=[tmp_path]) as store:
        (found,) = store.import_file(Gdelt(), file)
    assert (found.stored, found.rejected) == (5, 1)


def test_quoted_tables_go_the_careful_way(tmp_path):
    """The short cut is for plain lines only."""
    file = SAMPLES / "keds.csv"
    assert not staged_quickly(Pieces(file), Keds().layout(str(file)), 1, TODAY, tmp_path / "x.parquet")
