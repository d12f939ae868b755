"""Partitions of a source: its pairs with all their evidence, divided so that each can be followed alone.

Pairs are numbered as they come up in the store and dealt out in turn over a fixed number of
partitions, which hangs on nothing but how many pairs there are.  A place that holds partitions holds
one Parquet file of each, and a list that says of which source they are, as known by which day, and on
which scale.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from goodoffices.analysis.reports import Evidence
from goodoffices.domain.indexes import Ratios, Scale, Summary
from goodoffices.errors import UsageError
from goodoffices.words import _
from goodoffices.workbench.index_evidence import packed_evidence
from goodoffices.workbench.index_follow import Partition, file_name
from goodoffices.workbench.index_months import Months, joined
from goodoffices.workbench.index_places import Place
from goodoffices.workbench.indexing import Asked, gathered

__all__ = ["LIST", "PARTITIONS", "Laid", "laid_down", "laid_earlier"]

PARTITIONS = 64  # at most; fixed, so that no result hangs on how many workers there are
LIST = "_partitions.json"
_FORM = 1  # of the list
_OPEN = ("draws", "seed", "clip", "rows", "label", "calibrated")  # not settled until pairs are followed


@dataclass(frozen=True, kw_only=True)
class Laid:
    """Partitions, what is known of their source without following it, and its first day."""

    told: Summary
    first: date
    partitions: tuple[Partition, ...]


def _dealt(months: Months) -> list[Evidence]:
    """Deal pairs out in turn; evidence stays in order of time."""
    n = max(1, min(PARTITIONS, months.pairs))
    hands: list[list[Evidence]] = [[] for _hand in range(n)]
    for rows in months.portions():
        hand = (rows.pair % n).astype(np.uint8)
        order = np.argsort(hand, kind="stable")
        ends = np.cumsum(np.bincount(hand, minlength=n))
        for k, mine in enumerate(np.split(order, ends[:-1])):
            hands[k].append(Evidence._make(column[mine] for column in rows))
    return [joined(some) for some in hands]


def laid_down(asked: Asked, place: Place | None) -> Laid:
    """Divide the source of a store into partitions, at a place or, without one, in memory.

    Raises
    ------
    UsageError
        If the place is not empty.
    """
    if place is not None and LIST in place.names():
        said = _("{url}: holds partitions already; leave out --store to follow them, or name another place")
        raise UsageError(said.format(url=place.url))
    with gathered(asked) as (work, months, told):
        first, pairs = work.span[0], months.named()
        packed = (packed_evidence(pairs, rows) for rows in _dealt(months))
        if place is None:
            some = tuple(Partition(number, data) for number, data in enumerate(packed))
            return Laid(told=told, first=first, partitions=some)
        with place.begun() as made:
            for number, data in enumerate(packed):
                made.append(file_name(number))
                place.write(made[-1], data)
            place.put_list(LIST, _listed(told, first, made))
            return Laid(told=told, first=first, partitions=_at(place, made))


def _at(place: Place, files: list[str]) -> tuple[Partition, ...]:
    return tuple(Partition(number, place.at(name)) for number, name in enumerate(files))


def _listed(told: Summary, first: date, files: list[str]) -> dict[str, Any]:
    settled = {name: value for name, value in asdict(told).items() if name not in _OPEN}
    days = {"first": first.isoformat(), "as_of": told.as_of.isoformat()}
    return {"form": _FORM, **settled, **days, "files": list(files)}


def laid_earlier(place: Place) -> Laid:
    """Give the partitions that lie at a place.

    Raises
    ------
    UsageError
        If none do.
    """
    found = place.get_list(LIST)
    try:
        first, as_of = (date.fromisoformat(found.pop(name)) for name in ("first", "as_of"))
        form, files = found.pop("form"), [str(name) for name in found.pop("files")]
        scale, ratios = Scale(**found.pop("scale")), found.pop("asymmetry", None)
        told = Summary(**found, as_of=as_of, scale=scale, draws=0, seed=0, clip=())
        told = replace(told, asymmetry=Ratios(**ratios) if ratios else None)
    except (KeyError, TypeError, ValueError, AttributeError):
        form = None
    if form != _FORM:
        said = _("{url}: is no list of partitions that this version reads")
        raise UsageError(said.format(url=place.at(LIST)))
    return Laid(told=told, first=first, partitions=_at(place, files))
