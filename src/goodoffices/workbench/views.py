"""Forecasts of a run in the layout of the VIEWS forecasting challenge: `window=Y2018/…parquet`.

One row for each unit and draw, with columns `month_id`, `actor`, `target`, `draw` and `outcome`.  What is
drawn is said by the metadata of the files: counts of acts in a window where the run is about windows, else
for each act whether it is cooperative (1) or not (0), with its `act` number.
"""

import importlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import SAID
from goodoffices.core.draws import stream_key, uniform_at
from goodoffices.domain.backtests import Run
from goodoffices.errors import ExtraMissing, UsageError
from goodoffices.words import _
from goodoffices.workbench.runs import Runs

__all__ = ["DRAWS", "export", "month_id"]

DRAWS = 100
Arrays = dict[str, NDArray[Any]]


def month_id(days: NDArray[Any]) -> NDArray[np.int32]:
    """Number months as VIEWS does: 1 is January 1980; `days` are ordinals."""
    dates = (np.asarray(days, np.int64) - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    return (dates.astype("datetime64[M]").astype(np.int64) + 1 - (1980 - 1970) * 12).astype(np.int32)


def _window(day: int, days: NDArray[np.int64]) -> str:
    """Name a window by its year, and by month and day as far as others share it."""
    one = date.fromordinal(day)
    others = [date.fromordinal(int(other)) for other in days if other != day]
    name = f"Y{one.year}"
    if any(other.year == one.year for other in others):
        name += f"M{one.month:02}"
    if any((other.year, other.month) == (one.year, one.month) for other in others):
        name += f"D{one.day:02}"
    return name


def export(runs: Runs, name: str, folder: Path, *, model: str = "", draws: int = DRAWS) -> list[Path]:
    """Write the forecasts of one model of a run.

    Parameters
    ----------
    folder
        Is made if need be; files that it holds under the same names are replaced.
    model
        By name; left out, the one with the least log loss that can be drawn from.
    draws
        Of each unit, where acts are drawn; counts come with their own.

    Raises
    ------
    UsageError
        If the run has no such model, or it gives no counts; or draws are fewer than one.
    """
    told = runs.get(name)
    if told["sort"] != "backtest":
        raise UsageError(_("run {name} holds no forecasts in windows of time").format(name=name))
    if draws < 1:
        raise UsageError(_("draws: found {n}; give at least 1").format(n=draws))
    run, kept = Run.from_dict(told), runs.arrays(told["id"])
    chosen = _model(run, kept, model)
    origin = kept["origin"] if run.design.get("share") is None else _years(kept["day"])
    days = np.unique(origin)
    return [
        _written(run, kept, chosen, origin == day, _window(int(day), days), folder, draws) for day in days
    ]


def _years(days: NDArray[Any]) -> NDArray[np.int64]:
    """First day of the year of each day: a split has no windows of its own."""
    years, place = np.unique([date.fromordinal(int(day)).year for day in days], return_inverse=True)
    return np.array([date(int(year), 1, 1).toordinal() for year in years])[place]


def _model(run: Run, kept: Arrays, model: str) -> str:
    counted = [name.removeprefix("draws ") for name in kept if name.startswith("draws ")]
    can = [one.model for one in run.results if not counted or one.model in counted]
    if model and model not in can:
        said = _('"{model}" gives no draws in this run: use {names}')
        raise UsageError(said.format(model=model, names=", ".join(can)))
    return model or min(can, key=lambda one: run.result(one).scores.log_loss)


def _drawn(run: Run, kept: Arrays, model: str, chosen: NDArray[np.bool_], draws: int) -> NDArray[np.int32]:
    """Give draws of the outcome of each unit, shape (draw, unit)."""
    counted = kept.get(f"draws {model}")
    if counted is not None:
        return np.asarray(counted[:, chosen], np.int32)
    p, places = kept[f"forecast {model}"][chosen], np.flatnonzero(chosen).astype(np.uint64)
    u = [uniform_at(stream_key(run.seed, "export", f"{model} {draw}"), places) for draw in range(draws)]
    return np.asarray(np.stack(u) < p, np.int32)


def _written(
    run: Run, kept: Arrays, model: str, chosen: NDArray[np.bool_], window: str, folder: Path, draws: int
) -> Path:
    try:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise ExtraMissing("events", _("files of Parquet")) from None
    drawn = _drawn(run, kept, model, chosen, draws)
    many, names = len(drawn), kept["names"]
    columns = {
        "month_id": month_id(kept["day"][chosen]), "actor": kept["actor"][chosen].astype(np.int32),
        "target": kept["target"][chosen].astype(np.int32), "act": np.flatnonzero(chosen).astype(np.int32),
    }  # fmt: skip
    if "count" in kept:
        columns.pop("act")
    rows: dict[str, Any] = {name: np.repeat(column, many) for name, column in columns.items()}
    for side in ("actor", "target"):  # a name stands once, not with every draw
        rows[side] = arrow.DictionaryArray.from_arrays(rows[side], names)
    rows["draw"] = np.tile(np.arange(many, dtype=np.int32), int(chosen.sum()))
    rows["outcome"] = drawn.T.reshape(-1)
    meaning = (
        "acts of the kind in the window" if "count" in kept else "1: the act is cooperative; 0: it is not"
    )
    said = {"run": run.id, "model": model, "question": run.question, "outcome": meaning, "said": SAID}
    path = folder / f"window={window}" / f"{model}_{window[1:].lower()}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    laid = arrow.table(rows).replace_schema_metadata(said)
    beside = path.with_name(f".{path.name}.new")
    parquet.write_table(laid, beside)
    return beside.replace(path)
