"""One question put to a case: the encoded case with its draws, and the same question changed a little."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.deals import Deal
from goodoffices.analysis.encoding import Encoded, Pair, encode
from goodoffices.analysis.inputs import (
    Centre,
    Design,
    Filling,
    Input,
    Jittered,
    Joined,
    Pinned,
    Sampled,
    Values,
)
from goodoffices.analysis.model import Model
from goodoffices.analysis.trust import Beliefs
from goodoffices.domain.case import Case, Change
from goodoffices.domain.readings import Quantity
from goodoffices.domain.tables import Tables
from goodoffices.domain.texts import Text

__all__ = ["Run", "quantity"]

Floats = NDArray[np.float64]
_LEAVE_FACTS_ALONE = {"set_stake", "set_provision", "remove_provision", "add_rating"}


def quantity(values: Floats) -> Quantity:
    """Sum draws up as median and equal-tailed 80% interval."""
    lo, median, hi = np.quantile(values, (0.1, 0.5, 0.9))
    return Quantity(median=float(median), lo=float(lo), hi=float(hi))


@dataclass
class Run:
    """A case on a day under one seed: the draws, the centre, and what a change would do.

    Parameters
    ----------
    case
        With all its facts; what is visible on `day` is chosen here.
    published
        Go by the later of known_on and public_on, as backtests must.
    """

    case: Case
    day: date
    tables: Tables
    seed: int
    draws: int
    published: bool = False
    borrowed: "Run | None" = None  # a run whose beliefs are the same, but for those in `rated`
    rated: frozenset[Pair] = frozenset()
    over: tuple[Change, ...] = ()  # the changes over the borrowed run
    ends: bool = True  # also ask what each input does at the ends of its range
    jitter: float | None = None  # move every default by up to this share instead of drawing
    pinned: tuple[tuple[str, float], ...] = ()  # inputs held at a quantile of their range in every draw

    @cached_property
    def encoded(self) -> Encoded:
        """The case as it could be known on the day."""
        if self.borrowed is not None:  # the same facts and offices: only texts and stakes differ
            return replace(self.borrowed.encoded, case=self.borrowed.encoded.case.with_changes(self.over))
        return encode(self.case, self.day, self.tables, published=self.published)

    def _model(self, filling: Filling) -> Model:
        return Model(self.encoded, Values(filling))

    @cached_property
    def model(self) -> Model:
        """The model with keyed draws."""
        if self.jitter is not None:
            return self._model(Jittered(self.seed, self.draws, self.jitter))
        return self._model(self.sampled)

    @cached_property
    def sampled(self) -> Sampled:
        """The keyed draws."""
        plain = Sampled(self.seed, self.draws)
        return Pinned(plain, dict(self.pinned)) if self.pinned else plain

    @cached_property
    def central(self) -> Model:
        """The model at the centre of every range."""
        return self._model(Centre())

    @cached_property
    def beliefs(self) -> Beliefs:
        """Beliefs over the draws."""
        if self.borrowed is None:
            return Beliefs(self.model)
        shared = self.borrowed.beliefs
        return Beliefs(self.model).borrow(shared, set(self.rated)) if self.rated else shared

    @cached_property
    def central_beliefs(self) -> Beliefs:
        """Beliefs at the centre, with the trace from which every "why" is told."""
        if self.borrowed is None:
            return Beliefs(self.central, trace=True)
        shared = self.borrowed.central_beliefs
        own = Beliefs(self.central, trace=True)
        return own.borrow(shared, set(self.rated)) if self.rated else shared

    @cached_property
    def deals(self) -> dict[str, Deal]:
        """The texts on the table, over the draws, in order of declaration."""
        return {text.id: Deal(self.model, self.beliefs, text) for text in self.encoded.case.texts}

    @cached_property
    def central_deals(self) -> dict[str, Deal]:
        """The same at the centre."""
        return {text.id: self.central_deal(text) for text in self.encoded.case.texts}

    def central_deal(self, text: Text) -> Deal:
        """One text at the centre of every range."""
        return Deal(self.central, self.central_beliefs, text)

    @cached_property
    def asked(self) -> dict[str, Input]:
        """Every uncertain input that the texts on the table ask for."""
        for deal in self.central_deals.values():
            for player in deal.players:
                deal.gap(player.office.id)
            deal.lasts(5, "not_abandoned")
        return self.central_beliefs.model.values.asked | self.central.values.asked

    @cached_property
    def frozen_beliefs(self) -> Beliefs:
        """Beliefs over the draws with every prior held at its centre."""
        return Beliefs(self._model(self.sampled.freeze("prior:")))

    @cached_property
    def probes(self) -> dict[str, Deal]:
        """The texts over the draws with every prior held at its centre.

        With `ends`, there follow two columns for each input asked for, at the ends of its range.
        """
        frozen = self.sampled.freeze("prior:")
        model = self._model(Joined(frozen, Design(list(self.asked))) if self.ends else frozen)
        beliefs = Beliefs(model)
        return {text.id: Deal(model, beliefs, text) for text in self.encoded.case.texts}

    def changed(self, changes: Iterable[Change]) -> "Run":
        """Put the same question to the case with some changes."""
        listed = list(changes)
        if not all(change.op in _LEAVE_FACTS_ALONE for change in listed):
            return replace(
                self, case=self.case.with_changes(listed), borrowed=None, rated=frozenset(), over=()
            )
        ratings = [change.value for change in listed if change.op == "add_rating"]
        pairs = {tuple(self.encoded.office_of(n).id for n in (r.truster, r.trustee)) for r in ratings}
        rated = frozenset((one, two) for one, two in pairs) | self.rated
        return replace(
            self, case=self.case.with_changes(listed), borrowed=self, rated=rated, over=tuple(listed)
        )
