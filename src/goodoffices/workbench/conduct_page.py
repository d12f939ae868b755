"""What the page on conduct shows: the runs that are kept, and what the stores at hand say of a day.

A store is at hand if the case asks for it, or if it lies in the folder of the cases.  What was read of
it is kept in memory as long as the file stays the same; nothing of it is written anywhere.
"""

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from goodoffices.conduct.acts import SAID
from goodoffices.domain.case import Case, Conduct, Feed
from goodoffices.domain.gaps import Gap
from goodoffices.errors import GoodOfficesError, NotFoundError, UsageError
from goodoffices.words import _, language
from goodoffices.workbench.bench import code_stamp
from goodoffices.workbench.desk import Desk
from goodoffices.workbench.feeding import VARIABLE as STORES
from goodoffices.workbench.feeding import beside
from goodoffices.workbench.runs import VARIABLE, Runs

if TYPE_CHECKING:
    from goodoffices.workbench.conduct_model import Forecast
    from goodoffices.workbench.conducting import Found

__all__ = [
    "FITS",
    "CasePair",
    "Looked",
    "StoreAt",
    "alike",
    "busiest",
    "foreseen",
    "gap",
    "gap_key",
    "kept_gap",
    "looked",
    "runs_of",
    "said",
    "stores_of",
]

