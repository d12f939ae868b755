"""A cluster: the same counts on one worker, on two, and with one killed; and no Ray where none is asked for."""

import contextlib
import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from goodoffices.compute import on_ray
from goodoffices.compute.engines import Compiled, blocks
from goodoffices.compute.on_ray import OnRay, pieces
from goodoffices.core.engine import Task
from goodoffices.core.stage import Schedule
from goodoffices.core.tally import Tally
from goodoffices.errors import ExtraMissing, UsageError
from tests.core.scenes import Council

PROC = Path("/proc")
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
needs_proc = pytest.mark.skipif(not PROC.is_dir(), reason="what a worker does is read from /proc")
QUICK = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 4,
    "max_direct_call_object_size": 0,  # results stay on the node that found them until they are fetched
}


def council(draws: int, months: int = 48) -> tuple[Task, list[Schedule]]:
    scene = Council(draws)
    return Task(scene.scenario(), 5, draws, months, months), [Schedule(), scene.plan()]


def same(one: list[Tally], other: list[Tally]) -> bool:
    pairs = zip(one, other, strict=True)
    return all(np.array_equal(a, b) for left, right in pairs for a, b in zip(left, right, strict=True))


def until(look: Callable[[], Any], enough: Callable[[Any], bool], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while not enough(seen := look()):
        assert time.monotonic() < end, f"what was waited for did not happen: {seen}"
        time.sleep(0.05)
    return seen


@pytest.mark.parametrize("draws", [1, 7, 40])
@pytest.mark.parametrize("piece", [1.0, 1e5, 1e9])
def test_pieces_hold_every_block_once_and_in_order(
    draws: int, piece: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_ray, "PIECE", piece)
    task, _plans = council(draws)
    found = [part for some in pieces(task, 3, (10, 20)) for part in some]
    assert [(plan, draw) for plan, part in found for draw in part] == [
        (k, d) for k in range(3) for d in range(draws)
    ]
    starts = {part.start for part in blocks(draws)}
    assert all(part.start in starts for _plan, part in found)


def test_work_is_not_split_finer_than_blocks_and_small_work_is_sent_together() -> None:
    task, _plans = council(40)
    assert len(pieces(task, 3, (0, 1))) == 1
    assert len(pieces(task, 3, (0, 10**6))) == 3 * len(blocks(40))


def test_a_worker_with_other_sources_refuses() -> None:
    task, plans = council(1)
    with pytest.raises(UsageError, match="another version"):
        on_ray.work("a", "other", task, (0, 1), [range(1)], plans[0])


def test_what_is_no_cluster_is_told() -> None:
    with pytest.raises(UsageError, match="rayon"):
        OnRay("rayon")


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ExtraMissing, match=r"goodoffices\[ray\]"):
        OnRay()


class Made:
    """Stands for Ray: notes what is asked of it."""

    __spec__ = ModuleSpec("ray", None)
    exceptions = SimpleNamespace(RayError=LookupError, RayTaskError=IndexError)

    def __init__(self, there: bool = False, answers: bool = True) -> None:
        self.there, self.answers, self.asked = there, answers, {}

    def is_initialized(self) -> bool:
        return self.there

    def init(self, **asked: Any) -> None:
        self.there, self.asked = True, asked
        if not self.answers:
            raise ConnectionError("nobody there\nand more")

    def shutdown(self) -> None:
        self.there = False

    def remote(self, **_given: Any) -> Callable[[Any], Any]:
        return lambda function: function

    def get(self, sent: list[Exception]) -> None:
        raise sent[0]


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set for Ray in the environment, set before, so that it is put back."""
    for name, value in (on_ray._QUIET | on_ray._ALONE).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("address", ["ray", "ray://somewhere:10001"])
def test_a_ray_that_was_there_before_is_left_running(
    there: bool, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(there)
    monkeypatch.setitem(sys.modules, "ray", made)
    with OnRay(address):
        assert made.there
    assert made.there == there
    if not there:
        assert made.asked["address"] == ("local" if address == "ray" else address)


@pytest.mark.usefixtures("quiet")
def test_a_cluster_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", Made(answers=False))
    with pytest.raises(UsageError, match=r"at ray://somewhere:1: nobody there$"):
        OnRay("ray://somewhere:1")


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("went_wrong", "told"), [(KeyError("node"), UsageError), (IndexError("a bug"), IndexError)]
)
def test_lost_work_is_told_and_a_bug_is_left_as_it_is(
    went_wrong: Exception, told: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", Made())
    with OnRay() as engine, pytest.raises(told, match=r"node|a bug"):
        engine.fetched([went_wrong], council(1)[0], 1, (0, 1))


LOCAL = """
import sys
from goodoffices.compute.engines import engine
from goodoffices.core.engine import Task
from goodoffices.core.stage import Schedule
from tests.core.scenes import Council

