"""Peace agreements: UCDP Peace Agreements and PA-X, as rows that open commitments.

An agreement has no doer and no target: all its parties stand in both columns, parted as the source
parts them, and what follows from that is for the reader of the store. A release is known as a whole;
`--known happened` takes each agreement as known on its own day instead.
"""

from collections.abc import Mapping

from goodoffices.domain.events import Layout
from goodoffices.sources.looking import checked, first_lines, header, known_rule, text_table
from goodoffices.sources.ucdp import known_release
from goodoffices.words import _

__all__ = ["Pax", "UcdpAgreements"]

UCDP_NEEDED = ("paid", "actor_name", "pa_name", "pa_date", "pa_type", "conflict_name")
UCDP_SELECT = {
    "event_id": "paid",
    "happened_on": "pa_date",
    "actor": "actor_name",
    "target": "actor_name",
    "code": "'agreement:' || coalesce(pa_type, '')",
    "text": "pa_name",
    "place": "conflict_name",
}
PAX_NEEDED = ("Con", "AgtId", "Agt", "Dat", "Agtp", "Stage")
BOTH = "concat_ws(', ', Loc1ISO, nullif(Loc2ISO, ''))"
PAX_SELECT = {
    "event_id": "AgtId",
    "happened_on": "Dat",
    "code": "'agreement:' || coalesce(Stage, '')",
    "text": "Agt",
    "place": "Con",
}


class UcdpAgreements:
    """UCDP Peace Agreement Dataset."""

    name = "ucdp-pa"
    title = "UCDP Peace Agreements"
    licence = "CC BY 4.0"
    url = "https://ucdp.uu.se/downloads/"

    def knows(self, where: str) -> bool:
        """Tell by its own name for the id of an agreement."""
        return next(iter(first_lines(where, 1)), "").startswith(("paid,", '"paid"'))

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """Known from the day by which the release in the file's name was out."""
        checked(where, header(where, ","), UCDP_NEEDED)
        known, says = known_release(where, mapping)
        return Layout(
            reader="csv", options=text_table(where, {"pa_date": "DATE"}), select=UCDP_SELECT,
            key=("event_id",), known=known, known_says=says, codes="agreement", actors="name",
        )  # fmt: skip


class Pax:
    """PA-X Peace Agreements Database, University of Edinburgh."""

    name = "pax"
    title = "PA-X Peace Agreements"
    licence = "PA-X terms of use"
    url = "https://www.peaceagreements.org/"

    def knows(self, where: str) -> bool:
        """Tell by the names of its columns."""
        cells = next(iter(first_lines(where, 1)), "").split(",")
        return {"AgtId", "Agt", "Dat", "Agtp"} <= {cell.strip('"') for cell in cells}

    def layout(self, where: str, mapping: Mapping[str, str] | None = None) -> Layout:
        """PA-X states no day of release in its files: the user gives one, or says "happened".

        Raises
        ------
        UsageError
            If the user says neither.
        """
        there = header(where, ",")
        checked(where, there, PAX_NEEDED)
        known, says = (
            known_rule(mapping, "", "") if "known" in (mapping or {}) else known_release(where, mapping)
        )
        located = {"Loc1ISO", "Loc2ISO"} <= set(there)
        parties = BOTH if located else "Con"
        return Layout(
            reader="csv", options=text_table(where, {"Dat": "DATE"}),
            select={**PAX_SELECT, "actor": parties, "target": parties}, key=("event_id",), known=known,
            known_says=says or _("known on the day it happened"), codes="agreement",
            actors="iso" if located else "name",
        )  # fmt: skip
