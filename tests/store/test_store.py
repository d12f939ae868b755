"""A store keeps every line of its files accounted for, and each row with the day on which it was known."""

import csv
import gzip
import hashlib
import io
import os
import resource
import socket
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodoffices.errors import BusyError, NotFoundError, StoreError
from goodoffices.sources import gdelt
from goodoffices.sources.gdelt import Gdelt
from goodoffices.sources.icews import Icews
from goodoffices.sources.keds import Keds
from goodoffices.sources.plain import Plain
from goodoffices.store import pieces, schema
from goodoffices.store.store import Store
from goodoffices.workbench.feeds import import_events, store_info
from tests.sources.writing import gdelt_row, gdelt_text, icews_raw
from tests.store.held import held

TODAY = date(2020, 1, 1)
REAL = Path(__file__).parents[3] / "shared" / "data" / "events"


def written(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def taken(tmp_path: Path, *files: Path, source: str = "gdelt", **opening: object):
    return import_events(source, files, tmp_path / "s.duckdb", today=TODAY, **opening)


def rejects(tmp_path: Path):
    with Store.open(tmp_path / "s.duckdb") as store:
        return store.rejected()


def balanced(run) -> bool:
    return all(f.received == f.stored + f.duplicates + f.rejected for f in run.files)


# ---- accounting -----------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        *(gdelt_row(n) for n in range(5)),
        gdelt_row(1, EventCode=""),
        gdelt_row(2, SQLDATE="19790101"),
        gdelt_row(2, SQLDATE="197901019"),
        gdelt_row(3, GLOBALEVENTID=""),
        gdelt_row(4, NumMentions="many"),
        gdelt_row(4)[:-20] + "\tmore",
        "a\tb",
        "",
        "one word",
        gdelt_row(0, Actor1Code="A\0B"),
        gdelt_row(0, Actor1Code="É"),
    ]
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, min_size=1, max_size=40), ending=st.sampled_from(["", "\n", "\r\n"]))
def test_every_line_is_stored_or_a_duplicate_or_rejected(tmp_path_factory, lines, ending):
    """received = stored + duplicates + rejected, over the lines that an independent count finds."""
    folder = tmp_path_factory.mktemp("p")
    breaks = "\r\n" if ending == "\r\n" else "\n"
    file = written(folder / "x.export.CSV", gdelt_row(0) + breaks + breaks.join(lines) + ending)
    run = taken(folder, file)
    assert run.files[0].received == 1 + sum(bool(line) for line in lines)
    assert balanced(run)
    info = store_info(folder / "s.duckdb").sources[0]
    assert info.received == info.stored + info.duplicates + info.rejected


def test_rows_and_rejected_lines_keep_their_place(tmp_path):
    """Line numbers are those of the file, whatever was rejected, empty or a duplicate before them."""
    lines = [
        gdelt_row(0),
        "bad\tline",
        "",
        gdelt_row(1),
        gdelt_row(0),
        gdelt_row(2, EventCode=""),
        gdelt_row(3),
    ]
    taken(tmp_path, written(tmp_path / "x.export.CSV", "\n".join(lines)))
    with Store.open(tmp_path / "s.duckdb") as store:
        rows = store.query("SELECT line, event_id FROM reports ORDER BY line").fetchall()
    assert rows == [(1, "1000"), (4, "1001"), (7, "1003")]
    assert [(one.line, one.reason) for one in rejects(tmp_path)] == [
        (2, "Expected Number of Columns: 61 Found: 2"),
        (6, "no code"),
    ]


def test_importing_twice_changes_nothing(tmp_path):
    """A file that is there already is passed over by its hash, packed or not, under any name."""
    file = written(tmp_path / "x.export.CSV", gdelt_text(30))
    taken(tmp_path, file, small=10)
    before = held(tmp_path / "s.duckdb")
    packed = tmp_path / "y.export.CSV.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    run = taken(tmp_path, file, packed, small=10)
    assert all(one.already for one in run.files)
    assert run.counts() == dict.fromkeys(("received", "stored", "duplicates", "rejected"), 0)
    assert held(tmp_path / "s.duckdb") == before


