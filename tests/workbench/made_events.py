"""Made-up events as a file that a source can read: pairs with habits, in codes of CAMEO."""

import csv
from datetime import date
from pathlib import Path

import numpy as np

from goodoffices.conduct.acts import Acts
from tests.conduct.making import habits

CODES = {(True, False): "050", (True, True): "070", (False, False): "112", (False, True): "190"}


def rows_of(acts: Acts, agreements: int = 40) -> list[dict[str, str]]:
    rng = np.random.default_rng(1)
    signed = set(rng.choice(np.flatnonzero(acts.good), agreements, replace=False))
    rows = []
    for k in range(len(acts.day)):
        code = "057" if k in signed else CODES[bool(acts.good[k]), bool(abs(acts.value[k]) > 5)]
        names = acts.parties.names
        rows.append({
            "event_id": str(k), "happened_on": date.fromordinal(int(acts.day[k])).isoformat(),
            "known_on": date.fromordinal(int(acts.known[k])).isoformat(),
            "actor": names[acts.actor[k]], "target": names[acts.target[k]], "code": code,
        })  # fmt: skip
    return rows


def written(path: Path, n: int = 3000, **how) -> Path:
    """Write a file of events."""
    rows = rows_of(habits(n, **how))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
