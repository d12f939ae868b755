"""A case that looks at a feed: reports beside curated facts, shown apart, weighed only if asked for."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest

from goodoffices.cases.library import library_folder
from goodoffices.domain.case import Feed
from goodoffices.domain.readings import plain
from goodoffices.errors import CaseError, NotFoundError
from goodoffices.workbench.bench import Workbench

pytest.importorskip("duckdb")
from goodoffices.sources.plain import Plain
from goodoffices.store.store import Store

DAY = "1977-11-25"
BENCH = Workbench()
FEED = '\n[feed]\nstore = "reports.duckdb"\nactors = {{ egypt = "EGY", israel = "ISR" }}\nweight = {weight}\n'


def _rows(only: str = "") -> str:
    """Cooperation from the one, accusation by the other, day by day over a year."""
    lines = ["date,actor,target,code"]
    for n in range(0, 360, 4):
        day = date(1976, 11, 20) + timedelta(days=n)
        lines += [f"{day},EGY,ISR,050", f"{day},ISR,EGY,112"]
    return "\n".join(lines) + "\n" + only


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of a library case, and a store among the cases."""
    root = tmp_path_factory.mktemp("cases")
    shutil.copytree(library_folder("camp-david"), root / "mine")
    _store(root, _rows())
    return root / "mine"


def _store(root, text: str) -> None:
    (root / "reports.csv").write_text(text)
    for path in root.glob("reports.duckdb*"):
        path.unlink()
    with Store.open(root / "reports.duckdb", write=True, folders=[root]) as store:
        done = store.import_file(Plain(), root / "reports.csv", mapping=MAPPING)
    assert sum(one.stored for one in done) == text.count("\n") - 1


MAPPING = {
    "happened_on": "date",
    "actor": "actor",
    "target": "target",
    "code": "code",
    "codes": "cameo",
    "actors": "iso",
}


@pytest.fixture
def case(folder):
    return BENCH.load_case(folder)


def _with(case, folder, weight: float, **more):
    near = (str(folder), str(folder.parent))
    feed = Feed(store="reports.duckdb", actors={"egypt": "EGY", "israel": "ISR"}, weight=weight, near=near)
    return replace(case, feed=replace(feed, **more))


def test_without_a_feed_nothing_of_a_reading_changes(case):
    """The JSON of a case without a feed has no such part."""
    assert "feed" not in BENCH.read(case, DAY, draws=20, options=False).to_dict()


def test_with_weight_0_a_reading_is_equal_bit_by_bit(case, folder):
    """A feed of weight 0 adds its own part, and changes nothing of the rest, the hash of the case included."""
    before = BENCH.read(case, DAY, draws=20).to_dict()
    after = BENCH.read(_with(case, folder, 0.0), DAY, draws=20).to_dict()
    feed = after.pop("feed")
    assert json.dumps(before) == json.dumps(after)
    assert feed["label"] == "ledger index from reports"
    assert feed["events"] > 100


def test_reports_are_shown_as_change_and_rank(case, folder):
    """Of two sides, the one that was reported to cooperate ranks first, and its reports moved up."""
    rows = BENCH.read(_with(case, folder, 0.0), DAY, draws=20, options=False).feed.rows
    mine = {(row.truster, row.trustee): row for row in rows if row.facet == "intention"}
    good, bad = mine["israel", "egypt"], mine["egypt", "israel"]
    assert (good.rank, bad.rank, good.of) == (1, 2, 2)
    assert good.change > 0 > bad.change
    assert good.lo <= good.change <= good.hi
    assert not any(row.facet == "integrity" for row in rows)


def test_a_weight_moves_beliefs_the_way_of_the_reports(case, folder):
    """With a weight, beliefs move as reported, the more the higher it is."""

    def trust(weight: float) -> dict[tuple[str, str, str], float | None]:
        said = BENCH.read(_with(case, folder, weight), DAY, draws=20, options=False)
        return {(row.truster, row.trustee, row.facet): row.median for row in said.trust}

    none, some, much = trust(0.0), trust(0.3), trust(1.0)
    to_egypt, to_israel = ("begin", "sadat", "intention"), ("sadat", "begin", "intention")
    assert none[to_egypt] < some[to_egypt] < much[to_egypt]
    assert much[to_israel] < none[to_israel]


def test_reports_are_named_nowhere_but_in_their_part(case, folder):
    """With a weight, counts of facts and lists of them stay those of the curated evidence, and a line says so."""
    before = BENCH.read(case, DAY, draws=20, options=False).to_dict()
    after = BENCH.read(_with(case, folder, 0.5), DAY, draws=20, options=False).to_dict()
    assert "report:" not in json.dumps({name: part for name, part in after.items() if name != "feed"})
    assert [row["n_evidence"] for row in before["trust"]] == [row["n_evidence"] for row in after["trust"]]
    assert before["coverage"] == after["coverage"]
    assert any("weight 0.5" in line for line in after["warnings"])
    assert before["case_hash"] != after["case_hash"]


def test_the_ledger_of_a_belief_has_one_line_for_reports(case, folder):
    """`why` puts all reports into one line, none on integrity, and its lines still add up to the level."""
    told = BENCH.why(_with(case, folder, 0.5), "begin", "sadat", at=DAY, without=False)
    lines = {row.facet: [line.fact for line in row.lines].count("reports") for row in told}
    assert (lines["intention"], lines["integrity"]) == (1, 0)
    one = next(row for row in told if row.facet == "intention")
    assert one.prior + sum(line.now for line in one.lines) + one.clip + one.ceiling == pytest.approx(
        one.level
    )


