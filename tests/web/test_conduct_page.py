"""The page "Conduct": runs with their ids, forecasts that add up, gaps as a run of their own, doors that hold."""

import json
import math
import re
import shutil
import threading
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("numba")

from fastapi.testclient import TestClient

from goodoffices.conduct.acts import SAID
from goodoffices.domain.backtests import ACCURACY, Run
from goodoffices.errors import ExtraMissing, NotFoundError, UsageError
from goodoffices.web.app import create_app
from goodoffices.web.pages.conduct import context
from goodoffices.web.settings import Settings
from goodoffices.web.state import View
from goodoffices.words import figure
from goodoffices.workbench import conduct_model, conduct_scores, gaps
from goodoffices.workbench import conduct_page as room
from goodoffices.workbench.conducting import acts_of
from goodoffices.workbench.feeds import import_events
from goodoffices.workbench.runs import VARIABLE, Runs
from tests.web.conftest import HERE
from tests.workbench.made_events import written

PAGE, DAY, STORE = "/own/mine/conduct", "2014-12-01", "acts.duckdb"
FEW = 11  # fits of a gap
PATIENCE = 60
ASKS = '\n[conduct]\nstore = "acts.duckdb"\nactors = {{ aster = "P03", birch = "P08" }}\n{more}'


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A store of made-up reports, and one run on it."""
    folder = tmp_path_factory.mktemp("kept")
    import_events("plain", [written(folder / "made.csv", 1500)], folder / STORE)
    conduct_scores.scored(
        acts_of(store=folder / STORE), conduct_model.shipped_recipe(), models="base-rate,last-act",
        runs=folder / "runs",
    )  # fmt: skip
    return folder


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No runs but those of the desk, and few fits."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(room, "FITS", FEW)


def lay(desk, kept, *, name=STORE):
    """Put the store into the folder of the cases."""
    shutil.copy(kept / STORE, desk.folder / name)
    if (kept / "acts.parts").is_dir():
        shutil.copytree(kept / "acts.parts", desk.folder / f"{Path(name).stem}.parts")


@pytest.fixture
def stored(desk, kept):
    lay(desk, kept)
    return desk.folder / STORE


@pytest.fixture
def run(desk, kept):
    """The run, among those of the desk."""
    shutil.copytree(kept / "runs", desk.data / "runs", dirs_exist_ok=True)
    [told] = Runs(desk.data / "runs").listed()
    return Run.from_dict(told)


def page(client, status=200, **asked):
    answer = client.get(PAGE, params={"at": "2003-02-01", **asked})
    assert answer.status_code == status, answer.text[:800]
    return unescape(answer.text)


def seen(desk, **more):
    return context(desk, View(shelf="own", name="mine", page="conduct", at=date(2003, 2, 1), more=more))


def part(text, name):
    """What stands between one heading of the page and the next."""
    start = text.index(f'id="{name}"')
    return text[start : text.find("<h2", start)]


def listed(client, **asked):
    """Ask for a list of gaps as the page does, wait until its run is over, and give the page."""
    answer = client.post("/own/mine/do/gap", params={"at": "2003-02-01"}, data={"store": STORE, **asked})
    assert answer.status_code == 200, answer.text[:800]
    events = re.search(r'data-events="([^"]+)"', answer.text)
    if events:
        client.get(events[1])
    return unescape(client.get(answer.url).text)


# -- runs ---------------------------------------------------------------------------------------------


def test_with_nothing_the_page_says_what_to_do(client):
    """No store and no run: two commands that make them, the sentence on forecasts, and no figure."""
    text = page(client)

    assert "goodoffices import plain reports.csv --store events.duckdb" in text
    assert "goodoffices conduct score --store events.duckdb" in part(text, "runs")
    assert SAID[1:] in text
    assert "<td" not in text


def test_each_run_stands_with_its_id_beside_its_figures(client, run):
    """Model, best of the others, base rate, calibration error and that of a perfect forecaster, in one row."""
    row = re.search(rf"<tr>(?:(?!</tr>).)*{run.id}.*?</tr>", part(page(client), "runs"), re.DOTALL)[0]
    own, base = run.result("conduct").scores, run.result("base-rate").scores
    best = min((one for one in run.results if one.model != "conduct"), key=lambda one: one.scores.log_loss)

    shown = re.findall(r'<td class="n">([\d.]+)', row)
    assert shown[1:] == [
        *(figure(x, 3) for x in (own.log_loss, best.scores.log_loss, base.log_loss)),
        *(figure(x, 4) for x in (own.ece, own.ece_perfect)),
    ]
    assert best.model in row
    assert f"run={run.id}" in row
    assert ACCURACY[1:] in page(client)


def test_every_table_with_figures_of_accuracy_has_an_id(client, run):
    """Of the list every row; of one run the page's heading and stamp."""
    for row in re.findall(r"<tr>.*?</tr>", part(page(client), "runs"), re.DOTALL)[1:]:
        assert re.search(r"run=[0-9a-f]{12}", row), row
    text = page(client, run=run.id)
    assert f"<h1>Run {run.id}" in text
    assert text.index(run.id) < text.index("log loss")


