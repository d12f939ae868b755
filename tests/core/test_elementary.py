"""The functions of the compiled loops keep the errors that they state, plain and compiled."""

import re
from types import FunctionType

import numba
import numpy as np
import pytest

from goodoffices.core import elementary

NAMES = ("fast_exp2", "fast_exp", "fast_logistic", "fast_log", "fast_cos_turn")  # callers last
EXACT = {
    "fast_exp2": np.exp2,
    "fast_exp": np.exp,
    "fast_logistic": elementary.logistic,
    "fast_log": np.log,
    "fast_cos_turn": elementary.cos_turn,
}
SLACK = 1e-15  # error of NumPy's own functions, relative; of its cosine of u turns, absolute


def build(**options) -> dict:
    """Every fast function compiled, each with the compiled ones before it in its globals."""
    known = dict(vars(elementary))
    for name in NAMES:
        plain = getattr(elementary, name)
        known[name] = numba.njit(error_model="numpy", **options)(FunctionType(plain.__code__, known, name))
    return {name: known[name] for name in NAMES}


COMPILED = {"separate": build(), "fused": build(fastmath={"contract"})}


def loop_over(function):
    """A compiled loop over 64 numbers at a time."""

    @numba.njit(error_model="numpy")
    def run(x, out):
        for k in range(64):
            out[k] = function(x[k])

    return run