def test_a_report_is_no_mark_and_is_not_tried_without(case, folder):
    """Marks of a course are curated facts, and a sentence that would name what was made of a report does not."""
    fed = _with(case, folder, 0.5)
    marks = {
        mark[0] for one in BENCH.paths(fed, DAY, pairs=[("begin", "sadat")], points=3) for mark in one.marks
    }
    bare = replace(fed, facts=(), off=(), switched=(), alternatives=(), ratings=())
    said = next(row for row in BENCH.why(bare, "begin", "sadat", at=DAY) if row.facet == "intention")

    assert marks <= {fact.id for fact in case.facts}
    assert [(line.fact, line.without) for line in said.lines] == [("reports", None)]
    assert "a report (conciliatory words, 1977-" in said.sentence
    assert "report:" not in said.sentence


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_scrubbing_gives_what_reading_gives(case, folder, weight):
    """A date that is dragged shows the same as a reading of that date."""
    fed = _with(case, folder, weight)
    day = date.fromisoformat(DAY)
    scrubbed = BENCH.scrub(fed, draws=20).read(day)
    assert plain(scrubbed) == plain(BENCH.read(fed, day, draws=20, options=False))


def test_what_was_not_known_is_not_read(case, folder):
    """Reports of later days change nothing of an earlier reading."""
    early = BENCH.read(_with(case, folder, 0.5), "1977-03-01", draws=20, options=False)
    late = "".join(f"{date(1977, 3, 2) + timedelta(days=n)},EGY,ISR,190\n" for n in range(40))
    kept = "".join(
        line + "\n" for line in _rows().splitlines() if line < "1977-03-02" or line.startswith("date")
    )
    try:
        _store(folder.parent, kept + late)
        again = BENCH.read(_with(case, folder, 0.5), "1977-03-01", draws=20, options=False)
    finally:
        _store(folder.parent, _rows())
    one, two = early.to_dict(), again.to_dict()
    assert one["feed"].pop("files") != two["feed"].pop("files")
    assert one == two


@pytest.mark.parametrize(("apart", "doubles"), [(0, 1), (3, 1), (4, 0), (-3, 1), (-4, 0)])
def test_a_report_near_a_curated_fact_counts_once(case, folder, apart, doubles):
    """A report within three days of a curated fact of the same pair and kind is left out; another is not."""
    fact = case.facts[0]
    day = date(1977, 6, 1)
    told = replace(
        fact, id="made01", happened_on=day, known_on=day, public_on=day, actor="egypt", towards=("israel",),
        kind=_kind(), about="", event="", seen_by=(),
    )  # fmt: skip
    other = replace(case, facts=(told,), off=(), switched=(), alternatives=())
    try:
        _store(folder.parent, f"date,actor,target,code\n{day + timedelta(days=apart)},EGY,ISR,050\n")
        feed = BENCH.read(_with(other, folder, 0.0), DAY, draws=5, options=False).feed
    finally:
        _store(folder.parent, _rows())
    assert (feed.doubles, feed.events) == (doubles, 1 - doubles)


def _kind() -> str:
    from goodoffices.store.grouping import kind_of

    return kind_of("cameo", "050")


def test_only_the_kinds_asked_for_count(case, folder):
    """With kinds named, reports of others are not counted."""
    feed = BENCH.read(_with(case, folder, 0.0, kinds=(_kind(),)), DAY, draws=5, options=False).feed
    assert {(row.truster, row.trustee) for row in feed.rows} == {("israel", "egypt")}


def test_a_case_file_declares_its_feed(folder, tmp_path):
    """case.toml names store, actors, kinds and weight; the store is found among the cases."""
    mine = folder.parent / "declared"
    shutil.copytree(folder, mine)
    (mine / "case.toml").write_text((mine / "case.toml").read_text() + FEED.format(weight=0))
    said = BENCH.read(mine, DAY, draws=5, options=False)
    assert (said.feed.said, said.feed.source) == ("", "plain")


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        ('store = "../x.duckdb"', "feed.store"),
        ('store = "/etc/passwd"', "feed.store"),
        ('store = "x.duckdb"\nweight = 2', "feed.weight"),
        ('store = "x.duckdb"\nkinds = ["dance"]', "feed.kinds"),
        ('store = "x.duckdb"\nactors = { atlantis = "ATL" }', "feed.actors"),
    ],
)
def test_a_feed_that_does_not_fit_is_a_fault(folder, tmp_path, feed, words):
    """A path, a weight above 1, an unknown kind or party: one sentence that names the field."""
    shutil.copytree(folder, tmp_path / "bad")
    text = (tmp_path / "bad" / "case.toml").read_text()
    (tmp_path / "bad" / "case.toml").write_text(f"{text}\n[feed]\n{feed}\n")
    with pytest.raises(CaseError, match=words):
        BENCH.load_case(tmp_path / "bad")


def test_a_store_that_is_not_there_is_said(case, folder):
    """Weighed at 0, a missing store is a sentence in the part of the feed; with a weight there is no reading."""
    gone = _with(case, folder, 0.0, store="gone.duckdb")
    assert "gone.duckdb" in BENCH.read(gone, DAY, draws=5, options=False).feed.said
    with pytest.raises(NotFoundError, match=r"gone\.duckdb"):
        BENCH.read(_with(case, folder, 0.5, store="gone.duckdb"), DAY, draws=5, options=False)
