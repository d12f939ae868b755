"""The recipe of the reference classes that come from the UCDP Peace Agreement Dataset 22.1.

    python tools/reference_classes.py PATH/ucdp-peace-agreements-221.csv

Kaplan-Meier shares that ended within 1, 5 and 10 years; an agreement not recorded as ended is
censored on 2021-12-31, one recorded as ended without a date is left out.  Intervals come from a
bootstrap of whole conflicts.  The data set is CC BY 4.0 and not part of the project.
"""

import csv
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

TYPES = {"full": "1", "partial": "2", "process": "3", "all": ""}
CENSORED = date(2021, 12, 31)


class Span(NamedTuple):
    """How long one agreement was seen to last, and whether it ended then."""

    conflict: str
    years: float
    ended: bool


def spans(path: Path, kind: str) -> list[Span]:
    """Read the agreements of one type."""
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if kind and row["pa_type"] != kind:
                continue
            ended = row["ended"] == "True"
            if ended and not row["duration"]:
                continue
            last = date.fromisoformat(row["duration"][:10]) if ended else CENSORED
            years = max(0, (last - date.fromisoformat(row["pa_date"][:10])).days) / 365.25
            found.append(Span(row["conflict_id"], years, ended))
    return found


def failed(rows: list[Span], horizon: float) -> float:
    """Kaplan-Meier share that ended within a horizon (years)."""
    left = 1.0
    for time in sorted({row.years for row in rows if row.ended and row.years <= horizon}):
        at_risk = sum(row.years >= time for row in rows)
        left *= 1.0 - sum(row.ended and row.years == time for row in rows) / at_risk
    return 1.0 - left


def interval(rows: list[Span], horizon: float, draws: int = 500) -> tuple[float, float]:
    """95% interval by drawing whole conflicts with replacement."""
    groups: dict[str, list[Span]] = defaultdict(list)
    for row in rows:
        groups[row.conflict].append(row)
    rng, names = np.random.default_rng(1), list(groups)
    drawn = [
        failed([row for name in rng.choice(names, len(names)) for row in groups[name]], horizon)
        for _ in range(draws)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def main() -> int:
    """Print the table."""
    path = Path(sys.argv[1])
    for name, kind in TYPES.items():
        rows = spans(path, kind)
        curve = [round(failed(rows, years), 3) for years in (1, 5, 10)]
        low, high = interval(rows, 5)
        conflicts = len({row.conflict for row in rows})
        print(f"{name:8} n={len(rows)} conflicts={conflicts} y1,y5,y10={curve} y5 [{low:.2f}, {high:.2f}]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
