"""The world of one decision-maker: the case with only those facts that this office could know."""

from dataclasses import replace
from datetime import date

from goodoffices.analysis.encoding import Encoded, encode
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Fact
from goodoffices.domain.tables import Tables

__all__ = ["unseen", "world"]


def unseen(case: Case, day: date, tables: Tables, who: str) -> tuple[str, ...]:
    """Give the facts known of the case on a day that a decision-maker could not know.

    Everybody could know a fact that names nobody under `seen_by`, and what the own side did.  Any
    other fact is known to those for whom it counts as evidence when the case is read.

    Parameters
    ----------
    who
        A decision-maker, or an office.

    Raises
    ------
    KeyError
        If nobody of that id was there by then.
    """
    encoded = encode(case, day, tables)
    office = encoded.office_of(who)
    evidence = {
        row.fact.id
        for (truster, _), rows in encoded.sightings.items()
        if truster == office.id
        for row in rows
    }
    return tuple(
        fact.id
        for fact in encoded.case.facts
        if fact.seen_by and fact.id not in evidence and not _own(encoded, fact, office.party)
    )


def _own(encoded: Encoded, fact: Fact, party: str) -> bool:
    """Did this party do it?"""
    actor = fact.actor
    if actor == party:
        return True
    return actor in encoded.actors and encoded.office_of(actor).party == party


def world(case: Case, day: date, tables: Tables, who: str) -> Case:
    """Give the case without what a decision-maker could not know on a day.

    Raises
    ------
    KeyError
        If nobody of that id was there by then.
    """
    hidden = set(unseen(case, day, tables, who))
    kept = case.with_facts((fact for fact in case.declared() if fact.id not in hidden), case.switched)
    alternatives = tuple(other for other in case.alternatives if other.fact not in hidden)
    return replace(kept, alternatives=alternatives)
