"""Fetching files from a server that breaks, refuses, lies and changes its mind."""

import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodoffices.cli.app import run
from goodoffices.errors import BusyError, StoreError, UsageError
from goodoffices.sources import fetch as sources
from goodoffices.sources.fetch import Offer, Wanted
from goodoffices.store import downloads
from goodoffices.store.downloads import download, listed
from goodoffices.store.politely import Manners
from tests.store.serving import Served, Shop, shop

BODY = bytes(i * 7 % 251 for i in range(40_000))
HASTY = Manners(gap=0.0, first_wait=0.0, timeout=10.0)

pytest.importorskip("httpx2")
pytest.importorskip("filelock")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server():
    with shop() as opened:
        yield opened


def _offer(**more) -> Offer:
    given = {
        "name": "made",
        "source": "gdelt",
        "title": "Made",
        "licence": "free",
        "url": "http://x/",
        **more,
    }
    return Offer(begins=lambda _asked: (), **given)


def _get(server: Shop, folder: Path, *names: str, offer: Offer | None = None, waits=None, **more):
    wanted = [
        Wanted(url=f"{server.url}/{name}", name=name.rpartition("/")[2], **more.pop("file", {}))
        for name in names
    ]
    wait = time.sleep if waits is None else waits.append
    given = {"signature": "goodoffices/test", "manners": HASTY, "wait": wait, **more}
    return download(offer or _offer(), wanted, folder, **given)


def _entry(folder: Path, name: str) -> dict:
    files = json.loads((folder / "manifest.json").read_text())["files"]
    return next(one for one in files if one["name"] == name)


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_file_that_comes_whole_stands_in_the_manifest(server, tmp_path):
    """A fetched file has its name, and the manifest says from where, when, under which terms, which hash."""
    server.files["a.csv"] = Served(BODY)
    got = _get(server, tmp_path, "a.csv")
    assert got.faultless
    assert (tmp_path / "a.csv").read_bytes() == BODY
    entry = _entry(tmp_path, "a.csv")
    assert entry["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert (entry["url"], entry["licence"], entry["bytes"]) == (f"{server.url}/a.csv", "free", len(BODY))
    assert datetime.fromisoformat(entry["retrieved_at"]).tzinfo is not None
    assert entry["checked"] == "length"
    assert _left(tmp_path) == ["a.csv", "manifest.json"]


def test_who_asks_says_so(server, tmp_path):
    """Every request carries the name of the product, and asks for a body that is not packed."""
    server.files["a.csv"] = Served(BODY)
    _get(server, tmp_path, "a.csv")
    heard = server.asked("a.csv")[0]
    assert heard["user-agent"] == "goodoffices/test"
    assert heard["accept-encoding"] == "identity"


def test_a_broken_file_goes_on_where_it_stopped(server, tmp_path):
    """After the line broke, only the rest is asked for, on the condition that the file is the same."""
    server.files["a.csv"] = Served(BODY, cuts=[10_000, 5_000])
    assert _get(server, tmp_path, "a.csv").faultless
    assert (tmp_path / "a.csv").read_bytes() == BODY
    asked = [(heard.get("range"), heard.get("if-range")) for heard in server.asked("a.csv")]
    assert asked == [(None, None), ("bytes=10000-", '"one"'), ("bytes=15000-", '"one"')]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(0, 20_000), max_size=4),
    ranges=st.booleans(),
    etag=st.sampled_from(['"one"', 'W/"one"', ""]),
    length=st.booleans(),
)
def test_however_it_breaks_the_file_is_the_same(server, tmp_path_factory, cuts, ranges, etag, length):
    """Wherever the line breaks, and whatever the server can do, a file is whole or it is not there."""
    folder = tmp_path_factory.mktemp("into")
    server.files["a.csv"] = Served(BODY, cuts=list(cuts), ranges=ranges, etag=etag, length=length)
    got = _get(server, folder, "a.csv", file={"size": len(BODY), "md5": hashlib.md5(BODY).hexdigest()})
    assert got.faultless or not length
    there = (folder / "a.csv").exists()
    assert there == got.faultless
    assert not there or (folder / "a.csv").read_bytes() == BODY


