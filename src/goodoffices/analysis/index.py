"""The ledger index from reports: how the reported conduct of one actor towards another adds up.

Reports are not curated facts.  Each source has one evidence scale, a factor on every log ratio, fixed
by a published rule: at the middle settings the median |level| of intention over active pairs and
month ends is 1.  A pair is active on a day if the year before held an event a month on average.
The scale is judged, and half and twice of it are followed too.  Levels mean nothing across sources;
what is shown is change, and rank within a source.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.reports import Evidence
from goodoffices.core import draws, ledger, single
from goodoffices.domain.evidence import Facet
from goodoffices.domain.indexes import Ratios
from goodoffices.domain.tables import Tables

__all__ = [
    "ACTIVE",
    "CLIP",
    "FACETS",
    "GRID",
    "INTENTION",
    "SWEEP",
    "YEAR_OF_DAYS",
    "Figures",
    "Levels",
    "Settings",
    "Stream",
    "all_pairs",
    "at_clip",
    "figures",
    "one_pair",
    "rank_among",
    "ranks",
    "scale_of",
    "settings",
    "sized",
    "under",
]

Floats = NDArray[np.float64]
Days = NDArray[np.int32]
YEAR = 365.25
CLIP = 6.0  # of levels
YEAR_OF_DAYS, ACTIVE = 365, 12  # events on intention within so many days make a pair an active one
FACETS = (0, 1, 3)  # integrity is none of a feed's business
INTENTION = 1
SWEEP = (1.0, 0.5, 2.0)  # of the scale, always among the settings and first
GRID = tuple(4.0**k for k in range(-5, 3))  # of scales that the rule looks at
_BINS = 60_000
_SPREAD = (0.5, 2.0)  # ends of the scale in the draws, as factors


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Parameters of the ledger in each setting; the first is the middle of every range.

    Attributes
    ----------
    half_life
        In days, shape (setting, 2 signs, 4 facets).
    ln_ratio
        Log ratios of good and bad acts before the scale, shape (2 signs, 4 facets).
    """

    ln_ratio: Floats
    lambda_gesture: float
    half_life: Floats
    hawk: Floats
    scale: Floats
    correlation: float

    @property
    def n(self) -> int:
        """How many settings there are."""
        return len(self.scale)


def _ratios(tables: Tables) -> Floats:
    def of(name: str) -> Floats:
        return np.array([tables.defaults[f"good_if_{name}.{facet}"].value for facet in Facet])

    a, b = of("trustworthy"), of("untrustworthy")
    return np.array([ledger.ln_ratio_good(a, b), ledger.ln_ratio_bad(a, b)])


def under(tables: Tables, ratios: Ratios | None) -> Tables:
    """Give the tables with a and b of intention as they were fitted; without, the judged table stays."""
    if ratios is None:
        return tables
    fitted = {"good_if_trustworthy.intention": ratios.a, "good_if_untrustworthy.intention": ratios.b}
    given = {name: replace(tables.defaults[name], value=value) for name, value in fitted.items()}
    return replace(tables, defaults={**tables.defaults, **given})


def _drawn(tables: Tables, name: str, n: int, seed: int) -> Floats:
    """The middle for each setting of the sweep, then n draws of the range."""
    item = tables.defaults[name]
    some = draws.triangular(draws.stream_key(seed, "index", name), n, item.low, item.value, item.high)
    return np.concatenate([np.full(len(SWEEP), item.value), some])


def settings(tables: Tables, scale: float, n: int, seed: int) -> Settings:
    """Give the sweep of the scale at the middle of all ranges, and n keyed draws of them all."""
    lives = [
        [YEAR * _drawn(tables, f"half_life_{sign}.{facet}", n, seed) for facet in Facet]
        for sign in ("good", "bad")
    ]
    low, high = np.log(_SPREAD)
    factor = np.exp(
        draws.triangular(draws.stream_key(seed, "index", "scale"), n, float(low), 0.0, float(high))
    )
    return Settings(
        ln_ratio=_ratios(tables),
        lambda_gesture=tables.defaults["lambda_gesture"].value,
        half_life=np.moveaxis(np.array(lives), 2, 0),
        hawk=_drawn(tables, "hawk", n, seed),
        scale=scale * np.concatenate([SWEEP, factor]),
        correlation=tables.defaults["report_correlation"].value,
    )


