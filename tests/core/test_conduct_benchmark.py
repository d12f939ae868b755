"""What the benchmark of speed compares must be the same thing: leanings in pandas beside the compiled pass."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("pandas")

from goodoffices.compute import kernels
from goodoffices.conduct.model import Follower, Recipe
from goodoffices.conduct.numbering import Numbering
from goodoffices.conduct.parts import PARTS, SHARED
from tests.conduct.two_typed import two_typed

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_leanings_of_the_peer_in_pandas_are_ours():
    """By ewm and weights, the peer gets every leaning that the compiled pass writes; acts of a day count later."""
    if not BENCHMARKS.exists():
        pytest.skip("the benchmarks do not come with the package")
    peer, recipe = module(BENCHMARKS / "peers" / "pandas" / "leanings.py"), Recipe()
    acts = two_typed(actors=4, days=12)
    told = peer.Told(acts.day, acts.good.astype(np.int8), Numbering().places(acts), SHARED)
    found = peer.leanings(told, np.array(recipe.half_lives), np.array([recipe.near, recipe.far]))
    ours = Follower(kernels.prepared("goodoffices.core.conduct", "a test"), recipe).features(acts)
    leanings = ours[:, : -len(PARTS)].reshape(found.shape)
    assert np.abs(found - leanings).max() < 1e-5
    assert np.abs(leanings).max(axis=(0, 1, 3, 4)).min() > 0.05, "every part has something to compare"
