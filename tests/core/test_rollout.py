"""Histories run forward: the written model, closed forms, and what must never happen."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodoffices.core import durability, ledger
from goodoffices.core.follow import Day, Parameters, Push, begin, follow
from goodoffices.core.rollout import (
    COLLAPSED,
    TALKS,
    TRANSITIONS,
    Bank,
    Scenario,
    Terms,
    beliefs,
    month,
    run,
    spread,
    tell,
)
from goodoffices.core.rollout import Chances as Keyed
from goodoffices.core.rollout import begin as start

PAGE = Path(__file__).parents[2] / "docs" / "discussion" / "simulation.md"
HALF = np.array([[3.0, 2.0, 3.0, 2.0], [3.0, 6.0, 8.0, 3.0]])
SURE = 6.0  # log-odds at the clip
QUIET = {"office_rate": 0.0, "fact_rate": 0.0, "obligation_rate": 0.0, "offer_rate": 1.0, "break_rate": 0.0}


def bank(rows=(), months=24) -> Bank:
    keys = np.array([row[:5] for row in rows], dtype=np.int64).reshape(-1, 5)
    weight = np.array([row[5] for row in rows], dtype=float).reshape(-1, 1) * np.ones(months)
    gesture = np.array([row[6] for row in rows], dtype=float).reshape(-1, 1) * np.ones(months)
    return Bank(*keys.T, weight, gesture)


def scenario(capacity=SURE, rules=(), **given) -> Scenario:
    """Two who trust one another fully but for capacity, before a text that asks for nothing."""
    n = 2
    prior = np.full((n, n, 4), SURE)
    prior[:, :, 0] = capacity
    plain = {
        "hawk": 0.5, "turnover_kept": 0.4, "integrity_tested": 0.6, "volatility_cost": 0.25, "decision_noise": 1e-9,
        "keep_centre": 0.6, "keep_weight": 1.5, "office_rate": 0.02, "fact_rate": 1.0, "obligation_rate": 0.3,
        "offer_rate": 0.3, "break_rate": 0.2, "resume_rate": 0.2, "step_months": 3.0, "half_life": HALF,
        "half_life_flag": 12.0,
    }  # fmt: skip
    asked = {
        "threshold": np.full(n, -1.0), "deterrence": np.zeros((n, n)), "deterrence_bare": np.zeros((n, n)),
        "assistance": np.zeros(n), "consent": 1.0, "log_ratios": 0.0, "steps": 1.0, "spoilers": np.zeros((n, 2)),
    }  # fmt: skip
    drawn = {
        "prior": prior, "stores": np.zeros((n, n, 4, 2, 2)), "flags": np.zeros((n, n, 2)), "truth": prior[0].copy(),
        "truth_doubt": np.zeros((n, 4)), "wrecking": np.ones(n), "veto": np.ones(n), "multiplier": 1.0,
        "veto_implementation": np.ones(n), "kept": np.full(4, 0.3), "broken": np.full(4, 1.0),
    }  # fmt: skip
    own = given.pop("bank", bank())
    terms = Terms(**{name: alike(given.pop(name, value)) for name, value in asked.items()})
    return Scenario(
        **{name: alike(given.pop(name, value)) for name, value in drawn.items()},
        party=np.arange(n), person=np.ones(n, bool), terms=terms, bank=own,
        rules={name: alike(value) for name, value in (plain | dict(rules)).items()},
    )  # fmt: skip


def alike(value) -> np.ndarray:
    """The same for all histories."""
    return np.asarray(value, dtype=float)[..., None]


def busy(**given) -> Scenario:
    """Everything happens: facts both ways, spoilers, turnover, doubtful decisions, steps."""
    rows = [
        (0, 1, 1, 1, 1, 0.4, 0.0),
        (1, 0, 1, 0, 1, 0.6, 0.3),
        (0, 1, 2, 0, 0, 0.3, 0.0),
        (1, 0, 0, 1, 0, 0.2, 0.0),
    ]
    plain = {
        "prior": np.zeros((2, 2, 4)), "truth": np.zeros((2, 4)), "truth_doubt": np.full((2, 4), 0.8),
        "threshold": np.full(2, 0.1), "deterrence": np.full((2, 2), 0.35), "deterrence_bare": np.full((2, 2), 0.35),
        "spoilers": np.array([[0.02, 0.06], [0.03, 0.05]]), "steps": 2.0, "bank": bank(rows), "multiplier": 0.5,
    }  # fmt: skip
    return scenario(rules={"decision_noise": 0.08}, **(plain | given))


def test_the_code_follows_the_written_model():
    """The transitions of the code are those of the page's table, in its order."""
    table = PAGE.read_text(encoding="utf-8").split("## Transitions")[1].split("## What it cannot show")[0]
    named = re.findall(r"^\| ([a-z_]+) \|", table, re.M)

    assert tuple(named[1:]) == TRANSITIONS  # after the heading


def test_every_transition_happens():
    """In a busy scenario none of the transitions is dead."""
    counts = run(busy(), 60, 400, seed=1).counts

    assert dict(zip(TRANSITIONS, counts > 0, strict=True)) == dict.fromkeys(TRANSITIONS, True)


