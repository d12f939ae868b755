"""The page "Trust": who trusts whom in what; and one pair, with every fact behind each belief."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Facet
from goodoffices.domain.readings import Reading, TrustReading
from goodoffices.errors import NotFoundError
from goodoffices.report.conduct import ShownConduct, acted
from goodoffices.report.drawing import Course, course
from goodoffices.report.feed import PairFeed, ShownFeed, drawn
from goodoffices.report.waterfall import Part, Waterfall, waterfall
from goodoffices.web.showing import show
from goodoffices.web.state import View, Viewed
from goodoffices.words import _, figure
from goodoffices.workbench.bench import Course as Path
from goodoffices.workbench.bench import FacetWhy
from goodoffices.workbench.desk import Desk, Opened

__all__ = ["Belief", "Cell", "LedgerLine", "Pair", "Shade", "TrustContext", "context", "router"]

router = APIRouter(include_in_schema=False)
TINY = 1e-9
POINTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """One facet of one cell: from 0 (low) to 4 (high), -1 where there is not enough evidence."""

    facet: str
    shade: int
    text: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One truster on one trustee; without any evidence it leads nowhere."""

    trustee: str
    shades: Sequence[Shade]
    known: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One fact behind a belief.

    Attributes
    ----------
    then, now
        What it added when it became known, and what is left of it (log-odds).
    trust, without
        The belief, and what it would be without this fact.
    host
        Where its source is; empty if it has no address.
    """

    fact: str
    known_on: str
    kind: str
    says: str
    source: str
    url: str
    host: str
    verified: bool
    disputed: bool
    then: float
    now: float
    without: float | None
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """One facet of a pair: its course over time, its ledger as a waterfall and line by line.

    Attributes
    ----------
    median, lo, hi
        The belief over the draws, as the matrix has it.
    trust
        The belief at the centre of every range, which is what the ledger adds up to.
    """

    facet: str
    enough: bool
    sentence: str
    median: float | None
    lo: float | None
    hi: float | None
    trust: float
    course: Course
    fall: Waterfall
    lines: Sequence[LedgerLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One truster and one trustee, with the facets that the address asks for.

    Attributes
    ----------
    reports
        What the case's feed says of their parties, if it says anything.
    """

    truster: str
    trustee: str
    one: str
    two: str
    facet: str
    beliefs: Sequence[Belief]
    reports: PairFeed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustContext:
    """What the page shows.

    Attributes
    ----------
    trusters, trustees
        Id and name of everybody who trusts or is trusted on the day.
    rows
        The matrix: for each truster one cell a trustee, None on the diagonal.
    empty
        Whether there is no evidence at all.
    pair
        The pair that the address asks for, if any.
    facets
        The four facets, in their order.
    feed
        What a feed says beside the facts, if the case has one.
    conduct
        A forecast of conduct, if the case asks for it.
    people
        Who of a party can be looked at as a pair, by the id of the party.
    """

    trusters: Sequence[tuple[str, str]]
    trustees: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Cell | None]]
    empty: bool
    pair: Pair | None
    facets: Sequence[str]
    feed: ShownFeed | None
    conduct: ShownConduct | None
    people: Mapping[str, str]


def _shade(row: TrustReading) -> Shade:
    if row.median is None:
        return Shade(facet=row.facet, shade=-1, text="–", says=row.reason)
    told = f"{figure(row.median)} ({figure(row.lo)}–{figure(row.hi)})"
    return Shade(facet=row.facet, shade=min(4, int(row.median * 5)), text=figure(row.median), says=told)


def _cell(trustee: str, found: Mapping[str, TrustReading], who: str, whom: str) -> Cell:
    shades = tuple(_shade(found[facet]) for facet in Facet if facet in found)
    told = "; ".join(f"{_(one.facet)}: {one.says}" for one in shades)
    says = _("{who} on {whom}: {what}").format(who=who, whom=whom, what=told)
    return Cell(trustee=trustee, shades=shades, known=any(one.shade >= 0 for one in shades), says=says)


def _matrix(
    reading: Reading,
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[list[Cell | None]]]:
    found: dict[tuple[str, str], dict[str, TrustReading]] = {}
    for row in reading.trust:
        found.setdefault((row.truster, row.trustee), {})[row.facet] = row
    heads = [list(dict.fromkeys(pair[side] for pair in found)) for side in (0, 1)]
    names = [[(one, reading.names.get(one, one)) for one in head] for head in heads]
    rows = [
        [_cell(two, found[one, two], who, whom) if (one, two) in found else None for two, whom in names[1]]
        for one, who in names[0]
    ]
    return names[0], names[1], rows


