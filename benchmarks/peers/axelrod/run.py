"""Axelrod: matches of 36 turns, tit for tat against its generous kind, one move in twenty misread."""

import sys
from pathlib import Path

import axelrod

sys.path.append(str(Path(__file__).resolve().parents[1]))
from protocol import serve

TURNS, NOISE = 36, 0.05


def matches(n: int) -> None:
    """Play n matches, the same ones each time."""
    for seed in range(n):
        players = (axelrod.TitForTat(), axelrod.GTFT())
        axelrod.Match(players, turns=TURNS, noise=NOISE, seed=seed).play()


if __name__ == "__main__":
    serve("Axelrod", axelrod.__version__, "match, 2 players, 36 turns", matches)
