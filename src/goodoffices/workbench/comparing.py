"""What moved between two readings, by how much, and which change did it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from goodoffices.cases.changes import change_line
from goodoffices.domain.case import Case, Change
from goodoffices.domain.readings import DealReading, Quantity, Reading, TrustReading
from goodoffices.errors import CaseError

__all__ = ["Because", "Compared", "Difference", "differences", "only", "without"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that differs between two readings.

    Attributes
    ----------
    kind
        "verdict", "sign", "lasts" (not abandoned, if signed), "signed_and_lasts", "threshold", "keep",
        "gap" or "trust".
    about
        Ids of what it is a figure of: a text, a text and a decision-maker, or truster, trustee, facet.
    years
        1, 5 or 10 for an index of lasting; 0 otherwise.
    before, after
        None where the figure is not there.
    by
        After less before; None where one of the two is not there.
    said
        What a verdict was and is, as the reading has it; empty where there was or is none.
    """

    kind: str
    about: tuple[str, ...]
    years: int = 0
    before: Quantity | None = None
    after: Quantity | None = None
    by: float | None = None
    said: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """What one change does: the figures that it moves, given all the others of its branch.

    Attributes
    ----------
    side
        "one" or "other": which of the two has this change.
    moves
        On the way from `one` to `other`: for a change that only `one` has, what leaving it out does.
    along
        Ids of changes that rest on it and were left out with it.
    """

    side: str
    change: str
    op: str
    target: str
    says: str
    moves: tuple[Difference, ...]
    along: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two versions of a case on a day: what differs from `one` to `other`, and which changes do it.

    `unsaid` is how many changes were too many to be looked at one by one.
    """

    one: str
    other: str
    at: date
    moved: tuple[Difference, ...]
    because: tuple[Because, ...]
    unsaid: int = 0


_Key = tuple[str, tuple[str, ...], int]  # kind, about, years


def _of_text(deal: DealReading) -> Iterator[tuple[_Key, Quantity]]:
    if deal.sign is not None:
        sign = deal.sign
        yield ("sign", (deal.id,), 0), Quantity(median=sign.median, lo=sign.lo, hi=sign.hi)
    for kind, lasts in (("lasts", deal.lasts_if_signed), ("signed_and_lasts", deal.signed_and_lasts)):
        if lasts is not None:
            for years in (1, 5, 10):
                yield (kind, (deal.id,), years), getattr(lasts.not_abandoned, f"y{years}")
    for row in deal.decision_makers:
        for kind in ("threshold", "keep", "gap"):
            yield (kind, (deal.id, row.id), 0), getattr(row, kind)


def _of_trust(row: TrustReading) -> Iterator[tuple[_Key, Quantity]]:
    if row.median is not None and row.lo is not None and row.hi is not None:
        about = (row.truster, row.trustee, row.facet)
        yield ("trust", about, 0), Quantity(median=row.median, lo=row.lo, hi=row.hi)


def _figures(reading: Reading) -> dict[_Key, Quantity]:
    texts = (pair for deal in reading.deals for pair in _of_text(deal))
    return dict((*texts, *(pair for row in reading.trust for pair in _of_trust(row))))


def _verdicts(reading: Reading) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {(deal.id,): deal.verdict for deal in reading.deals}
    for deal in reading.deals:
        found |= {(deal.id, row.id): row.verdict for row in deal.decision_makers}
    return found


def _turned(before: Reading, after: Reading) -> Iterator[Difference]:
    old, new = _verdicts(before), _verdicts(after)
    for about in dict.fromkeys((*old, *new)):
        said = (old.get(about, ""), new.get(about, ""))
        if said[0] != said[1]:
            yield Difference(kind="verdict", about=about, said=said)


def _shifted(before: Reading, after: Reading) -> Iterator[Difference]:
    old, new = _figures(before), _figures(after)
    for key in dict.fromkeys((*old, *new)):
        one, two = old.get(key), new.get(key)
        if one != two:
            by = two.median - one.median if one and two else None
            kind, about, years = key
            yield Difference(kind=kind, about=about, years=years, before=one, after=two, by=by)


def differences(before: Reading, after: Reading) -> tuple[Difference, ...]:
    """Give what differs: verdicts, then how each text stands and lasts, then the rest; the largest first."""
    return tuple(sorted((*_turned(before, after), *_shifted(before, after)), key=_place))


_FIRST = {"verdict": 0, "sign": 1, "lasts": 1, "signed_and_lasts": 1}


def _place(one: Difference) -> tuple[int, float]:
    return _FIRST.get(one.kind, 2), -abs(one.by if one.by is not None else 1.0)


# -- which changes make the difference ------------------------------------------------------------


def only(changes: Iterable[Change], others: Iterable[Change]) -> list[Change]:
    """Give the changes that others do not have, whoever made them and when."""
    known = {_what(change) for change in others}
    return [change for change in changes if _what(change) not in known]


def _what(change: Change) -> str:
    return change_line(replace(change, id="", author="", at="", reason=""))


def without(case: Case, changes: Iterable[Change], out: Change) -> tuple[list[Change], tuple[str, ...]]:
    """Give the changes but one and what rests on it, and the ids of what rests on it."""
    kept, along = [], []
    for change in changes:
        if change.id == out.id:
            continue
        try:
            case = case.with_changes([change])
        except CaseError:
            along.append(change.id)
        else:
            kept.append(change)
    return kept, tuple(along)
