"""The page of one pair: how reported conduct adds up over time, under three scales."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined

from goodoffices.domain.indexes import IndexRow, PairIndex
from goodoffices.report.drawing import HEIGHT, WIDTH, Course, course
from goodoffices.words import _, figure, language, number, percent

__all__ = ["Line", "PairPage", "acts_by_kind", "line", "pair_page", "years_of"]

YEARS = 12  # labels side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Change of one facet in log-odds: a line, the height of no change, and the ends of its range."""

    points: str
    zero: float
    low: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPage:
    """Everything that the page of a pair shows.

    Attributes
    ----------
    swept
        Courses of the middle setting, by the factor on the scale.
    acts
        Kind of conduct, sign, events, first and last day.
    """

    found: PairIndex
    courses: Sequence[tuple[Course, Line]]
    swept: Sequence[tuple[float, Sequence[Course]]]
    acts: Sequence[tuple[str, int, int, date, date]]


def acts_by_kind(acts: Sequence[tuple[date, str, int, int]]) -> list[tuple[str, int, int, date, date]]:
    """Count events by kind of conduct, the most frequent first."""
    found: dict[str, tuple[int, int, date, date]] = {}
    for day, kind, sign, events in acts:
        _sign, n, first, last = found.get(kind, (sign, 0, day, day))
        found[kind] = sign, n + events, min(first, day), max(last, day)
    rows = [(kind, *row) for kind, row in found.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _apart(years: Sequence[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    """Name only as many years as stand side by side without touching."""
    step = -(-len(years) // YEARS) or 1
    return tuple(year for year in years if not int(year[1]) % step)


def _thinned(drawn: Course) -> Course:
    return replace(drawn, years=_apart(drawn.years))


def years_of(days: Sequence[date]) -> tuple[tuple[float, str], ...]:
    """Place the years that begin between the first and the last of some days."""
    first, span = days[0].toordinal(), (days[-1] - days[0]).days or 1
    begun = [(date(y, 1, 1), str(y)) for y in range(days[0].year + 1, days[-1].year + 1)]
    return _apart([(round((day.toordinal() - first) / span * WIDTH, 1), year) for day, year in begun])


def _course(title: str, rows: Sequence[IndexRow]) -> Course:
    figures = [row.median for row in rows], [row.lo for row in rows], [row.hi for row in rows]
    return _thinned(course(title, [row.date for row in rows], figures, (), enough=True))


def _swept(found: PairIndex, factor: float) -> list[Course]:
    days: dict[str, list[date]] = {}
    for row in found.rows:
        days.setdefault(row.facet, []).append(row.date)
    made = []
    for one in found.sweep:
        if one.factor == factor and (shown := days.get(one.facet)):
            figures = one.median[-len(shown) :]
            title = _("{facet}, scale ×{factor}").format(facet=_(one.facet), factor=f"{factor:g}")
            made.append(_thinned(course(title, shown, (figures, figures, figures), (), enough=True)))
    return made


def line(rows: Sequence[IndexRow]) -> Line:
    """Place the change since the first day shown: the range of the pair fills the picture."""
    moved = [0.0]
    for row in rows[1:]:
        moved.append(moved[-1] + row.change)
    low, high = min(moved), max(moved)
    first, span = rows[0].date.toordinal(), (rows[-1].date - rows[0].date).days or 1
    height = (high - low) or 1.0

    def place(day: date, value: float) -> str:
        return f"{(day.toordinal() - first) / span * WIDTH:.1f},{(high - value) / height * HEIGHT:.1f}"

    points = " ".join(place(row.date, value) for row, value in zip(rows, moved, strict=True))
    return Line(points=points, zero=round(high / height * HEIGHT, 1), low=f"{low:+.1f}", high=f"{high:+.1f}")


def pair_page(found: PairIndex) -> str:
    """Give the page as one HTML document that opens offline and needs no script."""
    facets = list(dict.fromkeys(row.facet for row in found.rows))
    made = PairPage(
        found=found,
        courses=[
            (_course(_(rows[0].facet), rows), line(rows))
            for rows in ([row for row in found.rows if row.facet == facet] for facet in facets)
        ],
        swept=[(factor, _swept(found, factor)) for factor in (0.5, 2.0)],
        acts=acts_by_kind(found.acts),
    )
    environment = Environment(
        loader=PackageLoader("goodoffices.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(_=_, figure=figure, number=number, percent=percent, language=language)
    environment.filters["words"] = lambda text: _(str(text).replace("_", " "))
    return environment.get_template("pair.html.j2").render(page=made)
