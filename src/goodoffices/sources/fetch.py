"""What there is to fetch of a source: addresses, names, lengths and hashes; nothing is fetched here.

Some files stand at an address of their own; others are named by a list, or by the page before them.
Both are files that are *wanted*, of which one can lead to more once it is there.  Addresses of files
are built here and never taken from a list, so that no list can send a reader elsewhere.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from goodoffices.errors import NotFoundError, UsageError
from goodoffices.sources.acled import Acled
from goodoffices.sources.agreements import Pax, UcdpAgreements
from goodoffices.sources.gdelt import Gdelt
from goodoffices.sources.icews import Icews
from goodoffices.sources.polecat import Polecat
from goodoffices.sources.ucdp import Ucdp
from goodoffices.words import _

__all__ = ["OFFERS", "Asked", "Offer", "Wanted", "days_of", "offer", "wanted"]

GDELT_DATA = "https://data.gdeltproject.org"
UCDP_FILES = "https://ucdp.uu.se/downloads"
UCDP_PAGES = "https://ucdpapi.pcr.uu.se/api"
ACLED_PAGES = "https://acleddata.com/api/acled/read"
DATAVERSE = "https://dataverse.harvard.edu"
DATAVERSE_STORES = ("dvn-cloud.s3.amazonaws.com",)  # where Dataverse sends whoever asks for a file

UCDP_ROWS, ACLED_ROWS = 1000, 5000  # of a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One file that is wanted: where it is, how it shall be called here, and what is known of it.

    Attributes
    ----------
    size, md5
        As the source's own list gives them; None and "" where it gives none.
    more
        Reads the file once it is here, and says what else is wanted.
    kept
        Whether it holds data; a list does not, and is asked for anew each time.
    """

    url: str
    name: str
    size: int | None = None
    md5: str = ""
    more: Callable[[str], Iterable["Wanted"]] | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a source was asked for: days (both may be open), release, names, or one address."""

    first: date | None = None
    last: date | None = None
    release: str = ""
    only: str = ""
    url: str = ""

    def covers(self, name: str) -> bool:
        """Say whether a file of this name can hold what was asked for."""
        if self.only and not fnmatch(name, self.only):
            return False
        span = days_of(name)
        if span is None:
            return True
        return (self.last is None or span[0] <= self.last) and (self.first is None or span[1] >= self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A source of which files can be fetched.

    Attributes
    ----------
    source
        The name by which its files are imported.
    begins
        Says what is wanted first; the rest follows from what that leads to.
    sites
        Further sites to which its own may send whoever asks.
    variable, header
        Of the environment, where the key is; and the header that carries it, where one is needed.
    """

    name: str
    source: str
    title: str
    licence: str
    url: str
    begins: Callable[[Asked], tuple[Wanted, ...]]
    sites: tuple[str, ...] = ()
    variable: str = ""
    header: tuple[str, str] = ("", "")
    secret_needed: bool = False


# -- days in names --------------------------------------------------------------------------------

_STAMP = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})?(\d{2})?(\d{6})?(?!\d)")


def _span(year: int, month: int | None, day: int | None) -> tuple[date, date]:
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        following = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), following - timedelta(days=1)
    return date(year, month, day), date(year, month, day)


def days_of(name: str) -> tuple[date, date] | None:
    """Give the first and last day that a file holds by its name, or None if the name tells of none.

    A year before a stamp to the second is the year of the data; the stamp is that of the upload.
    """
    found = [match.groups() for match in _STAMP.finditer(name)]
    plain = [parts for parts in found if not parts[3]] or found
    spans = []
    for year, month, day, _clock in plain:
        try:
            spans.append(_span(int(year), int(month) if month else None, int(day) if day else None))
        except ValueError:  # digits that are no date
            continue
    return (min(one[0] for one in spans), max(one[1] for one in spans)) if spans else None


def _last_part(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])


# -- GDELT ----------------------------------------------------------------------------------------


def _lines(where: str) -> Iterator[list[str]]:
    with Path(where).open(encoding="utf-8", errors="replace") as file:
        yield from (line.split() for line in file)


def _first_gdelt(asked: Asked, where: str) -> Iterator[Wanted]:
    for parts in _lines(where):
        if len(parts) == 2 and days_of(parts[1]) and "MASTER" not in parts[1] and asked.covers(parts[1]):
            yield Wanted(url=f"{GDELT_DATA}/events/{quote(parts[1])}", name=parts[1], md5=parts[0].lower())