@pytest.mark.parametrize("small", [1, 1000])
def test_a_row_of_another_file_is_a_duplicate(tmp_path, small):
    """The same row in two files is stored once, in partitions as in the store itself."""
    one = written(tmp_path / "a.export.CSV", gdelt_text(8))
    two = written(tmp_path / "b.export.CSV", gdelt_text(8, first=4))
    run = taken(tmp_path, one, two, small=small)
    assert [(f.stored, f.duplicates) for f in run.files] == [(8, 0), (4, 4)]


def test_rows_without_ids_are_the_same_where_all_columns_are(tmp_path):
    """A table without ids has no versions: another code on the same day is another row."""
    text = "date,source,target,code\n1990-01-01,A,B,043\n1990-01-01,A,B,043\n1990-01-01,A,B,044\n"
    run = taken(tmp_path, written(tmp_path / "k.csv", text), source="keds")
    assert (run.files[0].stored, run.files[0].duplicates) == (2, 1)


# ---- versions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("small", [1, 1000])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_a_later_version_shows_from_the_day_it_was_known(tmp_path, small, order):
    """Before that day the old version is seen, after it the new one, in whichever order files came."""
    day = {"SQLDATE": "20150301"}
    texts = [
        gdelt_row(0, **day, EventCode="043", DATEADDED="20150302000000"),
        gdelt_row(0, **day, EventCode="190", DATEADDED="20150402000000"),
        gdelt_row(0, **day, EventCode="057", DATEADDED="20150502000000"),
    ]
    files = [
        written(tmp_path / f"{n}.export.CSV", text + "\n" + gdelt_row(9)) for n, text in enumerate(texts)
    ]
    taken(tmp_path, *(files[n] for n in order), small=small)
    seen = {}
    with Store.open(tmp_path / "s.duckdb") as store:
        for known in ("2015-03-01", "2015-03-02", "2015-04-01", "2015-04-02", "2015-06-01"):
            rows = store.reports("event_id = '1000'", known_on=date.fromisoformat(known)).to_pylist()
            seen[known] = [row["code"] for row in rows]
        assert [row["code"] for row in store.reports("event_id = '1000'").to_pylist()] == ["057"]
    assert seen == {
        "2015-03-01": [], "2015-03-02": ["043"], "2015-04-01": ["043"], "2015-04-02": ["190"], "2015-06-01": ["057"],
    }  # fmt: skip


def test_a_change_without_a_stamp_is_known_from_its_import(tmp_path):
    """A yearly ICEWS file has no stamp: what it changes cannot have been known so before today."""
    one = written(tmp_path / "old-icews.tab", icews_raw())
    two = written(tmp_path / "new-icews.tab", icews_raw().replace("\t043\t", "\t190\t", 1))
    taken(tmp_path, one, two, source="icews")
    with Store.open(tmp_path / "s.duckdb") as store:
        first = store.reports("event_id = '500'", known_on=date(2019, 12, 31)).to_pylist()
        later = store.reports("event_id = '500'", known_on=TODAY).to_pylist()
    assert ([row["code"] for row in first], [row["code"] for row in later]) == (["043"], ["190"])


def test_nothing_of_the_future_is_seen(tmp_path):
    """A question as of a day sees no row that became known after it."""
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(40)))
    with Store.open(tmp_path / "s.duckdb") as store:
        for known in (date(2015, 2, 1), date(2015, 3, 4), date(2016, 1, 1)):
            rows = store.reports(known_on=known).to_pylist()
            assert all(row["known_on"] <= known for row in rows)
    assert len(rows) == 40


# ---- the file as a unit ---------------------------------------------------------------------------


def test_what_no_entry_names_is_swept(tmp_path):
    """Leftovers beside a store are gone when it is next opened for writing."""
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(3)))
    written(tmp_path / "s.parts" / "abc-9.parquet", "left over")
    written(tmp_path / "s.parts" / ".room" / "staged.parquet", "left over")
    held(tmp_path / "s.duckdb")
    assert not list((tmp_path / "s.parts").iterdir())


