"""All that one truster ever learns of one trustee, as pushes in order of the days: an account.

A reading takes of an account what was known by its day.  Nothing in it hangs on that day, so that
one account serves the readings of many days.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.encoding import Pair, Sighting
from goodoffices.analysis.inputs import Input
from goodoffices.analysis.lately import Lately
from goodoffices.analysis.model import FACETS, Model
from goodoffices.core import ledger
from goodoffices.core.abreast import Course, Lane, Table
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
    Push,
    State,
)
from goodoffices.domain.evidence import Facet, Fact
from goodoffices.words import _

__all__ = ["Account", "Accounts", "Key", "Vouched"]

Floats = NDArray[np.float64]
Key = tuple[Pair, bool]  # truster and trustee, and whether only what bears on a guarantor counts
_LIVES = [[f"half_life_{sign}.{facet}" for facet in FACETS] for sign in ("good", "bad")]
_COURSES = 4  # lists of beliefs whose course is kept
_STATES = 256  # of an account that are kept


class Vouched(NamedTuple):
    """What a third party's word pushes, weighed as if it were believed in full."""

    push: Push
    third: str
    known: int
    any_deal: Floats
    informed: Floats

    def believed(self, tau: Floats) -> Push:
        """Weigh it by how far the third party is believed, disinterested and informed."""
        return self.push._replace(weight=self.push.weight * tau * (1.0 - self.any_deal) * self.informed)


def _in_full(pushes: Sequence[Push | Vouched]) -> tuple[Push, ...]:
    return tuple(one.push if isinstance(one, Vouched) else one for one in pushes)


class Notes(NamedTuple):
    """What the weight of the evidence is summed from, in the order in which it became known."""

    known: NDArray[np.int64]
    facet: NDArray[np.int64]
    happened: Floats
    size: Floats
    life: Floats

    def weights(self, end: int, facets: int) -> Floats:
        """Sum the weight of the evidence on each of so many facets, faded to `end`."""
        some = self.known <= end
        years = np.maximum(0.0, (end - self.happened[some]) / YEAR)
        faded = self.size[some] * ledger.fade(years, self.life[some])
        return np.bincount(self.facet[some], weights=faded, minlength=facets).astype(np.float64)

    @classmethod
    def together(cls, all_of_them: Sequence["Notes"]) -> "Notes":
        """Join the notes of several accounts, each with facets of its own."""
        apart = [notes._replace(facet=notes.facet + 4 * row) for row, notes in enumerate(all_of_them)]
        return cls(*map(np.concatenate, zip(*apart, strict=True)))


