"""The forecasters that can be tried by name, with their compiled loops."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from goodoffices.compute.kernels import prepared
from goodoffices.conduct.baselines import BaseRate, Boosting, Goldstein, Lags, LastAct, MultiScale, Share
from goodoffices.conduct.model import Conduct
from goodoffices.conduct.ratings import Elo, Glicko2
from goodoffices.conduct.trial import Forecaster
from goodoffices.conduct.twotypes import TwoTypes
from goodoffices.errors import UsageError
from goodoffices.words import N_, _
from goodoffices.workbench.conduct_model import driver, shipped_recipe

__all__ = ["FORECASTERS", "Named", "chosen", "forecaster", "settings"]


class Named(NamedTuple):
    """A forecaster by name: what it says, and what makes it."""

    says: str
    make: Callable[[], Any]


def _loops() -> Any:
    return prepared("goodoffices.core.sequences_cpu", _("a backtest"))


def _share(name: str, half_life: float) -> Callable[[], Any]:
    return lambda: Share(name=name, half_life=half_life, driver=_loops())


def _two_types() -> Any:
    return TwoTypes(driver=prepared("goodoffices.core.switching_cpu", _("a backtest")), name="two-types")


def _conduct() -> Any:
    return Conduct(driver=driver(), recipe=shipped_recipe())


def _ceiling() -> Any:
    return Boosting(name="ceiling", make=_conduct().features)


FORECASTERS: Mapping[str, Named] = {
    "conduct": Named(N_("the model of conduct: named parts that add up in log-odds"), _conduct),
    "base-rate": Named(N_("how often acts were cooperative"), BaseRate),
    "pair-frequency": Named(N_("how often those of the pair were"), _share("pair-frequency", float("inf"))),
    "pair-frequency-120": Named(
        N_("the same, with a half-life of 120 days"), _share("pair-frequency-120", 120.0)
    ),
    "last-act": Named(N_("what came after a good, a bad, no act"), lambda: LastAct(driver=_loops())),
    "weighted-7": Named(N_("share of the pair, with a half-life of 7 days"), _share("weighted-7", 7.0)),
    "weighted-30": Named(N_("share of the pair, with a half-life of 30 days"), _share("weighted-30", 30.0)),
    "weighted-365": Named(
        N_("share of the pair, with a half-life of 365 days"), _share("weighted-365", 365.0)
    ),
    "goldstein": Named(
        N_("mean published value of the pair, through a logistic"), lambda: Goldstein(driver=_loops())
    ),
    "elo": Named(N_("Elo ratings of actors and targets"), lambda: Elo(driver=_loops())),
    "glicko-2": Named(N_("Glicko-2 ratings of actors and targets"), lambda: Glicko2(driver=_loops())),
    "two-types": Named(N_("a hidden Markov chain of two types of conduct for each pair"), _two_types),
    "lags": Named(N_("last signs of the pair and of the other direction"), lambda: Lags(driver=_loops())),
    "multi-scale": Named(
        N_("logistic on counts over several half-lives"), lambda: MultiScale(driver=_loops())
    ),
    "boosting": Named(N_("gradient boosting on all of these counts"), lambda: Boosting(driver=_loops())),
    "ceiling": Named(N_("gradient boosting on all features of the model of conduct"), _ceiling),
}


def chosen(names: str | None) -> tuple[str, ...]:
    """Give the names of forecasters, from a list joined by commas; all, if none is given.

    Raises
    ------
    UsageError
        If nothing is called so.
    """
    given = tuple(name.strip() for name in (names or "").split(",") if name.strip())
    for name in given:
        if name not in FORECASTERS:
            said = _('no forecaster "{found}": use {names}')
            raise UsageError(said.format(found=name, names=", ".join(FORECASTERS)))
    return tuple(dict.fromkeys(given)) or tuple(FORECASTERS)


def forecaster(name: str) -> Forecaster:
    """Make a forecaster that is not fitted yet."""
    made: Forecaster = FORECASTERS[name].make()
    return made


def settings(model: Forecaster) -> str:
    """Say by which numbers a forecaster is set, as far as they are plain ones."""
    if not is_dataclass(model):
        return ""
    given = {item.name: getattr(model, item.name) for item in fields(model) if item.name != "name"}
    plain = {name: value for name, value in given.items() if isinstance(value, (int, float, str, tuple))}
    return ", ".join(f"{name} {_plainly(value)}" for name, value in plain.items())


def _plainly(value: Any) -> str:
    if isinstance(value, tuple) and all(isinstance(one, tuple) and len(one) == 2 for one in value):
        return "(" + ", ".join(f"{name} {one}" for name, one in value) + ")"
    return f"{value:g}" if isinstance(value, float) else str(value)
