"""pandas on a stream of acts: `run.py STREAM leanings|means`, a file of arrays (.npz).

`leanings` gives the 96 leanings of the model of conduct; `means` only takes the 24 exponentially weighted
means that they are made of.  Effects, which share what an act tells, no ewm can give.
"""

import functools
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.append(str(Path(__file__).resolve().parents[1]))
from leanings import Told, leanings, means
from protocol import GapError, serve


@functools.cache
def stream() -> dict[str, np.ndarray]:
    with np.load(sys.argv[1], allow_pickle=False) as found:
        told = dict(found)
    if (told["known"] != told["day"]).any():
        raise GapError("some acts became known late, for which ewm has no words")
    return told


def work(n: int) -> dict[str, object]:
    given = stream()
    told = Told(*(given[name][:n] for name in Told._fields[:-1]), given["table"])
    half_lives, parts = given["half_lives"], told.place.shape[1]
    if sys.argv[2] == "leanings":
        wide = int(np.prod(leanings(told, half_lives, given["unseen"]).shape[1:]))
    else:
        wide = sum(means(told, part, half_lives).shape[1] - 3 for part in range(parts))
    return {"n": len(told.day), "features": wide}


if __name__ == "__main__":
    serve("pandas", pd.__version__, "act", work)
