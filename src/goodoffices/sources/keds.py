"""KEDS, Phoenix and any other table of coded events: columns are declared, not guessed.

KEDS and Phoenix tables name their columns `date, source, target, code`; a table that names them in
another way, or carries WEIS codes, comes with a mapping. Such tables have no ids: a row is known by
all its columns. Actor codes run together (`EGYGOV`, `MOSREB`) and are kept as they stand.
"""

from collections.abc import Mapping

from goodoffices.domain.events import Layout
from goodoffices.sources.looking import known_rule, named
from goodoffices.sources.tables import Declared, declared_layout, table_columns
from goodoffices.words import _

__all__ = ["Keds"]

OWN = {"happened_on": "date", "actor": "source", "target": "target", "code": "code"}


class Keds:
    """Kansas Event Data System and its successors, and tables in their manner."""

    name = "keds"
    title = "KEDS, Phoenix and mapped CAMEO or WEIS tables"
    licence = "terms of the table's publisher"
    url = "https://parusanalytics.com/eventdata/data.html"

    def knows(self, where: str) -> bool:
        """Tell by the four columns of such tables."""
        return set(OWN.values()) <= set(table_columns(where)) and "relation" not in table_columns(where)

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """Take the codes from the mapping, or from a name that says `.weis.`; else CAMEO."""
        known, says = known_rule(mapping, "", _("no stamp: taken as known on the day it happened"))
        codes = "weis" if ".weis." in named(where) else "cameo"
        declared = Declared(columns=OWN, codes=codes, actors="keds", known=known, known_says=says)
        return declared_layout(where, declared, mapping)
