"""Conformance suites for those who extend the product; the built-in parts pass them too.

>>> from goodoffices.testing import check_case_source
>>> from goodoffices.cases.library import LibrarySource
>>> check_case_source(LibrarySource(), "camp-david")
"""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from goodoffices.cases.canonical import case_hash
from goodoffices.domain.case import Case
from goodoffices.domain.events import COLUMNS, Layout
from goodoffices.domain.evidence import Facet, Kind
from goodoffices.domain.ports import CaseSource, EventSource
from goodoffices.domain.tables import ReferenceClass

__all__ = ["check_case_source", "check_classes", "check_event_source", "check_kinds"]


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


def check_event_source(
    source: EventSource, sample: str | Path, lines: int, mapping: Mapping[str, str] | None = None
) -> None:
    """Check a source of event data with a sound file of it that holds so many rows.

    The source knows the file and no other; its layout names columns of the store; and the file goes
    through a store: every row is accounted for, has its place, its code as it was written and its
    days in order, and importing it twice changes nothing.

    Raises
    ------
    AssertionError
        With the claim that does not hold.
    """
    from goodoffices.store.store import Store  # noqa: PLC0415 - needs the extra "events"

    where = str(sample)
    _claim(bool(source.name and source.title and source.licence), "a source has a name, a title, a licence")
    _claim(source.knows(where), f"{source.name} knows {where}")
    layout = source.layout(where, mapping)
    _check_layout(layout)
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "prose.txt"
        other.write_text("A line of prose, with a comma.\nAnother one.\n", encoding="utf-8")
        _claim(not source.knows(str(other)), f"{source.name} does not know a file of prose")
        with Store.open(Path(folder) / "s.duckdb", write=True, folders=[Path(sample).parent]) as store:
            (once,) = store.import_file(source, sample, mapping)
            _claim(once.received == lines, f"{lines} rows are received, not {once.received}")
            _claim(once.stored == lines, f"a sound file is stored whole: {once.said}")
            (twice,) = store.import_file(source, sample, mapping)
            _claim(
                twice.already and store.info().sources[0].stored == lines, "importing twice changes nothing"
            )
            rows = store.reports().to_pylist()
    _claim(all(row["happened_on"] <= row["known_on"] for row in rows), "nothing is known before it happened")
    _claim(len({row["line"] for row in rows}) == lines, "every row has a line of its own")
    _claim(all(isinstance(row["code"], str) and row["code"] for row in rows), "codes are texts")
    _claim(bool(layout.known) or all(row["known_assumed"] for row in rows), "no stamp: marked as assumed")


def _check_layout(layout: Layout) -> None:
    _claim(layout.reader in ("csv", "parquet", "json"), "the reader is csv, parquet or json")
    _claim(set(layout.select) <= set(COLUMNS) - {"known_on"}, "a layout fills columns of the store")
    needed = {"happened_on", "actor", "target", "code"}
    _claim(needed <= set(layout.select), f"a layout fills {', '.join(sorted(needed))}")
    _claim(set(layout.key) <= set(layout.select), "the key is made of columns that are filled")
    _claim(bool(layout.known_says), "a layout says since when its rows are known")


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
