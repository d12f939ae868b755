"""Reports: collect what a page shows, leave out what its audience may not see, and write it."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from goodoffices.analysis.compare import FacetWhy
from goodoffices.analysis.compare import Path as Course_
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Fact
from goodoffices.domain.plans import Ranking
from goodoffices.domain.readings import Reading
from goodoffices.errors import UsageError
from goodoffices.report.conduct import acted
from goodoffices.report.drawing import Course, course
from goodoffices.report.feed import drawn
from goodoffices.report.page import Card, Page, Plans, Source, index, page
from goodoffices.report.page import brief as brief_page
from goodoffices.report.page import plans as laid_out
from goodoffices.words import _, figure
from goodoffices.workbench.withhold import visible, withhold

if TYPE_CHECKING:
    from goodoffices.workbench.bench import Workbench

__all__ = ["index_page", "report_page"]

COURSES = 12  # trajectories on a page
POINTS = 30
FAINT = 0.01  # log-odds
TOLD = 0  # the history of the best plan that is told
LINES = 25  # of a ledger; what weighs less is folded into one


def _source(fact: Fact) -> Source:
    web = urlsplit(fact.source_url).scheme in ("http", "https")
    return Source(
        id=fact.id,
        happened_on=str(fact.happened_on),
        known_on=str(fact.known_on),
        actor=fact.actor,
        towards=", ".join(fact.towards),
        kind=fact.kind,
        says=fact.says,
        title=fact.source_title,
        publisher=fact.source_publisher,
        date=fact.source_date,
        url=fact.source_url if web else "",
        verified=fact.verified,
        disputed=fact.disputed,
        reliability=fact.reliability,
    )


def _drawn(found: Course_, hidden: set[str], names: dict[str, str]) -> Course:
    told = _("{who} on {whom}: {facet}").format(
        who=names.get(found.truster, found.truster),
        whom=names.get(found.trustee, found.trustee),
        facet=_(found.facet),
    )
    marks = [mark for mark in found.marks if mark[0] not in hidden]
    return course(told, found.days, (found.median, found.lo, found.hi), marks, enough=found.enough)


def _leading(reading: Reading, case: Case) -> list[tuple[str, str]]:
    """Pairs of persons of the two sides: those whose course is worth a picture."""
    people = {dm.id: dm for dm in case.decision_makers if dm.kind == "person"}
    roles = {party.id: party.role for party in case.parties}
    pairs = dict.fromkeys((row.truster, row.trustee) for row in reading.trust if not row.prior_only)
    return [
        (one, two)
        for one, two in pairs
        if one in people and two in people and roles[people[one].party] == "principal"
    ]


def _deciding(reading: Reading) -> list[tuple[str, str]]:
    """Pairs on which a text hangs: who decides, and whom he must trust; without texts, all with evidence."""
    told = dict.fromkeys((row.truster, row.trustee) for row in reading.trust if row.n_evidence)
    players = {row.id for deal in reading.deals for row in deal.decision_makers}
    trusted = players | {row.id for deal in reading.deals for row in deal.guarantors}
    return [pair for pair in told if not players or (pair[0] in players and pair[1] in trusted)]


def _folded(one: FacetWhy) -> FacetWhy:
    """Fold the facts that weigh least, or have faded below what a reader could see, into one line."""
    sizes = sorted((abs(line.now) for line in one.lines), reverse=True)
    least = max(FAINT, sizes[LINES - 1] if len(sizes) > LINES else 0.0)
    faint = [line for line in one.lines if abs(line.now) < least and line.fact != "reports"]
    if len(faint) < 2:
        return one
    told = _("{n} facts that weigh less than {x} each").format(n=len(faint), x=figure(least))
    sums: dict[str, Any] = {
        "added": sum(line.added for line in faint),
        "now": sum(line.now for line in faint),
    }
    fold = replace(faint[-1], fact="faded", kind="", says=told, verified=True, **sums)
    return replace(one, lines=(fold, *(line for line in one.lines if line not in faint)))


def _seen(reading: Reading, case: Case) -> list[Fact]:
    return [fact for fact in case.facts if fact.known_on <= reading.as_of]


def _ranked(bench: "Workbench", case: Case | str | Path, reading: Reading, given: dict[str, Any]) -> Ranking:
    asked = {name: given[name] for name in ("seed", "changes") if name in given}
    return bench.plan(case, reading.as_of, trace=TOLD, **asked)


def _fitting(ranking: Ranking, reading: Reading) -> Ranking:
    """Refuse a ranking of anything else than what was read."""
    if (ranking.case_hash, ranking.as_of) != (reading.case_hash, reading.as_of):
        said = _("the plans are of {case} on {day}, not of what was read")
        raise UsageError(said.format(case=ranking.case, day=ranking.as_of))
    return ranking


def _plans(ranking: Ranking, hidden: set[str]) -> Plans:
    """Lay out a ranking without the inputs that name what its audience may not see."""

    def rests(text: str) -> bool:
        return any(name in text for name in hidden)

    flips = tuple(one for one in ranking.flips if not rests(one.label) and not rests(one.input))
    tested = tuple(label for label in ranking.tested if not rests(label))
    untold = max(len(ranking.flips) - len(flips), len(ranking.tested) - len(tested))
    return laid_out(replace(ranking, flips=flips, tested=tested), untold)


def report_page(
    bench: "Workbench",
    case: Case | str | Path,
    at: str | date | None,
    *,
    brief: bool = False,
    reading: Reading | None = None,
    audience: str = "amber",
    plans: bool | Ranking = False,
    **given: Any,
) -> str:
    """Write a reading as one HTML page.

    Parameters
    ----------
    brief
        One page in words instead.
    reading
        A reading made before, of the same case, day and changes.
    plans
        Also show what could be done: look for it, which takes minutes, or a ranking made before.
    """
    known = bench.load_case(case) if not isinstance(case, Case) else case
    said = reading or bench.read(known, at, audience=audience, **given)
    if said.audience is None:
        said = withhold(said, known.visible_on(said.as_of), audience, known)
    found = _ranked(bench, case, said, given) if plans is True else plans or None
    ranking = found and _fitting(found, said)
    if brief:
        return brief_page(said, ranking.sentence if ranking else "")
    changes = given.get("changes")
    facts = _seen(said, known)
    hidden = {fact.id for fact in facts if not visible(fact.sensitivity, audience)}
    leading = _leading(said, known)
    whys = [
        _folded(one)
        for pair in _deciding(said)
        for one in bench.why(known, *pair, at=said.as_of, changes=changes, audience=audience, without=False)
    ]
    made = bench.paths(known, said.as_of, pairs=leading, points=POINTS, draws=100, changes=changes)
    courses = [_drawn(one, hidden, said.names) for one in made if one.enough][:COURSES]
    sources = [_source(fact) for fact in facts if fact.id not in hidden]
    could = _plans(ranking, hidden) if ranking else None
    feed = drawn(said.feed, said.names) if said.feed else None
    conduct = acted(said.conduct, said.names) if said.conduct else None
    shown: dict[str, Any] = {"whys": whys, "courses": courses, "sources": sources, "plans": could}
    return page(Page(reading=said, feed=feed, conduct=conduct, **shown))


def index_page(readings: list[Reading]) -> str:
    """Write a page that leads to several reports."""
    cards = [
        Card(
            href=f"{said.case}.html",
            title=said.title,
            as_of=str(said.as_of),
            sentences=tuple(deal.sentence for deal in said.deals) or (said.sentence,),
        )
        for said in readings
    ]
    return index(cards)