def test_a_run_has_a_diagram_and_a_table_for_each_forecaster(client, run):
    """Each diagram has a title and a description; the table beside it has every bin."""
    text = page(client, run=run.id[:5])

    assert SAID[1:] in text
    for number, one in enumerate(sorted(run.results, key=lambda one: one.scores.log_loss), 1):
        assert f'<title id="r{number}-t">Reliability of {one.model}</title><desc id="r{number}-d">' in text
        assert f'aria-labelledby="r{number}-t r{number}-d"' in text
        for point in one.reliability:
            assert f'{figure(point.forecast, 3)}</td><td class="n">{figure(point.happened, 3)}' in text


def test_what_is_no_run_is_a_sentence(client, desk, run):
    """An id that nobody has; a run that scores something else is named with its command, and no figure."""
    Runs(desk.data / "runs").keep(
        "durability", {"at": "2024-01-02T00:00:00", "name": "pa.csv", "scores": 0.1234}
    )
    [other] = Runs(desk.data / "runs").listed("durability")
    text = part(page(client), "runs")

    assert 'role="alert"' in page(client, 404, run="ffffffffffff")
    assert f"goodoffices backtest show {other['id']}" in text
    assert "0.12" not in text.partition("Runs that score something else")[2]
    assert "goodoffices backtest show prints it" in page(client, 422, run=other["id"])


def test_runs_lie_where_the_environment_says(desk, run, kept, tmp_path, monkeypatch):
    """As for the command line, a folder that the environment names goes before that of the desk."""
    assert [row.id for row in seen(desk).runs] == [run.id]
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))
    assert seen(desk).runs == []


def test_runs_are_data_too(client, run):
    """The API lists them, gives one whole with a tag, and refuses what is none."""
    told = client.get("/api/v1/runs").json()
    whole = client.get(f"/api/v1/runs/{run.id}")
    again = client.get(f"/api/v1/runs/{run.id}", headers={"If-None-Match": whole.headers["etag"]})

    assert [row["id"] for row in told["runs"]] == [run.id]
    assert Run.from_dict(whole.json()) == run
    assert (again.status_code, again.text) == (304, "")
    assert client.get("/api/v1/runs/nothing").status_code == 404


# -- stores -------------------------------------------------------------------------------------------


def test_only_stores_of_the_folder_are_found(client, desk, stored, kept, tmp_path):
    """What leads out of the folder, hides or is not listed cannot be asked for."""
    (desk.folder / "out.duckdb").symlink_to(kept / STORE)
    shutil.copy(kept / STORE, desk.folder / ".hidden.duckdb")

    assert [one.name for one in seen(desk).stores] == [STORE]
    for name in ("out.duckdb", ".hidden.duckdb", f"../cases/{STORE}", str(kept / STORE)):
        assert "there is no store" in page(client, 404, store=name)


def test_a_store_that_the_case_names_comes_first_with_its_pairs(client, desk, stored, kept):
    """Its pairs are links under the names of the parties; one that is not there says so in a sentence."""
    lay(desk, kept, name="a-first.duckdb")
    path = desk.folder / "mine" / "case.toml"
    path.write_text(path.read_text(encoding="utf-8") + ASKS.format(more=""), encoding="utf-8")
    shown = seen(desk)
    names = {party.name for party in desk.opened(View(shelf="own", name="mine", page="").ref).case().parties}

    assert [(one.name, one.asks) for one in shown.stores] == [(STORE, "conduct"), ("a-first.duckdb", "")]
    assert shown.store == STORE
    assert {(one.actor, one.target) for one in shown.pairs} == {("P03", "P08"), ("P08", "P03")}
    assert {one.one for one in shown.pairs} <= names
    stored.unlink()
    assert "lies neither beside the case nor in the folder" in page(client, store=STORE)


