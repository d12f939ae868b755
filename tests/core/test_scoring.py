"""Scores against hand-made numbers, against scikit-learn, and against their own definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from goodoffices.core import scoring
from goodoffices.core.draws import stream_key, uniform

some = arrays(float, st.shared(st.integers(2, 60), key="n"), elements=st.floats(0.0, 1.0))
outcomes = arrays(float, st.shared(st.integers(2, 60), key="n"), elements=st.sampled_from([0.0, 1.0]))


def drawn(n, seed=3):
    """Forecasts, and outcomes drawn from them."""
    p = uniform(stream_key(seed, "p", ""), n)
    return p, (uniform(stream_key(seed, "y", ""), n) < p).astype(float)


def test_scores_agree_with_scikit_learn():
    """Log loss, Brier score and AUC are those of scikit-learn, ties included."""
    metrics = pytest.importorskip("sklearn.metrics")
    p, y = drawn(500)
    p = np.round(p, 1) * 0.98 + 0.01

    assert scoring.log_loss(p, y) == pytest.approx(metrics.log_loss(y, p), abs=1e-12)
    assert scoring.brier(p, y) == pytest.approx(metrics.brier_score_loss(y, p), abs=1e-12)
    assert scoring.auc(p, y) == pytest.approx(metrics.roc_auc_score(y, p), abs=1e-12)


def test_bins_of_equal_count_agree_with_scikit_learn():
    """With distinct forecasts the points of the diagram are those of the quantile strategy."""
    calibration = pytest.importorskip("sklearn.calibration")
    p, y = drawn(150)
    share, mean = calibration.calibration_curve(y, p, n_bins=15, strategy="quantile")
    found = scoring.reliability(p, y)

    assert [one.n for one in found] == [10] * 15
    assert [one.forecast for one in found] == pytest.approx(list(mean))
    assert [one.happened for one in found] == pytest.approx(list(share))


def test_hand_made_numbers():
    """Worked by hand: AUC with a tie, calibration error, Wilson's interval, and a sure mistake clipped."""
    p, y = np.array([0.2, 0.4, 0.4, 0.9]), np.array([0.0, 1.0, 0.0, 1.0])

    assert scoring.auc(p, y) == pytest.approx(3.5 / 4)
    assert scoring.calibration_error(p, y, 2) == pytest.approx((0.2 + abs(1.7 - 2.0)) / 4)
    assert scoring.losses(np.array([0.0]), np.array([1.0]))[0] == pytest.approx(-np.log(1e-6))
    assert np.isnan(scoring.auc(p, np.ones(4)))
    one = scoring.reliability(np.full(10, 0.5), np.array([1.0] * 5 + [0.0] * 5))
    assert len(one) == 1
    assert one[0].lo == pytest.approx(0.2366, abs=1e-4)
    assert one[0].hi == pytest.approx(0.7634, abs=1e-4)


@given(some, outcomes)
def test_the_parts_of_a_brier_score_add_up(p, y):
    """Reliability - resolution + uncertainty + within is the Brier score; the first three are >= 0."""
    parts = scoring.murphy(p, y)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within

    assert total == pytest.approx(scoring.brier(p, y), abs=1e-12)
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0.0


def test_with_one_forecast_a_bin_the_three_parts_are_enough():
    """Where forecasts of a bin are equal nothing is left within (Murphy 1973)."""
    p, y = drawn(600)
    parts = scoring.murphy(np.round(p * 2) / 2, y)

    assert parts.within == pytest.approx(0.0, abs=1e-12)


@given(some, outcomes)
def test_equal_forecasts_stay_in_one_bin(p, y):
    """No forecast stands in two bins, every one in some, and the error hangs on no order of rows."""
    p = np.round(p, 1)
    found = scoring.reliability(p, y)
    turned = scoring.calibration_error(p[::-1], y[::-1])

    assert sum(one.n for one in found) == len(p)
    assert len(found) <= len(np.unique(p))
    assert scoring.calibration_error(p, y) == pytest.approx(turned, abs=1e-12)


def test_a_perfect_forecaster_is_told_from_one_that_is_off():
    """Outcomes drawn from the forecasts err as the simulated one does; shifted forecasts err far more."""
    p, y = drawn(20_000)
    found, off = scoring.calibration_error(p, y), scoring.calibration_error(0.8 * p + 0.1, y)
    perfect = scoring.perfect_error(p, seed=1)

    assert abs(found - perfect) < 0.003
    assert off > perfect + 0.03
    assert scoring.perfect_error(p, seed=1) == perfect
    assert scoring.perfect_error(p[:500], seed=1) > 3 * perfect


def test_the_perfect_error_is_that_of_theory():
    """Of n equal forecasts p in one bin the mean error is close to sqrt(2 p (1 - p) / (pi n))."""
    expected = np.sqrt(2 * 0.3 * 0.7 / (np.pi * 4000))

    assert scoring.perfect_error(np.full(4000, 0.3), seed=2, times=2000) == pytest.approx(expected, rel=0.06)


def test_crps_is_its_integral():
    """The score from draws is the integral of (F(x) - 1[x >= y])^2 over x."""
    draws, y = np.array([[0.0, 3.0], [1.0, 3.0], [1.0, 4.0], [5.0, 9.0]]), np.array([2.0, 3.0])
    x = np.arange(-2.0, 12.0, 0.001) + 0.0005
    curve = (draws[:, :, None] <= x).mean(axis=0)
    expected = ((curve - (x >= y[:, None])) ** 2).sum(axis=1) * 0.001

    assert scoring.crps(draws, y) == pytest.approx(expected, abs=1e-9)


def test_crps_of_one_draw_is_the_distance():
    """A forecast without doubt scores by how far off it is."""
    assert list(scoring.crps(np.array([[2.0, 7.0]]), np.array([5.0, 7.0]))) == [3.0, 0.0]
