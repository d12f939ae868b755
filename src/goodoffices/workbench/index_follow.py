"""Follow the pairs of one partition, and give each its rank among all pairs of the source.

A rank needs the pairs of all partitions, so there are two steps with one between them: the pairs of
each partition are followed, the medians of all active pairs are put on one ladder for each day and
facet, and each row finds its place on it.  Every figure of a pair is found as it is for the file of
all pairs, so that it is the same to the last bit.

Nothing here knows a store, and all that is given and found can be sent to another machine.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis import index
from goodoffices.analysis.reports import Evidence
from goodoffices.compute import kernels
from goodoffices.domain.evidence import Facet
from goodoffices.domain.indexes import Clip
from goodoffices.workbench import index_evidence, index_files, index_places
from goodoffices.workbench.index_files import Pairs

__all__ = [
    "Block",
    "Cell",
    "Clipped",
    "Done",
    "How",
    "Ladder",
    "Partition",
    "cell",
    "file_name",
    "follow",
    "ladder",
    "ranked",
]

Floats = NDArray[np.float64]
NAMES = [tuple(Facet)[facet].value for facet in index.FACETS]


class Clipped:
    """Counts active pair-dates at the clip as they go by."""

    def __init__(self) -> None:
        self.at, self.active = np.zeros(len(index.SWEEP), np.int64), 0

    def see(self, level: Floats, active: NDArray[np.bool_]) -> None:
        """Count the pairs of one day."""
        self.add(*index.at_clip(level, active))

    def add(self, at: NDArray[np.int64], active: int) -> None:
        """Take in what was counted elsewhere."""
        self.at += at
        self.active += active

    def told(self) -> tuple[Clip, ...]:
        """Give the counts for each scale of the sweep."""
        return tuple(
            Clip(factor=factor, at_clip=int(at), active=self.active)
            for factor, at in zip(index.SWEEP, self.at, strict=True)
        )


class Cell(NamedTuple):
    """The pairs of one day that had an event on a facet by then; arrays of shape (row,)."""

    pair: NDArray[Any]
    median: Floats
    lo: Floats
    hi: Floats
    n: NDArray[np.int64]
    change: Floats
    active: NDArray[np.bool_]


def cell(levels: index.Levels, before: Floats, k: int) -> Cell:
    """Give the figures of the facet that is the k-th of `index.FACETS`.

    Parameters
    ----------
    before
        Middle levels on the day shown before, shape (pair, 3).
    """
    pair = np.flatnonzero(levels.events[:, k])
    shown = index.figures(levels.level[:, pair, k])
    change = levels.level[0, pair, k] - before[pair, k]
    return Cell(pair, *shown, levels.events[pair, k], change, levels.active[pair])


class How(NamedTuple):
    """How a partition is followed; `stops` are the days shown, `threads` how many it may use."""

    source: str
    stops: tuple[int, ...]
    given: index.Settings
    threads: int


class Partition(NamedTuple):
    """Some pairs with all their evidence: a Parquet file, by its bytes or by its URL."""

    number: int
    at: bytes | str


class Block(NamedTuple):
    """All rows of one partition but for their ranks, day by day and facet by facet.

    Attributes
    ----------
    many
        Rows of each day and facet, shape (day, 3).
    rows
        All of them, one after the other.
    at_clip, clip_active
        Active pair-dates at the clip for each scale of the sweep, and active pair-dates.
    """

    number: int
    pairs: Pairs
    many: NDArray[np.int64]
    rows: Cell
    at_clip: NDArray[np.int64]
    clip_active: int


class Ladder(NamedTuple):
    """Medians of active pairs, lowest first within each day and facet; `many` as in `Block`."""

    many: NDArray[np.int64]
    median: Floats


class Done(NamedTuple):
    """What became of a partition; `table` holds its rows if they were not written anywhere."""

    rows: int
    at_clip: NDArray[np.int64]
    clip_active: int
    table: Any = None


def _until(rows: Evidence, stops: Sequence[int]) -> Iterator[tuple[int, Evidence]]:
    """Give the evidence up to each day."""
    ends = np.searchsorted(rows.day, stops, side="right").tolist()
    for stop, first, after in zip(stops, [0, *ends], ends, strict=False):
        yield stop, Evidence._make(column[first:after] for column in rows)


def _thin(rows: Cell) -> Cell:
    """Keep as many digits as will be written; medians stay whole until they are ranked."""
    short = {name: getattr(rows, name).astype(np.float32) for name in ("lo", "hi", "change")}
    return rows._replace(pair=rows.pair.astype(np.int32), **short)


def follow(how: How, partition: Partition) -> tuple[Block, Ladder]:
    """Follow the pairs of one partition; gives their rows, and what the rows of all are ranked by.

    Raises
    ------
    UsageError
        If the file cannot be read, or is not what a partition is.
    """
    pairs, rows = index_evidence.read(partition.at)
    clipped, cells, n = Clipped(), [], len(pairs[1])
    before = np.zeros((n, len(index.FACETS)))
    with ThreadPoolExecutor(how.threads) as pool:
        for levels in index.all_pairs(kernels.stream(), _until(rows, how.stops), how.given, n, pool):
            clipped.see(levels.level, levels.active)
            cells += [_thin(cell(levels, before, k)) for k in range(len(index.FACETS))]
            before = levels.level[0]
    whole = Cell._make(np.concatenate(columns) for columns in zip(*cells, strict=True))
    many = _shaped([len(one.pair) for one in cells])
    active = Ladder(_shaped([int(one.active.sum()) for one in cells]), whole.median[whole.active])
    return Block(partition.number, pairs, many, whole, clipped.at, clipped.active), ladder(active)


def _shaped(many: Sequence[int]) -> NDArray[np.int64]:
    return np.array(many, np.int64).reshape(-1, len(index.FACETS))


def ladder(*some: Ladder) -> Ladder:
    """Put the medians of several together, in order within each day and facet."""
    place = np.concatenate([np.repeat(np.arange(one.many.size), one.many.ravel()) for one in some])
    median = np.concatenate([one.median for one in some])
    many = np.sum([one.many for one in some], axis=0)
    return Ladder(many, median[np.lexsort((median, place))])


def _ranks(block: Block, among: Ladder) -> Floats:
    found = np.full(len(block.rows.pair), np.nan)
    rows, rungs = (np.append(0, np.cumsum(one.many)) for one in (block, among))
    for k in range(block.many.size):
        mine = slice(rows[k], rows[k + 1])
        there = block.rows.active[mine]
        ordered = among.median[rungs[k] : rungs[k + 1]]
        found[mine][there] = index.rank_among(block.rows.median[mine][there], ordered)
    return found


def file_name(number: int) -> str:
    """Give the name of the file of a partition."""
    return f"part-{number:05}.parquet"


def ranked(how: How, to: str, block: Block, among: Ladder) -> Done:
    """Give the rows of one partition their ranks, and write them as one file at a place.

    Parameters
    ----------
    to
        "" where the rows come back as a table.
    """
    names, truster, trustee = block.pairs
    day, facet = (np.repeat(axis.ravel(), block.many.ravel()) for axis in np.indices(block.many.shape))
    table = index_files.table(
        how.source,
        (names, truster[block.rows.pair], trustee[block.rows.pair]),
        (NAMES, facet),
        np.array(how.stops)[day],
        {**block.rows._asdict(), "rank": _ranks(block, among)},
    )
    if to:
        index_places.Place(to).write(file_name(block.number), index_files.packed(table))
    return Done(table.num_rows, block.at_clip, block.clip_active, None if to else table)
