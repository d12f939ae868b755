"""What there is to fetch: addresses, names, days, and what lists lead to."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from goodoffices.errors import NotFoundError, UsageError
from goodoffices.sources import fetch
from goodoffices.sources.fetch import OFFERS, Asked, days_of, offer, wanted


def _more(folder, name: str, text: str, asked: Asked):
    first = wanted(offer(name), asked)[0]
    (folder / "list").write_text(text)
    return first, list(first.more(str(folder / "list")))


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("20200324.export.CSV.zip", "2020-03-24", "2020-03-24"),
        ("1979.zip", "1979-01-01", "1979-12-31"),
        ("201302.zip", "2013-02-01", "2013-02-28"),
        ("200812.zip", "2008-12-01", "2008-12-31"),
        ("20150218230000.export.CSV.zip", "2015-02-18", "2015-02-18"),
        ("events.1995.20150313082510.tab.zip", "1995-01-01", "1995-12-31"),
        ("ngecEvents.20230102-20230108.Release581.txt.zip", "2023-01-02", "2023-01-08"),
    ],
)
def test_a_name_tells_its_days(name, first, last):
    """The days that a file holds are read from its name; the stamp of an upload is not one of them."""
    assert days_of(name) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("name", ["readme.txt", "99999999.zip", "20201399.csv", "ged251-csv.zip"])
def test_a_name_without_days_tells_none(name):
    """Digits that are no date say nothing, and such a file is never left out for its days."""
    assert days_of(name) is None
    assert Asked(first=date(2020, 1, 1), last=date(2020, 1, 2)).covers(name)


def test_the_first_gdelt_is_listed_by_hash(tmp_path):
    """Of the list of hashes, files that touch the days asked for are wanted, and not the reduced table."""
    text = "\n".join(
        f"{'A' * 32}  {name}"
        for name in (
            "GDELT.MASTERREDUCEDV2.1979-2013.zip",
            "2005.zip",
            "200601.zip",
            "200602.zip",
            "20130401.export.CSV.zip",
        )
    )
    asked = Asked(first=date(2005, 12, 31), last=date(2006, 1, 1))
    first, more = _more(tmp_path, "gdelt", text, asked)
    assert not first.kept
    assert [(one.name, one.md5) for one in more] == [("2005.zip", "a" * 32), ("200601.zip", "a" * 32)]
    assert more[0].url == "https://data.gdeltproject.org/events/2005.zip"


def test_no_list_sends_a_reader_elsewhere(tmp_path):
    """Addresses in the master list are not followed: only the name is taken from it."""
    text = f"10 {'a' * 32} http://evil.example/x/20200101000000.export.CSV.zip\n"
    _first, more = _more(tmp_path, "gdelt2", text, Asked())
    assert [one.url for one in more] == [
        "https://data.gdeltproject.org/gdeltv2/20200101000000.export.CSV.zip"
    ]


def _dataset(*files: dict) -> str:
    return json.dumps({"data": {"latestVersion": {"files": list(files)}}})


def test_a_dataset_leads_to_its_files(tmp_path):
    """Of a dataset its open files are wanted, with length and hash where Dataverse sends what it counted."""
    held = {"id": 1, "filename": "x", "filesize": 10, "md5": "AB"}
    text = _dataset(
        {"label": "events.2018.tab.zip", "dataFile": held},
        {"label": "events.2018.tab", "dataFile": {**held, "id": 2, "originalFileFormat": "text/tab"}},
        {"label": "secret.zip", "restricted": True, "dataFile": {**held, "id": 3}},
        {"label": "codebook.pdf", "dataFile": {**held, "id": 4}},
        {"label": "events.1999.zip", "dataFile": {**held, "id": 5}},
    )
    first, more = _more(tmp_path, "icews", text, Asked(first=date(2018, 1, 1)))
    assert first.url.endswith("persistentId=doi:10.7910/DVN/28075")
    assert [(one.name, one.size, one.md5) for one in more] == [
        ("events.2018.tab.zip", 10, "ab"),
        ("events.2018.tab", None, ""),
    ]
    assert more[0].url == "https://dataverse.harvard.edu/api/access/datafile/1"


@pytest.mark.parametrize("text", ["", "[]", '{"data": 1}', '{"data": {"latestVersion": {"files": [3]}}}'])
def test_a_list_of_another_form_is_one_sentence(tmp_path, text):
    """What is no list of files is said, not guessed at."""
    with pytest.raises(UsageError, match="not of a form known"):
        _more(tmp_path, "polecat", text, Asked())


@pytest.mark.parametrize(
    ("release", "url"),
    [
        ("25.1", "https://ucdp.uu.se/downloads/ged/ged251-csv.zip"),
        ("25.0.6", "https://ucdp.uu.se/downloads/candidateged/GEDEvent_v25_0_6.csv"),
        ("25.01.25.03", "https://ucdp.uu.se/downloads/candidateged/GEDEvent_v25_01_25_03.csv"),
    ],
)
def test_a_release_has_its_address(release, url):
    """Yearly and monthly releases of UCDP stand at addresses made of their number."""
    assert wanted(offer("ucdp"), Asked(release=release))[0].url == url


@pytest.mark.parametrize("release", ["", "latest", "25.1/../x", "25.1\n"])
def test_a_release_that_is_none_is_refused(release):
    """A release that is not given, or no number, is a sentence with an example."""
    with pytest.raises(UsageError, match=r"25\.1"):
        wanted(offer("ucdp"), Asked(release=release))


def test_full_pages_lead_to_the_next(tmp_path, monkeypatch):
    """ACLED's pages follow each other until one is not full; cells may hold line ends."""
    monkeypatch.setattr(fetch, "ACLED_ROWS", 2)
    asked = Asked(first=date(2020, 1, 1), last=date(2020, 1, 31))
    first, more = _more(tmp_path, "acled", 'id,notes\n1,"a\nb"\n2,c\n', asked)
    assert parse_qs(urlsplit(first.url).query)["event_date"] == ["2020-01-01|2020-01-31"]
    assert [one.name for one in more] == ["acled-2020-01-01-2020-01-31-0002.csv"]
    assert not _more(tmp_path, "acled", 'id,notes\n1,"a\nb\nc"\n', asked)[1]


