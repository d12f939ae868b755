"""The two-type switching model: exact against all paths, its gradient against differences."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.core import switching
from goodoffices.core.switching import ACROSS, Course

pytest.importorskip("numba")

from goodoffices.compute import kernels

chances = st.floats(0.03, 0.97)
thetas = st.tuples(chances, chances, st.floats(0.002, 0.7), chances, chances).map(np.array)
days = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6)


def driver():
    return kernels.prepared("goodoffices.core.switching_cpu", "two types")


def course(*pairs):
    """Pairs as lists of (days since the last, good, bad)."""
    first = np.cumsum([0, *(len(pair) for pair in pairs)]).astype(np.int64)
    rows = [
        (sum(gap for gap, *_rest in pair[: k + 1]), *pair[k][1:]) for pair in pairs for k in range(len(pair))
    ]
    day, good, bad = np.array(rows, dtype=float).T
    return Course(first, day.astype(np.int32), good.copy(), bad.copy())


def by_all_paths(pair, theta):
    """Likelihood, and chance of the first type at the end, by adding up every path of types."""
    a, b, rate, rest, start = theta
    whole = first = 0.0
    for path in itertools.product((1, 0), repeat=len(pair)):
        chance = start if path[0] else 1.0 - start
        for k, (gap, good, bad) in enumerate(pair):
            if k:
                left = np.exp(-rate * gap)
                to_one = rest + (path[k - 1] - rest) * left
                chance *= to_one if path[k] else 1.0 - to_one
            p = a if path[k] else b
            chance *= p**good * (1.0 - p) ** bad
        whole += chance
        first += chance * path[-1]
    return whole, first / whole


@given(days, thetas)
def test_the_filter_is_exact(pair, theta):
    """On short sequences likelihood and filter are those that adding up all paths of types gives."""
    share, value = driver().shares(course(pair), theta)

    assert (np.exp(value[0]), share[-1]) == pytest.approx(by_all_paths(pair, theta), rel=1e-9)


@given(st.lists(days, min_size=1, max_size=4), thetas)
def test_the_gradient_is_that_of_differences(pairs, theta):
    """Every slope of every pair is what a small step of its parameter changes."""
    told, module = course(*pairs), driver()
    found = module.tangents(told, theta)
    for k in range(len(theta)):
        step = 1e-6 * np.eye(len(theta))[k] * theta[k]
        up, down = (module.shares(told, theta + way * step)[1] for way in (1, -1))

        assert found[:, 1 + k] == pytest.approx((up - down) / (2 * step[k]), rel=2e-5, abs=2e-5)


@given(st.lists(days, min_size=1, max_size=4), thetas)
def test_compiled_and_plain_agree(pairs, theta):
    """The compiled loops give what the same loops give in plain Python (1e-9)."""
    told = course(*pairs)
    share, value = np.empty(len(told.day)), np.empty(len(pairs))
    slopes = np.empty((len(pairs), ACROSS))
    switching.follow_shares(told, theta, share, value)
    switching.add_tangents(told, theta, slopes)

    assert driver().shares(told, theta)[0] == pytest.approx(share, abs=1e-9)
    assert driver().tangents(told, theta) == pytest.approx(slopes, rel=1e-9, abs=1e-9)
    assert slopes[:, 0] == pytest.approx(value, abs=1e-12)


@given(days, thetas)
def test_the_two_types_have_no_names(pair, theta):
    """Calling the one type the other changes no likelihood."""
    a, b, rate, rest, start = theta
    turned = np.array([b, a, rate, 1.0 - rest, 1.0 - start])
    one, other = (driver().shares(course(pair), some)[1] for some in (theta, turned))

    assert one == pytest.approx(other, rel=1e-9)


def test_a_day_of_hundreds_of_acts_stays_finite():
    """Neither side's likelihood is lost where it is too small for a float."""
    theta = np.array([0.97, 0.03, 0.01, 0.5, 0.5])
    told = course([(1, 900, 0), (3, 0, 900), (2, 450, 450)])
    share, value = driver().shares(told, theta)

    assert np.isfinite(driver().tangents(told, theta)).all()
    assert share[0] > 0.999
    assert share[1] < 0.001
    likely, unlikely, turned = np.log(0.97), np.log(0.03), np.log(0.5 * -np.expm1(-0.03))

    assert value[0] == pytest.approx(np.log(0.5) + turned + 2250 * likely + 450 * unlikely, rel=1e-9)
