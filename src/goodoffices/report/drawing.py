"""Drawing contexts: plain numbers and words that the SVG macros draw, one frozen dataclass a picture.

All pictures are on the unit scale of the model index; positions are in SVG user units.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from goodoffices.domain.plans import PlanReading, Ranking
from goodoffices.domain.readings import DealReading, DecisionMakerReading, Quantity, Reading, TornadoBar
from goodoffices.words import N_, _, figure, number

__all__ = [
    "ENDS",
    "Bar",
    "Bracket",
    "Cell",
    "Course",
    "Curve",
    "Ended",
    "Ladder",
    "Matrix",
    "Piece",
    "Row",
    "Rung",
    "Strip",
    "anchor",
    "course",
    "curves",
    "endings",
    "key",
    "ladder",
    "matrix",
    "rows",
    "strip",
    "strips",
    "tornado",
]

WIDTH = 560.0  # of a strip, from index 0 to index 1
FACETS = ("capacity", "intention", "integrity", "predictability")


def _x(value: float, width: float = WIDTH) -> float:
    return round(max(0.0, min(1.0, value)) * width, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One decision-maker: fan of the keep index, its median and interval, and the threshold as a line."""

    name: str
    fan: tuple[tuple[float, float], ...]  # widening bands: left and width
    dot: float
    lo: float
    hi: float
    line: float
    line_lo: float
    line_hi: float
    says: str


