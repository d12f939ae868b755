"""The uncertain inputs of a reading, and the three ways of filling them with numbers.

Whoever needs an uncertain number asks `Values` for it by name.  The same question is answered by
the centre of every range (one column), by keyed draws (n columns), or by a design in which each
column moves one input to an end of its range (for the tornado).  One model, three readings of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from goodoffices.core import draws
from goodoffices.domain.tables import Level

__all__ = ["Centre", "Design", "Input", "Jittered", "Joined", "Pinned", "Sampled", "Values"]

Floats = NDArray[np.float64]
Z80 = 1.2815515655446004  # standard normal deviate of an 80 per cent interval


@dataclass(frozen=True, slots=True)
class Input:
    """One uncertain input, as it was asked for: its name, what people call it, its range.

    `span` holds the ends of its 80% range, or least, likeliest and most of a triangular one.
    """

    name: str
    label: str
    span: tuple[float, ...]

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of its 80% range."""
        if len(self.span) == 2:
            return self.span[0], self.span[1]
        low, high = draws.triangular_at(np.array([0.1, 0.9]), *self.span)
        return float(low), float(high)


class Filling(Protocol):
    """A way of filling uncertain inputs with numbers; every array has shape (n,)."""

    n: int

    def triangular(self, name: str, low: float, mode: float, high: float) -> Floats:
        """Fill an input that lies in a range."""
        ...

    def normal(self, name: str, sd: float) -> Floats:
        """Fill an input that is zero give or take sd."""
        ...

    def noise(self, name: str) -> Floats:
        """Fill a uniform draw that is chance and not doubt."""
        ...

    def mixture(self, name: str, weights: Sequence[float]) -> list[Floats]:
        """Fill the membership of each of several alternatives."""
        ...


class Centre:
    """Every input at the centre of its range; one column."""

    n = 1

    def triangular(self, name: str, low: float, mode: float, high: float) -> Floats:
        del name, low, high
        return np.array([mode])

    def normal(self, name: str, sd: float) -> Floats:
        del name, sd
        return np.zeros(1)

    def noise(self, name: str) -> Floats:
        del name
        return np.full(1, 0.5)

    def mixture(self, name: str, weights: Sequence[float]) -> list[Floats]:
        del name
        return [np.array([weight]) for weight in weights]


class Sampled:
    """Keyed draws; inputs whose name starts with one of `frozen` stay at their centre."""

    def __init__(self, seed: int, n: int, frozen: tuple[str, ...] = ()) -> None:
        self.seed, self.n, self.frozen = seed, n, frozen
        self._drawn: dict[tuple[str, str], Floats] = {}

    def freeze(self, *names: str) -> "Sampled":
        """Give the same draws, each drawn once for both, but for inputs so called."""
        twin = Sampled(self.seed, self.n, names)
        twin._drawn = self._drawn
        return twin

    def _once(self, purpose: str, name: str, draw: Callable[..., Floats], *given: float) -> Floats:
        if (purpose, name) not in self._drawn:
            key = draws.stream_key(self.seed, purpose, name)
            self._drawn[purpose, name] = draw(key, self.n, *given)
        return self._drawn[purpose, name]

    def triangular(self, name: str, low: float, mode: float, high: float) -> Floats:
        if self.frozen and name.startswith(self.frozen):
            return np.full(self.n, mode)
        return self._once("range", name, draws.triangular, low, mode, high)

    def normal(self, name: str, sd: float) -> Floats:
        if self.frozen and name.startswith(self.frozen):
            return np.zeros(self.n)
        return sd * self._once("normal", name, draws.normal)

    def noise(self, name: str) -> Floats:
        return self._once("noise", name, draws.uniform)

    def mixture(self, name: str, weights: Sequence[float]) -> list[Floats]:
        key = draws.stream_key(self.seed, "mixture", name)
        chosen = draws.choice(key, self.n, list(weights))
        return [(chosen == index).astype(np.float64) for index in range(len(weights))]