def test_each_history_ends_in_exactly_one_state():
    """A status for each; signed before ended; what never was signed has no end."""
    done = run(busy(), 60, 400, seed=2)

    assert set(np.unique(done.status)) <= set(range(5))
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
    done = run(made, 12 * years, size, seed=3)

    assert np.all(done.signed_on == 1)
    trust = ledger.trust(np.array([capacity, SURE, SURE, SURE]), 0.0)
    kept = trust[0] * trust[1] * (1 - 0.6 * (1 - trust[2])) * (1 - 0.25 * (1 - trust[3]))
    expected = durability.failure(years, multiplier, kept, 0.6, 1.5, 0.0)
    found = float(np.mean(done.status == COLLAPSED))
    assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / size)
    measured = durability.failure(years, multiplier, 0.6, 0.6, 1.5, 0.0)
    assert abs(found - measured) < 0.05


def test_a_history_does_not_hang_on_its_neighbours():
    """History 40 of 100 is history 0 of those that begin at 40."""
    whole, part = run(busy(), 36, 100, seed=4), run(busy(), 36, 60, seed=4, first=40)

    assert np.array_equal(whole.stores[..., 40:], part.stores)
    assert np.array_equal(whole.status[40:], part.status)


@pytest.mark.parametrize("number", range(0, 50, 7))
def test_a_told_history_is_the_one_that_was_counted(number):
    """Months of signing and ending, and the last state, are those of the same history in the run."""
    done = run(busy(), 36, 50, seed=1)
    story = tell(busy(), 36, number, chances=Keyed(1, 0, 50))
    signed = [now for now, happened, _state in story if "text_signed" in dict(happened)]
    ended = [now for now, happened, _state in story if "collapses" in dict(happened)]

    assert story[-1][2] == done.status[number]
    assert signed == [month for month in (done.signed_on[number],) if month >= 0]
    assert ended == [month for month in (done.ended_on[number],) if month >= 0]


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
    keyed = Keyed(5, 0, 1)
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
    done = run(scenario(rules=quiet, threshold=np.full(2, 0.99)), 24, 500, seed=6)
    refused = done.status == TALKS

    assert 0 < refused.mean() < 1
    assert np.all(done.signed_on[~refused] == 1)


def test_a_free_certain_guarantee_never_hurts_signing():
    """More deterrence, nothing else changed and nothing learned: every history that signed signs."""
    prior = np.zeros((2, 2, 4))
    prior[:, :, 0] = 2.0
    plain = {"rules": QUIET | {"decision_noise": 0.08}, "threshold": np.full(2, 0.5), "prior": prior}
    base = run(scenario(**plain), 12, 800, seed=7)
    high = run(scenario(**plain, deterrence=np.full((2, 2), 0.9)), 12, 800, seed=7)

    assert np.all(high.signed_on[base.signed_on >= 0] >= 0)
    assert (high.signed_on >= 0).sum() > (base.signed_on >= 0).sum()


def test_more_wrecking_power_never_helps_lasting():
    """With truth and chances alike, who can wreck more ends no deal later."""
    lasting = []
    for power in (0.0, 0.3, 0.7, 1.0):
        made = scenario(0.0, rules=QUIET, wrecking=np.array([power, power]))
        done = run(made, 60, 1500, seed=8)
        lasting.append(float(np.mean(done.status != COLLAPSED)))

    assert lasting == sorted(lasting, reverse=True)
    assert lasting[0] > lasting[-1]


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.floats(-6, 6), st.floats(0, 2), st.floats(0, 1.01))
def test_no_figure_is_ever_lost(seed, level, rate, threshold):
    """No NaN and nothing out of bounds, whatever the parameters."""
    made = busy(prior=np.full((2, 2, 4), level), threshold=np.full(2, threshold))
    made = made._replace(rules={**made.rules, "fact_rate": alike(rate), "hawk": alike(0.9)})
    done = run(made, 24, 20, seed=seed)
    trust = beliefs(made, done)

    assert np.all(np.isfinite(done.stores))
    assert np.all((trust > 0) & (trust < 1))
    assert np.all(done.stores >= 0)


def test_draws_side_by_side_are_those_alone():
    """Two draws with five histories each, run together, are the same ten as run draw by draw."""
    two = np.array([0.0, 1.0])
    both = busy(prior=np.zeros((2, 2, 4)))._replace(prior=np.zeros((2, 2, 4, 2)) + two)
    both = both._replace(
        rules={name: np.repeat(value, 2, axis=-1) for name, value in both.rules.items()},
        terms=Terms(*(np.repeat(item, 2, axis=-1) for item in both.terms)),
        **{
            name: np.repeat(getattr(both, name), 2, axis=-1)
            for name in ("stores", "flags", "truth", "truth_doubt", "wrecking", "veto", "veto_implementation",
                         "multiplier", "kept", "broken")
        },
    )  # fmt: skip
    together = run(spread(both, 5), 24, 10, seed=9)
    second = run(busy(prior=np.ones((2, 2, 4))), 24, 5, seed=9, first=5)

    assert np.array_equal(together.stores[..., 5:], second.stores)
    assert np.array_equal(together.status[5:], second.status)
