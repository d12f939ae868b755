"""Every source passes the suite that is shipped for those of others."""

import pytest

pytest.importorskip("duckdb")

from goodoffices.domain.events import Layout
from goodoffices.errors import UsageError
from goodoffices.sources.acled import Acled
from goodoffices.sources.agreements import Pax, UcdpAgreements
from goodoffices.sources.gdelt import Gdelt
from goodoffices.sources.icews import Icews
from goodoffices.sources.keds import Keds
from goodoffices.sources.plain import Plain
from goodoffices.sources.polecat import Polecat
from goodoffices.sources.ucdp import Ucdp, release_day
from goodoffices.store.store import Store
from goodoffices.testing import check_event_source
from tests.sources.writing import FILES, SAMPLES

HAPPENED = {"known": "happened"}
SUITE = [
    (Gdelt(), "20150301120000.export.CSV", 8, None),
    (Gdelt(), "20150301.export.gdelt1.CSV", 5, None),
    (Icews(), "20150310-icews-events.tab", 6, None),
    (Icews(), "icews-table.csv", 5, None),
    (Keds(), "keds.csv", 7, None),
    (Polecat(), "polecat.txt", 5, None),
    (Ucdp(), "GEDEvent_v23_1.csv", 6, None),
    (Ucdp(), "gedevents_v23_1_page1.json", 4, None),
    (Acled(), "acled.csv", 5, None),
    (UcdpAgreements(), "ucdp-peace-agreements-221.csv", 4, None),
    (Pax(), "pax.csv", 3, HAPPENED),
    (Plain(), "plain.csv", 5, None),
]


@pytest.mark.parametrize(
    ("source", "name", "lines", "mapping"), SUITE, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_source_does_what_sources_promise(source, name, lines, mapping):
    """Each source reads its own format whole, with days in order and codes as they were written."""
    check_event_source(source, SAMPLES / name, lines, mapping)


def test_the_samples_are_those_that_are_written():
    """The sample files are what `writing.py` writes, so that none is a piece of somebody's data."""
    assert {path.name: path.read_text() for path in SAMPLES.iterdir()} == {
        n: write() for n, write in FILES.items()
    }


@pytest.mark.parametrize(("source", "name"), [(row[0], row[1]) for row in SUITE])
def test_a_file_is_known_by_one_source(source, name):
    """No two sources claim one file; a plain table is the only one that is never claimed by chance."""
    every = [Gdelt(), Icews(), Keds(), Polecat(), Ucdp(), Acled(), UcdpAgreements(), Pax(), Plain()]
    assert [one.name for one in every if one.knows(str(SAMPLES / name))] == [source.name]


def rows_of(tmp_path, source, path, mapping=None):
    with Store.open(tmp_path / "s.duckdb", write=True, folders=[path.parent]) as store:
        store.import_file(source, path, mapping)
        return store.reports().to_pylist()


def test_codes_keep_their_zero_and_quotes_their_marks(tmp_path):
    """'043' stays text, and a quotation mark within a tab-separated cell is an ordinary character."""
    rows = rows_of(tmp_path, Icews(), SAMPLES / "20150310-icews-events.tab")
    assert {row["code"] for row in rows} == {"043"}
    assert rows[2]["target"] == 'Citizen "2" (Beland)'


def test_a_released_file_is_known_from_its_release(tmp_path):
    """A daily ICEWS file is known on the day in its name; a UCDP release from the end of its June."""
    raw = rows_of(tmp_path / "a", Icews(), SAMPLES / "20150310-icews-events.tab")
    assert {str(row["known_on"]) for row in raw} == {"2015-03-10"}
    ged = rows_of(tmp_path / "b", Ucdp(), SAMPLES / "GEDEvent_v23_1.csv")
    assert {str(row["known_on"]) for row in ged} == {"2023-06-30"}


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("GEDEvent_v23_1.csv", "2023-06-30"),
        ("ged231.csv", "2023-06-30"),
        ("GEDEvent_v26_0_7.csv", "2026-08-31"),
        ("GEDEvent_v24_0_12.csv", "2025-01-31"),
        ("mine.csv", "None"),
    ],
)
def test_the_version_in_a_name_tells_the_release(name, day):
    """Yearly releases count from the end of June, candidates from the end of the month after."""
    assert str(release_day(name)) == day


def test_a_release_of_unknown_day_is_not_taken_by_guess():
    """PA-X states no day of release: the user must give one, or say that the event's own day holds."""
    with pytest.raises(UsageError, match="--known"):
        Pax().layout(str(SAMPLES / "pax.csv"))


def test_what_the_user_says_of_the_known_day_is_stamped_on_the_rows(tmp_path):
    """With `--known happened` every row is marked as assumed; with a day, all rows have that day."""
    rows = rows_of(tmp_path / "a", Ucdp(), SAMPLES / "GEDEvent_v23_1.csv", HAPPENED)
    assert all(row["known_assumed"] and row["known_on"] == row["happened_on"] for row in rows)
    rows = rows_of(tmp_path / "b", Ucdp(), SAMPLES / "GEDEvent_v23_1.csv", {"known": "2024-02-03"})
    assert {str(row["known_on"]) for row in rows} == {"2024-02-03"}
    with pytest.raises(UsageError, match="soon"):
        Ucdp().layout(str(SAMPLES / "GEDEvent_v23_1.csv"), {"known": "soon"})


def test_a_mapping_names_the_columns_of_any_table(tmp_path):
    """A table with names of its own, semicolons, written days and WEIS codes is read as declared."""
    table = tmp_path / "mine.csv"
    table.write_text("when;who;whom;what\n02/04/1989;YUG;KSV;224\n03/04/1989;KSV;YUG;121\n")
    columns = {"happened_on": "when", "actor": "who", "target": "whom", "code": "what"}
    said = {**columns, "codes": "weis", "delimiter": ";", "dates": "%d/%m/%Y"}
    rows = rows_of(tmp_path, Keds(), table, said)
    assert [(str(r["happened_on"]), r["actor"], r["code"], r["system"]) for r in rows] == [
        ("1989-04-02", "YUG", "224", "weis"),
        ("1989-04-03", "KSV", "121", "weis"),
    ]
    with pytest.raises(UsageError, match='no column "nobody"'):
        Keds().layout(str(table), {**said, "target": "nobody"})
    with pytest.raises(UsageError, match='no column "colour"'):
        Keds().layout(str(table), {**said, "colour": "who"})


def test_a_header_with_a_name_too_many_is_read(tmp_path):
    """Some POLECAT files name a column in their header that no row has."""
    head, rest = (SAMPLES / "polecat.txt").read_text().split("\n", 1)
    file = tmp_path / "polecat.txt"
    file.write_text(f"{head}\tHeadline\n{rest}")
    assert [row["code"] for row in rows_of(tmp_path, Polecat(), file)] == ["CONSULT", *["CONSULT/visit"] * 4]


def test_a_file_of_another_length_is_refused_in_a_sentence(tmp_path):
    """A table of three columns is no GDELT file, and the sentence says what would be one."""
    file = tmp_path / "x.export.CSV"
    file.write_text("1\t2\t3\n")
    with pytest.raises(UsageError, match="57, 58 or 61"):
        Gdelt().layout(str(file))


class Wrong(Plain):
    def layout(self, where, mapping=None):  # noqa: ARG002
        return Layout(reader="csv", select={"colour": "x"}, known_says="-")


def test_the_suite_bites():
    """A source that promises a column the store does not have is found out."""
    with pytest.raises(AssertionError, match="columns of the store"):
        check_event_source(Wrong(), SAMPLES / "plain.csv", 5)
