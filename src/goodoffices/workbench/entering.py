"""Enter facts: fresh keys for new rows, what is wrong with a row, and rows pasted from a spreadsheet."""

from collections.abc import Iterable, Mapping
from datetime import date

from goodoffices.analysis.answer import coverage
from goodoffices.cases.paste import COLUMNS, Pasted, fact_in, faults_beside, fresh_facts, pasted
from goodoffices.cases.starter import new_key
from goodoffices.cases.tables import tables
from goodoffices.domain.case import Case
from goodoffices.domain.readings import Coverage

__all__ = ["COLUMNS", "Pasted", "coverage_on", "faults_in", "fresh_fact", "fresh_key", "pasted"]


def fresh_key(taken: Iterable[str]) -> str:
    """Give a key that is not taken.

    It is drawn, not counted, so that two who add rows at the same time, or in two branches, do not
    choose the same.
    """
    known = set(taken)
    return next(key for key in iter(new_key, "") if key not in known)


def fresh_fact(case: Case) -> str:
    """Give an id for a new fact that begins as those of the case do."""
    return next(fresh_facts(case))


def coverage_on(case: Case, day: date) -> tuple[Coverage, ...]:
    """Count, as a reading does, what the case rests on as of a day."""
    return coverage(case.visible_on(day), tables().kinds)


def faults_in(case: Case, cells: Mapping[str, str]) -> dict[str, str]:
    """Say what is wrong with a fact, by column; one whose id the case knows stands in its place."""
    fact = fact_in(cells)
    if isinstance(fact, dict):
        return fact
    beside = faults_beside(case, [(1, fact)])
    return {fault.field or "": fault.fix for _row, fault in reversed(beside)}
