"""Every change that an analyst can make, written into the files row by row and taken back again."""

import csv
import io
import json
import shutil
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodoffices.cases.canonical import case_hash
from goodoffices.cases.changes import change_line, from_rows
from goodoffices.cases.edits import Draft, Edit, applied, edits_of, reversed_edits
from goodoffices.cases.folder import load, read_folder
from goodoffices.cases.places import FolderPlace
from goodoffices.cases.save import save_changes
from goodoffices.domain.case import OPERATIONS, Case, Change
from goodoffices.errors import CaseError, ConflictError

MADE = Path(__file__).parents[1] / "made"
DAY = date(2003, 8, 1)
MORE = [
    {"op": "switch_off_fact", "target": "mf002", "reason": "doubtful"},
    {"op": "switch_off_fact", "target": "mf005"},
    {"op": "comment", "value": {"key": "new004", "on": "case", "says": "begun"}},
    {"op": "put_party", "value": {"key": "panew1", "id": "fir", "name": "Fir", "role": "third"}},
    {"op": "put_decision_maker", "value": {"key": "dmnew1", "id": "dora", "name": "Dora", "kind": "person",
                                           "office": "fir-head", "party": "cedar", "start": "2000-01-01"}},
    {"op": "put_spoiler", "value": {"key": "spnew1", "id": "sore", "name": "X", "side": "aster", "known_on": "2000"}},
    {"op": "put_text", "value": {"key": "txnew1", "id": "one", "title": "One", "tabled_on": "2003-01-01",
                                 "binds": ["aster", "birch"], "scope": "partial"}},
    {"op": "add_stake", "value": {"key": "new000", "actor": "anna", "text": "truce", "quantity": "inclusion",
                                  "word": "some", "rationale": "", "known_on": "2002-01-01"}},
    {"op": "set_default", "target": "hawk", "value": 0.3},
]  # fmt: skip
FACTS = [fact.id for fact in read_folder(MADE).facts]
SHARES = ["none", "slight", "some", "half", "strong", "very_strong", "full"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MADE, tmp_path / "made"))


def changes(*rows: dict) -> list[Change]:
    return from_rows([{"id": f"c{n}", "target": "", **row} for n, row in enumerate(rows)])


def bare(case: Case) -> Case:
    return replace(case, changes=())


def begun(place) -> Draft:
    """A case in which each sort of row can be removed."""
    there = Draft(place, {})
    there.write(applied(there, edits_of(there, changes(*MORE))))
    return there


PLACE = begun(FolderPlace(MADE))
CASE = read_folder(PLACE)
# -- any list of changes ----------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)
days = st.dates(date(1998, 1, 1), date(2004, 12, 1)).map(str)
new_keys = st.integers(0, 4).map(lambda n: f"new00{n}")
facts = st.sampled_from([*FACTS[:4], "mf002", "mf005", "mf029", "mf030", "new000", "new001"])
stakes = st.sampled_from([stake.key for stake in CASE.stakes[:6]])
told = {"author": words, "at": words, "reason": words}


def an(op: str, target, **value):
    given_value = st.fixed_dictionaries(value) if value else st.none()
    return st.fixed_dictionaries({"op": st.just(op), "target": target, "value": given_value, **told})


def valued(op: str, target, value):
    return st.fixed_dictionaries({"op": st.just(op), "target": target, "value": value, **told})


