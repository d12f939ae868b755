"""Steps over partitions on a cluster (Ray): a partition, a block and a result are a task each.

Blocks stay on the node that found them until they are needed.  A task whose node dies is run again,
and so are those whose blocks were lost with their node, back to the partition.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from goodoffices.compute.kernels import source_hash
from goodoffices.compute.on_ray import HERE, RETRIES, Cluster
from goodoffices.compute.steps import Steps
from goodoffices.errors import ExtraMissing, UsageError
from goodoffices.words import _

__all__ = ["Sent", "Sources", "StepsOnRay", "called"]


class Sources(NamedTuple):
    """Files of the package on which results hang, beside those of `core`, and the sender's hash of all."""

    names: tuple[str, ...]
    hash: str


def called(sources: Sources, step: Callable[..., Any], *given: Any) -> Any:
    """Do one step in a worker.

    Raises
    ------
    UsageError
        If the worker has other sources, whose results would not be the sender's, or lacks an extra.
    """
    if sources.hash != source_hash(*sources.names):
        raise UsageError(_("the workers of the cluster have another version of goodoffices"))
    try:
        return step(*given)
    except ExtraMissing as error:  # as it is, it could not be sent back
        raise UsageError(_("on a node of the cluster: {why}").format(why=error)) from None


class Sent(NamedTuple):
    """By what blocks and results of the partitions will be fetched, in order."""

    blocks: list[Any]
    results: list[Any]


class StepsOnRay(Cluster):
    """Steps over partitions on the nodes of a cluster; closed when it is left."""

    threads, afar = 1, True

    def __init__(self, address: str = HERE) -> None:
        super().__init__(address, _("following pairs on a cluster"))
        self._call = self._ray.remote(num_cpus=1, max_retries=RETRIES)(called)

    def _named(self, place: int, **more: Any) -> Any:
        return self._call.options(name=f"goodoffices {place}", **more)

    def sent(self, partitions: Sequence[Any], steps: Steps) -> Sent:
        """Send all work to the cluster, each task with what it waits for."""
        source, n = Sources(steps.sources, source_hash(*steps.sources)), len(partitions)
        first, between, second = (self._ray.put(step) for step in steps[:3])
        found = [
            self._named(place, num_returns=2).remote(source, first, self._ray.put(one))
            for place, one in enumerate(partitions)
        ]
        blocks, summaries = [block for block, _summary in found], [summary for _block, summary in found]
        shared = self._named(n).remote(source, between, *summaries)
        results = [
            self._named(n + 1 + place).remote(source, second, block, shared)
            for place, block in enumerate(blocks)
        ]
        return Sent(blocks, results)

    def fetched(self, results: list[Any]) -> Iterator[Any]:
        """Wait for one result after the other; each is let go when it has been given."""
        waiting = results[::-1]
        results.clear()
        while waiting:
            yield self.awaited([waiting[-1]])[0]
            waiting.pop()

    def results(self, partitions: Sequence[Any], steps: Steps) -> Iterator[Any]:
        """Give the result of each partition in order, one at a time."""
        return self.fetched(self.sent(partitions, steps).results)
