"""Counts, signs and ratings before a day: against sums from scratch, and against published examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.core import logistic, sequences
from goodoffices.core.sequences import PER_POINT, Stream, volatility

ROWS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 9), st.integers(0, 3), st.sampled_from([-1, 1])),
    min_size=1, max_size=40,
)  # fmt: skip
QUESTIONS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), min_size=1, max_size=10)


def laid(rows, questions):
    rows = sorted(rows, key=lambda row: row[0] + row[1])
    day, late, key, sign = (np.array(column) for column in zip(*rows, strict=True))
    asked, ask = (np.array(column) for column in zip(*sorted(questions), strict=True))
    days = [column.astype(np.int32) for column in (day + late, day, asked)]
    return Stream(*days), key.astype(np.int64), ask.astype(np.int64), sign


@given(ROWS, QUESTIONS)
def test_counts_are_what_the_definition_gives(rows, questions):
    """Each question meets the sum over acts known before its day, each halved by half-lives since it happened."""
    stream, key, ask, sign = laid(rows, questions)
    lives, value = np.array([5.0, np.inf]), np.stack([sign > 0, sign < 0], axis=1).astype(float)
    told = np.empty((len(ask), 2, 2))
    sequences.follow_counts(stream, key, ask, value, lives, np.zeros((4, 2, 3)), told)
    for k, (day, mine) in enumerate(zip(stream.asked, ask, strict=True)):
        counted = (stream.known < day) & (key == mine)
        weight = 0.5 ** ((day - stream.day[counted])[:, None] / lives)

        assert told[k] == pytest.approx(weight.T @ value[counted], abs=1e-9)


@given(ROWS, QUESTIONS)
def test_signs_are_the_last_ones_known_before_the_day(rows, questions):
    """The newest comes first, and what was not there is zero."""
    stream, key, ask, sign = laid(rows, questions)
    told = np.zeros((len(ask), 3), np.int8)
    sequences.follow_signs(stream, key, ask, sign.astype(np.int8), np.zeros((4, 3), np.int8), told)
    for k, (day, mine) in enumerate(zip(stream.asked, ask, strict=True)):
        seen = sign[(stream.known < day) & (key == mine)][::-1][:3]

        assert list(told[k]) == [*seen, *[0] * (3 - len(seen))]


def contests(sides, score, days=None, asked=1):
    known = np.zeros(len(sides), np.int32) if days is None else np.array(days, np.int32)
    stream = Stream(known, known, np.array([asked], np.int32))
    return stream, np.array(sides, np.int64), np.array([[0, 1]], np.int64), np.array(score, float)


def test_glicko_2_gives_the_published_example():
    """Glickman's example: 1500 (200, .06) beats 1400, loses to 1550 and 1700, and comes to 1464.06 (151.52, .05999)."""
    stream, sides, ask, score = contests([[0, 1], [0, 2], [0, 3]], [1.0, 0.0, 0.0])
    store = np.zeros((4, 2, 6))
    store[0, 0, :3] = 0.0, 200 / PER_POINT, 0.06
    for party, (rating, deviation) in enumerate([(1400, 30), (1550, 100), (1700, 300)], 1):
        store[party, 1, :3] = (rating - 1500) / PER_POINT, deviation / PER_POINT, 0.06
    store[0, 1, :3] = sequences.UNRATED
    sequences.follow_glicko(stream, sides, ask, score, np.array([1.0, 0.0, 0.0]), store, np.empty(1))

    assert 1500 + PER_POINT * store[0, 0, 0] == pytest.approx(1464.06, abs=0.01)
    assert PER_POINT * store[0, 0, 1] == pytest.approx(151.52, abs=0.01)
    assert store[0, 0, 2] == pytest.approx(0.05999, abs=1e-5)


@given(st.floats(0.03, 0.12), st.floats(-4.0, 4.0), st.floats(0.3, 2.0), st.floats(0.1, 9.0))
def test_the_volatility_is_a_zero_of_its_function(before, surprise, deviation, variance):
    """The search ends where the function of step 5 changes its sign."""
    x = np.log(volatility(before, surprise, deviation, variance) ** 2)
    spread, start = deviation**2 + variance, np.log(before**2)
    near = [sequences.tension(x + aside, surprise**2, spread, start) for aside in (-1e-4, 1e-4)]

    assert near[0] >= 0.0 >= near[1]


def test_deviation_grows_while_nobody_meets():
    """After quiet periods a question meets a wider deviation, up to that of an unrated one."""
    assert sequences.widened(0.5, 0.06, 0.0) == pytest.approx(0.5)
    assert sequences.widened(0.5, 0.06, 100.0) == pytest.approx(np.sqrt(0.25 + 0.36))
    assert sequences.widened(0.5, 0.06, 1e9) == pytest.approx(350 / PER_POINT)


