"""Durations with censoring: curves, hazards and scores against lifelines, scikit-survival and by hand."""

import numpy as np
import pytest

from goodoffices.core import survival

# A made-up table.  What is expected of it was computed once with lifelines 0.30.3 (KaplanMeierFitter,
# CoxPHFitter, concordance_index) and scikit-survival 0.28.0 (brier_score), in an environment of their own.
TIME = np.array([0.1, 0.3, 0.3, 0.5, 0.8, 0.8, 0.8, 1.2, 1.5, 2.0, 2.0, 2.5, 3.1, 4.0, 6.0, 7.5])
ENDED = np.array([1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 0], bool)
ONE = np.array([1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0.0])
OTHER = np.array([0.2, -1.1, 0.7, 0.4, 1.5, -0.3, -0.8, 0.9, 0.1, -1.4, 0.6, -0.5, 1.2, -0.9, 0.3, -1.0])
X = np.stack([ONE, OTHER], axis=1)
RISK = np.array([0.9, 0.4, 0.6, 0.4, 0.8, 0.2, 0.3, 0.5, 0.5, 0.3, 0.7, 0.1, 0.4, 0.6, 0.2, 0.1])
SHARE = np.array([0.9, 0.5, 0.6, 0.4, 0.8, 0.3, 0.3, 0.5, 0.5, 0.3, 0.7, 0.1, 0.4, 0.6, 0.2, 0.1])

# time: share that lasts longer, and the ends of its 95% interval
LIFELINES_CURVE = {
    0.3: (0.8125000000000001, 0.5246043108266493, 0.9353522579658295),
    0.8: (0.6770833333333335, 0.388286760752262, 0.8515065140152562),
    1.2: (0.6018518518518517, 0.31622697071048445, 0.7993749606484765),
    2.0: (0.42989417989417983, 0.16985487990778056, 0.6689690407349715),
    3.1: (0.32242063492063434, 0.09200346495274107, 0.5845114224008664),
}
LIFELINES_COX = [0.8618647424260911, 0.4429538780841974]
LIFELINES_ERRORS = [0.6924912013892343, 0.39744339861472705]
LIFELINES_LIKELIHOOD = -18.86586143530595
LIFELINES_RIDGE = [0.29497821486113307, 0.2633427684491873]  # penalizer .25 on covariates of unit spread
LIFELINES_BASELINE = {0.3: 0.16344294544143007, 0.8: 0.3029603346714167, 2.0: 0.7169416599445336}
LIFELINES_CENTRE = 0.3742973630733886  # at which lifelines puts that baseline
LIFELINES_CONCORDANCE = 0.7378048780487805
SCIKIT_SURVIVAL_BRIER = {1.0: 0.18701967592592592, 2.2: 0.18067873677248675, 5.0: 0.17756200396825395}


def fitted(ridge=0.0, x=X):
    return survival.cox(survival.ranked(TIME, ENDED), x, ridge)


def test_curve_and_interval_are_those_of_lifelines():
    """Kaplan-Meier with ties and censoring, Greenwood's interval on the log(-log) scale."""
    curve = survival.kaplan_meier(TIME, ENDED)
    lo, hi = survival.spread(curve)
    for time, expected in LIFELINES_CURVE.items():
        at = list(curve.time).index(time)
        assert (curve.lasting[at], lo[at], hi[at]) == pytest.approx(expected, abs=1e-12)


def test_curve_by_hand():
    """Of four, one ends at 1, one is censored at 2, one ends at 3: 3/4 last, then 3/4 of 1/2."""
    curve = survival.kaplan_meier(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False]))

    assert curve.lasting == pytest.approx([0.75, 0.75, 0.375, 0.375])
    assert curve.variance[0] == pytest.approx(0.75**2 * 1 / (4 * 3))
    assert survival.at(curve, np.array([0.5, 1.0, 3.0, 9.0])) == pytest.approx([1.0, 0.75, 0.375, 0.375])
    assert survival.at(curve, np.array([1.0, 3.0]), just_before=True) == pytest.approx([1.0, 0.75])


def test_an_ending_comes_before_censoring_at_the_same_time():
    """Who is censored at the time of an ending was still at risk of it."""
    curve = survival.kaplan_meier(np.array([1.0, 1.0]), np.array([True, False]))

    assert curve.lasting == pytest.approx([0.5])


