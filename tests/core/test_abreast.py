"""Many beliefs at once: nothing but the time is saved."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodoffices.core import abreast
from goodoffices.core.follow import (
    ATTACK,
    BAD,
    CAPACITY,
    GESTURE,
    GOOD,
    INTEGRITY,
    INTENTION,
    LEADER,
    MEETING,
    PLAIN,
    STATE,
    YEAR,
    Day,
    Parameters,
    Push,
    Rated,
    begin,
    beliefs,
    follow,
)

N, DAYS = 5, 60


def rules(rng) -> Parameters:
    return Parameters(
        rng.uniform(0.5, 9.0, (2, 4, N)), rng.uniform(0.5, 3.0, N), rng.uniform(0, 1, N), rng.uniform(0, 1, N)
    )


def push(rng) -> Push:
    form = int(rng.choice([PLAIN, PLAIN, PLAIN, GESTURE, MEETING, ATTACK]))
    sign = {GESTURE: GOOD, MEETING: GOOD, ATTACK: BAD}.get(form, int(rng.integers(2)))
    facet = INTENTION if form != PLAIN else int(rng.integers(4))
    age = int(rng.choice([0, 0, 3]))
    return Push(
        0, facet, sign, int(rng.choice([STATE, LEADER])), form, rng.random(N), rng.random(N),
        gesture=rng.random(N) if form == GESTURE else 0.0, pressure=rng.random(N) if rng.random() < 0.3 else 0.0,
        excuse=0.0, age=age, turnovers=int(age > 0), lie=facet == INTEGRITY and sign == BAD and rng.random() < 0.5,
        noise=rng.normal(size=N), kind=rng.random(N),
    )  # fmt: skip


def history(rng, shared: list[Push]) -> list[Day]:
    when = sorted(rng.choice(DAYS, size=int(rng.integers(0, 12)), replace=False).tolist())
    return [
        Day(
            day,
            (day,) if rng.random() < 0.1 else (),
            [*(push(rng) for _ in range(int(rng.integers(3)))), *rng.permutation(len(shared))[:2].tolist()],
            (),
        )
        for day in when
    ]


def drawn(seed: int):
    """Some beliefs, a part of whose pushes they have in common, some of them rated."""
    rng = np.random.default_rng(seed)
    shared = [push(rng) for _ in range(4)]
    rows = [history(rng, shared) for _ in range(6)]
    rows = [
        [day._replace(pushes=[shared[p] if isinstance(p, int) else p for p in day.pushes]) for day in row]
        for row in rows
    ]
    rated = [{day.day: {CAPACITY} for day in row if rng.random() < 0.1} for row in rows]
    ratings = [Rated(CAPACITY, rng.normal(size=N), 0.5, 0.8)]
    filled = [
        [day._replace(ratings=ratings if day.day in some else ()) for day in row]
        for row, some in zip(rows, rated, strict=True)
    ]
    return rules(rng), rows, rated, filled, rng.normal(size=(6, 4, N))


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, DAYS + 20), min_size=1, max_size=4))
@settings(max_examples=60)
def test_abreast_every_belief_is_what_it_is_alone(seed, ends):
    """Whatever is known of whom, to whatever day: trust and stores are the same, bit for bit."""
    given_rules, rows, rated, filled, prior = drawn(seed)
    table = abreast.Table(N)
    lanes = [abreast.Lane(days, some, table, given_rules) for days, some in zip(rows, rated, strict=True)]
    course = abreast.Course(lanes, table, given_rules)

    for end in ends:
        known = [[day for day in days if day.day <= end] for days in filled]
        last = [0, 1, 0, 2, 0, 0]
        now = abreast.follow(course, prior.copy(), known, end, last)
        trusts = abreast.trusts(now)
        for row, days in enumerate(known):
            start = begin(prior[row], days[0].day if days else end)
            alone = follow(start, days, end, [end] * last[row], given_rules)
            assert np.array_equal(alone.stores, now.stores[row])
            assert np.array_equal(alone.flags, now.flags[row])
            assert np.array_equal(beliefs(alone), trusts[row])


def test_what_is_seen_alike_stands_once_in_the_table():
    """A push that two beliefs share takes one line."""
    rng = np.random.default_rng(1)
    one, given_rules = push(rng)._replace(form=PLAIN), rules(rng)
    table = abreast.Table(N)

    assert table.place(one, given_rules) == table.place(one, given_rules)
    assert table.lines.shape == (1, N)
    assert pytest.approx(365.25) == YEAR
