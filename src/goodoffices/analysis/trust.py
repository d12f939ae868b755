"""Evidence into beliefs: who trusts whom, on which facet, resting on which facts."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.encoding import Encoded, Pair, Sighting
from goodoffices.analysis.inputs import Values
from goodoffices.core import deal, ledger
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
    Parameters,
    Push,
    Rated,
    State,
    begin,
    beliefs,
    follow,
    path,
)
from goodoffices.domain.evidence import Facet, Fact, Rating
from goodoffices.words import N_, _

__all__ = ["FACETS", "Belief", "Beliefs", "Model"]

_STAKES = {
    "no_deal": N_("what {who} faces without a deal"),
    "kept": N_("what {who} gains if the text is kept"),
    "broken": N_("what {who} loses if the text is broken"),
    "veto_signing": N_("how far {who} can stop the signing"),
    "veto_implementation": N_("how far {who} can stop the carrying out"),
    "wrecking": N_("how far {who} can wreck the deal"),
    "leverage": N_("what hold {who} has"),
    "restitution": N_("how much of a loss {who} could make good"),
    "consent": N_("whether {who} takes the part of guarantor"),
    "any_deal": N_("how far {who} wants any deal"),
    "information": N_("how well {who} is informed"),
    "loss": N_("what {who} stands to lose by the deal"),
    "capacity": N_("what {who} can do"),
    "inclusion": N_("how far {who} is brought in"),
    "policing": N_("how far {who} is held down"),
}

Floats = NDArray[np.float64]
FACETS = tuple(Facet)


@dataclass
class Model:
    """An encoded case with a filling of its uncertain inputs; asks the tables in words."""

    encoded: Encoded
    values: Values
    _ratios: dict[tuple[str, Facet, int], Floats] = field(default_factory=dict)

    def default(self, name: str) -> Floats:
        """Give a default of the model, in its range unless the case sets it."""
        if name in self.encoded.case.defaults:
            return self.values.const(self.encoded.case.defaults[name])
        item = self.encoded.tables.defaults[name]
        return self.values.triangular(f"default:{name}", item.meaning, item.low, item.value, item.high)

    def centre(self, name: str) -> float:
        """Give the centre of a default."""
        return self.encoded.case.defaults.get(name, self.encoded.tables.defaults[name].value)

    def word(self, name: str, label: str, scale: str, word: str) -> Floats:
        """Give what a word on a scale stands for."""
        return self.values.level(name, label, self.encoded.tables.scales[scale][word])

    def stake(self, office: str, text: str, quantity: str, towards: str = "") -> Floats | None:
        """Give a stake, or None where nobody judged it."""
        stake = self.encoded.stake(office, text, quantity, towards)
        if stake is None:
            return None
        scale = self.encoded.tables.scales[
            "outcome" if quantity in ("no_deal", "kept", "broken") else "share"
        ]
        who = self.encoded.offices[office].called if office in self.encoded.offices else office
        label = _(_STAKES[quantity]).format(who=who)
        if stake.text:
            label = _("{label} ({text})").format(label=label, text=stake.text)
        low, high = scale.get(stake.low), scale.get(stake.high)
        return self.values.level(f"stake:{stake.key}", label, scale[stake.word], low, high)

    @cached_property
    def rules(self) -> Parameters:
        """The parameters of the ledger."""
        lives = [[self.default(f"half_life_{sign}.{facet}") for facet in FACETS] for sign in ("good", "bad")]
        flag, hawk = self.default("half_life_deception"), self.default("hawk")
        return Parameters(np.array(lives), flag, hawk, self.default("turnover_kept"))

    def ln_ratio(self, kind: str, facet: Facet, sign: int) -> Floats:
        """Log likelihood ratio of one kind of conduct; its doubt is shared by all facts of the kind."""
        key = (kind, facet, sign)
        if key not in self._ratios:
            self._ratios[key] = self._ln_ratio(kind, facet, sign)
        return self._ratios[key]

    def _ln_ratio(self, kind: str, facet: Facet, sign: int) -> Floats:
        a, b = (
            self.default(f"good_if_trustworthy.{facet}"),
            self.default(f"good_if_untrustworthy.{facet}"),
        )
        base = ledger.ln_ratio_bad(a, b) if sign == BAD else ledger.ln_ratio_good(a, b)
        label = self.encoded.tables.kinds[kind].label if kind in self.encoded.tables.kinds else kind
        doubt = self.values.normal(
            f"kind:{kind}",
            _("what it says of somebody: {label}").format(label=label),
            self.centre("lr_doubt"),
        )
        return np.asarray(np.maximum(0.0, base + doubt))


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
            self._known[key] = _History(self, (truster, trustee), guarantor, day).belief()
        return self._known[key]

    def path(self, truster: str, trustee: str, stops: list[int]) -> Floats:
        """Give beliefs at the end of each ordinal day of `stops`; shape (stop, 4, n)."""
        return _History(self, (truster, trustee), False, self.model.encoded.day.toordinal()).path(stops)

    def tau(self, truster: str, guarantor: str, until: int | None = None) -> Floats:
        """Trust in a guarantor: able, willing, true to its word and steady; shape (n,)."""
        t = self.of(truster, guarantor, guarantor=True, until=until).trust
        return np.asarray(t[0] * self.motive(t))

    def motive(self, trust: Floats) -> Floats:
        """Motive trust from beliefs of shape (4, n)."""
        tested, cost = self.model.default("integrity_tested"), self.model.default("volatility_cost")
        return np.asarray(deal.motive(trust[1], trust[2], trust[3], tested, cost))


@dataclass
class _History:
    """Builds the days of one belief and follows them."""

    beliefs: Beliefs
    pair: Pair
    guarantor: bool
    end: int
    central: float = 0.0
    weight: list[float] = field(default_factory=lambda: [0.0] * 4)
    facts: list[list[str]] = field(default_factory=lambda: [[], [], [], []])

    def __post_init__(self) -> None:
        self.model = self.beliefs.model
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
        if self._central(row, 1.0) == 0.0:  # seen and set aside: it must not even cut a span of fading in two
            return False
        return row.kind.role == "guarantor" if self.guarantor else True

    def _days(self) -> tuple[Floats, list[Day]]:
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
        prior, days = self._days()
        trace: list[Entry] | None = [] if self.beliefs.trace else None
        start = days[0].day if days else self.end
        last = tuple(change for change in self.changes if change > (days[-1].day if days else -1))
        state = follow(begin(prior, start), days, self.end, last, self.model.rules, trace)
        kept = tuple(tuple(dict.fromkeys(names)) for names in self.facts)
        return Belief(state, beliefs(state), tuple(self.weight), kept, tuple(trace or ()))

    def path(self, stops: list[int]) -> Floats:
        """Give the beliefs at the end of each day of `stops`; shape (stop, 4, n)."""
        prior, days = self._days()
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
    ) -> dict[str, tuple[Floats, int, int, int]]:
        """What each new report of an event adds to those before it, with the counts behind it."""
        new: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            new[row.fact.event or row.fact.id].add(row.fact.id)
        shares = {}
        for event, ids in new.items():
            had, has = reports[event], reports[event] + len(ids)
            if has == 1:  # the first report of an event counts whole, whatever the correlation
                shares[event] = (self.model.values.const(1.0), 0, 1, 1)
            else:
                gained = ledger.effective_reports(has, rho) - ledger.effective_reports(had, rho)
                shares[event] = (gained / len(ids), had, has, len(ids))
            reports[event] = has
        return shares

    def _pushes(self, rows: list[Sighting], reports: Counter[str], meetings: Counter[str]) -> list[Push]:
        rho = self.model.default("report_correlation")
        shares = self._share(rows, reports, rho)
        middle = self.model.centre("report_correlation")
        made = []
        for row in rows:
            fact = row.fact
            had, has, new = shares[fact.event or fact.id][1:]
            gained = ledger.effective_reports(has, middle) - ledger.effective_reports(had, middle)
            self.central = self._central(row, gained / new)
            weight = self._reliability(fact) * shares[fact.event or fact.id][0] * self._mask(row)
            if row.link:
                weight = weight * self.model.word(
                    f"link:{fact.id}", _("who sees {fact}").format(fact=fact.id), "share", row.link
                )
            made += self._forms(row, np.asarray(weight), meetings)
        return made

    def _weights(self, row: Sighting) -> dict[str, float]:
        others = [other for other in self.encoded.case.alternatives if other.fact == row.fact.id]
        weights = {"as coded": 1.0 - sum(other.weight for other in others)}
        return weights | {other.key: other.weight for other in sorted(others, key=lambda one: one.key)}

    def _mask(self, row: Sighting) -> Floats:
        weights = self._weights(row)
        if len(weights) == 1:
            return self.model.values.const(1.0)
        label = _("which reading of {fact} is true").format(fact=row.fact.id)
        return self.model.values.mixture(f"dispute:{row.fact.id}", label, weights)[row.reading]

    def _cell(self, fact: Fact, column: str, otherwise: float) -> Floats:
        if column in fact.override:
            return self.model.values.const(fact.override[column])
        word = getattr(fact, column)
        if not word:
            return self.model.values.const(otherwise)
        return self.model.word(
            f"{column}:{fact.id}", _("{column} of {fact}").format(column=column, fact=fact.id), "share", word
        )

    def _central_cell(self, fact: Fact, column: str, otherwise: float) -> float:
        word = getattr(fact, column)
        given = self.encoded.tables.scales["share"][word].value if word else otherwise
        return float(fact.override.get(column, given))

    def _reliability(self, fact: Fact) -> Floats:
        if "reliability" in fact.override:
            return self.model.values.const(fact.override["reliability"])
        label = _("whether {fact} ({kind}) is as coded").format(fact=fact.id, kind=fact.kind)
        return self.model.word(f"reliability:{fact.id}", label, "reliability", fact.reliability)

    def _age(self, fact: Fact) -> tuple[int, int]:
        happened, known = fact.happened_on.toordinal(), fact.known_on.toordinal()
        return known - happened, sum(happened < change <= known for change in self.left)

    def _push(self, row: Sighting, facet: int, sign: int, form: int, **given: Any) -> Push:
        fact, zero = row.fact, self.model.values.const(0.0)
        age, turnovers = self._age(fact)
        plain: dict[str, Any] = {
            "gesture": zero,
            "pressure": self._cell(fact, "pressure", 0.0),
            "excuse": self._cell(fact, "excuse", 0.0),
        }
        index = self.fact_index(fact.id)
        return Push(index, facet, sign, row.owner, form, age=age, turnovers=turnovers, **{**plain, **given})

    def fact_index(self, name: str) -> int:
        """Position of a fact among those visible, by which a trace names it."""
        return self.encoded.positions[name]

    def _forms(self, row: Sighting, weight: Floats, meetings: Counter[str]) -> list[Push]:
        scale = self._cell(row.fact, "scale", 1.0)
        if row.kind.meeting:
            return [self._meeting(row, weight * scale, meetings)]
        if row.kind.role == "spoiler":
            self._note(row, INTENTION, BAD, 1.0)
            return [self._push(row, INTENTION, BAD, ATTACK, weight=weight * scale, ln_ratio=weight * 0.0)]
        if row.kind.role == "vouch":
            return self._vouching(row, weight * scale)
        pushes = [self._plain(row, facet, weight * scale) for facet in row.kind.strengths]
        if row.kind.gesture or row.fact.gesture:
            pushes.append(self._gesture(row, weight * scale))
        return pushes

    def _note(self, row: Sighting, facet: int, sign: int, strength: float) -> None:
        """Book the weight of one fact on a facet, faded to the end, and that the facet rests on it.

        Always at the centre of the ranges: whether evidence is enough must not hang on a draw.
        """
        life = self.model.centre(f"half_life_{('good', 'bad')[sign]}.{FACETS[facet]}")
        years = (self.end - row.fact.happened_on.toordinal()) / YEAR
        self.weight[facet] += self.central * strength * float(ledger.fade(max(0.0, years), life))
        self.facts[facet].append(row.fact.id)

    def _central(self, row: Sighting, share: float) -> float:
        """Weight of one sighting at the centre of the ranges."""
        scales, fact = self.encoded.tables.scales, row.fact
        given = {
            "reliability": scales["reliability"][fact.reliability].value,
            "scale": scales["share"][fact.scale].value if fact.scale else 1.0,
        }
        known = {**given, **fact.override}
        link = scales["share"][row.link].value if row.link else 1.0
        return known["reliability"] * known["scale"] * link * share * self._weights(row)[row.reading]

    def _plain(self, row: Sighting, facet_name: Facet, weight: Floats) -> Push:
        facet, strength = FACETS.index(facet_name), row.kind.strengths[facet_name]
        sign = GOOD if strength > 0 else BAD
        lie = row.kind.role == "deception" or bool(row.fact.proven_deception)
        lie = lie and facet == INTEGRITY and sign == BAD
        size = 1.0 if lie else abs(strength)
        self._note(row, facet, sign, size)
        ln_ratio = self.model.ln_ratio(row.kind.kind, facet_name, sign)
        return self._push(row, facet, sign, PLAIN, weight=weight * size, ln_ratio=ln_ratio, lie=lie)

    def _gesture(self, row: Sighting, weight: Floats) -> Push:
        size = self._cell(row.fact, "gesture", row.kind.gesture)
        self._note(row, INTENTION, GOOD, self._central_cell(row.fact, "gesture", row.kind.gesture))
        lam = self.model.default("lambda_gesture")
        return self._push(row, INTENTION, GOOD, GESTURE, weight=weight, ln_ratio=size * lam, gesture=size)

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
        exposed = self._cell(row.fact, "gesture", 0.0)
        self._note(row, INTENTION, GOOD, single)
        return self._push(
            row, INTENTION, GOOD, MEETING, weight=weight,
            ln_ratio=np.sqrt(after - before) + values.const(0.0),
            gesture=bonding * exposed / np.sqrt(had + 1),
            noise=values.standard_normal(f"face:{row.fact.id}:{keys}"), kind=values.noise(f"type:{keys}"),
        )  # fmt: skip

    def _vouching(self, row: Sighting, weight: Floats) -> list[Push]:
        """A third party's word weighs as much as it is trusted, disinterested and informed."""
        third = self.encoded.office_of(row.fact.actor).id if row.fact.actor in _actors(self.encoded) else None
        any_deal = self.model.stake(third, "", "any_deal") if third else None
        informed = self.model.stake(third, "", "information") if third else None
        if third is None or any_deal is None or informed is None or third in self.pair:
            return []
        tau = self.beliefs.tau(self.pair[0], third, until=row.fact.known_on.toordinal())
        believed = weight * tau * (1.0 - any_deal) * informed
        self._note(row, INTENTION, GOOD, 0.0)  # hearsay adds no evidence of one's own
        return [
            self._push(
                row,
                INTENTION,
                GOOD,
                PLAIN,
                weight=believed,
                ln_ratio=self.model.default("vouching"),
            )
        ]

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


def _actors(encoded: Encoded) -> set[str]:
    return {dm.id for dm in encoded.case.decision_makers} | set(encoded.offices)
