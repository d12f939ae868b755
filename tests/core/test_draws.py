"""Keyed draws: the same for the same key, longer without changing, and of the right shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.core import draws, ledger


@given(st.integers(0, 2**32), st.text(max_size=20), st.text(max_size=20))
def test_draw_k_of_many_is_draw_k_of_few(seed, purpose, entity):
    """Asking for more draws leaves the first ones alone."""
    key = draws.stream_key(seed, purpose, entity)

    assert np.array_equal(draws.uniform(key, 20), draws.uniform(key, 100)[:20])
    assert np.array_equal(draws.normal(key, 20), draws.normal(key, 100)[:20])


def test_keys_tell_streams_apart():
    """Another seed, purpose or entity gives another stream; the parts do not run together."""
    keys = {
        draws.stream_key(*parts) for parts in ((1, "a", "bc"), (1, "ab", "c"), (2, "a", "bc"), (1, "a", "b"))
    }

    assert len(keys) == 4


def test_uniform_draws_are_uniform_and_streams_are_unrelated():
    """Means, spreads, tails, runs and cross-correlations lie within five standard errors."""
    n = 200_000
    one, two = (draws.uniform(draws.stream_key(7, "test", name), n) for name in ("one", "two"))
    error = 5 / np.sqrt(n)

    assert one.min() > 0
    assert one.max() < 1
    assert abs(one.mean() - 0.5) < error
    assert abs(one.var() - 1 / 12) < error
    assert abs(np.corrcoef(one, two)[0, 1]) < error
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < error
    counts = np.histogram(one, 100, (0, 1))[0]
    assert ((counts - n / 100) ** 2 / (n / 100)).sum() < 99 + 5 * np.sqrt(2 * 99)


def test_normal_draws_are_normal():
    """Mean, variance, skew and tail of the normal draws are those of a normal."""
    z = draws.normal(draws.stream_key(7, "test", "normal"), 200_000)

    assert abs(z.mean()) < 0.012
    assert abs(z.var() - 1) < 0.02
    assert abs((z**3).mean()) < 0.04
    assert (np.abs(z) > 1.96).mean() == pytest.approx(0.05, abs=0.003)


@given(st.floats(-2, 2), st.floats(0, 1), st.floats(0, 1))
def test_triangular_draws_stay_in_their_range(low, rise, fall):
    """A range of width zero gives its value; any other holds all draws, with the right median side."""
    mode, high = low + rise, low + rise + fall
    found = draws.triangular(draws.stream_key(1, "t", "x"), 200, low, mode, high)

    assert np.all(found >= low - 1e-12)
    assert np.all(found <= high + 1e-12)
    if high == low:
        assert np.all(found == mode)


def test_choices_follow_their_weights():
    """Indices come as often as their weights say."""
    found = draws.choice(draws.stream_key(3, "c", "x"), 100_000, [0.2, 0.5, 0.3])

    assert np.bincount(found) / 100_000 == pytest.approx([0.2, 0.5, 0.3], abs=0.01)


@pytest.mark.parametrize("single", [0.1, 0.2, 0.4])
def test_a_meeting_is_a_martingale(single):
    """Without bonding a meeting leaves the mean belief alone; d' raises the spread; some draws are worse."""
    n, prior = 200_000, 0.3
    good = draws.uniform(draws.stream_key(5, "type", "x"), n) < prior
    z = draws.normal(draws.stream_key(5, "face", "x"), n) + np.where(good, 0.5, -0.5) * single
    after = ledger.trust(np.log(prior / (1 - prior)) + single * z, 0.0)

    assert after.mean() == pytest.approx(prior, abs=0.005)
    assert after.min() < prior
    assert after.std() > 0.8 * single * prior * (1 - prior)
