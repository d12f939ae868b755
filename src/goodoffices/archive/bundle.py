"""Pack a case into a zip, and take one from a stranger without trusting anything in it.

The same case gives the same bytes.  A zip is looked through whole before anything is written: one
name, size or kind that does not belong there, and nothing of it is kept.
"""

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePosixPath

from goodoffices.cases.files import FILES, Records, read_text
from goodoffices.cases.places import Place, contents, place_of, size_fault
from goodoffices.errors import CaseError, Fault, UsageError
from goodoffices.words import _

__all__ = ["belongs", "opened", "pack", "shown", "unpack", "zipped"]

MOST_FILES = 500
MOST_BYTES = 200_000_000  # of all files together, unpacked
MOST_PACKED = 50_000_000
MOST_TIMES = 200  # a file unpacks to at most so many times its packed size
_SMALL = 1_000_000  # bytes below which the ratio says nothing
_TABLES = ("stakes.csv", "evidence.csv", "disputes.csv", "ratings.csv", "off.csv", "comments.csv")
_SHARED = ("case.toml", "moves.toml", "outcome.toml", *_TABLES)
_KNOWN = {*FILES, *_SHARED, "CODING.md", "history.jsonl"}
_BRANCH = re.compile(r"branches/([^/]{1,100})\.jsonl")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_JUNK = re.compile(r"__MACOSX/.*|(.*/)?(\.DS_Store|Thumbs\.db|desktop\.ini)")
_ODD = set('<>:"|?*\\')
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, OverflowError, RuntimeError,
)  # fmt: skip
_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a zip can write


def _fault(name: str, found: str, fix: str) -> CaseError:
    return CaseError([Fault(file=name[:100], found=found, fix=fix)])


def zipped(files: Mapping[str, bytes], level: int = 6) -> bytes:
    """Pack files so that the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _DAY)
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED, level)
    return out.getvalue()


def pack(place: Path | Place, hidden: Collection[str] = ()) -> bytes:
    """Pack a case, as `shown` gives its files."""
    return zipped(shown(place, hidden))


def shown(place: Path | Place, hidden: Collection[str] = ()) -> dict[str, bytes]:
    """Give the files of a case that somebody may see.

    Parameters
    ----------
    hidden
        Ids of facts that the receiver may not see.  Their rows are left out, and with them all that
        may tell of them: the history, the branches and the record of the coding.
    """
    found = place_of(place)
    if not hidden:
        return {name: data for name, data in contents(found).items() if belongs(name)}
    with found.hold():
        kept = {name: found.read(name) for name in found.names() if name in _SHARED}
        tables = {name: _without(found, name, hidden) for name in kept if name in _TABLES}
    return {name: data for name, data in (kept | tables).items() if data is not None}


def _without(place: Place, name: str, hidden: Collection[str]) -> bytes:
    """Give a table without the rows of hidden facts; a fact that only mentions one in prose stays."""
    records = Records(name, read_text(place, name, needed=False) or "")
    word = re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, sorted(hidden))) + r")(?![\w-])")
    tells: Callable[[str], object] = set(hidden).__contains__ if name == "evidence.csv" else word.search
    rows = [raw for raw, cells in records.raw() if not any(tells(cell.strip()) for cell in cells)]
    return "".join(rows).encode()


def belongs(name: str) -> bool:
    """Say whether a case may have a file of this name."""
    branch = _BRANCH.fullmatch(name)
    return name in _KNOWN or (branch is not None and _sound(branch[1]))


def _sound(part: str) -> bool:
    """Say whether every system can have a file of this name, and nothing hides in it."""
    plain = part == part.strip(" .") and not _RESERVED.fullmatch(part)
    return plain and all(sign not in _ODD and unicodedata.category(sign)[0] != "C" for sign in part)


def unpack(data: bytes, target: Path | Place) -> tuple[str, ...]:
    """Write the case in a zip into a new place; gives the names of its files.

    Raises
    ------
    CaseError
        With the first thing in the zip that does not belong there; nothing is written then.
    UsageError
        If the place has files already.
    """
    files = opened(data)
    place = place_of(target)
    with place.hold():
        if place.names():
            raise UsageError(_("{name} has files already: choose a new name").format(name=place.name))
        place.write(files)
    return tuple(sorted(files))


def opened(data: bytes) -> dict[str, bytes]:
    """Give the files of a zip, looked through as those of a stranger.

    Raises
    ------
    CaseError
        With the first thing that does not belong there.
    """
    if len(data) > MOST_PACKED:
        fix = _("keep it under {number} MB").format(number=MOST_PACKED // 1_000_000)
        raise _fault(_("the zip"), f"{len(data) // 1_000_000} MB", fix)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpacked(archive, _chosen(archive))
    except CaseError:
        raise
    except _BROKEN:
        fix = _("pack the case folder anew; this file is no zip, cut short or altered")
        raise _fault(_("the zip"), _("bytes that cannot be unpacked"), fix) from None


def _chosen(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Give each entry under the name that it will have in the case."""
    listed = archive.infolist()
    if len(listed) > MOST_FILES:
        fix = _("pack at most {number}").format(number=MOST_FILES)
        raise _fault(_("the zip"), _("{n} files").format(n=len(listed)), fix)
    for info in listed:
        _check(info)
    wanted = [info for info in listed if not info.is_dir() and not _JUNK.fullmatch(info.filename)]
    top = _top([info.filename for info in wanted])
    named = [(info.filename[len(top) :], info) for info in wanted]
    for name, _info in named:
        if not belongs(name):
            raise _fault(name, _("a file that no case has"), _("pack the files of the case alone"))
    if "case.toml" not in dict(named):
        raise _fault("case.toml", _("no such file in the zip"), _("pack the whole case folder"))
    _check_twice([name for name, _info in named])
    return dict(named)


