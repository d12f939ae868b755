"""Fail if anything that an extra pulls in comes under a GPL, LGPL, AGPL or non-commercial licence.

Reads what the installed packages say of themselves; of the extras that are not installed, what the
installer would fetch for them says.  Tools that only developers use do not count.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

EXTRAS = ("", "fast", "web", "events", "frames", "conduct")
ELSEWHERE = ("ray", "cuda")  # too heavy to install for a look at their papers
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


def fetched() -> dict[str, str]:
    """Give what everything that the other extras would bring says of its licence, by name.

    Raises
    ------
    subprocess.CalledProcessError
        If the installer cannot say what it would fetch.
    """
    needs = [Requirement(line) for line in metadata.requires("goodoffices") or []]
    wanted = [
        f"{need.name}{need.specifier}"
        for need in needs
        if need.marker and any(need.marker.evaluate({"extra": extra}) for extra in ELSEWHERE)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed"]
        subprocess.run([*command, "--report", str(path), *wanted], check=True, capture_output=True)
        found = json.loads(path.read_text(encoding="utf-8"))["install"]
    return {item["metadata"]["name"].lower(): _told(item["metadata"]) for item in found}


def _told(found: Mapping[str, str]) -> str:
    classifiers = [line for line in found.get("classifier", ()) if line.startswith("License")]
    first = (found.get("license") or "").split("\n")[0]
    return " ".join([found.get("license_expression") or "", first, *classifiers])


def main() -> int:
    """Print what is wrong; give 1 if anything is."""
    seen: set[str] = set()
    closure("goodoffices", frozenset(EXTRAS), seen)
    said = fetched() | {name: says(name) for name in sorted(seen)}
    bad = {name: licence for name, licence in said.items() if BAD.search(licence)}
    for name, licence in bad.items():
        print(f"{name}: {licence}")
    print(f"{len(said)} packages looked at, {len(bad)} with a licence that is not allowed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
