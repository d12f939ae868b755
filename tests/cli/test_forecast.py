"""The commands for registered forecasts: what they print, and the status they end with."""

import json
from pathlib import Path

import pytest

from goodoffices.cli.app import run

MADE = str(Path(__file__).resolve().parents[1] / "made")
ASKED = [
    "--question",
    "signed by 2004-06-30",
    "--by",
    "2004-06-30",
    "--resolves",
    "both announce it",
    "--at",
    "2003-08-01",
    "--draws",
    "20",
]


def cli(capsys, *arguments: str) -> tuple[int, str, str]:
    status = run(list(arguments))
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.fixture
def registered(tmp_path, capsys):
    given = ["--register", str(tmp_path / "r"), "-o", str(tmp_path / "one.json"), "--json"]
    status, out, _err = cli(capsys, "forecast", "register", MADE, *ASKED, "--expert", "0.3", *given)
    assert status == 0
    return json.loads(out), tmp_path / "r"


def test_a_forecast_goes_through_its_life(registered, capsys, tmp_path):
    """Registered (long after its deadline: hindsight), listed as due, resolved with scores, shown, checked."""
    made, folder = registered
    assert (made["ok"], made["standing"], made["due"]) == (True, "hindsight", True)
    assert json.loads((tmp_path / "one.json").read_text()) == made["forecast"]
    at = ["--register", str(folder)]
    status, out, _err = cli(capsys, "forecast", "resolve", made["id"], "--happened", "no", "--on", "2004-06-30",
                            "--source", "a page", *at, "--json")  # fmt: skip
    done = json.loads(out)
    assert status == 0
    assert done["scores"]["expert"]["brier"] == pytest.approx(0.09)
    status, out, _err = cli(capsys, "forecast", "list", *at, "--json")
    found = json.loads(out)
    assert (found["scores"]["hindsight"]["n"], found["head"]) == (1, done["resolutions"][0]["sha256"])
    assert "fewer than 5" in found["scores"]["hindsight"]["said"]
    status, out, _err = cli(capsys, "forecast", "check", *at, "--json")
    assert (status, json.loads(out)["entries"]) == (0, 2)


def test_what_is_shown_calls_the_figure_an_index(registered, capsys):
    """The screen gives figure, K and p*, the rule and the hash of the case, and calls it a model index."""
    made, folder = registered
    status, out, _err = cli(capsys, "forecast", "show", made["id"][:6], "--register", str(folder))
    assert status == 0
    for words in (
        "a model index",
        "K ",
        "p* ",
        "both announce it",
        made["forecast"]["stamps"]["case_hash"][:12],
    ):
        assert words in out


def test_refusals_have_their_status_and_one_sentence(registered, capsys, tmp_path):
    """Too few cases, a day that is none, a name that nothing has: status 2, 2 and 1; with --json one document."""
    _made, folder = registered
    at = ["--register", str(folder)]
    status, out, err = cli(capsys, "forecast", "calibrate", *at)
    assert (status, out) == (2, "")
    assert "0 of 30 dated cases" in err
    status, _out, err = cli(
        capsys, "forecast", "register", MADE, *ASKED[:2], "--by", "2004-13-01", *ASKED[4:], *at
    )
    assert (status, "2004-13-01" in err) == (2, True)
    status, out, _err = cli(capsys, "forecast", "show", "ffff", *at, "--json")
    assert (status, json.loads(out)["ok"]) == (1, False)
    status, _out, err = cli(capsys, "read", MADE, "--calibration", str(tmp_path / "none.json"))
    assert (status, "none.json" in err) == (1, True)
