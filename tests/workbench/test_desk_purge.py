"""Purging: nothing of what was removed is found in any byte of any file again."""

import json
import shutil
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from goodoffices.archive.vault import LockedPlace
from goodoffices.cases.places import contents
from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Alternative, Comment, Facet, Rating
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.workbench.desk import Desk
from tests.workbench.conftest import LIBRARY, OWN, desk_at

DAY = date(2004, 6, 1)
FACT, RATING = "zq7fact", "zq7rating"
MARKS = ("zq7", "MARKER")
PHRASE = "a long passphrase"


def change(op: str, target: str = "", value=None) -> Change:
    return Change(id="n1", op=op, target=target, value=value)


def fact(desk: Desk, number: str = "") -> Change:
    row = {
        "id": FACT + number, "happened_on": "2003-07-07", "actor": "aster", "towards": "birch", "kind": "threat",
        "says": "MARKER said", "note": "MARKER noted", "source_title": "MARKER title",
    }  # fmt: skip
    return desk.bench.changes([{"id": "n", "op": "add_fact", "value": row}])[0]


def reading_of(name: str) -> Alternative:
    return Alternative(
        key="zq7alt", fact=name, actor="", kind="none", scale="", weight=0.3, says_who="MARKER who",
        source_url="", known_on=date(2003, 7, 7),
    )  # fmt: skip


def rating() -> Rating:
    return Rating(
        key=RATING, rated_on=DAY, known_on=DAY, author="MARKER ada", truster="arno", trustee="bruno",
        facet=Facet.INTENTION, rating="high", confidence="medium", reason="MARKER reason",
    )  # fmt: skip


def comment(on: str, key: str = "zq7com") -> Comment:
    return Comment(key=key, on=on, author="ada", at="", says="MARKER comment")


def found(root: Path) -> dict[str, list[str]]:
    """Every file below that holds a mark in its bytes."""
    there = {}
    for path in root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            marks = [mark for mark in MARKS if mark.encode() in data]
            if marks:
                there[path.relative_to(root).as_posix()] = marks
    return there


