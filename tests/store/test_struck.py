"""An import that is struck down at any moment leaves whole files or nothing of them."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from goodoffices.store.intake import PHASES
from goodoffices.workbench.feeds import import_events
from tests.sources.writing import gdelt_row, gdelt_text
from tests.store.held import held

LONG = os.environ.get("GOODOFFICES_LONG") == "1"
EACH = 3  # strikes in every phase, at least
STRIKES = 50 if LONG else 3 * len(PHASES)
pytestmark = pytest.mark.slow


def feed(folder: Path) -> Path:
    """Two files: a small one, and one with a partition of its own, rejected lines and a duplicate."""
    folder.mkdir()
    (folder / "a.export.CSV").write_text(gdelt_text(6))
    bad = gdelt_row(90, SQLDATE="20150399") + "\n" + gdelt_row(3) + "\nshort\tline\n"
    (folder / "b.export.CSV").write_text(gdelt_text(40, first=6) + bad)
    return folder


def legal(tmp_path: Path, folder: Path) -> list[str]:
    """The states after no file, after the first, and after both."""
    store, states = tmp_path / "legal.duckdb", []
    for paths in ([], [folder / "a.export.CSV"], [folder / "b.export.CSV"]):
        if paths:
            import_events("gdelt", paths, store, small=10)
        states.append(held(store))
    return states


def struck(store: Path, folder: Path, phase: str, file: int, wait: float) -> str:
    """Start an import, strike it down a moment after it began a phase of a file; say in which it was."""
    worker = Path(__file__).with_name("import_worker.py")
    command = [sys.executable, str(worker), str(store), str(folder), "0.03"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        seen, last = 0, ""
        for line in process.stdout:
            seen, last = seen + (line.strip() == phase), line.strip()
            if seen > file:
                break
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        return ([last, *process.stdout.read().split()])[-1]


def test_struck_down_at_any_moment_a_store_holds_whole_files(tmp_path, capsys):
    """After kill -9 in any phase the store is in a legal state by hash, and the import can go on."""
    folder = feed(tmp_path / "feed")
    none, one, both = legal(tmp_path, folder)
    dice, hit, strike = random.Random(7), Counter(), 0
    while strike < STRIKES or min(hit[name] for name in PHASES) < EACH:
        assert strike < 3 * STRIKES, "some phase was never struck"
        phase, file = PHASES[strike % len(PHASES)], dice.randrange(2)
        store = tmp_path / f"s{strike}.duckdb"
        hit[struck(store, folder, phase, file, dice.uniform(0, 0.04))] += 1
        assert held(store) in ({none, one, both} if file == 0 else {one, both}), (phase, file)
        if strike < len(PHASES):
            import_events("gdelt", [folder], store, small=10)
            assert held(store) == both
        strike += 1
    with capsys.disabled():
        print("\nphase struck:", ", ".join(f"{name} {hit[name]}" for name in (*PHASES, "done")))
