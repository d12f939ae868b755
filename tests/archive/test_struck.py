"""kill -9 in the midst of a save: the case is as before it or as after it, never in between."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from goodoffices.cases.places import FolderPlace, contents
from tests.archive.saving import PHASES, state

TIMES = 3  # of each phase at its beginning; then once more a little later, inside it
ROUNDS = 8  # at most: a strike that comes late hits the next phase


def whole(n):
    """Give every file after n saves."""
    return state(n)[0] | {"history.jsonl": b"".join(state(i)[1] for i in range(1, n + 1))}


def strike(folder, at, wait):
    """Let a program save until a phase begins, wait a moment, kill it; give the phase it died in."""
    command = [sys.executable, "-m", "tests.archive.saving", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        told, least = b"", random.randrange(5, 20)
        while len(told) < least or told[-1] != ord(str(PHASES.index(at))):
            more = os.read(child.stdout.fileno(), 1)
            assert more, "the program that saves has stopped by itself"
            told += more
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        told += child.stdout.read()
    return PHASES[int(told[-1:])]


def found_after(folder):
    """Open the case again; give n if it is exactly the case after n saves and nothing lies about."""
    found = contents(FolderPlace(folder))
    n = int(found["stakes.csv"].split()[0])
    assert found == whole(n)
    lying = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert lying == {*found, "branches"}
    return n


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_program_killed_at_any_moment_leaves_a_whole_case(tmp_path):
    """Struck in every phase at least three times, the case is always exactly one of its states."""
    folder = tmp_path / "case"
    FolderPlace(folder).write(whole(1))
    struck, n = Counter(), 1
    plan = [(phase, 0.0) for phase in PHASES] * TIMES
    plan += [(phase, random.uniform(0.0, 0.003)) for phase in PHASES]
    for _round in range(ROUNDS):
        for at, wait in plan:
            struck[strike(folder, at, wait)] += 1
            before, n = n, found_after(folder)
            assert n >= before
        plan = [(phase, 0.0) for phase in PHASES if struck[phase] < TIMES]

    print("struck:", ", ".join(f"{phase} {struck[phase]}" for phase in PHASES), f"in {n} saves")
    assert all(struck[phase] >= TIMES for phase in PHASES)
