"""What has been found out about a store, kept in a file beside it so that it is found out once.

It holds no reports: the evidence scale of each source, and whom each text names, with a stamp of all
that the answer hangs on.  Whoever removes the file loses time only – and the scales, which are then
found again from what the store holds by then.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from goodoffices.errors import StoreError
from goodoffices.words import _

__all__ = ["Remembered", "stamp"]


_WRITING = threading.Lock()


@lru_cache(maxsize=1)
def _lists() -> bytes:
    found = hashlib.blake2b()
    for where in ("data.codes", "store"):
        for item in sorted(files(f"goodoffices.{where}").iterdir(), key=lambda entry: entry.name):
            if item.name.endswith(".csv") or item.name == "actors.py":
                found.update(item.name.encode() + item.read_bytes())
    return found.digest()


def stamp(*of: Iterable[object]) -> str:
    """Give a hash over what an answer hangs on, and over the lists of codes that come with the package."""
    return hashlib.blake2b(repr(of).encode() + _lists(), digest_size=16).hexdigest()


class Remembered:
    """The file beside a store."""

    def __init__(self, store: Path) -> None:
        self.path = store.with_name(store.stem + ".index.json")

    def _whole(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            said = _("{file}: cannot be read ({error}); remove it, and what it said is found again")
            raise StoreError(said.format(file=self.path, error=error)) from None
        return found if isinstance(found, dict) else {}

    def get(self, name: str) -> Any:
        """Give what is kept under a name; None if nothing is."""
        return self._whole().get(name)

    def put(self, name: str, value: Any) -> None:
        """Keep something; a folder in which nothing can be written is no fault."""
        beside = self.path.with_suffix(".new")
        with _WRITING:
            whole = {**self._whole(), name: value}
            try:
                beside.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
                beside.replace(self.path)
            except OSError:
                beside.unlink(missing_ok=True)

    def once(self, name: str, hangs_on: str, make: Callable[[], Any]) -> Any:
        """Make something, unless it is kept with the same stamp."""
        kept = self.get(name)
        if isinstance(kept, dict) and kept.get("stamp") == hangs_on:
            return kept["found"]
        found = make()
        self.put(name, {"stamp": hangs_on, "found": found})
        return found
