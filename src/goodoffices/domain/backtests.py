"""Runs of backtests: what was tried on what, and how well it foresaw.

No figure of accuracy stands anywhere in the product without the id of such a run.  A run is plain data:
it knows nothing of who computed it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from goodoffices.errors import UsageError
from goodoffices.words import N_, _

__all__ = ["ACCURACY", "Difference", "Point", "Result", "Run", "Scores", "said_of"]

ACCURACY = N_("accuracy on past acts as one source reported them; another source or period may differ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How well n forecasts did.

    Attributes
    ----------
    log_loss
        In nats, the mean an act, forecasts clipped to [1e-6, 1 - 1e-6].
    brier
        It is reliability - resolution + uncertainty + within.
    auc
        None where all outcomes are the same.
    ece, ece_perfect
        Calibration error over 15 bins of equal count, and its mean for a simulated perfect forecaster
        with the same forecasts.
    crps
        Of forecasts of counts; None where nothing is counted.
    """

    n: int
    log_loss: float
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    auc: float | None
    ece: float
    ece_perfect: float
    crps: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of a reliability diagram, with the interval of 95% of the share that happened."""

    n: int
    forecast: float
    happened: float
    lo: float
    hi: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Log loss of a model less that of a baseline on the same acts, with an interval of 90%.

    `by` says whether pairs or weeks, drawn anew, gave this interval: the wider of the two.
    """

    model: str
    baseline: str
    log_loss: float
    lo: float
    hi: float
    by: str

    @property
    def turned(self) -> "Difference":
        """The same, seen from the other."""
        return Difference(
            model=self.baseline, baseline=self.model, log_loss=-self.log_loss, lo=-self.hi, hi=-self.lo,
            by=self.by,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one model came to: over all, with intervals of 90% by pairs or weeks, and by group."""

    model: str
    scores: Scores
    log_loss_interval: tuple[float, float]
    brier_interval: tuple[float, float]
    reliability: tuple[Point, ...]
    groups: Mapping[str, Mapping[str, Scores]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scoring of some forecasters on the same acts.

    Attributes
    ----------
    id
        By which it is stored; empty until then.
    at
        Moment of the scoring, UTC.
    data, name, source
        Hash of what was read, the name of the file or store, and the source.
    question
        "next act", or one of the questions about a window of time.
    design
        The split or the rolling origins, as plain data.
    first, last
        Days of the first and last act that was asked about.
    known, asked
        Acts at hand before the first origin, and questions scored.
    last_part
        Was the last part of all acts at hand scored by one split?
    differences
        Every two models once.
    blind
        Of each model on how many days it was looked whether it sees ahead; one that does is not scored.
    settings
        By what numbers models were set at the first origin, given or chosen, in words.
    """

    id: str = ""
    at: str
    data: str
    name: str
    source: str
    question: str
    design: Mapping[str, Any]
    first: str
    last: str
    known: int
    asked: int
    base_rate: float
    last_part: bool
    code: str
    method: str
    seed: int
    results: tuple[Result, ...]
    differences: tuple[Difference, ...]
    blind: Mapping[str, int]
    settings: Mapping[str, str]
    note: str = ""

    def result(self, model: str) -> Result:
        """Give what a model came to.

        Raises
        ------
        UsageError
            If it was not tried in this run.
        """
        for one in self.results:
            if one.model == model:
                return one
        names = ", ".join(one.model for one in self.results)
        raise UsageError(_('no model "{found}" in this run: it has {names}').format(found=model, names=names))

    def difference(self, model: str, baseline: str) -> Difference:
        """Give the difference of two models of this run, the first less the second."""
        for one in self.differences:
            if (one.model, one.baseline) == (model, baseline):
                return one
            if (one.baseline, one.model) == (model, baseline):
                return one.turned
        raise UsageError(
            _("no comparison of {one} with {other} in this run").format(one=model, other=baseline)
        )

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {**asdict(self), "said": ACCURACY}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Run":
        """Read back what `to_dict` gave."""
        names = {item.name for item in fields(cls)}
        told = {name: value for name, value in given.items() if name in names}
        told["results"] = tuple(_result(one) for one in given["results"])
        told["differences"] = tuple(Difference(**one) for one in given["differences"])
        return cls(**told)


def _result(given: Mapping[str, Any]) -> Result:
    told = dict(given)
    told["scores"] = Scores(**given["scores"])
    told["reliability"] = tuple(Point(**one) for one in given["reliability"])
    told["log_loss_interval"] = tuple(given["log_loss_interval"])
    told["brier_interval"] = tuple(given["brier_interval"])
    told["groups"] = {
        by: {name: Scores(**one) for name, one in some.items()} for by, some in given["groups"].items()
    }
    return Result(**told)


def said_of(run: Run, model: str) -> str:
    """Say the accuracy of a model in one sentence, with the id of the run."""
    found = run.result(model)
    told = _("{model}: log loss {loss} nats an act over {n} acts (run {run})")
    return told.format(model=model, loss=f"{found.scores.log_loss:.3f}", n=found.scores.n, run=run.id)
