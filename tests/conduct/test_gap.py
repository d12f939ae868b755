"""Ledger against forecast: the ledger's own equations on fitted ratios, doubt in both, and who is listed."""

import numpy as np
import pytest

pytest.importorskip("numba")

from goodoffices.compute import kernels
from goodoffices.conduct import gap
from goodoffices.conduct.acts import before, taken
from goodoffices.conduct.twotypes import TwoTypes, fitted, pair_of, windowed
from goodoffices.core import ledger
from goodoffices.domain.gaps import BOUND
from tests.conduct.two_typed import two_typed

LIVES = np.tile([730.5, 2191.5], (13, 1))


def drivers():
    return kernels.prepared("goodoffices.core.switching_cpu", "two types"), kernels.stream()


class Told:
    """A forecaster that says what it was told, whatever it sees."""

    name = "told"

    def __init__(self, shares):
        self.shares = shares
        self.learnt = []

    def fit(self, acts, day):
        self.learnt.append((len(acts.day), day))
        return self

    def forecast(self, acts, asked):
        found = np.full(len(acts.day), 0.5)
        found[len(acts.day) - len(self.shares) :] = self.shares
        return found[asked]


@pytest.fixture(scope="module")
def acts():
    return two_typed()


@pytest.fixture(scope="module")
def day(acts):
    return int(acts.day[len(acts.day) // 3])


@pytest.fixture(scope="module")
def apart(acts, day):
    return gap.compare(drivers(), TwoTypes(driver=drivers()[0]), acts, day, LIVES, 1)


def test_the_ledger_adds_up_faded_log_ratios_of_the_fitted_types(acts, day, apart):
    """Level and implied share of each pair are those of its equations with the fitted a and b, by hand."""
    known = before(acts, day)
    a, b = fitted(drivers()[0], windowed(known, "act")[0]).theta[:2]
    for place in (0, 7, 40):
        mine = taken(known, pair_of(known) == apart.pairs[place])
        good = np.log(a / b) * ledger.fade(day - mine.day[mine.good], LIVES[0, 0]).sum()
        bad = np.log((1 - b) / (1 - a)) * ledger.fade(day - mine.day[~mine.good], LIVES[0, 1]).sum()

        assert apart.level[place] == pytest.approx(good - bad, abs=1e-6)
        assert apart.implied[place] == pytest.approx(b + (a - b) * ledger.trust(good - bad, 0.0), abs=1e-6)


def test_both_models_see_the_same_acts_and_none_of_later(acts, day, apart):
    """Acts from the day on, turned around, change nothing."""
    turned = acts._replace(value=np.where(acts.day >= day, -acts.value, acts.value))
    again = gap.compare(drivers(), TwoTypes(driver=drivers()[0]), turned, day, LIVES, 1)

    for name in ("level", "implied", "forecast", "lo", "hi"):
        assert getattr(again, name).tolist() == getattr(apart, name).tolist()


def test_a_forecast_equal_to_what_the_ledger_implies_is_no_disagreement(acts, day, apart):
    """Where the two say the same, the interval of the difference holds zero and no pair is listed."""
    lives = np.column_stack([np.linspace(500, 1000, 13), np.linspace(1000, 3000, 13)])
    lives[0] = LIVES[0]
    same = gap.compare(drivers(), Told(apart.implied), acts, day, lives, 1)

    assert same.difference == pytest.approx(0.0, abs=1e-12)
    assert len(same.listed) == 0
    assert np.sum(list(same.left_out.values()), axis=0).tolist() == [1] * len(same.pairs)


def test_the_widest_disagreement_comes_first(acts, day, apart):
    """Pairs are listed by the size of the difference, and only those whose interval leaves out zero."""
    model = Told(np.clip(apart.implied + np.linspace(-0.4, 0.4, len(apart.pairs)), 0.01, 0.99))
    told = gap.compare(drivers(), model, acts, day, LIVES, 1)
    size = np.abs(told.difference[told.listed])

    assert len(size) > 5
    assert (np.diff(size) <= 0).all()
    assert ((told.lo > 0) | (told.hi < 0))[told.listed].all()


def test_an_implied_value_next_to_a_or_b_is_not_listed(acts, day, apart):
    """Within .02 of a or b the ledger is full: such a pair is left out for that reason, however wide the gap."""
    far = gap.compare(drivers(), Told(1.0 - apart.implied), acts, day, LIVES, 1)
    types = far.fit.theta[:2]
    near = np.abs(far.implied[:, None] - types).min(axis=1) <= BOUND

    assert near.sum() > 5
    assert not near[far.listed].any()
    assert (far.left_out[gap.FULL] == near & ~far.left_out[gap.THIN]).all()


def test_faded_evidence_of_less_than_one_act_is_not_listed(acts, day, apart):
    """Centuries later nothing is left of the evidence, and no pair is listed for want of it."""
    later = gap.compare(drivers(), Told(1.0 - apart.implied), before(acts, day), day + 100_000, LIVES, 1)

    assert later.left_out[gap.THIN].all()
    assert len(later.listed) == 0


def test_every_draw_learns_from_half_of_the_pairs(acts, day, apart):
    """Both models are fitted to halves of the pairs, both directions together; the forecaster too."""
    model = Told(apart.implied)
    gap.compare(drivers(), model, acts, day, LIVES, 1)
    whole, halves = model.learnt[0][0], [n for n, _day in model.learnt[1:]]

    assert len(halves) == len(LIVES) - 1
    assert all(0.3 * whole < n < 0.7 * whole for n in halves)
    assert {when for _n, when in model.learnt} == {day}


def test_what_is_asked_for_lies_after_everything_known(acts, day):
    """One act of each pair is put behind the others, on the day asked for."""
    pairs = np.unique(pair_of(acts))
    asked = gap.asked_of_all(acts, pairs, day)

    assert pair_of(asked)[len(acts.day) :].tolist() == pairs.tolist()
    assert set(asked.day[len(acts.day) :].tolist()) == {day}
    assert all((new[: len(old)] == old).all() for new, old in zip(asked[:-1], acts[:-1], strict=True))