def test_a_server_without_ranges_sends_it_all_again(server, tmp_path):
    """Where a server sends no parts, a broken file begins anew and comes whole."""
    server.files["a.csv"] = Served(BODY, ranges=False, cuts=[30_000, 100])
    assert _get(server, tmp_path, "a.csv").faultless
    assert (tmp_path / "a.csv").read_bytes() == BODY


@pytest.mark.parametrize("honest", [True, False])
def test_a_file_that_changed_between_two_parts_is_never_patched(server, tmp_path, honest):
    """If the file is another one after the line broke, none of the old bytes stay, even if If-Range is ignored."""
    other = bytes(reversed(BODY)) + b"more"
    server.files["a.csv"] = Served(BODY, cuts=[10_000], later=[Served(other, etag='"two"', honest=honest)])
    assert _get(server, tmp_path, "a.csv").faultless
    assert (tmp_path / "a.csv").read_bytes() == other


def test_without_a_tag_a_file_of_another_length_is_seen_as_changed(server, tmp_path):
    """A length that changed between two parts tells that the file did, though the day did not."""
    day = "Wed, 01 Jan 2025 00:00:00 GMT"
    longer = Served(BODY + b"more", etag="", modified=day)
    server.files["a.csv"] = Served(BODY, etag="", modified=day, cuts=[10_000], later=[longer])
    assert _get(server, tmp_path, "a.csv").faultless
    assert (tmp_path / "a.csv").read_bytes() == BODY + b"more"


def test_what_cannot_be_told_apart_is_not_gone_on_with(server, tmp_path):
    """Without tag, day or a known hash, a broken file begins anew."""
    server.files["a.csv"] = Served(BODY, etag="", cuts=[10_000])
    assert _get(server, tmp_path, "a.csv").faultless
    assert [heard.get("range") for heard in server.asked("a.csv")] == [None, None]