class Account:
    """What one truster learns of one trustee; see the module.

    Attributes
    ----------
    when, days
        The days on which something became known, or somebody rated, and what it pushes; ratings are
        for the reading to fill in.
    hearsay
        What is pushed on days on which a third party vouched, by place in `days`; there it stands as if
        it were believed in full.
    rated
        The facets that were rated, by day.
    changes
        Days on which either office changed hands.
    """

    def __init__(self, model: Model, pair: Pair, *, guarantor: bool) -> None:
        self.model, self.encoded, self.guarantor = model, model.encoded, guarantor
        self._name(pair)
        self._rows = [row for row in self.encoded.sightings.get(pair, ()) if self._counts(row)]
        self._inputs = Lately[Mapping[str, Input]](1)
        self.states = Lately[tuple[State, Floats]](_STATES)

    def _name(self, pair: Pair) -> None:
        offices = [self.encoded.offices[name] for name in pair]
        self.pair, self.keys = pair, ":".join(office.key for office in offices)
        self.changes = tuple(sorted(day for office in offices for day in office.changes))
        self.left = offices[1].changes
        self.ratings = () if self.guarantor else self.encoded.ratings_of(pair)

    def same_for(self, pair: Pair) -> "Account":
        """Give the account of another pair, which differs in nothing but the names."""
        other = copy(self)
        other.__dict__.pop("priors", None)
        other._name(pair)
        return other

    @property
    def signature(self) -> Hashable:
        """What the booking hangs on; None if it hangs on the pair as well."""
        rows = self._rows
        if self.ratings or any(row.kind.meeting or row.kind.role == "vouch" for row in rows):
            return None
        return self.guarantor, self.changes, self.left, tuple(map(id, rows))

    def _counts(self, row: Sighting) -> bool:
        if self.model.central(row) == 0.0:  # seen and set aside: it must not even cut a span of fading in two
            return False
        return row.kind.role == "guarantor" if self.guarantor else True

    @cached_property
    def like(self) -> Hashable:
        """What is the same for whoever learned the same things in the same way."""
        days = tuple((day.day, day.turnovers, *map(id, day.pushes)) for day in self.days)
        return self.model.like.setdefault(days, len(self.model.like))

    @cached_property
    def priors(self) -> list[tuple[str, str]]:
        """Give name and label of the prior of each facet."""
        role = ":guarantor" if self.guarantor else ""
        who, whom = (self.encoded.offices[name].called for name in self.pair)
        label = _("what {who} makes of {whom}'s {facet} beyond the facts")
        if self.guarantor:
            label = _("what {who} makes of {whom}'s {facet} as a guarantor beyond the facts")
        return [
            (f"prior:{self.keys}:{facet}{role}", label.format(who=who, whom=whom, facet=_(facet.value)))
            for facet in FACETS
        ]

    @property
    def alone(self) -> dict[int, set[int]]:
        """Days that the reading fills in, and the facets that it may then touch besides."""
        return {self.when[place]: set[int]() for place in self.hearsay} | self.rated

    # -- as of a day --------------------------------------------------------------------------

    def known(self, end: int) -> list[Day]:
        """Give the days up to `end`."""
        return self.days[: bisect_right(self.when, end)]

    def facts(self, facet: int, end: int) -> tuple[str, ...]:
        """Facts that a facet rests on, in the order in which they became known."""
        return tuple(self._names[facet][: bisect_right(self._named[facet], end)])

    def inputs(self, end: int) -> Mapping[str, Input]:
        """Give the inputs that are asked for by what is known by `end`, in order."""
        some = bisect_right(self._asked_on, end)
        return self._inputs.once(some, lambda: dict(self._asked[:some]))

    # -- booking ------------------------------------------------------------------------------

    def book(self) -> "Account":
        """Work out what everything that is seen pushes."""
        reports: Counter[str] = Counter()
        meetings: Counter[str] = Counter()
        self._booked: list[tuple[int, Fact, Push, float]] = []
        pushed: dict[int, list[Push | Vouched]] = {}
        self._asked_on: list[int] = []
        with self.model.values.apart() as asked:
            for day, some in groupby(self._rows, key=lambda row: row.fact.known_on.toordinal()):
                pushed[day] = self._pushes(list(some), reports, meetings)
                self._asked_on += [day] * (len(asked) - len(self._asked_on))
        self._asked = list(asked.items())
        self._set_down(pushed)
        self._sum_up()
        return self

    def _set_down(self, pushed: Mapping[int, list[Push | Vouched]]) -> None:
        self.rated: dict[int, set[int]] = defaultdict(set)
        for rating in self.ratings:
            self.rated[rating.known_on.toordinal()].add(FACETS.index(rating.facet))
        self.when = sorted({*pushed, *self.rated})
        self.days = [
            Day(day, tuple(c for c in self.changes if since < c <= day), _in_full(pushed.get(day, ())), ())
            for since, day in zip([-1, *self.when], self.when, strict=False)
        ]
        self.hearsay = {
            place: tuple(pushed[day])
            for place, day in enumerate(self.when)
            if any(isinstance(one, Vouched) for one in pushed.get(day, ()))
        }

    def _sum_up(self) -> None:
        booked, centre = self._booked, self.model.centre
        self.notes = Notes(
            known=np.array([known for known, *_rest in booked], dtype=np.int64),
            facet=np.array([push.facet for _known, _fact, push, _size in booked], dtype=np.int64),
            happened=np.array([float(fact.happened_on.toordinal()) for _known, fact, _push, _size in booked]),
            size=np.array([central * push.size for _known, _fact, push, central in booked]),
            life=np.array([centre(_LIVES[push.sign][push.facet]) for _known, _fact, push, _size in booked]),
        )
        firsts: list[dict[str, int]] = [{}, {}, {}, {}]
        for known, fact, push, _size in booked:
            firsts[push.facet].setdefault(fact.id, known)
        self._names = [list(first) for first in firsts]
        self._named = [list(first.values()) for first in firsts]
        del self._booked

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

    def _pushes(
        self, rows: list[Sighting], reports: Counter[str], meetings: Counter[str]
    ) -> list[Push | Vouched]:
        shares = self._share(rows, reports, self.model.default("report_correlation"))
        made: list[Push | Vouched] = []
        for row in rows:
            share, central = shares[row.fact.event or row.fact.id]
            link = self.encoded.tables.scales["share"][row.link].value if row.link else 1.0
            if central == 1.0 and not row.link and not row.kind.meeting and row.kind.role != "vouch":
                pushes: Sequence[Push | Vouched] = self._alike(row, share)
            else:
                pushes = self._forms(row, self._weight(row, share), meetings)
            self._note(row, pushes, self.model.central(row) * central * link)
            made += pushes
        return made

    def _weight(self, row: Sighting, share: Floats) -> Floats:
        weight = self.model.told(row).weight * share
        if row.link:
            label = _("who sees {fact}").format(fact=row.fact.id)
            weight = weight * self.model.word(f"link:{row.fact.id}", label, "share", row.link)
        return np.asarray(weight)

    def _alike(self, row: Sighting, share: Floats) -> Sequence[Push]:
        """What one sighting pushes where that does not hang on who sees it; made once for all who do."""
        key = (row.fact.id, row.reading, row.owner, self._age(row.fact)[1])
        return self.model.once(key, lambda: _in_full(self._forms(row, self._weight(row, share), Counter())))

    def _age(self, fact: Fact) -> tuple[int, int]:
        if fact.happened_on == fact.known_on:
            return 0, 0
        happened, known = fact.happened_on.toordinal(), fact.known_on.toordinal()
        return known - happened, sum(happened < change <= known for change in self.left)

    def _note(self, row: Sighting, pushes: Sequence[Push | Vouched], central: float) -> None:
        """Book the weight of one fact on its facets, and that they rest on it.

        Always at the centre of the ranges: whether evidence is enough must not hang on a draw.
        """
        known = row.fact.known_on.toordinal()
        self._booked += [(known, row.fact, push, central) for push in _in_full(pushes)]

    # -- forms --------------------------------------------------------------------------------

    def _push(self, row: Sighting, facet: int, sign: int, form: int, **given: Any) -> Push:
        told = self.model.told(row)
        age, turnovers = self._age(row.fact)
        plain: dict[str, Any] = {"gesture": 0.0, "pressure": told.pressure, "excuse": told.excuse}
        index = self.encoded.positions[row.fact.id]  # by which a trace names the fact
        return Push(index, facet, sign, row.owner, form, age=age, turnovers=turnovers, **{**plain, **given})

    def _forms(self, row: Sighting, weight: Floats, meetings: Counter[str]) -> Sequence[Push | Vouched]:
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
        values = self.model.values
        bonding = self.model.default("bonding") + self.model.default("bonding_sd") * values.standard_normal(
            f"bonding:{self.keys}"
        )
        return self._push(
            row, INTENTION, GOOD, MEETING, weight=weight, size=single,
            ln_ratio=np.sqrt(after - before) + values.const(0.0),
            gesture=bonding * self.model.told(row).exposed / np.sqrt(had + 1),
            noise=values.standard_normal(f"face:{row.fact.id}:{self.keys}"),
            kind=values.noise(f"type:{self.keys}"),
        )  # fmt: skip

    def _vouching(self, row: Sighting, weight: Floats) -> list[Vouched]:
        """A third party's word weighs as much as it is trusted, disinterested and informed."""
        third = self.encoded.office_of(row.fact.actor).id if row.fact.actor in self.encoded.actors else None
        any_deal = self.model.stake(third, "", "any_deal") if third else None
        informed = self.model.stake(third, "", "information") if third else None
        if third is None or any_deal is None or informed is None or third in self.pair:
            return []
        ratio = self.model.default("vouching")  # hearsay adds no evidence of one's own: size 0
        push = self._push(row, INTENTION, GOOD, PLAIN, weight=weight, ln_ratio=ratio, size=0.0)
        return [Vouched(push, third, row.fact.known_on.toordinal(), any_deal, informed)]


