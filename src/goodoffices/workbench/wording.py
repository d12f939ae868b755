"""Say in words what was done to a case: one half-sentence for each step of a change."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from goodoffices.archive.history import Entry
from goodoffices.domain.case import Case, Change
from goodoffices.words import N_, _, clauses

__all__ = ["STEPS", "steps_of", "told", "told_change", "told_entry"]

Step = tuple[str, str]  # an operation and its target

# What each operation is called once it was made; {name} is its target as people know it.
STEPS = {
    "add_fact": N_("fact added: {name}"),
    "replace_fact": N_("fact changed: {name}"),
    "switch_off_fact": N_("fact no longer counted: {name}"),
    "switch_on_fact": N_("fact counted again: {name}"),
    "remove_fact": N_("fact removed: {name}"),
    "add_stake": N_("stake added: {name}"),
    "set_stake": N_("stake changed: {name}"),
    "remove_stake": N_("stake removed: {name}"),
    "set_provision": N_("provision set in {name}"),
    "remove_provision": N_("provision removed from {name}"),
    "set_default": N_("default changed: {name}"),
    "add_rating": N_("rating added: {name}"),
    "remove_rating": N_("rating removed: {name}"),
    "add_alternative": N_("another reading added: {name}"),
    "remove_alternative": N_("another reading removed: {name}"),
    "comment": N_("comment added"),
    "remove_comment": N_("comment removed"),
    "set_case": N_("title, window or summary changed"),
    "put_party": N_("party entered: {name}"),
    "remove_party": N_("party removed: {name}"),
    "put_decision_maker": N_("decision-maker entered: {name}"),
    "remove_decision_maker": N_("decision-maker removed: {name}"),
    "put_spoiler": N_("spoiler entered: {name}"),
    "remove_spoiler": N_("spoiler removed: {name}"),
    "put_link": N_("entered who sees whom: {name}"),
    "remove_link": N_("removed who sees whom: {name}"),
    "put_text": N_("text entered: {name}"),
    "remove_text": N_("text removed: {name}"),
    "in_branch": N_("in the branch {name}"),
    "new_branch": N_("branch opened: {name}"),
    "title_branch": N_("branch renamed: {name}"),
    "drop_branch": N_("branch thrown away: {name}"),
    "drop_change": N_("change taken out"),
    "merge_branch": N_("branch merged into the case: {name}"),
    "purge_fact": N_("a fact was purged"),
    "purge_rating": N_("a rating was purged"),
}
_LONG = 70  # characters of a text that stands for a row


def steps_of(changes: Iterable[Change]) -> tuple[Step, ...]:
    """Give operation and target of each change; what is added is its own target."""
    return tuple((change.op, change.target or _own(change)) for change in changes)


def _own(change: Change) -> str:
    return str(getattr(change.value, "id", None) or getattr(change.value, "key", None) or "")


def told(steps: Sequence[Step], case: Case | None, branches: dict[str, str] | None = None) -> str:
    """Say several steps in one sentence, with names as the case and its branches have them now."""
    parts = []
    for op, target in steps:
        words = _(STEPS.get(op, "{name}"))
        parts.append(words.format(name=_name(op, target, case, branches or {})))
    if len(parts) > 1 and steps[0][0] == "in_branch":
        return f"{parts[0]}: {clauses(parts[1:])}"
    return clauses(parts)


def told_change(change: Change, case: Case | None) -> str:
    """Say what one change does."""
    return told(steps_of([change]), case)


def told_entry(entry: Entry, case: Case | None, titles: dict[str, str]) -> str:
    """Say what an entry of the history did."""
    said = told(entry.steps, case, titles)
    if entry.purged and not said:
        return _("what this did was purged and can no longer be undone")
    forms = {"undo": _("taken back – {said}"), "redo": _("done again – {said}")}
    return forms.get(entry.did, "{said}").format(said=said)


def _short(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 1].rstrip() + "…"


def _name(op: str, target: str, case: Case | None, branches: dict[str, str]) -> str:
    if "branch" in op:
        return branches.get(target, target)
    if "default" in op or case is None:
        return target.replace("_", " ")
    find = next((find for word, find in _FINDS.items() if word in op), _plain)
    return _short(find(case, target) or target)


def _plain(_case: Case, target: str) -> str:
    return target


def _fact(case: Case, target: str) -> str:
    for fact in (*case.facts, *case.off):
        if fact.id == target:
            return ", ".join(part for part in (fact.id, fact.says) if part)
    return ""


def _called(case: Case, name: str) -> str:
    rows: list[Any] = [*case.parties, *case.decision_makers, *case.spoilers]
    return next((row.name for row in rows if name in (row.id, row.key)), name)


def _stake(case: Case, target: str) -> str:
    for stake in case.stakes:
        if stake.key == target:
            where = f" ({_text(case, stake.text)})" if stake.text else ""
            return f"{_called(case, stake.actor)}: {_(stake.quantity.replace('_', ' '))}{where}"
    return ""


def _text(case: Case, target: str) -> str:
    return next((text.title for text in case.texts if target in (text.id, text.key)), target)


def _rating(case: Case, target: str) -> str:
    for rating in case.ratings:
        if rating.key == target:
            who, whom = _called(case, rating.truster), _called(case, rating.trustee)
            return f"{rating.author}: {who} – {whom}, {_(rating.facet.value)}"
    return ""


_FINDS: dict[str, Callable[[Case, str], str]] = {
    "fact": _fact,
    "stake": _stake,
    "provision": _text,
    "text": _text,
    "rating": _rating,
    "party": _called,
    "decision_maker": _called,
    "spoiler": _called,
}
