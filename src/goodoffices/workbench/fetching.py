"""Fetch the files of a source: what can be fetched, what would be, and fetching it."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from goodoffices.cases.schema import parse_day
from goodoffices.errors import UsageError
from goodoffices.sources.fetch import OFFERS, Asked, Offer, Wanted, offer, wanted
from goodoffices.store.downloads import Fetched, Got, Progress, download, listed
from goodoffices.store.politely import Manners
from goodoffices.words import _
from goodoffices.workbench.bench import version

__all__ = ["Fetched", "Got", "Offer", "Progress", "Wanted", "fetch", "offers", "would_fetch"]


def offers() -> tuple[Offer, ...]:
    """List the sources of which files can be fetched."""
    return OFFERS


def _signature() -> str:
    """Say who is asking; whoever fetches much can add an address at which to be reached."""
    contact = os.environ.get("GOODOFFICES_CONTACT", "")
    told = contact if contact.isascii() and contact.isprintable() else ""
    return f"goodoffices/{version()}" + (f" ({told})" if told else "")


def _key(one: Offer) -> str:
    key = os.environ.get(one.variable, "").strip() if one.variable else ""
    if one.secret_needed and not key:
        said = _("{title} wants a key: get one at {url} and set it as {variable}")
        raise UsageError(said.format(title=one.title, url=one.url, variable=one.variable))
    if not (key.isascii() and key.isprintable()):
        raise UsageError(_("{variable} holds what cannot be a key").format(variable=one.variable))
    return key


def _day(given: str | date | None, *, end: bool) -> date | None:
    """Read a day; a year or a month stands for its last day, or its first where a span begins."""
    if given is None or isinstance(given, date):
        return given
    try:
        day = parse_day(given)
    except ValueError as error:
        raise UsageError(_('"{value}" is no date: {error}').format(value=given, error=error)) from None
    dashes = given.strip().count("-")
    if end or dashes == 2:
        return day
    return day.replace(day=1) if dashes else day.replace(month=1, day=1)


def _asked(start: str | date | None, end: str | date | None, release: str, only: str, url: str) -> Asked:
    first, last = _day(start, end=False), _day(end, end=True)
    return Asked(first=first, last=last, release=release, only=only, url=url)


def fetch(
    source: str,
    folder: str | Path,
    *,
    start: str | date | None = None,
    end: str | date | None = None,
    release: str = "",
    only: str = "",
    url: str = "",
    again: bool = False,
    tick: Callable[[Progress], None] = lambda _progress: None,
    manners: Manners | None = None,
) -> Fetched:
    """Fetch what a source has of some days, or of a release, into a folder.

    What is there and whole is not fetched again; what was broken off goes on where it stopped.

    Parameters
    ----------
    only
        A pattern of file names, such as ``*2018*``.
    url
        One file by its address, where the source has moved it.
    again
        Ask the server whether files that are there have changed.

    Raises
    ------
    NotFoundError, UsageError
        If nothing of this source can be fetched, or it was asked for too little.
    BusyError, StoreError
        If the folder cannot take the files.
    """
    one = offer(source)
    key = _key(one)
    begins = wanted(one, _asked(start, end, release, only, url))
    given = manners or Manners()
    return download(
        one, begins, Path(folder), signature=_signature(), key=key, again=again, tick=tick, manners=given
    )


def would_fetch(
    source: str,
    folder: str | Path,
    *,
    start: str | date | None = None,
    end: str | date | None = None,
    release: str = "",
    only: str = "",
    url: str = "",
    manners: Manners | None = None,
) -> list[Wanted]:
    """List what `fetch` would fetch; only the source's own list is read.  Raises as `fetch` does."""
    one = offer(source)
    key = _key(one)
    begins = wanted(one, _asked(start, end, release, only, url))
    return listed(one, begins, Path(folder), signature=_signature(), key=key, manners=manners or Manners())
