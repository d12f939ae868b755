"""Questions about windows of time, foreseen month by month and scored."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct import trial, windows
from goodoffices.conduct.resampling import Blocks
from goodoffices.core import scoring
from goodoffices.domain.backtests import Run
from goodoffices.store.tables import codes as code_table
from goodoffices.store.tables import regions
from goodoffices.workbench.backtest_basis import Asked, Stop, Stopped, Tick, arrays_of, scored
from goodoffices.workbench.conducting import Found
from goodoffices.workbench.runs import Runs

__all__ = ["score_windows"]


def _cameo(found: Found) -> NDArray[np.str_]:
    """Give the CAMEO code of each act, where the source gives the text of a relation."""
    table = code_table("icews")
    names, place = np.unique(found.codes, return_inverse=True)
    known = [table[name.casefold()].code if name.casefold() in table else str(name) for name in names]
    return np.array(known, dtype=np.str_)[place]


def score_windows(found: Found, asked: Asked, tick: Tick, stop: Stop) -> Run:
    """Foresee the windows of a question, and keep the run.

    Raises
    ------
    Stopped
        If `stop` said so: this takes seconds, and nothing is kept of it.
    UsageError
        If no act answers the question, or no whole window is there.
    """
    acts, question = found.acts, windows.QUESTIONS[asked.question]
    marked = windows.marks(question, acts, _cameo(found))
    days = windows.origins_of(acts, question, asked.origin, asked.origins)
    seen = []
    for place, day in enumerate(days):
        tick(place, len(days), day.isoformat())
        if stop():
            raise Stopped
        seen.append(windows.window_at(question, acts, marked, day.toordinal(), asked.seed))
    return _scored(found, asked, seen, tick)


def _scored(found: Found, asked: Asked, seen: Sequence[windows.Window], tick: Tick) -> Run:
    acts, many = found.acts, len(found.acts.parties.names)
    actor, target, count = (
        np.concatenate([getattr(w, name) for w in seen]) for name in ("actor", "target", "happened")
    )
    forecasts = {name: np.concatenate([w.forecasts[name] for w in seen]) for name in windows.MODELS}
    draws = {name: np.concatenate([w.draws[name] for w in seen], axis=1) for name in seen[0].draws}
    came = (count > 0).astype(np.float64)
    month = np.concatenate([np.full(len(w.actor), place) for place, w in enumerate(seen)])
    pair = np.unique(actor * many + target, return_inverse=True)[1]
    groups = trial.level(np.concatenate([w.known for w in seen]))
    groups = [one for one in (*groups, *trial.by_region(acts, actor, regions())) if one.chosen.any()]
    horizon = windows.QUESTIONS[asked.question].horizon
    design = {"origins": [date.fromordinal(w.day).isoformat() for w in seen], "horizon": horizon}
    made = scored(
        found, forecasts, came, Blocks(pair.astype(np.int64), month), groups, question=asked.question,
        design=design, seed=asked.seed, note=asked.note, first=seen[0].day, last=seen[-1].day + horizon - 1,
        known=int((np.maximum(acts.known, acts.day) < seen[0].day).sum()), last_part=False, tick=tick,
        blind={}, settings={},
        crps={name: float(scoring.crps(some, count).mean()) for name, some in draws.items()},
    )  # fmt: skip
    kept = Runs(asked.folder)
    day = np.concatenate([np.full(len(w.actor), w.day) for w in seen]).astype(np.int32)
    index = {"origin": day, "day": day, "actor": actor, "target": target, "count": count}
    arrays = arrays_of(acts, index, came, forecasts)
    arrays |= {f"draws {name}": some.astype(np.int32) for name, some in draws.items()}
    name = kept.keep("backtest", made.to_dict(), arrays)
    return Run.from_dict({**made.to_dict(), "id": name})
