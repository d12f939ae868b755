"""A case: everything that is known of one negotiation, and what of it was known on a day.

A case never changes.  A *change* is one small typed record; `with_changes` gives a new case with
the records applied, and whoever asks "what if" (without this fact, one step better, another
default) asks it as a list of changes over a base.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from goodoffices.domain.actors import DecisionMaker, Link, Party, Spoiler
from goodoffices.domain.changes import OPERATIONS, Change, apply_change
from goodoffices.domain.evidence import Alternative, Comment, Fact, Rating, Switched
from goodoffices.domain.texts import Stake, Text

__all__ = ["OPERATIONS", "Case", "Change", "Conduct", "Feed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Reports of a store that a case looks at beside its curated facts.

    Attributes
    ----------
    store
        The name of the file; it is looked for beside the case, and in `near`.
    actors
        Party of the case -> actor of the store.
    kinds
        Kinds of conduct that count; () means all.
    weight
        With which reports enter the beliefs; 0: they are only shown.
    """

    store: str
    source: str = ""
    actors: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    weight: float = 0.0
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """A forecast of conduct that a case asks to see beside its reading; it has no weight in it.

    Attributes
    ----------
    store
        The name of the file; it is looked for as that of a feed.
    model
        The name of a file with a fitted model, looked for in the same folders; empty: the one that ships.
    actors
        Party of the case -> actor of the store.
    pairs
        Truster and trustee, by party; () means all pairs of parties that have an actor.
    """

    store: str
    source: str = ""
    model: str = ""
    actors: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One negotiation as coded; tuples keep the order of declaration.

    What is counted are the `facts`; those that were switched off rest in `off`, each with a record
    in `switched` that says by whom and why.
    """

    key: str
    id: str
    title: str
    summary: str = ""
    start: date
    end: date
    sensitivity: str = "amber"
    attributes: Mapping[str, str] = field(default_factory=dict)
    parties: tuple[Party, ...] = ()
    decision_makers: tuple[DecisionMaker, ...] = ()
    spoilers: tuple[Spoiler, ...] = ()
    links: tuple[Link, ...] = ()
    texts: tuple[Text, ...] = ()
    stakes: tuple[Stake, ...] = ()
    facts: tuple[Fact, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    ratings: tuple[Rating, ...] = ()
    defaults: Mapping[str, float] = field(default_factory=dict)
    off: tuple[Fact, ...] = ()
    switched: tuple[Switched, ...] = ()
    comments: tuple[Comment, ...] = ()
    feed: Feed | None = None
    conduct: Conduct | None = None
    changes: tuple[Change, ...] = ()

    def party(self, name: str) -> Party:
        """Find a party by its id."""
        return next(party for party in self.parties if party.id == name)

    def decision_maker(self, name: str) -> DecisionMaker:
        """Find a decision-maker by its id; a KeyError says that nobody of that id was there."""
        found = {dm.id: dm for dm in self.decision_makers}
        return found[name]

    def holders_on(self, day: date) -> tuple[DecisionMaker, ...]:
        """Those in office at the end of `day`, in order of declaration, one for each office."""
        seen: dict[str, DecisionMaker] = {}
        for dm in self.decision_makers:
            if dm.holds_office_on(day):
                seen.setdefault(dm.office, dm)
        return tuple(seen.values())

    def declared(self) -> tuple[Fact, ...]:
        """Give all facts on file, counted or not, in order of declaration."""
        rows = list(self.facts)
        places = {record.fact: record.place for record in self.switched}
        for fact in self.off:
            rows.insert(places[fact.id], fact)
        return tuple(rows)

    def with_facts(self, declared: Iterable[Fact], switched: Iterable[Switched]) -> "Case":
        """Give the case with these facts on file, of which those in `switched` are not counted."""
        facts = tuple(declared)
        places = {fact.id: place for place, fact in enumerate(facts)}
        records = tuple(
            replace(record, place=places[record.fact]) for record in switched if record.fact in places
        )
        names = {record.fact for record in records}
        return replace(
            self,
            facts=tuple(fact for fact in facts if fact.id not in names),
            off=tuple(fact for fact in facts if fact.id in names),
            switched=records,
        )

    def visible_on(self, day: date, *, published: bool = False) -> "Case":
        """Give the case as it could be known at the end of `day`.

        A curated reading goes by `known_on`, when the observer could know; a backtest
        (`published=True`) by the later of `known_on` and `public_on`.  Dates that lie ahead,
        such as the end of a term or a signature, are taken out as well.
        """

        def fact_known(fact: Fact) -> bool:
            return (max(fact.known_on, fact.public_on) if published else fact.known_on) <= day

        known = self.with_facts(filter(fact_known, self.declared()), self.switched)
        ids = {fact.id for fact in known.facts}
        return replace(
            known,
            decision_makers=tuple(_office_on(dm, day) for dm in self.decision_makers if dm.start <= day),
            spoilers=_known(self.spoilers, day),
            links=_known(self.links, day),
            texts=tuple(_text_on(text, day) for text in self.texts if text.on_table(day)),
            stakes=_known(self.stakes, day),
            alternatives=tuple(a for a in _known(self.alternatives, day) if a.fact in ids),
            ratings=_known(self.ratings, day),
        )

    def with_changes(self, changes: Iterable[Change]) -> "Case":
        """Give a new case with the changes applied one after the other.

        Raises
        ------
        CaseError
            If a change names an unknown operation or a target that is not there.
        """
        case = self
        for change in changes:
            case = replace(apply_change(case, change), changes=(*case.changes, change))
        return case


def _known(rows: tuple[Any, ...], day: date) -> tuple[Any, ...]:
    return tuple(row for row in rows if row.known_on <= day)


def _past(when: date | None, day: date) -> date | None:
    return when if when is not None and when <= day else None


def _office_on(dm: DecisionMaker, day: date) -> DecisionMaker:
    return replace(dm, end=_past(dm.end, day))


def _text_on(text: Text, day: date) -> Text:
    return replace(
        text,
        off_table_on=None,
        signed_on=_past(text.signed_on, day),
        in_force_on=_past(text.in_force_on, day),
        signatories=text.signatories if _past(text.signed_on, day) else (),
        provisions=_known(text.provisions, day),
    )
