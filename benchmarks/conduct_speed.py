"""How fast acts are followed, beside peers on the same stream, in rounds that take turns.

    python benchmarks/conduct_speed.py [--events FILE] [--rounds 7] [--only features value ...]

The stream is made up (a million acts, 20,000 parties with roles and countries, 300 days), or read from a
file of events.  Ours is one pass in time order on one core, with the recipe and the weights of the JSON
that ships; every peer has an environment of its own under .peers (`tools/peers.py`).  Peers that are slow
get the first acts of the stream only, as many as stand in the table; ours gets all, which is harder, since
more records lie further off.  Times are compared within each round.  A loaded machine says so itself: the
load is printed, and for ours the time of the processor beside that of the clock.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

sys.path.pop(0)  # this folder, not the project
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.conduct_stream import made, write
from tools.peers import ROOT, SCRIPTS, Contestant, Row, aligned, contest, environment, figure, own_python

from goodoffices.conduct.acts import Acts
from goodoffices.conduct.numbering import Numbering
from goodoffices.conduct.parts import PARTS
from goodoffices.workbench.conduct_model import shipped
from goodoffices.workbench.conducting import acts_of

BASE = "features"
OURS = (BASE, "value", "touch")
PEERS = {  # folder, acts in a round at most, what it is told
    "pandas leanings": ("pandas", 50_000, ("leanings",)),
    "pandas means": ("pandas", 50_000, ("means",)),
    "polars means": ("polars", 200_000, ()),
    "dynamax": ("dynamax", 100_000, ()),
    "openskill": ("openskill", 10_000, ()),
    "trueskillthroughtime": ("trueskillthroughtime", 3_000, ()),
}
SAYS = {
    BASE: "all features of the model that ships; acts taken in",
    "value": "its log loss and the gradient by all weights",
    "touch": "one add to each record, nothing else",
    "pandas leanings": "the same leanings, by ewm; no effects",
    "pandas means": "only the means by ewm that leanings are made of",
    "polars means": "as many means by ewm_mean_by; another mean",
    "dynamax": "one Kalman filter a pair",
    "openskill": "two ratings, Bradley-Terry",
    "trueskillthroughtime": "two skills, forward pass",
}
CEILINGS = (  # measured before, on 2 vCPU of a Xeon with AVX-512: another machine than this one, perhaps
    ("one add an event, nothing else, 10,000 to 1,000,000 records", "626 to 193 million records a second"),
    (
        "one factor an event, faded when touched, asked for ahead, 1,000,000 records",
        "39 million records a second",
    ),
    ("one factor, sorted by record beforehand, 16 records at once", "101 million events a second"),
    ("copy of memory", "17 GB/s"),
)
SIDE_BYTES, FLOAT = 32, 4
HEAD = ("contestant", "version", "acts", "features", "acts/s", "min-max", "features/s",
        "slower an act", "min-max", "a feature", "what")  # fmt: skip


def ours(stream: Path, kind: str, acts: int) -> Contestant:
    return Contestant(
        kind, (own_python(), str(ROOT / "benchmarks" / "conduct_worker.py"), str(stream), kind), acts
    )


def peer(stream: Path, name: str, acts: int) -> Contestant:
    folder, most, more = PEERS[name]
    return Contestant(
        name,
        (str(environment(folder)), str(SCRIPTS / folder / "run.py"), str(stream), *more),
        min(most, acts),
    )


def rates(row: Row) -> list[float]:
    """Acts a second in the rounds that count: the first warmed up."""
    return [answer["rate"] for answer in row.answers[1:]]


def spread(values: list[float]) -> tuple[str, str]:
    return figure(statistics.median(values)), f"{figure(min(values))}-{figure(max(values))}"


def cells(row: Row, base: Row) -> list[str]:
    if row.gap:
        return [row.name, f"gap: {row.gap}"]
    last, rate = row.answers[-1], spread(rates(row))
    updates = figure(statistics.median(rates(row)) * last["features"])
    if base.gap:
        slower = ["-", "-", "-"]
    else:
        times = [mine / theirs for mine, theirs in zip(rates(base), rates(row), strict=True)]
        each = statistics.median(times) * base.answers[-1]["features"] / last["features"]
        slower = [*spread(times), figure(each)]
    return [row.name, f"{last['peer']} {last['version']}", figure(last["n"]), str(last["features"]), *rate,
            updates, *slower, SAYS[row.name]]  # fmt: skip


def own_words(rows: dict[str, Row]) -> list[str]:
    """Say what the table does not: time of the processor, records, memory, ceilings."""
    said = []
    for name in (BASE, "value"):
        row = rows.get(name)
        if row and not row.gap:
            each = [1e9 * answer["cpu"] / answer["n"] for answer in row.answers[1:]]
            low, middle, high = min(each), statistics.median(each), max(each)
            said.append(f"{name}: {middle:.0f} ns of processor an act ({low:.0f}-{high:.0f})")
    base, value = rows.get(BASE), rows.get("value")
    if base and value and not base.gap and not value.gap:
        slower = [
            one["cpu"] / other["cpu"] for one, other in zip(value.answers[1:], base.answers[1:], strict=True)
        ]
        said.append("value and gradient take {} times the filter ({})".format(*spread(slower)))
    if base and not base.gap:
        rate, wide = statistics.median(rates(base)), base.answers[-1]["features"]
        moved = (
            wide * FLOAT + 3 * len(PARTS) * 2 * SIDE_BYTES
        )  # looked at, and when taken in read and written
        said += [
            f"{BASE}: {rate * wide / 1e6:,.0f} million feature-updates a second, "
            f"{rate * len(PARTS) / 1e6:,.0f} million records looked at and taken in, "
            f"{rate * moved / 1e9:.1f} GB/s",
            "ceilings of earlier measurements:",
            *(f"  {what}: {figures}" for what, figures in CEILINGS),
        ]
    return said


def numbered(acts: Acts) -> str:
    start = time.perf_counter()
    numbering = Numbering()
    numbering.places(acts)
    took, many = time.perf_counter() - start, len(acts.day)
    rate = f"{many / took / 1e6:.1f} million acts a second"
    return f"numbering, before the pass: {took:.2f} s, {rate}, {numbering.size:,} records"


def load() -> str:
    return ", ".join(f"{one:.2f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    known = [*OURS, *PEERS]
    parser.add_argument("--events", type=Path, help="a file of events instead of a stream that is made up")
    parser.add_argument("--acts", type=int, default=1_000_000)
    parser.add_argument("--parties", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count (7)")
    parser.add_argument("--only", nargs="*", choices=known, default=known, help="only these contestants")
    return parser.parse_args()


def main() -> None:
    given, model = arguments(), shipped()
    if given.events:
        acts = acts_of(events=given.events).acts
    else:
        acts = made(given.acts, given.parties, given.days, given.pairs, given.seed)
    many = len(acts.day)
    name = model.about.get("name")
    print(f"{len(model.weights)} features of {len(PARTS)} parts, from the JSON that ships ({name})")
    print(f"{many:,} acts of {len(acts.parties.names):,} parties on {len(set(acts.day.tolist())):,} days")
    print(numbered(acts), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder) / "stream.npz"
        write(acts, model.recipe, stream)
        rows = [Row(name, partial(ours if name in OURS else peer, stream, name, many)) for name in given.only]
        before = load()
        contest(rows, given.rounds)
    named = {row.name: row for row in rows}
    base = named.get(BASE) or Row(BASE, partial(ours, stream, BASE, many), gap="not asked for")
    print(aligned([list(HEAD), *(cells(row, base) for row in rows)]))
    print(f"median of {given.rounds} rounds in turn; slower: {BASE} being 1")
    print(f"load {before} before, {load()} after")
    print("\n".join(own_words(named)))


if __name__ == "__main__":
    main()
