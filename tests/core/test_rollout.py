"""Histories run forward: the written model, closed forms, and what must never happen."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodoffices.core import durability, ledger
from goodoffices.core.follow import Day, Parameters, Push, begin, follow
from goodoffices.core.rollout import begin as start
from goodoffices.core.rollout import beliefs, month, run, tell
from goodoffices.core.stage import COLLAPSED, STATES, TALKS, TRANSITIONS, spread, spread_schedule
from tests.core.scenes import HALF, QUIET, SURE, Council, alike, bank, busy, chances, scenario

PAGE = Path(__file__).parents[2] / "docs" / "discussion" / "simulation.md"


def test_the_code_follows_the_written_model():
    """The transitions of the code are those of the page's table, in its order."""
    table = PAGE.read_text(encoding="utf-8").split("## Transitions")[1].split("## What it cannot show")[0]
    named = re.findall(r"^\| ([a-z_]+) \|", table, re.M)

    assert tuple(named[1:]) == TRANSITIONS  # after the heading


def test_every_transition_happens():
    """In a busy scenario none of the transitions is dead."""
    counts = run(busy(), 60, chances(1, 400)).counts.sum(axis=1)

    assert dict(zip(TRANSITIONS, counts > 0, strict=True)) == dict.fromkeys(TRANSITIONS, True)


def test_each_history_ends_in_exactly_one_state():
    """A status for each; signed before ended; what never was signed has no end."""
    done = run(busy(), 60, chances(2, 400))

    assert set(np.unique(done.status)) <= set(range(len(STATES)))
    ended = done.status == COLLAPSED
    assert np.array_equal(ended, done.ended_on >= 0)
    assert np.all(done.signed_on[ended] <= done.ended_on[ended])
    assert np.all((done.signed_on >= 0) == (done.status >= 2))


@pytest.mark.parametrize("multiplier", [0.59, 1.0, 1.55])
@pytest.mark.parametrize("years", [1, 5, 10])
def test_durations_agree_with_the_closed_form(multiplier, years):
    """No moves, facts or spoilers and learning frozen: F(T) of the keep index, within 4 standard errors."""
    capacity = float(np.log(0.6 / 0.4))
    made = scenario(capacity, rules=QUIET, multiplier=multiplier)
    size = 4000
    done = run(made, 12 * years, chances(3, size))

    assert np.all(done.signed_on == 1)
    trust = ledger.trust(np.array([capacity, SURE, SURE, SURE]), 0.0)
    kept = trust[0] * trust[1] * (1 - 0.6 * (1 - trust[2])) * (1 - 0.25 * (1 - trust[3]))
    expected = durability.failure(years, multiplier, kept, 0.6, 1.5, 0.0)
    found = float(np.mean(done.status == COLLAPSED))
    assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / size)
    measured = durability.failure(years, multiplier, 0.6, 0.6, 1.5, 0.0)
    assert abs(found - measured) < 0.05


def test_a_history_does_not_hang_on_its_neighbours():
    """History 40 of 100 is history 0 of those that begin at 40, however many are run beside it."""
    whole, part = run(busy(), 36, chances(4, 100)), run(busy(), 36, chances(4, 60, first=40))
    alone = run(busy(), 36, chances(4, 1, first=40))

    for name in ("stores", "truth", "noise", "status", "signed_on", "ended_on", "good", "counts"):
        assert np.array_equal(getattr(whole, name)[..., 40:], getattr(part, name)), name
        assert np.array_equal(getattr(whole, name)[..., 40:41], getattr(alone, name)), name


def test_a_history_of_a_plan_does_not_hang_on_its_neighbours():
    """The same with a plan of every kind of event: its chances too are those of each history alone."""
    council = Council(3)
    scene, plan = council.scenario(), council.plan()

    def some(first, each):
        return run(
            spread(scene, each),
            24,
            chances(4, each, first, range(3)),
            spread_schedule(plan, each),
            horizon=20,
        )

    whole, part = some(0, 30), some(20, 10)

    for name in ("stores", "truth", "noise", "status", "signed_on", "ended_on", "good", "changes", "counts"):
        both = [getattr(one, name) for one in (whole, part)]
        here, there = (item.reshape(*item.shape[:-1], 3, -1) for item in both)
        assert np.array_equal(here[..., 20:], there), name


