"""Lock and unlock a case by the name that a person gives it."""

from pathlib import Path

from goodoffices.archive.vault import SUFFIX, lock_case, unlock_case
from goodoffices.errors import NotFoundError
from goodoffices.words import _

__all__ = ["lock", "unlock"]


def lock(case: str | Path, passphrase: str) -> Path:
    """Encrypt a case folder into one file beside it; the folder is removed.

    Raises
    ------
    NotFoundError
        If there is no such folder; the library's cases are no secret and stay as they are.
    """
    folder = Path(case)
    if not folder.is_dir():
        raise NotFoundError(_("no case folder {name}: give the path of one of your own").format(name=case))
    return lock_case(folder, passphrase)


def unlock(case: str | Path, passphrase: str) -> Path:
    """Turn an encrypted case into a folder again; it is named with or without its ending.

    Raises
    ------
    NotFoundError
        If there is no such file.
    """
    given = Path(case)
    path = given if given.name.endswith(SUFFIX) else given.with_name(given.name + SUFFIX)
    if not path.is_file():
        raise NotFoundError(_("no locked case {name}").format(name=path))
    return unlock_case(path, passphrase)