def test_a_partition_that_is_gone_is_told(tmp_path):
    """A store without one of its partitions says which, and gives no half answer."""
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(30)), small=10)
    (part,) = (tmp_path / "s.parts").glob("*.parquet")
    part.unlink()
    with pytest.raises(StoreError, match="put it back"):
        Store.open(tmp_path / "s.duckdb")


def test_an_import_can_be_stopped_and_goes_on(tmp_path):
    """Stopped, it holds whole files; asked again, it takes the rest."""
    files = [written(tmp_path / f"{n}.export.CSV", gdelt_text(5, first=5 * n)) for n in range(3)]
    seen = []
    run = taken(tmp_path, *files, tick=lambda _n, name: seen.append(name), stop=lambda: len(seen) >= 1)
    assert run.stopped
    assert [one.stored for one in run.files] == [5]
    run = taken(tmp_path, *files)
    assert [one.already for one in run.files] == [True, False, False]


def test_a_second_process_gets_a_sentence(tmp_path):
    """While one program has a store open for writing, another is told so."""
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(3)))
    code = (
        f"import sys; from goodoffices.store.store import Store; Store.open({str(tmp_path / 's.duckdb')!r})"
    )
    with Store.open(tmp_path / "s.duckdb", write=True):
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert other.returncode
    assert "BusyError" in other.stderr
    assert "another program has this store open" in other.stderr
    assert BusyError.status == 1


def test_within_a_program_many_read_and_one_writes(tmp_path):
    """Several readers at once have the same rows and terms; a writer beside anybody gets the sentence."""
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(3)))
    path = tmp_path / "s.duckdb"
    with Store.open(path) as one, Store.open(path) as other:
        assert [store.reports().num_rows for store in (one, other)] == [3, 3]
        for store in (one, other):
            with pytest.raises(StoreError, match=r"allowed|access|disabled|[Pp]ermission"):
                store.query("SELECT * FROM read_csv('/etc/hostname')").fetchall()
        with pytest.raises(BusyError, match="has this store open"):
            Store.open(path, write=True)
    with Store.open(path, write=True), pytest.raises(BusyError, match="has this store open"):
        Store.open(path, write=True)


def test_a_full_disk_is_told_and_leaves_the_store_as_it_was(tmp_path):
    """When nothing more can be written the file is taken back and the import ends with one sentence."""
    one = written(tmp_path / "a.export.CSV", gdelt_text(5))
    taken(tmp_path, one)
    before = held(tmp_path / "s.duckdb")
    two = written(
        tmp_path / "b.export.CSV",
        "".join(gdelt_row(n, Actor1Code=os.urandom(9).hex()) + "\n" for n in range(20_000)),
    )
    three = written(tmp_path / "c.export.CSV", gdelt_text(5, first=90_000))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        run = taken(tmp_path, two, three, small=10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert ["disk is full" in one.said for one in run.files] == [True]
    assert held(tmp_path / "s.duckdb") == before


# ---- what is no store, and stores of other versions -----------------------------------------------


def test_what_is_no_store_is_told(tmp_path):
    """A text, a DuckDB file of somebody else's, and nothing at all: one sentence each."""
    with pytest.raises(NotFoundError, match="no store"):
        Store.open(tmp_path / "none.duckdb")
    written(tmp_path / "text.duckdb", "hello\n" * 5000)
    for write in (False, True):
        with pytest.raises(StoreError, match="not a store"):
            Store.open(tmp_path / "text.duckdb", write=write)
    duckdb.connect(str(tmp_path / "other.duckdb")).execute("CREATE TABLE mine (a INT)").close()
    with pytest.raises(StoreError, match="mine"):
        Store.open(tmp_path / "other.duckdb", write=True)


def of_version(path: Path, version: int) -> Path:
    connection = duckdb.connect(str(path))
    for step in schema.STEPS[: min(version, len(schema.STEPS))]:
        for statement in step:
            connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('version', ?)", [str(version)])
    connection.close()
    return path


@pytest.mark.parametrize("version", range(1, schema.VERSION))
def test_a_store_of_an_older_version_opens_or_says_how(tmp_path, version):
    """Opened for writing it becomes one of this version; for reading it says what brings it there."""
    path = of_version(tmp_path / "s.duckdb", version)
    (tmp_path / "s.parts").mkdir()
    with pytest.raises(StoreError, match="older version"):
        Store.open(path)
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(3)))
    assert store_info(path).sources[0].stored == 3


