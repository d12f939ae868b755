"""Event data by the names that a person gives them: sources, files, folders, and the store."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from goodoffices.cases.tables import tables
from goodoffices.domain.events import Imported, StoreInfo
from goodoffices.domain.ports import EventSource
from goodoffices.errors import ExtraMissing, GoodOfficesError, NotFoundError, UsageError
from goodoffices.sources.looking import first_lines
from goodoffices.words import _

try:
    from goodoffices.store.actors import Asked, unresolved
    from goodoffices.store.safe import DiskFull
    from goodoffices.store.store import Stopped, Store
    from goodoffices.store.tables import ImportedCodes, read_actor_map
    from goodoffices.store.tables import import_codes as read_codes
except ImportError as _missing:
    raise ExtraMissing("events", _("a store of event data")) from _missing

__all__ = [
    "Given",
    "Run",
    "event_sources",
    "given_files",
    "import_codes",
    "import_events",
    "mapping_of",
    "sized",
    "source_named",
    "store_info",
]

LISTED = re.compile(r"^\d+ ([0-9a-f]{32}) \S+/(\S+\.export\.csv\.zip)$", re.IGNORECASE)
UNRESOLVED = 30
PACKED = {".gz", ".zip"}
DATA = {".csv", ".json", ".parquet", ".tab", ".tsv", ".txt"}
LEFT_OUT = "left out"

Tick = Callable[[int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One file that the user means, or a sentence on why it is not taken."""

    path: Path
    name: str
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What an import brought: each file with its counts, and files of a folder that are of no source."""

    store: str
    files: tuple[Imported, ...]
    left_out: tuple[str, ...] = ()
    stopped: bool = False

    @property
    def faultless(self) -> bool:
        """Was every line of every file taken in?"""
        return all(file.faultless for file in self.files)

    def counts(self) -> dict[str, int]:
        """Give received, stored, duplicates and rejected over the files that were new."""
        new = [file for file in self.files if not file.already]
        names = ("received", "stored", "duplicates", "rejected")
        return {name: sum(getattr(file, name) for file in new) for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "ok": self.faultless and not self.stopped,
            "store": self.store,
            **self.counts(),
            "files": [file.to_dict() for file in self.files],
            "left_out": list(self.left_out),
            "stopped": self.stopped,
        }


def event_sources() -> dict[str, EventSource]:
    """Give the sources of event data by name: those of the package and those that others brought."""
    found = (point.load()() for point in entry_points(group="goodoffices.events"))
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}


def source_named(name: str) -> EventSource:
    """Give one source.

    Raises
    ------
    UsageError
        Listing those there are.
    """
    sources = event_sources()
    if name not in sources:
        said = _('no source "{name}": use one of {names}')
        raise UsageError(said.format(name=name, names=", ".join(sources)))
    return sources[name]


def mapping_of(file: Path | None, known: str = "") -> dict[str, str]:
    """Read what the user declares of a table: `[columns]`, and beside it codes, actors, delimiter, dates.

    Raises
    ------
    UsageError
        If the file cannot be read, or says something that is not text.
    """
    told: dict[str, Any] = {}
    if file is not None:
        try:
            told = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(
                _("{file}: no mapping can be read ({error})").format(file=file, error=error)
            ) from None
    flat = {**told.pop("columns", {}), **told, **({"known": known} if known else {})}
    wrong = [name for name, value in flat.items() if not isinstance(value, str)]
    if wrong:
        raise UsageError(_("{file}, {name}: a mapping says texts only").format(file=file, name=wrong[0]))
    return flat


def _outside(path: Path, folder: Path) -> bool:
    return not path.resolve().is_relative_to(folder.resolve())


def _hidden_within(path: Path) -> bool:
    """Does a file look like one of data, and shows nothing by which to tell of which source?"""
    if path.suffix.lower() in PACKED:
        first = first_lines(str(path), 1)
        return not first or "\0" in first[0]
    return path.suffix.lower() in DATA and not path.stat().st_size


def _in_folder(folder: Path, source: EventSource) -> Iterator[Given]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() and _outside(path, folder):
            yield Given(
                path=path,
                name=name,
                said=_("{file}: leads out of the folder; not followed").format(file=name),
            )
        elif path.is_file() and not any(part.startswith(".") for part in Path(name).parts):
            meant = source.knows(str(path)) or _hidden_within(path)
            yield Given(path=path, name=name, said="" if meant else LEFT_OUT)


def _in_list(path: Path) -> Iterator[Given]:
    """A master list stands for the files that it names, as far as they lie beside it."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    listed = {found[2]: found[1] for line in lines if (found := LISTED.match(line.strip()))}
    there = {name: digest for name, digest in listed.items() if (path.parent / name).is_file()}
    for name, digest in there.items():
        beside = path.parent / name
        same = hashlib.md5(beside.read_bytes(), usedforsecurity=False).hexdigest() == digest.lower()
        said = (
            "" if same else _("{file}: not the file that the list names (its MD5 differs)").format(file=name)
        )
        yield Given(path=beside, name=name, said=said)
    if len(there) < len(listed):
        said = _("{file}: {n} of the {all} files it lists do not lie beside it; goodoffices fetch gets them")
        text = said.format(file=path.name, n=len(listed) - len(there), all=len(listed))
        yield Given(path=path, name=path.name, said=text)