class Pinned(Sampled):
    """Keyed draws, but with some inputs at one quantile of their range in every draw."""

    def __init__(self, plain: Sampled, pinned: Mapping[str, float]) -> None:
        super().__init__(plain.seed, plain.n, plain.frozen)
        self._drawn, self.pinned = plain._drawn, pinned

    def freeze(self, *names: str) -> "Pinned":
        """Give the same, but for inputs so called at their centre."""
        return Pinned(super().freeze(*names), self.pinned)

    def triangular(self, name: str, low: float, mode: float, high: float) -> Floats:
        if name in self.pinned:
            return draws.triangular_at(np.full(self.n, self.pinned[name]), low, mode, high)
        return super().triangular(name, low, mode, high)


class Jittered:
    """Every default moved by up to `width` of itself, every prior by up to .35 log-odds, all at once."""

    def __init__(self, seed: int, n: int, width: float) -> None:
        self.seed, self.n, self.width = seed, n, width

    def _spread(self, name: str) -> Floats:
        return 2.0 * draws.uniform(draws.stream_key(self.seed, "jitter", name), self.n) - 1.0

    def triangular(self, name: str, low: float, mode: float, high: float) -> Floats:
        if not name.startswith("default:"):
            return np.full(self.n, mode)
        moved = mode * (1.0 + self.width * self._spread(name))
        return np.minimum(moved, 0.999) if low >= 0.0 and high <= 1.0 else moved

    def normal(self, name: str, sd: float) -> Floats:
        del sd
        return 0.35 * self._spread(name) if name.startswith("prior:") else np.zeros(self.n)

    def noise(self, name: str) -> Floats:
        del name
        return np.full(self.n, 0.5)

    def mixture(self, name: str, weights: Sequence[float]) -> list[Floats]:
        del name
        return [np.full(self.n, weight) for weight in weights]


class Design:
    """Two columns for each of the named inputs: one at the low end of its range, one at the high."""

    def __init__(self, names: Sequence[str]) -> None:
        self.columns = {name: 2 * index for index, name in enumerate(names)}
        self.n = 2 * len(names)

    def _moved(self, name: str, centre: float, low: float, high: float) -> Floats:
        values = np.full(self.n, centre)
        if name in self.columns:
            values[self.columns[name]], values[self.columns[name] + 1] = low, high
        return values

    def triangular(self, name: str, low: float, mode: float, high: float) -> Floats:
        if name not in self.columns:
            return np.full(self.n, mode)
        low, high = Input(name, "", (low, mode, high)).ends
        return self._moved(name, mode, low, high)

    def normal(self, name: str, sd: float) -> Floats:
        return self._moved(name, 0.0, -Z80 * sd, Z80 * sd)

    def noise(self, name: str) -> Floats:
        del name
        return np.full(self.n, 0.5)

    def mixture(self, name: str, weights: Sequence[float]) -> list[Floats]:
        likeliest = int(np.argmax(weights))
        other = int(np.argsort(weights, kind="stable")[-2]) if len(weights) > 1 else likeliest
        ends = [(1.0 * (i == likeliest), 1.0 * (i == other)) for i in range(len(weights))]
        return [self._moved(name, w, *end) for w, end in zip(weights, ends, strict=True)]


class Joined:
    """Several fillings side by side, so that one walk through the evidence serves them all."""

    def __init__(self, *parts: Filling) -> None:
        self.parts = parts
        self.n = sum(part.n for part in parts)

    def triangular(self, name: str, low: float, mode: float, high: float) -> Floats:
        return np.concatenate([part.triangular(name, low, mode, high) for part in self.parts])

    def normal(self, name: str, sd: float) -> Floats:
        return np.concatenate([part.normal(name, sd) for part in self.parts])

    def noise(self, name: str) -> Floats:
        return np.concatenate([part.noise(name) for part in self.parts])

    def mixture(self, name: str, weights: Sequence[float]) -> list[Floats]:
        each = [part.mixture(name, weights) for part in self.parts]
        return [np.concatenate(columns) for columns in zip(*each, strict=True)]


