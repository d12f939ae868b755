"""The page "answer": the reading itself, drawn; a preview while the day moves; one person's world."""

import json
import re
import shutil
import sys
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from goodoffices.cli.app import run
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Fact
from goodoffices.domain.readings import Reading
from goodoffices.web.frame import BINS, MANY, timeline
from goodoffices.words import figure
from goodoffices.workbench import Workbench

DAY = "2003-08-01"
PAGE = "/own/mine/answer"


class Rows(HTMLParser):
    """Collects the text of table rows, of everything, and tags by name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "tr"

    def handle_data(self, data):
        if self.inside:
            self.rows[-1] += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def reading() -> Reading:
    from tests.conftest import MADE

    return Workbench().read(MADE, DAY, options=False)


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_the_page_shows_the_figures_of_the_reading(client, reading):
    """Every figure of the two answers and of each decision-maker is that of the reading, rounded once."""
    text = words(client.get(PAGE, params={"at": DAY}).text)

    for deal in reading.deals:
        lasts, both = deal.lasts_if_signed.not_abandoned, deal.signed_and_lasts.not_abandoned
        for found in (deal.sign, lasts.y1, lasts.y5, lasts.y10, both.y1, both.y5, both.y10):
            assert f"{figure(found.median)} {figure(found.lo)}–{figure(found.hi)}" in text
        assert f"{figure(deal.sign.frechet_lo)} to {figure(deal.sign.frechet_hi)}" in text
        assert deal.bottleneck.words in text
        for row in deal.decision_makers:
            assert f"believes {figure(row.keep.median)}, asks for {figure(row.threshold.median)}" in text
        for line in deal.find_out:
            assert line.replace(f" ({deal.title})", "") in text


def test_looking_for_changes_moves_no_other_figure(client):
    """What is shown at first stays when the smallest changes have been found."""
    first, whole = (
        client.get(PAGE, params={"at": "2002-03-01", **more}).text for more in ({}, {"options": "1"})
    )
    shown = [row for row in Rows(first).rows if "–" in row]

    assert shown
    assert set(shown) <= set(Rows(whole).rows)


def test_the_api_gives_the_bytes_of_the_command_line(client, made_folder, capsys, monkeypatch):
    """`read --json` and /api/v1/.../read give the same bytes for a day."""
    monkeypatch.setattr(sys, "argv", ["goodoffices", "read", str(made_folder), "--at", DAY, "--json"])
    assert run() == 0
    printed = capsys.readouterr().out.encode()

    assert client.get("/api/v1/own/mine/read", params={"at": DAY}).content == printed


def test_the_page_as_data_holds_the_same_reading(client, reading):
    """The context at /api is the documented dataclass with the reading in it."""
    found = client.get("/api/v1/own/mine/pages/answer", params={"at": DAY}).json()["context"]

    assert found["reading"]["deals"] == json.loads(json.dumps(reading.to_dict()["deals"]))
    assert found["day"] == DAY


def test_reference_class_stands_before_any_index(client):
    """What is known without any model is read first."""
    text = client.get(PAGE, params={"at": DAY}).text

    assert 0 < text.index("First, without any model") < text.index("Would it be signed?")


def test_a_preview_says_so_and_leaves_the_changes_out(client):
    """200 draws are marked as a preview, and nothing slow is asked for."""
    text = client.get(PAGE, params={"at": DAY, "draws": 200}).text

    assert "Preview: 200 of 1000 draws" in text
    assert "data-later" not in text
    assert "Preview" not in client.get(PAGE, params={"at": DAY}).text


def test_while_the_day_moves_only_what_moves_is_sent(client):
    """A preview that replaces a part of the page carries no timeline."""
    given = {"params": {"at": DAY, "draws": 200}}
    part, whole = (client.get(PAGE, headers=headers, **given).text for headers in ({"X-Swap": "1"}, {}))

    assert 'id="near"' in part
    assert 'id="scrub"' not in part
    assert 'id="scrub"' in whole
    assert len(part) < len(whole)


def test_without_scripts_the_smallest_changes_are_a_link_away(client):
    """The link that a script would follow by itself leads to the page with them."""
    text = client.get(PAGE, params={"at": "2002-03-01"}).text
    link = next(a["href"] for a in Rows(text).named("a") if "options=1" in (a.get("href") or ""))
    found = client.get(link.partition("#")[0]).text

    assert "data-later" not in found
    assert "Try it" in found or "None is needed" in found or "None was found" in found


def test_each_change_can_be_tried(client):
    """The form of a smallest change carries its records; they open a branch and change the answer."""
    day = "2002-03-01"
    text = client.get(f"{PAGE}/options", params={"at": day}).text
    rows = next(i["value"] for i in Rows(text).named("input") if i.get("name") == "rows")
    sent = {"rows": rows, "title": "what if", "back": f"{PAGE}?at={day}"}
    answer = client.post("/own/mine/do/try", params={"at": day}, data=sent, follow_redirects=False)

    assert json.loads(rows)[0]["op"]
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{PAGE}?at={day}&branch=")


def test_the_fragment_has_a_piece_for_each_text(client, reading):
    """Every place that waits for changes finds its piece."""
    text = client.get(f"{PAGE}/options", params={"at": DAY}).text

    pieces = [div["data-for"] for div in Rows(text).named("div") if "data-for" in div]
    assert pieces == [f"options-{deal.id}" for deal in reading.deals]


def test_the_world_of_one_person(client, made):
    """As seen by somebody, the page says whose world it is and how many facts could be known there."""
    text = words(client.get(PAGE, params={"at": DAY, "as": "arno"}).text)
    known = len(made.visible_on(date.fromisoformat(DAY)).facts)

    told = re.search(r"The world of Arno: (\d+) of (\d+) facts could be known there", text)
    assert told
    assert int(told[2]) == known
    assert int(told[1]) <= known


def test_nobody_of_that_name_has_a_world(client):
    """An unknown perspective is a sentence, not a fault of the server."""
    assert client.get(PAGE, params={"at": DAY, "as": "nobody"}).status_code == 404


def test_texts_off_the_table_are_named_with_a_day_to_look_at(client, made):
    """A text that is not on the table links to a day on which it is."""
    text = client.get(PAGE, params={"at": DAY}).text
    away = [one for one in made.texts if not one.on_table(date.fromisoformat(DAY))]

    assert away
    for one in away:
        assert one.title in unescape(text)


def test_a_day_before_all_facts_says_what_is_missing(client, made):
    """Before the first fact there is a link to its day, and every belief is said to be a prior."""
    text = client.get(PAGE, params={"at": str(made.start)}).text
    first = min(fact.known_on for fact in made.facts)

    if first > made.start:
        assert f"at={first}" in text
    assert client.get(PAGE, params={"at": str(made.end)}).status_code == 200


def test_a_case_without_texts_teaches(desk, client, tmp_path):
    """Where there is no text, the page says what one is for and offers to add it."""
    folder = desk.folder / "bare"
    shutil.copytree(desk.folder / "mine", folder)
    toml = (folder / "case.toml").read_text(encoding="utf-8")
    head = toml[: toml.index("[[texts]]")]
    rest = re.split(r"(?m)^(?=\[\[)", toml[toml.index("[[texts]]") :])
    kept = "".join(part for part in rest if not part.startswith("[[texts"))
    (folder / "case.toml").write_text(head + kept, encoding="utf-8")
    stakes = (folder / "stakes.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "stakes.csv").write_text(stakes[0], encoding="utf-8")

    answer = client.get("/own/bare/answer", params={"at": DAY})
    assert answer.status_code == 200, answer.text
    assert "Add a text" in answer.text


# -- the timeline ---------------------------------------------------------------------------------


def crowd(case: Case, count: int) -> Case:
    from dataclasses import replace

    fact: Fact = case.facts[0]
    span = (case.end - case.start).days
    days = [case.start + timedelta(days=k * span // count) for k in range(count)]
    made = [replace(fact, id=f"x{k}", known_on=day, happened_on=day) for k, day in enumerate(days)]
    return replace(case, facts=tuple(made))


def test_every_fact_has_its_place(made, bench):
    """Marks stand for all facts, inside the window, in the way that their kind speaks."""
    found = timeline(made, bench.tables().kinds)

    assert sum(mark.n for mark in found.marks) == len(made.facts)
    assert all(0 <= mark.x <= 100 for mark in found.marks)
    assert {mark.sign for mark in found.marks} <= {-1, 0, 1}


def test_ten_thousand_facts_are_folded(made, bench):
    """However many facts there are, the timeline has at most a bar for each column and way."""
    found = timeline(crowd(made, 10_000), bench.tables().kinds)

    assert found.dense
    assert len(found.marks) <= 3 * BINS
    assert sum(mark.n for mark in found.marks) == 10_000 > MANY


def test_titles_on_the_timeline_do_not_lie_on_each_other(bench):
    """Of texts that stand close together only those with room are named."""
    found = timeline(bench.load_case("ukraine-2025"), bench.tables().kinds)
    named = [text for text in found.texts if text.short]

    assert len(named) < len(found.texts)
    assert all(two.x - one.x > 5 for one, two in pairwise(named))


def test_neighbouring_facts_are_links(client, made):
    """The facts before and after the day can be gone to by keyboard."""
    text = client.get(PAGE, params={"at": DAY}).text
    day = date.fromisoformat(DAY)
    before = max(fact.known_on for fact in made.facts if fact.known_on < day)

    near = text[text.index('id="near"') :]
    assert f"at={before}" in near[: near.index("</div>")]


@pytest.mark.parametrize("place", ["start", "end"])
def test_the_line_of_the_day_stands_where_the_slider_does(client, made, place):
    """At the ends of the window the line stands at the ends of the timeline."""
    text = client.get(PAGE, params={"at": str(getattr(made, place))}).text
    line = next(one for one in Rows(text).named("line") if one.get("id") == "now")

    assert line["x1"] == line["x2"] == ("0.0%" if place == "start" else "100.0%")


def test_what_people_typed_is_never_markup(desk, client):
    """A title with markup in it is shown, not run."""
    folder = desk.folder / "mine"
    toml = (folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text(
        toml.replace("A treaty of peace", "<img src=x onerror=alert(1)>"), encoding="utf-8"
    )
    text = client.get(PAGE, params={"at": DAY}).text

    assert "<img" not in text
    assert "&lt;img" in text
