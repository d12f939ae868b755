"""Histories on a cluster (Ray): plans and fixed blocks of draws are spread over its nodes.

What comes back are whole numbers, put together in the order of the blocks, so that results do not
hang on how many workers there are.  A task whose node dies is run again, and so is one whose finished
result was lost with its node.  Nothing but the modules that end in `_on_ray` knows
Ray.
"""

import importlib
import importlib.util
import os
import uuid
import warnings
from collections.abc import Sequence
from typing import Any, Self

from goodoffices.compute.engines import Compiled, blocks
from goodoffices.compute.kernels import source_hash
from goodoffices.core.engine import Task
from goodoffices.core.stage import Schedule, pairs
from goodoffices.core.tally import Tally, merged
from goodoffices.errors import ExtraMissing, GoodOfficesError, UsageError
from goodoffices.words import _

__all__ = ["HERE", "RETRIES", "Cluster", "OnRay", "pieces", "work"]

HERE = "ray"
RETRIES = 5  # times that a task is run again because its node, or the node with its result, died
PIECE = 2e7  # histories times months times beliefs in one piece of work: about a second
Part = tuple[int, range]  # place of a plan, and its draws
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing about a case leaves the machine
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # the current folder is not sent to the workers
}
_ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}  # its ports are open to this machine only
_held: dict[str, tuple[Compiled, Task]] = {}  # in a worker: the task that it ran last, laid out


def pieces(task: Task, plans: int, span: tuple[int, int]) -> list[list[Part]]:
    """Divide the work into pieces that are worth sending; each holds whole blocks, in their order."""
    heavy = (span[1] - span[0]) * task.months * max(len(pairs(task.scenario)[0]), 1)
    found: list[list[Part]] = []
    weight = PIECE
    for plan in range(plans):
        for draws in blocks(task.draws):
            if weight >= PIECE:
                found.append([])
                weight = 0
            if found[-1] and found[-1][-1][0] == plan:
                found[-1][-1] = (plan, range(found[-1][-1][1].start, draws.stop))
            else:
                found[-1].append((plan, draws))
            weight += len(draws) * heavy
    return found


def work(
    name: str, source: str, task: Task, span: tuple[int, int], draws: list[range], *plans: Schedule
) -> list[Tally]:
    """Run one piece of work in a worker: some draws of each of some plans.

    Parameters
    ----------
    name
        Of the task, by which a worker knows that it has laid it out before.
    source
        Hash of the sender's sources.

    Raises
    ------
    UsageError
        If the worker has other sources, whose results would not be the sender's.
    """
    if source != source_hash():
        raise UsageError(_("the workers of the cluster have another version of goodoffices"))
    if name not in _held:
        _held.clear()
        _held[name] = (Compiled(1), task)
    engine, known = _held[name]
    return [engine.piece(known, plan, part, span) for plan, part in zip(plans, draws, strict=True)]


class Cluster:
    """A cluster that was joined; left when it is closed.

    Parameters
    ----------
    address
        `ray`: a Ray of its own on this machine, open to nobody else.  `ray://host:port`: the cluster
        that answers there.  If this process has joined a Ray already, that one is used and left running.
    what
        What it is joined for.

    Raises
    ------
    ExtraMissing
        If Ray or Numba is not installed.
    UsageError
        If the address is none, or no cluster answers.
    """

    def __init__(self, address: str, what: str) -> None:
        if address != HERE and not address.startswith("ray://"):
            raise UsageError(
                _('"{address}" is no cluster: use ray or ray://host:port').format(address=address)
            )
        for extra, module in (("ray", "ray"), ("fast", "numba")):
            if importlib.util.find_spec(module) is None:
                raise ExtraMissing(extra, what)
        for name, value in (_QUIET | (_ALONE if address == HERE else {})).items():
            os.environ.setdefault(name, value)
        self._ray: Any = importlib.import_module("ray")
        self._own = not self._ray.is_initialized()
        if self._own:
            self._join(address)

    def _join(self, address: str) -> None:
        given = {"address": address} if address != HERE else {"address": "local", "include_dashboard": False}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what goes wrong is raised as well
                self._ray.init(**given, log_to_driver=False, logging_level="ERROR")
        except (OSError, RuntimeError, ValueError, self._ray.exceptions.RayError) as error:
            told, why = _("no cluster answers at {address}: {why}"), str(error).split("\n", maxsplit=1)[0]
            raise UsageError(told.format(address=address, why=why)) from None

    def close(self) -> None:
        """Leave the cluster, or shut down the Ray that was started here."""
        if self._own:
            self._own = False
            self._ray.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_of: object) -> None:
        self.close()

    def awaited(self, sent: list[Any]) -> list[Any]:
        """Wait for results.

        Raises
        ------
        UsageError
            If workers refused, or were lost too often.
        """
        try:
            return list(self._ray.get(sent))
        except GoodOfficesError as error:
            raise getattr(error, "cause", error) from None
        except self._ray.exceptions.RayError as error:
            bug = isinstance(error, self._ray.exceptions.RayTaskError)
            lost = getattr(error, "cause", None) if bug else error
            if not isinstance(lost, self._ray.exceptions.RayError):
                raise
            why = str(lost).split("\n", maxsplit=1)[0]
            raise UsageError(_("the cluster lost the work: {why}").format(why=why)) from error


class OnRay(Cluster):
    """The compiled driver on the nodes of a cluster; closed when it is left."""

    name = "ray"

    def __init__(self, address: str = HERE) -> None:
        super().__init__(address, _("running histories on a cluster"))
        self._run = self._ray.remote(num_cpus=1, max_retries=RETRIES)(work)
        self._known: tuple[Task, str, Any] | None = None

    def sent(self, task: Task, plans: Sequence[Schedule], span: tuple[int, int]) -> list[Any]:
        """Send all pieces of work to the cluster, and give what their results will be fetched by."""
        if self._known is None or self._known[0] is not task:
            self._known = (task, uuid.uuid4().hex, self._ray.put(task))
        _task, name, shared = self._known
        source = source_hash()
        laid_down = [self._ray.put(plan) for plan in plans]
        found = []
        for place, parts in enumerate(pieces(task, len(plans), span)):
            needed, draws = [laid_down[plan] for plan, _draws in parts], [draws for _plan, draws in parts]
            titled = self._run.options(name=f"goodoffices {place}")
            found.append(titled.remote(name, source, shared, span, draws, *needed))
        return found

    def fetched(self, sent: list[Any], task: Task, plans: int, span: tuple[int, int]) -> list[Tally]:
        """Wait for all pieces and put them together, plan by plan and draw by draw."""
        done = self.awaited(sent)
        found: list[list[Tally]] = [[] for _plan in range(plans)]
        for parts, tallies in zip(pieces(task, plans, span), done, strict=True):
            for (plan, _draws), tally in zip(parts, tallies, strict=True):
                found[plan].append(Tally(*tally))
        return [merged(parts) for parts in found]

    def tallies(self, task: Task, plans: Sequence[Schedule], span: tuple[int, int]) -> list[Tally]:
        """Run histories `span` of every draw of each plan."""
        return self.fetched(self.sent(task, plans, span), task, len(plans), span)
