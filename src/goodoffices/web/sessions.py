"""Who is in: people, what their role allows, and the cookies by which they are known again.

Everything here is in memory; when the server ends, everybody is out.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["NAME", "OWNER", "ROLES", "Person", "Session", "Sessions"]

ROLES = ("reader", "analyst", "owner")  # each may do what those before it may
OWNER = ROLES[-1]
NAME = re.compile(r"[\w.@-]{1,60}", re.ASCII)  # of a person: also in files of passwords and in the log
MOST = 1000  # who are in at one time; then who came first is out


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may look at the cases, or do more."""

    name: str = ""
    role: str = "reader"

    def may(self, role: str) -> bool:
        """Whether this person may do what the role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who came in; `proof` is the password's hash at that time, empty for the opening link."""

    person: Person
    proof: str = ""


class Sessions:
    """The cookies that were given out.

    Parameters
    ----------
    idle
        Seconds after which a cookie that came by a password and is not used means nothing any more.
    """

    def __init__(self, idle: float = 12 * 3600, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle, self._clock = idle, clock
        self._held: dict[str, tuple[Session, float]] = {}
        self._lock = threading.Lock()

    def begin(self, session: Session) -> str:
        """Let somebody in; gives what his cookie is to hold."""
        made = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._held) >= MOST:
                del self._held[next(iter(self._held))]
            self._held[made] = (session, self._clock())
        return made

    def find(self, cookie: str) -> Session | None:
        """Give whom a cookie stands for."""
        with self._lock:
            held = self._held.get(cookie)
            if held is None:
                return None
            session, seen = held
            if session.proof and self._clock() - seen > self._idle:
                del self._held[cookie]
                return None
            self._held[cookie] = (session, self._clock())
            return session

    def end(self, cookie: str) -> None:
        """Forget a cookie."""
        with self._lock:
            self._held.pop(cookie, None)
