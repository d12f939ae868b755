"""Resolve codes and names of actors to stable ids with validity in time.

Resolution is a matter of the distinct texts of a store, some thousands, not of its rows: `resolved`
gives one line a text and span of time, and the store joins it to the rows by text and date.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

from goodoffices.domain.codes import Actor, ActorRule, Country, Role, Tenure, plain
from goodoffices.errors import UsageError
from goodoffices.store import tables
from goodoffices.words import _

__all__ = ["COLUMNS", "SYSTEMS", "Asked", "Span", "resolve", "resolved", "spans", "unresolved"]

SYSTEMS = ("cameo", "keds", "icews", "iso", "fips", "cow", "gw", "name")
COLUMNS = (
    *("text", "system", "country_given", "sectors_given", "start", "end"),
    *("id", "country", "sector", "roles", "known"),
)
_CONCATENATED = ("cameo", "keds")
_OF = {"Government": "GOV", "Military Forces": "MIL", "Police Forces": "COP"}  # of UCDP and ACLED
_OFFICES = ("state", "armed", "politics", "society", "international")
_OWN_PARTY = ("international", "people", "region", "area", "group")  # what can stand without a country

Tenures = Mapping[str, tuple[Tenure, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One distinct text of a store: as the source gave it, with its fields for country and sectors."""

    text: str
    system: str
    country: str = ""
    sectors: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Who is meant by a text from `start` to the end of `end` (None: open)."""

    start: date | None
    end: date | None
    actor: Actor


def _in_order(bearers: Iterable[Tenure]) -> tuple[Tenure, ...]:
    return tuple(sorted(bearers, key=lambda bearer: (bearer.end or date.max, bearer.start or date.min)))


def _grouped(pairs: Iterable[tuple[str, Tenure]]) -> Tenures:
    found: dict[str, list[Tenure]] = {}
    for key, tenure in pairs:
        found.setdefault(key, []).append(tenure)
    return {key: _in_order(bearers) for key, bearers in found.items()}


def _keds() -> Iterable[tuple[str, Tenure]]:
    known = tables.countries()
    return ((code, known[i].tenure) for code, ids in tables.keds_letters().items() for i in ids)


def _codes_of(country: Country, system: str) -> tuple[str, ...]:
    by = {"cameo": country.cameo, "fips": country.fips, "iso": (country.id, country.iso2)}
    return by[system]


@cache
def _bearers(system: str) -> Tenures:
    """Give who bore each code of a list, in order of time."""
    every = tables.countries().values()
    if system in ("cow", "gw"):
        return _grouped((n, one) for n, some in tables.state_numbers(system).items() for one in some)
    if (
        system == "keds"
    ):  # later files of KEDS carry letters of CAMEO; where both lists have a code, the own one holds
        own, later = tables.keds_letters(), _bearers("cameo")
        return {**{code: some for code, some in later.items() if code not in own}, **_grouped(_keds())}
    if system in ("name", "icews"):
        return _grouped((plain(name), c.tenure) for c in every for name in dict.fromkeys((c.name, *c.names)))
    if system not in SYSTEMS:
        raise UsageError(
            _("no list of actors is called {found}; there are {names}").format(
                found=system, names=", ".join(SYSTEMS)
            )
        )
    return _grouped((code, c.tenure) for c in every for code in _codes_of(c, system) if code)


def _bearer(bearers: Sequence[Tenure], day: date) -> str:
    """Give who bore a code on a day; outside every tenure, the one before, or else the first."""
    for one in bearers:
        if one.covers(day):
            return one.id
    past = [one for one in bearers if one.end and one.end < day]
    return (past[-1] if past else bearers[0]).id if bearers else ""


def _sector(codes: Iterable[str]) -> str:
    table = tables.roles()
    return next((code for code in codes if code in table and table[code].sort in _OFFICES), "")


def _actor(country: str, parts: Sequence[str], *, known: bool = True) -> Actor:
    whole = "/".join([country, *parts] if country else parts)
    return Actor(id=whole, country=country, sector=_sector(parts), roles=tuple(parts), known=known)


def _pieces(text: str) -> list[str]:
    """Cut a concatenated code into its three letters each; an odd rest stays in one piece."""
    head, rest = text[:3], text[3:]
    if len(rest) % 3:
        return [head, rest]
    return [head, *(rest[i : i + 3] for i in range(0, len(rest), 3))]


def _concatenated(asked: Asked, day: date) -> Actor:
    """Resolve a code such as EGYGOV or LBNREBHEZ: the country, then what it is in the country."""
    lists, roles, text = _bearers(asked.system), tables.roles(), asked.text.strip()
    if asked.system == "keds" and text in tables.keds_letters() and text not in lists:
        return Actor(id=text)
    pieces = [text] if text in lists else _pieces(text)
    head = pieces[0]
    if head in lists:
        kept = pieces if head in roles else pieces[1:]
        return _actor(_bearer(lists[head], day), kept)
    given = _bearer(lists.get(asked.country, ()), day)
    if given:
        return _actor(given, pieces)
    sort = roles[head].sort if head in roles else ""
    return _actor("", pieces, known=sort in _OWN_PARTY)


def _rank(text: str) -> str:
    """Give the role that weighs most among the sectors of a row of ICEWS."""
    table = tables.sectors("sector")
    # Names of sectors hold commas nowhere, so the field can be cut at them.
    found = [table[word.strip()] for word in text.split(",") if word.strip() in table]
    return min(found, key=lambda sector: sector.rank).role if found else ""


@lru_cache(maxsize=1)
def _organisations() -> Mapping[str, Role]:
    every = (role for role in tables.roles().values() if role.sort in ("region", "group"))
    return {plain(re.sub(r" \([^)]*\)$", "", n)): r for r in every for n in (r.label, *r.names)}


def _at_home(asked: Asked, day: date) -> tuple[str, str]:
    """Split "Police (India)" into what it is and its country; else the country that the row gives."""
    lists = _bearers("name")
    found = re.fullmatch(r"(.+) \((.+)\)", asked.text)
    if found and plain(found[2]) in lists:
        return found[1], _bearer(lists[plain(found[2])], day)
    return asked.text, _bearer(lists.get(plain(asked.country), ()), day)


def _arm(text: str) -> tuple[str, list[str]]:
    """Split "Government of Serbia (Yugoslavia)" into the role and the names of the country, as compared."""
    found = re.fullmatch(rf"({'|'.join(_OF)}) of ([^()]+?)(?: \(([^()]+)\))?", text.strip())
    return (_OF[found[1]], [plain(name) for name in found.groups()[1:] if name]) if found else ("", [])


def _arm_of_a_state(asked: Asked, day: date) -> Actor | None:
    role, names = _arm(asked.text)
    lists = _bearers("name")
    bearer = _bearer(_in_order(one for name in names for one in lists.get(name, ())), day)
    return _actor(bearer, (role,)) if bearer else None


def _named(asked: Asked, day: date) -> Actor:
    """Resolve a name: a country, something in a country, a person of a country, an organisation."""
    lists = _bearers("name")
    if arm := _arm_of_a_state(asked, day):
        return arm
    if plain(asked.text) in lists:
        return _actor(_bearer(lists[plain(asked.text)], day), ())
    what, country = _at_home(asked, day)
    sector = _rank(asked.sectors)
    if not country:
        group = _organisations().get(plain(asked.text))
        if group:
            return _actor("", (group.code,))
        return Actor(id=asked.text, sector=sector, roles=(what,), known=sector == "IGO")
    generic = tables.sectors("name").get(what) if what != asked.text else None
    if generic:
        return _actor(country, (generic.role,))
    return Actor(id=f"{country}/{what}", country=country, sector=sector, roles=(what,))


def _listed(asked: Asked, day: date) -> Actor:
    bearers = _bearers(asked.system).get(asked.text.strip(), ())
    if not bearers:
        return Actor(id=asked.text, known=False)
    return _actor(_bearer(bearers, day), ())


def _ruled(rule: ActorRule) -> Actor:
    head, *parts = rule.id.split("/")
    if head in tables.countries():
        return _actor(head, parts)
    return _actor("", [head, *parts])


def _on(asked: Asked, day: date, rules: Sequence[ActorRule]) -> Actor:
    for rule in rules:
        if rule.covers(day):
            return _ruled(rule)
    if asked.system in _CONCATENATED:
        return _concatenated(asked, day)
    return _named(asked, day) if asked.system in ("icews", "name") else _listed(asked, day)


def resolve(
    text: str, system: str, on: date, *, country: str = "", sectors: str = "", rules: Sequence[ActorRule] = ()
) -> Actor:
    """Say who is meant by a code or name on a day; a rule of the user's actor map comes first."""
    asked = Asked(text=text, system=system, country=country, sectors=sectors)
    return _on(asked, on, [rule for rule in rules if rule.matches(text)])


