"""A program that saves a case for ever and tells the phase it enters; `test_struck` kills it."""

import itertools
import os
import sys
from pathlib import Path

from goodoffices.cases.places import FolderPlace

PHASES = ("read", "write", "rename", "history")
FILES = ("evidence.csv", "stakes.csv", "off.csv", "branches/one.jsonl")


def state(n):
    """Give the files after n saves, and the line that the n-th adds to the history."""
    body = b"%d " % n + b"row %d\n" % n * 2000
    return dict.fromkeys(FILES, body), b'{"n": %d}\n' % n


def save_for_ever(folder):
    """Save state after state, telling each phase as one digit."""
    place = FolderPlace(folder, lambda phase: os.write(1, b"%d" % PHASES.index(phase)))
    for n in itertools.count(int(place.read("stakes.csv").split()[0]) + 1):
        place.read("stakes.csv")
        files, line = state(n)
        place.write(files, {"history.jsonl": line})


if __name__ == "__main__":
    save_for_ever(Path(sys.argv[1]))
