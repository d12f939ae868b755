"""Statistical tests of the keyed draws, read in the ways in which histories read them.

A stream has the key BLAKE2b(seed, purpose, "entity:month"); history r of draw d has the number
d * 2**32 + r.  A source is a function (key, numbers) -> whole numbers below 2**52, a reading lays
draws of a source out as an array (row, column), and a check turns an array into scores that are
standard normal for a perfect source.  A score beyond five fails: for a perfect source all of some
nine thousand scores stay within with a chance of 0.995.  Seeds are fixed, so that nothing here
changes from run to run.

The draws are read to 52 bits: a double in [1/2, 1) has no more than that after the half step that
`uniform` adds.  Checks after Knuth (The Art of Computer Programming 2, section 3.3.2), Marsaglia
(Diehard, 1995) and L'Ecuyer & Simard (TestU01, 2007).
"""

from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import pytest

from goodoffices.core import draws

Numbers = np.ndarray  # whole numbers below 2**52, dtype uint64
Source = Callable[[int, np.ndarray], Numbers]
BITS, LIMIT = 52, 5.0
HISTORIES, DRAWS, MONTHS = 400, 1024, 60
FIRST = np.uint64(3 * 2**32)  # the numbers of one draw, where many months are read
STRETCH = np.uint64(2**32)
ENTITIES = [f"actor-{i}" for i in range(9)] + ["north>south", "south>north", "north"]
PURPOSES = ("facts", "office", "spoilers")
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def drawn(key: int, numbers: np.ndarray) -> Numbers:
    """The source under test."""
    return (draws.uniform_at(key, numbers) * 2.0**BITS).astype(np.uint64)


# ---- readings: arrays (row, column) ------------------------------------------------------------


def in_a_row(source: Source) -> np.ndarray:
    """One stream, number after number."""
    return source(draws.stream_key(1, "facts", "north:1"), np.arange(HISTORIES * DRAWS, dtype=np.uint64))[
        None
    ]


def of_one_month(source: Source) -> np.ndarray:
    """One stream: a row is a draw, a column a history."""
    numbers = np.arange(DRAWS, dtype=np.uint64)[:, None] * STRETCH + np.arange(HISTORIES, dtype=np.uint64)
    return source(draws.stream_key(1, "office", "south:7"), numbers)


def over_draws(source: Source) -> np.ndarray:
    """One stream: a row is a history, a column a draw; neighbours lie 2**32 numbers apart."""
    return of_one_month(source).T


def month_keys(seed: int) -> list[int]:
    return [
        draws.stream_key(seed, purpose, f"{entity}:{month}")
        for purpose in PURPOSES
        for entity in ENTITIES
        for month in range(1, MONTHS + 1)
    ]


def within_months(source: Source) -> np.ndarray:
    """The same histories of one draw in many streams: a row is a stream, a column a history."""
    numbers = FIRST + np.arange(HISTORIES, dtype=np.uint64)
    return np.stack([source(key, numbers) for key in month_keys(2)])


def over_months(source: Source) -> np.ndarray:
    """The same: a row is a history, a column a stream; neighbours are months of one entity."""
    return within_months(source).T


READINGS = (in_a_row, of_one_month, over_draws, within_months, over_months)


@lru_cache(maxsize=12)
def read(reading, source: Source) -> np.ndarray:
    """An array of draws, kept for the next check."""
    found = np.ascontiguousarray(reading(source))
    found.flags.writeable = False
    return found


# ---- scores: standard normal under the hypothesis ----------------------------------------------


def score_of(p: float) -> float:
    """Score of the chance p of something at least as large."""
    return -NormalDist().inv_cdf(min(max(p, 1e-300), 1 - 1e-16))


