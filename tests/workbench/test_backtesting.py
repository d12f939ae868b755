"""Runs of backtests: made from a file, kept, gone on with, compared, shown and exported."""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("duckdb")
pytest.importorskip("numba")

from goodoffices.compute import tasks_here
from goodoffices.conduct.baselines import BaseRate, Share
from goodoffices.conduct.origins import Origins, Split
from goodoffices.core import scoring
from goodoffices.domain.backtests import ACCURACY, Run, said_of
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.report.backtest import GROUPS, SIDE, backtest_page, diagram
from goodoffices.store.tables import countries, regions
from goodoffices.workbench import backtest_acts, backtesting, views
from goodoffices.workbench.backtesting import Asked, Stopped, compare, run, table
from goodoffices.workbench.conducting import acts_of
from goodoffices.workbench.forecasters import FORECASTERS, chosen, forecaster, settings
from goodoffices.workbench.runs import VARIABLE, Runs
from tests.workbench.made_events import written

ICEWS = Path(__file__).resolve().parents[3] / "shared" / "data" / "events" / "icews14.parquet"
SOME = "base-rate,pair-frequency-120,elo"
ROLLED = Origins(origin=date(2014, 9, 1), horizon=30, stride=30, count=3)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return written(tmp_path_factory.mktemp("made") / "made.csv", late=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def asked(events, folder):
    return Asked(events=events, source="plain", models=SOME, folder=folder, note="first")


@pytest.fixture(scope="module")
def first(asked):
    return run(asked)


def test_a_run_is_kept_whole_and_read_back_as_it_was(first, folder):
    """What stands in the folder under the id of the run is the run, and its figures follow from its forecasts."""
    again = Run.from_dict(Runs(folder).get(first.id))
    kept = Runs(folder).arrays(first.id)

    assert again == first
    for one in first.results:
        p, came = kept[f"forecast {one.model}"].astype(float), kept["happened"].astype(float)
        assert scoring.log_loss(p, came) == pytest.approx(one.scores.log_loss, abs=1e-6)
    assert (first.asked, first.last_part, first.note) == (len(kept["day"]), True, "first")
    assert first.blind == dict.fromkeys(SOME.split(","), 2)
    assert first.settings["elo"].startswith("most ")
    assert json.loads(json.dumps(first.to_dict(), allow_nan=False))["said"] == ACCURACY


def test_the_split_is_that_of_the_acts(events, first):
    """The last fifth of the acts is asked about, and what came before its first day is fitted on."""
    acts = acts_of(events=events, source="plain").acts

    assert first.asked == len(acts.day) - int(0.8 * len(acts.day))
    assert first.first == date.fromordinal(int(acts.day[int(0.8 * len(acts.day))])).isoformat()


def test_the_same_question_has_the_same_answer(asked, first):
    """Asked again, every figure is the same to the last digit, and a run of its own is kept."""
    again = run(replace(asked, note="again"))

    assert (again.results, again.differences) == (first.results, first.differences)
    assert again.id != first.id


def test_every_scoring_of_the_last_part_is_counted(events, tmp_path):
    """A scoring of the last part adds one, one of an inner split or of origins does not."""
    asked = Asked(events=events, source="plain", models="base-rate", folder=tmp_path)
    for some in (asked, replace(asked, first=0.8), replace(asked, design=ROLLED), replace(asked, note="2")):
        run(some)
    rows = table(Runs(tmp_path))

    assert [row["last_part"] for row in rows] == [True, False, False, True]
    assert {row["scorings_of_the_last_part"] for row in rows} == {2}
    assert all(row["run"] for row in rows)


def test_a_scoring_that_was_broken_off_goes_on_where_it_stopped(asked, tmp_path, monkeypatch):
    """Stopped after two forecasts nothing is kept as a run; asked again only the rest is forecast."""
    some, made = replace(asked, folder=tmp_path, design=ROLLED), []
    true = backtest_acts.told_by

    def counting(*given):
        made.append(given[1].name)
        return true(*given)

    monkeypatch.setattr(backtest_acts, "told_by", counting)
    monkeypatch.setattr(tasks_here, "cores", lambda: 1)
    with pytest.raises(Stopped):
        run(some, stop=lambda: len(made) >= 2)
    assert (len(made), Runs(tmp_path).listed()) == (2, [])
    whole = run(some)
    assert len(made) == 9
    made.clear()
    assert run(some).results == whole.results
    assert len(made) == 9
    assert not list((tmp_path / "unfinished").iterdir())


def test_what_was_broken_off_is_not_gone_on_with_by_another_model(events, tmp_path):
    """A model of the same name with other numbers forecasts anew."""
    found, kept = acts_of(events=events, source="plain"), Runs(tmp_path)
    told = []

    def tick(done, total, name):
        told.append(done)

    for strength in (1.0, 2.0):
        models = {"share": Share(name="share", half_life=30.0 * strength), "base-rate": BaseRate()}
        told.clear()
        with pytest.raises(Stopped):
            backtesting.score(
                found, models, Split(), runs=kept, tick=tick, stop=lambda: bool(told) and told[-1] == 1
            )
        assert told[0] == 0


@dataclass(frozen=True)
class Peeks:
    """Looks at the act itself."""

    name: str = "peeks"

    def fit(self, _acts, _day):
        return self

    def forecast(self, acts, asked):
        return np.where(acts.good[asked], 0.9, 0.1)


def test_a_forecaster_that_sees_ahead_is_not_scored(events, tmp_path):
    """The run ends with a sentence that names it, and nothing is kept."""
    found = acts_of(events=events, source="plain")
    with pytest.raises(UsageError, match="peeks sees ahead"):
        backtesting.score(found, {"peeks": Peeks()}, Split(), runs=Runs(tmp_path))

    assert Runs(tmp_path).listed() == []


@pytest.mark.ray
def test_rolling_origins_on_a_cluster_are_those_here(asked, tmp_path):
    """Spread over a cluster every figure is the same."""
    pytest.importorskip("ray")
    some = replace(asked, folder=tmp_path, design=ROLLED, models="base-rate,elo")

    assert run(replace(some, on="ray")).results == run(some).results


def test_runs_are_compared_act_by_act(asked, first, folder, events):
    """Against itself a run differs by nothing; a run of other acts is refused."""
    same = compare(Runs(folder), first.id, first.id)
    inner = run(replace(asked, first=0.9))

    assert [row["log_loss"] for row in same["models"]] == [0.0, 0.0, 0.0]
    assert same["differs"] == []
    with pytest.raises(UsageError, match="other acts"):
        compare(Runs(folder), first.id, inner.id)


def test_windows_are_kept_as_runs(events, tmp_path):
    """Questions on material conflict and agreement are foreseen, scored, and hold draws of counts."""
    for question in ("material-conflict", "agreement"):
        asked = Asked(events=events, source="plain", question=question, folder=tmp_path, origins=2)
        found = run(asked)
        by_name = {one.model: one.scores for one in found.results}
        kept = Runs(tmp_path).arrays(found.id)

        assert by_name["multi-scale"].log_loss < by_name["base-rate"].log_loss
        assert by_name["weighted"].crps is not None
        assert by_name["multi-scale"].crps is None
        assert ((kept["count"] > 0) == (kept["happened"] > 0)).all()
        assert kept["draws weighted"].shape == (100, found.asked)
        assert found.last_part is False


# -- export ---------------------------------------------------------------------------------------


def test_the_export_has_the_layout_of_views(events, tmp_path):
    """One folder for each window, with months as VIEWS numbers them, draws and outcomes of every pair."""
    parquet = pytest.importorskip("pyarrow.parquet")
    asked = Asked(events=events, source="plain", question="material-conflict", folder=tmp_path, origins=2)
    found = run(asked)
    files = views.export(Runs(tmp_path), found.id, tmp_path / "out")
    kept = Runs(tmp_path).arrays(found.id)
    names = [path.relative_to(tmp_path / "out").as_posix() for path in files]

    assert names == [f"window=Y2014M{m}/weighted_2014m{m}.parquet" for m in ("08", "09")]
    rows = parquet.read_table(files[0], partitioning=None)
    assert rows.column_names == ["month_id", "actor", "target", "draw", "outcome"]
    assert set(rows["month_id"].to_pylist()) == {(2014 - 1980) * 12 + 8}
    first_pair = rows.slice(0, 100).to_pydict()
    assert first_pair["draw"] == list(range(100))
    assert first_pair["outcome"] == list(kept["draws weighted"][:, 0])
    assert rows.schema.metadata[b"run"].decode() == found.id


def test_acts_are_drawn_as_their_chances_say(first, folder, tmp_path):
    """For a run on the next act draws are 0 or 1, and their share is the forecast."""
    parquet = pytest.importorskip("pyarrow.parquet")
    files = views.export(Runs(folder), first.id, tmp_path, model="elo", draws=400)
    rows = [parquet.read_table(path, partitioning=None).to_pandas() for path in files]
    kept = Runs(folder).arrays(first.id)
    share = np.concatenate([row.groupby("act")["outcome"].mean().to_numpy() for row in rows])

    assert sum(len(row) for row in rows) == 400 * first.asked
    assert np.abs(share - kept["forecast elo"]).max() < 0.12
    with pytest.raises(UsageError, match="use base-rate"):
        views.export(Runs(folder), first.id, tmp_path, model="oracle")


def test_months_are_numbered_as_views_does():
    """January 1980 is 1, December 2018 is 468."""
    days = [date(1980, 1, 31), date(2018, 12, 1), date(2014, 1, 1)]

    assert list(views.month_id([day.toordinal() for day in days])) == [1, 468, 409]


# -- pages and words ------------------------------------------------------------------------------


def test_a_diagram_places_forecast_and_share(first):
    """Points lie where forecast and share say, the interval holds the share, and bars go by counts."""
    drawn, result = diagram(first.results[1]), first.results[1]

    for dot, point in zip(drawn.dots, result.reliability, strict=True):
        assert dot.x == pytest.approx(SIDE * point.forecast, abs=0.06)
        assert dot.y == pytest.approx(SIDE * (1 - point.happened), abs=0.06)
        assert dot.hi <= dot.y <= dot.lo
    assert max(dot.bar for dot in drawn.dots) == pytest.approx(36.0)


def test_the_page_stands_alone_and_names_its_run(first):
    """One file without a script or a link to elsewhere, with the id, what is said, and a diagram a model."""
    page = backtest_page(first, backtesting.SAID)

    assert first.id in page
    assert backtesting.SAID in page
    assert "goodoffices backtest table" in page
    assert page.count("<svg") == len(first.results)
    assert "<script" not in page
    assert "http" not in page


def test_names_from_a_file_cannot_command_a_page(first):
    """What a file calls itself is shown as text."""
    page = backtest_page(replace(first, name="<script>alert(1)</script>"), "")

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_accuracy_is_said_with_its_run(first):
    """The sentence of a model's accuracy holds the id of the run; an unknown model is refused."""
    assert first.id in said_of(first, "elo")
    with pytest.raises(UsageError, match="no model"):
        said_of(first, "oracle")


def test_every_group_has_a_name_that_is_translated(first):
    """Names of groups and of blocks in a run are among those that the catalogue holds."""
    named = {name for one in first.results for some in one.groups.values() for name in some}

    assert named | {one.by for one in first.differences} | set(regions().values()) <= set(GROUPS)


def test_every_region_is_of_known_countries():
    """Each country but Antarctica lies in one region, and no region names another one."""
    assert set(countries()) - set(regions()) == {"ATA"}
    assert set(regions()) <= set(countries())


# -- the folder -----------------------------------------------------------------------------------


def test_runs_are_found_by_how_their_id_begins(first, folder, monkeypatch, tmp_path):
    """Four letters do; what fits none is named with the folder; the folder can be moved by a variable."""
    kept = Runs(folder)

    assert kept.get(first.id[:8])["id"] == first.id
    for name in ("ffffffffffff", "../x", "", "*"):
        with pytest.raises(NotFoundError):
            kept.get(name)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    assert Runs().folder == tmp_path / "elsewhere"
    assert Runs().listed() == []


def test_a_file_that_is_no_run_is_not_listed(first, folder):
    """Something else in the folder, or half a file, is passed over."""
    (folder / "notes.json").write_text("{")
    (folder / "abcdef.json").write_text("[]")

    assert first.id in [told["id"] for told in Runs(folder).listed()]
    assert len(Runs(folder).listed("durability")) == 0


def test_other_sorts_of_runs_are_kept_beside(tmp_path):
    """A run of another sort keeps its own figures, and is no scoring of acts."""
    kept = Runs(tmp_path)
    name = kept.keep("durability", {"at": "2026-01-01T00:00:00", "figures": [1.0]})

    assert kept.get(name)["figures"] == [1.0]
    assert [told["id"] for told in kept.listed("durability")] == [name]
    assert table(kept) == []
    with pytest.raises(UsageError, match="no forecasts"):
        views.export(kept, name, tmp_path)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"models": "oracle"}, "no forecaster"),
        ({"question": "weather"}, "no question"),
        ({"first": 0.0}, "between 0 and 1"),
        ({"first": 0.0004}, "too few"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked, given, words):
    """Each with one clear sentence."""
    with pytest.raises(UsageError, match=words):
        run(replace(asked, **given))