def sized(middle: Settings, scales: Sequence[float]) -> Settings:
    """Give the middle setting with each of several scales."""
    n = len(scales)
    return Settings(
        ln_ratio=middle.ln_ratio,
        lambda_gesture=middle.lambda_gesture,
        half_life=np.repeat(middle.half_life[:1], n, axis=0),
        hawk=np.repeat(middle.hawk[:1], n),
        scale=np.array(scales),
        correlation=middle.correlation,
    )


# -- all pairs, month by month ------------------------------------------------------------------


class Stream(Protocol):
    """The compiled driver of `core/stream.py`, which is given and never imported here."""

    Rows: Any
    Rules: Any

    def begin(self, prior: Floats, first_day: int) -> Any:
        """Nothing known yet."""
        ...

    def follow(self, state: Any, rows: Any, rules: Any) -> None:
        """Take in rows."""
        ...

    def levels_on(self, state: Any, day: int, rules: Any) -> Floats:
        """Give levels of shape (pair, 4)."""
        ...


class Levels(NamedTuple):
    """Where all pairs stand on a day.

    Attributes
    ----------
    level
        Log-odds before the clip, shape (setting, pair, 3 facets).
    events
        Events counted so far, shape (pair, 3 facets).
    active
        Whether enough was reported within a year before, shape (pair,).
    """

    day: int
    level: Floats
    events: NDArray[np.int64]
    active: NDArray[np.bool_]


def _rules(stream: Stream, given: Settings, k: int) -> Any:
    return stream.Rules(
        given.scale[k] * given.ln_ratio,
        np.ascontiguousarray(given.half_life[k]),
        float(given.scale[k] * given.lambda_gesture),
        float(given.hawk[k]),
    )


def _taken(stream: Stream, rows: Evidence) -> Any:
    nothing = np.zeros(len(rows.pair), np.float32)
    return stream.Rows(
        rows.pair, rows.facet, rows.day, rows.sign, rows.weight, rows.gesture, nothing, nothing
    )


def all_pairs(
    stream: Stream, months: Iterable[tuple[int, Evidence]], given: Settings, pairs: int, pool: Executor
) -> Iterator[Levels]:
    """Follow all pairs through the evidence of each month; levels are those of the day given with it.

    One pass in order of time; memory goes by pairs and settings.
    """
    rules = [_rules(stream, given, k) for k in range(given.n)]
    states: list[Any] = []
    events, recent = np.zeros((pairs, 4), np.int64), _Recent(pairs)
    for day, rows in months:
        if not states:
            first = int(rows.day[0]) if len(rows.day) else day
            states = [stream.begin(np.zeros((pairs, 4)), first) for _k in rules]
        taken = _taken(stream, rows)

        def step(k: int, taken: Any = taken, day: int = day, states: list[Any] = states) -> Floats:
            stream.follow(states[k], taken, rules[k])
            return stream.levels_on(states[k], day, rules[k])[:, FACETS]

        levels = list(pool.map(step, range(given.n)))
        new = np.bincount(rows.pair * np.int64(4) + rows.facet, rows.events, pairs * 4).astype(np.int64)
        events += new.reshape(pairs, 4)
        active = recent.added(day, new.reshape(pairs, 4)[:, INTENTION])
        yield Levels(day, np.array(levels), events[:, FACETS], active)


class _Recent:
    """Events of each pair within a year before, as far as the days asked for tell them apart."""

    def __init__(self, pairs: int) -> None:
        self._sum = np.zeros(pairs, np.int64)
        self._held: deque[tuple[int, NDArray[np.int64]]] = deque()

    def added(self, day: int, new: NDArray[np.int64]) -> NDArray[np.bool_]:
        self._held.append((day, new))
        self._sum += new
        while self._held[0][0] <= day - YEAR_OF_DAYS:
            self._sum -= self._held.popleft()[1]
        return self._sum >= ACTIVE


