"""How lopsided reported conduct is, with intervals, and whether that is identified at all.

a and b of the switching model are measured by source, by window of time and by kind of act.  Where b
lies on both sides of one half among these, what reported conduct says about the asymmetry hangs on
how acts are counted: then it is called not identified.

Intervals are the wider of two, on scales without ends: from the observed information, and from the
spread over pairs drawn anew, both directions of a pair together (a block bootstrap; Efron &
Tibshirani 1993, ch. 8), every draw fitted afresh.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts
from goodoffices.conduct.twotypes import (
    KINDS,
    WINDOWS,
    Fit,
    Switching,
    bound_of,
    fitted,
    hill_of,
    of_kind,
    windowed,
)
from goodoffices.core import switching
from goodoffices.core.ascent import curvature
from goodoffices.core.draws import stream_key, uniform
from goodoffices.core.switching import Course
from goodoffices.domain.gaps import NOT_IDENTIFIED, Measured, TypesRow
from goodoffices.errors import UsageError

__all__ = ["HALF", "blocks", "drawn", "identified", "measured", "offset", "rows"]

Floats = NDArray[np.float64]
LEVEL = 1.6448536269514722  # standard deviations at the ends of 90%
HALF = 0.5  # one misdeed outweighs one good deed at every level of trust if and only if b is above


def blocks(pairs: NDArray[np.int64], parties: int) -> NDArray[np.int64]:
    """Number the blocks that are drawn together: both directions of a pair; shape (pair,)."""
    one, other = np.divmod(pairs, parties)
    both = np.minimum(one, other) * parties + np.maximum(one, other)
    return np.unique(both, return_inverse=True)[1].reshape(-1)


def drawn(block: NDArray[np.int64], seed: int, number: int) -> Floats:
    """How often each pair counts in one draw of as many blocks as there are; shape (pair,)."""
    n = int(block.max()) + 1
    picked = (uniform(stream_key(seed, "two types", str(number)), n) * n).astype(np.int64)
    return np.bincount(picked, minlength=n)[block].astype(np.float64)


def offset(a: float, b: float) -> float:
    """How many cooperative acts one conflictive act offsets: ln((1-b)/(1-a)) / ln(a/b)."""
    return float(np.log((1.0 - b) / (1.0 - a)) / np.log(a / b))


def _figures(free: Floats) -> Floats:
    """Parameters on scales without ends, and the log of the offset; shape (6,)."""
    theta = bound_of(free)[0]
    return np.append(free, np.log(offset(theta[switching.ONE], theta[switching.OTHER])))


def _slopes(free: Floats, step: float = 1e-5) -> Floats:
    """Slopes of `_figures` by the free parameters, shape (6, 5)."""
    aside = step * np.eye(len(free))
    return np.array([(_figures(free + k) - _figures(free - k)) / (2.0 * step) for k in aside]).T


def _covariance(hill: Callable[[Floats], tuple[float, Floats]], free: Floats) -> Floats:
    """Inverse of the observed information; a direction in which nothing is known stays wide."""
    values, vectors = np.linalg.eigh(curvature(hill, free))
    return np.asarray(vectors / np.maximum(values, 1e-3) @ vectors.T)


def _shown(figures: Floats) -> Floats:
    """Figures on their own scales, shape (6,)."""
    return np.append(bound_of(figures[:-1])[0], np.exp(figures[-1].clip(-700.0, 700.0)))


def measured(
    driver: Switching, told: Course, fit: Fit, block: NDArray[np.int64], draws: int, seed: int
) -> dict[str, Measured]:
    """Give a, b, rate, rest, start and the offset by name, with intervals of 90%.

    The wider of two: from the observed information, and from `draws` draws of blocks of pairs; a draw
    in which all acts have one sign is left out.
    """
    hill = hill_of(driver, told, np.ones(fit.pairs))
    slopes, middle = _slopes(fit.free), _figures(fit.free)
    spread = np.sqrt(np.diag(slopes @ _covariance(hill, fit.free) @ slopes.T))
    some = np.array([_figures(one) for one in _refitted(driver, told, fit, block, draws, seed)])
    if len(some) > 1:
        spread = np.maximum(spread, some.std(axis=0, ddof=1))
    lo, hi = middle - LEVEL * spread, middle + LEVEL * spread
    columns = zip(*(_shown(one).tolist() for one in (middle, lo, hi)), strict=True)
    names = (*switching.NAMES, "offset")
    return {name: Measured(value=value, lo=low, hi=high)
            for name, (value, low, high) in zip(names, columns, strict=True)}  # fmt: skip


def _refitted(
    driver: Switching, told: Course, fit: Fit, block: NDArray[np.int64], draws: int, seed: int
) -> list[Floats]:
    found = []
    for number in range(draws):
        with contextlib.suppress(UsageError):
            found.append(fitted(driver, told, drawn(block, seed, number), fit).free)
    return found


# -- table ----------------------------------------------------------------------------------------


def rows(driver: Switching, acts: Acts, source: str, draws: int, seed: int) -> Iterator[TypesRow]:
    """Measure the two types of one source by kind of act and window of time."""
    for kind in KINDS:
        some = of_kind(acts, kind)
        for window in WINDOWS:
            empty = TypesRow(source=source, kind=kind, window=window, n=0, pairs=0)
            yield _row(driver, windowed(some, window), len(acts.parties.names), empty, draws, seed)


def _row(
    driver: Switching,
    counted: tuple[Course, NDArray[np.int64]],
    parties: int,
    empty: TypesRow,
    draws: int,
    seed: int,
) -> TypesRow:
    told, pairs = counted
    n = round(float(told.good.sum() + told.bad.sum()))
    try:
        fit = fitted(driver, told)
    except UsageError as error:
        return replace(empty, n=n, pairs=len(pairs), reason=str(error))
    found = measured(driver, told, fit, blocks(pairs, parties), draws, seed)
    types = fit.types
    return replace(
        empty, n=n, pairs=len(pairs), a=found["a"], b=found["b"], offset=found["offset"],
        leave=types.rate * (1.0 - types.rest), enter=types.rate * types.rest, start=types.start,
        settled=fit.top.settled,
    )  # fmt: skip


def identified(table: Sequence[TypesRow]) -> str:
    """Say on which side of one half b lies: "below" or "above" in every row, else "not identified".

    A row whose interval holds one half lies on neither side; rows without figures do not count.
    """
    known = [row.b for row in table if row.b is not None]
    if known and all(b.hi < HALF for b in known):
        return "below"
    return "above" if known and all(b.lo > HALF for b in known) else NOT_IDENTIFIED
