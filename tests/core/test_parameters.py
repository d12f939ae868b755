"""A million sets of parameters, over their ranges and beyond: no figure is lost or leaves its bounds."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numba
import numpy as np
import pytest

from goodoffices.cases.tables import tables
from goodoffices.compute import kernels
from goodoffices.compute.engines import Compiled
from goodoffices.core import flat, tally
from goodoffices.core.engine import Plain, Task
from goodoffices.core.stage import Bank, Scenario, Schedule, Terms
from tests.core.scenes import Council

SETS, CHUNK, LONGEST = 1_000_000, 25_000, 12
BEYOND = 0.1  # of a range, on each side of it
SHARES = ("hawk", "turnover_kept", "integrity_tested", "volatility_cost")
PLAIN = (
    "decision_noise", "keep_centre", "keep_weight", "office_rate", "fact_rate", "obligation_rate", "offer_rate",
    "break_rate", "resume_rate", "step_months",
)  # fmt: skip
FACETS = ("capacity", "intention", "integrity", "predictability")


def bounds(name: str) -> tuple[float, float]:
    """The range of a default, and a little more; shares stay shares, and nothing is below zero."""
    found = tables().defaults[name]
    more = BEYOND * (found.high - found.low)
    low, high = max(0.0, found.low - more), found.high + more
    return (low, min(high, 1.0)) if name in SHARES else (low, high)


class Crowd(Council):
    """Two or three decision-makers; every draw has parameters of its own from anywhere in their ranges."""

    def between(self, name: str, *shape: int) -> np.ndarray:
        return self.some(*bounds(name), *shape)

    def share(self, *shape: int) -> np.ndarray:
        """Between 0 and 1; both ends themselves come up."""
        return np.clip(self.some(-0.15, 1.15, *shape), 0.0, 1.0)

    def rules(self) -> dict[str, np.ndarray]:
        lives = [[self.between(f"half_life_{sign}.{facet}") for facet in FACETS] for sign in ("good", "bad")]
        rules = {name: self.between(name) for name in SHARES + PLAIN}
        return rules | {"half_life": np.array(lives), "half_life_flag": self.between("half_life_deception")}

    def terms(self, ease: float = 0.0) -> Terms:
        n = self.n
        return Terms(
            threshold=self.some(-0.2, 1.05, n) - ease, deterrence=self.share(n, n), deterrence_bare=self.share(n),
            assistance=self.share(n), consent=self.share() ** 0.25, log_ratios=self.some(-3, 3),
            steps=np.ceil(self.some(0, 4)), strikes=self.share(2, 2) ** 4,
        )  # fmt: skip

    def bank(self, months: int = 24) -> Bank:
        found = super().bank(months)
        return found._replace(
            weight=found.weight * self._random.uniform(0, 8), gesture=self._random.random(found.gesture.shape)
        )

    def scenario(self) -> Scenario:
        n, some = self.n, self.some
        return super().scenario()._replace(
            prior=some(-8, 8, n, n, 4), stores=some(0, 1, n, n, 4, 2, 2) ** 4 * 8, flags=self.share(n, n, 2),
            truth=some(-8, 8, n, 4), truth_doubt=some(0, 1.5, n, 4), wrecking=self.share(n), veto=self.share(n),
            veto_implementation=self.share(n), multiplier=some(0.1, 3), kept=some(0, 3, 4), broken=some(0, 3, 4),
        )  # fmt: skip

    def event(self, month, kind, move, agreed, **given):
        own = {"weight": self.some(0, 3), "failure": self.share(), "blame": self.some(0, 2), "sceptics": 0.5}
        own |= {
            "gesture": self.share(),
            "bonding": self.between("bonding"),
            "bonding_sd": self.between("bonding_sd"),
        }
        return super().event(month, kind, move, agreed, **(given | own))._replace(consent=self.share() ** 0.5)


def crowd(chunk: int, draws: int) -> tuple[Task, Schedule]:
    """One chunk of sets of parameters, with a seed, people and months of its own."""
    party, person = [((0, 1), (1, 1)), ((0, 1), (1, 0)), ((0, 1, 0), (1, 1, 0)), ((1, 0, 0), (0, 1, 1))][
        chunk % 4
    ]
    made = Crowd(draws, chunk + 1, party, person)
    months = 8 + chunk % 5
    return Task(made.scenario(), chunk + 1, draws, months, months - chunk % 3), made.plan()


@lru_cache
def checker() -> Callable[..., Any]:
    """Runs one history of every draw; counts those with a figure that is lost or out of bounds."""
    driver = kernels.prepared("goodoffices.core.lanes_cpu", "planning")
    run_block, add_up, hold = (driver._ALL[name] for name in ("run_block", "add_up", "hold"))

    @numba.njit(error_model="numpy")
    def wrong(numbers, low, high):
        found = 0
        for number in numbers.flat:
            found += not low <= number <= high
        return found

    @numba.njit(error_model="numpy")
    def check(stage, texts, acts, lane, months, horizon, found, bad):
        for d in range(len(stage.own)):
            lane.counter[0] = np.uint64(d) * np.uint64(2**32)
            run_block(stage, texts, acts, lane, d, months, horizon, found.transitions[d])
            add_up(stage, lane, d, months, d, found)
            bad[0] += wrong(lane.stores, 0.0, 1e6)
            bad[1] += wrong(lane.truth, 1e-3, 1 - 1e-3)
            bad[2] += wrong(lane.own[:4], -1e3, 1e3)
            bad[3] += wrong(lane.about, 0.0, 1.0)
            for p in range(len(stage.beliefs)):
                hold(stage, lane, d, months, p, 1)
                bad[4] += wrong(lane.held, 1e-3, 1 - 1e-3)

    return check


def checked(chunk: int, draws: int) -> tuple[tally.Tally, np.ndarray, int]:
    task, plan = crowd(chunk, draws)
    stage = flat.stage(task.scenario, task.seed, task.months, draws)
    texts, acts = flat.texts(task.scenario, plan, draws), flat.acts(task.scenario, plan, task.seed, draws)
    found, bad = tally.empty(draws, task.months), np.zeros(5, np.int64)
    lane = flat.lane(stage, texts.strikes.shape[2], 1)
    checker()(stage, texts, acts, lane, task.months, task.horizon, found, bad)
    return found, bad, task.horizon


@pytest.mark.slow
def test_no_figure_is_lost_over_a_million_sets_of_parameters():
    """In 10^6 random sets stores are finite and not negative, trust and truth within (0, 1), and counts add up."""
    happened, done = 0, 0
    for chunk in range(SETS // CHUNK):
        found, bad, horizon = checked(chunk, CHUNK)
        signed, ended = found.signed_in.sum(axis=1), found.ended_in.sum(axis=1)
        assert not bad.any()
        assert np.all(found.histories == 1)
        assert np.all(found.states.sum(axis=1) == 1)
        assert np.all(found.learned.sum(axis=1) == 1)
        assert np.array_equal(found.learned[:, :2].sum(axis=1), signed)
        assert np.array_equal(signed, found.states[:, 2:].sum(axis=1))
        assert np.array_equal(ended, found.states[:, 4])
        assert np.all(np.cumsum(found.signed_in, axis=1) >= np.cumsum(found.ended_in, axis=1))
        assert not found.signed_in[:, horizon + 1 :].any()
        assert np.all((found.transitions >= 0) & (found.transitions < 100))
        assert np.all((found.trust > 0) & (found.trust < 1 / tally.UNIT))
        happened, done = happened + found.transitions.sum(axis=0), done + found.states.sum(axis=0)

    assert done.sum() == SETS
    assert done.min() > SETS / 100  # every state
    assert happened.min() > SETS / 100  # every transition


@pytest.mark.parametrize("chunk", range(4))
def test_the_drivers_agree_on_random_parameters(chunk):
    """On a thousand random sets of parameters every count is the same whole number in both drivers."""
    task, plan = crowd(chunk, 500)
    (compiled,), (plain,) = (engine.tallies(task, [plan], (0, 2)) for engine in (Compiled(1), Plain()))

    for name in tally.Tally._fields[:-1]:
        assert np.array_equal(getattr(compiled, name), getattr(plain, name)), name
    assert np.abs(compiled.trust - plain.trust).max() <= 1  # a sum may be rounded the other way
