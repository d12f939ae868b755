"""The history: undo and redo over everything, across restarts, beside outside editors."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Comment
from goodoffices.errors import CaseError, ConflictError, GoodOfficesError, UsageError
from goodoffices.workbench.desk import Desk, Opened
from tests.conftest import MADE
from tests.workbench.conftest import OWN, desk_at

COMMENT = Comment(key="cm0001", on="mf001", author="ada", at="", says="look again")
FACTS = ["mf001", "mf002", "mf029", "mf042"]


def change(op: str, target: str = "", value=None) -> Change:
    return Change(id="n1", op=op, target=target, value=value)


def noted(fact: str, note: str) -> Change:
    return change("replace_fact", fact, {"note": note})


def files(opened: Opened) -> dict[str, bytes | None]:
    return {name: opened.place.read(name) for name in opened.place.names() if name != "history.jsonl"}


def test_undo_and_redo_go_over_everything(own):
    """Facts, stakes, people, branches and merges are taken back one by one to the first byte, and redone."""
    stake = next(row for row in own.case().stakes if row.quantity == "kept")
    states = [files(own)]
    steps = [
        lambda: own.change([noted("mf001", "x")]),
        lambda: own.change([change("switch_off_fact", "mf042")]),
        lambda: own.change([change("set_stake", stake.key, {"low": "loss", "high": "gain"})]),
        lambda: own.change([change("set_case", value={"title": "Talks"})]),
        lambda: own.change([change("set_default", "bonding", 0.1)]),
        lambda: own.change([change("comment", value=COMMENT)]),
        lambda: own.new_branch("try"),
        lambda: own.change([noted("mf002", "y")], branch="try"),
        lambda: own.change([change("switch_on_fact", "mf042")], branch="try"),
        lambda: own.drop_change("try", "c0001"),
        lambda: own.title_branch("try", "Other"),
        lambda: own.merge_branch("try"),
        lambda: own.new_branch("more"),
        lambda: own.drop_branch("more"),
    ]
    for step in steps:
        step()
        states.append(files(own))
    for state in reversed(states[:-1]):
        own.undo()
        assert files(own) == state
    assert not own.can_undo
    for state in states[1:]:
        own.redo()
        assert files(own) == state
    assert not own.can_redo


def test_undo_works_after_a_restart(desk, own):
    """What was done before the program was started again can be undone, and by whom is told."""
    before = files(own)
    own.change([noted("mf001", "x")], who="ada")
    again = Desk(desk.folder, data=desk.data).opened(OWN)
    assert again.undo("bob").who == "bob"
    assert files(again) == before
    with pytest.raises(UsageError, match="nothing to undo"):
        again.undo()


def test_an_edit_ends_what_could_be_redone(own):
    """After a new change nothing is left to do again, and the history has lost nothing."""
    own.change([noted("mf001", "x")])
    own.undo()
    own.change([noted("mf002", "y")])
    assert not own.can_redo
    with pytest.raises(UsageError, match="nothing to do again"):
        own.redo()
    assert [entry.did for entry in own.history()] == ["edit", "undo", "edit"]


def test_undo_asks_where_somebody_else_has_changed_the_row(own):
    """A cell that an outside editor has changed since is not overwritten, unless one insists."""
    own.change([noted("mf001", "mine")])
    path = own.source.folder / "evidence.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("mine", "theirs"), encoding="utf-8")
    with pytest.raises(ConflictError):
        own.undo()
    assert own.row("evidence.csv", "mf001")["note"] == "theirs"
    own.undo(force=True)
    assert own.row("evidence.csv", "mf001")["note"] == ""


def test_undo_leaves_other_rows_of_an_outside_editor_alone(own):
    """Rows that somebody else has added or changed stay when a change is taken back."""
    own.change([noted("mf001", "mine")])
    path = own.source.folder / "evidence.csv"
    text = path.read_text(encoding="utf-8").replace("number 42", "number forty-two")
    path.write_text(text, encoding="utf-8")
    own.undo()
    assert path.read_text(encoding="utf-8") == text.replace(",mine", ",")


def test_undo_does_not_leave_a_case_that_cannot_be_read(own):
    """A fact to which somebody has put something in the meantime is not taken away under it."""
    value = {
        "id": "mf099",
        "happened_on": "2003-07-07",
        "actor": "aster",
        "towards": "birch",
        "kind": "threat",
    }
    own.change(own.bench.changes([{"id": "n", "op": "add_fact", "value": value}]))
    path = own.source.folder / "off.csv"
    path.write_text("fact,author,at,reason\nmf099,,,\n", encoding="utf-8")
    with pytest.raises(CaseError):
        own.undo()
    assert own.row("evidence.csv", "mf099") is not None


@pytest.mark.parametrize("spoilt", ['{"id": "e00', "[1]\n", "null\n", '{"id": 7}\n', "\x00\n"])
def test_a_spoilt_line_is_passed_over_with_a_sentence(own, spoilt):
    """A line that is cut off or garbled is named; undo goes on with the others, and no id comes twice."""
    own.change([noted("mf001", "x")])
    path = own.source.folder / "history.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + spoilt, encoding="utf-8")
    assert "Line 2" in own.warnings[0]
    assert own.change([noted("mf002", "y")]).id == "e0003"
    assert [entry.id for entry in own.history()] == ["e0001", "e0003"]
    own.undo()
    own.undo()
    assert own.row("evidence.csv", "mf001")["note"] == ""


def test_the_history_is_read_only_where_it_grew(own, monkeypatch):
    """A long history is not read anew for each page."""
    from goodoffices.archive import history

    own.change([noted("mf001", "x")])
    own.history()
    taken = []
    plain = history.History._take
    monkeypatch.setattr(
        history.History, "_take", lambda self, n, line: taken.append(n) or plain(self, n, line)
    )
    own.history()
    own.change([noted("mf001", "y")])
    own.history()
    assert taken == [2]


class Working(RuleBasedStateMachine):
    """Somebody works on a case, in its files and in a branch, while somebody else edits a file."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.opened = desk_at(self.root, MADE).opened(OWN)
        self.count = 0
        self.clean = True  # nobody but the program has written since the first entry
        self.first = files(self.opened)

    def teardown(self) -> None:
        if hasattr(self, "root"):
            shutil.rmtree(self.root)

    def tried(self, do) -> bool:
        """Do something that may be refused; a refusal leaves everything as it was."""
        before = files(self.opened)
        try:
            do()
        except GoodOfficesError:
            assert files(self.opened) == before
            return False
        return True

    def name(self) -> str:
        return "try" if self.opened.branches() else ""

    @rule(
        fact=st.sampled_from(FACTS), op=st.sampled_from(["note", "off", "on", "remove"]), branch=st.booleans()
    )
    def edit(self, fact: str, op: str, branch: bool) -> None:
        """A change that is undone leaves the bytes that were there; done again, those after it."""
        self.count += 1
        ops = {"off": "switch_off_fact", "on": "switch_on_fact", "remove": "remove_fact"}
        made = noted(fact, f"note {self.count}") if op == "note" else change(ops[op], fact)
        before = files(self.opened)
        if not self.tried(lambda: self.opened.change([made], branch=self.name() if branch else "")):
            return
        after = files(self.opened)
        self.opened.undo()
        assert files(self.opened) == before
        self.opened.redo()
        assert files(self.opened) == after

    @rule()
    def undo(self) -> None:
        self.tried(self.opened.undo)

    @rule()
    def redo(self) -> None:
        self.tried(self.opened.redo)

    @rule()
    def branch(self) -> None:
        self.tried(lambda: self.opened.new_branch("try"))

    @precondition(lambda self: self.opened.branches())
    @rule(merge=st.booleans())
    def close(self, merge: bool) -> None:
        do = self.opened.merge_branch if merge else self.opened.drop_branch
        self.tried(lambda: do("try"))

    @rule(word=st.sampled_from(["one", "two"]))
    def outside(self, word: str) -> None:
        """Another program writes into a row; what it wrote is still there after it."""
        path = self.opened.source.folder / "evidence.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("made-up fact number 1:", f"made-up fact number {word}:"), encoding="utf-8"
        )
        self.clean = self.clean and path.read_text(encoding="utf-8") == text

    @rule()
    def restart(self) -> None:
        old = self.opened
        self.opened = Desk(self.root / "cases", data=self.root / "data").opened(OWN)
        assert self.opened.history() == old.history()
        assert self.opened.case() == old.case()

    @invariant()
    def the_history_leads_to_the_files(self) -> None:
        """Laid over the first files, the edits of all entries give those of now."""
        if not hasattr(self, "opened"):
            return
        self.opened.case()
        if self.clean:
            (laid, _same) = self.opened._back(reversed(self.opened._entries()))
            assert {n: laid.read(n) for n in self.first} == self.first


Working.TestCase.settings = settings(max_examples=8, stateful_step_count=10, deadline=None)
TestWorking = Working.TestCase