def test_elo_moves_by_hand_and_a_day_moves_together():
    """Two equal ones: the score .5 moves both by K/2; two acts of one day meet the same ratings."""
    stream, sides, ask, score = contests([[0, 1], [0, 1]], [1.0, 1.0])
    told, store = np.empty(1), np.zeros((2, 4))
    sequences.follow_elo(stream, sides, ask, score, np.array([32.0, 0.0]), store, told)

    assert store[0, 0] == pytest.approx(32.0)
    assert store[1, 1] == pytest.approx(-32.0)
    assert told[0] == pytest.approx(1 / (1 + 10 ** (-64 / 400)))


@pytest.mark.parametrize("loop", ["follow_elo", "follow_glicko"])
def test_the_order_within_a_day_is_nothing_to_a_rating(loop):
    """Acts of one day in another order leave the same ratings."""
    rng = np.random.default_rng(4)
    sides, score = rng.permuted(np.tile(np.arange(6), (40, 1)), axis=1)[:, :2], rng.integers(0, 2, 40)
    found = []
    for order in (np.arange(40), rng.permutation(40)):
        stream, some, ask, came = contests(sides[order], score[order])
        store, told = np.zeros((6, 4)), np.empty(1)
        if loop == "follow_glicko":
            store = np.zeros((6, 2, 6))
            store[:, :, :3] = sequences.UNRATED
        rules = np.array([16.0, 0.0]) if loop == "follow_elo" else np.array([1.0, 0.0, 0.0])
        getattr(sequences, loop)(stream, some, ask, came, rules, store, told)
        found.append(float(told[0]))

    assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_compiled_loops_are_the_plain_ones():
    """Every loop gives the same compiled as plain, over a random stream."""
    pytest.importorskip("numba")
    from goodoffices.compute.kernels import prepared

    driver = prepared("goodoffices.core.sequences_cpu", "a test")
    rng = np.random.default_rng(2)
    n, q = 600, 200
    known = np.sort(rng.integers(0, 300, n)).astype(np.int32)
    stream = Stream(
        known,
        known - rng.integers(0, 9, n).astype(np.int32),
        np.sort(rng.integers(0, 330, q)).astype(np.int32),
    )
    sides = rng.permuted(np.tile(np.arange(9), (n, 1)), axis=1)[:, :2].astype(np.int64)
    ask = rng.permuted(np.tile(np.arange(9), (q, 1)), axis=1)[:, :2].astype(np.int64)
    good = rng.random(n) < 0.6
    rated = np.zeros((9, 2, 6))
    rated[:, :, :3] = sequences.UNRATED
    score, value = good.astype(float), np.stack([good, ~good], axis=1).astype(float)
    one, asked_one = np.ascontiguousarray(sides[:, 0]), np.ascontiguousarray(ask[:, 0])
    signs = np.where(good, 1, -1).astype(np.int8)
    calls = {
        "follow_counts": lambda f, told: f(
            stream, one, asked_one, value, np.array([3.0, np.inf]), np.zeros((9, 2, 3)), told
        ),
        "follow_signs": lambda f, told: f(stream, one, asked_one, signs, np.zeros((9, 4), np.int8), told),
        "follow_elo": lambda f, told: f(
            stream, sides, ask, score, np.array([16.0, 90.0]), np.zeros((9, 4)), told
        ),
        "follow_glicko": lambda f, told: f(
            stream, sides, ask, score, np.array([7.0, 0.0, 0.4]), rated.copy(), told
        ),
    }
    shapes = {"follow_counts": (q, 2, 2), "follow_signs": (q, 4), "follow_elo": (q,), "follow_glicko": (q,)}
    for name, call in calls.items():
        found = [np.zeros(shapes[name], np.int8 if name == "follow_signs" else float) for _ in range(2)]
        call(getattr(sequences, name), found[0])
        call(getattr(driver, name), found[1])

        assert found[1] == pytest.approx(found[0], abs=1e-9), name


def test_the_logistic_is_that_of_scikit_learn():
    """With the same ridge on features of unit spread the weights agree."""
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(800, 4))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = (rng.random(800) < logistic.chances(x, np.array([1.0, -0.5, 0.0, 0.3, 0.2]))).astype(float)
    found = logistic.fitted(x, y, ridge=2.0)
    theirs = linear.LogisticRegression(C=0.5, tol=1e-10, max_iter=2000).fit(x, y)

    assert found[:-1] == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert found[-1] == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_the_logistic_holds_still_where_outcomes_part():
    """Where a feature parts yes from no without a mistake the ridge keeps the weights finite."""
    x = np.arange(-5.0, 6.0)[:, None]

    assert np.abs(logistic.fitted(x, (x[:, 0] > 0).astype(float))).max() < 10.0