@pytest.mark.parametrize("number", range(0, 50, 7))
def test_a_told_history_is_the_one_that_was_counted(number):
    """Months of signing and ending, and the last state, are those of the same history in the run."""
    done = run(busy(), 36, chances(1, 50))
    story = tell(busy(), 36, number, chances(1, 50))
    signed = [now for now, happened, _state in story if "text_signed" in dict(happened)]
    ended = [now for now, happened, _state in story if "collapses" in dict(happened)]

    assert story[-1][2] == done.status[number]
    assert signed == [month for month in (done.signed_on[number],) if month >= 0]
    assert ended == [month for month in (done.ended_on[number],) if month >= 0]
    told = [name for _now, happened, _state in story for name, _who in happened]
    assert [told.count(name) for name in TRANSITIONS] == list(done.counts[:, number])


def test_one_history_through_both_drivers():
    """A month of facts moves beliefs as the ledger of a reading does (1e-9)."""
    rows = [
        (0, 1, 1, 1, 0, 0.4, 0.0),
        (0, 1, 1, 0, 1, 0.6, 0.3),
        (0, 1, 2, 0, 1, 0.3, 0.0),
        (0, 1, 0, 1, 0, 0.2, 0.0),
    ]
    made = scenario(
        rules=QUIET | {"fact_rate": 1.0, "offer_rate": 0.0}, prior=np.zeros((2, 2, 4)), bank=bank(rows)
    )
    keyed = chances(5, 1)
    history = start(made, keyed)
    for now in (1, 2, 3):
        month(made, history, keyed, now)

    def one(value):
        return np.array([float(value)])

    pushes = [
        Push(
            0,
            facet,
            sign,
            owner,
            1 if gesture else 0,
            one(weight),
            one(1),
            one(gesture),
            one(0),
            one(0),
            0,
            0,
        )
        for _i, _j, facet, sign, owner, weight, gesture in rows
    ]
    days = [Day(round(365.25 / 12 * k * 1e6), (), pushes, ()) for k in (1, 2, 3)]
    scaled = Parameters(HALF[:, :, None] * 1e6, one(12e6), one(0.5), one(0.4))  # days to the millionth
    state = follow(begin(np.zeros((4, 1)), 0), days, days[-1].day, (), scaled)

    assert np.allclose(history.stores[0, 1, :, :, :, 0], state.stores[..., 0], atol=1e-9)


def test_noise_is_drawn_once_unless_something_changes():
    """With nothing happening nobody changes his mind: one refusal is a refusal for ever."""
    quiet = QUIET | {"decision_noise": 0.08}
    done = run(scenario(rules=quiet, threshold=np.full(2, 0.99)), 24, chances(6, 500))
    refused = done.status == TALKS

    assert 0 < refused.mean() < 1
    assert np.all(done.signed_on[~refused] == 1)


def test_a_free_certain_guarantee_never_hurts_signing():
    """More deterrence, nothing else changed and nothing learned: every history that signed signs."""
    prior = np.zeros((2, 2, 4))
    prior[:, :, 0] = 2.0
    plain = {"rules": QUIET | {"decision_noise": 0.08}, "threshold": np.full(2, 0.5), "prior": prior}
    base = run(scenario(**plain), 12, chances(7, 800))
    high = run(scenario(**plain, deterrence=np.full((2, 2), 0.9)), 12, chances(7, 800))

    assert np.all(high.signed_on[base.signed_on >= 0] >= 0)
    assert (high.signed_on >= 0).sum() > (base.signed_on >= 0).sum()


def guaranteed(text):
    """The same text with a guarantee that costs nothing and takes part for certain."""
    more = 1 - (1 - text.deterrence) * 0.6
    return text._replace(deterrence=more, threshold=text.threshold - 0.05, consent=np.ones_like(text.consent))


