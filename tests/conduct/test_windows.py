"""Questions about windows: who is asked about, what is foreseen from what, and what is counted."""

from datetime import date

import numpy as np
import pytest

from goodoffices.conduct import windows
from goodoffices.conduct.acts import taken
from goodoffices.conduct.windows import QUESTIONS, marks, month_starts, origins_of, window_at
from goodoffices.core.scoring import crps, log_loss
from goodoffices.errors import UsageError
from tests.conduct.making import FIRST, acts_of, habits

CONFLICT, AGREEMENT = QUESTIONS["material-conflict"], QUESTIONS["agreement"]
NO_CODES = np.array([], dtype=str)
MAY, JULY = date(2014, 5, 1).toordinal(), date(2014, 7, 1).toordinal()


@pytest.fixture(scope="module")
def acts():
    return habits(3000, late=5)


def codes_of(acts):
    rng = np.random.default_rng(3)
    return np.where(acts.good & (rng.random(len(acts.day)) < 0.1), "057", "010")


def test_months_begin_on_their_first_day():
    """The starts between two days, over the turn of a year."""
    assert month_starts(date(2017, 11, 2), date(2018, 2, 1)) == [
        date(2017, 12, 1),
        date(2018, 1, 1),
        date(2018, 2, 1),
    ]


def test_the_count_is_what_happened_within_the_window(acts):
    """Of each direction: acts of material conflict from the origin on, for 30 days, known or not."""
    found = window_at(CONFLICT, acts, marks(CONFLICT, acts, NO_CODES), JULY, 1)
    within = (acts.quad == 4) & (acts.day >= JULY) & (acts.day < JULY + 30)

    assert found.happened.sum() > 0
    for actor, target, many in list(zip(found.actor, found.target, found.happened, strict=True))[:60]:
        assert many == (within & (acts.actor == actor) & (acts.target == target)).sum()


def test_an_agreement_is_of_a_pair_and_not_of_a_direction(acts):
    """Either side's act counts, within 90 days, and each pair is asked about once."""
    codes = codes_of(acts)
    found = window_at(AGREEMENT, acts, marks(AGREEMENT, acts, codes), JULY, 1)
    within = (codes == "057") & (acts.day >= JULY) & (acts.day < JULY + 90)

    assert (found.actor < found.target).all()
    assert len(set(zip(found.actor, found.target, strict=True))) == len(found.actor)
    for one, other, many in zip(found.actor, found.target, found.happened, strict=True):
        either = ((acts.actor == one) & (acts.target == other)) | (
            (acts.actor == other) & (acts.target == one)
        )
        assert many == (within & either).sum()


@pytest.mark.parametrize("question", [CONFLICT, AGREEMENT], ids=lambda question: question.name)
def test_nothing_of_the_window_moves_a_forecast(question, acts):
    """Without all acts that became known from the origin on, who is asked and what is foreseen stay the same."""
    codes = codes_of(acts)
    marked = marks(question, acts, codes)
    known = np.maximum(acts.known, acts.day) < JULY
    planted = acts._replace(
        quad=np.where(known, acts.quad, 4).astype(np.int8),
        value=np.where(known, acts.value, -9.0).astype(np.float32),
    )
    whole = window_at(question, acts, marked, JULY, 1)
    blind = window_at(question, taken(acts, known), marked[known], JULY, 1)
    turned = window_at(question, planted, np.where(known, marked, True), JULY, 1)

    for other in (blind, turned):
        assert list(other.actor) == list(whole.actor)
        for name in windows.MODELS:
            assert list(other.forecasts[name]) == list(whole.forecasts[name]), name
        for name in whole.draws:
            assert (other.draws[name] == whole.draws[name]).all()


def test_only_active_pairs_are_asked_about():
    """A pair that met within the year before is asked about in both directions, others are not."""
    rows = [(0, 0, 1, -9.0), (380, 2, 3, -9.0), (400, 2, 3, 3.0), (500, 0, 1, -9.0), (520, 0, 1, -9.0)]
    acts = acts_of(rows, ["A", "B", "C", "D"])
    day = date(2015, 3, 1).toordinal()
    found = window_at(CONFLICT, acts, marks(CONFLICT, acts, NO_CODES), day, 1)

    assert FIRST + 400 < day < FIRST + 500
    assert list(zip(found.actor, found.target, strict=True)) == [(2, 3), (3, 2)]
    assert list(found.known) == [2, 2]


def test_habits_are_foreseen(acts):
    """Over some months the logistic on counts beats the base rate, and counts beat the climate by CRPS."""
    marked = marks(CONFLICT, acts, NO_CODES)
    seen = [
        window_at(CONFLICT, acts, marked, day.toordinal(), 1)
        for day in origins_of(acts, CONFLICT, None, None)
    ]
    came = np.concatenate([w.happened for w in seen])
    losses = {
        n: log_loss(np.concatenate([w.forecasts[n] for w in seen]), (came > 0) * 1.0) for n in windows.MODELS
    }
    counted = {
        n: crps(np.concatenate([w.draws[n] for w in seen], axis=1), came).mean() for n in seen[0].draws
    }

    assert losses["multi-scale"] < losses["base-rate"] - 0.05
    assert losses["weighted"] < losses["base-rate"] - 0.05
    assert counted["weighted"] < counted["base-rate"]


def test_draws_are_of_the_count_that_the_chance_speaks_of(acts):
    """The share of draws above zero is the chance of at least one act, and their mean that of the rate."""
    found = window_at(CONFLICT, acts, marks(CONFLICT, acts, NO_CODES), JULY, 1, draws=4000)
    share = (found.draws["weighted"] > 0).mean(axis=0)

    assert np.abs(share - found.forecasts["weighted"]).max() < 0.04
    assert np.abs(share - found.forecasts["weighted"]).mean() < 0.01


def test_negative_binomial_draws_have_their_moments():
    """Mean and variance are those of the distribution."""
    shape, stays = np.array([0.7, 4.0]), 0.4
    drawn = windows._drawn(shape, stays, 1, 5, 40_000)
    mean = shape * (1 - stays) / stays

    assert drawn.mean(axis=0) == pytest.approx(mean, rel=0.03)
    assert drawn.var(axis=0) == pytest.approx(mean / stays, rel=0.06)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda acts: origins_of(acts, CONFLICT, date(2014, 7, 2), None), "begins no month"),
        (lambda acts: origins_of(acts, CONFLICT, date(2015, 1, 1), 9), "asked for 9"),
        (lambda acts: origins_of(acts, CONFLICT, date(2015, 2, 1), None), "found 0 whole windows"),
        (lambda acts: marks(AGREEMENT, acts, np.full(len(acts.day), "010")), "CAMEO 057"),
        (lambda acts: window_at(CONFLICT, acts, acts.quad == 4, FIRST + 20, 1), "was over"),
        (lambda acts: window_at(CONFLICT, acts, acts.quad == 4, FIRST, 1), "nothing was known"),
    ],
)
def test_what_cannot_be_asked_is_refused(acts, make, words):
    """Each with one clear sentence."""
    with pytest.raises(UsageError, match=words):
        make(acts)
