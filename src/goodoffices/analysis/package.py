"""The smallest package of provisions at which everyone who is needed clears."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from goodoffices.analysis.deals import Deal
from goodoffices.analysis.provisions import TOP, called, guarantors, provision
from goodoffices.analysis.runs import Run
from goodoffices.domain.case import Change
from goodoffices.domain.texts import Provision
from goodoffices.words import _, clauses

__all__ = ["package"]

_TEXTUAL = ("guarantee", "verification", "phasing")


@dataclass(frozen=True)
class Ladders:
    """The provisions of a package, each on its ladder: those of the text itself, then those of its sides."""

    run: Run
    deal: Deal

    @cached_property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """Whose provision each kind would be; every side alike, so that none is favoured."""
        sides = self.deal.text.binds
        own = {"guarantee": tuple(guarantors(self.run, self.deal)[:1]), "verification": ("",)}
        return {
            kind: names
            for kind, names in (own | {"bond": sides, "assistance": sides, "phasing": ("",)}).items()
            if names
        }

    def build(self, steps: Mapping[str, int]) -> list[Change]:
        """Give the changes that put each kind at its step."""
        made = [
            provision(self.deal.text, kind, step, name, number)
            for kind, step in steps.items()
            if step
            for number, name in enumerate(self.kinds[kind])
        ]
        return [change for change in made if change is not None]

    def closes(self, steps: Mapping[str, int]) -> bool:
        """Does everyone who is needed clear at the centre?"""
        return all(gap <= 0 for gap in _central_gaps(self.run, self.deal, self.build(steps)))

    def smallest(self) -> dict[str, int] | None:
        """Search the text's own provisions in full; if none will do, add what the sides could post or get."""
        plain_ones = [kind for kind in self.kinds if kind in _TEXTUAL]
        ranges = [range(TOP[kind] + 1) for kind in plain_ones]
        found = [dict(zip(plain_ones, steps, strict=True)) for steps in product(*ranges)]
        if any(
            self.closes(steps) for steps in found if all(steps[k] == TOP[k] for k in steps if k != "phasing")
        ):
            ordered = sorted(found, key=lambda steps: (sum(steps.values()), *steps.values()))
            return next(steps for steps in ordered if self.closes(steps))
        return self._lowered()

    def _lowered(self) -> dict[str, int] | None:
        """From the top of every ladder, go down wherever everyone still clears."""
        tops = [{k: TOP[k] for k in self.kinds} | {"phasing": step} for step in range(TOP["phasing"] + 1)]
        steps = next((top for top in tops if self.closes(top)), None)
        while steps:
            lower = [steps | {kind: step - 1} for kind, step in steps.items() if step]
            fit = next((one for one in lower if self.closes(one)), None)
            if fit is None:
                break
            steps = fit
        return steps


def package(run: Run, deal: Deal) -> tuple[str, float | None]:
    """The smallest package of provisions at which everyone who is needed clears at the centre."""
    ladders = Ladders(run, deal)
    steps = ladders.smallest()
    if steps is None:
        return _("none"), None
    changes = ladders.build(steps)
    share = float(np.mean(run.changed(changes).deals[deal.text.id].clears))
    return _words(run, changes), share


def _central_gaps(run: Run, deal: Deal, changes: list[Change]) -> list[float]:
    other = run.changed(changes)
    text = next(text for text in other.encoded.case.texts if text.id == deal.text.id)
    central = other.central_deal(text)
    players = [p for p in central.players if float(p.veto[0]) > 0.5] or central.players
    return [float(central.gap(p.office.id)[0]) for p in players]


def _words(run: Run, changes: list[Change]) -> str:
    if not changes:
        return _("the text as it stands")
    return clauses(dict.fromkeys(_one(run, change.value) for change in changes))


def _one(run: Run, item: Provision) -> str:
    words = {name: _(word.replace("_", " ")) for name, word in item.words.items()}
    match item.type:
        case "guarantee":
            told = {"who": called(run, item.by), "form": _(item.form.replace("_", " "))}
            return _("a guarantee by {who} ({form})").format(**told)
        case "phasing":
            return _("{n} steps").format(n=item.steps)
        case "bond":
            return _("a bond posted by each side: {word}").format(word=words["worth"])
        case "assistance":
            return _("help to each side to keep it: {word}").format(word=words["size"])
    return _("verification that sees a breach: {word}").format(word=words["detection"])