def chi_square(counts: np.ndarray, shares: np.ndarray | float) -> float:
    """Score of counts against their expected shares (Wilson & Hilferty 1931)."""
    expected = counts.sum() * shares
    df = counts.size - 1
    found = ((counts - expected) ** 2 / expected).sum()
    return ((found / df) ** (1 / 3) - 1 + 2 / (9 * df)) / np.sqrt(2 / (9 * df))


def spread(scores: np.ndarray) -> float:
    """Score of the sum of squares of many scores."""
    df = scores.size
    return (((scores**2).sum() / df) ** (1 / 3) - 1 + 2 / (9 * df)) / np.sqrt(2 / (9 * df))


def kolmogorov(u: np.ndarray) -> float:
    """Score of the largest distance from the uniform distribution (Kolmogorov 1933)."""
    n = len(u)
    steps = np.arange(n + 1) / n
    u = np.sort(u)
    x = np.sqrt(n) * max((steps[1:] - u).max(), (u - steps[:-1]).max())
    k = np.arange(1, 101)
    return score_of(2 * ((-1.0) ** (k - 1) * np.exp(-2 * (k * x) ** 2)).sum() if x > 0.2 else 1.0)


def fair(ones: np.ndarray, n: int) -> np.ndarray:
    """Scores of counts of ones among n bits."""
    return (ones - n / 2) / (np.sqrt(n) / 2)


def ones(values: Numbers) -> np.ndarray:
    """How often each bit is set; shape (52,), lowest first."""
    octets = np.ascontiguousarray(values.ravel()).astype("<u8").view(np.uint8).reshape(-1, 8)
    counts = [np.bincount(octet, minlength=256) for octet in octets.T]
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    return np.concatenate([count @ bits for count in counts])[:BITS]


def part(values: Numbers, low: int, width: int) -> np.ndarray:
    """Some bits of each value, as int64."""
    return (values >> np.uint64(low) & np.uint64(2**width - 1)).astype(np.int64)


