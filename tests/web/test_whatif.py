"""The page "what if": branches are tried, compared, merged and thrown away; nothing is overwritten silently."""

import json
import re
from datetime import date
from html import unescape

import pytest

from goodoffices.workbench.desk import Ref

DAY = "2003-08-01"
PAGE = "/own/mine/whatif"
DO = "/own/mine/do"
OWN = Ref(shelf="own", name="mine")
OFF = {"op": "switch_off_fact", "target": "mf031", "reason": "not sure"}


@pytest.fixture
def opened(desk):
    return desk.opened(OWN)


def post(client, what, **form):
    return client.post(f"{DO}/{what}", params={"at": DAY}, data=form, follow_redirects=False)


def attempt(client, *rows):
    """Try changes; gives the name of the branch."""
    answer = post(
        client, "try", rows=json.dumps(rows or [OFF]), title="without it", back=f"/own/mine/answer?at={DAY}"
    )
    assert answer.status_code == 303, answer.text
    return re.search(r"branch=([\w-]+)", answer.headers["location"])[1]


def edit_outside(desk, was, now):
    """Another program writes into the table."""
    path = desk.folder / "mine" / "evidence.csv"
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now), encoding="utf-8")


def says(opened, fact):
    return next(one.says for one in opened.case().declared() if one.id == fact)


# -- branches ---------------------------------------------------------------------------------------


def test_what_is_tried_is_a_branch_in_words(client, opened):
    """Trying a change opens a branch, which the page lists with the change in words and what it moved."""
    name = attempt(client)
    text = client.get(PAGE, params={"at": DAY, "branch": name}).text

    assert [branch.name for branch in opened.branches()] == [name]
    assert "without it" in text
    assert "fact no longer counted" in text
    assert "shown now" in text


def test_side_by_side_says_what_moved_and_why(client, opened):
    """The comparison shows the differences of the reading and which change makes them."""
    name = attempt(client, OFF, {"op": "switch_off_fact", "target": "mf032"})
    text = unescape(client.get(PAGE, params={"at": DAY, "one": "", "other": name}).text)
    found = opened.compare("", name, date.fromisoformat(DAY))

    assert found.moved
    assert 'id="side"' in text
    for why in found.because:
        assert why.says in text


def test_a_change_is_taken_out(client, opened):
    """One change of a branch goes, the other stays."""
    name = attempt(client, OFF, {"op": "switch_off_fact", "target": "mf032"})
    first = opened.branches()[0].changes[0].id

    assert post(client, "take-out", branch=name, change=first).status_code == 303
    assert [change.target for change in opened.branches()[0].changes] == ["mf032"]


def test_merging_makes_the_changes_in_the_files(client, opened):
    """After a merge the fact is off in the case itself, and the branch is closed."""
    name = attempt(client)
    answer = client.post(
        f"{DO}/merge", params={"at": DAY, "branch": name}, data={"branch": name}, follow_redirects=False
    )

    assert answer.status_code == 303
    assert "branch=" not in answer.headers["location"]
    assert "mf031" in [fact.id for fact in opened.case().off]
    assert opened.branches() == []


def test_throwing_away_is_undone(client, opened):
    """Undo brings a branch back that was thrown away."""
    name = attempt(client)
    assert post(client, "drop", branch=name).status_code == 303
    assert opened.branches() == []
    assert post(client, "undo", back=PAGE).headers["location"].startswith(PAGE)
    assert [branch.name for branch in opened.branches()] == [name]


def test_a_branch_is_opened_and_renamed(client, opened):
    """A branch can be empty at first, and bears the title that it is given."""
    post(client, "branch", title="Гарантия")
    name = opened.branches()[0].name
    post(client, "title", branch=name, title="ضمانة")

    assert "ضمانة" in client.get(PAGE).text


def test_a_list_of_changes_becomes_a_branch(client, opened, tmp_path):
    """Lines as `read --changes` takes them; the file that is saved again gives the same reading."""
    lines = json.dumps(OFF) + "\n\n" + json.dumps({"op": "switch_off_fact", "target": "mf032"})
    assert post(client, "list", lines=lines).status_code == 303
    name = opened.branches()[0].name
    file = tmp_path / "changes.jsonl"
    file.write_bytes(client.get("/own/mine/branch.jsonl", params={"branch": name}).content)
    read = opened.bench.read(opened.case(), DAY, options=False, draws=50, changes=file)

    assert [change.target for change in opened.branches()[0].changes] == ["mf031", "mf032"]
    assert read.deals == opened.reading(date.fromisoformat(DAY), branch=name, options=False, draws=50).deals


