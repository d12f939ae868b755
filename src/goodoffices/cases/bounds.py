"""What a default may be set to: what its unit can mean, and what the ledger can reckon with.

The bounds only keep out what means nothing, such as a half-life of no years or a probability of 7; how
far a value may reasonably be moved is its own range, which stands beside it and binds nobody.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from goodoffices.domain.tables import Default
from goodoffices.errors import Fault
from goodoffices.words import _, number

__all__ = ["LIMITS", "bound_faults"]


class Limit(NamedTuple):
    """The least and the most; whether the least itself is left out."""

    low: float
    high: float
    above: bool = False


# By unit.  Ends other than 0 and 1 are judged: far beyond any range, and still harmless to reckon with.
LIMITS = {
    "probability": Limit(0.0, 1.0),
    "share": Limit(0.0, 1.0),
    "correlation": Limit(0.0, 1.0),
    "share a phase": Limit(0.0, 1.0, above=True),
    "index": Limit(0.005, 1.0),
    "utility": Limit(0.0, 1.0, above=True),
    "a month": Limit(0.0, 1.0),
    "per month": Limit(0.0, 1.0),
    "per refusal": Limit(0.0, 1.0),
    "ratio": Limit(0.0, 100.0),
    "hazard ratio": Limit(0.0, 100.0, above=True),
    "log-odds": Limit(-10.0, 10.0),
    "log hazard": Limit(-10.0, 10.0),
    "years": Limit(0.0, 1000.0, above=True),
    "months": Limit(0.0, 120.0, above=True),
}
_GOOD, _BAD = "good_if_trustworthy.", "good_if_untrustworthy."


def _told(limit: Limit, unit: str) -> str:
    said = _("give a number above {low} and up to {high} ({unit})")
    if not limit.above:
        said = _("give a number from {low} to {high} ({unit})")
    return said.format(low=number(limit.low), high=number(limit.high), unit=_(unit))


def _fault(file: str, name: str, value: float, fix: str) -> Fault:
    return Fault(file=file, field=name, found=repr(value), fix=fix)


def _fits(limit: Limit, value: float) -> bool:
    return (limit.low < value if limit.above else limit.low <= value) and value <= limit.high


def _in_order(given: Mapping[str, float], known: Mapping[str, Default], file: str) -> Iterator[Fault]:
    """Acting well must speak for the trustworthy type; at 0 or 1 one act would settle everything."""
    for facet in (name.removeprefix(_GOOD) for name in known if name.startswith(_GOOD)):
        names = (_BAD + facet, _GOOD + facet)
        worse, better = (given.get(name, known[name].value) for name in names)
        if not 0.0 < worse < better < 1.0:
            touched = names[1] if names[1] in given else names[0]
            fix = _("let it be more often good if trustworthy than if not, both above 0 and below 1")
            yield _fault(file, touched, given[touched], fix)


def _alone(given: Mapping[str, float], known: Mapping[str, Default], file: str) -> Iterator[Fault]:
    for name, value in given.items():
        if name not in known:
            listed = ", ".join(sorted(known))
            yield Fault(file=file, field="defaults", found=f'"{name}"', fix=_("use one of ") + listed)
            continue
        limit = LIMITS[known[name].unit]
        if not _fits(limit, value):
            yield _fault(file, name, value, _told(limit, known[name].unit))


def bound_faults(given: Mapping[str, float], known: Mapping[str, Default], file: str) -> list[Fault]:
    """Give a fault for each default that is set and is none, or is set to what means nothing."""
    return list(_alone(given, known, file)) or list(_in_order(given, known, file))
