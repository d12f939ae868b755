"""From a store of reports to the index of all pairs, and to the trajectory of one; sizes as arguments.

    python benchmarks/index_scale.py --rows 10_000_000 --pairs 100_000 --folder /tmp/scale

Rows are made, imported and followed in a process of its own each, whose time and largest memory are
printed.  What is there already in the folder is not made again.  The target for 100 million rows over
100,000 pairs, from store to file, is 3 minutes and 6 GB, the scale by the rule included; that of one
pair in a store of 10 million is half a second in a process that has its modules.
"""

import argparse
import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goodoffices.sources.plain import Plain
from goodoffices.store.store import Store
from goodoffices.store.tables import codes as listed
from goodoffices.workbench.indexing import Asked, all_index, pair_index

YEARS = 10
FIRST = date(2010, 1, 1)


def actors(pairs: int) -> list[str]:
    """Three letters each, beginning with X or Z, so that few of them are codes of anybody."""
    n = int(np.ceil((1 + np.sqrt(1 + 4 * pairs)) / 2))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [a + b + c for a in "XZQ" for b in letters for c in letters][:n]


def codes() -> list[str]:
    return [code for code, row in listed("cameo").items() if row.kind]


def make(rows: int, pairs: int, folder: Path) -> None:
    """One Parquet file a month, days in order, pairs by Zipf's law."""
    rng, names, acts = np.random.default_rng(1), actors(pairs), codes()
    share = np.arange(1, pairs + 1) ** -0.8
    edges, order = np.cumsum(share / share.sum()), rng.permutation(pairs)
    one, other = np.divmod(np.arange(pairs), len(names) - 1)
    other += other >= one
    days = np.array_split(np.arange(YEARS * 365), YEARS * 12)
    (folder / "rows").mkdir(parents=True, exist_ok=True)
    made = 0
    for month, span in enumerate(days):
        n = rows // len(days) + (month < rows % len(days))
        pair = order[np.searchsorted(edges, rng.random(n)).clip(0, pairs - 1)]
        day = np.sort(rng.choice(span, n)).astype(np.int32) + (FIRST - date(1970, 1, 1)).days
        texts = {
            name: pa.DictionaryArray.from_arrays(number.astype(np.int32), some)
            for name, number, some in (
                ("actor", other[pair], names), ("target", one[pair], names),
                ("code", rng.integers(0, len(acts), n), acts),
            )
        }  # fmt: skip
        ids = pa.array(np.arange(made, made + n)).cast(pa.string())
        table = pa.table({"event_id": ids, "happened_on": pa.array(day).cast(pa.date32()), **texts})
        pq.write_table(table, folder / "rows" / f"{month:03}.parquet")
        made += n


def bring_in(folder: Path) -> None:
    with Store.open(folder / "events.duckdb", write=True, folders=[folder / "rows"]) as store:
        for path in sorted((folder / "rows").iterdir()):
            store.import_file(Plain(), path)


def all_pairs(folder: Path, draws: int) -> None:
    told = all_index(Asked(store=folder / "events.duckdb", draws=draws), folder / "trust.parquet")
    print(f"  scale {told.scale.value} ({told.scale.by}), {told.pairs:,} pairs, {told.rows:,} rows written")
    print("  at the clip:", ", ".join(f"x{clip.factor:g} {clip.share:.1%}" for clip in told.clip))


def one_pair(folder: Path, truster: str, trustee: str) -> None:
    asked = Asked(store=folder / "events.duckdb", end=FIRST + timedelta(days=YEARS * 365))
    for _round in range(5):
        started = time.perf_counter()
        found = pair_index(asked, truster, trustee)
        took = time.perf_counter() - started
        print(f"  {truster} on {trustee}: {took:.3f} s, {found.summary.counted:,} reports")


def timed(step: str, *arguments: str) -> None:
    """Run one step as a process; print its time and its largest memory."""
    started, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, __file__, step, *arguments], check=True)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    took, most = time.perf_counter() - started, now.ru_maxrss / 2**20
    print(f"{step}: {took:.1f} s, processor {cpu:.1f} s, largest process so far {most:.2f} GB", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("step", nargs="?", default="")
    asked.add_argument("--rows", type=int, default=10_000_000)
    asked.add_argument("--pairs", type=int, default=100_000)
    asked.add_argument("--draws", type=int, default=6)
    asked.add_argument("--folder", type=Path, required=True)
    given = asked.parse_args()
    names = actors(given.pairs)
    steps = {
        "make": lambda: make(given.rows, given.pairs, given.folder),
        "import": lambda: bring_in(given.folder),
        "all": lambda: all_pairs(given.folder, given.draws),
        "pair": lambda: one_pair(given.folder, names[0], names[1]),
    }
    if given.step:
        steps[given.step]()
        return
    same = [
        f"--rows={given.rows}",
        f"--pairs={given.pairs}",
        f"--draws={given.draws}",
        f"--folder={given.folder}",
    ]
    if not (given.folder / "rows").exists():
        timed("make", *same)
    if not (given.folder / "events.duckdb").exists():
        timed("import", *same)
    (given.folder / "events.index.json").unlink(missing_ok=True)
    timed("all", *same)
    timed("pair", *same)


if __name__ == "__main__":
    main()
