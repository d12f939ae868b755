"""What the server was started with; nothing of it changes while it runs."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["Settings", "is_loopback", "refuse_open"]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server at this address."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the workbench is served, and to whom.

    Attributes
    ----------
    hosts
        Further names that may stand in the address.
    users
        A file of passwords; with it everybody logs in.
    trusted_proxy
        The address of a proxy whose word on who is asking is believed.
    token
        Of the opening link, which works once.  Without token, users and proxy whoever reaches the
        server is its owner: for tests within one process only.
    who
        The name that stands in the history of what is done through the opening link.
    audit
        The file that notes who did what; none: nothing is noted.
    rate
        Runs a minute that one person may start.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    hosts: tuple[str, ...] = ()
    users: Path | None = None
    trusted_proxy: str = ""
    token: str = ""
    who: str = ""
    audit: Path | None = None
    rate: int = 30

    @property
    def unguarded(self) -> bool:
        """Whether nobody is asked who he is."""
        return not (self.token or self.users or self.trusted_proxy)


def refuse_open(settings: Settings) -> None:
    """See to it that nobody can reach the server from elsewhere without being asked who he is.

    Raises
    ------
    UsageError
        If somebody could.
    """
    if not is_loopback(settings.host) and not (settings.users or settings.trusted_proxy):
        said = _("{host} can be reached from elsewhere: give --users FILE or --trusted-proxy ADDRESS with it")
        raise UsageError(said.format(host=settings.host))
