"""The ledger of one belief as a waterfall: prior, what is left of each fact, clip and ceiling, level.

Each step begins where the one before it ended, so that the picture adds up as the ledger does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from goodoffices.words import _, figure

__all__ = ["Part", "Step", "Waterfall", "waterfall"]

LEFT, RIGHT = 0.0, 560.0  # of the drawing
ROW = 30.0
SHOWN = 14  # facts; what weighs less is one step


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One addend of a ledger, in log-odds; `fact` is its id, or empty."""

    label: str
    amount: float
    fact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar: from the sum before it to the sum after it, in drawing units."""

    label: str
    fact: str
    text: str
    sign: int
    y: float
    x: float
    width: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The whole picture: its steps, the axis with the beliefs that its log-odds stand for, the level."""

    title: str
    steps: Sequence[Step]
    ticks: Sequence[tuple[float, str]]
    zero: float
    level: float
    total: str
    height: float


def _folded(parts: Sequence[Part]) -> list[Part]:
    """Keep the strongest in their order; the rest becomes one."""
    if len(parts) <= SHOWN + 1:
        return list(parts)
    least = sorted((abs(part.amount) for part in parts), reverse=True)[SHOWN - 1]
    kept = [part for part in parts if abs(part.amount) >= least][:SHOWN]
    rest = [part for part in parts if part not in kept]
    told = _("{n} facts that weigh less").format(n=len(rest))
    return [Part(label=told, amount=sum(part.amount for part in rest)), *kept]


def waterfall(
    title: str, prior: float, parts: Sequence[Part], limits: Sequence[Part], level: float
) -> Waterfall:
    """Place the steps of a ledger.

    Parameters
    ----------
    parts
        What is left of each fact, in order.
    limits
        Clip and ceiling, where they bite.
    """
    listed = [Part(label=_("prior"), amount=prior), *_folded(parts), *limits]
    sums = [0.0]
    for part in listed:
        sums.append(sums[-1] + part.amount)
    low, high = min(*sums, level, -1.0), max(*sums, level, 1.0)
    scale = (RIGHT - LEFT) / (high - low)

    def place(value: float) -> float:
        return round(LEFT + (value - low) * scale, 1)

    steps = [
        Step(
            label=part.label,
            fact=part.fact,
            text=f"{'+' if part.amount >= 0 else '−'}{figure(abs(part.amount))}",
            sign=1 if part.amount >= 0 else -1,
            y=number * ROW,
            x=place(min(before, after)),
            width=round(max(1.0, abs(after - before) * scale), 1),
            end=place(after),
        )
        for number, (part, before, after) in enumerate(zip(listed, sums[:-1], sums[1:], strict=True))
    ]
    marks = [(-2.2, 0.1), (-0.847, 0.3), (0.0, 0.5), (0.847, 0.7), (2.2, 0.9)]
    ticks = [(place(x), figure(p, 1)) for x, p in marks if low <= x <= high]
    return Waterfall(
        title=title,
        steps=steps,
        ticks=ticks,
        zero=place(0.0),
        level=place(level),
        total=figure(level),
        height=len(listed) * ROW,
    )