def through(function, points: np.ndarray) -> np.ndarray:
    """The values of a compiled function at many points, 64 at a time."""
    run, rows = loop_over(function), np.resize(points, (len(points) // 64 + 1, 64))
    found = np.empty_like(rows)
    for x, out in zip(rows, found, strict=True):
        run(x, out)
    return found.ravel()[: len(points)]


def spread(low: float, high: float, n: int = 100_000) -> np.ndarray:
    """A grid with both ends and as many random points."""
    return np.concatenate([np.linspace(low, high, n), np.random.default_rng(8).uniform(low, high, n)])


def near_one() -> np.ndarray:
    away = 10.0 ** spread(-15, -0.2, 20_000)
    return np.concatenate([1 + away, 1 - away, np.nextafter(1, [0.0, 2.0])])


# function, points, stated bound, relative or absolute
STATED = [
    ("fast_exp2", spread(-1022, 1022), 1e-13, True),
    ("fast_exp2", spread(-2, 2), 1e-13, True),
    ("fast_exp", spread(-40, 40), 1e-13, True),
    ("fast_exp", spread(-700, 700), 2e-13, True),
    ("fast_logistic", spread(-40, 40), 1e-13, True),
    ("fast_logistic", spread(-700, 700), 2e-13, True),
    ("fast_log", 10.0 ** spread(-307, 308), 5e-14, True),
    ("fast_log", spread(0.4, 3), 5e-14, True),
    ("fast_log", near_one(), 5e-14, True),
    ("fast_cos_turn", spread(0, 1), 5e-14, False),
    ("fast_cos_turn", 10.0 ** spread(-20, -1), 5e-14, False),
]


def error(name: str, found: np.ndarray, points: np.ndarray, relative: bool) -> float:
    """The largest error against NumPy."""
    exact = EXACT[name](points)
    size = np.where(exact == 0, 1.0, np.abs(exact)) if relative else 1.0
    return np.max(np.abs(found - exact) / size)


@pytest.mark.parametrize(("name", "points", "bound", "relative"), STATED)
@pytest.mark.parametrize("how", COMPILED)
def test_compiled_functions_keep_their_stated_errors(how, name, points, bound, relative):
    """On a grid and at random points the error stays below the stated bound, fused or not."""
    assert error(name, through(COMPILED[how][name], points), points, relative) < bound + SLACK


@pytest.mark.parametrize(("name", "points", "bound", "relative"), STATED)
def test_plain_functions_are_the_compiled_ones(name, points, bound, relative):
    """Uncompiled, one number at a time or elementwise, the same bits come out as compiled."""
    plain, few = getattr(elementary, name), points[:: len(points) // 50]
    one_by_one = np.array([plain(x) for x in few])

    assert np.array_equal(one_by_one, through(COMPILED["separate"][name], few))
    assert np.array_equal(one_by_one, plain(few))
    assert error(name, one_by_one, few, relative) < bound + SLACK


@pytest.mark.parametrize("how", COMPILED)
def test_fixed_points_are_exact(how):
    """Powers of two, exp and logistic at 0, log at 1 and the zeros of the cosine are exact."""
    f = COMPILED[how]

    assert all(f["fast_exp2"](float(n)) == 2.0**n for n in range(-1022, 1023))
    assert f["fast_exp"](0.0) == f["fast_exp"](-0.0) == 1.0
    assert f["fast_logistic"](0.0) == 0.5
    assert f["fast_log"](1.0) == 0.0
    assert f["fast_cos_turn"](0.25) == f["fast_cos_turn"](0.75) == 0.0


@pytest.mark.parametrize("how", COMPILED)
def test_edges(how):
    """The ends of the domains, both clips of a belief and the turning points of the cosine hold."""
    f = COMPILED[how]

    assert [f["fast_cos_turn"](u) for u in (0.0, 0.5, 1.0)] == pytest.approx([1, -1, 1], rel=0, abs=5e-14)
    for x in (-40.0, -6.0, 6.0, 40.0):
        assert f["fast_logistic"](x) == pytest.approx(1 / (1 + np.exp(-x)), rel=1e-13)
        assert 0.0 < f["fast_logistic"](x) <= 1.0
    tiny, huge = np.finfo(float).tiny, np.finfo(float).max
    assert f["fast_log"](tiny) == pytest.approx(np.log(tiny), rel=5e-14)
    assert f["fast_log"](huge) == pytest.approx(np.log(huge), rel=5e-14)
    assert f["fast_log"](2.0**-54) == pytest.approx(-54 * np.log(2), rel=5e-14)
    assert np.isnan(f["fast_exp"](np.nan))


def test_next_to_one_the_logarithm_keeps_its_relative_error():
    """Log of 1 + e is e as far as the numbers reach."""
    for e in (2.0**-52, 2.0**-40, -(2.0**-53), -(2.0**-40)):
        assert COMPILED["separate"]["fast_log"](1 + e) == pytest.approx(np.log1p(e), rel=5e-14)


@pytest.mark.parametrize("how", COMPILED)
def test_the_logistic_never_falls(how):
    """A higher level never gives a lower belief, in steps of 1e-5 within the clip and of 1e-3 beyond."""
    f = COMPILED[how]["fast_logistic"]
    fine, wide = np.arange(-600_000, 600_001) * 1e-5, np.arange(-700_000, 700_001) * 1e-3

    assert np.all(np.diff(through(f, fine)) > 0)
    assert np.all(np.diff(through(f, wide)) >= 0)


def test_exp_turns_log_round():
    """Log of exp gives back what went in, to the sum of both errors."""
    x = spread(-700, 700, 20_000)
    back = through(COMPILED["separate"]["fast_log"], through(COMPILED["separate"]["fast_exp"], x))

    assert np.all(np.abs(back - x) < 2e-13 + 5e-14 * np.abs(x))


def code_of_loop(function) -> str:
    """What the compiler makes of a loop over a function (LLVM's language, optimised)."""
    run = loop_over(function)
    run(np.full(64, 0.5), np.empty(64))
    return next(iter(run.inspect_llvm().values()))


LIBRARY = re.compile(r"call [^@\n]*@(?:llvm\.)?(?:exp2?|log|cos|sin|pow|tan)\b")
PACKED = re.compile(r"fmul[a-z ]* <\d+ x double>")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", COMPILED)
def test_a_loop_becomes_packed_instructions(how, name):
    """The compiler multiplies several numbers at a time and calls nothing of the C library."""
    code = code_of_loop(COMPILED[how][name])

    assert PACKED.search(code)
    assert not LIBRARY.search(code)


@pytest.mark.parametrize("own", [np.exp, np.exp2, np.log, np.cos])
def test_a_loop_over_numpys_own_calls_the_library(own):
    """The look for calls of the C library finds them where they are."""

    @numba.njit(error_model="numpy")
    def function(x):
        return own(x)

    assert LIBRARY.search(code_of_loop(function))


def test_numpys_own_names_are_numpys():
    """The drivers for whole arrays get NumPy's functions."""
    x = np.linspace(-6, 6, 101)

    assert np.array_equal(elementary.exp(x), np.exp(x))
    assert np.array_equal(elementary.exp2(x), np.exp2(x))
    assert np.array_equal(elementary.log(x + 7), np.log(x + 7))
    assert elementary.logistic(x) == pytest.approx(0.5 + 0.5 * np.tanh(x / 2), rel=1e-13)
    assert elementary.cos_turn(x) == pytest.approx(np.sin(2 * np.pi * (x + 0.25)), abs=1e-13)
