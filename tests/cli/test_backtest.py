"""The backtest commands: what they print, in text and as JSON, and the status they end with."""

import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("numba")

from goodoffices.cli.app import run
from goodoffices.workbench import backtest_acts
from goodoffices.workbench.backtesting import SAID
from tests.workbench.made_events import written


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return str(written(tmp_path_factory.mktemp("made") / "made.csv", 1500))


@pytest.fixture
def asked(events, tmp_path, monkeypatch):
    monkeypatch.setenv("GOODOFFICES_RUNS", str(tmp_path / "runs"))
    return ["backtest", "run", "--events", events, "--source", "plain", "--models", "base-rate,elo"]


def told(capsys, *arguments):
    status = run(list(arguments))
    return status, capsys.readouterr()


def test_a_run_is_made_listed_shown_and_put_in_the_table(asked, capsys, tmp_path):
    """Every place that shows a figure shows the id of the run, and what a forecast is."""
    status, shown = told(capsys, *asked, "--note", "a remark")
    assert (status, shown.err) == (0, "")
    name = shown.out.split()[1]
    assert SAID in shown.out
    assert "elo less each of the others" in shown.out

    status, shown = told(capsys, "backtest", "list")
    assert shown.out.startswith(name)
    assert "a remark" in shown.out
    status, shown = told(capsys, "backtest", "table")
    assert f"run {name}" in shown.out
    assert "last part (scored 1 times)" in shown.out
    page = tmp_path / "page.html"
    status, shown = told(capsys, "backtest", "show", name[:6], "-o", str(page))
    assert (status, name in shown.out) == (0, True)
    assert name in page.read_text(encoding="utf-8")
    status, shown = told(capsys, "backtest", "compare", name, name)
    assert "elo                  +0.0000" in shown.out


def test_json_holds_the_same_as_the_file(asked, capsys, tmp_path):
    """`--json` prints the run with its id, `show --json` what was kept, `list` and `table` rows by id."""
    _status, shown = told(capsys, *asked, "--json")
    made = json.loads(shown.out)
    _status, shown = told(capsys, "backtest", "show", made["id"], "--json")
    kept = json.loads(shown.out)

    assert made["ok"] is True
    assert {key: kept[key] for key in made} == made
    assert json.loads((tmp_path / "runs" / f"{made['id']}.json").read_text()) == {
        k: v for k, v in kept.items() if k != "ok"
    }
    for command in ("list", "table"):
        _status, shown = told(capsys, "backtest", command, "--json")
        assert made["id"] in shown.out
        assert json.loads(shown.out)["ok"] is True


def test_quiet_prints_the_id_only_and_export_takes_it(asked, capsys, tmp_path):
    """The id goes from one command into the next."""
    _status, shown = told(capsys, *asked, "--quiet")
    name = shown.out.strip()
    status, shown = told(
        capsys, "backtest", "export", name, "--views", str(tmp_path / "v"), "--draws", "5", "--json"
    )
    files = json.loads(shown.out)["files"]

    assert status == 0
    assert all((tmp_path / "v" / file).is_file() for file in files)
    assert all(file.startswith("window=Y") for file in files)


def test_rolling_origins_from_the_command_line(asked, capsys):
    """Origin, horizon, stride and count are taken together, and stand in the run."""
    _status, shown = told(
        capsys,
        *asked,
        "--origin",
        "2014-09-01",
        "--horizon",
        "20",
        "--stride",
        "40",
        "--origins",
        "3",
        "--json",
    )

    assert json.loads(shown.out)["design"] == {
        "origin": "2014-09-01",
        "horizon": 20,
        "stride": 40,
        "count": 3,
    }


def test_a_question_about_windows_from_the_command_line(asked, capsys):
    """Windows are asked about by month, and take no forecasters by name."""
    windows = [*asked[:6], "--question", "material-conflict"]
    status, shown = told(capsys, *windows, "--origins", "2", "--json")
    found = json.loads(shown.out)

    assert (status, found["question"]) == (0, "material-conflict")
    assert found["design"]["origins"] == ["2014-08-01", "2014-09-01"]
    assert told(capsys, *windows, "--split", "0.7")[0] == 2


def test_a_run_that_is_broken_off_ends_with_130_and_says_how_to_go_on(asked, capsys, monkeypatch, tmp_path):
    """Nothing is scored, and the next run of the same question is whole."""
    import os
    import signal
    from threading import Lock

    true, once = backtest_acts.told_by, Lock()

    def interrupting(*given):
        if once.acquire(blocking=False):  # forecasters run side by side; one Ctrl-C is meant
            os.kill(os.getpid(), signal.SIGINT)
        return true(*given)

    monkeypatch.setattr(backtest_acts, "told_by", interrupting)
    status, shown = told(capsys, *asked)
    assert (status, "goes on from here" in shown.out) == (130, True)
    assert not list((tmp_path / "runs").glob("*.json"))
    monkeypatch.setattr(backtest_acts, "told_by", true)
    assert told(capsys, *asked)[0] == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--split", "1.5"], "between 0 and 1"),
        (["--split", "0.8", "--origin", "2014-09-01"], "not both"),
        (["--origin", "soon", "--horizon", "9"], "soon"),
        (["--origin", "2014-09-01"], "--horizon"),
        (["--origin", "2014-09-01", "--horizon", "30", "--origins", "37"], "fewer origins"),
        (["--models", "oracle"], "oracle"),
        (["--question", "weather"], "no question"),
        (["--store", "x.duckdb"], "or a store"),
    ],
)
def test_errors_are_one_sentence(asked, capsys, more, words):
    """A wrong question gets its sentence on standard error, status 2, and nothing on standard output."""
    status, shown = told(capsys, *asked, *more)

    assert (status, shown.out) == (2, "")
    assert words in shown.err
    assert "Traceback" not in shown.err


def test_an_unknown_run_is_a_sentence(asked, capsys):
    """Status 1, and where was looked; as JSON in the form of all errors."""
    status, shown = told(capsys, "backtest", "show", "abc")
    assert (status, "no run abc" in shown.err) == (1, True)
    status, shown = told(capsys, "backtest", "show", "abc", "--json")
    assert json.loads(shown.out)["ok"] is False
    status, shown = told(capsys, "backtest", "list")
    assert "No run is kept yet" in shown.out
