"""Two types of reported conduct: recovered where they are known, named, counted, and bounded in doubt."""

from datetime import date

import numpy as np
import pytest

pytest.importorskip("numba")

from goodoffices.compute import kernels
from goodoffices.conduct import asymmetry
from goodoffices.conduct.acts import taken
from goodoffices.conduct.twotypes import TwoTypes, course, fitted, hill_of, of_kind, pair_of, windowed
from goodoffices.domain.gaps import NOT_IDENTIFIED, Measured, TypesRow
from goodoffices.errors import UsageError
from tests.conduct.two_typed import THETA, acts_from, coverage, two_typed


def driver():
    return kernels.prepared("goodoffices.core.switching_cpu", "two types")


@pytest.fixture(scope="module")
def acts():
    return two_typed()


def test_known_parameters_are_recovered(acts):
    """a and b come back within .04 of what 72 pairs with 40 days each were drawn from, a above b."""
    found = fitted(driver(), windowed(acts, "act")[0]).types

    assert (found.a, found.b) == pytest.approx(THETA[:2], abs=0.04)
    assert found.rate == pytest.approx(THETA[2], rel=0.5)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """Over 40 simulations intervals of 90% of a, b, rate, rest, start and offset hold it 75% to 100%."""
    shares = coverage(40, 20, pairs=60, days=40)

    assert shares.mean() < 0.985
    assert (shares >= 0.75).all(), shares


def test_the_fit_stands_on_a_top(acts):
    """Moving any parameter either way lowers likelihood and weak prior together."""
    told, pairs = windowed(acts, "act")
    fit, hill = fitted(driver(), told), hill_of(driver(), told, np.ones(len(pairs)))
    moved = [hill(fit.free + way * step)[0] for step in np.eye(len(THETA)) for way in (-0.05, 0.05)]

    assert max(moved) < hill(fit.free)[0]
    assert fit.top.settled


def test_a_mirrored_stream_gives_the_same_parameters(acts):
    """Two actors trade names throughout: nothing that is fitted changes (1e-6)."""
    turn = np.arange(len(acts.parties.names), dtype=np.int32)
    turn[[0, 1]] = 1, 0
    mirrored = acts._replace(actor=turn[acts.actor], target=turn[acts.target])
    one, other = (fitted(driver(), windowed(some, "act")[0]).theta for some in (acts, mirrored))

    assert one == pytest.approx(other, rel=1e-6)


def test_all_acts_of_one_sign_are_refused(acts):
    """Two types cannot be told apart without acts of both signs, and the sentence says what was found."""
    with pytest.raises(UsageError, match="0 bad ones"):
        fitted(driver(), windowed(taken(acts, acts.good), "act")[0])


def test_acts_are_counted_by_pair_and_day():
    """Acts of one day enter together, and each direction is a pair of its own."""
    some = acts_from([(5, 0, 1, 3.0), (5, 0, 1, -2.0), (5, 0, 1, 1.0), (5, 1, 0, 1.0), (9, 0, 1, -1.0)], 2)
    told, pairs = windowed(some, "act")

    assert pairs.tolist() == [1, 2]
    assert told.first.tolist() == [0, 2, 3]
    assert told.day.tolist() == [5, 9, 5]
    assert (told.good.tolist(), told.bad.tolist()) == ([2, 0, 1], [1, 1, 0])


@pytest.mark.parametrize(("window", "good", "bad"), [("day", 2, 2), ("week", 1, 1), ("month", 1, 0)])
def test_a_window_counts_by_the_sign_of_its_sum(window, good, bad):
    """Values of a window are added up; the sign of the sum is one act, and a sum of zero is none."""
    monday = date(2014, 1, 6).toordinal()
    rows = [(monday, 0, 1, 5.0), (monday, 0, 1, -2.0), (monday + 1, 0, 1, -1.0), (monday + 8, 0, 1, -3.4),
            (monday + 8, 0, 1, 3.4), (monday + 9, 0, 1, 1.0), (monday + 10, 0, 1, -1.5)]  # fmt: skip
    told, _pairs = windowed(acts_from(rows, 2), window)

    assert (told.good.sum(), told.bad.sum()) == (good, bad)


def test_kinds_part_the_acts():
    """Verbal and material acts are apart, and an unknown quad class is neither."""
    some = acts_from([(1, 0, 1, 1.0), (2, 0, 1, -1.0), (3, 0, 1, 1.0)], 2)
    some = some._replace(quad=np.array([1, 4, 0], np.int8))

    assert [len(of_kind(some, kind).day) for kind in ("all", "verbal", "material")] == [3, 1, 1]


# -- intervals and verdict ------------------------------------------------------------------------


