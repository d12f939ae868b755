"""Plans: what could be done, what it does in the simulation, and how surely one is better than another."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import goodoffices
from goodoffices.analysis.choices import choices
from goodoffices.analysis.effects import events
from goodoffices.analysis.plans import groups, pareto
from goodoffices.analysis.scenario import scenario
from goodoffices.cases.moves import moves
from goodoffices.cli.app import run as cli
from goodoffices.core import rollout
from goodoffices.domain.case import Change
from goodoffices.errors import UsageError
from goodoffices.workbench import Workbench
from tests.test_fairness import mirrored, swapped

__all__ = ["mirrored"]  # the fixture

MADE = str(Path(__file__).parents[1] / "made")
DAY = "2003-08-01"
FEW = ["summit_private", "gesture", "phasing", "bond", "verification", "prisoner_exchange", "meeting_without"]


def asked(case=MADE, draws=6):
    run = replace(Workbench()._run(case, DAY, 1, draws, None), ends=False)
    deal = list(run.deals.values())[-1]
    return run, deal


@pytest.fixture(scope="module")
def ranked():
    return goodoffices.plan(MADE, DAY, rollouts=96, moves=FEW)


def test_doing_nothing_is_always_listed(ranked):
    """Whatever is asked for, the plan without moves is compared; best first, groups in order."""
    idle = [plan for plan in ranked.plans if not plan.moves]

    assert len(idle) == 1
    assert idle[0].cost == {}
    assert [plan.group for plan in ranked.plans] == sorted(plan.group for plan in ranked.plans)
    assert all(plan.regret >= 0 for plan in ranked.plans)
    assert max(plan.p_best for plan in ranked.plans) > 0
    assert set(ranked.pareto) <= {plan.id for plan in ranked.plans}
    assert ranked.calibrated is False
    assert ranked.ranking_only is True


def test_what_ended_a_history_adds_up(ranked):
    """Each history of a plan ends in one state: the shares sum to one."""
    for plan in ranked.plans:
        assert sum(plan.ended_by.values()) == pytest.approx(1.0)
        assert plan.in_force_at.m60.median <= 1.0


def test_a_plan_is_the_same_alone_and_among_others(ranked):
    """Chances are keyed by what happens, not by which plans are compared."""
    alone = goodoffices.plan(MADE, DAY, rollouts=96, moves=["verification"])
    one = next(plan for plan in alone.plans if plan.id == "verification")
    other = next(plan for plan in ranked.plans if plan.id == "verification")

    assert (one.sign, one.in_force_at, one.ended_by) == (other.sign, other.in_force_at, other.ended_by)


def test_mirror(mirrored):
    """Swapping names, codes and ids of the two sides mirrors the ranking, bit for bit."""
    plain = goodoffices.plan(MADE, DAY, rollouts=48, moves=FEW).to_dict()
    other = goodoffices.plan(mirrored, DAY, rollouts=48, moves=FEW).to_dict()
    for found in (plain, other):
        found.pop("case_hash")

    texts = [json.dumps(found, default=str, ensure_ascii=False) for found in (plain, other)]
    assert texts[0] == swapped(texts[1])


def test_python_and_command_line_give_the_same(capsys, ranked):
    """`plan --json` prints what `goodoffices.plan(...)` gives."""
    status = cli(["plan", MADE, "--at", DAY, "--rollouts", "96", "--moves", ",".join(FEW), "--json"])

    assert status == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(ranked.to_dict(), default=str))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"moves": ["flattery"]}, "flattery"),
        ({"text": "peace"}, "peace"),
        ({"objective": "glory"}, "in_force_m60"),
        ({"rollouts": 3}, "at least 24"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_sentence(given, said):
    """Unknown moves, texts and objectives, and too few histories, are refused with what would be right."""
    with pytest.raises(UsageError, match=said):
        goodoffices.plan(MADE, DAY, **given)


def test_one_history_can_be_told_month_by_month():
    """The story ends where the history ended, says who left office, and is the same each time."""
    one = goodoffices.plan(MADE, DAY, rollouts=48, moves=["phasing"], trace=17)
    two = goodoffices.plan(MADE, DAY, rollouts=48, moves=["phasing"], trace=17)

    assert one.trace == two.trace
    assert "history 17" in one.trace[0]
    assert one.trace[1].startswith("month 1: ")
    assert len(one.trace) > 10
    states = [line[line.index("[") :] for line in one.trace if "[" in line]
    assert len(states) == len([s for s, before in zip(states, ["", *states], strict=False) if s != before])
    with pytest.raises(UsageError, match="0 to 47"):
        goodoffices.plan(MADE, DAY, rollouts=48, trace=48)


def test_a_gesture_above_the_senders_limit_is_refused():
    """Who has nothing to gain can afford no gesture; the reason gives its size and the limit."""
    run, deal = asked()
    fit, refused = choices(run, deal, {"gesture": moves()["gesture"]})
    rows = [s for s in run.encoded.case.stakes if s.quantity == "kept" and s.text == deal.text.id]
    value = {"word": "disaster", "low": "", "high": ""}
    poor = run.changed([Change(id=s.key, op="set_stake", target=s.key, value=value) for s in rows])
    none, all_refused = choices(poor, poor.deals[deal.text.id], {"gesture": moves()["gesture"]})

    assert (len(fit), refused) == (2, [])
    assert none == []
    assert all("limit 0.00" in one.reason for one in all_refused)
    assert len(all_refused) == 2


def test_nobody_bound_by_a_text_can_be_left_out_of_signing_it():
    """No move takes a bound party's consent away; a meeting without it is labelled, with a note."""
    run, deal = asked()
    found = scenario(run, deal.text.id)
    fit, _refused = choices(run, deal, moves())
    for choice in fit:
        for event in events(run, deal, choice, 1, 1):
            if event.terms is not None:
                assert event.terms.threshold.shape == found.terms.threshold.shape


