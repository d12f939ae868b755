"""Bad input: each kind of fault has one sentence with file, row, field and what would be right."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from goodoffices.cases.folder import load
from goodoffices.errors import CaseError
from goodoffices.workbench import Workbench

MADE = Path(__file__).parents[1] / "made"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MADE, tmp_path / "made"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def cell(folder: Path, name: str, row: int, column: str, value: str) -> None:
    rows = list(csv.DictReader(io.StringIO((folder / name).read_text(encoding="utf-8"))))
    rows[row - 2][column] = value
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / name).write_text(out.getvalue(), encoding="utf-8")


def faults(folder: Path) -> list[str]:
    return [str(fault) for fault in load(folder).faults]


def only(folder: Path) -> str:
    found = faults(folder)
    assert len(found) == 1, found
    return found[0]


def test_the_made_up_case_has_no_fault(folder):
    """The case that the other tests stand on is valid."""
    assert faults(folder) == []


CELLS = [
    ("evidence.csv", 3, "kind", "brok_obligation", "broke_obligation"),
    ("evidence.csv", 3, "happened_on", "2025-02-30", "from 01 to 28"),
    ("evidence.csv", 3, "happened_on", "soon", "1998-05-11"),
    ("evidence.csv", 3, "happened_on", "19790-01-01", "1998-05-11"),
    ("evidence.csv", 3, "known_on", "1994-01-01", "known"),
    ("evidence.csv", 3, "actor", "nobody", "use an actor of the case"),
    ("evidence.csv", 3, "towards", "nowhere", "use parties or decision-makers"),
    ("evidence.csv", 3, "scale", "huge", "none, slight, some, half"),
    ("evidence.csv", 3, "override", "scale=NaN", "between 0 and 1"),
    ("evidence.csv", 3, "override", "scale=1.2", "between 0 and 1"),
    ("evidence.csv", 3, "override", "colour=1", "override only"),
    ("evidence.csv", 3, "verified", "maybe", "yes or no"),
    ("evidence.csv", 3, "source_url", "javascript:alert(1)", "https?"),
    ("evidence.csv", 3, "sensitivity", "purple", "amber"),
    ("evidence.csv", 3, "id", "mf001", "own id"),
    ("disputes.csv", 2, "weight", "1.2", "between 0 and 1"),
    ("disputes.csv", 2, "weight", "nan", "between 0 and 1"),
    ("disputes.csv", 2, "fact", "zz999", "id of a fact"),
    ("stakes.csv", 2, "word", "lots", "disaster, severe_loss"),
    ("stakes.csv", 2, "actor", "stranger", "use one of"),
    ("stakes.csv", 2, "quantity", "happiness", "no_deal"),
    ("ratings.csv", 2, "rating", "0.7", "very_low"),
    ("ratings.csv", 2, "truster", "stranger", "use a decision-maker"),
]


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "fix"), CELLS, ids=[f"{c[2]}={c[3]}" for c in CELLS]
)
def test_a_bad_cell_is_named_with_its_row_and_its_fix(folder, name, row, column, value, fix):
    """The fault names file, row and field, shows what was found and says what would be right."""
    cell(folder, name, row, column, value)
    if column == "override":
        cell(folder, name, row, "override_reason", "because")
    found = [f for f in faults(folder) if f.startswith(f"{name}, row {row}")]

    assert found, faults(folder)
    assert any(fix in f for f in found), found
    assert any(column in f or "known" in f for f in found), found


def test_every_fault_is_listed_at_once(folder):
    """Five faults in three files give five sentences."""
    cell(folder, "evidence.csv", 3, "kind", "nonsense")
    cell(folder, "evidence.csv", 4, "happened_on", "2025-02-30")
    cell(folder, "stakes.csv", 2, "word", "lots")
    cell(folder, "ratings.csv", 2, "facet", "charm")
    edit(folder, "case.toml", 'kind = "person"', 'kind = "ghost"')

    assert len([f for f in faults(folder) if "found" in f]) >= 5


@pytest.mark.parametrize("name", ["case.toml", "stakes.csv", "evidence.csv"])
def test_missing_and_empty_files(folder, name):
    """A missing and an empty file each have their sentence."""
    (folder / name).unlink()
    assert any(f.startswith(name) and "no such file" in f for f in faults(folder))
    (folder / name).write_text("")
    assert any(f.startswith(name) and "an empty file" in f for f in faults(folder))


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("happened".encode("utf-16"), "UTF-16"),
        ("id,actor\nx,Müller\n".encode("latin-1"), "not UTF-8"),
        (b"id,actor\nx,\x00\n", "NUL"),
    ],
)
def test_other_encodings_are_named(folder, raw, found):
    """UTF-16, Latin-1 and NUL bytes are named as what they are."""
    (folder / "evidence.csv").write_bytes(raw)

    assert any(found in f for f in faults(folder))


def test_a_file_that_is_too_large_is_not_read(folder):
    """A CSV of 200 MB is refused by its size, without being read."""
    with (folder / "evidence.csv").open("wb") as stream:
        stream.truncate(200_000_000)

    assert "200 MB" in only_file(folder, "evidence.csv")


def only_file(folder: Path, name: str) -> str:
    return next(f for f in faults(folder) if f.startswith(name))


def test_links_out_of_the_folder_are_refused(folder, tmp_path):
    """A symbolic link that leaves the folder is not followed."""
    outside = tmp_path / "outside.csv"
    outside.write_text((folder / "evidence.csv").read_text(encoding="utf-8"))
    (folder / "evidence.csv").unlink()
    (folder / "evidence.csv").symlink_to(outside)

    assert "leaves the case folder" in only_file(folder, "evidence.csv")


def test_toml_bombs_are_refused(folder):
    """Deeply nested TOML and a very large one each have their sentence."""
    (folder / "case.toml").write_text("x = " + "[" * 100_000)
    assert "case.toml" in only_file(folder, "case.toml")
    (folder / "case.toml").write_text("x = '" + "a" * 2_000_000 + "'")
    assert "2 MB" in only_file(folder, "case.toml")
    (folder / "case.toml").write_text("x = = 1")
    assert "mend the TOML" in only_file(folder, "case.toml")


def test_a_deal_that_gains_nothing_is_legal(folder):
    """kept no better than no_deal is no fault: the reading says that it is a matter of interests."""
    text = (folder / "stakes.csv").read_text(encoding="utf-8").replace("large_gain", "severe_loss")
    (folder / "stakes.csv").write_text(text, encoding="utf-8")

    assert faults(folder) == []
    found = Workbench().read(folder, "2003-08-01", draws=50, options=False)
    assert found.deals[0].verdict == "interests"
    assert "interests" in found.deals[0].reason


def test_twins_need_an_event(folder):
    """Two rows with the same actor, day and kind are refused unless they share an event."""
    cell(folder, "evidence.csv", 3, "actor", "aster")
    cell(folder, "evidence.csv", 3, "towards", "birch")

    assert any("as in mf001" in f for f in faults(folder))


def test_partial_dates_stand_for_the_last_day(folder):
    """`2000-02` is 29 February 2000 and `1999` is 31 December 1999; an empty known_on is assumed."""
    cell(folder, "evidence.csv", 3, "happened_on", "1999")
    cell(folder, "evidence.csv", 3, "known_on", "2000-02")
    cell(folder, "evidence.csv", 2, "known_on", "")
    case = load(folder).case

    assert case is not None
    assert str(case.facts[1].happened_on) == "1999-12-31"
    assert str(case.facts[1].known_on) == "2000-02-29"
    assert case.facts[0].known_on_assumed
    assert case.facts[0].known_on == case.facts[0].happened_on


def test_semicolons_and_a_byte_order_mark_are_read(folder):
    """A spreadsheet's semicolons, line ends and byte-order mark change nothing."""
    plain = load(folder).case
    rows = list(csv.reader(io.StringIO((folder / "evidence.csv").read_text(encoding="utf-8"))))
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    (folder / "evidence.csv").write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())

    assert load(folder).case == plain


def test_a_folder_that_is_not_there(tmp_path):
    """An unknown folder and an unknown name each have their sentence."""
    with pytest.raises(CaseError, match="no such folder"):
        Workbench().load_case(tmp_path / "nothing")


def test_a_row_with_too_many_cells_is_named(folder):
    """An unquoted comma makes a row with too many cells, which is named by its number."""
    text = (folder / "ratings.csv").read_text(encoding="utf-8")
    (folder / "ratings.csv").write_text(text.replace("made up", "made, up", 1), encoding="utf-8")

    assert "ratings.csv, row 2" in only_file(folder, "ratings.csv")


def test_nothing_in_a_case_commands_the_terminal(tmp_path, bench):
    """A title or a cell with an escape sequence is a fault, and the fault itself does not carry it on."""
    folder = tmp_path / "made"
    shutil.copytree(MADE, folder)
    text = (folder / "evidence.csv").read_text(encoding="utf-8")
    (folder / "evidence.csv").write_text(text.rstrip("\n") + "\x1b[2J\n", encoding="utf-8")
    faults = bench.check(folder).faults

    assert [fault.file for fault in faults] == ["evidence.csv"]
    assert "remove the control characters" in str(faults[0])
    assert "\x1b" not in str(faults[0])