@pytest.mark.parametrize("lines", ["", "no json", "[1]", '{"op": "no_such"}', "7"])
def test_a_bad_list_makes_no_branch(client, opened, lines):
    """What is no list of changes is one sentence, and nothing is left behind."""
    answer = post(client, "list", lines=lines)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert opened.branches() == []


def test_the_history_tells_what_was_done(client):
    """Every change is listed with a link to what it moved."""
    attempt(client)
    text = unescape(client.get(PAGE, params={"at": DAY}).text)
    link = re.search(r'href="(/own/mine/whatif\?[^"]*moved=[^"]*)"', text)

    assert link
    assert 'id="moved"' in client.get(link[1]).text


# -- conflicts --------------------------------------------------------------------------------------


def sent_again(text: str) -> str:
    return unescape(re.search(r'name="sent" value="([^"]*)"', text)[1])


def conflict(client, desk, opened):
    """Somebody else has changed a fact that was open in a form."""
    was = says(opened, "mf031")
    edit_outside(desk, f",{was},", ",THEIRS,")
    form = {"row": "evidence.csv/mf031", "says": "MINE", "seen": json.dumps({"says": was})}
    return post(client, "fact", **form)


def test_a_row_that_changed_meanwhile_is_asked_about(client, desk, opened):
    """Both versions are shown and neither is lost."""
    answer = conflict(client, desk, opened)

    assert answer.status_code == 409, answer.text
    assert "MINE" in answer.text
    assert "THEIRS" in answer.text
    assert says(opened, "mf031") == "THEIRS"


def test_mine_is_saved_after_all(client, desk, opened):
    """Pressing the button saves what was typed over what was shown."""
    sent = sent_again(conflict(client, desk, opened).text)

    assert post(client, "again", sent=sent).status_code == 303
    assert says(opened, "mf031") == "MINE"


def test_what_changes_once_more_is_asked_about_once_more(client, desk, opened):
    """Between the question and the answer somebody else writes again: nothing is overwritten."""
    sent = sent_again(conflict(client, desk, opened).text)
    edit_outside(desk, ",THEIRS,", ",AGAIN,")
    answer = post(client, "again", sent=sent)

    assert answer.status_code == 409
    assert "AGAIN" in answer.text
    assert says(opened, "mf031") == "AGAIN"


def test_undoing_over_another_program_is_asked_about(client, desk, opened):
    """Undo asks before it overwrites what came from outside, and then does it."""
    opened.change(
        opened.bench.changes(
            [{"id": "n", "op": "replace_fact", "target": "mf031", "value": {"says": "MINE"}}]
        )
    )
    edit_outside(desk, ",MINE,", ",THEIRS,")
    answer = post(client, "undo", back=PAGE)

    assert answer.status_code == 409
    assert "Undo it after all" in answer.text
    assert says(opened, "mf031") == "THEIRS"
    assert post(client, "undo", back=PAGE, force="1").status_code == 303
    assert says(opened, "mf031").startswith("made-up")


def test_a_merge_over_a_changed_row_is_asked_about(client, desk, opened):
    """A branch whose row has moved on in the case is not merged; the page says what to do."""
    name = attempt(client, {"op": "replace_fact", "target": "mf031", "value": {"says": "MINE"}})
    edit_outside(desk, f",{says(opened, 'mf031')},", ",THEIRS,")
    answer = post(client, "merge", branch=name)

    assert answer.status_code == 409
    assert "then merge" in answer.text
    assert says(opened, "mf031") == "THEIRS"


@pytest.mark.parametrize(
    "sent",
    ["", "[]", "7", '{"rows": [7], "seen": {}, "more": {}, "page": "", "why": ""}',
     '{"rows": [{}], "seen": {"x": 7}, "more": {}, "page": "", "why": ""}',
     '{"rows": [{"op": "comment"}], "seen": {}, "more": {"view": 1}, "page": "x", "why": ""}'],
)  # fmt: skip
def test_nonsense_to_be_saved_is_a_sentence(client, sent):
    """Whatever is sent, the answer is a sentence and nothing is saved."""
    assert post(client, "again", sent=sent).status_code == 422