def test_a_file_that_is_no_store_is_a_sentence_without_its_place(client, desk):
    """The page is there; where the file lies is not told."""
    (desk.folder / "junk.duckdb").write_bytes(b"nothing of the sort" * 100)
    text = page(client)

    assert 'role="alert"' in text
    assert "junk.duckdb: this is not a store" in text
    assert str(desk.folder) not in text


def test_without_the_extra_runs_are_shown_all_the_same(client, run, stored, monkeypatch):
    """What has to be installed for stores is one sentence."""

    def missing(*_given):
        raise ExtraMissing("events", "a store of event data")

    monkeypatch.setattr(room, "_spans", missing)
    text = page(client)

    assert "goodoffices[events]" in text
    assert run.id in part(text, "runs")


# -- forecasts ----------------------------------------------------------------------------------------


def test_the_parts_of_a_forecast_add_up_to_its_chance(desk, stored):
    """Base and parts make the log-odds; figures are those of the command line for the same day."""
    shown = seen(desk, actor="P03", target="P08", on=DAY).forecast
    told = conduct_model.forecast_pair(stored, "P08", "P03", date.fromisoformat(DAY))

    assert shown.base + sum(add for _name, _says, add in shown.parts) == shown.total
    assert shown.total == pytest.approx(math.log(shown.p / (1 - shown.p)), abs=1e-12)
    assert {name: add for name, _says, add in shown.parts} == told["why"]
    assert (shown.p, shown.lo, shown.hi) == (told["p"], told["lo"], told["hi"])
    assert shown.fall.steps[0].label == "base"


def test_the_page_of_a_forecast_says_what_it_is_and_why(client, stored):
    """The sentence, the chance with its interval, every part in the drawing and in the table, the other way."""
    text = page(client, actor="P03", target="P08", on=DAY)
    forecast = text[text.index('id="forecast"') : text.index("</section>", text.index('id="forecast"'))]

    assert SAID[1:] in text
    assert SAID[1:] in forecast
    assert "<svg" in forecast
    assert "<desc" in forecast
    for name, says in [("pair", "how the two have behaved"), ("everybody", "how everybody behaves")]:
        assert f"{name} <span" in forecast
        assert says in forecast
    assert "actor=P08&target=P03" in forecast


def test_what_comes_later_moves_no_forecast(desk, kept):
    """With all reports from a day on taken away the forecast of that day is the same."""
    day = date.fromisoformat(DAY)
    lay(desk, kept)
    rows = (kept / "made.csv").read_text(encoding="utf-8").splitlines()
    column = rows[0].split(",").index("known_on")
    some = desk.folder / "some.csv"
    some.write_text(
        "\n".join([rows[0], *(r for r in rows[1:] if r.split(",")[column] < DAY)]), encoding="utf-8"
    )
    import_events("plain", [some], desk.folder / "some.duckdb")
    asked = {"actor": "P03", "target": "P08", "on": str(day)}
    whole, cut = (seen(desk, store=name, **asked).forecast for name in (STORE, "some.duckdb"))

    assert whole.p == cut.p
    later = seen(desk, **{**asked, "on": str(day + timedelta(days=30))}).forecast
    assert later.p != whole.p


def test_a_name_that_nobody_has_is_a_sentence_with_names_like_it(client, desk, stored):
    """A pair that was never seen is forecast from the pool and says so; a party that is unknown is not."""
    text = page(client, actor="p3", target="P08", on=DAY)
    assert "No report in acts.duckdb names p3." in text
    near = seen(desk, actor="p03", target="P08", on=DAY).alike
    assert near[0] == ("P03", "P08")
    assert {target for _actor, target in near} == {"P08"}
    assert "Name both" in page(client, actor="P03", on=DAY)
    assert "Name two" in page(client, actor="P03", target="P03", on=DAY)
    parties = acts_of(store=stored).acts
    met = set(zip(parties.actor.tolist(), parties.target.tolist(), strict=True))
    names, many = parties.parties.names, len(parties.parties.names)
    one, two = next(
        (i, j) for i in range(many) for j in range(many) if i != j and (i, j) not in met and (j, i) not in met
    )
    assert "Pooled prior" in page(client, actor=names[one], target=names[two])


