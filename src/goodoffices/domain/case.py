"""A case: everything that is known of one negotiation, and what of it was known on a day.

A case never changes.  A *change* is one small typed record; `with_changes` gives a new case with
the records applied, and whoever asks "what if" (without this fact, one step better, another
default) asks it as a list of changes over a base.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from goodoffices.domain.actors import DecisionMaker, Link, Party, Spoiler
from goodoffices.domain.evidence import Alternative, Fact, Rating
from goodoffices.domain.texts import Provision, Stake, Text
from goodoffices.errors import CaseError, Fault
from goodoffices.words import _

__all__ = ["OPERATIONS", "Case", "Change"]

OPERATIONS = (
    "add_fact",
    "replace_fact",
    "switch_off_fact",
    "set_stake",
    "set_provision",
    "remove_provision",
    "set_default",
    "add_rating",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change over a case: what is done to which key, by whom, when and why."""

    id: str
    op: str
    target: str
    value: Any = None
    author: str = ""
    at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One negotiation as coded; tuples keep the order of declaration."""

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

    def visible_on(self, day: date, *, published: bool = False) -> "Case":
        """Give the case as it could be known at the end of `day`.

        A curated reading goes by `known_on`, when the observer could know; a backtest
        (`published=True`) by the later of `known_on` and `public_on`.  Dates that lie ahead,
        such as the end of a term or a signature, are taken out as well.
        """

        def fact_known(fact: Fact) -> bool:
            return (max(fact.known_on, fact.public_on) if published else fact.known_on) <= day

        facts = tuple(fact for fact in self.facts if fact_known(fact))
        ids = {fact.id for fact in facts}
        return replace(
            self,
            decision_makers=tuple(_office_on(dm, day) for dm in self.decision_makers if dm.start <= day),
            spoilers=_known(self.spoilers, day),
            links=_known(self.links, day),
            texts=tuple(_text_on(text, day) for text in self.texts if text.on_table(day)),
            stakes=_known(self.stakes, day),
            facts=facts,
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
            if change.op not in _APPLY:
                raise _fault(change, "op", f'"{change.op}"', _("use one of ") + ", ".join(OPERATIONS))
            case = replace(_APPLY[change.op](case, change), changes=(*case.changes, change))
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


def _fault(change: Change, part: str, found: str, fix: str) -> CaseError:
    return CaseError([Fault(file=f"change {change.id}", field=part, found=found, fix=fix)])


def _swap(rows: tuple[Any, ...], change: Change, name: Callable[[Any], str]) -> tuple[int, Any]:
    for index, row in enumerate(rows):
        if name(row) == change.target:
            return index, row
    known = ", ".join(name(row) for row in rows[:8])
    raise _fault(
        change,
        "target",
        f'"{change.target}"',
        _("use one that is there, such as {known}").format(known=known),
    )


def _put(rows: tuple[Any, ...], index: int, row: Any) -> tuple[Any, ...]:
    return (*rows[:index], row, *rows[index + 1 :])


def _updated(change: Change, row: Any) -> Any:
    try:
        return replace(row, **change.value)
    except TypeError:
        fix = _("use only fields of a ") + type(row).__name__.lower()
        raise _fault(change, "value", str(change.value), fix) from None


def _add_fact(case: Case, change: Change) -> Case:
    if any(fact.id == change.value.id for fact in case.facts):
        raise _fault(change, "value.id", change.value.id, _("give the new fact an id that is not taken"))
    return replace(case, facts=(*case.facts, change.value))


def _replace_fact(case: Case, change: Change) -> Case:
    index, fact = _swap(case.facts, change, lambda row: row.id)
    return replace(case, facts=_put(case.facts, index, _updated(change, fact)))


def _switch_off_fact(case: Case, change: Change) -> Case:
    index, _ = _swap(case.facts, change, lambda row: row.id)
    return replace(case, facts=case.facts[:index] + case.facts[index + 1 :])


def _set_stake(case: Case, change: Change) -> Case:
    index, stake = _swap(case.stakes, change, lambda row: row.key)
    return replace(case, stakes=_put(case.stakes, index, _updated(change, stake)))


def _set_provision(case: Case, change: Change) -> Case:
    index, text = _swap(case.texts, change, lambda row: row.id)
    new: Provision = change.value
    kept = tuple(old for old in text.provisions if old.id != new.id)
    guarantors = text.guarantors
    if new.type == "guarantee" and new.by and new.by not in guarantors:
        guarantors = (*guarantors, new.by)
    text = replace(text, provisions=(*kept, new), guarantors=guarantors)
    return replace(case, texts=_put(case.texts, index, text))


def _remove_provision(case: Case, change: Change) -> Case:
    index, text = _swap(case.texts, change, lambda row: row.id)
    kept = tuple(old for old in text.provisions if change.value not in (old.id, old.type))
    guarantors = () if change.value == "guarantee" else text.guarantors
    text = replace(text, provisions=kept, guarantors=guarantors)
    return replace(case, texts=_put(case.texts, index, text))


def _set_default(case: Case, change: Change) -> Case:
    return replace(case, defaults={**case.defaults, change.target: float(change.value)})


def _add_rating(case: Case, change: Change) -> Case:
    return replace(case, ratings=(*case.ratings, change.value))


_APPLY: dict[str, Callable[[Case, Change], Case]] = {
    "add_fact": _add_fact,
    "replace_fact": _replace_fact,
    "switch_off_fact": _switch_off_fact,
    "set_stake": _set_stake,
    "set_provision": _set_provision,
    "remove_provision": _remove_provision,
    "set_default": _set_default,
    "add_rating": _add_rating,
}
