"""Ask a server for files with good manners: slowly, by name, and not again until it wants to be asked.

What a server says is sorted into three: an answer; `Later`, for what may go well another time; and
`Refused`, for what will not.  Redirections are followed by hand, so that nobody is sent to a site
that the source does not name, and no key goes to a site that it is not for.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from goodoffices.errors import ExtraMissing
from goodoffices.words import _

if TYPE_CHECKING:
    import httpx2

__all__ = ["Later", "Manners", "Polite", "Refused"]

ANSWERS = (200, 206, 304, 416)
REDIRECTS = (301, 302, 303, 307, 308)
COME_BACK = (408, 425, 429, 500, 502, 503, 504)
HOPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a server is treated; all times in seconds.

    Attributes
    ----------
    gap
        Between the beginnings of two requests to one site.
    tries
        Failures in a row, without a byte more, after which a file is left.
    patience
        The longest wait that a server may ask for; beyond it, the user comes back another time.
    """

    gap: float = 1.0
    tries: int = 6
    first_wait: float = 2.0
    longest_wait: float = 120.0
    patience: float = 900.0
    timeout: float = 60.0


class Later(Exception):  # noqa: N818 - what it says, not a mistake
    """What may go well another time; `after` is when the server wants to be asked again."""

    def __init__(self, said: str, *, after: float | None = None, weight: int = 1) -> None:
        self.after, self.weight = after, weight
        super().__init__(said)


class Refused(Exception):  # noqa: N818
    """What will not go well; `every`: no other file will either; `tired`: it was tried often enough."""

    def __init__(self, said: str, *, every: bool = False, tired: bool = False) -> None:
        self.every, self.tired = every, tired
        super().__init__(said)


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


def _after(response: "httpx2.Response") -> float | None:
    """Read Retry-After, which gives seconds or a date."""
    given = response.headers.get("retry-after", "").strip()
    if given.isdigit():
        return float(given)
    try:
        when = parsedate_to_datetime(given)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


class Polite:
    """Asks the sites of one source, one request after the other."""

    def __init__(
        self,
        signature: str,
        manners: Manners,
        *,
        secret: Mapping[str, str] | None = None,
        sites: Sequence[str] = (),
        wait: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.manners, self.secret, self.sites = manners, dict(secret or {}), tuple(sites)
        self._wait, self._now, self._last = wait, now, dict[str, float]()
        self._client = _client(signature, manners)

    def close(self) -> None:
        self._client.close()

    def pause(self, failures: int, after: float | None) -> None:
        """Wait as long as the server asks for; where it does not say, twice as long each time."""
        asked, most = self.manners, self.manners.patience
        if after is not None and after > most:
            said = _("the server asks to be left alone for {n} minutes; ask again after that")
            raise Refused(said.format(n=round(after / 60)), every=True)
        own = min(asked.first_wait * 2 ** (failures - 1), asked.longest_wait)
        self._wait(max(own, after or 0.0))

    @contextmanager
    def asked(self, url: str, headers: Mapping[str, str]) -> Iterator["httpx2.Response"]:
        """Give the answer to one request, its body not yet read.

        Raises
        ------
        Later, Refused
            As the module says.
        """
        import httpx2  # noqa: PLC0415 - an extra

        try:
            yield from self._followed(url, headers)
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise Later(_("the connection broke ({error})").format(error=error)) from None
        except httpx2.InvalidURL as error:
            raise Refused(_("no address: {error}").format(error=error)) from None

    def _followed(self, url: str, headers: Mapping[str, str]) -> Iterator["httpx2.Response"]:
        at = url
        for _hop in range(HOPS):
            secret = self.secret if _origin(at) == _origin(url) else {}
            self._keep_gap(_site(at))
            with self._client.stream("GET", at, headers={**headers, **secret}) as response:
                if response.status_code not in REDIRECTS:
                    _sorted(response)
                    yield response
                    return
                at = self._next(url, at, response.headers.get("location", ""))
        raise Refused(_("the server sends from one address to the next without end"))

    def _next(self, first: str, at: str, location: str) -> str:
        """Say where a redirection leads, if one may go there."""
        to = urljoin(at, location)
        own = _site(first)
        fine = _site(to) == own or _site(to).endswith("." + own) or _site(to) in self.sites
        if not location or urlsplit(to).scheme not in ("http", "https") or not fine:
            said = _("the server sends to another site ({site}), which the source does not name")
            raise Refused(said.format(site=_site(to) or location))
        if urlsplit(at).scheme == "https" and urlsplit(to).scheme == "http":
            raise Refused(_("the server sends from a secure address to one that is not"))
        return to

    def _keep_gap(self, site: str) -> None:
        last = self._last.get(site)
        left = 0.0 if last is None else last + self.manners.gap - self._now()
        if left > 0:
            self._wait(left)
        self._last[site] = self._now()


def _client(signature: str, manners: Manners) -> "httpx2.Client":
    try:
        import httpx2  # noqa: PLC0415 - an extra
    except ImportError:
        raise ExtraMissing("events", _("fetching")) from None
    # Packed bodies cannot be taken up in the middle.
    headers = {"User-Agent": signature, "Accept": "*/*", "Accept-Encoding": "identity"}
    return httpx2.Client(headers=headers, timeout=manners.timeout, follow_redirects=False)


def _sorted(response: "httpx2.Response") -> None:
    code = response.status_code
    if code in ANSWERS:
        return
    said = _("the server answered {code} {words}").format(code=code, words=response.reason_phrase).rstrip()
    if code in COME_BACK:
        raise Later(said, after=_after(response))
    if code in (401, 403):
        raise Refused(said + _(": it wants a key, or another one"), every=code == 401)
    raise Refused(said)
