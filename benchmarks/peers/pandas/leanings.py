"""The leanings of the model of conduct in pandas: exponentially weighted means by record (ewm).

For each part (whose record), each half-life: an exponentially weighted mean of signs by record and the
weight behind it, both by the days of the acts.  An act meets what stood before its own day, on both
sides of each record, faded until then; from the mean and its weight come both leanings, drawn to zero by
a few or by many acts that were never seen.  A day is handed over as a second: pandas knows no half-life
of a thousand million days, and the sums are the same.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd


class Told(NamedTuple):
    """A stream of acts.

    `day` and whether acts were `good` have shape (act,), the side of a record that stands in `place` has
    shape (act, part); parts of the same `table` look into the same records, from either side.
    """

    day: np.ndarray
    good: np.ndarray
    place: np.ndarray
    table: np.ndarray


def means(told: Told, part: int, half_lives: np.ndarray) -> pd.DataFrame:
    """Give, after each act, the weighted mean of signs of its side of the record, one column a half-life."""
    acts = pd.DataFrame(
        {
            "day": told.day.astype(np.int64) - int(told.day[0]),
            "side": told.place[:, part].astype(np.int64),
            "sign": np.where(told.good > 0, 1.0, -1.0),
        }
    )
    times, groups = pd.to_datetime(acts["day"], unit="s"), acts.groupby("side")["sign"]
    for number, half in enumerate(half_lives):
        mean = groups.ewm(halflife=pd.Timedelta(seconds=float(half)), times=times).mean()
        acts[f"mean {number}"] = mean.droplevel(0)
    return acts


def weighed(acts: pd.DataFrame, half_lives: np.ndarray) -> pd.DataFrame:
    """Add the weight behind each mean: acts of the side so far, faded."""
    for number, half in enumerate(half_lives):
        grown = np.exp2(acts["day"] / half)
        acts[f"weight {number}"] = grown.groupby(acts["side"]).cumsum() / grown
    return acts


def met(acts: pd.DataFrame, sides: np.ndarray, half_lives: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give net and total of a side before the day of each act, shape (half-life, act) each."""
    asked = pd.DataFrame({"day": acts["day"], "side": sides})
    given = acts.drop(columns="sign").assign(stood=acts["day"])
    found = pd.merge_asof(asked, given, on="day", by="side", allow_exact_matches=False)
    age, net, total = found["day"] - found["stood"], [], []
    for number, half in enumerate(half_lives):
        weight = (found[f"weight {number}"] * np.exp2(-age / half)).fillna(0.0)
        total.append(weight.to_numpy())
        net.append((found[f"mean {number}"].fillna(0.0) * weight).to_numpy())
    return np.array(net), np.array(total)


def leanings(told: Told, half_lives: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """Give all leanings, shape (act, near or far, part, side, half-life)."""
    parts = range(told.place.shape[1])
    followed = [weighed(means(told, part, half_lives), half_lives) for part in parts]
    found = np.empty((len(told.day), len(unseen), len(parts), 2, len(half_lives)), np.float32)
    for part in parts:
        others = [one for one in parts if told.table[one] == told.table[part] and one != part]
        for side, source in enumerate((part, (others or [part])[0])):
            sides = followed[part]["side"].to_numpy() ^ side
            net, total = met(followed[source], sides, half_lives)
            for number, acts_unseen in enumerate(unseen):
                found[:, number, part, side] = (net / (total + acts_unseen)).T
    return found