@dataclass
class Values:
    """Answers "what is this input" once for each name, and remembers what was asked.

    Attributes
    ----------
    inputs
        Every uncertain input that is known, whoever asked for it.
    """

    filling: Filling
    inputs: dict[str, Input] = field(default_factory=dict)
    _asked: dict[str, Input] = field(default_factory=dict)
    _later: list[Callable[[], None]] = field(default_factory=list)
    _normal: dict[str, tuple[Input, Floats]] = field(default_factory=dict)
    _known: dict[str, Floats] = field(default_factory=dict)
    _const: dict[float, Floats] = field(default_factory=dict)
    _mixed: dict[str, list[Floats]] = field(default_factory=dict)

    def again(self, filling: Filling | None = None) -> "Values":
        """Give the same numbers to somebody else, who has asked for nothing yet.

        Each is filled in once for both, but for those that are zero give or take something: how
        much that is may differ, as may the `filling` of what so begins.
        """
        return replace(self, filling=filling or self.filling, _asked={}, _later=[], _normal={})

    @property
    def asked(self) -> dict[str, Input]:
        """What was asked for, in order."""
        later, self._later = self._later, []
        for ask in later:
            ask()
        return self._asked

    def later(self, ask: Callable[[], None]) -> None:
        """Count something as asked for that need not be listed before somebody wants the list."""
        self._later.append(ask)

    @contextmanager
    def apart(self) -> Iterator[dict[str, Input]]:
        """Keep what is asked for meanwhile apart, for it to count only when it is put to use."""
        before, self._asked, self._later = (self._asked, self._later), {}, []
        try:
            yield self._asked
            _all = self.asked
        finally:
            self._asked, self._later = before

    @property
    def n(self) -> int:
        """Number of columns."""
        return self.filling.n

    def const(self, value: float) -> Floats:
        """Give a number that is not in doubt, in every column; nobody may write into it."""
        if value not in self._const:
            made = np.full(self.n, value)
            made.flags.writeable = False
            self._const[value] = made
        return self._const[value]

    def triangular(self, name: str, label: str, low: float, mode: float, high: float) -> Floats:
        """Give an input that lies between low and high, most likely at mode."""
        if name not in self._known:
            if high > low:
                self.inputs[name] = Input(name, label, (low, mode, high))
            self._known[name] = self.filling.triangular(name, low, mode, high)
        if name not in self._asked and name in self.inputs:
            self._asked[name] = self.inputs[name]
        return self._known[name]

    def level(
        self,
        name: str,
        label: str,
        level: Level,
        low: Level | None = None,
        high: Level | None = None,
    ) -> Floats:
        """Give an input that a worded scale describes; `low` and `high` widen its range."""
        lowest = min([level.low, *([low.low] if low else [])])
        highest = max([level.high, *([high.high] if high else [])])
        return self.triangular(name, label, lowest, level.value, highest)

    def normal(self, name: str, label: str, sd: float) -> Floats:
        """Give an input that is zero, give or take sd."""
        if name not in self._normal:
            named = Input(name, label, (-Z80 * sd, Z80 * sd))
            self._normal[name] = named, self.filling.normal(name, sd)
        named, values = self._normal[name]
        self._asked.setdefault(name, named)
        return values

    def noise(self, name: str) -> Floats:
        """Give a uniform draw that stands for chance."""
        if name not in self._known:
            self._known[name] = self.filling.noise(name)
        return self._known[name]

    def standard_normal(self, name: str) -> Floats:
        """Give a standard normal draw that stands for chance (zero at the centre)."""
        if f"chance:{name}" not in self._known:
            self._known[f"chance:{name}"] = self.filling.normal(f"chance:{name}", 1.0)
        return self._known[f"chance:{name}"]

    def mixture(self, name: str, label: str, weights: Mapping[str, float]) -> dict[str, Floats]:
        """Give the membership of each alternative; columns sum to 1."""
        if name not in self._mixed:
            self.inputs[name] = Input(name, label, (0.0, 1.0))
            self._mixed[name] = self.filling.mixture(name, list(weights.values()))
        if name not in self._asked:
            self._asked[name] = self.inputs[name]
        return dict(zip(weights, self._mixed[name], strict=True))

    def drawn(self, name: str) -> Floats | None:
        """Give the numbers of an input that was asked for, if it was."""
        if name in self._mixed:
            return self._mixed[name][0]
        return self._normal[name][1] if name in self._normal else self._known.get(name)
