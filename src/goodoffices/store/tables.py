"""Read the lists of codes that come with the package, and lists that a user brings."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from goodoffices.domain.codes import ActorRule, Code, Country, Role, Sector, Tenure
from goodoffices.errors import CaseError, Fault, UsageError
from goodoffices.words import _, commanding, printable

__all__ = [
    "BUILT_IN",
    "SYSTEMS",
    "ImportedCodes",
    "codes",
    "countries",
    "import_codes",
    "keds_letters",
    "read_actor_map",
    "regions",
    "roles",
    "sectors",
    "state_numbers",
]

SYSTEMS = ("cameo", "weis", "plover", "icews")
BUILT_IN = (*SYSTEMS, "ucdp", "acled", "agreement")  # systems of codes that need no list of the user's
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")

Tenures = Mapping[str, tuple[Tenure, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCodes:
    """A list of codes that a user brought: its rows, the hash of the file, and whose it is."""

    system: str
    file: str
    codes: Mapping[str, Code]
    sha256: str
    sentence: str


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("goodoffices.data").joinpath("codes", name).read_text(encoding="utf-8")
    return iter(csv.DictReader(io.StringIO(text)))


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def _words(cell: str) -> tuple[str, ...]:
    return tuple(word for word in cell.split("|") if word)


def _code(system: str, code: str, row: dict[str, str]) -> Code:
    """Read a row of one of our lists; a list leaves out the columns that it has nothing for."""
    return Code(
        system=system,
        code=code,
        label=row["label"],
        kind=row["kind"],
        reason=row["reason"],
        goldstein=_number(row.get("goldstein", row.get("score", ""))),
        quad=int(row["quad"]) if row.get("quad") else None,
        plover=row.get("plover", row.get("type", "")),
        plover_mode=row.get("plover_mode", row.get("mode", "")),
        note=row["note"],
    )


def _key(row: dict[str, str]) -> str:
    if "code" in row:
        return row["code"]
    return f"{row['type']}/{row['mode']}" if row["mode"] else row["type"]


def _icews() -> Iterator[tuple[str, Code]]:
    """Relations of ICEWS by their text in small letters; the code is that of CAMEO."""
    cameo = codes("cameo")
    return ((row["relation"].casefold(), cameo[row["cameo"]]) for row in _rows("icews_relations.csv"))


@cache
def codes(system: str) -> Mapping[str, Code]:
    """Give a list of codes of acts; ICEWS by the text of the relation in small letters.

    PLOVER is keyed by "TYPE" or "TYPE/mode".
    """
    if system == "icews":
        return dict(_icews())
    if system not in SYSTEMS:
        raise UsageError(
            _("no list of codes is called {found}; there are {names}").format(
                found=system, names=", ".join(SYSTEMS)
            )
        )
    return {_key(row): _code(system, _key(row), row) for row in _rows(f"{system}.csv")}


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """Give states and territories, present and former, by id."""
    return {
        row["id"]: Country(
            **{name: row[name] for name in ("id", "name", "iso2", "continued_by")},
            cameo=tuple(row["cameo"].split()),
            fips=tuple(row["fips"].split()),
            names=_words(row["names"]),
            start=_day(row["from"]),
            end=_day(row["to"]),
        )
        for row in _rows("countries.csv")
    }


@lru_cache(maxsize=1)
def regions() -> Mapping[str, str]:
    """Give the region of each country by its id; former states stand where most of their land lies."""
    return {country: row["region"] for row in _rows("regions.csv") for country in row["ids"].split()}


@cache
def state_numbers(system: str) -> Tenures:
    """Give the numbers of "cow" (Correlates of War) or "gw" (Gleditsch and Ward) with their bearers."""
    found: dict[str, list[Tenure]] = {}
    for row in _rows("states.csv"):
        if row["system"] == system:
            tenure = Tenure(id=row["id"], start=_day(row["from"]), end=_day(row["to"]))
            found.setdefault(row["number"], []).append(tenure)
    return {number: tuple(bearers) for number, bearers in found.items()}


@lru_cache(maxsize=1)
def keds_letters() -> Mapping[str, tuple[str, ...]]:
    """Give the letters that KEDS used before CAMEO; no id: a group that is no country's."""
    found: dict[str, tuple[str, ...]] = {}
    for row in _rows("keds_countries.csv"):
        found[row["code"]] = (*found.get(row["code"], ()), *_words(row["id"]))
    return found


@lru_cache(maxsize=1)
def roles() -> Mapping[str, Role]:
    """Give the codes of offices, groups, peoples and regions."""
    return {
        row["code"]: Role(code=row["code"], label=row["label"], sort=row["sort"], names=_words(row["names"]))
        for row in _rows("roles.csv")
    }


@cache
def sectors(field: str) -> Mapping[str, Sector]:
    """Give what the words of ICEWS mean: of the field "sector", or of a generic "name"."""
    return {
        row["text"]: Sector(text=row["text"], role=row["role"], rank=int(row["rank"] or 0))
        for row in _rows("icews_sectors.csv")
        if row["field"] == field
    }