def test_a_server_that_wants_to_be_left_alone_is(server, tmp_path):
    """429 with Retry-After, in seconds or as a date, is waited out; 503 without it, longer each time."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    first = [(429, {"Retry-After": "7"}), (429, {"Retry-After": date}), (503, {}), (500, {})]
    server.files["a.csv"] = Served(BODY, first=first)
    waits: list[float] = []
    manners = Manners(gap=0.0, first_wait=2.0)
    assert _get(server, tmp_path, "a.csv", waits=waits, manners=manners).faultless
    assert waits[0] == 7
    assert 30 < waits[1] <= 40
    assert waits[2:] == [8, 16]


def test_a_server_that_asks_for_too_much_patience_ends_the_run(server, tmp_path):
    """If a server asks for hours, nothing more is asked of it, and the sentence says when to come back."""
    server.files["a.csv"] = Served(BODY, first=[(429, {"Retry-After": "7200"})])
    server.files["b.csv"] = Served(BODY)
    got = _get(server, tmp_path, "a.csv", "b.csv")
    assert "120 minutes" in got.stopped
    assert not got.faultless
    assert server.asked("b.csv") == []


def test_requests_keep_their_distance(server, tmp_path):
    """Between the beginnings of two requests to one site lies the gap that manners ask for."""
    for name in ("a.csv", "b.csv", "c.csv"):
        server.files[name] = Served(BODY)
    waits: list[float] = []
    _get(server, tmp_path, "a.csv", "b.csv", "c.csv", waits=waits, manners=Manners(gap=60.0))
    assert len(waits) == 2
    assert all(50 < wait <= 60 for wait in waits)


def test_a_file_that_always_breaks_is_left_and_the_rest_goes_on(server, tmp_path):
    """After its tries a file is given up with a sentence; the others come in."""
    server.files["a.csv"] = Served(BODY, cuts=[0] * 50)
    server.files["b.csv"] = Served(BODY)
    got = _get(server, tmp_path, "a.csv", "gone.csv", "b.csv")
    assert [file.state for file in got.files] == ["failed", "failed", "fetched"]
    assert "404" in got.files[1].said
    assert len(server.asked("a.csv")) == HASTY.tries
    assert not (tmp_path / "a.csv").exists()


def test_a_server_that_gives_nothing_is_left_alone(server, tmp_path):
    """When several files in a row were tried in vain, the rest is not asked for."""
    names = [f"{n}.csv" for n in range(6)]
    for name in names:
        server.files[name] = Served(BODY, first=[(503, {})] * 50)
    got = _get(server, tmp_path, *names)
    assert got.stopped
    assert server.asked("5.csv") == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({"md5": "0" * 32}, "hash"),
        ({"size": 39_999}, "announced"),
        ({"size": 40_001}, "announced"),
    ],
)
def test_a_file_that_is_not_what_the_list_says_is_not_kept(server, tmp_path, file, words):
    """A wrong hash or length is tried twice, said, and leaves nothing behind."""
    server.files["a.csv"] = Served(BODY)
    got = _get(server, tmp_path, "a.csv", file=file)
    assert words in got.files[0].said
    assert len(server.asked("a.csv")) == 2
    assert _left(tmp_path) == []


def _zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", BODY)
    return packed.getvalue()


def test_a_zip_that_ends_early_is_seen_without_any_length(server, tmp_path):
    """Where the server gives no length, a truncated zip file is still not taken for whole."""
    server.files["a.zip"] = Served(_zipped(), etag="", length=False, cuts=[20_000] * 50)
    server.files["b.zip"] = Served(_zipped(), etag="", length=False)
    got = _get(server, tmp_path, "a.zip", "b.zip")
    assert [file.state for file in got.files] == ["failed", "fetched"]
    assert "zip" in got.files[0].said
    assert got.files[1].checked == "nothing"


def test_a_web_page_is_no_data(server, tmp_path):
    """A page to log in at, sent with status 200, does not become a table."""
    server.files["a.csv"] = Served(b"<html>log in</html>", kind="text/html; charset=utf-8")
    got = _get(server, tmp_path, "a.csv")
    assert "web page" in got.files[0].said
    assert not (tmp_path / "a.csv").exists()


def test_nobody_is_sent_to_another_site(server, tmp_path):
    """A redirection within the site is followed; one to another site is refused, unless the source names it."""
    port = server.url.rpartition(":")[2]
    server.files["in.csv"] = Served(b"", first=[(302, {"Location": "/a.csv"})] * 2)
    server.files["out.csv"] = Served(b"", first=[(302, {"Location": f"http://localhost:{port}/a.csv"})] * 2)
    server.files["file.csv"] = Served(b"", first=[(302, {"Location": "file:///etc/passwd"})])
    server.files["loop.csv"] = Served(b"", first=[(302, {"Location": "/loop.csv"})] * 20)
    server.files["a.csv"] = Served(BODY)
    got = _get(server, tmp_path, "in.csv", "out.csv", "file.csv", "loop.csv")
    assert [file.state for file in got.files] == ["fetched", "failed", "failed", "failed"]
    assert "localhost" in got.files[1].said
    assert _get(server, tmp_path, "out.csv", offer=_offer(sites=("localhost",))).faultless


def test_a_key_goes_to_its_own_site_only(server, tmp_path):
    """The key is sent where it belongs, not along a redirection to a site of another name; no file holds it."""
    port = server.url.rpartition(":")[2]
    server.files["a.csv"] = Served(b"", first=[(302, {"Location": f"http://localhost:{port}/b.csv"})])
    server.files["b.csv"] = Served(BODY)
    offer = _offer(sites=("localhost",), header=("Authorization", "Bearer {key}"))
    assert _get(server, tmp_path, "a.csv", offer=offer, key="s3cret").faultless
    assert server.asked("a.csv")[0]["authorization"] == "Bearer s3cret"
    assert "authorization" not in server.asked("b.csv")[0]
    assert not any(b"s3cret" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_key_that_is_refused_ends_the_run(server, tmp_path):
    """401 is said once, and nothing more is asked."""
    server.files["a.csv"] = Served(BODY, first=[(401, {})])
    server.files["b.csv"] = Served(BODY)
    got = _get(server, tmp_path, "a.csv", "b.csv")
    assert "key" in got.stopped
    assert server.asked("b.csv") == []


@pytest.mark.parametrize(
    "name",
    [
        "../up.csv",
        "..",
        ".hidden",
        "a/b.csv",
        "a\\b.csv",
        "C:x.csv",
        "",
        "a\nb",
        "manifest.json",
        "x.part",
        "a.",
    ],
)
def test_a_name_cannot_leave_the_folder(server, tmp_path, name):
    """Names that point out of the folder, or at its own files, are refused before anything is asked."""
    server.files["a.csv"] = Served(BODY)
    folder = tmp_path / "into"
    wanted = [Wanted(url=f"{server.url}/a.csv", name=name)]
    got = download(_offer(), wanted, folder, signature="t", manners=HASTY)
    assert got.files[0].state == "failed"
    assert server.asked("a.csv") == []
    assert [path.name for path in tmp_path.iterdir()] == ["into"]


def test_two_files_of_one_name_do_not_overwrite_each_other(server, tmp_path):
    """The second file of a name in one run is said, not written over the first."""
    server.files["x/a.csv"], server.files["y/A.csv"] = Served(b"first"), Served(b"second")
    got = _get(server, tmp_path, "x/a.csv", "y/A.csv")
    assert [file.state for file in got.files] == ["fetched", "failed"]
    assert (tmp_path / "a.csv").read_bytes() == b"first"


def test_what_is_there_and_whole_is_not_asked_for(server, tmp_path):
    """A second run asks nothing; a file that was damaged here since comes again."""
    server.files["a.csv"], server.files["b.csv"] = Served(BODY), Served(BODY)
    _get(server, tmp_path, "a.csv", "b.csv")
    (tmp_path / "b.csv").write_bytes(BODY[:-1] + b"!")
    got = _get(server, tmp_path, "a.csv", "b.csv")
    assert [file.state for file in got.files] == ["there", "fetched"]
    assert (len(server.asked("a.csv")), len(server.asked("b.csv"))) == (1, 2)
    assert (tmp_path / "b.csv").read_bytes() == BODY


def test_a_new_hash_in_the_list_fetches_the_new_file(server, tmp_path):
    """When the list of a source gives another hash than before, the file is fetched again."""
    server.files["a.csv"] = Served(BODY)
    _get(server, tmp_path, "a.csv", file={"md5": hashlib.md5(BODY).hexdigest()})
    server.files["a.csv"] = Served(b"new", etag='"two"')
    assert _get(server, tmp_path, "a.csv", file={"md5": hashlib.md5(b"new").hexdigest()}).faultless
    assert (tmp_path / "a.csv").read_bytes() == b"new"


def test_asked_again_an_unchanged_file_is_not_sent_again(server, tmp_path):
    """With `again` the server is asked by tag; 304 leaves the file, a new tag replaces it."""
    server.files["a.csv"] = Served(BODY)
    _get(server, tmp_path, "a.csv")
    assert _get(server, tmp_path, "a.csv", again=True).files[0].state == "there"
    assert server.asked("a.csv")[1]["if-none-match"] == '"one"'
    server.files["a.csv"] = Served(b"new", etag='"two"')
    assert _get(server, tmp_path, "a.csv", again=True).files[0].state == "fetched"
    assert (tmp_path / "a.csv").read_bytes() == b"new"


def test_a_file_that_came_in_just_before_the_machine_stopped_is_taken_over(server, tmp_path):
    """A whole file of the right hash that the manifest does not know is entered, not fetched."""
    (tmp_path / "a.csv").write_bytes(BODY)
    server.files["a.csv"] = Served(BODY)
    got = _get(server, tmp_path, "a.csv", file={"md5": hashlib.md5(BODY).hexdigest()})
    assert got.files[0].state == "there"
    assert server.asked("a.csv") == []
    assert _entry(tmp_path, "a.csv")["bytes"] == len(BODY)


def _stop_at(bytes_done: int):
    def tick(now) -> None:
        if now.name == "b.csv" and now.done >= bytes_done:
            raise KeyboardInterrupt

    return tick


def test_ctrl_c_keeps_what_is_there(server, tmp_path):
    """Interrupted, the run keeps whole files and parts; the next one goes on in the middle of the file."""
    big = BODY * 20
    server.files["a.csv"], server.files["b.csv"] = Served(BODY), Served(big)
    with pytest.raises(KeyboardInterrupt):
        _get(server, tmp_path, "a.csv", "b.csv", tick=_stop_at(1))
    assert _left(tmp_path) == ["a.csv", "b.csv.part", "b.csv.part.json", "manifest.json"]
    assert _get(server, tmp_path, "a.csv", "b.csv").faultless
    assert (len(server.asked("a.csv")), server.asked("b.csv")[1]["range"][:6]) == (1, "bytes=")
    assert (tmp_path / "b.csv").read_bytes() == big


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
@pytest.mark.parametrize("after", ["open", "replace", "add"])
def test_killed_anywhere_the_next_run_ends_with_the_same_files(server, tmp_path, after):
    """kill -9 while a file comes in, after its renaming, or after its entry: the next run makes it whole."""
    server.files["a.csv"], server.files["b.csv"] = Served(BODY), Served(BODY * 5)
    program = f"""
        import os, signal
        from pathlib import Path
        from goodoffices.sources.fetch import Offer, Wanted
        from goodoffices.store import downloads, manifest
        def die(*_a, **_k): os.kill(os.getpid(), signal.SIGKILL)
        if {after!r} == "replace": downloads.sync_folder = die
        if {after!r} == "add": downloads.Manifest.close = die
        offer = Offer(name="made", source="gdelt", title="", licence="", url="", begins=lambda a: ())
        wanted = [Wanted(url="{server.url}/" + n, name=n) for n in ("a.csv", "b.csv")]
        stop = die if {after!r} == "open" else lambda p: None
        downloads.download(offer, wanted, Path({str(tmp_path)!r}), signature="t", tick=stop,
            manners=downloads.Manners(gap=0.0))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert _get(server, tmp_path, "a.csv", "b.csv").faultless
    assert _left(tmp_path) == ["a.csv", "b.csv", "manifest.json"]
    assert (tmp_path / "b.csv").read_bytes() == BODY * 5
    assert [_entry(tmp_path, name)["bytes"] for name in ("a.csv", "b.csv")] == [len(BODY), len(BODY) * 5]


