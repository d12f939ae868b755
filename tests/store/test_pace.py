"""An import tells how far it is within a file, and can be stopped there without harm."""

import threading
import zipfile

import pytest

pytest.importorskip("duckdb")

from goodoffices.sources.gdelt import Gdelt
from goodoffices.store import intake, pace, pieces
from goodoffices.store.pace import Pace, Stopped
from goodoffices.store.store import Store
from goodoffices.workbench.feeds import import_events
from tests.sources.writing import gdelt_row, gdelt_text
from tests.store.held import held


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Files of a few lines come in several pieces, and every byte is worth a word."""
    monkeypatch.setattr(pieces, "PIECE", 1_000)
    monkeypatch.setattr(pieces, "PROBE", 500)
    monkeypatch.setattr(pace, "STEP", 1)


def written(path, text):
    path.write_text(text)
    return path


def taken(tmp_path, file):
    """Import a file; gives the bytes that were told, in their order."""
    ticks = []
    with Store.open(tmp_path / "s.duckdb", write=True, folders=[tmp_path]) as store:
        found = store.import_file(Gdelt(), file, tick=lambda more, _name: ticks.append(more))
    return ticks, found


def test_a_faultless_file_is_told_piece_by_piece(tmp_path):
    """The bar moves within a file, only ever onward, and ends at its size."""
    file = written(tmp_path / "x.export.CSV", gdelt_text(60))
    ticks, (found,) = taken(tmp_path, file)
    assert found.stored == 60
    assert len(ticks) > 5
    assert min(ticks) > 0
    assert max(ticks) <= 1_000
    assert sum(ticks) == file.stat().st_size


def test_a_file_that_is_read_again_goes_back_and_still_adds_up(tmp_path):
    """What is read once more is taken back from the bar; nothing is told that was not done."""
    file = written(tmp_path / "x.export.CSV", gdelt_text(60) + gdelt_row(99, EventCode="") + "\n")
    ticks, (found,) = taken(tmp_path, file)
    assert (found.stored, found.rejected) == (60, 1)
    assert min(ticks) < 0
    assert sum(ticks) == file.stat().st_size


def test_a_file_that_is_there_is_told_while_it_is_looked_at(tmp_path):
    """Looking whether a file is there already moves the bar, too."""
    file = written(tmp_path / "x.export.CSV", gdelt_text(60))
    taken(tmp_path, file)
    ticks, (found,) = taken(tmp_path, file)
    assert found.already
    assert len(ticks) > 5
    assert sum(ticks) == file.stat().st_size


def test_files_in_an_archive_share_its_bytes(tmp_path):
    """Each file of an archive moves the bar by its share of the packed bytes."""
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.export.CSV", gdelt_text(60))
        archive.writestr("b.export.CSV", gdelt_text(20, first=60))
    heard = []
    run = import_events(
        "gdelt", [file], tmp_path / "s.duckdb", tick=lambda more, name: heard.append((name, more))
    )
    assert [one.stored for one in run.files] == [60, 20]
    one, two = (
        sum(more for name, more in heard if name.endswith(last)) for last in ("a.export.CSV", "b.export.CSV")
    )
    assert one > two > 0
    assert sum(more for _name, more in heard) == file.stat().st_size


def test_a_file_that_cannot_be_taken_in_is_counted_as_done(tmp_path):
    """The bar reaches the end of every file, whatever became of it."""
    files = [written(tmp_path / "x.export.CSV", "a\tb\n"), written(tmp_path / "y.export.CSV", gdelt_text(5))]
    ticks = []
    run = import_events("gdelt", files, tmp_path / "s.duckdb", tick=lambda more, _name: ticks.append(more))
    assert [bool(one.said) for one in run.files] == [True, False]
    assert sum(ticks) == sum(file.stat().st_size for file in files)


@pytest.mark.parametrize("odd", ["", gdelt_row(99, EventCode="") + "\n"])
@pytest.mark.parametrize("after", [1, 3, 6])
def test_stopped_within_a_file_a_store_is_as_it_was(tmp_path, odd, after):
    """Wherever in a file the user stops, nothing of it stays, and the same import goes on later."""
    first = written(tmp_path / "a.export.CSV", gdelt_text(5))
    taken(tmp_path, first)
    before = held(tmp_path / "s.duckdb")
    file = written(tmp_path / "x.export.CSV", gdelt_text(60, first=5) + odd)
    ticks = []
    with (
        Store.open(tmp_path / "s.duckdb", write=True, folders=[tmp_path]) as store,
        pytest.raises(Stopped),
    ):
        store.import_file(
            Gdelt(), file, tick=lambda more, _name: ticks.append(more), stop=lambda: len(ticks) >= after
        )
    assert 0 < sum(ticks) < file.stat().st_size
    assert held(tmp_path / "s.duckdb") == before
    assert taken(tmp_path, file)[1][0].stored == 60


def test_the_thread_that_hears_of_ctrl_c_does_not_read(tmp_path, monkeypatch):
    """polars runs where no signal is handled: it must not keep the main thread from handling one."""
    where = []
    quickly = intake.staged_quickly
    monkeypatch.setattr(
        intake, "staged_quickly", lambda *given: where.append(threading.current_thread()) or quickly(*given)
    )
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(5)))
    assert where
    assert threading.main_thread() not in where


def test_a_long_question_can_be_stopped(tmp_path):
    """The careful reader and what sifts after it are interrupted in the middle of a question."""
    asked = []
    with Store.open(tmp_path / "s.duckdb", write=True) as store:
        mine = Pace(1, 1, stop=lambda: asked.append(1) or len(asked) > 1)
        with pytest.raises(Stopped), store._intake._stoppable(mine):
            store._connection.execute("SELECT count(*) FROM range(10_000_000_000) t(i) WHERE hash(i) = 1")
    assert len(asked) >= 2


def test_little_is_told_of_small_files(monkeypatch):
    """Between two words there are as many bytes as a step has; the last word brings the rest."""
    monkeypatch.setattr(pace, "STEP", 100)
    ticks = []
    mine = Pace(1000, 250, ticks.append)
    for done in range(100, 1001, 100):
        mine.came(done)
    mine.done()
    assert ticks == [100, 100, 50]