def groups(values: np.ndarray, size: int) -> np.ndarray:
    """Values in groups that do not overlap; shape (group, size)."""
    values = values.ravel()
    return values[: len(values) // size * size].reshape(-1, size)


def ends(width: int) -> tuple[int, int]:
    """Where the highest and the lowest bits of a width begin."""
    return BITS - width, 0


# ---- checks: an array of values -> scores ------------------------------------------------------


def cells(values: Numbers) -> list[float]:
    """One, two and three values in a row fill the cells of a grid alike, by high and by low bits."""
    found = []
    for size, width in ((1, 12), (2, 6), (3, 4)):
        for low in ends(width):
            cell = groups(part(values, low, width), size) @ (2 ** (width * np.arange(size)))
            found.append(chi_square(np.bincount(cell, minlength=2 ** (size * width)), 2.0 ** -(size * width)))
    return found


def distance(values: Numbers) -> list[float]:
    """The distribution function is that of a uniform, of the value and of its lower half."""
    return [
        kolmogorov(values.ravel() / 2.0**BITS),
        kolmogorov((part(values, 0, 26).ravel() + 0.5) / 2.0**26),
    ]


def runs(values: Numbers) -> list[float]:
    """As many runs up and down as in a random order (Levene & Wolfowitz 1944)."""
    found = []
    for line in (values.ravel(), values.ravel() << np.uint64(64 - 26)):
        n = line.size
        rises = line[1:] > line[:-1]
        count = 1 + np.count_nonzero(rises[1:] != rises[:-1])
        found.append((count - (2 * n - 1) / 3) / np.sqrt((16 * n - 29) / 90))
    return found


def serial(values: Numbers) -> list[float]:
    """No correlation of values at a distance, within a row or from one row to the next."""
    line = values.ravel() / 2.0**BITS - 0.5
    lags = (1, 2, 4, 8, 64, MONTHS, HISTORIES, DRAWS)
    return [12 * (line[lag:] @ line[:-lag]) / np.sqrt(line.size - lag) for lag in lags]


def single_bits(values: Numbers) -> list[float]:
    """Each of the 52 bits is fair, and so is whether it differs from that of the next value."""
    line = values.ravel()
    return [*fair(ones(line), line.size), *fair(ones(line[1:] ^ line[:-1]), line.size - 1)]


def octets(values: Numbers) -> list[float]:
    """All 256 values of eight neighbouring bits are alike, wherever the eight stand."""
    return [
        chi_square(np.bincount(part(values, low, 8).ravel(), minlength=256), 1 / 256)
        for low in range(0, 45, 4)
    ]


def birthdays(values: Numbers) -> list[float]:
    """Equal spacings of 4,096 birthdays in a year of 2**32 days are Poisson (Marsaglia 1985)."""
    found = []
    for low in ends(32):
        spacings = np.diff(np.sort(groups(part(values, low, 32), 4096)))
        equal = np.count_nonzero(np.diff(np.sort(spacings)) == 0)
        expected = 4.0 * len(spacings)
        found.append((equal - expected) / np.sqrt(expected))
    return found


def gaps(values: Numbers) -> list[float]:
    """Gaps between values below 1/8 are geometric, by the three highest and the three lowest bits."""
    found = []
    for low in ends(3):
        gap = np.diff(np.flatnonzero(part(values, low, 3) == 0)) - 1
        shares = np.append(0.125 * 0.875 ** np.arange(40), 0.875**40)
        found.append(chi_square(np.bincount(np.minimum(gap, 40), minlength=41), shares))
    return found


def rank(rows: np.ndarray) -> np.ndarray:
    """Rank over GF(2) of many 32 x 32 matrices; `rows` has shape (matrix, 32)."""
    rows, each = rows.copy(), np.arange(len(rows))
    free = np.ones(rows.shape, dtype=bool)
    for bit in range(32):
        has = (rows >> np.uint32(bit) & np.uint32(1)).astype(bool)
        pivot = np.argmax(has & free, axis=1)
        there = (has & free)[each, pivot]
        line = np.where(there, rows[each, pivot], np.uint32(0))
        has[each, pivot] = False
        rows ^= np.where(has, line[:, None], np.uint32(0))
        free[each, pivot] &= ~there
    return 32 - free.sum(axis=1)


def ranks(values: Numbers) -> list[float]:
    """Binary matrices of 32 values have the ranks of random ones (Marsaglia & Tsay 1985)."""
    shares = np.array([0.0052854502, 0.1283502644, 0.5775761902, 0.2887880952])
    found = []
    for low in ends(32):
        full = rank(groups(part(values, low, 32).astype(np.uint32), 32))
        found.append(chi_square(np.bincount(np.maximum(full, 29) - 29, minlength=4), shares))
    return found


def maxima(values: Numbers) -> list[float]:
    """The largest of t values, to the power t, is uniform."""
    found = []
    for size in (2, 8, 32):
        top = (groups(values, size).max(axis=1) / 2.0**BITS) ** size
        found += [kolmogorov(top), chi_square(np.histogram(top, 64, (0, 1))[0], 1 / 64)]
    return found


def collisions(values: Numbers) -> list[float]:
    """As many values share one of 2**24 urns as chance has it: high bits, low bits, pairs."""
    pairs = groups(part(values, BITS - 12, 12), 2) @ np.array([4096, 1])
    urns, found = 2.0**24, []
    for urn in (part(values, BITS - 24, 24).ravel(), part(values, 0, 24).ravel(), pairs):
        load = urn.size / urns
        expected = urn.size + urns * np.expm1(urn.size * np.log1p(-1 / urns))
        variance = urns * np.exp(-load) * (1 - (1 + load) * np.exp(-load))
        shared = np.count_nonzero(np.diff(np.sort(urn)) == 0)
        found.append((shared - expected) / np.sqrt(variance))
    return found


def across(values: Numbers) -> list[float]:
    """Rows are unrelated: correlations and differing bits of rows next to each other and further off."""
    if len(values) == 1:
        values = groups(values, HISTORIES)
    u, found = (values / 2.0**BITS - 0.5) * np.sqrt(12), []
    for lag in (1, 2, 12, MONTHS, 5 * MONTHS):
        scores = (u[lag:] * u[:-lag]).sum(axis=1) / np.sqrt(u.shape[1])
        found += [scores.sum() / np.sqrt(scores.size), spread(scores)]
        found += [*fair(ones(values[lag:] ^ values[:-lag]), u[lag:].size)]
    return found


CHECKS = (
    cells,
    distance,
    runs,
    serial,
    single_bits,
    octets,
    birthdays,
    gaps,
    ranks,
    maxima,
    collisions,
    across,
)


def avalanche(source: Source) -> np.ndarray:
    """Scores of how often each of 52 bits flips with each bit of the key, then of the number.

    Shape (128, 52); a bit of a perfect source flips half the time.
    """
    rng = np.random.default_rng(5)
    keys = month_keys(3)[:: MONTHS + 7]
    numbers = rng.integers(0, DRAWS * 2**32, HISTORIES, dtype=np.uint64)
    found = np.zeros((128, BITS))
    for key in keys:
        plain = source(key, numbers)
        for bit in range(64):
            found[bit] += ones(source(key ^ 1 << bit, numbers) ^ plain)
            found[64 + bit] += ones(source(key, numbers ^ np.uint64(1 << bit)) ^ plain)
    return fair(found, len(keys) * HISTORIES)


# ---- checks of normal draws --------------------------------------------------------------------


def moments(z: np.ndarray) -> list[float]:
    """The first four moments are 0, 1, 0 and 3."""
    error = np.sqrt(np.array([1.0, 2.0, 15.0, 96.0]) / z.size)
    return list((np.array([(z**k).mean() for k in (1, 2, 3, 4)]) - [0, 1, 0, 3]) / error)


def tails(z: np.ndarray) -> list[float]:
    """As many draws lie beyond 1, 2, 3 and 4 on each side as under a normal."""
    found = []
    for edge in (1, 2, 3, 4):
        p = NormalDist().cdf(-edge)
        for count in (np.count_nonzero(z > edge), np.count_nonzero(z < -edge)):
            found.append((count - z.size * p) / np.sqrt(z.size * p * (1 - p)))
    return found


def bin_of(z: np.ndarray, bins: int) -> np.ndarray:
    """Which of some bins of equal chance under a normal each draw falls into."""
    return np.searchsorted([NormalDist().inv_cdf(k / bins) for k in range(1, bins)], z)


def shape(z: np.ndarray) -> list[float]:
    """One, two and three draws in a row fill bins of equal chance alike."""
    found = []
    for size, bins in ((1, 512), (2, 32), (3, 8)):
        cell = bin_of(groups(z, size), bins) @ (bins ** np.arange(size))
        found.append(chi_square(np.bincount(cell, minlength=bins**size), float(bins) ** -size))
    return found


def echoes(z: np.ndarray) -> list[float]:
    """Neither the draws nor their sizes are correlated, along a row and from row to row."""
    rows, found = z if len(z) > 1 else groups(z, HISTORIES), []
    for lag in (1, 2, 12, MONTHS):
        for u in (rows, (rows**2 - 1) / np.sqrt(2)):
            beside = (u[:, lag:] * u[:, :-lag]).sum(axis=1) / np.sqrt(u.shape[1] - lag)
            below = (u[lag:] * u[:-lag]).sum(axis=1) / np.sqrt(u.shape[1])
            found += [scores.sum() / np.sqrt(scores.size) for scores in (beside, below)]
    return found


def together(z: np.ndarray, u: Numbers) -> list[float]:
    """Normal draws are unrelated to uniform draws: signs, sizes, and the cells of a grid."""
    v, size = (u / 2.0**BITS - 0.5) * np.sqrt(12), (z**2 - 1) / np.sqrt(2)
    cell = bin_of(z.ravel(), 16) * 16 + part(u, BITS - 4, 4).ravel()
    linear = [(a * v).sum() / np.sqrt(v.size) for a in (z, size)]
    return [*linear, chi_square(np.bincount(cell, minlength=256), 1 / 256)]


NORMAL_CHECKS = (moments, tails, shape, echoes)


# ---- known-bad generators ----------------------------------------------------------------------


def counting(key: int, numbers: np.ndarray) -> Numbers:
    """The counter of SplitMix64 without its mixing (a Weyl sequence)."""
    return (np.uint64(key) + numbers * GOLDEN) >> np.uint64(12)


def half_mixed(key: int, numbers: np.ndarray) -> Numbers:
    """One of the two rounds of its mixing."""
    z = np.uint64(key) + numbers * GOLDEN
    z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    return (z ^ z >> np.uint64(27)) >> np.uint64(12)


def power(base: int, numbers: np.ndarray) -> np.ndarray:
    """Powers of a base modulo 2**64."""
    found = np.ones_like(numbers)
    for bit in range(int(numbers.max()).bit_length()):
        step = np.uint64(pow(base, 1 << bit, 2**64))
        found *= np.where(numbers >> np.uint64(bit) & np.uint64(1), step, np.uint64(1))
    return found


def randu(key: int, numbers: np.ndarray) -> Numbers:
    """IBM's RANDU (31 bits, triples in 15 planes; Marsaglia 1968) over good low bits."""
    state = np.uint64(key | 1) * power(65539, numbers) & np.uint64(2**31 - 1)
    return state << np.uint64(21) | drawn(key, numbers) & np.uint64(2**21 - 1)


def low_bits(key: int, numbers: np.ndarray) -> Numbers:
    """The low bits of a linear congruential generator, whose periods are short."""
    state = np.uint64(key | 1) * power(6364136223846793005, numbers)
    return state >> np.uint64(2) & np.uint64(2**BITS - 1)


def shifted(key: int, numbers: np.ndarray) -> Numbers:
    """Shifts and exclusive ors only: linear over GF(2) (Marsaglia 2003)."""
    z = np.uint64(key) ^ numbers * np.uint64(2**20 + 1)
    for _ in range(4):
        z ^= z << np.uint64(13)
        z ^= z >> np.uint64(7)
        z ^= z << np.uint64(17)
    return z >> np.uint64(12)


def same_in_every_draw(key: int, numbers: np.ndarray) -> Numbers:
    """The draw's share of the number is lost."""
    return drawn(key, numbers & np.uint64(2**32 - 1))


def same_in_every_month(key: int, numbers: np.ndarray) -> Numbers:
    """Most of the key is lost."""
    return drawn(key % 16, numbers)


def lopsided(key: int, numbers: np.ndarray) -> Numbers:
    """A good source whose values are all one part in 128 too small."""
    good = drawn(key, numbers)
    return good - (good >> np.uint64(7))


def twelve(key: int, numbers: np.ndarray) -> np.ndarray:
    """Normal draws as sums of twelve uniform ones: the tails are too thin."""
    return sum(draws.uniform_at(key, numbers * np.uint64(12) + np.uint64(k)) for k in range(12)) - 6.0


def one_key(key: int, numbers: np.ndarray) -> np.ndarray:
    """Radius and angle of a normal draw from the same uniform one."""
    u = draws.uniform_at(key, numbers)
    return np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * u)


