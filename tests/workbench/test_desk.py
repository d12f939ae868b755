"""The desk: cards, readings, branches, comparisons, copies, conflicts between two windows."""

import json
import threading
from datetime import date

import pytest

from goodoffices.archive.bundle import zipped
from goodoffices.domain.case import Change
from goodoffices.domain.readings import plain
from goodoffices.errors import (
    CaseError,
    ConflictError,
    GoodOfficesError,
    LockedError,
    NotFoundError,
    UsageError,
)
from goodoffices.workbench import Workbench
from goodoffices.workbench.desk import Desk, Ref
from goodoffices.workbench.memory import Memory
from goodoffices.workbench.scrubbing import Scrubber
from tests.workbench.conftest import LIBRARY, OWN

DAY = date(2004, 6, 1)


def change(op: str, target: str = "", value=None) -> Change:
    return Change(id="n1", op=op, target=target, value=value)


def off(fact: str) -> Change:
    return change("switch_off_fact", fact)


def noted(fact: str, **cells) -> Change:
    return change("replace_fact", fact, cells)


def files(opened) -> dict[str, bytes]:
    return {n: opened.source.read(n) for n in opened.source.names() if n != "history.jsonl"}


def test_cards_list_own_cases_before_the_library(desk):
    """One's own cases come first and can be edited; those of the library cannot."""
    cards = desk.cards()
    assert cards[0].ref == OWN
    assert (cards[0].editable, cards[0].facts, cards[0].start) == (True, 40, date(2001, 1, 1))
    assert [card.editable for card in cards[1:]] == [False] * 6


def test_a_broken_case_is_a_card_with_a_sentence(desk):
    """A case that cannot be read is listed with what is wrong with it."""
    (desk.folder / "talks" / "case.toml").write_text("title = ", encoding="utf-8")
    assert "case.toml" in desk.cards()[0].fault


def test_nothing_outside_the_folder_is_opened(desk, tmp_path, made_folder):
    """A name that climbs, and a link that leaves the folder, are no cases."""
    (desk.folder / "linked").symlink_to(made_folder)
    for name in ("..", "../cases/talks", "linked", ""):
        with pytest.raises(NotFoundError):
            desk.opened(Ref(shelf="own", name=name))


def test_a_reading_is_that_of_the_workbench(own, made_folder):
    """The numbers are those of the same question put to the workbench."""
    expected = Workbench().read(made_folder, DAY, options=False, audience="green")
    assert own.reading(DAY, options=False, audience="green").to_dict() == expected.to_dict()


