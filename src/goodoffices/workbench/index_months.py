"""Evidence of all pairs of a source in order of time, and the days at which the index is shown."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis.reports import Evidence
from goodoffices.errors import UsageError
from goodoffices.store.grouping import Grouping
from goodoffices.words import _

__all__ = ["EVERY", "Months", "Table", "checked", "cut", "joined", "stops"]

EVERY = ("day", "week", "month", "quarter", "year")
PORTION = 2_000_000  # reports that are grouped at once

Table = dict[str, NDArray[Any]]


def checked(every: str) -> str:
    """Give a span of time back if there is one of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    if every not in EVERY:
        said = _('every: found "{found}"; use {names}')
        raise UsageError(said.format(found=every, names=", ".join(EVERY)))
    return every


def _next(day: date, every: str) -> date:
    """Give the first day of the next span of time."""
    if every == "day":
        return day + timedelta(days=1)
    if every == "week":
        return day + timedelta(days=7 - day.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}[every]
    at = (day.year * 12 + day.month - 1) // months * months + months
    return date(at // 12, at % 12 + 1, 1)


def stops(first: date, last: date, every: str) -> list[date]:
    """Give the last day of each span of time, and the last day of all."""
    found: list[date] = []
    day = first
    while day <= last:
        day = _next(day, every)
        found.append(min(day - timedelta(days=1), last))
    return found


def joined(some: Sequence[Evidence]) -> Evidence:
    """Put evidence together, in the order in which it is given."""
    if len(some) == 1:
        return some[0]
    return Evidence._make(np.concatenate(columns) for columns in zip(*some, strict=True))


def cut(rows: Evidence, first: int, after: int | None = None) -> Evidence:
    """Give some rows in a row."""
    return Evidence._make(column[first:after] for column in rows)


class Months:
    """Evidence of all pairs, some whole months at a time: grouped when first gone through, then kept.

    Parameters
    ----------
    evidence
        Turns days of numbered pairs into rows of the ledger.
    """

    def __init__(
        self, found: Grouping, span: tuple[date, date], evidence: Callable[[Table], Evidence]
    ) -> None:
        self.parties, self.reports, self._span, self._evidence = found.parties, 0, span, evidence
        size = len(found.parties)
        self.number = np.full(size * size, -1, np.int32)
        self.keys: list[int] = []
        self._held: list[tuple[date, Table]] = []
        spans = found.portions(PORTION)
        with ThreadPoolExecutor(1) as asking:  # the store is asked for the next while one is arranged
            coming = asking.map(lambda span: found.between(*span), spans)
            for (_first, after), days in zip(spans, coming, strict=True):
                self._held.append((after, self._numbered(found.arranged(days), size)))

    def _numbered(self, days: Table, size: int) -> Table:
        """Number pairs in the order in which they come up."""
        key = days.pop("truster").astype(np.int64) * size + days.pop("trustee")
        new = np.unique(key[self.number[key] < 0])
        self.number[new] = np.arange(len(self.keys), len(self.keys) + len(new))
        self.keys += new.tolist()
        self.reports += int(days.pop("reports").sum())
        thin = {"kind": np.int16, "mass": np.int32, "standing": np.int64, "late": np.int32}
        thin |= {"before": np.int32, "events": np.int32}
        return {"pair": self.number[key], **{name: days[name].astype(kind) for name, kind in thin.items()},
                "day": days["day"]}  # fmt: skip

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return len(self.keys)

    def named(self) -> tuple[Sequence[str], NDArray[np.int64], NDArray[np.int64]]:
        """Give the names of all parties, and the numbers of the truster and trustee of each pair."""
        keys = np.array(self.keys, np.int64)
        return self.parties, keys // len(self.parties), keys % len(self.parties)

    def ends(self) -> list[int]:
        """Give the last days of all months."""
        day, last = self._span
        found = []
        while day <= last:
            day = _next(day, "month")
            found.append(day.toordinal() - 1)
        return found

    def portions(self) -> Iterator[Evidence]:
        """Give all evidence in order of time, some months at a time."""
        return (self._evidence(days) for _after, days in self._held)

    def until(self, stops: Sequence[int]) -> Iterator[tuple[int, Evidence]]:
        """Give the evidence up to each of some days."""
        waiting = list(reversed(stops))
        rest: list[Evidence] = []
        for (after, _days), portion in zip(self._held, self.portions(), strict=True):
            rows = joined([*rest, portion])
            done = 0
            while waiting and waiting[-1] < after.toordinal():
                stop = waiting.pop()
                end = int(np.searchsorted(rows.day, stop, side="right"))
                yield stop, cut(rows, done, end)
                done = end
            rest = [cut(rows, done)]
        while waiting:
            yield waiting.pop(), rest[0]
            rest = [cut(rest[0], 0, 0)]
