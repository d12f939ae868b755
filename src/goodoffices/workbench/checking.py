"""What `check` says: every fault at once, and what the case covers."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from goodoffices.cases.canonical import case_content, digest
from goodoffices.cases.coding import coding_faults
from goodoffices.cases.files import FILES
from goodoffices.cases.folder import Loaded
from goodoffices.cases.tables import tables
from goodoffices.domain.case import Case
from goodoffices.domain.readings import plain
from goodoffices.errors import Fault
from goodoffices.words import _

__all__ = ["Checked", "checked"]


@dataclass(frozen=True)
class Checked:
    """The result of a check; `ok` if there is no fault."""

    ok: bool
    case: str
    faults: tuple[Fault, ...]
    facts: int
    verified: int
    disputed: int
    assumed: int
    by_actor: dict[str, dict[str, int]]
    by_source: dict[str, int]
    content_hash: str
    files: dict[str, str]
    notes: tuple[str, ...] = ()  # legal, but worth a second look

    def to_dict(self) -> dict[str, Any]:
        """Give the result as plain data."""
        return {
            **plain(self),
            "errors": [fault.to_dict() for fault in self.faults],
            "status": 0 if self.ok else 1,
        }


def _by_actor(case: Case) -> dict[str, dict[str, int]]:
    kinds, table = tables().kinds, {}
    for actor in dict.fromkeys(fact.actor for fact in case.facts):
        signs = [kinds[f.kind].sign for f in case.facts if f.actor == actor and f.kind in kinds]
        table[actor] = {
            "facts": len(signs),
            "good": signs.count(1),
            "bad": signs.count(-1),
            "other": signs.count(0),
        }
    return table


def _sources(case: Case) -> dict[str, int]:
    hosts = (urlsplit(fact.source_url).netloc or fact.source_publisher or "none named" for fact in case.facts)
    return dict(Counter(hosts).most_common())


def _notes(case: Case) -> tuple[str, ...]:
    """Say for whom a text gives no more than no deal: legal, and what it means."""
    scale = tables().scales["outcome"]
    rows = [row for row in case.stakes if row.text and row.quantity in ("no_deal", "kept")]
    found = {(row.actor, row.text, row.quantity): scale[row.word].value for row in rows}
    told = _(
        "stakes.csv: {text} kept gives {actor} no more than no deal; no level of trust will suffice for it, "
        "which the reading calls a matter of interests"
    )
    return tuple(
        told.format(text=text, actor=actor)
        for (actor, text, quantity), worth in found.items()
        if quantity == "kept" and worth <= found.get((actor, text, "no_deal"), -2.0)
    )


def checked(folder: Path, loaded: Loaded, more: list[Fault], *, curated: bool) -> Checked:
    """Sum a check up."""
    case = loaded.case
    faults = [*loaded.faults, *more]
    if case is not None and not loaded.faults:
        faults += coding_faults(folder, case, curated=curated)
    files = {
        n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in FILES if (folder / n).is_file()
    }
    facts = case.facts if case else ()
    return Checked(
        ok=not faults,
        case=case.id if case else folder.name,
        faults=tuple(faults),
        facts=len(facts),
        verified=sum(fact.verified for fact in facts),
        disputed=sum(fact.disputed for fact in facts),
        assumed=sum(fact.known_on_assumed for fact in facts),
        by_actor=_by_actor(case) if case else {},
        by_source=_sources(case) if case else {},
        content_hash=digest(case_content(case)) if case else "",
        files=files,
        notes=_notes(case) if case and not faults else (),
    )
