"""One question put to a case: the encoded case with its draws, and the same question changed a little."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.accounts import Accounts, Key
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
from goodoffices.analysis.trust import Beliefs, prepare
from goodoffices.domain.case import Case, Change
from goodoffices.domain.forecasts import Calibration
from goodoffices.domain.readings import Quantity
from goodoffices.domain.tables import Tables
from goodoffices.domain.texts import Text

__all__ = ["AtHand", "Run", "quantities", "quantity"]

Floats = NDArray[np.float64]
MANY = 1000  # draws above which beliefs are followed one by one
_LEAVE_FACTS_ALONE = {"set_stake", "set_provision", "remove_provision", "add_rating"}


def quantity(values: Floats) -> Quantity:
    """Sum draws up as median and equal-tailed 80% interval."""
    lo, median, hi = np.quantile(values, (0.1, 0.5, 0.9))
    return Quantity(median=float(median), lo=float(lo), hi=float(hi))


def quantities(*values: Floats) -> list[Quantity]:
    """Sum up several figures at once."""
    if not values:
        return []
    ends = np.quantile(np.array(values), (0.1, 0.5, 0.9), axis=1).T.tolist()
    return [Quantity(median=median, lo=lo, hi=hi) for lo, median, hi in ends]


@dataclass(frozen=True)
class AtHand:
    """What the readings of other days have left: the case encoded for this day, and the accounts."""

    encoded: Encoded
    accounts: Accounts
    sampled: Sampled


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
    at_hand: AtHand | None = None
    calibration: Calibration | None = None  # of the keep index; None: it stays a model index

    @cached_property
    def encoded(self) -> Encoded:
        """The case as it could be known on the day."""
        if self.borrowed is not None:  # the same facts and offices: only texts and stakes differ
            return replace(self.borrowed.encoded, case=self.borrowed.encoded.case.with_changes(self.over))
        if self.at_hand is not None:
            return self.at_hand.encoded
        return encode(self.case, self.day, self.tables, published=self.published)

    def _model(self, filling: Filling) -> Model:
        return Model(self.encoded, Values(filling))

    @cached_property
    def model(self) -> Model:
        """The model with keyed draws."""
        if self.at_hand is not None:
            return self.at_hand.accounts.model.again(self.encoded)
        if self.jitter is not None:
            return self._model(Jittered(self.seed, self.draws, self.jitter))
        return self._model(self.sampled)

    @cached_property
    def sampled(self) -> Sampled:
        """The keyed draws."""
        if self.at_hand is not None:
            return self.at_hand.sampled
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
            return Beliefs(self.model, accounts=self.at_hand.accounts if self.at_hand else None)
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
        return {text.id: self._deal(self.model, self.beliefs, text) for text in self.encoded.case.texts}

    @cached_property
    def central_deals(self) -> dict[str, Deal]:
        """The same at the centre."""
        return {text.id: self.central_deal(text) for text in self.encoded.case.texts}

    def central_deal(self, text: Text) -> Deal:
        """One text at the centre of every range."""
        return self._deal(self.central, self.central_beliefs, text)

    def _deal(self, model: Model, beliefs: Beliefs, text: Text) -> Deal:
        return Deal(model, beliefs, text, calibration=self.calibration)

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
        frozen = self.sampled.freeze("prior:")
        if self.jitter is not None or self.borrowed is not None:
            return Beliefs(self._model(frozen))
        return Beliefs(self.model.again(self.encoded, frozen), accounts=self.beliefs.accounts)

    @cached_property
    def probes(self) -> dict[str, Deal]:
        """The texts over the draws with every prior held at its centre.

        With `ends`, there follow two columns for each input asked for, at the ends of its range.
        """
        beliefs = self._probing()
        model = beliefs.model
        return {text.id: self._deal(model, beliefs, text) for text in self.encoded.case.texts}

    def _probing(self) -> Beliefs:
        if self.ends:
            frozen = self.sampled.freeze("prior:")
            return Beliefs(self._model(Joined(frozen, Design(list(self.asked)))))
        return self.frozen_beliefs

    def prepare(self, keys: Iterable[Key]) -> None:
        """Compute many beliefs at once, those on which the texts hang first, as they are asked for.

        To lay them side by side pays where many days are read, and not for very many draws.
        """
        if self.at_hand is None or self.draws > MANY:
            return
        begun = self.beliefs.begin([*self.decisive, *keys])
        if self.frozen_beliefs.accounts is self.beliefs.accounts and not self.ends:
            begun += self.frozen_beliefs.begin(self.decisive)
        prepare(self.beliefs.accounts, begun)

    @cached_property
    def decisive(self) -> list[Key]:
        """The beliefs on which the texts hang, in the order in which they are asked for.

        The order counts: the doubt of a prior about a guarantor is that of whoever asks for it first.
        """
        return [key for text in self.encoded.case.texts for key in _asked_for(self.encoded, text)]

    def changed(self, changes: Iterable[Change]) -> "Run":
        """Put the same question to the case with some changes."""
        listed = list(changes)
        if not all(change.op in _LEAVE_FACTS_ALONE for change in listed):
            return replace(
                self,
                case=self.case.with_changes(listed),
                borrowed=None,
                rated=frozenset(),
                over=(),
                at_hand=None,
            )
        ratings = [change.value for change in listed if change.op == "add_rating"]
        pairs = {tuple(self.encoded.office_of(n).id for n in (r.truster, r.trustee)) for r in ratings}
        rated = frozenset((one, two) for one, two in pairs) | self.rated
        return replace(
            self,
            case=self.case.with_changes(listed),
            borrowed=self,
            rated=rated,
            over=tuple(listed),
            at_hand=None,
        )


def _asked_for(encoded: Encoded, text: Text) -> list[Key]:
    """The beliefs on which one text hangs: across the sides, in guarantors, and on one's own side."""
    players = encoded.players(text)
    pairs = [(one, two) for one in players for side in text.binds for two in players if two.party == side]
    across = [((one.id, two.id), False) for one, two in pairs if one.party != two.party]
    beside = [((one.id, two.id), False) for one, two in pairs if one.party == two.party and one != two]
    thirds = [name for name in text.guarantors if encoded.offices[name].holder]
    trusted = [((one.id, third), True) for third in thirds for one in players]
    return [*across[:1], *trusted, *across[1:], *beside]