def _table(path: Path, needed: Collection[str]) -> list[tuple[int, dict[str, str]]]:
    """Read a user's CSV: rows with their line, after a look at the header."""
    try:
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        header = list(reader.fieldnames or ())
        return _checked(path, header, list(reader), needed)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        found = getattr(error, "strerror", None) or str(error)
        fix = _("give a table as CSV, written as UTF-8")
        raise CaseError([Fault(file=path.name, found=found, fix=fix)]) from None


def _checked(
    path: Path, header: list[str], rows: list[dict[str, str]], needed: Collection[str]
) -> list[tuple[int, dict[str, str]]]:
    missing = [name for name in needed if name not in header]
    if missing:
        fix = _("the first line must name the columns {names}").format(names=", ".join(needed))
        raise CaseError([Fault(file=path.name, row=1, found=", ".join(header) or _("no header"), fix=fix)])
    clean = ({k: (v or "").strip() for k, v in row.items() if k} for row in rows)
    return [(number, row) for number, row in enumerate(clean, start=2)]


def _code_faults(
    path: Path, rows: list[tuple[int, dict[str, str]]], kinds: Collection[str]
) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, row in rows:
        code = row["code"]
        where = {"file": path.name}
        if not code or code in seen:
            fix = _("every row needs a code of its own")
            yield Fault(**where, row=number, field="code", found=code or _("nothing"), fix=fix)
        seen.add(code)
        for name in ("code", "label"):
            if commanding(row[name]):
                fix = _("leave out characters that command a terminal, such as NUL")
                yield Fault(**where, row=number, field=name, found=printable(row[name]), fix=fix)
        if row.get("kind") and row["kind"] not in kinds:
            fix = _("name a kind of the codebook, or leave the cell empty")
            yield Fault(**where, row=number, field="kind", found=row["kind"], fix=fix)
        if not _is_number(row.get("goldstein", "")):
            fix = _("give a number from -10 to 10, or leave the cell empty")
            yield Fault(**where, row=number, field="goldstein", found=row["goldstein"], fix=fix)


def _is_number(cell: str) -> bool:
    try:
        return not cell or -10 <= float(cell) <= 10
    except ValueError:
        return False


def import_codes(path: Path, system: str, kinds: Collection[str]) -> ImportedCodes:
    """Read a list of codes that a user brought: code, label, and where known goldstein, kind, reason.

    Raises
    ------
    CaseError
        With every fault of the file.
    UsageError
        If the name of the system is none, or that of a list which comes with the package.
    """
    if not _NAME.fullmatch(system):
        said = _('"{name}" is no name for a list of codes: use small letters, digits and hyphens')
        raise UsageError(said.format(name=system))
    if system in BUILT_IN:
        said = _("{name} comes with the product and is not replaced: give your list another name")
        raise UsageError(said.format(name=system))
    rows = _table(path, ("code", "label"))
    faults = list(_code_faults(path, rows, kinds))
    if not rows:
        faults.append(Fault(file=path.name, found=_("no rows"), fix=_("give one code a row")))
    if faults:
        raise CaseError(faults)
    read = {
        row["code"]: Code(
            system=system,
            code=row["code"],
            label=row["label"],
            kind=row.get("kind", ""),
            reason=row.get("reason", "") or ("" if row.get("kind") else "not said"),
            goldstein=_number(row.get("goldstein", "")),
        )
        for _line, row in rows
    }
    sentence = _(
        "{n} codes of {system} were read from {file}. The list is yours: its terms hold, and it does not "
        "come with this product."
    ).format(n=len(read), system=system, file=path.name)
    digest = sha256(path.read_bytes()).hexdigest()
    return ImportedCodes(system=system, file=path.name, codes=read, sha256=digest, sentence=sentence)


def _rule(path: Path, number: int, row: dict[str, str]) -> ActorRule | Fault:
    if not row["pattern"] or not row["id"]:
        fix = _("give a pattern and the id that it stands for")
        return Fault(file=path.name, row=number, found=row["pattern"] or _("nothing"), fix=fix)
    try:
        start, end = _day(row.get("from", "")), _day(row.get("to", ""))
    except ValueError:
        found, fix = f"{row.get('from', '')} {row.get('to', '')}".strip(), _("write dates as 1993-09-13")
        return Fault(file=path.name, row=number, field="from, to", found=found, fix=fix)
    if start and end and end < start:
        fix = _("from must not lie after to")
        return Fault(file=path.name, row=number, field="from, to", found=f"{start} {end}", fix=fix)
    return ActorRule(pattern=row["pattern"], id=row["id"], start=start, end=end)


def read_actor_map(path: Path) -> tuple[ActorRule, ...]:
    """Read an actor map: pattern, id, and where needed from and to; the first line that fits wins.

    Raises
    ------
    CaseError
        With every fault of the file.
    """
    read = [_rule(path, number, row) for number, row in _table(path, ("pattern", "id"))]
    faults = [item for item in read if isinstance(item, Fault)]
    if faults:
        raise CaseError(faults)
    return tuple(item for item in read if isinstance(item, ActorRule))
