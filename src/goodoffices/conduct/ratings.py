"""Elo and Glicko-2 as forecasters: how cooperative an actor is, how hard a target makes it to be so."""

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts
from goodoffices.conduct.baselines import ALL, Asked, Driver, best, laid
from goodoffices.core import sequences

__all__ = ["Elo", "Glicko2"]

Floats = NDArray[np.float64]
STEPS = (4.0, 8.0, 16.0, 32.0, 64.0)  # K in points (Elo 1978 has 10 to 32)
PERIODS = (1.0, 7.0, 30.0)  # days
ACROSS = 400.0 / np.log(10.0)  # points of Elo a unit of log-odds


def _ahead(acts: Acts) -> float:
    """Head start of all actors, in log-odds: the base rate, as if one act of either sign had been more."""
    yes = float(acts.good.sum()) + 1.0
    return float(np.log(yes / (len(acts.day) + 2.0 - yes)))


def _sides(acts: Acts) -> NDArray[np.int64]:
    return np.stack([acts.actor, acts.target], axis=1).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Elo:
    """Elo ratings, moved by each act; the acts of a day move them together.

    Attributes
    ----------
    most
        K: what one act can move a rating by, in points; chosen in `fit`.
    ahead
        Head start of actors, in points.
    """

    name: str = "elo"
    most: float = 16.0
    ahead: float = 0.0
    driver: Driver = sequences

    def fit(self, acts: Acts, day: int) -> Self:
        """Choose K; gives a fitted copy."""
        del day
        tried = [replace(self, most=k, ahead=_ahead(acts) * ACROSS) for k in STEPS]
        return best([(one, one.forecast(acts, ALL)) for one in tried], acts.good)  # type: ignore[no-any-return]

    def forecast(self, acts: Acts, asked: Asked) -> Floats:
        """Give P(cooperative) of the acts at places `asked`."""
        found, sides = laid(acts, asked), _sides(acts)
        told, store = np.empty(len(found.asked)), np.zeros((len(acts.parties.names), 4))
        rules, score = np.array([self.most, self.ahead]), acts.good[found.order].astype(np.float64)
        self.driver.follow_elo(
            found.stream, sides[found.order], sides[found.asked], score, rules, store, told
        )
        return told[found.back]


@dataclass(frozen=True, kw_only=True)
class Glicko2:
    """Glicko-2 ratings by periods; a question meets the ratings with which its own period began.

    Attributes
    ----------
    period
        In days; chosen in `fit`.
    ahead
        Head start of actors, in log-odds.
    """

    name: str = "glicko-2"
    period: float = 7.0
    ahead: float = 0.0
    driver: Driver = field(default=sequences)

    def fit(self, acts: Acts, day: int) -> Self:
        """Choose how long a period is; gives a fitted copy."""
        del day
        tried = [replace(self, period=long, ahead=_ahead(acts)) for long in PERIODS]
        return best([(one, one.forecast(acts, ALL)) for one in tried], acts.good)  # type: ignore[no-any-return]

    def forecast(self, acts: Acts, asked: Asked) -> Floats:
        """Give P(cooperative) of the acts at places `asked`."""
        found, sides = laid(acts, asked), _sides(acts)
        told, first = np.empty(len(found.asked)), float(acts.day[0])
        store = np.zeros((len(acts.parties.names), 2, 6))
        store[:, :, :3] = sequences.UNRATED
        rules, score = np.array([self.period, first, self.ahead]), acts.good[found.order].astype(np.float64)
        self.driver.follow_glicko(
            found.stream, sides[found.order], sides[found.asked], score, rules, store, told
        )
        return told[found.back]
