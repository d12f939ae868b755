"""Parts of a forecast of conduct: whose record an act is read from, and where it stands.

Each part has records by a key of its own.  A record has two sides: a pair of two parties, roles or
countries is one record whose sides are its two directions; a party or a role is one record
whose sides are what it does and what is done to it.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Parties
from goodoffices.words import N_

__all__ = ["PARTS", "SHARED", "Part", "keys"]

Keys = NDArray[np.int64]


class Part(NamedTuple):
    """One part: its name, and what is read from its record."""

    name: str
    says: str


PARTS = (
    Part(N_("pair"), N_("how the two have behaved towards one another")),
    Part(N_("actor"), N_("how the actor behaves in general, and is treated")),
    Part(N_("target"), N_("how the target is treated in general, and behaves")),
    Part(N_("roles"), N_("how parties in these roles behave towards one another")),
    Part(N_("countries"), N_("how parties of these countries behave towards one another")),
    Part(N_("actor's role"), N_("how parties in the role of the actor behave, and are treated")),
    Part(N_("target's role"), N_("how parties in the role of the target are treated, and behave")),
    Part(N_("everybody"), N_("how everybody behaves")),
)
_WIDE = 1 << 31


def _both(one: NDArray[Any], other: NDArray[Any]) -> Keys:
    """Name two of a kind in either order, and the direction by the last bit."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    return np.asarray((low.astype(np.int64) * _WIDE + high) * 2 + (one > other))


def _one(of: NDArray[Any], side: int) -> Keys:
    return np.asarray(of.astype(np.int64) * 2 + side)


def keys(parties: Parties, actor: NDArray[Any], target: NDArray[Any]) -> list[Keys]:
    """Give the key of each part: that of the record times two, plus the side; each of shape (act,).

    Parts that speak of the same sort of record share its keys: see `SHARED`.
    """
    roles, countries = parties.role, parties.country
    return [
        _both(actor, target),
        _one(actor, 0),
        _one(target, 1),
        _both(roles[actor], roles[target]),
        _both(countries[actor], countries[target]),
        _one(roles[actor], 0),
        _one(roles[target], 1),
        _one(np.zeros_like(actor), 0),
    ]


SHARED = (0, 1, 1, 2, 3, 4, 4, 5)
"""Which table of records each part of `PARTS` looks into."""
