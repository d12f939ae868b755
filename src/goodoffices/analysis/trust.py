"""Who trusts whom, on which facet, resting on which facts: each belief computed when first asked for."""

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.encoding import Pair
from goodoffices.analysis.histories import Belief, History
from goodoffices.analysis.model import Model
from goodoffices.core import deal

__all__ = ["Beliefs"]

Floats = NDArray[np.float64]


class Beliefs:
    """All beliefs of a reading, each computed when it is first asked for."""

    def __init__(self, model: Model, *, trace: bool = False) -> None:
        self.model, self.trace = model, trace
        self._known: dict[tuple[Pair, bool, int], Belief] = {}

    def borrow(self, other: "Beliefs", rated: set[Pair]) -> "Beliefs":
        """Take over what another set of beliefs has computed, but for the pairs that were rated."""
        self._known |= {key: belief for key, belief in other._known.items() if key[0] not in rated}
        return self

    def of(self, truster: str, trustee: str, *, guarantor: bool = False, until: int | None = None) -> Belief:
        """Give the beliefs of one office about another.

        Parameters
        ----------
        guarantor
            Count only kinds of conduct that bear on a guarantor.
        until
            Ordinal day to stop before; None: the day of the reading, included.
        """
        day = self.model.encoded.day.toordinal() if until is None else until - 1
        key = ((truster, trustee), guarantor, day)
        if key not in self._known:
            self._known[key] = self._history((truster, trustee), day, guarantor=guarantor).belief()
        return self._known[key]

    def path(self, truster: str, trustee: str, stops: list[int]) -> Floats:
        """Give beliefs at the end of each ordinal day of `stops`; shape (stop, 4, n)."""
        return self._history((truster, trustee), self.model.encoded.day.toordinal()).path(stops)

    def history(self, truster: str, trustee: str) -> History:
        """Give the evidence of one office about another, up to the day of the reading."""
        return self._history((truster, trustee), self.model.encoded.day.toordinal())

    def _history(self, pair: Pair, day: int, *, guarantor: bool = False) -> History:
        return History(self.model, pair, guarantor, day, self.tau, self.trace)

    def tau(self, truster: str, guarantor: str, until: int | None = None) -> Floats:
        """Trust in a guarantor: able, willing, true to its word and steady; shape (n,)."""
        t = self.of(truster, guarantor, guarantor=True, until=until).trust
        return np.asarray(t[0] * self.motive(t))

    def motive(self, trust: Floats) -> Floats:
        """Motive trust from beliefs of shape (4, n)."""
        tested, cost = self.model.default("integrity_tested"), self.model.default("volatility_cost")
        return np.asarray(deal.motive(trust[1], trust[2], trust[3], tested, cost))
