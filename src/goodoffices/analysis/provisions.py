"""What-if changes over a case: provisions on their ladders, and who could stand behind them."""

from typing import Any

from goodoffices.analysis.deals import Deal
from goodoffices.analysis.runs import Run
from goodoffices.domain.case import Change
from goodoffices.domain.texts import Provision, Text
from goodoffices.words import apart

__all__ = ["SHARE", "STEPS", "TOP", "called", "guarantors", "provision", "what_if"]

STEPS = 6
FORMS = ("word", "treaty", "deployed_force")
TOP = {"guarantee": 3, "verification": 5, "bond": 5, "assistance": 5, "phasing": 3}  # of a package
SHARE = ("some", "half", "strong", "very_strong", "full")


def what_if(op: str, target: str, value: object, reason: str) -> Change:
    """Give one supposed change."""
    return Change(
        id=f"what-if:{op}:{target}",
        op=op,
        target=target,
        value=value,
        author="goodoffices",
        reason=reason,
    )


def provision(text: Text, kind: str, step: int, office: str = "", number: int = 0) -> Change | None:
    """One provision at the given step of its ladder, or None if the ladder is not that long.

    Several of one kind, one for each side, are told apart by `number`.
    """
    common: dict[str, Any] = {
        "key": f"what{kind[:2]}",
        "id": f"what-if-{kind}" + (f"-{number}" if number else ""),
        "type": kind,
        "known_on": text.tabled_on,
    }
    if kind == "guarantee":
        if step > len(FORMS):
            return None
        made = Provision(**common, by=office, form=FORMS[step - 1])
    elif kind == "phasing":
        made = Provision(**common, steps=2**step)
    elif step > len(SHARE):
        return None
    else:
        word = SHARE[step - 1]
        words = {
            "verification": {"detection": word, "recoverable": "half"},
            "bond": {"worth": word, "loss": word},
            "assistance": {"size": word},
        }[kind]
        made = Provision(**common, words=words, by=office, to=office)
    return what_if("set_provision", text.id, made, f"{kind}, step {step}")


def thirds(run: Run) -> list[str]:
    """Offices of third parties that have given word on a guarantee: those with a row for consent."""
    encoded = run.encoded
    roles = {party.id: party.role for party in encoded.case.parties}
    return [o.id for o in encoded.present if roles[o.party] == "third" and encoded.stake(o.id, "", "consent")]


def called(run: Run, name: str) -> str:
    """Name an office by who holds it, a party by its name."""
    if name in run.encoded.offices:
        return run.encoded.offices[name].called
    return apart(next((party.name for party in run.encoded.case.parties if party.id == name), name))


def guarantors(run: Run, deal: Deal) -> list[str]:
    """Offices that could stand behind a text: those that it names, else third parties asked for consent."""
    named = [office for office in deal.text.guarantors if office in run.encoded.offices]
    return named or thirds(run)