def test_acts_of_one_sign_are_refused(events, tmp_path):
    """There is nothing to tell apart, and nothing is kept."""
    found = acts_of(events=events, source="plain")
    good = found.acts._replace(value=np.abs(found.acts.value))
    with pytest.raises(UsageError, match="cooperative: there is nothing"):
        backtesting.score(replace(found, acts=good), {"base-rate": BaseRate()}, Split(), runs=Runs(tmp_path))


@pytest.mark.data
@pytest.mark.skipif(
    not ICEWS.exists(), reason="the ICEWS files of the graph literature are not beside the project"
)
def test_baselines_stand_in_their_order_on_real_reports(tmp_path):
    """Within the first 80% of a year of reports, the last part unseen: base rate, pair, ratings, counts, trees."""
    pytest.importorskip("sklearn")
    models = "base-rate,pair-frequency-120,glicko-2,multi-scale,boosting"
    found = run(Asked(events=ICEWS, first=0.8, models=models, folder=tmp_path))
    losses = [one.scores.log_loss for one in found.results]

    assert losses == sorted(losses, reverse=True)
    assert all(found.difference(one, "base-rate").hi < 0 for one in models.split(",")[1:])
    assert found.last_part is False


def test_rolling_origins_and_a_split_are_not_both_given():
    """Nor are origins without their horizon."""
    with pytest.raises(UsageError, match="not both"):
        backtesting.design_of(0.8, date(2014, 1, 1), 30, None, None)
    with pytest.raises(UsageError, match="--horizon"):
        backtesting.design_of(None, date(2014, 1, 1), None, None, None)
    assert backtesting.design_of(None, None, None, None, None) == Split(share=0.8)


def test_every_forecaster_has_its_name_and_says_what_it_is():
    """The name in the list is the one that it bears in runs, and settings are plain numbers."""
    for name in chosen(
        "base-rate,pair-frequency,last-act,weighted-7,goldstein,elo,glicko-2,two-types,lags,multi-scale,boosting"
    ):
        assert forecaster(name).name == name
        assert FORECASTERS[name].says
    assert settings(Share(name="s", half_life=30.0)) == "half_life 30, strength 1, rate 0.5"
