"""One history through every driver gives the same numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodoffices.compute import kernels
from goodoffices.core.follow import Day, Parameters, Push, begin, follow, levels

RATIOS = np.array([[1.47, 0.49, 0.46, 0.43], [0.89, 1.50, 2.08, 0.88]])
HALF = np.array([[3.0, 2.0, 3.0, 2.0], [3.0, 6.0, 8.0, 3.0]])
rows = st.tuples(
    st.integers(0, 3),  # facet
    st.integers(0, 900),  # day
    st.sampled_from([1, 1, -1, 0]),  # sign; 0 is an attack
    st.floats(0.0625, 1, width=32),
    st.sampled_from([0.0, 0.0, 0.5]),  # gesture
    st.floats(0, 1, width=32),
    st.floats(0, 1, width=32),
)


def one(value) -> np.ndarray:
    return np.array([float(value)])


def plain(history, prior, hawk) -> np.ndarray:
    """The NumPy driver, one column."""
    rules = Parameters(HALF[:, :, None], one(12), one(hawk), one(0.4))
    days = []
    for day in sorted({row[1] for row in history}):
        pushes = []
        for facet, when, sign, weight, gesture, pressure, excuse in history:
            if when != day:
                continue
            form = 2 if sign == 0 else (1 if gesture and sign > 0 else 0)
            ratio = RATIOS[1 if sign < 0 else 0, facet]
            ratio = gesture * np.log(8) if form == 1 else ratio
            pushes.append(
                Push(0, facet, 0 if sign > 0 else 1, 0, form, one(weight), one(ratio),
                     one(gesture if sign > 0 else 0), one(pressure), one(excuse), 0, 0)
            )  # fmt: skip
        days.append(Day(day, (), pushes, ()))
    state = follow(begin(np.array(prior)[:, None], 0), days, 1000, (), rules)
    return levels(state)[:, 0]


@given(
    st.lists(rows, min_size=1, max_size=25),
    st.lists(st.floats(-2, 2), min_size=4, max_size=4),
    st.floats(0, 0.9),
)
def test_draws_and_stream_agree(history, prior, hawk):
    """NumPy over draws and Numba over a stream follow one history to the same levels (1e-9)."""
    stream = kernels.stream()
    history = [(1 if row[2] == 0 else row[0], *row[1:]) for row in history]  # attacks hit intention
    history = [(1 if row[4] and row[2] > 0 else row[0], *row[1:]) for row in history]  # so do gestures
    ordered = sorted(history, key=lambda row: row[1])
    columns = list(zip(*ordered, strict=True))
    kinds = (np.int8, np.int32, np.int8, np.float32, np.float32, np.float32, np.float32)
    facet, day, sign, weight, gesture, pressure, excuse = (
        np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)
    )
    found = stream.Rows(np.zeros(len(day), np.int32), facet, day, sign, weight, gesture, pressure, excuse)
    rules = stream.Rules(RATIOS, HALF * 365.25, float(np.log(8)), hawk)
    state = stream.begin(np.array([prior]), 0)
    stream.follow(state, found, rules)

    assert plain(ordered, prior, hawk) == pytest.approx(stream.levels_on(state, 1000, rules)[0], abs=1e-9)


def test_order_within_a_day_and_of_pairs_does_not_matter():
    """Shuffled rows of one day, over several pairs, give the same stream."""
    stream = kernels.stream()
    rng = np.random.default_rng(1)
    n = 400
    day = np.sort(rng.integers(0, 50, n)).astype(np.int32)
    pair = rng.integers(0, 5, n).astype(np.int32)
    facet, sign = rng.integers(0, 4, n).astype(np.int8), rng.choice([1, -1], n).astype(np.int8)
    weight, nothing = rng.random(n).astype(np.float32), np.zeros(n, np.float32)
    rules = stream.Rules(RATIOS, HALF * 365.25, float(np.log(8)), 0.5)

    def end(order):
        state = stream.begin(np.zeros((5, 4)), 0)
        table = stream.Rows(
            pair[order], facet[order], day[order], sign[order], weight[order], nothing, nothing, nothing
        )
        stream.follow(state, table, rules)
        return stream.levels_on(state, 60, rules)

    shuffled = np.lexsort((rng.random(n), day))

    assert end(np.arange(n)) == pytest.approx(end(shuffled), abs=1e-9)


def test_the_kernel_cache_belongs_to_the_user_and_to_the_sources(tmp_path, monkeypatch):
    """The folder is named by a hash of the sources, has mode 0700, and is None where none can be made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = kernels.cache_folder()

    assert folder is not None
    assert folder.name == f"kernels-{kernels.source_hash()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert kernels.cache_folder() is None
