"""The page "plan": the question in the address, a run that can be watched and stopped, what it came to."""

import json
import re
import threading
from dataclasses import fields, replace
from datetime import date
from urllib.parse import urlencode

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from goodoffices.cases.canonical import case_hash
from goodoffices.compute.engines import engine
from goodoffices.domain.plans import PLAN_DRAWS
from goodoffices.web.app import create_app
from goodoffices.web.lanes import lanes
from goodoffices.web.pages.plan import PlanContext
from goodoffices.web.settings import Settings
from goodoffices.workbench import Workbench, asking, planning, shelf
from goodoffices.workbench.desk import Desk, Ref
from goodoffices.workbench.results import Results
from tests.web.conftest import HERE

DAY = "2004-03-01"
SMALL = {"moves": ["phasing", "verification"], "longest": 1, "rollouts": PLAN_DRAWS, "look_for_flips": False}
ASKED = {"at": DAY, "moves": "phasing,verification", "longest": 1, "rollouts": PLAN_DRAWS, "flips": "0"}
ADDRESS = f"/own/mine/plan?{urlencode(ASKED)}"
BOUNDS = ("text", "moves", "objective", "horizon", "budget", "longest", "rollouts", "look_for_flips", "trace")
PLAN = Workbench.plan
MINE = Ref(shelf="own", name="mine")


@pytest.fixture
def desk(desk, tmp_path):
    """The desk, with nothing kept outside the test."""
    return Desk(desk.folder, data=tmp_path / "data", cache=tmp_path / "cache")


@pytest.fixture(autouse=True)
def quick(monkeypatch, known):
    """Few histories need no compiling; what was asked before in this file is not computed again."""

    def plan(bench, case, at=None, *, tick=lambda *_told: None, **given):
        asked = {name: given.get(name) for name in planning.Question.__dataclass_fields__ if name in BOUNDS}
        key = json.dumps([case_hash(bench._case(case), date.fromisoformat(str(at))), asked], default=str)
        if key not in known:
            known[key] = PLAN(bench, case, at, tick=tick, **given)
        tick(len(known[key].plans), "phasing")
        return known[key]

    monkeypatch.setattr(planning, "engine", lambda *_where: engine("numpy"))
    monkeypatch.setattr(Workbench, "plan", plan)


@pytest.fixture(scope="module")
def known():
    return {}


def ask(client, at=DAY, **changed):
    """Ask for plans, wait until the run is over, and give where its ranking is."""
    answer = client.post(f"/api/v1/own/mine/plans?at={at}", json={**SMALL, **changed})
    assert answer.status_code == 202, answer.text
    told = answer.json()
    if not told["job"]["over"]:
        client.get(told["events"])  # ends when the run is over
    return told["result"]


def kept(tmp_path):
    return [path for name in ("data", "cache") for path in (tmp_path / name).rglob("*") if path.is_file()]


def test_a_ranking_has_the_numbers_of_the_command_line(client, desk):
    found = client.get(ask(client)).json()

    wanted = PLAN(Workbench(), desk.folder / "mine", DAY, **SMALL)
    assert found == wanted.to_dict()


def test_the_page_offers_every_move_that_can_be_made_on_a_lane_of_months(client, desk):
    page = client.get(f"/own/mine/plan?at={DAY}").text

    moves = desk.bench.offers(desk.opened(MINE).case(), DAY).moves
    offered = re.findall(r'name="move" value="(\w+)" (checked)?', page)
    assert sorted(offered) == sorted((move.id, "checked") for move in moves if move.fits)
    for move in moves:
        assert move.label in page
    assert "Month 1" in page
    assert "may go wrong" in page
    assert "must agree" in page
    assert "Nothing has been ranked for this question yet" in page


