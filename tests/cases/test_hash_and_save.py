"""Hashes that see content and nothing else; saving that changes one row and nothing else."""

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.cases.canonical import canonical, case_hash, digest
from goodoffices.cases.changes import change_line, read_changes
from goodoffices.cases.folder import read_folder
from goodoffices.cases.save import save_changes
from goodoffices.cases.spreadsheet import escape, export_tables, import_tables, unescape
from goodoffices.domain.case import Change
from goodoffices.errors import CaseError

MADE = Path(__file__).parents[1] / "made"
DAY = date(2003, 8, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MADE, tmp_path / "made"))


def rewrite(path: Path, change, **dialect) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    out = io.StringIO()
    csv.writer(out, **{"lineterminator": "\n", **dialect}).writerows(change(rows))
    path.write_text(out.getvalue(), encoding="utf-8", newline="")


def test_order_quoting_and_line_ends_do_not_change_the_hash(folder):
    """Rows and columns in another order, quoted and with other line ends: the same hash."""
    before = case_hash(read_folder(folder), DAY)
    for name in ("evidence.csv", "stakes.csv"):
        rewrite(folder / name, lambda rows: [rows[0], *rows[:0:-1]])
        rewrite(
            folder / name,
            lambda rows: [row[::-1] for row in rows],
            quoting=csv.QUOTE_ALL,
            lineterminator="\r\n",
        )

    assert case_hash(read_folder(folder), DAY) == before


def test_outcome_notes_and_the_future_do_not_change_the_hash(folder):
    """What happened in the end, notes, and facts, stakes and terms of office that lie ahead: the same hash."""
    before = case_hash(read_folder(folder), DAY)
    (folder / "outcome.toml").unlink()
    rewrite(folder / "evidence.csv", lambda rows: [rows[0], *([*row[:-1], "a note"] for row in rows[1:])])
    rewrite(
        folder / "evidence.csv", lambda rows: [r for r in rows if not r[1].startswith(("2003-10", "2004"))]
    )
    text = (folder / "case.toml").read_text(encoding="utf-8").replace("to = 2003-09-01", "to = 2003-09-20")
    (folder / "case.toml").write_text(text, encoding="utf-8")

    assert case_hash(read_folder(folder), DAY) == before


def test_any_visible_change_changes_the_hash(folder):
    """A word of one stake known by then changes the hash."""
    before = case_hash(read_folder(folder), DAY)
    text = (folder / "stakes.csv").read_text(encoding="utf-8").replace("large_gain", "triumph", 1)
    (folder / "stakes.csv").write_text(text, encoding="utf-8")

    assert case_hash(read_folder(folder), DAY) != before


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_like)
def test_canonical_json_is_json_and_a_fixed_point(value):
    """Canonical JSON parses, and writing what was parsed gives the same text."""
    text = canonical(value)

    assert canonical(json.loads(text)) == text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1.0, "1"), (0.1, "0.1"), (1e21, "1e+21"), (1e-7, "1e-7"), (1e-6, "0.000001"), (1.5e-5, "0.000015"),
     (123456789.125, "123456789.125"), (-0.0, "0"), (5e-324, "5e-324"), (1e20, "100000000000000000000")],
)  # fmt: skip
def test_numbers_are_written_as_rfc_8785_asks(number, text):
    """Worked examples of ECMAScript's number form."""
    assert canonical(number) == text


