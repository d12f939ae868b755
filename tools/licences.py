"""Fail if anything that an extra pulls in comes under a GPL, LGPL, AGPL or non-commercial licence.

Reads what the installed packages say of themselves.  Tools that only developers use do not count.
"""

import re
import sys
from importlib import metadata

from packaging.requirements import Requirement

EXTRAS = ("", "fast", "web", "events", "frames", "conduct")
BAD = re.compile(
    r"\b(A|L)?GPL|Affero|General Public|NonCommercial|non-commercial|CC[- ]BY[- ]NC", re.IGNORECASE
)


def says(name: str) -> str:
    """Give what a package says of its licence."""
    found = metadata.metadata(name)
    classifiers = [c for c in found.get_all("Classifier") or [] if c.startswith("License")]
    words = [found.get("License-Expression") or "", (found.get("License") or "").split("\n")[0]]
    return " ".join([*words, *classifiers])


def closure(name: str, extras: frozenset[str], seen: set[str]) -> None:
    """Collect a package and all it needs."""
    for line in metadata.requires(name) or []:
        need = Requirement(line)
        wanted = [need.marker.evaluate({"extra": extra}) for extra in extras] if need.marker else [True]
        if any(wanted) and need.name.lower() not in seen:
            try:
                metadata.distribution(need.name)
            except metadata.PackageNotFoundError:
                continue
            seen.add(need.name.lower())
            closure(need.name, frozenset(need.extras) or frozenset({""}), seen)


def main() -> int:
    """Print what is wrong; give 1 if anything is."""
    seen: set[str] = set()
    closure("goodoffices", frozenset(EXTRAS), seen)
    bad = {name: says(name) for name in sorted(seen) if BAD.search(says(name))}
    for name, licence in bad.items():
        print(f"{name}: {licence}")
    print(f"{len(seen)} packages looked at, {len(bad)} with a licence that is not allowed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
