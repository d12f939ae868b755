"""How fast our engines and the peers do their work, in rounds that take turns: `python tools/peers.py`.

Each peer has its own environment under .peers, installed from its own lock file; our engines run in
the project's (`make test` sets it up).  Each is a program of its own that speaks
benchmarks/peers/protocol.py, and whoever speaks it can join:

    python tools/peers.py --add another 20000 "python my_engine.py"

Contestants take turns and have as many threads as their name says, or one; the first round warms up
and is not counted.  Times are compared within each round.  Mesa runs the same negotiation as our
engines and is measured only if its histories are those of the NumPy driver; units of the peers in
OTHER_JOBS are other jobs.  A contestant that cannot be had stands in the table as a gap with its
reason.  Needs nothing but Python 3.11 or newer, and for the first run a way to install packages.
"""

import argparse
import hashlib
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "benchmarks" / "peers"
HOME = ROOT / ".peers"
BASE = "lanes 1 thread"  # all times are compared with its
OURS = {  # engine, threads, and the units in a round: a few seconds
    BASE: ("compiled", 1, 96_000),
    "lanes 2 threads": ("compiled", 2, 96_000),
    "numpy 1 thread": ("numpy", 1, 4_800),
}
PEERS = {"mesa": 96, "negmas": 20, "axelrod": 2000}  # units in a round: a second or two
OTHER_JOBS = ("negmas", "axelrod")
LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMBA")
LIMIT = 600  # seconds that one answer may take
HEAD = ("contestant", "version", "unit", "median /s", "min /s", "max /s", "time", "min-max")


class GapError(Exception):
    """A contestant cannot be had, and why."""


@dataclass(frozen=True)
class Contestant:
    """Who runs: a name, a command that speaks the protocol, the units in a round, the threads."""

    name: str
    command: tuple[str, ...]
    n: int
    threads: int = 1


def last_word(text: str) -> str:
    """Give the line of a program's complaints that most likely says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("ERROR")), (lines or ["it said nothing"])[-1])


def said(problem: str, *command: str, given: str | None = None) -> str:
    """Run one command and give what it says; its failure is a gap, and the problem goes before why."""
    done = subprocess.run(
        command, input=given, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        raise GapError(f"{problem}: {last_word(done.stderr)}")
    return done.stdout


def python_in(home: Path) -> Path:
    """Give the interpreter of an environment."""
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment(name: str) -> Path:
    """Make a peer's environment, unless it is as the lock file says, and give its interpreter."""
    lock, home = SCRIPTS / name / "requirements.lock", HOME / name
    python = python_in(home)
    wanted, mark = hashlib.sha256(lock.read_bytes()).hexdigest(), home / "installed"
    if not (mark.exists() and mark.read_text(encoding="utf-8") == wanted):
        print(f"setting up .peers/{name} ...", flush=True)
        problem = "could not be installed"
        HOME.mkdir(exist_ok=True)
        (HOME / ".gitignore").write_text("*\n", encoding="utf-8")
        said(problem, sys.executable, "-m", "venv", "--clear", str(home))
        hashes = ["--require-hashes"] if "--hash=" in lock.read_text(encoding="utf-8") else []
        pip = (str(python), "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check")
        said(problem, *pip, "install", *hashes, "-r", str(lock))
        mark.write_text(wanted, encoding="utf-8")
    return python


def own_python() -> str:
    """Give the interpreter of the project's environment, or this one if there is none."""
    python = python_in(ROOT / ".venv")
    return str(python) if python.exists() else sys.executable


def ours(name: str) -> Contestant:
    """Give one of our engines."""
    engine, threads, n = OURS[name]
    command = (own_python(), str(ROOT / "benchmarks" / "engine_worker.py"), engine, str(threads))
    return Contestant(name, command, n, threads)


def peer(name: str) -> Contestant:
    """Give one of the peers that do other jobs, its environment in place."""
    return Contestant(name, (str(environment(name)), str(SCRIPTS / name / "run.py")), PEERS[name])


def mesa(folder: Path) -> Contestant:
    """Give Mesa with the benchmark's negotiation, if its histories are those of the NumPy driver."""
    scenario, benchmarks = str(folder / "six.npz"), ROOT / "benchmarks"
    said(
        "the negotiation could not be written",
        own_python(),
        str(benchmarks / "six_decide.py"),
        "--npz",
        scenario,
    )
    command = (str(environment("mesa")), str(SCRIPTS / "mesa" / "run.py"), scenario)
    told = said("void, its histories could not be had", *command, "--check")
    problem = "void, its histories are not those of the NumPy driver"
    print("mesa:", said(problem, own_python(), str(benchmarks / "same_histories.py"), given=told).strip())
    return Contestant("mesa", command, PEERS["mesa"])


def enter(name: str, folder: Path) -> Contestant:
    """Give a contestant by its name."""
    if name in OURS:
        return ours(name)
    return mesa(folder) if name == "mesa" else peer(name)


