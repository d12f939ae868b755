"""Streams of acts for benchmarks: made up, or out of a file; and how they are handed to a contestant."""

from pathlib import Path

import numpy as np

from goodoffices.conduct.acts import Acts, Parties
from goodoffices.conduct.model import Recipe
from goodoffices.conduct.numbering import Numbering
from goodoffices.conduct.parts import SHARED

FIRST_DAY = 736_000
ROLES, COUNTRIES = 40, 200


def parties(many: int, rng: np.random.Generator) -> Parties:
    """Give parties, each with a role and a country."""
    role, country = (rng.integers(0, most, many).astype(np.int32) for most in (ROLES, COUNTRIES))
    names = tuple(f"party {k:07}" for k in range(many))
    return Parties(
        names,
        role,
        country,
        tuple(f"role {k}" for k in range(ROLES)),
        tuple(f"land {k}" for k in range(COUNTRIES)),
    )


def made(acts: int, who: int, days: int, pairs: int, seed: int) -> Acts:
    """Make a stream: pairs are met by Zipf's law (exponent 0.8), some mostly kind and some mostly not."""
    rng = np.random.default_rng(seed)
    share = np.arange(1, pairs + 1) ** -0.8
    pair = np.searchsorted(np.cumsum(share / share.sum()), rng.random(acts)).clip(0, pairs - 1)
    actor = rng.integers(0, who, pairs)
    target = (actor + rng.integers(1, who, pairs)) % who
    good = rng.random(acts) < np.where(rng.random(pairs) < 0.7, 0.85, 0.3)[pair]
    day = np.sort(FIRST_DAY + rng.integers(0, days, acts)).astype(np.int32)
    return Acts(
        day,
        day.copy(),
        actor[pair].astype(np.int32),
        target[pair].astype(np.int32),
        np.where(good, 4.0, -5.0).astype(np.float32),
        np.where(good, 1, 3).astype(np.int8),
        parties(who, rng),
    )


def columns(acts: Acts, recipe: Recipe) -> dict[str, np.ndarray]:
    """Lay a stream out for contestants: `place` is twice the record, plus the side, of each part."""
    numbering = Numbering()
    place = numbering.places(acts)
    return {
        "day": acts.day,
        "known": acts.known,
        "good": acts.good.astype(np.int8),
        "actor": acts.actor,
        "target": acts.target,
        "place": place,
        "table": np.array(SHARED),
        "records": np.array(numbering.size),
        "half_lives": np.array(recipe.half_lives),
        "unseen": np.array([recipe.near, recipe.far]),
    }


def write(acts: Acts, recipe: Recipe, file: Path) -> None:
    """Write a stream to a file of arrays (.npz)."""
    np.savez(file, **columns(acts, recipe))
