"""Words into arrays: who sees which fact about whom, and in which order it becomes known.

The only place where an actor becomes an office, a day a number, and a fact a row.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from goodoffices.domain.actors import DecisionMaker
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Alternative, Fact, Kind, Rating
from goodoffices.domain.tables import Tables
from goodoffices.domain.texts import Stake, Text
from goodoffices.words import apart

__all__ = ["LEADER", "STATE", "Encoded", "Office", "Pair", "Sighting", "encode"]

STATE, LEADER = 0, 1
Pair = tuple[str, str]  # offices: truster, trustee


@dataclass(frozen=True, slots=True)
class Office:
    """An office, who holds it on the day of the reading, and when it changed hands before."""

    id: str
    key: str  # of its first holder: random draws hang on it
    party: str
    holder: DecisionMaker | None
    changes: tuple[int, ...]  # ordinal days

    @property
    def name(self) -> str:
        """The id of who holds it, by which files and JSON know it."""
        return self.holder.id if self.holder else self.id

    @property
    def title(self) -> str:
        """The name of who holds it, as the case has it."""
        return self.holder.name if self.holder else self.id

    @property
    def called(self) -> str:
        """The name of who holds it, as it stands in a sentence."""
        return apart(self.title)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One reading of one fact as it bears on one belief."""

    fact: Fact
    kind: Kind
    reading: str  # "as coded" or the key of an alternative
    owner: int
    link: str  # word of the link by which it was seen; empty: seen directly
    personal: bool  # whose meeting: both are persons


@dataclass(frozen=True)
class Encoded:
    """A case as of a day, in the terms of the corridor."""

    case: Case
    day: date
    tables: Tables
    offices: dict[str, Office]
    sightings: dict[Pair, tuple[Sighting, ...]]
    unread: tuple[str, ...]  # facts that bear on no belief

    def as_of(self, seen: Case, day: date) -> "Encoded":
        """Give what was known on an earlier day, with the same people, links and disputes."""
        until = {
            pair: rows[:some]
            for pair, rows in self.sightings.items()
            if (some := bisect_right(rows, day, key=lambda row: row.fact.known_on))
        }
        unread = {*self.unread}
        return replace(
            self,
            case=seen,
            day=day,
            sightings=until,
            unread=tuple(fact.id for fact in seen.facts if fact.id in unread),
        )

    @cached_property
    def actors(self) -> frozenset[str]:
        """Decision-makers and offices, by id."""
        return frozenset(self.offices) | {dm.id for dm in self.case.decision_makers}

    @cached_property
    def alternatives(self) -> dict[str, list[Alternative]]:
        """Other readings of each disputed fact."""
        found: dict[str, list[Alternative]] = defaultdict(list)
        for other in self.case.alternatives:
            found[other.fact].append(other)
        return found

    @cached_property
    def positions(self) -> dict[str, int]:
        """Position of each fact among those visible, by which a trace names it."""
        return {fact.id: number for number, fact in enumerate(self.case.facts)}

    @property
    def present(self) -> list[Office]:
        """Offices that somebody holds on the day, in order of declaration."""
        return [office for office in self.offices.values() if office.holder]

    def office_of(self, name: str) -> Office:
        """Find the office of a decision-maker, or the office itself."""
        if name in self.offices:
            return self.offices[name]
        return self.offices[self.case.decision_maker(name).office]

    @cached_property
    def _names(self) -> dict[str, str]:
        parties = {party.id: party.name for party in self.case.parties}
        spoilers = {spoiler.id: spoiler.name for spoiler in self.case.spoilers}
        return parties | spoilers | {office.id: office.title for office in self.offices.values()}

    def called(self, name: str) -> str:
        """What people call an office, party or spoiler."""
        return apart(self._names.get(name, name))

    def title(self, name: str) -> str:
        """The title of a text."""
        return apart(next((text.title for text in self.case.texts if text.id == name), name))

    def of_party(self, party: str) -> list[Office]:
        """Offices of a party that somebody holds on the day."""
        return [office for office in self.present if office.party == party]

    @cached_property
    def _ratings(self) -> dict[Pair, list[Rating]]:
        found: dict[Pair, list[Rating]] = defaultdict(list)
        for rating in self.case.ratings:
            if rating.truster in self.actors and rating.trustee in self.actors:
                found[self.office_of(rating.truster).id, self.office_of(rating.trustee).id].append(rating)
        return found

    def ratings_of(self, pair: Pair) -> Sequence[Rating]:
        """Ratings of one belief, in order of declaration."""
        return self._ratings.get(pair, ())

    @cached_property
    def _stakes(self) -> dict[tuple[str, str], list[Stake]]:
        found: dict[tuple[str, str], list[Stake]] = defaultdict(list)
        for stake in self.case.stakes:
            found[stake.actor, stake.quantity].append(stake)
        return found

    def stake(self, office: str, text: str, quantity: str, towards: str = "") -> Stake | None:
        """Find the stake that holds on the day: of the person before the office, of the text before all."""
        holder = self.offices[office].holder if office in self.offices else None
        names = [holder.id, office] if holder else [office]
        rows = [
            ((name == names[0], stake.text == text, stake.towards == towards, stake.known_on), stake)
            for name in names
            for stake in self._stakes.get((name, quantity), ())
            if stake.text in (text, "") and stake.towards in (towards, "")
        ]
        return max(rows, key=lambda row: row[0])[1] if rows else None

    def players(self, text: Text) -> list[Office]:
        """Those who decide on a text: of a bound party, with something at stake in it."""
        return [
            office
            for party in text.binds
            for office in self.of_party(party)
            if all(self.stake(office.id, text.id, name) for name in ("no_deal", "kept", "broken"))
        ]


