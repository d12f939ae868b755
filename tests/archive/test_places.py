"""A case folder on the disk: saved all together or not at all, and nothing outside it touched."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from goodoffices.cases.folder import load
from goodoffices.cases.places import JOURNAL, FolderPlace, contents, place_of, steady
from goodoffices.errors import CaseError


class Struck(Exception):  # noqa: N818 - it is no mistake
    """The program stops here."""


def striking(at):
    """Give a phase hook that stops the program when this phase begins."""

    def phase(name):
        if name == at:
            raise Struck

    return phase


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_save_replaces_removes_and_adds(tmp_path):
    """Files are replaced or removed, others grow, and nothing else lies in the folder afterwards."""
    place = FolderPlace(tmp_path)
    place.write({"a.csv": b"1", "branches/x.jsonl": b"2"}, {"history.jsonl": b"one\n"})
    place.write({"a.csv": b"3", "branches/x.jsonl": None}, {"history.jsonl": b"two\n"})

    assert contents(place) == {"a.csv": b"3", "history.jsonl": b"one\ntwo\n"}
    assert listed(tmp_path) == ["a.csv", "branches", "history.jsonl"]


@pytest.mark.parametrize(("at", "saved"), [("write", False), ("rename", True), ("history", True)])
def test_a_save_broken_off_is_whole_afterwards(tmp_path, at, saved):
    """Stopped before the journal nothing is saved, after it everything, once, however it is opened."""
    old, new = {"a.csv": b"1", "b.csv": b"1"}, {"a.csv": b"22", "b.csv": b"22"}
    FolderPlace(tmp_path).write(old, {"history.jsonl": b"1\n"})
    with pytest.raises(Struck):
        FolderPlace(tmp_path, striking(at)).write(new, {"history.jsonl": b"22\n"})

    found = contents(FolderPlace(tmp_path))

    assert found == (new | {"history.jsonl": b"1\n22\n"} if saved else old | {"history.jsonl": b"1\n"})
    assert listed(tmp_path) == ["a.csv", "b.csv", "history.jsonl"]


def test_laying_out_twice_is_laying_out_once(tmp_path):
    """What is added to a file is added once, also if half of it was there already."""
    place = FolderPlace(tmp_path)
    place.write({}, {"history.jsonl": b"one\n"})
    with pytest.raises(Struck):
        FolderPlace(tmp_path, striking("rename")).write({}, {"history.jsonl": b"two\n"})
    with (tmp_path / "history.jsonl").open("ab") as stream:
        stream.write(b"tw")

    assert place.read("history.jsonl") == b"one\ntwo\n"


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", ".lock", "a\\b", "c:x", "branches/../../x", "", "deep/er.csv", "a\nb", "x" * 300],
)
def test_a_name_that_leaves_the_folder_is_refused(tmp_path, name):
    """Climbing, absolute, hidden, deep and odd names are a fault, and nothing is written."""
    with pytest.raises(CaseError, match="leaves the case folder"):
        FolderPlace(tmp_path / "case").write({"a.csv": b"", name: b"x"})

    assert not (tmp_path / "case").exists()


def test_links_out_of_the_folder_are_neither_read_nor_written(tmp_path):
    """A link to elsewhere is not listed, not read, not written through; also a journal cannot do it."""
    (tmp_path / "secret.csv").write_bytes(b"secret")
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "a.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "branches").symlink_to(tmp_path)
    place = FolderPlace(folder)

    assert place.names() == ()
    for name in ("a.csv", "branches/secret.csv"):
        with pytest.raises(CaseError, match="leaves the case folder"):
            place.read(name)
        with pytest.raises(CaseError, match="leaves the case folder"):
            place.write({name: b"x"})
    (folder / JOURNAL).write_text(json.dumps({"files": {"../secret.csv": "eA=="}, "append": {}}))
    with pytest.raises(CaseError, match="a save that cannot be read"):
        place.read("b.csv")
    assert (tmp_path / "secret.csv").read_bytes() == b"secret"


def test_a_link_instead_of_the_temporary_file_is_not_followed(tmp_path):
    """Whoever gives a folder away cannot have a save write through a link in it."""
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / ".pending.new").symlink_to(tmp_path / "secret")
    FolderPlace(folder).write({"a.csv": b"x"})

    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert listed(folder) == ["a.csv"]


def test_a_journal_that_cannot_be_read_says_so(tmp_path):
    """Rubbish in the journal is one sentence, and the files stay."""
    FolderPlace(tmp_path).write({"a.csv": b"1"})
    (tmp_path / JOURNAL).write_bytes(b"{")

    assert "a save that cannot be read" in str(load(tmp_path).faults[0])
    assert (tmp_path / "a.csv").read_bytes() == b"1"


def test_the_stamp_changes_with_every_file(tmp_path):
    """A save and an outside editor change the stamp; reading does not."""
    place = FolderPlace(tmp_path)
    stamps = [place.stamp()]
    place.write({"a.csv": b"1"})
    stamps.append(place.stamp())
    (tmp_path / "a.csv").write_bytes(b"22")
    stamps.append(place.stamp())
    place.write({"branches/b.jsonl": b""})
    stamps.append(place.stamp())
    place.read("a.csv")

    assert len(set(stamps)) == 4
    assert place.stamp() == stamps[-1]


def test_several_files_are_read_as_of_one_moment(tmp_path):
    """If somebody saves between two reads, both are read again."""
    place = FolderPlace(tmp_path)
    place.write({"a.csv": b"1", "b.csv": b"1"})
    saves = [b"2"]

    def read(found):
        one = found.read("a.csv")
        if saves:
            new = saves.pop()
            FolderPlace(tmp_path).write({"a.csv": new, "b.csv": new})
        return one, found.read("b.csv")

    assert steady(place, read) == (b"2", b"2")


def test_threads_that_hold_do_not_lose_each_others_saves(tmp_path):
    """Reading, changing and writing under one hold loses nothing, also through two objects."""
    FolderPlace(tmp_path).write({"n.csv": b"0"})

    def add(_n):
        place = FolderPlace(tmp_path)
        with place.hold(), place.hold():
            place.write({"n.csv": b"%d" % (int(place.read("n.csv")) + 1)})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))

    assert (tmp_path / "n.csv").read_bytes() == b"40"
    assert listed(tmp_path) == ["n.csv"]


def test_a_reader_waits_for_a_save_in_progress(tmp_path):
    """With the journal written a reader sees the new state, never a mixture."""
    reached, go_on = threading.Event(), threading.Event()

    def phase(name):
        if name == "rename":
            reached.set()
            go_on.wait(10)

    FolderPlace(tmp_path).write({"a.csv": b"1"})
    reader = FolderPlace(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(FolderPlace(tmp_path, phase).write, {"a.csv": b"2"})
        reached.wait(10)
        reading = pool.submit(reader.read, "a.csv")
        go_on.set()
        writing.result()
        assert reading.result() == b"2"


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="needs modes of files")
def test_the_mode_of_a_file_stays(tmp_path):
    """A file that only its owner may read is still so after a save."""
    place = FolderPlace(tmp_path)
    place.write({"a.csv": b"1"})
    (tmp_path / "a.csv").chmod(0o600)
    place.write({"a.csv": b"2"})

    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o600


def test_a_disk_that_refuses_is_a_sentence(tmp_path, monkeypatch):
    """A full disk before the journal is whole: one sentence, the old files, nothing left over."""
    place = FolderPlace(tmp_path)
    place.write({"a.csv": b"1"})

    def full(_handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(CaseError, match=r"refuses to write.*nothing of this save was kept"):
            place.write({"a.csv": b"2"})

    assert contents(place) == {"a.csv": b"1"}
    assert listed(tmp_path) == ["a.csv"]


def test_a_case_is_read_from_any_place(made_folder):
    """`load` takes a folder or a place and finds the same case."""
    assert load(place_of(made_folder)).case == load(made_folder).case
