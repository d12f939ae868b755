"""Reports of a store beside the curated evidence of a case: shown apart, and weighed only if asked for.

A report within three days of a curated fact of the same pair and kind tells of that fact, and is left
out.  What is left is shown as the ledger index from reports: as change and rank, never as a level.
With a weight, each day of reports also enters the beliefs as evidence of a kind of its own: it says
nothing of integrity, makes no meeting, and is seen by the party it was done to.  Its strength is that
of the index (the source's scale, what reports are worth together) times the weight.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.analysis import reports
from goodoffices.analysis.answer import coverage
from goodoffices.analysis.compare import FacetWhy, Line
from goodoffices.analysis.compare import Path as Course
from goodoffices.analysis.runs import Run
from goodoffices.domain.case import Case, Feed
from goodoffices.domain.evidence import REPORTED as REPORT
from goodoffices.domain.evidence import Facet, Fact, Kind
from goodoffices.domain.indexes import LABEL
from goodoffices.domain.readings import FeedAct, FeedOnce, FeedPair, FeedReading, FeedRow, Reading
from goodoffices.errors import GoodOfficesError, NotFoundError, UsageError
from goodoffices.words import _

__all__ = ["NEAR", "beside", "folded", "shown", "stamp", "unmarked", "weighed"]

NEAR = 3  # days between a report and the curated fact of which it tells
YEAR = 365  # days over which change is shown
POINTS = 36  # of a course
VARIABLE = "GOODOFFICES_STORES"
Pair = tuple[str, str]
Table = dict[str, NDArray[Any]]


# -- what a case asks of a store --------------------------------------------------------------------


def beside(near: Sequence[str], name: str) -> Path | None:
    """Find a file that a case names: beside the case, among the cases, or in the folder for stores."""
    kept = os.environ.get(VARIABLE, "")
    places = (Path(folder) / name for folder in (*near, *([kept] if kept else [])))
    return next((place for place in places if place.is_file()), None)


def _where(feed: Feed) -> Path:
    """Find the store of a feed."""
    found = beside(feed.near, feed.store)
    if found:
        return found
    said = _("the store {store} of the case's feed lies neither beside the case nor in the folder {variable}")
    raise NotFoundError(said.format(store=feed.store, variable=VARIABLE))


def stamp(case: Case) -> str:
    """Give a mark that changes when a store or model does that the case looks at; empty for none."""
    asked = [(case.feed.near, case.feed.store)] if case.feed else []
    if case.conduct:
        asked += [(case.conduct.near, name) for name in (case.conduct.store, case.conduct.model) if name]
    return " ".join(_mark(near, name) for near, name in asked)


def _mark(near: Sequence[str], name: str) -> str:
    found = beside(near, name)
    try:
        state = found.stat() if found else None
    except OSError:
        state = None
    return f"{state.st_mtime_ns}:{state.st_size}" if state else "gone"


def _actors(case: Case, feed: Feed) -> dict[str, str]:
    """Give the actor of the store for each party that has one: as declared, or by its ISO code."""
    own = {party.id: party.iso3 for party in case.parties if party.iso3}
    found = {**own, **feed.actors}
    return {party.id: found[party.id] for party in case.parties if found.get(party.id)}


def _told(case: Case, pair: Pair) -> dict[str, list[tuple[int, str]]]:
    """Give the days and names of curated facts of a pair by kind."""
    of = {dm.id: dm.party for dm in case.decision_makers} | {
        dm.office: dm.party for dm in case.decision_makers
    }
    days: dict[str, list[tuple[int, str]]] = {}
    for fact in case.facts:
        toward = {of.get(name, name) for name in fact.towards}
        if of.get(fact.actor, fact.actor) == pair[1] and pair[0] in toward:
            days.setdefault(fact.kind, []).append((fact.happened_on.toordinal(), fact.id))
    return days


def _happened(days: Table) -> NDArray[np.int64]:
    """Give the day on which the events of each row happened, in the mean."""
    return np.asarray(days["day"] - np.rint(days["late"] / days["mass"]).astype(np.int64))


def _tells(days: Table, names: Sequence[str], told: Mapping[str, list[tuple[int, str]]]) -> list[str]:
    """Give the curated fact of which each row tells: the nearest of its kind; "" if it tells of none."""
    happened, kinds = _happened(days).tolist(), days["kind"].tolist()
    found = []
    for day, kind in zip(happened, kinds, strict=True):
        near = min(
            ((abs(day - when), fact) for when, fact in told.get(names[kind], ())), default=(NEAR + 1, "")
        )
        found.append(near[1] if near[0] <= NEAR else "")
    return found


@dataclass(frozen=True, kw_only=True)
class _Fed:
    """What was found in a store: rows of each pair, and on which terms."""

    source: str
    scale: float
    files: str
    names: tuple[str, ...]
    days: Mapping[Pair, Table]
    evidence: Mapping[Pair, reports.Evidence]
    once: Mapping[Pair, tuple[FeedOnce, ...]]


def _rows(
    work: Any, case: Case, feed: Feed, pair: Pair, actors: Mapping[str, str]
) -> tuple[Table, tuple[FeedOnce, ...]]:
    """Give the days of reports of a pair, and the events that were left out for curated facts."""
    try:
        days = work.found.pair(actors[pair[0]], actors[pair[1]])
        one, two = (work.found.number(actors[name]) for name in pair)
    except NotFoundError:
        return {}, ()
    names = work.told.names
    mine = (days["truster"] == one) & (days["trustee"] == two)
    if feed.kinds:
        mine &= np.isin(days["kind"], [k for k, name in enumerate(names) if name in feed.kinds])
    days = {name: column[mine] for name, column in days.items()}
    tells = _tells(days, names, _told(case, pair))
    fresh = np.array([not fact for fact in tells], bool)
    return {name: column[fresh] for name, column in days.items()}, tuple(_once(days, names, tells))


def _once(days: Table, names: Sequence[str], tells: Sequence[str]) -> Iterator[FeedOnce]:
    """Give the events that count once, in order of the days on which they became known."""
    rows = zip(_happened(days).tolist(), days["kind"].tolist(), days["events"].tolist(), tells, strict=True)
    for day, kind, events, fact in rows:
        if fact:
            yield FeedOnce(day=date.fromordinal(day), kind=names[kind], events=events, fact=fact)


def _files(store: Any) -> str:
    rows = store.query("SELECT source, sha256 FROM files ORDER BY ALL").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _fed(case: Case, feed: Feed, day: date) -> _Fed:
    """Read what a store knew of the parties of a case by a day."""
    from goodoffices.workbench import indexing  # noqa: PLC0415 - an extra

    actors = _actors(case, feed)
    if len(actors) < 2:
        raise UsageError(_("the feed of {case} names fewer than two actors").format(case=case.id))
    asked = indexing.Asked(store=_where(feed), source=feed.source, end=day)
    with indexing.measured(asked) as (work, scale):
        found = {pair: _rows(work, case, feed, pair, actors) for pair in permutations(actors, 2)}
        days = {pair: rows for pair, (rows, _n) in found.items() if rows and len(rows["day"])}
        return _Fed(
            source=work.found.source,
            scale=scale.value,
            files=_files(work.found.store),
            names=work.told.names,
            days=days,
            evidence={
                p: work.evidence(rows, np.zeros(len(rows["day"]), np.int32)) for p, rows in days.items()
            },
            once={pair: once for pair, (_rows_of, once) in found.items() if once},
        )


# -- shown apart --------------------------------------------------------------------------------------


def _days(run: Run) -> tuple[date, ...]:
    """Give the days on which courses are shown: from the beginning of the case to that of the reading."""
    first, last = run.case.start.toordinal(), run.day.toordinal()
    steps = max(1, min(POINTS, last - first))
    return tuple(date.fromordinal(first + round((last - first) * k / steps)) for k in range(steps + 1))


def _changes(run: Run, fed: _Fed) -> Iterator[FeedRow]:
    """Give change, rank and course of each pair and facet on which something was reported."""
    from goodoffices.analysis import index  # noqa: PLC0415 - for cases with a feed only
    from goodoffices.workbench.indexing import DRAWS  # noqa: PLC0415

    given = index.settings(run.tables, fed.scale, DRAWS, run.seed)
    before = run.day.toordinal() - YEAR
    stops = np.array([before, *(day.toordinal() for day in _days(run))], np.int32)
    levels = {pair: index.one_pair(rows, given, stops) for pair, rows in fed.evidence.items()}
    for k, facet in enumerate(index.FACETS):
        events = {pair: int(rows.events[rows.facet == facet].sum()) for pair, rows in fed.evidence.items()}
        order = sorted((p for p in levels if events[p]), key=lambda p: (-levels[p][0, -1, k], p))
        for rank, pair in enumerate(order, start=1):
            level = levels[pair][:, :, k]
            lo, middle, hi = np.quantile(level[:, -1] - level[:, 0], [0.1, 0.5, 0.9]).tolist()
            yield FeedRow(
                truster=pair[0], trustee=pair[1], facet=tuple(Facet)[facet].value,
                change=middle, lo=lo, hi=hi, events=events[pair], rank=rank, of=len(order),
                **_course(level[:, 1:]),
            )  # fmt: skip


def _course(level: NDArray[np.float64]) -> dict[str, tuple[float, ...]]:
    """Give the change since the first day, and the ends of its interval over the settings."""
    lo, middle, hi = np.quantile(level - level[:, :1], [0.1, 0.5, 0.9], axis=0).tolist()
    return {"course": tuple(middle), "course_lo": tuple(lo), "course_hi": tuple(hi)}


def _acts(run: Run, days: Table, names: Sequence[str]) -> Iterator[FeedAct]:
    """Count what was reported of a pair by kind of conduct, the most frequent first."""
    kinds, events = days["kind"], days["events"]
    order = sorted(
        np.unique(kinds).tolist(), key=lambda kind: (-int(events[kinds == kind].sum()), names[kind])
    )
    for kind in order:
        mine = kinds == kind
        yield FeedAct(
            kind=names[kind], sign=run.tables.kinds[names[kind]].sign, events=int(events[mine].sum()),
            first=date.fromordinal(int(days["day"][mine].min())),
            last=date.fromordinal(int(days["day"][mine].max())),
        )  # fmt: skip


def _pairs(run: Run, fed: _Fed) -> Iterator[FeedPair]:
    """Give what was reported of each pair, and what of it counts once."""
    for pair in sorted({*fed.days, *fed.once}):
        days, once = fed.days.get(pair), fed.once.get(pair, ())
        yield FeedPair(
            truster=pair[0], trustee=pair[1], events=int(days["events"].sum()) if days else 0,
            doubles=sum(one.events for one in once),
            acts=tuple(_acts(run, days, fed.names)) if days else (), once=once,
        )  # fmt: skip


def _read(run: Run, feed: Feed) -> FeedReading:
    case = _curated(run.case)
    plain: dict[str, Any] = {"label": LABEL, "store": feed.store, "weight": feed.weight, "kinds": feed.kinds}
    try:
        fed = _fed(case.visible_on(run.day, published=run.published), feed, run.day)
    except GoodOfficesError as error:
        if feed.weight:
            raise
        nothing: dict[str, Any] = {
            "source": feed.source,
            "scale": None,
            "events": 0,
            "doubles": 0,
            "files": "",
            "rows": (),
        }
        return FeedReading(**plain, **nothing, said=str(error))
    pairs = tuple(_pairs(run, fed))
    return FeedReading(
        **plain,
        source=fed.source,
        scale=fed.scale,
        events=sum(pair.events for pair in pairs),
        doubles=sum(pair.doubles for pair in pairs),
        files=fed.files,
        rows=tuple(_changes(run, fed)),
        days=_days(run),
        pairs=pairs,
    )


def _curated(case: Case) -> Case:
    return replace(case, facts=tuple(fact for fact in case.facts if not fact.reported))


def shown(reading: Reading, run: Run) -> Reading:
    """Give the reading with the feed in a part of its own; facts made of reports are named nowhere else."""
    feed = run.case.feed
    if feed is None:
        return reading
    reading = replace(reading, feed=_read(run, feed))
    return _apart(reading, run) if feed.weight else reading


def _apart(reading: Reading, run: Run) -> Reading:
    seen = _curated(run.encoded.case)
    trust = []
    for row in reading.trust:
        facts = tuple(name for name in row.facts if not name.startswith(REPORT))
        trust.append(replace(row, facts=facts, n_evidence=len(facts)))
    deals = tuple(
        replace(
            deal,
            depends_on=_without(deal.depends_on),
            find_out=_without(deal.find_out),
            tornado=tuple(bar for bar in deal.tornado if REPORT not in bar.input),
            tornado_lasting=tuple(bar for bar in deal.tornado_lasting if REPORT not in bar.input),
        )
        for deal in reading.deals
    )
    weight = run.case.feed.weight if run.case.feed else 0.0
    told = _("Reports of a feed enter the beliefs with weight {weight}; they are no curated facts.")
    return replace(
        reading,
        trust=tuple(trust),
        deals=deals,
        coverage=coverage(seen, run.tables.kinds),
        warnings=(*_without(reading.warnings), told.format(weight=weight)),
    )


def _without(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if REPORT not in line)


def folded(told: tuple[FacetWhy, ...]) -> tuple[FacetWhy, ...]:
    """Put what reports add to a belief into one line."""
    return tuple(_fold(one) for one in told)


def _fold(one: FacetWhy) -> FacetWhy:
    mine = [line for line in one.lines if line.fact.startswith(REPORT)]
    if not mine:
        return one
    told = _("{n} days of reports of a feed").format(n=len(mine))
    sums: dict[str, Any] = {"added": sum(line.added for line in mine), "now": sum(line.now for line in mine)}
    fold = replace(mine[-1], fact="reports", kind="", says=told, source="", url="", without=None, **sums)
    lines = (*(line for line in one.lines if not line.fact.startswith(REPORT)), fold)
    return replace(one, lines=lines, sentence=_named(one.sentence, mine))


def _named(sentence: str, mine: Iterable[Line]) -> str:
    """Say "a report" in a sentence where it names what was made of one."""
    for line in mine:
        kind = line.kind.replace("_", " ")
        said = _("a report ({kind}, {day})").format(kind=_(kind.removeprefix(REPORT)), day=line.known_on)
        sentence = sentence.replace(f"{line.fact} ({kind}, {line.known_on})", said)
    return sentence


def unmarked(courses: Iterable[Course]) -> list[Course]:
    """Take reports from the marks of courses: a mark is a curated fact."""
    return [
        replace(one, marks=tuple(mark for mark in one.marks if not mark[0].startswith(REPORT)))
        for one in courses
    ]


# -- weighed ------------------------------------------------------------------------------------------


def _kind(kind: Kind) -> Kind:
    """What a report of this kind can say: nothing of integrity, and to one side only."""
    strengths = dict(kind.strengths)
    strengths.pop(Facet.INTEGRITY, None)
    return replace(kind, kind=REPORT + kind.kind, strengths=strengths, meeting=0.0, role="", mutual=False)


def _facts(fed: _Fed, pair: Pair, weight: float, worth: NDArray[np.float64]) -> Iterator[Fact]:
    """Make one fact of each day and kind of reports."""
    rows = fed.days[pair]
    late = np.rint(rows["late"] / rows["mass"]).astype(int)
    share = np.minimum(1.0, fed.scale * weight * worth)
    for n, (day, kind, behind) in enumerate(
        zip(rows["day"].tolist(), rows["kind"].tolist(), late.tolist(), strict=True)
    ):
        known = date.fromordinal(day)
        yield Fact(
            id=f"{REPORT}{pair[1]}>{pair[0]}:{fed.names[kind]}:{known}:{n}",
            happened_on=known - timedelta(days=behind),
            known_on=known,
            public_on=known,
            known_on_assumed=False,
            actor=pair[1],
            towards=(pair[0],),
            seen_by=(pair[0],),
            kind=REPORT + fed.names[kind],
            sensitivity="clear",
            override={"scale": float(share[n]), "reliability": 1.0},
        )


def weighed(run: Run) -> Run:
    """Give the run with the reports of its case's feed among the evidence, as known by its day.

    Raises
    ------
    NotFoundError
        If the store is not there: a case that weighs a feed cannot be read without it.
    """
    from goodoffices.workbench.indexing import RELIABILITY  # noqa: PLC0415 - an extra

    case, feed = run.case, run.case.feed
    if feed is None or not feed.weight:
        return run
    fed = _fed(case.visible_on(run.day, published=run.published), feed, run.day)
    rho = run.tables.defaults["report_correlation"].value
    made: list[Fact] = []
    for pair, rows in fed.days.items():
        mass, before = rows["mass"].astype(np.int64), rows["before"].astype(np.int64)
        credible = rows["standing"] / (mass * 1000.0)
        made += _facts(fed, pair, feed.weight, RELIABILITY * credible * reports.steps(before, mass, rho))
    kinds = {REPORT + name: _kind(run.tables.kinds[name]) for name in fed.names}
    tables = replace(run.tables, kinds={**run.tables.kinds, **kinds})
    return replace(run, case=replace(case, facts=(*case.facts, *made)), tables=tables)
