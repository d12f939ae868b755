"""Read the signed acts of one source: codes with a published value, between two named parties.

A party is an actor as its source names it. Its country is the one that the tables know; its role is
what stands before a country in brackets, or the rest of a code, or its sector, or else its own name.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.domain.codes import Actor, Code, plain
from goodoffices.errors import NotFoundError
from goodoffices.store.actors import SYSTEMS as NAMED
from goodoffices.store.actors import resolve
from goodoffices.store.safe import literal
from goodoffices.store.store import Store
from goodoffices.store.tables import SYSTEMS, codes
from goodoffices.words import _

__all__ = ["STATE", "Named", "placed", "read_acts", "unvalued"]

EPOCH = date(1970, 1, 1).toordinal()
MOST = 5  # codes without a value that are named
STATE = "state"  # the role of a country that stands by itself
Named = dict[str, tuple[str, str]]  # name of a party -> its role and its country
_BRACKETS = re.compile(r"(.+) \((.+)\)")
_TEXTS = """
SELECT text, mode(system), coalesce(mode(country), ''), coalesce(mode(sector), ''), max(day) FROM (
    SELECT actor AS text, actor_system AS system, actor_country AS country, actor_sector AS sector,
        happened_on AS day FROM reports WHERE {known}
    UNION ALL
    SELECT target, actor_system, target_country, target_sector, happened_on FROM reports WHERE {known}
) WHERE text <> '' GROUP BY text ORDER BY text"""
_ACTS = """
SELECT (r.happened_on - DATE '1970-01-01')::INTEGER AS day, min(r.known_on - DATE '1970-01-01')::INTEGER
    AS known, a.n AS actor, b.n AS target, r.code AS code,
    any_value(coalesce(r.goldstein, v.value))::FLOAT AS value,
    any_value(coalesce(v.quad, 0))::TINYINT AS quad,
    min(r.file_id::BIGINT * 1099511627776 + r.line) AS place
