"""The page on how long agreements lasted: curves by class, scores of forecasts, and what went together."""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from goodoffices.domain.lasting import FIGURES, ClassShares, Durability, Spread
from goodoffices.report.drawing import HEIGHT, WIDTH
from goodoffices.words import _, figure, language, number

__all__ = ["Drawn", "drawn", "lasting_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The share of a class that ended, over years: line, the band around it, and marks for the years."""

    name: str
    line: str
    band: str
    years: tuple[tuple[float, str], ...]


def drawn(shares: ClassShares) -> Drawn:
    """Place a curve: from no year to the last across, from none to all upwards."""
    last = shares.years[-1]

    def place(year: float, value: float) -> str:
        return f"{year / last * WIDTH:.1f},{(1.0 - value) * HEIGHT:.1f}"

    up = [place(year, one.hi) for year, one in zip(shares.years, shares.share, strict=True)]
    down = [place(year, one.lo) for year, one in zip(shares.years, shares.share, strict=True)]
    return Drawn(
        name=shares.name,
        line=" ".join(place(year, one.value) for year, one in zip(shares.years, shares.share, strict=True)),
        band=" ".join(up + down[::-1]),
        years=tuple((round(year / last * WIDTH, 1), str(year)) for year in range(1, int(last) + 1)),
    )


def _told(one: Spread, digits: int = 2, *, signed: bool = False) -> Markup:
    """A figure with its interval; the sign of a difference is always shown."""
    value, lo, hi = (
        ("+" if signed and x > 0.0 else "") + figure(x, digits) for x in (one.value, one.lo, one.hi)
    )
    between = _("{lo} to {hi}").format(lo=lo, hi=hi)
    return Markup('{} <span class="soft">({})</span>').format(value, between)


def lasting_page(found: Durability) -> str:
    """Give the page as one HTML document that opens offline and needs no script."""
    environment = Environment(
        loader=PackageLoader("goodoffices.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(_=_, figure=figure, number=number, language=language)
    environment.globals.update(told=_told, FIGURES=FIGURES)
    curves = [(shares, drawn(shares)) for shares in found.curves]
    return environment.get_template("lasting.html.j2").render(d=found, curves=curves)
