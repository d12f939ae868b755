"""Agreements as durations, forecasts of each from other conflicts only, and what they score."""

from datetime import date

import numpy as np
import pytest

from goodoffices.conduct import lasting
from goodoffices.conduct.agreements import durations
from goodoffices.core import survival
from goodoffices.errors import UsageError
from tests.conduct.made import UNTIL, ended, many, row

DRAWS = 200


def three(*rows):
    """Rows among those of three conflicts that ended, so that there is enough."""
    base = [row(90 + k, 90 + k, **ended(date(2001, 1, 1), 1.0)) for k in range(3)]
    return durations("made.csv", [*base, *rows])


@pytest.fixture(scope="module")
def found():
    return durations("made.csv", many(classes=1.0))


@pytest.fixture(scope="module")
def told(found):
    return lasting.forecasts(found)


# -- reading --------------------------------------------------------------------------------------


def test_not_recorded_as_ended_is_censored_where_the_data_end():
    """A blank and a plain No are both still running on the last day: no success, and no end."""
    found = three(row(1, 1), row(2, 1, ended="False"))

    assert found.ended.tolist() == [True] * 3 + [False] * 2
    assert found.years[3:] == pytest.approx([(UNTIL - date(2000, 1, 1)).days / 365.25] * 2)
    assert (found.counts.blank, found.counts.not_ended, found.counts.ended) == (1, 1, 3)


def test_what_cannot_be_a_duration_is_left_out_and_counted():
    """Ended without a day, and ended before it was signed."""
    found = three(row(1, 1, ended="True"), row(2, 1, ended="True", duration="1999-01-01"))

    assert (found.counts.rows, found.counts.used) == (5, 3)
    assert (found.counts.undated, found.counts.backdated) == (1, 1)


def test_cells_become_arrays():
    """Class by its number, provisions in their order, a named third party as one, "No" as none."""
    found = three(row(1, 1, pa_type="1", cease="1", pa_3rd="UN"), row(2, 1, pa_type="3", pa_3rd="No"))

    assert found.kind[3:].tolist() == [0, 2]
    assert found.provisions[3, [0, -1]].tolist() == [1.0, 1.0]
    assert found.provisions[4].sum() == 0.0


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"ended": "yes"}, 'made.csv, agreement 1, ended: found "yes"; give one of True, False, nothing'),
        ({"pa_type": "9"}, 'made.csv, agreement 1, pa_type: found "9"; give one of 1, 2, 3'),
        ({"ddr": "2"}, 'made.csv, agreement 1, ddr: found "2"; give one of 0, 1'),
        ({"pa_date": "1999"}, 'made.csv, agreement 1, pa_date: found "1999"; give a day such as 1999-02-21'),
        ({"ended": "True", "duration": "soon"}, 'duration: found "soon"; give a day such as 1999-02-21'),
        ({"pa_date": "2021-05-01"}, "it lies after 2020-12-31, where the data end"),
        ({"conflict_id": ""}, 'conflict_id: found ""; give the number of the conflict'),
    ],
)
def test_a_cell_that_is_not_what_its_column_holds_is_refused_in_one_sentence(cells, said):
    """Which agreement, which column, what was found, what would be right."""
    with pytest.raises(UsageError) as refused:
        three(row(1, 1, **cells))

    assert said in str(refused.value)


@pytest.mark.parametrize("rows", [[], [row()], [row(k, k) for k in range(9)]])
def test_too_little_is_refused(rows):
    """No rows, one row, and agreements of which none ended."""
    with pytest.raises(UsageError, match="three conflicts with an ending"):
        durations("made.csv", rows)


def test_data_that_end_too_soon_are_refused():
    """Nobody knows what lasts five years where no agreement was in sight for so long."""
    with pytest.raises(UsageError, match=r"signed 4\.0 years before the data end; 5 are needed"):
        durations("made.csv", [row(k, k, **ended(date(2017, 1, 1), 0.1 * (k + 1))) for k in range(4)])


