"""Climbing: the top of a known hill is found, from anywhere, and so is how sharp it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.core.ascent import climb, curvature

SHARP = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 50.0]])
TOP = np.array([1.0, -2.0, 0.25])


def bowl(at):
    aside = at - TOP
    return 7.0 - aside @ SHARP @ aside / 2.0, -SHARP @ aside


def banana(at):
    """Rosenbrock's valley (1960) upside down: its top is at (1, 1)."""
    x, y = at
    value = -((1 - x) ** 2) - 100 * (y - x * x) ** 2
    return value, np.array([2 * (1 - x) + 400 * x * (y - x * x), -200 * (y - x * x)])


@given(st.lists(st.floats(-20, 20), min_size=3, max_size=3))
def test_the_top_of_a_bowl(start):
    """From anywhere the climb ends at the one top, and says that it is settled."""
    top = climb(bowl, np.array(start), close=1e-10)

    assert top.settled
    assert top.at == pytest.approx(TOP, abs=1e-3)
    assert top.value == pytest.approx(7.0, abs=1e-8)


def test_a_curved_valley():
    """The climb follows a narrow, bent ridge to its end."""
    top = climb(banana, np.array([-1.2, 1.0]), close=1e-12)

    assert top.settled
    assert top.at == pytest.approx([1.0, 1.0], abs=1e-4)


def test_the_curvature_of_a_bowl():
    """The second derivatives come back with their sign turned."""
    assert curvature(bowl, np.array([4.0, 0.0, 1.0])) == pytest.approx(SHARP, abs=1e-6)


def test_what_cannot_be_climbed_is_not_called_settled():
    """A slope that promises what the value does not hold ends the climb unsettled."""
    assert not climb(lambda at: (-abs(float(at[0])), np.ones(1)), np.zeros(1)).settled