def test_a_store_of_a_later_version_is_left_alone(tmp_path):
    """What this version does not know it does not touch."""
    with pytest.raises(StoreError, match="later version"):
        Store.open(of_version(tmp_path / "s.duckdb", 99), write=True)


# ---- closed doors ---------------------------------------------------------------------------------


def test_a_store_needs_no_network(tmp_path, monkeypatch):
    """An import and a question go through with sockets forbidden."""

    def refused(*_arguments, **_options):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(3)))
    assert store_info(tmp_path / "s.duckdb").sources[0].stored == 3


def test_a_store_reads_no_other_folder_and_learns_no_new_tricks(tmp_path):
    """Other files, extensions, attached databases and changed settings are all refused."""
    secret = written(tmp_path / "elsewhere" / "x.csv", "a,b\n1,2\n")
    taken(tmp_path, written(tmp_path / "feed" / "x.export.CSV", gdelt_text(3)))
    with Store.open(tmp_path / "s.duckdb", write=True, folders=[tmp_path / "feed"]) as store:
        for question in (
            f"SELECT * FROM read_csv('{secret}')",
            f"SELECT * FROM read_text('{tmp_path}/feed/../elsewhere/x.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/other.duckdb'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET autoload_known_extensions = true",
            "SELECT * FROM 'https://example.org/x.csv'",
        ):
            with pytest.raises(StoreError):
                store.query(question)


# ---- bad input ------------------------------------------------------------------------------------


def bomb() -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("z.export.CSV", "w") as member,
    ):
        for _ in range(80):
            member.write(bytes(1 << 20))
    return out.getvalue()


def excel(text: str) -> str:
    """As a spreadsheet leaves it: numbers without their leading zeros."""
    rows = [line.split("\t") for line in text.splitlines()]
    at = gdelt.SECOND_VERSION.index("EventCode")
    return "".join("\t".join([*row[:at], row[at].lstrip("0"), *row[at + 1 :]]) + "\n" for row in rows)


LONG_LINE = gdelt_row(1, Actor1Name="x" * 10_000_000)
GOOD = gdelt_row(0)
TABLE = {
    "truncated.export.CSV.gz": (gzip.compress(gdelt_text(500).encode())[:-400], "cut off", 0, 0),
    "bomb.export.CSV.zip": (bomb(), "times its size", 0, 0),
    "no.export.CSV.zip": (b"PK no zip at all", "damaged", 0, 0),
    "short.export.CSV": (f"{GOOD}\n{GOOD[:60]}\n", "Expected Number of Columns: 61", 1, 1),
    "shifted.export.CSV": (f"{GOOD}\nx\t{GOOD.rsplit(chr(9), 1)[0]}\n", "SQLDATE", 1, 1),
    "header.export.CSV": ("\t".join(gdelt.SECOND_VERSION) + f"\n{GOOD}\n", "line 1", 1, 1),
    "latin.export.CSV": (
        f"{GOOD}\n".encode() + gdelt_row(1, Actor1Code="É").encode("latin-1"),
        "utf-8",
        1,
        1,
    ),
    "excel.export.CSV": (excel(gdelt_text(4)), "leading zero", 1, 3),
    "future.export.CSV": (f"{GOOD}\n{gdelt_row(1, SQLDATE='20300101')}\n", "future", 1, 1),
    "year.export.CSV": (f"{GOOD}\n{gdelt_row(1, SQLDATE='197900101')}\n", "197900101", 1, 1),
    "early.export.CSV": (f"{GOOD}\n{gdelt_row(1, SQLDATE='01790101')}\n", "1800", 1, 1),
    "long.export.CSV": (f"{GOOD}\n{LONG_LINE}\n{gdelt_row(2)}\n", "line 2", 2, 1),
    "tabs.export.CSV": (f"{GOOD}\n{gdelt_row(1, Actor1Name=chr(9))}\n", "Found: 62", 1, 1),
    "nul.export.CSV": (f"{GOOD}\n{gdelt_row(1, Actor1Code='A' + chr(0))}\n", "NUL", 1, 1),
    "empty.export.CSV": ("", "empty", 0, 0),
    "gone.export.CSV": (None, "no such file", 0, 0),
    "prose.export.CSV": ("Dear reader,\nthis is a letter.\n", "57, 58 or 61", 0, 0),
}


