"""The rules of the ledger: asymmetry, discount, attacks, decay, deception (section by section)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.core import ledger

AB = {
    "capacity": (0.65, 0.15),
    "intention": (0.90, 0.55),
    "integrity": (0.95, 0.60),
    "predictability": (0.80, 0.52),
}
shares = st.floats(0.0, 1.0)
levels = st.floats(-5.5, 5.5)


def logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


@pytest.mark.parametrize("facet", ["integrity", "intention"])
@pytest.mark.parametrize("start", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
@pytest.mark.parametrize("kept", [0, 1, 3, 10])
@pytest.mark.parametrize("hawk", [0.0, 0.5, 0.9])
def test_one_violation_outweighs_one_kept_promise(facet, start, kept, hawk):
    """Trust drops more by one misdeed than it rises by one good deed, however much was kept."""
    good, bad = ledger.ln_ratio_good(*AB[facet]), ledger.ln_ratio_bad(*AB[facet])
    level = logit(start) + kept * good
    if abs(level) > 3.9:  # near the clip, where both are cut
        return
    now = ledger.trust(level, 0.0)
    found = ledger.discount(hawk, now)
    up = ledger.trust(level + ledger.credit(1.0, good, found, 0.0, 0.0), 0.0) - now
    down = now - ledger.trust(level - ledger.blame(1.0, bad, 0.0), 0.0)

    assert down > up


def test_capacity_is_the_other_way_round():
    """For capacity a success tells more than a failure."""
    assert ledger.ln_ratio_good(*AB["capacity"]) > ledger.ln_ratio_bad(*AB["capacity"])


@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_asymmetry_at_every_level_iff_b_above_one_half(a, b):
    """One misdeed outweighs one good deed at all levels of trust if and only if b > 1/2."""
    if a - b < 0.02 or abs(b - 0.5) < 0.01:
        return
    t = np.linspace(0.001, 0.999, 999)
    good, bad = np.exp(ledger.ln_ratio_good(a, b)), np.exp(-ledger.ln_ratio_bad(a, b))
    up = t * (1 - t) * (good - 1) / (t * good + 1 - t)
    down = t * (1 - t) * (1 - bad) / (t * bad + 1 - t)

    assert (b > 0.5) == bool(np.all(down > up))


@given(shares, shares, st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_a_coerced_gesture_counts_less(hawk, trust, size, pressure):
    """The same gesture under pressure raises trust strictly less, and not at all if wholly pressed."""
    found = ledger.discount(hawk, trust)
    free = ledger.credit(1.0, size * np.log(8), found, size, 0.0)
    pressed = ledger.credit(1.0, size * np.log(8), found, size, pressure)

    assert pressed < free or free == 0.0
    assert ledger.credit(1.0, size * np.log(8), found, size, 1.0) == 0.0


def test_cheap_talk_moves_almost_nothing():
    """Words of size .05 move a belief of .15 by less than .02 (by .008)."""
    found = ledger.discount(0.5, 0.15)
    moved = ledger.trust(logit(0.15) + ledger.credit(1.0, 0.05 * np.log(8), found, 0.05, 0.0), 0.0) - 0.15

    assert 0 < moved < 0.02
    assert moved == pytest.approx(0.008, abs=5e-4)


@given(st.floats(0, 0.9), st.floats(0, 0.9), shares, shares, st.floats(0.01, 1))
def test_the_enemy_image_discounts_good_acts(hawk_1, hawk_2, trust_1, trust_2, size):
    """The same good act moves log-odds no more for a more hawkish or less trusting observer."""
    mild = ledger.discount(min(hawk_1, hawk_2), max(trust_1, trust_2))
    harsh = ledger.discount(max(hawk_1, hawk_2), min(trust_1, trust_2))

    assert ledger.credit(1.0, size, harsh, size, 0.0) <= ledger.credit(1.0, size, mild, size, 0.0)


@given(shares, shares, shares)
def test_attacks_blame_the_strong(capacity_1, capacity_2, excuse):
    """A spoiler's attack hurts more where the other side is thought able to stop it."""
    weak, strong = sorted((capacity_1, capacity_2))

    assert ledger.attack(1.0, weak, excuse) <= ledger.attack(1.0, strong, excuse)
    assert ledger.attack(1.0, 0.0, excuse) == 0.0


@given(levels, st.floats(0.1, 100))
def test_stores_fade_to_nothing(level, half_life):
    """After one half-life half is left; after very long the prior alone remains."""
    assert ledger.fade(half_life, half_life) == pytest.approx(0.5)
    assert level * ledger.fade(1e6, half_life) == pytest.approx(0.0, abs=1e-9)


@given(levels)
def test_a_living_flag_caps_integrity(level):
    """While a proven lie lives, belief stays at or below one half; else it is the logistic."""
    assert ledger.trust(level, 1.0) <= 0.5
    assert ledger.trust(level, 0.0) == pytest.approx(1 / (1 + np.exp(-level)))
    assert ledger.ceiling(0.5) == 1.0
    assert ledger.ceiling(0.4999) == 0.0


@given(st.integers(1, 50), st.floats(0.5, 0.9))
def test_more_reports_of_one_event_add_less_and_less(n, correlation):
    """n correlated reports are worth n / (1 + (n-1) rho): more than before, never more than 1/rho."""
    now, then = (ledger.effective_reports(k, correlation) for k in (n, n + 1))

    assert now < then < 1 / correlation + 1e-12
    assert ledger.effective_reports(1, correlation) == pytest.approx(1.0)
    assert ledger.effective_reports(2, 0.7) == pytest.approx(2 / 1.7)


@given(st.floats(0, 50), st.floats(0, 50))
def test_more_evidence_never_widens_the_prior(w_1, w_2):
    """What the prior adds to the doubt never grows with the weight of evidence."""
    assert ledger.prior_doubt(0.8, w_1 + w_2) <= ledger.prior_doubt(0.8, w_1)
    assert ledger.prior_doubt(0.8, 0.0) == 0.8
