"""The ten onsets and ten placebo dates of `tests/data/onsets.csv`, by the rule of `onsets.md`.

Both were committed before the first run.  What comes out is printed (`pytest -s`), never tuned.
"""

import csv
import hashlib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("duckdb")

from goodoffices.workbench.feeds import import_events
from goodoffices.workbench.indexing import Asked, pair_index

LIST = Path(__file__).parents[1] / "data" / "onsets.csv"
EVENTS = Path(__file__).parents[3] / "shared" / "data" / "events"
FILES = {
    "keds_levant": ("keds", "keds_levant.cameo.parquet"),
    "keds_gulf": ("keds", "keds_gulf.cameo.parquet"),
    "icews": ("icews", "icews_raw_2018_2019.parquet"),
}
WINDOW = 60


def listed() -> list[dict[str, str]]:
    return list(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines()))


def test_the_list_is_the_one_that_was_committed_before_the_first_run():
    """Ten onsets with a sign, ten placebo dates without one, and not a byte of them changed since."""
    rows = listed()

    assert [row["role"] for row in rows] == ["onset"] * 10 + ["placebo"] * 10
    assert {row["expected"] for row in rows[:10]} == {"+", "-"}
    assert {row["expected"] for row in rows[10:]} == {"0"}
    assert hashlib.sha256(LIST.read_bytes()).hexdigest() == SHA256


SHA256 = "1fe6aee75fa768b02a1385a3e20884443ce1c4b8d88861b28ef8e3891fbb4d26"


def course(store: Path, truster: str, trustee: str) -> tuple[list[date], np.ndarray, np.ndarray]:
    """Days, level of intention at their end (log-odds before the clip), and days with an act."""
    found = pair_index(Asked(store=store, every="day", draws=0), truster, trustee)
    rows = [row for row in found.rows if row.facet == "intention"]
    acts = np.array(sorted({day.toordinal() for day, *_rest in found.acts}))
    return [row.date for row in rows], np.cumsum([row.change for row in rows]), acts


def judged(row: dict[str, str], days: list[date], level: np.ndarray, acts: np.ndarray) -> str:
    """Say what the rule says of one date."""
    at = date.fromisoformat(row["date"])
    day = at.toordinal()
    before, after = (acts < day) & (acts >= day - WINDOW), (acts >= day) & (acts <= day + WINDOW)
    if not (before.any() and after.any()) or days[0] >= at or days[-1] < at + timedelta(days=WINDOW):
        return "no reports, or no window"
    first = days[0].toordinal()
    change = level[day + WINDOW - first] - level[day - 1 - first]
    every = level[WINDOW + 1 :] - level[: -WINDOW - 1]
    below, above = float(np.mean(every <= change)), float(np.mean(every >= change))
    told = f"{change:+.2f}, {below:.0%} of windows no higher"
    if row["role"] == "placebo":
        return f"{'false alarm' if min(below, above) <= 0.05 else 'quiet'} ({told})"
    share, right = (above, change > 0) if row["expected"] == "+" else (below, change < 0)
    return f"{'hit' if right and share <= 0.1 else 'right sign' if right else 'miss'} ({told})"


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not EVENTS.is_dir(), reason="needs the real event files in ../shared/data/events")
def test_onsets_and_placebo_dates(tmp_path):
    """From file to trajectory: every date of the list is judged, and hits and false alarms are printed."""
    for name, (source, file) in FILES.items():
        run = import_events(source, [EVENTS / file], tmp_path / f"{name}.duckdb")
        assert run.counts()["received"] == sum(run.counts()[k] for k in ("stored", "duplicates", "rejected"))
    verdicts = []
    for row in listed():
        store = tmp_path / f"{row['source']}.duckdb"
        verdicts.append(judged(row, *course(store, row["truster"], row["trustee"])))
        print(
            f"{row['id']:4}{row['date']} {row['truster']} on {row['trustee']} {row['expected']}  {verdicts[-1]}"
        )
    onsets, placebos = verdicts[:10], verdicts[10:]
    hits, signs = (sum(v.startswith(word) for v in onsets) for word in ("hit", "right sign"))
    print(
        f"hits {hits} of 10, right sign {hits + signs} of 10, "
        f"false alarms {sum(v.startswith('false') for v in placebos)} of 10"
    )

    assert len(verdicts) == 20