def test_the_form_puts_the_whole_question_into_the_address_and_starts_its_run(client):
    form = {
        "board": "1",
        "move": ["phasing", "verification"],
        "text": "",
        "rollouts": PLAN_DRAWS,
        "longest": 1,
    }
    answer = client.post(f"/own/mine/do/plan?at={DAY}", data=form, follow_redirects=False)

    there = answer.headers["location"]
    shown = client.get(there).text
    assert answer.status_code == 303
    assert all(
        part in there
        for part in ("moves=phasing%2Cverification", "longest=1", f"rollouts={PLAN_DRAWS}", "flips=0")
    )
    events = re.search(r'data-events="([^"]+)"', shown)
    if events:  # else it is done already
        client.get(events[1])
    page = client.get(there).text
    assert 'id="run"' not in page
    assert "for ranking only" in page
    assert "Agreement in force over time" in page


def test_events_tell_of_a_run_until_it_is_over(client):
    told = client.post(f"/api/v1/own/mine/plans?at={DAY}", json=SMALL).json()
    answer = client.get(told["events"])

    events = [json.loads(data) for data in re.findall(r"^data: (.*)$", answer.text, re.MULTILINE)]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [event["over"] for event in events] == [False] * (len(events) - 1) + [True]
    assert events[-1]["state"] == "done"
    assert client.get(f"/api/v1/jobs/{told['job']['id']}").json()["job"] == events[-1]


def test_a_ranking_is_shown_again_by_a_server_that_was_started_anew(client, desk):
    where = ask(client)
    again = TestClient(
        create_app(Desk(desk.folder, data=desk.data, cache=desk.cache), Settings()), base_url=HERE
    )

    assert again.get(where).text == client.get(where).text
    assert "Agreement in force over time" in again.get(ADDRESS).text


def test_a_run_that_is_stopped_leaves_the_ranking_so_far_and_can_go_on(client, desk, monkeypatch):
    """Where it goes on it comes to what it would have come to."""
    real, seen = PLAN, threading.Event()

    def stopped(bench, *where, tick, stop, **given):
        def halt():
            return seen.is_set() or stop()

        return real(bench, *where, tick=lambda n, name: (tick(n, name), seen.set()), stop=halt, **given)

    monkeypatch.setattr(Workbench, "plan", stopped)
    where = ask(client, longest=2)
    partial = client.get(where).json()
    page = client.get(ADDRESS.replace("longest=1", "longest=2")).text
    monkeypatch.setattr(Workbench, "plan", real)
    whole = client.get(ask(client, longest=2)).json()

    assert partial["partial"]
    assert not whole["partial"]
    assert "It was interrupted: this is the ranking so far." in page
    assert "Go on from here" in page
    assert whole == PLAN(Workbench(), desk.folder / "mine", DAY, **{**SMALL, "longest": 2}).to_dict()


def test_a_run_can_be_stopped_from_the_page_and_as_data(client, monkeypatch):
    begun = threading.Event()

    def plan(_bench, *_where, stop, **_given):
        begun.set()
        while not stop():
            pass
        raise KeyboardInterrupt

    monkeypatch.setattr(Workbench, "plan", plan)
    for stop in ("page", "data"):
        told = client.post(f"/api/v1/own/mine/plans?at={DAY}", json=SMALL).json()
        assert begun.wait(10)
        if stop == "page":
            form = {"job": told["job"]["id"], **ASKED}
            answer = client.post(f"/own/mine/do/plan-stop?at={DAY}", data=form, follow_redirects=False)
            assert (
                answer.headers["location"]
                == f"/own/mine/plan?at={DAY}&longest=1&rollouts=24&moves=phasing%2Cverification&flips=0"
            )
        else:
            assert client.delete(f"/api/v1/jobs/{told['job']['id']}").json()["job"]["state"] in (
                "stopping",
                "stopped",
            )
        client.get(told["events"])
        begun.clear()

    assert "It was stopped before anything was known." in client.get(ADDRESS).text
    assert client.get(told["result"]).status_code == 404


