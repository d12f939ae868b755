"""What a search for plans has counted so far, kept on disk so that it can go on where it stopped.

Whole numbers by plan and span of histories, under the hash of everything that they hang on: the case
as it was known, the tables, the seed, the text, the code.  Nothing of the case itself is in the file,
and it is taken away when the search is done.
"""

import contextlib
import hashlib
import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_dir

from goodoffices.core.tally import Tally
from goodoffices.whole import write_whole

__all__ = ["Kept", "Unkept"]

EVERY = 5.0  # seconds between two savings


class Kept(dict[str, Tally]):
    """Counts by plan and span, kept under the hash of `about`.

    Parameters
    ----------
    about
        Everything that the counts hang on.
    folder
        Where to keep them; the user's cache, if none is given.
    """

    def __init__(self, about: dict[str, Any], folder: Path | None = None) -> None:
        super().__init__()
        name = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:32]
        self.path = (folder or Path(user_cache_dir("goodoffices", appauthor=False)) / "plans") / f"{name}.npz"
        self.resumed = self._read()
        self._saved = time.monotonic()

    def __setitem__(self, key: str, value: Tally) -> None:
        super().__setitem__(key, value)
        if time.monotonic() - self._saved > EVERY:
            self.save()

    def _read(self) -> int:
        """Take back what was kept; a file that cannot be read counts as none."""
        with contextlib.suppress(OSError, ValueError, KeyError, EOFError), np.load(self.path) as found:
            names = json.loads(str(found["names"]))
            columns = [found[field] for field in Tally._fields]
            for number, name in enumerate(names):
                super().__setitem__(name, Tally(*(column[number] for column in columns)))
        return len(self)

    def save(self) -> None:
        """Keep what is counted so far, at once or not at all; where nothing can be kept, go on without."""
        self._saved = time.monotonic()
        if not self:
            return  # stopped before anything was counted
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            columns: Any = {f: np.stack([getattr(t, f) for t in self.values()]) for f in Tally._fields}
            packed = io.BytesIO()
            np.savez(packed, names=np.array(json.dumps(list(self))), **columns)
            write_whole(self.path, packed.getvalue(), private=True)

    def drop(self) -> None:
        """The search is done: take the file away."""
        self.path.unlink(missing_ok=True)


class Unkept(dict[str, Tally]):
    """Counts that are in memory only: for a case of which nothing may lie on a disk."""

    def save(self) -> None:
        """Keep nothing."""

    def drop(self) -> None:
        """There is nothing to take away."""
