"""From a reading to the simulation: the same beliefs, the case's own facts, the same durability."""

import numpy as np
import pytest

from goodoffices.analysis.runs import Run
from goodoffices.analysis.scenario import MONTHS, scenarios
from goodoffices.cases.tables import tables
from goodoffices.core import durability, rollout
from tests.analysis.test_deals import BACK, DAY, GOOD
from tests.strategies import fact, tiny

FROZEN = {"office_rate": 0.0, "fact_rate": 0.0, "obligation_rate": 0.0, "offer_rate": 1.0, "break_rate": 0.0}


def made(*facts, draws=6) -> Run:
    return Run(tiny([*GOOD, *BACK, *facts]), DAY, tables(), 1, draws)


def test_it_starts_from_the_beliefs_of_the_reading():
    """At the first moment each believes of each what the reading says, draw by draw."""
    run = made()
    for draw, scenario in enumerate(scenarios(run, "deal")):
        trust = rollout.beliefs(scenario, rollout.begin(scenario, rollout.Chances(1, 0, 2)))
        for i, one in enumerate(("nora-office", "saul-office")):
            other = ("saul-office", "nora-office")[i]
            expected = run.beliefs.of(one, other).trust[:, draw]
            assert np.allclose(trust[i, 1 - i, :, 0], expected, atol=1e-12)


def test_facts_to_come_are_those_of_the_last_two_years():
    """Every plain fact of the last 24 months is in the bank, in its month, and no older one."""
    recent, old = fact(70, "threat", day=380), fact(71, "threat", day=-900)
    run = made(recent, old)
    bank = next(scenarios(run, "deal")).bank
    months = {int((DAY - f.known_on).days / (365.25 / 12)) for f in (*GOOD, *BACK, recent)}

    assert bank.weight.shape[1] == MONTHS
    assert set(np.flatnonzero(bank.weight.any(axis=0))) == {m for m in months if m < MONTHS}
    assert np.all(bank.weight >= 0)


@pytest.mark.parametrize("years", [1, 5])
def test_lasting_is_that_of_the_reading(years):
    """No facts, spoilers or turnover, and the truth as each perceives it: F(T) of the reading, within 4 errors."""
    run, size = made(), 3000
    for scenario in list(scenarios(run, "deal"))[:3]:
        level = scenario.prior + scenario.stores.sum(axis=4) @ np.array([1.0, -1.0])
        truth = np.array([level[1, 0], level[0, 1]])
        frozen = scenario._replace(
            truth=truth,
            truth_doubt=np.zeros((2, 4)),
            threshold=np.full(2, -9.0),
            veto_implementation=np.ones(2),
            steps=1,
            rules={**scenario.rules, **FROZEN},
        )
        # stores fade while time passes, but neither the truth nor a decision hangs on them
        done = rollout.run(frozen, 12 * years, size, seed=2)
        history = rollout.begin(frozen, rollout.Chances(2, 0, 1))
        kept = float(rollout._smallest(frozen, history, np.ones((2, 1), bool))[0])
        rules = frozen.rules
        expected = durability.failure(
            years, frozen.multiplier, kept, rules["keep_centre"], rules["keep_weight"], frozen.log_ratios
        )
        found = float(np.mean(done.status == rollout.COLLAPSED))
        assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / size) + 1e-9


def test_the_weakest_link_is_that_of_the_reading():
    """The keep index that durability goes by is the reading's, where truth is what each perceives."""
    run = made(draws=12)
    deal = run.deals["deal"]
    for draw, scenario in enumerate(scenarios(run, "deal")):
        level = scenario.prior + scenario.stores.sum(axis=4) @ np.array([1.0, -1.0])
        told = scenario._replace(
            truth=np.array([level[1, 0], level[0, 1]]),
            truth_doubt=np.zeros((2, 4)),
            veto_implementation=np.ones(2),
        )
        history = rollout.begin(told, rollout.Chances(2, 0, 1))
        kept = float(rollout._smallest(told, history, np.ones((2, 1), bool))[0])
        whole = min(float(deal._whole(player)[draw]) for player in deal.players)
        assert kept == pytest.approx(whole, abs=1e-9)
