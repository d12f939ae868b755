"""A case in one encrypted file: in clear only in memory, and never lost to a wrong byte."""

import os
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from goodoffices.archive import vault
from goodoffices.archive.vault import LockedPlace, lock_case, unlock_case
from goodoffices.cases.folder import load
from goodoffices.cases.places import FolderPlace, Place, contents
from goodoffices.errors import CaseError, ExtraMissing, LockedError, UsageError

pytest.importorskip("cryptography")

WORDS = "five words that nobody guesses"
MARKER = b"the envoy said so in confidence"
FILES = {"case.toml": b'title = "x"\n', "evidence.csv": b"id\n" + MARKER + b"\n", "branches/b.jsonl": b"{}\n"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """A passphrase is stretched less here than in earnest."""
    monkeypatch.setattr(vault, "WORK", 2**10)


@pytest.fixture
def folder(tmp_path):
    FolderPlace(tmp_path / "talks").write(FILES)
    return tmp_path / "talks"


def in_clear(folder):
    """List the files under a folder that hold the marker."""
    return [path for path in folder.rglob("*") if path.is_file() and MARKER in path.read_bytes()]


def test_locking_and_unlocking_gives_the_same_bytes(folder):
    """The folder becomes one file and the file the same folder again, byte for byte."""
    path = lock_case(folder, WORDS)

    assert path == folder.parent / "talks.locked"
    assert [each.name for each in folder.parent.iterdir()] == ["talks.locked"]
    assert unlock_case(path, WORDS) == folder
    assert contents(FolderPlace(folder)) == FILES
    assert [each.name for each in folder.parent.iterdir()] == ["talks"]


def test_nothing_lies_in_clear_while_it_is_open(folder, monkeypatch, tmp_path_factory):
    """Opened, read, saved: no file in the folder or the temporary folder ever holds the sentence."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    found, sync = [], os.fsync

    def looking(handle):
        sync(handle)
        found.extend([*in_clear(folder.parent), *in_clear(temporary)])

    path = lock_case(folder, WORDS)
    monkeypatch.setattr(os, "fsync", looking)
    place = LockedPlace(path, WORDS)
    place.write({"stakes.csv": b"key\n" + MARKER}, {"history.jsonl": MARKER})

    assert place.read("history.jsonl") == MARKER
    assert found + in_clear(folder.parent) + in_clear(temporary) == []


def test_a_locked_place_is_a_place(folder):
    """It reads, lists, replaces, removes and adds as a folder does, and another opening sees it."""
    place = LockedPlace(lock_case(folder, WORDS), WORDS)
    stamp = place.stamp()
    place.write({"evidence.csv": b"id\n", "branches/b.jsonl": None}, {"history.jsonl": b"one\n"})
    place.write({}, {"history.jsonl": b"two\n"})

    assert isinstance(place, Place)
    assert place.name == "talks"
    assert place.stamp() != stamp
    assert place.names() == ("case.toml", "evidence.csv", "history.jsonl")
    assert contents(LockedPlace(place.path, WORDS)) == contents(place)
    assert place.read("history.jsonl") == b"one\ntwo\n"
    with pytest.raises(CaseError, match="leaves the case folder"):
        place.write({"../x": b""})


def test_a_made_up_case_reads_the_same_locked(made_folder, tmp_path):
    """`load` finds the same case in the encrypted file as in the folder."""
    FolderPlace(tmp_path / "made").write(contents(FolderPlace(made_folder)))
    place = LockedPlace(lock_case(tmp_path / "made", WORDS), WORDS)

    assert load(place).case == load(made_folder).case


def test_a_wrong_passphrase_is_a_sentence_and_loses_nothing(folder):
    """Another passphrase opens nothing and changes nothing; accents typed either way are the same."""
    path = lock_case(folder, "café crème")
    before = path.read_bytes()
    for wrong in ("cafe creme", "", "café crème "):
        with pytest.raises(LockedError, match=r"does not open talks\.locked; nothing was changed"):
            LockedPlace(path, wrong)
        with pytest.raises(LockedError):
            unlock_case(path, wrong)

    assert path.read_bytes() == before
    assert contents(LockedPlace(path, "cafe\u0301 cre\u0300me")) == FILES


def test_an_altered_file_is_noticed_wherever_it_was_altered(folder):
    """One bit flipped in any region – name of the format, head, sum, nonce, body, tag – is a sentence."""
    path = lock_case(folder, WORDS)
    whole = path.read_bytes()
    places = {*range(40), *random.sample(range(len(whole)), 200), *range(len(whole) - 20, len(whole))}
    start = whole.index(b"\n", len(vault.MAGIC)) + 1
    for at in sorted({*places, start - 2, start - 1, start, start + 12}):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << random.randrange(8))]) + whole[at + 1 :])
        altered = path.read_bytes()
        with pytest.raises(LockedError, match="altered or cut short"):
            LockedPlace(path, WORDS)
        with pytest.raises(LockedError):
            unlock_case(path, WORDS)
        assert path.read_bytes() == altered
        assert not folder.exists()


def test_a_file_cut_short_is_noticed_wherever_it_ends(folder):
    """Cut at any length, or made longer, the file is refused with a sentence."""
    path = lock_case(folder, WORDS)
    whole = path.read_bytes()
    for length in {0, 1, 25, 26, 27, *random.sample(range(len(whole)), 60), len(whole) - 1}:
        path.write_bytes(whole[:length])
        with pytest.raises(LockedError, match="altered or cut short"):
            LockedPlace(path, WORDS)
    path.write_bytes(whole + b"x")
    with pytest.raises(LockedError, match="altered or cut short"):
        LockedPlace(path, WORDS)


def test_a_file_altered_while_open_is_noticed_and_not_written_over(folder):
    """What somebody did to the file is not hidden by the next save."""
    place = LockedPlace(lock_case(folder, WORDS), WORDS)
    place.path.write_bytes(place.path.read_bytes()[:-1])
    broken = place.path.read_bytes()
    with pytest.raises(LockedError, match="altered or cut short"):
        place.write({"case.toml": b"new"})

    assert place.path.read_bytes() == broken
    place.path.unlink()
    with pytest.raises(LockedError, match="cannot be read"):
        place.read("case.toml")


def test_a_head_that_asks_for_too_much_work_is_refused(folder, monkeypatch):
    """A file from a stranger cannot take all memory, whatever its head says."""
    path = lock_case(folder, WORDS)
    head, body = vault._parsed(path, path.read_bytes())
    for work in (2**40, 0, -1, 1000):
        path.write_bytes(vault.MAGIC + vault._Head(work, head.salt, head.key).line() + body)
        with pytest.raises(LockedError, match="altered or cut short"):
            LockedPlace(path, WORDS)


def test_two_openings_see_each_others_saves(folder):
    """Under a hold nothing is lost, though each opening keeps its own copy in memory."""
    path = lock_case(folder, WORDS)
    LockedPlace(path, WORDS).write({"n.csv": b"0"})
    places = [LockedPlace(path, WORDS) for _n in range(4)]

    def add(n):
        place = places[n % 4]
        with place.hold(), place.hold():
            place.write({"n.csv": b"%d" % (int(place.read("n.csv")) + 1)})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(40)))

    assert {place.read("n.csv") for place in places} == {b"40"}
    assert [each.name for each in path.parent.iterdir()] == ["talks.locked"]


def test_two_programs_see_each_others_saves(folder):
    """Another program's save changes the stamp, is read, and is added to."""
    path = lock_case(folder, WORDS)
    place = LockedPlace(path, WORDS)
    stamp = place.stamp()
    code = (
        "import sys; from pathlib import Path; from goodoffices.archive.vault import LockedPlace;"
        "LockedPlace(Path(sys.argv[1]), sys.argv[2]).write({}, {'history.jsonl': b'theirs\\n'})"
    )
    subprocess.run([sys.executable, "-c", code, str(path), WORDS], check=True)

    assert place.stamp() != stamp
    place.write({}, {"history.jsonl": b"mine\n"})
    assert place.read("history.jsonl") == b"theirs\nmine\n"


def test_a_file_locked_anew_must_be_opened_anew(folder):
    """With another key in the file, what is open says so instead of writing with the old one."""
    path = lock_case(folder, WORDS)
    place = LockedPlace(path, WORDS)
    lock_case(unlock_case(path, WORDS), WORDS)

    with pytest.raises(LockedError, match="locked anew"):
        place.write({"case.toml": b""})


def test_closing_forgets(folder):
    """After `close` nothing can be read without the passphrase."""
    place = LockedPlace(lock_case(folder, WORDS), WORDS)
    place.close()

    with pytest.raises(LockedError, match="give its passphrase"):
        place.names()
    assert MARKER.decode() not in repr(vars(place))


@pytest.mark.parametrize("stop", ["before", "wiping"])
def test_locking_broken_off_can_be_asked_for_again(folder, monkeypatch, stop):
    """Stopped after the file was written, or while the folder is wiped, locking goes on from there."""

    def stopped(path):
        if stop == "wiping" and path.name == "case.toml":
            path.write_bytes(bytes(path.stat().st_size))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(vault, "_wipe", stopped)
        with pytest.raises(KeyboardInterrupt):
            lock_case(folder, WORDS)
    path = lock_case(folder, WORDS)

    assert not folder.exists()
    assert contents(LockedPlace(path, WORDS)) == FILES


def test_unlocking_broken_off_can_be_asked_for_again(folder):
    """If the folder is there already with just these files, only the encrypted file is removed."""
    path = lock_case(folder, WORDS)
    FolderPlace(folder).write(FILES)
    unlock_case(path, WORDS)

    assert contents(FolderPlace(folder)) == FILES
    assert not path.exists()


def test_neither_locking_nor_unlocking_writes_over_another_case(folder):
    """Where other files are in the way both stop, and both sides stay."""
    path = lock_case(folder, WORDS)
    FolderPlace(folder).write({"case.toml": b"another"})
    with pytest.raises(UsageError, match="holds other files"):
        unlock_case(path, WORDS)
    with pytest.raises(UsageError, match="holds other files"):
        lock_case(folder, WORDS)

    assert contents(FolderPlace(folder)) == {"case.toml": b"another"}
    assert contents(LockedPlace(path, WORDS)) == FILES


@pytest.mark.parametrize("name", [".git", ".evidence.csv.swp", "old", "branches/.b.jsonl.swp"])
def test_what_would_stay_in_clear_stops_the_locking(folder, name):
    """A version history or an editor's copy beside the files is named before anything happens."""
    (folder / name).write_bytes(MARKER) if "." in name else (folder / name).mkdir()
    with pytest.raises(UsageError, match=re.escape(name)):
        lock_case(folder, WORDS)

    assert contents(FolderPlace(folder)) == FILES
    assert not (folder.parent / "talks.locked").exists()


def test_a_short_passphrase_and_a_folder_that_is_no_case_are_refused(folder, tmp_path):
    """Both are one sentence, and nothing is touched."""
    (tmp_path / "letters").mkdir()
    with pytest.raises(UsageError, match="soon guessed"):
        lock_case(folder, "short")
    with pytest.raises(UsageError, match="no case folder"):
        lock_case(tmp_path / "letters", WORDS)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["letters", "talks"]


def test_without_the_library_the_extra_is_named(folder, monkeypatch):
    """Where the encryption is not installed, the sentence says how to install it, and nothing is lost."""
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    with pytest.raises(ExtraMissing, match=r"goodoffices\[web\]"):
        lock_case(folder, WORDS)

    assert contents(FolderPlace(folder)) == FILES


def test_every_save_uses_fresh_randomness(folder):
    """Saving the same twice gives other bytes, so that nobody sees what changed."""
    place = LockedPlace(lock_case(folder, WORDS), WORDS)
    place.write({"case.toml": b"x"})
    one = place.path.read_bytes()
    place.write({"case.toml": b"x"})

    assert place.path.read_bytes() != one


def test_the_commands_lock_and_unlock(folder, monkeypatch, capsys):
    """`lock` and `unlock` take the passphrase from a file or the environment, never as a word."""
    from goodoffices.cli.app import run

    secret = folder.parent / "secret.txt"
    secret.write_text(WORDS + "\n", encoding="utf-8")
    monkeypatch.setenv("GOODOFFICES_PASSPHRASE", WORDS)

    assert run(["lock", str(folder), "--passphrase-file", str(secret)]) == 0
    assert run(["unlock", str(folder)]) == 0
    assert run(["unlock", str(folder)]) == 1
    assert run(["lock", "camp-david"]) == 1
    assert contents(FolderPlace(folder)) == FILES
    told = capsys.readouterr()
    assert "Locked:" in told.out
    assert "no locked case" in told.err
    assert WORDS not in told.out + told.err


def test_the_page_shows_how_to_open_it_without_this_program(folder, tmp_path):
    """The few lines in the documentation open the file with the library alone."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "keep-it-safe.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.+?)```", page, re.S)[1]
    path = lock_case(folder, WORDS)
    known = {"PATH": str(path), "PASSPHRASE": WORDS, "TARGET": str(tmp_path / "out")}
    exec(compile(code, "page", "exec"), known)

    assert (tmp_path / "out" / "evidence.csv").read_bytes() == FILES["evidence.csv"]
