"""The model of conduct through its doors: store, file, frame, Python and command line; and bad input."""

import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("duckdb")
pytest.importorskip("numba")
pytest.importorskip("sklearn")

import polars as pl

from goodoffices import ConductModel
from goodoffices.cli.app import run
from goodoffices.conduct.acts import SAID
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.workbench.conduct_model import forecast_pair, shipped
from goodoffices.workbench.conducting import acts_of
from goodoffices.workbench.feeds import import_events
from goodoffices.workbench.runs import Runs
from tests.conduct.two_typed import two_typed

NAMES = (
    "Egypt",
    "Police (Israel)",
    "Jordan",
    "Citizen (Syria)",
    "Lebanon",
    "United States",
    "Men (France)",
    "Iran",
)
GOOD, BAD = ("Consult", "Praise or endorse"), ("Use conventional military force", "Accuse")


def rows(seed=1, swap=None):
    """Rows `date, source, relation, target`; `swap` renames one country into the other throughout."""
    acts, rng = (
        two_typed(seed, actors=8, days=30, begin=date(2001, 1, 1).toordinal()),
        np.random.default_rng(seed),
    )

    def named(text):
        if swap and any(one in text for one in swap):
            one, other = swap
            return text.replace(one, other) if one in text else text.replace(other, one)
        return text

    for k, good in enumerate(acts.good.tolist()):
        yield {"date": str(date.fromordinal(int(acts.day[k]))), "source": named(NAMES[acts.actor[k]]),
               "relation": str(rng.choice(GOOD if good else BAD)), "target": named(NAMES[acts.target[k]])}  # fmt: skip


def written(path: Path, some) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["date", "source", "relation", "target"])
        writer.writeheader()
        writer.writerows(some)
    return path


def stored(folder: Path, some) -> Path:
    folder.mkdir(exist_ok=True)
    import_events("icews", [written(folder / "table.csv", some)], folder / "events.duckdb")
    return folder / "events.duckdb"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return stored(tmp_path_factory.mktemp("conduct") / "one", rows())


@pytest.fixture(autouse=True)
def _runs(tmp_path, monkeypatch):
    monkeypatch.setenv("GOODOFFICES_RUNS", str(tmp_path / "runs"))


def printed(capsys, *command):
    status = run([str(word) for word in command])
    told = capsys.readouterr()
    return status, json.loads(told.out) if told.out.startswith("{") else told.out + told.err


def test_store_file_and_frame_give_the_same_acts(store, tmp_path):
    """There is one way in for data, whatever it comes as."""
    table = written(tmp_path / "table.csv", rows())
    frame = pl.read_csv(table, try_parse_dates=True)
    made = [ConductModel().fit(one).predict(at="2001-06-01") for one in (store, table, frame)]
    assert made[0] == made[1] == made[2]
    assert len(made[0]) > 40


def test_mirror_through_a_whole_store(store, tmp_path):
    """Two countries renamed into one another throughout a store, refitted: forecasts mirror to 1e-9."""
    swap = ("Egypt", "Israel")
    other = stored(tmp_path / "swapped", rows(swap=swap))
    one = {(f.actor, f.target): f for f in ConductModel().fit(store).predict()}
    two = {(f.actor, f.target): f for f in ConductModel().fit(other).predict()}
    names = {"Egypt": "Israel", "Police (Israel)": "Police (Egypt)"}
    assert len(one) == len(two)
    for (actor, target), found in one.items():
        twin = two[names.get(actor, actor), names.get(target, target)]
        assert abs(found.p - twin.p) < 1e-9
        assert abs(found.hi - twin.hi) < 1e-9
        assert max(abs(found.why[part] - twin.why[part]) for part in found.why) < 1e-9


def test_score_prints_one_document_and_keeps_a_run(store, tmp_path, capsys):
    """Scores of the model on top, baselines beside them, the id of the run, and what a forecast is of."""
    models = "base-rate,pair-frequency,last-act"
    status, told = printed(
        capsys, "conduct", "score", "--events", store.parent / "table.csv",
        "--split", "0.8", "--models", models, "--json",
    )  # fmt: skip
    assert status == 0
    assert set(told["baselines"]) == set(models.split(","))
    assert told["said"] == SAID
    assert {
        "ok",
        "n",
        "log_loss",
        "brier",
        "auc",
        "ece",
        "ece_perfect",
        "run",
        "data",
        "code",
        "seed",
    } <= set(told)
    assert told["log_loss"] < told["baselines"]["base-rate"]["log_loss"]
    kept = json.loads((tmp_path / "runs" / f"{told['run']}.json").read_text())
    own = next(one for one in kept["results"] if one["model"] == "conduct")
    assert own["scores"]["log_loss"] == told["log_loss"]
    assert kept["blind"]["conduct"] == 2


def test_why_adds_up_on_the_command_line(store, capsys):
    """The parts and the base are the log-odds of the chance that is printed."""
    status, told = printed(
        capsys, "conduct", "why", "--store", store, "--actor", "Egypt", "--target", "Iran", "--json"
    )
    assert status == 0
    odds = told["base"] + sum(told["why"].values())
    assert told["p"] == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-12)
    assert told["said"] == SAID


def test_fit_writes_a_model_that_predict_reads(store, tmp_path, capsys):
    """Own weights in a file; what they were fitted to stands in it."""
    status, told = printed(
        capsys,
        "conduct",
        "fit",
        "--store",
        store,
        "--until",
        "2001-05-01",
        "-o",
        tmp_path / "m.json",
        "--json",
    )
    assert status == 0
    assert told["last"] < "2001-05-01"
    command = ["conduct", "predict", "--store", store, "--actor", "Egypt", "--target", "Iran", "--json"]
    own, shipped = (
        printed(capsys, *command, *more)[1]["forecasts"][0]["p"]
        for more in (("--model", tmp_path / "m.json"), ())
    )
    assert own != shipped