def _is_list(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(4096).decode("utf-8", errors="replace")
    return bool(LISTED.match(first.strip())) or path.name.lower().startswith("masterfilelist")


def given_files(source: EventSource, paths: Sequence[str | Path]) -> list[Given]:
    """Give the files that are meant: those named, those in folders, those that a master list names."""
    found: list[Given] = []
    for path in map(Path, paths):
        if path.is_dir():
            found += _in_folder(path, source)
        elif not path.is_file():
            found.append(Given(path=path, name=str(path), said=_("{file}: no such file").format(file=path)))
        else:
            found += _in_list(path) if _is_list(path) else [Given(path=path, name=path.name)]
    return found


def sized(source: EventSource, paths: Sequence[str | Path]) -> int:
    """Give the bytes of all files that are meant, packed as they are."""
    return sum(given.path.stat().st_size for given in given_files(source, paths) if not given.said)


def _taken(
    store: Store, source: EventSource, given: Given, mapping: Mapping[str, str], tick: Tick, stop: Any
) -> list[Imported]:
    """Take in one file and tell of its bytes while they come; all in the end, whatever became of it."""
    size, heard = given.path.stat().st_size, 0

    def came(more: int, name: str) -> None:
        nonlocal heard
        heard += more
        tick(more, name)

    try:
        found = store.import_file(source, given.path, mapping, name=given.name, tick=came, stop=stop)
    except DiskFull:
        raise
    except GoodOfficesError as error:
        found = [Imported(source=source.name, file=given.name, said=_told(str(error), given.name))]
    if heard != size:
        tick(size - heard, given.name)
    return found


def _told(said: str, name: str) -> str:
    return said if Path(name).name.lower() in said.lower() else f"{name}: {said}"


def import_events(
    source: EventSource | str,
    paths: Sequence[str | Path],
    store: str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    tick: Tick = lambda _bytes, _name: None,
    stop: Callable[[], bool] = lambda: False,
    **opening: Any,
) -> Run:
    """Take files and folders of one source into a store; a file with faults does not stop the rest.

    `opening` goes to `Store.open`. Files that the store holds already are passed over, so an import
    that was broken off goes on where it was when it is asked for again. `tick` is told of bytes as
    `Store.import_file` tells it; over a whole file they add up to its size. `stop` is asked within
    files, too: the file at hand is then taken back.

    Raises
    ------
    UsageError
        If there is no such source, or no file at all.
    BusyError
        If another program has the store open.
    """
    feed = source_named(source) if isinstance(source, str) else source
    meant = given_files(feed, paths)
    if not meant:
        raise UsageError(_("no file: found nothing in {paths}").format(paths=", ".join(map(str, paths))))
    told: list[Imported] = []
    stopped = False
    folders = {given.path.resolve().parent for given in meant if not given.said}
    with Store.open(store, write=True, folders=folders, **opening) as opened:
        for given in meant:
            if given.said:
                if given.said != LEFT_OUT:
                    told.append(Imported(source=feed.name, file=given.name, said=given.said))
                continue
            try:
                told += _taken(opened, feed, given, mapping or {}, tick, stop)
            except Stopped:
                stopped = True
                break
            except DiskFull as error:
                told.append(Imported(source=feed.name, file=given.name, said=str(error)))
                break
    left_out = tuple(given.name for given in meant if given.said == LEFT_OUT)
    return Run(store=str(store), files=tuple(told), left_out=left_out, stopped=stopped)


def import_codes(file: Path, store: str | Path, name: str = "") -> tuple[ImportedCodes, bool]:
    """Take a list of codes into a store; gives the list, and whether it took the place of another one.

    `name` is the system of codes, as a mapping names it; without it, that of the file is taken.

    Raises
    ------
    CaseError
        With every fault of the file.
    NotFoundError, StoreError, BusyError
        As `Store.open`.
    UsageError
        If the name is none, or that of a list which comes with the package.
    """
    listed = read_codes(file, name or file.stem.lower(), tables().kinds)
    if not Path(store).is_file():
        raise NotFoundError(_("no store {path}: goodoffices import makes one").format(path=store))
    with Store.open(store, write=True) as opened:
        return listed, opened.keep_codes(listed)


def store_info(store: str | Path, actor_map: Path | None = None) -> StoreInfo:
    """Tell what a store holds, and which actors nobody could place, the most frequent first.

    Raises
    ------
    NotFoundError
        If there is no such store.
    """
    rules = read_actor_map(actor_map) if actor_map else ()
    with Store.open(store) as opened:
        counts = {
            Asked(text=text, system=system, country=country, sectors=sectors): rows
            for text, system, country, sectors, rows in opened.actors()
        }
        return replace(opened.info(), unresolved=tuple(unresolved(counts, rules)[:UNRESOLVED]))
