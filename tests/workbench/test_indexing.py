"""The index through a whole store: mirrored, as of a day, into files, and from the command line."""

import csv
import json
from datetime import date, timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("duckdb")
pytest.importorskip("numba")

from goodoffices.cli.app import app
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.workbench import indexing
from goodoffices.workbench.feeds import import_events
from goodoffices.workbench.indexing import Asked, all_index, pair_index, rates_of

CODES = ("190", "057", "138", "061", "112", "0841", "172", "031", "043", "010")
ACTORS = ("EGY", "ISR", "JOR", "SYRMIL", "LBNREB", "USA")


def rows(n=1500, seed=1, names=ACTORS):
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 900, n))
    for k in range(n):
        one, other = rng.choice(len(names), 2, replace=False)
        day = date(2001, 1, 1) + timedelta(days=int(days[k]))
        late = day + timedelta(days=int(rng.choice([0, 0, 0, 5, 40])))
        yield {"event_id": str(k), "happened_on": str(day), "known_on": str(late), "actor": names[one],
               "target": names[other], "code": str(rng.choice(CODES)), "place": str(rng.choice(["A", "B"]))}  # fmt: skip


def store_of(folder, some):
    folder.mkdir(exist_ok=True)
    some = list(some)
    with (folder / "reports.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(some[0]))
        writer.writeheader()
        writer.writerows(some)
    run = import_events("plain", [folder / "reports.csv"], folder / "events.duckdb")
    assert run.counts()["stored"] == len(some), run
    return folder / "events.duckdb"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return store_of(tmp_path_factory.mktemp("store") / "one", rows())


def figures(path):
    """Rows of a file by pair, facet and day: median, lo, hi, n, change, rank."""
    found = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = row["truster"], row["trustee"], row["facet"], date.fromisoformat(row["date"])
            cells = (row[name] for name in ("median", "lo", "hi", "n", "change", "rank"))
            found[key] = tuple(float(cell) if cell else None for cell in cells)
    return found


def test_a_mirrored_store_gives_the_mirrored_index(tmp_path, store):
    """Two countries trade names throughout: their figures trade places, to the last bit."""
    swap = {"EGY": "ISR", "ISR": "EGY"}
    names = tuple(swap.get(name, name) for name in ACTORS)
    other = store_of(tmp_path / "other", rows(names=names))
    for place, path in (("here", store), ("there", other)):
        all_index(Asked(store=path, draws=3), tmp_path / f"{place}.csv")
    here, there = figures(tmp_path / "here.csv"), figures(tmp_path / "there.csv")
    mirrored = {(swap.get(a, a), swap.get(b, b), facet, day): row for (a, b, facet, day), row in here.items()}

    assert mirrored == there
    assert len(here) > 500


def _late():
    """A report of two states that became known weeks after it happened."""
    plain = {name for name in ACTORS if len(name) == 3}
    wait = timedelta(days=30)
    return next(
        row
        for row in rows()
        if {row["actor"], row["target"]} <= plain and row["happened_on"] > "2001-06-01" and row["code"] == "190"
        and date.fromisoformat(row["known_on"]) - date.fromisoformat(row["happened_on"]) > wait
    )  # fmt: skip


@pytest.mark.parametrize("late", [False, True])
def test_nothing_known_later_reaches_an_earlier_day(tmp_path, store, late):
    """As of a day, a store with all reports gives what a store with those known by then gives."""
    row = _late()
    pair = (row["target"], row["actor"]) if late else ("EGY", "ISR")
    day = date.fromisoformat(row["happened_on"]) + timedelta(days=1) if late else date(2002, 3, 31)
    early = store_of(tmp_path / "early", (row for row in rows() if row["known_on"] <= str(day)))
    found = [pair_index(Asked(store=path, end=day, scale=0.2), *pair) for path in (store, early)]

    assert found[0].rows == found[1].rows
    assert found[0].words == found[1].words
    assert found[0].acts == found[1].acts
    assert found[0].summary.counted == found[1].summary.counted
    assert max(row.date for row in found[0].rows) == day


def test_the_days_of_a_source_end_where_it_was_asked(store):
    """The first and the last day are those of what was known by the day asked, kept before or not."""
    known = sorted(date.fromisoformat(row["known_on"]) for row in rows())
    for end in (known[len(known) // 2], known[-1], known[-1] + timedelta(days=30), None):
        by_then = [day for day in known if end is None or day <= end]
        with indexing._opened(Asked(store=store, end=end)) as work:
            assert work.span == (by_then[0], by_then[-1])


def test_a_pair_alone_has_the_figures_that_it_has_in_the_file(tmp_path, store):
    """The trajectory of one pair and the file of all pairs tell the same."""
    all_index(Asked(store=store, scale=0.2, draws=3), tmp_path / "all.csv")
    whole = figures(tmp_path / "all.csv")
    alone = pair_index(Asked(store=store, scale=0.2, draws=3), "EGY", "SYR")

    assert {row.facet for row in alone.rows} == {"intention", "capacity", "predictability"} & {
        r.facet for r in alone.rows
    }
    for row in alone.rows:
        found = whole["EGY", "SYR", row.facet, row.date]
        assert found[:3] == pytest.approx((row.median, row.lo, row.hi), abs=1e-6)
        assert found[3] == row.n


def test_actors_within_a_country_are_their_party_unless_kept_apart(store):
    """Syria's army acts for Syria; kept apart, it is an actor of its own."""
    asked = Asked(store=store, scale=0.2, draws=0, whole=True)

    assert pair_index(asked, "EGY", "SYR/MIL").rows
    with pytest.raises(NotFoundError, match="SYR/MIL"):
        pair_index(asked, "EGY", "SYR")


def test_the_scale_is_found_once_and_kept(store):
    """Found by the rule at first, read from beside the store after that; a given one wins."""
    first, again = (
        pair_index(Asked(store=store, draws=0), "EGY", "ISR").summary.scale for _round in range(2)
    )

    assert again.by == "kept"
    assert first.value == again.value
    assert pair_index(Asked(store=store, draws=0, scale=9.0), "EGY", "ISR").summary.scale.by == "given"


@pytest.mark.parametrize("end", [date(2001, 9, 30), date(2002, 3, 31)])
def test_the_scale_does_not_hang_on_the_first_question(tmp_path, end):
    """Asked first as of an early day, and with doubts about a code, a store has the scale that it has when asked plainly."""
    one, other = (store_of(tmp_path / name, rows(600)) for name in ("one", "other"))
    pair_index(Asked(store=one, end=end, rates={"190": 0.5}, draws=0), "EGY", "ISR")
    scales = [
        pair_index(Asked(store=path, draws=0), "EGY", "ISR").summary.scale.value for path in (one, other)
    ]

    assert scales[0] == scales[1]


def test_reports_of_one_place_and_day_are_one_event(tmp_path):
    """Two rows of a pair, day, kind and place count once and weigh little more than one; two places are two events."""

    def at(*places):
        some = [
            {
                "event_id": str(n),
                "happened_on": "2001-05-05",
                "actor": "EGY",
                "target": "ISR",
                "code": "190",
                "place": place,
            }
            for n, place in enumerate(places)
        ]
        path = store_of(tmp_path / "-".join(places), some)
        rows = pair_index(Asked(store=path, scale=1.0, draws=0, every="day"), "ISR", "EGY").rows
        [one] = [row for row in rows if row.facet == "intention"]
        return one.n, -one.change

    (_once, single), (twice, same), (apart, two) = at("A"), at("A", "A"), at("A", "B")

    assert (twice, apart) == (1, 2)
    assert single < same < 1.2 * single
    assert two > same


def test_levels_that_lie_at_the_clip_are_said_to_mean_nothing(store):
    """Under a scale that drives pairs to the clip, the share is printed and the run says so."""
    asked = ("--store", store, "--truster", "EGY", "--trustee", "ISR")
    high, low = (run(*asked, "--scale", scale).stdout for scale in ("90", "0.05"))

    assert "active pair-dates at the clip" in high
    assert "More than 5% lie at the clip: levels mean nothing here" in high
    assert "More than 5%" not in low
    assert json.loads(run(*asked, "--scale", "90", "--json").stdout)["levels_mean_nothing"] is True


def test_a_result_says_since_when_its_reports_count_as_known(tmp_path):
    """What the user said of the day of release is stamped on the result."""
    path = tmp_path / "t.csv"
    path.write_text("happened_on,actor,target,code\n2001-05-05,EGY,ISR,190\n")
    import_events("plain", [path], tmp_path / "s.duckdb", mapping={"known": "happened"})
    told = json.loads(
        run("--store", tmp_path / "s.duckdb", "--truster", "ISR", "--trustee", "EGY", "--json").stdout
    )

    assert told["known"] == "taken as known on the day it happened, because the user said so"


def test_every_report_is_accounted_for(tmp_path, store):
    """Counted reports and those left out, with their reasons, add up to all of them."""
    told = all_index(Asked(store=store, draws=0), tmp_path / "t.parquet")

    assert told.reports == 1500
    assert told.counted + sum(told.left_out.values()) == told.reports
    assert told.left_out["no kind of conduct"] > 0


def test_files_carry_their_label_and_graphs_their_last_day(tmp_path, store):
    """Parquet says what it is; GraphML has an edge for each pair; other endings are refused."""
    import networkx
    import pyarrow.parquet as pq

    told = all_index(Asked(store=store, draws=0, every="quarter"), tmp_path / "t.parquet")
    all_index(Asked(store=store, draws=0), tmp_path / "t.graphml")

    assert pq.read_schema(tmp_path / "t.parquet").metadata[b"goodoffices"] == b"ledger index from reports"
    assert pq.read_metadata(tmp_path / "t.parquet").num_rows == told.rows
    assert networkx.read_graphml(tmp_path / "t.graphml").number_of_edges() == told.pairs
    with pytest.raises(UsageError, match=r"\.parquet"):
        all_index(Asked(store=store), tmp_path / "t.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.graphml", "t.parquet"]


def test_false_positives_lower_what_a_code_says(tmp_path, store):
    """With attacks half wrong, the index of an attacked pair falls less."""
    (tmp_path / "rates.csv").write_text("code,rate\n190,0.5\n")
    plain, doubted = (
        [
            row
            for row in pair_index(Asked(store=store, scale=0.2, draws=0, rates=rates), "EGY", "ISR").rows
            if row.facet == "intention"
        ][-1].median
        for rates in (None, rates_of(tmp_path / "rates.csv"))
    )

    assert doubted > plain


def run(*arguments):
    return CliRunner().invoke(app, ["trust", *map(str, arguments)], catch_exceptions=False)


def test_the_command_tells_a_pair_and_writes_its_page(tmp_path, store):
    """One pair on the screen, as JSON, and as a page without a script."""
    asked = ("--store", store, "--truster", "EGY", "--trustee", "ISR", "--from", "2002-01-01")
    said = run(*asked, "-o", tmp_path / "pair.html").stdout
    told = json.loads(run(*asked, "--json").stdout)
    page = (tmp_path / "pair.html").read_text(encoding="utf-8")

    assert "Ledger index from reports: EGY on ISR" in said
    assert "no level is compared" in said
    assert told["label"] == "ledger index from reports"
    assert told["calibrated"] is False
    assert told["trust"][0]["date"] == "2002-01-31"
    assert "<svg" in page
    assert "<script" not in page


def test_the_command_says_what_is_missing(tmp_path, store):
    """Case or store, pair or all, a file for all: each lack in one sentence."""
    for arguments, said in (
        ((), "give a case"),
        (("camp-david", "--store", store), "not both"),
        (("--store", store), "--truster and --trustee"),
        (("--store", store, "--all"), "give it with -o"),
        (("--store", store, "--truster", "EGY", "--trustee", "ISR", "--from", "May"), "2013-01-01"),
    ):
        with pytest.raises(UsageError, match=said):
            run(*arguments)


def test_the_line_of_a_page_spans_its_range(store):
    """The change since the first day shown fills the picture, and says its ends in log-odds."""
    from goodoffices.report.pair import acts_by_kind, line

    found = pair_index(Asked(store=store, scale=0.2, draws=0), "EGY", "ISR")
    rows = [row for row in found.rows if row.facet == "intention"]
    drawn = line(rows)
    heights = [float(point.split(",")[1]) for point in drawn.points.split()]

    assert (min(heights), max(heights)) == (0.0, 120.0)
    assert len(heights) == len(rows)
    assert float(drawn.low) <= 0.0 <= float(drawn.high)
    assert sum(n for _kind, _sign, n, _first, _last in acts_by_kind(found.acts)) == sum(
        act[3] for act in found.acts
    )
