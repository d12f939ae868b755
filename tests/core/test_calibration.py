"""Level and slope of the calibration of K: recovered where they are known, and drawn to what changes nothing."""

import numpy as np
import pytest

from goodoffices.core import deal
from goodoffices.core.calibration import Outcomes, bent, chances, fitted

Z80 = 1.2815515655446004


def kept(n: int, level: float, slope: float, seed: int) -> Outcomes:
    draws = np.random.default_rng(seed)
    keep, ones = draws.uniform(0.05, 0.95, n), np.ones(n)
    happened = (draws.uniform(size=n) < bent(keep, level, slope)) * 1.0
    return Outcomes(keep[:, None], ones[:, None], ones[:, None], ones, 0.08 * ones, ones > 0, happened)


def signed(n: int, level: float, slope: float, seed: int) -> Outcomes:
    draws = np.random.default_rng(seed)
    keep, needed = draws.uniform(0.05, 0.95, (2, n, 3))
    veto, ones = draws.uniform(0.5, 1.0, (n, 3)), np.ones(n)
    told = Outcomes(keep, needed, veto, ones, 0.08 * ones, ones < 0, ones)
    return told._replace(happened=(draws.uniform(size=n) < chances(level, slope, told)) * 1.0)


def test_the_equation_is_that_of_the_model():
    """logit K' = level + slope logit K; with 0 and 1 the index stays as it is, at its ends too."""
    keep = np.array([0.0, 0.2, 0.5, 0.9, 1.0])
    assert bent(keep, 0.0, 1.0) == pytest.approx(keep, abs=2e-6)
    assert bent(np.array([0.8]), -0.7, 0.5)[0] == pytest.approx(1 / (1 + np.exp(0.7 - 0.5 * np.log(4))))


def test_signing_goes_through_acceptance_and_veto():
    """The chance of a signature is that of the deal's own rules, at the bent index."""
    told = signed(4, 0.0, 1.0, 1)
    by_hand = np.prod(
        deal.factor(told.veto, deal.acceptance(bent(told.keep, 0.4, 0.9), told.threshold, 0.08)), axis=1
    )
    assert chances(0.4, 0.9, told) == pytest.approx(by_hand)


@pytest.mark.parametrize("made", [kept, signed])
def test_from_many_outcomes_both_numbers_are_found(made):
    """With 4,000 outcomes of either kind, both lie within three standard deviations of the truth."""
    fit = fitted(made(4000, -0.6, 0.8, 3))
    assert abs(fit.level + 0.6) < 3 * fit.level_sd
    assert abs(fit.slope - 0.8) < 3 * fit.slope_sd
    assert max(fit.level_sd, fit.slope_sd) < 0.2


def test_intervals_cover_as_often_as_they_say():
    """Over 200 sets of 60 outcomes with numbers from the priors, 80% intervals cover in 74 to 90 of 100."""
    hits = []
    for seed in range(200):
        draws = np.random.default_rng(10_000 + seed)
        level, slope = draws.normal(0.0, 1.5), max(0.05, draws.normal(1.0, 0.5))
        fit = fitted(kept(60, level, slope, seed))
        hits += [abs(fit.level - level) < Z80 * fit.level_sd, abs(fit.slope - slope) < Z80 * fit.slope_sd]
    assert 0.74 < np.mean(hits) < 0.90


def test_outcomes_that_tell_nothing_leave_the_index():
    """At a keep index of a half, half of which is kept, the slope stays that of the prior."""
    told = kept(40, 0.0, 1.0, 1)
    even = told._replace(keep=np.full((40, 1), 0.5), happened=np.arange(40) % 2 * 1.0)
    fit = fitted(even)
    assert (fit.level, fit.slope) == pytest.approx((0.0, 1.0), abs=1e-6)
    assert fit.slope_sd == pytest.approx(0.5, abs=1e-3)


def test_outcomes_of_one_sign_do_not_run_away():
    """Forty texts that were all kept give a finite answer, above the index."""
    told = kept(40, 0.0, 1.0, 1)
    fit = fitted(told._replace(happened=np.ones(40)))
    assert np.isfinite(fit).all()
    assert 0.5 < fit.level < 6.0
