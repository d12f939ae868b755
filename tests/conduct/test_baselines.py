"""Baselines: what they know before a day, what they give by hand, and that none sees its own day."""

import numpy as np
import pytest

from goodoffices.conduct.acts import before, taken
from goodoffices.conduct.baselines import (
    BaseRate,
    Boosting,
    Goldstein,
    Lags,
    LastAct,
    MultiScale,
    Share,
    laid,
)
from goodoffices.conduct.ratings import Elo, Glicko2
from goodoffices.core.scoring import log_loss
from goodoffices.errors import UsageError
from tests.conduct.making import FIRST, acts_of, habits

ALL = [
    BaseRate(), Share(name="pair-frequency"), Share(name="weighted", half_life=30.0), LastAct(), Goldstein(),
    Elo(), Glicko2(), Lags(), MultiScale(),
]  # fmt: skip
names = pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)


@pytest.fixture(scope="module")
def acts():
    return habits(1500, late=6)


@names
def test_no_act_of_the_day_moves_a_forecast_of_that_day(model, acts):
    """With the sign of every act known on or after a day turned, forecasts of that day stay as they were."""
    day = FIRST + 300
    past, asked = before(acts, FIRST + 280), np.flatnonzero(acts.day == day)
    turned = acts._replace(value=np.where(np.maximum(acts.known, acts.day) >= day, -acts.value, acts.value))
    fitted = model.fit(past, FIRST + 280)

    assert len(asked)
    assert list(fitted.forecast(turned, asked)) == list(fitted.forecast(acts, asked))


@names
def test_forecasts_are_chances_in_the_order_asked(model, acts):
    """Each lies strictly between 0 and 1, and places in another order give the same figures in that order."""
    fitted = model.fit(before(acts, FIRST + 280), FIRST + 280)
    asked = np.arange(1100, 1200)
    found = fitted.forecast(acts, asked)

    assert ((found > 0.0) & (found < 1.0)).all()
    assert fitted.forecast(acts, asked[::-1]) == pytest.approx(found[::-1], abs=1e-12)
    assert fitted.forecast(acts, slice(1100, 1200)) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("model", ALL[1:], ids=lambda model: model.name)
def test_habits_are_learnt(model):
    """Where pairs have habits every baseline beats the base rate."""
    acts = habits(4000)
    day, asked = FIRST + 320, np.flatnonzero(acts.day >= FIRST + 320)
    good, past = acts.good[asked].astype(float), before(acts, FIRST + 320)
    found = log_loss(model.fit(past, day).forecast(acts, asked), good)

    assert found < log_loss(BaseRate().fit(past, day).forecast(acts, asked), good) - 0.01


def test_a_share_by_hand():
    """One good act a half-life ago and one bad act two half-lives ago, drawn to the rate as one act."""
    acts = acts_of([(0, 0, 1, -2.0), (10, 0, 1, 3.0), (20, 0, 1, 3.0)], ["A", "B"])
    model = Share(name="s", half_life=10.0, strength=1.0, rate=0.6)

    assert model.forecast(acts, slice(2, 3))[0] == pytest.approx((0.5 + 0.6) / (0.5 + 0.25 + 1.0))


def test_the_last_act_counts_what_came_after():
    """After a good act, after a bad one, after none: shares with one act of either sign added."""
    signs = [1, 1, -1, -1, 1]
    acts = acts_of([(k, 0, 1, 2.0 * sign) for k, sign in enumerate(signs)], ["A", "B"])
    fitted = LastAct().fit(acts, FIRST + 9)

    assert fitted.after == (2 / 4, 2 / 3, 2 / 4)


def test_an_act_counts_from_when_it_was_known():
    """An act that became known late is not counted in between, and then by its own age."""
    acts = acts_of([(0, 0, 1, 3.0), (5, 0, 1, 3.0), (30, 0, 1, 3.0)], ["A", "B"], late=[20, 0, 0])
    model = Share(name="s", half_life=10.0, strength=1.0, rate=0.0)
    told = model.forecast(acts, slice(0, 3))
    weight = 0.5 ** np.array([3.0, 2.5])

    assert list(told[:2]) == [0.0, 0.0]
    assert told[2] == pytest.approx(weight.sum() / (weight.sum() + 1.0))
    assert list(laid(acts, slice(0, 3)).order) == [1, 0, 2]


def test_boosting_learns_and_refuses_one_sign():
    """It beats the base rate, takes features that are handed in, and refuses acts that are all good."""
    pytest.importorskip("sklearn")
    acts = habits(3000)
    past, asked = before(acts, FIRST + 320), np.flatnonzero(acts.day >= FIRST + 320)
    good = acts.good[asked].astype(float)
    quick = (("max_iter", 20), ("early_stopping", False), ("random_state", 0))
    some = Boosting(settings=quick, make=lambda acts, asked: np.zeros((len(acts.day[asked]), 1)))

    assert log_loss(Boosting(settings=quick).fit(past, 0).forecast(acts, asked), good) < 0.6
    assert np.ptp(some.fit(past, 0).forecast(acts, asked)) == pytest.approx(0.0)
    with pytest.raises(UsageError, match="one sign"):
        Boosting().fit(taken(acts, acts.good), 0)


@pytest.mark.parametrize("model", [Lags(), MultiScale(), Goldstein(), Boosting()], ids=lambda m: m.name)
def test_what_is_not_fitted_says_so(model, acts):
    """A forecast before a fit is refused in a sentence."""
    with pytest.raises(UsageError, match="not fitted yet"):
        model.forecast(acts, slice(0, 5))


def test_names_are_nothing_to_a_baseline(acts):
    """With parties numbered in another order each baseline gives the same figures."""
    many = len(acts.parties.names)
    turn = np.roll(np.arange(many), 5).astype(np.int32)
    turned = acts._replace(actor=turn[acts.actor], target=turn[acts.target])
    for model in ALL:
        found = [
            model.fit(taken(one, slice(0, 900)), 0).forecast(one, slice(900, 1000)) for one in (acts, turned)
        ]

        assert found[0] == pytest.approx(found[1], abs=1e-9), model.name
