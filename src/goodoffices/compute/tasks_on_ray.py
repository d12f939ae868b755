"""Tasks that hang on nothing but what they are given, spread over a cluster (Ray)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from goodoffices.compute.kernels import source_hash
from goodoffices.compute.on_ray import HERE, RETRIES, Cluster
from goodoffices.compute.steps_on_ray import Sources, called
from goodoffices.words import _

__all__ = ["TasksOnRay"]


class TasksOnRay(Cluster):
    """Tasks on the nodes of a cluster; closed when it is left."""

    def __init__(self, address: str = HERE) -> None:
        super().__init__(address, _("a backtest on a cluster"))
        self._call = self._ray.remote(num_cpus=1, max_retries=RETRIES)(called)

    def done(
        self, step: Callable[..., Any], shared: Any, items: Sequence[tuple[Any, ...]], sources: Sequence[str]
    ) -> Iterator[tuple[int, Any]]:
        """Do a step for each item, `step(shared, *item)`, and give places and results as they come.

        Parameters
        ----------
        sources
            Files of the package on which results hang, beside those of `core`: a worker with others refuses.
        """
        named = Sources(tuple(sources), source_hash(*sources))
        given = self._ray.put(shared)
        waiting = {
            self._call.options(name=f"goodoffices {place}").remote(named, step, given, *item): place
            for place, item in enumerate(items)
        }
        while waiting:
            (ready,), _rest = self._ray.wait(list(waiting), num_returns=1)
            yield waiting.pop(ready), self.awaited([ready])[0]
