"""A feed on the pages: reports stand apart from curated facts, as change and rank, whoever looks."""

import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

pytest.importorskip("duckdb")

from goodoffices.report.feed import signed
from goodoffices.web.pages.trust import context
from goodoffices.web.state import View
from goodoffices.workbench.desk import Desk, Ref
from tests.fed import fed, reported, stored

DAY = "2003-08-01"
CASE = Ref(shelf="own", name="fed")
SAYS = "SECRET-AMBER-A"  # of the fact mf013


@pytest.fixture
def desk(tmp_path):
    """Cases of which one looks at a feed, and one weighs it."""
    folder = tmp_path / "cases"
    folder.mkdir()
    fed(folder)
    fed(folder, weight=0.5, name="weighed")
    return Desk(folder, data=tmp_path / "data")


def shown(client, name="fed", **asked):
    answer = client.get(f"/own/{name}/trust", params={"at": DAY, **asked})
    assert answer.status_code == 200, answer.text[:800]
    text = answer.text
    at = text.index('id="reports"')
    return text[:at], text[at : text.index("</section>", at)]


def reading(desk, name="fed", **more):
    return desk.opened(Ref(shelf="own", name=name)).reading(date.fromisoformat(DAY), options=False, **more)


def test_a_pair_has_its_reports_below_its_facts(client, desk):
    """Own heading and label, the terms, counts, change and rank; above stand curated facts only."""
    facts, reports = shown(client, pair="basil,arno")
    said = reading(desk).feed
    [row] = [r for r in said.rows if (r.truster, r.trustee, r.facet) == ("birch", "aster", "intention")]
    [pair] = [one for one in said.pairs if (one.truster, one.trustee) == ("birch", "aster")]

    for words in (
        "Reports, not facts", "Ledger index from reports.", "change and as rank within their source",
        "no level is compared", "Weight 0: no belief and no answer rests on them", f"{said.scale:g}, judged",
        "in the store reports.duckdb", f"Events counted: {pair.events}.", f"rank {row.rank} of {row.of}",
        f"{signed(row.change)} <span", "<polyline", "cooperated", "prisoner release",
    ):  # fmt: skip
        assert words in reports, words
    assert "Ledger index" not in facts
    assert "report:" not in facts


def test_what_counts_once_names_its_fact(client, desk):
    """Reports within three days of a curated fact are listed with it; one four days away counts."""
    _facts, reports = shown(client, pair="basil,arno")
    [pair] = [one for one in reading(desk).feed.pairs if one.trustee == "aster"]

    assert [(one.fact, str(one.day), one.events) for one in pair.once] == [
        ("mf009", "2001-07-11", 1), ("mf027", "2003-01-22", 1),
    ]  # fmt: skip
    assert "counts once: 2." in reports
    assert re.findall(r"fact=(mf\d+)", reports) == ["mf009", "mf027"]
    assert {act.kind: act.events for act in pair.acts}["prisoner_release"] == 1


def test_the_drawn_course_ends_in_the_change_that_is_told(desk):
    """The course is the change since the first day shown: it begins at none, and no facet is integrity."""
    feed = reading(desk).feed
    for row in feed.rows:
        assert row.course[0] == row.course_lo[0] == row.course_hi[0] == 0.0
        assert len(row.course) == len(feed.days)
        for lo, middle, hi in zip(row.course_lo, row.course, row.course_hi, strict=True):
            assert lo <= middle <= hi
    good, bad = (next(r for r in feed.rows if r.trustee == who) for who in ("aster", "birch"))
    assert good.course[-1] > 0 > bad.course[-1]
    assert (feed.days[0], feed.days[-1]) == (date(2001, 1, 1), date.fromisoformat(DAY))
    assert {row.facet for row in feed.rows} <= {"capacity", "intention", "predictability"}


def test_one_facet_shows_its_reports_only(client):
    """With a facet in the address, its picture alone; on integrity a sentence says why there is none."""
    _facts, one = shown(client, pair="basil,arno", facet="intention")
    _facts, none = shown(client, pair="basil,arno", facet="integrity")

    assert one.count("<polyline") == 1
    assert "<polyline" not in none
    assert "No report bears on integrity" in none


