"""Agreements in a store between two parties, which open commitments whatever source tells of the deeds.

An agreement has no doer and no target: all its parties stand in one text, parted by commas.
"""

from collections.abc import Sequence
from datetime import date

from goodoffices.domain.codes import ActorRule
from goodoffices.store.actors import resolve
from goodoffices.store.store import Store

__all__ = ["agreed"]


def _parties(text: str, system: str, day: date, rules: Sequence[ActorRule], *, whole: bool) -> set[str]:
    """Give whom a text names: each actor, or its country where it has one."""
    found = (resolve(part.strip(), system, day, rules=rules) for part in text.split(","))
    return {one.id if whole or not one.country else one.country for one in found}


def agreed(
    store: Store, pair: tuple[str, str], as_of: date, *, rules: Sequence[ActorRule] = (), whole: bool = False
) -> list[int]:
    """Give the days (ordinal) on which agreements that bind both of a pair became known, by a day.

    Parameters
    ----------
    whole
        Keep actors within a country apart; else an actor is its country where it has one.
    """
    if not store.query("SELECT 1 FROM files WHERE codes = 'agreement' LIMIT 1").fetchall():
        return []
    question = (
        "SELECT known_on, happened_on, actor, actor_system FROM reports WHERE system = 'agreement' "
        "AND known_on <= ? AND (superseded_on IS NULL OR superseded_on > ?) ORDER BY ALL"
    )
    rows = store.query(question, [as_of, as_of]).fetchall()
    return [
        known.toordinal()
        for known, happened, text, system in rows
        if set(pair) <= _parties(text, system, happened, rules, whole=whole)
    ]
