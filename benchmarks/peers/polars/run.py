"""polars on a stream of acts, a file of arrays (.npz) named on the command line: `ewm_mean_by` on one core.

24 means, one for each part (whose record) and half-life of the model of conduct.  The mean is another one
than ours or that of pandas: it starts at the first sign instead of weighing all, and passes over later
acts of a day.  A day is handed over as a second, since its durations end at 292 years.
"""

import functools
import os
import sys
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"
import numpy as np
import polars as pl

sys.path.append(str(Path(__file__).resolve().parents[1]))
from protocol import serve


@functools.cache
def frame(n: int) -> tuple[pl.DataFrame, list[pl.Expr]]:
    with np.load(sys.argv[1], allow_pickle=False) as found:
        told = {name: found[name][:n] for name in ("day", "good", "place")} | {"lives": found["half_lives"]}
    sides = {f"side {part}": column.astype(np.int64) for part, column in enumerate(told["place"].T)}
    day = (told["day"].astype(np.int64) - int(told["day"][0])) * 1_000_000
    acts = pl.DataFrame({"day": day, "sign": np.where(told["good"] > 0, 1.0, -1.0), **sides})
    means = [
        pl.col("sign").ewm_mean_by("day", half_life=f"{int(half)}s").over(side).alias(f"{side}, {half}")
        for side in sides
        for half in told["lives"]
    ]
    return acts.with_columns(pl.col("day").cast(pl.Datetime("us"))), means


def work(n: int) -> dict[str, object]:
    acts, means = frame(n)
    found = acts.select(means)
    return {"n": found.height, "features": found.width}


if __name__ == "__main__":
    serve("polars", pl.__version__, "act", work)
