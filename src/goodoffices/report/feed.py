"""What a feed says beside the curated facts, as pages draw it: change and rank, and never a level."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from goodoffices.domain.readings import FeedAct, FeedOnce, FeedPair, FeedReading, FeedRow
from goodoffices.report.drawing import HEIGHT, WIDTH
from goodoffices.report.pair import years_of
from goodoffices.words import _, figure, number

__all__ = ["FacetFeed", "PairFeed", "ShownFeed", "drawn", "signed"]

LEAST = 0.5  # log-odds that the height of a picture stands for at least, so that noise looks like noise


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetFeed:
    """One facet of a pair: how the index moved since the first day shown, in log-odds.

    Attributes
    ----------
    line, band
        Points of the line, and of the interval around it.
    zero
        The height of no change; `high` and `low` are the ends of the picture.
    change, lo, hi
        Over the last year.
    table
        Day, change since the first day, and its ends.
    """

    facet: str
    line: str
    band: str
    zero: float
    high: str
    low: str
    years: Sequence[tuple[float, str]]
    change: str
    lo: str
    hi: str
    rank: int
    of: int
    events: int
    table: Sequence[tuple[date, str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFeed:
    """What was reported of one party's conduct (`trustee`) towards another (`truster`).

    Attributes
    ----------
    one, two
        Their names.
    untold
        Events that count once because of facts that the reader may not see.
    """

    truster: str
    trustee: str
    one: str
    two: str
    events: int
    doubles: int
    untold: int
    rows: Sequence[FacetFeed]
    acts: Sequence[FeedAct]
    once: Sequence[FeedOnce]

    def of(self, facet: str) -> FacetFeed | None:
        """What was reported on one facet, if anything."""
        return next((one for one in self.rows if one.facet == facet), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFeed:
    """A feed as a page shows it: its terms, and what it says of each pair of parties.

    Attributes
    ----------
    asks
        Kinds of conduct that count, in words; empty where all do.
    scale
        Evidence scale of the source.
    said
        Why there is nothing to show, where that is so.
    """

    label: str
    store: str
    source: str
    weight: float
    scale: str
    asks: Sequence[str]
    first: date | None
    events: int
    doubles: int
    said: str
    pairs: Sequence[PairFeed]

    @property
    def facets(self) -> list[str]:
        """The facets on which anything was reported."""
        return list(dict.fromkeys(row.facet for pair in self.pairs for row in pair.rows))

    def pair(self, truster: str, trustee: str) -> PairFeed | None:
        """What was reported of one pair of parties, if anything."""
        mine = (pair for pair in self.pairs if (pair.truster, pair.trustee) == (truster, trustee))
        return next(mine, None)


def signed(value: float) -> str:
    """Say a change in log-odds with its sign."""
    told = figure(abs(value))
    if told == figure(0.0):
        return told
    return ("+" if value > 0 else "−") + told


def _ends(rows: Sequence[FeedRow]) -> tuple[float, float]:
    """Give the lowest and highest change of a pair: all its facets are drawn on one scale."""
    low = min((min(row.course_lo, default=0.0) for row in rows), default=0.0)
    high = max((max(row.course_hi, default=0.0) for row in rows), default=0.0)
    spare = max(0.0, LEAST - (high - low)) / 2.0
    return min(low, 0.0) - spare, max(high, 0.0) + spare


def _facet(row: FeedRow, days: Sequence[date], ends: tuple[float, float]) -> FacetFeed:
    low, high = ends
    first, span = days[0].toordinal(), (days[-1] - days[0]).days or 1
    across = [round((day.toordinal() - first) / span * WIDTH, 1) for day in days]

    def points(values: Sequence[float]) -> list[str]:
        up = (round((high - value) / (high - low) * HEIGHT, 1) for value in values)
        return [f"{x},{y}" for x, y in zip(across, up, strict=True)]

    upper, lower = points(row.course_hi), points(row.course_lo)
    cells = zip(days, row.course, row.course_lo, row.course_hi, strict=True)
    return FacetFeed(
        facet=row.facet,
        line=" ".join(points(row.course)),
        band=" ".join([*upper, *reversed(lower)]),
        zero=round(high / (high - low) * HEIGHT, 1),
        high=signed(high),
        low=signed(low),
        years=years_of(days),
        change=signed(row.change),
        lo=signed(row.lo),
        hi=signed(row.hi),
        rank=row.rank,
        of=row.of,
        events=row.events,
        table=tuple((day, signed(value), signed(lo), signed(hi)) for day, value, lo, hi in cells),
    )


def _pairs(feed: FeedReading, names: Mapping[str, str]) -> Iterator[PairFeed]:
    rows: dict[tuple[str, str], list[FeedRow]] = {}
    for row in feed.rows:
        rows.setdefault((row.truster, row.trustee), []).append(row)
    for pair in feed.pairs:
        mine = rows.get((pair.truster, pair.trustee), [])
        yield _pair(pair, [_facet(row, feed.days, _ends(mine)) for row in mine], names)


def _pair(pair: FeedPair, rows: Sequence[FacetFeed], names: Mapping[str, str]) -> PairFeed:
    return PairFeed(
        truster=pair.truster,
        trustee=pair.trustee,
        one=names.get(pair.truster, pair.truster),
        two=names.get(pair.trustee, pair.trustee),
        events=pair.events,
        doubles=pair.doubles,
        untold=pair.doubles - sum(one.events for one in pair.once),
        rows=rows,
        acts=pair.acts,
        once=pair.once,
    )


def drawn(feed: FeedReading, names: Mapping[str, str]) -> ShownFeed:
    """Place what a feed says; `names` are those by which people know the parties."""
    return ShownFeed(
        label=feed.label,
        store=feed.store,
        source=feed.source,
        weight=feed.weight,
        scale="" if feed.scale is None else number(feed.scale),
        asks=tuple(_(kind.replace("_", " ")) for kind in feed.kinds),
        first=feed.days[0] if feed.days else None,
        events=feed.events,
        doubles=feed.doubles,
        said=feed.said,
        pairs=tuple(_pairs(feed, names)),
    )
