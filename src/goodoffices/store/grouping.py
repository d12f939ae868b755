"""Group the reports of one source into events and days, pair by pair, for the ledger index.

The rules are those of `analysis/reports.py`; here they are put as a question to DuckDB, which counts
in whole parts.  Actors and codes are resolved once for each distinct text, not for each row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.domain.codes import ActorRule, Code
from goodoffices.errors import NotFoundError
from goodoffices.store.actors import Asked, resolved
from goodoffices.store.remembered import Remembered, stamp
from goodoffices.store.safe import literal
from goodoffices.store.store import Store
from goodoffices.store.tables import SYSTEMS, codes
from goodoffices.words import _

__all__ = ["LEFT_OUT", "THOUSANDTHS", "Counted", "Grouping", "kind_of", "sources"]

EPOCH = date(1970, 1, 1).toordinal()
LEFT_OUT = ("no kind of conduct", "one side missing", "within one party")
KINDS = 1 << 8  # more than there are kinds of conduct
_MONTH = "(12 * year(DATE '1970-01-01' + {day}) + month(DATE '1970-01-01' + {day}))::INTEGER"
THOUSANDTHS = 1000  # in which the share of a code's reports that stand is counted
_NAMES = ("text", "system", "country_given", "sectors_given")
_COLUMNS = ("{side}", "actor_system", "coalesce({side}_country, '')", "coalesce({side}_sector, '')")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What became of the reports of a source on their way into pairs: how many, and why not all."""

    reports: int
    counted: int
    left_out: Mapping[str, int]


def sources(store: Store) -> list[str]:
    """Give the names of the sources of which a store holds reports."""
    return [str(row[0]) for row in store.query("SELECT DISTINCT source FROM files ORDER BY 1").fetchall()]