def test_a_free_certain_guarantee_delays_no_history():
    """With facts, spoilers, turnover and a plan: what signs without a guarantee signs no later with it."""
    council = Council(4, seed=3)
    scene, plan, each = council.scenario(), council.plan(), 60
    safe = scene._replace(terms=guaranteed(scene.terms))
    surer = plan._replace(texts=tuple(guaranteed(text) for text in plan.texts))
    keyed = chances(7, each, draws=range(4))
    base = run(spread(scene, each), 36, keyed, spread_schedule(plan, each))
    high = run(spread(safe, each), 36, keyed, spread_schedule(surer, each))
    signed = base.signed_on >= 0

    assert 30 < signed.sum() < signed.size - 30
    assert np.all((high.signed_on >= 0)[signed])
    assert np.all(high.signed_on[signed] <= base.signed_on[signed])
    assert (high.signed_on[signed] < base.signed_on[signed]).any()
    assert (high.signed_on >= 0).sum() > signed.sum()


def test_more_wrecking_power_never_helps_lasting():
    """With truth and chances alike, who can wreck more ends no deal later."""
    lasting = []
    for power in (0.0, 0.3, 0.7, 1.0):
        made = scenario(0.0, rules=QUIET, wrecking=np.array([power, power]))
        done = run(made, 60, chances(8, 1500))
        lasting.append(float(np.mean(done.status != COLLAPSED)))

    assert lasting == sorted(lasting, reverse=True)
    assert lasting[0] > lasting[-1]


def test_more_wrecking_power_delays_no_end():
    """With acceptance certain, facts, spoilers, turnover and a plan: no history lasts longer for it."""
    council, each = Council(4, seed=5), 60
    scene, plan = council.scenario(), council.plan()
    eager = [
        text._replace(threshold=np.full_like(text.threshold, -9.0)) for text in (scene.terms, *plan.texts)
    ]
    happening = spread_schedule(plan._replace(texts=tuple(eager[1:])), each)
    keyed, ends = chances(8, each, draws=range(4)), []
    for power in (0.0, 0.3, 0.7, 1.0):
        made = scene._replace(terms=eager[0], wrecking=np.full_like(scene.wrecking, power))
        done = run(spread(made, each), 48, keyed, happening)
        ends.append(np.where(done.ended_on >= 0, done.ended_on, 10**6))

    for less, more in pairwise(ends):
        assert np.all(more <= less)
        assert np.any(more < less)


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.floats(-6, 6), st.floats(0, 2), st.floats(0, 1.01))
def test_no_figure_is_ever_lost(seed, level, rate, threshold):
    """No NaN and nothing out of bounds, whatever the parameters."""
    made = busy(prior=np.full((2, 2, 4), level), threshold=np.full(2, threshold))
    made = made._replace(rules={**made.rules, "fact_rate": alike(rate), "hawk": alike(0.9)})
    done = run(made, 24, chances(seed, 20))
    trust = beliefs(made, done)

    assert np.all(np.isfinite(done.stores))
    assert np.all((trust > 0) & (trust < 1))
    assert np.all(done.stores >= 0)


def test_draws_side_by_side_are_those_alone():
    """Two draws with five histories each, run together, are the same ten as run draw by draw."""
    two = np.array([0.0, 1.0])
    both = spread(busy(), 2)._replace(prior=np.zeros((2, 2, 4, 2)) + two)
    together = run(spread(both, 5), 24, chances(9, 5, draws=range(2)))
    first = run(busy(), 24, chances(9, 5))
    second = run(busy(prior=np.ones((2, 2, 4))), 24, chances(9, 5, draws=range(1, 2)))

    for name in ("stores", "status", "signed_on", "ended_on", "good"):
        assert np.array_equal(getattr(together, name)[..., :5], getattr(first, name)), name
        assert np.array_equal(getattr(together, name)[..., 5:], getattr(second, name)), name