empty = st.just("")
share = st.sampled_from(SHARES)
a_fact = {
    "id": new_keys, "happened_on": days, "actor": st.sampled_from(["aster", "birch"]),
    "towards": st.just("cedar"), "kind": st.sampled_from(["threat", "visit", "kept_obligation"]), "says": words,
    "known_on": st.sampled_from(["", "2004-12-02"]), "event": words, "scale": share, "note": words,
    "override": st.sampled_from(["", "scale=0.123456789"]), "override_reason": st.just("why"),
}  # fmt: skip
a_provision = {
    "key": st.sampled_from(["pv0001", "pv0002", "pvnew1"]), "id": st.sampled_from(["watch", "observers", "inspectors"]),
    "type": st.just("verification"), "known_on": days, "detection": share, "recoverable": share,
}  # fmt: skip
a_text = {
    "key": st.sampled_from(["txnew1", "txnew2"]), "id": st.sampled_from(["one", "two"]), "title": words,
    "tabled_on": days, "binds": st.just(["aster", "birch"]), "scope": st.just("full"),
    "provisions": st.lists(st.fixed_dictionaries(a_provision), max_size=1), "pressure": share,
}  # fmt: skip
any_change = st.one_of(
    an("add_fact", empty, **a_fact),
    valued("replace_fact", facts, st.fixed_dictionaries({}, optional={
        "says": words, "scale": share, "happened_on": days, "known_on": st.sampled_from(["", "2004-12-03"]),
        "public_on": st.sampled_from(["", "2004-12-04"]), "towards": st.just(["cedar", "birch"]), "verified": st.booleans(),
    })),
    an("switch_off_fact", facts),
    an("switch_on_fact", facts),
    an("remove_fact", facts),
    valued("set_stake", stakes, st.fixed_dictionaries({}, optional={"low": st.just(""), "rationale": words, "url": words})),
    an("add_stake", empty, key=new_keys, actor=st.just("anna"), text=st.just("truce"), quantity=st.just("inclusion"), word=share, rationale=words, known_on=days),
    an("remove_stake", st.sampled_from(["new000", "new001", "new002"])),
    an("add_rating", empty, key=new_keys, rated_on=days, author=words, truster=st.just("anna"), trustee=st.just("basil"), facet=st.just("capacity"), rating=st.just("low"), confidence=st.just("low"), reason=words),
    an("remove_rating", st.sampled_from(["rt0001", "rt0002", "new000"])),
    an("add_alternative", empty, fact=facts, alternative=new_keys, kind=st.just("none"), weight=st.sampled_from([0.1, 0.123456789]), says_who=words, known_on=days),
    an("remove_alternative", st.sampled_from(["alt000", "new000", "new001"])),
    an("comment", empty, key=new_keys, on=st.sampled_from([*FACTS[:4], "case", "new000", "sk0001"]), author=words, at=days, says=words),
    an("remove_comment", new_keys),
    valued("set_case", empty, st.fixed_dictionaries({}, optional={"title": words, "summary": words, "from": days, "sensitivity": st.just("red"), "attributes": st.dictionaries(st.sampled_from(["conflict", "region", "a b"]), words, max_size=3)})),
    valued("set_default", st.sampled_from(["hawk", "kappa"]), st.sampled_from([0.2, 0.25, 1, None])),
    an("put_party", empty, key=st.sampled_from(["pabbbb", "panew1", "panew2"]), id=st.sampled_from(["birch", "fir"]), name=words, iso3=st.sampled_from(["", "FIR"])),
    an("remove_party", st.sampled_from(["panew1", "panew2", "fir", "cedar"])),
    an("put_decision_maker", empty, key=st.sampled_from(["dmnew1", "dmnew2"]), id=st.sampled_from(["dora", "dirk"]), name=words, kind=st.just("body"), office=st.just("some-office"), party=st.sampled_from(["aster", "fir"]), start=days),
    an("remove_decision_maker", st.sampled_from(["dora", "dirk", "anna"])),
    an("put_spoiler", empty, key=st.just("spnew1"), id=st.just("sore"), name=words, side=st.just("aster"), known_on=days),
    an("remove_spoiler", st.just("sore")),
    an("put_link", empty, observer=st.just("anna"), sees=st.sampled_from(["cedar", "birch"]), weight=share, known_on=st.just("2001-01-01"), reason=words),
    an("remove_link", st.sampled_from(["anna:cedar::2001-01-01", "aster:cedar:birch:2001-01-01"])),
    an("put_text", empty, **a_text),
    an("remove_text", st.sampled_from(["one", "two"])),
    an("set_provision", st.sampled_from(["one", "two", "truce", "treaty"]), **a_provision),
    valued("remove_provision", st.sampled_from(["one", "truce", "treaty"]), st.sampled_from(["watch", "observers", "inspectors"])),
)  # fmt: skip


def possible(place, rows: list[dict]) -> list[Change]:
    """Keep of a list the changes that can be made one after the other."""
    kept: list[Change] = []
    for row in rows:
        try:
            new = changes(*rows[:0], {**row, "id": f"c{len(kept)}"})
            edits_of(place, [*kept, *new], case=CASE)
        except CaseError:
            continue
        kept += new
    return kept


def bytes_of(place) -> dict[str, bytes]:
    return {name: place.read(name) for name in place.names()}


