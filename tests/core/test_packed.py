"""Eight numbers at once: each lane by itself must be what one number gives."""

import numpy as np
import pytest

pytest.importorskip("numba")

import numba

from goodoffices.compute import kernels
from goodoffices.core.packed import EIGHT, eight, mixing, none, putting, reading, setting

PUT, PUT_SIX = putting(EIGHT), putting(6)
TURNED, THIRD, WITH_THIRD = mixing(7, 6, 5, 4, 8, 9, 10, 15), reading(2), setting(2)


@numba.njit(error_model="numpy")
def reckoned(one, other, found):
    left, right = eight(one, 3), eight(other, 1)
    PUT(found, 0, (left + right) * np.float32(2.0) - left / right)
    PUT(found, 8, np.float32(1.0) / left - none())
    PUT(found, 16, TURNED(left, right))
    PUT_SIX(found, 24, WITH_THIRD(left, np.float32(-9.0)))
    found[40] = THIRD(right)


def test_each_lane_is_what_one_number_gives():
    """Arithmetic, picking, setting and reading, from cells that begin anywhere; no other cell is written."""
    rng = np.random.default_rng(2)
    one, other = (rng.uniform(1.0, 2.0, 16).astype(np.float32) for _ in range(2))
    found = np.full(48, 7.0, np.float32)
    reckoned(one, other, found)
    left, right = one[3:11], other[1:9]
    assert np.array_equal(found[:8], (left + right) * np.float32(2.0) - left / right)
    assert np.array_equal(found[8:16], np.float32(1.0) / left)
    assert np.array_equal(found[16:24], [*left[[7, 6, 5, 4]], *right[[0, 1, 2, 7]]])
    assert np.array_equal(found[24:30], [*left[:2], -9.0, *left[3:6]])
    assert found[40] == right[2]
    assert (found[30:40] == 7.0).all()
    assert (found[41:] == 7.0).all()


def test_what_is_not_a_number_of_that_kind_is_refused():
    """Eight numbers and a float64 do not mix silently."""

    @numba.njit
    def mixed(one):
        return THIRD(eight(one, 0) * np.float64(0.1))

    with pytest.raises(numba.core.errors.TypingError):
        mixed(np.zeros(8, np.float32))


def test_records_begin_where_a_line_of_memory_begins():
    """A record never lies across two lines, also after room was made; nothing that was kept is lost."""
    driver = kernels.prepared("goodoffices.core.conduct", "a test")
    state = driver.begin(5, 3)
    state.cells[:] = np.arange(80).reshape(10, 8)
    state.since[:] = 9
    more = driver.grown(state, 9, 4)
    for one in (state, more):
        assert one.cells.ctypes.data % driver.LINE == 0
    assert more.cells.shape == (18, 8)
    assert (more.cells[:10] == state.cells).all()
    assert not more.cells[10:].any()
    assert more.since.tolist() == [9] * 5 + [4] * 4