def _second_gdelt(asked: Asked, where: str) -> Iterator[Wanted]:
    for parts in _lines(where):
        name = _last_part(parts[2]) if len(parts) == 3 else ""
        if name.endswith(".export.CSV.zip") and parts[0].isdigit() and asked.covers(name):
            url = f"{GDELT_DATA}/gdeltv2/{quote(name)}"
            yield Wanted(url=url, name=name, size=int(parts[0]), md5=parts[1].lower())


def _list(url: str, name: str, more: Callable[[str], Iterable[Wanted]]) -> tuple[Wanted, ...]:
    return (Wanted(url=url, name=name, more=more, kept=False),)


def _gdelt(asked: Asked) -> tuple[Wanted, ...]:
    """Days since April 2013, months and years before: one file each, named by a list of hashes."""
    return _list(f"{GDELT_DATA}/events/md5sums", "md5sums", partial(_first_gdelt, asked))


def _gdelt2(asked: Asked) -> tuple[Wanted, ...]:
    """One file every quarter of an hour since February 2015, named by the master list."""
    url = f"{GDELT_DATA}/gdeltv2/masterfilelist.txt"
    return _list(url, "masterfilelist.txt", partial(_second_gdelt, asked))


# -- Dataverse ------------------------------------------------------------------------------------


def _dataverse_file(row: dict[str, object]) -> Wanted | None:
    held = row.get("dataFile")
    if row.get("restricted") or not isinstance(held, dict) or not isinstance(held.get("id"), int):
        return None
    # A table that Dataverse took apart has the hash and length of another form than is sent.
    table = bool(held.get("originalFileFormat"))
    check = held.get("checksum") or {}
    md5 = held.get("md5") or (check.get("value") if check.get("type") == "MD5" else "")
    return Wanted(
        url=f"{DATAVERSE}/api/access/datafile/{held['id']}",
        name=str(row.get("label") or held.get("filename")),
        size=None if table else held.get("filesize"),
        md5="" if table else str(md5 or "").lower(),
    )


def _dataverse(asked: Asked, where: str) -> Iterator[Wanted]:
    try:
        rows = json.loads(Path(where).read_text(encoding="utf-8"))["data"]["latestVersion"]["files"]
        files = [file for row in rows if (file := _dataverse_file(row))]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(
            _("the list of files from {site} is not of a form known").format(site=DATAVERSE)
        ) from None
    yield from (file for file in files if not file.name.endswith(".pdf") and asked.covers(file.name))


def _dataset(doi: str, asked: Asked) -> tuple[Wanted, ...]:
    url = f"{DATAVERSE}/api/datasets/:persistentId/?persistentId=doi:{doi}"
    return _list(url, doi.rpartition("/")[2] + ".json", partial(_dataverse, asked))


# -- UCDP -----------------------------------------------------------------------------------------


def _release(asked: Asked, such_as: str, pattern: str) -> str:
    if not re.fullmatch(pattern, asked.release):
        said = _('release: found "{found}"; give one such as {such}, which {url} lists')
        raise UsageError(said.format(found=asked.release, such=such_as, url=UCDP_FILES + "/"))
    return asked.release


def _ucdp(asked: Asked) -> tuple[Wanted, ...]:
    """A yearly release such as 25.1, a monthly candidate such as 25.0.6, or candidates of several months."""
    release = _release(asked, "25.1, 25.0.6", r"\d\d\.\d{1,2}(\.\d{1,2}(\.\d{1,2})?)?")
    if release.count(".") == 1:
        name = f"ged{release.replace('.', '')}-csv.zip"
        return (Wanted(url=f"{UCDP_FILES}/ged/{name}", name=name),)
    name = f"GEDEvent_v{release.replace('.', '_')}.csv"
    return (Wanted(url=f"{UCDP_FILES}/candidateged/{name}", name=name),)


def _ucdp_page(release: str, days: dict[str, str], page: int) -> Wanted:
    query = urlencode({"pagesize": UCDP_ROWS, "page": page, **days})
    name = "-".join(["ged", release, *days.values(), f"{page:04}.json"])
    more = partial(_ucdp_rest, release, days) if page == 0 else None
    return Wanted(url=f"{UCDP_PAGES}/gedevents/{release}?{query}", name=name, more=more)