class Grouping:
    """The reports of one source, as they were known at the end of a day.

    Parameters
    ----------
    told
        Number of each kind of conduct that a report can speak of.
    stands
        Share of the reports that stand, by code; all others stand whole.
    parts
        What n reports of one event are worth, in whole parts.
    whole
        Keep actors within a country apart; else an actor is its country where it has one.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        *,
        as_of: date | None,
        told: Mapping[str, int],
        stands: Mapping[str, float],
        parts: Sequence[int],
        rules: Sequence[ActorRule] = (),
        whole: bool = False,
    ) -> None:
        self.store, self.source, self.as_of = store, source, as_of
        self._parts, self._whole = list(parts), whole
        self.kept = Remembered(store.path)
        self._manifest = self._ask(
            "SELECT id, sha256, codes, actors FROM files WHERE source = ? ORDER BY id", source
        )
        self._lay_codes(told, stands)
        self._lay_actors(rules)

    # What the tables of this question hold -------------------------------------------------------

    def _ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.store.query(question, list(values)).fetchall()

    def _lay(self, name: str, columns: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
        cells = ", ".join(f"unnest(?::{kind}[]) AS {column}" for column, (kind, _values) in columns.items())
        self.store.query(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {cells}",
            [list(values) for _kind, values in columns.values()],
        )

    @property
    def _mine(self) -> str:
        return f"source = {literal(self.source)}"

    @property
    def _known(self) -> str:
        """Which rows count: those known by the day, each in its version of then."""
        if self.as_of is None:
            return f"{self._mine} AND superseded_on IS NULL"
        day = f"DATE '{self.as_of}'"
        return f"{self._mine} AND known_on <= {day} AND (superseded_on IS NULL OR superseded_on > {day})"

    def _from(self, columns: str, where: str = "") -> str:
        return f"SELECT {columns} FROM reports WHERE {self._known}{f' AND ({where})' if where else ''}"

    def _lay_codes(self, told: Mapping[str, int], stands: Mapping[str, float]) -> None:
        """Lay out which code is which kind; a code without one is left out and counted."""
        question = f"SELECT DISTINCT system, code FROM reports WHERE {self._mine} ORDER BY ALL"
        found = self.kept.once(f"codes of {self.source}", stamp(self._manifest), lambda: self._ask(question))
        own = self.store.own_codes()
        rows = [
            (system, code, told[kind], round(THOUSANDTHS * stands.get(code, 1.0)))
            for system, code in found
            if (kind := kind_of(system, code, own)) in told
        ]
        columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * 4
        typed = {"system": "VARCHAR", "code": "VARCHAR", "kind": "SMALLINT", "stands": "INTEGER"}
        self._lay(
            "told",
            {name: (kind, column) for (name, kind), column in zip(typed.items(), columns, strict=True)},
        )

    def _lay_actors(self, rules: Sequence[ActorRule]) -> None:
        """Lay out whom each text means, and number the parties."""
        table = self.kept.once(
            f"actors of {self.source}",
            stamp(self._manifest, rules),
            lambda: _dated(resolved(self._asked(), rules)),
        )
        named = [
            str(whole if self._whole or not country else country)
            for whole, country in zip(table["id"], table["country"], strict=True)
        ]
        self.parties = sorted(set(named))
        number = {name: k for k, name in enumerate(self.parties)}
        columns = {name: ("VARCHAR", table[name]) for name in _NAMES}
        columns |= {name: ("DATE", table[name]) for name in ("start", "end")}
        columns["party"] = ("INTEGER", [number[name] for name in named])
        self._lay("who_all", {name.replace("end", "until"): column for name, column in columns.items()})
        varied = [
            name for name in _NAMES[1:] if self._ask(f"SELECT count(DISTINCT {name}) > 1 FROM who_all")[0][0]
        ]
        self._keys = ("text", *varied)
        self._timed = bool(
            self._ask("SELECT 1 FROM who_all WHERE start IS NOT NULL OR until IS NOT NULL LIMIT 1")
        )

    def _asked(self) -> list[Asked]:
        sides = " UNION ".join(
            f"SELECT {', '.join(cell.format(side=side) for cell in _COLUMNS)} FROM ({self._named(side)})"
            for side in ("actor", "target")
        )
        return [
            Asked(text=text, system=system, country=country, sectors=sectors)
            for text, system, country, sectors in self._ask(f"{sides} ORDER BY ALL")
        ]

    def _named(self, side: str) -> str:
        cells = f"DISTINCT {side}, actor_system, {side}_country, {side}_sector"
        return f"SELECT {cells} FROM reports WHERE {self._mine} AND {side} <> ''"

    @property
    def known_rule(self) -> str:
        """Say since when the rows of the source count as known, in the words of its files."""
        question = "SELECT DISTINCT known_rule FROM files WHERE source = ? ORDER BY 1"
        return "; ".join(row[0] for row in self._ask(question, self.source))

    # Questions ------------------------------------------------------------------------------------

    def number(self, party: str) -> int:
        """Give the number of a party.

        Raises
        ------
        NotFoundError
            If no report of the source names it.
        """
        if party not in self.parties:
            near = ", ".join(name for name in self.parties if name.startswith(party[:2]))[:200] or "–"
            said = _("no reports of {source} name {party}; names that begin alike: {near}")
            raise NotFoundError(said.format(source=self.source, party=party, near=near))
        return self.parties.index(party)

    def _join(self, side: str, name: str) -> str:
        cells = dict(zip(_NAMES, (cell.format(side=f"r.{side}") for cell in _COLUMNS), strict=True))
        cells["system"] = "r.actor_system"
        on = " AND ".join(f"{name}.{key} = {cells[key]}" for key in self._keys)
        if self._timed:
            on += f" AND ({name}.start IS NULL OR {name}.start <= r.happened_on)"
            on += f" AND ({name}.until IS NULL OR r.happened_on <= {name}.until)"
        return f"JOIN who_all {name} ON {on}"

    def _rows(self, where: str) -> str:
        """Reports as pairs and kinds: the truster is whom it was done to."""
        code = "t.system = r.system AND t.code = r.code"
        wanted = (
            "actor, target, actor_system, actor_country, target_country, actor_sector, target_sector, "
            "system, code, place, happened_on, known_on"
        )
        return (
            f"SELECT (b.party::BIGINT * {len(self.parties)} + a.party) * {KINDS} + t.kind AS act, t.stands, "
            "r.place, "
            "(r.known_on - DATE '1970-01-01')::INTEGER AS day, (r.known_on - r.happened_on)::INTEGER AS late "
            f"FROM ({self._from(wanted, where)}) r JOIN told t ON {code} "
            f"{self._join('actor', 'a')} {self._join('target', 'b')} WHERE a.party <> b.party"
        )

    def days(self, where: str = "") -> dict[str, NDArray[Any]]:
        """Give reports put together by pair, kind and day, in order of days and of kinds within a pair.

        What a day adds is told beside what its month held before it (`before`, `mass`, in parts).
        """
        return self.arranged(self._fetched(where))

    def _fetched(self, where: str) -> dict[str, NDArray[Any]]:
        """Ask for the days, in order of acts."""
        parts = "[" + ", ".join(map(str, self._parts)) + "]"
        question = (
            f"WITH rows_ AS ({self._rows(where)}), "
            "events AS (SELECT act, day, late, place, count(*) AS n, max(stands) AS stands FROM rows_ "
            "GROUP BY ALL), "
            f"worth AS (SELECT *, ({parts}::BIGINT[])[least(n, {len(self._parts) - 1}) + 1] AS worth "
            "FROM events), "
            f"days AS (SELECT act, day, {_MONTH.format(day='(day - late)')} AS month, "
            "sum(worth)::BIGINT AS mass, sum(worth * stands)::BIGINT AS standing, "
            "count(*)::INTEGER AS events, sum(worth * late)::BIGINT AS late, "
            "sum(n)::INTEGER AS reports FROM worth GROUP BY ALL) "
            "SELECT * FROM days ORDER BY act, month, day"
        )
        found = self.store.query(question).fetchnumpy()
        return {name: np.asarray(column) for name, column in found.items()}

    def arranged(self, columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Put days that were asked for in order of time, and name pairs and kinds."""
        columns["before"] = _before(columns["act"], columns.pop("month"), columns["day"], columns["mass"])
        order = np.argsort(_narrow(columns["day"]), kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
        act, size = columns.pop("act"), len(self.parties)
        columns["kind"], pair = act % KINDS, act // KINDS
        columns["truster"], columns["trustee"] = pair // size, pair % size
        columns["day"] = (columns["day"] + EPOCH).astype(np.int32)
        return columns

    def pair(self, truster: str, trustee: str) -> dict[str, NDArray[Any]]:
        """Give the days of one pair; only rows that may be of it are read."""
        here, there = self._texts(trustee), self._texts(truster)
        return self.days(f"actor IN ({here}) AND target IN ({there})")

    def _texts(self, party: str) -> str:
        found = self._ask("SELECT DISTINCT text FROM who_all WHERE party = ?", self.number(party))
        return ", ".join(literal(row[0]) for row in found)

    def between(self, first: date, after: date) -> dict[str, NDArray[Any]]:
        """Give the days of all pairs of what became known in a span, to be arranged."""
        return self._fetched(f"known_on >= DATE '{first}' AND known_on < DATE '{after}'")

    def portions(self, most: int) -> list[tuple[date, date]]:
        """Give spans of whole months that hold about so many reports each, from first to after."""
        month = "date_trunc('month', known_on)::DATE"
        counted = self._ask(
            f"SELECT month, (month + INTERVAL 1 MONTH)::DATE, n FROM (SELECT month, count(*) AS n FROM "
            f"({self._from(f'{month} AS month')}) GROUP BY month) ORDER BY month"
        )
        found: list[tuple[date, date]] = []
        held = 0
        for first, after, n in counted:
            if found and held + n <= most:
                found[-1], held = (found[-1][0], after), held + n
            else:
                found.append((first, after))
                held = n
        return found

    def span(self) -> tuple[date, date] | None:
        """Give the first and the last day on which something became known; None if nothing did."""
        found = self.kept.once(f"span of {self.source}", stamp(self._manifest), self._span)
        if self.as_of and found and found[1] > self.as_of.isoformat():
            found = self._span(self._known)
        return (date.fromisoformat(found[0]), date.fromisoformat(found[1])) if found else None

    def _span(self, known: str = "") -> list[str]:
        where = known or f"{self._mine} AND superseded_on IS NULL"
        first, last = self._ask(f"SELECT min(known_on), max(known_on) FROM reports WHERE {where}")[0]
        return [first.isoformat(), last.isoformat()] if first else []

    def counted(self, reports: int) -> Counted:
        """Tell how many reports there are, and why some of them are none of the `reports` in pairs."""
        whole = self._ask(self._from("count(*)"))[0][0]
        one_side = "coalesce(actor, '') = '' OR coalesce(target, '') = ''"
        sides = self._ask(self._from("count(*)", one_side))
        kinds = self._ask(
            f"SELECT count(*) FROM ({self._from('system, code', f'NOT ({one_side})')}) r "
            "ANTI JOIN told t ON t.system = r.system AND t.code = r.code"
        )
        missing, dumb = int(sides[0][0]), int(kinds[0][0])
        reasons = (dumb, missing, whole - missing - dumb - reports)
        return Counted(reports=whole, counted=reports, left_out=dict(zip(LEFT_OUT, reasons, strict=True)))


def _narrow(day: NDArray[np.int32]) -> NDArray[Any]:
    """Count days from the first, in two bytes where they fit: such numbers are sorted in one go."""
    since = day - day.min(initial=day[0] if len(day) else 0)
    return np.asarray(since.astype(np.uint16) if since.max(initial=0) < 1 << 16 else since)


def _before(
    act: NDArray[np.int64], month: NDArray[np.int32], day: NDArray[np.int32], mass: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Sum what came before each row within its act, the month it happened in and that it was known in."""
    if not len(act):
        return np.zeros(0, np.int64)
    known = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)
    new = np.concatenate([[True], (np.diff(act) != 0) | (np.diff(month) != 0) | (np.diff(known) != 0)])
    so_far = np.cumsum(mass) - mass
    return np.asarray(so_far - np.repeat(so_far[new], np.diff(np.append(np.flatnonzero(new), len(act)))))


def _dated(table: Mapping[str, Sequence[object]]) -> dict[str, list[object]]:
    """Write days as texts, so that a file can keep them."""
    return {
        name: [one.isoformat() if isinstance(one, date) else one for one in column]
        for name, column in table.items()
    }


# Codes of sources that code acts in words of their own, by the beginning of the code.
_OWN_WORDS = {
    "ucdp": {"1": "armed_attack", "2": "armed_attack", "3": "attack_on_civilians"},
    "acled": {
        "Battles": "armed_attack",
        "Explosions": "armed_attack",
        "Violence against civilians": "attack_on_civilians",
        "Protests": "protest",
        "Riots": "violent_protest",
    },
}


def kind_of(system: str, code: str, own: Mapping[str, Mapping[str, Code]] = MappingProxyType({})) -> str:
    """Give the kind of conduct that a code stands for; empty where it stands for none.

    `own` are lists of codes that a user brought, by system.
    """
    if system in own:
        return own[system][code].kind if code in own[system] else ""
    if system in _OWN_WORDS:
        return next((kind for word, kind in _OWN_WORDS[system].items() if code.startswith(word)), "")
    if system not in SYSTEMS:
        return ""
    table = codes(system)
    key = code.casefold() if system == "icews" else code
    found = table.get(key) or table.get(key.partition("/")[0])
    return found.kind if found else ""
