"""Acts for conduct: out of a store, or out of a file that is read through a store of its own."""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodoffices.conduct.acts import Acts, Parties
from goodoffices.errors import ExtraMissing, NotFoundError, UsageError
from goodoffices.words import _

try:
    from goodoffices.store.acts import Named, placed, read_acts, unvalued
    from goodoffices.store.grouping import sources
    from goodoffices.store.store import Store
    from goodoffices.workbench.feeds import event_sources, import_events
except ImportError as _missing:
    raise ExtraMissing("events", _("a store of event data")) from _missing

__all__ = ["Found", "acts_of", "placed", "spans"]


@dataclass(frozen=True, kw_only=True)
class Found:
    """Acts, and where they come from.

    Attributes
    ----------
    codes
        Code of each act, shape (act,).
    data
        Hash of the files that they come from, and of the day by which they were known.
    name
        Of the file, or of the store and its source.
    rejected
        Lines of a file that could not be read.
    said
        Where the first of them stands and why, in one sentence; empty where there is none.
    system
        How actors are named.
    unvalued, unvalued_codes
        Reports whose code has no published value, and the most frequent of these codes.
    """

    acts: Acts
    codes: NDArray[np.str_]
    data: str
    name: str
    source: str
    rejected: int = 0
    said: str = ""
    system: str = "name"
    unvalued: int = 0
    unvalued_codes: tuple[str, ...] = ()


_FILES = "SELECT sha256, actors FROM files WHERE source = ? ORDER BY sha256"


def acts_of(
    *,
    events: Path | None = None,
    store: Path | None = None,
    source: str = "",
    as_of: date | None = None,
    by_country: bool = False,
) -> Found:
    """Give the acts of a store or of a file of events that one of the sources can read.

    Raises
    ------
    UsageError
        If neither or both are given, nothing can read the file, or no report is an act.
    NotFoundError
        If there is no such file or store.
    """
    if (events is None) == (store is None):
        raise UsageError(_("give a file of events, or a store"))
    if store is not None:
        return _stored(store, source, as_of, by_country=by_country)
    assert events is not None
    if not events.is_file():
        raise NotFoundError(_("{file}: no such file").format(file=events))
    if not events.stat().st_size:
        raise UsageError(_("{file}: empty; give a file with reports in it").format(file=events.name))
    with tempfile.TemporaryDirectory() as folder:
        beside = Path(folder) / "events.duckdb"
        run = import_events(_reader(events, source), [events], beside)
        if not run.files or not run.files[0].stored:
            why = run.files[0].said if run.files and run.files[0].said else _("no row of it could be read")
            raise UsageError(f"{events.name}: {why}" if events.name not in why else why)
        found = _stored(beside, "", as_of, by_country=by_country)
    rejected = sum(file.rejected for file in run.files)
    return replace(found, name=events.name, rejected=rejected, said=run.files[0].said)


def spans(store: Path) -> tuple[tuple[str, date, date], ...]:
    """Give each source of a store with the days of its first and last report."""
    with Store.open(store) as opened:
        told = opened.info(0).sources
    return tuple((one.name, one.first, one.last) for one in told if one.first and one.last)


def _reader(events: Path, source: str) -> str:
    if source:
        return source
    known = [name for name, one in event_sources().items() if one.knows(str(events))]
    if not known:
        said = _("{file}: no source knows this file; give the columns date, source, relation and target, or "
                 "name its source with --source: {names}")  # fmt: skip
        raise UsageError(said.format(file=events.name, names=", ".join(event_sources())))
    return known[0]


def _stored(store: Path, source: str, as_of: date | None, *, by_country: bool) -> Found:
    with Store.open(store) as opened:
        name = _named(sources(opened), source, store)
        files = opened.query(_FILES, [name]).fetchall()
        parties, columns = read_acts(opened, name, as_of=as_of, by_country=by_country)
        without, named = unvalued(opened, name, as_of)
    if not len(columns["day"]):
        said = _("{store}: no report of {source} is an act: none has a published value other than zero "
                 "between two different actors")  # fmt: skip
        raise UsageError(said.format(store=store.name, source=name))
    hashes = [sha256 for sha256, _system in files]
    data = hashlib.sha256(repr((hashes, as_of, by_country)).encode()).hexdigest()[:16]
    codes = columns.pop("code").astype(np.str_)
    return Found(
        acts=_acts(parties, columns), codes=codes, data=data, name=f"{store.name} {name}", source=name,
        system=files[-1][1], unvalued=without, unvalued_codes=named,
    )  # fmt: skip


def _named(known: Sequence[str], source: str, store: Path) -> str:
    if source in known or (len(known) == 1 and not source):
        return source or known[0]
    said = _("{store} holds reports of {names}: name one with --source, for levels of two are never mixed")
    raise UsageError(said.format(store=store, names=", ".join(known) or _("nobody")))


def _acts(parties: Named, columns: dict[str, NDArray[Any]]) -> Acts:
    roles, role = np.unique([one for one, _country in parties.values()], return_inverse=True)
    countries, country = np.unique([one for _role, one in parties.values()], return_inverse=True)
    named = Parties(
        tuple(parties), role.astype(np.int32), country.astype(np.int32), tuple(roles), tuple(countries)
    )
    kinds: dict[str, Any] = {"day": np.int32, "known": np.int32, "actor": np.int32, "target": np.int32}
    kinds |= {"value": np.float32, "quad": np.int8}
    return Acts(**{name: columns[name].astype(kind) for name, kind in kinds.items()}, parties=named)
