"""What one draw of the benchmark's negotiation holds, read from plain arrays, and its chances.

Everything that does not change from history to history is laid out here once for each draw, so that
a rollout of the model pays for nothing but itself.
"""

import functools
import math
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[3] / "src"))
from goodoffices.core.chances import DRAW, month_key
from goodoffices.core.durability import baseline
from goodoffices.core.ledger import fade
from goodoffices.core.stage import BAD, GOOD, INTEGRITY, INTENTION, MONTH

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]
Cells = tuple[Ints, ...]  # other, facet, sign and owner of some stores of one decision-maker

GOLDEN, MIX_1, MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
OTHER = 0x5DEECE66D1234567  # turns the key of a normal draw's radius into that of its angle
MASK = 2**64 - 1
key_of = functools.cache(month_key)


def uniform_at(key: int, number: int) -> float:
    """Give the draw with this key and number: core/draws.py in Python's own whole numbers."""
    z = (key + (number + 1) * GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * MIX_1) & MASK
    z = ((z ^ (z >> 27)) * MIX_2) & MASK
    z ^= z >> 31
    return ((z >> 12) + 0.5) * 2.0**-52


class Chances:
    """The chances of one history; the same as every other driver's."""

    def __init__(self, seed: int, draw: int, number: int) -> None:
        self.seed, self.number = seed, draw * DRAW + number

    def uniform(self, purpose: str, entity: str, month: int) -> float:
        """Strictly between 0 and 1."""
        return uniform_at(key_of(self.seed, purpose, entity, month), self.number)

    def normal(self, purpose: str, entity: str, month: int) -> float:
        """Standard normal."""
        key = key_of(self.seed, purpose, entity, month)
        radius = math.sqrt(-2.0 * math.log(uniform_at(key, self.number)))
        return radius * math.cos(2.0 * math.pi * uniform_at(key ^ OTHER, self.number))


class Text(NamedTuple):
    """What a text asks for and gives; what hangs on who looks is a list, one item for each of them."""

    threshold: list[float]
    deterrence: list[Floats]  # of the others, as each sees it
    assistance: list[Floats]  # to the others
    deterrence_bare: Floats
    assistance_all: Floats
    consent: float
    log_ratios: float
    steps: float
    strikes: Floats  # (side, quiet or milestone)


class Month(NamedTuple):
    """The facts of one month of the bank that one decision-maker learns."""

    good: Cells
    good_weight: Floats
    good_gesture: Floats
    doubted: Floats  # 1 where the enemy image explains away
    good_about: Ints  # whom
    bad: Cells
    bad_weight: Floats


class Seat(NamedTuple):
    """One decision-maker as all histories of a draw find him."""

    place: int
    key: str
    side: int
    person: bool
    others: Ints  # places of those on other sides
    spot: dict[int, int]  # place -> position among the others
    prior: Floats  # (other, facet)
    stores: Floats  # (other, facet, sign, owner)
    flags: Floats  # (other, owner)
    truth: Floats  # (facet,)
    truth_doubt: Floats
    wrecking: float
    wrecking_of_others: Floats
    veto: float
    veto_later: float
    bank: list[Month]


class Scene(NamedTuple):
    """One draw."""

    seed: int
    draw: int
    months: int
    horizon: int
    side_keys: list[str]
    seats: list[Seat]
    wrecking: Floats
    themselves: NDArray[np.bool_]  # (place, place)
    text: Text
    texts: list[Text]
    of: list[int]
    events: dict[int, list[dict[str, Any]]]
    multiplier: float
    kept: Floats
    broken: Floats
    bank_months: int
    rules: dict[str, float]
    left_in_a_month: Floats  # (facet, sign, owner)
    baseline: list[float]


def _text(arrays: Arrays, prefix: str, where: tuple[int, ...], others: list[Ints]) -> Text:
    """Give one text of one draw; `where` finds it in the arrays that have this prefix."""

    def item(name: str) -> Any:
        found = arrays[f"{prefix}.{name}"]
        return found[(*where[:-1], ..., where[-1])]

    return Text(
        threshold=item("threshold").tolist(),
        deterrence=[item("deterrence")[i, seen].copy() for i, seen in enumerate(others)],
        assistance=[item("assistance")[seen].copy() for seen in others],
        deterrence_bare=item("deterrence_bare").copy(),
        assistance_all=item("assistance").copy(),
        consent=float(item("consent")),
        log_ratios=float(item("log_ratios")),
        steps=float(item("steps")),
        strikes=item("strikes").copy(),
    )


