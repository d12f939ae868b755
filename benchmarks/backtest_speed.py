"""How long one full backtest takes, forecaster by forecaster: rolling origins over a file of events.

    python benchmarks/backtest_speed.py FILE [--origins 13] [--models a,b] [--on ray]

All forecasters are fitted anew at every origin and scored with intervals, as `goodoffices backtest run`
does.  Only the first 80% of the acts are used, so that the last fifth of a file stays unseen, and no score
is printed: seconds are all that is asked.  The origins lie evenly over the second half of the days.
As many forecasters are at work as there are cores: seconds since anybody was done count for whoever is
done next, and only their sum is exact.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

from goodoffices.conduct.origins import Origins
from goodoffices.workbench.backtesting import Asked, run
from goodoffices.workbench.conducting import acts_of


class Clock:
    """Adds up seconds between one step and the next under the name of the step."""

    def __init__(self) -> None:
        self.took: Counter[str] = Counter()
        self.last, self.forecasting = time.perf_counter(), True

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.took[name] += now - self.last
        self.last = now

    def tick(self, done: int, total: int, name: str) -> None:
        if self.forecasting:
            self.lap(name or "reading")
            self.forecasting = done < total


def origins(file: Path, first: float, count: int) -> Origins:
    """Lay origins over the second half of the days that are used."""
    days = acts_of(events=file).acts.day
    used = days[: int(len(days) * first)]
    half = (int(used[-1]) - int(used[0]) + 1) // 2
    stride = half // count
    begin = int(used[-1]) + 1 - stride * count
    return Origins(origin=date.fromordinal(begin), horizon=stride, stride=stride, count=count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--origins", type=int, default=13)
    parser.add_argument("--first", type=float, default=0.8, help="share of the acts that is used (0.8)")
    parser.add_argument("--models", help="only these, joined by commas")
    parser.add_argument("--on", default="", help="a cluster: ray or ray://address")
    given = parser.parse_args()
    design, clock = origins(given.file, given.first, given.origins), Clock()
    load = os.getloadavg()
    begin = time.perf_counter()
    cpu = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(events=given.file, first=given.first, design=design, models=given.models,
                      folder=Path(folder), on=given.on)  # fmt: skip
        made = run(asked, clock.tick)
    clock.lap("scoring")
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    for name, seconds in clock.took.most_common():
        print(f"{name:24}{seconds:8.1f} s")
    print(f"{'together':24}{wall:8.1f} s, {cpu:.1f} s of processor")
    print(f"{made.asked:,} questions from {given.origins} origins, {design.stride} days each")
    print("load " + " ".join(f"{one:.2f}" for one in (*load, *os.getloadavg())))


if __name__ == "__main__":
    main()
