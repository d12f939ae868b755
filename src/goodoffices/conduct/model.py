"""The model of conduct: log-odds of a cooperative act as a sum of named parts.

Each part looks at one record (`conduct/parts.py`): leanings over three half-lives, drawn to zero by a
few or by many unseen acts, on both sides of the record, and the effect that is left when all other
parts have said what they expect.  Effects are random effects with a prior of zero, filtered day by day
from the user's own acts; the weights are numbers of the population, the same for everybody, fitted by
penalised maximum likelihood.  Contributions of parts and the base add up to the log-odds exactly.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts
from goodoffices.conduct.numbering import Numbering
from goodoffices.conduct.parts import PARTS
from goodoffices.core import logistic
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["Conduct", "Driver", "Follower", "Model", "Recipe", "chances", "contributions", "fitted"]

Floats = NDArray[np.float64]
SPAN = 40_000  # days after which a record has faded as far as it ever will


class Driver(Protocol):
    """The compiled driver of `core/conduct.py`, which is given and never imported here."""

    LANES: int
    Acts: Any
    Rules: Any
    begin: Any
    grown: Any
    features: Any
    look: Any
    value: Any


_VARIANCES = (0.5, 0.3, 0.3, 0.2, 0.5, 1.0, 0.4, 4.0)
_START = dict(zip((part.name for part in PARTS), _VARIANCES, strict=True))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is chosen before weights are fitted; chosen on the inner split of training data only.

    Attributes
    ----------
    half_lives
        Of the leanings, in days.
    effect_half_life
        Of effects, in days.
    start
        Variance of an effect of each part before anything was seen.
    near, far
        Unseen acts that draw a leaning to zero.
    penalty
        Half of it times the squared weights, for features of unit spread, is added to the loss.
    most
        Acts, the latest, that weights are fitted to; all are followed.
    """

    half_lives: tuple[float, ...] = (2.0, 30.0, 1e9)
    effect_half_life: float = 3000.0
    start: Mapping[str, float] = field(default_factory=lambda: dict(_START))
    near: float = 0.5
    far: float = 5.0
    penalty: float = 100.0
    most: int = 2_000_000

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {**asdict(self), "start": dict(self.start), "half_lives": list(self.half_lives)}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read it from plain data."""
        return cls(**{**told, "half_lives": tuple(told["half_lives"])})

    def rules(self, driver: Driver) -> Any:
        """Lay it out for the driver."""
        day = np.arange(SPAN)[:, None]
        lives = np.exp2(-day / np.array(self.half_lives))
        effect = np.exp2(-day / self.effect_half_life)
        fade = np.concatenate([lives, lives, effect, effect * effect], axis=1).astype(np.float32)
        start = np.array([self.start[part.name] for part in PARTS], np.float32)
        return driver.Rules(fade, start, self.near, self.far)


@dataclass(frozen=True, kw_only=True)
class Model:
    """Weights of the population.

    Attributes
    ----------
    weights
        Shape (feature,): leanings by (near or far, part, side, half-life), then effects by part.
    about
        What it was fitted to: name, first and last day, acts, hash, licence, scores.
    """

    recipe: Recipe
    base: float
    weights: Floats
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def effects(self) -> Floats:
        """Weights of effects, shape (part,)."""
        return self.weights[-len(PARTS) :]

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data, weights by part."""
        by_part = [column.round(6).tolist() for column in _by_part(self.weights, self.recipe)]
        return {
            "model": "conduct",
            "recipe": self.recipe.to_dict(),
            "base": round(self.base, 6),
            "weights": {part.name: column for part, column in zip(PARTS, by_part, strict=True)},
            "about": dict(self.about),
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read it from plain data.

        Raises
        ------
        UsageError
            If something is missing, or of the wrong shape.
        """
        try:
            recipe = Recipe.of(told["recipe"])
            columns = np.array([told["weights"][part.name] for part in PARTS], np.float64)
            shaped = columns.reshape(len(PARTS), 4 * len(recipe.half_lives) + 1)
            return cls(
                recipe=recipe, base=float(told["base"]), weights=_in_line(shaped), about=dict(told["about"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(_("not a model of conduct: {error}").format(error=error)) from None


def _by_part(line: NDArray[Any], recipe: Recipe) -> NDArray[Any]:
    """Put what comes feature by feature in order of parts, shape (part, ..., feature of the part)."""
    parts, wide = len(PARTS), 2 * len(recipe.half_lives)
    leanings = line[..., : 2 * parts * wide].reshape(*line.shape[:-1], 2, parts, wide)
    leanings = np.moveaxis(leanings, -2, 0)
    effects = np.moveaxis(line[..., 2 * parts * wide :], -1, 0)[..., None]
    return np.concatenate([leanings.reshape(*leanings.shape[:-2], 2 * wide), effects], axis=-1)


def _in_line(by_part: Floats) -> Floats:
    """Undo `_by_part` for one line of weights."""
    parts, wide = by_part.shape[0], (by_part.shape[1] - 1) // 2
    leanings = by_part[:, :-1].reshape(parts, 2, wide).transpose(1, 0, 2)
    return np.concatenate([leanings.reshape(-1), by_part[:, -1]])


# -- following -------------------------------------------------------------------------------------


class Follower:
    """Records of all acts so far, brought forward batch by batch without refitting."""

    def __init__(self, driver: Driver, recipe: Recipe) -> None:
        self.driver, self.recipe = driver, recipe
        self.numbering = Numbering()
        self._rules = recipe.rules(driver)
        self._state: Any = None
        self.until = 0

    def _batch(self, acts: Acts) -> Any:
        place = self.numbering.places(acts)
        first = int(acts.day[0]) if len(acts.day) else 0
        self._grow(first)
        order = np.argsort(acts.known, kind="stable").astype(np.int32)
        self.until = max(self.until, int(acts.known.max(initial=0)))
        return self.driver.Acts(acts.day, acts.known, acts.good.astype(np.int8), place, order)

    def _grow(self, day: int) -> None:
        """Make room for records that came up."""
        size = self.numbering.size
        if self._state is None:
            self._state = self.driver.begin(size + size // 4, day)
        if size > len(self._state.since):
            self._state = self.driver.grown(self._state, size + size // 4, day)

    def features(self, acts: Acts, first: int = 0) -> NDArray[np.float32]:
        """Take in acts and give the features of each from `first` on, shape (act, feature)."""
        batch = self._batch(acts)
        found = np.zeros((len(acts.day) - first, self.width), np.float32)
        self.driver.features(self._state, batch, self._rules, found, first)
        return found

    def chances(self, acts: Acts, model: Model) -> Floats:
        """Take in acts and give what each was forecast from acts known before its day, shape (act,)."""
        return self.value(acts, model)[2]

    def value(self, acts: Acts, model: Model) -> tuple[float, Floats, Floats]:
        """Give the log loss, its gradient by weights and base, and the forecasts; takes the acts in."""
        batch, padded = self._batch(acts), _padded(model.weights, self.driver.LANES)
        gradient, chances = np.zeros(len(padded) + 1), np.zeros(len(acts.day))
        loss = self.driver.value(self._state, batch, self._rules, padded, model.base, gradient, chances)
        return float(loss), np.append(gradient[: len(model.weights)], gradient[-1]), chances

    def take_in(self, acts: Acts) -> None:
        """Take in acts."""
        self.features(acts, len(acts.day))

    def look(self, pairs: list[tuple[str, str]], day: int) -> tuple[Floats, Floats]:
        """Give the features of acts (actor, target) that may come on a day, and variances by part."""
        place = self.numbering.asked(pairs)
        self._grow(day)
        found = np.zeros((len(pairs), self.width), np.float32)
        variance = self.driver.look(self._state, place, day, self._rules, found)
        return found.astype(np.float64), variance.astype(np.float64)

    def seen(self, pairs: list[tuple[str, str]], day: int) -> Floats:
        """Give how many acts of each pair are remembered over the longest half-life, shape (pair,)."""
        place = self.numbering.asked(pairs)
        self._grow(day)
        lives = len(self.recipe.half_lives)
        return np.asarray(self._state.cells[place[:, 0], 2 * lives - 1], np.float64)

    @property
    def width(self) -> int:
        """How many features there are."""
        return len(PARTS) * (4 * len(self.recipe.half_lives) + 1)


def _padded(weights: Floats, lanes: int) -> NDArray[np.float32]:
    return np.concatenate([weights, np.zeros(-len(weights) % lanes)]).astype(np.float32)


def chances(driver: Driver, model: Model, acts: Acts) -> Floats:
    """Give what each act was forecast from acts known before its own day, shape (act,)."""
    return Follower(driver, model.recipe).chances(acts, model)


def contributions(model: Model, features: Floats) -> Floats:
    """Give what each part adds to the log-odds, shape (act, part); with the base they add up exactly."""
    return np.asarray(_by_part(features * model.weights, model.recipe).sum(axis=-1).T)


# -- fitting ---------------------------------------------------------------------------------------


def fitted(driver: Driver, recipe: Recipe, acts: Acts) -> Model:
    """Fit weights to acts by penalised maximum likelihood (Newton's method).

    Raises
    ------
    UsageError
        If there are no acts, or all have one sign.
    """
    good = acts.good
    if not len(good) or good.all() or not good.any():
        kind = _("cooperative") if good.any() else _("conflictive")
        said = _("all {n} acts before the split are {kind}: nothing can be told apart; take in more")
        raise UsageError(said.format(n=len(good), kind=kind) if len(good) else _("no act before the split"))
    first = max(0, len(good) - recipe.most)
    found = Follower(driver, recipe).features(acts, first)
    weights = logistic.fitted(found, good[first:].astype(np.float64), recipe.penalty)
    return Model(recipe=recipe, base=float(weights[-1]), weights=weights[:-1])


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """The model as a forecaster of the harness: fitted at an origin, it follows all acts after it."""

    driver: Driver
    recipe: Recipe
    model: Model | None = None
    name: str = "conduct"

    def fit(self, acts: Acts, day: int) -> Self:
        """Fit weights to acts, all of them known before `day`."""
        assert acts.known.max(initial=0) < day
        return replace(self, model=fitted(self.driver, self.recipe, acts))

    def forecast(self, acts: Acts, asked: slice | NDArray[np.int64]) -> Floats:
        """Give P(cooperative) of the acts at places `asked`.

        Raises
        ------
        UsageError
            If nothing was fitted yet.
        """
        if self.model is None:
            raise UsageError(_("the model is not fitted yet: call fit first"))
        return chances(self.driver, self.model, acts)[asked]

    def features(self, acts: Acts, asked: slice | NDArray[np.int64]) -> Floats:
        """Give the features of the acts at places `asked`, shape (question, feature)."""
        return np.asarray(Follower(self.driver, self.recipe).features(acts)[asked])
