"""Read a case folder into a `Case`, listing every fault at once.

The way of the data: text -> rows -> pydantic models -> domain dataclasses -> checks across files.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from goodoffices.cases import schema
from goodoffices.cases.check import check_across
from goodoffices.cases.files import Records, read_text
from goodoffices.cases.places import Place, place_of, steady
from goodoffices.domain.actors import DecisionMaker, Link, Party, Spoiler
from goodoffices.domain.case import Case, Conduct, Feed
from goodoffices.domain.evidence import Alternative, Comment, Fact, Rating, Switched
from goodoffices.domain.texts import PROVISIONS, Provision, Stake, Text
from goodoffices.errors import CaseError, Fault
from goodoffices.words import _

__all__ = ["FolderSource", "Loaded", "read_folder", "read_toml", "sentence"]


@dataclass
class Loaded:
    """A case with the faults that were found on the way; `case` is None if it could not be built."""

    case: Case | None = None
    faults: list[Fault] = field(default_factory=list)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)  # file -> key -> row number


def sentence(error: Any) -> str:
    """Turn one pydantic error into the half-sentence that says what would be right."""
    kind = error["type"]
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "missing":
        return _("give this field")
    if kind == "extra_forbidden":
        return _("remove it or spell it as the format does")
    if kind == "literal_error":
        return _("use one of ") + str(error["ctx"]["expected"]).replace("'", "")
    if kind == "string_pattern_mismatch":
        return _("give a value of the form {pattern}").format(pattern=error["ctx"]["pattern"])
    if kind == "finite_number":
        return _("give a finite number")
    if kind in ("float_type", "float_parsing", "int_type", "int_parsing", "int_from_float"):
        return _("give a number")
    if kind == "string_too_long":
        return _("give at most {n} characters").format(n=error["ctx"]["max_length"])
    if kind == "enum":
        return _("use one of ") + str(error["ctx"]["expected"]).replace("'", "")
    return str(error["msg"])


def _found(error: Any) -> str:
    if error["type"] == "missing":
        return _("nothing")
    if error["type"] == "extra_forbidden":
        return _("a field that the format does not know")
    value = error["input"]
    return f'"{value}"' if isinstance(value, str) else repr(value)[:80]


def _faults(file: str, row: int | None, error: ValidationError) -> list[Fault]:
    faults = []
    for item in error.errors(include_url=False):
        place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in item["loc"])
        found = _found(item) if item["loc"] else _("a row that does not fit")
        faults.append(Fault(file=file, row=row, field=place or None, found=found, fix=sentence(item)))
    return faults


def read_toml(folder: Path | Place, name: str, *, needed: bool = True) -> dict[str, Any] | None:
    """Read one TOML file of the folder; deep nesting and bad syntax are faults with their line."""
    text = read_text(folder, name, needed=needed)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseError([Fault(file=name, found=str(error), fix=_("mend the TOML at that place"))]) from None
    except RecursionError:
        raise CaseError(
            [Fault(file=name, found=_("brackets nested too deeply"), fix=_("keep tables flat"))]
        ) from None


def _validated(
    loaded: Loaded, file: str, rows: Iterable[tuple[int, dict[str, str]]], model: type[BaseModel]
) -> list[Any]:
    good = []
    try:
        for number, row in rows:
            try:
                good.append((number, model.model_validate(row)))
            except ValidationError as error:
                loaded.faults += _faults(file, number, error)
    except CaseError as error:
        loaded.faults += error.faults
    return good


def _table(loaded: Loaded, folder: Place, name: str, *, needed: bool) -> list[tuple[int, Any]]:
    file = f"{name}.csv"
    model = schema.MODELS[name]
    try:
        text = read_text(folder, file, needed=needed)
    except CaseError as error:
        loaded.faults += error.faults
        return []
    if text is None or not text.strip():
        return []
    records = Records(file, text)
    try:
        header = [cell.strip() for cell in next(records.raw())[1]]
    except CaseError as error:
        loaded.faults += error.faults
        return []
    missing = [n for n, f in model.model_fields.items() if f.is_required() and n not in header]
    if missing:
        fix = _("give the header line of the format")
        found = _("no column ") + ", ".join(missing)
        loaded.faults.append(Fault(file=file, row=1, found=found, fix=fix))
        return []
    return _validated(loaded, file, records.rows(), model)


def provision_of(row: schema.ProvisionRow) -> Provision:
    """Give the provision that a table of case.toml holds."""
    words = {name: getattr(row, name) for name in PROVISIONS[row.type]}
    plain = row.model_dump(include={"key", "id", "type", "known_on", "by", "to", "form", "steps"})
    return Provision(**plain, words=words)


def text_of(row: schema.TextRow) -> Text:
    """Give the text that a table of case.toml holds."""
    plain = row.model_dump(exclude={"provisions", "known_on"})
    provisions = tuple(provision_of(item) for item in row.provisions)
    return Text(**plain, known_on=row.known_on or row.tabled_on, provisions=provisions)


def fact_of(row: schema.FactRow) -> Fact:
    """Give the fact that a row of evidence.csv holds."""
    given = dict(vars(row))
    known = given.pop("known_on") or row.happened_on
    public = given.pop("public_on") or known
    return Fact(**given, known_on=known, public_on=public, known_on_assumed=row.known_on is None)


def alternative_of(row: schema.AlternativeRow, facts: Mapping[str, Fact]) -> Alternative:
    """Give the other reading that a row of disputes.csv holds; its day is the fact's if it has none."""
    plain = row.model_dump(exclude={"alternative", "known_on"})
    known = row.known_on or (facts[row.fact].known_on if row.fact in facts else schema.parse_day("1900"))
    return Alternative(**plain, key=row.alternative, known_on=known)


