"""Why a number is what it is, and what moved it between two days."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from goodoffices.analysis.encoding import Office
from goodoffices.analysis.histories import Belief
from goodoffices.analysis.model import FACETS
from goodoffices.analysis.runs import Run
from goodoffices.core import ledger
from goodoffices.core.follow import BAD, LEADER, YEAR, Entry, levels
from goodoffices.domain.case import Change
from goodoffices.domain.evidence import Facet
from goodoffices.domain.readings import Reading, plain
from goodoffices.words import _, clauses, figure

__all__ = ["FacetWhy", "Line", "Moved", "Path", "diff", "paths", "since", "why"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the ledger: what a fact added then, and what is left of it now (log-odds)."""

    fact: str
    known_on: date
    kind: str
    says: str
    source: str
    url: str
    verified: bool
    sensitivity: str
    added: float
    now: float
    without: float | None  # belief if this fact were not there


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetWhy:
    """The ledger of one belief on one facet; prior, lines, clip and ceiling add up to the level."""

    truster: str
    trustee: str
    facet: str
    prior: float
    lines: tuple[Line, ...]
    clip: float
    ceiling: float
    level: float
    trust: float
    enough: bool
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Give the ledger as plain data."""
        return plain(self)  # type: ignore[no-any-return]


def _left(run: Run, entry: Entry, trustee: Office, truster: Office) -> float:
    """What is left on the day of the reading of what an entry added."""
    if entry.fact < 0:
        return float(entry.amount[0])
    rules = run.central.rules
    years = (run.day.toordinal() - entry.day) / YEAR
    left = float(entry.amount[0] * ledger.fade(years, rules.half_life[entry.sign, entry.facet])[0])
    if entry.owner == LEADER:
        since = [d for d in (*trustee.changes, *truster.changes) if entry.day < d <= run.day.toordinal()]
        left *= float(rules.turnover_kept[0]) ** len(since)
    return -left if entry.sign == BAD else left


def _lines(
    run: Run, belief: Belief, facet: int, truster: Office, trustee: Office, *, without: bool
) -> list[Line]:
    lines: dict[tuple[int, int], tuple[float, float]] = {}
    for entry in belief.trace:
        if entry.facet == facet:
            key = (entry.fact, entry.day)
            added, now = lines.get(key, (0.0, 0.0))
            sign = -1.0 if entry.sign == BAD and entry.fact >= 0 else 1.0
            now += _left(run, entry, trustee, truster)
            lines[key] = (added + sign * float(entry.amount[0]), now)
    return [
        _line(
            run,
            number,
            date.fromordinal(day),
            added,
            now,
            (truster, trustee, facet),
            without=without,
        )
        for (number, day), (added, now) in lines.items()
    ]


def _line(
    run: Run,
    number: int,
    day: date,
    added: float,
    now: float,
    where: tuple[Office, Office, int],
    *,
    without: bool,
) -> Line:
    if number < 0:
        return Line(
            fact="rating", known_on=day, kind="rating", says=_raters(run, day, where), source="", url="",
            verified=False, sensitivity="clear", added=added, now=now, without=None,
        )  # fmt: skip
    fact = run.encoded.case.facts[number]
    return Line(
        fact=fact.id,
        known_on=fact.known_on,
        kind=fact.kind,
        says=fact.says or fact.note,
        source=", ".join(part for part in (fact.source_title, fact.source_publisher) if part),
        url=fact.source_url,
        verified=fact.verified,
        sensitivity=fact.sensitivity,
        added=added,
        now=now,
        without=_without(run, fact.id, where) if without and not fact.reported else None,
    )


def _raters(run: Run, day: date, where: tuple[Office, Office, int]) -> str:
    """Name the analysts and what each said, so that their spread is seen."""
    one, two, number = where
    rows = [
        row
        for row in run.encoded.case.ratings
        if row.known_on == day
        and row.facet == FACETS[number]
        and run.encoded.office_of(row.truster).id == one.id
        and run.encoded.office_of(row.trustee).id == two.id
    ]
    told = (f"{r.author}: {_(r.rating.replace('_', ' '))} ({_(r.confidence)})" for r in rows)
    return _("analysts' ratings") + " – " + clauses(told)


def _without(run: Run, fact: str, where: tuple[Office, Office, int]) -> float:
    change = Change(
        id=f"without:{fact}",
        op="switch_off_fact",
        target=fact,
        author="goodoffices",
        reason="without this fact",
    )
    other = run.changed([change])
    return float(other.central_beliefs.of(where[0].id, where[1].id).trust[where[2], 0])


def why(
    run: Run, truster: str, trustee: str, facet: str | None = None, *, without: bool = True
) -> tuple[FacetWhy, ...]:
    """Give the ledger behind one truster's belief about one trustee, facet by facet, at the centre."""
    one, two = run.encoded.office_of(truster), run.encoded.office_of(trustee)
    belief = run.central_beliefs.of(one.id, two.id)
    chosen = [n for n, name in enumerate(FACETS) if facet in (None, name.value)]
    return tuple(_facet(run, belief, n, one, two, without=without) for n in chosen)


