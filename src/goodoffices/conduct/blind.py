"""Does a forecaster look ahead?  Change what it must not see, and look whether its forecasts move.

For some days, everything that became known on that day or later is altered: signs are turned and values
and quads with them, and what came after the day is taken away.  A forecast of an act of that day may not
move by anything.  A forecaster that reads the act itself, others of the same day, or acts that happened
before but became known later, is found.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts, taken
from goodoffices.conduct.origins import Part
from goodoffices.conduct.trial import Forecaster
from goodoffices.core.draws import stream_key, uniform

__all__ = ["Looked", "altered", "looks_ahead", "shuffled_dates", "shuffled_signs"]

TURNED = np.array([0, 3, 4, 1, 2], np.int8)  # quad of the other sign: verbal stays verbal
STILL = 1e-12  # a forecast that moves by less has not moved


class Looked(NamedTuple):
    """What the look for leaks found.

    Attributes
    ----------
    days
        Ordinals of the days that were looked at.
    moved
        Those of them on which a forecast moved: the forecaster saw what it must not see.
    most
        By how much a forecast moved at most.
    """

    days: tuple[int, ...]
    moved: tuple[int, ...]
    most: float


def altered(acts: Acts, day: int) -> Acts:
    """Turn the sign of everything that became known on a day or later, and leave the days after out."""
    kept = taken(acts, acts.day <= day)
    late = np.maximum(kept.known, kept.day) >= day
    value = np.where(late, -kept.value * np.float32(0.5), kept.value).astype(np.float32)
    return kept._replace(value=value, quad=np.where(late, TURNED[kept.quad], kept.quad).astype(np.int8))


def looks_ahead(fitted: Forecaster, acts: Acts, part: Part, seed: int, many: int = 3) -> Looked:
    """Look for a leak on some of the days asked about, the first one among them.

    Parameters
    ----------
    fitted
        A forecaster as it was fitted at the origin of the part.
    """
    days = _some(np.unique(acts.day[part.asked]), seed, many)
    moved, most = [], 0.0
    for day in days:
        asked = part.asked[acts.day[part.asked] == day]
        away = np.abs(fitted.forecast(altered(acts, day), asked) - fitted.forecast(acts, asked))
        most = max(most, float(away.max()))
        if away.max() > STILL:
            moved.append(day)
    return Looked(tuple(days), tuple(moved), most)


def _some(days: NDArray[np.int32], seed: int, many: int) -> list[int]:
    drawn = uniform(stream_key(seed, "days looked at", ""), len(days))
    chosen = np.argsort(drawn[1:], kind="stable")[: many - 1] + 1
    return [int(days[0]), *sorted(int(day) for day in days[chosen])]


def shuffled_dates(acts: Acts, seed: int) -> Acts:
    """Give each act the day of another: who acts how towards whom stays, and when is lost."""
    turn = np.argsort(uniform(stream_key(seed, "shuffled dates", ""), len(acts.day)), kind="stable")
    moved = acts._replace(day=acts.day[turn], known=acts.known[turn])
    return taken(moved, np.argsort(moved.day, kind="stable"))


def shuffled_signs(acts: Acts, seed: int) -> Acts:
    """Give each act the value of another: there is nothing left to foresee but the base rate."""
    turn = np.argsort(uniform(stream_key(seed, "shuffled signs", ""), len(acts.day)), kind="stable")
    return acts._replace(value=acts.value[turn], quad=acts.quad[turn])
