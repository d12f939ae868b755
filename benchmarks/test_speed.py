"""How long a user waits, and how fast a stream is followed; the peer runs in the same session.

Run with `make benchmarks`.  Nothing here fails for being slow: figures are for people to read.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from goodoffices.cases.library import library_names
from goodoffices.compute import kernels

PAIRS, ROWS = 100_000, 5_000_000
HALF = np.array([[3.0, 2.0, 3.0, 2.0], [3.0, 6.0, 8.0, 3.0]]) * 365.25
RATIOS = np.array([[1.47, 0.49, 0.46, 0.43], [0.89, 1.50, 2.08, 0.88]])


def whole(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "goodoffices", *arguments], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help(benchmark):
    """`goodoffices --help`, whole process."""
    benchmark.pedantic(whole, args=("--help",), rounds=10, warmup_rounds=1)


@pytest.mark.parametrize("name", library_names())
def test_read(benchmark, name):
    """`goodoffices read CASE` with 1,000 draws, whole process."""
    benchmark.pedantic(whole, args=("read", name, "--json"), rounds=5, warmup_rounds=1)


def stream_rows(module, n: int, pairs: int):
    """Evidence in time order: Zipf over pairs, four facets, pressure on half the scale."""
    rng = np.random.default_rng(1)
    share = np.arange(1, pairs + 1) ** -0.8
    order = np.searchsorted(np.cumsum(share / share.sum()), rng.random(n)).clip(0, pairs - 1)
    return module.Rows(
        rng.permutation(pairs)[order].astype(np.int32),
        rng.integers(0, 4, n).astype(np.int8),
        np.sort(rng.integers(0, 3650, n)).astype(np.int32),
        rng.choice([1, 1, -1], n).astype(np.int8),
        rng.random(n, dtype=np.float32),
        np.zeros(n, np.float32),
        rng.random(n, dtype=np.float32) / 2,
        np.zeros(n, np.float32),
    )


@pytest.mark.parametrize("n", [ROWS // 4, ROWS // 2, ROWS])
def test_stream(benchmark, n):
    """The stream driver on one core: discounts and pressure on; time should be linear in rows."""
    module = kernels.stream()
    rows, rules = stream_rows(module, n, PAIRS), module.Rules(RATIOS, HALF, float(np.log(8)), 0.5)
    module.follow(module.begin(np.zeros((PAIRS, 4)), 0), module.Rows(*(c[:100] for c in rows)), rules)
    benchmark.pedantic(
        lambda state: module.follow(state, rows, rules),
        setup=lambda: ((module.begin(np.zeros((PAIRS, 4)), 0),), {}),
        rounds=5,
    )
    benchmark.extra_info["million_rows_a_second"] = round(n / benchmark.stats.stats.median / 1e6, 1)


def test_stream_peer_polars(benchmark):
    """A peer on the same rows: polars, one exponentially weighted mean by time for each pair and facet."""
    polars = pytest.importorskip("polars")
    module = kernels.stream()
    rows = stream_rows(module, ROWS, PAIRS)
    frame = polars.DataFrame(
        {
            "pair": rows.pair.astype(np.int64) * 4 + rows.facet,
            "day": rows.day.astype(np.int64),
            "value": rows.sign * rows.weight,
        }
    )
    mean = polars.col("value").ewm_mean_by("day", half_life="730i").over("pair")
    benchmark.pedantic(lambda: frame.with_columns(mean), rounds=3)
    benchmark.extra_info["million_rows_a_second"] = round(ROWS / benchmark.stats.stats.median / 1e6, 1)


def test_memory_of_a_stream_goes_by_pairs():
    """Following a stream allocates nothing a row: the state is its only memory."""
    module = kernels.stream()
    state = module.begin(np.zeros((PAIRS, 4)), 0)

    assert state.stores.nbytes == PAIRS * 4 * 5 * 8
    assert Path(kernels.cache_folder() or ".").exists()
