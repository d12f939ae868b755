"""A new case: a commented, valid, tiny folder to begin from."""

import secrets
import string
from datetime import date
from importlib.resources import files
from pathlib import Path

from goodoffices.cases.files import write_text
from goodoffices.errors import UsageError
from goodoffices.words import _

__all__ = ["new_case", "new_key"]


def new_key() -> str:
    """Make a key: six letters or digits that nobody will make again."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))


def _slug(name: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")
    return kept[:60] or "case"


def new_case(folder: Path) -> list[Path]:
    """Write a small case that can be read at once, and give the files written.

    Raises
    ------
    UsageError
        If the folder is there already and not empty; nothing is written then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            _("{folder} is there already and not empty: choose a new folder").format(folder=folder)
        )
    today, written = date.today(), []
    template = files("goodoffices.data") / "starter"
    for item in sorted(template.iterdir(), key=lambda entry: entry.name):
        text = item.read_text(encoding="utf-8")
        while "KEY" in text:
            text = text.replace("KEY", new_key(), 1)
        text = text.replace("CASE-ID", _slug(folder.name)).replace("TODAY", today.isoformat())
        text = text.replace("LASTYEAR", str(today.year - 1))
        path = folder / item.name
        write_text(path, text)
        written.append(path)
    return written
