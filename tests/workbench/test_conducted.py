"""A case that asks for a forecast of conduct: shown apart from the reading, and weighed nowhere."""

import json
import shutil
from dataclasses import replace
from datetime import date

import pytest

from goodoffices.cases.library import library_folder
from goodoffices.conduct.acts import SAID
from goodoffices.domain.case import Conduct
from goodoffices.domain.readings import plain
from goodoffices.errors import CaseError, UsageError
from goodoffices.workbench import conducted
from goodoffices.workbench.bench import Workbench

DAY = "1977-11-25"
BENCH = Workbench()
ASKS = '\n[conduct]\nstore = "acts.duckdb"\nactors = { egypt = "EGY", israel = "ISR" }\n'


class Standing:
    """Stands in for what forecasts conduct, and notes what it was asked."""

    def __init__(self):
        self.asked = []

    def forecast_pair(self, store, truster, trustee, at, **given):
        self.asked.append((store.name, truster, trustee, at, given))
        if trustee == "SAU":
            raise UsageError("no act of SAU is known")
        return {"p": 0.62 if trustee == "EGY" else 0.35, "n": 40}


@pytest.fixture
def model(monkeypatch):
    made = Standing()
    monkeypatch.setattr(conducted, "_conducting", lambda: made)
    return made


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(library_folder("camp-david"), tmp_path / "mine")
    (tmp_path / "acts.duckdb").write_bytes(b"a store")
    return tmp_path / "mine"


@pytest.fixture
def case(folder):
    return BENCH.load_case(folder)


def _asking(case, folder, **given):
    near = (str(folder), str(folder.parent))
    told = {"store": "acts.duckdb", "actors": {"egypt": "EGY", "israel": "ISR"}, "near": near}
    return replace(
        case, conduct=Conduct(**{**told, "pairs": (("israel", "egypt"), ("egypt", "israel")), **given})
    )


def test_without_being_asked_for_no_forecast_enters(case, model):
    """A case without [conduct] has no such part, and no model is looked at."""
    assert "conduct" not in BENCH.read(case, DAY, draws=10, options=False).to_dict()
    assert model.asked == []


def test_both_readings_are_shown_and_the_curated_one_does_not_move(case, folder, model):
    """With a forecast beside it a reading is the same bit by bit, the hash of the case included."""
    before = BENCH.read(case, DAY, draws=20).to_dict()
    after = BENCH.read(_asking(case, folder), DAY, draws=20).to_dict()
    beside = after.pop("conduct")
    assert json.dumps(before) == json.dumps(after)
    assert beside["label"] == SAID
    assert [(row["truster"], row["trustee"], row["forecast"]["p"]) for row in beside["rows"]] == [
        ("israel", "egypt", 0.62),
        ("egypt", "israel", 0.35),
    ]


def test_the_model_is_asked_as_of_the_day_of_the_reading(case, folder, model):
    """Store, actors, day, and what else the case names are those of the case and of the reading."""
    (folder.parent / "fitted.json").write_text("{}")
    BENCH.read(_asking(case, folder, source="icews", model="fitted.json"), DAY, draws=5, options=False)
    given = {"source": "icews", "model": folder.parent / "fitted.json"}
    assert model.asked[0] == ("acts.duckdb", "ISR", "EGY", date(1977, 11, 25), given)


def test_a_pair_that_cannot_be_forecast_takes_none_of_the_others_away(case, folder, model):
    """Its sentence stands in its row; a store that is not there is one sentence in the part."""
    asks = _asking(case, folder, actors={"egypt": "SAU", "israel": "ISR"})
    rows = BENCH.read(asks, DAY, draws=5, options=False).conduct.rows
    assert [row.forecast.get("said", "") for row in rows] == ["no act of SAU is known", ""]
    gone = BENCH.read(_asking(case, folder, store="gone.duckdb"), DAY, draws=5, options=False)
    assert (gone.conduct.rows, "gone.duckdb" in gone.conduct.said) == ((), True)


def test_every_page_says_what_it_is_not(case, folder, model, capsys):
    """Report and screen hold the sentence, and the figures, beside the reading."""
    from goodoffices.cli import screen

    asks = _asking(case, folder)
    page = BENCH.report(asks, DAY, draws=10)
    screen.reading(BENCH.read(asks, DAY, draws=10, options=False))
    told = " ".join(capsys.readouterr().out.split())
    for text in (page, told):
        assert SAID in text
        assert "0.62" in text


def test_scrubbing_gives_what_reading_gives(case, folder, model):
    """A date that is dragged shows the same as a reading of that date."""
    asks, day = _asking(case, folder), date.fromisoformat(DAY)
    assert plain(BENCH.scrub(asks, draws=20).read(day)) == plain(
        BENCH.read(asks, day, draws=20, options=False)
    )


def test_a_case_file_asks_for_it(folder, model):
    """case.toml names store, model, actors and pairs; the store is found among the cases."""
    (folder / "case.toml").write_text(
        (folder / "case.toml").read_text() + ASKS + 'pairs = [["israel", "egypt"]]\n'
    )
    said = BENCH.read(folder, DAY, draws=5, options=False).conduct
    assert (said.said, len(said.rows), model.asked[0][1:3]) == ("", 1, ("ISR", "EGY"))


@pytest.mark.parametrize(
    ("asks", "words"),
    [
        ('store = "../x.duckdb"', "conduct.store"),
        ('store = "x.duckdb"\nmodel = "/etc/passwd"', "conduct.model"),
        ('store = "x.duckdb"\nactors = { atlantis = "ATL" }', "conduct.actors"),
        ('store = "x.duckdb"\npairs = [["egypt", "atlantis"]]', "conduct.pairs"),
        ('store = "x.duckdb"\nweight = 1', "conduct.weight"),
    ],
)
def test_what_does_not_fit_is_a_fault(folder, asks, words):
    """A path, an unknown party, or a weight, which a forecast of conduct never has: one sentence each."""
    (folder / "case.toml").write_text((folder / "case.toml").read_text() + f"\n[conduct]\n{asks}\n")
    with pytest.raises(CaseError, match=words):
        BENCH.load_case(folder)