class Accounts:
    """The accounts of a model, each booked when it is first asked for."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._booked: dict[Key, Account] = {}
        self._signed: dict[Hashable, Account] = {}
        self._courses = Lately[Course](_COURSES)
        self._notes = Lately[Notes](_COURSES)
        self._lanes: dict[Hashable, Lane] = {}
        self._table = Table(model.values.n)

    def of(self, pair: Pair, *, guarantor: bool) -> Account:
        """Give the account of one truster of one trustee."""
        key = (pair, guarantor)
        if key not in self._booked:
            self._booked[key] = self._book(pair, guarantor=guarantor)
        return self._booked[key]

    def _book(self, pair: Pair, *, guarantor: bool) -> Account:
        """Book an account, unless somebody has seen the same."""
        account = Account(self.model, pair, guarantor=guarantor)
        signature = account.signature
        if signature in self._signed:
            return self._signed[signature].same_for(pair)
        account.book()
        if signature is not None:
            self._signed[signature] = account
        return account

    def weights(self, keys: tuple[Key, ...], end: int) -> Floats:
        """Weights of the evidence of several accounts, faded to `end`; shape (accounts, 4)."""
        notes = self._notes.once(
            keys, lambda: Notes.together([self.of(pair, guarantor=role).notes for pair, role in keys])
        )
        return notes.weights(end, 4 * len(keys)).reshape(-1, 4)

    def course(self, keys: tuple[Key, ...]) -> Course:
        """Lay several accounts side by side, to be followed abreast."""
        lanes = [self._lane(key) for key in keys]
        return self._courses.once(keys, lambda: Course(lanes, self._table, self.model.rules))

    def _lane(self, key: Key) -> Lane:
        account = self.of(key[0], guarantor=key[1])
        like = key if account.alone else account.like
        if like not in self._lanes:
            self._lanes[like] = Lane(account.days, account.alone, self._table, self.model.rules)
        return self._lanes[like]
