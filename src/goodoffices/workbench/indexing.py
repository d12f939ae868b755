"""The ledger index from a store of reports: of one pair, or of all pairs into one file.

Each source has one scale, found by a published rule before any outcome is looked at.  It is kept
beside the store, so that it is found once: what comes into the store later does not move it.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis import commitments, index, reports
from goodoffices.cases.tables import tables
from goodoffices.compute import kernels
from goodoffices.domain.evidence import Facet
from goodoffices.domain.indexes import Course, IndexRow, PairIndex, Ratios, Scale, Summary
from goodoffices.domain.tables import Tables
from goodoffices.errors import ExtraMissing, NotFoundError, UsageError
from goodoffices.words import _

try:
    from goodoffices.store import grouping
    from goodoffices.store.agreed import agreed
    from goodoffices.store.store import Store
    from goodoffices.store.tables import read_actor_map
    from goodoffices.workbench.index_files import Pairs, Writer, written
    from goodoffices.workbench.index_follow import Clipped, cell
    from goodoffices.workbench.index_months import EVERY, Months, Table, checked, stops
except ImportError as _missing:
    raise ExtraMissing("events", _("a store of event data")) from _missing

__all__ = ["DRAWS", "EVERY", "Asked", "all_index", "gathered", "pair_index", "rates_of"]

DRAWS, SEED = 12, 20251125
RELIABILITY = 0.6  # of a single report (model.md A.8); a scale by the rule takes it up
MEMORY = "3GB"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a store.

    Attributes
    ----------
    source
        "" where the store holds one source only.
    start, end
        Days between which the index is shown; only what was known by `end` is read.
    scale
        None: by the rule, once, and then as kept beside the store.
    rates
        Share of the reports of a code that are wrong.
    reliability
        Of a single report of a source, where it is not the common one.
    actors
        A map of actors, as a file.
    whole
        Follow actors within a country apart.
    asymmetry
        What an act tells about intention, where the judged table shall not say it.
    """

    store: Path
    source: str = ""
    start: date | None = None
    end: date | None = None
    every: str = "month"
    scale: float | None = None
    draws: int = DRAWS
    seed: int = SEED
    rates: Mapping[str, float] | None = None
    reliability: Mapping[str, float] | None = None
    actors: Path | None = None
    whole: bool = False
    asymmetry: Ratios | None = None


@dataclass(frozen=True, kw_only=True)
class _Work:
    """A question on its way: the open store, the tables, and what the codes say."""

    asked: Asked
    found: grouping.Grouping
    tables: Tables
    told: reports.Conduct
    span: tuple[date, date]

    @property
    def correlation(self) -> float:
        return self.tables.defaults["report_correlation"].value

    def evidence(self, days: Table, pair: NDArray[np.int32]) -> reports.Evidence:
        """Turn grouped reports into rows of the ledger."""
        mass = days["mass"].astype(np.int64)
        grouped = reports.Grouped(
            pair,
            days["kind"].astype(np.int16),
            days["day"],
            days["before"].astype(np.int64),
            mass,
            days["standing"] / (mass * float(grouping.THOUSANDTHS)),
            days["late"] / mass,
            days["events"].astype(np.int32),
        )
        middle = index.settings(self.tables, 1.0, 0, self.asked.seed)
        trusted = (self.asked.reliability or {}).get(self.found.source, RELIABILITY)
        return reports.evidence(grouped, self.told, middle.half_life[0], self.correlation, trusted)


@contextmanager
def _opened(asked: Asked) -> Iterator[_Work]:
    checked(asked.every)
    known = index.under(tables(), asked.asymmetry)
    told = reports.conduct(known.kinds)
    with Store.open(asked.store, memory=MEMORY) as store:
        found = grouping.Grouping(
            store,
            _source(store, asked),
            as_of=asked.end,
            told={name: k for k, name in enumerate(told.names)},
            stands=reports.standing(asked.rates or {}, asked.rates or {}),
            parts=reports.parts(known.defaults["report_correlation"].value),
            rules=read_actor_map(asked.actors) if asked.actors else (),
            whole=asked.whole,
        )
        span = found.span()
        if span is None:
            said = _("{store}: no report of {source} was known by {day}")
            day = asked.end or _("today")
            raise NotFoundError(said.format(store=asked.store, source=found.source, day=day))
        yield _Work(asked=asked, found=found, tables=known, told=told, span=span)


def _source(store: Store, asked: Asked) -> str:
    names = grouping.sources(store)
    if asked.source in names:
        return asked.source
    if len(names) == 1 and not asked.source:
        return names[0]
    said = _("{store} holds reports of {names}: name one with --source, for levels of two are never mixed")
    raise UsageError(said.format(store=asked.store, names=", ".join(names) or _("nobody")))


