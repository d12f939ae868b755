"""Changes over a case: one small typed record each, and what each operation does.

A row that others still name cannot be removed; the sentence says who names it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from goodoffices.domain.evidence import Switched
from goodoffices.domain.texts import Provision
from goodoffices.errors import CaseError, Fault
from goodoffices.words import _, listing

if TYPE_CHECKING:
    from goodoffices.domain.case import Case

__all__ = ["HEAD", "OPERATIONS", "Change", "apply_change", "keys_of"]

# what `set_case` can set
HEAD = ("title", "summary", "start", "end", "sensitivity", "attributes")

_ADDED = {
    "add_stake": "stakes",
    "add_rating": "ratings",
    "comment": "comments",
}
_REMOVED = {
    "remove_stake": "stakes",
    "remove_rating": "ratings",
    "remove_comment": "comments",
    "remove_party": "parties",
    "remove_decision_maker": "decision_makers",
    "remove_spoiler": "spoilers",
    "remove_link": "links",
    "remove_text": "texts",
}
_PUT = {
    "put_party": "parties",
    "put_decision_maker": "decision_makers",
    "put_spoiler": "spoilers",
    "put_link": "links",
    "put_text": "texts",
}
_Name = tuple[str, str]  # of what sort it is, and the name itself


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


def apply_change(case: "Case", change: Change) -> "Case":
    """Give a new case with one change applied.

    Raises
    ------
    CaseError
        If the operation is unknown, its target is not there, or others still name what it removes.
    """
    if change.op in _ADDED:
        return _add(case, change, _ADDED[change.op])
    if change.op in _PUT:
        return _put(case, change, _PUT[change.op])
    if change.op in _REMOVED:
        return _remove(case, change, _REMOVED[change.op])
    if change.op in _OWN:
        return _OWN[change.op](case, change)
    raise _fault(change, "op", f'"{change.op}"', _("use one of ") + ", ".join(OPERATIONS))


def _fault(change: Change, part: str, found: str, fix: str) -> CaseError:
    return CaseError([Fault(file=f"change {change.id}", field=part, found=found, fix=fix)])


# -- rows -------------------------------------------------------------------------------------


def _named(rows: tuple[Any, ...], name: str) -> int | None:
    """Find a row by its key, or else by its id."""
    for attribute in ("key", "id"):
        for index, row in enumerate(rows):
            if getattr(row, attribute, None) == name:
                return index
    return None


def _there(rows: tuple[Any, ...], change: Change) -> int:
    index = _named(rows, change.target)
    if index is not None:
        return index
    known = ", ".join(str(getattr(row, "id", None) or row.key) for row in rows[:8]) or _("none so far")
    fix = _("use one that is there, such as {known}").format(known=known)
    raise _fault(change, "target", f'"{change.target}"', fix)


def _replaced(rows: tuple[Any, ...], index: int, *row: Any) -> tuple[Any, ...]:
    return (*rows[:index], *row, *rows[index + 1 :])


def _with(case: "Case", field: str, rows: tuple[Any, ...]) -> "Case":
    given: dict[str, Any] = {field: rows}
    return replace(case, **given)


def _updated(change: Change, row: Any) -> Any:
    try:
        return replace(row, **change.value)
    except TypeError:
        fix = _("use only fields of a ") + type(row).__name__.lower()
        raise _fault(change, "value", str(change.value), fix) from None


def _add(case: "Case", change: Change, field: str) -> "Case":
    rows = getattr(case, field)
    if any(row.key == change.value.key for row in rows):
        raise _fault(change, "value.key", change.value.key, _("give the new row a key that is not taken"))
    return _with(case, field, (*rows, change.value))


def _put(case: "Case", change: Change, field: str) -> "Case":
    """Replace the row that the target or the value's key names, or add the value at the end."""
    rows, new = getattr(case, field), change.value
    index = _named(rows, change.target) if change.target else None
    if index is None and change.target not in ("", new.key, getattr(new, "id", "")):
        index = _there(rows, change)
    if index is None:
        index = next((place for place, row in enumerate(rows) if row.key == new.key), None)
    elif field != "links" and rows[index].key != new.key:
        raise _fault(change, "value.key", new.key, _("keep the key {key}").format(key=rows[index].key))
    others = rows if index is None else _replaced(rows, index)
    taken = {getattr(row, "id", row.key) for row in others}
    if getattr(new, "id", new.key) in taken:
        fix = _("give it an id that is not taken")
        raise _fault(change, "value.id", getattr(new, "id", new.key), fix)
    return _with(case, field, (*rows, new) if index is None else _replaced(rows, index, new))