def test_keys_sort_by_utf_16_and_text_is_normalised():
    """RFC 8785 sorts by UTF-16 units; composed and decomposed text hash the same; NaN is refused."""
    assert canonical({"\ue000": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ue000":1}'
    assert digest("é") == digest("e\u0301")
    with pytest.raises(ValueError, match="NaN"):
        canonical(float("nan"))


def test_saving_changes_one_row_and_keeps_all_other_bytes(folder):
    """A replaced fact changes its own line only; quotes, line ends and order of the rest stay."""
    path = folder / "evidence.csv"
    rewrite(path, lambda rows: rows, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    before = path.read_bytes().splitlines(keepends=True)
    save_changes(folder, [Change(id="c", op="replace_fact", target="mf003", value={"scale": "half"})])
    after = path.read_bytes().splitlines(keepends=True)

    assert [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b] == [3]
    assert next(f for f in read_folder(folder).facts if f.id == "mf003").scale == "half"
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


def test_saving_adds_removes_and_sets(folder):
    """Facts are added and switched off, stakes set; what was read back is the case with the changes."""
    case = read_folder(folder)
    new = case.facts[0].__class__(
        **{
            **{n: getattr(case.facts[0], n) for n in case.facts[0].__dataclass_fields__},
            "id": "new001",
            "kind": "threat",
        }
    )
    changes = [
        Change(id="a", op="add_fact", target="new001", value=new),
        Change(id="b", op="switch_off_fact", target="mf002"),
        Change(id="c", op="set_stake", target="sk0001", value={"word": "neutral"}),
    ]
    wanted = case.with_changes(changes)
    save_changes(folder, changes)
    found = read_folder(folder)

    assert found.facts == wanted.facts
    assert found.stakes == wanted.stakes


def test_nothing_is_written_when_a_change_cannot_be_saved(folder):
    """A change of a row that is not there leaves every byte as it was."""
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(CaseError, match="zz"):
        save_changes(folder, [Change(id="b", op="switch_off_fact", target="zz")])

    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


@given(st.text(max_size=30))
def test_escaping_for_a_spreadsheet_is_reversible(cell):
    """No escaped cell begins a formula, and reading back gives the cell."""
    assert unescape(escape(cell)) == cell
    assert not escape(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_tables_go_to_a_spreadsheet_and_come_back(folder, tmp_path):
    """Export for a spreadsheet and import give the same case, formulas and all."""
    save_changes(folder, [Change(id="c", op="replace_fact", target="mf003", value={"note": "=1+1"})])
    before = read_folder(folder)
    export_tables(folder, tmp_path / "sheet", spreadsheet=True)

    assert "'=1+1" in (tmp_path / "sheet" / "evidence.csv").read_text(encoding="utf-8")
    import_tables(tmp_path / "sheet", folder)
    assert read_folder(folder) == before


def test_changes_are_one_json_line_each_and_come_back(tmp_path, made):
    """Changes written as lines and read again give the same case."""
    changes = [
        Change(id="1", op="switch_off_fact", target="mf001", author="me", at="2026-01-01", reason="doubtful"),
        Change(id="2", op="set_stake", target="sk0001", value={"word": "neutral"}),
        Change(id="3", op="set_default", target="hawk", value=0.2),
        Change(id="4", op="replace_fact", target="mf002", value={"scale": "half"}),
        Change(id="5", op="remove_provision", target="treaty", value="guarantee"),
    ]
    path = tmp_path / "changes.jsonl"
    path.write_text("\n".join(change_line(c) for c in changes), encoding="utf-8")
    rows = path.read_text(encoding="utf-8").splitlines()

    assert len(rows) == 5
    assert made.with_changes(read_changes(path)) == made.with_changes(changes)


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ('{"id": "1", "op": "add_fcat"}', "add_fact"),
        ('{"id": "1", "op": "set_stake", "target": "sk0001", "value": {"word": "0.7"}}', "set word"),
        ('{"id": "1", "op": "set_default", "target": "hawk", "value": "much"}', "number"),
        (
            '{"id": "1", "op": "replace_fact", "target": "mf001", "value": {"kindness": 1}}',
            "columns of evidence.csv",
        ),
        ("not json", "JSON"),
    ],
)
def test_a_bad_change_is_named_with_its_line(tmp_path, line, fix):
    """A line that does not fit is named by its number, with what would be right."""
    path = tmp_path / "changes.jsonl"
    path.write_text('{"id": "0", "op": "switch_off_fact", "target": "mf001"}\n' + line, encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        read_changes(path)

    assert "row 2" in str(caught.value)
    assert fix in str(caught.value)


def test_a_change_of_something_that_is_not_there_is_refused(made):
    """The sentence names what there is."""
    with pytest.raises(CaseError, match="mf001"):
        made.with_changes([Change(id="1", op="switch_off_fact", target="nothing")])