def test_interval_where_nothing_or_everything_ended():
    """No share outside 0 and 1, and no number that is none."""
    for ended in (np.zeros(3, bool), np.ones(3, bool)):
        lo, hi = survival.spread(survival.kaplan_meier(np.array([1.0, 2.0, 3.0]), ended))
        assert np.isfinite(lo).all()
        assert ((lo >= 0.0) & (lo <= hi) & (hi <= 1.0)).all()


def test_a_weight_counts_a_row_so_often():
    """Curve, concordance and Brier under weights are those of the rows repeated."""
    weight = np.random.default_rng(3).integers(0, 4, len(TIME))
    rows = np.repeat(np.arange(len(TIME)), weight)
    weights = np.stack([np.ones(len(TIME)), weight])
    times = np.array([0.4, 1.0, 3.0])
    curve = survival.kaplan_meier(TIME, ENDED, weights)
    again = survival.kaplan_meier(TIME[rows], ENDED[rows])
    scores = survival.brier(TIME, ENDED, 2.2, SHARE, weights)
    ordered = survival.concordance(TIME, ENDED, RISK, weights)

    assert survival.at(curve, times)[1] == pytest.approx(survival.at(again, times))
    assert scores[1] == pytest.approx(survival.brier(TIME[rows], ENDED[rows], 2.2, SHARE[rows]))
    assert ordered[1] == pytest.approx(survival.concordance(TIME[rows], ENDED[rows], RISK[rows]))
    assert ordered[0] == pytest.approx(survival.concordance(TIME, ENDED, RISK))


def test_cox_is_that_of_lifelines():
    """Coefficients, errors and likelihood with Efron's ties; lifelines stops a little earlier."""
    found = fitted()

    assert found.beta == pytest.approx(LIFELINES_COX, abs=5e-6)
    assert np.sqrt(np.diag(np.linalg.inv(found.information))) == pytest.approx(LIFELINES_ERRORS, abs=1e-6)
    likelihood = survival.log_likelihood(survival.ranked(TIME, ENDED), X, found.beta)
    assert likelihood == pytest.approx(LIFELINES_LIKELIHOOD, abs=1e-9)


def test_ridge_is_that_of_lifelines():
    """lifelines lowers the mean likelihood by half its penalizer times the squares: n times as much here."""
    unit = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)

    assert fitted(0.25 * len(TIME), unit).beta == pytest.approx(LIFELINES_RIDGE, abs=1e-6)


def test_baseline_is_that_of_lifelines():
    """Breslow's cumulated hazard, moved to the centre of the covariates as lifelines has it."""
    beta = fitted().beta
    found = survival.baseline(TIME, ENDED, np.exp(X @ beta), np.array(list(LIFELINES_BASELINE)))

    assert np.exp(X.mean(axis=0) @ beta) == pytest.approx(np.exp(LIFELINES_CENTRE), rel=1e-5)
    assert found * np.exp(LIFELINES_CENTRE) == pytest.approx(list(LIFELINES_BASELINE.values()), rel=1e-5)


def test_cox_by_hand():
    """Two rows: the likelihood of the sooner one is 1 / (1 + e^-b), less the ridge; its top by hand."""
    time, ended, x = np.array([1.0, 2.0]), np.array([True, False]), np.array([[1.0], [0.0]])
    beta = float(survival.cox(survival.ranked(time, ended), x, 0.5).beta[0])

    assert 1.0 / (1.0 + np.exp(beta)) == pytest.approx(0.5 * beta)  # slope of the likelihood and of the ridge


def test_ties_by_hand():
    """Two of three end together: Efron takes half of them out of the second of the two risk sets."""
    time, ended = np.array([1.0, 1.0, 2.0]), np.array([True, True, False])
    x, beta = np.array([[1.0], [2.0], [0.0]]), np.array([0.3])
    whole, tied = np.exp(0.3) + np.exp(0.6) + 1.0, np.exp(0.3) + np.exp(0.6)

    found = survival.log_likelihood(survival.ranked(time, ended), x, beta)
    assert found == pytest.approx(0.9 - np.log(whole) - np.log(whole - tied / 2))