def _facet(run: Run, belief: Belief, number: int, one: Office, two: Office, *, without: bool) -> FacetWhy:
    raw = float(levels(belief.state)[number, 0])
    lines = _lines(run, belief, number, one, two, without=without)
    prior = raw - sum(line.now for line in lines)
    clipped = float(np.clip(raw, -6.0, 6.0))
    trust = float(belief.trust[number, 0])
    level = float(np.log(trust / (1.0 - trust)))
    return FacetWhy(
        truster=one.name,
        trustee=two.name,
        facet=FACETS[number].value,
        prior=prior,
        lines=tuple(lines),
        clip=clipped - raw,
        ceiling=level - clipped,
        level=level,
        trust=trust,
        enough=belief.enough(number),
        sentence=_sentence(one, two, number, lines, trust, enough=belief.enough(number)),
    )


def _sentence(one: Office, two: Office, number: int, lines: list[Line], trust: float, *, enough: bool) -> str:
    names = {
        "who": one.called,
        "whom": two.called,
        "facet": _(FACETS[number].value),
        "trust": figure(trust),
    }
    if not lines:
        return _("Nothing that {who} could know bears on {whom}'s {facet}: not enough evidence.").format(
            **names
        )
    most = max(lines, key=lambda line: abs(line.now))
    names["fact"] = f"{most.fact} ({most.kind.replace('_', ' ')}, {most.known_on})"
    names["way"] = _("for") if most.now > 0 else _("against")
    if not enough:
        return _(
            "What {who} could know of {whom}'s {facet} is not enough evidence; "
            "most of it is {fact}, which speaks {way} trust."
        ).format(**names)
    return _("{who} puts {whom}'s {facet} at {trust}; most weighs {fact}, which speaks {way} trust.").format(
        **names
    )


def since(told: tuple[FacetWhy, ...], day: date) -> tuple[FacetWhy, ...]:
    """Fold what was known by a day into one line, so that the rest tells what came after."""
    return tuple(_since(one, day) for one in told)


def _since(one: FacetWhy, day: date) -> FacetWhy:
    old = [line for line in one.lines if line.known_on <= day]
    if not old:
        return one
    fold = replace(
        old[-1], fact=_("known by {day}").format(day=day), known_on=day, kind="", says="", source="", url="",
        verified=True, added=sum(line.added for line in old), now=sum(line.now for line in old), without=None,
    )  # fmt: skip
    return replace(one, lines=(fold, *(line for line in one.lines if line.known_on > day)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One figure that differs between two days."""

    what: str
    before: float | None
    after: float | None
    facts: tuple[str, ...]


def diff(
    before: Reading, after: Reading, learned: dict[tuple[str, str, str], tuple[str, ...]]
) -> list[Moved]:
    """Say what changed in the answer between two readings, and which new facts bear on it.

    Parameters
    ----------
    learned
        Facts that became known in between, by (truster, trustee, facet).
    """
    moved = []
    old = {(r.truster, r.trustee, r.facet): r.median for r in before.trust}
    for row in after.trust:
        key = (row.truster, row.trustee, row.facet)
        if old.get(key) != row.median:
            what = f"trust {row.truster} -> {row.trustee}: {row.facet}"
            moved.append(Moved(what=what, before=old.get(key), after=row.median, facts=learned.get(key, ())))
    deals = {deal.id: deal for deal in before.deals}
    for deal in after.deals:
        was = deals.get(deal.id)
        moved.append(
            Moved(
                what=f"sign {deal.id}",
                before=was.sign.median if was and was.sign else None,
                after=deal.sign.median if deal.sign else None,
                facts=(),
            )
        )
    moved += [
        Moved(
            what=f"sign {name} (no longer on the table)",
            before=deal.sign.median,
            after=None,
            facts=(),
        )
        for name, deal in deals.items()
        if name not in {d.id for d in after.deals} and deal.sign
    ]
    return sorted(moved, key=lambda m: -abs((m.after or 0.0) - (m.before or 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One belief on one facet over time: median and 80% interval, with the facts that moved it.

    `marks` holds (fact, known_on, sign); the doubt is that of the day of the reading throughout.
    """

    truster: str
    trustee: str
    facet: str
    enough: bool
    days: tuple[date, ...]
    median: tuple[float, ...]
    lo: tuple[float, ...]
    hi: tuple[float, ...]
    marks: tuple[tuple[str, date, int], ...]


def paths(run: Run, stops: list[date], pairs: list[tuple[str, str]]) -> list[Path]:
    """Give the course of beliefs at some days, for pairs of decision-makers by id."""
    made = []
    for names in pairs:
        one, two = (run.encoded.office_of(name) for name in names)
        course = run.beliefs.path(one.id, two.id, [day.toordinal() for day in stops])
        belief = run.beliefs.of(one.id, two.id)
        for number, facet in enumerate(FACETS):
            lo, median, hi = np.quantile(course[:, number], (0.1, 0.5, 0.9), axis=1)
            made.append(
                Path(
                    truster=one.name,
                    trustee=two.name,
                    facet=facet.value,
                    enough=belief.enough(number),
                    days=tuple(stops),
                    median=tuple(map(float, median)),
                    lo=tuple(map(float, lo)),
                    hi=tuple(map(float, hi)),
                    marks=_marks(run, belief.facts[number], facet),
                )
            )
    return made


def _marks(run: Run, names: tuple[str, ...], facet: Facet) -> tuple[tuple[str, date, int], ...]:
    facts = {fact.id: fact for fact in run.encoded.case.facts}
    marks = []
    for name in names:
        kind = run.tables.kinds[facts[name].kind]
        strength = kind.strengths.get(facet, kind.gesture if kind.role != "spoiler" else -1.0)
        sign = -1 if kind.role == "spoiler" or strength < 0 else (0 if kind.meeting else 1)
        marks.append((name, facts[name].known_on, sign))
    return tuple(marks)