@pytest.mark.parametrize("name", TABLE)
def test_bad_input_is_told_in_a_sentence_and_the_rest_goes_on(tmp_path, name):
    """Each kind of bad file: one sentence, its sound lines and the next file are taken in all the same."""
    content, said, stored, rejected = TABLE[name]
    bad = written(tmp_path / name, content) if content is not None else tmp_path / name
    good = written(tmp_path / "good.export.CSV", gdelt_text(3, first=50))
    run = taken(tmp_path, bad, good)
    first, last = run.files
    assert said in first.said
    assert "\n" not in first.said
    assert (first.stored, first.rejected) == (stored, rejected)
    assert balanced(run)
    assert not run.faultless
    assert (last.stored, last.said) == (3, "")
    kept = rejects(tmp_path)
    assert len(kept) == rejected
    assert all(one.raw and one.line and one.reason for one in kept)


@pytest.mark.parametrize("sort", ["csv", "parquet"])
def test_a_year_beyond_all_calendars_is_a_rejected_row(tmp_path, sort):
    """A day that the reader can tell but no calendar here has: one row is rejected, the rest is taken in."""
    head, rest = (
        "date,source,relation,target\n",
        "2014-01-02,Iran,Consult,China\n2014-01-03,Iran,Accuse,China\n",
    )
    path = written(tmp_path / "t.csv", f"{head}19790-01-01,Iran,Consult,China\n{rest}")
    if sort == "parquet":
        asked = f"COPY (SELECT * FROM read_csv('{path}', types={{'date': 'DATE'}})) TO '{tmp_path}/t.parquet'"
        duckdb.sql(asked)
        path = tmp_path / "t.parquet"
    file = taken(tmp_path, path, source="icews").files[0]
    assert (file.received, file.stored, file.rejected) == (3, 2, 1)
    assert "future" in file.said
    assert (str(file.first), str(file.last)) == ("2014-01-02", "2014-01-03")


def test_a_header_alone_is_an_answer_with_a_reason(tmp_path):
    """A table without a row says so."""
    run = taken(tmp_path, written(tmp_path / "k.csv", "date,source,target,code\n"), source="keds")
    assert "no lines of data" in run.files[0].said


def test_no_matching_row_is_an_answer(tmp_path):
    """A question that nothing matches gives an empty table with all its columns."""
    taken(tmp_path, written(tmp_path / "x.export.CSV", gdelt_text(3)))
    with Store.open(tmp_path / "s.duckdb") as store:
        found = store.reports("actor = 'NOBODY'")
    assert found.num_rows == 0
    assert "known_on" in found.column_names


def test_a_link_out_of_a_folder_is_not_followed(tmp_path):
    """A folder stands for the files in it; a link that leads elsewhere is told, and files of no source left out."""
    outside = written(tmp_path / "outside.export.CSV", gdelt_text(3))
    written(tmp_path / "feed" / "a.export.CSV", gdelt_text(2, first=70))
    written(tmp_path / "feed" / "README.md", "Prose.\n")
    (tmp_path / "feed" / "b.export.CSV").symlink_to(outside)
    run = taken(tmp_path, tmp_path / "feed")
    assert [(one.file, one.stored) for one in run.files] == [("a.export.CSV", 2), ("b.export.CSV", 0)]
    assert "leads out" in run.files[1].said
    assert run.left_out == ("README.md",)


