"""dynamax on a stream of acts, a file of arrays (.npz) named on the command line: a Kalman filter a pair.

A local level, filtered along the acts of each directed pair (`lgssm_filter`), one state an act.  Series are
filled up to the next power of two and filtered in one call for each length, on one core.  Sorting and
filling up are not counted, compiling is, in the round that warms up.
"""

import functools
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ["JAX_PLATFORMS"] = "cpu"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import jax
import jax.numpy as jnp
import numpy as np
from dynamax.linear_gaussian_ssm import LinearGaussianSSM, lgssm_filter

sys.path.append(str(Path(__file__).resolve().parents[1]))
from protocol import serve

MODEL = LinearGaussianSSM(1, 1)
ONE = jnp.ones((1, 1))
PARAMS, _PROPERTIES = MODEL.initialize(
    initial_mean=jnp.zeros(1), initial_covariance=ONE, dynamics_weights=ONE,
    dynamics_covariance=0.01 * ONE, emission_weights=ONE, emission_covariance=ONE,
)  # fmt: skip
filtered = jax.jit(jax.vmap(lambda signs: lgssm_filter(PARAMS, signs).filtered_means))


@functools.cache
def buckets(n: int) -> list[jax.Array]:
    with np.load(sys.argv[1], allow_pickle=False) as found:
        side, good = found["place"][:n, 0], found["good"][:n]
    order = np.argsort(side, kind="stable")
    _sides, first, long = np.unique(side[order], return_index=True, return_counts=True)
    sign, wide = np.where(good[order] > 0, 1.0, -1.0), 1 << np.ceil(np.log2(long)).astype(int)
    found = []
    for size in np.unique(wide):
        rows = np.flatnonzero(wide == size)
        filled = np.zeros((len(rows), size, 1))
        for row, pair in enumerate(rows):
            filled[row, : long[pair], 0] = sign[first[pair] : first[pair] + long[pair]]
        found.append(jnp.asarray(filled))
    return found


def work(n: int) -> dict[str, object]:
    for filled in buckets(n):
        filtered(filled).block_until_ready()
    return {"n": n, "features": 1}


if __name__ == "__main__":
    serve("dynamax", version("dynamax"), "act", work)
