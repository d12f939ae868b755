"""Where the doubt comes from: the tornado, the share that priors supply, and what to find out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.deals import Deal
from goodoffices.analysis.inputs import Values
from goodoffices.analysis.model import Model
from goodoffices.analysis.runs import Run
from goodoffices.domain.readings import TornadoBar
from goodoffices.words import _

__all__ = ["depends_on", "find_out", "prior_share", "tornado", "widest_gap"]

Floats = NDArray[np.float64]
_KNOWABLE = ("stake:", "prior:", "reliability:", "dispute:", "rating:", "provision:")
_BARS = 10
_QUESTIONS = 3


def widest_gap(deal: Deal, start: int = 0) -> Floats:
    """The widest gap among those whose No would matter more often than not; shape (n - start,)."""
    gaps = [deal.gap(p.office.id)[start:] for p in deal.players if float(np.median(p.veto[start:])) > 0.5]
    gaps = gaps or [deal.gap(p.office.id)[start:] for p in deal.players]
    return np.max(gaps, axis=0) if gaps else np.zeros(1)


def _figure(deal: Deal, start: int, *, lasting: bool) -> Floats:
    return deal.lasts(5, "not_abandoned")[start:] if lasting else widest_gap(deal, start)


def tornado(run: Run, deal: Deal, *, lasting: bool = False) -> tuple[TornadoBar, ...]:
    """Give the inputs that move a figure most, each from end to end of its 80% range.

    The figure is the widest gap, or the index of lasting; all other inputs stay at the centre.
    """
    asked = run.asked
    names = list(asked)
    figure = _figure(run.probes[deal.text.id], run.draws, lasting=lasting)
    ends = np.broadcast_to(figure, 2 * len(names)).reshape(-1, 2)
    order = np.argsort(-np.abs(ends[:, 1] - ends[:, 0]), kind="stable")[:_BARS]
    return tuple(
        TornadoBar(
            input=names[i],
            label=asked[names[i]].label,
            low=asked[names[i]].ends[0],
            high=asked[names[i]].ends[1],
            at_low=float(ends[i, 0]),
            at_high=float(ends[i, 1]),
        )
        for i in order
        if ends[i, 0] != ends[i, 1]
    )


def prior_share(run: Run, deal: Deal, office: str) -> float:
    """Share of the variance of a gap that goes away when every prior is held at its centre."""
    whole = float(np.var(deal.gap(office)))
    if whole == 0.0:
        return 0.0
    held = float(np.var(run.probes[deal.text.id].gap(office)[: run.draws]))
    return min(1.0, max(0.0, 1.0 - held / whole))


def depends_on(deal: Deal, verdict: Callable[[float], str]) -> tuple[str, ...]:
    """Say on which disputed fact the verdict hangs: another reading of it gives another verdict."""
    said = []
    disputes = [name for name in deal.beliefs.model.values.asked if name.startswith("dispute:")]
    for name in disputes:
        coded = deal.beliefs.model.values.drawn(name)
        if coded is None or not 0.0 < float(np.mean(coded)) < 1.0:
            continue
        one, other = (float(np.mean(deal.clears[coded == value])) for value in (1.0, 0.0))
        if verdict(one) != verdict(other):
            said.append(
                _("the verdict depends on {what}").format(what=deal.beliefs.model.values.asked[name].label)
            )
    return tuple(said)


def find_out(deal: Deal, office: str) -> tuple[str, ...]:
    """Ask for the three facts, ratings or stakes whose knowledge would narrow the gap most."""
    gap = deal.gap(office)
    if float(np.std(gap)) == 0.0:
        return ()
    models = {id(model): model for model in (deal.model, deal.beliefs.model)}
    ranked = {name: told for model in models.values() for name, told in _shares(model, gap).items()}
    best = sorted(ranked.items(), key=lambda pair: -pair[1][0])[:_QUESTIONS]
    return tuple(_question(name, label) for name, (share, label) in best if share > 0.005)


@dataclass(frozen=True)
class Spread:
    """How far inputs lie from their mean, shape (inputs, n), by name."""

    rows: dict[str, int]
    off: Floats
    own: Floats

    @classmethod
    def of(cls, drawn: Mapping[str, Floats]) -> "Spread":
        """Take the means off."""
        if not drawn:
            return cls({}, np.zeros((0, 0)), np.zeros(0))
        values = np.array(list(drawn.values()))
        off = values - values.mean(axis=1, keepdims=True)
        return cls({name: row for row, name in enumerate(drawn)}, off, np.einsum("kn,kn->k", off, off))

    def explains(self, gap: Floats) -> list[float]:
        """Share of the variance of the gap that goes with each input (squared correlation)."""
        gap = gap - gap.mean()
        moving = self.own > 0.0
        whole = np.where(moving, self.own * float(gap @ gap), 1.0)
        return np.where(moving, (self.off @ gap) ** 2 / whole, 0.0).tolist()  # type: ignore[no-any-return]


def _shares(model: Model, gap: Floats) -> dict[str, tuple[float, str]]:
    """What each input explains that was asked for and could be known, and its label."""
    values = model.values
    known = {name: item.label for name, item in values.asked.items() if name.startswith(_KNOWABLE)}
    shared = model.spread.once(len(values.inputs), lambda: _spread(values, values.inputs))
    own = _spread(values, known.keys() - shared.rows.keys())
    found: dict[str, float] = {}
    for spread in (shared, own):
        if spread.rows:
            found |= zip(spread.rows, spread.explains(gap), strict=True)
    return {name: (found[name], label) for name, label in known.items() if name in found}


def _spread(values: Values, names: Iterable[str]) -> Spread:
    drawn = {name: values.drawn(name) for name in names if name.startswith(_KNOWABLE)}
    return Spread.of({name: array for name, array in drawn.items() if array is not None})


def _question(name: str, label: str) -> str:
    if name.startswith("prior:"):
        return _("Which dated facts, or whose rating, would show {label}?").format(label=label)
    if name.startswith("stake:"):
        return _("How good is the evidence on {label}?").format(label=label)
    if name.startswith("dispute:"):
        return _("Can it be settled {label}?").format(label=label)
    if name.startswith("provision:"):
        return _("What exactly does the text give as {label}?").format(label=label)
    return _("Can it be established {label}?").format(label=label)
