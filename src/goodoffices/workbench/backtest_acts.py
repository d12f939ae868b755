"""Forecasters of the next act, tried side by side, here or on a cluster."""

import contextlib
import re
from collections.abc import Generator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.compute import tasks_here
from goodoffices.compute.tasks_on_ray import TasksOnRay
from goodoffices.conduct import blind, trial
from goodoffices.conduct.acts import Acts
from goodoffices.conduct.origins import Design, Part, Split, parts
from goodoffices.conduct.trial import Forecaster
from goodoffices.domain.backtests import Run
from goodoffices.errors import UsageError
from goodoffices.store.tables import regions
from goodoffices.words import _
from goodoffices.workbench.backtest_basis import (
    NEXT,
    SEED,
    SOURCES,
    Stop,
    Stopped,
    Tick,
    arrays_of,
    method,
    never,
    plain,
    scored,
    silent,
)
from goodoffices.workbench.conducting import Found
from goodoffices.workbench.forecasters import forecaster, settings
from goodoffices.workbench.runs import Runs, Unfinished

__all__ = ["score", "told_by"]

Floats = NDArray[np.float64]
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
LOOKED = 2  # days on which each forecaster is looked at, whether it sees ahead


class _Told(NamedTuple):
    """What one forecaster said from one origin, by what it was set, and on how many days it was looked at."""

    forecast: Floats
    settings: str
    looked: int

    def arrays(self) -> dict[str, NDArray[Any]]:
        told = {"settings": np.array(self.settings), "looked": np.array(self.looked)}
        return {"forecast": self.forecast, **told}


def told_by(acts: Acts, model: Forecaster | str, part: Part, seed: int, days: int) -> _Told:
    """Fit one forecaster at one origin, look on some days whether it sees ahead, and ask it.

    Raises
    ------
    UsageError
        If a forecast moves with what became known only later: it is not scored.
    """
    made = forecaster(model) if isinstance(model, str) else model
    fitted = trial.fitted_at(made, acts, part)
    looked = blind.looks_ahead(fitted, acts, part, seed, days) if days else None
    if looked and looked.moved:
        said = _("{model} sees ahead: its forecasts for {day} move with what was known only then or later")
        raise UsageError(said.format(model=made.name, day=date.fromordinal(looked.moved[0])))
    return _Told(trial.answers(fitted, acts, part), settings(fitted), len(looked.days) if looked else 0)


def score(
    found: Found,
    models: Mapping[str, Forecaster],
    design: Design,
    *,
    seed: int = SEED,
    note: str = "",
    runs: Runs | None = None,
    whole: bool = True,
    on: str = "",
    tick: Tick = silent,
    stop: Stop = never,
) -> Run:
    """Try forecasters of the next act, and keep the run.

    Parameters
    ----------
    whole
        Are these all acts of the file or store?  A split then scores its last part.
    on
        Empty, or a cluster; there forecasters are made anew by their names.

    Raises
    ------
    Stopped
        If `stop` said so.
    UsageError
        If the design leaves nothing to fit or to ask, or a forecaster sees ahead.
    """
    acts, kept = found.acts, runs or Runs()
    _two_signs(acts)
    split = parts(acts, design)
    about = {
        "data": found.data,
        "acts": len(acts.day),
        "design": plain(design),
        "method": method(),
        "seed": seed,
        "models": {name: _ADDRESS.sub("", repr(model)) for name, model in models.items()},
    }
    unfinished = Unfinished(kept.folder, about)
    told = _forecasts(acts, models, split, seed, unfinished, on, tick, stop)
    forecasts = {name: np.concatenate([one.forecast for one in some]) for name, some in told.items()}
    asked = np.concatenate([part.asked for part in split])
    came = acts.good[asked].astype(np.float64)
    blocks, groups = trial.blocks_of_parts(acts, split), trial.groups_of(acts, split, regions())
    made = scored(
        found, forecasts, came, blocks, groups, question=NEXT, design=plain(design), seed=seed, note=note,
        first=int(acts.day[asked[0]]), last=int(acts.day[asked].max()),
        known=int((np.maximum(acts.known, acts.day) < split[0].day).sum()),
        last_part=whole and isinstance(design, Split), tick=tick,
        blind={name: sum(one.looked for one in some) for name, some in told.items()},
        settings={name: some[0].settings for name, some in told.items()},
    )  # fmt: skip
    origin = np.concatenate([np.full(len(part.asked), part.day) for part in split])
    index = {
        "origin": origin,
        "day": acts.day[asked],
        "actor": acts.actor[asked],
        "target": acts.target[asked],
    }
    name = kept.keep("backtest", made.to_dict(), arrays_of(acts, index, came, forecasts))
    unfinished.drop()
    return Run.from_dict({**made.to_dict(), "id": name})


def _two_signs(acts: Acts) -> None:
    if acts.good.all() or not acts.good.any():
        kind = _("cooperative") if acts.good.any() else _("conflictive")
        said = _("all {n} acts are {kind}: there is nothing to tell apart")
        raise UsageError(said.format(n=len(acts.day), kind=kind))


def _forecasts(
    acts: Acts,
    models: Mapping[str, Forecaster],
    split: Sequence[Part],
    seed: int,
    unfinished: Unfinished,
    on: str,
    tick: Tick,
    stop: Stop,
) -> dict[str, list[_Told]]:
    """Give what each forecaster says from each origin, as far as it is not there yet."""
    found: dict[tuple[str, int], _Told] = {}
    keys = [(name, place) for place in range(len(split)) for name in models]
    for key in keys:
        before = unfinished.get(key)
        if before is not None and len(before["forecast"]) == len(split[key[1]].asked):
            found[key] = _Told(before["forecast"], str(before["settings"]), int(before["looked"]))
    todo = [key for key in keys if key not in found]
    work = _afar(acts, split, seed, todo, on) if on else _here(acts, models, split, seed, todo)
    tick(len(found), len(keys), "")
    if todo and stop():
        raise Stopped
    with contextlib.closing(work):
        for key, told in work:
            found[key] = told
            unfinished.put(key, told.arrays())
            tick(len(found), len(keys), key[0])
            if len(found) < len(keys) and stop():
                raise Stopped
    return {name: [found[name, place] for place in range(len(split))] for name in models}


def _days(place: int) -> int:
    return LOOKED if place == 0 else 0


def _here(
    acts: Acts,
    models: Mapping[str, Forecaster],
    split: Sequence[Part],
    seed: int,
    todo: Sequence[tuple[str, int]],
) -> Generator[tuple[tuple[str, int], _Told], None, None]:
    items = [(acts, models[name], split[place], seed, _days(place)) for name, place in todo]
    for number, told in tasks_here.done(told_by, items):
        yield todo[number], told


def _afar(
    acts: Acts, split: Sequence[Part], seed: int, todo: Sequence[tuple[str, int]], on: str
) -> Generator[tuple[tuple[str, int], _Told], None, None]:
    items = [(name, split[place], seed, _days(place)) for name, place in todo]
    sources = (
        *SOURCES,
        "workbench/backtest_acts.py",
        "workbench/forecasters.py",
        "workbench/conduct_model.py",
    )
    with TasksOnRay(on) as cluster:
        for number, told in cluster.done(told_by, acts, items, sources):
            yield todo[number], _Told(*told)
