"""ACLED: the CSV export, one row an event, with the second at which it was last changed.

Actors 1 and 2 are not always who did and who suffered; ACLED says so, and rows are kept as given.
A changed row comes with the same id and a later stamp: a new version, known from that day.
"""

from collections.abc import Mapping

from goodoffices.domain.events import Layout
from goodoffices.sources.looking import checked, first_lines, header, known_rule, text_table
from goodoffices.words import _

__all__ = ["Acled"]

NEEDED = ("event_id_cnty", "event_date", "event_type", "sub_event_type", "actor1", "actor2", "country")
DAY = (
    "coalesce(try_strptime(event_date, '%Y-%m-%d'), try_strptime(event_date, '%d %B %Y'), "
    "try_strptime(event_date, '%d/%m/%Y'))::DATE"
)
SELECT = {
    "event_id": "event_id_cnty",
    "happened_on": DAY,
    "actor": "actor1",
    "actor_country": "country",
    "target": "actor2",
    "target_country": "country",
    "code": "event_type || ':' || coalesce(sub_event_type, '')",
    "text": "sub_event_type",
}
OPTIONAL = {"actor_sector": "inter1", "target_sector": "inter2", "place": "location", "publisher": "source"}


class Acled:
    """Armed Conflict Location and Event Data."""

    name = "acled"
    title = "ACLED export"
    licence = "ACLED's terms of use; an account is needed"
    url = "https://acleddata.com/"

    def knows(self, where: str) -> bool:
        """Tell by its own name for the id of an event."""
        return "event_id_cnty" in next(iter(first_lines(where, 1)), "")

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """Exports with and without a stamp, and days written in three ways, are read alike."""
        delimiter = ";" if ";" in next(iter(first_lines(where, 1)), "") else ","
        there = header(where, delimiter)
        checked(where, there, NEEDED)
        own = 'to_timestamp("timestamp")::TIMESTAMP::DATE' if "timestamp" in there else ""
        stamped = _("known on the day of its stamp, when ACLED last changed it")
        unstamped = _("no stamp: taken as known on the day it happened")
        known, says = known_rule(mapping, own, stamped if own else unstamped)
        more = {name: of for name, of in OPTIONAL.items() if of in there}
        return Layout(
            reader="csv", options=text_table(where, {"timestamp": "BIGINT"}, delimiter),
            select={**SELECT, **more}, key=("event_id",), known=known, known_says=says,
            codes="acled", actors="name",
        )  # fmt: skip
