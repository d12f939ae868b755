"""The ledger index: one rule for its scale, two drivers that agree, figures that say what they are."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from goodoffices.analysis import index, reports
from goodoffices.cases.tables import tables
from goodoffices.compute import kernels

PAIRS = 40


def made(n=4000, days=1500, seed=1):
    rng = np.random.default_rng(seed)
    facet = rng.choice([0, 1, 3], n).astype(np.int8)
    gesture = np.where(facet == 1, rng.choice([0, 0, 0.3], n), 0).astype(np.float32)
    sign = np.where(gesture > 0, 1, rng.choice([1, -1], n)).astype(np.int8)
    return reports.Evidence(
        rng.integers(0, PAIRS, n).astype(np.int32), facet, np.sort(rng.integers(1, days, n)).astype(np.int32), sign,
        rng.random(n, dtype=np.float32), gesture, np.ones(n, np.int32),
    )  # fmt: skip


def cut(rows, keep):
    return reports.Evidence(*(column[keep] for column in rows))


def months(rows, days=1500, step=50):
    for end in range(step, days + 1, step):
        yield end, cut(rows, (rows.day <= end) & (rows.day > end - step))


def followed(rows, given, pairs=PAIRS):
    pytest.importorskip("numba")
    with ThreadPoolExecutor(2) as pool:
        return list(index.all_pairs(kernels.stream(), months(rows), given, pairs, pool))


def test_one_pair_alone_stands_where_it_stands_among_all():
    """The plain driver of one pair and the compiled one of all pairs agree (1e-9), in every setting."""
    rows, given = made(), index.settings(tables(), 0.3, 4, 1)
    everybody = followed(rows, given)
    stops = np.array([one.day for one in everybody], np.int32)

    for pair in (0, 7):
        alone = index.one_pair(cut(rows, rows.pair == pair), given, stops)
        among = np.array([one.level[:, pair] for one in everybody])
        assert alone == pytest.approx(np.moveaxis(among, 1, 0), abs=1e-9)


def test_the_scale_puts_the_median_active_pair_at_one():
    """By the rule: half of the active pair-dates lie below 1 at the scale, give or take its rounding."""
    rows, middle = made(20_000), index.settings(tables(), 1.0, 0, 1)
    scale = index.scale_of(followed(rows, index.sized(middle, index.GRID)))
    sizes = [
        np.abs(one.level[0, one.active, 1]) for one in followed(rows, index.settings(tables(), scale, 0, 1))
    ]

    assert np.median(np.concatenate(sizes)) == pytest.approx(1.0, rel=0.15)


def test_what_comes_later_changes_nothing_before():
    """With a scale that is fixed, levels up to a day are the same whatever is reported after it."""
    rows, given = made(), index.settings(tables(), 0.3, 2, 1)
    early, whole = followed(cut(rows, rows.day <= 700), given), followed(rows, given)

    assert all(np.array_equal(a.level, b.level) for a, b in zip(early[:14], whole[:14], strict=True))


def test_figures_lie_in_order_and_within_the_clip():
    """Ends enclose the median; nothing leaves the range of the clip."""
    shown = index.figures(np.random.default_rng(1).normal(0, 8, (15, 30)))

    assert (shown.lo <= shown.median).all()
    assert (shown.median <= shown.hi).all()
    assert shown.lo.min() >= 1 / (1 + np.exp(6)) - 1e-12


def test_pairs_at_the_clip_are_counted_for_each_scale():
    """Only active pairs count; any facet at the clip puts the pair there."""
    level = np.zeros((3, 4, 3))
    level[2, 0, 1], level[0, 3, 0] = -7.0, 6.0

    at, active = index.at_clip(level, np.array([True, True, True, False]))

    assert (at.tolist(), active) == ([0, 0, 1], 3)


def test_ranks_share_ties_and_leave_out_the_inactive():
    """Shares of pairs that stand lower; those level with one count half."""
    found = index.ranks(np.array([0.2, 0.5, 0.5, 0.9]), np.array([True, True, True, False]))

    assert found[:3] == pytest.approx([1 / 6, 4 / 6, 4 / 6])
    assert np.isnan(found[3])


def test_active_pairs_have_an_event_a_month():
    """Twelve events on intention within a year make a pair active, and a quiet year takes it back."""
    n = 12
    nothing = np.zeros(n, np.float32)
    rows = reports.Evidence(
        np.zeros(n, np.int32), np.ones(n, np.int8), np.full(n, 10, np.int32), np.ones(n, np.int8), nothing + 1,
        nothing, np.ones(n, np.int32),
    )  # fmt: skip
    active = [one.active[0] for one in followed(rows, index.settings(tables(), 1.0, 0, 1), pairs=1)]

    assert active == [day - 50 < 365 for day in range(50, 1501, 50)]