def test_one_history_is_told_as_the_command_line_tells_it(client, desk):
    ask(client)
    wanted = PLAN(Workbench(), desk.folder / "mine", DAY, **SMALL, trace=3).trace

    told = client.get(f"/api/v1/own/mine/pages/plan?{urlencode({**ASKED, 'trace': 3})}").json()["context"][
        "told"
    ]
    again = [
        f"month {month}: {some['says']}"
        for some in told["months"]
        for month in range(some["first"], some["last"] + 1)
    ]
    assert (told["heading"], *again) == wanted
    assert "It is no forecast." in client.get(f"{ADDRESS}&trace=3").text


@pytest.mark.parametrize(("more", "status"), [("trace=24", 422), ("trace=x", 422), ("trace=0&plan=99", 404)])
def test_a_history_that_there_is_not_is_refused_in_a_sentence(client, more, status):
    ask(client)

    assert client.get(f"{ADDRESS}&{more}").status_code == status


def test_a_changed_case_is_asked_anew_and_taking_the_change_back_finds_the_ranking(client, desk):
    ask(client)
    opened = desk.opened(MINE)
    fact = opened.case().facts[0].id

    opened.change(desk.bench.changes([{"id": "n1", "op": "switch_off_fact", "target": fact}]))
    changed = client.get(ADDRESS).text
    opened.undo()

    assert "Nothing has been ranked" in changed
    assert "Nothing has been ranked" not in client.get(ADDRESS).text


def test_of_an_encrypted_case_nothing_is_written_but_its_ranking_is_shown_until_it_is_closed(
    client, desk, tmp_path, monkeypatch
):
    pytest.importorskip("cryptography")
    during = []

    def watched(bench, *where, tick, **given):
        return PLAN(
            bench, *where, tick=lambda n, name: (tick(n, name), during.append(kept(tmp_path))), **given
        )

    monkeypatch.setattr(shelf, "EVERY", 0.0)
    monkeypatch.setattr(Workbench, "plan", watched)
    desk.lock(MINE, "four quiet words here")
    desk.unlock(MINE, "four quiet words here")
    ask(client)

    shown = client.get(ADDRESS).text
    desk.lock(MINE)
    desk.unlock(MINE, "four quiet words here")
    assert "Agreement in force over time" in shown
    assert "Nothing has been ranked" in client.get(ADDRESS).text
    assert kept(tmp_path) == []
    assert during
    assert not any(during)


def test_what_is_purged_is_gone_from_rankings_and_a_run_under_way_does_not_bring_it_back(
    client, desk, tmp_path, monkeypatch
):
    ask(client)
    real, fact = Workbench.plan, desk.opened(MINE).case().facts[0].id

    def purged(bench, *where, **given):
        found = real(bench, *where, **given)
        desk.purge(MINE, "fact", fact)
        return found

    monkeypatch.setattr(Workbench, "plan", purged)
    assert len(kept(tmp_path)) == 1
    where = ask(client, budget=3)

    assert kept(tmp_path) == []
    assert client.get(where).status_code == 404


@pytest.mark.parametrize("at", ["2001-02-01", "1999-01-01"])
def test_on_a_day_without_an_open_text_the_page_leads_to_one_that_has_one(client, at):
    page = client.get(f"/own/mine/plan?at={at}").text

    there = re.search(r'class="button main" href="([^"]+)"', page)
    assert "A plan needs a text that is on the table and not signed yet." in page
    assert 'name="move"' in client.get(there[1]).text


