"""The report of a case with a feed: reports in a section of their own, withheld facts nowhere."""

from dataclasses import replace

import pytest

pytest.importorskip("duckdb")

from goodoffices.domain.readings import FeedPair, FeedReading, FeedRow
from goodoffices.report.feed import drawn, signed
from goodoffices.workbench import Workbench
from tests.fed import fed

DAY = "2003-08-01"
BENCH = Workbench()


@pytest.fixture(scope="module", params=[0.0, 0.5])
def weight(request):
    return request.param


@pytest.fixture(scope="module")
def case(weight, tmp_path_factory):
    return fed(tmp_path_factory.mktemp("cases"), weight)


def parts(text: str) -> tuple[str, str]:
    """What stands of reports, and the rest."""
    at = text.index('<section id="reports">')
    end = text.index("</section>", at)
    return text[at:end], text[:at] + text[end:]


def test_reports_stand_in_a_section_of_their_own(case, weight):
    """Label, terms and pictures of each pair stand there and nowhere else; no ledger names a report."""
    reports, rest = parts(BENCH.report(case, DAY))

    assert "Ledger index from reports." in reports
    assert "no level is compared" in reports
    assert f"Weight {weight:g}:" in reports
    assert reports.count("<details id=") == 2
    assert "<polyline" in reports
    assert "Ledger index from reports" not in rest
    assert "report:" not in reports + rest
    assert ('<a href="#reports">reports, not facts</a>' in rest) == bool(weight)
    assert 'href="#f-reports"' not in rest


def test_every_link_of_the_section_arrives(case):
    """What a row and a curated fact are called leads to a place on the page."""
    text = BENCH.report(case, DAY, audience="red")
    reports, _rest = parts(text)
    for link in {piece.split('"')[0] for piece in reports.split('href="#')[1:]}:
        assert f'id="{link}"' in text, link
    assert 'href="#f-mf027"' in reports


def test_what_counts_once_tells_of_no_withheld_fact(case):
    """For an audience that may not see the fact, neither its name nor its day stand there, only a count."""
    reports, rest = parts(BENCH.report(case, DAY, audience="clear"))

    assert "mf009" in reports
    assert "mf027" not in reports + rest
    assert "2003-01-22" not in reports
    assert "of withheld facts" in reports


def test_withheld_are_facts_and_not_reports(case):
    """The number of withheld facts is the same with a feed and without."""
    whole = BENCH.read(case, DAY, draws=5, options=False, audience="clear")
    known = BENCH.load_case(case)
    bare = BENCH.read(replace(known, feed=None), DAY, draws=5, options=False, audience="clear")
    hidden = [f for f in known.visible_on(whole.as_of).facts if f.sensitivity != "clear"]

    assert whole.withheld == bare.withheld == len(hidden)


def _row(**more):
    plain = {"truster": "a", "trustee": "b", "facet": "intention", "change": 0.0, "lo": 0.0, "hi": 0.0}
    return FeedRow(**{**plain, "events": 3, "rank": 1, "of": 1, **more})


def _feed(*rows, days):
    pair = FeedPair(truster="a", trustee="b", events=3, doubles=0, acts=(), once=())
    return FeedReading(
        label="ledger index from reports", store="s", source="plain", weight=0.0, kinds=(), scale=0.1,
        events=3, doubles=0, files="", rows=rows, days=days, pairs=(pair,),
    )  # fmt: skip


def test_a_picture_has_room_for_its_interval_and_for_no_change(case):
    """The height holds both ends and zero; noise fills no picture; all facets share one scale."""
    days = BENCH.read(case, DAY, draws=5, options=False).feed.days[:3]
    big = _row(course=(0.0, 1.0, 3.0), course_lo=(0.0, 0.5, 2.0), course_hi=(0.0, 1.5, 4.0))
    small = _row(
        facet="capacity", course=(0.0, 0.01, 0.02), course_lo=(0.0,) * 3, course_hi=(0.0, 0.01, 0.03)
    )
    [pair] = drawn(_feed(big, small, days=days), {}).pairs
    heights = [[float(point.split(",")[1]) for point in row.band.split()] for row in pair.rows]
    [alone] = drawn(_feed(small, days=days), {}).pairs

    assert (min(heights[0]), max(heights[0]), pair.rows[0].zero) == (0.0, 120.0, 120.0)
    assert min(heights[1]) > 118.0
    assert (pair.rows[1].high, pair.rows[1].low) == ("+4.00", "0.00")
    assert 50 < alone.rows[0].zero < 70
    assert [signed(x) for x in (0.004, -0.004, 1.5, -1.5)] == ["0.00", "0.00", "+1.50", "−1.50"]
