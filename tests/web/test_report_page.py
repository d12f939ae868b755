"""The page "report": what an audience does not get to see is in no file, and every file is what it says."""

import csv
import io
import json
import shutil
import zipfile
from datetime import date
from html import unescape
from xml.etree import ElementTree

import pytest

from goodoffices.workbench import exporting
from goodoffices.workbench.asking import Asked, Planner
from goodoffices.workbench.desk import Ref
from goodoffices.workbench.exporting import KINDS, Wanted, export, left_out, withheld

DAY = "2003-08-01"
PAGE = "/own/mine/report"
OWN = Ref(shelf="own", name="mine")
SECRETS = ("SECRET-RED", "SECRET-TITLE", "SECRET-NOTE", "secret-a.example")


def save(client, kind: str, **given):
    return client.get(f"{PAGE}/save/{kind}", params={"at": DAY, **given})


def tables(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def everything(data: bytes) -> str:
    """The text of a file, unpacked if it is packed."""
    return "".join(tables(data).values()) if data[:2] == b"PK" else data.decode("utf-8", "replace")


def change(desk, *rows, branch="", why=""):
    numbered = [{"id": f"n{k}", "reason": why, **row} for k, row in enumerate(rows, 1)]
    return desk.opened(OWN).change(desk.bench.changes(numbered), branch=branch)


# -- what is withheld -------------------------------------------------------------------------------


@pytest.mark.parametrize(("audience", "n"), [("clear", 6), ("green", 4), ("amber", 2)])
def test_the_page_lists_what_an_audience_does_not_see(client, audience, n):
    """Every withheld fact that was known on the day is named, and no other."""
    text = client.get(PAGE, params={"at": DAY, "audience": audience}).text.partition('id="foot"')[0]

    assert f"{n} of 38 facts known on that day are withheld:" in text
    assert text.count('class="day"') == n
    assert ("SECRET-AMBER-A" in text) == (audience != "amber")
    assert "SECRET-RED-A" in text


def test_where_nothing_is_withheld_the_page_says_so(client):
    """For the innermost audience there is no empty table but a sentence."""
    text = client.get(PAGE, params={"at": DAY, "audience": "red"}).text

    assert "Nothing: every fact known on that day is for this audience." in text
    assert 'class="day"' not in text


def test_what_else_is_left_out_is_counted(client, desk):
    """Beliefs that rest on withheld facts are counted as the report marks them."""
    opened = desk.opened(OWN)
    reading = opened.reading(date.fromisoformat(DAY), audience="amber")
    marked = sum("withheld" in row.reason for row in reading.trust)
    told = left_out(opened, Wanted(at=date.fromisoformat(DAY)))

    assert marked
    assert any(line.startswith(f"{marked} beliefs rest on withheld facts") for line in told)
    for address in (f"{PAGE}/left-out", PAGE):
        assert told[0] in client.get(address, params={"at": DAY, "left": "1"}).text


def test_later_facts_count_for_the_tables(desk):
    """Before the red facts became known a report hides nothing, but the tables still leave them out."""
    found = withheld(desk.opened(OWN), Wanted(at=date(2002, 1, 1)))

    assert not found.facts
    assert found.later == 2


def test_a_case_above_its_audience_is_asked_about(client, desk):
    """A case that is itself marked is not handed on without a question."""
    toml = desk.folder / "mine" / "case.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('sensitivity = "clear"', 'sensitivity = "red"'), encoding="utf-8")

    assert 'sensitivity = "red"' in toml.read_text(encoding="utf-8")
    assert "The case itself is marked red" in client.get(PAGE, params={"at": DAY}).text


# -- the files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_holds_what_its_audience_may_not_see(client, kind):
    """Neither words nor source of a red fact are in any file for the audience amber."""
    answer = save(client, kind, audience="amber")

    assert answer.status_code == 200, answer.text
    assert not [word for word in SECRETS if word in everything(answer.content)]
    assert f"mine-{DAY}-amber" in answer.headers["content-disposition"]


def test_those_who_may_see_all_get_all(client):
    """For the innermost audience page and tables hold the red facts."""
    for kind in ("html", "csv"):
        assert "SECRET-RED-A" in everything(save(client, kind, audience="red").content)


def test_json_is_what_the_command_line_prints(client, bench, made_folder):
    """The saved figures are byte for byte those of `read --json` for the audience."""
    reading = bench.read(made_folder, DAY, audience="green")
    printed = json.dumps(reading.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    assert save(client, "json", audience="green").text == printed


def test_tables_are_those_of_the_case(client, desk):
    """For the innermost audience every row of every table is there, cell by cell."""
    found = tables(save(client, "csv", audience="red").content)
    folder = desk.folder / "mine"

    assert set(found) == {path.name for path in folder.glob("*.csv")}
    for name, text in found.items():
        rows = list(csv.reader(io.StringIO((folder / name).read_text(encoding="utf-8"))))
        assert list(csv.reader(io.StringIO(text))) == rows


def test_tables_run_nothing_in_a_spreadsheet(client, desk):
    """A cell that begins like a formula is written as text."""
    change(desk, {"op": "replace_fact", "target": "mf031", "value": {"says": '=HYPERLINK("x")'}})
    text = tables(save(client, "csv").content)["evidence.csv"]

    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text.replace('"', "")


def test_what_hangs_on_withheld_facts_is_in_no_table(client, desk):
    """Other readings and remarks of withheld facts stay out, and remarks altogether."""
    other = {
        "key": "alt900",
        "fact": "mf027",
        "kind": "none",
        "weight": 0.3,
        "says_who": "WHO",
        "known_on": DAY,
    }
    change(
        desk,
        {"op": "add_alternative", "value": other},
        {"op": "comment", "value": {"key": "cm0001", "on": "mf001", "says": "REMARK"}},
    )
    found = tables(save(client, "csv", audience="amber").content)

    assert "comments.csv" not in found
    assert "WHO" not in "".join(found.values())
    assert "comments.csv" in tables(save(client, "csv", audience="red").content)


def test_the_network_is_the_trust_of_the_reading(client, desk):
    """GraphML can be read, and its edges are the pairs of the reading."""
    pytest.importorskip("networkx")
    root = ElementTree.fromstring(save(client, "graphml").content)
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    edges = {(edge.get("source"), edge.get("target")) for edge in root.iterfind(".//g:edge", space)}
    reading = desk.opened(OWN).reading(date.fromisoformat(DAY), options=False)

    assert edges == {(row.truster, row.trustee) for row in reading.trust}


def test_the_table_of_beliefs_is_the_frame_of_the_reading(client, desk):
    """Parquet gives back what `to_frame` holds."""
    pandas, _arrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    frame = desk.opened(OWN).reading(date.fromisoformat(DAY), audience="amber").to_frame()

    pandas.testing.assert_frame_equal(pandas.read_parquet(io.BytesIO(save(client, "parquet").content)), frame)


@pytest.mark.parametrize(("kind", "module"), [("graphml", "networkx"), ("parquet", "pyarrow")])
def test_a_missing_part_is_named(client, monkeypatch, kind, module):
    """Without the library the page offers no such file, and its address answers 501 with what to install."""
    there = exporting.find_spec
    monkeypatch.setattr(exporting, "find_spec", lambda name: None if name == module else there(name))
    answer = save(client, kind)

    assert answer.status_code == 501
    assert "pip install" in answer.text
    page = client.get(PAGE, params={"at": DAY}).text
    assert f"save/{kind}" not in page
    assert "pip install" in page


@pytest.mark.parametrize(("kind", "given"), [("pdf", {}), ("json", {"audience": "everybody"})])
def test_what_there_is_not_is_a_sentence(client, kind, given):
    """An unknown kind of file or audience says which there are."""
    answer = save(client, kind, **given)

    assert answer.status_code == 422
    assert "use one of" in unescape(answer.text)


def test_a_name_in_any_script_is_a_safe_file_name(client, desk):
    """The header holds letters of English, and the whole name encoded."""
    shutil.copytree(desk.folder / "mine", desk.folder / "переговоры")
    said = client.get("/own/переговоры/report/save/json", params={"at": DAY}).headers["content-disposition"]

    assert said.isascii()
    assert "filename*=UTF-8''%D0%BF" in said


# -- branches and plans -----------------------------------------------------------------------------


def test_a_branch_tells_no_secret_by_its_changes(desk):
    """A hidden fact is not told by the change that adds it later, switches it off or removes it."""
    opened = desk.opened(OWN)
    opened.new_branch("try")
    late = {
        "id": "late1", "happened_on": "2004-01-01", "actor": "aster", "towards": "birch", "kind": "threat",
        "says": "TOLD", "sensitivity": "red",
    }  # fmt: skip
    change(
        desk,
        {"op": "add_fact", "value": late, "reason": "TOLD"},
        {"op": "switch_off_fact", "target": "mf027", "reason": "TOLD"},
        {"op": "remove_fact", "target": "mf028", "reason": "TOLD"},
        {"op": "switch_off_fact", "target": "mf001", "reason": "for all to see"},
        branch="try",
    )
    for kind in ("html", "json", "csv"):
        made = export(opened, kind, Wanted(at=date.fromisoformat(DAY), branch="try"))
        assert "TOLD" not in everything(made.data)
    told = opened.reading(date.fromisoformat(DAY), branch="try", audience="amber", options=False).changes
    assert [row["op"] for row in told] == ["remove_fact", "switch_off_fact"]
    assert told[1]["reason"] == "for all to see"


def test_tables_of_a_branch_hold_its_changes(client, desk):
    """What a branch changes stands in its tables, and not in those of the case."""
    desk.opened(OWN).new_branch("try")
    change(desk, {"op": "replace_fact", "target": "mf031", "value": {"says": "OTHERWISE"}}, branch="try")

    assert "OTHERWISE" in everything(save(client, "csv", branch="try").content)
    assert "OTHERWISE" not in everything(save(client, "csv").content)


def test_a_kept_ranking_can_stand_in_the_report(client, desk):
    """Plans that were ranked for the same question and day are offered, shown and saved."""
    planner = Planner(desk, OWN, date.fromisoformat(DAY))
    moves = tuple(move.id for move in planner.offers().moves if move.fits)[:1]
    asked = {"moves": moves[0], "rollouts": 24, "longest": 1, "horizon": 12, "flips": "0"}
    assert "With the plans" not in client.get(PAGE, params={"at": DAY, **asked}).text
    planner.rank(planner.settled(Asked(moves=moves, rollouts=24, longest=1, horizon=12, flips=False)))

    assert "With the plans for" in client.get(PAGE, params={"at": DAY, **asked}).text
    assert 'id="plans"' in save(client, "html", plans=1, **asked).text


# -- the preview ------------------------------------------------------------------------------------


def test_the_preview_is_the_page_that_is_saved_and_runs_nothing(client):
    """The frame holds the bytes of the file; neither its sandbox nor its policy lets a script run."""
    shown = client.get(f"{PAGE}/page.html", params={"at": DAY, "audience": "clear"})
    page = client.get(PAGE, params={"at": DAY, "audience": "clear"}).text

    assert shown.content == save(client, "html", audience="clear").content
    assert "script-src" not in shown.headers["content-security-policy"]
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert 'sandbox="allow-same-origin"' in page
    assert unescape(page).count(f"{PAGE}/page.html?at={DAY}&audience=clear") == 2


def test_while_the_day_moves_no_report_is_written(client):
    """A preview of 200 draws holds no frame."""
    text = client.get(PAGE, params={"at": DAY, "draws": 200}).text

    assert "<iframe" not in text
    assert "data-later" not in text


def test_a_locked_case_leaves_nothing_on_the_disk(desk, client, tmp_path, monkeypatch):
    """Every kind of file of an encrypted case is made in memory alone."""
    monkeypatch.setattr("goodoffices.archive.vault.WORK", 2**10)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    desk.lock(OWN, "a long passphrase")
    desk.unlock(OWN, "a long passphrase")
    for kind in KINDS:
        assert save(client, kind, audience="red").status_code == 200
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert files
    assert not [path for path in files if b"SECRET" in path.read_bytes()]


def test_the_page_as_data(client):
    """The context at /api is what the page shows."""
    found = client.get("/api/v1/own/mine/pages/report", params={"at": DAY}).json()["context"]

    assert found["hidden"] == 2
    assert [row["kind"] for row in found["files"]] == list(KINDS)
