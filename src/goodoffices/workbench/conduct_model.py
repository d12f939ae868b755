"""The model of conduct as a person uses it: fit, predict, why, score; the one that ships, and one's own.

>>> from goodoffices import ConductModel
>>> model = ConductModel().fit("events.duckdb")  # doctest: +SKIP
>>> model.predict(at="2014-10-01")  # doctest: +SKIP
"""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from goodoffices.compute import kernels
from goodoffices.conduct.acts import SAID, Acts, before
from goodoffices.conduct.model import Driver, Follower, Model, Recipe, contributions, fitted
from goodoffices.conduct.parts import PARTS
from goodoffices.errors import NotFoundError, UsageError
from goodoffices.whole import write_whole
from goodoffices.words import _
from goodoffices.workbench.bench import code_stamp
from goodoffices.workbench.conducting import Found, acts_of, placed

__all__ = [
    "ConductModel",
    "Forecast",
    "driver",
    "forecast_pair",
    "read_model",
    "said",
    "shipped",
    "shipped_recipe",
]

Floats = NDArray[np.float64]
INNER = 1.2815515655446004  # standard deviations on either side of an interval of 80%
FEW = 1.0  # acts of a pair that are remembered, below which a forecast rests on the pool


def driver() -> Driver:
    """Give the compiled driver."""
    made: Driver = kernels.prepared("goodoffices.core.conduct", _("forecasts of conduct"))
    return made


def said() -> str:
    """Say what a forecast is of, and what it says nothing of."""
    return _(SAID)


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Any]:
    text = files("goodoffices.data").joinpath("conduct", "model.json").read_text(encoding="utf-8")
    told: Mapping[str, Any] = json.loads(text)
    return told


def shipped() -> Model:
    """Give the model that comes with the package: numbers of the population only."""
    return Model.of(_shipped())


def forecast_pair(
    store: Path, truster: str, trustee: str, at: date, *, source: str = "", model: Path | None = None
) -> dict[str, Any]:
    """Foresee the next act of a trustee towards a truster, as actors of a store or as countries.

    Raises
    ------
    NotFoundError
        If no report of the store names one of the two.
    """
    own, named = ConductModel(read_model(model) if model else None), set()
    for by_country in (False, True):
        found = acts_of(store=store, source=source, as_of=at, by_country=by_country)
        if {truster, trustee} <= set(found.acts.parties.names):
            return own.read(found).predict(at=at, pairs=[(trustee, truster)])[0].to_dict()
        named |= set(found.acts.parties.names)
    missing = truster if truster not in named else trustee
    raise NotFoundError(_("no report in {store} names {party}").format(store=store.name, party=missing))


def shipped_recipe() -> Recipe:
    """Give what was chosen on the inner split of its training data."""
    return Recipe.of(_shipped()["recipe"])


