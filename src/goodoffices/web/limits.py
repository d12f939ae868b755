"""How often somebody may do something: a bucket of turns for each, which fills again with time."""

import math
import threading
import time
from collections.abc import Callable, Hashable

from fastapi import Request

from goodoffices.web.refusals import Refused
from goodoffices.words import _

__all__ = ["Limits", "limited"]

MOST = 4096  # buckets that are remembered; then those that are full again, or the oldest, are not


class Limits:
    """The buckets.

    Parameters
    ----------
    rate
        Turns a minute, unless a bucket says otherwise.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self._clock = rate, clock
        self._buckets: dict[Hashable, tuple[float, float, int]] = {}
        self._lock = threading.Lock()

    def wait(self, key: Hashable, rate: int | None = None) -> float:
        """Take one turn: gives 0, or the seconds until there is one."""
        most = rate or self.rate
        with self._lock:
            now = self._clock()
            level, at, _most = self._buckets.get(key, (float(most), now, most))
            level = min(float(most), level + (now - at) * most / 60)
            enough = level >= 1
            self._buckets[key] = (level - enough, now, most)
            self._forget(now)
        return 0.0 if enough else (1 - level) * 60 / most

    def _forget(self, now: float) -> None:
        if len(self._buckets) <= MOST:
            return
        self._buckets = {
            key: (level, at, most)
            for key, (level, at, most) in self._buckets.items()
            if level + (now - at) * most / 60 < most
        }
        # Forgetting half at a time keeps the work small for whoever tries to fill them all.
        self._buckets = dict(list(self._buckets.items())[-MOST // 2 :])


def turn(request: Request, key: Hashable, rate: int | None = None) -> None:
    """Take one turn of a bucket.

    Raises
    ------
    Refused
        With the seconds to wait, if there is none.
    """
    seconds = math.ceil(request.app.state.limits.wait(key, rate))
    if seconds:
        sentence = _("too many at once: try again in {n} s").format(n=seconds)
        raise Refused(429, sentence, {"Retry-After": str(seconds)})


def limited(request: Request, name: str) -> None:
    """Count one run of this name for who asks; call it before the work begins.

    Raises
    ------
    Refused
        If there were as many within a minute as the settings allow.
    """
    person = getattr(request.state, "person", None)
    turn(request, (name, person.name if person else ""))
