"""ICEWS: the raw files of twenty columns, and the four-column tables of the graph literature.

Raw files carry names, sectors and countries, a CAMEO code that is text ("010" is not 10) and an event
id. Daily files are named after the day they were released, and that is when their rows were known;
yearly files are not, and neither are the tables `date, source, relation, target`, which have no ids
either: there a row is known by all its columns, and its relation is the text of a CAMEO code.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from goodoffices.domain.events import Layout
from goodoffices.sources.looking import (
    checked,
    first_lines,
    header,
    known_rule,
    lines_of_text,
    named,
    text_table,
)
from goodoffices.sources.tables import table_columns
from goodoffices.words import _

__all__ = ["Icews"]

RAW = [
    *("Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text"),
    *("CAMEO Code", "Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID"),
    *("Sentence Number", "Publisher", "City", "District", "Province", "Country", "Latitude", "Longitude"),
]
TABLE = ("date", "source", "relation", "target")
RELEASED = re.compile(r"^(19|20)(\d\d)(\d\d)(\d\d)-icews")
RAW_SELECT = {
    "event_id": '"Event ID"',
    "happened_on": '"Event Date"::DATE',
    "actor": '"Source Name"',
    "actor_country": '"Source Country"',
    "actor_sector": '"Source Sectors"',
    "target": '"Target Name"',
    "target_country": '"Target Country"',
    "target_sector": '"Target Sectors"',
    "code": '"CAMEO Code"',
    "text": '"Event Text"',
    "goldstein": '"Intensity"',
    "place": 'coalesce("City", "District", "Province", \'\') || \', \' || coalesce("Country", \'\')',
    "publisher": '"Publisher"',
}
TABLE_SELECT = {
    "happened_on": '"date"::DATE',
    "actor": '"source"',
    "target": '"target"',
    "code": '"relation"',
    "text": '"relation"',
}


class Icews:
    """Integrated Crisis Early Warning System, Harvard Dataverse doi:10.7910/DVN/28075."""

    name = "icews"
    title = "ICEWS coded event data"
    licence = "terms of Harvard Dataverse doi:10.7910/DVN/28075"
    url = "https://doi.org/10.7910/DVN/28075"

    def knows(self, where: str) -> bool:
        """Tell by the header."""
        if named(where).endswith(".parquet"):
            columns = set(table_columns(where))
            return set(TABLE) <= columns or set(RAW) <= columns
        line = next(iter(first_lines(where, 1)), "")
        cells = re.split(r"[\t,]", line)
        return cells[:3] == RAW[:3] or tuple(cells[:4]) == TABLE

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """Raw files and tables are told apart by their header."""
        if named(where).endswith(".parquet"):
            return self._parquet(where, mapping)
        line = next(iter(first_lines(where, 1)), "")
        delimiter = "\t" if "\t" in line else ","
        if "Event ID" in line:
            return self._raw(where, delimiter, mapping)
        checked(where, header(where, delimiter), TABLE)
        options = text_table(where, {"date": "DATE"}, delimiter)
        return _table("csv", options, mapping)

    def _raw(self, where: str, delimiter: str, mapping: Mapping[str, str] | None) -> Layout:
        checked(where, header(where, delimiter), RAW)
        types = dict.fromkeys(header(where, delimiter), "VARCHAR")
        types |= {"Event Date": "DATE", "Intensity": "DOUBLE"}
        options = lines_of_text(types, header=True, delim=delimiter)
        if delimiter == ",":
            options = text_table(where, types)
        known, says = known_rule(mapping, *_released(where))
        return _raw("csv", options, known, says)

    def _parquet(self, where: str, mapping: Mapping[str, str] | None) -> Layout:
        if set(TABLE) <= set(table_columns(where)):
            return _table("parquet", {}, mapping)
        day = "try_strptime(regexp_extract(\"file\", '^(\\d{8})-icews', 1), '%Y%m%d')::DATE"
        own = f'coalesce({day}, "Event Date"::DATE)'
        known, says = known_rule(mapping, own, _("known on the day of release in the name of its file"))
        return _raw("parquet", {"columns": [*RAW, "file"]}, known, says)


def _released(where: str) -> tuple[str, str]:
    found = RELEASED.match(Path(where).name.lower())
    if not found:
        return "", _("no stamp: taken as known on the day it happened")
    century, year, month, day = found.groups()
    said = _("known on the day of release in the name of its file")
    return f"DATE '{century}{year}-{month}-{day}'", said


def _raw(reader: str, options: Mapping[str, object], known: str, says: str) -> Layout:
    return Layout(
        reader=reader, options=options, select=RAW_SELECT, key=("event_id",), known=known, known_says=says,
        codes="cameo", actors="icews",
    )  # fmt: skip


def _table(reader: str, options: Mapping[str, object], mapping: Mapping[str, str] | None) -> Layout:
    known, says = known_rule(mapping, "", _("no stamp: taken as known on the day it happened"))
    columns = {} if reader == "csv" else {"columns": [*TABLE]}
    return Layout(
        reader=reader, options={**options, **columns}, select=dict(TABLE_SELECT), known=known,
        known_says=says, codes="icews", actors="icews",
    )  # fmt: skip
