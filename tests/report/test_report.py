"""The report: one offline file, safe, readable, and without what its audience may not see."""

import csv
import io
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from goodoffices.cases.library import library_names
from goodoffices.workbench import Workbench

MADE = Path(__file__).parents[1] / "made"
DAY = "2003-08-01"
EVIL = "<img src=x onerror=alert(1)>"
BROWSER = shutil.which("chromium")


class Reader(HTMLParser):
    """Collects tags with their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def page() -> str:
    return Workbench().report(MADE, DAY)


def test_it_is_one_file_that_asks_for_nothing(page):
    """No script, no style sheet, no picture, no font and no address is loaded; links never leak."""
    read = Reader(page)
    kinds = {tag for tag, _attrs in read.tags}

    assert not kinds & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "base",
        "form",
    }
    assert "url(" not in page
    assert "@import" not in page
    for tag, attrs in read.tags:
        assert not any(name.startswith("on") for name in attrs)
        href = attrs.get("href") or ""
        if tag == "a" and not href.startswith("#"):
            assert href.startswith(("http://", "https://"))
            assert attrs["rel"] == "noopener noreferrer"


def test_every_link_within_the_page_arrives(page):
    """Each anchor that is linked is there, and no id stands twice."""
    read = Reader(page)
    ids = [attrs["id"] for _tag, attrs in read.tags if attrs.get("id")]
    wanted = {
        (attrs.get("href") or "")[1:]
        for tag, attrs in read.tags
        if tag == "a" and (attrs.get("href") or "").startswith("#")
    }

    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)


def test_pictures_have_title_description_and_table(page):
    """Each drawn picture has a title, a description and a role, and text stays text."""
    pictures = re.findall(r"<svg[^>]*>.*?</svg>", page, re.DOTALL)
    drawn = [p for p in pictures if 'aria-hidden="true"' not in p]

    assert len(drawn) >= 5
    assert all('role="img"' in p and "<title" in p and "<desc" in p for p in drawn)
    assert page.count("The same as a table") >= 2


def test_headings_are_in_order_and_the_language_is_named(page):
    """One h1, then h2 and h3 without a gap; the page names its language and its width."""
    levels = [int(tag[1]) for tag, _attrs in Reader(page).tags if re.fullmatch(r"h\d", tag)]

    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert '<html lang="en">' in page
    assert "width=device-width" in page


def test_the_reference_class_comes_before_the_model(page):
    """The class rate stands before the first index of signing or lasting, with its n."""
    assert page.index("First, without any model") < page.index("If it were put to them that day")
    assert re.search(r"n = \d+", page)


def test_indices_are_never_called_chances(page):
    """The words chance, probability and per cent stand nowhere but where chance is denied."""
    text = re.sub(r"\s+", " ", Reader(page).text.lower())

    assert "probabilit" not in text
    assert "per cent" not in text
    assert text.count("chance") == text.count("nothing here is a chance")


def test_markup_in_any_field_is_shown_not_run(tmp_path):
    """`<img onerror>` in every text field of a case appears escaped and nowhere as a tag."""
    folder = Path(shutil.copytree(MADE, tmp_path / "made"))
    rows = list(csv.DictReader(io.StringIO((folder / "evidence.csv").read_text(encoding="utf-8"))))
    for row in rows:
        row.update(dict.fromkeys(("says", "source_title", "source_publisher", "source_date", "note"), EVIL))
        row.update({"override": "reliability=0.9", "override_reason": EVIL, "sensitivity": "clear"})
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "evidence.csv").write_text(out.getvalue(), encoding="utf-8")
    toml = (folder / "case.toml").read_text(encoding="utf-8")
    (folder / "case.toml").write_text(
        re.sub(r'^(name|title|summary|reason) = ".*"$', rf'\1 = "{EVIL}"', toml, flags=re.M), encoding="utf-8"
    )
    for table in ("stakes.csv", "ratings.csv"):
        text = (folder / table).read_text(encoding="utf-8")
        (folder / table).write_text(text.replace("made up", EVIL), encoding="utf-8")
    bench = Workbench()
    pages = [bench.report(folder, DAY), bench.report(folder, DAY, brief=True)]
    bench.save_index(tmp_path / "index.html", [bench.read(folder, DAY, draws=10, options=False)])
    pages.append((tmp_path / "index.html").read_text(encoding="utf-8"))

    for text in pages:
        assert "&lt;img" in text
        assert not any(tag == "img" for tag, _attrs in Reader(text).tags)
        assert not any("onerror" in attrs for _tag, attrs in Reader(text).tags)


@pytest.mark.parametrize(("audience", "hidden"), [("clear", 3), ("green", 2), ("amber", 1)])
def test_withheld_strings_are_nowhere_in_the_page(audience, hidden):
    """No id, text, source, address or note of a withheld fact is in the page; it says how many there are."""
    bench = Workbench()
    case = bench.load_case(MADE)
    levels = ("clear", "green", "amber", "red")
    secret = [
        f
        for f in case.facts
        if levels.index(f.sensitivity) > levels.index(audience) and str(f.known_on) <= "2004-06-01"
    ]
    page = bench.report(MADE, "2004-06-01", audience=audience, draws=50)

    assert secret
    for fact in secret:
        for word in (fact.id, fact.says, fact.source_title, fact.source_url, fact.note):
            assert not word or word not in page, word
    assert f"rests on {len(secret)} withheld facts" in page
    assert hidden


def test_the_brief_is_words_alone():
    """One page in sentences: no table, no picture, and the bottleneck in words."""
    text = Workbench().report(MADE, DAY, brief=True)
    read = Reader(text)

    assert not {"table", "svg"} & {tag for tag, _attrs in read.tags}
    assert len(read.text.split()) < 700
    assert "everyone who is needed clears in" in read.text


@pytest.mark.parametrize("name", library_names())
def test_library_reports_stay_small(name):
    """The report of each library case is under 600 kB."""
    bench = Workbench()

    assert len(bench.report(name, bench.reading_day(name), draws=100).encode()) < 600_000


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
def test_what_is_closed_on_the_screen_is_open_on_paper(page, tmp_path):
    """In print the table behind each picture is laid out, and the ledgers are left out with a word about it."""
    api = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    with api.sync_playwright() as made:
        browser = made.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        tab.goto(path.as_uri())
        seen = "document.querySelector('figure details table').checkVisibility()"
        shown = "getComputedStyle(document.querySelector('{}')).display"
        assert not tab.evaluate(seen)
        tab.emulate_media(media="print")
        assert tab.evaluate(seen)
        assert tab.evaluate(shown.format("#why")) == "none"
        assert tab.evaluate(shown.format(".paper")) == "block"
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
def test_it_fits_a_phone_and_asks_the_network_for_nothing(page, tmp_path):
    """In a real browser nothing overflows at 390 and 1100 pixels, light or dark, and no request is made."""
    api = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=flags)
        for width, scheme in ((390, "light"), (1100, "dark")):
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            tab, asked = context.new_page(), []
            tab.on("request", lambda request, asked=asked: asked.append(request.url))
            tab.goto(path.as_uri())
            tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert asked == [path.as_uri()]
            tab.keyboard.press("Tab")
            assert tab.evaluate("document.activeElement.className") == "skip"
            context.close()
        browser.close()
