"""Rows pasted from a spreadsheet, and a new case made from names alone."""

from datetime import date
from pathlib import Path

import pytest

from goodoffices.cases.changes import from_rows
from goodoffices.cases.edits import Draft, applied, edits_of
from goodoffices.cases.folder import load, read_folder
from goodoffices.cases.paste import COLUMNS, MOST, Pasted, pasted
from goodoffices.cases.places import FolderPlace
from goodoffices.cases.starter import starter_files, unconsidered
from goodoffices.errors import UsageError
from goodoffices.words import _, speaking
from goodoffices.workbench import Workbench

HEAD = "happened_on,actor,towards,kind,says\n"


def changes(found: Pasted):
    return from_rows([{"id": f"n{k}", **row} for k, row in enumerate(found.changes)])


def facts(found: Pasted):
    return [change.value for change in changes(found)]


@pytest.mark.parametrize("sign", ["\t", ";", ","])
@pytest.mark.parametrize("head", [True, False])
def test_rows_are_read_with_any_separator_with_and_without_header(made, sign, head):
    """Tabs, semicolons or commas, with or without a header: the same facts."""
    rows = [
        ["2001-05-01", "aster", "birch", "threat", "first"],
        ["2001-06-01", "anna", "birch", "visit", "second"],
    ]
    rows = [HEAD.strip().split(","), *rows] if head else rows
    found = pasted("\n".join(sign.join(row) for row in rows), made)

    assert found.faults == ()
    assert [(fact.actor, fact.kind, fact.says) for fact in facts(found)] == [
        ("aster", "threat", "first"),
        ("anna", "visit", "second"),
    ]
    assert len({fact.id for fact in facts(found)}) == 2


def test_what_is_pasted_can_be_saved(made):
    """The changes go into the files, and the case loads with them."""
    place = Draft(FolderPlace(Path(__file__).parents[1] / "made"), {})
    found = pasted(HEAD + '12.09.2001,aster,"birch, cedar",threat,"said; more\nand more"\n', made)
    place.write(applied(place, edits_of(place, changes(found))))
    fact = read_folder(place).facts[-1]

    assert (fact.happened_on, fact.towards, fact.says) == (
        date(2001, 9, 12),
        ("birch", "cedar"),
        "said; more\nand more",
    )


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [("12.09.2001", "", date(2001, 9, 12)), ("2001-09", "", date(2001, 9, 30)), ("13/9/2001", "", date(2001, 9, 13)),
     ("9/13/2001", "", date(2001, 9, 13)), ("9/9/2001", "", date(2001, 9, 9)), ("9/12/2001", "dmy", date(2001, 12, 9)),
     ("9/12/2001", "mdy", date(2001, 9, 12))],
)  # fmt: skip
def test_a_date_that_can_mean_one_day_only_is_taken(made, cell, order, day):
    """Points mean the day first; slashes are taken where only one order is possible, or as told."""
    found = pasted(HEAD + f"{cell},aster,birch,threat,x\n", made, order=order)

    assert [fact.happened_on for fact in facts(found)] == [day]


def test_a_date_that_can_mean_two_days_is_asked_back(made):
    """The sentence gives both days, the row and the column; the other rows are taken."""
    found = pasted(HEAD + "9/12/2001,aster,birch,threat,x\n2001-01-01,aster,birch,visit,y\n", made)

    assert [fact.says for fact in facts(found)] == ["y"]
    assert [(fault.row, fault.field) for fault in found.faults] == [(2, "happened_on")]
    assert "2001-09-12" in str(found.faults[0])
    assert "2001-12-09" in str(found.faults[0])


def test_names_and_labels_stand_for_ids(made):
    """A party's name in its own script, a person's name, a kind by its label: found."""
    text = "who\tto\twhat\tdate\nРеспублика Астра\tجمهورية البتولا\tThreat of force\t2001-05-01"
    found = pasted(text, made)

    assert found.faults == ()
    assert found.columns == ("actor", "towards", "kind", "happened_on")
    assert [(fact.actor, fact.towards, fact.kind) for fact in facts(found)] == [
        ("aster", ("birch",), "threat")
    ]