def test_agreements_that_all_lasted_equally_long_cannot_be_ordered():
    """All ended after the same time: no concordance, and one sentence instead of no number."""
    same = durations("made.csv", [row(k, k, **ended(date(2001, 1, 1), 1.0)) for k in range(4)])
    with pytest.raises(UsageError, match="no two agreements"):
        lasting.score(same, lasting.forecasts(same), 1, 20)


# -- forecasts ------------------------------------------------------------------------------------


def turned(found, *conflicts):
    """The same agreements, of which those of some conflicts fared otherwise."""
    those = np.isin(found.conflict, conflicts)
    years = np.where(those, found.years.max() - found.years + 0.01, found.years)
    return found._replace(years=years, ended=np.where(those, ~found.ended, found.ended))


def test_no_forecast_knows_its_own_conflict(found, told):
    """However the agreements of a conflict fared, all forecasts of them are the same; those of others move."""
    mine = found.conflict == 4
    for one, other in zip(told, lasting.forecasts(turned(found, 4)), strict=True):
        assert one.share[mine] == pytest.approx(other.share[mine], abs=1e-9), one.name
        assert not np.allclose(one.share[~mine], other.share[~mine]), one.name


def test_no_comparison_knows_either_conflict(found, told):
    """What orders agreements of two conflicts does not move with how those two fared."""
    base = [forecast for forecast in told if "provisions" not in forecast.name]
    again = {forecast.name: forecast for forecast in lasting.forecasts(turned(found, 2, 7))}
    for one in base:
        for a, b in ((2, 7), (7, 2)):
            before, after = (risk[found.conflict == a, b] for risk in (one.risk, again[one.name].risk))
            assert before == pytest.approx(after, abs=1e-9), one.name


def test_a_rate_of_all_orders_nothing(found, told):
    """A forecaster that knows nothing has concordance of exactly one half, whatever conflicts are left out."""
    scored = {one.name: one for one in lasting.score(found, told, 1, DRAWS)}

    assert scored["base rate of all agreements"].figures[-1] == pytest.approx([0.5, 0.5, 0.5])


def test_base_rates_by_hand():
    """The share of the class that ended in the other conflicts; of all, where they have none of the class."""
    rows = [row(k, k, pa_type="1", **ended(date(2000, 1, 1), 0.5 + k)) for k in range(4)]
    rows.append(row(9, 3, pa_type="3"))
    found = durations("made.csv", rows)
    base = lasting.forecasts(found)[0]

    assert base.share[0] == pytest.approx([0.0, 1 / 3, 1.0])  # the others ended after 1.5, 2.5 and 3.5 years
    assert base.share[3] == pytest.approx([1 / 3, 2 / 3, 1.0])  # those after .5, 1.5 and 2.5
    assert base.share[4] == pytest.approx(base.share[3])  # no other process: the rate of all


def test_front_loaded_hazard_by_hand():
    """With one class: endings by years at risk in each segment, cumulated."""
    rows = [row(k, k, **ended(date(2000, 1, 1), 0.1 if k < 2 else 4.0)) for k in range(5)]
    found = durations("made.csv", rows)
    front = lasting.forecasts(found)[2]
    left = found.years[1:]  # what the first conflict's forecast knows: one early end, three late ones

    first = 1 / (np.minimum(left, 0.25).sum())
    assert front.share[0, 0] == pytest.approx(1 - np.exp(-0.25 * first))
    late = 3 / np.clip(left - 3.0, 0.0, 2.0).sum()
    assert front.share[0, 2] == pytest.approx(1 - np.exp(-0.25 * first - 2.0 * late))


def test_classes_that_differ_are_told_apart():
    """Planted classes: the base rate of the class orders agreements, and beats that of all."""
    found = durations("made.csv", many(conflicts=20, classes=1.5))
    classed, overall = lasting.score(found, lasting.forecasts(found)[:2], 1, DRAWS)

    assert classed.figures[-1, 1] > 0.55
    assert overall.less[2, 1] > 0.0


