"""What every forecast of the next act is compared with, from the base rate to gradient boosting.

Each is fitted on what was known before a day, and then meets each act with what was known before the
act's own day.  Numbers that are not in the literature (how strongly a share is drawn to the base rate,
how fast ratings move) are chosen in `fit`, among a few, by how well acts were foreseen one day after the
other among those known (Dawid 1984); half-lives of 7, 30, 120 and 365 days are judged.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts
from goodoffices.core import logistic, sequences
from goodoffices.core.scoring import log_loss
from goodoffices.core.sequences import Stream
from goodoffices.core.threads import one_thread
from goodoffices.errors import ExtraMissing, UsageError
from goodoffices.words import _

__all__ = [
    "SCALES",
    "BaseRate",
    "Boosting",
    "Driver",
    "Features",
    "Goldstein",
    "Lags",
    "Laid",
    "LastAct",
    "MultiScale",
    "Share",
    "best",
    "counts",
    "laid",
    "multi_scale",
]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Asked = slice | NDArray[np.int64]
Features = Callable[[Acts, Asked], Floats]

SCALES = (3.0, 10.0, 30.0, 120.0, np.inf)  # half-lives in days
STRENGTHS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # acts that the base rate counts as
LAGS = 5
FAMILIES = ("pair", "reverse", "actor", "target")


class Driver(Protocol):
    """The loops of `core/sequences.py`, plain or compiled."""

    follow_counts: Callable[..., None]
    follow_signs: Callable[..., None]
    follow_elo: Callable[..., None]
    follow_glicko: Callable[..., None]


class Laid(NamedTuple):
    """Acts in the order in which they became known, and questions in order of their day.

    Attributes
    ----------
    order
        Places of the acts, shape (act,).
    asked
        Places of those asked about, shape (question,).
    back
        Where each question of the caller stands among `asked`.
    """

    stream: Stream
    order: Places
    asked: Places
    back: Places


def laid(acts: Acts, asked: Asked) -> Laid:
    """Lay out a stream; acts that became known on one day keep their order."""
    reach = np.maximum(acts.known, acts.day)
    order = np.argsort(reach, kind="stable")
    places = np.arange(len(acts.day))[asked]
    turn = np.argsort(acts.day[places], kind="stable")
    stream = Stream(reach[order], acts.day[order], acts.day[places[turn]])
    return Laid(stream, order, places[turn], np.argsort(turn, kind="stable"))


def _keys(acts: Acts, family: str) -> tuple[Places, Places, int]:
    """What an act counts for and what a question about it asks for, and how many keys there are."""
    one, other, many = acts.actor.astype(np.int64), acts.target.astype(np.int64), len(acts.parties.names)
    if family in ("pair", "reverse"):
        _some, key = np.unique(np.append(one * many + other, other * many + one), return_inverse=True)
        mine, theirs = key[: len(one)], key[len(one) :]
        return mine, mine if family == "pair" else theirs, len(_some)
    if family == "actor":
        return one, one, many
    if family == "target":
        return other, other, many
    raise UsageError(
        _('no family of counts "{found}": use {names}').format(found=family, names=", ".join(FAMILIES))
    )


def counts(
    driver: Driver, acts: Acts, asked: Asked, family: str, half_lives: Sequence[float], value: Floats
) -> Floats:
    """Give discounted sums before each question, shape (question, half-life, c).

    Parameters
    ----------
    family
        "pair" counts acts of the same direction, "reverse" those of the other, "actor" all by the
        same actor, "target" all towards the same target.
    value
        What each act adds, shape (act, c).
    """
    found = laid(acts, asked)
    mine, theirs, many = _keys(acts, family)
    told = np.empty((len(found.asked), len(half_lives), value.shape[1]))
    store = np.zeros((many, len(half_lives), value.shape[1] + 1))
    driver.follow_counts(
        found.stream, mine[found.order], theirs[found.asked], value[found.order],
        np.asarray(half_lives, np.float64), store, told,
    )  # fmt: skip
    return told[found.back]


def _signed(acts: Acts) -> Floats:
    """Whether each act is good, and whether it is bad; shape (act, 2)."""
    return np.stack([acts.good, ~acts.good], axis=1).astype(np.float64)


def best(tried: Sequence[tuple[Any, Floats]], good: NDArray[np.bool_]) -> Any:
    """Choose the setting whose forecasts of the acts had the least log loss."""
    came = good.astype(np.float64)
    return min(tried, key=lambda one: log_loss(one[1], came))[0]


ALL = slice(None)


@dataclass(frozen=True, kw_only=True)
class BaseRate:
    """How often acts were cooperative."""

    rate: float = 0.5
    name: str = "base-rate"

    def fit(self, acts: Acts, day: int) -> Self:
        """Count; gives a fitted copy."""
        del day
        return replace(self, rate=float(acts.good.mean()))

    def forecast(self, acts: Acts, asked: Asked) -> Floats:
        """Give the same to all."""
        return np.full(len(acts.day[asked]), self.rate)


@dataclass(frozen=True, kw_only=True)
class Share:
    """Share of cooperative acts of a pair, each discounted by its age, drawn to the base rate.

    Attributes
    ----------
    half_life
        In days; infinite: the frequency of the pair.
    strength
        How many acts the base rate counts as.
    """

    name: str
    half_life: float = np.inf
    strength: float = 1.0
    rate: float = 0.5
    driver: Driver = sequences

    def fit(self, acts: Acts, day: int) -> Self:
        """Choose how strongly shares are drawn to the base rate; gives a fitted copy."""
        del day
        told, rate = self._told(acts, ALL), float(acts.good.mean())
        tried = [(m, self._share(told, rate, m)) for m in STRENGTHS]
        return replace(self, rate=rate, strength=best(tried, acts.good))

    def forecast(self, acts: Acts, asked: Asked) -> Floats:
        """Give P(cooperative) of the acts at places `asked`."""
        return self._share(self._told(acts, asked), self.rate, self.strength)

    def _told(self, acts: Acts, asked: Asked) -> Floats:
        return counts(self.driver, acts, asked, "pair", (self.half_life,), _signed(acts))[:, 0]

    @staticmethod
    def _share(told: Floats, rate: float, strength: float) -> Floats:
        return np.asarray((told[:, 0] + strength * rate) / (told.sum(axis=1) + strength))


def _signs(driver: Driver, acts: Acts, asked: Asked, family: str, lags: int) -> NDArray[np.int8]:
    """Give the last signs before each question, the newest first; shape (question, lag)."""
    found = laid(acts, asked)
    mine, theirs, many = _keys(acts, family)
    told = np.zeros((len(found.asked), lags), np.int8)
    sign = np.where(acts.good, 1, -1).astype(np.int8)[found.order]
    store = np.zeros((many, lags), np.int8)
    driver.follow_signs(found.stream, mine[found.order], theirs[found.asked], sign, store, told)
    return told[found.back]


@dataclass(frozen=True, kw_only=True)
class LastAct:
    """How often acts were cooperative after a good one of the pair, after a bad one, and after none."""

    after: tuple[float, float, float] = (0.5, 0.5, 0.5)
    name: str = "last-act"
    driver: Driver = sequences

    def fit(self, acts: Acts, day: int) -> Self:
        """Count what came after what; gives a fitted copy."""
        del day
        last, good = _signs(self.driver, acts, ALL, "pair", 1)[:, 0], acts.good
        many = [np.count_nonzero(last == sign) for sign in (-1, 0, 1)]
        came = [np.count_nonzero(good[last == sign]) for sign in (-1, 0, 1)]
        one, two, three = ((yes + 1.0) / (n + 2.0) for yes, n in zip(came, many, strict=True))
        return replace(self, after=(one, two, three))

    def forecast(self, acts: Acts, asked: Asked) -> Floats:
        """Give P(cooperative) of the acts at places `asked`."""
        return np.asarray(self.after)[_signs(self.driver, acts, asked, "pair", 1)[:, 0] + 1]


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """A logistic regression on features of what was known before."""

    driver: Driver = sequences
    ridge: float = 1.0  # judged: one act a feature
    weights: Floats | None = None

    def features(self, acts: Acts, asked: Asked) -> Floats:
        """Give the features of each question, shape (question, feature)."""
        raise NotImplementedError

    def fit(self, acts: Acts, day: int) -> Self:
        """Fit the weights; gives a fitted copy."""
        del day
        x, y = self.features(acts, ALL), acts.good.astype(np.float64)
        return replace(self, weights=logistic.fitted(x, y, self.ridge))

    def forecast(self, acts: Acts, asked: Asked) -> Floats:
        """Give P(cooperative) of the acts at places `asked`.

        Raises
        ------
        UsageError
            If nothing was fitted yet.
        """
        if self.weights is None:
            raise UsageError(_("the model is not fitted yet: call fit first"))
        return logistic.chances(self.features(acts, asked), self.weights)


@dataclass(frozen=True, kw_only=True)
class Goldstein(Learnt):
    """Mean published value of a pair's acts over a half-life of 120 days, through a logistic."""

    name: str = "goldstein"

    def features(self, acts: Acts, asked: Asked) -> Floats:
        """Give the mean value, drawn to zero as if one act of value zero had been seen."""
        value = np.stack([acts.value, np.ones(len(acts.day))], axis=1).astype(np.float64)
        told = counts(self.driver, acts, asked, "pair", (120.0,), value)[:, 0]
        return np.asarray(told[:, :1] / (told[:, 1:] + 1.0))