def _ucdp_rest(release: str, days: dict[str, str], where: str) -> Iterator[Wanted]:
    try:
        pages = int(json.loads(Path(where).read_text(encoding="utf-8"))["TotalPages"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(_("{file}: no page of the UCDP API").format(file=Path(where).name)) from None
    yield from (_ucdp_page(release, days, page) for page in range(1, pages))


def _ucdp_pages(asked: Asked) -> tuple[Wanted, ...]:
    release = _release(asked, "25.1, 25.0.6", r"\d\d\.\d{1,2}(\.\d{1,2}(\.\d{1,2})?)?")
    given = {"StartDate": asked.first, "EndDate": asked.last}
    return (_ucdp_page(release, {name: day.isoformat() for name, day in given.items() if day}, 0),)


def _ucdp_agreements(asked: Asked) -> tuple[Wanted, ...]:
    release = _release(asked, "22.1", r"\d\d\.\d")
    name = f"ucdp-peace-agreements-{release.replace('.', '')}.csv"
    return (Wanted(url=f"{UCDP_FILES}/peace/{name}", name=name),)


# -- ACLED and PA-X -------------------------------------------------------------------------------


def _acled_page(first: date, last: date, page: int) -> Wanted:
    asked = {
        "_format": "csv",
        "event_date": f"{first}|{last}",
        "event_date_where": "BETWEEN",
        "limit": ACLED_ROWS,
        "page": page,
    }
    more = partial(_acled_next, first, last, page)
    name = f"acled-{first}-{last}-{page:04}.csv"
    return Wanted(url=f"{ACLED_PAGES}?{urlencode(asked)}", name=name, more=more)


def _acled_next(first: date, last: date, page: int, where: str) -> Iterator[Wanted]:
    """A page that is not full is the last."""
    with Path(where).open(encoding="utf-8", errors="replace", newline="") as file:
        rows = sum(1 for _row in csv.reader(file)) - 1
    if rows >= ACLED_ROWS:
        yield _acled_page(first, last, page + 1)


def _acled(asked: Asked) -> tuple[Wanted, ...]:
    if asked.first is None or asked.last is None:
        raise UsageError(_("ACLED is asked for by days: give --from and --until"))
    return (_acled_page(asked.first, asked.last, 1),)


def _by_address(_asked: Asked) -> tuple[Wanted, ...]:
    said = _("the address of this file changes with each release: give it as --url; {url} shows it")
    raise UsageError(said.format(url=Pax.url))


# -- all of them ----------------------------------------------------------------------------------


def _of(kind: Any, begins: Callable[[Asked], tuple[Wanted, ...]], **more: Any) -> Offer:
    said = {"name": kind.name, "title": kind.title, "licence": kind.licence, "url": kind.url, **more}
    return Offer(source=kind.name, begins=begins, **said)


def _on_dataverse(kind: Any, doi: str) -> Offer:
    key = ("X-Dataverse-key", "{key}")
    begins = partial(_dataset, doi)
    return _of(kind, begins, sites=DATAVERSE_STORES, variable="GOODOFFICES_DATAVERSE_KEY", header=key)


OFFERS: tuple[Offer, ...] = (
    _of(Gdelt, _gdelt, title="GDELT 1.0 events, daily files"),
    _of(Gdelt, _gdelt2, name="gdelt2", title="GDELT 2.0 events, a file every quarter of an hour"),
    _on_dataverse(Icews, "10.7910/DVN/28075"),
    _on_dataverse(Polecat, "10.7910/DVN/AJGVIT"),
    _of(Ucdp, _ucdp),
    _of(
        Ucdp,
        _ucdp_pages,
        name="ucdp-api",
        title="UCDP GED and candidate events, pages of the API",
        variable="GOODOFFICES_UCDP_TOKEN",
        header=("x-ucdp-access-token", "{key}"),
        secret_needed=True,
    ),
    _of(UcdpAgreements, _ucdp_agreements),
    _of(Pax, _by_address),
    _of(
        Acled,
        _acled,
        variable="GOODOFFICES_ACLED_TOKEN",
        header=("Authorization", "Bearer {key}"),
        secret_needed=True,
    ),
)


def offer(name: str) -> Offer:
    """Find a source by name.

    Raises
    ------
    NotFoundError
        If nothing of it can be fetched, with what can.
    """
    for one in OFFERS:
        if one.name == name:
            return one
    said = _('nothing can be fetched of "{name}"; there are {names}')
    raise NotFoundError(said.format(name=name, names=", ".join(one.name for one in OFFERS)))


def wanted(one: Offer, asked: Asked) -> tuple[Wanted, ...]:
    """Say what is wanted first of a source; an address that the user gives goes before its own.

    Raises
    ------
    UsageError
        If what was asked for does not say enough, or the days lie the wrong way round.
    """
    if asked.first and asked.last and asked.last < asked.first:
        said = _("{last} lies before {first}: give the earlier day first")
        raise UsageError(said.format(last=asked.last, first=asked.first))
    if not asked.url:
        return one.begins(asked)
    if urlsplit(asked.url).scheme not in ("http", "https"):
        raise UsageError(_('"{url}" is no address: give one that begins with https://').format(url=asked.url))
    return (Wanted(url=asked.url, name=_last_part(asked.url)),)
