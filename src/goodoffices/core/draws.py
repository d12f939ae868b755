"""Random numbers without a state: a draw is a function of (seed, purpose, entity key, number).

A key is hashed once (BLAKE2b); each draw hashes that key with its number (the mixing function of
SplitMix64; Steele, Lea & Flood 2014).  Draw k of 1,000 is therefore draw k of 200, and taking one
entity away leaves the draws of all others alone.
"""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "choice",
    "normal",
    "normal_at",
    "stream_key",
    "triangular",
    "triangular_at",
    "uniform",
    "uniform_at",
]

Floats = NDArray[np.float64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_OTHER = 0x5DEECE66D1234567  # turns the key of a normal draw's radius into that of its angle


def stream_key(seed: int, purpose: str, entity: str) -> int:
    """Give the 64-bit key of one stream of draws."""
    text = f"{seed}\x1f{purpose}\x1f{entity}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


@lru_cache(maxsize=8)
def _steps(n: int) -> NDArray[np.uint64]:
    """How far the first n draws lie from the key of their stream; nobody may write into it."""
    steps = np.arange(1, n + 1, dtype=np.uint64) * _GOLDEN
    steps.flags.writeable = False
    return steps


def _mixed(z: NDArray[np.uint64]) -> Floats:
    """Mix in place, and give numbers strictly between 0 and 1."""
    z ^= z >> np.uint64(30)
    z *= _MIX_1
    z ^= z >> np.uint64(27)
    z *= _MIX_2
    z ^= z >> np.uint64(31)
    z >>= np.uint64(12)
    return (z.astype(np.float64) + 0.5) * 2.0**-52


def uniform_at(key: int, counters: NDArray[np.uint64]) -> Floats:
    """Give the draws with these numbers, each strictly between 0 and 1; shape of `counters`."""
    return _mixed(np.uint64(key) + (counters + np.uint64(1)) * _GOLDEN)


def normal_at(key: int, counters: NDArray[np.uint64]) -> Floats:
    """Give the standard normal draws with these numbers (Box & Muller 1958); shape of `counters`.

    Their radius is the uniform draw of the same key: no purpose draws both.
    """
    return _normal(uniform_at(key, counters), uniform_at(key ^ _OTHER, counters))


def _normal(one: Floats, other: Floats) -> Floats:
    return np.sqrt(-2.0 * np.log(one)) * np.cos(2.0 * np.pi * other)


def uniform(key: int, n: int) -> Floats:
    """Give n draws, each strictly between 0 and 1; shape (n,)."""
    return _mixed(np.uint64(key) + _steps(n))


def normal(key: int, n: int) -> Floats:
    """Give n standard normal draws (Box & Muller 1958); shape (n,)."""
    return _normal(uniform(key, n), uniform(key ^ _OTHER, n))


def triangular_at(u: Floats, low: float, mode: float, high: float) -> Floats:
    """Give the quantiles u of a triangular distribution; a range of width 0 gives its value."""
    width = high - low
    if width <= 0:
        return np.full_like(u, mode)
    turn = (mode - low) / width
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1.0 - u) * width * (high - mode))
    return np.where(u < turn, rising, falling)


def triangular(key: int, n: int, low: float, mode: float, high: float) -> Floats:
    """Give n draws between low and high with the given mode; shape (n,)."""
    return triangular_at(uniform(key, n), low, mode, high)


def choice(key: int, n: int, weights: list[float]) -> NDArray[np.int64]:
    """Give n draws of an index with the given weights, which sum to 1; shape (n,)."""
    return np.searchsorted(np.cumsum(weights)[:-1], uniform(key, n), side="right").astype(np.int64)