@dataclass(frozen=True, kw_only=True)
class Lags(Learnt):
    """The signs of the last acts of the pair and of the other direction, through a logistic."""

    name: str = "lags"

    def features(self, acts: Acts, asked: Asked) -> Floats:
        """Give signs, and whether there was an act at all; shape (question, 20)."""
        told = [_signs(self.driver, acts, asked, family, LAGS) for family in ("pair", "reverse")]
        return np.hstack([*told, *(np.abs(one) for one in told)]).astype(np.float64)


def multi_scale(driver: Driver, acts: Acts, asked: Asked) -> Floats:
    """Give counts of good and bad acts of pair, reverse, actor and target over five half-lives.

    As log-odds, half an act added to either side, and as logs, one act added; shape (question, 60).
    """
    some = [counts(driver, acts, asked, family, SCALES, _signed(acts)) for family in FAMILIES]
    good, bad = (np.hstack([one[:, :, sign] for one in some]) for sign in (0, 1))
    return np.hstack([np.log((good + 0.5) / (bad + 0.5)), np.log1p(good), np.log1p(bad)])


@dataclass(frozen=True, kw_only=True)
class MultiScale(Learnt):
    """Counts over several half-lives, through a logistic."""

    name: str = "multi-scale"

    def features(self, acts: Acts, asked: Asked) -> Floats:
        """Give those of `multi_scale`."""
        return multi_scale(self.driver, acts, asked)


