"""From reports to evidence: which rows tell of one event, and how much an event adds.

A coded row is a report, not a fact.  Reports of one pair, day, kind and place are one event; n of
them are worth n_eff = n / (1 + (n - 1) rho).  The events of one pair, kind and month are damped by
the same rule, one after the other: each day adds the step from what was there before it to what is
there after it, so that a day never needs to know what comes later.  Sums are kept in whole parts, so
that no order of rows changes a bit of them.

Integrity takes only dated obligations with shared content, which no feed has: what a kind says of
it is left out here.  So are meetings, which move a belief either way.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import ledger
from goodoffices.domain.evidence import Facet, Kind
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = [
    "PARTS",
    "Conduct",
    "Evidence",
    "Grouped",
    "conduct",
    "evidence",
    "false_positives",
    "parts",
    "standing",
    "steps",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
PARTS = 1 << 16  # parts of one report
MOST = 256  # reports of one event beyond which more of them add nothing that could be seen
FACETS = tuple(Facet)


class Conduct(NamedTuple):
    """What each kind of conduct says; effects of one kind stand together, kinds by number.

    `first` and `many` say where the effects of a kind begin and how many there are.
    """

    names: tuple[str, ...]
    first: NDArray[np.int32]
    many: NDArray[np.int32]
    facet: NDArray[np.int8]
    sign: NDArray[np.int8]
    strength: Floats
    gesture: Floats


class Grouped(NamedTuple):
    """Reports of one kind, pair and day, put together; arrays of shape (row,), days in order.

    Attributes
    ----------
    before, mass
        Parts of that kind and month before the day, and on it.
    credible
        Share of the parts that stand after false positives.
    age
        Mean days from when it happened to when it was known.
    """

    pair: NDArray[np.int32]
    kind: NDArray[np.int16]
    day: NDArray[np.int32]
    before: Whole
    mass: Whole
    credible: Floats
    age: Floats
    events: NDArray[np.int32]


class Evidence(NamedTuple):
    """Rows as the ledger takes them, one event-day and facet a row, in order of days."""

    pair: NDArray[np.int32]
    facet: NDArray[np.int8]
    day: NDArray[np.int32]
    sign: NDArray[np.int8]
    weight: NDArray[np.float32]
    gesture: NDArray[np.float32]
    events: NDArray[np.int32]


def _effects(kind: Kind) -> list[tuple[int, int, float, float]]:
    """Facet, sign, strength and gesture of what a report of this kind can say."""
    found = [
        (FACETS.index(facet), 1 if value > 0 else -1, abs(value), 0.0)
        for facet, value in kind.strengths.items()
        if facet is not Facet.INTEGRITY and value
    ]
    if kind.gesture:
        found.append((FACETS.index(Facet.INTENTION), 1, 1.0, kind.gesture))
    return found


def conduct(kinds: Mapping[str, Kind]) -> Conduct:
    """Number the kinds of the codebook that a report can speak of; all others are left out."""
    told = {name: effects for name in sorted(kinds) if (effects := _effects(kinds[name]))}
    many = np.array([len(effects) for effects in told.values()], np.int32)
    flat = [effect for effects in told.values() for effect in effects]
    facet, sign, strength, gesture = (np.array(column) for column in zip(*flat, strict=True))
    first = np.concatenate([[0], np.cumsum(many)[:-1]]).astype(np.int32)
    return Conduct(
        tuple(told), first, many, facet.astype(np.int8), sign.astype(np.int8), strength.astype(float), gesture
    )


def parts(correlation: float) -> list[int]:
    """Give what n reports of one event are worth, in whole parts, for n = 0, 1, ..., the most."""
    worth = ledger.effective_reports(np.arange(MOST + 1.0), correlation)
    return [int(value) for value in np.rint(worth * PARTS)]


def steps(before: Whole, mass: Whole, correlation: float) -> Floats:
    """Give how much n_eff of a month grows by what a day adds, in reports."""
    after, so_far = (before + mass) / PARTS, before / PARTS
    grown = ledger.effective_reports(after, correlation) - ledger.effective_reports(so_far, correlation)
    return np.asarray(grown)


def evidence(
    rows: Grouped, told: Conduct, half_life: Floats, correlation: float, reliability: float
) -> Evidence:
    """Give the evidence of grouped reports, one row for each facet that a kind bears on.

    What was known late enters with what is left of it since the day on which it happened; `half_life`
    has shape (2 signs, 4 facets) and is in days.
    """
    many = told.many[rows.kind]
    of = np.repeat(np.arange(len(rows.kind)), many)
    within = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
    effect = told.first[rows.kind][of] + within
    facet, sign = told.facet[effect], told.sign[effect]
    weight = (reliability * rows.credible * steps(rows.before, rows.mass, correlation))[of] * told.strength[
        effect
    ]
    weight = weight * ledger.fade(rows.age[of], half_life[(sign < 0).astype(int), facet])
    return Evidence(
        rows.pair[of],
        facet,
        rows.day[of],
        sign,
        weight.astype(np.float32),
        told.gesture[effect].astype(np.float32),
        rows.events[of],
    )


def standing(rates: Mapping[str, float], codes: Iterable[str]) -> dict[str, float]:
    """Give the share of the reports of each code that stand; a code without a rate keeps them all."""
    wrong = {code: rate for code, rate in rates.items() if not 0.0 <= rate <= 1.0}
    if wrong:
        code, rate = next(iter(wrong.items()))
        said = _("false positives of {code}: found {rate}; a rate lies between 0 and 1")
        raise UsageError(said.format(code=code, rate=rate))
    return {code: 1.0 - rates.get(code, 0.0) for code in codes}


def false_positives(verified: Sequence[tuple[str, bool]]) -> dict[str, float]:
    """Estimate the rate of each code from reports that people checked: (code, was it right).

    The rate of all codes together counts as two further reports of each, so that a code that was
    checked once is not called always wrong.
    """
    if not verified:
        return {}
    overall = sum(not right for _code, right in verified) / len(verified)
    counts: dict[str, list[int]] = {}
    for code, right in verified:
        seen = counts.setdefault(code, [0, 0])
        seen[0] += 1
        seen[1] += not right
    return {code: (wrong + 2.0 * overall) / (n + 2.0) for code, (n, wrong) in sorted(counts.items())}