def few_keys(key: int, numbers: np.ndarray) -> np.ndarray:
    """Normal draws for which most of the key is lost."""
    return draws.normal_at(key % 16, numbers)


# ---- the generator passes ----------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.__name__)
def test_draws_pass(reading, check):
    """No score of any check lies beyond five, however the draws are read."""
    assert np.abs(check(read(reading, drawn))).max() < LIMIT


def test_one_flipped_bit_of_key_or_number_flips_half_of_the_bits():
    """Every bit of a draw flips half the time with every bit of its key and of its number."""
    scores = avalanche(drawn)

    assert np.abs(scores).max() < LIMIT
    assert abs(spread(scores[:64])) < LIMIT
    assert abs(spread(scores[64:])) < LIMIT


def test_keys_of_months_are_spread():
    """Keys of neighbouring months, entities and purposes are apart, and their bits fair and unrelated."""
    keys = np.array(month_keys(4), dtype=np.uint64)
    halves = (keys & np.uint64(2**52 - 1), keys >> np.uint64(12))

    assert len(np.unique(keys)) == len(keys)
    for half in halves:
        assert np.abs(single_bits(half)).max() < LIMIT


@pytest.mark.parametrize("check", NORMAL_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.__name__)
def test_normal_draws_pass(reading, check):
    """Normal draws have the moments, tails and shape of a normal and no echoes, however they are read."""
    assert np.abs(check(read(reading, draws.normal_at))).max() < LIMIT


