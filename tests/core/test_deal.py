"""Thresholds, keeping, acceptance, durability: their directions and their limits."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goodoffices.core import deal, durability, phasing, scoring, spoilers

shares = st.floats(0.0, 1.0)
some = st.floats(0.01, 1.0)


def threshold(gain, loss, weight=2.0, v=0.0, er=0.5, restitution=0.0, bond=0.0):
    exposed = deal.exposure(loss, weight, v, er, restitution, bond)
    return float(deal.threshold(np.array([gain]), np.array([exposed]))[0])


@given(some, some, some, st.floats(1.2, 3), shares, shares, shares)
def test_thresholds_rise_with_what_can_be_lost(gain, loss, more, weight, v, er, restitution):
    """A threshold rises with exposure and the weight of losses, falls with gain."""
    base = threshold(gain, loss, weight, v, er, restitution)

    assert base <= threshold(gain, loss + more, weight, v, er, restitution) + 1e-12
    assert base <= threshold(gain, loss, weight + more, v, er, restitution) + 1e-12
    assert base >= threshold(gain + more, loss, weight, v, er, restitution) - 1e-12


@given(some, some, shares, shares, shares, shares, shares)
def test_protection_lowers_thresholds(gain, loss, v, more, er, restitution, bond):
    """Verification, recovery, restitution and a bond each lower a threshold or leave it."""
    base = threshold(gain, loss, 2.0, v, er, restitution, bond)
    up = lambda x: x + (1 - x) * more  # noqa: E731

    assert threshold(gain, loss, 2.0, up(v), er, restitution, bond) <= base + 1e-12
    assert threshold(gain, loss, 2.0, v, up(er), restitution, bond) <= base + 1e-12
    assert threshold(gain, loss, 2.0, v, er, up(restitution), bond) <= base + 1e-12
    assert threshold(gain, loss, 2.0, v, er, restitution, bond + more) <= base + 1e-12


@given(some, some, st.floats(0.1, 10), shares, shares, shares)
def test_rescaling_utilities_changes_nothing(gain, loss, factor, v, restitution, bond):
    """An affine rescaling of one actor's utilities, bond included, leaves the threshold alone."""
    plain = threshold(gain, loss, 2.0, v, 0.5, restitution, bond)
    scaled = threshold(gain * factor, loss * factor, 2.0, v, 0.5, restitution, bond * factor)

    assert plain == pytest.approx(scaled, abs=1e-9)


@given(st.floats(-1, 0), shares)
def test_where_nothing_is_gained_no_trust_suffices(gain, loss):
    """If the text kept is worth no more than no deal, the threshold lies above 1."""
    assert threshold(gain, loss) > 1


@given(shares, shares, shares, shares, shares)
def test_nobodys_guarantee_repairs_incapacity(capacity, motive, held, more, assistance):
    """The keep index never exceeds assisted capacity and never falls with deterrence."""
    able = 1 - (1 - capacity) * (1 - assistance)
    kept = deal.keep(capacity, motive, held, assistance)

    assert kept <= able + 1e-12
    assert kept <= deal.keep(capacity, motive, deal.combine(held, more), assistance) + 1e-12


@given(shares, shares, shares)
def test_a_guarantor_works_only_through_trust_hold_and_sight(tau, leverage, detection):
    """A guarantor who is not trusted, has no hold or sees nothing deters nothing."""
    for broken in ((0.0, leverage, detection), (tau, 0.0, detection), (tau, leverage, 0.0)):
        assert deal.guarantee_deterrence(*broken) == 0.0


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=6), shares, shares)
def test_another_veto_never_helps(parts, veto, accepts):
    """Adding a decision-maker never raises the index of signing, which stays within its bounds."""
    factors = [deal.factor(v, a) for v, a in parts]
    low, high = max(0.0, sum(factors) - len(factors) + 1), min(factors)
    joint = float(np.prod(factors))

    assert joint * deal.factor(veto, accepts) <= joint + 1e-12
    assert low - 1e-12 <= joint <= high + 1e-12