@pytest.mark.parametrize(
    ("on", "shown"),
    [("", "2015-02-05"), ("2014-05-06", "2014-05-06")],
)
def test_the_day_is_that_which_is_asked_else_one_that_can_be(desk, stored, on, shown):
    """A case that ended before the first report is not asked on its own day, but after the last report."""
    found = seen(desk, **({"on": on} if on else {}))

    assert (str(found.day), str(found.last)) == (shown, "2015-02-04")


def test_moving_the_day_leaves_the_pair_and_takes_its_day(desk, stored):
    """The timeline keeps store and pair in the address, and lets go of the day that was typed."""
    view = View(
        shelf="own",
        name="mine",
        page="conduct",
        more={"store": STORE, "actor": "P03", "target": "P08", "on": DAY},
    )

    assert view.url(at="2003-03-01") == f"{PAGE}?at=2003-03-01&store={STORE}&actor=P03&target=P08"


@pytest.mark.parametrize(
    "asked",
    [
        {"on": "tomorrow"},
        {"source": "nobody"},
        {"on": "0001-01-01"},
        {"on": "9999-12-31", "actor": "P03", "target": "P08"},
    ],
)
def test_what_cannot_be_asked_is_a_sentence(client, stored, asked):
    """A day that is none, a source that there is not, a day before the first report: never a mistake."""
    answer = client.get(PAGE, params=asked)

    assert answer.status_code in (200, 422)
    if "actor" not in asked:
        assert 'role="alert"' in answer.text


# -- gaps ---------------------------------------------------------------------------------------------


def test_the_list_of_gaps_is_made_by_a_run_and_shown(client, desk, stored):
    """It is that of the command line for the same day, the widest first, each row leads to its forecast."""
    before, text = page(client, on=DAY), listed(client, on=DAY)
    wanted = gaps.gap(stored, date.fromisoformat(DAY), draws=FEW - 1)

    assert "There is no list for 1 December 2014 yet" in before
    found = seen(desk, on=DAY)
    assert found.gap == wanted
    assert wanted.rows
    told = part(text, "gaps")
    assert "a disagreement of two models" in told
    assert "misplaced" not in told
    for row in wanted.rows:
        assert f"actor={row.actor}&target={row.target}#pair" in told
        assert figure(row.implied) in told
    for reason in wanted.left_out:
        assert reason in told


def test_a_party_is_found_in_the_list(client, desk, stored):
    """Only its pairs are shown; a name that fits none says so."""
    listed(client, on=DAY)
    name = seen(desk, on=DAY).rows[0].actor
    some = seen(desk, on=DAY, q=name.lower()).rows

    assert some
    assert all(name in (row.actor, row.target) for row in some)
    assert "No listed pair fits" in page(client, on=DAY, q="zzz")


def test_a_list_is_asked_for_and_given_as_data(client, stored):
    """The API gives the run first, then what `goodoffices gap --json` prints; no other key is known."""
    told = client.post("/api/v1/own/mine/gaps", json={"store": STORE, "at": DAY})
    events = client.get(told.json()["events"]).text
    found = client.get(told.json()["result"]).json()

    assert told.status_code == 202
    last = json.loads(re.findall(r"^data: (.*)$", events, re.MULTILINE)[-1])
    assert (last["state"], last["done"]) == ("done", FEW)
    assert found == json.loads(json.dumps(gaps.gap(stored, date.fromisoformat(DAY), draws=FEW - 1).to_dict()))
    assert (
        client.post("/api/v1/own/mine/gaps", json={"store": STORE, "at": DAY}).json()["job"]["state"]
        == "done"
    )
    assert client.get("/api/v1/own/mine/gaps/none").status_code == 404
    assert client.post("/api/v1/elsewhere/mine/gaps", json={}).status_code == 404


