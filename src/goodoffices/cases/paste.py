"""Facts pasted from a spreadsheet: each row becomes a change, or is told what is wrong with it.

People write dates, names, kinds and headings in their own way.  What can mean one thing only is
taken; what can mean two is asked back; nothing is dropped without a word.
"""

import csv
import difflib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from goodoffices.cases import schema
from goodoffices.cases.check import check_across
from goodoffices.cases.folder import NAMED, fact_of, sentence
from goodoffices.cases.spreadsheet import unescape
from goodoffices.cases.starter import new_key
from goodoffices.cases.tables import codebook
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import Fact
from goodoffices.errors import Fault
from goodoffices.words import N_, _

__all__ = ["COLUMNS", "Pasted", "PastedRow", "fact_in", "faults_beside", "fresh_facts", "pasted"]

# columns of a fact -> what people call them
COLUMNS = {
    "happened_on": N_("Happened on"),
    "known_on": N_("Known on"),
    "public_on": N_("Public on"),
    "actor": N_("Who did it"),
    "towards": N_("Towards whom"),
    "kind": N_("Kind of conduct"),
    "says": N_("What happened, in one sentence"),
    "scale": N_("How large"),
    "gesture": N_("How costly a gesture"),
    "pressure": N_("Done under pressure"),
    "excuse": N_("How good an excuse"),
    "proven_deception": N_("Deception proven by"),
    "seen_by": N_("Known only to"),
    "about": N_("For whom it speaks"),
    "event": N_("Same event as"),
    "chronology": N_("Chronologies"),
    "source_title": N_("Source: title"),
    "source_publisher": N_("Source: publisher"),
    "source_date": N_("Source: date"),
    "source_url": N_("Source: link"),
    "reliability": N_("Reliability"),
    "verified": N_("Verified against its source"),
    "sensitivity": N_("Sensitivity"),
    "override": N_("Numbers instead of words"),
    "override_reason": N_("Why these numbers"),
    "note": N_("Note"),
}
MOST = 2000  # rows pasted at once
_LONGEST = 2_000_000  # characters
_SHORT = ("happened_on", "actor", "towards", "kind", "says", "source_title", "source_url")
_NEEDED = ("happened_on", "actor", "kind")
_DAYS = ("happened_on", "known_on", "public_on")
_WORDS = ("scale", "gesture", "pressure", "excuse", "proven_deception", "reliability", "sensitivity")
_ALIASES = {
    "date": "happened_on", "day": "happened_on", "when": "happened_on", "known": "known_on",
    "public": "public_on", "who": "actor", "by": "actor", "to": "towards", "to whom": "towards",
    "target": "towards", "what": "kind", "type": "kind", "conduct": "kind", "description": "says",
    "text": "says", "source": "source_title", "title": "source_title", "publisher": "source_publisher",
    "url": "source_url", "link": "source_url",
}  # fmt: skip
_YES = {"true": "yes", "x": "yes", "1": "yes", "y": "yes", "false": "no", "0": "no", "n": "no"}
_NUMERIC = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$")
_Lines = list[tuple[int, list[str]]]
_Cells = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedRow:
    """One row as it was understood.

    Attributes
    ----------
    number
        Which row it is of what was pasted, from 1.
    typed
        Its cells as they were pasted, by column.
    cells
        The fact that was understood, by column.
    faults
        What would be right, by column; under "" what is wrong with the row as a whole.
    """

    number: int
    typed: Mapping[str, str]
    cells: Mapping[str, str]
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """What pasted rows come to.

    Attributes
    ----------
    columns
        How the columns were understood; "" for one that was not.
    faults
        What keeps rows from being taken, by their number in what was pasted and their column.
    order
        How dates with slashes were meant.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[PastedRow, ...] = ()
    faults: tuple[Fault, ...] = ()
    order: str = ""

    @property
    def changes(self) -> list[dict[str, Any]]:
        """One `add_fact` for each row without fault, as plain data."""
        return [{"op": "add_fact", "value": dict(row.cells)} for row in self.rows if not row.faults]

    @property
    def general(self) -> list[Fault]:
        """The faults of no single row that was read: of the headings, or of what was not read."""
        read = {row.number for row in self.rows}
        return [fault for fault in self.faults if fault.row not in read]

    @property
    def fits(self) -> bool:
        """Whether every row can be added as it is."""
        return bool(self.rows) and not self.faults


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a reader of rows must know: who is in the case, and how dates with slashes are meant."""

    names: Mapping[str, str]
    kinds: Mapping[str, str]
    order: str
    faults: dict[tuple[int, str | None], Fault] = field(default_factory=dict)

    def fault(self, row: int, column: str | None, found: str, fix: str) -> None:
        """Note what is wrong with a cell; the first that is found stands."""
        made = Fault(file=_("pasted rows"), row=row, field=column, found=found, fix=fix)
        self.faults.setdefault((row, column), made)


