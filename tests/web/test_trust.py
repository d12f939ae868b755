"""The page "trust": the matrix is the reading's, a ledger adds up, sources open nowhere but where they say."""

import re
from datetime import date
from html import unescape
from urllib.parse import urlsplit

import pytest

from goodoffices.web.pages.trust import context
from goodoffices.web.state import View
from goodoffices.words import figure
from goodoffices.workbench.desk import Ref

DAY = "2003-08-01"
PAGE = "/own/mine/trust"


def view(**more) -> View:
    return View(shelf="own", name="mine", page="trust", at=date.fromisoformat(DAY), more=more)


@pytest.fixture
def pair(desk):
    return context(desk, view(pair="arno,basil")).pair


def test_the_matrix_is_that_of_the_reading(desk, client):
    """Every belief stands in its cell; where there is not enough evidence the cell is hatched."""
    reading = desk.opened(Ref(shelf="own", name="mine")).reading(date.fromisoformat(DAY), options=False)
    shown = context(desk, view())
    cells = {
        (one[0], cell.trustee): [shade.text for shade in cell.shades]
        for one, row in zip(shown.trusters, shown.rows, strict=True)
        for cell in row
        if cell
    }
    found: dict[tuple[str, str], list[str]] = {}
    for row in reading.trust:
        found.setdefault((row.truster, row.trustee), []).append(
            "–" if row.median is None else figure(row.median)
        )

    assert cells == found
    assert client.get(PAGE, params={"at": DAY}).text.count('class="self"') == sum(
        cell is None for row in shown.rows for cell in row
    )


def test_the_waterfall_adds_up_to_the_level(pair):
    """Each bar begins where the last one ended, and the last ends at the level."""
    for belief in (one for one in pair.beliefs if one.enough):
        ends = [step.end for step in belief.fall.steps]
        for step, end in zip(belief.fall.steps[1:], ends, strict=False):
            assert min(abs(step.x - end), abs(step.x + step.width - end)) < 0.2
        assert ends[-1] == pytest.approx(belief.fall.level, abs=0.2)


def test_the_ledger_adds_up(desk, bench):
    """Prior, what is left of each fact, clip and ceiling make the level."""
    for why in bench.why(desk.opened(Ref(shelf="own", name="mine")).case(), "arno", "basil", at=DAY):
        total = why.prior + sum(line.now for line in why.lines) + why.clip + why.ceiling
        assert total == pytest.approx(why.level)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "ftp://x.example/a"])
def test_only_web_addresses_are_links(desk, client, address):
    """A source whose address is no web page is named, not linked."""
    path = desk.folder / "mine" / "evidence.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("https://secret-a.example/x", address), encoding="utf-8"
    )
    answer = client.get(PAGE, params={"at": DAY, "pair": "basil,anna"})
    links = [urlsplit(unescape(found)) for found in re.findall(r'href="([^"]*)"', answer.text)]

    assert {link.scheme for link in links} <= {"", "http", "https"}


def test_a_source_opens_apart_and_says_its_host(client):
    """A link to a source shows where it leads and tells that place nothing."""
    pages = [client.get(PAGE, params={"at": DAY, "pair": pair}).text for pair in ("basil,anna", "anna,basil")]
    links = [
        link for text in pages for link in re.findall(r"<a href=\"https?:[^>]*>[^<]*</a> \([^)]*\)", text)
    ]

    assert links
    for link in links:
        assert 'rel="noopener noreferrer"' in link
        assert 'target="_blank"' in link
        assert f"({urlsplit(re.search('href=.([^ ]*)', link)[1].rstrip(chr(34))).hostname})" in link


def test_the_pair_stays_when_the_day_changes(client):
    """The form of the timeline carries the pair along; the way back to the matrix does not."""
    text = client.get(PAGE, params={"at": DAY, "pair": "arno,basil"}).text

    assert '<input type="hidden" name="pair" value="arno,basil">' in text
    assert f'<a href="{PAGE}?at={DAY}" data-swap>←' in text


def test_a_fact_can_be_tried_without(client):
    """Beside each fact there is a form that opens a branch in which it is off."""
    text = client.get(PAGE, params={"at": DAY, "pair": "arno,basil"}).text
    text = text[text.index('name="rows"') :]
    rows = unescape(re.search(r'name="rows" value="([^"]*)"', text)[1])
    back = unescape(re.search(r'name="back" value="([^"]*)"', text)[1])
    form = {"rows": rows, "back": back}
    answer = client.post("/own/mine/do/try", params={"at": DAY}, data=form, follow_redirects=False)

    assert answer.status_code == 303
    assert "branch=" in answer.headers["location"]
    assert "pair=arno%2Cbasil" in answer.headers["location"]


@pytest.mark.parametrize("pair", ["arno", "arno,nobody", ",", "nobody,arno"])
def test_no_such_pair_is_a_sentence(client, pair):
    """A pair that is none is not found, in words."""
    answer = client.get(PAGE, params={"at": DAY, "pair": pair})

    assert answer.status_code == 404
    assert 'role="alert"' in answer.text


def test_without_any_evidence_the_page_teaches(client, desk):
    """A new case says what is missing and offers the one button that helps."""
    desk.create("new", title="New", sides=[{"name": "A", "leader": "X"}, {"name": "B", "leader": "Y"}])

    assert "Add the first fact" in client.get("/own/new/trust").text