class Program:
    """A contestant's program, waiting for its turns."""

    def __init__(self, contestant: Contestant, stack: ExitStack) -> None:
        """Start the program; it ends when the stack closes."""
        self.n = contestant.n
        file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - the stack closes it
        self.errors = stack.enter_context(file)
        try:
            self.process = subprocess.Popen(
                contestant.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                env={**os.environ, **{f"{one}_NUM_THREADS": str(contestant.threads) for one in LIBRARIES}},
                encoding="utf-8",
            )
        except OSError as error:
            raise GapError(f"could not be started: {error}") from error
        stack.callback(self.end)

    def go(self) -> dict:
        """Have one round run, and give the answer with its rate."""
        alarm = threading.Timer(LIMIT, self.process.kill)
        alarm.start()
        try:
            self.process.stdin.write(f"go {self.n}\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            if "gap" in answer:
                raise GapError(f"{answer['peer']} {answer['version']}: {answer['gap']}")
            return answer | {"rate": answer["n"] / answer["seconds"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GapError(f"gave no answer: {self.complaint()}") from error
        finally:
            alarm.cancel()

    def complaint(self) -> str:
        """End a program that gave no answer, and give what it complained of."""
        self.process.kill()
        self.process.wait()
        self.errors.seek(0)
        return last_word(self.errors.read())

    def end(self) -> None:
        """Let the program end by itself, or else end it."""
        try:
            self.process.communicate("quit\n", timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


@dataclass
class Row:
    """One line of the table: how to get the contestant, and its answers or its gap."""

    name: str
    enter: Callable[[], Contestant]
    answers: list[dict] = field(default_factory=list)
    gap: str = ""

    def start(self, stack: ExitStack) -> None:
        """Start the contestant's program, or note the gap."""
        try:
            self.program = Program(self.enter(), stack)
        except GapError as gap:
            self.gap = str(gap)

    def turn(self) -> None:
        """Have one round run, unless there is a gap."""
        try:
            if not self.gap:
                self.answers.append(self.program.go())
        except GapError as gap:
            self.gap = str(gap)

    def cells(self, base: "Row | None") -> list[str]:
        """Give the cells; the first answer was the warm-up."""
        if self.gap:
            return [self.name, f"gap: {self.gap}"]
        rates, last = [answer["rate"] for answer in self.answers[1:]], self.answers[-1]
        figures = [figure(pick(rates)) for pick in (statistics.median, min, max)]
        name = self.name + " *" * (self.name in OTHER_JOBS)
        return [name, f"{last['peer']} {last['version']}", last["unit"], *figures, *self.times(base)]

    def times(self, base: "Row | None") -> list[str]:
        """Give the time of a unit as a multiple of the base's, in the middle round, and its range."""
        if base is None or base.gap:
            return ["-", "-"]
        pairs = zip(self.answers[1:], base.answers[1:], strict=True)
        ratios = [theirs["rate"] / mine["rate"] for mine, theirs in pairs]
        return [figure(statistics.median(ratios)), f"{figure(min(ratios))}-{figure(max(ratios))}"]


def figure(value: float) -> str:
    """Write a number to three digits or, if it is large, to the last before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def contest(rows: list[Row], rounds: int) -> None:
    """Start all contestants, then give each its turn, once to warm up and once in each round."""
    with ExitStack() as stack:
        for row in rows:
            row.start(stack)
        for _ in range(rounds + 1):
            for row in rows:
                row.turn()


def aligned(lines: list[list[str]]) -> str:
    """Lay out lines in columns; one that is shorter than the first runs on to its end."""
    full = [line for line in lines if len(line) == len(lines[0])]
    wide = [max(len(line[i]) for line in full) for i in range(len(lines[0]))]
    wide[0] = max(len(line[0]) for line in lines)
    return "\n".join("  ".join(map(str.ljust, line, wide)).rstrip() for line in lines)


def table(rows: list[Row]) -> str:
    """Lay out speeds and times."""
    base = next((row for row in rows if row.name == BASE), None)
    return aligned([list(HEAD), *(row.cells(base) for row in rows)])


def happened(rows: list[Row]) -> str:
    """Lay out how often each transition happened, for those who say so."""
    told = {
        row.name: row.answers[-1]["in 1,000"] for row in rows if not row.gap and "in 1,000" in row.answers[-1]
    }
    if not told:
        return ""
    names = next(iter(told.values()))
    lines = [[name, *(f"{often[name]:,.0f}" for often in told.values())] for name in names]
    return "\n" + aligned([["in 1,000 rollouts", *told], *lines])


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure the peers' speed in rounds that take turns.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (5)")
    known = [*OURS, *PEERS]
    parser.add_argument("--only", nargs="*", choices=known, default=known, help="only these contestants")
    parser.add_argument(
        "--add", nargs=3, action="append", default=[], metavar=("NAME", "N", "COMMAND"), help="one more"
    )
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("at least one round has to count")
    return options


def added(options: argparse.Namespace) -> list[Row]:
    """Give those that the command line adds."""
    rows = []
    for name, n, command in options.add:
        contestant = Contestant(name, tuple(shlex.split(command, posix=os.name != "nt")), int(n))
        rows.append(Row(name, lambda contestant=contestant: contestant))
    return rows


def main() -> None:
    """Measure, and print the tables."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        rows = [Row(name, partial(enter, name, Path(folder))) for name in options.only] + added(options)
        contest(rows, options.rounds)
    print(table(rows))
    print(f"time: of one unit, that of {BASE} being 1, median over {options.rounds} rounds")
    if any(row.name in OTHER_JOBS for row in rows):
        print("* another job: its unit is not a rollout, and its time says only how long such a unit takes")
    print(happened(rows))


if __name__ == "__main__":
    main()
