"""POLECAT: PLOVER events as tab-separated tables, one for each week or month (NGEC coder).

A report has a type (`CONSULT`) and often a mode (`visit`); the code kept here is both, joined by a
stroke as in the table of PLOVER codes. It was known on the day its story was published. Some of the
published files carry a name too many in their header (`Headline`), and their rows do not.
"""

from collections.abc import Mapping

from goodoffices.domain.events import Layout
from goodoffices.sources.looking import checked, first_lines, header, known_rule, text_table
from goodoffices.words import _

__all__ = ["Polecat"]

BEGINNING = ("Event ID", "Event Date", "Event Type", "Event Mode")
NEEDED = (
    *BEGINNING,
    *("Intensity", "Actor Name", "Actor Country", "Primary Actor Sector"),
    *("Recipient Name", "Recipient Country", "Primary Recipient Sector"),
    *("Placename", "Country", "Source", "Publication Date"),
)
TYPES = {"Event Date": "DATE", "Publication Date": "DATE", "Intensity": "DOUBLE"}
EXCESS = "Headline"
MODE = "nullif(nullif(\"Event Mode\", ''), 'None')"
SELECT = {
    "event_id": '"Event ID"',
    "happened_on": '"Event Date"',
    "actor": '"Actor Name"',
    "actor_country": '"Actor Country"',
    "actor_sector": '"Primary Actor Sector"',
    "target": '"Recipient Name"',
    "target_country": '"Recipient Country"',
    "target_sector": '"Primary Recipient Sector"',
    "code": f"\"Event Type\" || coalesce('/' || {MODE}, '')",
    "text": '"Event Type"',
    "goldstein": '"Intensity"',
    "place": "coalesce(\"Placename\", '') || ', ' || coalesce(\"Country\", '')",
    "publisher": '"Source"',
}


class Polecat:
    """Political Event Classification, Attributes, and Types, Harvard Dataverse doi:10.7910/DVN/AJGVIT."""

    name = "polecat"
    title = "POLECAT (PLOVER events)"
    licence = "CC0 1.0, as stated on Harvard Dataverse doi:10.7910/DVN/AJGVIT"
    url = "https://doi.org/10.7910/DVN/AJGVIT"

    def knows(self, where: str) -> bool:
        """Tell by the first four names of the header."""
        line = next(iter(first_lines(where, 1)), "")
        return tuple(cell.strip('"') for cell in line.split("\t")[:4]) == BEGINNING

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """Columns are taken by name; a name too many is left out."""
        checked(where, header(where, "\t"), NEEDED)
        options = text_table(where, TYPES, "\t")
        options["columns"].pop(EXCESS, None)
        known, says = known_rule(mapping, '"Publication Date"', _("known on the day its story was published"))
        return Layout(
            reader="csv", options=options, select=SELECT, key=("event_id",), known=known, known_says=says,
            codes="plover", actors="icews",
        )  # fmt: skip