def test_an_address_that_is_given_goes_first():
    """With an address of the user's, that one file is wanted, under its last name."""
    got = wanted(offer("pax"), Asked(url="https://www.peaceagreements.org/files/pax%20all.csv"))
    assert [one.name for one in got] == ["pax all.csv"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "pax.csv"])
def test_an_address_is_one_of_the_web(url):
    """Files of this machine and other schemes are no addresses."""
    with pytest.raises(UsageError, match="https"):
        wanted(offer("pax"), Asked(url=url))


def test_days_lie_the_right_way_round():
    """From a later day until an earlier one is no span."""
    with pytest.raises(UsageError, match="earlier day first"):
        wanted(offer("gdelt"), Asked(first=date(2020, 1, 2), last=date(2020, 1, 1)))


def test_what_cannot_be_fetched_is_said_with_what_can():
    """An unknown source is answered with the names of those there are."""
    with pytest.raises(NotFoundError, match="gdelt2"):
        offer("keds")


def test_every_offer_names_terms_and_a_source_that_imports_it():
    """What is fetched can be imported: each offer names terms, a page, and an event source."""
    names = {"acled", "gdelt", "icews", "pax", "polecat", "ucdp", "ucdp-pa"}
    assert {one.source for one in OFFERS} == names
    assert all(one.licence and one.url.startswith("https://") and one.title for one in OFFERS)
    assert len({one.name for one in OFFERS}) == len(OFFERS)
    assert all(one.variable for one in OFFERS if one.secret_needed)
