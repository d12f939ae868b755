"""The file of passwords: one person a line, `name:role:hash`; the hashes are Argon2's."""

import contextlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from goodoffices.errors import ExtraMissing, NotFoundError, UsageError
from goodoffices.web.sessions import NAME, ROLES
from goodoffices.whole import write_whole
from goodoffices.words import _

if TYPE_CHECKING:
    from argon2 import PasswordHasher

__all__ = ["Passwords", "User", "add_user", "read_users", "remove_user"]

SHORTEST, LONGEST = 12, 1000  # characters of a password
AT_ONCE = threading.BoundedSemaphore(2)  # each check takes 64 MB of memory on purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One line of the file."""

    name: str
    role: str
    hash: str


@lru_cache(maxsize=1)
def _hasher() -> "PasswordHasher":
    try:
        from argon2 import PasswordHasher  # noqa: PLC0415 - only who has passwords needs it
    except ImportError:
        raise ExtraMissing("web", _("a file of passwords")) from None
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password fits: who is not known takes as long to refuse as who is."""
    return _hasher().hash(secrets.token_urlsafe(32))


def _user(line: str, path: Path, row: int) -> User:
    parts = line.strip().split(":", 2)
    fits = len(parts) == 3 and NAME.fullmatch(parts[0]) and parts[1] in ROLES
    if not fits or not parts[2].startswith("$argon2"):
        raise UsageError(
            _('{path}, line {row}: no "name:role:hash"; write it with goodoffices users add').format(
                path=path, row=row
            )
        )
    return User(name=parts[0], role=parts[1], hash=parts[2])


def read_users(path: Path) -> dict[str, User]:
    """Read the file; a name that stands in it twice counts as it stood last.

    Raises
    ------
    UsageError
        If it cannot be read, or a line is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        said = _("no file of passwords at {path} ({error}); make one with goodoffices users add")
        raise UsageError(said.format(path=path, error=error)) from None
    users = [_user(line, path, row) for row, line in enumerate(lines, 1) if line.strip()]
    return {user.name: user for user in users}


def _save(path: Path, users: Mapping[str, User]) -> None:
    """Write the file whole or not at all, for the eyes of its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{user.name}:{user.role}:{user.hash}\n" for user in users.values())
    write_whole(path, text.encode("utf-8"), private=True)


def add_user(path: Path, name: str, role: str, password: str) -> None:
    """Add somebody, or give somebody who is there another password or role.

    Raises
    ------
    UsageError
        If the name, the role or the password will not do.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            _('"{name}" is no name: use letters, digits, ".", "@", "_" and "-"').format(name=name)
        )
    if role not in ROLES:
        raise UsageError(_('"{role}" is no role: use one of ').format(role=role) + ", ".join(ROLES))
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(
            _("a password of {n} characters: take at least {least}, several words for instance").format(
                n=len(password), least=SHORTEST
            )
        )
    users = read_users(path) if path.exists() else {}
    _save(path, {**users, name: User(name=name, role=role, hash=_hasher().hash(password))})


def remove_user(path: Path, name: str) -> None:
    """Take somebody out; who is logged in is out at once.

    Raises
    ------
    NotFoundError
        If nobody has this name.
    """
    users = read_users(path)
    if users.pop(name, None) is None:
        raise NotFoundError(_('nobody is called "{name}" in {path}').format(name=name, path=path))
    _save(path, users)


class Passwords:
    """The people of a file, read again whenever it has changed.

    Raises
    ------
    UsageError
        If the file is not in order to begin with.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._users = read_users(path)
        self._stamp = self._now()
        self._lock = threading.Lock()

    def _now(self) -> tuple[int, int, int]:
        with contextlib.suppress(OSError):
            found = self.path.stat()
            return found.st_mtime_ns, found.st_size, found.st_ino
        return 0, 0, 0

    def user(self, name: str) -> User | None:
        """Give somebody by name; if the file has gone or is broken, nobody is known."""
        with self._lock:
            stamp = self._now()
            if stamp != self._stamp:
                self._users = {}
                with contextlib.suppress(UsageError):
                    self._users = read_users(self.path)
                self._stamp = stamp
            return self._users.get(name)

    def check(self, name: str, password: str) -> User | None:
        """Give whom a name and a password stand for."""
        from argon2.exceptions import Argon2Error, InvalidHashError  # noqa: PLC0415 - as above

        user = self.user(name)
        with AT_ONCE:
            try:
                _hasher().verify(user.hash if user else _nobody(), password[:LONGEST])
            except (Argon2Error, InvalidHashError):
                return None
        return user