@pytest.mark.parametrize(
    "reading", [in_a_row, of_one_month, within_months], ids=lambda reading: reading.__name__
)
def test_normal_and_uniform_draws_of_different_keys_are_unrelated(reading):
    """A normal draw tells nothing about the uniform draw with the same number under another key."""

    def beside(key, numbers):
        return drawn(draws.stream_key(9, "beside", str(key)), numbers)

    assert np.abs(together(read(reading, draws.normal_at), read(reading, beside))).max() < LIMIT


def key_of_ones() -> int:
    """The key whose first draw is made of ones only: the mixing of SplitMix64 backwards."""
    mask, z = 2**64 - 1, 2**64 - 1
    for shift, factor in ((31, 1), (27, 0x94D049BB133111EB), (30, 0xBF58476D1CE4E5B9)):
        z = z * pow(factor, -1, 2**64) & mask
        found = z
        for _ in range(64 // shift):
            found = z ^ found >> shift
        z = found
    return z - int(GOLDEN) & mask


def test_the_largest_draw_lies_below_one():
    """The draw made of ones only lies strictly below 1."""
    assert draws.uniform(key_of_ones(), 1)[0] < 1.0


# ---- the checks can fail -----------------------------------------------------------------------

CAUGHT = (
    (cells, randu, in_a_row),
    (distance, lopsided, in_a_row),
    (runs, counting, in_a_row),
    (serial, counting, over_draws),
    (single_bits, low_bits, in_a_row),
    (octets, lopsided, in_a_row),
    (birthdays, half_mixed, over_draws),
    (gaps, low_bits, of_one_month),
    (ranks, shifted, in_a_row),
    (maxima, lopsided, in_a_row),
    (collisions, randu, in_a_row),
    (across, same_in_every_draw, of_one_month),
    (across, same_in_every_month, within_months),
    (across, half_mixed, of_one_month),
    (moments, twelve, in_a_row),
    (tails, twelve, in_a_row),
    (shape, one_key, in_a_row),
    (echoes, few_keys, within_months),
)


@pytest.mark.parametrize(("check", "source", "reading"), CAUGHT, ids=lambda part: part.__name__)
def test_a_bad_generator_is_caught(check, source, reading):
    """Every check finds a generator that is known to be bad."""
    assert np.abs(check(read(reading, source))).max() > LIMIT


def test_poor_mixing_is_caught():
    """A counter without mixing, or with half of it, fails to flip half of the bits."""
    assert np.abs(avalanche(counting)).max() > LIMIT
    assert np.abs(avalanche(half_mixed)).max() > LIMIT


def test_every_check_has_caught_something():
    """No check stands unproved."""
    assert {check for check, _, _ in CAUGHT} == {*CHECKS, *NORMAL_CHECKS}
