"""Plain CSV or Parquet: the least that a table of reports must have.

Columns: `happened_on` (a day), `actor`, `target` and `code`; further `event_id`, `known_on`, `text`,
`goldstein`, `place`, `publisher`, `mentions` and the countries and sectors of both sides. A mapping
file gives other names of columns, the system of codes, and how days are written.
"""

from collections.abc import Mapping

from goodoffices.domain.events import COLUMNS, Layout
from goodoffices.sources.looking import known_rule
from goodoffices.sources.tables import NEEDED, Declared, declared_layout, table_columns
from goodoffices.words import _

__all__ = ["Plain"]


class Plain:
    """A table of one's own."""

    name = "plain"
    title = "plain CSV or Parquet"
    licence = "the user's own"
    url = ""

    def knows(self, where: str) -> bool:
        """Tell by the four columns that a plain table must have."""
        return set(NEEDED) <= set(table_columns(where))

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """Columns that are there under their own names are taken; the mapping adds and overrides."""
        there = set(table_columns(where))
        own = {name: name for name in COLUMNS if name in there or name in NEEDED}
        stamped = "known_on" in own or "known_on" in (mapping or {})
        says = _("known on the day in its column known_on") if stamped else ""
        unstamped = _("no stamp: taken as known on the day it happened")
        known, says = known_rule(mapping, "known_on" if stamped else "", says or unstamped)
        declared = Declared(columns=own, codes="cameo", actors="cameo", known=known, known_says=says)
        return declared_layout(where, declared, mapping)
