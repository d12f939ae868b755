"""What each part of the model of conduct earns: log loss without it, on an inner split.

    python benchmarks/conduct_ablation.py FILE [FILE ...]

Only the first 80% of the acts of each file are used: weights are fitted to the first 80% of those and
scored on the rest, with all parts and with one of them left out.  The table is kept as a run of the sort
"ablation", whose id is printed.  Differences are those of one split of one file and have no interval.
"""

import argparse
from pathlib import Path

import numpy as np

from goodoffices.conduct.acts import taken
from goodoffices.conduct.model import Follower
from goodoffices.conduct.parts import PARTS
from goodoffices.core import logistic, scoring
from goodoffices.workbench.bench import code_stamp
from goodoffices.workbench.conduct_model import driver, shipped_recipe
from goodoffices.workbench.conducting import acts_of
from goodoffices.workbench.runs import Runs, now

SHARE = 0.8
GROUPS = ("near leanings only", "far leanings only", "no effects", "effects only")


def columns() -> dict[str, np.ndarray]:
    """Which features are left: without one part, or without one sort of feature."""
    wide = 2 * 3
    of = np.concatenate([np.repeat(np.arange(len(PARTS)), wide)] * 2 + [np.arange(len(PARTS))])
    sort = np.repeat([0, 1, 2], [wide * len(PARTS), wide * len(PARTS), len(PARTS)])
    without = {f"without {part.name}": of != k for k, part in enumerate(PARTS)}
    sorts = dict(zip(GROUPS, (sort != 1, sort != 0, sort != 2, sort == 2), strict=True))
    return {"all parts": np.ones(len(of), bool), **without, **sorts}


def losses(file: Path) -> dict[str, float]:
    found = acts_of(events=file).acts
    acts = taken(found, slice(0, int(SHARE * len(found.day))))
    cut = int(SHARE * len(acts.day))
    fit = acts.day < acts.day[cut]
    features = Follower(driver(), shipped_recipe()).features(acts)
    good = acts.good.astype(float)
    told = {}
    for name, kept in columns().items():
        weights = logistic.fitted(features[fit][:, kept], good[fit], shipped_recipe().penalty)
        told[name] = scoring.log_loss(logistic.chances(features[cut:, kept], weights), good[cut:])
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="+", type=Path)
    told = {file.stem: losses(file) for file in parser.parse_args().files}
    print(f"{'':28}" + "".join(f"{name[:16]:>18}" for name in told))
    for name in columns():
        cells = (f"{some[name]:10.4f} {some[name] - some['all parts']:+.4f}" for some in told.values())
        print(f"{name:28}" + "".join(f"{cell:>18}" for cell in cells))
    about = {"at": now(), "code": code_stamp(), "recipe": shipped_recipe().to_dict(), "share": SHARE}
    print("run", Runs().keep("ablation", {**about, "losses": told}))


if __name__ == "__main__":
    main()