def test_a_provision_that_matters_is_found_and_chance_is_not():
    """Planted: Cox with provisions beats the base rate. Pure chance: the ridge goes to its end."""
    planted = durations("made.csv", many(conflicts=16, pull=2.5))
    chance = durations("made.csv", many(conflicts=16))
    scores = lasting.score(planted, lasting.forecasts(planted), 1, DRAWS)
    ratio = lasting.associations(planted, 1, DRAWS)

    assert scores[-1].less[:3, 2].max() < 0.0
    assert scores[-1].less[3, 1] > 0.0
    assert ratio.ratio[2, 1] > 1.0
    assert ratio.names[2] == "cease"
    assert ratio.ridge < lasting.associations(chance, 1, 20).ridge


def test_conflicts_are_drawn_whole(found):
    """Every agreement of a conflict counts equally often in a draw, and the first draw is as it is."""
    weight = lasting.resampled(found.conflict, 1, 50, "test")

    assert (weight[0] == 1).all()
    for conflict in range(10):
        mine = weight[:, found.conflict == conflict]
        assert (mine == mine[:, :1]).all()
    first = weight[:, np.unique(found.conflict, return_index=True)[1]]
    assert (first.sum(axis=1) == 10).all()
    assert len(np.unique(first[1:], axis=0)) > 40


def test_conflicts_of_different_size_are_drawn_alike():
    """Sizes 1, 2 and 3: three conflicts in each draw, each with all of its agreements."""
    weight = lasting.resampled(np.array([4, 7, 7, 9, 9, 9]), 1, 50, "test")

    assert (weight[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert (weight[:, [1, 3, 3]] == weight[:, [2, 4, 5]]).all()


def test_the_ridge_is_chosen_by_conflicts_left_out_twice():
    """What each conflict adds, from fits without it and without the one that is forecast: fold by fold."""
    found = durations("made.csv", many(conflicts=5, each=5, pull=0.8, seed=1))
    x = lasting._covariates(found)
    fits = lasting._fits(found, x, lasting.RIDGES)
    added = lasting._left_out(found, x, fits)
    for out, back in ((0, 1), (1, 0), (3, 2)):
        outside = found.conflict != out
        inside = outside & (found.conflict != back)
        for at, ridge in enumerate(lasting.RIDGES):
            some, more = (survival.ranked(found.years[rows], found.ended[rows]) for rows in (inside, outside))
            beta = survival.cox(some, x[inside], lasting._penalty(ridge, x.shape[1])).beta
            gain = survival.log_likelihood(more, x[outside], beta)
            gain -= survival.log_likelihood(some, x[inside], beta)
            assert added[out, back, at] == pytest.approx(gain, abs=1e-6)

    assert added[2, 2] == pytest.approx(np.zeros(len(lasting.RIDGES)))
    best = [int(added[out].sum(axis=0).argmax()) for out in range(5)]
    assert lasting._chosen(found, x, fits).tolist() == best
    assert len(set(best)) > 1  # the conflict that is left out makes a difference here


def test_order_of_rows_changes_nothing():
    """The same agreements in another order score the same."""
    rows = many(conflicts=6)
    one, other = (durations("made.csv", some) for some in (rows, rows[::-1]))
    for mine, theirs in zip(
        lasting.score(one, lasting.forecasts(one), 1, 50),
        lasting.score(other, lasting.forecasts(other), 1, 50),
        strict=True,
    ):
        assert mine.figures == pytest.approx(theirs.figures, abs=1e-9)


def test_shares_of_a_class(found):
    """All and one class: counts, and intervals around the share."""
    every = lasting.shares(found, None, np.array([1.0, 5.0]), 1, DRAWS)
    full = lasting.shares(found, 0, np.array([1.0, 5.0]), 1, DRAWS)

    assert every.n == 60
    assert full.n == (found.kind == 0).sum()
    for one in (every, full):
        assert ((one.low <= one.share) & (one.share <= one.high)).all()
        assert ((one.lo <= one.share) & (one.share <= one.hi)).all()
