"""Try forecasters side by side on the same acts, from one split or from rolling origins.

The harness decides what a forecaster may see: to fit, only acts that were known before the origin, and to
forecast, no act of a later day than the last one asked about.  That a forecaster keeps its promise for the
days in between, `conduct/blind.py` looks into.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts, before, taken
from goodoffices.conduct.origins import Part
from goodoffices.conduct.resampling import DRAWS, Blocks, blocks_of, intervals
from goodoffices.core import scoring
from goodoffices.domain.backtests import Difference, Point, Result, Scores
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = [
    "Forecaster",
    "Group",
    "activity",
    "answers",
    "blocks_of_parts",
    "by_region",
    "compared",
    "fitted_at",
    "forecast_part",
    "groups_of",
    "level",
    "results",
    "scores",
]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
ACTIVITY = ((0, "none"), (1, "1-9"), (10, "10-99"), (100, "100 and more"))
QUADS = {1: "verbal cooperation", 2: "material cooperation", 3: "verbal conflict", 4: "material conflict"}
FEW = 60  # times that a perfect forecaster is simulated for a group; judged


class Forecaster(Protocol):
    """Gives the chance that an act is cooperative, from what was known before its day."""

    @property
    def name(self) -> str:
        """What it is called in runs and tables."""
        ...

    def fit(self, acts: Acts, day: int) -> Self:
        """Learn from acts that were known before `day`; gives a fitted copy."""
        ...

    def forecast(self, acts: Acts, asked: slice | NDArray[np.int64]) -> Floats:
        """P(cooperative) of the acts at places `asked`, each from acts known before its own day.

        `acts` holds those asked about as well: their value must not be looked at.
        """
        ...


def fitted_at(model: Forecaster, acts: Acts, part: Part) -> Forecaster:
    """Fit a forecaster at an origin, on what was known before it."""
    return model.fit(before(acts, part.day), part.day)


def answers(fitted: Forecaster, acts: Acts, part: Part) -> Floats:
    """Ask a forecaster that was fitted at the origin, shape (question,).

    Raises
    ------
    UsageError
        If what it gives are no chances.
    """
    seen = taken(acts, slice(0, int(np.searchsorted(acts.day, acts.day[part.asked[-1]], side="right"))))
    found = np.asarray(fitted.forecast(seen, part.asked), np.float64)
    if found.shape != part.asked.shape or not ((found >= 0.0) & (found <= 1.0)).all():
        said = _("{model} gives forecasts that are no chances between 0 and 1")
        raise UsageError(said.format(model=fitted.name))
    return found


def forecast_part(model: Forecaster, acts: Acts, part: Part) -> Floats:
    """Fit a forecaster at an origin and ask it, shape (question,)."""
    return answers(fitted_at(model, acts, part), acts, part)


# -- groups ----------------------------------------------------------------------------------------


class Group(NamedTuple):
    """Some of the acts asked about: by what they are grouped, the name, and which they are."""

    by: str
    name: str
    chosen: NDArray[np.bool_]


def activity(acts: Acts, split: Sequence[Part]) -> Places:
    """Count the acts of each pair that were known before the origin from which it is asked about."""
    pair = acts.actor.astype(np.int64) * len(acts.parties.names) + acts.target
    reach, found = np.maximum(acts.known, acts.day), []
    for part in split:
        known, many = np.unique(pair[reach < part.day], return_counts=True)
        place = np.minimum(np.searchsorted(known, pair[part.asked]), max(len(known) - 1, 0))
        found.append(np.where(known[place] == pair[part.asked], many[place], 0))
    return np.concatenate(found).astype(np.int64)


def groups_of(acts: Acts, split: Sequence[Part], regions: Mapping[str, str] | None = None) -> list[Group]:
    """Group the acts asked about by activity of their pair, by kind, and by region of the actor.

    Parameters
    ----------
    regions
        Region of each country by its id; a country without one counts as "no country".
    """
    asked = np.concatenate([part.asked for part in split])
    quad = acts.quad[asked]
    found = level(activity(acts, split))
    known = quad > 0
    material = acts.material[asked]
    found += [Group("kind", "verbal", known & ~material), Group("kind", "material", material)]
    found += [Group("quad", name, quad == number) for number, name in QUADS.items()]
    found += by_region(acts, acts.actor[asked], regions or {})
    return [group for group in found if group.chosen.any()]


def level(many: Places) -> list[Group]:
    """Group by how many acts were known."""
    place = np.searchsorted([least for least, _name in ACTIVITY], many, side="right") - 1
    return [Group("activity", name, place == k) for k, (_least, name) in enumerate(ACTIVITY)]


def by_region(acts: Acts, actor: Places, regions: Mapping[str, str]) -> Iterator[Group]:
    """Group by the region of the country of some actors; nothing where no regions are given."""
    if not regions:
        return
    named = np.array([regions.get(country, "no country") for country in acts.parties.countries])
    mine = named[acts.parties.country[actor]]
    for name in np.unique(mine):
        yield Group("region", str(name), mine == name)


# -- scores ----------------------------------------------------------------------------------------


def scores(forecast: Floats, happened: Floats, seed: int, times: int = 200) -> Scores:
    """Score forecasts in every way."""
    parts, area = scoring.murphy(forecast, happened), scoring.auc(forecast, happened)
    return Scores(
        n=len(happened),
        log_loss=scoring.log_loss(forecast, happened),
        brier=scoring.brier(forecast, happened),
        auc=None if np.isnan(area) else area,
        ece=scoring.calibration_error(forecast, happened),
        ece_perfect=scoring.perfect_error(forecast, seed, times),
        **parts._asdict(),
    )


def results(
    forecasts: Mapping[str, Floats],
    happened: Floats,
    blocks: Blocks,
    groups: Sequence[Group],
    seed: int,
    tick: Callable[[str], None] = lambda _name: None,
    crps: Mapping[str, float] | None = None,
) -> tuple[Result, ...]:
    """Score every forecaster: over all, with intervals and a reliability table, and by group.

    Parameters
    ----------
    crps
        Of those forecasters that give counts as well.
    """
    loss = np.stack([scoring.losses(p, happened) for p in forecasts.values()], axis=1)
    square = np.stack([(p - happened) ** 2 for p in forecasts.values()], axis=1)
    spans = intervals(np.hstack([loss, square]), blocks, seed)
    found = []
    for k, (name, p) in enumerate(forecasts.items()):
        tick(name)
        by_log, by_square = spans[k], spans[k + len(forecasts)]
        found.append(
            Result(
                model=name,
                scores=replace(scores(p, happened, seed), crps=(crps or {}).get(name)),
                log_loss_interval=(by_log.lo, by_log.hi),
                brier_interval=(by_square.lo, by_square.hi),
                reliability=tuple(Point(**one._asdict()) for one in scoring.reliability(p, happened)),
                groups=_grouped(p, happened, groups, seed),
            )
        )
    return tuple(found)


def _grouped(p: Floats, happened: Floats, groups: Sequence[Group], seed: int) -> dict[str, dict[str, Scores]]:
    found: dict[str, dict[str, Scores]] = {}
    for by, name, chosen in groups:
        found.setdefault(by, {})[name] = scores(p[chosen], happened[chosen], seed, FEW)
    return found


def compared(
    forecasts: Mapping[str, Floats], happened: Floats, blocks: Blocks, seed: int, draws: int = DRAWS
) -> tuple[Difference, ...]:
    """Compare every two forecasters act by act, by log loss; each pair of names stands once."""
    names = list(forecasts)
    two = [(one, other) for k, one in enumerate(names) for other in names[:k]]
    if not two:
        return ()
    loss: dict[str, Any] = {name: scoring.losses(p, happened) for name, p in forecasts.items()}
    apart = np.stack([loss[one] - loss[other] for one, other in two], axis=1)
    spans = intervals(apart, blocks, seed, draws)
    return tuple(
        Difference(model=one, baseline=other, log_loss=span.mean, lo=span.lo, hi=span.hi, by=span.by)
        for (one, other), span in zip(two, spans, strict=True)
    )


def blocks_of_parts(acts: Acts, split: Sequence[Part]) -> Blocks:
    """Give the blocks of all acts asked about, origin after origin."""
    return blocks_of(acts, np.concatenate([part.asked for part in split]))