FROM reports r JOIN named a ON a.text = r.actor JOIN named b ON b.text = r.target
LEFT JOIN valued v ON v.system = r.system AND v.code = r.code
WHERE {known} AND a.n <> b.n AND coalesce(r.goldstein, v.value) <> 0
GROUP BY r.happened_on, a.n, b.n, r.code ORDER BY day, place"""

_UNVALUED = """
SELECT r.code, count(*) AS n FROM reports r LEFT JOIN valued v ON v.system = r.system AND v.code = r.code
WHERE {known} AND coalesce(r.goldstein, v.value) IS NULL GROUP BY r.code ORDER BY n DESC, r.code"""


def read_acts(
    store: Store, source: str, *, as_of: date | None = None, by_country: bool = False
) -> tuple[Named, dict[str, NDArray[Any]]]:
    """Give the parties of a source, and its reports as they were known at the end of a day.

    Reports of value zero, on oneself, or that repeat day, actor, target and code are left out.  The
    order within a day is that in which they came, so that no result hangs on the names of parties.

    Parameters
    ----------
    as_of
        None: all there is.
    by_country
        Put actors of one country together under the id of the country.

    Returns
    -------
    parties, in alphabetical order
    columns `day`, `known` (ordinals), `actor`, `target` (places among the parties), `code`, `value`,
        `quad`, in order of days

    Raises
    ------
    NotFoundError
        If no report of the source that names anybody was known by then.
    """
    known = _known(source, as_of)
    who = {text: _who(text, *given) for text, *given in store.query(_TEXTS.format(known=known)).fetchall()}
    if not who:
        said = _("{store}: no report of {source} that names its actors was known by {day}")
        raise NotFoundError(said.format(store=store.path, source=source, day=as_of or _("today")))
    parties, number = _numbered(who, by_country=by_country)
    _lay(store, "named", {"text": ("VARCHAR", list(number)), "n": ("INTEGER", list(number.values()))})
    _lay_codes(store, known)
    found = store.query(_ACTS.format(known=known)).fetchnumpy()
    columns = {name: np.asarray(column) for name, column in found.items() if name != "place"}
    return parties, columns | {name: (columns[name] + EPOCH).astype(np.int32) for name in ("day", "known")}


def _known(source: str, as_of: date | None) -> str:
    mine = f"source = {literal(source)}"
    if as_of is None:
        return f"{mine} AND superseded_on IS NULL"
    day = f"DATE '{as_of}'"
    return f"{mine} AND known_on <= {day} AND (superseded_on IS NULL OR superseded_on > {day})"


def placed(text: str, system: str, day: date) -> tuple[str, str]:
    """Give role and country of an actor that nobody reported of, by its text alone."""
    role, actor = _who(text, system, "", "", day)
    return role, actor.country or text


def _who(text: str, system: str, country: str, sectors: str, day: date) -> tuple[str, Actor]:
    """Give the role of a text, and the actor that it means on the last day on which it was named."""
    named = system if system in NAMED else "name"
    actor = resolve(text, named, day, country=country, sectors=sectors)
    inside = _BRACKETS.fullmatch(text)
    if inside and actor.country:
        return inside[1], actor
    if actor.country and not actor.roles:
        return STATE, actor
    return actor.sector or "/".join(actor.roles) or text, actor


def _numbered(who: Mapping[str, tuple[str, Actor]], *, by_country: bool) -> tuple[Named, dict[str, int]]:
    """Give the parties in order, and of each text the place of its party."""
    name = {text: _party(text, actor, by_country=by_country) for text, (_role, actor) in who.items()}
    parties: Named = {}
    for text, (role, actor) in who.items():
        whole = by_country and bool(actor.country)
        parties[name[text]] = (STATE if whole else role, actor.country or name[text])
    ordered = sorted(parties)
    place = {party: k for k, party in enumerate(ordered)}
    return {party: parties[party] for party in ordered}, {text: place[party] for text, party in name.items()}


def _party(text: str, actor: Actor, *, by_country: bool) -> str:
    return actor.country if by_country and actor.country else text


def _lay(store: Store, name: str, columns: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    cells = ", ".join(f"unnest(?::{kind}[]) AS {column}" for column, (kind, _values) in columns.items())
    store.query(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {cells}",
        [list(values) for _kind, values in columns.values()],
    )


def _lay_codes(store: Store, known: str) -> None:
    """Lay out the published value and the quad class of each code that is there."""
    question = f"SELECT DISTINCT system, code FROM reports WHERE {known} ORDER BY ALL"
    rows = [(system, code, *_told(system, code)) for system, code in store.query(question).fetchall()]
    kinds = ("system", "VARCHAR"), ("code", "VARCHAR"), ("value", "DOUBLE"), ("quad", "TINYINT")
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(kinds)
    _lay(store, "valued", {n: (kind, column) for (n, kind), column in zip(kinds, columns, strict=True)})


@cache
def _labels() -> Mapping[str, Code]:
    return {plain(one.label): one for one in codes("cameo").values()}


def unvalued(store: Store, source: str, as_of: date | None) -> tuple[int, tuple[str, ...]]:
    """Count the reports whose code has no published value, and name the most frequent of these codes.

    To be asked after `read_acts`, which lays out the values.
    """
    found = store.query(_UNVALUED.format(known=_known(source, as_of))).fetchall()
    return sum(n for _code, n in found), tuple(code for code, _n in found[:MOST])


def _told(system: str, code: str) -> tuple[float | None, int | None]:
    """Give the published value of a code and its quad class, as far as the tables know them."""
    if system not in SYSTEMS or not code:
        return None, None
    table = codes(system)
    found = table.get(code.casefold() if system == "icews" else code) or table.get(code.partition("/")[0])
    if found is None and system == "icews":  # tables in the manner of ICEWS: relations as codes, or labels
        found = codes("cameo").get(code) or _labels().get(plain(code))
    if found is None:
        return None, None
    quad = found.quad or (None if found.goldstein is None else 1 if found.goldstein > 0 else 3)
    return found.goldstein, quad