def test_the_matrix_has_the_reports_in_a_table_below(client, desk):
    """Each pair of parties that was reported on is a row, and leads to its pair."""
    facts, reports = shown(client)
    context_ = context(desk, View(shelf="own", name="fed", page="trust", at=date.fromisoformat(DAY)))

    assert [(pair.truster, pair.trustee) for pair in context_.feed.pairs] == [
        ("aster", "birch"), ("birch", "aster"),
    ]  # fmt: skip
    assert "pair=basil%2Carno" in reports
    assert "Reports, not facts" not in facts


def test_a_weight_is_told_where_it_bears(client):
    """Weighed, the ledger has one line that leads to the reports; no mark of a course is a report."""
    facts, reports = shown(client, "weighed", pair="basil,arno")

    assert "Weight 0.5: each day of reports also enters the beliefs" in reports
    assert facts.count('<a href="#reports">reports, not facts</a>') >= 1
    assert "report:" not in facts + reports


def _secret(path, fact, who):
    """Let only some see a fact."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | {"seen_by": who} if row["id"] == fact else row for row in rows)


def test_in_a_world_reports_are_the_same_and_facts_are_not(client, desk):
    """As seen by one, a sentence says that reports are open to all; the ledger has his facts only.

    A report of a fact that he could not know counts in his world, for nothing else tells of it.
    """
    _secret(desk.folder / "fed" / "evidence.csv", "mf013", "birch-army")
    stored(desk.folder / "reports.duckdb", ["2001-09-01,EGY,ISR,196"])
    pair = {"pair": "birch-army,arno"}
    his, reports = shown(client, **pair, **{"as": "basil"})
    all_, elsewhere = shown(client, **pair)

    assert "Reports are open to all: in the world of" in reports
    assert "Reports are open to all" not in elsewhere
    assert SAYS in all_
    assert SAYS not in his
    assert [reading(desk, seen_by=one).feed.doubles for one in ("basil", "")] == [2, 3]


def test_a_store_that_cannot_be_read_is_said_and_asked_again(client, desk):
    """While the store is away there is one sentence; once it is back the page shows it."""
    store = desk.folder / "reports.duckdb"
    store.rename(store.with_suffix(".away"))
    gone = shown(client)[1]
    store.with_suffix(".away").rename(store)

    assert "cannot be read now" in gone
    assert "<td" not in gone
    assert "Events counted" in shown(client)[1]


def test_what_is_imported_later_is_shown(client, desk):
    """A store that grew is read anew, by the pages and by the API."""
    before, api = shown(client)[1], client.get("/api/v1/own/fed/read", params={"at": DAY})
    stored(desk.folder / "reports.duckdb", ["2003-07-31,EGY,ISR,061"])
    after = client.get(
        "/api/v1/own/fed/read", params={"at": DAY}, headers={"If-None-Match": api.headers["etag"]}
    )

    assert before != shown(client)[1]
    assert after.status_code == 200
    assert after.json()["feed"]["events"] == api.json()["feed"]["events"] + 1


def test_many_readers_at_once_read_one_store(desk):
    """Pages that look at the same store at the same time all get their answer."""
    case = desk.opened(CASE).case()
    with ThreadPoolExecutor(6) as pool:
        said = list(
            pool.map(
                lambda day: desk.bench.read(case, f"2003-07-{day:02}", draws=5, options=False), range(1, 13)
            )
        )

    assert [one.feed.said for one in said] == [""] * 12


def test_without_a_feed_no_page_speaks_of_reports(client, desk):
    """A case that looks at no feed has no such part."""
    (desk.folder / "plain").mkdir()
    for path in (desk.folder / "fed").iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            (desk.folder / "plain" / path.name).write_text(
                text.partition("\n[feed]")[0] + "\n", encoding="utf-8"
            )

    assert 'id="reports"' not in client.get("/own/plain/trust", params={"at": DAY}).text
    assert reported(date(2001, 1, 2)) == ["2001-01-01,EGY,ISR,061", "2001-01-01,ISR,EGY,112"]
