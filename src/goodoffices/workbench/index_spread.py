"""The index of all pairs, partition by partition: here or on a cluster, from and to any place.

What comes out is what the file of all pairs holds, row by row and bit by bit; only the order of rows
goes by partition.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

from goodoffices.analysis import index
from goodoffices.cases.tables import tables
from goodoffices.compute.steps import Runner, Steps, runner
from goodoffices.domain.indexes import Scale, Summary
from goodoffices.errors import ExtraMissing, UsageError
from goodoffices.words import _

try:
    from goodoffices.workbench.index_files import Tables, tables_written
    from goodoffices.workbench.index_follow import Clipped, Done, How, file_name, follow, ladder, ranked
    from goodoffices.workbench.index_months import checked, stops
    from goodoffices.workbench.index_partitions import Laid, laid_down, laid_earlier
    from goodoffices.workbench.index_places import Place, is_place
    from goodoffices.workbench.indexing import DRAWS, SEED, Asked
except ImportError as _missing:
    raise ExtraMissing("events", _("a store of event data")) from _missing

__all__ = ["LIST", "View", "index_of_partitions", "spread_index"]

LIST = "_index.json"
SOURCES = (
    "analysis/index.py",
    "workbench/index_evidence.py",
    "workbench/index_files.py",
    "workbench/index_follow.py",
)  # on which the figures hang, beside `core`


@dataclass(frozen=True, kw_only=True)
class View:
    """What is asked of partitions: as in `Asked`; without a scale, that which they were laid down with."""

    start: date | None = None
    every: str = "month"
    scale: float | None = None
    draws: int = DRAWS
    seed: int = SEED


def spread_index(asked: Asked, out: str, *, on: str = "", partitions: str = "") -> Summary:
    """Divide a store into partitions, and write the index of all ordered pairs.

    Parameters
    ----------
    out
        A file that ends in .parquet or .csv; or a place for one Parquet file a partition: a URL, or a
        path with a slash at its end.
    on
        As `compute.steps.runner` takes it.
    partitions
        Where they are laid down, to be followed again; "" where they are handed over and not kept.

    Raises
    ------
    UsageError
        If a place is not empty, or cannot be reached by all that work on it.
    """
    view = View(start=asked.start, every=asked.every, draws=asked.draws, seed=asked.seed)
    place = Place(partitions) if partitions else None
    return _index(lambda: laid_down(asked, place), place, view, out, on)


def index_of_partitions(partitions: str, out: str, view: View, *, on: str = "") -> Summary:
    """Write the index of all ordered pairs from partitions that were laid down earlier."""
    place = Place(partitions)
    return _index(lambda: laid_earlier(place), place, view, out, on)


def _index(lay: Callable[[], Laid], place: Place | None, view: View, out: str, on: str) -> Summary:
    """See first that all is there that will be needed, then lay down partitions, then follow them."""
    checked(view.every)
    target = Place(out) if is_place(out) else None
    for one in (place, target):
        if on and one is not None and not one.shared:
            said = _("{url}: lies in the memory of one process; name a place that every machine can reach")
            raise UsageError(said.format(url=one.url))
    with _folder(target) if target else _file(Path(out)) as into, runner(on) as cluster:
        laid = lay()
        told = _asked_for(laid.told, view)
        days = stops(view.start or laid.first, told.as_of, view.every)
        how = How(
            told.source,
            tuple(day.toordinal() for day in days),
            index.settings(index.under(tables(), told.asymmetry), told.scale.value, view.draws, view.seed),
            cluster.threads,
        )
        return _followed(cluster, laid, how, told, into)


def _asked_for(told: Summary, view: View) -> Summary:
    if view.scale is not None:
        told = replace(told, scale=Scale(source=told.source, value=view.scale, by="given"))
    return replace(told, draws=view.draws, seed=view.seed)


def _followed(cluster: Runner, laid: Laid, how: How, told: Summary, into: "_Into") -> Summary:
    clipped, rows = Clipped(), 0
    into.begin([file_name(partition.number) for partition in laid.partitions])
    steps = Steps(partial(follow, how), ladder, partial(ranked, how, into.url), SOURCES)
    for done in cluster.results(laid.partitions, steps):
        clipped.add(done.at_clip, done.clip_active)
        rows += done.rows
        into.take(done)
    told = replace(told, clip=clipped.told(), rows=rows)
    into.end(told)
    return told


class _Into(Protocol):
    """Where rows go; `url` is "" where they come back to be written here."""

    url: str

    def begin(self, files: list[str]) -> None: ...

    def take(self, done: Done) -> None: ...

    def end(self, told: Summary) -> None: ...


class _File:
    """One file, the rows of one partition after those of the other."""

    url = ""

    def __init__(self, writer: Tables) -> None:
        self._writer = writer

    def begin(self, files: list[str]) -> None: ...

    def take(self, done: Done) -> None:
        self._writer.add(done.table)

    def end(self, told: Summary) -> None: ...


@contextmanager
def _file(path: Path) -> Iterator[_File]:
    with tables_written(path) as writer:
        yield _File(writer)


class _Folder:
    """A place into which each partition is written where it is followed; its list comes last."""

    def __init__(self, place: Place, files: list[str]) -> None:
        self.url, self._place, self._files = place.url, place, files

    def begin(self, files: list[str]) -> None:
        self._files.extend(files)

    def take(self, done: Done) -> None: ...

    def end(self, told: Summary) -> None:
        lost = set(self._files) - self._place.names()
        if lost:
            said = _(
                "{url}: {n} files were written where they cannot be seen from here; name a place that "
                "every machine at work can reach"
            )
            raise UsageError(said.format(url=self.url, n=len(lost)))
        self._place.put_list(LIST, {**told.to_dict(), "files": self._files})


@contextmanager
def _folder(place: Place) -> Iterator[_Folder]:
    with place.begun() as files:
        yield _Folder(place, files)