@pytest.mark.parametrize(
    "asked",
    [
        "rollouts=23",
        "rollouts=9999999",
        "horizon=0",
        "longest=7",
        "budget=-1",
        "objective=x",
        "moves=x",
        "horizon=a",
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(client, asked):
    answer = client.get(f"/own/mine/plan?at={DAY}&{asked}")

    assert answer.status_code == 422
    assert 'class="fault"' in answer.text


@pytest.mark.parametrize(
    ("path", "wrong", "status"),
    [
        ("/api/v1/own/mine/plans", {"rollouts": 1}, 422),
        ("/api/v1/own/mine/plans", {"moves": ["x"]}, 422),
        ("/api/v1/own/mine/plans", {"unknown": 1}, 422),
        ("/api/v1/own/none/plans", {}, 404),
        ("/api/v1/elsewhere/mine/plans", {}, 404),
        ("/api/v1/own/mine/plans?as=nobody", {}, 404),
        ("/api/v1/own/mine/plans?at=1999-01-01", {}, 422),
    ],
)
def test_the_api_refuses_with_its_one_form(client, path, wrong, status):
    answer = client.post(path, json=wrong)

    assert answer.status_code == status
    assert answer.json()["ok"] is False
    assert answer.json()["error"]


def test_no_move_chosen_is_said(client):
    answer = client.post(f"/own/mine/do/plan?at={DAY}", data={"board": "1"})

    assert answer.status_code == 422
    assert "tick at least one" in answer.text


def test_runs_are_limited_in_number(desk):
    client = TestClient(create_app(desk, Settings(rate=1)), base_url=HERE, headers={"Origin": HERE})
    ask(client)

    assert client.post(f"/api/v1/own/mine/plans?at={DAY}", json=SMALL).status_code == 429


def test_runs_and_rankings_that_there_are_not(client):
    for path in (
        "/api/v1/jobs/x",
        "/api/v1/jobs/x/events",
        "/api/v1/own/mine/plans/x",
        "/api/v1/own/mine/plans/..%2Fx",
    ):
        assert client.get(path).status_code == 404
    assert client.delete("/api/v1/jobs/x").status_code == 404


def test_the_world_of_one_decision_maker_is_another_question(client, desk):
    opened = desk.opened(MINE)
    who = opened.case().decision_makers[0].id
    planner = asking.Planner(desk, MINE, opened.case().end)
    his = asking.Planner(desk, MINE, opened.case().end, seen_by=who)

    settled = planner.settled(asking.Asked())
    assert planner.key(settled) != his.key(settled)
    assert "Ranked in the world of" in client.get(f"/own/mine/plan?at={DAY}&as={who}").text


def test_the_context_is_plain_data_and_every_field_of_it_is_documented(client):
    ask(client)
    context = client.get(f"/api/v1/own/mine/pages/plan?{urlencode(ASKED)}").json()["context"]

    named = {field.name for field in fields(PlanContext)}
    documented = re.findall(r"^    (\w[\w, ]*)$", PlanContext.__doc__, re.MULTILINE)
    assert set(context) == named
    assert named <= {name.strip() for line in documented for name in line.split(",")}


def test_while_the_day_is_dragged_nothing_is_computed(client, monkeypatch):
    monkeypatch.setattr(Workbench, "offers", lambda *_given, **_more: pytest.fail("computed"))

    assert "Let go of the day" in client.get(f"/own/mine/plan?at={DAY}&draws=200").text


def test_a_lane_runs_from_where_a_move_is_begun_to_where_it_takes_effect(client, desk):
    from goodoffices.report.page import plans

    ranking = Workbench().plan(desk.folder / "mine", DAY, **{**SMALL, "longest": 2})
    drawn = lanes(plans(ranking).rows, {"phasing": 1, "verification": 3})

    for lane in drawn.lanes:
        for bar in lane.bars:
            assert bar.month - bar.begun == (3 if "Verification" in bar.label else 1)
            assert 0 <= bar.start < bar.end <= drawn.width
    months = [month for _x, month in drawn.ticks]
    assert months[-1] >= max(bar.month for lane in drawn.lanes for bar in lane.bars)


def test_a_damaged_file_counts_as_no_ranking_and_the_oldest_go(tmp_path, desk, monkeypatch):
    ranking = Workbench().plan(desk.folder / "mine", DAY, **SMALL)
    results = Results(tmp_path / "kept", {})
    monkeypatch.setattr("goodoffices.workbench.results.MOST", 2)
    keys = [f"{number:032x}" for number in range(3)]

    for key in keys:
        results.keep(key, ranking)
    (tmp_path / "kept" / f"{keys[2]}.json").write_text('{"ok": true', encoding="utf-8")

    assert results.find(keys[0]) is None, "the oldest is gone"
    assert results.find(keys[1]) == replace(ranking)
    assert results.find(keys[2]) is None, "cut off in the middle"
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0
