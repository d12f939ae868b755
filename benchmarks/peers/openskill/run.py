"""openskill on a stream of acts, a file of arrays (.npz) named on the command line.

An act is a game of actor against target, won by a cooperative actor: two ratings an act, by the model of
Bradley and Terry with full pairing.
"""

import functools
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from openskill.models import BradleyTerryFull

sys.path.append(str(Path(__file__).resolve().parents[1]))
from protocol import serve


@functools.cache
def games(n: int) -> list[tuple[int, int, int]]:
    with np.load(sys.argv[1], allow_pickle=False) as found:
        columns = [found[name][:n].tolist() for name in ("actor", "target", "good")]
    return list(zip(*columns, strict=True))


def work(n: int) -> dict[str, object]:
    model, acting, acted_on = BradleyTerryFull(), {}, {}
    for actor, target, good in games(n):
        one = acting.get(actor) or model.rating()
        other = acted_on.get(target) or model.rating()
        (acting[actor],), (acted_on[target],) = model.rate([[one], [other]], ranks=[1 - good, good])
    return {"n": len(games(n)), "features": 2}


if __name__ == "__main__":
    serve("openskill", version("openskill"), "act", work)