def _stops(work: _Work) -> list[date]:
    """The days at which the index is shown."""
    return stops(work.asked.start or work.span[0], work.asked.end or work.span[1], work.asked.every)


# -- scale -----------------------------------------------------------------------------------------


def _scale(work: _Work, months: Months | None = None) -> Scale:
    source, asked = work.found.source, work.asked
    if asked.scale is not None:
        return Scale(source=source, value=asked.scale, by="given")
    known = f"scale of {source}" + (", actors apart" if asked.whole else "")
    known += ", asymmetry of conduct" if asked.asymmetry else ""
    kept = work.found.kept.get(known)
    if kept:
        return Scale(source=source, value=float(kept), by="kept")
    value = _whole_scale(work, months)
    work.found.kept.put(known, value)
    return Scale(source=source, value=value, by="rule")


def _whole_scale(work: _Work, months: Months | None) -> float:
    """Find the scale from all that the store holds: it must not hang on which question came first."""
    plain = replace(work.asked, start=None, end=None, rates=None, actors=None)
    if plain == replace(work.asked, start=None):
        return _found(work, months or _months(work))
    with _opened(plain) as whole:
        return _found(whole, _months(whole))


def _months(work: _Work) -> Months:
    return Months(work.found, work.span, lambda days: work.evidence(days, days["pair"]))


def _found(work: _Work, months: Months) -> float:
    middle = index.sized(index.settings(work.tables, 1.0, 0, work.asked.seed), index.GRID)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = index.all_pairs(kernels.stream(), months.until(months.ends()), middle, months.pairs, pool)
        return index.scale_of(told)


# -- all pairs -------------------------------------------------------------------------------------


@contextmanager
def gathered(asked: Asked) -> Iterator[tuple[_Work, Months, Summary]]:
    """Open a store and gather the evidence of all its pairs, with what can be said of it beforehand."""
    with _opened(asked) as work:
        months = _months(work)
        yield work, months, _summary(work, _scale(work, months), months.reports, months.pairs, Clipped())


def all_index(asked: Asked, out: Path) -> Summary:
    """Write the index of all ordered pairs into a file: Parquet, CSV, or GraphML of the last day.

    One row a pair, facet and day, from the first event of that facet on.
    """
    with written(out) as writer, gathered(asked) as (work, months, made):
        given = index.settings(work.tables, made.scale.value, asked.draws, asked.seed)
        at = [day.toordinal() for day in _stops(work)]
        clipped, pairs = Clipped(), months.named()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            before = np.zeros((months.pairs, len(index.FACETS)))
            for levels in index.all_pairs(kernels.stream(), months.until(at), given, months.pairs, pool):
                clipped.see(levels.level, levels.active)
                before = _write(writer, work.found.source, pairs, levels, before)
        return replace(made, clip=clipped.told(), rows=writer.rows)


