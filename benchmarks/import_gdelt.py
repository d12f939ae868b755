"""Import of GDELT 2.0 export files, beside the rate at which polars parses eight of their columns.

    python benchmarks/import_gdelt.py --megabytes 20000 --file 500

Made-up files are written one at a time, read by polars (eight columns), imported into one store, and
removed, so that the disk holds one at a time whatever the size of the stream. Both rates are those of
the same files in the same run, which take turns in who is first: each has one process of its own
for the whole stream, as one who imports many files has. Time of the processor is told beside time on
the clock, for it hangs less on what else the machine does. The most memory that the importing process
ever held is printed.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import polars as pl

from goodoffices.sources.gdelt import SECOND_VERSION, Gdelt
from goodoffices.store.store import Store

EIGHT = ("GLOBALEVENTID", "SQLDATE", "Actor1Code", "Actor2Code", "EventCode", "GoldsteinScale",
         "NumMentions", "DATEADDED")  # fmt: skip
NUMBERS = {"GLOBALEVENTID": pl.Int64, "SQLDATE": pl.Int32, "GoldsteinScale": pl.Float64,
           "NumMentions": pl.Int32, "DATEADDED": pl.Int64}  # fmt: skip
BLOCK = 20_000


@dataclass(frozen=True)
class Took:
    """What one file took: seconds on the clock and of the processor, megabytes at the most, and rows."""

    clock: float
    processor: float
    memory: float
    rows: int


def parse(path: Path) -> int:
    """Read the eight columns with polars; gives the rows."""
    schema = {name: NUMBERS.get(name, pl.String) for name in SECOND_VERSION}
    lines = pl.scan_csv(path, separator="\t", has_header=False, schema=schema, quote_char=None)
    return lines.select(EIGHT).collect(engine="streaming").height


def take_in(path: Path, store: Store) -> int:
    """Import a file; gives the rows that were stored."""
    (found,) = store.import_file(Gdelt(), path)
    assert found.received == found.stored + found.duplicates + found.rejected, found
    assert found.faultless, found
    return found.stored


def worker(folder: str) -> None:
    """Parse, or import where a folder for a store is given, one file for each line that comes in."""
    if not folder:
        answer(parse)
        return
    with Store.open(Path(folder) / "s.duckdb", write=True, folders=[folder]) as store:
        answer(lambda path: take_in(path, store))


def answer(do: Callable[[Path], int]) -> None:
    """Do it with each file that is named, and tell what it took."""
    for line in sys.stdin:
        path, began, used = Path(line.strip()), time.perf_counter(), time.process_time()
        rows = do(path)
        clock, processor = time.perf_counter() - began, time.process_time() - used
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(clock, processor, most, rows, flush=True)


class Worker:
    """A process that does one thing with one file after the other."""

    def __init__(self, folder: Path | str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--worker", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def __call__(self, path: Path) -> Took:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{path}\n")
        clock, processor, memory, rows = self._process.stdout.readline().split()
        return Took(float(clock), float(processor), float(memory), int(rows))

    def close(self) -> None:
        self._process.communicate()


def _place(dice: random.Random) -> list[str]:
    country, n = dice.choice(("US", "UK", "IS", "UP", "RS", "IN")), dice.randrange(30)
    name = f"Town of Example Number {n}, Province {n % 7}, Country of {country}"
    return [
        "4",
        name,
        country,
        f"{country}{n:02}",
        str(n * 977),
        f"{n / 7:.4f}",
        f"{-n / 3:.4f}",
        str(-n * 31),
    ]


def bodies(dice: random.Random) -> list[str]:
    """Lines without id and days: about as long, and as full, as those of the real files."""
    actors = [
        f"{c}{r}" for c in ("USA", "RUS", "UKR", "ISR", "PSE", "IND", "PAK") for r in ("", "GOV", "MIL", "")
    ]
    lines = []
    for _ in range(BLOCK):
        one, two = dice.choice(actors), dice.choice([*actors, ""])
        code = dice.choice(("010", "036", "043", "057", "0841", "111", "173", "190"))
        cells = [one, f"NAME OF {one}", one[:3], "", "", "", "", one[3:], "", ""]
        cells += [two, f"NAME OF {two}" if two else "", two[:3], "", "", "", "", two[3:], "", ""]
        cells += [str(dice.randrange(2)), code, code[:3], code[:2], str(dice.randrange(1, 5))]
        cells += [
            f"{dice.randrange(-100, 101) / 10}",
            str(dice.randrange(1, 60)),
            "1",
            "3",
            f"{dice.random():.14f}",
        ]
        cells += [*_place(dice), *(_place(dice) if two else [""] * 8), *_place(dice)]
        lines.append("\t".join(cells))
    return lines


def written(path: Path, megabytes: int, first: int, day: date, lines: list[str]) -> int:
    """Write one file; give how many rows it has."""
    before = f"\t{day:%Y%m%d}\t{day:%Y%m}\t{day:%Y}\t{day:%Y}.5\t"
    after = f"\t{day:%Y%m%d}120000\thttps://www.example.org/{day:%Y/%m/%d}/a-headline-of-some-length-"
    rows = first
    with path.open("w") as file:
        while file.tell() < megabytes * 1_000_000:
            file.write("".join(f"{rows + n}{before}{line}{after}{n}\n" for n, line in enumerate(lines)))
            rows += len(lines)
        file.flush()
        os.fsync(file.fileno())  # else the first to read it would share the machine with the disk's work
    return rows - first


def told(done: float, peer: list[Took], own: list[Took]) -> str:
    """One line on all files so far: rates, and the ratios of single files from least to most."""
    clock, processor = (
        [getattr(one, of) / getattr(other, of) for one, other in zip(peer, own, strict=True)]
        for of in ("clock", "processor")
    )
    whole = sum(one.clock for one in peer), sum(one.clock for one in own)
    return (
        f"{done:8.0f} MB  polars {done / whole[0]:5.0f} MB/s  import {done / whole[1]:5.0f} MB/s  "
        f"ratio {whole[0] / whole[1]:.2f}, of files {min(clock):.2f} {median(clock):.2f} {max(clock):.2f}  "
        f"of the processor {min(processor):.2f} {median(processor):.2f} {max(processor):.2f}  "
        f"memory {own[-1].memory:.0f} MB"
    )


def stream(megabytes: int, each: int, folder: Path) -> None:
    """Write, parse and import file by file."""
    lines, rows, done, day = bodies(random.Random(1)), 1_000_000_000, 0.0, date(2016, 1, 1)
    peer, own = list[Took](), list[Took]()
    parser, importer = Worker(""), Worker(folder)
    while done < megabytes:
        path = folder / f"{day:%Y%m%d}120000.export.CSV"
        count = written(path, each, rows, day, lines)
        for one, found in [(parser, peer), (importer, own)][:: 1 if len(own) % 2 else -1]:
            found.append(one(path))
        assert own[-1].rows == peer[-1].rows == count, (own[-1], peer[-1], count)
        done, rows, day = done + path.stat().st_size / 1e6, rows + count, day + timedelta(days=1)
        path.unlink()
        print(told(done, peer, own), flush=True)
    parser.close()
    importer.close()
    parts = sum(part.stat().st_size for part in (folder / "s.parts").glob("*.parquet")) / 1e6
    print(f"{rows - 1_000_000_000} rows, {parts:.0f} MB of partitions, 8-column peer in the same run")


def main() -> None:
    """Write, parse and import the stream."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--megabytes", type=int, default=1000)
    asked.add_argument("--file", type=int, default=500, help="megabytes of one file")
    asked.add_argument("--worker", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.worker is not None:
        worker(given.worker)
        return
    with tempfile.TemporaryDirectory() as folder:
        stream(given.megabytes, given.file, Path(folder))


if __name__ == "__main__":
    main()
