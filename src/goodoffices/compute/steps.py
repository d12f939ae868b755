"""Work on the partitions of something, in two steps with one between them; here, or on a cluster.

The first step gives of each partition a block that is large and a summary that is small.  What is put
together from all summaries goes with each block into the second step.
"""

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["Here", "Runner", "Steps", "runner"]


class Steps(NamedTuple):
    """What is done: partition to (block, summary), summaries to what all share, (block, shared) to result.

    Each is a function that a worker can be sent.  `sources` are the files of the package in which
    these functions stand, beside those of `core`.
    """

    first: Callable[[Any], tuple[Any, Any]]
    between: Callable[..., Any]
    second: Callable[[Any, Any], Any]
    sources: tuple[str, ...] = ()


class Runner(Protocol):
    """Where steps run; `threads` is how many one of them may use, `afar` whether in other processes."""

    threads: int
    afar: bool

    def results(self, partitions: Sequence[Any], steps: Steps) -> Iterator[Any]:
        """Give the result of each partition in order, one at a time."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Here:
    """One partition after the other in this process; all blocks are kept in memory."""

    afar = False

    def __init__(self) -> None:
        self.threads = os.cpu_count() or 1

    def results(self, partitions: Sequence[Any], steps: Steps) -> Iterator[Any]:
        """Give the result of each partition in order, one at a time."""
        blocks, summaries = zip(*map(steps.first, partitions), strict=True)
        shared = steps.between(*summaries)
        return (steps.second(block, shared) for block in blocks)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_of: object) -> None: ...


def runner(on: str = "") -> Runner:
    """Give what steps run on: empty, here; `ray`, or an address that begins with `ray://`: a cluster.

    Raises
    ------
    ExtraMissing
        If Ray is not installed.
    UsageError
        If there is no such thing, or no cluster answers.
    """
    if not on:
        return Here()
    if on.startswith("ray"):
        found: Runner = importlib.import_module("goodoffices.compute.steps_on_ray").StepsOnRay(on)
        return found
    raise UsageError(_('"{name}" is no cluster: use ray or ray://host:port').format(name=on))