@pytest.mark.parametrize("name", sorted(moves()))
def test_every_move_does_what_it_says(name):
    """Its events point at decision-makers of the text, in months that it takes, with finite sizes."""
    run, deal = asked()
    fit, _refused = choices(run, deal, {name: moves()[name]})
    many = len(deal.players)
    for choice in fit:
        made = events(run, deal, choice, 1, 2)
        assert name in {"nothing", "meeting_without"} or made
        for event in made:
            assert 1 <= event.month <= 60
            assert 0 <= event.truster < many
            assert 0 <= event.trustee < many
            assert event.kind in ("fact", "meeting", "terms", "put")
            assert np.all(np.isfinite(event.weight))
            assert np.all((event.consent > 0) & (event.consent <= 1))


def test_a_meeting_teaches_without_leaning():
    """Nothing exposed, and the other's type as likely as the observer believes: the mean stays, doubt grows."""
    run, deal = asked(draws=1)
    found = rollout.spread(scenario(run, deal.text.id), 60_000)
    i, j = (
        0,
        next(
            k for k, player in enumerate(deal.players) if player.office.party != deal.players[0].office.party
        ),
    )
    level = np.zeros_like(found.prior)
    quiet = found._replace(
        prior=level, stores=np.zeros_like(found.stores), flags=np.zeros_like(found.flags),
        truth=np.zeros_like(found.truth), truth_doubt=np.zeros_like(found.truth_doubt),
    )  # fmt: skip
    chances = rollout.Chances(3, 0, 60_000)
    spreads = []
    for size in (0.2, 0.5):
        history = rollout.begin(quiet, chances)
        event = rollout.Event("m", 1, "meeting", np.ones(1), truster=i, trustee=j, weight=size)
        rollout._act(quiet, history, rollout.beliefs(quiet, history), event, chances, 1)
        after = rollout.beliefs(quiet, history)[i, j, rollout.INTENTION]
        assert float(after.mean()) == pytest.approx(0.5, abs=0.005)
        spreads.append(float(after.var()))
    assert spreads[1] > spreads[0] > 0


def test_plans_that_differ_by_less_than_the_doubt_are_bracketed():
    """A sure difference starts a new group, an unsure one does not."""
    rng = np.linspace(0, 1, 24)
    best, near, far = rng + 0.30, rng + 0.25 + 0.3 * np.cos(20 * rng), rng

    assert groups([best, near, far]) == [1, 1, 2]
    assert groups([best, best, far, far]) == [1, 1, 2, 2]


def test_the_front_holds_what_nothing_beats():
    """Better on every count beats; better on one does not."""
    assert pareto([(1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (0.4, 0.4), (1.0, 0.0)]) == [0, 1, 2, 4]
