"""TrueSkillThroughTime on a stream of acts, a file of arrays (.npz) named on the command line.

An act is a game of actor against target, won by a cooperative actor; days are its batches.  The forward
pass only, which is what a stream allows: two skills an act.
"""

import functools
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import trueskillthroughtime as ttt

sys.path.append(str(Path(__file__).resolve().parents[1]))
from protocol import serve


@functools.cache
def games(n: int) -> tuple[list, list, list]:
    with np.load(sys.argv[1], allow_pickle=False) as found:
        actor, target, good, day = (found[name][:n].tolist() for name in ("actor", "target", "good", "day"))
    teams = [[[f"{one} acts"], [f"{other} is acted on"]] for one, other in zip(actor, target, strict=True)]
    return teams, [[yes, 1 - yes] for yes in good], day


def work(n: int) -> dict[str, object]:
    teams, results, days = games(n)
    ttt.History(teams, results, days)
    return {"n": len(teams), "features": 2}


if __name__ == "__main__":
    serve("TrueSkillThroughTime", version("trueskillthroughtime"), "act", work)
