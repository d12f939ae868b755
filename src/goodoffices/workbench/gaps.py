"""What two types measure in a store, and where ledger and forecast of it disagree."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from goodoffices.cases.tables import tables
from goodoffices.compute import kernels
from goodoffices.conduct import asymmetry as types
from goodoffices.conduct import gap as gaps
from goodoffices.conduct.acts import SAID, Acts
from goodoffices.conduct.model import Conduct
from goodoffices.conduct.surprise import HALF_LIFE, surprise
from goodoffices.conduct.trial import Forecaster
from goodoffices.conduct.twotypes import Switching, TwoTypes, fitted, pair_of, windowed
from goodoffices.core import draws as chance
from goodoffices.domain.gaps import DISAGREE, TYPES, Asymmetry, Gap, GapRow, Measured, TypesRow
from goodoffices.domain.indexes import Ratios
from goodoffices.errors import UsageError
from goodoffices.words import _
from goodoffices.workbench.bench import code_stamp
from goodoffices.workbench.conduct_model import driver, shipped_recipe
from goodoffices.workbench.conducting import Found, acts_of

__all__ = ["DRAWS", "FORECASTERS", "SEED", "asymmetry", "gap", "ratios_of"]

DRAWS, SEED = 40, 20251125
MOST = 10_000  # draws; judged: each fits the models again
YEAR = 365.25
Floats = NDArray[np.float64]


def _switching() -> Switching:
    driver: Switching = kernels.prepared("goodoffices.core.switching_cpu", _("two types"))
    return driver


def _conduct() -> Forecaster:
    return Conduct(driver=driver(), recipe=shipped_recipe())


FORECASTERS: dict[str, Callable[[], Forecaster]] = {
    "conduct": _conduct,
    "two-types": lambda: TwoTypes(driver=_switching()),
}
"""Forecasters with which the ledger can be compared, the usual one first."""


class _Watched:
    """A forecaster that tells of each time that it is about to be fitted."""

    def __init__(self, one: Forecaster, watch: Callable[[], None]) -> None:
        self.one, self.watch, self.name = one, watch, one.name

    def fit(self, acts: Acts, day: int) -> Self:
        self.watch()
        return type(self)(self.one.fit(acts, day), self.watch)

    def forecast(self, acts: Acts, asked: slice | NDArray[np.int64]) -> Floats:
        return self.one.forecast(acts, asked)


def _counted(draws: int, least: int) -> int:
    if not least <= draws <= MOST:
        raise UsageError(_("draws: found {n}; use {least} to {most}").format(n=draws, least=least, most=MOST))
    return draws


# -- two types -------------------------------------------------------------------------------------


def asymmetry(
    store: Path,
    *,
    source: str = "",
    as_of: date | None = None,
    by_country: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Asymmetry:
    """Measure the two types of reported conduct by source, window of time and kind of act.

    Parameters
    ----------
    source
        One source; "" for all that the store holds, each by itself.

    Raises
    ------
    UsageError
        If no report of a source is an act.
    """
    _counted(draws, 2)
    rows: list[TypesRow] = []
    data = []
    for name in [source] if source else _sources(store):
        found = acts_of(store=store, source=name, as_of=as_of, by_country=by_country)
        rows += types.rows(_switching(), found.acts, found.source, draws, seed)
        data.append(found.data)
    return Asymmetry(
        store=store.name, data=" ".join(data), code=code_stamp(), as_of=as_of, draws=draws, seed=seed,
        rows=tuple(rows), verdict=types.identified(rows), says=_(SAID), label=_(TYPES),
    )  # fmt: skip


def _sources(store: Path) -> list[str]:
    from goodoffices.store.grouping import sources  # noqa: PLC0415 - its extra is asked for by acts_of
    from goodoffices.store.store import Store  # noqa: PLC0415 - the same

    with Store.open(store) as opened:
        return list(sources(opened)) or [""]


def ratios_of(store: Path, source: str, as_of: date | None, *, by_country: bool) -> Ratios:
    """Give the fitted a and b of a stream of reports, for the ledger index of the same stream.

    Raises
    ------
    UsageError
        If no report is an act, or all acts have one sign.
    """
    found = acts_of(store=store, source=source, as_of=as_of, by_country=by_country)
    fit = fitted(_switching(), windowed(found.acts, "act")[0])
    return Ratios(a=fit.types.a, b=fit.types.b, by="conduct", acts=fit.acts, pairs=fit.pairs)


# -- ledger against forecast ----------------------------------------------------------------------


def gap(
    store: Path,
    at: date,
    *,
    source: str = "",
    forecaster: str = "",
    by_country: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
    half_life: float = HALF_LIFE,
    watch: Callable[[], None] = lambda: None,
) -> Gap:
    """List the pairs on which ledger and forecast of the same acts disagree at the end of a day.

    Parameters
    ----------
    forecaster
        One of `FORECASTERS`; "" for the usual one.
    draws
        Halves of the pairs to which both models are fitted for the interval.
    half_life
        In days, of the weight of acts in what surprised an observer lately.
    watch
        Called before each of the 1 + draws fits of the forecaster; what it raises ends the work.

    Raises
    ------
    UsageError
        If there is no such forecaster, no report is an act, or all acts have one sign.
    """
    name = forecaster or next(iter(FORECASTERS))
    if name not in FORECASTERS:
        raise UsageError(
            _('forecaster: found "{found}"; use {names}').format(found=name, names=", ".join(FORECASTERS))
        )
    if not half_life > 0.0:
        raise UsageError(_("half-life: found {found}; give days above 0").format(found=half_life))
    found = acts_of(store=store, source=source, as_of=at, by_country=by_country)
    lives = _lives(_counted(draws, 10), seed)
    day = at.toordinal() + 1
    drivers = _switching(), kernels.stream()
    watched = _Watched(FORECASTERS[name](), watch)
    apart = gaps.compare(drivers, watched, found.acts, day, lives, seed)
    return _told(found, apart, lives[0], store=store, at=at, name=name, seed=seed, draws=draws,
                 half_life=half_life)  # fmt: skip


def _lives(draws: int, seed: int) -> Floats:
    """Half-lives of intention in days, good and bad acts: the middle, then draws; shape (1 + draws, 2)."""
    known = tables().defaults
    columns = []
    for sign in ("good", "bad"):
        item = known[f"half_life_{sign}.intention"]
        key = chance.stream_key(seed, "gap", item.name)
        drawn = chance.triangular(key, draws, item.low, item.value, item.high)
        columns.append(YEAR * np.concatenate([[item.value], drawn]))
    return np.array(columns).T


def _told(
    found: Found,
    apart: gaps.Difference,
    lives: Floats,
    *,
    store: Path,
    at: date,
    name: str,
    seed: int,
    draws: int,
    half_life: float,
) -> Gap:
    rows = tuple(_row(found, apart, place, at, half_life) for place in apart.listed.tolist())
    left_out = {_(reason): int(some.sum()) for reason, some in apart.left_out.items()}
    why = "" if rows else _("no pair is listed: {reasons}").format(
        reasons="; ".join(f"{n}: {reason}" for reason, n in left_out.items() if n)
    )  # fmt: skip
    fit = apart.fit.types
    return Gap(
        store=store.name, source=found.source, data=found.data, code=code_stamp(), as_of=at, forecaster=name,
        a=fit.a, b=fit.b, acts=apart.fit.acts, pairs=len(apart.pairs), left_out=left_out, draws=draws,
        seed=seed, rows=rows, says=_(SAID), reason=why, label=_(DISAGREE),
        half_life_good=float(lives[0]), half_life_bad=float(lives[1]),
    )  # fmt: skip


def _row(found: Found, apart: gaps.Difference, place: int, at: date, half_life: float) -> GapRow:
    acts, pair = found.acts, int(apart.pairs[place])
    mine = np.flatnonzero(pair_of(acts) == pair)
    actor, target = divmod(pair, len(acts.parties.names))
    return GapRow(
        actor=acts.parties.names[actor],
        target=acts.parties.names[target],
        n=len(mine),
        last=date.fromordinal(int(acts.day[mine[-1]])),
        level=float(apart.level[place]),
        implied=float(apart.implied[place]),
        forecast=float(apart.forecast[place]),
        difference=Measured(
            value=float(apart.difference[place]), lo=float(apart.lo[place]), hi=float(apart.hi[place])
        ),
        surprise=surprise(
            apart.surprised[mine], acts.good[mine], acts.day[mine], at.toordinal() + 1, half_life
        ),
    )
