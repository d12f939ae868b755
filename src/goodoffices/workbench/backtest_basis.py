"""What every backtest has in common: what was asked, and how a run is put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.compute.kernels import source_hash
from goodoffices.conduct import trial
from goodoffices.conduct.acts import Acts
from goodoffices.conduct.origins import Design, Origins, Split
from goodoffices.conduct.resampling import Blocks
from goodoffices.conduct.trial import Group
from goodoffices.domain.backtests import Run
from goodoffices.workbench.bench import code_stamp
from goodoffices.workbench.conducting import Found
from goodoffices.workbench.runs import now

__all__ = [
    "NEXT",
    "SEED",
    "SOURCES",
    "Asked",
    "Stop",
    "Stopped",
    "Tick",
    "arrays_of",
    "method",
    "never",
    "plain",
    "scored",
    "silent",
]

Floats = NDArray[np.float64]
Tick = Callable[[int, int, str], None]
Stop = Callable[[], bool]

NEXT = "next-act"
SEED = 1
SPLIT = Split()
SOURCES = tuple(
    f"conduct/{item.name}"
    for item in sorted(files("goodoffices.conduct").iterdir(), key=lambda one: one.name)
    if item.name.endswith(".py")
)


class Stopped(Exception):  # noqa: N818 - it is how a scoring ends, not a mistake
    """A scoring was broken off on purpose; what was forecast is kept, and nothing is scored."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is tried on what.

    Attributes
    ----------
    first
        Share of the acts, from the beginning, that is used at all: with less than 1 the last part of a
        file stays unseen while something is chosen.
    models
        Names joined by commas; all, if none are given.
    question
        "next-act", or the name of a question about a window.
    origin, origins
        Of windows: the first month, and how many; of the next act they stand in `design`.
    """

    events: Path | None = None
    store: Path | None = None
    source: str = ""
    as_of: date | None = None
    first: float = 1.0
    design: Design = SPLIT
    models: str | None = None
    question: str = NEXT
    origin: date | None = None
    origins: int | None = None
    seed: int = SEED
    note: str = ""
    folder: Path | None = None
    on: str = ""


def method() -> str:
    """Give the hash of every source on which forecasts and scores hang."""
    return source_hash(*SOURCES)


def silent(_done: int, _total: int, _name: str) -> None:
    """Tell nobody."""


def never() -> bool:
    """Go on."""
    return False


def plain(design: Design) -> dict[str, Any]:
    """Give a design as plain data."""
    given = asdict(design)
    return {**given, "origin": design.origin.isoformat()} if isinstance(design, Origins) else given


def arrays_of(
    acts: Acts, index: Mapping[str, NDArray[Any]], came: Floats, forecasts: Mapping[str, Floats]
) -> dict[str, NDArray[Any]]:
    """Lay out the forecasts with what they are of, as they are kept."""
    named = {f"forecast {name}": p.astype(np.float32) for name, p in forecasts.items()}
    names = np.array(acts.parties.names, dtype=np.str_)
    return {**index, "happened": came.astype(np.int8), "names": names, **named}


def scored(
    found: Found,
    forecasts: Mapping[str, Floats],
    came: Floats,
    blocks: Blocks,
    groups: Sequence[Group],
    *,
    first: int,
    last: int,
    seed: int,
    tick: Tick,
    crps: Mapping[str, float] | None = None,
    **more: Any,
) -> Run:
    """Score forecasts and put the run together."""
    done = 0

    def counted(name: str) -> None:
        nonlocal done
        tick(done, len(forecasts), name)
        done += 1

    results = trial.results(forecasts, came, blocks, groups, seed, counted, crps or {})
    return Run(
        at=now(), data=found.data, name=found.name, source=found.source, asked=len(came),
        base_rate=float(came.mean()), first=date.fromordinal(first).isoformat(),
        last=date.fromordinal(last).isoformat(), code=code_stamp(), method=method(), seed=seed,
        results=results, differences=trial.compared(forecasts, came, blocks, seed), **more,
    )  # fmt: skip