def test_two_programs_do_not_fetch_into_one_folder(server, tmp_path):
    """Whoever comes second is told so in a sentence."""
    server.files["a.csv"] = Served(BODY)
    with downloads._held(tmp_path), pytest.raises(BusyError, match="another program"):
        _get(server, tmp_path, "a.csv")


def test_a_full_disk_is_one_sentence(server, tmp_path, monkeypatch):
    """When the disk is full, the run ends with a sentence, and goes on when there is room."""
    server.files["a.csv"] = Served(BODY)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space"):
            _get(server, tmp_path, "a.csv")
    assert _get(server, tmp_path, "a.csv").faultless


def test_a_manifest_that_is_none_is_said(server, tmp_path):
    """A file of that name that is no manifest is not written over."""
    (tmp_path / "manifest.json").write_text("[1]")
    with pytest.raises(StoreError, match="not a list"):
        _get(server, tmp_path, "a.csv")


# -- lists, and the command -----------------------------------------------------------------------


@pytest.fixture
def gdelt(server, monkeypatch):
    monkeypatch.setattr(sources, "GDELT_DATA", server.url)
    names = [f"2015021823{m}00.export.CSV.zip" for m in ("00", "15")] + ["20150219000000.export.CSV.zip"]
    lines = ""
    for name in names:
        server.files[f"gdeltv2/{name}"] = Served(_zipped())
        md5 = hashlib.md5(_zipped()).hexdigest()
        lines += f"{len(_zipped())} {md5} http://elsewhere.example/gdeltv2/{name}\n"
    lines += "12 aa http://elsewhere.example/gdeltv2/20150218230000.gkg.csv.zip\nbroken line\n"
    server.files["gdeltv2/masterfilelist.txt"] = Served(lines.encode())
    monkeypatch.setattr("goodoffices.workbench.fetching.Manners", lambda: HASTY)
    return server