def test_the_same_question_is_computed_once(own, monkeypatch):
    """Ten who ask the same at once wait for one computation, and going back costs none."""
    asked = []
    plain = Scrubber.read
    monkeypatch.setattr(Scrubber, "read", lambda *a, **k: asked.append(1) or plain(*a, **k))
    threads = [
        threading.Thread(target=own.reading, args=(DAY,), kwargs={"options": False}) for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert own.has_read(DAY, options=False)
    assert len(asked) == 1


def test_what_failed_is_asked_again():
    """A failure is told to all who wait and is not kept."""
    memory: Memory[int] = Memory(2)
    with pytest.raises(ZeroDivisionError):
        memory.get("a", lambda: 1 // 0)
    assert memory.get("a", lambda: 7) == 7


def test_only_the_last_things_are_kept():
    """What has not been asked for longest goes first."""
    memory: Memory[int] = Memory(2)
    for key in "aba":
        memory.get(key, lambda: 1)
    memory.get("c", lambda: 1)
    assert ("a" in memory, "b" in memory, "c" in memory) == (True, False, True)


def test_an_outside_editor_is_seen_at_once(own):
    """A file that another program changes is read again."""
    before = len(own.case().facts)
    path = own.source.folder / "evidence.csv"
    path.write_text(
        "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8"
    )
    assert len(own.case().facts) == before - 1


# -- changes --------------------------------------------------------------------------------------


def test_a_change_is_in_the_files_with_its_history(own):
    """A change is saved with who made it, why and what it did; nothing else in the files moves."""
    before = files(own)
    entry = own.change([noted("mf001", note="seen twice")], who="ada", why="archive")
    after = files(own)
    assert [name for name in before if before[name] != after[name]] == ["evidence.csv"]
    assert (entry.who, entry.why, entry.did) == ("ada", "archive", "edit")
    assert "mf001" in entry.says
    assert own.history() == [entry]


def test_a_library_case_is_changed_in_a_branch_only(library):
    """Without a branch a library case refuses; with one its own files stay as they are."""
    before = files(library)
    fact = library.case().facts[0].id
    with pytest.raises(UsageError, match="open a branch"):
        library.change([off(fact)])
    branch = library.branch_for("ada")
    library.change([off(fact)], branch=branch, who="ada")
    assert files(library) == before
    assert fact not in {row.id for row in library.case(branch).facts}
    assert library.branch_for("bob") == branch


def test_what_changes_nothing_says_so(own):
    """A change that leaves every row as it stands is no entry of the history."""
    own.change([noted("mf001", note="x")])
    with pytest.raises(UsageError, match="nothing is changed"):
        own.change([noted("mf001", note="x")])
    assert len(own.history()) == 1


def test_a_change_that_does_not_fit_leaves_all_as_it_was(own):
    """Faults are told with nothing written, in the files as in a branch."""
    own.new_branch("try")
    before = files(own)
    for branch in ("", "try"):
        with pytest.raises(CaseError):
            own.change([off("nosuch")], branch=branch)
        with pytest.raises(CaseError):
            own.change([noted("mf001", actor="nobody")], branch=branch)
    assert files(own) == before


def test_two_windows_on_other_columns_both_survive(own):
    """Two who change other cells of one row lose nothing."""
    seen = {"evidence.csv/mf001": own.row("evidence.csv", "mf001")}
    own.change([noted("mf001", note="first")], seen=seen)
    own.change([noted("mf001", scale="strong")], seen=seen)
    row = own.row("evidence.csv", "mf001")
    assert (row["note"], row["scale"]) == ("first", "strong")


def test_two_windows_on_one_cell_ask_the_second(own):
    """Who would overwrite a cell that another window has changed is asked, and sees all three texts."""
    seen = {"evidence.csv/mf001": own.row("evidence.csv", "mf001")}
    own.change([noted("mf001", note="first")], seen=seen)
    with pytest.raises(ConflictError) as told:
        own.change([noted("mf001", note="second")], seen=seen)
    (conflict,) = told.value.conflicts
    notes = [row["note"] for row in (conflict.before, conflict.mine, conflict.theirs)]
    assert notes == ["", "second", "first"]
    assert own.row("evidence.csv", "mf001")["note"] == "first"


def test_a_row_that_another_window_removed_is_a_conflict(own):
    """Changing a row that is gone asks, and does not bring it back."""
    seen = {"evidence.csv/mf042": own.row("evidence.csv", "mf042")}
    own.change([change("remove_fact", "mf042")])
    with pytest.raises(ConflictError) as told:
        own.change([noted("mf042", note="x")], seen=seen)
    assert told.value.conflicts[0].theirs is None


def test_two_windows_on_one_branch_ask_the_second(own):
    """Rows are held against what was seen in a branch as well."""
    own.new_branch("try")
    seen = {"evidence.csv/mf001": own.row("evidence.csv", "mf001", "try")}
    own.change([noted("mf001", note="first")], branch="try", seen=seen)
    with pytest.raises(ConflictError):
        own.change([noted("mf001", note="second")], branch="try", seen=seen)


def test_many_who_change_at_once_lose_nothing(own):
    """Threads that change other rows at the same moment all find their change in the files."""
    names = [fact.id for fact in own.case().facts][:6]
    threads = [threading.Thread(target=own.change, args=([noted(name, note=name)],)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [own.row("evidence.csv", name)["note"] for name in names] == names
    assert [entry.id for entry in own.history()] == [f"e{n:04d}" for n in range(1, 7)]


# -- branches -------------------------------------------------------------------------------------


def test_a_branch_outlives_the_program(desk, library):
    """A branch with its changes and its history is there when the desk is opened again."""
    branch = library.branch_for("ada")
    library.change([off(library.case().facts[0].id)], branch=branch, who="ada")
    again = Desk(desk.folder, data=desk.data).opened(LIBRARY)
    assert again.branches() == library.branches()
    assert again.case(branch) == library.case(branch)
    again.undo()
    assert again.case(branch).facts == again.case().facts


def test_a_merge_makes_the_changes_and_closes_the_branch(own):
    """After a merge the case is what the branch was, and undo brings both back to the byte."""
    own.new_branch("try", title="Try")
    own.change([off("mf001"), noted("mf002", note="x")], branch="try", who="ada")
    own.change([change("set_default", "bonding", 0.11)], branch="try")
    before, wanted = files(own), own.case("try")
    entry = own.merge_branch("try", who="ada")
    assert (own.case().facts, own.case().defaults) == (wanted.facts, wanted.defaults)
    assert own.branches() == []
    assert "Try" in own.history()[-2].says or "try" in entry.says
    own.undo()
    assert files(own) == before


def test_a_merge_asks_where_the_case_has_moved_on(own):
    """Cells that both the case and the branch have changed are a conflict; other cells are joined."""
    own.new_branch("try")
    own.change([noted("mf001", note="branch")], branch="try")
    own.change([noted("mf002", note="branch")], branch="try")
    own.change([noted("mf001", scale="strong")])
    own.change([noted("mf002", note="case")])
    with pytest.raises(ConflictError) as told:
        own.merge_branch("try")
    assert [conflict.key for conflict in told.value.conflicts] == ["mf002"]
    own.undo()
    own.merge_branch("try")
    row = own.row("evidence.csv", "mf001")
    assert (row["note"], row["scale"]) == ("branch", "strong")


def test_a_library_branch_is_merged_by_copying(desk, library):
    """A library case refuses a merge; a copy with the branch holds its changes in its files."""
    branch = library.branch_for("ada")
    fact = library.case().facts[0].id
    library.change([off(fact)], branch=branch)
    with pytest.raises(UsageError, match="copy it"):
        library.merge_branch(branch)
    copy = desk.opened(desk.copy(LIBRARY, "mine", branch=branch, title="Mine"))
    assert copy.case().title == "Mine"
    assert copy.case().facts == library.case(branch).facts
    assert copy.history() == []


def test_a_change_can_be_taken_out_of_a_branch(own):
    """Taking out a change leaves the others; one that others rest on is refused."""
    own.new_branch("try")
    own.change([off("mf001")], branch="try")
    own.change([change("switch_on_fact", "mf001"), noted("mf002", note="x")], branch="try")
    with pytest.raises(CaseError):
        own.drop_change("try", "c0001")
    own.drop_change("try", "c0002")
    assert [one.id for one in own.branches()[0].changes] == ["c0001", "c0003"]
    own.undo()
    assert [one.id for one in own.branches()[0].changes] == ["c0001", "c0002", "c0003"]


def test_a_branch_keeps_what_it_stands_on_when_its_first_change_goes(own):
    """A merge still sees that the case has moved on after the change that recorded it was taken out."""
    own.new_branch("try")
    own.change([noted("mf001", note="one")], branch="try")
    own.change([noted("mf001", note="two")], branch="try")
    own.drop_change("try", "c0001")
    own.change([noted("mf001", note="case")])
    with pytest.raises(ConflictError):
        own.merge_branch("try")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "x" * 61, "a b", "nul:"])
def test_odd_names_are_no_branches(own, name):
    """A branch is a file: names that are none are refused."""
    with pytest.raises(UsageError):
        own.new_branch(name)


def test_a_branch_is_there_once(own):
    """A name is taken whatever its case; a free one is found."""
    own.new_branch("try")
    with pytest.raises(UsageError, match="already"):
        own.new_branch("TRY")
    assert own.free_name("try") == "try-2"


def test_a_branch_can_be_called_something_else(own):
    """A title can be changed, and the change undone."""
    own.new_branch("try", title="Old")
    own.title_branch("try", "Новое")
    assert own.branches()[0].title == "Новое"
    own.undo()
    assert own.branches()[0].title == "Old"


def test_a_garbled_line_of_a_branch_is_told(own):
    """A line that an outside editor has spoilt is passed over with a sentence; the others hold."""
    own.new_branch("try")
    own.change([off("mf001")], branch="try")
    path = own.source.folder / "branches" / "try.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + '{"id": "c0002", "op": "dan\n', encoding="utf-8")
    assert "Line 3" in own.warnings[0]
    assert [one.id for one in own.branches()[0].changes] == ["c0001"]


# -- comparing ------------------------------------------------------------------------------------


def test_a_comparison_says_what_moved_and_which_change_did_it(own):
    """Each change is told with what it moves; a change that moves nothing moves nothing."""
    own.new_branch("try")
    own.change([off("mf031"), noted("mf042", note="x")], branch="try")
    told = own.compare("", "try", DAY)
    kinds = {one.kind for one in told.moved}
    assert {"sign", "lasts", "signed_and_lasts", "keep", "trust"} <= kinds
    first, second = told.because
    assert (first.target, second.target) == ("mf031", "mf042")
    assert first.moves == told.moved
    assert second.moves == ()


def test_a_comparison_turned_round_moves_the_other_way(own):
    """From the branch to the case everything moves back by as much."""
    own.new_branch("try")
    own.change([off("mf031")], branch="try")
    there, back = own.compare("", "try", DAY), own.compare("try", "", DAY)
    turned = {(one.kind, one.about, one.years): one.by for one in back.moved}
    assert all(turned[one.kind, one.about, one.years] == -one.by for one in there.moved if one.by)
    assert back.because[0].side == "one"
    assert back.because[0].moves == back.moved


def test_what_two_branches_share_is_no_reason(own):
    """Only what one of two branches has alone is looked at."""
    for name in ("one", "two"):
        own.new_branch(name)
        own.change([off("mf031")], branch=name)
    own.change([off("mf032")], branch="two")
    assert [one.target for one in own.compare("one", "two", DAY).because] == ["mf032"]


def test_changes_that_rest_on_another_fall_with_it(own):
    """Leaving out a fact leaves out what was changed of it."""
    own.new_branch("try")
    own.change([off("mf031")], branch="try")
    own.change([change("switch_on_fact", "mf031")], branch="try")
    first = own.compare("", "try", DAY).because[0]
    assert first.along == ("c0002",)


def test_an_entry_says_what_it_moved(own):
    """What a change moved can still be asked after others, and is the same as when it was made."""
    entry = own.change([off("mf031")])
    moved = own.moved(entry.id, DAY)
    assert {one.kind for one in moved} >= {"sign", "trust"}
    own.change([off("mf032")])
    own.new_branch("try")
    assert own.moved(entry.id, DAY) == moved
    assert own.moved(own.undo().id, DAY) == ()  # of the new branch, which changed nothing yet


def test_an_entry_of_a_branch_says_what_it_moved(library):
    """A change in a branch is told by that branch, whichever is looked at."""
    branch, day = library.branch_for("ada"), library.case().end
    entry = library.change([off(library.case().facts[3].id)], branch=branch)
    assert library.moved(entry.id, day) == library.moved(entry.id, day, branch)
    assert library.moved(library.undo().id, day) != ()


# -- own cases ------------------------------------------------------------------------------------


def test_a_zip_goes_round(desk, own):
    """A case that is exported and taken in again is the same case."""
    ref = desk.import_zip(desk.export_zip(OWN, "red"), "again")
    assert desk.opened(ref).case() == own.case()


def test_a_zip_for_an_audience_holds_nothing_above_it(desk):
    """Facts above the audience are not in the zip."""
    ref = desk.import_zip(desk.export_zip(OWN, "green"), "green")
    assert "SECRET" not in "".join(f.says for f in desk.opened(ref).case().facts)
    with pytest.raises(UsageError, match="audience"):
        desk.export_zip(OWN, "purple")


def test_a_case_with_faults_is_not_taken_in(desk, own):
    """A zip whose case cannot be read leaves nothing behind."""
    kept = {name: data for name, data in files(own).items() if name != "stakes.csv"}
    with pytest.raises(CaseError, match="stakes"):
        desk.import_zip(zipped(kept), "bad")
    assert not (desk.folder / "bad").exists()


def test_a_new_case_can_be_read_at_once(desk):
    """A case made from a title and two names gives a reading, with nothing in it but what is not yet known."""
    given = {"start": "2020-01-01", "end": "2021-01-01", "scope": "ceasefire", "text": "Договор"}
    sides = [{"name": "Север", "leader": "Анна"}, {"name": "الجنوب"}]
    ref = desk.create("мир", title="Мир", sides=sides, **given)
    first, second = desk.opened(ref).case().decision_makers
    assert (first.name, first.kind, second.kind) == ("Анна", "person", "body")
    assert desk.opened(ref).case().texts[0].scope == "ceasefire"
    reading = desk.opened(ref).reading(date(2020, 6, 1), draws=50)
    assert (reading.title, len(reading.deals), reading.coverage) == ("Мир", 1, ())
    assert desk.card(ref).facts == 0
    for wrong in ({"start": "soon"}, {"scope": "odd"}, {"start": "2022-01-01"}, {"sides": sides[:1]}):
        with pytest.raises(GoodOfficesError):
            desk.create("other", **{"title": "Other", "sides": sides, **given, **wrong})
    assert not (desk.folder / "other").exists()


def test_names_of_new_cases_are_sound_and_free(desk):
    """A new case has a name that every system allows and that is not taken."""
    assert desk.free_name("Talks!") == "talks-2"
    assert desk.free_name("Переговоры в Осло") == "переговоры-в-осло"
    for name in ("talks", "TALKS", "a/b", "..", "con", ""):
        with pytest.raises(UsageError):
            desk.copy(OWN, name)


def test_a_locked_case_opens_with_its_passphrase_only(desk, own, quick_locks):
    """A locked case is a card without its title; opened it is what it was, closed it is shut again."""
    case = own.case()
    desk.lock(OWN, "a long passphrase")
    assert not (desk.folder / "talks").exists()
    card = desk.cards()[0]
    assert (card.locked, card.title) == (True, "talks")
    with pytest.raises(LockedError):
        desk.unlock(OWN, "another passphrase")
    opened = desk.unlock(OWN, "a long passphrase")
    assert opened.case() == case
    opened.change([off("mf001")], who="ada")
    desk.lock(OWN)
    with pytest.raises(LockedError):
        desk.opened(OWN)
    assert len(desk.unlock(OWN, "a long passphrase").case().facts) == len(case.facts) - 1


def test_a_folder_that_is_a_case_is_the_desk(tmp_path, made_folder):
    """A case folder can be the desk; it takes no other cases in."""
    desk = Desk(made_folder, data=tmp_path)
    ref = Ref(shelf="own", name="made")
    assert desk.cards()[0].ref == ref
    with pytest.raises(UsageError, match="itself a case"):
        desk.copy(ref, "other")


def test_a_comparison_is_plain_data(own):
    """What a comparison says can be given as JSON."""
    own.new_branch("try")
    own.change([off("mf031")], branch="try")
    assert json.loads(json.dumps(plain(own.compare("", "try", DAY))))["other"] == "try"
