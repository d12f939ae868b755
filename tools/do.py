"""Everything that make does, without make: `python tools/do.py demo|test|check|mutants|screens|docs|benchmarks`.

Needs nothing but Python 3.11 or newer: makes a virtual environment beside the project, installs
into it, and runs.  A second run finds everything in place.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def run(*command: str, **more: str) -> None:
    """Run one command in the project's environment; stop with its status if it fails."""
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    own = shutil.which(command[0], path=str(BIN)) or command[0]
    done = subprocess.run(
        [own, *command[1:]], cwd=ROOT, env={**os.environ, "PATH": path, **more}, check=False
    )
    if done.returncode:
        sys.exit(done.returncode)


def setup(extras: str) -> None:
    """Make the environment and install the project, unless both are as they should be."""
    wanted = hashlib.sha256(
        f"{extras}\0{(ROOT / 'pyproject.toml').read_text(encoding='utf-8')}".encode()
    ).hexdigest()
    marks = VENV / "installed"
    if marks.exists() and wanted in marks.read_text(encoding="utf-8").split():
        return
    if not (BIN / ("python.exe" if os.name == "nt" else "python")).exists():
        venv.create(VENV, with_pip=True)
    print(f"setting up .venv with [{extras}] ...", flush=True)
    run("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", f".[{extras}]")
    with marks.open("a", encoding="utf-8") as lines:
        lines.write(wanted + "\n")


def demo() -> None:
    """Read the six library cases and write the reports."""
    setup("all")
    run("goodoffices", "demo")


def test() -> None:
    """Run the tests; the 20 slowest and every skip with its reason are printed."""
    setup("all,dev")
    run("python", "-m", "pytest", "-q", "-n", "2")


def check() -> None:
    """Run lint, types, import contracts, generated files and licences."""
    setup("all,dev")
    run("ruff", "format", "--check", "src", "tests", "tools", "benchmarks")
    run("ruff", "check", "src", "tests", "tools", "benchmarks")
    run("mypy")
    run("lint-imports")
    run("python", "tools/generate.py", "--check")
    run("python", "tools/licences.py")


def mutants() -> None:
    """Plant each known mistake in a clean copy and see that its test catches it."""
    setup("all,dev")
    run("python", "tools/mutants.py")


def screens() -> None:
    """Look at every page in every guise; pictures and findings go into docs/screens."""
    setup("all,dev")
    kept = {"GOODOFFICES_SCREENS": str(ROOT / "docs" / "screens")}
    run("python", "-m", "pytest", "-q", "-n", "2", "tests/browser/test_screens.py", **kept)


def docs() -> None:
    """Build the documentation, every warning an error."""
    setup("all,dev")
    run("mkdocs", "build", "--strict", "--quiet")


def benchmarks() -> None:
    """Measure speed, side by side where there is a peer."""
    setup("all,dev")
    run("python", "-m", "pytest", "-q", "benchmarks", "--benchmark-only", "-p", "no:xdist")


TASKS = {
    name: task
    for name, task in globals().items()
    if name in ("demo", "test", "check", "mutants", "screens", "docs", "benchmarks")
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in TASKS:
        sys.exit("usage: python tools/do.py " + "|".join(TASKS))
    if sys.version_info < (3, 11):
        sys.exit("goodoffices needs Python 3.11 or newer")
    TASKS[sys.argv[1]]()