def _top(names: list[str]) -> str:
    """Give the one folder in which all lies, with its slash, or nothing."""
    tops = {name.partition("/")[0] for name in names}
    if len(tops) != 1 or not all("/" in name for name in names):
        return ""
    return f"{tops.pop()}/"


def _check_twice(names: list[str]) -> None:
    """Refuse two names that some systems hold for the same."""
    seen: set[str] = set()
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise _fault(name, _("the same name twice"), _("pack each file once"))
        seen.add(folded)


def _check(info: zipfile.ZipInfo) -> None:
    """Refuse one entry for its name, its kind or its size."""
    name = info.filename
    path, kind = PurePosixPath(name), stat.S_IFMT(info.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts:
        raise _fault(name, _("a name that leaves the case folder"), _("use a plain file name"))
    sound = name == info.orig_filename and all(_sound(part) for part in name.rstrip("/").split("/"))
    if not _JUNK.fullmatch(name) and not (sound and len(name) < 250):
        raise _fault(repr(name), _("a name that not every system allows"), _("use a plain file name"))
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _fault(name, _("a link or a device"), _("put the file itself into the zip"))
    if info.flag_bits & 1:
        raise _fault(name, _("an encrypted file"), _("pack it without a password"))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _fault(name, _("a rare way of packing"), _("pack it as an ordinary zip"))
    if info.file_size > max(_SMALL, MOST_TIMES * info.compress_size):
        raise _fault(name, _("a file that unpacks to far more than its size"), _("pack it anew"))


def _unpacked(archive: zipfile.ZipFile, chosen: Mapping[str, zipfile.ZipInfo]) -> dict[str, bytes]:
    """Unpack at most what was announced and allowed, whatever the zip says of its sizes."""
    files, left = {}, MOST_BYTES
    for name, info in chosen.items():
        fault = size_fault(name, info.file_size)
        if fault:
            raise fault
        with archive.open(info) as stream:
            files[name] = stream.read(min(info.file_size, left) + 1)
        left -= len(files[name])
        if len(files[name]) > info.file_size or left < 0:
            fix = _("keep all files under {number} MB").format(number=MOST_BYTES // 1_000_000)
            raise _fault(name, _("a file that unpacks to far more than its size"), fix)
    return files