def _write(
    writer: Writer, source: str, pairs: Pairs, levels: index.Levels, before: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Write one day of all pairs, facet by facet; gives the levels with which the next is compared."""
    party, truster, trustee = pairs
    for k, facet in enumerate(index.FACETS):
        rows = cell(levels, before, k)
        columns = {**rows._asdict(), "rank": index.ranks(rows.median, rows.active)}
        sides = party, truster[rows.pair], trustee[rows.pair]
        writer.write(source, sides, tuple(Facet)[facet].value, levels.day, columns)
    return np.asarray(levels.level[0])


def _summary(work: _Work, scale: Scale, counted: int, pairs: int, clipped: Clipped | None) -> Summary:
    whole = work.found.counted(counted) if clipped else None
    return Summary(
        store=str(work.asked.store),
        source=work.found.source,
        as_of=work.asked.end or work.span[1],
        scale=scale,
        draws=work.asked.draws,
        seed=work.asked.seed,
        reports=whole.reports if whole else counted,
        counted=counted,
        left_out=dict(whole.left_out) if whole else {},
        pairs=pairs,
        clip=clipped.told() if clipped else (),
        asymmetry=work.asked.asymmetry,
        known=work.found.known_rule,
    )


# -- one pair --------------------------------------------------------------------------------------


def pair_index(asked: Asked, truster: str, trustee: str) -> PairIndex:
    """Give the index of one pair over time, the acts behind it, and how words and deeds agree.

    Raises
    ------
    NotFoundError
        If no report names one of the two, or none is of the pair.
    """
    with _opened(asked) as work:
        scale = _scale(work)
        days = work.found.pair(truster, trustee)
        mine = (days["truster"] == work.found.number(truster)) & (
            days["trustee"] == work.found.number(trustee)
        )
        days = {name: column[mine] for name, column in days.items()}
        rows = work.evidence(days, np.zeros(len(days["day"]), np.int32))
        stops = _stops(work)
        given = index.settings(work.tables, scale.value, asked.draws, asked.seed)
        at = np.array([day.toordinal() for day in stops], np.int32)
        level = index.one_pair(rows, given, at)
        clipped = Clipped()
        clipped.see(level, _active(rows, at))
        made = _summary(work, scale, int(days["reports"].sum()), 1, None)
        return PairIndex(
            summary=replace(made, clip=clipped.told(), rows=level.shape[1]),
            truster=truster,
            trustee=trustee,
            rows=tuple(_rows((truster, trustee), stops, level, _events(rows, at))),
            sweep=tuple(_sweep(level)),
            words=_words(work, days, at[-1], (truster, trustee)),
            acts=tuple(_acts(work, days)),
        )


def _active(rows: reports.Evidence, at: NDArray[np.int32]) -> NDArray[np.bool_]:
    until, before = (
        _events(rows, at - back)[:, index.FACETS.index(index.INTENTION)] for back in (0, index.YEAR_OF_DAYS)
    )
    return np.asarray(until - before >= index.ACTIVE)


def _events(rows: reports.Evidence, at: NDArray[np.int32]) -> NDArray[np.int64]:
    """Events by the end of each day and on each facet; shape (day, 3)."""
    found = []
    for facet in index.FACETS:
        mine = rows.facet == facet
        whole = np.concatenate([[0], np.cumsum(rows.events[mine])])
        found.append(whole[np.searchsorted(rows.day[mine], at, side="right")])
    return np.array(found).T


def _rows(
    pair: tuple[str, str], stops: Sequence[date], level: NDArray[np.float64], events: NDArray[np.int64]
) -> Iterable[IndexRow]:
    shown, change = index.figures(level), np.diff(level[0], axis=0, prepend=0.0)
    for k, facet in enumerate(index.FACETS):
        for row, day in enumerate(stops):
            if events[row, k]:
                yield IndexRow(
                    truster=pair[0],
                    trustee=pair[1],
                    facet=tuple(Facet)[facet].value,
                    date=day,
                    median=float(shown.median[row, k]),
                    lo=float(shown.lo[row, k]),
                    hi=float(shown.hi[row, k]),
                    n=int(events[row, k]),
                    change=float(change[row, k]),
                )


def _sweep(level: NDArray[np.float64]) -> Iterable[Course]:
    for k, facet in enumerate(index.FACETS):
        for factor, one in zip(index.SWEEP, level[: len(index.SWEEP), :, k], strict=True):
            shown = index.figures(one[None]).median
            yield Course(facet=tuple(Facet)[facet].value, factor=factor, median=tuple(shown.tolist()))


def _acts(work: _Work, days: Table) -> Iterable[tuple[date, str, int, int]]:
    for day, kind, events in zip(
        days["day"].tolist(), days["kind"].tolist(), days["events"].tolist(), strict=True
    ):
        name = work.told.names[kind]
        yield date.fromordinal(day), name, work.tables.kinds[name].sign, events


def _words(work: _Work, days: Table, today: int, pair: tuple[str, str]) -> tuple[dict[str, Any], ...]:
    """Count how words ended: those of which the source tells, and agreements of any source of the store."""
    told = [(int(d), work.told.names[k]) for d, k in zip(days["day"], days["kind"].tolist(), strict=True)]
    known, asked = date.fromordinal(int(today)), work.asked
    rules = read_actor_map(asked.actors) if asked.actors else ()
    told += [
        (day, "signed_agreement")
        for day in agreed(work.found.store, pair, known, rules=rules, whole=asked.whole)
    ]
    return tuple(
        {
            **asdict(one),
            "share": one.share,
            "window": round(commitments.WINDOWS[one.word] * factor),
            "factor": factor,
        }
        for factor, counts in commitments.swept(told, int(today)).items()
        for one in counts
    )


def rates_of(file: Path) -> dict[str, float]:
    """Read false positives by code: a CSV with `code,rate`, or a checked report a row, `code,right`.

    Raises
    ------
    UsageError
        If the file is neither.
    """
    import csv  # noqa: PLC0415 - read here only

    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
        if rows and "right" in rows[0]:
            return reports.false_positives([(row["code"], row["right"] == "yes") for row in rows])
        return {row["code"]: float(row["rate"]) for row in rows}
    except (OSError, UnicodeDecodeError, KeyError, ValueError, TypeError):
        said = _("{file}: give the columns code,rate, or code,right with yes or no")
        raise UsageError(said.format(file=file)) from None


@contextmanager
def measured(asked: Asked) -> Iterator[tuple[_Work, Scale]]:
    """Open a store for further questions: what is asked of it, and the scale of its source."""
    with _opened(asked) as work:
        yield work, _scale(work)
