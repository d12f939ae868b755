"""The page "method": defaults are changed in a branch and back; every page of the documentation can be read."""

from datetime import date
from html import unescape

import pytest

from goodoffices.workbench.desk import Ref
from goodoffices.workbench.manual import chapters

DAY = "2003-08-01"
PAGE = "/own/mine/method"
OWN = Ref(shelf="own", name="mine")
DOCUMENTS = [name for _kind, _called, pages in chapters() for name, _title in pages]


def post(client, what, branch="", **form):
    params = {"at": DAY, **({"branch": branch} if branch else {})}
    return client.post(f"/own/mine/do/{what}", params=params, data=form, follow_redirects=False)


def sign(opened, branch=""):
    return opened.reading(date.fromisoformat(DAY), branch=branch, options=False).deals[0].sign


def test_every_default_is_there_with_its_source(client, bench):
    """Value, range, unit, basis and source of every default are on the page."""
    text = unescape(client.get(PAGE, params={"at": DAY}).text)

    for one in bench.tables().defaults.values():
        assert f'id="d-{one.name}"' in text
        assert f"{one.low}–{one.high}" in text
        assert one.source in text


def test_a_default_is_changed_in_a_branch_and_back(client, desk):
    """Another value moves the reading of the branch alone; taking it back restores it to the last digit."""
    opened, name = desk.opened(OWN), "half_life_good.integrity"
    before = sign(opened)
    assert "branch=draft" in post(client, "default", name=name, value="6").headers["location"]
    assert sign(opened, "draft") != before
    assert sign(opened) == before
    post(client, "undefault", "draft", name=name)
    assert sign(opened, "draft") == before
    assert opened.branches()[0].changes == ()


def test_the_changed_value_is_shown_with_a_way_back(client, desk):
    """The row of a default that was changed says so."""
    name = next(iter(desk.bench.tables().defaults))
    answer = post(client, "default", name=name, value="0,35")
    text = client.get(answer.headers["location"]).text

    assert "back to" in text
    assert 'class="mine"' in text
    assert 'class="mine"' not in client.get(PAGE, params={"at": DAY}).text


@pytest.mark.parametrize(
    ("given", "status"),
    [({"value": "much"}, 422), ({"name": "no_such"}, 404), ({"value": "inf"}, 422), ({"value": "nan"}, 422)],
)
def test_nonsense_is_a_sentence(client, desk, given, status):
    """A value that is no number, or a default that there is not, changes nothing."""
    form = {"name": next(iter(desk.bench.tables().defaults)), "value": "0.3", **given}
    answer = post(client, "default", **form)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert not [change for branch in desk.opened(OWN).branches() for change in branch.changes]


def test_defaults_are_found_by_words(client):
    """What fits no default says so and offers all of them."""
    assert client.get(PAGE, params={"q": "zzzz"}).text.count('id="d-') == 0
    assert "Show all" in client.get(PAGE, params={"q": "zzzz"}).text


def test_the_tornado_and_the_transcript(client, bench):
    """What takes longer has an address of its own; library cases have their golden transcript."""
    assert "<svg" in client.get("/own/mine/method/tornado", params={"at": "2002-03-01"}).text
    assert client.get("/own/mine/transcript.txt").status_code == 404


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_page_of_the_documentation_can_be_read(client, name):
    """Each is a page with a heading, and marks itself in the list."""
    answer = client.get(f"/docs/{name}")

    assert answer.status_code == 200
    assert "<h1" in answer.text
    assert 'aria-current="page"' in answer.text


@pytest.mark.parametrize("name", ["how-to/none", "../pyproject", "how-to/..%2f..%2fREADME", "x/y"])
def test_nothing_else_is_documentation(client, name):
    """No address leaves the documentation."""
    assert client.get(f"/docs/{name}").status_code == 404
