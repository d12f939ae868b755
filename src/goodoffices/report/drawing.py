"""Drawing contexts: plain numbers and words that the SVG macros draw, one frozen dataclass a picture.

All pictures are on the unit scale of the model index; positions are in SVG user units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from goodoffices.domain.readings import DealReading, DecisionMakerReading, Reading, TornadoBar
from goodoffices.words import _, figure

__all__ = ["Bar", "Cell", "Course", "Matrix", "Strip", "course", "matrix", "strip", "tornado"]

WIDTH = 560.0  # of a strip, from index 0 to index 1
FACETS = ("capacity", "intention", "integrity", "predictability")


def _x(value: float) -> float:
    return round(max(0.0, min(1.0, value)) * WIDTH, 1)


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
