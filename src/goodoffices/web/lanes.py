"""Plans on a lane of months: where each move is begun, and where it takes effect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from goodoffices.report.drawing import Row

__all__ = ["Bar", "Lane", "Lanes", "lanes"]

WIDTH, EDGE = 420.0, 12.0  # of the drawing, and left free at its ends
STEP = 12  # months between two ticks; a lane ends on one
FIRST = 6  # plans that are drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One move: from where it is begun to where it takes effect, with the months."""

    number: int
    label: str
    begun: int
    month: int
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One plan; `alike` are the numbers of the plans that cannot be told apart from it."""

    number: int
    alike: Sequence[str]
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """The first plans, on lanes of one length, so that they can be compared; ticks are months."""

    lanes: Sequence[Lane]
    ticks: Sequence[tuple[float, int]]
    width: float


def _across(month: float, months: int) -> float:
    return round(EDGE + (WIDTH - 2 * EDGE) * month / months, 1)


def _bars(row: Row, takes: Mapping[str, int], months: int) -> list[Bar]:
    labels = [label for _month, told in row.steps for label in told]
    found = []
    ordered = sorted(row.plan.moves, key=lambda move: move.month)
    for number, (label, move) in enumerate(zip(labels, ordered, strict=True), 1):
        begun = max(0, move.month - takes.get(move.move, 0))
        found.append(
            Bar(
                number=number,
                label=label,
                begun=begun,
                month=move.month,
                start=_across(begun, months),
                end=_across(move.month, months),
            )
        )
    return found


def lanes(rows: Sequence[Row], takes: Mapping[str, int]) -> Lanes:
    """Lay out the first plans.

    Parameters
    ----------
    takes
        Months from the beginning of a move to its effect, by the id of the move.
    """
    shown = [row for row in rows if row.plan.moves][:FIRST]
    last = max((move.month for row in shown for move in row.plan.moves), default=1)
    months = -(-last // STEP) * STEP
    marked = range(0, months + 1, STEP if months > STEP else STEP // 4)
    return Lanes(
        lanes=[
            Lane(number=row.number, alike=_alike(row, rows), bars=_bars(row, takes, months)) for row in shown
        ],
        ticks=[(_across(month, months), month) for month in marked],
        width=WIDTH,
    )


def _alike(row: Row, rows: Sequence[Row]) -> list[str]:
    """The other plans of a group, those that follow one another as a span."""
    numbers = [other.number for other in rows if other.plan.group == row.plan.group and other is not row]
    spans = []
    for _apart, some in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _place, number in some]
        spans += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(number) for number in run]
    return spans
