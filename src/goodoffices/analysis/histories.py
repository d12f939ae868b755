"""One truster's evidence about one trustee, day by day, as the rules of the ledger take it in."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.encoding import Pair, Sighting
from goodoffices.analysis.model import FACETS, Model
from goodoffices.core import ledger
from goodoffices.core.follow import (
    ATTACK,
    BAD,
    GESTURE,
    GOOD,
    INTEGRITY,
    INTENTION,
    MEETING,
    PLAIN,
    YEAR,
    Day,
    Entry,
    Push,
    Rated,
    State,
    begin,
    beliefs,
    follow,
    path,
)
from goodoffices.domain.evidence import Facet, Fact, Rating
from goodoffices.words import _

__all__ = ["Belief", "History"]

Floats = NDArray[np.float64]
_LIVES = [[f"half_life_{sign}.{facet}" for facet in FACETS] for sign in ("good", "bad")]


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
    """Builds the days of one belief and follows them."""

    model: Model
    pair: Pair
    guarantor: bool
    end: int
    believed: Callable[[str, str, int], Floats]  # how far a truster believes a third party, and until when
    trace: bool = False
    weight: list[float] = field(default_factory=lambda: [0.0] * 4)
    facts: list[list[str]] = field(default_factory=lambda: [[], [], [], []])

    def __post_init__(self) -> None:
        self.encoded = self.model.encoded
        rows = self.encoded.sightings.get(self.pair, ())
        self.rows = [row for row in rows if self._counts(row)]
        offices = [self.encoded.offices[name] for name in self.pair]
        self.changes = sorted(day for office in offices for day in office.changes if day <= self.end)
        self.left = offices[1].changes
        self.sd: list[float] = []

    def _counts(self, row: Sighting) -> bool:
        if row.fact.known_on.toordinal() > self.end:
            return False
        if self.model.central(row) == 0.0:  # seen and set aside: it must not even cut a span of fading in two
            return False
        return row.kind.role == "guarantor" if self.guarantor else True

    def days(self) -> tuple[Floats, list[Day]]:
        """Give the prior and the days on which something became known."""
        reports: Counter[str] = Counter()
        meetings: Counter[str] = Counter()
        grouped = groupby(self.rows, key=lambda row: row.fact.known_on.toordinal())
        pushes = {day: self._pushes(list(rows), reports, meetings) for day, rows in grouped}
        prior = self._prior()
        ratings = self._ratings()
        days, before = [], -1
        for day in sorted({*pushes, *ratings}):
            changes = tuple(change for change in self.changes if before < change <= day)
            days.append(Day(day, changes, pushes.get(day, ()), ratings.get(day, ())))
            before = day
        return prior, days

    def belief(self) -> Belief:
        """Follow the history and give the belief at its end."""
        prior, days = self.days()
        trace: list[Entry] | None = [] if self.trace else None
        start = days[0].day if days else self.end
        last = tuple(change for change in self.changes if change > (days[-1].day if days else -1))
        state = follow(begin(prior, start), days, self.end, last, self.model.rules, trace)
        kept = tuple(tuple(dict.fromkeys(names)) for names in self.facts)
        return Belief(state, beliefs(state), tuple(self.weight), kept, tuple(trace or ()))

    def path(self, stops: list[int]) -> Floats:
        """Give the beliefs at the end of each day of `stops`; shape (stop, 4, n)."""
        prior, days = self.days()
        start = days[0].day if days else self.end
        return np.array(path(begin(prior, start), days, stops, self.changes, self.model.rules))

    def _prior(self) -> Floats:
        keys = ":".join(self.encoded.offices[name].key for name in self.pair)
        names = [self.encoded.offices[name].called for name in self.pair]
        rows = []
        for facet, weight in zip(FACETS, self.weight, strict=True):
            sd = float(ledger.prior_doubt(self.model.centre("prior_doubt"), weight))
            self.sd.append(sd)
            role = ":guarantor" if self.guarantor else ""
            told = {"who": names[0], "whom": names[1], "facet": _(facet.value)}
            label = _("what {who} makes of {whom}'s {facet} beyond the facts").format(**told)
            if role:
                label = _("what {who} makes of {whom}'s {facet} as a guarantor beyond the facts").format(
                    **told
                )
            rows.append(self.model.values.normal(f"prior:{keys}:{facet}{role}", label, sd))
        return np.array(rows)

    def _share(
        self, rows: list[Sighting], reports: Counter[str], rho: Floats
    ) -> dict[str, tuple[Floats, float]]:
        """What each new report of an event adds to those before it, and the same at the centre."""
        new: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            new[row.fact.event or row.fact.id].add(row.fact.id)
        shares, middle = {}, self.model.centre("report_correlation")
        for event, ids in new.items():
            had, has = reports[event], reports[event] + len(ids)
            reports[event] = has
            if has == 1:  # the first report of an event counts whole, whatever the correlation
                shares[event] = (self.model.values.const(1.0), 1.0)
                continue
            gained, central = (
                (ledger.effective_reports(has, r) - ledger.effective_reports(had, r)) / len(ids)
                for r in (rho, middle)
            )
            shares[event] = (gained, float(central))
        return shares

    def _pushes(self, rows: list[Sighting], reports: Counter[str], meetings: Counter[str]) -> list[Push]:
        rho = self.model.default("report_correlation")
        shares = self._share(rows, reports, rho)
        made: list[Push] = []
        for row in rows:
            share, central = shares[row.fact.event or row.fact.id]
            weight, link = self.model.told(row).weight * share, 1.0
            if row.link:
                label = _("who sees {fact}").format(fact=row.fact.id)
                weight = weight * self.model.word(f"link:{row.fact.id}", label, "share", row.link)
                link = self.encoded.tables.scales["share"][row.link].value
            pushes = self._made(row, np.asarray(weight), meetings, alone=central == 1.0 and not row.link)
            for push in pushes:
                self._note(row, push, self.model.central(row) * central * link)
            made += pushes
        return made

    def _made(
        self, row: Sighting, weight: Floats, meetings: Counter[str], *, alone: bool
    ) -> tuple[Push, ...]:
        """What one sighting pushes; made once for all who see it where that does not hang on them."""
        if not alone or row.kind.meeting or row.kind.role == "vouch":
            return tuple(self._forms(row, weight, meetings))
        key = (row.fact.id, row.reading, row.owner, self._age(row.fact)[1])
        if key not in self.model.pushes:
            self.model.pushes[key] = tuple(self._forms(row, weight, meetings))
        return self.model.pushes[key]

    def _age(self, fact: Fact) -> tuple[int, int]:
        happened, known = fact.happened_on.toordinal(), fact.known_on.toordinal()
        return known - happened, sum(happened < change <= known for change in self.left)

    def _push(self, row: Sighting, facet: int, sign: int, form: int, **given: Any) -> Push:
        told = self.model.told(row)
        age, turnovers = self._age(row.fact)
        plain: dict[str, Any] = {"gesture": 0.0, "pressure": told.pressure, "excuse": told.excuse}
        index = self.fact_index(row.fact.id)
        return Push(index, facet, sign, row.owner, form, age=age, turnovers=turnovers, **{**plain, **given})

    def fact_index(self, name: str) -> int:
        """Position of a fact among those visible, by which a trace names it."""
        return self.encoded.positions[name]

    def _forms(self, row: Sighting, weight: Floats, meetings: Counter[str]) -> list[Push]:
        weight = np.asarray(weight * self.model.told(row).scale)
        if row.kind.meeting:
            return [self._meeting(row, weight, meetings)]
        if row.kind.role == "spoiler":
            return [self._push(row, INTENTION, BAD, ATTACK, weight=weight, ln_ratio=weight * 0.0)]
        if row.kind.role == "vouch":
            return self._vouching(row, weight)
        pushes = [self._plain(row, facet, weight) for facet in row.kind.strengths]
        if row.kind.gesture or row.fact.gesture:
            pushes.append(self._gesture(row, weight))
        return pushes

    def _note(self, row: Sighting, push: Push, central: float) -> None:
        """Book the weight of one fact on a facet, faded to the end, and that the facet rests on it.

        Always at the centre of the ranges: whether evidence is enough must not hang on a draw.
        """
        life = self.model.centre(_LIVES[push.sign][push.facet])
        years = (self.end - row.fact.happened_on.toordinal()) / YEAR
        self.weight[push.facet] += central * push.size * float(ledger.fade(max(0.0, years), life))
        self.facts[push.facet].append(row.fact.id)

    def _plain(self, row: Sighting, facet_name: Facet, weight: Floats) -> Push:
        facet, strength = FACETS.index(facet_name), row.kind.strengths[facet_name]
        sign = GOOD if strength > 0 else BAD
        lie = row.kind.role == "deception" or bool(row.fact.proven_deception)
        lie = lie and facet == INTEGRITY and sign == BAD
        size = 1.0 if lie else abs(strength)
        ln_ratio = self.model.ln_ratio(row.kind.kind, facet_name, sign)
        return self._push(
            row, facet, sign, PLAIN, weight=weight * size, ln_ratio=ln_ratio, size=size, lie=lie
        )

    def _gesture(self, row: Sighting, weight: Floats) -> Push:
        told = self.model.told(row)
        lam, size = self.model.default("lambda_gesture"), told.central_exposed
        return self._push(
            row,
            INTENTION,
            GOOD,
            GESTURE,
            weight=weight,
            ln_ratio=told.exposed * lam,
            gesture=told.exposed,
            size=size,
        )

    def _meeting(self, row: Sighting, weight: Floats, meetings: Counter[str]) -> Push:
        had = meetings["all"]
        meetings["all"] += 1
        rho, single = self.model.default("meeting_correlation"), row.kind.meeting
        after = ledger.discriminability(single, had + 1, rho) ** 2
        before = ledger.discriminability(single, had, rho) ** 2 if had else 0.0
        keys = ":".join(self.encoded.offices[name].key for name in self.pair)
        values = self.model.values
        bonding = self.model.default("bonding") + self.model.default("bonding_sd") * values.standard_normal(
            f"bonding:{keys}"
        )
        return self._push(
            row, INTENTION, GOOD, MEETING, weight=weight, size=single,
            ln_ratio=np.sqrt(after - before) + values.const(0.0),
            gesture=bonding * self.model.told(row).exposed / np.sqrt(had + 1),
            noise=values.standard_normal(f"face:{row.fact.id}:{keys}"), kind=values.noise(f"type:{keys}"),
        )  # fmt: skip

    def _vouching(self, row: Sighting, weight: Floats) -> list[Push]:
        """A third party's word weighs as much as it is trusted, disinterested and informed."""
        third = self.encoded.office_of(row.fact.actor).id if row.fact.actor in self.encoded.actors else None
        any_deal = self.model.stake(third, "", "any_deal") if third else None
        informed = self.model.stake(third, "", "information") if third else None
        if third is None or any_deal is None or informed is None or third in self.pair:
            return []
        tau = self.believed(self.pair[0], third, row.fact.known_on.toordinal())
        believed = weight * tau * (1.0 - any_deal) * informed
        ratio = self.model.default("vouching")  # hearsay adds no evidence of one's own: size 0
        return [self._push(row, INTENTION, GOOD, PLAIN, weight=believed, ln_ratio=ratio, size=0.0)]

    def _ratings(self) -> dict[int, list[Rated]]:
        case = self.encoded.case
        mine = [r for r in case.ratings if self._rated(r) and r.known_on.toordinal() <= self.end]
        combined: dict[int, list[Rated]] = defaultdict(list)
        if self.guarantor:
            return combined
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

    def _rated(self, rating: Rating) -> bool:
        return tuple(self.encoded.office_of(n).id for n in (rating.truster, rating.trustee)) == self.pair

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
        said = {"whom": rows[0].trustee, "facet": _(rows[0].facet.value), "who": rows[0].author}
        label = _("how far the rating of {whom}'s {facet} by {who} is off").format(**said)
        level = float(np.mean(logits)) + self.model.values.normal(f"rating:{keys}", label, doubt)
        return Rated(facet, level, doubt, self.sd[facet])
