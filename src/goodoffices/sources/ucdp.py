"""UCDP GED and its monthly candidates: CSV releases, and the pages of the API as they were saved.

A release is known as a whole: yearly release YY.1 from the end of June 20YY, candidate YY.0.M from
the end of the month after M. These days are a rule of ours on the safe side, not UCDP's statement;
`--known` gives another day. Sides carry names and, where a side is a state, a Gleditsch-Ward number.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from goodoffices.domain.events import Layout
from goodoffices.errors import UsageError
from goodoffices.sources.looking import checked, first_lines, header, known_rule, named, text_table
from goodoffices.words import _

__all__ = ["Ucdp", "release_day"]

NEEDED = ("id", "type_of_violence", "side_a", "side_b", "country", "date_start")
TYPES = {"date_start": "TIMESTAMP", "number_of_sources": "INTEGER"}
COLUMNS = (*NEEDED, "conflict_name", "dyad_name", "adm_1", "number_of_sources")
VERSION = re.compile(r"v?(\d\d)[._](\d)(?:[._](\d{1,2}))?(?!\d)|(?<!\d)(\d\d)(\d)(?!\d)")
SELECT = {
    "event_id": "id",
    "happened_on": "date_start::DATE",
    "actor": "side_a",
    "target": "side_b",
    "code": "type_of_violence",
}
OPTIONAL = {
    "text": "dyad_name",
    "place": "adm_1",
    "mentions": "number_of_sources",
}


def release_day(name: str) -> date | None:
    """Give the day from which a release is taken as known, by the version in its name."""
    found = VERSION.search(name)
    if not found:
        return None
    year, kind, month = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], None)
    if kind != "0" or month is None:
        return date(2000 + int(year), 6, 30)
    late, after = divmod(int(month), 12)
    return date(2000 + int(year) + late, after + 1, monthrange(2000 + int(year) + late, after + 1)[1])


def known_release(where: str, mapping: Mapping[str, str] | None) -> tuple[str, str]:
    """Give the day of a release; a release without one in its name is not taken for known by guess.

    Raises
    ------
    UsageError
        If neither the name nor the user says.
    """
    day = release_day(named(where))
    if day is None and "known" not in (mapping or {}):
        said = _('{file}: its name tells no release; give --known with the day of release, or "happened"')
        raise UsageError(said.format(file=named(where)))
    says = _("known from the day by which its release was out ({day})").format(day=day)
    return known_rule(mapping, f"DATE '{day}'", says)


class Ucdp:
    """Uppsala Conflict Data Program: Georeferenced Event Dataset."""

    name = "ucdp"
    title = "UCDP GED and candidate events"
    licence = "CC BY 4.0"
    url = "https://ucdp.uu.se/downloads/"

    def knows(self, where: str) -> bool:
        """Tell by the names of its columns, or by the envelope of a page of the API."""
        head = "\n".join(first_lines(where, 3))
        return "type_of_violence" in head and ("dyad_name" in head or "TotalCount" in head)

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """A file that begins with a brace is a page of the API; everything else is CSV."""
        known, says = known_release(where, mapping)
        page = next(iter(first_lines(where, 1)), "").lstrip().startswith("{")
        reader, options, there = self._page() if page else self._table(where)
        more = {name: of for name, of in OPTIONAL.items() if of in there}
        return Layout(
            reader=reader, options=options, select={**SELECT, **more}, key=("event_id",), known=known,
            known_says=says, codes="ucdp", actors="name",
        )  # fmt: skip

    def _page(self) -> tuple[str, dict[str, Any], tuple[str, ...]]:
        columns = {name: TYPES.get(name, "VARCHAR") for name in COLUMNS}
        return "json", {"rows": "Result", "columns": columns}, COLUMNS

    def _table(self, where: str) -> tuple[str, dict[str, Any], tuple[str, ...]]:
        line = next(iter(first_lines(where, 1)), "")
        delimiter = ";" if line.count(";") > line.count(",") else ","
        there = header(where, delimiter)
        checked(where, there, NEEDED)
        return "csv", text_table(where, TYPES, delimiter), tuple(there)
