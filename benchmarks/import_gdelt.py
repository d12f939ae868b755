"""Import of GDELT 2.0 export files, beside the rate at which polars parses eight of their columns.

    python benchmarks/import_gdelt.py --megabytes 20000 --file 500

Made-up files are written one at a time, read by polars (eight columns), imported into one store, and
removed, so that the disk holds one at a time whatever the size of the stream. Both rates are those of
the same files in the same run. The most memory that the importing process ever held is printed; it
imports in a process of its own, so that what polars took does not count.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from goodoffices.sources.gdelt import SECOND_VERSION

EIGHT = ("GLOBALEVENTID", "SQLDATE", "Actor1Code", "Actor2Code", "EventCode", "GoldsteinScale",
         "NumMentions", "DATEADDED")  # fmt: skip
NUMBERS = {"GLOBALEVENTID": pl.Int64, "SQLDATE": pl.Int32, "GoldsteinScale": pl.Float64,
           "NumMentions": pl.Int32, "DATEADDED": pl.Int64}  # fmt: skip
BLOCK = 20_000
IMPORT = """
import resource, sys
from goodoffices.workbench.feeds import import_events
run = import_events("gdelt", [sys.argv[1]], sys.argv[2])
counts = run.counts()
assert counts["received"] == counts["stored"] + counts["duplicates"] + counts["rejected"], counts
assert run.faultless, run.files
print(counts["stored"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


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
    return rows - first


def parsed(path: Path) -> float:
    """Seconds that polars takes for the eight columns."""
    schema = {name: NUMBERS.get(name, pl.String) for name in SECOND_VERSION}
    began = time.perf_counter()
    frame = pl.scan_csv(path, separator="\t", has_header=False, schema=schema, quote_char=None)
    frame.select(EIGHT).collect(engine="streaming")
    return time.perf_counter() - began


def imported(path: Path, store: Path) -> tuple[float, float, int]:
    """Seconds, megabytes at the most, and rows of one import in a process of its own."""
    code = IMPORT.replace("run = ", "import time; began = time.perf_counter()\nrun = ")
    code = code.replace("print(", "print(time.perf_counter() - began, ")
    done = subprocess.run(
        [sys.executable, "-c", code, path, store], capture_output=True, text=True, check=True
    )
    seconds, rows, memory = done.stdout.split()
    return float(seconds), int(memory) / 1024, int(rows)


def main() -> None:
    """Write, parse and import the stream, file by file."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--megabytes", type=int, default=1000)
    asked.add_argument("--file", type=int, default=500, help="megabytes of one file")
    given = asked.parse_args()
    lines, rows, done = bodies(random.Random(1)), 1_000_000_000, [0.0, 0.0, 0.0]
    most = 0.0
    with tempfile.TemporaryDirectory() as folder:
        store, day = Path(folder) / "s.duckdb", date(2016, 1, 1)
        while done[0] < given.megabytes:
            path = Path(folder) / f"{day:%Y%m%d}120000.export.CSV"
            count = written(path, given.file, rows, day, lines)
            polars = parsed(path)
            seconds, memory, stored = imported(path, store)
            assert stored == count, (stored, count)
            size = path.stat().st_size / 1e6
            done = [done[0] + size, done[1] + polars, done[2] + seconds]
            most, rows, day = max(most, memory), rows + count, day + timedelta(days=1)
            path.unlink()
            print(
                f"{done[0]:8.0f} MB  polars {done[0] / done[1]:5.0f} MB/s  "
                f"import {done[0] / done[2]:5.0f} MB/s  "
                f"ratio {done[1] / done[2]:.2f}  this file {polars / seconds:.2f}  memory {most:.0f} MB",
                flush=True,
            )
        parts = sum(part.stat().st_size for part in store.with_suffix(".parts").glob("*.parquet")) / 1e6
        print(f"{rows - 1_000_000_000} rows, {parts:.0f} MB of partitions, 8-column peer in the same run")
    print(f"this process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
