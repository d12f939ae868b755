"""Tasks that hang on nothing but what they are given, spread over the cores of this machine (threads)."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any

from goodoffices.core.threads import one_thread

__all__ = ["cores", "done"]


def cores() -> int:
    """Give how many tasks are done at a time."""
    return os.cpu_count() or 1


def done(step: Callable[..., Any], items: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Any]]:
    """Do a step for each item, `step(*item)`, and give places and results as they come.

    No task is begun before a core is free: whoever stops asking waits for those that run, and for no
    more.  Linear algebra is held to one thread, so that tasks do not wait for one another.
    """
    left, many = iter(enumerate(items)), cores()
    with one_thread(), ThreadPoolExecutor(many) as pool:
        running: dict[Future[Any], int] = {}
        while True:
            for place, item in islice(left, many - len(running)):
                running[pool.submit(step, *item)] = place
            if not running:
                return
            for ready in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(ready), ready.result()
