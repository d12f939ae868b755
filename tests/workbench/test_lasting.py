"""From a file of agreements to scores, a page and JSON."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from goodoffices.cli.backtest import app
from goodoffices.conduct.agreements import NEEDED, durations
from goodoffices.core import survival
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.report.lasting import drawn, lasting_page
from goodoffices.workbench import lasting
from goodoffices.workbench.runs import Runs
from tests.conduct.made import many, write

UCDP = Path(__file__).parents[3] / "shared" / "data" / "agreements" / "ucdp-peace-agreements-221.csv"
# Share that ended by .5, 1, 2, 5 and 10 years, and agreements used: the published table of the design.
TABLE = {
    "all": (368, [0.15, 0.21, 0.26, 0.32, 0.35]),
    "full": (77, [0.13, 0.17, 0.18, 0.21, 0.21]),
    "partial": (207, [0.13, 0.20, 0.26, 0.31, 0.37]),
    "process": (84, [0.23, 0.26, 0.35, 0.43, 0.45]),
}


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("made") / "made.csv", many(conflicts=6, classes=0.5))


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Runs:
    return Runs(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def found(file, runs):
    return lasting.durability(file, draws=60, runs=runs)


def test_result_holds_all_that_is_asked(found):
    """Classes with censoring, five forecasts with four figures each, coefficients, hash and outcome."""
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))

    assert told["counts"]["ended"] + told["counts"]["blank"] == told["counts"]["used"] == 36
    assert [one["name"] for one in told["classes"]] == ["all", "full", "partial", "process"]
    assert all(one["ended"] + one["censored"] == one["n"] for one in told["classes"])
    assert len(told["scores"]) == 5
    assert set(told["scores"][0]["figures"]) == {
        "brier_1_year",
        "brier_2_years",
        "brier_5_years",
        "concordance",
    }
    assert "not effects" in told["associations_are"]
    assert "serious armed violation" in told["outcome"]
    assert len(told["sha256"]) == 64


def test_no_score_without_a_run(found, runs):
    """The figures are kept under the id that they carry, with the forecasts that they are of."""
    kept = runs.get(found.run)
    arrays = runs.arrays(found.run)

    assert kept["sort"] == "durability"
    assert (kept["data"], kept["name"], kept["asked"]) == (found.sha256, "made.csv", 36)
    assert kept["scores"] == json.loads(json.dumps(found.to_dict()["scores"]))
    assert kept["method"] == found.method
    for one in found.scores:
        forecast = arrays[f"share {one.forecaster}"][:, 2]
        again = survival.brier(arrays["years"], arrays["ended"], 5.0, forecast)
        assert again == pytest.approx(one.figures["brier_5_years"].value)


def test_same_file_same_figures(file, found, runs):
    """Drawn by keys: nothing hangs on chance or on what ran before; another seed moves the intervals only."""
    again, other = (lasting.durability(file, draws=60, seed=seed, runs=runs) for seed in (1, 2))

    assert replace(again, run=found.run, at=found.at) == found
    for one, moved in zip(found.scores, other.scores, strict=True):
        for name, spread in one.figures.items():
            assert moved.figures[name].value == spread.value
    assert other.scores != found.scores


def scored(found, less):
    """The result, with one difference of the last forecast put in by hand."""
    last = found.scores[-1]
    none = {name: replace(spread, value=0.0, lo=-1.0, hi=1.0) for name, spread in last.less.items()}
    name, lo, hi = less
    changed = replace(last, less=none | {name: replace(none[name], lo=lo, hi=hi)})
    base = [replace(one, less=none) for one in found.scores[:-1]]
    return (*base, changed)


@pytest.mark.parametrize(
    ("less", "better"),
    [
        (("brier_1_year", -0.02, 0.01), False),
        (("brier_1_year", -0.02, -0.01), True),
        (("brier_1_year", 0.01, 0.02), False),
        (("concordance", 0.01, 0.02), True),
        (("concordance", -0.02, -0.01), False),
    ],
)
def test_the_sentence_says_whether_anything_beats_the_base_rate(found, less, better):
    """Lower Brier or higher concordance, and only where the interval of the difference leaves zero out."""
    said = lasting.sentence(scored(found, less))

    assert said.startswith("Nothing beats the base rate of the class") is not better
    assert ("Cox, class and provisions" in said) is better


def test_the_page_says_what_its_figures_are(found, tmp_path):
    """Labels, run, counts and the sentence; no script, nothing from elsewhere."""
    path = lasting.save_page(replace(found, run="r-made"), tmp_path / "page.html")
    text = path.read_text(encoding="utf-8")

    assert found.says in text
    assert text.count("r-made") >= 2
    assert "Associations under selection, not effects." in text
    assert "nothing recorded: censored, not a success" in text
    assert "serious armed violation" in text
    assert text.count("<svg") == 4
    assert "<script" not in text
    assert "http" not in text


def test_markup_in_the_name_of_a_file_is_shown_not_run(found):
    """A file may be called anything."""
    assert "<b>x" not in lasting_page(replace(found, file="<b>x.csv"))


def test_a_curve_is_drawn_where_its_figures_lie(found):
    """From the lower left, upwards; the band goes there and back."""
    shares = found.curves[0]
    picture = drawn(shares)
    xs, ys = np.array([point.split(",") for point in picture.line.split()], float).T

    assert (xs[0], ys[0]) == (0.0, 120.0)
    assert xs[-1] == 560.0
    assert ys[-1] == pytest.approx((1 - shares.share[-1].value) * 120, abs=0.05)
    assert (np.diff(ys) <= 0).all()
    assert len(picture.band.split()) == 2 * len(xs)


def bad(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", 'made.csv: no column "paid"; give the CSV of the UCDP Peace Agreement Dataset'),
        (b"a,b\n1,2\n", 'made.csv: no column "paid"'),
        (b"\xff\xfe\x00paid", "made.csv: no table of comma-separated text in UTF-8"),
        (
            (",".join(NEEDED) + "\n1,2\n").encode(),
            "made.csv, agreement 1 from the top: found 2 cells; the header has 38",
        ),
        ((",".join(NEEDED) + "\n").encode(), "made.csv: found 0 agreements"),
        (b'paid,"' + b"x" * 200_000 + b'"\n', "made.csv: no table of comma-separated text"),
    ],
)
def test_a_file_that_is_not_it_is_refused_in_one_sentence(tmp_path, data, said):
    """Empty, another table, no text, a short row, no rows, a cell without end."""
    with pytest.raises(UsageError) as refused:
        lasting.durability(bad(tmp_path, "made.csv", data))

    assert said in str(refused.value)


def test_no_file_a_folder_few_draws_and_a_strange_page_are_refused(tmp_path, file, found):
    """One sentence each."""
    with pytest.raises(NotFoundError, match="no file"):
        lasting.durability(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        lasting.durability(tmp_path)
    with pytest.raises(UsageError, match="give 20 or more"):
        lasting.durability(file, draws=3)
    with pytest.raises(UsageError, match=r"ends in \.html"):
        lasting.save_page(found, tmp_path / "page.pdf")
    with pytest.raises(UsageError, match="there is no folder"):
        lasting.save_page(found, tmp_path / "none" / "page.html")


def test_a_class_that_is_not_there_is_no_fault(tmp_path):
    """A file of one class only: its base rate is that of all."""
    rows = [cells | {"pa_type": "2"} for cells in many(conflicts=4)]
    found = lasting.durability(write(tmp_path / "one.csv", rows), draws=20, runs=Runs(tmp_path / "runs"))

    assert [one.name for one in found.classes] == ["all", "partial"]
    for name, less in found.scores[1].less.items():
        assert less.value == pytest.approx(0.0, abs=1e-12), name


def test_the_command(file, tmp_path, found):
    """Figures, the id of the run and the page; as JSON; and a bad place for the page is told at once."""
    runner, page = CliRunner(), tmp_path / "page.html"
    asked = ["durability", str(file), "--draws", "60", "--runs", str(tmp_path / "runs")]
    shown = runner.invoke(app, [*asked, "-o", str(page)])
    told = json.loads(runner.invoke(app, [*asked, "--json"]).output)
    refused = runner.invoke(app, [*asked, "-o", str(tmp_path / "page.pdf")])

    assert found.says in shown.output
    assert Runs(tmp_path / "runs").listed()[0]["id"] in shown.output
    assert page.exists()
    assert told["scores"] == json.loads(json.dumps(found.to_dict()["scores"]))
    assert Runs(tmp_path / "runs").get(told["run"])["sort"] == "durability"
    assert isinstance(refused.exception, UsageError)
    assert len(Runs(tmp_path / "runs").listed()) == 2


@pytest.mark.data
@pytest.mark.skipif(not UCDP.exists(), reason="the UCDP Peace Agreement Dataset is not beside the project")
def test_the_published_table_is_that_of_the_file():
    """Kaplan-Meier by class, to the two digits of the table; Lahore and Minsk II are coded as not ended."""
    rows, _sha256 = lasting.cells(UCDP)
    shares = {one.name: one for one in lasting.classes(durations(UCDP.name, rows), draws=20)}
    for name, (n, expected) in TABLE.items():
        assert shares[name].n == n
        assert [one.value for one in shares[name].share] == pytest.approx(expected, abs=0.0051)
    assert [cells["ended"] for cells in rows if cells["paid"] in ("1512", "1537")] == ["", ""]
