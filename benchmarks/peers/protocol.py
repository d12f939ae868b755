"""What every contestant speaks: lines on standard input, one line of JSON for each answer.

`go N` runs N units of work and answers {"peer", "version", "unit", "n", "seconds"}; where the work
cannot be had it answers {"peer", "version", "gap"}, the gap in words.  Work that gives a dictionary
adds it to the answer, and may so say that it ran another n.  `quit` ends the program.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable


class GapError(Exception):
    """The work cannot be had, and why."""


def measured(unit: str, work: Callable[[int], object], n: int) -> dict[str, object]:
    """Run n units and say how long they took, or why there are none."""
    start = time.perf_counter()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            more = work(n)
    except GapError as gap:
        return {"gap": str(gap)}
    answer = {"unit": unit, "n": n, "seconds": time.perf_counter() - start}
    return answer | (more if isinstance(more, dict) else {})


def serve(peer: str, version: str, unit: str, work: Callable[[int], object]) -> None:
    """Answer lines until `quit` or the end of input."""
    for line in sys.stdin:
        match line.split():
            case ["go", n]:
                answer = {"peer": peer, "version": version} | measured(unit, work, int(n))
                print(json.dumps(answer), flush=True)
            case ["quit"]:
                return
