"""Mesa: rollouts of the benchmark's negotiation, a file of arrays (.npz) named on the command line.

The same model as the package's own, with the same chances, so the same histories: `run.py FILE
--check` prints some of them, one a line, to be held against those of another driver.
"""

import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import mesa
import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from protocol import GapError, serve

EACH = 2  # histories of every draw that --check prints


@functools.cache
def scenes() -> list:
    """Read the scenario and lay out its draws."""
    from scene import scene  # noqa: PLC0415 - a missing scenario is a gap, a missing package another

    if len(sys.argv) < 2:
        raise GapError("no scenario given")
    with np.load(sys.argv[1], allow_pickle=False) as found:
        arrays = dict(found)
    return [scene(arrays, draw) for draw in range(int(arrays["draws"]))]


def histories(numbers: Iterator[tuple[int, int]]) -> Iterator:
    """Run the histories with these draws and numbers, one at a time."""
    from negotiation import Negotiation  # noqa: PLC0415 - as above

    laid_out = scenes()
    for draw, number in numbers:
        yield Negotiation(laid_out[draw], number).run()


def rollouts(n: int) -> None:
    """Run n histories, the first of every draw, then the second, and so on."""
    draws = len(scenes())
    for done in histories((k % draws, k // draws) for k in range(n)):
        done.mean_trust()


def check() -> None:
    """Print how some histories went: months of signing and end, state, worth, transitions, trust."""
    for done in histories((draw, number) for draw in range(len(scenes())) for number in range(EACH)):
        counts = done.counts.values()
        told = [done.signed_on, done.ended_on, done.status, int(done.good), *counts]
        print(*told, repr(done.mean_trust()))


if __name__ == "__main__":
    if sys.argv[2:] == ["--check"]:
        check()
    else:
        serve("Mesa", mesa.__version__, "rollout, 6 decision-makers, 36 months", rollouts)
