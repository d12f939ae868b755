"""Backtests: forecasters tried on acts of a store or a file, scored without mercy, and kept as runs."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from goodoffices.conduct import windows
from goodoffices.conduct.acts import SAID, taken
from goodoffices.conduct.origins import Design, Origins, Split
from goodoffices.conduct.resampling import Blocks, difference
from goodoffices.core import scoring
from goodoffices.domain.backtests import Run
from goodoffices.errors import UsageError
from goodoffices.words import _
from goodoffices.workbench.backtest_acts import score
from goodoffices.workbench.backtest_basis import NEXT, Asked, Stop, Stopped, Tick, never, silent
from goodoffices.workbench.backtest_windows import score_windows
from goodoffices.workbench.conducting import Found, acts_of
from goodoffices.workbench.forecasters import chosen, forecaster
from goodoffices.workbench.runs import Runs

__all__ = ["NEXT", "SAID", "WINDOWS", "Asked", "Stopped", "compare", "design_of", "run", "score", "table"]

WINDOWS = tuple(windows.QUESTIONS)


def design_of(
    split: float | None, origin: date | None, horizon: int | None, stride: int | None, origins: int | None
) -> Design:
    """Give the split or the rolling origins that were asked for; nothing given: a split at 0.8.

    Raises
    ------
    UsageError
        If both are given, or rolling origins lack their origin or horizon.
    """
    if all(value is None for value in (origin, horizon, stride, origins)):
        return Split() if split is None else Split(share=split)
    if split is not None:
        raise UsageError(_("give --split, or --origin with --horizon, --stride and --origins, not both"))
    if origin is None or horizon is None:
        raise UsageError(_("rolling origins need --origin and --horizon"))
    return Origins(
        origin=origin,
        horizon=horizon,
        stride=horizon if stride is None else stride,
        count=1 if origins is None else origins,
    )


def run(asked: Asked, tick: Tick = silent, stop: Stop = never) -> Run:
    """Try forecasters, and keep the run.

    Raises
    ------
    Stopped
        If `stop` said so; asked again, it goes on from there.
    UsageError
        If the question leaves nothing to fit or to ask.
    """
    names = chosen(asked.models) if asked.question == NEXT else ()
    if asked.question not in (NEXT, *WINDOWS):
        said = _('no question "{found}": use {names}')
        raise UsageError(said.format(found=asked.question, names=", ".join((NEXT, *WINDOWS))))
    found = _cut(
        acts_of(events=asked.events, store=asked.store, source=asked.source, as_of=asked.as_of), asked.first
    )
    if asked.question == NEXT:
        models = {name: forecaster(name) for name in names}
        return score(
            found, models, asked.design, seed=asked.seed, note=asked.note, runs=Runs(asked.folder),
            whole=asked.first == 1.0, on=asked.on, tick=tick, stop=stop,
        )  # fmt: skip
    return score_windows(found, asked, tick, stop)


def _cut(found: Found, first: float) -> Found:
    """Keep the first share of the acts only."""
    if not 0.0 < first <= 1.0:
        raise UsageError(_("first: found {found}; give a share between 0 and 1").format(found=first))
    many = int(len(found.acts.day) * first)
    if many < 2:
        raise UsageError(_("{n} acts are too few for a backtest").format(n=many))
    kept = slice(0, many)
    return replace(found, acts=taken(found.acts, kept), codes=found.codes[kept])


def table(runs: Runs) -> list[dict[str, Any]]:
    """Give one row for each scoring of the next act, with how often the last part of its data was scored.

    Log losses stand beside the id of the run that found them.
    """
    kept = [told for told in runs.listed("backtest") if told["question"] == NEXT]
    often: dict[str, int] = {}
    rows = []
    for told in kept:
        often[told["data"]] = often.get(told["data"], 0) + bool(told["last_part"])
        losses = {one["model"]: one["scores"]["log_loss"] for one in told["results"]}
        ece = {one["model"]: (one["scores"]["ece"], one["scores"]["ece_perfect"]) for one in told["results"]}
        rows.append(
            {"run": told["id"], "at": told["at"], "name": told["name"], "data": told["data"],
             "design": told["design"], "last_part": told["last_part"], "asked": told["asked"],
             "log_loss": losses, "ece": ece, "note": told["note"]}
        )  # fmt: skip
    return [{**row, "scorings_of_the_last_part": often[row["data"]]} for row in rows]


def compare(runs: Runs, name: str, other: str) -> dict[str, Any]:
    """Compare the models that two runs share, on the questions that both asked, act by act.

    Raises
    ------
    UsageError
        If they read other data, asked other questions, or share no model.
    """
    one, two = Run.from_dict(runs.get(name)), Run.from_dict(runs.get(other))
    if (one.data, one.question) != (two.data, two.question):
        raise UsageError(
            _("runs {one} and {other} are of other data or questions").format(one=one.id, other=two.id)
        )
    mine, theirs = runs.arrays(one.id), runs.arrays(two.id)
    index = ("origin", "day", "actor", "target", "happened")
    if not all(np.array_equal(mine[key], theirs[key]) for key in index):
        raise UsageError(_("runs {one} and {other} asked about other acts").format(one=one.id, other=two.id))
    names = [r.model for r in one.results if f"forecast {r.model}" in theirs]
    if not names:
        raise UsageError(_("runs {one} and {other} share no model").format(one=one.id, other=two.id))
    came, pair = mine["happened"].astype(np.float64), mine["actor"].astype(np.int64) * len(mine["names"])
    blocks = Blocks(*(np.unique(key, return_inverse=True)[1].astype(np.int64)
                      for key in (pair + mine["target"], mine["day"] // 7)))  # fmt: skip
    rows = []
    for model in names:
        key = f"forecast {model}"
        ours, others = (scoring.losses(kept[key].astype(np.float64), came) for kept in (mine, theirs))
        span = difference(ours, others, blocks, one.seed)
        rows.append({"model": model, "log_loss": span.mean, "lo": span.lo, "hi": span.hi, "by": span.by})
    differs = [
        f"{field}: {getattr(one, field)} | {getattr(two, field)}"
        for field in ("code", "method", "seed", "note", "settings")
        if getattr(one, field) != getattr(two, field)
    ]
    return {"run": one.id, "other": two.id, "models": rows, "differs": differs}