SUFFIX = ".duckdb"
BUSY = 10  # pairs that are offered
ALIKE = 8  # names that are proposed for one that nobody has
FITS = 41  # of the models of a gap: one on all pairs, the others on halves of them
KEPT = 32  # lists of gaps


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePair:
    """Two parties of a case as actors of a store, and the names by which people know them."""

    actor: str
    target: str
    one: str
    two: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAt:
    """A store at hand.

    Attributes
    ----------
    path
        None: the case asks for it, and it is not there.
    asks
        The part of the case that names it: "conduct" or "feed"; empty for one of the folder.
    source, model
        As the case asks for.
    near
        Folders in which files of the case are looked for.
    pairs
        Those of the case.
    """

    name: str
    path: Path | None
    asks: str = ""
    source: str = ""
    model: str = ""
    near: tuple[str, ...] = ()
    pairs: tuple[CasePair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A store that is there, one of its sources, and the day that is asked about.

    Attributes
    ----------
    mark
        Changes when the file does.
    first, last
        Days of the first and last report of the source.
    """

    path: Path
    mark: str
    source: str
    sources: tuple[str, ...]
    day: date
    first: date
    last: date
    model: Path | None = None


def said() -> str:
    """Say what a forecast is of, and what it says nothing of."""
    return _(SAID)


# -- what is at hand --------------------------------------------------------------------------------


def runs_of(desk: Desk) -> Runs:
    """Give the runs that are kept beside what else the desk keeps, or where the environment says."""
    return Runs(None if os.environ.get(VARIABLE) else desk.data / "runs")


def stores_of(desk: Desk, case: Case) -> list[StoreAt]:
    """Give the stores at hand, those that the case asks for first."""
    found: dict[str, StoreAt] = {}
    for one in (*_asked(case), *_lying(desk.folder)):
        found.setdefault(one.name, one)
    return list(found.values())


def _asked(case: Case) -> Iterator[StoreAt]:
    if case.conduct:
        yield _named(case, case.conduct, "conduct", case.conduct.model)
    if case.feed:
        yield _named(case, case.feed, "feed")


def _named(case: Case, asked: Conduct | Feed, asks: str, model: str = "") -> StoreAt:
    return StoreAt(
        name=asked.store, path=beside(asked.near, asked.store), asks=asks, source=asked.source, model=model,
        near=asked.near, pairs=tuple(_pairs(case, asked)),
    )  # fmt: skip


def _pairs(case: Case, asked: Conduct | Feed) -> Iterator[CasePair]:
    names = {party.id: party.name for party in case.parties}
    actors = {party.id: party.iso3 for party in case.parties if party.iso3} | dict(asked.actors)
    wanted = asked.pairs if isinstance(asked, Conduct) and asked.pairs else tuple(permutations(names, 2))
    for truster, trustee in wanted:
        if actors.get(truster) and actors.get(trustee):
            yield CasePair(
                actor=actors[trustee], target=actors[truster], one=names[trustee], two=names[truster]
            )


def _lying(folder: Path) -> Iterator[StoreAt]:
    """Give the stores in a folder; what leads out of it is none of its."""
    inside = folder.resolve()
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if path.is_file() and not path.name.startswith(".") and path.resolve().is_relative_to(inside):
            yield StoreAt(name=path.name, path=path)


# -- one store on one day ---------------------------------------------------------------------------


def looked(store: StoreAt, source: str, on: date | None, day: date) -> Looked:
    """Look at a store: which source is meant, and which day.

    Parameters
    ----------
    source
        Empty: the one that the case asks for, else the first.
    on
        The day that is asked about.  None: `day`, if the source reports of anything before it; else the
        day after its last report.

    Raises
    ------
    NotFoundError
        If it is not there, or holds no reports of this source.
    """
    if store.path is None:
        said = _("{name}, which the case asks for, lies neither beside the case nor in the folder {variable}")
        raise NotFoundError(said.format(name=store.name, variable=STORES))
    mark = _mark(store.path)
    spans = {name: (first, last) for name, first, last in _spans(store.path, mark)}
    if not spans:
        raise NotFoundError(
            _("{store} holds no report: goodoffices import takes some in").format(store=store.name)
        )
    name = source or (store.source if store.source in spans else next(iter(spans)))
    if name not in spans:
        said = _("{store} holds reports of {names}, none of {source}")
        raise NotFoundError(said.format(store=store.name, names=", ".join(spans), source=source))
    first, last = spans[name]
    usual = day if day > first else last + timedelta(days=1)
    return Looked(
        path=store.path, mark=mark, source=name, sources=tuple(spans), day=on or usual, first=first,
        last=last, model=_model(store),
    )  # fmt: skip


def _model(store: StoreAt) -> Path | None:
    if not store.model:
        return None
    found = beside(store.near, store.model)
    if found is None:
        said = _("{name}, which the case asks for, lies neither beside the case nor in the folder {variable}")
        raise NotFoundError(said.format(name=store.model, variable=STORES))
    return found


@contextmanager
def _unplaced(path: Path) -> Iterator[None]:
    """Say of a store no more than its name: where it lies does not matter to who looks at a page."""
    try:
        yield
    except GoodOfficesError as error:
        said = str(error).replace(str(path.absolute()), path.name).replace(str(path), path.name)
        if said == str(error):
            raise
        raise UsageError(said) from error


def _mark(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:
        raise NotFoundError(_("{file}: no such file").format(file=path.name)) from None
    return f"{state.st_mtime_ns}:{state.st_size}"


@lru_cache(maxsize=32)
def _spans(path: Path, _mark: str) -> tuple[tuple[str, date, date], ...]:
    """Give each source of a store with the days of its first and last report."""
    from goodoffices.workbench import conducting  # noqa: PLC0415 - an extra

    with _unplaced(path):
        return conducting.spans(path)


@lru_cache(maxsize=2)
def _acts(path: Path, _mark: str, source: str, day: date, by_country: bool) -> "Found":
    from goodoffices.workbench import conducting  # noqa: PLC0415 - an extra

    return conducting.acts_of(store=path, source=source, as_of=day, by_country=by_country)


def _known(one: Looked, *, by_country: bool) -> "Found":
    """Give the acts that were known by the day."""
    with _unplaced(one.path):
        return _acts(one.path, one.mark, one.source, one.day, by_country)


def busiest(one: Looked) -> list[tuple[str, str, int]]:
    """Give the pairs of which most was reported by the day: actor, target, acts."""
    acts = _known(one, by_country=False).acts
    many = len(acts.parties.names)
    pairs, counts = np.unique(acts.actor.astype(np.int64) * many + acts.target, return_counts=True)
    order = np.lexsort((pairs, -counts))[:BUSY]
    names = acts.parties.names
    return [(names[pairs[k] // many], names[pairs[k] % many], int(counts[k])) for k in order.tolist()]


def alike(one: Looked, name: str) -> list[str]:
    """Give the name itself if the source knows it, else names of the source that are like it."""
    names = _known(one, by_country=False).acts.parties.names
    if name in names:
        return [name]
    low = {known.casefold(): known for known in reversed(names)}
    asked = name.casefold().strip()
    inside = sorted((known for known in low if asked and asked in known), key=len)
    near = get_close_matches(asked, list(low), ALIKE, 0.6)
    return [low[known] for known in dict.fromkeys((*inside, *near))][:ALIKE]


def foreseen(one: Looked, actor: str, target: str) -> "Forecast":
    """Foresee the next act of an actor towards a target: of two actors of the store, or of two countries.

    Raises
    ------
    NotFoundError
        If no report names one of the two.
    """
    from goodoffices.workbench import conduct_model  # noqa: PLC0415 - an extra

    model = conduct_model.read_model(one.model) if one.model else None
    named: set[str] = set()
    for by_country in (False, True):
        found = _known(one, by_country=by_country)
        if {actor, target} <= set(found.acts.parties.names):
            with _unplaced(one.path):
                asked = conduct_model.ConductModel(model).read(found)
                return asked.predict(at=one.day, pairs=[(actor, target)])[0]
        named |= set(found.acts.parties.names)
    missing = actor if actor not in named else target
    raise NotFoundError(_("no report in {store} names {party}").format(store=one.path.name, party=missing))


# -- where ledger and forecast disagree ---------------------------------------------------------------


class _Gaps:
    """The lists that were asked for since the program was started."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Gap] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> Gap | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, key: str, found: Gap) -> None:
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


_gaps = _Gaps()


def gap_key(one: Looked) -> str:
    """Name the list of a store and a day: a hash of all that it hangs on."""
    about = [code_stamp(), language(), str(one.path.resolve()), one.mark, one.source, str(one.day)]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]


def kept_gap(key: str) -> Gap | None:
    """Give the list of this name, if it was made since the program was started."""
    return _gaps.get(key)


def gap(one: Looked, watch: Callable[[], None]) -> Gap:
    """List the pairs on which ledger and forecast disagree, and keep the list.

    Parameters
    ----------
    watch
        Called before each of `FITS` fits; what it raises ends the work.
    """
    from goodoffices.workbench import gaps  # noqa: PLC0415 - an extra

    with _unplaced(one.path):
        found = gaps.gap(one.path, one.day, source=one.source, draws=FITS - 1, watch=watch)
    _gaps.put(gap_key(one), found)
    return found