def test_both_directions_of_a_pair_are_drawn_together(acts):
    """In every draw a pair counts as often as its reverse."""
    _told, pairs = windowed(acts, "act")
    n = len(acts.parties.names)
    weight = asymmetry.drawn(asymmetry.blocks(pairs, n), 3, 0)
    known = dict(zip(pairs.tolist(), weight.tolist(), strict=True))

    assert weight.sum() == len(pairs)
    assert all(known[pair] == known[pair % n * n + pair // n] for pair in known)


def test_intervals_hold_their_figure_and_the_same_seed_gives_the_same(acts):
    """Each figure lies in its interval; draws hang on the seed alone."""
    told, pairs = windowed(acts, "act")
    fit, block = fitted(driver(), told), asymmetry.blocks(pairs, len(acts.parties.names))
    one, other = (asymmetry.measured(driver(), told, fit, block, 6, 5) for _twice in range(2))

    assert one == other
    assert all(some.lo < some.value < some.hi for some in one.values())
    assert one["offset"].value == pytest.approx(asymmetry.offset(fit.types.a, fit.types.b))


def test_how_many_cooperative_acts_one_conflictive_act_offsets():
    """For the first figures of ICEWS, .93 and .16, it is about 1.4; above one half it exceeds 1."""
    assert asymmetry.offset(0.93, 0.16) == pytest.approx(1.41, abs=0.01)
    assert asymmetry.offset(0.9, 0.55) == pytest.approx(3.06, abs=0.01)


def row(lo, hi):
    b = Measured(value=(lo + hi) / 2, lo=lo, hi=hi)
    return TypesRow(source="x", kind="all", window="act", n=9, pairs=3, a=b, b=b, offset=b)


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ([(0.1, 0.2), (0.3, 0.4)], "below"),
        ([(0.6, 0.7), (0.51, 0.9)], "above"),
        ([(0.1, 0.2), (0.6, 0.7)], NOT_IDENTIFIED),
        ([(0.1, 0.2), (0.45, 0.55)], NOT_IDENTIFIED),
        ([], NOT_IDENTIFIED),
    ],
)
def test_where_b_crosses_one_half_it_is_not_identified(ends, verdict):
    """Rows on both sides of one half, or an interval that holds it, leave the asymmetry open."""
    assert asymmetry.identified([row(*one) for one in ends]) == verdict


def test_a_kind_without_acts_has_a_row_with_its_reason(acts):
    """What cannot be measured is said, and takes no other row away."""
    some = acts._replace(quad=np.ones_like(acts.quad))
    found = list(asymmetry.rows(driver(), some, "x", 2, 1))

    assert [one.n > 0 for one in found] == [True] * 8 + [False] * 4
    assert all("both signs" in one.reason for one in found[8:])
    assert all(one.b is not None and one.reason == "" for one in found[:8])


# -- forecasts ------------------------------------------------------------------------------------


def test_forecasts_hang_on_earlier_acts_alone(acts):
    """Turning every act of a day and after it around moves no forecast of that day or before."""
    model = TwoTypes(driver=driver(), theta=THETA)
    day = int(np.median(acts.day))
    turned = acts._replace(value=np.where(acts.day >= day, -acts.value, acts.value))
    until = acts.day <= day
    one, other = (model.forecast(some, slice(None)) for some in (acts, turned))

    assert one[until] == pytest.approx(other[until], abs=0)
    assert not np.allclose(one[~until], other[~until])


def test_an_act_known_later_enters_when_it_is_known():
    """What happened on day 1 and was known on day 6 moves the forecast of day 7 and not that of day 5."""

    def told(value):
        rows = [(1, 0, 1, value, 6), (5, 0, 1, 1.0), (7, 0, 1, 1.0)]
        return TwoTypes(driver=driver(), theta=THETA).forecast(acts_from(rows, 2), slice(None))

    assert told(1.0)[:2] == pytest.approx(told(-1.0)[:2], abs=0)
    assert told(1.0)[2] > told(-1.0)[2] + 0.1


def test_a_pair_without_acts_gets_the_pooled_share(acts):
    """Before its first act a pair is forecast by the share with which pairs begin."""
    model = TwoTypes(driver=driver(), theta=THETA)
    a, b, _rate, _rest, start = THETA
    first = np.unique(pair_of(acts), return_index=True)[1]

    assert model.forecast(acts, first) == pytest.approx(b + (a - b) * start)


def test_a_model_that_was_not_fitted_says_so(acts):
    """Forecasts without a fit are refused."""
    with pytest.raises(UsageError, match="not fitted"):
        TwoTypes(driver=driver()).forecast(acts, slice(0, 1))


def test_the_fit_sees_nothing_known_later(acts):
    """Acts from the day on, turned around, change nothing that is learnt before it."""
    day = int(np.median(acts.day))
    turned = acts._replace(value=np.where(acts.day >= day, -acts.value, acts.value))
    one, other = (TwoTypes(driver=driver()).fit(some, day).theta for some in (acts, turned))

    assert one.tolist() == other.tolist()


def test_a_course_is_in_order_whatever_the_order_of_rows():
    """Rows in any order give one course."""
    rng = np.random.default_rng(2)
    pair, day = rng.integers(0, 5, 200), rng.integers(1, 30, 200).astype(np.int32)
    good, turn = rng.random(200) < 0.5, rng.permutation(200)
    one, other = course(pair, day, good)[0], course(pair[turn], day[turn], good[turn])[0]

    assert all((a == b).all() for a, b in zip(one, other, strict=True))
