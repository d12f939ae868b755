"""Acts: who was reported to do what to whom on which day, with the sign of it.

A report becomes an act where its code has a published value other than zero, both sides are known and
are not the same.  Reports that agree on day, actor, code and target are one act.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goodoffices.errors import UsageError
from goodoffices.words import N_, _

__all__ = ["MATERIAL", "SAID", "Acts", "Parties", "before", "kept", "taken", "tidy"]

SAID = N_(
    "next reported act, under present conditions; says nothing of preferences or of conduct under a deal"
)
MATERIAL = (2, 4)  # quad classes: material cooperation, material conflict

Numbers = NDArray[np.int32]


class Parties(NamedTuple):
    """Who acts: names, and of each the number of its role and of its country.

    Attributes
    ----------
    names
        In alphabetical order, so that numbers do not hang on the order of rows.
    role, country
        Shape (name,), numbers into `roles` and `countries`; a party without one has a role of its own.
    """

    names: tuple[str, ...]
    role: Numbers
    country: Numbers
    roles: tuple[str, ...]
    countries: tuple[str, ...]


class Acts(NamedTuple):
    """Acts in order of the day on which they happened; arrays of shape (act,).

    Attributes
    ----------
    day, known
        Day of the act, and that from which it was known, both as ordinals (`date.toordinal`).
    actor, target
        Who acts, and towards whom: numbers into the names of `parties`.
    value
        Published value of the code (Goldstein or PLOVER), never zero; above zero is cooperative.
    quad
        1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict; 0 unknown.
    parties
        Who they are.
    """

    day: Numbers
    known: Numbers
    actor: Numbers
    target: Numbers
    value: NDArray[np.float32]
    quad: NDArray[np.int8]
    parties: Parties

    @property
    def good(self) -> NDArray[np.bool_]:
        """Whether each act is cooperative."""
        return np.asarray(self.value > 0.0)

    @property
    def material(self) -> NDArray[np.bool_]:
        """Whether each act is a material one."""
        return np.isin(self.quad, MATERIAL)


def taken(acts: Acts, chosen: Any) -> Acts:
    """Give some acts, by a slice, a mask or places; the parties stay."""
    rows = {name: getattr(acts, name)[chosen] for name in Acts._fields if name != "parties"}
    return acts._replace(**rows)


def before(acts: Acts, day: int) -> Acts:
    """Give the acts that were known before a day."""
    return taken(acts, np.maximum(acts.known, acts.day) < day)


def kept(acts: Acts, codes: Sequence[Any] | NDArray[Any] | None = None) -> NDArray[np.int64]:
    """Say which reports are acts, in order: no repeated ones, none of value zero, none on oneself.

    Two reports are one where they agree on day, actor, target and code (the value where no `codes`
    are given); the first counts. Within a day the order stays as it is, so that no result hangs on
    the names of parties.

    Raises
    ------
    UsageError
        If nothing is left.
    """
    code = np.unique(acts.value if codes is None else np.asarray(codes), return_inverse=True)[1]
    same = np.stack([acts.day, acts.actor, acts.target, code])
    first = np.sort(np.unique(same, axis=1, return_index=True)[1])
    first = first[(acts.value[first] != 0.0) & (acts.actor[first] != acts.target[first])]
    found = first[np.argsort(acts.day[first], kind="stable")]
    if not len(found):
        raise UsageError(_("no act is left: found {n} reports, none with a published value other than zero "
                           "between two different actors").format(n=len(acts.day)))  # fmt: skip
    return np.asarray(found, np.int64)


def tidy(acts: Acts, codes: Sequence[Any] | NDArray[Any] | None = None) -> Acts:
    """Give the acts that `kept` names."""
    return taken(acts, kept(acts, codes))
