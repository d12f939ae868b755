"""Score the model of conduct on acts of a store or a file, beside every baseline; each scoring is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from goodoffices.conduct.acts import SAID
from goodoffices.conduct.model import Conduct, Recipe
from goodoffices.conduct.origins import Split
from goodoffices.domain.backtests import Run
from goodoffices.errors import UsageError
from goodoffices.words import _
from goodoffices.workbench import backtesting
from goodoffices.workbench.conduct_model import driver
from goodoffices.workbench.conducting import Found
from goodoffices.workbench.forecasters import chosen, forecaster
from goodoffices.workbench.runs import Runs

__all__ = ["score_dict", "scored"]

OWN = "conduct"


def scored(
    found: Found,
    recipe: Recipe,
    *,
    split: float = 0.8,
    models: str | None = None,
    runs: Path | None = None,
    note: str = "",
    tick: Callable[[int, int, str], None] = lambda _done, _total, _name: None,
) -> Run:
    """Fit on the first part by the recipe, forecast the rest day by day, and keep the run.

    Parameters
    ----------
    models
        Baselines, joined by commas; left out, all of them.

    Raises
    ------
    UsageError
        If the split leaves nothing to learn from or to ask, or all acts before it have one sign.
    """
    good = found.acts.good
    if good.all() or not good.any():
        kind = _("cooperative") if good.any() else _("conflictive")
        said = _("all {n} acts are {kind}: there is nothing to tell apart")
        raise UsageError(said.format(n=len(good), kind=kind))
    baselines = [name for name in chosen(models) if name != OWN]
    tried = {OWN: Conduct(driver=driver(), recipe=recipe), **{name: forecaster(name) for name in baselines}}
    return backtesting.score(found, tried, Split(share=split), note=note, runs=Runs(runs), tick=tick)


def score_dict(run: Run, found: Found) -> dict[str, Any]:
    """Give a scoring as plain data: the model's scores on top, baselines beside them, stamps below."""
    own = run.result(OWN).scores
    names = ("log_loss", "brier", "auc", "ece", "ece_perfect")
    told = {
        result.model: {name: getattr(result.scores, name) for name in names}
        for result in run.results
        if result.model != OWN
    }
    kept = {
        name: getattr(run, name)
        for name in ("data", "name", "source", "first", "last", "known", "code", "method", "seed", "at")
    }
    return {
        "ok": True, "n": own.n, **{name: getattr(own, name) for name in names}, "baselines": told,
        "rejected": found.rejected, "unvalued": found.unvalued, "unvalued_codes": list(found.unvalued_codes),
        "run": run.id, "design": dict(run.design), **kept, "said": _(SAID),
    }  # fmt: skip
