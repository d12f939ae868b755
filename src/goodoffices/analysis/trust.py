"""Who trusts whom, on which facet, resting on which facts: each belief computed when first asked for."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.accounts import Accounts, Key
from goodoffices.analysis.encoding import Pair
from goodoffices.analysis.histories import Belief, History
from goodoffices.analysis.model import Model
from goodoffices.core import abreast, deal, ledger
from goodoffices.core.follow import Day, State

__all__ = ["Beliefs", "prepare"]

Floats = NDArray[np.float64]


class Begun(NamedTuple):
    """A history that is about to be followed."""

    beliefs: "Beliefs"
    history: History
    prior: Floats
    days: list[Day]
    ask: Callable[[], None]  # for the inputs on which it hangs

    @property
    def like(self) -> Hashable:
        """What is the same where the outcome is."""
        account = self.history.account
        if self.prior.any() or account.hearsay or account.rated:
            return account.pair, account.guarantor, id(self.beliefs)
        return account.like, self.after

    @property
    def after(self) -> int:
        """How many changes of office there were after its last day."""
        return len(self.history.last(self.days))


def prepare(accounts: Accounts, begun: Sequence[Begun]) -> None:
    """Follow many histories of one day at once, those that are alike only once."""
    if not begun:
        return
    firsts = {one.like: one for one in reversed(begun)}
    rows = list(firsts.values())
    day = rows[0].history.end
    keys = tuple((one.history.pair, one.history.account.guarantor) for one in rows)
    last = [one.after for one in rows]
    prior, days = np.array([one.prior for one in rows]), [one.days for one in rows]
    now = abreast.follow(accounts.course(keys), prior, days, day, last)
    trusts, places = abreast.trusts(now), {like: row for row, like in enumerate(firsts)}
    for one in begun:
        row = places[one.like]
        one.beliefs.end(one, now.state(row, [day] * 5), trusts[row])


class Beliefs:
    """All beliefs of a reading, each computed when it is first asked for.

    Parameters
    ----------
    accounts
        Of the same draws, where they are at hand; they may tell of later days too.
    """

    def __init__(self, model: Model, *, trace: bool = False, accounts: Accounts | None = None) -> None:
        self.model, self.trace = model, trace
        self.accounts = accounts or Accounts(model)
        self._known: dict[tuple[Pair, bool, int], Belief] = {}
        self._ready: dict[tuple[Pair, bool, int], tuple[Belief, Callable[[], None]]] = {}

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
        if key in self._ready:
            self._known[key], ask = self._ready.pop(key)
            self.model.values.later(ask)
        if key not in self._known:
            self._known[key] = self._history((truster, trustee), day, guarantor=guarantor).belief()
        return self._known[key]

    def begin(self, keys: Iterable[Key]) -> list[Begun]:
        """Begin the histories of the day of the reading, in order."""
        day, wanted = self.model.encoded.day.toordinal(), tuple(dict.fromkeys(keys))
        if not wanted:
            return []
        weights = self.accounts.weights(wanted, day)
        doubts = ledger.prior_doubt(self.model.centre("prior_doubt"), weights).tolist()
        accounts = [self.accounts.of(pair, guarantor=guarantor) for pair, guarantor in wanted]
        rows = zip(accounts, weights.tolist(), doubts, strict=True)
        return [
            self._begun(History(self.model, account, day, self.tau, weight=weight), sd)
            for account, weight, sd in rows
        ]

    def _begun(self, history: History, doubts: Sequence[float]) -> Begun:
        values, account = self.model.values, history.account
        if history.plain:
            priors = zip(account.priors, doubts, strict=True)
            prior = np.array([values.filling.normal(name, sd) for (name, _label), sd in priors])
            return Begun(self, history, prior, account.known(history.end), history.ask)
        with values.apart() as asked:
            prior, days = history.days()
        return Begun(self, history, prior, days, lambda: values.asked.update(asked))

    def end(self, begun: Begun, state: State, trust: Floats) -> None:
        """Keep a belief that was begun, for when it is asked for."""
        history = begun.history
        key = (history.pair, history.account.guarantor, history.end)
        self._ready[key] = history.told(state, trust), begun.ask

    def path(self, truster: str, trustee: str, stops: list[int]) -> Floats:
        """Give beliefs at the end of each ordinal day of `stops`; shape (stop, 4, n)."""
        return self.history(truster, trustee).path(stops)

    def history(self, truster: str, trustee: str) -> History:
        """Give the evidence of one office about another, up to the day of the reading."""
        return self._history((truster, trustee), self.model.encoded.day.toordinal())

    def _history(self, pair: Pair, day: int, *, guarantor: bool = False) -> History:
        account = self.accounts.of(pair, guarantor=guarantor)
        return History(self.model, account, day, self.tau, self.trace)

    def tau(self, truster: str, guarantor: str, until: int | None = None) -> Floats:
        """Trust in a guarantor: able, willing, true to its word and steady; shape (n,)."""
        t = self.of(truster, guarantor, guarantor=True, until=until).trust
        return np.asarray(t[0] * self.motive(t))

    def motive(self, trust: Floats) -> Floats:
        """Motive trust from beliefs of shape (4, n)."""
        tested, cost = self.model.default("integrity_tested"), self.model.default("volatility_cost")
        return np.asarray(deal.motive(trust[1], trust[2], trust[3], tested, cost))