def _remove(case: "Case", change: Change, field: str) -> "Case":
    rows = getattr(case, field)
    return _freed(case, _with(case, field, _replaced(rows, _there(rows, change))), change)


# -- who names whom ---------------------------------------------------------------------------


def keys_of(case: "Case") -> set[str]:
    """Give all that a comment can be on: the key of any row, or "case"."""
    rows: Iterator[Any] = chain(
        case.parties, case.decision_makers, case.spoilers, case.links, case.texts, case.stakes
    )
    more: Iterator[Any] = chain(case.alternatives, case.ratings, *(text.provisions for text in case.texts))
    keys = {row.key for row in chain(rows, more)}
    return keys | {fact.id for fact in chain(case.facts, case.off)} | {"case"}


def _names(case: "Case") -> set[_Name]:
    """Give all names that the rows of a case answer to."""
    named: Iterator[Any] = chain(case.parties, case.decision_makers, case.spoilers)
    actors = {row.id for row in named}
    actors |= {dm.office for dm in case.decision_makers}
    sorts = {"actor": actors, "text": {text.id for text in case.texts}, "row": keys_of(case)}
    return {(sort, name) for sort, names in sorts.items() for name in names}


def _mentions(case: "Case") -> Iterator[tuple[str, _Name]]:
    """Give who names whom: the words for the row, and the name in it."""
    for who, names in chain(_among_actors(case), _in_texts(case), _in_tables(case)):
        for name in names:
            yield who, ("actor", name)
    for stake in case.stakes:
        yield _("stake {key}").format(key=stake.key), ("text", stake.text)
    for other in case.alternatives:
        yield _("the other reading {key}").format(key=other.key), ("row", other.fact)
    for comment in case.comments:
        yield _("comment {key}").format(key=comment.key), ("row", comment.on)


_Naming = Iterator[tuple[str, tuple[str, ...]]]


def _among_actors(case: "Case") -> _Naming:
    for dm in case.decision_makers:
        yield _("decision-maker {id}").format(id=dm.id), (dm.party, *dm.commanded_by)
    for spoiler in case.spoilers:
        yield _("spoiler {id}").format(id=spoiler.id), (spoiler.side,)
    for link in case.links:
        yield _("link {key}").format(key=link.key), (link.observer, link.sees, link.towards)


def _in_texts(case: "Case") -> _Naming:
    for text in case.texts:
        given = (*text.binds, *text.signatories, *text.guarantors, *text.witnesses, *text.excluded)
        by = tuple(name for item in text.provisions for name in (item.by, item.to))
        yield _("text {id}").format(id=text.id), (*given, *by)


def _in_tables(case: "Case") -> _Naming:
    for fact in chain(case.facts, case.off):
        names = (fact.actor, *fact.towards, *fact.seen_by, fact.about)
        yield _("fact {id}").format(id=fact.id), names
    for other in case.alternatives:
        yield _("the other reading {key}").format(key=other.key), (other.actor,)
    for stake in case.stakes:
        yield _("stake {key}").format(key=stake.key), (stake.actor, stake.towards)
    for rating in case.ratings:
        yield _("rating {key}").format(key=rating.key), (rating.truster, rating.trustee)


def _freed(case: "Case", new: "Case", change: Change) -> "Case":
    """Give the new case if nobody in it names what it no longer has."""
    gone = _names(case) - _names(new)
    holders = dict.fromkeys(who for who, name in _mentions(new) if name in gone)
    if not holders:
        return new
    shown = [*list(holders)[:5], *([_("others")] if len(holders) > 5 else [])]
    found = _('"{target}", which is named by {holders}').format(target=change.target, holders=listing(shown))
    raise _fault(change, "target", found, _("change or remove those first"))


# -- facts ------------------------------------------------------------------------------------


def _add_fact(case: "Case", change: Change) -> "Case":
    declared = case.declared()
    if any(fact.id == change.value.id for fact in declared):
        raise _fault(change, "value.id", change.value.id, _("give the new fact an id that is not taken"))
    return case.with_facts((*declared, change.value), case.switched)


def _replace_fact(case: "Case", change: Change) -> "Case":
    declared = case.declared()
    index = _there(declared, change)
    old = declared[index]
    new = _dated(old, _updated(change, old), change)
    return case.with_facts(_replaced(declared, index, new), case.switched)


def _dated(old: Any, new: Any, change: Change) -> Any:
    """Let days that were left to follow another day follow it still."""
    known, public = new.known_on, new.public_on
    assumed = old.known_on_assumed
    if "known_on" in change.value:
        assumed = known is None
    if assumed:
        known = new.happened_on
    if public is None or ("public_on" not in change.value and old.public_on == old.known_on):
        public = known
    return replace(new, known_on=known, public_on=public, known_on_assumed=assumed)


