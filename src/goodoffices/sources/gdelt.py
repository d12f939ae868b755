"""GDELT 1.0 and 2.0 event files: tab-separated lines without a header, one machine-coded report each.

The two versions differ in length: 57 columns until March 2013, 58 with the address of the article,
61 in version 2.0, which adds a second administrative code of every place and stamps to the second.
Actors carry three-letter CAMEO codes, places two-letter FIPS codes: they are never mixed.
"""

from collections.abc import Mapping

from goodoffices.domain.events import Layout
from goodoffices.errors import UsageError
from goodoffices.sources.looking import first_lines, known_rule, lines_of_text, named
from goodoffices.words import _

__all__ = ["Gdelt"]

ACTOR = (
    "Code Name CountryCode KnownGroupCode EthnicCode Religion1Code Religion2Code Type1Code Type2Code "
    "Type3Code"
)
EVENT = (
    "IsRootEvent EventCode EventBaseCode EventRootCode QuadClass GoldsteinScale NumMentions NumSources "
    "NumArticles AvgTone"
)
PLACE = "Type FullName CountryCode ADM1Code Lat Long FeatureID"
TYPES = {"SQLDATE": "DATE", "GoldsteinScale": "DOUBLE", "NumMentions": "INTEGER", "DATEADDED": "TIMESTAMP"}


def _names(second: bool) -> list[str]:
    place = PLACE.replace("ADM1Code", "ADM1Code ADM2Code") if second else PLACE
    names = ["GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate"]
    names += [f"Actor{n}{part}" for n in (1, 2) for part in ACTOR.split()] + EVENT.split()
    names += [f"{who}Geo_{part}" for who in ("Actor1", "Actor2", "Action") for part in place.split()]
    return [*names, "DATEADDED", "SOURCEURL"]


FIRST_VERSION, SECOND_VERSION = _names(second=False), _names(second=True)
LENGTHS = {57: FIRST_VERSION[:-1], 58: FIRST_VERSION, 61: SECOND_VERSION}

SELECT = {
    "event_id": "GLOBALEVENTID",
    "happened_on": "SQLDATE",
    "actor": "Actor1Code",
    "target": "Actor2Code",
    "code": "EventCode",
    "goldstein": "GoldsteinScale",
    "place": "ActionGeo_ADM1Code",
    "mentions": "NumMentions",
}
WHOLE = "CASE WHEN DATEADDED IS NOT NULL THEN GLOBALEVENTID END"


def _short(columns: int) -> dict[str, bool]:
    """Version 1 mixes lines with and without an address at the end; one that ends earlier has no id."""
    return {"null_padding": True} if columns < len(SECOND_VERSION) else {}


class Gdelt:
    """The event tables of the GDELT Project."""

    name = "gdelt"
    title = "GDELT 1.0 and 2.0 events"
    licence = "free for any use with attribution to the GDELT Project"
    url = "https://www.gdeltproject.org/"

    def knows(self, where: str) -> bool:
        """Tell by the number of columns and the number that each line begins with."""
        line = next(iter(first_lines(where, 1)), "")
        named_so = ".export.csv" in named(where) or "gdelt" in named(where)
        cells = line.split("\t")
        return len(cells) in LENGTHS and (named_so or cells[0].isdigit())

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """Take the version from the number of columns of the first lines."""
        counts = [line.count("\t") + 1 for line in first_lines(where, 20)]
        found = next((n for n in counts if n in LENGTHS), 0)
        if not found:
            said = _("{file}: found {n} columns; a GDELT event file has 57, 58 or 61, parted by tabs")
            raise UsageError(said.format(file=named(where), n=max(counts, default=0)))
        names = LENGTHS[found]
        stamps = "%Y%m%d%H%M%S" if found == len(SECOND_VERSION) else "%Y%m%d"
        known, says = known_rule(mapping, "DATEADDED::DATE", _("known on the day it was added (DATEADDED)"))
        columns = {name: TYPES.get(name, "VARCHAR") for name in names}
        return Layout(
            reader="csv",
            options=lines_of_text(columns, dateformat="%Y%m%d", timestampformat=stamps, **_short(found)),
            select={**SELECT, "event_id": WHOLE} if _short(found) else SELECT,
            key=("event_id",),
            known=known,
            known_says=says,
        )
