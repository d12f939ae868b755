"""From a reading to the simulation: the same beliefs, the case's own facts, the same durability."""

import numpy as np
import pytest

from goodoffices.analysis.runs import Run
from goodoffices.analysis.scenario import MONTHS, scenario
from goodoffices.cases.tables import tables
from goodoffices.core import durability, rollout
from goodoffices.core.chances import Chances, numbers
from goodoffices.core.stage import COLLAPSED, Scenario, spread
from tests.analysis.test_deals import BACK, DAY, GOOD
from tests.strategies import fact, tiny

FROZEN = {"office_rate": 0.0, "fact_rate": 0.0, "obligation_rate": 0.0, "offer_rate": 1.0, "break_rate": 0.0}


def made(*facts, draws=6) -> Run:
    return Run(tiny([*GOOD, *BACK, *facts]), DAY, tables(), 1, draws)


def perceived(run: Run) -> Scenario:
    """The truth as each perceives it, everybody needed, and nothing happening."""
    found = scenario(run, "deal")
    level = found.prior + found.stores.sum(axis=4)[:, :, :, 0] - found.stores.sum(axis=4)[:, :, :, 1]
    ones = np.ones((2, run.draws))
    return found._replace(
        truth=np.array([level[1, 0], level[0, 1]]),
        truth_doubt=np.zeros((2, 4, run.draws)),
        veto_implementation=ones,
        terms=found.terms._replace(threshold=ones * -9.0, steps=np.ones(run.draws)),
        rules={**found.rules, **{name: np.full(run.draws, value) for name, value in FROZEN.items()}},
    )


def test_it_starts_from_the_beliefs_of_the_reading():
    """At the first moment each believes of each what the reading says, draw by draw."""
    run = made()
    found = scenario(run, "deal")
    trust = rollout.beliefs(found, rollout.begin(found, Chances(1, numbers(range(run.draws), 0, 1))))
    for i, one in enumerate(("nora-office", "saul-office")):
        other = ("saul-office", "nora-office")[i]
        assert np.allclose(trust[i, 1 - i], run.beliefs.of(one, other).trust, atol=1e-12)


def test_facts_to_come_are_those_of_the_last_two_years():
    """Every plain fact of the last 24 months is in the bank, in its month, and no older one."""
    recent, old = fact(70, "threat", day=380), fact(71, "threat", day=-900)
    bank = scenario(made(recent, old), "deal").bank
    months = {int((DAY - f.known_on).days / (365.25 / 12)) for f in (*GOOD, *BACK, recent)}

    assert bank.weight.shape[1] == MONTHS
    assert set(np.flatnonzero(bank.weight.any(axis=0))) == {m for m in months if m < MONTHS}
    assert np.all(bank.weight >= 0)


def weakest(found: Scenario, draws: int) -> np.ndarray:
    history = rollout.begin(found, Chances(2, numbers(range(draws), 0, 1)))
    return rollout._smallest(found, history, np.ones((2, draws), bool))


@pytest.mark.parametrize("years", [1, 5])
def test_lasting_is_that_of_the_reading(years):
    """No facts, spoilers or turnover, and the truth as each perceives it: F(T) of the reading, within 4 errors."""
    run, each = made(), 2500
    found = perceived(run)
    done = rollout.run(spread(found, each), 12 * years, Chances(2, numbers(range(run.draws), 0, each)))
    collapsed = (done.status == COLLAPSED).reshape(run.draws, each).mean(axis=1)
    expected = durability.failure(
        years, found.multiplier, weakest(found, run.draws), found.rules["keep_centre"], found.rules["keep_weight"],
        found.terms.log_ratios,
    )  # fmt: skip

    assert np.all(np.abs(collapsed - expected) < 4 * np.sqrt(expected * (1 - expected) / each))


def test_the_weakest_link_is_that_of_the_reading():
    """The keep index that durability goes by is the reading's, where truth is what each perceives."""
    run = made(draws=12)
    whole = np.min([run.deals["deal"]._whole(player) for player in run.deals["deal"].players], axis=0)

    assert np.allclose(weakest(perceived(run), 12), whole, atol=1e-9)