def read_model(path: Path) -> Model:
    """Read a model that `save` wrote.

    Raises
    ------
    NotFoundError
        If there is no such file.
    UsageError
        If it holds no model of conduct.
    """
    try:
        return Model.of(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NotFoundError(_("{file}: no such file").format(file=path)) from None
    except (OSError, ValueError) as error:
        said = _("{file}: no model of conduct; give a file that goodoffices conduct fit wrote ({error})")
        raise UsageError(said.format(file=path, error=error)) from None


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What is foreseen of the next act of one party towards another.

    Attributes
    ----------
    p, lo, hi
        Chance that it is cooperative, with an interval of 80% from what is not known of the effects.
    seen
        Acts of the pair that are remembered, faded.
    pooled
        Is so little known of the pair that the forecast rests on everybody else?
    why
        Part -> what it adds to the log-odds; with `base` they add up exactly.
    """

    actor: str
    target: str
    at: date
    p: float
    lo: float
    hi: float
    seen: float
    pooled: bool
    base: float
    why: Mapping[str, float]

    def parts(self) -> list[tuple[str, str]]:
        """Give the names of the parts, and what each looks at."""
        return [(part.name, part.says) for part in PARTS]

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**plain, "at": self.at.isoformat(), "why": dict(self.why), "said": said()}


class ConductModel:
    """Forecasts of the next reported act, in the manner of scikit-learn.

    Parameters
    ----------
    model
        One that was fitted before; left out, the one that ships, until `fit` is called.
    recipe
        Half-lives, variances and penalty with which `fit` works; left out, those that ship.
    """

    def __init__(self, model: Model | None = None, recipe: Recipe | None = None) -> None:
        self.model = model or shipped()
        self.recipe = recipe or self.model.recipe
        self._found: Found | None = None

    # Learning -------------------------------------------------------------------------------------

    def fit(self, events: Any, *, until: date | str | None = None, **reading: Any) -> Self:
        """Fit weights to a store, a file of events, a frame of `date, source, relation, target`, or acts.

        Parameters
        ----------
        until
            Only acts known before this day are learnt from.
        reading
            As in `acts_of`: `source`, `as_of`, `by_country`.

        Raises
        ------
        UsageError
            If there is nothing to learn from, or all acts have one sign.
        """
        found = _found(events, **reading)
        acts = found.acts if until is None else before(found.acts, _day(until).toordinal())
        made = fitted(driver(), self.recipe, acts)
        self.model = replace(made, about=_about(found, acts))
        self._found = found
        return self

    def save(self, path: str | Path) -> None:
        """Write the weights as a small file of JSON, with what they were fitted to."""
        text = json.dumps(self.model.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
        try:
            write_whole(Path(path), f"{text}\n".encode())
        except OSError as error:
            said = _("{file}: cannot be written ({why}); name a file in a folder that is there")
            raise UsageError(said.format(file=path, why=error.strerror)) from None

    def read(self, events: Any, **reading: Any) -> Self:
        """Take the acts that forecasts rest on from elsewhere, without fitting."""
        self._found = _found(events, **reading)
        return self

    # Asking ---------------------------------------------------------------------------------------

    def predict(
        self, at: date | str | None = None, pairs: Iterable[tuple[str, str]] | None = None
    ) -> list[Forecast]:
        """Foresee the next act of each pair (actor, target) on a day, from what was known before it.

        Parameters
        ----------
        at
            Left out: the day after the last that is known.
        pairs
            Left out: all that were seen to act.  A party that nobody reported of gets the forecast of
            the pool, and is labelled so.

        Raises
        ------
        UsageError
            If no acts were given, or none was known before the day.
        """
        acts = self._given().acts
        day = int(acts.known.max()) + 1 if at is None else _day(at).toordinal()
        past = before(acts, day)
        if not len(past.day):
            raise UsageError(_("no act was known before {day}").format(day=date.fromordinal(day)))
        follower = Follower(driver(), self.model.recipe)
        follower.take_in(past)
        asked = list(pairs) if pairs is not None else _pairs(past)
        _met(follower, self._given(), asked, day)
        return list(self._forecasts(follower, asked, day))

    def _given(self) -> Found:
        if self._found is None:
            raise UsageError(_("no acts yet: call fit or read with a store or a file of events first"))
        return self._found

    def _forecasts(
        self, follower: Follower, asked: Sequence[tuple[str, str]], day: int
    ) -> Iterable[Forecast]:
        if not asked:
            return
        found, variance = follower.look(list(asked), day)
        adds = contributions(self.model, found)
        odds = adds.sum(axis=1) + self.model.base
        spread = INNER * np.sqrt(variance @ (self.model.effects**2))
        seen = follower.seen(list(asked), day)
        p, lo, hi = (1.0 / (1.0 + np.exp(-side)) for side in (odds, odds - spread, odds + spread))
        for k, (actor, target) in enumerate(asked):
            why = {part.name: float(add) for part, add in zip(PARTS, adds[k], strict=True)}
            yield Forecast(
                actor=actor, target=target, at=date.fromordinal(day), p=float(p[k]), lo=float(lo[k]),
                hi=float(hi[k]), seen=float(seen[k]), pooled=bool(seen[k] < FEW),
                base=self.model.base, why=why,
            )  # fmt: skip

    def chances(self, events: Any | None = None) -> Floats:
        """Give what each act was forecast from acts known before its own day, shape (act,)."""
        acts = self._given().acts if events is None else _found(events).acts
        return Follower(driver(), self.model.recipe).chances(acts, self.model)

    def score(self, events: Any | None = None, *, split: float = 0.8, **more: Any) -> Any:
        """Fit on the first part by the recipe, score the rest beside all baselines, and store the run."""
        from goodoffices.workbench.conduct_scores import scored  # noqa: PLC0415 - it imports this module

        return scored(self._given() if events is None else _found(events), self.recipe, split=split, **more)


def _found(events: Any, **reading: Any) -> Found:
    if isinstance(events, Found):
        return events
    if isinstance(events, Acts):
        codes = np.full(len(events.day), "")
        return Found(acts=events, codes=codes, data="", name="acts", source="acts")
    if isinstance(events, (str, Path)):
        path = Path(events)
        if path.suffix == ".duckdb":
            return acts_of(store=path, **reading)
        return acts_of(events=path, **reading)
    return _framed(events, **reading)


def _framed(frame: Any, **reading: Any) -> Found:
    """Read a frame as a file of events is read: there is one way in for data."""
    write = getattr(frame, "write_parquet", None) or getattr(frame, "to_parquet", None)
    if write is None:
        raise UsageError(_("give a store, a file of events, acts, or a frame of polars or pandas"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.parquet"
        write(path)
        return acts_of(events=path, **reading)


def _day(value: date | str) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        said = _('at: found "{found}"; give a day such as 2013-01-01')
        raise UsageError(said.format(found=value)) from None


def _about(found: Found, acts: Acts) -> dict[str, Any]:
    first, last = (date.fromordinal(int(day)).isoformat() for day in (acts.day[0], acts.day[-1]))
    return {
        "name": found.name, "source": found.source, "data": found.data, "first": first, "last": last,
        "acts": len(acts.day), "code": code_stamp(), "method": kernels.source_hash(),
    }  # fmt: skip


def _pairs(acts: Acts) -> list[tuple[str, str]]:
    both = np.unique(np.stack([acts.actor, acts.target], axis=1), axis=0)
    names = acts.parties.names
    return [(names[one], names[other]) for one, other in both.tolist()]


def _met(follower: Follower, found: Found, asked: Sequence[tuple[str, str]], day: int) -> None:
    """Number parties that nobody reported of, by what their names say: their own records are empty.

    Raises
    ------
    UsageError
        If somebody is not named, or is to act towards itself.
    """
    for pair in asked:
        if not all(name.strip() for name in pair) or pair[0] == pair[1]:
            said = _('actor "{actor}", target "{target}": name two that are not the same')
            raise UsageError(said.format(actor=pair[0], target=pair[1]))
    for name in dict.fromkeys(name for pair in asked for name in pair):
        if not follower.numbering.knows(name):
            follower.numbering.meet(name, *placed(name, found.system, date.fromordinal(day)))