def _offices(case: Case, day: date) -> dict[str, Office]:
    holders: dict[str, list[DecisionMaker]] = defaultdict(list)
    for dm in case.decision_makers:
        holders[dm.office].append(dm)
    present = {dm.office: dm for dm in case.holders_on(day)}
    return {
        office: Office(
            id=office,
            key=held[0].key,
            party=held[0].party,
            holder=present.get(office),
            changes=tuple(sorted(dm.start.toordinal() for dm in held))[1:],
        )
        for office, held in holders.items()
    }


class _Seer:
    """Says who sees which fact about whom; all rules of visibility stand here."""

    def __init__(self, case: Case, tables: Tables, offices: dict[str, Office]) -> None:
        self.case, self.tables, self.offices = case, tables, offices
        self.people = {dm.id: dm for dm in case.decision_makers}
        self.sides = {spoiler.id: spoiler.side for spoiler in case.spoilers}
        self.parties = {party.id for party in case.parties}

    def expand(self, name: str) -> list[str]:
        """Offices that a name stands for: a party's offices, a person's office, or the office."""
        if name in self.parties:
            return [office.id for office in self.offices.values() if office.party == name]
        if name in self.people:
            return [self.people[name].office]
        return [name] if name in self.offices else []

    def party_of(self, name: str) -> str:
        """The party that a name belongs to; empty for unknown hands."""
        if name in self.parties:
            return name
        if name in self.sides:
            return self.sides[name]
        offices = self.expand(name)
        return self.offices[offices[0]].party if offices else ""

    def blamed(self, actor: str, kind: Kind) -> list[tuple[str, int]]:
        """Whose account an act goes on: office and owner (person or state)."""
        if kind.role == "spoiler":
            side = self.party_of(actor)
            return [(office, STATE) for office in self.expand(side)] if side else []
        if actor in self.people and self.people[actor].kind == "person":
            return [(self.people[actor].office, LEADER)]
        if actor in self.people:
            body = self.people[actor]
            return [(body.office, STATE), *((office, STATE) for office in body.commanded_by)]
        if actor in self.offices:
            return [(actor, LEADER)]
        return [(office, STATE) for office in self.expand(actor)] if actor in self.parties else []

    def observers(self, fact: Fact, subject: str, others: tuple[str, ...]) -> dict[str, str]:
        """Offices that see a fact about `subject`, with the word of the link (empty: directly)."""
        own = self.party_of(subject)
        if fact.seen_by:
            direct = [office for name in fact.seen_by for office in self.expand(name)]
        else:
            direct = [o for name in others for o in self._side(name) if self.offices[o].party != own]
        seen = dict.fromkeys(direct, "")
        for link in self.case.links:
            if self._applies(link.sees, subject) and self._towards(link.towards, fact):
                for office in self.expand(link.observer):
                    seen.setdefault(office, link.weight)
        return seen

    def _side(self, name: str) -> list[str]:
        party = self.party_of(name)
        return self.expand(party) if party else self.expand(name)

    def _applies(self, sees: str, subject: str) -> bool:
        return sees == subject or (sees in self.parties and self.party_of(subject) == sees)

    def _towards(self, wanted: str, fact: Fact) -> bool:
        return not wanted or any(wanted in (name, self.party_of(name)) for name in fact.towards)

    def pairs(self, fact: Fact, reading: str) -> Iterator[tuple[Pair, Sighting]]:
        """Give every belief that one reading of a fact bears on."""
        kind = self.tables.kinds[fact.kind]
        if kind.role == "vouch":
            sides = [(fact.about, fact.towards)]
        elif kind.mutual:
            others = tuple(name for name in fact.towards)
            sides = [(fact.actor, others), *((name, (fact.actor,)) for name in others)]
        else:
            sides = [(fact.actor, fact.towards)]
        personal = kind.meeting > 0 and all(self._person(n) for n in (fact.actor, *fact.towards))
        made: dict[tuple[int, str], Sighting] = {}  # one for all who see it alike
        for subject, others in sides:
            watching = self._watching(fact, subject, others, personal=personal)
            for office, owner in self.blamed(subject, kind):
                for observer, link in watching.items():
                    if observer != office:
                        sighting = made.get((owner, link)) or Sighting(
                            fact, kind, reading, owner, link, personal
                        )
                        yield (observer, office), made.setdefault((owner, link), sighting)

    def _watching(
        self, fact: Fact, subject: str, others: tuple[str, ...], *, personal: bool
    ) -> dict[str, str]:
        if personal and not fact.seen_by:  # only who was there has read the face
            return {office: "" for name in others for office in self.expand(name)}
        return self.observers(fact, subject, others)

    def _person(self, name: str) -> bool:
        return name in self.offices or (name in self.people and self.people[name].kind == "person")


