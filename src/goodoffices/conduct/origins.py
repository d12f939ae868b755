"""When a backtest stands and looks ahead: one split, or rolling origins.

From every origin everything known before it is learnt anew (an expanding window), and the acts of the
days that follow are asked about.  Rolling origins are one object, origin, horizon, stride and count
together, as in the evaluation of VIEWS (its decision record ADR-049), so that no part of a schedule can
be changed alone.  What was known goes by the later of the day on which it was known and that on which it
was public.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["Design", "Origins", "Part", "Split", "parts"]


CENTURY = 36_525  # days that a schedule may span; judged: no record of reports is longer


class Part(NamedTuple):
    """One origin and what is asked from it.

    Attributes
    ----------
    day
        Ordinal of the origin: what was known before it is learnt from.
    asked
        Places of the acts that are asked about, in order of their day; shape (question,).
    """

    day: int
    asked: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The first acts are learnt from, the rest are asked about, and nothing is learnt anew.

    A day that the split would cut is not learnt from.
    """

    share: float = 0.8

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise UsageError(
                _("a split lies between 0 and 1, such as 0.8; found {found}").format(found=self.share)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Rolling origins: where the first stands, how far each looks, how far apart they are, how many.

    Attributes
    ----------
    horizon, stride
        In days.
    """

    origin: date
    horizon: int
    stride: int
    count: int

    def __post_init__(self) -> None:
        for name, value in (("horizon", self.horizon), ("stride", self.stride), ("origins", self.count)):
            if value < 1:
                raise UsageError(_("{name}: found {found}; give at least 1").format(name=name, found=value))
        days = self.horizon + self.stride * (self.count - 1)
        if days > CENTURY:
            said = _("origins, stride and horizon make {days} days in all; give at most {most}")
            raise UsageError(said.format(days=days, most=CENTURY))

    @property
    def days(self) -> tuple[date, ...]:
        """The origins."""
        return tuple(self.origin + timedelta(days=self.stride * k) for k in range(self.count))


Design = Split | Origins


def parts(acts: Acts, design: Design) -> tuple[Part, ...]:
    """Lay out what is asked, origin by origin.

    Raises
    ------
    UsageError
        If a part would have nothing to learn from or nothing to ask: no part is left out silently.
    """
    found = _split(acts, design) if isinstance(design, Split) else _rolled(acts, design)
    reach = np.maximum(acts.known, acts.day)
    for part in found:
        day = date.fromordinal(part.day)
        if not len(part.asked):
            raise UsageError(_("no act is asked about from {day} on").format(day=day))
        if not (reach < part.day).any():
            raise UsageError(_("nothing was known before {day}: there is nothing to fit").format(day=day))
    return found


def _split(acts: Acts, design: Split) -> tuple[Part, ...]:
    first = int(len(acts.day) * design.share)
    if first == 0:
        raise UsageError(
            _("{n} acts are too few for a split at {share}").format(n=len(acts.day), share=design.share)
        )
    return (Part(int(acts.day[first]), np.arange(first, len(acts.day))),)


def _rolled(acts: Acts, design: Origins) -> tuple[Part, ...]:
    last = int(acts.day[-1])
    ends = [day.toordinal() + design.horizon for day in design.days]
    if ends[-1] - 1 > last:
        said = _("the last window ends on {end}, after the last act on {last}: take fewer origins")
        raise UsageError(said.format(end=date.fromordinal(ends[-1] - 1), last=date.fromordinal(last)))
    starts = [day.toordinal() for day in design.days]
    bounds = zip(np.searchsorted(acts.day, starts), np.searchsorted(acts.day, ends), strict=True)
    return tuple(Part(start, np.arange(*bound)) for start, bound in zip(starts, bounds, strict=True))