def test_every_row_that_is_not_taken_is_told_with_its_column(made):
    """Unknown kinds, people, words and columns, taken ids, twins and rows too long: one fault each."""
    text = (
        "id,happened_on,actor,towards,kind,says,colour,scale\n"
        ",2001-05-01,aster,birch,thraet,x,,\n"
        ",2001-05-01,nobody,birch,threat,x,,\n"
        ",yesterday,aster,birch,threat,x,,\n"
        "mf001,2001-05-01,aster,birch,threat,x,,\n"
        ",2001-05-01,aster,birch,visit,x,red,huge\n"
        ",2001-05-02,aster,birch,visit,x,,,,extra\n"
        ",2001-05-03,aster,birch,visit,x,,\n"
        ",2001-05-03,aster,birch,visit,x,,\n"
        ",2001-05-04,aster,,visit,x,,\n"
    )
    found = pasted(text, made)

    assert [(fault.row, fault.field) for fault in found.faults] == [
        (1, "colour"), (2, "kind"), (3, "actor"), (4, "happened_on"), (5, "id"), (6, "scale"), (7, None), (9, "kind"),
        (10, "towards"),
    ]  # fmt: skip
    assert [fact.happened_on.day for fact in facts(found)] == [3]


@pytest.mark.parametrize("text", ["", "\n\n", "\t\t\n", HEAD, '"never closed', "\x00", "a\tb\nc"])
def test_nothing_and_nonsense_give_no_change(made, text):
    """Empty and broken pastes end in no change, no crash and a sentence that says why."""
    assert pasted(text, made).changes == []
    assert pasted(text, made).general or pasted(text, made).faults


@pytest.mark.parametrize("tongue", ["en", "fr"])
def test_headings_are_those_of_the_readers_language_too(made, tongue):
    """What the page calls a column is a heading of it, in any language that it speaks."""
    with speaking(tongue):
        labels = [_(COLUMNS[name]) for name in ("happened_on", "actor", "towards", "kind", "source_url")]
        found = pasted("\t".join(labels) + "\n2001-05-01\taster\tbirch\tthreat\t\n", made)

    assert found.columns == ("happened_on", "actor", "towards", "kind", "source_url")
    assert found.fits


def test_a_column_that_every_fact_needs_is_asked_for_once(made):
    """A table without the kind of conduct is told so above its rows, not in each of them."""
    found = pasted("happened_on,actor,towards\n2001-05-01,aster,birch\n2001-05-02,aster,birch\n", made)

    assert found.rows == ()
    assert ["Kind of conduct" in str(fault) for fault in found.general] == [True]


def test_more_rows_than_can_be_added_at_once_are_counted(made):
    """What was left out is said, and keeps the rest from being added."""
    rows = "".join(f"2001-05-01,aster,birch,visit,{n}\n" for n in range(MOST + 3))
    found = pasted(HEAD + rows, made)

    assert len(found.rows) == MOST
    assert [(fault.row, fault.found[:6]) for fault in found.general] == [(MOST + 2, "3 rows")]
    assert not found.fits


# -- a new case -------------------------------------------------------------------------------


def test_a_case_made_from_names_alone_can_be_read_at_once(tmp_path):
    """Two names, and the first reading says for each side what stands; every stake is marked as open."""
    files = starter_files(
        'Talks about "water"', [("", "Côte d’Ivoire"), ("", "جمهورية")], end=date(2026, 5, 1)
    )
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    loaded = load(tmp_path)

    assert loaded.faults == []
    assert all(unconsidered(stake) for stake in loaded.case.stakes)
    reading = Workbench().read(tmp_path, "2026-04-01", draws=50)
    assert [(deal.id, len(deal.decision_makers)) for deal in reading.deals] == [("agreement", 2)]


@pytest.mark.parametrize("parties", [[], [("a", "A")], [("", "Same"), ("", "same")]])
def test_a_new_case_needs_two_sides(parties):
    """One side, or two of one name, is refused."""
    with pytest.raises(UsageError, match="two or more"):
        starter_files("x", parties)