def _lines(why: FacetWhy, case: Case) -> list[LedgerLine]:
    facts = {fact.id: fact for fact in case.facts}
    made = []
    for line in why.lines:
        fact = facts.get(line.fact)
        web = urlsplit(line.url)
        safe = web.scheme in ("http", "https")
        made.append(
            LedgerLine(
                fact=line.fact,
                known_on=str(line.known_on),
                kind=line.kind,
                says=line.says,
                source=line.source,
                url=line.url if safe else "",
                host=web.hostname or "" if safe else "",
                verified=line.verified,
                disputed=bool(fact and fact.disputed),
                then=line.added,
                now=line.now,
                without=line.without,
                counted=fact is not None,
            )
        )
    return made


def _fall(why: FacetWhy) -> Waterfall:
    parts = [
        Part(label=f"{line.known_on} {line.says}"[:90], amount=line.now, fact=line.fact) for line in why.lines
    ]
    limits = [(_("clip"), why.clip), (_("deception ceiling"), why.ceiling)]
    bites = [Part(label=label, amount=amount) for label, amount in limits if abs(amount) > TINY]
    return waterfall(
        _("What makes up the belief: {facet}").format(facet=_(why.facet)), why.prior, parts, bites, why.level
    )


def _belief(why: FacetWhy, path: Path, row: TrustReading | None, case: Case) -> Belief:
    told = (path.median, path.lo, path.hi)
    return Belief(
        facet=why.facet,
        enough=why.enough,
        sentence=why.sentence,
        median=row.median if row else None,
        lo=row.lo if row else None,
        hi=row.hi if row else None,
        trust=why.trust,
        course=course(_(why.facet), path.days, told, list(path.marks), enough=path.enough),
        fall=_fall(why),
        lines=_lines(why, case),
    )


def _parties(case: Case) -> dict[str, str]:
    """Give the party of each decision-maker and each office."""
    return {name: dm.party for dm in case.decision_makers for name in (dm.id, dm.office)}


def _pair(desk: Desk, opened: Opened, view: View, reading: Reading, feed: ShownFeed | None) -> Pair:
    one, _comma, two = view.more["pair"].partition(",")
    if not (one and two):
        raise NotFoundError(_('"{pair}" is no pair: give two decision-makers').format(pair=view.more["pair"]))
    day, names, facet = reading.as_of, reading.names, view.more.get("facet", "")
    case = opened.seen(day, view.seen_by, view.branch)
    told = {row.facet: row for row in reading.trust if (row.truster, row.trustee) == (one, two)}
    of = _parties(case)
    whys = desk.bench.why(case, one, two, facet=facet or None, at=str(day))
    courses = {
        path.facet: path for path in desk.bench.paths(case, str(day), pairs=[(one, two)], points=POINTS)
    }
    beliefs = []
    for why in whys:
        beliefs.append(_belief(why, courses[why.facet], told.get(why.facet), case))
    return Pair(
        truster=one,
        trustee=two,
        one=names.get(one, one),
        two=names.get(two, two),
        facet=facet,
        beliefs=beliefs,
        reports=feed.pair(of.get(one, one), of.get(two, two)) if feed else None,
    )


def context(desk: Desk, view: View) -> TrustContext:
    """Collect the matrix, and the pair that the address asks for."""
    opened = desk.opened(view.ref)
    day = view.at or desk.bench.reading_day(opened.case(view.branch))
    reading = opened.reading(day, branch=view.branch, draws=view.draws, options=False, seen_by=view.seen_by)
    trusters, trustees, rows = _matrix(reading)
    known = any(cell.known for row in rows for cell in row if cell)
    feed = drawn(reading.feed, reading.names) if reading.feed else None
    of = _parties(opened.case(view.branch))
    return TrustContext(
        trusters=trusters,
        trustees=trustees,
        rows=rows,
        empty=not known,
        pair=_pair(desk, opened, view, reading, feed) if "pair" in view.more else None,
        facets=tuple(Facet),
        feed=feed,
        conduct=acted(reading.conduct, reading.names) if reading.conduct else None,
        people={of[name]: name for name, _called in reversed(trusters) if name in of},
    )


@router.get("/{shelf}/{name}/trust")
def page(request: Request, view: Viewed) -> HTMLResponse:
    """Show who trusts whom, or one pair."""
    return show(request, view, "pair.html.j2" if "pair" in view.more else "trust.html.j2", context)