def test_a_damaged_file_of_a_folder_is_told(tmp_path):
    """What is cut off, swells, or is empty shows no source by which to leave it out: it is told, and the rest goes on."""
    for name in ("truncated.export.CSV.gz", "bomb.export.CSV.zip", "no.export.CSV.zip", "empty.export.CSV"):
        written(tmp_path / "feed" / name, TABLE[name][0])
    written(tmp_path / "feed" / "good.export.CSV", gdelt_text(3))
    for name, text in (("README.md", ""), ("picture.png", b"\x89PNG\0\0"), ("note.txt", "Prose.\n")):
        written(tmp_path / "feed" / name, text)
    run = taken(tmp_path, tmp_path / "feed")
    told = {one.file: one.said for one in run.files}
    assert set(run.left_out) == {"README.md", "picture.png", "note.txt"}
    assert sum(one.stored for one in run.files) == 3
    for name, words in TABLE.items():
        assert words[1] in told.get(name, words[1])
    assert len(told) == 5
    assert not run.faultless


def test_codes_that_may_have_lost_a_zero_are_doubted_only_beside_others(tmp_path):
    """'10' is a root code in a sound file, and nobody knows what it was in a file that lost zeros."""
    sound = written(tmp_path / "a.export.CSV", gdelt_row(0, EventCode="10") + "\n" + gdelt_row(1) + "\n")
    lost = written(
        tmp_path / "b.export.CSV", gdelt_row(2, EventCode="10") + "\n" + gdelt_row(3, EventCode="43") + "\n"
    )
    run = taken(tmp_path, sound, lost)
    assert [(one.stored, one.rejected) for one in run.files] == [(2, 0), (0, 2)]