def headless(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out tables that hold no row: a table that was begun stays."""
    return {name: data for name, data in files.items() if not name.endswith(".csv") or data.count(b"\n") > 1}


@settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(any_change, min_size=1, max_size=5))
def test_what_is_saved_is_what_the_changes_say_and_taken_back_it_is_as_before(rows):
    """Any changes: the files load to the case with the changes, and the edits reversed give every byte back."""
    listed = possible(PLACE, rows)
    edits = edits_of(PLACE, listed)
    there = Draft(PLACE, {})
    there.write(applied(there, edits))

    assert bare(read_folder(there)) == bare(CASE.with_changes(listed))
    there.write(applied(there, edits))  # once more changes nothing
    assert bare(read_folder(there)) == bare(CASE.with_changes(listed))
    edits = tuple(Edit(**json.loads(json.dumps(asdict(edit)))) for edit in edits)  # as a history holds them
    there.write(applied(there, reversed_edits(edits)))
    assert headless(bytes_of(there)) == headless(bytes_of(PLACE))
    there.write(applied(there, edits))
    assert bare(read_folder(there)) == bare(CASE.with_changes(listed))


@settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(any_change, min_size=1, max_size=3))
def test_changes_come_back_from_their_lines(rows):
    """Changes written as lines of JSON and read again are the same changes, whatever they do."""
    for row in rows:
        try:
            listed = changes(row)
        except CaseError:
            continue

        assert from_rows([json.loads(change_line(change)) for change in listed]) == listed


def test_every_operation_is_among_the_changes_tried():
    """The list of changes above leaves no operation out."""
    text = Path(__file__).read_text(encoding="utf-8")

    assert [op for op in OPERATIONS if f'("{op}"' not in text] == []


# -- what is kept and what is refused ---------------------------------------------------------


def test_a_fact_switched_off_counts_no_more_and_returns_to_its_place(folder):
    """Off, a fact is in no hash and no count, but still in the file; on again, all is as before."""
    before, evidence = read_folder(folder), (folder / "evidence.csv").read_bytes()
    off = {
        "op": "switch_off_fact",
        "target": "mf003",
        "author": "me",
        "at": "2026-01-01",
        "reason": "doubtful",
    }
    save_changes(folder, changes(off))
    case = read_folder(folder)

    assert [fact.id for fact in case.off] == ["mf003"]
    assert case_hash(case, DAY) == case_hash(replace(before, facts=case.facts), DAY)
    assert (folder / "evidence.csv").read_bytes() == evidence
    assert (folder / "off.csv").read_text(encoding="utf-8").endswith("mf003,me,2026-01-01,doubtful\n")
    save_changes(folder, changes({"op": "switch_on_fact", "target": "mf003"}))
    assert read_folder(folder) == before


def test_a_row_that_others_name_is_not_removed(folder):
    """The sentence says who names it."""
    with pytest.raises(CaseError, match="stake"):
        edits_of(FolderPlace(folder), changes({"op": "remove_text", "target": "truce"}))
    with pytest.raises(CaseError, match="decision-maker anna"):
        edits_of(FolderPlace(folder), changes({"op": "remove_party", "target": "aster"}))
    with pytest.raises(CaseError, match="alt000"):
        edits_of(FolderPlace(folder), changes({"op": "remove_fact", "target": "mf029"}))


def test_what_would_not_load_is_not_saved(folder):
    """A word of another scale is refused with file, row and field, and nothing is written."""
    with pytest.raises(CaseError) as caught:
        edits_of(
            FolderPlace(folder), changes({"op": "set_stake", "target": "sk0001", "value": {"word": "half"}})
        )

    fault = caught.value.faults[0]
    assert (fault.file, fault.row) == ("stakes.csv", 2)
    assert "outcome" in str(fault)


def test_case_toml_keeps_its_comments_and_its_order(folder):
    """A new name for a party changes one line; remarks, spaces and the order of tables stay."""
    path = folder / "case.toml"
    path.write_bytes(path.read_bytes().replace(b'name = "Cedar"', b"name   =  'Cedar'   # a remark"))
    before = path.read_text(encoding="utf-8").splitlines()
    party = {"key": "pacccc", "id": "cedar", "name": "Cedar's Republic", "role": "third"}
    save_changes(folder, changes({"op": "put_party", "value": party}))
    after = path.read_text(encoding="utf-8").splitlines()
    differing = [(a, b) for a, b in zip(before, after, strict=True) if a != b]

    assert len(differing) == 1
    assert differing[0][1].startswith("name   =  ")
    assert differing[0][1].endswith("# a remark")


@pytest.mark.parametrize("dialect", [
    {"delimiter": ";", "lineterminator": "\r\n"}, {"quoting": csv.QUOTE_ALL}, {"lineterminator": "\r\n"},
])  # fmt: skip
def test_a_spreadsheets_habits_are_kept(folder, dialect):
    """Byte-order mark, semicolons, quotes, line ends and a missing last line end stay as they are."""
    path = folder / "evidence.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    out = io.StringIO()
    csv.writer(out, **{"lineterminator": "\n", **dialect}).writerows(rows)
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().rstrip().encode())
    before, place = path.read_bytes(), FolderPlace(folder)
    value = {
        "id": "new001",
        "happened_on": "2001-01-01",
        "actor": "aster",
        "towards": "birch",
        "kind": "threat",
        "says": "a\u2028b; c",
    }
    edits = edits_of(place, changes({"op": "add_fact", "value": value}))
    place.write(applied(place, edits))

    assert path.read_bytes().startswith(before)
    assert path.read_bytes().count(b"\n") == before.count(b"\n") + 1
    place.write(applied(place, reversed_edits(edits)))
    assert path.read_bytes() == before


def test_a_column_that_the_file_left_out_is_given_to_all_rows(folder):
    """A note in a table without notes adds the column; nothing of the change is lost."""
    path = folder / "evidence.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(row[:-1] for row in rows)
    save_changes(folder, changes({"op": "replace_fact", "target": "mf003", "value": {"note": "see there"}}))

    assert {fact.id: fact.note for fact in read_folder(folder).facts if fact.note} == {"mf003": "see there"}


# -- two people -------------------------------------------------------------------------------


def saved(place, *rows) -> tuple[Edit, ...]:
    edits = edits_of(place, changes(*rows))
    place.write(applied(place, edits))
    return edits


def test_two_people_who_change_other_columns_or_rows_both_keep_their_changes(folder):
    """One changed what a fact says, the other how large it was, and a third another fact: all stand."""
    place = FolderPlace(folder)
    mine = edits_of(place, changes({"op": "replace_fact", "target": "mf003", "value": {"says": "mine"}}))
    saved(place, {"op": "replace_fact", "target": "mf003", "value": {"scale": "half"}},
          {"op": "remove_rating", "target": "rt0001"})  # fmt: skip
    place.write(applied(place, mine))
    fact = next(fact for fact in read_folder(folder).facts if fact.id == "mf003")

    assert (fact.says, fact.scale) == ("mine", "half")


def test_two_people_who_change_one_cell_are_told(folder):
    """The second is told what the first wrote; nothing is written unless it is asked for."""
    place = FolderPlace(folder)
    rows = [{"op": "replace_fact", "target": "mf003", "value": {"says": word}} for word in ("mine", "theirs")]
    mine = edits_of(place, changes(rows[0]))
    saved(place, rows[1])
    before = bytes_of(place)
    with pytest.raises(ConflictError) as caught:
        applied(place, mine)
    told = caught.value.conflicts[0]

    assert (told.file, told.key, told.theirs["says"], told.mine["says"]) == (
        "evidence.csv",
        "mf003",
        "theirs",
        "mine",
    )
    assert bytes_of(place) == before
    place.write(applied(place, mine, force=True))
    assert next(fact for fact in read_folder(folder).facts if fact.id == "mf003").says == "mine"


def test_a_row_removed_by_one_and_changed_by_another_is_a_conflict(folder):
    """Neither a removal nor a change is lost silently, in tables and in case.toml alike."""
    place = FolderPlace(folder)
    party = {"key": "panew1", "id": "fir", "name": "Fir", "role": "third"}
    saved(place, {"op": "put_party", "value": party})
    removed = edits_of(place, changes({"op": "remove_party", "target": "fir"}))
    saved(place, {"op": "put_party", "value": {**party, "name": "Firland"}})
    with pytest.raises(ConflictError):
        applied(place, removed)
    renamed = edits_of(place, changes({"op": "put_party", "value": {**party, "name": "Fir Tree"}}))
    saved(place, {"op": "remove_party", "target": "fir"})
    with pytest.raises(ConflictError):
        applied(place, renamed)


def test_taking_back_what_others_built_on_is_refused_with_the_reason(folder):
    """A fact that has got another reading since cannot be taken back alone."""
    place = FolderPlace(folder)
    value = {
        "id": "new001",
        "happened_on": "2001-01-01",
        "actor": "aster",
        "towards": "birch",
        "kind": "threat",
    }
    added = saved(place, {"op": "add_fact", "value": value})
    saved(place, {"op": "add_alternative", "value": {"fact": "new001", "alternative": "alt777", "kind": "none", "weight": 0.5, "known_on": "2001-01-01"}})  # fmt: skip
    with pytest.raises((CaseError, ConflictError)):
        applied(place, reversed_edits(added), force=True)

    assert load(folder).faults == []