scene = Council(1)
task = Task(scene.scenario(), 5, 1, 3, 3)
for name in ("numpy", "compiled", ""):
    engine(name).tallies(task, [Schedule(), scene.plan()], (0, 2))
print([name for name in sys.modules if name == "ray" or "on_ray" in name])
"""


def test_the_local_path_never_imports_ray() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", LOCAL], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


class Workers:
    """A cluster on this machine: a head that only keeps the books, and nodes with one worker each."""

    def __init__(self) -> None:
        import ray
        from ray.cluster_utils import Cluster

        small = {"object_store_memory": 80 * 2**20, "include_dashboard": False}
        self.ray, self.small = ray, small
        self.cluster = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, "_system_config": QUICK, **small}
        )
        self.nodes: dict[str, Any] = {}
        ray.init(address=self.cluster.address, log_to_driver=False, logging_level="ERROR")

    def add(self, name: str) -> None:
        """A node with one worker, known by what it has."""
        self.nodes[name] = self.cluster.add_node(num_cpus=1, resources={name: 1}, **self.small)
        self.cluster.wait_for_nodes()

    def kill(self, name: str) -> None:
        """Kill all processes of a node at once."""
        self.cluster.remove_node(self.nodes.pop(name), allow_graceful=False)

    def key(self, name: str) -> str:
        return next(node["NodeID"] for node in self.ray.nodes() if name in node["Resources"])

    def running(self, name: str) -> set[int]:
        """Places of the pieces on which a node's worker is at work: its title tells."""
        boss = self.nodes[name].all_processes["raylet"][0].process.pid
        found = set()
        for entry in PROC.glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it ended meanwhile
                title = (entry / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if parent == boss and title.startswith("ray::goodoffices "):
                    found.add(int(title.split()[-1]))
        return found

    def copies(self, sent: list[Any]) -> list[set[str]]:
        """The nodes that hold the result of each piece."""
        from ray.experimental import get_object_locations

        known = get_object_locations(sent)
        return [set(known[one]["node_ids"]) for one in sent]

    def seen(self, sent: list[Any]) -> dict[str, dict[str, set[int]]]:
        """What each node is at work on, and what it holds that nobody else does."""
        known = self.copies(sent)
        only = {
            name: {place for place, at in enumerate(known) if at == {self.key(name)}} for name in self.nodes
        }
        return {
            name: {"running": self.running(name) - held, "only here": held} for name, held in only.items()
        }

    def close(self) -> None:
        self.ray.shutdown()
        self.cluster.shutdown()


@pytest.fixture
def workers(quiet: None) -> Iterator[Workers]:
    made = Workers()
    yield made
    made.close()


@pytest.mark.ray
@pytest.mark.slow
@needs_ray
@needs_proc
def test_a_cluster_counts_the_same_with_one_worker_with_two_and_when_one_is_killed(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_ray, "PIECE", 1.0)  # every block is sent by itself
    task, plans = council(20)
    expected = Compiled(1).tallies(task, plans, (64, 128))
    with OnRay() as engine:
        workers.add("first")
        assert same(engine.tallies(task, plans, (64, 128)), expected)
        workers.add("second")
        assert same(engine.tallies(task, plans, (64, 128)), expected)
        with_one_killed(workers, engine, task, plans, (0, 4096))
        monkeypatch.setattr(on_ray, "source_hash", lambda: "other")
        with pytest.raises(UsageError, match=r"^the workers of the cluster have another version"):
            engine.tallies(task, plans, (0, 1))
    assert workers.ray.is_initialized()  # it was there before


def with_one_killed(
    workers: Workers, engine: OnRay, task: Task, plans: list[Schedule], span: tuple[int, int]
) -> None:
    """Kill a node that is at work and holds finished blocks of which there is no other copy."""
    sent = engine.sent(task, plans, span)
    before = until(lambda: workers.seen(sent), lambda seen: all(seen["second"].values()), 60)
    workers.kill("second")
    lost = before["second"]["running"] | before["second"]["only here"]
    histogram = {name: {what: len(places) for what, places in held.items()} for name, held in before.items()}
    print(f"of {len(sent)} blocks, when the node 'second' was killed: {histogram}")
    found = engine.fetched(sent, task, len(plans), span)
    copies = workers.copies(sent)
    assert all(workers.key("first") in copies[place] for place in lost)  # found anew where it is alive
    assert all((tally.histories == span[1] - span[0]).all() for tally in found)
    assert same(found, Compiled(1).tallies(task, plans, span))