def _keys(asked: Asked) -> list[str]:
    """Give the keys under which the country of a text can stand in its list."""
    text = asked.text.strip()
    if asked.system in _CONCATENATED:
        return [text, text[:3], asked.country]
    if asked.system in ("icews", "name"):
        inside = re.search(r"\(([^()]+)\)$", text)
        return [*(plain(word) for word in (text, inside[1] if inside else "", asked.country)), *_arm(text)[1]]
    return [text]


def _cuts(asked: Asked, rules: Sequence[ActorRule]) -> list[date]:
    """Give the days on which the meaning of a text can change."""
    lists = _bearers(asked.system)
    held: list[Tenure | ActorRule] = [one for key in _keys(asked) for one in lists.get(key, ())]
    days = set()
    for one in [*held, *rules]:
        if one.start:
            days.add(one.start)
        if one.end:
            days.add(one.end + timedelta(days=1))
    return sorted(days)


def spans(asked: Asked, rules: Sequence[ActorRule] = ()) -> tuple[Span, ...]:
    """Say who is meant by a text at any time: spans without gap or overlap, the first and last open."""
    mine = [rule for rule in rules if rule.matches(asked.text)]
    found: list[Span] = []
    for start in (None, *_cuts(asked, mine)):
        actor = _on(asked, start or date.min, mine)
        if found and found[-1].actor == actor:
            continue
        if found and start:
            found[-1] = Span(start=found[-1].start, end=start - timedelta(days=1), actor=found[-1].actor)
        found.append(Span(start=start, end=None, actor=actor))
    return tuple(found)


def resolved(asked: Iterable[Asked], rules: Sequence[ActorRule] = ()) -> dict[str, list[object]]:
    """Give a table (column, then values), one row a text and span, to be joined by text and date."""
    table: dict[str, list[object]] = {name: [] for name in COLUMNS}
    for one in asked:
        for span in spans(one, rules):
            who = span.actor
            given = (one.text, one.system, one.country, one.sectors, span.start, span.end)
            told = (who.id, who.country, who.sector, "/".join(who.roles), who.known)
            for name, value in zip(COLUMNS, (*given, *told), strict=True):
                table[name].append(value)
    return table


def unresolved(counts: Mapping[Asked, int], rules: Sequence[ActorRule] = ()) -> list[tuple[str, int]]:
    """List the texts that nothing knows, the most frequent first; their rows are kept all the same."""
    found: Counter[str] = Counter()
    for asked, rows in counts.items():
        if not all(span.actor.known for span in spans(asked, rules)):
            found[asked.text] += rows
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