def strip(row: DecisionMakerReading) -> Strip:
    """Place one decision-maker's strip."""
    pairs = [(row.fan[k], row.fan[-1 - k]) for k in range(len(row.fan) // 2)]
    bands = tuple((_x(lo), round(_x(hi) - _x(lo), 1)) for lo, hi in pairs)
    told = _("{who}: keep {keep} ({lo} to {hi}), asks for {asks}")
    spoken = {"who": row.name, "keep": figure(row.keep.median), "lo": figure(row.keep.lo)}
    says = told.format(**spoken, hi=figure(row.keep.hi), asks=figure(row.threshold.median))
    return Strip(
        name=row.name,
        fan=bands,
        dot=_x(row.keep.median),
        lo=_x(row.keep.lo),
        hi=_x(row.keep.hi),
        line=_x(row.threshold.median),
        line_lo=_x(row.threshold.lo),
        line_hi=_x(row.threshold.hi),
        says=says,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One input of a tornado: where the figure lies at each end of its range."""

    label: str
    low_x: float
    high_x: float
    at_low: str
    at_high: str


def tornado(bars: Sequence[TornadoBar]) -> tuple[tuple[Bar, ...], float]:
    """Place the bars of a tornado, and the line of its centre."""
    ends = [value for bar in bars for value in (bar.at_low, bar.at_high)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round((value - low) / span * WIDTH, 1)

    made = tuple(
        Bar(
            label=bar.label,
            low_x=place(bar.at_low),
            high_x=place(bar.at_high),
            at_low=figure(bar.at_low),
            at_high=figure(bar.at_high),
        )
        for bar in bars
    )
    middle = sum(ends) / len(ends) if ends else 0.5
    return made, place(middle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One belief on one facet: shade by its median, hatched where there is not enough evidence."""

    shade: int  # 0 (low) to 4 (high); -1: hatched
    text: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Trust: a row for each pair, a column for each facet."""

    facets: tuple[str, ...]
    rows: tuple[tuple[str, str, str, tuple[Cell, ...]], ...]  # truster, trustee, anchor, cells


def anchor(truster: str, trustee: str) -> str:
    """The place on the page where the ledger of a pair stands."""
    return f"why-{truster}-{trustee}"


def matrix(reading: Reading) -> Matrix:
    """Place the trust matrix; pairs without any evidence are left out."""
    pairs: dict[tuple[str, str], dict[str, Cell]] = {}
    for row in reading.trust:
        if row.median is None:
            cell = Cell(shade=-1, text="–", says=row.reason)
        else:
            told = f"{figure(row.median)} ({figure(row.lo)}–{figure(row.hi)})"
            cell = Cell(shade=min(4, int(row.median * 5)), text=figure(row.median), says=told)
        pairs.setdefault((row.truster, row.trustee), {})[row.facet] = cell
    shown = tuple(
        (one, two, anchor(one, two), tuple(cells[f] for f in FACETS))
        for (one, two), cells in pairs.items()
        if any(cell.shade >= 0 for cell in cells.values())
    )
    return Matrix(facets=tuple(_(facet) for facet in FACETS), rows=shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One belief on one facet over time: line, band, and the facts as marks."""

    title: str
    line: str
    band: str
    marks: tuple[tuple[float, float, int, str], ...]  # x, y, sign, fact
    years: tuple[tuple[float, str], ...]
    table: tuple[tuple[date, str, str, str], ...]
    enough: bool


HEIGHT = 120.0


def _points(xs: Sequence[float], ys: Sequence[float]) -> str:
    return " ".join(f"{x},{y}" for x, y in zip(xs, ys, strict=True))


def course(
    title: str,
    days: Sequence[date],
    figures: tuple[Sequence[float], Sequence[float], Sequence[float]],
    marks: Sequence[tuple[str, date, int]],
    *,
    enough: bool,
) -> Course:
    """Place a trajectory; `figures` holds medians, lower and upper ends by day."""
    median, lo, hi = figures
    first, last = days[0].toordinal(), days[-1].toordinal()
    span = max(1, last - first)

    def across(day: date) -> float:
        return round((day.toordinal() - first) / span * WIDTH, 1)

    xs = [across(day) for day in days]
    up = [[round(HEIGHT * (1.0 - value), 1) for value in row] for row in (median, lo, hi)]
    inside = [(name, day, sign) for name, day, sign in marks if first <= day.toordinal() <= last]
    dots = []
    for name, day, sign in inside:
        nearest = min(range(len(xs)), key=lambda k: abs(xs[k] - across(day)))
        dots.append((across(day), up[0][nearest], sign, name))
    years = [(across(date(y, 1, 1)), str(y)) for y in range(days[0].year + 1, days[-1].year + 1)]
    band = _points(xs + xs[::-1], up[1] + up[2][::-1])
    shown = [(d, figure(m), figure(a), figure(b)) for d, m, a, b in zip(days, median, lo, hi, strict=True)]
    return Course(
        title=title, line=_points(xs, up[0]), band=band, marks=tuple(dots), years=tuple(years),
        table=tuple(shown), enough=enough,
    )  # fmt: skip


def strips(deal: DealReading) -> tuple[Strip, ...]:
    """Place the strips of everyone who decides on a text."""
    return tuple(strip(row) for row in deal.decision_makers)


SHOWN = 16  # plans on a page, and doing nothing beside them
NAMED = 64  # letters of a plan's name in a picture; all of it stands in the table
RUNG = 40.0  # height of a row
SKIP = 16.0  # room where plans are left out
LEFT = 26.0  # room for brackets and numbers
ACROSS = WIDTH - LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One plan as a page lists it: its place among all, its figure, and its moves with their months."""

    number: int
    name: str
    plan: PlanReading
    figure: Quantity
    steps: tuple[tuple[int, tuple[str, ...]], ...]  # moves by month


def _objective(plan: PlanReading, objective: str) -> Quantity:
    """The figure by which plans are ranked."""
    if objective == "sign":
        return plan.sign
    return plan.in_force_at.m12 if objective == "in_force_m12" else plan.in_force_at.m60


def _moves(plan: PlanReading) -> tuple[str, ...]:
    """Moves of a plan in words; its label holds them in the same order."""
    told = plan.label.split(" + ")
    if len(told) != len(plan.moves):  # a name with a plus in it
        told = [" ".join(filter(None, (one.move, one.by, one.towards))) for one in plan.moves]
    return tuple(told)


def _steps(plan: PlanReading) -> tuple[tuple[int, tuple[str, ...]], ...]:
    found: dict[int, tuple[str, ...]] = {}
    for label, move in zip(_moves(plan), plan.moves, strict=True):
        found[move.month] = (*found.get(move.month, ()), label)
    return tuple(sorted(found.items()))


def _name(plan: PlanReading, common: Mapping[str, int]) -> str:
    """A plan in a few words: of several moves the one that fewest other plans have."""
    name = plan.label
    if len(plan.moves) > 1:
        own = min(_moves(plan), key=lambda label: common[label])
        name = _("{n} moves, with {move}").format(n=len(plan.moves), move=own)
    return name if len(name) <= NAMED else name[: NAMED - 1].rstrip() + "…"


def rows(ranking: Ranking) -> tuple[Row, ...]:
    """Give the first plans in their order; doing nothing is always among them."""
    shown = [(k, plan) for k, plan in enumerate(ranking.plans, 1) if k <= SHOWN or not plan.moves]
    common = Counter(label for _k, plan in shown for label in set(_moves(plan)))
    return tuple(
        Row(
            number=k,
            name=_name(plan, common),
            plan=plan,
            figure=_objective(plan, ranking.objective),
            steps=_steps(plan),
        )
        for k, plan in shown
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One plan on the ladder: a dot at the median of its figure, a line for the 80% interval."""

    number: int
    name: str
    y: float
    dot: float
    lo: float
    hi: float
    text: str
    idle: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """Joins the plans that cannot be told apart."""

    numbers: tuple[int, ...]
    top: float
    bottom: float
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Plans one below the other, best first; the upright line stands at doing nothing."""

    rungs: tuple[Rung, ...]
    brackets: tuple[Bracket, ...]
    ticks: tuple[tuple[float, str], ...]
    idle: float | None
    gaps: tuple[float, ...]  # where plans are left out
    height: float


def _across(value: float) -> float:
    return round(LEFT + _x(value, ACROSS), 1)


def _tops(shown: Sequence[Row]) -> list[float]:
    """Where each row begins: lower where plans are left out before it."""
    found: list[float] = []
    for place, row in enumerate(shown):
        left_out = place and row.number > shown[place - 1].number + 1
        found.append((found[-1] + RUNG if found else 0.0) + (SKIP if left_out else 0.0))
    return found


def _rung(top: float, row: Row) -> Rung:
    found = row.figure
    told = _("plan {n}, {name}: {x} ({lo} to {hi})")
    ends = {"x": figure(found.median), "lo": figure(found.lo), "hi": figure(found.hi)}
    return Rung(
        number=row.number,
        name=row.name,
        y=top,
        dot=_across(found.median),
        lo=_across(found.lo),
        hi=_across(found.hi),
        text=figure(found.median),
        idle=not row.plan.moves,
        says=told.format(n=row.number, name=row.name, **ends),
    )


def _bracket(rungs: Sequence[Rung]) -> Bracket:
    numbers = tuple(rung.number for rung in rungs)
    many = len(numbers) > 1
    told = _("plans {list}: cannot be told apart") if many else _("plan {list}: stands apart")
    return Bracket(
        numbers=numbers,
        top=rungs[0].y + 5,
        bottom=rungs[-1].y + RUNG - 3,
        says=told.format(list=", ".join(map(str, numbers))),
    )


def ladder(shown: Sequence[Row]) -> Ladder:
    """Place the plans of a page and the brackets around those that cannot be told apart."""
    rungs = tuple(_rung(top, row) for top, row in zip(_tops(shown), shown, strict=True))
    group = {row.number: row.plan.group for row in shown}
    groups = groupby(rungs, key=lambda rung: group[rung.number])
    return Ladder(
        rungs=rungs,
        brackets=tuple(_bracket(list(members)) for _group, members in groups),
        ticks=tuple((_across(value), number(value)) for value in (0.0, 0.25, 0.5, 0.75, 1.0)),
        idle=next((rung.dot for rung in rungs if rung.idle), None),
        gaps=tuple(b.y for a, b in pairwise(rungs) if b.y - a.y > RUNG),
        height=rungs[-1].y + RUNG if rungs else 0.0,
    )


DASHES = ("", "9 4", "2 3")  # of plans; doing nothing has its own
IDLE_DASH = "12 4 2 4"
CURVES = len(DASHES)
APART = 0.04  # widest gap below which two courses would lie on each other
TALL, LONG = 200.0, 436.0  # of the picture's field
GAP = 19.0  # between labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How often a text is in force, month by month, with its name at the end of the line."""

    name: str
    line: str
    dash: str
    idle: bool
    end: float
    label: float  # height of its name, moved so that names do not lie on each other


def _distinct(shown: Sequence[Row]) -> list[Row]:
    """The best few plans whose courses can be told apart by eye, and doing nothing."""
    found = [row for row in shown if not row.plan.moves]
    for row in shown:
        apart = [_widest(row.plan.in_force, other.plan.in_force) > APART for other in found]
        if row.plan.moves and len(found) <= CURVES and (all(apart) or row is shown[0]):
            found.append(row)
    return sorted(found, key=lambda row: row.number)


def _widest(one: Sequence[float], other: Sequence[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _spaced(heights: Sequence[float]) -> list[float]:
    """Move heights apart by at least the gap, from the lowest up."""
    found, floor = list(heights), TALL + GAP
    for k in sorted(range(len(heights)), key=lambda k: -heights[k]):
        found[k] = floor = round(min(heights[k], floor - GAP), 1)
    return found


def curves(shown: Sequence[Row]) -> tuple[Curve, ...]:
    """Place the courses of the best few distinct plans and of doing nothing."""
    chosen = _distinct(shown)
    ends = [round(TALL * (1.0 - row.plan.in_force[-1]), 1) for row in chosen]
    dashes = iter(DASHES)
    return tuple(
        Curve(
            name=_("plan {n}").format(n=row.number) if row.plan.moves else _("do nothing"),
            line=_course_of(row.plan.in_force),
            dash=next(dashes) if row.plan.moves else IDLE_DASH,
            idle=not row.plan.moves,
            end=end,
            label=label,
        )
        for row, end, label in zip(chosen, ends, _spaced(ends), strict=True)
    )


def _course_of(shares: Sequence[float]) -> str:
    last = max(1, len(shares) - 1)
    xs = [round(LONG * k / last, 1) for k in range(len(shares))]
    return _points(xs, [round(TALL * (1.0 - share), 1) for share in shares])


# What a history may have come to, from left to right.
ENDS = (N_("talks"), N_("broken off"), N_("signed"), N_("carried out"), N_("collapsed"))
BAND = 18.0  # height of a strip
ROOM = 40.0  # that a figure needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part of a strip, with lines that tell it from the others without colour."""

    name: str
    kind: int
    x: float
    width: float
    lines: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the histories of one plan came to."""

    number: int
    pieces: tuple[Piece, ...]


def _lines(kind: int, width: float) -> str:
    """Lines of one kind within a piece of a strip, as a path from its corner; none: empty or full."""
    match kind:
        case 1:
            cuts = [(max(s, 0.0), min(s + BAND, width), s) for s in _steps_of(-BAND, width, 7.0)]
            slant = [(a, BAND - a + s, b, BAND - b + s) for a, b, s in cuts if b > a]
        case 2:
            slant = [(x, 0.0, x, BAND) for x in _steps_of(2.0, width, 5.0)]
        case 4:
            slant = [(0.0, y, width, y) for y in _steps_of(2.0, BAND, 4.5)]
        case _:
            slant = []
    return "".join(f"M{a:.4g} {b:.4g}L{c:.4g} {d:.4g}" for a, b, c, d in slant)


def _steps_of(low: float, high: float, step: float) -> list[float]:
    return [low + step * k for k in range(max(0, int((high - low) / step) + 1))]


def _piece(kind: int, start: float, share: float) -> Piece:
    x, width = _across(start), round(_across(start + share) - _across(start), 1)
    text = figure(share) if width >= ROOM else ""
    return Piece(name=_(ENDS[kind]), kind=kind, x=x, width=width, lines=_lines(kind, width), text=text)


def endings(shown: Sequence[Row]) -> tuple[Ended, ...]:
    """Place a strip for each plan: the shares of its histories in each state at the end."""
    return tuple(Ended(number=row.number, pieces=_pieces(row.plan.ended_by)) for row in shown)


def _pieces(ended: Mapping[str, float]) -> tuple[Piece, ...]:
    found, start = [], 0.0
    for kind, name in enumerate(ENDS):
        share = ended.get(name, 0.0)
        if share > 0.0:
            found.append(_piece(kind, start, share))
        start += share
    return tuple(found)


def key() -> tuple[tuple[float, float, Piece], ...]:
    """Place a sample of each state with its name, three in a row."""
    size = 30.0
    return tuple(
        (
            LEFT + (kind % 3) * ACROSS / 3,
            (kind // 3) * 26.0,
            Piece(name=_(name), kind=kind, x=0.0, width=size, lines=_lines(kind, size), text=""),
        )
        for kind, name in enumerate(ENDS)
    )