@dataclass(frozen=True, kw_only=True)
class Boosting:
    """Gradient boosting on all features: what can be had without asking why.

    Attributes
    ----------
    make
        Gives the features of each question; left out, those of `multi_scale`.
    settings
        Of scikit-learn's `HistGradientBoostingClassifier`; chosen on the first 64% and the 16% after
        them of one year of reports, and the same for all.
    """

    name: str = "boosting"
    driver: Driver = sequences
    make: Features | None = None
    settings: tuple[tuple[str, Any], ...] = (
        ("learning_rate", 0.08), ("max_iter", 150), ("max_leaf_nodes", 20), ("min_samples_leaf", 40),
        ("l2_regularization", 1.0), ("early_stopping", False), ("random_state", 0),
    )  # fmt: skip
    model: Any = None

    def features(self, acts: Acts, asked: Asked) -> Floats:
        """Give the features of each question."""
        return self.make(acts, asked) if self.make else multi_scale(self.driver, acts, asked)

    def fit(self, acts: Acts, day: int) -> Self:
        """Grow the trees; gives a fitted copy.

        Raises
        ------
        ExtraMissing
            If scikit-learn is not installed.
        UsageError
            If all acts are of one sign.
        """
        del day
        try:
            ensemble = importlib.import_module("sklearn.ensemble")
        except ImportError:
            raise ExtraMissing("conduct", _("gradient boosting")) from None
        if acts.good.all() or not acts.good.any():
            raise UsageError(_("all acts are of one sign: there is nothing to tell apart"))
        model = ensemble.HistGradientBoostingClassifier(**dict(self.settings))
        x = self.features(acts, ALL)
        with one_thread("openmp"):
            return replace(self, model=model.fit(x, acts.good))

    def forecast(self, acts: Acts, asked: Asked) -> Floats:
        """Give P(cooperative) of the acts at places `asked`.

        Raises
        ------
        UsageError
            If nothing was fitted yet.
        """
        if self.model is None:
            raise UsageError(_("the model is not fitted yet: call fit first"))
        x = self.features(acts, asked)
        with one_thread("openmp"):
            return np.asarray(self.model.predict_proba(x)[:, 1])
