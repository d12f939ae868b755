"""A case in a zip: the same bytes for the same case, and nothing of a stranger's zip trusted."""

import io
import random
import stat
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodoffices.archive import bundle
from goodoffices.archive.bundle import opened, pack, unpack
from goodoffices.cases.folder import load
from goodoffices.cases.places import FolderPlace, contents
from goodoffices.errors import CaseError, UsageError

CASE = ("case.toml", b"x")


def zip_of(*entries):
    """Pack entries as given: a name or a ZipInfo, and bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def entry(name, kind):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def refused(data, tmp_path, match):
    """The zip is refused with one sentence, and nothing is written."""
    with pytest.raises(CaseError, match=match) as caught:
        unpack(data, tmp_path / "new")
    assert len(caught.value.faults) == 1
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_case_comes_back_as_it_was(made_folder, tmp_path):
    """Packed and unpacked, every file has the same bytes."""
    place = FolderPlace(tmp_path / "made")
    place.write(
        contents(FolderPlace(made_folder)) | {"branches/Если.jsonl": b"{}\n", "history.jsonl": b"{}\n"}
    )

    assert set(unpack(pack(place), tmp_path / "new")) == set(place.names())
    assert contents(FolderPlace(tmp_path / "new")) == contents(place)


def test_the_same_case_gives_the_same_bytes(made_folder, tmp_path):
    """Neither the time nor the place shows in the zip."""
    FolderPlace(tmp_path / "elsewhere").write(dict(reversed(contents(FolderPlace(made_folder)).items())))

    assert pack(tmp_path / "elsewhere") == pack(made_folder)


def test_files_that_are_not_of_the_case_are_not_packed(made_folder, tmp_path):
    """Notes beside the case stay at home, so that every zip packed here can be unpacked."""
    place = FolderPlace(tmp_path / "made")
    place.write(contents(FolderPlace(made_folder)) | {"notes.txt": b"private"})

    assert "notes.txt" not in unpack(pack(place), tmp_path / "new")


def test_hidden_facts_are_nowhere_in_the_zip(made_folder, tmp_path):
    """No row, dispute, comment, rating, history or branch tells of them, and the rest is a valid case."""
    place, secret = FolderPlace(tmp_path / "made"), "mf002"
    files = contents(FolderPlace(made_folder))
    files["off.csv"] = f"fact,author,at,reason\n{secret},a,2000-01-01,secret\n".encode()
    files["comments.csv"] = (
        f"key,on,author,at,says\nc1,fact:{secret},a,2000-01-01,x\nc2,mf001,a,2000,y\n".encode()
    )
    files["history.jsonl"] = files["branches/b.jsonl"] = f'{{"of": "{secret}"}}\n'.encode()
    files["CHANGES.csv"] = f"key,old,new\nfacts:{secret}:says,x,y\n".encode()
    place.write(files)

    unpack(pack(place, {secret}), tmp_path / "new")
    found = contents(FolderPlace(tmp_path / "new"))

    assert secret in files["evidence.csv"].decode()
    assert all(secret.encode() not in data for data in found.values())
    assert b"c2,mf001" in found["comments.csv"]
    assert not {"history.jsonl", "branches/b.jsonl", "CHANGES.csv", "coding.toml"} & set(found)
    assert "mf001" in {fact.id for fact in load(tmp_path / "new").case.facts}


def test_one_folder_around_the_files_is_taken_off(tmp_path):
    """A zip of the folder itself, with what macOS and Windows add, is unpacked as the case."""
    data = zip_of(
        ("talks/", b""), ("talks/case.toml", b"x"), ("talks/branches/b.jsonl", b""), ("__MACOSX/._x", b""),
        ("talks/.DS_Store", b""),
    )  # fmt: skip

    assert unpack(data, tmp_path / "new") == ("branches/b.jsonl", "case.toml")


@pytest.mark.parametrize(
    "name",
    ["../case.toml", "/etc/passwd", "a/../../x", "talks/../../case.toml", "//host/x", "branches/../x.jsonl"],
)
def test_a_name_that_leaves_the_folder_is_refused(tmp_path, name):
    """Climbing and absolute names are refused."""
    refused(zip_of(CASE, (name, b"")), tmp_path, "leaves the case folder")


@pytest.mark.parametrize(
    "name",
    [
        "branches/con.jsonl", "branches/LPT1.x.jsonl", "branches/a\u202eb.jsonl", "branches/a\nb.jsonl", "c:\\x",
        "branches/a|b.jsonl", "..\\case.toml", "branches/x .jsonl ", "branches/" + "a" * 300 + ".jsonl", "a//b",
        "nul", ".ssh", "\u200b",
    ],
)  # fmt: skip
def test_a_name_that_not_every_system_allows_is_refused(tmp_path, name):
    """Reserved, hidden, invisible, turned round and over-long names are refused."""
    refused(zip_of(CASE, (name, b"")), tmp_path, "not every system allows|a file that no case has")


@pytest.mark.parametrize("name", ["evil.py", "sub/evidence.csv", "Case.toml", "branches/b.py", "inner.zip"])
def test_a_file_that_no_case_has_is_refused(tmp_path, name):
    """Only the known files are unpacked: no code, no deeper folders, no zip in a zip."""
    refused(zip_of(CASE, (name, b"")), tmp_path, "a file that no case has")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_link_or_a_device_is_refused(tmp_path, kind):
    """Nothing but plain files and folders."""
    refused(zip_of(CASE, (entry("evidence.csv", kind), b"/etc/passwd")), tmp_path, "a link or a device")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("evidence.csv", "evidence.csv"),
        ("branches/A.jsonl", "branches/a.jsonl"),
        ("branches/e\u0301.jsonl", "branches/\u00e9.jsonl"),
    ],
)
def test_the_same_name_twice_is_refused(tmp_path, one, other):
    """Also names that only some systems tell apart."""
    refused(zip_of(CASE, (one, b"1"), (other, b"2")), tmp_path, "the same name twice")


def test_too_many_files_are_refused(tmp_path):
    """A zip of thousands of names is not walked through."""
    many = [(f"branches/b{n}.jsonl", b"") for n in range(bundle.MOST_FILES)]
    refused(zip_of(CASE, *many), tmp_path, f"{bundle.MOST_FILES + 1} files")


def test_a_bomb_is_refused(tmp_path):
    """A file that unpacks to hundreds of times its size is refused before it is unpacked."""
    refused(zip_of(CASE, ("evidence.csv", bytes(5_000_000))), tmp_path, "far more than its size")


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path):
    """What a zip says of its sizes is not believed."""
    data = bytearray(zip_of(CASE, ("evidence.csv", bytes(3_000_000))))
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    refused(bytes(data), tmp_path, "far more than its size|cannot be unpacked")


def test_bounds_hold_for_one_file_and_for_all_together(tmp_path, monkeypatch):
    """A file too large for its kind, files too large together, and a zip too large are refused."""
    noise = random.Random(4).randbytes(1_200_000)
    refused(zip_of(CASE, ("moves.toml", noise)), tmp_path, "under 1 MB")
    monkeypatch.setattr(bundle, "MOST_BYTES", 1_500_000)
    refused(zip_of(CASE, ("evidence.csv", noise), ("stakes.csv", noise)), tmp_path, "all files under")
    monkeypatch.setattr(bundle, "MOST_PACKED", 1000)
    refused(bytes(2_000_000), tmp_path, "2 MB")


def test_an_encrypted_file_is_refused(tmp_path):
    """A zip with a password is told from a broken one."""
    data = bytearray(zip_of(CASE))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    refused(bytes(data), tmp_path, "an encrypted file")


def test_a_rare_way_of_packing_is_refused(tmp_path):
    """Stored and deflated only: other ways can take far more memory to unpack."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(*CASE)
    refused(out.getvalue(), tmp_path, "a rare way of packing")


def test_a_zip_without_a_case_is_refused(tmp_path):
    """Without `case.toml` it is no case."""
    refused(zip_of(("evidence.csv", b"")), tmp_path, "no such file in the zip")
    refused(zip_of(), tmp_path, "no such file in the zip")


def test_a_place_with_files_is_not_written_over(tmp_path, made_folder):
    """Unpacking goes into a new place only."""
    FolderPlace(tmp_path).write({"case.toml": b"mine"})
    with pytest.raises(UsageError, match="has files already"):
        unpack(pack(made_folder), tmp_path)

    assert (tmp_path / "case.toml").read_bytes() == b"mine"


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_broken_zip_is_a_sentence(made_folder, data):
    """Cut or altered anywhere, a zip is a fault or still the same files: nothing else is raised."""
    whole = pack(made_folder)
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = data.draw(
        st.sampled_from(
            [whole[:at], whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]]
        )
    )
    try:
        found = opened(broken)
    except CaseError:
        return
    assert set(found.values()) <= set(opened(whole).values())


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_rubbish_is_a_sentence(data):
    """Any bytes at all are a fault, never a crash."""
    with pytest.raises(CaseError):
        opened(data)
