"""The cases that come with the package: folders under `data/cases`, read-only."""

from importlib.resources import files
from pathlib import Path

from goodoffices.cases.folder import read_folder
from goodoffices.domain.case import Case
from goodoffices.errors import NotFoundError
from goodoffices.words import _

__all__ = ["LibrarySource", "library_folder", "library_names"]

_ORDER = ("inf", "camp-david", "lahore", "oslo", "minsk", "ukraine-2025")


def _root() -> Path:
    return Path(str(files("goodoffices.data"))) / "cases"


def library_names() -> list[str]:
    """List the library's cases: those of the founding essay first, then any others by name."""
    there = sorted(path.name for path in _root().iterdir() if (path / "case.toml").is_file())
    return [name for name in _ORDER if name in there] + [name for name in there if name not in _ORDER]


def library_folder(name: str) -> Path:
    """Give the folder of a library case.

    Raises
    ------
    NotFoundError
        If there is none of that name.
    """
    if name not in library_names():
        known = ", ".join(library_names())
        raise NotFoundError(
            _('no case folder and no library case is called "{name}"; the library has {known}').format(
                name=name, known=known
            )
        )
    return _root() / name


class LibrarySource:
    """The source of cases that come with the package: a name is a library id."""

    name = "library"

    def knows(self, where: str) -> bool:
        """Say whether a name is a library case."""
        return where in library_names()

    def load(self, where: str) -> Case:
        """Read a library case."""
        return read_folder(library_folder(where))
