"""Event data: reports of who did what to whom, as feeds publish them and as a store keeps them.

A row of a feed is a *report*, not a fact: several rows may tell of one event, and some tell of none.
What a report keeps is where it stands (source, file, line), when it happened and when it was known,
and the words of its coder: actors, target, code and text as they were given.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

__all__ = ["COLUMNS", "CodeList", "Gap", "Imported", "Layout", "Rejected", "SourceInfo", "StoreInfo"]

COLUMNS: Mapping[str, str] = {
    "event_id": "VARCHAR",
    "happened_on": "DATE",
    "known_on": "DATE",
    "actor": "VARCHAR",
    "actor_country": "VARCHAR",
    "actor_sector": "VARCHAR",
    "target": "VARCHAR",
    "target_country": "VARCHAR",
    "target_sector": "VARCHAR",
    "code": "VARCHAR",
    "text": "VARCHAR",
    "goldstein": "DOUBLE",
    "place": "VARCHAR",
    "publisher": "VARCHAR",
    "mentions": "INTEGER",
}
"""The columns that a source may fill, with their types; those it leaves out stay empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file of a source is read, in the words of the reader (DuckDB).

    Attributes
    ----------
    reader
        "csv", "parquet" or "json".
    options
        Of the reader. For "csv" those of `read_csv`, with `columns` as {name: type} in the order of
        the file. For "json" `rows`, the field that holds the rows, and `columns`.
    select
        Column of the store -> expression over the columns of the file.
    key
        Columns of the store that identify a row within its source; () means all of them.
    known
        Expression of the day on which a row was known; "" means the day on which it happened, and
        is marked as assumed.
    known_says
        The rule in one sentence, for people.
    where
        Which rows are data at all, such as lines that are no comment; "" means all.
    codes
        How conduct is coded: "cameo", "weis", "plover", "icews", "ucdp", "acled", "pax", "plain".
    actors
        How actors are named: "cameo", "icews", "names", "iso3", "plain".
    """

    reader: str
    options: Mapping[str, Any] = field(default_factory=dict)
    select: Mapping[str, str]
    key: tuple[str, ...] = ()
    known: str = ""
    known_says: str = ""
    where: str = ""
    codes: str = "cameo"
    actors: str = "cameo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one file: received = stored + duplicates + rejected, over its lines of data.

    `already` is true where the store held the file before; `said` is the sentence about what was
    not as it should be, and empty where all was well.
    """

    source: str
    file: str
    received: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    first: date | None = None
    last: date | None = None
    already: bool = False
    said: str = ""

    @property
    def faultless(self) -> bool:
        """Was every line of the file taken in, now or before?"""
        return not self.said and not self.rejected

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return _plain(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A line that was not taken in: where it stands, which column, why, and the beginning of it."""

    source: str
    file: str
    line: int
    column: str
    reason: str
    raw: str

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return _plain(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days without a single report between the first and the last of a source."""

    source: str
    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What a store holds of one source; the counts are those of all its files."""

    name: str
    files: int
    received: int
    stored: int
    duplicates: int
    rejected: int
    first: date | None
    last: date | None
    known_rule: str
    licence: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A list of codes that a user brought into a store."""

    system: str
    file: str
    sha256: str
    codes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreInfo:
    """What a store holds: its sources, the gaps in them, and the actors that nobody could place.

    Attributes
    ----------
    code_lists
        Lists of codes that the user brought.
    unlisted
        Systems of codes that its files use and no list explains.
    """

    store: str
    version: int
    sources: tuple[SourceInfo, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unresolved: tuple[tuple[str, int], ...] = ()
    code_lists: tuple[CodeList, ...] = ()
    unlisted: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return _plain(self)


def _plain(value: Any) -> dict[str, Any]:
    return {name: _cell(cell) for name, cell in asdict(value).items()}


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cell(cell) for name, cell in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cell(cell) for cell in value]
    return value.isoformat() if isinstance(value, date) else value