def pasted(text: str, case: Case, *, order: str = "") -> Pasted:
    """Read rows as a spreadsheet gives them: with tabs, semicolons or commas, with or without header.

    Without a header the columns are those of evidence.csv, or else the first of: happened_on, actor,
    towards, kind, says, source_title, source_url.

    Parameters
    ----------
    order
        How 9/12/1978 is meant: "dmy", "mdy", or "" to ask back.
    """
    reader = _Reader(_names(case), _kinds(), order if order in ("dmy", "mdy") else "")
    columns, lines = _columns(list(_lines(text, reader)), reader)
    rows = _rows(_taken(lines, columns, reader), columns, case, reader)
    faults = sorted(reader.faults.values(), key=lambda fault: fault.row or 0)
    return Pasted(columns=columns, rows=rows, faults=tuple(faults), order=reader.order)


# -- lines and columns ------------------------------------------------------------------------


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return "\t" if "\t" in first else ";" if first.count(";") > first.count(",") else ","


def _lines(text: str, reader: _Reader) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that hold anything, numbered from 1 as they were pasted."""
    if len(text) > _LONGEST:
        reader.fault(1, None, _("more than can be pasted at once"), _("paste it in parts"))
        return
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=_delimiter(text), strict=True), start=1):
            if any(cell.strip() for cell in cells):
                yield number, [unescape(cell.strip()) for cell in cells]
    except csv.Error as error:
        found = _("a row that cannot be split ({error})").format(error=error)
        reader.fault(number + 1, None, found, _("check the quotes of this row"))


def _columns(lines: _Lines, reader: _Reader) -> tuple[tuple[str, ...], _Lines]:
    """Say which cell is which column, and give the lines below the header."""
    if not lines:
        return (), lines
    (number, first), known = lines[0], _headings()
    columns = tuple(known.get(_worded(cell), "") for cell in first)
    if sum(map(bool, columns)) < min(2, len(first)):
        width = max(len(cells) for _number, cells in lines)
        return (tuple(schema.FactRow.model_fields) if width > len(_SHORT) else _SHORT[:width]), lines
    for name, cell in zip(columns, first, strict=True):
        if not name and cell:
            fix = _("name it as one of the format's columns; what stands in it was not taken")
            reader.fault(number, cell, _("a column that the format does not know"), fix)
        elif name and columns.count(name) > 1:
            reader.fault(number, cell, _("a column that stands there twice"), _("leave one of them out"))
    return columns, lines[1:]


def _headings() -> dict[str, str]:
    """Give columns by what a heading may say: their names, and what people call them in two languages."""
    labels = {_worded(label): name for name, words in COLUMNS.items() for label in (words, _(words))}
    return {**labels, **_ALIASES, **{_worded(name): name for name in schema.FactRow.model_fields}}


def _taken(lines: _Lines, columns: Sequence[str], reader: _Reader) -> _Lines:
    """Give the lines to read: not too many at once, and none if a column is missing that all need."""
    if not lines and not reader.faults:
        reader.fault(1, None, _("no row of facts"), _("paste at least one, with or without headings"))
    missing = [name for name in _NEEDED if lines and name not in columns]
    for name in missing:
        reader.fault(1, _(COLUMNS[name]), _("no such column"), _("add it: no fact can do without"))
    if len(lines) > MOST:
        more = _("{n} rows more than can be added at once").format(n=len(lines) - MOST)
        reader.fault(lines[MOST][0], None, more, _("paste it in parts"))
    return [] if missing else lines[:MOST]


# -- rows -------------------------------------------------------------------------------------


def _rows(lines: _Lines, columns: Sequence[str], case: Case, reader: _Reader) -> tuple[PastedRow, ...]:
    """Read rows; whatever keeps one from being a fact of the case is a fault of that row."""
    typed, cells, ids = dict[int, _Cells](), dict[int, _Cells](), fresh_facts(case)
    for number, line in lines:
        given = {name: cell for name, cell in zip(columns, line, strict=False) if name and cell}
        read = {name: _cell(number, name, cell, reader) for name, cell in given.items()}
        typed[number], cells[number] = given, {"id": next(ids), **read}
        if any(line[len(columns) :]):
            found = _("{value} cells under {value2} columns").format(value=len(line), value2=len(columns))
            reader.fault(number, None, found, _("put cells that hold separators into quotes"))
    _check(typed, cells, case, reader)
    told: dict[int, _Cells] = {number: {} for number in typed}
    for (row, column), fault in reader.faults.items():
        whole = _("found {found}; {fix}").format(found=fault.found, fix=fault.fix)
        told.get(row, {})[column or ""] = fault.fix if column else whole
    return tuple(PastedRow(number=n, typed=typed[n], cells=cells[n], faults=told[n]) for n in typed)


def _check(typed: Mapping[int, _Cells], cells: Mapping[int, _Cells], case: Case, reader: _Reader) -> None:
    """Find what is wrong with each row by itself, and with the good ones beside the case and one another."""
    facts, taken = list[tuple[int, Fact]](), {fact.id for fact in case.declared()}
    for number, row in cells.items():
        fact = fact_in(row)
        if isinstance(fact, dict):
            for name, fix in fact.items():
                found = f'"{typed[number][name]}"' if name in typed[number] else _("nothing")
                reader.fault(number, name or None, found, fix)
        elif fact.id in taken:
            reader.fault(number, "id", f'"{fact.id}"', _("give an id that is not taken, or none"))
        else:
            taken.add(fact.id)
            facts.append((number, fact))
    wrong = {row for row, _column in reader.faults}
    for number, fault in faults_beside(case, [(n, fact) for n, fact in facts if n not in wrong]):
        reader.fault(number, fault.field, fault.found, fault.fix)


def fact_in(cells: Mapping[str, str]) -> Fact | dict[str, str]:
    """Give the fact that cells hold, or else what would be right, by column."""
    try:
        return fact_of(schema.FactRow.model_validate(dict(cells)))
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults = {str(item["loc"][0]) if item["loc"] else "": sentence(item) for item in found}
        return {**faults, **({"kind": _nearest(cells.get("kind", ""))} if "kind" in faults else {})}


def _nearest(said: str) -> str:
    """The sentence for a kind that is none: those whose labels are most like it."""
    labels = [_(kind.label) for kind in codebook()]
    near = difflib.get_close_matches(said.replace("_", " "), labels, n=3, cutoff=0.3) or labels[:3]
    return _("use a kind of the codebook, such as ") + "; ".join(near)


def faults_beside(case: Case, facts: Sequence[tuple[int, Fact]]) -> list[tuple[int, Fault]]:
    """Say what is wrong with numbered facts beside those of a case; each replaces the one of its id."""
    made = {fact.id: fact for _number, fact in facts}
    declared = [made.pop(fact.id, fact) for fact in case.declared()]
    whole = case.with_facts([*declared, *made.values()], case.switched)
    rows: dict[str, list[tuple[int, object]]] = {name: [] for name in NAMED}
    found = check_across(whole, {**rows, "evidence": [*facts]})
    return [(one.row, one) for one in found if one.file == "evidence.csv" and one.row is not None]


def fresh_facts(case: Case) -> Iterator[str]:
    """Give ids for new facts without end: they begin as those of the case do, and none is taken."""
    known = {fact.id for fact in case.declared()}
    stems = Counter(re.match(r"[a-z]{0,4}", name)[0] for name in known)  # type: ignore[index]
    stem = stems.most_common(1)[0][0] if stems else ""
    while True:
        name = stem + new_key()
        if name not in known:
            known.add(name)
            yield name


# -- cells ------------------------------------------------------------------------------------


def _cell(number: int, name: str, cell: str, reader: _Reader) -> str:
    """Put a cell as the format has it; what is not understood stays for the format to refuse."""
    if name in _DAYS:
        return _day(number, name, cell, reader)
    if name == "kind":
        return reader.kinds.get(_worded(cell), cell)
    if name in ("actor", "about"):
        return reader.names.get(_folded(cell), cell)
    if name in ("towards", "seen_by"):
        return _several(cell, reader)
    if name in ("verified", "disputed"):
        said = {**_YES, _folded(_("yes")): "yes", _folded(_("no")): "no"}
        return said.get(_folded(cell), cell.lower())
    return cell.lower().replace(" ", "_") if name in _WORDS else cell


def _day(number: int, name: str, cell: str, reader: _Reader) -> str:
    """Read 12.09.1978 by the day first; with slashes ask back unless one order alone is possible."""
    match = _NUMERIC.match(cell)
    if not match:
        return cell
    one, sign, two, year = int(match[1]), match[2], int(match[3]), int(match[4])
    orders = ["dmy"] if sign == "." else [reader.order] if reader.order else ["dmy", "mdy"]
    days = {_dated(year, *((two, one) if order == "dmy" else (one, two))) for order in orders} - {""}
    if len(days) > 1:
        first, other = sorted(days)
        fix = _("write {first} or {other}").format(first=first, other=other)
        reader.fault(number, name, _('"{cell}", which can be two days').format(cell=cell), fix)
    return min(days, default=cell)


def _dated(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _worded(cell: str) -> str:
    return _folded(re.sub(r"[_-]", " ", cell))


def _kinds() -> dict[str, str]:
    """Give kinds by what people may write for them: the kind itself comes before a label."""
    labels = {_worded(label): kind.kind for kind in codebook() for label in (kind.label, _(kind.label))}
    return {**labels, **{_worded(kind.kind): kind.kind for kind in codebook()}}


def _names(case: Case) -> dict[str, str]:
    """Give ids by what people may write for them: the id itself comes before a name."""
    people: list[Any] = [*case.spoilers, *case.decision_makers, *case.parties]
    names = {_folded(_("unknown")): "unknown", **{_folded(row.name): row.id for row in people}}
    ids = [*(row.id for row in people), *(dm.office for dm in case.decision_makers), "unknown"]
    return {**names, **{_folded(name): name for name in ids}}


def _several(cell: str, reader: _Reader) -> str:
    """Read one name, or several with separators between them, or ids with spaces between them."""

    def one(said: str) -> str | None:
        return reader.names.get(_folded(said))

    parts = [part for part in re.split(r"[;,|\n]", cell) if part.strip()]
    read = [one(part) or " ".join(one(name) or name for name in part.split()) for part in parts]
    return one(cell) or " ".join(read)