def _bank(arrays: Arrays, place: int, spot: dict[int, int]) -> list[Month]:
    """Give what one decision-maker learns in each month of the bank."""
    mine = np.flatnonzero(arrays["bank.truster"] == place)
    about, facet, sign, owner = (
        arrays[f"bank.{name}"][mine] for name in ("trustee", "facet", "sign", "owner")
    )
    if not set(about.tolist()) <= set(spot):
        raise ValueError("the model knows of beliefs across sides only")
    spots = np.array([spot[int(j)] for j in about], dtype=np.int64)
    found = []
    for month in range(arrays["bank.weight"].shape[1]):
        weight, gesture = arrays["bank.weight"][mine, month], arrays["bank.gesture"][mine, month]
        good, bad = (weight > 0) & (sign == GOOD), (weight > 0) & (sign == BAD)
        cells = [tuple(column[these] for column in (spots, facet, sign, owner)) for these in (good, bad)]
        doubted = np.isin(facet[good], (INTENTION, INTEGRITY)) * 1.0
        found.append(
            Month(cells[0], weight[good], gesture[good], doubted, spots[good], cells[1], weight[bad])
        )
    return found


def _seat(arrays: Arrays, place: int, others: Ints, draw: int) -> Seat:
    """Give one decision-maker of one draw."""
    spot = {int(j): number for number, j in enumerate(others)}

    def item(name: str) -> Any:
        return arrays[name][place, ..., draw]

    return Seat(
        place=place,
        key=str(arrays["keys"][place]),
        side=int(arrays["party"][place]),
        person=bool(arrays["person"][place]),
        others=others,
        spot=spot,
        prior=item("prior")[others].copy(),
        stores=item("stores")[others].copy(),
        flags=item("flags")[others].copy(),
        truth=item("truth").copy(),
        truth_doubt=item("truth_doubt").copy(),
        wrecking=float(item("wrecking")),
        wrecking_of_others=arrays["wrecking"][others, draw].copy(),
        veto=float(item("veto")),
        veto_later=float(item("veto_implementation")),
        bank=_bank(arrays, place, spot),
    )


def _events(arrays: Arrays, draw: int) -> dict[int, list[dict[str, Any]]]:
    """Give what the plan does in each month, in order."""
    names = [name for name in arrays if name.startswith("events.")]
    by_month: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in range(len(arrays["events.month"])):
        values = {name.removeprefix("events."): arrays[name][row] for name in names}
        event = {name: (v[draw] if np.ndim(v) else v).item() for name, v in values.items()}
        by_month[event["month"]].append(event)
    return by_month


def scene(arrays: Arrays, draw: int) -> Scene:
    """Lay out one draw."""
    sides = arrays["party"]
    others = [np.flatnonzero(sides != side) for side in sides]
    rules = {name: v[..., draw] for name, v in arrays.items() if name.startswith("rules.")}
    half_life = rules.pop("rules.half_life")  # (sign, facet)
    months = int(arrays["months"])
    texts = len(arrays["texts.consent"])
    return Scene(
        seed=int(arrays["seed"]),
        draw=draw,
        months=months,
        horizon=int(arrays["horizon"]),
        side_keys=[str(key) for key in arrays["side_keys"]],
        seats=[_seat(arrays, place, seen, draw) for place, seen in enumerate(others)],
        wrecking=arrays["wrecking"][:, draw].copy(),
        themselves=np.eye(len(sides), dtype=bool),
        text=_text(arrays, "terms", (draw,), others),
        texts=[_text(arrays, "texts", (number, draw), others) for number in range(texts)],
        of=arrays["of"].tolist(),
        events=_events(arrays, draw),
        multiplier=float(arrays["multiplier"][draw]),
        kept=arrays["kept"][:, draw].copy(),
        broken=arrays["broken"][:, draw].copy(),
        bank_months=arrays["bank.weight"].shape[1],
        rules={name.removeprefix("rules."): float(value) for name, value in rules.items()},
        left_in_a_month=np.repeat(fade(MONTH, half_life).T[:, :, None], 2, axis=2),
        baseline=[baseline(number * MONTH) for number in range(months + 1)],
    )
