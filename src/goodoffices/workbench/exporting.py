"""Files for others: reports, tables and figures of an open case without what an audience may not see.

Everything is made in memory, so that nothing of an encrypted case comes on a disk here.
"""

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.util import find_spec
from typing import Any

from goodoffices.archive.bundle import shown, zipped
from goodoffices.cases.edits import Draft, applied, edits_of
from goodoffices.cases.places import Place
from goodoffices.cases.spreadsheet import sheet
from goodoffices.domain.case import Case
from goodoffices.domain.evidence import SENSITIVITIES, Fact
from goodoffices.domain.plans import Ranking
from goodoffices.domain.readings import Reading
from goodoffices.errors import ExtraMissing, UsageError
from goodoffices.words import N_, _
from goodoffices.workbench.opening import Opened
from goodoffices.workbench.withhold import checked, visible

__all__ = ["KINDS", "Export", "Hidden", "Wanted", "Withheld", "export", "left_out", "missing", "withheld"]

KINDS = {
    "html": N_("the whole page, which opens offline and prints well"),
    "brief": N_("one page in words, to speak from"),
    "csv": N_("the tables of the case for a spreadsheet, in a zip"),
    "json": N_("every figure, as “goodoffices read --json” prints it"),
    "graphml": N_("who trusts whom as a network, for Gephi, yEd or networkx"),
    "parquet": N_("the beliefs as one table, for pandas, R or DuckDB"),
}
_NEEDS = {"graphml": (("networkx", "frames"),), "parquet": (("pandas", "frames"), ("pyarrow", "events"))}
_LEFT = {
    "beliefs": N_(
        "{n} beliefs rest on withheld facts: their figures stay and say so, and in a ledger one line stands "
        "for all of these facts."
    ),
    "lines": N_(
        "{n} lines on what the answer hangs on, or what to find out, are left out, as they name one."
    ),
    "warnings": N_("{n} notes are replaced by “A note on a withheld fact.”"),
    "actors": N_("{n} actors of whom only withheld facts are known are not listed."),
    "changes": N_("{n} changes of this branch are not told, or not why."),
}
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REMARKS = "comments.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a file is made of.

    Attributes
    ----------
    at
        The day as of which the case is read.
    plans
        What could be done, to stand in a report.
    """

    at: date
    branch: str = ""
    audience: str = "amber"
    plans: Ranking | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file for somebody: its bytes, their media type, and what it is called."""

    data: bytes
    media: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A fact that an audience does not get to see."""

    id: str
    known_on: date
    actor: str
    says: str
    sensitivity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """What an audience does not get to see.

    Attributes
    ----------
    facts
        The facts known on the day that are left out, the latest first.
    counts
        How many facts known on the day there are of each sensitivity, hidden or not.
    later
        How many more the tables leave out, which became known later or are not counted.
    case
        The sensitivity of the case itself if it lies above the audience, else empty.
    """

    audience: str
    facts: tuple[Hidden, ...]
    counts: Mapping[str, int]
    later: int
    case: str


def missing(kind: str) -> ExtraMissing | None:
    """Say which part of the program a kind of file lacks here, if any."""
    for module, extra in _NEEDS.get(kind, ()):
        if find_spec(module) is None:
            return ExtraMissing(extra, _("a file of this kind"))
    return None


# -- what is withheld -------------------------------------------------------------------------------


def _hidden(case: Case, audience: str) -> list[Fact]:
    return [fact for fact in case.declared() if not visible(fact.sensitivity, audience)]


def _named(case: Case) -> dict[str, str]:
    parties = {party.id: party.name for party in case.parties}
    people = {dm.id: dm.name for dm in case.decision_makers}
    return parties | people | {spoiler.id: spoiler.name for spoiler in case.spoilers}


def withheld(opened: Opened, wanted: Wanted) -> Withheld:
    """Say which facts an audience does not get to see.

    Raises
    ------
    UsageError
        If there is no such audience.
    """
    case, audience = opened.case(wanted.branch), checked(wanted.audience)
    known, names = case.visible_on(wanted.at), _named(case)
    facts = sorted((f for f in known.facts if not visible(f.sensitivity, audience)), key=lambda f: f.known_on)
    return Withheld(
        audience=audience,
        facts=tuple(
            Hidden(
                id=fact.id,
                known_on=fact.known_on,
                actor=names.get(fact.actor, fact.actor),
                says=fact.says,
                sensitivity=fact.sensitivity,
            )
            for fact in reversed(facts)
        ),
        counts={level: sum(f.sensitivity == level for f in known.facts) for level in SENSITIVITIES},
        later=len(_hidden(case, audience)) - len(facts),
        case="" if visible(case.sensitivity, audience) else case.sensitivity,
    )


def _inputs(reading: Reading) -> int:
    """Lines of a reading that name an input or a fact."""
    return sum(
        len(deal.depends_on) + len(deal.find_out) + len(deal.tornado) + len(deal.tornado_lasting)
        for deal in reading.deals
    )


def left_out(opened: Opened, wanted: Wanted) -> tuple[str, ...]:
    """Say in sentences what else a report leaves out; takes as long as a whole reading."""
    checked(wanted.audience)
    whole = opened.reading(wanted.at, branch=wanted.branch)
    kept = opened.reading(wanted.at, branch=wanted.branch, audience=wanted.audience)
    beliefs = sum(one.facts != two.facts for one, two in zip(whole.trust, kept.trust, strict=True))
    lines = _inputs(whole) - _inputs(kept)
    changes = sum(row not in kept.changes for row in whole.changes)
    warnings = sum(text not in kept.warnings for text in whole.warnings)
    actors = len(whole.coverage) - len(kept.coverage)
    counts = {"beliefs": beliefs, "lines": lines, "warnings": warnings, "actors": actors, "changes": changes}
    return tuple(_(_LEFT[what]).format(n=count) for what, count in counts.items() if count)


# -- files ------------------------------------------------------------------------------------------


def _page(opened: Opened, wanted: Wanted, *, brief: bool = False) -> bytes:
    given = {"reading": _reading(opened, wanted), "audience": wanted.audience, "plans": wanted.plans or False}
    return opened.bench.report(opened.case(wanted.branch), wanted.at, brief=brief, **given).encode()


def _reading(opened: Opened, wanted: Wanted) -> Reading:
    return opened.reading(wanted.at, branch=wanted.branch, audience=wanted.audience)


def _json(opened: Opened, wanted: Wanted) -> bytes:
    found = _reading(opened, wanted).to_dict()
    return (json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _place(opened: Opened, branch: str) -> Place:
    """Where the files of the case lie, with the changes of a branch made in them."""
    changes = [one for found in opened.branches() if found.name == branch for one in found.changes]
    if not changes:
        return opened.source
    laid = applied(opened.source, edits_of(opened.source, changes, case=opened.case()), check=False)
    return Draft(opened.source, laid)


def _tables(opened: Opened, wanted: Wanted) -> bytes:
    hidden = {fact.id for fact in _hidden(opened.case(wanted.branch), wanted.audience)}
    files = shown(_place(opened, wanted.branch), hidden)
    if hidden:
        files.pop(_REMARKS, None)  # whoever may not see all facts may not see what analysts remark on them
    texts = {name: data.decode("utf-8-sig") for name, data in files.items() if name.endswith(".csv")}
    return zipped({name: sheet(name, text).encode() for name, text in texts.items()})


def _graph(opened: Opened, wanted: Wanted) -> bytes:
    reading = _reading(opened, wanted)
    found: Any = reading.to_networkx()
    for name in found.nodes:
        found.nodes[name]["label"] = _NO_XML.sub("", reading.names.get(name, name))
    import networkx  # noqa: PLC0415 - an extra, which is there by now

    return ("\n".join(networkx.generate_graphml(found, encoding="utf-8")) + "\n").encode()


def _columns(opened: Opened, wanted: Wanted) -> bytes:
    out = io.BytesIO()
    _reading(opened, wanted).to_frame().to_parquet(out, engine="pyarrow", index=False)
    return out.getvalue()


_MAKE: Mapping[str, tuple[Callable[[Opened, Wanted], bytes], str, str]] = {
    "html": (_page, "text/html; charset=utf-8", ".html"),
    "brief": (partial(_page, brief=True), "text/html; charset=utf-8", "-brief.html"),
    "csv": (_tables, "application/zip", "-tables.zip"),
    "json": (_json, "application/json", ".json"),
    "graphml": (_graph, "application/graphml+xml", ".graphml"),
    "parquet": (_columns, "application/vnd.apache.parquet", ".parquet"),
}
assert tuple(_MAKE) == tuple(KINDS)


def _called(opened: Opened, wanted: Wanted, ending: str) -> str:
    """Name a file after its case, branch, day and audience; every system can have such a name."""
    parts = [opened.ref.name, wanted.branch, str(wanted.at), wanted.audience]
    return "-".join(re.sub(r"[^\w-]+", "-", part) for part in parts if part) + ending


def export(opened: Opened, kind: str, wanted: Wanted) -> Export:
    """Make a file of a case for somebody.

    Raises
    ------
    ExtraMissing
        If a part of the program is not installed that this kind of file needs.
    UsageError
        If there is no such kind or audience.
    """
    if kind not in KINDS:
        raise UsageError(_('"{kind}" is no kind of file: use one of ').format(kind=kind) + ", ".join(KINDS))
    checked(wanted.audience)
    lacking = missing(kind)
    if lacking:
        raise lacking
    make, media, ending = _MAKE[kind]
    return Export(data=make(opened, wanted), media=media, name=_called(opened, wanted, ending))
