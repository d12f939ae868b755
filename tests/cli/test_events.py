"""The commands for event data: what they print, and the status they end with."""

import json
import shutil

import pytest

pytest.importorskip("duckdb")

from goodoffices.cli.app import run
from tests.sources.writing import SAMPLES, gdelt_row, gdelt_text


@pytest.fixture
def feed(tmp_path):
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "a.export.CSV").write_text(gdelt_text(6))
    return folder


def test_an_import_prints_counts_that_add_up(tmp_path, feed, capsys):
    """Status 0, and received is what was stored, twice there and rejected; a second time nothing is new."""
    store = str(tmp_path / "s.duckdb")
    assert run(["import", "gdelt", str(feed), "--store", store]) == 0
    assert "received 6 = stored 6 + duplicates 0 + rejected 0" in capsys.readouterr().out
    assert run(["import", "gdelt", str(feed), "--store", store]) == 0
    assert "files 1, there before 1" in capsys.readouterr().out


def test_faults_end_with_status_three_and_the_rest_goes_on(tmp_path, feed, capsys):
    """A bad line is told on the error stream, and the other files are taken in."""
    (feed / "b.export.CSV").write_text(gdelt_row(9) + "\n" + gdelt_row(8, EventCode="") + "\n")
    store = str(tmp_path / "s.duckdb")
    assert run(["import", "gdelt", str(feed), "--store", store, "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["stored"], told["rejected"]) == (False, 7, 1)
    assert run(["import", "gdelt", str(feed / "none.csv"), "--store", store]) == 3
    assert "no such file" in capsys.readouterr().err


def test_store_info_tells_of_each_source(tmp_path, feed, capsys):
    """Names, counts, days, gaps and the actors that nobody could place, as text and as JSON."""
    store = str(tmp_path / "s.duckdb")
    run(["import", "gdelt", str(feed), "--store", store, "--quiet"])
    run(["import", "ucdp", str(SAMPLES / "GEDEvent_v23_1.csv"), "--store", store, "--known", "happened"])
    capsys.readouterr()
    assert run(["store", "info", store, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [source["name"] for source in told["sources"]] == ["gdelt", "ucdp"]
    for source in told["sources"]:
        assert source["received"] == source["stored"] + source["duplicates"] + source["rejected"]
    assert told["sources"][0]["first"] == "2015-03-01"
    assert ["Front", 6] in told["unresolved"]
    assert run(["store", "info", store]) == 0
    assert "because the user said so" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        (["import", "nobody", "x.csv", "--store", "s.duckdb"], 2, "gdelt"),
        (["import", "gdelt", "--store", "s.duckdb"], 2, "files or folders"),
        (["import", "one"], 2, "--store"),
        (["store", "drop", "s.duckdb"], 2, "info"),
        (["codes", "export", "x.csv", "--store", "s.duckdb"], 2, "use import"),
        (["codes", "import", "x.csv"], 2, "--store"),
        (["store", "info", "none.duckdb"], 1, "no store"),
    ],
)
def test_a_question_that_makes_no_sense_is_told(tmp_path, monkeypatch, capsys, command, status, said):
    """A source, a file or a store that is not there: one sentence."""
    monkeypatch.chdir(tmp_path)
    assert run(command) == status
    assert said in capsys.readouterr().err


def test_tables_still_come_back_into_a_case(tmp_path, capsys):
    """Without --store the command takes tables of a spreadsheet back into a case folder, as it did."""
    assert run(["new", str(tmp_path / "case")]) == 0
    assert run(["export", str(tmp_path / "case"), str(tmp_path / "sheet")]) == 0
    capsys.readouterr()
    assert run(["import", str(tmp_path / "sheet"), str(tmp_path / "case")]) == 0
    assert "evidence.csv" in capsys.readouterr().out


def _coded(tmp_path) -> str:
    """A store with two reports in codes that come with no product."""
    (tmp_path / "t.csv").write_text(
        "happened_on,actor,target,code\n2001-04-02,EGY,ISR,7\n2001-04-03,EGY,ISR,8\n"
    )
    (tmp_path / "m.toml").write_text('codes = "tones"\nactors = "iso"\n')
    store = str(tmp_path / "s.duckdb")
    where = [str(tmp_path / name) for name in ("t.csv", "m.toml")]
    assert run(["import", "plain", where[0], "--store", store, "--mapping", where[1]]) == 0
    return store


def test_an_own_list_of_codes_makes_its_reports_count(tmp_path, capsys):
    """Without the list no report of the store counts, and the store says so; with it those with a kind do."""
    store, table = _coded(tmp_path), tmp_path / "tones.csv"
    table.write_text("code,label,kind\n7,Attacks,armed_attack\n8,Says,\n", encoding="utf-8")
    asked = ["trust", "--store", store, "--truster", "ISR", "--trustee", "EGY", "--json", "--scale", "1"]
    capsys.readouterr()
    run(["store", "info", store])
    assert "codes that no list explains: tones" in capsys.readouterr().out
    run(asked)
    assert json.loads(capsys.readouterr().out)["counted"] == 0
    assert run(["codes", "import", str(table), "--store", store]) == 0
    said = capsys.readouterr().out
    assert "2 codes of tones were read from tones.csv. The list is yours" in said
    assert "1 of them count" in said
    run(asked)
    told = json.loads(capsys.readouterr().out)
    assert (told["counted"], {row["n"] for row in told["trust"]}) == (1, {1})
    run(["store", "info", store, "--json"])
    info = json.loads(capsys.readouterr().out)
    assert [(one["system"], one["codes"]) for one in info["code_lists"]] == [("tones", 2)]
    assert info["unlisted"] == []


def test_a_list_of_codes_is_kept_once_and_replaced_in_words(tmp_path, capsys):
    """The same list again changes nothing; another one of that name takes its place, and that is said."""
    store, table = _coded(tmp_path), tmp_path / "Mine.CSV"
    table.write_text("code,label,kind\n7,Attacks,armed_attack\n", encoding="utf-8")
    asked = ["codes", "import", str(table), "--store", store, "--name", "tones", "--json"]
    capsys.readouterr()
    for text, replaced in (("", False), ("", False), ("8,Says,\n", True)):
        table.write_text(table.read_text(encoding="utf-8") + text, encoding="utf-8")
        assert run(asked) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["system"], told["counted"], told["replaced"]) == ("tones", 1, replaced)
    assert told["codes"] == 2


@pytest.mark.parametrize(
    ("text", "more", "status", "said"),
    [
        ("code,label\n7,x\n7,y\n", [], 1, "every row needs a code of its own"),
        ("number,label\n7,x\n", [], 1, "code, label"),
        ("code,label,kind\n7,x,dance\n", [], 1, "dance"),
        ("code,label\n7,x\n", ["--name", "cameo"], 2, "comes with the product"),
        ("code,label\n7,x\n", ["--store", "none.duckdb"], 1, "no store none.duckdb"),
        (None, [], 1, "written as UTF-8"),
    ],
)
def test_a_list_that_cannot_be_taken_is_one_sentence(tmp_path, monkeypatch, capsys, text, more, status, said):
    """A fault of the file, of the name or of the store: one sentence, and the store is as it was."""
    monkeypatch.chdir(tmp_path)
    _coded(tmp_path)
    if text:
        (tmp_path / "mine.csv").write_text(text)
    capsys.readouterr()
    assert run(["codes", "import", "mine.csv", "--store", "s.duckdb", *more]) == status
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    run(["store", "info", "s.duckdb", "--json"])
    assert json.loads(capsys.readouterr().out)["code_lists"] == []


def test_a_mapping_file_declares_a_table(tmp_path, capsys):
    """Columns, codes and days of a table of one's own stand in a TOML file."""
    (tmp_path / "t.csv").write_text("when;who;whom;what\n02/04/1989;YUG;KSV;224\n")
    (tmp_path / "m.toml").write_text(
        'codes = "weis"\ndelimiter = ";"\ndates = "%d/%m/%Y"\n'
        '[columns]\nhappened_on = "when"\nactor = "who"\ntarget = "whom"\ncode = "what"\n'
    )
    store = str(tmp_path / "s.duckdb")
    said = [
        "import",
        "keds",
        str(tmp_path / "t.csv"),
        "--store",
        store,
        "--mapping",
        str(tmp_path / "m.toml"),
    ]
    assert run(said) == 0
    assert "stored 1" in capsys.readouterr().out
    (tmp_path / "m.toml").write_text("codes = 3\n")
    assert run(said) == 2
    shutil.rmtree(tmp_path / "s.parts", ignore_errors=True)