def test_a_list_is_stopped(client, desk, stored, monkeypatch):
    """Its run tells which fit it is at, ends before the next one, says so, and nothing is kept of it."""
    begun, free = threading.Event(), threading.Event()

    def slow(_one, watch):
        watch()
        begun.set()
        assert free.wait(PATIENCE)
        watch()
        pytest.fail("it went on")

    monkeypatch.setattr(room, "gap", slow)
    answer = client.post("/own/mine/do/gap", data={"store": STORE, "on": "2014-11-11"})
    job = re.search(r'name="job" value="(\w+)"', answer.text)[1]
    assert begun.wait(PATIENCE)
    told = client.get(f"/api/v1/jobs/{job}").json()["job"]["says"]
    stopping = client.post("/own/mine/do/gap-stop", data={"job": job, "store": STORE, "on": "2014-11-11"})
    free.set()
    client.get(f"/api/v1/jobs/{job}/events")

    assert told == f"Both models are fitted to one half of the pairs after the other: 1 of {FEW}"
    assert "Stopping, when the fit under way is done." in stopping.text
    assert "It was stopped before anything was known." in client.get(stopping.url).text
    assert seen(desk, on="2014-11-11").gap is None


def test_each_fit_is_told_and_what_is_raised_ends_the_work(stored):
    """One fit on all pairs and one on each half of them; the list itself is the same."""
    told = []
    day = date.fromisoformat(DAY)
    watched = gaps.gap(stored, day, draws=FEW - 1, watch=lambda: told.append(1))

    def enough():
        raise UsageError("enough")

    assert len(told) == FEW
    assert watched == gaps.gap(stored, day, draws=FEW - 1)
    with pytest.raises(UsageError, match="enough"):
        gaps.gap(stored, day, draws=FEW - 1, watch=enough)


def test_a_list_is_made_anew_when_the_store_has_grown(client, desk, stored):
    """Its name hangs on the file, the source and the day."""
    before = seen(desk, on=DAY).key
    listed(client, on=DAY)
    more = desk.folder / "more.csv"
    more.write_text("happened_on,actor,target,code\n2014-11-30,P03,P08,112\n", encoding="utf-8")
    import_events("plain", [more], stored)
    after = seen(desk, on=DAY)

    assert after.key != before
    assert after.gap is None
    assert len({before, after.key, seen(desk, on="2014-12-02").key}) == 3


def test_without_a_store_nothing_is_started(client):
    """A form that names none is answered in a sentence."""
    answer = client.post("/own/mine/do/gap", data={})

    assert answer.status_code == 404
    assert "goodoffices import makes one" in answer.text


def test_a_reader_looks_and_starts_nothing(desk, run, stored):
    """Runs and forecasts are shown to a reader; a list of gaps is for those who may work."""
    app = create_app(desk, Settings(trusted_proxy="10.0.0.9"))
    who = {"X-Forwarded-User": "rea", "X-Forwarded-Role": "reader", "Origin": HERE}
    with TestClient(app, base_url=HERE, headers=who, client=("10.0.0.9", 1)) as client:
        text = client.get(PAGE, params={"actor": "P03", "target": "P08", "on": DAY})
        asked = client.post("/own/mine/do/gap", data={"store": STORE})
        data = client.post("/api/v1/own/mine/gaps", json={"store": STORE})

    assert text.status_code == 200
    assert run.id in text.text
    assert 'id="forecast"' in text.text
    assert (asked.status_code, data.status_code) == (403, 403)


def test_while_the_day_is_dragged_nothing_is_read(client, stored, monkeypatch):
    """A preview of the page looks at no store and at no run."""
    monkeypatch.setattr(room, "stores_of", lambda *_given: pytest.fail("a store was looked at"))
    monkeypatch.setattr(room, "runs_of", lambda *_given: pytest.fail("runs were read"))

    assert "Let go of the day" in page(client, draws=200)


def test_a_world_sees_the_same_reports(client, desk, stored):
    """As seen by one decision-maker the page says that reports are open to all."""
    assert "open to all: in the world of" in page(client, **{"as": "anna"})
    assert "open to all: in the world of" not in page(client)


def test_foreseen_names_who_is_missing(desk, stored):
    """Of two that nobody knows the first is named; countries of the store count as well."""
    one = room.looked(
        room.stores_of(desk, desk.opened(View(shelf="own", name="mine", page="").ref).case())[0],
        "",
        None,
        date(2003, 2, 1),
    )

    with pytest.raises(NotFoundError, match="names nobody"):
        room.foreseen(one, "nobody", "P08")