def lay_traces(root: Path, made: Path) -> None:
    """Leave traces of a fact everywhere: files, history, undo, branches, results, cache, log."""
    desk = desk_at(root, made)
    own = desk.opened(OWN)
    own.change([fact(desk)], who="ada", why=f"because of {FACT}")
    own.change(
        [change("add_alternative", value=reading_of(FACT)), change("replace_fact", FACT, {"disputed": True})]
    )
    own.change([change("comment", value=comment(FACT))])
    own.change(
        [change("comment", value=Comment(key="cm0001", on="mf001", author="", at="", says=f"see {FACT}"))]
    )
    own.change([change("replace_fact", FACT, {"note": "MARKER again"})])
    own.undo()
    own.change([change("switch_off_fact", FACT)])
    own.change([change("switch_on_fact", FACT)])
    own.new_branch("try")
    own.change(
        [change("replace_fact", FACT, {"says": "MARKER branch"}), change("switch_off_fact", "mf031")],
        branch="try",
    )
    own.change([change("comment", value=comment(FACT, "zq7con"))], branch="try")
    for folder in (desk.results(OWN), desk.cache / "plans"):
        folder.mkdir(parents=True)
        (folder / "x.json").write_text(json.dumps({"flips": [FACT]}), encoding="utf-8")
    (desk.cache / "plans" / "x.json").rename(desk.cache / "plans" / "x.npz")
    log = root / "data" / "audit.jsonl"
    log.write_text(json.dumps({"did": "change", "ids": [FACT, "mf001"]}) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def traces(tmp_path_factory, made_folder) -> Path:
    root = tmp_path_factory.mktemp("traces")
    lay_traces(root, made_folder)
    return root


@pytest.fixture
def traced(traces: Path, tmp_path: Path) -> Desk:
    """A desk of its own on which a fact has left traces everywhere."""
    shutil.copytree(traces, tmp_path, dirs_exist_ok=True)
    desk = Desk(tmp_path / "cases", data=tmp_path / "data", cache=tmp_path / "cache")
    desk.opened(OWN).reading(DAY, options=False, draws=50)
    return desk


def test_a_purged_fact_is_in_no_byte_of_any_file(traced, tmp_path):
    """After a purge neither the id nor a text of a fact is found under folder, data or cache."""
    log = tmp_path / "data" / "audit.jsonl"
    before = found(tmp_path)
    told = traced.purge(OWN, "fact", FACT, audit=log)
    assert {Path(name).name for name in before} >= {
        "evidence.csv", "disputes.csv", "comments.csv", "history.jsonl", "try.jsonl", "x.json", "x.npz",
        "audit.jsonl",
    }  # fmt: skip
    assert found(tmp_path) == {}
    assert {"evidence.csv", "history.jsonl", "branches/try.jsonl"} <= set(told.removed)
    assert told.stays


def test_what_has_nothing_to_do_with_it_stays(traced, tmp_path, made_folder):
    """Other rows keep their bytes, other changes of a branch stay, the log keeps its other ids."""
    rows = (made_folder / "evidence.csv").read_bytes()
    log = tmp_path / "data" / "audit.jsonl"
    traced.purge(OWN, "fact", FACT, audit=log)
    own = traced.opened(OWN)
    assert (traced.folder / "talks" / "evidence.csv").read_bytes() == rows
    assert [one.target for one in own.branches()[0].changes] == ["mf031"]
    assert own.row("comments.csv", "cm0001")["says"] == "see purged"
    assert json.loads(log.read_text(encoding="utf-8"))["ids"] == ["purged", "mf001"]
    assert own.reading(DAY, branch="try", options=False).ok


def test_the_history_keeps_that_something_was_purged(traced, tmp_path):
    """Entries keep id, moment and who; what was purged can no longer be undone, and says so."""
    own = traced.opened(OWN)
    before = own.history()
    traced.purge(OWN, "fact", FACT)
    after = own.history()
    assert [(e.id, e.at, e.who, e.did, e.of) for e in after[:-1]] == [
        (e.id, e.at, e.who, e.did, e.of) for e in before
    ]
    assert after[-1].did == "purge"
    assert "can no longer be undone" in after[0].says
    while own.can_undo:
        own.undo()
    with pytest.raises(UsageError, match="purged"):
        own.undo()
    assert found(tmp_path / "cases") == {}


def test_a_purged_rating_is_in_no_byte_of_any_file(desk, tmp_path):
    """A rating goes with its reason, its author, and what was remarked on it."""
    own = desk.opened(OWN)
    own.new_branch("try")
    own.change([change("add_rating", value=rating())], who="ada")
    own.change([change("comment", value=comment(RATING))])
    own.change([change("remove_comment", "zq7com"), change("remove_rating", RATING)], branch="try")
    own.reading(DAY, options=False)
    assert found(tmp_path)
    own.purge("rating", RATING)
    assert found(tmp_path) == {}
    assert own.branches()[0].changes == ()


def test_a_fact_of_a_branch_can_be_purged_from_a_library_case(desk, tmp_path):
    """What was only tried on a library case is purged from the data folder; its own facts are not."""
    opened = desk.opened(LIBRARY)
    branch = opened.branch_for("ada")
    actor, towards = (dm.id for dm in opened.case().holders_on(opened.case().end)[:2])
    row = {"id": FACT, "happened_on": "1999-01-01", "actor": actor, "towards": towards, "kind": "threat"}
    opened.change(
        desk.bench.changes([{"id": "n", "op": "add_fact", "value": {**row, "says": "MARKER"}}]), branch=branch
    )
    assert found(tmp_path)
    opened.purge("fact", FACT)
    assert found(tmp_path) == {}
    with pytest.raises(UsageError, match="library"):
        opened.purge("fact", opened.case().facts[0].id)


def test_a_locked_case_is_purged_inside(traced, tmp_path, quick_locks):
    """After a purge the decrypted content of a locked case holds nothing of it either."""
    traced.lock(OWN, PHRASE)
    traced.unlock(OWN, PHRASE).purge("fact", FACT)
    inside = b"".join(contents(LockedPlace(traced.folder / "talks.locked", PHRASE)).values())
    assert not any(mark.encode() in inside for mark in MARKS)
    assert "cases/talks.locked" not in found(tmp_path)


def test_nothing_is_purged_that_is_not_there(desk):
    """An id that nothing answers to is refused, and nothing is written."""
    own = desk.opened(OWN)
    before = contents(own.place)
    with pytest.raises(NotFoundError):
        own.purge("fact", "nosuch")
    assert contents(own.place) == before


def test_a_word_that_is_needed_for_something_else_stays_and_is_told(desk):
    """Where an id is also the name of somebody, his name is left alone, and that is said."""
    own = desk.opened(OWN)
    own.change([change("remove_fact", "mf042")])
    row = {"id": "anna", "happened_on": "2003-07-07", "actor": "aster", "towards": "birch", "kind": "threat"}
    own.change(desk.bench.changes([{"id": "n", "op": "add_fact", "value": row}]))
    told = own.purge("fact", "anna")
    assert own.row("evidence.csv", "anna") is None
    assert own.case().decision_maker("anna").name == "Анна"
    assert any("case.toml" in sentence for sentence in told.stays)


def test_a_purged_case_leaves_nothing(traced, tmp_path):
    """A whole case goes with its history, branches, results and place in the log."""
    log = tmp_path / "data" / "audit.jsonl"
    log.write_text(json.dumps({"did": "open", "ids": ["talks"]}) + "\n", encoding="utf-8")
    traced.purge_case(OWN, audit=log)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["audit.jsonl"]
    assert "talks" not in log.read_text(encoding="utf-8")
    with pytest.raises(NotFoundError):
        traced.opened(OWN)


def test_a_purge_of_a_library_case_removes_what_was_done_on_it(desk):
    """The case comes with the package and stays; branches and history go."""
    desk.opened(LIBRARY).branch_for("ada")
    desk.purge_case(LIBRARY)
    assert desk.opened(LIBRARY).branches() == []
    assert desk.opened(LIBRARY).history() == []


def test_an_export_made_after_a_purge_holds_nothing(traced, tmp_path):
    """What is packed after a purge has no trace of it."""
    traced.purge(OWN, "fact", FACT)
    with zipfile.ZipFile(BytesIO(traced.export_zip(OWN, "red"))) as packed:
        inside = b"".join(packed.read(name) for name in packed.namelist())
    assert not any(mark.encode() in inside for mark in MARKS)
