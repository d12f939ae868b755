"""Made-up agreements in the columns of the UCDP Peace Agreement Dataset."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from goodoffices.conduct.agreements import NEEDED, PROVISIONS

UNTIL = date(2020, 12, 31)


def row(number: int = 1, conflict: int = 1, **cells: str) -> dict[str, str]:
    """One agreement of 1 January 2000, of which nothing is recorded; cells as given."""
    flags = dict.fromkeys(PROVISIONS, "0") | {"pa_3rd": ""}
    told = {
        "paid": str(number), "conflict_id": str(conflict), "dyad_id": str(conflict), "pa_date": "2000-01-01",
        "pa_type": "2", "ended": "", "duration": "", "dateintervalend_meta": str(UNTIL),
    }  # fmt: skip
    return {**told, **flags, **cells}


def ended(signed: date, years: float) -> dict[str, str]:
    """Cells of an agreement that ended after some years, if the data go so far."""
    end = signed + timedelta(days=round(years * 365.25))
    over = end <= UNTIL
    return {"pa_date": str(signed), "ended": "True" if over else "", "duration": str(end) if over else ""}


def many(conflicts: int = 10, each: int = 6, seed: int = 5, pull: float = 0.0, classes: float = 0.0):
    """Agreements whose hazard rises by `pull` with a ceasefire, and by `classes` from full to process."""
    rng, rows = np.random.default_rng(seed), []
    for conflict in range(conflicts):
        for _turn in range(each):
            kind, cease = int(rng.integers(1, 4)), int(rng.integers(0, 2))
            hazard = 0.15 * np.exp(pull * cease + classes * (kind - 2))
            signed = date(1995, 1, 1) + timedelta(days=int(rng.integers(0, 9000)))
            cells = ended(signed, rng.exponential(1 / hazard))
            rows.append(row(len(rows), conflict, pa_type=str(kind), cease=str(cease), **cells))
    return rows


def write(path: Path, rows: Iterable[Mapping[str, str]], names: Iterable[str] = NEEDED) -> Path:
    """Write rows as the data set does: names with blanks after them, and one column without a name."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow([f"{name} " if name in ("ref", "return") else name for name in names] + [""])
        out.writerows([[cells[name] for name in names] + [""] for cells in rows])
    return path
