"""Two types and the gap list from a whole store, and what they are called."""

import csv
import json
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("duckdb")
pytest.importorskip("numba")

from goodoffices.cli.app import app, run
from goodoffices.conduct.acts import SAID
from goodoffices.domain.gaps import DISAGREE, NOT_IDENTIFIED, TYPES
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.workbench import gaps
from goodoffices.workbench.feeds import import_events
from goodoffices.workbench.indexing import Asked, pair_index
from tests.conduct.two_typed import two_typed

SOURCES = Path(gaps.__file__).parents[1]
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "events" / "icews14.parquet"
NAMES = ("EGY", "ISR", "JOR", "SYR", "LBN", "USA", "FRA", "GBR", "IRN")
GOOD, BAD = ("040", "057"), ("190", "112")  # a talk, an agreement; a fight, an accusation


def written(folder, rows):
    folder.mkdir(exist_ok=True)
    with (folder / "reports.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["event_id", "happened_on", "known_on", "actor", "target", "code"])
        writer.writeheader()
        writer.writerows(rows)
    import_events("plain", [folder / "reports.csv"], folder / "events.duckdb")
    return folder / "events.duckdb"


def reports(seed=1, only_good=False):
    acts = two_typed(seed, begin=date(2001, 1, 1).toordinal())
    rng = np.random.default_rng(seed)
    for k, good in enumerate(acts.good.tolist()):
        day = str(date.fromordinal(int(acts.day[k])))
        code = str(rng.choice(GOOD if good or only_good else BAD))
        yield {"event_id": str(k), "happened_on": day, "known_on": day, "code": code,
               "actor": NAMES[acts.actor[k]], "target": NAMES[acts.target[k]]}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return written(tmp_path_factory.mktemp("gaps") / "one", reports())


@pytest.fixture(scope="module")
def one_sided(tmp_path_factory):
    return written(tmp_path_factory.mktemp("gaps") / "good", reports(only_good=True))


AT = date(2001, 3, 1)


def cli(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


# -- two types ------------------------------------------------------------------------------------


def test_the_asymmetry_of_a_store_with_known_types(store):
    """a and b of the stream come back for acts as counted one by one; every row is of its kind and window."""
    found = gaps.asymmetry(store, draws=4)
    first = found.rows[0]

    assert (first.kind, first.window) == ("all", "act")
    assert (first.a.value, first.b.value) == pytest.approx((0.9, 0.3), abs=0.06)
    assert {(row.kind, row.window) for row in found.rows} == {
        (kind, window) for kind in ("all", "verbal", "material") for window in ("act", "day", "week", "month")
    }
    assert found.verdict in ("below", NOT_IDENTIFIED)


def test_the_command_says_what_the_figures_are(store):
    """Screen and JSON carry the label, the sentence on forecasts, and the same figures."""
    shown = cli("conduct", "asymmetry", "--store", store, "--draws", 2).output
    plain = json.loads(cli("conduct", "asymmetry", "--store", store, "--draws", 2, "--json").output)

    assert TYPES in shown
    assert SAID in shown
    assert (plain["ok"], plain["label"], plain["says"], plain["prob"]) == (True, TYPES, SAID, 0.9)
    assert {"value", "lo", "hi"} == set(plain["rows"][0]["b"])
    assert f"{plain['rows'][0]['a']['value']:.2f}" in shown


def test_acts_of_one_sign_have_rows_without_figures(one_sided):
    """A store where every act is good is an answer: each row says why it has no figures."""
    found = gaps.asymmetry(one_sided, draws=2)

    assert all(row.a is None and "both signs" in row.reason for row in found.rows)
    assert found.verdict == NOT_IDENTIFIED


# -- ledger against forecast ----------------------------------------------------------------------


def test_the_gap_list_is_a_disagreement_of_two_models(store):
    """Rows hold both models on the same acts; the label and the sentence stand in screen and JSON."""
    found = gaps.gap(store, AT, draws=10)
    plain = json.loads(cli("gap", "--store", store, "--at", AT, "--draws", 10, "--json").output)
    shown = cli("gap", "--store", store, "--at", AT, "--draws", 10).output

    assert found.rows
    assert plain == json.loads(json.dumps(found.to_dict()))
    assert plain["label"] == DISAGREE
    assert DISAGREE[1:] in shown
    assert SAID in shown
    assert all(row.difference.value == pytest.approx(row.forecast - row.implied) for row in found.rows)
    assert all(row.surprise is None or row.surprise.n > 0 for row in found.rows)
    assert found.pairs == len(found.rows) + sum(found.left_out.values())


def test_what_is_known_later_reaches_no_earlier_gap(tmp_path, store):
    """As of a day, a store with all reports gives what a store with those known by then gives."""
    early = written(tmp_path / "early", (row for row in reports() if row["known_on"] <= str(AT)))
    one, other = (gaps.gap(path, AT, draws=10) for path in (store, early))

    assert one.rows == other.rows
    assert (one.a, one.b) == (other.a, other.b)


def test_no_pair_is_an_answer_with_its_reason(store):
    """Long after the last report nothing is left of the evidence: no row, and it is said why."""
    found = gaps.gap(store, date(2300, 1, 1), draws=10)

    assert found.rows == ()
    assert "72: what is left of the evidence weighs less than one act" in found.reason
    assert found.reason in cli("gap", "--store", store, "--at", "2300-01-01", "--draws", 10).output


@pytest.mark.parametrize(
    ("given", "words"),
    [({"forecaster": "oracle"}, "two-types"), ({"draws": 3}, "10"), ({"half_life": 0.0}, "above 0")],
)
def test_wrong_questions_have_a_sentence(store, given, words):
    """An unknown forecaster, too few draws and a half-life of nothing are refused with what would be right."""
    with pytest.raises(UsageError, match=words):
        gaps.gap(store, AT, **given)


def test_bad_stores_have_a_sentence(tmp_path, one_sided):
    """No store, acts of one sign and a day before the first report are one sentence each."""
    with pytest.raises(UsageError, match="both signs"):
        gaps.gap(one_sided, AT)
    with pytest.raises(NotFoundError, match="1990-01-01"):
        gaps.gap(one_sided, date(1990, 1, 1))
    with pytest.raises(NotFoundError, match=r"none\.duckdb"):
        gaps.gap(tmp_path / "none.duckdb", AT)


def test_a_day_that_is_none_is_refused(capsys, store):
    """--at takes a day."""
    assert run(["gap", "--store", str(store), "--at", "soon"]) == 2
    assert "2013-01-01" in capsys.readouterr().err


def test_misplaced_is_said_nowhere():
    """A gap is a disagreement of two models: no source, template or help calls trust misplaced.

    The word is kept for a perceived side that comes from dated ratings or surveys, and none is compared.
    """
    word = re.compile("misplace", re.IGNORECASE)
    texts = [
        p for p in SOURCES.rglob("*") if p.suffix in (".py", ".j2", ".toml", ".csv", ".js", ".po", ".pot")
    ]

    assert len(texts) > 100
    assert [path.name for path in texts if word.search(path.read_text(encoding="utf-8"))] == []
    assert not word.search(cli("gap", "--help").output)


# -- the ledger index with fitted types ------------------------------------------------------------


def test_the_asymmetry_of_conduct_enters_the_index_of_a_store(store):
    """With fitted a and b the changes of intention are theirs; the result is stamped, and never by default."""
    ratios = gaps.ratios_of(store, "", None, by_country=True)
    usual = pair_index(Asked(store=store, scale=0.1, draws=0), "EGY", "ISR")
    fitted = pair_index(Asked(store=store, scale=0.1, draws=0, asymmetry=ratios), "EGY", "ISR")
    changes = [[row.change for row in one.rows if row.facet == "intention"] for one in (usual, fitted)]

    assert usual.summary.asymmetry is None
    assert fitted.summary.asymmetry == ratios
    assert fitted.to_dict()["asymmetry"]["by"] == "conduct"
    assert changes[0] != changes[1]
    assert [r for r in usual.rows if r.facet == "capacity"] == [
        r for r in fitted.rows if r.facet == "capacity"
    ]


def test_one_good_act_pushes_by_the_fitted_log_ratio(tmp_path, store):
    """With enemy image aside, pushes of good and bad acts stand to one another as the fitted log ratios do."""
    day = date(2001, 1, 5)
    ratios = gaps.ratios_of(store, "", None, by_country=True)
    told = {}
    for sign, code in (("good", "057"), ("bad", "190")):
        rows = [{"event_id": "1", "happened_on": str(day), "known_on": str(day), "actor": "ISR",
                 "target": "EGY", "code": code},
                {"event_id": "2", "happened_on": str(day + timedelta(days=200)), "actor": "USA",
                 "known_on": str(day + timedelta(days=200)), "target": "FRA", "code": "057"}]  # fmt: skip
        one = written(tmp_path / sign, rows)
        pair = [pair_index(Asked(store=one, scale=0.1, draws=0, end=day, asymmetry=given), "EGY", "ISR")
                for given in (None, ratios)]  # fmt: skip
        told[sign] = [next(r.change for r in p.rows if r.facet == "intention") for p in pair]
    judged = np.log(0.9 / 0.55), np.log(0.45 / 0.1)
    fitted = np.log(ratios.a / ratios.b), np.log((1 - ratios.b) / (1 - ratios.a))

    assert told["good"][1] / told["good"][0] == pytest.approx(fitted[0] / judged[0], rel=0.02)
    assert told["bad"][1] / told["bad"][0] == pytest.approx(fitted[1] / judged[1], rel=0.02)


def test_the_asymmetry_of_conduct_on_the_command_line(store):
    """The option reaches the index, is stamped in the JSON, and said with its label on the screen."""
    asked = ("trust", "--store", store, "--truster", "EGY", "--trustee", "ISR", "--asymmetry", "conduct")
    plain, shown = json.loads(cli(*asked, "--json").output), cli(*asked).output

    assert plain["asymmetry"]["by"] == "conduct"
    assert 0 < plain["asymmetry"]["b"] < plain["asymmetry"]["a"] < 1
    assert TYPES in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("trust", "camp-david", "--asymmetry", "conduct"), "keeps the judged table"),
        (("trust", "camp-david", "--asymmetry", "other"), "judged, conduct"),
        (("trust", "--partitions", "none", "--all", "-o", "x/", "--asymmetry", "conduct"), "settled when"),
    ],
)
def test_the_asymmetry_of_conduct_is_for_stores_alone(capsys, arguments, words):
    """A curated case keeps the judged table, and partitions keep that with which they were laid down."""
    assert run(list(arguments)) == 2
    assert words in capsys.readouterr().err


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="icews14 is not beside the project")
def test_the_first_look_on_icews14(tmp_path):
    """On a year of ICEWS a is .93 and b .16, and one conflictive act offsets about 1.4 cooperative ones."""
    import_events("icews", [DATA], tmp_path / "events.duckdb")
    ratios = gaps.ratios_of(tmp_path / "events.duckdb", "", None, by_country=False)

    assert (ratios.a, ratios.b) == pytest.approx((0.93, 0.16), abs=0.01)