def test_the_command_fetches_what_a_list_names(gdelt, tmp_path, capsys):
    """`goodoffices fetch gdelt2` reads the list and fetches the days asked for, from its own site only."""
    into = tmp_path / "into"
    arguments = [
        "fetch",
        "gdelt2",
        "--from",
        "2015-02-18",
        "--until",
        "2015-02-18",
        "--into",
        str(into),
        "--json",
    ]
    assert run(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    assert [file["name"][:14] for file in said["files"]] == ["20150218230000", "20150218231500"]
    assert {file["checked"] for file in said["files"]} == {"md5"}
    assert len(_left(into)) == 3
    assert run([*arguments[:-1], "--quiet"]) == 0
    assert "2 there before" in capsys.readouterr().out


def test_a_dry_run_fetches_the_list_only(gdelt, tmp_path, capsys):
    """`--list` names the files and their sizes, and fetches none of them."""
    assert run(["fetch", "gdelt2", "--into", str(tmp_path), "--list", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [file["bytes"] for file in said["files"]] == [len(_zipped())] * 3
    assert _left(tmp_path) == []


def test_what_did_not_come_in_gives_status_3(gdelt, tmp_path, capsys):
    """A file that failed is named on the error stream; the others are there, and the status is 3."""
    del gdelt.files["gdeltv2/20150219000000.export.CSV.zip"]
    assert run(["fetch", "gdelt2", "--into", str(tmp_path), "--quiet"]) == 3
    out, err = capsys.readouterr()
    assert "20150219000000" in err
    assert "2 fetched" in out
    assert "attribution" in out


def test_a_list_that_cannot_be_had_is_said(server, tmp_path, monkeypatch):
    """Without its list a source gives nothing: one sentence."""
    monkeypatch.setattr(sources, "GDELT_DATA", server.url)
    one = sources.offer("gdelt")
    begins = sources.wanted(one, sources.Asked())
    got = download(one, begins, tmp_path, signature="t", manners=HASTY)
    assert [(file.name, file.state) for file in got.files] == [("md5sums", "failed")]
    with pytest.raises(StoreError, match="404"):
        listed(one, begins, tmp_path, signature="t", manners=HASTY)


def test_the_pages_of_an_interface_are_fetched_one_after_the_other(server, tmp_path, monkeypatch):
    """The first page says how many there are; the key goes along, and no file holds it."""
    monkeypatch.setattr(sources, "UCDP_PAGES", server.url)
    for page in range(3):
        body = json.dumps({"TotalPages": 3, "Result": [{"id": page}]}).encode()
        server.files[f"gedevents/25.1?pagesize=1000&page={page}"] = Served(body, kind="application/json")
    one = sources.offer("ucdp-api")
    got = download(
        one,
        sources.wanted(one, sources.Asked(release="25.1")),
        tmp_path,
        signature="t",
        key="k",
        manners=HASTY,
    )
    assert [file.name for file in got.files] == [f"ged-25.1-000{n}.json" for n in range(3)]
    assert server.asked("gedevents/25.1?pagesize=1000&page=2")[0]["x-ucdp-access-token"] == "k"


def test_a_source_that_wants_a_key_says_where_to_put_it(tmp_path, monkeypatch):
    """Without its key nothing is asked of the source."""
    from goodoffices.workbench.fetching import fetch

    monkeypatch.delenv("GOODOFFICES_UCDP_TOKEN", raising=False)
    with pytest.raises(UsageError, match="GOODOFFICES_UCDP_TOKEN"):
        fetch("ucdp-api", tmp_path, release="25.1")