def test_a_fit_is_at_the_top_from_wherever_it_starts():
    """No small step from the coefficients rises, and another start ends at the same place."""
    risk, ridge = survival.ranked(TIME, ENDED), 0.7
    found = survival.cox(risk, X, ridge)

    def value(beta):
        return survival.log_likelihood(risk, X, beta) - ridge / 2 * (beta @ beta)

    steps = 1e-3 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    assert all(value(found.beta + step) < value(found.beta) for step in steps)
    assert survival.cox(risk, X, ridge, np.array([4.0, -4.0])).beta == pytest.approx(found.beta, abs=1e-8)


def test_a_class_of_which_none_ended_stays_finite_under_a_ridge():
    """The ridge holds a coefficient that the data would send without end."""
    x = (TIME > 3.5).astype(float)[:, None]
    beta = survival.cox(survival.ranked(TIME, ENDED), x, 0.01).beta

    assert -20.0 < beta[0] < -2.0


def test_covariates_that_repeat_one_another_need_a_ridge():
    """Twice the same covariate has no one answer; a ridge shares the coefficient out evenly."""
    twice = np.stack([ONE, ONE], axis=1)
    with pytest.raises(np.linalg.LinAlgError):
        fitted(0.0, twice)
    beta = fitted(0.1, twice).beta

    assert beta[0] == pytest.approx(beta[1])


def test_concordance_is_that_of_lifelines():
    """With ties in time and in risk, and with censoring."""
    assert survival.concordance(TIME, ENDED, RISK) == pytest.approx(LIFELINES_CONCORDANCE, abs=1e-15)


def test_concordance_by_hand():
    """All in order is 1, all the other way round 0, no order one half; censored rows are never the sooner."""
    time, ended = np.array([1.0, 2.0, 3.0]), np.array([True, False, True])

    assert survival.concordance(time, ended, np.array([3.0, 2.0, 1.0])) == 1.0
    assert survival.concordance(time, ended, np.array([1.0, 2.0, 3.0])) == 0.0
    assert survival.concordance(time, ended, np.ones(3)) == 0.5
    assert survival.comparable(time, ended).sum() == 2
    assert np.isnan(survival.concordance(time, np.zeros(3, bool), time))


def test_risk_by_pairs():
    """A risk for each pair is read as that of i where it is compared with j."""
    pairs = np.array([[0.0, 2.0, 1.0], [1.0, 0.0, 9.0], [2.0, 3.0, 0.0]])
    time, ended = np.array([1.0, 2.0, 3.0]), np.array([True, True, False])

    # 0 before 1: 2 against 1, right; 0 before 2: 1 against 2, wrong; 1 before 2: 9 against 3, right
    assert survival.concordance(time, ended, pairs) == pytest.approx(2 / 3)


def test_brier_is_that_of_scikit_survival():
    """Weighted by the inverse of the chance of still being observed."""
    time = TIME.copy()
    time[6] = 0.9  # no censoring at the time of an ending: there the two packages' rules part
    for horizon, expected in SCIKIT_SURVIVAL_BRIER.items():
        assert survival.brier(time, ENDED, horizon, SHARE) == pytest.approx(expected, abs=1e-14)


def test_brier_by_hand():
    """Of three, one is censored before the horizon: the two others share its weight as the curve says."""
    time, ended, share = np.array([1.0, 2.0, 5.0]), np.array([True, False, True]), np.array([0.7, 0.9, 0.2])
    weight = survival.ipc_weights(time, ended, 3.0)

    assert weight == pytest.approx([1.0, 0.0, 2.0])
    assert survival.brier(time, ended, 3.0, share) == pytest.approx((0.3**2 + 2.0 * 0.2**2) / 3)


def test_who_ends_at_a_time_is_not_at_risk_of_being_censored_at_it():
    """Three rows, at 1 one ends and one is censored: half of those that could be are, and weights sum to 3."""
    time, ended = np.array([1.0, 1.0, 2.0]), np.array([True, False, True])

    assert survival.ipc_weights(time, ended, 1.5) == pytest.approx([1.0, 0.0, 2.0])


def test_without_censoring_brier_is_the_plain_one():
    """Nothing censored: the mean squared distance."""
    happened = (TIME <= 2.2).astype(float)

    found = survival.brier(TIME, np.ones(len(TIME), bool), 2.2, SHARE)
    assert found == pytest.approx(np.mean((SHARE - happened) ** 2))