def rating_of(row: schema.RatingRow) -> Rating:
    """Give the rating that a row of ratings.csv holds."""
    plain = row.model_dump(exclude={"known_on"})
    return Rating(**plain, known_on=row.known_on or row.rated_on)


def _each(rows: Iterable[Any], make: Callable[..., Any]) -> tuple[Any, ...]:
    return tuple(make(**row.model_dump()) for row in rows)


def _feed(row: schema.FeedRow | None, place: Place) -> Feed | None:
    if row is None:
        return None
    return Feed(**row.model_dump(exclude={"kinds"}), kinds=tuple(row.kinds), near=_near(place))


def _near(place: Place) -> tuple[str, ...]:
    """Give the folders in which the stores of a case lie; an encrypted case lies in none."""
    folder = getattr(place, "folder", None)
    return (str(folder), str(folder.resolve().parent)) if folder else ()


def _conduct(row: schema.ConductTable | None, place: Place) -> Conduct | None:
    if row is None:
        return None
    return Conduct(**row.model_dump(exclude={"pairs"}), pairs=tuple(row.pairs), near=_near(place))


def _build(file: schema.CaseFile, tables: dict[str, list[tuple[int, Any]]]) -> Case:
    facts = [fact_of(row) for _n, row in tables["evidence"]]
    by_id = {fact.id: fact for fact in facts}
    plain = file.model_dump(
        include={"key", "id", "title", "summary", "start", "end", "sensitivity", "attributes", "defaults"}
    )
    switched = _each((row for _n, row in tables["off"]), partial(Switched, place=0))
    case = Case(
        **plain,
        parties=_each(file.parties, Party),
        decision_makers=_each(file.decision_makers, DecisionMaker),
        spoilers=_each(file.spoilers, Spoiler),
        links=_each(file.links, Link),
        texts=tuple(text_of(row) for row in file.texts),
        stakes=_each((row for _n, row in tables["stakes"]), Stake),
        alternatives=tuple(alternative_of(row, by_id) for _n, row in tables["disputes"]),
        ratings=tuple(rating_of(row) for _n, row in tables["ratings"]),
        comments=_each((row for _n, row in tables["comments"]), Comment),
    )
    return case.with_facts(facts, switched)


# table -> the column that names a row
NAMED = {
    "stakes": "key",
    "evidence": "id",
    "disputes": "alternative",
    "ratings": "key",
    "off": "fact",
    "comments": "key",
}


def load(folder: Path | Place) -> Loaded:
    """Read a case and collect every fault; nothing is changed and nothing raises for bad input."""
    if isinstance(folder, Path) and not folder.is_dir():
        fix = _('give a case folder or a library name; "goodoffices cases" lists them')
        return Loaded(faults=[Fault(file=str(folder), found=_("no such folder"), fix=fix)])
    try:
        return steady(place_of(folder), _load)
    except CaseError as error:  # a save that was broken off and cannot be laid out
        return Loaded(faults=list(error.faults))


def _load(folder: Place) -> Loaded:
    loaded, file = Loaded(), None
    try:
        file = schema.CaseFile.model_validate(read_toml(folder, "case.toml"))
    except ValidationError as error:
        loaded.faults += _faults("case.toml", None, error)
    except CaseError as error:
        loaded.faults += error.faults
    tables = {name: _table(loaded, folder, name, needed=name in ("stakes", "evidence")) for name in NAMED}
    for name, rows in tables.items():
        loaded.rows[f"{name}.csv"] = {getattr(row, NAMED[name]): number for number, row in rows}
    if file is not None:
        feed, conduct = _feed(file.feed, folder), _conduct(file.conduct, folder)
        loaded.case = replace(_build(file, tables), feed=feed, conduct=conduct)
        loaded.faults += check_across(loaded.case, tables)
    return loaded


def read_folder(folder: Path | Place) -> Case:
    """Read a case folder.

    Raises
    ------
    CaseError
        With every fault, if there is any.
    """
    loaded = load(folder)
    if loaded.faults or loaded.case is None:
        raise CaseError(loaded.faults)
    return loaded.case


class FolderSource:
    """The source of cases that are folders: a name is a path."""

    name = "folder"

    def knows(self, where: str) -> bool:
        """Say whether a name looks like a path of this source."""
        return Path(where).is_dir() or len(Path(where).parts) > 1

    def load(self, where: str) -> Case:
        """Read the case at a path."""
        return read_folder(Path(where))