def _switch_off_fact(case: "Case", change: Change) -> "Case":
    if any(record.fact == change.target for record in case.switched):
        raise _fault(change, "target", f'"{change.target}"', _("this fact is switched off already"))
    fact = case.facts[_there(case.facts, change)]
    words = {name: getattr(change, name).strip() for name in ("author", "at", "reason")}
    record = Switched(fact=fact.id, place=0, **words)
    return case.with_facts(case.declared(), (*case.switched, record))


def _switch_on_fact(case: "Case", change: Change) -> "Case":
    fact = case.off[_there(case.off, change)]
    kept = tuple(record for record in case.switched if record.fact != fact.id)
    return case.with_facts(case.declared(), kept)


def _remove_fact(case: "Case", change: Change) -> "Case":
    declared = case.declared()
    index = _there(declared, change)
    return _freed(case, case.with_facts(_replaced(declared, index), case.switched), change)


def _disputed(case: "Case", name: str, alternatives: tuple[Any, ...]) -> "Case":
    """Give the case with these other readings; the fact says whether it has any."""
    disputed = any(other.fact == name for other in alternatives)
    facts = tuple(
        replace(fact, disputed=disputed) if fact.id == name and fact.disputed != disputed else fact
        for fact in case.declared()
    )
    return replace(case.with_facts(facts, case.switched), alternatives=alternatives)


def _add_alternative(case: "Case", change: Change) -> "Case":
    _there(case.declared(), replace(change, target=change.value.fact))
    added = _add(case, change, "alternatives")
    return _disputed(case, change.value.fact, added.alternatives)


def _remove_alternative(case: "Case", change: Change) -> "Case":
    index = _there(case.alternatives, change)
    new = _disputed(case, case.alternatives[index].fact, _replaced(case.alternatives, index))
    return _freed(case, new, change)


# -- stakes, texts, defaults, the case itself -------------------------------------------------


def _set_stake(case: "Case", change: Change) -> "Case":
    index = _there(case.stakes, change)
    return replace(case, stakes=_replaced(case.stakes, index, _updated(change, case.stakes[index])))


def _set_provision(case: "Case", change: Change) -> "Case":
    index = _there(case.texts, change)
    text, new = case.texts[index], change.value
    kept: tuple[Provision, ...] = tuple(old for old in text.provisions if old.id != new.id)
    names = [(old.key, old.id) for old in text.provisions]
    same = names.index((new.key, new.id)) if (new.key, new.id) in names else len(kept)
    guarantors = text.guarantors
    if new.type == "guarantee" and new.by and new.by not in guarantors:
        guarantors = (*guarantors, new.by)
    text = replace(text, provisions=(*kept[:same], new, *kept[same:]), guarantors=guarantors)
    return replace(case, texts=_replaced(case.texts, index, text))


def _remove_provision(case: "Case", change: Change) -> "Case":
    index = _there(case.texts, change)
    text = case.texts[index]
    kept = tuple(old for old in text.provisions if change.value not in (old.id, old.type))
    guarantors = () if change.value == "guarantee" else text.guarantors
    text = replace(text, provisions=kept, guarantors=guarantors)
    return replace(case, texts=_replaced(case.texts, index, text))


def _set_default(case: "Case", change: Change) -> "Case":
    """Set a default of the model for this case; no value leaves it to the model again."""
    others = {name: value for name, value in case.defaults.items() if name != change.target}
    own = {} if change.value is None else {change.target: float(change.value)}
    return replace(case, defaults={**others, **own})


def _set_case(case: "Case", change: Change) -> "Case":
    unknown = [name for name in change.value if name not in HEAD]
    if unknown:
        raise _fault(change, "value", ", ".join(unknown), _("use one of ") + ", ".join(HEAD))
    return _updated(change, case)  # type: ignore[no-any-return]


_OWN: dict[str, Callable[["Case", Change], "Case"]] = {
    "add_fact": _add_fact,
    "replace_fact": _replace_fact,
    "switch_off_fact": _switch_off_fact,
    "switch_on_fact": _switch_on_fact,
    "remove_fact": _remove_fact,
    "set_stake": _set_stake,
    "set_provision": _set_provision,
    "remove_provision": _remove_provision,
    "set_default": _set_default,
    "add_alternative": _add_alternative,
    "remove_alternative": _remove_alternative,
    "set_case": _set_case,
}
OPERATIONS = (*_OWN, *_ADDED, *_PUT, *_REMOVED)