def test_an_unknown_pair_is_labelled(store, capsys):
    """Whom nobody reported of gets the pooled prior, with its doubt, and the screen says so."""
    command = ("conduct", "predict", "--store", store, "--actor", "Police (Egypt)", "--target", "Utopia")
    status, told = printed(capsys, *command, "--json")
    assert status == 0
    assert told["forecasts"][0]["pooled"]
    assert "pooled prior" in printed(capsys, *command)[1]


def test_a_pair_of_a_case_may_be_countries(store):
    """A case asks by country where no actor of the store has the name; else one sentence."""
    named = forecast_pair(store, "Iran", "Egypt", date(2001, 6, 1))
    by_country = forecast_pair(store, "IRN", "EGY", date(2001, 6, 1))
    assert (named["actor"], by_country["actor"]) == ("Egypt", "EGY")
    assert 0 < by_country["p"] < 1
    with pytest.raises(NotFoundError, match="Utopia"):
        forecast_pair(store, "Iran", "Utopia", date(2001, 6, 1))


@pytest.mark.parametrize(
    ("some", "said"),
    [
        ([], "no lines of data"),
        ([{"date": "2001-01-01", "source": "Iran", "relation": "Consult", "target": "Iran"}], "no report of icews is an act"),
        ([{"date": f"2001-01-0{k}", "source": "Iran", "relation": "Consult", "target": "Iraq"} for k in range(1, 9)], "all 8 acts are cooperative"),
        ([{"date": f"2001-01-0{k}", "source": "Iran", "relation": "Accuse", "target": "Iraq"} for k in range(1, 9)], "all 8 acts are conflictive"),
        ([{"date": "2001-01-01", "source": "Iran", "relation": r, "target": "Iraq"} for r in ("Accuse", "Consult")], "nothing was known before"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(tmp_path, capsys, some, said):
    """Nothing, one actor, one sign, a split that leaves nothing: a sentence each, status not 0, no run."""
    status, told = printed(capsys, "conduct", "score", "--events", written(tmp_path / "bad.csv", some))
    assert status != 0
    assert said in told.replace("\n", " ")
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").glob("*.json"))


@pytest.mark.parametrize("split", ["0", "1", "0.00001", "2"])
def test_a_split_that_leaves_nothing(store, capsys, split):
    """A share outside 0 and 1, or one that leaves no act, is refused in one sentence."""
    status, told = printed(capsys, "conduct", "score", "--store", store, "--split", split)
    assert status != 0
    assert "Traceback" not in told
    assert told.count("\n") <= 4


def test_neither_and_both_are_refused(store):
    """A store or a file, not both and not none."""
    with pytest.raises(UsageError):
        acts_of()
    with pytest.raises(UsageError):
        acts_of(store=store, events=store)
    with pytest.raises(NotFoundError):
        acts_of(events=Path("none.csv"))


def test_every_score_of_the_model_that_ships_leads_to_its_run():
    """What its file says of accuracy stands in a stored run that comes with the package."""
    told = shipped().about["scores"]
    assert len(told) == 2
    for one in told:
        run_ = Runs().get(one["run"])
        own = next(result for result in run_["results"] if result["model"] == "conduct")["scores"]
        assert (run_["data"], own["n"]) == (one["data"], one["n"])
        assert {name: round(own[name], 4) for name in ("log_loss", "ece")} == {
            k: one[k] for k in ("log_loss", "ece")
        }


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["predict", "--actor", "Iran", "--target", "Iran"], "not the same"),
        (["predict", "--actor", " ", "--target", "Iran"], "not the same"),
        (["predict", "--at", "19790-01-01"], "19790-01-01"),
        (["predict", "--model", "{folder}/empty.json"], "conduct fit wrote"),
        (["fit", "-o", "{folder}/none/m.json"], "cannot be written"),
        (["score", "--split", "1e9"], "between 0 and 1"),
    ],
)
def test_absurd_questions_are_one_sentence(store, tmp_path, capsys, command, said):
    """Oneself, nobody, a year that is none, a file that is no model, a folder that is not there."""
    (tmp_path / "empty.json").touch()
    words = [word.format(folder=tmp_path) for word in command]
    status, told = printed(capsys, "conduct", *words, "--store", store)
    assert (status, told.count("\n")) == (2, 1)
    assert said in told


def test_a_file_that_nothing_can_read_is_named(tmp_path, capsys):
    """An empty file, and one of other columns: the sentence names it and what would be right."""
    for name, text, said in (
        ("e.csv", "", "empty"),
        ("w.csv", "hello,world\n1,2\n", "source, relation and target"),
    ):
        (tmp_path / name).write_text(text)
        status, told = printed(capsys, "conduct", "score", "--events", tmp_path / name)
        assert (status, told.count("\n")) == (2, 1)
        assert name in told
        assert said in told


def test_rejected_lines_are_told_beside_the_forecast(tmp_path, capsys):
    """A line that cannot be read is left out aloud: its number and why stand on the screen."""
    some = list(rows())
    some[9]["date"] = "2001-13-45"
    path = written(tmp_path / "some.csv", some)
    status, told = printed(
        capsys, "conduct", "predict", "--events", path, "--actor", "Egypt", "--target", "Iran"
    )
    assert status == 0
    assert "line 11" in told
