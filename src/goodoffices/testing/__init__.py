"""Conformance suites for those who extend the product; the built-in parts pass them too.

>>> from goodoffices.testing import check_case_source
>>> from goodoffices.cases.library import LibrarySource
>>> check_case_source(LibrarySource(), "camp-david")
"""

from collections.abc import Iterable

from goodoffices.cases.canonical import case_hash
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Facet, Kind
from goodoffices.domain.ports import CaseSource
from goodoffices.domain.tables import ReferenceClass

__all__ = ["check_case_source", "check_classes", "check_kinds"]


def _claim(holds: bool, claim: str) -> None:
    if not holds:
        raise AssertionError(claim)


def check_case_source(source: CaseSource, where: str) -> None:
    """Check a source of cases: it knows the name, and gives the same sound case every time.

    Raises
    ------
    AssertionError
        With the claim that does not hold.
    """
    _claim(source.knows(where), f"{source.name} knows {where}")
    one, two = source.load(where), source.load(where)
    _claim(isinstance(one, Case), "load gives a Case")
    _claim(case_hash(one, one.end) == case_hash(two, two.end), "loading twice gives the same case")
    _claim(all(f.happened_on <= f.known_on for f in one.facts), "nothing is known before it happened")
    ids = [fact.id for fact in one.facts]
    _claim(len(ids) == len(set(ids)), "every fact has a key of its own")


def check_kinds(kinds: Iterable[Kind]) -> None:
    """Check kinds of conduct: strengths in range, a basis, a definition, no name used twice.

    Raises
    ------
    AssertionError
        With the claim that does not hold.
    """
    listed = list(kinds)
    names = [kind.kind for kind in listed]
    _claim(len(names) == len(set(names)), "every kind has a name of its own")
    for kind in listed:
        _claim(set(kind.strengths) <= set(Facet), f"{kind.kind} bears on facets only")
        _claim(all(-1 <= s <= 1 for s in kind.strengths.values()), f"{kind.kind}: strengths lie in [-1, 1]")
        _claim(0 <= kind.gesture <= 1, f"{kind.kind}: a gesture lies in [0, 1]")
        _claim(kind.basis in ("measured", "cited", "judged"), f"{kind.kind} says on what it rests")
        bears = bool(kind.strengths or kind.gesture or kind.meeting or kind.role)
        _claim(bears, f"{kind.kind} bears on something")
        _claim(bool(kind.definition and kind.example), f"{kind.kind} has a definition and an example")


def check_classes(classes: Iterable[ReferenceClass]) -> None:
    """Check reference classes: shares in range and growing with time, a source.

    Raises
    ------
    AssertionError
        With the claim that does not hold.
    """
    for row in classes:
        curve = [value for value in (row.y1, row.y5, row.y10) if value is not None]
        _claim(all(0 <= value < 1 for value in curve), f"{row.name}: shares lie in [0, 1)")
        _claim(curve == sorted(curve), f"{row.name}: failure grows with time")
        _claim(row.n > 0 and bool(row.source), f"{row.name} names its n and its source")