def test_an_archive_of_several_files_is_several_units(tmp_path):
    """Each file in a zip has its own counts, and one that is damaged does not take the others along."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../a.export.CSV", gdelt_text(2))
        archive.writestr("in/b.export.CSV", gdelt_text(3, first=9))
    run = taken(tmp_path, path)
    assert [(one.file, one.stored) for one in run.files] == [
        ("all.zip/../../a.export.CSV", 2),
        ("all.zip/in/b.export.CSV", 3),
    ]
    assert not (tmp_path.parent / "a.export.CSV").exists()


def test_a_master_list_stands_for_the_files_beside_it(tmp_path):
    """Files it names are taken where they lie beside it and are the same; the others are counted."""
    from hashlib import md5

    lines = []
    for n in range(3):
        name = f"2015030112000{n}.export.CSV.zip"
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(name[:-4], gdelt_text(2, first=2 * n))
        digest = md5((tmp_path / name).read_bytes(), usedforsecurity=False).hexdigest()
        lines.append(f"100 {digest if n else '0' * 32} http://data.example.org/gdeltv2/{name}")
    (tmp_path / "20150301120002.export.CSV.zip").unlink()
    run = taken(tmp_path, written(tmp_path / "masterfilelist.txt", "\n".join(lines) + "\n"))
    assert [one.stored for one in run.files] == [0, 2, 0]
    assert "MD5 differs" in run.files[0].said
    assert "1 of the 3 files" in run.files[2].said


# ---- counting bytes -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="ab\n\r\0", max_size=60), chunk=st.integers(1, 7), piece=st.integers(3, 20))
def test_lines_are_counted_alike_however_the_bytes_come(tmp_path_factory, text, chunk, piece):
    """Lines and empty lines are those that splitting the whole text gives, in pieces of any size."""
    file = written(tmp_path_factory.mktemp("c") / "x", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "CHUNK", chunk)
        patch.setattr(pieces, "PIECE", piece)
        patch.setattr(pieces, "PROBE", 2)
        came = list(pieces.Pieces(file))
        found = pieces.lines_of(file)
    assert b"".join(came) == file.read_bytes()
    assert all(one.endswith(b"\n") or b"\n" not in one for one in came[:-1])
    lines = text.removesuffix("\n").split("\n") if text else []
    assert found.lines == len(lines)
    ended = text.split("\n")[:-1]
    assert found.blank == tuple(n for n, line in enumerate(ended, 1) if line in ("", "\r"))
    assert found.nul == ("\0" in text)
    assert found.stray == ("\r" in text.replace("\r\n", "\n"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.text(alphabet="a,\t\r\0\n", max_size=3), min_size=1, max_size=4),
    sign=st.sampled_from("\t,"),
    ended=st.booleans(),
    chunk=st.integers(1, 7),
)
def test_lines_are_even_only_if_each_has_its_cells(tmp_path_factory, rows, sign, ended, chunk):
    """Of rows that have three cells at least, one sign or line too many is never made up for."""
    text = "\n".join(f"x{sign}{row}{sign}y" for row in rows) + ("\n" if ended else "")
    file = written(tmp_path_factory.mktemp("c") / "x", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "CHUNK", chunk)
        patch.setattr(pieces, "PIECE", 5)
        patch.setattr(pieces, "PROBE", 2)
        found = pieces.Pieces(file, sign.encode()).rest()
    assert found.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert found.size == len(text)
    assert found.even(len(rows), 3) == all(
        set(row) <= ({"a", ","} if sign == "\t" else {"a"}) for row in rows
    )


# ---- real files -----------------------------------------------------------------------------------

COUNTS = {
    "gdelt_v2_20191024143000.export.CSV": (Gdelt(), 2111),
    "gdelt_v1_20160728.csv": (Gdelt(), 710),
    "20181004-icews-events.tab": (Icews(), 2338),
    "20181225-icews-events.tab": (Icews(), 1499),
    "20190318-icews-events.tab": (Icews(), 2271),
    "icews14.parquet": (Icews(), 90_730),
    "icews18.parquet": (Icews(), 468_558),
    "icews_raw_2018_2019.parquet": (Icews(), 325_691),
    "keds_levant.cameo.parquet": (Keds(), 145_709),
    "keds_gulf.cameo.parquet": (Keds(), 54_466),
    "keds_balkans.weis.parquet": (Keds(), 72_953),
}


@pytest.mark.data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real data do not lie beside the project")
@pytest.mark.parametrize("name", COUNTS)
def test_real_files_are_received_whole(tmp_path, name):
    """What is received of a real file is what a plain count of its lines gives, and all of it is stored."""
    source, expected = COUNTS[name]
    with Store.open(tmp_path / "s.duckdb", write=True, folders=[REAL]) as store:
        (found,) = store.import_file(source, REAL / name)
    if name.endswith(".parquet"):
        assert pyarrow.parquet.read_metadata(REAL / name).num_rows == expected
    else:
        raw = (REAL / name).read_bytes()
        assert raw.count(b"\n") + (not raw.endswith(b"\n")) - name.endswith(".tab") == expected
    assert (found.received, found.stored, found.rejected) == (expected, expected, 0)


@pytest.mark.data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real data do not lie beside the project")
def test_real_agreements_are_received_whole(tmp_path):
    """UCDP and PA-X agreements, counted by the standard library's reader of CSV."""
    folder = REAL.parent / "agreements"
    for source, name, said in (
        ("ucdp-pa", "ucdp-peace-agreements-221.csv", {}),
        ("pax", "pax_v9.csv", {"known": "happened"}),
    ):
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            expected = sum(1 for _row in csv.reader(file)) - 1
        run = import_events(source, [folder / name], tmp_path / "s.duckdb", mapping=said)
        assert (run.files[0].received, run.files[0].stored) == (expected, expected)


def test_a_plain_parquet_is_read_as_a_csv_is(tmp_path):
    """The same table in both forms gives the same reports."""
    text = "happened_on,actor,target,code,known_on\n2015-03-01,A,B,043,2015-03-04\n2015-03-02,B,A,057,2015-03-02\n"
    table = written(tmp_path / "t.csv", text)
    duckdb.execute(f"COPY (SELECT * FROM read_csv('{table}', all_varchar=true)) TO '{tmp_path}/t.parquet'")
    found = []
    for name in ("t.csv", "t.parquet"):
        with Store.open(tmp_path / f"{name}.duckdb", write=True, folders=[tmp_path]) as store:
            store.import_file(Plain(), tmp_path / name)
            found.append(store.reports(columns="row_hash, known_on, code").to_pylist())
    assert found[0] == found[1]
