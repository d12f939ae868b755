"""Are known parameters of two types recovered?  How often 90% intervals hold the truth.

    python benchmarks/two_types.py [SIMULATIONS] [DRAWS]

Each simulation draws a stream of acts from the switching model with parameters of its own, measures
it as `goodoffices conduct asymmetry` would, and counts which intervals hold what it was made with.
"""

import sys
from pathlib import Path

sys.path.pop(0)  # this folder, not the project
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.conduct.two_typed import coverage

from goodoffices.core.switching import NAMES

SIMULATIONS, DRAWS, PAIRS, DAYS = 200, 60, 150, 60


def main() -> None:
    """Print the shares."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else SIMULATIONS
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else DRAWS
    shares = coverage(simulations, draws, PAIRS, DAYS)
    print(f"{simulations} simulations of {PAIRS} pairs with {DAYS} days, {draws} draws of pairs each")
    for name, share in zip((*NAMES, "offset"), shares, strict=True):
        print(f"{name:8} {share:.3f}")


if __name__ == "__main__":
    main()
