"""The short cut gives the very rows that the careful way gives, or gives way to it."""

from datetime import date

import pytest

pytest.importorskip("duckdb")

from goodoffices.sources.gdelt import Gdelt
from goodoffices.sources.icews import Icews
from goodoffices.sources.keds import Keds
from goodoffices.store import intake, pieces
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
        source, file = Icews(), _full_icews(tmp_path)
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


def _whole(tmp_path, text, piece, monkeypatch):
    """Take in a text in pieces of so many bytes."""
    monkeypatch.setattr(pieces, "PIECE", piece)
    monkeypatch.setattr(pieces, "PROBE", 500)
    file = tmp_path / "x.export.CSV"
    file.write_text(text)
    with Store.open(tmp_path / "s.duckdb", write=True, folders=[tmp_path], today=TODAY) as store:
        (found,) = store.import_file(Gdelt(), file)
        return found, store.reports(columns="event_id, line, row_hash").to_pylist()


@pytest.mark.parametrize("piece", [150, 1_000, 1 << 20])
def test_pieces_of_any_size_give_the_same_rows(tmp_path, monkeypatch, piece):
    """Where a file is cut makes no difference to its rows, their order and their lines."""
    found, rows_ = _whole(tmp_path, gdelt_text(60).rstrip("\n"), piece, monkeypatch)
    assert (found.received, found.stored) == (60, 60)
    assert [row["line"] for row in rows_] == list(range(1, 61))
    assert [row["event_id"] for row in rows_] == [
        line.split("\t")[0] for line in gdelt_text(60).split("\n")[:-1]
    ]


def test_rows_that_come_again_in_another_piece_are_duplicates(tmp_path, monkeypatch):
    """Ids that rise within every piece but not from one to the next are found out."""
    text = gdelt_text(30)
    found, _rows = _whole(tmp_path, text + text, len(text), monkeypatch)
    assert (found.received, found.stored, found.duplicates) == (60, 30, 30)


def _full_icews(tmp_path):
    """Raw ICEWS of which no line ends in an empty cell."""
    file = tmp_path / "full-icews.tab"
    text = icews_raw().replace("\n", "\t0.5\n").replace("Longitude\t0.5", "Longitude")
    file.write_text(text.replace("\t\t0.5", "\t0.5"))
    return file


def test_a_heading_with_a_cell_too_few_makes_up_for_nothing(tmp_path):
    """One line with a cell too many is a matter for the careful way, even where the heading lacks one."""
    good, bad = _full_icews(tmp_path), tmp_path / "bad.tab"
    layout = Icews().layout(str(good))
    heading, *lines = good.read_text().splitlines()
    lines[-1] += "\tmore"
    bad.write_text("\n".join([heading.rpartition("\t")[0], *lines]) + "\n")
    assert staged_quickly(Pieces(good), layout, 1, TODAY, tmp_path / "x.parquet")
    assert not staged_quickly(Pieces(bad), layout, 1, TODAY, tmp_path / "x.parquet")
