"""A case with as many facts as one likes: three decision-makers on each of two sides, ten years."""

from datetime import timedelta

import numpy as np

from goodoffices.cases.tables import tables
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Fact
from goodoffices.domain.texts import Provision
from tests.strategies import START, deal, fact, person, stakes, tiny

SIDES = {"north": ("nora", "nils", "nina"), "south": ("saul", "sara", "sven")}
DAYS = 3650


def crowded(facts: int = 10_000, seed: int = 1) -> Case:
    """Give a case of so many facts; one in thirty is a meeting or a proven lie, one in five was known late."""
    people = [person(f"k{name}", name, side) for side, names in SIDES.items() for name in names]
    rows = [stake for one in people for stake in stakes(one.id)]
    rng = np.random.default_rng(seed)
    step = Provision(key="steps0", id="steps", type="phasing", known_on=START, steps=4)
    return tiny(
        [_made(number, rng) for number in range(facts)], people=people, rows=rows, texts=(deal(step),)
    )


def _kinds(rare: bool) -> list[str]:
    known = tables().kinds
    plain = [name for name, kind in known.items() if not kind.role and not kind.meeting]
    odd = [name for name, kind in known.items() if kind.meeting or kind.role == "deception"]
    return sorted(odd if rare else plain)


def _made(number: int, rng: np.random.Generator) -> Fact:
    one, other = rng.permutation(list(SIDES)).tolist()
    actor = one if rng.random() < 0.4 else str(rng.choice(SIDES[one]))
    kind = str(rng.choice(_kinds(rare=rng.random() < 1 / 30)))
    day = int(rng.integers(0, DAYS))
    late = int(rng.integers(1, 60)) if rng.random() < 0.2 else 0
    return fact(
        number, kind, actor, str(rng.choice(SIDES[other])), day=day,
        known_on=START + timedelta(days=min(day + late, DAYS)),
        scale=str(rng.choice(["", "some", "half", "strong"])),
        pressure=str(rng.choice(["", "", "some"])),
        reliability=str(rng.choice(["single", "fair", "wire", "official"])),
    )  # fmt: skip