def _readings(fact: Fact, others: list[Alternative]) -> Iterator[tuple[str, Fact]]:
    yield "as coded", fact
    for other in others:
        if other.kind != "none":
            given = {
                name: getattr(other, name) for name in ("actor", "kind", "scale") if getattr(other, name)
            }
            yield other.key, replace(fact, **given)


def encode(case: Case, day: date, tables: Tables, *, published: bool = False) -> Encoded:
    """Encode what was known of a case on a day."""
    return encode_seen(case.visible_on(day, published=published), day, tables)


def encode_seen(seen: Case, day: date, tables: Tables) -> Encoded:
    """Encode a case of which all is seen that there is."""
    offices = _offices(seen, day)
    seer = _Seer(seen, tables, offices)
    disputes: dict[str, list[Alternative]] = defaultdict(list)
    for other in sorted(seen.alternatives, key=lambda row: row.key):
        disputes[other.fact].append(other)
    sightings: dict[Pair, dict[tuple[str, str, int], Sighting]] = defaultdict(dict)
    read_by_somebody = set()
    for fact in sorted(seen.facts, key=lambda row: (row.known_on, row.id)):
        for reading, read in _readings(fact, disputes[fact.id]):
            for pair, sighting in seer.pairs(read, reading):
                sightings[pair].setdefault((fact.id, reading, sighting.owner), sighting)
                read_by_somebody.add(fact.id)
    frozen = {pair: tuple(rows.values()) for pair, rows in sightings.items()}
    unread = tuple(fact.id for fact in seen.facts if fact.id not in read_by_somebody)
    return Encoded(seen, day, tables, offices, frozen, unread)
