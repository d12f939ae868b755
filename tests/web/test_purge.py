"""The page "purge": it says where something stands, asks once more, and leaves no byte of it."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from goodoffices.web.app import create_app
from goodoffices.web.settings import Settings
from goodoffices.workbench.desk import Desk, Ref
from tests.web.conftest import HERE

PAGE = "/own/mine/purge"
DO = "/own/mine/do/purge"
OWN = Ref(shelf="own", name="mine")
FACT = {
    "id": "zq7fact", "happened_on": "2003-07-07", "actor": "aster", "towards": "birch", "kind": "threat",
    "says": "MARKER said", "note": "MARKER noted",
}  # fmt: skip
MARKS = (b"zq7fact", b"MARKER")


@pytest.fixture
def kept(desk, tmp_path) -> Desk:
    return Desk(desk.folder, data=tmp_path / "data", cache=tmp_path / "cache")


@pytest.fixture
def owner(kept, tmp_path):
    """The owner, of whom is noted what he does."""
    app = create_app(kept, Settings(audit=tmp_path / "audit.jsonl"))
    with TestClient(app, base_url=HERE, headers={"Origin": HERE}) as made:
        yield made


def add(desk: Desk, client) -> None:
    """Leave traces of a fact: in the table, the history, a branch, the log and a kept result."""
    opened = desk.opened(OWN)
    opened.change(desk.bench.changes([{"id": "n", "op": "add_fact", "value": FACT}]), who="ada", why="MARKER")
    opened.new_branch("try")
    off = desk.bench.changes([{"id": "n", "op": "switch_off_fact", "target": "zq7fact", "reason": "MARKER"}])
    opened.change(off, branch="try")
    desk.results(OWN).mkdir(parents=True)
    (desk.results(OWN) / "x.json").write_bytes(b'{"flips": ["zq7fact"]}')
    log = client.app.state.settings.audit
    log.write_text(
        '{"at": "2025-01-01", "who": "ada", "role": "owner", "did": "change", "ids": ["zq7fact"]}\n',
        encoding="utf-8",
    )


def found(root: Path) -> list[str]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return [path.name for path in files if any(mark in path.read_bytes() for mark in MARKS)]


def state(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_it_says_where_a_fact_stands_and_changes_nothing(owner, kept, tmp_path):
    """Every file that names the fact is listed before it is removed."""
    add(kept, owner)
    before = state(tmp_path)
    text = owner.get(PAGE, params={"kind": "fact", "id": "zq7fact"}).text

    for where in ("evidence.csv", "history.jsonl", "branches/try.jsonl", "results"):
        assert f'dir="auto">{where}</th>' in text
    assert "MARKER said" in text
    assert state(tmp_path) == before


@pytest.mark.parametrize("typed", ["", "zq7fac", "mf001"])
def test_nothing_goes_before_the_id_is_typed(owner, kept, tmp_path, typed):
    """With another word typed the page asks again and no byte has changed."""
    add(kept, owner)
    before = state(tmp_path / "cases")
    answer = owner.post(DO, data={"kind": "fact", "id": "zq7fact", "typed": typed})

    assert answer.status_code == 422
    assert "nothing was removed" in answer.text
    assert 'name="typed"' in answer.text
    assert state(tmp_path / "cases") == before


def test_a_purged_fact_is_in_no_byte_of_any_file(owner, kept, tmp_path):
    """Folder, history, branches, results, cache and log hold nothing of it, and the page says what went."""
    add(kept, owner)
    for page in ("facts", "whatif", "report"):
        owner.get(f"/own/mine/{page}", params={"branch": "try"})
    assert {"evidence.csv", "history.jsonl", "try.jsonl", "x.json", "audit.jsonl"} <= set(found(tmp_path))
    answer = owner.post(DO, data={"kind": "fact", "id": "zq7fact", "typed": "zq7fact"})

    assert answer.status_code == 200, answer.text
    assert found(tmp_path) == []
    assert "zq7fact" not in answer.text
    for where in ("evidence.csv", "history.jsonl", "branches/try.jsonl", "results", "log"):
        assert f'dir="auto">{where}</th>' in answer.text
    assert "solid-state" in answer.text
    assert "purge_fact" in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    for page in ("facts", "whatif", "report", "purge"):
        shown = owner.get(f"/own/mine/{page}").text
        assert "zq7fact" not in shown
        assert "MARKER" not in shown


def test_traces_of_what_was_removed_are_found_by_its_id(owner, kept, tmp_path):
    """A fact that is no longer in the case is looked for by its id, and its traces go."""
    add(kept, owner)
    kept.opened(OWN).change(kept.bench.changes([{"id": "n", "op": "remove_fact", "target": "zq7fact"}]))
    text = owner.get(PAGE, params={"q": "zq7fact"}).text

    assert "Look for traces" in text
    assert "traces of it are left" in owner.get(PAGE, params={"kind": "fact", "id": "zq7fact"}).text
    assert owner.post(DO, data={"kind": "fact", "id": "zq7fact", "typed": "zq7fact"}).status_code == 200
    assert found(tmp_path) == []


def test_what_was_only_in_a_branch_is_purged(owner, kept, tmp_path):
    """A fact that was added in a branch which is gone is still found in the history, and goes."""
    opened = kept.opened(OWN)
    opened.new_branch("try")
    opened.change(kept.bench.changes([{"id": "n", "op": "add_fact", "value": FACT}]), branch="try")
    opened.drop_branch("try")

    assert owner.post(DO, data={"kind": "fact", "id": "zq7fact", "typed": "zq7fact"}).status_code == 200
    assert found(tmp_path) == []


def test_a_rating_is_purged(owner, kept):
    """A rating is found by its author and is gone afterwards."""
    assert "rt0001" in owner.get(PAGE, params={"q": "first analyst"}).text
    assert owner.post(DO, data={"kind": "rating", "id": "rt0001", "typed": "rt0001"}).status_code == 200
    assert "rt0001" not in [row.key for row in kept.opened(OWN).case().ratings]


def test_a_whole_case_is_purged(owner, kept, tmp_path):
    """Its folder and its results go; the way on leads to the other cases."""
    add(kept, owner)
    text = owner.get(PAGE, params={"kind": "case"}).text
    assert "This whole case" in text
    answer = owner.post(DO, data={"kind": "case", "typed": "mine"})

    assert answer.status_code == 200, answer.text
    assert not (kept.folder / "mine").exists()
    assert [name for name in found(tmp_path) if name != "audit.jsonl"] == []
    assert 'href="/"' in answer.text
    assert owner.get("/own/mine/answer").status_code == 404


def test_what_comes_with_the_library_stays(owner, kept):
    """A fact of a library case cannot be purged; what was done on the case can."""
    fact = kept.bench.load_case("lahore").facts[0].id
    answer = owner.get("/library/lahore/purge", params={"kind": "fact", "id": fact})

    assert answer.status_code == 422
    assert "switch it off in a branch" in answer.text
    kept.opened(Ref(shelf="library", name="lahore")).new_branch("mine")
    done = owner.post("/library/lahore/do/purge", data={"kind": "case", "typed": "lahore"})
    assert done.status_code == 200
    assert kept.opened(Ref(shelf="library", name="lahore")).branches() == []


def test_only_an_owner_may_purge(kept, tmp_path):
    """An analyst gets neither the page nor the purge."""
    app = create_app(kept, Settings(trusted_proxy="10.0.0.9"))
    headers = {"Origin": HERE, "X-Forwarded-User": "ada", "X-Forwarded-Role": "analyst"}
    with TestClient(app, base_url=HERE, headers=headers, client=("10.0.0.9", 1)) as analyst:
        assert analyst.get("/own/mine/answer").status_code == 200
        assert analyst.get(PAGE).status_code == 403
        assert analyst.post(DO, data={"kind": "case", "typed": "mine"}).status_code == 403
    assert (kept.folder / "mine").exists()


@pytest.mark.parametrize(
    "given",
    [{"kind": "fact", "id": "truce"}, {"kind": "rating", "id": "zz999"}, {"kind": "everything", "id": "x"}],
)
def test_what_is_not_there_is_a_sentence(owner, given):
    """An id or kind that nothing answers to is a page that says so, also if it is a word of the case."""
    answer = owner.get(PAGE, params=given)

    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
