"""Surprise: the log loss of a calibrated observer, beside what he expected."""

import numpy as np
import pytest

from goodoffices.conduct.surprise import surprise
from goodoffices.core.scoring import log_loss

DAY = np.arange(100, 120, dtype=np.int32)
GOOD = np.arange(20) % 3 > 0
SHARES = np.linspace(0.2, 0.9, 20)


def test_with_a_long_half_life_it_is_the_plain_log_loss():
    """Where no act is discounted, surprise is the mean log loss, expected the mean entropy."""
    found = surprise(SHARES, GOOD, DAY, 120, half_life=1e7)
    entropy = -SHARES * np.log(SHARES) - (1 - SHARES) * np.log(1 - SHARES)

    assert found.loss == pytest.approx(log_loss(SHARES, GOOD.astype(float)), rel=1e-5)
    assert found.expected == pytest.approx(entropy.mean(), rel=1e-5)
    assert (found.n, found.weight) == (20, pytest.approx(20, rel=1e-4))


def test_an_act_one_half_life_older_weighs_half():
    """Two acts ten days apart, under a half-life of ten days, weigh one third and two thirds."""
    found = surprise(np.array([0.5, 0.9]), np.array([True, True]), np.array([90, 100], np.int32), 101, 10.0)

    assert found.loss == pytest.approx(-np.log(0.5) / 3 - 2 * np.log(0.9) / 3)


def test_a_calibrated_observer_is_surprised_as_he_expects():
    """Acts drawn from the forecasts: the excess lies within four of its standard deviations, from above zero."""
    rng = np.random.default_rng(4)
    p = rng.uniform(0.05, 0.95, 4000)
    day = np.full(4000, 10, np.int32)
    calm, wrong = (surprise(p, rng.random(4000) < truth, day, 11) for truth in (p, 1 - p))

    assert abs(calm.excess) < 4 * calm.doubt
    assert wrong.excess > 20 * wrong.doubt
    assert calm.doubt == pytest.approx(np.sqrt((p * (1 - p) * np.log(p / (1 - p)) ** 2).mean() / 4000))


def test_acts_of_the_day_and_old_ones_do_not_count():
    """Only acts before the day, and not older than five half-lives, are looked at."""
    found = surprise(SHARES, GOOD, DAY, 110, half_life=1.0)

    assert found.n == 5
    assert surprise(SHARES, GOOD, DAY, 100) is None
    assert surprise(SHARES, GOOD, DAY, 1000, half_life=1.0) is None
