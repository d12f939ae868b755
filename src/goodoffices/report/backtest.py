"""The page of a run: what was tried, how well it foresaw, and whether its chances can be read as such."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from goodoffices.domain.backtests import Difference, Point, Result, Run
from goodoffices.words import N_, _, figure, language, number, percent

__all__ = ["GROUPS", "Diagram", "Dot", "backtest_page", "diagram"]

SIDE = 240.0  # of the square of a diagram, from 0 to 1
BARS = 36.0  # room below it for how many forecasts each point has
BEST = 3  # diagrams on a page that are open at once
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
BYS = {
    "activity": N_("by acts of the pair known before"),
    "kind": N_("by words and deeds"),
    "quad": N_("by kind of act"),
    "region": N_("by region of the actor"),
}
# Names of groups and blocks, which are translated where they are shown.
GROUPS = (
    *(N_("none"), N_("1-9"), N_("10-99"), N_("100 and more"), N_("pairs"), N_("weeks")),
    *(N_("verbal"), N_("material"), N_("verbal cooperation"), N_("material cooperation")),
    *(N_("verbal conflict"), N_("material conflict"), N_("no country"), N_("Northern Africa")),
    *(N_("Sub-Saharan Africa"), N_("Latin America and the Caribbean"), N_("Northern America")),
    *(N_("Central Asia"), N_("Eastern Asia"), N_("South-eastern Asia"), N_("Southern Asia")),
    *(N_("Western Asia"), N_("Eastern Europe"), N_("Northern Europe"), N_("Southern Europe")),
    *(N_("Western Europe"), N_("Oceania")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One point of a reliability diagram: place, ends of its interval, and the height of its bar."""

    x: float
    y: float
    lo: float
    hi: float
    bar: float
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """Forecast across, share that happened upwards; the diagonal is where both are the same."""

    model: str
    line: str
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[float, str], ...]


def _up(share: float) -> float:
    return round(SIDE * (1.0 - max(0.0, min(1.0, share))), 1)


def _dot(point: Point, most: int) -> Dot:
    told = _("forecast {p}, happened {share} ({lo} to {hi}), {n} forecasts")
    shares = {"p": figure(point.forecast), "share": figure(point.happened)}
    says = told.format(**shares, lo=figure(point.lo), hi=figure(point.hi), n=number(point.n))
    return Dot(
        x=round(SIDE * point.forecast, 1), y=_up(point.happened), lo=_up(point.lo), hi=_up(point.hi),
        bar=round(BARS * point.n / most, 1), says=says,
    )  # fmt: skip


def diagram(result: Result) -> Diagram:
    """Place the reliability diagram of one model."""
    most = max((point.n for point in result.reliability), default=1)
    dots = tuple(_dot(point, most) for point in result.reliability)
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    ticks = tuple((round(SIDE * value, 1), number(value)) for value in TICKS)
    return Diagram(model=result.model, line=line, dots=dots, ticks=ticks)


def _ordered(run: Run) -> list[Result]:
    return sorted(run.results, key=lambda one: one.scores.log_loss)


def _against(run: Run, best: str) -> list[Difference]:
    """The best model less each of the others, the nearest first."""
    others = [one.model for one in _ordered(run) if one.model != best]
    return [run.difference(best, other) for other in others]


def _grouped(run: Run, shown: Sequence[Result]) -> list[tuple[str, list[tuple[str, int, list[str]]]]]:
    """Log losses by group: of each way to group its title, and its rows of name, acts and figures."""
    found = []
    for by in run.results[0].groups if run.results else ():
        rows = [
            (name, scores.n, [figure(one.groups[by][name].log_loss, 3) for one in shown])
            for name, scores in run.results[0].groups[by].items()
        ]
        found.append((_(BYS.get(by, by)), rows))
    return found


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("goodoffices.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals.update(_=_, figure=figure, language=language, number=number, percent=percent)
    made.filters["words"] = lambda text: _(str(text).replace("_", " "))
    return made


def backtest_page(run: Run, said: str) -> str:
    """Write the page of a run.

    Parameters
    ----------
    said
        What a forecast of its question is, and is not.
    """
    ordered = _ordered(run)
    return _environment().get_template("backtest.html.j2").render(
        run=run, said=said, ordered=ordered, best=ordered[0].model, open=BEST,
        diagrams=[diagram(one) for one in ordered], against=_against(run, ordered[0].model),
        shown=ordered[:BEST], groups=_grouped(run, ordered[:BEST]),
    )  # fmt: skip
