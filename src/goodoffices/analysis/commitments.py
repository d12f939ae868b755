"""Consistency of words and deeds: promises, agreements and threats, and what was reported after them.

A word opens a commitment towards its target; the first later deed towards the same target, within a
window, meets or contradicts it.  Reports share no content, so nobody knows whether a deed was the one
that was meant: this is not integrity and enters no belief.  Silence is unobserved, not kept.

The rules:

* A word of one class opens nothing while a commitment of that class is open between the two.
* A deed of the day of the word does not count, for no feed tells which of the two came first.
* Friendly deeds meet a promise or an agreement and contradict a threat; hostile deeds the reverse.
* Both kinds of deed on the day that decides: mixed, and counted on neither side.
* No deed by the end of the window: unobserved. Window not over on the day of asking: open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["DEEDS", "WINDOWS", "WORDS", "Commitment", "Consistency", "commitments", "consistency", "swept"]

Ending = Literal["met", "contradicted", "mixed", "unobserved", "open"]

WORDS: Mapping[str, str] = {
    "promised_cooperation": "promise",
    "promised_support": "promise",
    "offer_of_concession": "promise",
    "signed_agreement": "agreement",
    "threat": "threat",
    "threat_short_of_force": "threat",
    "ultimatum": "threat",
}
WINDOWS: Mapping[str, int] = {"promise": 90, "agreement": 365, "threat": 90}  # days, judged
DEEDS: Mapping[str, int] = {
    **dict.fromkeys(
        ("cooperated", "gave_aid", "made_concession", "sanctions_eased", "prisoner_release",
         "humanitarian_access", "inspection_accepted", "unilateral_withdrawal", "unilateral_truce",
         "unilateral_arms_cut"), 1,
    ),
    **dict.fromkeys(
        ("armed_attack", "major_offensive", "attack_on_civilians", "seized_ground", "annexation", "blockade",
         "coercion", "violence_against_persons", "sanctions_imposed", "reduced_relations",
         "ceasefire_violation_local", "ceasefire_violation_major"), -1,
    ),
}  # fmt: skip
"""Which kinds of conduct are deeds, friendly (1) or hostile (-1); words and gestures in words are none."""

ENOUGH = 3  # decided commitments below which no share is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One word and what came of it; days are ordinal, `decided` is 0 where no deed did."""

    word: str
    opened: int
    until: int
    ending: Ending
    decided: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """How many commitments of a class ended how."""

    word: str
    met: int = 0
    contradicted: int = 0
    mixed: int = 0
    unobserved: int = 0
    open: int = 0

    @property
    def share(self) -> float | None:
        """Share met of those that deeds decided; None where they are too few to say."""
        decided = self.met + self.contradicted
        return self.met / decided if decided >= ENOUGH else None


def _ending(word: str, deeds: Mapping[int, set[int]], opened: int, until: int, today: int) -> Commitment:
    wanted = -1 if word == "threat" else 1
    later = (day for day in sorted(deeds) if opened < day <= min(until, today))
    day = next(later, 0)
    if not day:
        ending: Ending = "unobserved" if until <= today else "open"
        return Commitment(word=word, opened=opened, until=until, ending=ending)
    signs = deeds[day]
    ending = "mixed" if len(signs) > 1 else ("met" if wanted in signs else "contradicted")
    return Commitment(word=word, opened=opened, until=until, ending=ending, decided=day)


def commitments(
    conduct: Iterable[tuple[int, str]], today: int, windows: Mapping[str, int] = WINDOWS
) -> tuple[Commitment, ...]:
    """Follow what one actor was reported to do towards another: (ordinal day, kind of conduct) each.

    Only what had become known by `today` belongs into `conduct`.
    """
    told = sorted(set(conduct))
    deeds: dict[int, set[int]] = {}
    for day, kind in told:
        if kind in DEEDS:
            deeds.setdefault(day, set()).add(DEEDS[kind])
    found: list[Commitment] = []
    free = dict.fromkeys(windows, 0)  # the last day on which a commitment of the class was open
    for day, kind in told:
        word = WORDS.get(kind)
        if word is None or day <= free[word]:
            continue
        one = _ending(word, deeds, day, day + windows[word], today)
        free[word] = one.decided or one.until
        found.append(one)
    return tuple(found)


def consistency(found: Iterable[Commitment]) -> tuple[Consistency, ...]:
    """Count the endings of each class of words."""
    counts = {
        word: dict.fromkeys(("met", "contradicted", "mixed", "unobserved", "open"), 0) for word in WINDOWS
    }
    for one in found:
        counts[one.word][one.ending] += 1
    return tuple(Consistency(word=word, **ends) for word, ends in counts.items())


def swept(conduct: Iterable[tuple[int, str]], today: int) -> dict[float, tuple[Consistency, ...]]:
    """Count with half and twice the windows too, for the windows are judged."""
    told = tuple(conduct)
    return {
        factor: consistency(
            commitments(told, today, {word: round(days * factor) for word, days in WINDOWS.items()})
        )
        for factor in (1.0, 0.5, 2.0)
    }
