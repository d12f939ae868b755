"""Number the records that acts are read from, batch after batch, so that a stream can go on for ever."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts, Parties
from goodoffices.conduct.parts import PARTS, SHARED, keys

__all__ = ["Numbering"]

Places = NDArray[np.uint32]


class Numbering:
    """Gives each party, role and country a number when it is first met, and each record one of its own.

    A number says nothing but in which order things came: no result hangs on it.
    """

    def __init__(self) -> None:
        self._party: dict[str, int] = {}
        self._role: dict[str, int] = {}
        self._country: dict[str, int] = {}
        self._of: list[tuple[int, int]] = []
        self._record: list[dict[int, int]] = [{} for _table in set(SHARED)]
        self.size = 0

    def places(self, acts: Acts) -> Places:
        """Give the place of each act in each part, shape (act, part); what is new is numbered."""
        own = self._met(acts.parties)
        return self._placed(own[acts.actor], own[acts.target])

    def asked(self, pairs: Iterable[tuple[str, str]]) -> Places:
        """Give the places of acts that may come; what was never met has an empty record of its own."""
        number = np.array([[self._party[one] for one in pair] for pair in pairs], np.int64).reshape(-1, 2)
        return self._placed(number[:, 0], number[:, 1])

    def knows(self, name: str) -> bool:
        """Was a party of this name met?"""
        return name in self._party

    def meet(self, name: str, role: str, country: str) -> None:
        """Number a party before it acts."""
        if name not in self._party:
            self._party[name] = len(self._party)
            self._of.append(
                (
                    self._role.setdefault(role, len(self._role)),
                    self._country.setdefault(country, len(self._country)),
                )
            )

    def _met(self, parties: Parties) -> NDArray[np.int64]:
        for name, role, country in zip(parties.names, parties.role, parties.country, strict=True):
            self.meet(name, parties.roles[role], parties.countries[country])
        return np.array([self._party[name] for name in parties.names], np.int64)

    def _placed(self, actor: NDArray[np.int64], target: NDArray[np.int64]) -> Places:
        role, country = np.array(self._of, np.int32).reshape(-1, 2).T
        given = keys(Parties((), role, country, (), ()), actor, target)
        found = np.empty((len(actor), len(PARTS)), np.uint32)
        for part, key in enumerate(given):
            every, place = np.unique(key >> 1, return_inverse=True)
            found[:, part] = 2 * self._numbers(SHARED[part], every)[place] + (key & 1)
        return found

    def _numbers(self, table: int, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        known = self._record[table]
        for key in wanted.tolist():
            if key not in known:
                known[key] = self.size
                self.size += 1
        return np.array([known[key] for key in wanted.tolist()], np.int64)