@given(shares, shares, shares)
def test_another_wrecker_never_helps(kept, wrecking, more):
    """More wrecking power never leaves more of a deal."""
    assert deal.block(min(1.0, wrecking + more), kept) <= deal.block(wrecking, kept) + 1e-12


@given(some, some, st.sampled_from([2, 3, 4, 8, 16]))
def test_steps_without_learning_do_not_lower_the_threshold(gain, exposed, steps):
    """Phasing works through learning: with nothing learned the threshold is that of the whole."""
    assume(0.05 < exposed / (gain + exposed) < 0.95)
    whole = exposed / (gain + exposed)
    found = phasing.phased_threshold(np.array([gain]), np.array([exposed]), steps, np.zeros(1), np.ones(1))[0]

    assert found == pytest.approx(whole, abs=1e-6)


def test_steps_with_learning_lower_the_threshold():
    """About four steps are near the best: .75 falls to about .66 (likelihood ratio 1.58)."""
    found = {
        n: phasing.phased_threshold(
            np.array([0.6]), np.array([1.8]), n, np.array([np.log(1.58)]), np.array([0.97])
        )[0]
        for n in (1, 2, 4, 8, 16)
    }

    assert found == pytest.approx({1: 0.75, 2: 0.72, 4: 0.66, 8: 0.67, 16: 0.69}, abs=0.011)


@given(st.floats(0.1, 30), st.floats(0.1, 30), shares, shares, st.floats(0.1, 3))
def test_failure_grows_with_time_and_shrinks_with_keeping(t_1, t_2, k_1, k_2, multiplier):
    """Cumulated failure rises with time and falls with the keep index and with a guarantor."""
    soon, late = sorted((t_1, t_2))
    weak, firm = sorted((k_1, k_2))
    fail = lambda t, k, logs=0.0: durability.failure(t, multiplier, k, 0.6, 1.5, logs)  # noqa: E731

    assert fail(soon, weak) <= fail(late, weak) + 1e-12
    assert fail(soon, firm) <= fail(soon, weak) + 1e-12
    assert fail(late, weak, np.log(0.4)) <= fail(late, weak) + 1e-12


def test_the_baseline_is_front_loaded_and_fits_the_classes():
    """The first year kills most; at K = .6 the classes' curves are met within .05 at 1, 5, 10 years."""
    measured = {"full": (0.17, 0.21, 0.21), "partial": (0.20, 0.31, 0.37), "process": (0.26, 0.43, 0.45)}
    multiplier = {"full": 0.5875, "partial": 1.0, "process": 1.55}

    assert durability.baseline(1) > durability.baseline(5) / 5
    for name, curve in measured.items():
        for years, failed in zip((1, 5, 10), curve, strict=True):
            found = durability.failure(years, multiplier[name], 0.6, 0.6, 1.5, 0.0)
            assert found == pytest.approx(failed, abs=0.05), (name, years)


@given(shares, shares, shares, shares)
def test_spoilers_strike_more_when_they_lose_more(loss, capacity, inclusion, policing):
    """Loss and capacity raise the rate of attacks, inclusion and policing lower it."""
    weights = (1.0, 0.7, 0.8, 0.5)
    base = spoilers.rate(0.02, loss, capacity, inclusion, policing, weights)

    assert spoilers.rate(0.02, 1.0, capacity, inclusion, policing, weights) >= base
    assert spoilers.rate(0.02, loss, 1.0, inclusion, policing, weights) >= base
    assert spoilers.rate(0.02, loss, capacity, 1.0, policing, weights) <= base
    assert spoilers.rate(0.02, loss, capacity, inclusion, 1.0, weights) <= base
    assert 0 <= spoilers.attack_by(12, base) <= 1


def test_scores_are_proper_at_a_worked_example():
    """A sure and right forecast scores 0; the base rate scores its variance."""
    happened = np.array([1.0, 0.0, 1.0, 1.0])

    assert scoring.brier(happened, happened) == 0.0
    assert scoring.brier(np.full(4, 0.75), happened) == pytest.approx(0.1875)
    assert scoring.log_loss(np.full(4, 0.5), happened) == pytest.approx(np.log(2))