def scale_of(months: Iterable[Levels]) -> float:
    """Find the scale of a source by the published rule; `months` were followed with `GRID` as scales.

    Levels are counted in bins, so that memory does not go by months.  The scale is rounded to two
    figures, so that it is a number that can be written down.
    """
    counts = np.zeros((len(GRID), _BINS + 1), np.int64)
    for month in months:
        size = np.abs(month.level[:, month.active, FACETS.index(INTENTION)]).clip(max=CLIP)
        for k, row in enumerate(size[:, size[0] > 0.0]):
            counts[k] += np.bincount((row * (_BINS / CLIP)).astype(np.int64), minlength=_BINS + 1)
    if not counts.any():
        return 1.0
    half = counts.sum(axis=1, keepdims=True) / 2.0
    middle = (np.argmax(np.cumsum(counts, axis=1) >= half, axis=1) + 0.5) * (CLIP / _BINS)
    found = float(np.exp(np.interp(0.0, np.log(np.maximum.accumulate(middle)), np.log(GRID))))
    return float(f"{found:.2g}")


# -- one pair -----------------------------------------------------------------------------------


def _days(rows: Evidence, facet: int, given: Settings) -> single.Days:
    mine = rows.facet == facet
    day, sign, gesture = rows.day[mine], rows.sign[mine], rows.gesture[mine].astype(float)
    weight = rows.weight[mine].astype(float)
    every, place = np.unique(day, return_inverse=True)
    ratio = np.where(gesture > 0, gesture * given.lambda_gesture, given.ln_ratio[0, facet])
    pushes = (
        np.where(sign > 0, ledger.credit(weight, ratio, 0.0, gesture, 0.0), 0.0),
        np.where(sign > 0, ledger.credit(weight, ratio, 1.0, gesture, 0.0), 0.0),
        np.where(sign < 0, ledger.blame(weight, given.ln_ratio[1, facet], 0.0), 0.0),
    )
    sums = (np.bincount(place, push, len(every)) for push in pushes)
    return single.Days(every.astype(np.int32), *(one[:, None] * given.scale for one in sums))


def one_pair(rows: Evidence, given: Settings, stops: Days) -> Floats:
    """Give log-odds of one pair at the end of each day of `stops`; shape (setting, stop, 3 facets)."""
    found = [
        single.follow(
            _days(rows, facet, given),
            np.ascontiguousarray(given.half_life[:, :, facet].T),
            given.hawk if facet == INTENTION else np.zeros(given.n),
            stops,
        )
        for facet in FACETS
    ]
    return np.moveaxis(np.array(found), (0, 1, 2), (2, 1, 0))


# -- figures ------------------------------------------------------------------------------------


class Figures(NamedTuple):
    """Index between 0 and 1, in the middle and at the ends of its 80% range over the settings."""

    median: Floats
    lo: Floats
    hi: Floats


def figures(level: Floats) -> Figures:
    """Sum up levels of shape (setting, ...) over the settings, and put them between 0 and 1."""
    last = len(level) - 1
    ordered = np.sort(level, axis=0)

    def at(share: float) -> Floats:
        low = int(share * last)
        step = ordered[min(low + 1, last)] - ordered[low]
        found = ordered[low] + (share * last - low) * step
        return np.asarray(ledger.trust(np.maximum(found, -CLIP), 0.0))

    return Figures(at(0.5), at(0.1), at(0.9))


def at_clip(level: Floats, active: NDArray[np.bool_]) -> tuple[NDArray[np.int64], int]:
    """Count active pairs at the clip on any facet, for each scale of the sweep, and active pairs."""
    some = level[: len(SWEEP), active]
    return (np.abs(some) >= CLIP).any(axis=2).sum(axis=1).astype(np.int64), int(active.sum())


def ranks(median: Floats, there: NDArray[np.bool_]) -> Floats:
    """Give the share of pairs that stand lower, half of those that stand level; NaN where not there."""
    found = np.full(len(median), np.nan)
    found[there] = rank_among(median[there], np.sort(median[there]))
    return found


def rank_among(median: Floats, ordered: Floats) -> Floats:
    """Give the share of `ordered`, lowest first, that stands lower than each, half of those level with it."""
    low = np.searchsorted(ordered, median, side="left")
    high = np.searchsorted(ordered, median, side="right")
    return np.asarray((low + high) / 2.0 / max(1, len(ordered)))
