"""One truster's beliefs about one trustee as of a day, by the rules of the ledger."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import log

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.accounts import Account, Vouched
from goodoffices.analysis.model import FACETS, Model
from goodoffices.core import ledger
from goodoffices.core.follow import Day, Entry, Push, Rated, State, begin, beliefs, follow, path
from goodoffices.domain.evidence import Rating
from goodoffices.words import _

__all__ = ["Belief", "History"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Belief:
    """One truster's beliefs about one trustee on the day of the reading.

    Attributes
    ----------
    trust
        Shape (4 facets, n draws).
    weight
        Summed weight of the evidence on each facet, faded with its store; below 1 there is not
        enough.
    facts
        The facts that each facet rests on, in the order in which they became known.
    """

    state: State
    trust: Floats
    weight: tuple[float, ...]
    facts: tuple[tuple[str, ...], ...]
    trace: tuple[Entry, ...] = ()

    def enough(self, facet: int) -> bool:
        """Is there enough evidence on this facet to say what it shows?"""
        return self.weight[facet] >= 1.0


@dataclass
class History:
    """What an account tells by a day, with what the reading of that day adds: prior, ratings, hearsay.

    Parameters
    ----------
    believed
        How far a truster believes a third party, and until when.
    """

    model: Model
    account: Account
    end: int
    believed: Callable[[str, str, int], Floats]
    trace: bool = False
    weight: list[float] = field(default_factory=list)  # of the evidence on each facet, faded to the end

    def __post_init__(self) -> None:
        self.encoded, self.pair = self.model.encoded, self.account.pair
        if not self.weight:
            self.weight = self.account.notes.weights(self.end, 4).tolist()

    @property
    def plain(self) -> bool:
        """Is there nothing in it but facts that were seen?"""
        return not (self.account.hearsay or self.account.rated or self.account.guarantor)

    def ask(self) -> None:
        """Ask for all inputs on which it hangs."""
        self.model.values.asked.update(self.account.inputs(self.end))
        self._prior()

    def days(self) -> tuple[Floats, list[Day]]:
        """Give the prior and the days on which something became known."""
        self.model.values.asked.update(self.account.inputs(self.end))
        days = self.account.known(self.end)
        for place in self.account.hearsay:
            if place < len(days):
                days[place] = days[place]._replace(pushes=self._heard(place))
        prior = self._prior()
        for day, rated in self._ratings().items():
            place = bisect_right(self.account.when, day) - 1
            days[place] = days[place]._replace(ratings=rated)
        return prior, days

    def _heard(self, place: int) -> tuple[Push, ...]:
        """What is pushed on a day with hearsay, as far as who vouches is believed."""
        heard = self.account.hearsay[place]
        return tuple(self._believed(one) if isinstance(one, Vouched) else one for one in heard)

    def _believed(self, word: Vouched) -> Push:
        return word.believed(self.believed(self.pair[0], word.third, word.known))

    def last(self, days: Sequence[Day]) -> tuple[int, ...]:
        """Give the changes of office after the last of `days`, up to the end."""
        since = days[-1].day if days else -1
        return tuple(change for change in self.account.changes if since < change <= self.end)

    def belief(self) -> Belief:
        """Follow the history and give the belief at its end."""
        prior, days = self.days()
        trace: list[Entry] | None = [] if self.trace else None
        if self.account.guarantor and trace is None:  # nothing else hangs on the day of the reading
            key = (self.end, prior.tobytes())
            state, trust = self.account.states.once(key, lambda: self._follow(prior, days, None))
        else:
            state, trust = self._follow(prior, days, trace)
        return self.told(state, trust, trace or ())

    def _follow(self, prior: Floats, days: Sequence[Day], trace: list[Entry] | None) -> tuple[State, Floats]:
        start = days[0].day if days else self.end
        state = follow(begin(prior, start), days, self.end, self.last(days), self.model.rules, trace)
        return state, beliefs(state)

    def told(self, state: State, trust: Floats, trace: Sequence[Entry] = ()) -> Belief:
        """Give the belief of a state that was brought to the end."""
        facts = tuple(self.account.facts(facet, self.end) for facet in range(4))
        return Belief(state, trust, tuple(self.weight), facts, tuple(trace))

    def path(self, stops: list[int]) -> Floats:
        """Give the beliefs at the end of each day of `stops`; shape (stop, 4, n)."""
        prior, days = self.days()
        start = days[0].day if days else self.end
        changes = [change for change in self.account.changes if change <= self.end]
        return np.array(path(begin(prior, start), days, stops, changes, self.model.rules))

    def _prior(self) -> Floats:
        doubt, normal = self.model.centre("prior_doubt"), self.model.values.normal
        self.sd = [float(ledger.prior_doubt(doubt, weight)) for weight in self.weight]
        priors = zip(self.account.priors, self.sd, strict=True)
        return np.array([normal(name, label, sd) for (name, label), sd in priors])

    def _ratings(self) -> dict[int, list[Rated]]:
        combined: dict[int, list[Rated]] = defaultdict(list)
        if self.account.guarantor:
            return combined
        given = self.encoded.ratings_of(self.pair)
        mine = [row for row in given if row.known_on.toordinal() <= self.end]
        ordered = sorted(mine, key=lambda r: (r.known_on, FACETS.index(r.facet), r.key))
        for (day, facet), rows in groupby(
            ordered, key=lambda r: (r.known_on.toordinal(), FACETS.index(r.facet))
        ):
            rated = self._combined(facet, list(rows))
            combined[day].append(rated)
            gain = rated.before**2 / (rated.before**2 + rated.doubt**2)
            self.sd[facet] = rated.before * float(np.sqrt(1.0 - gain))
            self.weight[facet] += 1.0
        return combined

    def _combined(self, facet: int, rows: list[Rating]) -> Rated:
        """Join several analysts: mean log-odds; their doubts and their spread both count."""
        scale = self.encoded.tables.scales["belief"]
        logits = [log(p / (1.0 - p)) for p in (scale[row.rating].value for row in rows)]
        doubts = [self.model.centre(f"rating_doubt.{row.confidence}") for row in rows]
        own, spread = (
            sum(d * d for d in doubts) ** 0.5 / len(rows),
            float(np.std(logits)) / len(rows) ** 0.5,
        )
        doubt = float(np.hypot(own, spread))
        keys = ":".join(row.key for row in rows)
        said = {
            "whom": self.encoded.called(self.pair[1]),
            "facet": _(rows[0].facet.value),
            "who": rows[0].author,
        }
        label = _("how far the rating of {whom}'s {facet} by {who} is off").format(**said)
        level = float(np.mean(logits)) + self.model.values.normal(f"rating:{keys}", label, doubt)
        return Rated(facet, level, doubt, self.sd[facet])
